//! Columns in, one Parquet file out: the same bytes for the same rows, at any time and on any box.
//!
//! The file says nothing but its rows: no time of writing, no name of the box, a fixed `created_by`. That is what lets a
//! batch that was half written be written again and compared. Runs on its caller's thread: a batch takes milliseconds.

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::cells::{self, Column};
use super::fault::Fault;
use crate::wire::rows::{Cell, Holds, Table};

/// Who wrote the file: not the version, with which the same rows would have other bytes after an update.
const CREATED_BY: &str = "anteroom";
/// zstd's own default: further levels save little on files this small.
const LEVEL: i32 = 3;

/// A file of these rows.
///
/// # Errors
/// [`Fault::Rows`] where a row does not fit the table.
pub(super) fn file(table: &Table, rows: &[Vec<Cell>]) -> Result<Vec<u8>, Fault> {
    let columns = cells::columns(table, rows)?;
    // Writing to memory fails only where the columns do not fit the schema.
    write(table, &columns).map_err(|_| Fault::Rows)
}

fn write(table: &Table, columns: &[Column]) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema(table)?), Arc::new(properties))?;
    let mut group = writer.next_row_group()?;
    for (described, column) in table.columns.iter().zip(columns) {
        let Some(mut chunk) = group.next_column()? else { break };
        let nullable = described.nullable;
        match column {
            Column::Text(values) => {
                let values = values.iter().map(|value| value.as_deref().map(ByteArray::from));
                put::<ByteArrayType>(&mut chunk, values, nullable)?;
            }
            Column::Bytes(values) => {
                let values = values.iter().map(|value| value.clone().map(ByteArray::from));
                put::<ByteArrayType>(&mut chunk, values, nullable)?;
            }
            Column::Int(values) | Column::Time(values) => {
                put::<Int64Type>(&mut chunk, values.iter().copied(), nullable)?;
            }
            Column::Bool(values) => put::<BoolType>(&mut chunk, values.iter().copied(), nullable)?,
        }
        chunk.close()?;
    }
    group.close()?;
    writer.into_inner()
}

/// Writes one column chunk: the values there are, and for a column that may be empty which ones they are.
fn put<T: DataType>(
    chunk: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = Option<T::T>>,
    nullable: bool,
) -> Result<(), ParquetError> {
    let cells: Vec<Option<T::T>> = cells.collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    chunk.typed::<T>().write_batch(&values, nullable.then_some(&levels), None)?;
    Ok(())
}

fn schema(table: &Table) -> Result<Type, ParquetError> {
    let field = |column: &crate::wire::rows::Column| {
        let (physical, logical) = match column.holds {
            Holds::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Holds::Int => (Physical::INT64, None),
            Holds::Bool => (Physical::BOOLEAN, None),
            Holds::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            Holds::Bytes => (Physical::BYTE_ARRAY, None),
        };
        let repetition = if column.nullable { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let field = Type::primitive_type_builder(column.name, physical);
        field.with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
    };
    let fields = table.columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder(table.name).with_fields(fields).build()
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;
    use crate::sync::fake::{TABLES, rows_of};

    fn rows(many: i64) -> Vec<Vec<Cell>> {
        (0..many).map(rows_of).collect()
    }

    #[test]
    fn the_same_rows_are_the_same_bytes() {
        let first = file(&TABLES[0], &rows(1_000)).unwrap();
        for _ in 0..5 {
            assert!(file(&TABLES[0], &rows(1_000)).unwrap() == first);
        }
        assert!(file(&TABLES[0], &rows(999)).unwrap() != first);
    }

    #[test]
    fn a_file_holds_its_rows_and_says_no_more() {
        let bytes = file(&TABLES[0], &rows(50)).unwrap();
        let reader = SerializedFileReader::new(hyper::body::Bytes::from(bytes)).unwrap();
        let metadata = reader.metadata().file_metadata();
        assert_eq!((metadata.num_rows(), metadata.created_by()), (50, Some("anteroom")));
        assert!(metadata.key_value_metadata().is_none());
        let read: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(read.len(), 50);
        let row = read[8].to_string();
        assert!(row.contains("seq: 8") && row.contains("word: \"w\u{f6}rd '8' \\\""), "{row}");
        assert!(read[7].to_string().contains("word: null"), "{}", read[7]);
    }

    #[test]
    fn rows_of_another_shape_are_no_file() {
        assert_eq!(file(&TABLES[1], &rows(1)), Err(Fault::Rows));
        assert!(file(&TABLES[0], &[]).is_ok());
    }
}
