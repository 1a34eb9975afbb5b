//! Reads the airlock's TOML files that are lists of `[[entries]]`, and collects every problem with the entry's number.
//!
//! In:  a file's text. Out: what each entry reader makes of its keys; problems are keyed `entry 3.key`.
//! Strict: what is not known is refused, so that a misspelled key never silently means its default.

use jiff::civil::Date;
use toml::{Table, Value};

use crate::config::Problem;

/// A file that is being read: a list that is taken is removed, what is left at the end is unknown.
pub(super) struct File {
    table: Table,
    problems: Vec<Problem>,
}

impl File {
    /// Reads the text as TOML.
    pub(super) fn open(text: &str) -> Result<Self, Vec<Problem>> {
        let table = text.parse::<Table>().map_err(|error| {
            let line = error.span().map_or(0, |span| text.get(..span.start).map_or(0, |t| t.matches('\n').count()) + 1);
            let what = format!("not TOML: {} (line {line})", error.message());
            vec![Problem { key: String::new(), what }]
        })?;
        Ok(Self { table, problems: Vec::new() })
    }

    /// Reads every `[[name]]` with `read`, which gives `None` for an entry that it could not use; a missing list is
    /// empty. Beside each comes its number, from 1.
    pub(super) fn entries<T>(&mut self, name: &str, read: impl Fn(&mut Entry) -> Option<T>) -> Vec<(usize, T)> {
        let items = match self.table.remove(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.problem(name.to_owned(), format!("should be a list: write [[{name}]] on a line of its own"));
                return Vec::new();
            }
        };
        let mut found = Vec::with_capacity(items.len());
        for (number, item) in (1..).zip(items) {
            let place = format!("{name} {number}");
            let Value::Table(table) = item else {
                self.problem(place, format!("should be an entry: write [[{name}]] on a line of its own"));
                continue;
            };
            let mut entry = Entry { place, table, problems: Vec::new() };
            let made = read(&mut entry);
            entry.refuse_the_rest();
            self.problems.append(&mut entry.problems);
            found.extend(made.map(|made| (number, made)));
        }
        found
    }

    /// Adds a problem that concerns more than one entry.
    pub(super) fn problem(&mut self, key: String, what: String) {
        self.problems.push(Problem { key, what });
    }

    /// Ends the reading of the whole file.
    pub(super) fn finish(mut self) -> Result<(), Vec<Problem>> {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        for key in unknown {
            self.problem(key, "is not a known key: remove it or correct its spelling".to_owned());
        }
        if self.problems.is_empty() { Ok(()) } else { Err(self.problems) }
    }
}

/// One entry that is being read.
pub(super) struct Entry {
    place: String,
    table: Table,
    problems: Vec<Problem>,
}

impl Entry {
    /// Adds a problem of this entry's key.
    pub(super) fn problem(&mut self, key: &str, what: &str) {
        self.problems.push(Problem { key: format!("{}.{key}", self.place), what: what.to_owned() });
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Takes what must be there; `read` gives `None` for what is not `right`.
    fn required<T>(&mut self, key: &str, right: &str, read: impl FnOnce(Value) -> Option<T>) -> Option<T> {
        let Some(value) = self.table.remove(key) else {
            self.problem(key, &format!("is missing: give it {right}"));
            return None;
        };
        let found = read(value);
        if found.is_none() {
            self.problem(key, &format!("should be {right}"));
        }
        found
    }

    /// A text, not empty, without line breaks or other control characters.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.required(key, "a text in quotes, in one line, not empty", |value| {
            text_of(value).filter(|text| !text.trim().is_empty() && !text.contains(char::is_control))
        })
    }

    /// A region's name: lower-case letters, digits and hyphens.
    pub(super) fn region(&mut self, key: &str) -> Option<String> {
        const RIGHT: &str = "a region in quotes, lower-case letters, digits and hyphens, such as \"us\", or \"any\"";
        self.required(key, RIGHT, region_of)
    }

    /// A list of regions, not empty.
    pub(super) fn regions(&mut self, key: &str) -> Option<Vec<String>> {
        self.required(key, "a list of regions such as [\"us\", \"eu\"] or [\"any\"]", |value| {
            let Value::Array(items) = value else { return None };
            let regions: Vec<String> = items.into_iter().map(region_of).collect::<Option<_>>()?;
            Some(regions).filter(|regions| !regions.is_empty())
        })
    }

    /// A day, written as TOML writes one: `2026-11-27`, without quotes.
    pub(super) fn date(&mut self, key: &str) -> Option<Date> {
        self.required(key, "a day without quotes, such as 2026-11-27", |value| {
            let value = value.as_datetime()?;
            if value.time.is_some() || value.offset.is_some() { None } else { value.date.and_then(to_date) }
        })
    }

    /// True or false; must be there.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.required(key, "true or false", |value| value.as_bool())
    }

    /// A whole number that `fits`; `right` says which do.
    pub(super) fn count(&mut self, key: &str, right: &str, fits: impl Fn(u64) -> bool) -> Option<u64> {
        let read = |value: Value| value.as_integer().and_then(|count| u64::try_from(count).ok());
        self.required(key, right, |value| read(value).filter(|count| fits(*count)))
    }

    /// Reads every `[[this.name]]` below this entry with `read`; a missing list is empty.
    pub(super) fn below<T>(&mut self, name: &str, read: impl Fn(&mut Self) -> Option<T>) -> Vec<T> {
        let Some(value) = self.table.remove(name) else { return Vec::new() };
        let mut inner = File { table: Table::from_iter([(name.to_owned(), value)]), problems: Vec::new() };
        let found = inner.entries(name, read);
        for Problem { key, what } in inner.problems {
            self.problem(&key, &what);
        }
        found.into_iter().map(|(_, found)| found).collect()
    }

    fn refuse_the_rest(&mut self) {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        for key in unknown {
            self.problem(&key, "is not a known key: remove it or correct its spelling");
        }
    }
}

fn text_of(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn region_of(value: Value) -> Option<String> {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text_of(value).filter(|text| !text.is_empty() && text.chars().all(named))
}

/// TOML's day as ours; `None` where there is no such day.
fn to_date(date: toml::value::Date) -> Option<Date> {
    let year = i16::try_from(date.year).ok()?;
    Date::new(year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The problems of a file whose `[[dog]]` needs every kind of value.
    fn problems(text: &str) -> Vec<String> {
        let mut file = match File::open(text) {
            Ok(file) => file,
            Err(problems) => return problems.iter().map(ToString::to_string).collect(),
        };
        file.entries("dog", |dog| {
            let read = (dog.text("name"), dog.region("home"), dog.date("born"), dog.flag("good"));
            dog.regions("walks");
            dog.count("legs", "a number up to 4", |legs| legs <= 4);
            dog.below("toy", |toy| toy.text("name"));
            read.0
        });
        file.finish().err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    const GOOD: &str = "[[dog]]\nname = \"Rex\"\nhome = \"us\"\nborn = 2020-02-29\ngood = true\n\
                        walks = [\"us\", \"eu-1\"]\nlegs = 4\n[[dog.toy]]\nname = \"ball\"\n";

    #[test]
    fn a_right_file_has_no_problems() {
        assert_eq!(problems(GOOD), Vec::<String>::new());
        assert_eq!(problems(""), Vec::<String>::new());
    }

    #[test]
    fn every_missing_key_is_named_with_its_entry() {
        let missing = problems(&format!("{GOOD}[[dog]]\n"));
        assert_eq!(missing.len(), 6, "{missing:#?}");
        assert!(missing.iter().all(|p| p.starts_with("dog 2.") && p.contains("is missing: give it")), "{missing:#?}");
    }

    #[test]
    fn wrong_values_are_refused_with_what_is_right() {
        let wrong = [
            ("name = \"Rex\"", "name = \" \"", "dog 1.name: should be a text in quotes"),
            ("name = \"Rex\"", "name = \"a\\nb\"", "dog 1.name: should be a text in quotes"),
            ("home = \"us\"", "home = \"U S\"", "dog 1.home: should be a region"),
            ("2020-02-29", "\"2020-02-29\"", "dog 1.born: should be a day without quotes"),
            ("2020-02-29", "2020-02-29T10:00:00", "dog 1.born: should be a day without quotes"),
            ("2020-02-29", "10:00:00", "dog 1.born: should be a day without quotes"),
            ("good = true", "good = \"yes\"", "dog 1.good: should be true or false"),
            ("[\"us\", \"eu-1\"]", "[]", "dog 1.walks: should be a list of regions"),
            ("[\"us\", \"eu-1\"]", "[\"us\", 1]", "dog 1.walks: should be a list of regions"),
            ("[\"us\", \"eu-1\"]", "\"us\"", "dog 1.walks: should be a list of regions"),
            ("legs = 4", "legs = 5", "dog 1.legs: should be a number up to 4"),
            ("legs = 4", "legs = -1", "dog 1.legs: should be a number up to 4"),
            ("legs = 4", "legs = 4.0", "dog 1.legs: should be a number up to 4"),
            ("legs = 4", "legs = 4\ntail = 1", "dog 1.tail: is not a known key"),
            ("name = \"ball\"", "name = \"ball\"\nred = true", "dog 1.toy 1.red: is not a known key"),
            ("[[dog.toy]]", "[dog.toy]", "dog 1.toy: should be a list: write [[toy]]"),
        ];
        for (from, to, problem) in wrong {
            let found = problems(&GOOD.replace(from, to));
            assert!(found.len() == 1 && found[0].starts_with(problem), "{to}: {found:#?}");
        }
    }

    #[test]
    fn what_is_no_list_of_entries_is_refused() {
        assert_eq!(problems("dog = 1"), ["dog: should be a list: write [[dog]] on a line of its own"]);
        assert_eq!(problems("dog = [1]"), ["dog 1: should be an entry: write [[dog]] on a line of its own"]);
        assert_eq!(problems("cat = 1"), ["cat: is not a known key: remove it or correct its spelling"]);
        assert!(problems("[[dog]]\nborn = 2021-02-30")[0].starts_with("not TOML: "), "no such day");
        assert!(problems("[[dog]]\n[[dog").concat().ends_with("(line 2)"));
    }
}
