//! The rows that a run of events stands for. The same run always gives the same rows, and runs that follow one another give
//! together what one long run would: each row belongs to one event, at which it is made.

use std::collections::{BTreeSet, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::bare::{Bare, Namer};
use super::collected::Collected;
use super::raw::Bodies;
use super::story::{Story, View, WAIT, has_ended};
use super::{asked, conversation, models, people, raw, turns};
use crate::ids::CallId;
use crate::record::database::{Count, StoreError};
use crate::record::header::Header;
use crate::wire::rows::Rows;

/// For whom rows are made, and from what.
pub(super) struct Source<'a> {
    pub(super) connection: &'a Connection,
    pub(super) log: &'a str,
    pub(super) namer: &'a Namer,
    pub(super) box_id: &'a str,
    /// How bodies go, where the destination takes PHI.
    pub(super) phi: Option<Bodies>,
    /// Calls of which nothing is derived (42 CFR Part 2).
    pub(super) held: &'a HashSet<CallId>,
}

impl Source<'_> {
    /// The tables of the events `first..next`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn tables(&self, first: u64, next: u64) -> Result<Vec<Rows>, StoreError> {
        let mut out = Collected::new(self.namer, self.box_id);
        for call in self.calls(first, next)? {
            if !self.held.contains(&call) && has_ended(self.connection, call, next)? {
                self.call(&mut out, call, first, next)?;
            }
        }
        let held = |call| self.held.contains(&call);
        people::accesses(&mut out, self.connection, (first, next), held)?;
        people::accounted(&mut out, self.connection, (first, next), held)?;
        if first == 0 {
            self.the_box(&mut out)?;
        }
        if let Some(bodies) = self.phi {
            raw::raw(&mut out, self.connection, (self.log, first, next), bodies, held)?;
        }
        Ok(out.into_rows())
    }

    /// The calls that may have rows here: they have an event in the run, or one just before that waited.
    fn calls(&self, first: u64, next: u64) -> Result<BTreeSet<CallId>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT DISTINCT call FROM event WHERE seq >= ?1 AND seq < ?2 AND call IS NOT NULL")?;
        let mut rows = statement.query(params![Count(first.saturating_sub(WAIT)), Count(next)])?;
        let mut calls = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let call = row.get::<_, String>(0)?.parse();
            calls.insert(call.map_err(|_| StoreError::Malformed { table: "event" })?);
        }
        Ok(calls)
    }

    fn call(&self, out: &mut Collected<'_>, call: CallId, first: u64, next: u64) -> Result<(), StoreError> {
        let story = Story::read(self.connection, call, next)?;
        let Some(closing) = story.closing(next) else { return Ok(()) };
        if closing >= first && !story.is_dark(closing) {
            conversation::conversation(out, &story, closing, self.phi.is_some());
            facts(out, &story, View { from: 0, upto: closing, late: false });
        }
        let late = |seq: &u64| *seq > closing && *seq >= first && !story.is_dark(*seq);
        for seq in story.upto(next).map(|told| told.seq).filter(late) {
            facts(out, &story, View { from: seq, upto: seq, late: true });
        }
        Ok(())
    }

    /// `dim_box`, from the log's first event.
    fn the_box(&self, out: &mut Collected<'_>) -> Result<(), StoreError> {
        let line = self
            .connection
            .query_row("SELECT header FROM event WHERE seq = 0", [], |row| row.get::<_, Vec<u8>>(0))
            .optional()?;
        let header = line.and_then(|line| Header::parse(&line).ok());
        let software = header.as_ref().and_then(|header| header.ver.get("anteroom"));
        let values = vec![("software", Bare::name(software.map(String::as_str)))];
        out.fact("dim_box", self.log, 0, values);
        Ok(())
    }
}

fn facts(out: &mut Collected<'_>, story: &Story, view: View) {
    turns::turns(out, story, view);
    turns::redactions(out, story, view);
    turns::disclosures(out, story, view);
    models::model_calls(out, story, view);
    asked::tool_calls(out, story, view);
    asked::escalations(out, story, view);
}
