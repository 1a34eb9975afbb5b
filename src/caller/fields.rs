//! The fields of one table of a scenario, taken one by one; what is wrong or left over becomes a problem with its key.
//!
//! (A derived parser stops at its first mistake. Whoever writes a scenario wants to see them all.)

use std::str::FromStr;

use toml::{Table, Value};

/// A table being read.
pub(super) struct Fields<'p> {
    path: String,
    table: Table,
    problems: &'p mut Vec<String>,
}

impl<'p> Fields<'p> {
    /// Reads the table at `path`, which is empty for the file itself.
    pub(super) fn new(path: &str, table: Table, problems: &'p mut Vec<String>) -> Self {
        Self { path: path.to_owned(), table, problems }
    }

    /// Notes that the field `key` is wrong.
    pub(super) fn problem(&mut self, key: &str, what: &str) {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.problems.push(format!("{path}: {what}"));
    }

    /// The field as it stands.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.table.remove(key)
    }

    /// A text.
    pub(super) fn word(&mut self, key: &str) -> Option<String> {
        let value = self.take(key)?;
        match value.as_str() {
            Some(word) => Some(word.to_owned()),
            None => self.wrong(key, "must be a text in quotes"),
        }
    }

    /// A list of texts; empty where there is none.
    pub(super) fn words(&mut self, key: &str) -> Vec<String> {
        let list = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => return self.wrong(key, "must be a list of texts").unwrap_or_default(),
        };
        let words: Option<Vec<String>> = list.into_iter().map(|value| value.as_str().map(str::to_owned)).collect();
        words.or_else(|| self.wrong(key, "must be a list of texts")).unwrap_or_default()
    }

    /// True or false; false where it is left out.
    pub(super) fn flag(&mut self, key: &str) -> bool {
        match self.take(key) {
            None => false,
            Some(Value::Boolean(flag)) => flag,
            Some(_) => self.wrong(key, "must be true or false").unwrap_or_default(),
        }
    }

    /// A whole number of 0 to `most`.
    pub(super) fn number(&mut self, key: &str, most: i64) -> Option<i64> {
        let number = self.take(key)?.as_integer().filter(|number| (0..=most).contains(number));
        number.or_else(|| self.wrong(key, &format!("must be a whole number of 0 to {most}")))
    }

    /// A table; an empty one where it is left out.
    pub(super) fn table(&mut self, key: &str) -> Table {
        match self.take(key) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => self.wrong(key, "must be a table").unwrap_or_default(),
        }
    }

    /// A list of tables.
    pub(super) fn tables(&mut self, key: &str) -> Vec<Table> {
        let list = match self.take(key) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => return self.wrong(key, "must be written [[...]]").unwrap_or_default(),
        };
        let tables: Option<Vec<Table>> = list.into_iter().map(|value| value.as_table().cloned()).collect();
        tables.or_else(|| self.wrong(key, "must be written [[...]]")).unwrap_or_default()
    }

    /// A text that stands for something.
    pub(super) fn parsed<T>(&mut self, key: &str, word: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        match word.parse() {
            Ok(value) => Some(value),
            Err(error) => self.wrong(key, &error.to_string()),
        }
    }

    /// Everything known has been taken: what is left is unknown.
    pub(super) fn done(mut self) {
        for key in std::mem::take(&mut self.table).keys() {
            self.problem(key, "is not a key that a scenario has");
        }
    }

    fn wrong<T>(&mut self, key: &str, what: &str) -> Option<T> {
        self.problem(key, what);
        None
    }
}
