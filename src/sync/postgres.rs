//! A PostgreSQL database as a destination: the rows of a batch and the cursor, in one transaction.
//!
//! In:  batches. Out: rows in the tables of one schema, and one row of `anteroom_sync_state` for the box.
//! Values travel as parameters, an array for each column; no statement holds one. A row that is there already stays as it
//! is (its key is its event), so that a batch may come twice. Nothing says when a row was loaded: the moment would be a
//! date finer than a year for rows that may have none.

mod schema;
mod session;
mod tls;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Transaction};

use super::cells::{self, Column};
use super::fault::Fault;
use super::run::Target;
use crate::config::warehouse as config;
use crate::wire::rows::{Batch, Cell, Cursor, Table};
use schema::{STATE, type_of};
use session::{Session, beside, fault};

/// The rows of one statement: the number that was measured best (12,800 to 14,600 rows a second on loopback).
const ROWS: usize = 1_000;
/// What is brought, in the state's key.
const STREAM: &str = "rows";

type Parameter = Box<dyn ToSql + Sync + Send>;

/// A database.
pub struct Postgres<'a> {
    config: &'a config::Postgres,
    tables: &'a [Table],
    phi: bool,
    /// `None` before the first use, and after a failure.
    session: Option<Session>,
}

impl<'a> Postgres<'a> {
    /// The database of a configuration; connects at its first use. `phi` says whether it may have tables with PHI.
    #[must_use]
    pub fn new(config: &'a config::Postgres, phi: bool, tables: &'a [Table]) -> Self {
        Self { config, tables, phi, session: None }
    }

    /// The connection, with the tables made. Whoever takes it puts it back where all went well.
    async fn session(&mut self) -> Result<Session, Fault> {
        if let Some(session) = self.session.take() {
            return Ok(session);
        }
        let mut session = Session::open(self.config).await?;
        let tables: Vec<&Table> = std::iter::once(&STATE).chain(cells::tables_for(self.tables, self.phi)).collect();
        let schema = &self.config.schema;
        let Session { client, driver } = &mut session;
        beside(driver, schema::prepare(client, schema, &tables)).await?;
        Ok(session)
    }
}

impl Target for Postgres<'_> {
    async fn cursor(&mut self, box_id: &str) -> Result<Option<Cursor>, Fault> {
        let mut session = self.session().await?;
        let select = select_state(&self.config.schema, "");
        let Session { client, driver } = &mut session;
        let found = beside(driver, async {
            let row = client.query_opt(&select, &[&box_id, &STREAM]).await.map_err(|error| fault(&error))?;
            row.as_ref().map(cursor_of).transpose()
        });
        let found = found.await?;
        self.session = Some(session);
        Ok(found)
    }

    /// Never: what was not committed is not there.
    async fn begun(&mut self, _: &str, _: u64) -> Result<Option<u64>, Fault> {
        Ok(None)
    }

    async fn write(&mut self, batch: &Batch, had: Option<&Cursor>) -> Result<Cursor, Fault> {
        let mut statements = Vec::new();
        for rows in &batch.tables {
            let table = cells::table_of(self.tables, rows, self.phi)?;
            let insert = insert(&self.config.schema, table);
            for chunk in rows.rows.chunks(ROWS) {
                statements.push((insert.clone(), parameters(table, chunk)?));
            }
        }
        let mut session = self.session().await?;
        let schema = &self.config.schema;
        let Session { client, driver } = &mut session;
        let written = beside(driver, write(client, schema, &statements, batch, had)).await;
        // Nothing of the transaction is left where another writer came first: the connection is as good as before.
        if matches!(written, Ok(_) | Err(Fault::Moved)) {
            self.session = Some(session);
        }
        written
    }
}

/// One batch, in one transaction.
async fn write(
    client: &mut Client,
    schema: &str,
    statements: &[(String, Vec<Parameter>)],
    batch: &Batch,
    had: Option<&Cursor>,
) -> Result<Cursor, Fault> {
    let transaction = client.transaction().await.map_err(|error| fault(&error))?;
    // A server that has not noticed yet that this box's last connection is gone holds the row for a moment.
    transaction.batch_execute("SET LOCAL lock_timeout = '30s'").await.map_err(|error| fault(&error))?;
    let select = select_state(schema, " FOR UPDATE");
    let row = transaction.query_opt(&select, &[&batch.box_id, &STREAM]).await.map_err(|error| fault(&error))?;
    if row.as_ref().map(cursor_of).transpose()?.as_ref() != had {
        transaction.rollback().await.map_err(|error| fault(&error))?;
        return Err(Fault::Moved);
    }
    for (insert, parameters) in statements {
        let parameters: Vec<&(dyn ToSql + Sync)> =
            parameters.iter().map(|p| p.as_ref() as &(dyn ToSql + Sync)).collect();
        transaction.execute(insert.as_str(), &parameters).await.map_err(|error| fault(&error))?;
    }
    let cursor = advance(&transaction, schema, batch, had.is_none()).await?;
    transaction.commit().await.map_err(|error| fault(&error))?;
    Ok(cursor)
}

async fn advance(transaction: &Transaction<'_>, schema: &str, batch: &Batch, new: bool) -> Result<Cursor, Fault> {
    let state = format!("\"{schema}\".\"{}\"", STATE.name);
    let statement = if new {
        format!(
            "INSERT INTO {state} (box_id, stream, log, next_seq, size, root, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, now()) ON CONFLICT DO NOTHING"
        )
    } else {
        format!(
            "UPDATE {state} SET log = $3, next_seq = $4, size = $5, root = $6, updated_at = now() \
             WHERE box_id = $1 AND stream = $2"
        )
    };
    let number = |value: u64| i64::try_from(value).map_err(|_| Fault::Rows);
    let (next, size) = (number(batch.next)?, number(batch.checkpoint.size)?);
    let parameters: [&(dyn ToSql + Sync); 6] =
        [&batch.box_id, &STREAM, &batch.log, &next, &size, &batch.checkpoint.root];
    let moved = transaction.execute(&statement, &parameters).await.map_err(|error| fault(&error))?;
    // Two writers that both found no row: one of them inserts it.
    if moved != 1 {
        return Err(Fault::Moved);
    }
    let (log, root) = (batch.log.clone(), batch.checkpoint.root.clone());
    Ok(Cursor { log, next: batch.next, size: batch.checkpoint.size, root })
}

fn select_state(schema: &str, lock: &str) -> String {
    let state = STATE.name;
    format!("SELECT log, next_seq, size, root FROM \"{schema}\".\"{state}\" WHERE box_id = $1 AND stream = $2{lock}")
}

fn cursor_of(row: &tokio_postgres::Row) -> Result<Cursor, Fault> {
    let text = |at: usize| row.try_get::<_, String>(at).map_err(|_| Fault::Schema);
    let number = |at: usize| {
        let value = row.try_get::<_, i64>(at).map_err(|_| Fault::Schema)?;
        u64::try_from(value).map_err(|_| Fault::Schema)
    };
    Ok(Cursor { log: text(0)?, next: number(1)?, size: number(2)?, root: text(3)? })
}

/// The statement that brings rows to a table.
fn insert(schema: &str, table: &Table) -> String {
    let names: Vec<String> = table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let arrays = table.columns.iter().zip(1..).map(|(column, at)| format!("${at}::{}[]", type_of(column.holds)));
    let arrays: Vec<String> = arrays.collect();
    let (names, arrays, name) = (names.join(", "), arrays.join(", "), table.name);
    format!("INSERT INTO \"{schema}\".\"{name}\" ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING")
}

/// The rows as one array for each column.
fn parameters(table: &Table, rows: &[Vec<Cell>]) -> Result<Vec<Parameter>, Fault> {
    let array = |column| -> Parameter {
        match column {
            Column::Text(values) => Box::new(values),
            Column::Int(values) => Box::new(values),
            Column::Bool(values) => Box::new(values),
            Column::Bytes(values) => Box::new(values),
            Column::Time(values) => Box::new(values.into_iter().map(|us| us.map(moment)).collect::<Vec<_>>()),
        }
    };
    Ok(cells::columns(table, rows)?.into_iter().map(array).collect())
}

/// Microseconds since 1970 as the type that tokio-postgres takes for a moment, to the microsecond.
fn moment(us: i64) -> SystemTime {
    let distance = Duration::from_micros(us.unsigned_abs());
    let moment = if us < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
    moment.unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::fake::{TABLES, rows_of};

    #[test]
    fn no_statement_holds_a_value() {
        assert_eq!(
            insert("anteroom", &TABLES[0]),
            "INSERT INTO \"anteroom\".\"fct_things\" (\"box_id\", \"seq\", \"word\", \"is_odd\", \"at\", \"leaf\") \
             SELECT * FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::boolean[], $5::timestamp with time zone[], \
             $6::bytea[]) ON CONFLICT DO NOTHING"
                .replace("$3::boolean", "$3::text")
        );
        assert_eq!(parameters(&TABLES[0], &[rows_of(1), rows_of(2)]).unwrap().len(), 6);
    }

    #[test]
    fn a_moment_keeps_its_microseconds_before_and_after_1970() {
        for us in [0, 1, -1, 1_700_000_000_123_456, -62_000_000_000_000_001] {
            let moment = moment(us);
            let back = match moment.duration_since(UNIX_EPOCH) {
                Ok(after) => i64::try_from(after.as_micros()).unwrap(),
                Err(before) => -i64::try_from(before.duration().as_micros()).unwrap(),
            };
            assert_eq!(back, us);
        }
    }
}
