//! The tables of a destination: made where they are missing, with the columns that a newer version adds.
//!
//! In:  [`Table`]s. Out: statements, made of names that are constants of this program or that the configuration checked;
//! comments go through the server's own quoting. Nothing is ever dropped or altered but by adding a column.

use std::collections::BTreeMap;

use tokio_postgres::{Client, Transaction};

use super::session::fault;
use crate::sync::fault::Fault;
use crate::wire::rows::{Column, For, Holds, Table};

/// Locked while tables are made: two boxes may come to one schema at the same moment. Any number; this one is ours.
const LOCK: i64 = 0x616e_7465_726f_6f6d;

/// What a destination has arrived at: one row for each box.
pub(super) const STATE: Table = Table {
    name: "anteroom_sync_state",
    to: For::All,
    columns: &[
        column("box_id", Holds::Text, "the box"),
        column("stream", Holds::Text, "what is brought: rows"),
        column("log", Holds::Text, "the log of the box's record"),
        column("next_seq", Holds::Int, "the first event that has not arrived"),
        column("size", Holds::Int, "how many events the newest checkpoint covers that has arrived"),
        column("root", Holds::Text, "the root of the tree over them, hexadecimal"),
        column("updated_at", Holds::Time, "when this row was last written, by the database's clock"),
    ],
    keys: 2,
    means: "What has arrived, one row for each box. Written by the box alone: it goes on from here.",
};

const fn column(name: &'static str, holds: Holds, means: &'static str) -> Column {
    Column { name, holds, nullable: false, means }
}

/// What a column is in PostgreSQL.
pub(super) fn type_of(holds: Holds) -> &'static str {
    match holds {
        Holds::Text => "text",
        Holds::Int => "bigint",
        Holds::Bool => "boolean",
        Holds::Time => "timestamp with time zone",
        Holds::Bytes => "bytea",
    }
}

/// Makes what is missing of `tables` in `schema`. Where nothing is missing the role needs no right to make anything.
///
/// # Errors
/// [`Fault::Schema`] where a column of one of these names holds something else, [`Fault::Permission`], or another.
pub(super) async fn prepare(client: &mut Client, schema: &str, tables: &[&Table]) -> Result<(), Fault> {
    let transaction = client.transaction().await.map_err(|error| fault(&error))?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await.map_err(|error| fault(&error))?;
    let known = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname::text = $1";
    if transaction.query_opt(known, &[&schema]).await.map_err(|error| fault(&error))?.is_none() {
        transaction.batch_execute(&format!("CREATE SCHEMA \"{schema}\"")).await.map_err(|error| fault(&error))?;
    }
    let there = columns_there(&transaction, schema).await?;
    for table in tables {
        match there.get(table.name) {
            None => {
                transaction.batch_execute(&create(schema, table)).await.map_err(|error| fault(&error))?;
                comment(&transaction, schema, table).await?;
            }
            Some(columns) => {
                if let Some(missing) = add(schema, table, columns)? {
                    transaction.batch_execute(&missing).await.map_err(|error| fault(&error))?;
                    comment(&transaction, schema, table).await?;
                }
            }
        }
    }
    transaction.commit().await.map_err(|error| fault(&error))
}

type Columns = BTreeMap<String, String>;

async fn columns_there(transaction: &Transaction<'_>, schema: &str) -> Result<BTreeMap<String, Columns>, Fault> {
    let query = "SELECT c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) \
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
        WHERE n.nspname::text = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped";
    let rows = transaction.query(query, &[&schema]).await.map_err(|error| fault(&error))?;
    let mut there: BTreeMap<String, Columns> = BTreeMap::new();
    for row in rows {
        let read = |at: usize| row.try_get::<_, String>(at).map_err(|_| Fault::Protocol);
        there.entry(read(0)?).or_default().insert(read(1)?, read(2)?);
    }
    Ok(there)
}

/// The statement that makes a table.
fn create(schema: &str, table: &Table) -> String {
    let null = |column: &Column| if column.nullable { "" } else { " NOT NULL" };
    let columns = table.columns.iter().map(|c| format!("\"{}\" {}{}, ", c.name, type_of(c.holds), null(c)));
    let keys: Vec<String> = table.columns.iter().take(table.keys).map(|c| format!("\"{}\"", c.name)).collect();
    let (columns, keys) = (columns.collect::<String>(), keys.join(", "));
    format!("CREATE TABLE \"{schema}\".\"{}\" ({columns}PRIMARY KEY ({keys}))", table.name)
}

/// The statement that adds what a table lacks; `None` where it lacks nothing.
///
/// # Errors
/// [`Fault::Schema`] where a column is of another type.
fn add(schema: &str, table: &Table, there: &Columns) -> Result<Option<String>, Fault> {
    let mut missing = Vec::new();
    for column in table.columns {
        match there.get(column.name) {
            Some(type_there) if type_there == type_of(column.holds) => {}
            Some(_) => return Err(Fault::Schema),
            // Rows that are there already have nothing in it, whatever the column is.
            None => missing.push(format!("ADD COLUMN \"{}\" {}", column.name, type_of(column.holds))),
        }
    }
    let statement = || format!("ALTER TABLE \"{schema}\".\"{}\" {}", table.name, missing.join(", "));
    Ok((!missing.is_empty()).then(statement))
}

/// Says what the table and its columns mean. The server writes the statement, so that it does the quoting.
async fn comment(transaction: &Transaction<'_>, schema: &str, table: &Table) -> Result<(), Fault> {
    let query = "SELECT pg_catalog.format('COMMENT ON TABLE %I.%I IS %L', $1::text, $2::text, $3::text) || \
        coalesce(string_agg(pg_catalog.format('; COMMENT ON COLUMN %I.%I.%I IS %L', $1::text, $2::text, c.name, c.means), ''), '') \
        FROM unnest($4::text[], $5::text[]) AS c(name, means)";
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let means: Vec<&str> = table.columns.iter().map(|column| column.means).collect();
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&schema, &table.name, &table.means, &names, &means];
    let row = transaction.query_one(query, &parameters).await.map_err(|error| fault(&error))?;
    let statement: String = row.try_get(0).map_err(|_| Fault::Protocol)?;
    transaction.batch_execute(&statement).await.map_err(|error| fault(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::fake::TABLES;

    #[test]
    fn a_table_has_its_types_and_its_key() {
        assert_eq!(
            create("anteroom", &TABLES[0]),
            "CREATE TABLE \"anteroom\".\"fct_things\" (\"box_id\" text NOT NULL, \"seq\" bigint NOT NULL, \"word\" text, \
             \"is_odd\" boolean, \"at\" timestamp with time zone, \"leaf\" bytea, PRIMARY KEY (\"box_id\", \"seq\"))"
        );
    }

    #[test]
    fn what_a_newer_version_has_is_added_and_another_type_is_refused() {
        let mut there: Columns =
            TABLES[0].columns.iter().map(|c| (c.name.to_owned(), type_of(c.holds).to_owned())).collect();
        assert_eq!(add("s", &TABLES[0], &there), Ok(None));
        there.remove("leaf");
        assert_eq!(
            add("s", &TABLES[0], &there).unwrap().unwrap(),
            "ALTER TABLE \"s\".\"fct_things\" ADD COLUMN \"leaf\" bytea"
        );
        there.insert("seq".to_owned(), "integer".to_owned());
        assert_eq!(add("s", &TABLES[0], &there), Err(Fault::Schema));
    }
}
