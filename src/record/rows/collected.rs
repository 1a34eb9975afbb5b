//! Rows as they are made: sorted and each once, so that neither their order nor their number says when something happened.
//!
//! In:  [`Bare`] values by column for the tables of facts, cells for those of the record itself. Out: [`Rows`].

use std::collections::BTreeMap;

use super::bare::{Bare, Namer, Pseudonym};
use crate::ids::CallId;
use crate::wire::rows::{Cell, Column, Rows, SCHEMA_VERSION, table};

/// Rows of one call in one table that are sent; `cut_short` says so where there are more. A call of an hour has some 300
/// turns; without a bound one event could be more than a frame holds.
pub(super) const MOST_OF_A_CALL: usize = 250;

/// A value for a column.
pub(super) type Value = (&'static str, Bare);

/// The rows so far.
pub(super) struct Collected<'a> {
    pub(super) namer: &'a Namer,
    pub(super) box_id: &'a str,
    rows: BTreeMap<&'static str, BTreeMap<String, Vec<Cell>>>,
}

impl<'a> Collected<'a> {
    /// None yet.
    pub(super) fn new(namer: &'a Namer, box_id: &'a str) -> Self {
        Self { namer, box_id, rows: BTreeMap::new() }
    }

    /// Adds a fact. Columns that are not given are empty. `id` and `ordinal` say which row of the table it is.
    pub(super) fn fact(&mut self, name: &'static str, id: &str, ordinal: u64, values: Vec<Value>) {
        let row_id = self.namer.of(name, id, ordinal);
        let mut values: BTreeMap<_, _> = values.into_iter().collect();
        values.insert("row_id", Bare::pseudonym(&row_id));
        let columns = table(name).map_or(&[][..], |table| table.columns);
        let cell = |column: &Column| match column.name {
            "box_id" => Cell::Text(self.box_id.to_owned()),
            "schema_version" => Cell::Int(SCHEMA_VERSION.into()),
            name => values.remove(name).map_or(Cell::Null, Bare::into_cell),
        };
        let cells = columns.iter().map(cell).collect();
        self.put(name, row_id.as_str().to_owned(), cells);
    }

    /// Adds a row of the record itself, for destinations of PHI. `key` sorts it.
    pub(super) fn raw(&mut self, name: &'static str, key: String, cells: Vec<Cell>) {
        self.put(name, key, cells);
    }

    fn put(&mut self, name: &'static str, key: String, cells: Vec<Cell>) {
        self.rows.entry(name).or_default().insert(key, cells);
    }

    /// The call's pseudonym.
    pub(super) fn call_key(&self, call: CallId) -> Pseudonym {
        self.namer.call(call)
    }

    /// The rows, by table and key.
    pub(super) fn into_rows(self) -> Vec<Rows> {
        let rows =
            |(name, rows): (&str, BTreeMap<_, _>)| Rows { table: name.to_owned(), rows: rows.into_values().collect() };
        self.rows.into_iter().map(rows).collect()
    }
}
