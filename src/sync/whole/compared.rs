//! Rows as recordd makes them beside rows as they are read where they arrived.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::wire::rows::{Batch, Cell, Column, For, Holds, TABLES, Table, table};

/// A row: its table, and a value for each column.
pub(super) type Row = (&'static Table, Vec<Value>);

pub(super) fn rows_of(batches: &[Batch]) -> Vec<Row> {
    let value = |cell: &Cell| match cell {
        Cell::Null => Value::Null,
        // As PostgreSQL's text has it.
        Cell::Text(text) => text.replace('\0', "\u{fffd}").into(),
        Cell::Bytes(text) => text.clone().into(),
        Cell::Int(value) | Cell::Time(value) => (*value).into(),
        Cell::Bool(value) => (*value).into(),
    };
    let tables = batches.iter().flat_map(|batch| &batch.tables);
    tables
        .flat_map(|rows| {
            let table = table(&rows.table).unwrap();
            rows.rows.iter().map(move |row| (table, row.iter().map(value).collect()))
        })
        .collect()
}

/// The query that gives a table's rows as JSON, one a line.
pub(super) fn select(schema: &str, table: &Table) -> String {
    let column = |column: &Column| match column.holds {
        Holds::Text | Holds::Int | Holds::Bool => format!("\"{}\"", column.name),
        Holds::Time => format!("(extract(epoch FROM \"{}\") * 1000000)::bigint", column.name),
        Holds::Bytes => format!("encode(\"{}\", 'hex')", column.name),
    };
    let columns: Vec<_> = table.columns.iter().map(column).collect();
    format!("SELECT json_build_array({}) FROM \"{schema}\".\"{}\"", columns.join(", "), table.name)
}

/// The tables of a class.
pub(super) fn tables(phi: bool) -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(move |table| phi || table.to == For::All)
}

/// A value of a row.
pub(super) fn value<'a>((table, row): &'a Row, name: &str) -> &'a Value {
    &row[table.columns.iter().position(|column| column.name == name).unwrap()]
}

/// Rows with their bodies open: what is sealed anew each time is compared as what it says.
pub(super) fn opened(rows: Vec<Row>, key: &crypto_box::SecretKey) -> Vec<Row> {
    let open = |(table, mut row): Row| {
        if let Some(at) = table.columns.iter().position(|column| column.name == "body_sealed")
            && let Some(sealed) = row[at].as_str()
        {
            let byte = |at: usize| u8::from_str_radix(&sealed[at..at + 2], 16).unwrap();
            let bytes: Vec<u8> = (0..sealed.len()).step_by(2).map(byte).collect();
            row[at] = String::from_utf8(key.unseal(&bytes).unwrap()).unwrap().into();
        }
        (table, row)
    };
    rows.into_iter().map(open).collect()
}

/// What came of a comparison.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub(super) rows: usize,
    /// Rows of facts or of the record whose key came before.
    pub(super) duplicates: usize,
    /// Rows of dimensions whose key came before, which a bucket has once for each batch that needs them.
    pub(super) repeated: usize,
    pub(super) missing: usize,
    /// Rows that should not be there, or that say something else.
    pub(super) other: usize,
}

impl Compared {
    pub(super) fn of(expected: &[Row], found: &[Row]) -> Self {
        let mut all: BTreeMap<String, &[Value]> = BTreeMap::new();
        for row in expected {
            let earlier = all.insert(key(row), &row.1);
            assert!(earlier.is_none_or(|earlier| earlier == row.1), "one key, two rows: {}", key(row));
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut compared = Self { rows: found.len(), ..Self::default() };
        for row in found {
            let times = seen.entry(key(row)).or_default();
            *times += 1;
            let again = usize::from(*times > 1);
            if row.0.name.starts_with("dim_") {
                compared.repeated += again
            } else {
                compared.duplicates += again
            }
            compared.other += usize::from(all.get(&key(row)) != Some(&row.1.as_slice()));
        }
        compared.missing = all.keys().filter(|key| !seen.contains_key(*key)).count();
        compared
    }

    pub(super) fn is_exact(&self) -> bool {
        (self.duplicates, self.missing, self.other) == (0, 0, 0) && self.rows > 0
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, duplicates, missing, other, repeated } = self;
        write!(f, "{rows:>6} | {duplicates:>10} | {missing:>7} | {other:>5} | {repeated:>12}")
    }
}

fn key((table, row): &Row) -> String {
    format!("{} {}", table.name, serde_json::to_string(&row[..table.keys]).unwrap())
}
