//! Reads a TOML table key by key and collects every problem instead of stopping at the first.

use std::fmt;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::{Table, Value};

use super::levels::{Destination, Level};
use super::users::UserName;

/// One mistake in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: `section.key`; empty where the file is not TOML at all.
    pub key: String,
    /// What is wrong and what would be right. Does not quote the value: it may be a secret.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.key, self.what) }
    }
}

/// A table that is being read: what is taken is removed, what is left at the end is unknown.
pub(super) struct Section {
    prefix: String,
    table: Table,
    problems: Vec<Problem>,
}

impl Section {
    /// The top of a file.
    pub(super) fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let table = text.parse::<Table>().map_err(|error| {
            let line = error.span().map_or(0, |span| text.get(..span.start).map_or(0, |t| t.matches('\n').count()) + 1);
            let what = format!("not TOML: {} (line {line})", error.message());
            vec![Problem { key: String::new(), what }]
        })?;
        Ok(Self { prefix: String::new(), table, problems: Vec::new() })
    }

    /// Reads the section `name` with `read`; a missing section is an empty one.
    pub(super) fn section<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let table = match self.table.remove(name) {
            None => Table::new(),
            Some(Value::Table(table)) => table,
            Some(_) => {
                self.problem(name, format!("should be a section: write [{name}] on a line of its own"));
                Table::new()
            }
        };
        self.below(name, table, read)
    }

    /// The same, if it is there.
    pub(super) fn optional_section<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.table.contains_key(name).then(|| self.section(name, read))
    }

    /// tables from 1: `name.2.key`.
    pub(super) fn tables<T>(&mut self, name: &str, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let tables = match self.table.remove(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items
                .into_iter()
                .map(|item| if let Value::Table(table) = item { Some(table) } else { None })
                .collect::<Option<Vec<_>>>(),
            Some(_) => None,
        };
        let Some(tables) = tables else {
            self.problem(name, format!("should be a list of sections: write [[{}{name}]] above each", self.prefix));
            return Vec::new();
        };
        (1..).zip(tables).map(|(n, table)| self.below(&format!("{name}.{n}"), table, &read)).collect()
    }

    /// Reads each section below the section `name`: sections whose names the file chooses, in alphabetical order.
    pub(super) fn named_sections<T>(&mut self, name: &str, read: impl Fn(&str, &mut Self) -> T) -> Vec<T> {
        self.section(name, |all| all.keys().iter().map(|key| all.section(key, |section| read(key, section))).collect())
    }

    fn below<T>(&mut self, name: &str, table: Table, read: impl FnOnce(&mut Self) -> T) -> T {
        let mut section = Self { prefix: format!("{}{name}.", self.prefix), table, problems: Vec::new() };
        let read = read(&mut section);
        section.refuse_the_rest();
        self.problems.append(&mut section.problems);
        read
    }

    /// The keys that have not been read yet, in alphabetical order.
    pub(super) fn keys(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    /// Ends the reading of the whole file.
    pub(super) fn finish(mut self) -> Result<(), Vec<Problem>> {
        self.refuse_the_rest();
        if self.problems.is_empty() { Ok(()) } else { Err(self.problems) }
    }

    fn refuse_the_rest(&mut self) {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        for key in unknown {
            self.problem(&key, "is not a known key: remove it or correct its spelling".to_owned());
        }
    }

    pub(super) fn problem(&mut self, key: &str, what: String) {
        self.problems.push(Problem { key: format!("{}{key}", self.prefix), what });
    }

    /// A text that must be there and not be empty.
    pub(super) fn required_text(&mut self, key: &str) -> String {
        match self.table.remove(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => return text,
            Some(_) => self.problem(key, "should be a text in quotes, not empty".to_owned()),
            None => self.problem(key, "is missing: give it a text in quotes".to_owned()),
        }
        String::new()
    }

    /// A text, or its default.
    pub(super) fn text(&mut self, key: &str, default: &str) -> String {
        if self.table.contains_key(key) { self.required_text(key) } else { default.to_owned() }
    }

    /// A text that need not be there.
    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        self.table.contains_key(key).then(|| self.required_text(key))
    }

    /// A folder; a relative one is below `base`.
    pub(super) fn path(&mut self, key: &str, base: &Path, default: &Path) -> PathBuf {
        if self.table.contains_key(key) { base.join(self.required_text(key)) } else { default.to_owned() }
    }

    /// A file or folder that need not be there; a relative one is below `base`.
    pub(super) fn optional_path(&mut self, key: &str, base: &Path) -> Option<PathBuf> {
        self.table.contains_key(key).then(|| base.join(self.required_text(key)))
    }

    /// Whether nothing stands in it: the section is missing.
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// A user by name or number; must be there where there is no default.
    pub(super) fn user(&mut self, key: &str, default: Option<&UserName>) -> UserName {
        const RIGHT: &str = "a user's name in quotes, or its number without quotes";
        let wrong = match (self.table.remove(key), default) {
            (None, Some(default)) => return default.clone(),
            (None, None) => format!("is missing: give it {RIGHT}"),
            (Some(Value::Integer(uid)), _) => match u32::try_from(uid) {
                // The highest number means "no user" to the kernel.
                Ok(uid) if uid != u32::MAX => return UserName::Uid(uid),
                _ => format!("should be {RIGHT}"),
            },
            (Some(Value::String(name)), _) if name.contains(|c: char| !c.is_ascii_digit()) => {
                return UserName::Name(name);
            }
            (Some(_), _) => format!("should be {RIGHT}"),
        };
        self.problem(key, wrong);
        UserName::Name(String::new())
    }

    /// A list of texts; absent means empty.
    pub(super) fn words(&mut self, key: &str) -> Vec<String> {
        let words = match self.table.remove(key) {
            None => return Vec::new(),
            Some(Value::Array(items)) => {
                items.into_iter().map(|i| i.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
            }
            Some(_) => None,
        };
        words.unwrap_or_else(|| {
            self.problem(key, "should be a list of texts, such as [\"program\", \"argument\"]".to_owned());
            Vec::new()
        })
    }

    /// True or false.
    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        match self.table.remove(key) {
            None => default,
            Some(Value::Boolean(flag)) => flag,
            Some(_) => {
                self.problem(key, "should be true or false".to_owned());
                default
            }
        }
    }

    /// A whole number within `range`.
    pub(super) fn count(&mut self, key: &str, default: usize, range: RangeInclusive<usize>) -> usize {
        let count = match self.table.remove(key) {
            None => return default,
            Some(Value::Integer(count)) => usize::try_from(count).ok().filter(|c| range.contains(c)),
            Some(_) => None,
        };
        count.unwrap_or_else(|| {
            self.problem(key, format!("should be a whole number from {} to {}", range.start(), range.end()));
            default
        })
    }

    /// A time in whole milliseconds within `range`.
    pub(super) fn milliseconds(&mut self, key: &str, default: u32, range: RangeInclusive<u32>) -> Duration {
        let wide = |ms: u32| usize::try_from(ms).unwrap_or(usize::MAX);
        let ms = self.count(key, wide(default), wide(*range.start())..=wide(*range.end()));
        Duration::from_millis(u64::try_from(ms).unwrap_or(u64::MAX))
    }

    /// One of a few words; the first is the default.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> T {
        let Some(&(_, default)) = choices.first() else { unreachable!("a choice offers at least one word") };
        let chosen = match self.table.remove(key) {
            None => return default,
            Some(Value::String(word)) => choices.iter().find(|(name, _)| *name == word).map(|&(_, value)| value),
            Some(_) => None,
        };
        chosen.unwrap_or_else(|| {
            let names: Vec<_> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            self.problem(key, format!("should be {}", names.join(" or ")));
            default
        })
    }

    /// One of a few words, which must be there.
    pub(super) fn required_choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        if self.table.contains_key(key) {
            let before = self.problems.len();
            let chosen = self.choice(key, choices);
            return (self.problems.len() == before).then_some(chosen);
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        self.problem(key, format!("is missing: write {}", names.join(" or ")));
        None
    }

    /// The level of a destination; one that it may not have is refused with the reason.
    pub(super) fn level(&mut self, destination: &Destination) -> Level {
        let key = destination.key;
        let named = match self.table.remove(key) {
            None => return destination.default,
            Some(Value::String(word)) => Level::named(&word),
            Some(_) => None,
        };
        let right: Vec<_> = destination.allowed().map(|level| format!("\"{level}\"")).collect();
        let right = right.join(" or ");
        match named.map(|level| (level, destination.refusal(level))) {
            Some((level, None)) => return level,
            Some((level, Some(why))) => self.problem(key, format!("may not be \"{level}\": {why}; write {right}")),
            None => self.problem(key, format!("should be {right}")),
        }
        destination.default
    }

    /// A time zone of the IANA database; must be there.
    pub(super) fn time_zone(&mut self, key: &str) -> jiff::tz::TimeZone {
        let name = self.required_text(key);
        if name.is_empty() {
            return jiff::tz::TimeZone::UTC;
        }
        jiff::tz::TimeZone::get(&name).unwrap_or_else(|_| {
            self.problem(key, "is not a time zone: write one such as \"America/Chicago\"".to_owned());
            jiff::tz::TimeZone::UTC
        })
    }
}
