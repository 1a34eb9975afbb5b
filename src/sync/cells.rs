//! Rows in, columns out: what both PostgreSQL's arrays and Parquet's column chunks are made of.
//!
//! In:  a [`Table`] and the rows that recordd made for it. Out: one [`Column`] for each of its columns, or
//! [`Fault::Rows`] where a row has another shape than the table. Pure.

use crate::sync::fault::Fault;
use crate::wire::rows::{Batch, Cell, For, Holds, Rows, Table};

/// The values of one column, in the order of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Text(Vec<Option<String>>),
    Int(Vec<Option<i64>>),
    Bool(Vec<Option<bool>>),
    Time(Vec<Option<i64>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

/// The table that rows are for, among those of a destination. `phi` says whether it may have tables with PHI.
///
/// # Errors
/// [`Fault::Rows`] for an unknown table, [`Fault::NotForHere`] for one that this destination may not have: recordd does
/// not send such rows, and this is the second wall.
pub(super) fn table_of<'a>(tables: &'a [Table], rows: &Rows, phi: bool) -> Result<&'a Table, Fault> {
    let table = tables.iter().find(|table| table.name == rows.table).ok_or(Fault::Rows)?;
    match table.to {
        For::All => Ok(table),
        For::Phi if phi => Ok(table),
        For::Phi => Err(Fault::NotForHere),
    }
}

/// The tables that a destination has.
pub(super) fn tables_for(tables: &[Table], phi: bool) -> impl Iterator<Item = &Table> {
    tables.iter().filter(move |table| phi || table.to == For::All)
}

/// The rows as columns.
///
/// # Errors
/// [`Fault::Rows`] where a row does not fit the table.
pub(super) fn columns(table: &Table, rows: &[Vec<Cell>]) -> Result<Vec<Column>, Fault> {
    if rows.iter().any(|row| row.len() != table.columns.len()) {
        return Err(Fault::Rows);
    }
    let column = |(at, column): (usize, &crate::wire::rows::Column)| {
        let cells = rows.iter().map(|row| match row.get(at) {
            None => Err(Fault::Rows),
            Some(Cell::Null) if !column.nullable => Err(Fault::Rows),
            Some(Cell::Null) => Ok(None),
            Some(cell) => Ok(Some(cell)),
        });
        match column.holds {
            Holds::Text => each(cells, text).map(Column::Text),
            Holds::Int => each(cells, int).map(Column::Int),
            Holds::Bool => each(cells, boolean).map(Column::Bool),
            Holds::Time => each(cells, time).map(Column::Time),
            Holds::Bytes => each(cells, bytes).map(Column::Bytes),
        }
    };
    table.columns.iter().enumerate().map(column).collect()
}

/// How many rows a batch has.
pub(super) fn count(batch: &Batch) -> u64 {
    batch.tables.iter().map(|rows| u64::try_from(rows.rows.len()).unwrap_or(u64::MAX)).sum()
}

fn each<'a, T>(
    cells: impl Iterator<Item = Result<Option<&'a Cell>, Fault>>,
    read: impl Fn(&Cell) -> Option<T>,
) -> Result<Vec<Option<T>>, Fault> {
    let value = |cell: Result<Option<&Cell>, Fault>| match cell? {
        None => Ok(None),
        Some(cell) => read(cell).map(Some).ok_or(Fault::Rows),
    };
    cells.map(value).collect()
}

/// A NUL, which PostgreSQL's text cannot hold, becomes U+FFFD in every destination alike: one row must not stop the rest.
fn text(cell: &Cell) -> Option<String> {
    if let Cell::Text(text) = cell { Some(text.replace('\0', "\u{fffd}")) } else { None }
}

fn int(cell: &Cell) -> Option<i64> {
    if let Cell::Int(value) = cell { Some(*value) } else { None }
}

fn boolean(cell: &Cell) -> Option<bool> {
    if let Cell::Bool(value) = cell { Some(*value) } else { None }
}

fn time(cell: &Cell) -> Option<i64> {
    if let Cell::Time(value) = cell { Some(*value) } else { None }
}

fn bytes(cell: &Cell) -> Option<Vec<u8>> {
    let Cell::Bytes(digits) = cell else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some((digit(high)? << 4) | digit(low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sync::fake::{TABLES, rows_of};

    #[test]
    fn rows_become_columns_of_their_kinds() {
        let table = &TABLES[0];
        let rows = vec![rows_of(3), rows_of(4)];
        let columns = columns(table, &rows).unwrap();
        assert_eq!(columns.len(), table.columns.len());
        assert!(matches!(&columns[1], Column::Int(values) if values == &[Some(3), Some(4)]));
    }

    #[test]
    fn a_row_of_another_shape_is_refused() {
        let table = &TABLES[0];
        let mut short = rows_of(1);
        short.pop();
        let mut empty_key = rows_of(1);
        empty_key[0] = Cell::Null;
        let mut other = rows_of(1);
        other[1] = Cell::Bool(true);
        let mut digits = rows_of(1);
        digits[5] = Cell::Bytes("0g".to_owned());
        for row in [short, empty_key, other, digits] {
            assert_eq!(columns(table, &[row]), Err(Fault::Rows));
        }
    }

    #[test]
    fn a_table_for_phi_is_not_for_a_destination_without() {
        let rows = Rows { table: TABLES[1].name.to_owned(), rows: Vec::new() };
        assert_eq!(table_of(TABLES, &rows, false).err(), Some(Fault::NotForHere));
        assert!(table_of(TABLES, &rows, true).is_ok());
        let unknown = Rows { table: "fct_unknown".to_owned(), rows: Vec::new() };
        assert_eq!(table_of(TABLES, &unknown, true).err(), Some(Fault::Rows));
        assert_eq!(tables_for(TABLES, false).count(), 1);
    }

    proptest! {
        #[test]
        fn hexadecimal_digits_are_the_bytes_they_were(raw in prop::collection::vec(any::<u8>(), 0..40)) {
            let digits: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert_eq!(bytes(&Cell::Bytes(digits)), Some(raw));
        }

        #[test]
        fn any_text_is_bytes_or_refused(text in "\\PC{0,20}") {
            let _ = bytes(&Cell::Bytes(text));
        }
    }
}
