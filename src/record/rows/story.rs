//! A call as the record tells it: its events with open bodies, in order, up to some event.
//!
//! In:  a reader's connection. Out: a [`Story`], and the event that closes it. Sound is not read. Runs in recordd; what it
//! holds is PHI and goes to the modules beside it only.
//!
//! A call's rows are made once, at its *closing event*, from the events up to that one: so it does not matter how the log
//! is cut into batches. On the telephone the line writes `call.end` and the conversation says a moment later what came of
//! the call, so that the closing event is
//!
//! ```text
//!   call.end             where the conversation has said it before, or no brain took part
//!   that verdict         where it comes within WAIT events
//!   event end + WAIT     otherwise, whichever call it belongs to
//! ```

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use crate::ids::CallId;
use crate::record::database::{Count, StoreError};
use crate::record::reading::open;
use crate::wire::doors::Role;
use crate::wire::event::Kind;

/// Events of the whole log that are waited for the conversation's last word. A driver is given five seconds for it, in
/// which ten calls write some 200 events.
pub(super) const WAIT: u64 = 256;

/// An event of a call.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) seq: u64,
    pub(super) t: i64,
    pub(super) boot: u64,
    pub(super) mono_us: u64,
    pub(super) kind: Kind,
    pub(super) turn: u32,
    pub(super) actor: String,
    pub(super) synthetic: bool,
    /// Null for sound, and where it does not open.
    body: Value,
}

impl Told {
    /// What lies at this path of the body.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.body, |value, name| value.get(name))
    }

    /// A text there.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// A number there.
    pub(super) fn number(&self, path: &[&str]) -> Option<u64> {
        self.at(path)?.as_u64()
    }

    /// A truth value there.
    pub(super) fn flag(&self, path: &[&str]) -> Option<bool> {
        self.at(path)?.as_bool()
    }

    /// A list there.
    pub(super) fn list(&self, path: &[&str]) -> &[Value] {
        self.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Microseconds from this event to a later one; none across a restart of the machine.
    pub(super) fn until(&self, later: &Self) -> Option<u64> {
        later.mono_us.checked_sub(self.mono_us).filter(|_| self.boot == later.boot)
    }
}

/// A call.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) call: CallId,
    pub(super) log: String,
    events: Vec<Told>,
    /// The first event whose body does not open, sound aside.
    dark: Option<u64>,
}

/// Which events of a story are looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    /// Rows are made of these.
    pub(super) from: u64,
    /// The last of them, and the last that anything is known of.
    pub(super) upto: u64,
    /// They came after the closing event.
    pub(super) late: bool,
}

impl View {
    /// Whether rows are made of this event.
    pub(super) fn anchors(self, told: &Told) -> bool {
        (self.from..=self.upto).contains(&told.seq)
    }
}

impl Story {
    /// The call's events before number `next`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn read(connection: &Connection, call: CallId, next: u64) -> Result<Self, StoreError> {
        // Sound is large, and nothing is made of it.
        let mut statement = connection.prepare_cached(
            "SELECT e.seq, e.header,
               CASE json_extract(CAST(e.header AS TEXT), '$.kind') WHEN 'recording' THEN NULL ELSE e.body_ct END, k.key
             FROM event e LEFT JOIN data_key k ON k.id = e.key_id
             WHERE e.call = ?1 AND e.seq < ?2 ORDER BY e.seq",
        )?;
        let mut rows = statement.query(params![call.to_string(), Count(next)])?;
        let mut story = Self { call, log: String::new(), events: Vec::new(), dark: None };
        while let Some(row) = rows.next()? {
            let seq = row.get::<_, Count>(0)?.0;
            let (header, body) = open(row)?;
            let body = body.ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
            let Some(header) = header else {
                story.dark.get_or_insert(seq);
                continue;
            };
            if body.is_none() && header.kind != Kind::Recording {
                story.dark.get_or_insert(seq);
            }
            story.log = header.log;
            story.events.push(Told {
                seq,
                t: header.t,
                boot: header.boot,
                mono_us: header.mono_us,
                kind: header.kind,
                turn: header.turn.0,
                actor: header.actor,
                synthetic: header.synthetic,
                body: body.unwrap_or(Value::Null),
            });
        }
        Ok(story)
    }

    /// Whether a body up to this event does not open: then nothing is derived of the call.
    pub(super) fn is_dark(&self, upto: u64) -> bool {
        self.dark.is_some_and(|dark| dark <= upto)
    }

    /// The events up to one.
    pub(super) fn upto(&self, upto: u64) -> impl DoubleEndedIterator<Item = &Told> {
        self.events.iter().filter(move |told| told.seq <= upto)
    }

    /// Those of one kind.
    pub(super) fn of(&self, kind: Kind, upto: u64) -> impl DoubleEndedIterator<Item = &Told> {
        // Ringing one of those on call is part of a hand-off, and no hand-off of its own.
        let is_attempt =
            |told: &Told| matches!(told.kind, Kind::HandoffOffer | Kind::HandoffResult) && told.at(&["who"]).is_some();
        self.upto(upto).filter(move |told| told.kind == kind && !is_attempt(told))
    }

    /// The events that rows are made of.
    pub(super) fn anchors(&self, kind: Kind, view: View) -> impl Iterator<Item = &Told> {
        self.of(kind, view.upto).filter(move |told| view.anchors(told))
    }

    /// The event at which the call's rows are made; none while that lies at `next` or later.
    pub(super) fn closing(&self, next: u64) -> Option<u64> {
        let end = self.events.iter().find(|told| told.kind == Kind::CallEnd)?.seq;
        let brain = Role::Anteroomd.as_str();
        let last_word = self.events.iter().find(|told| is_last_word(told)).map(|told| told.seq);
        let with_brain = self.upto(end).any(|told| told.actor == brain);
        let patience = end.saturating_add(WAIT);
        match last_word {
            Some(said) if said < end => Some(end),
            _ if !with_brain => Some(end),
            Some(said) if said <= patience => Some(said),
            _ => Some(patience).filter(|patience| *patience < next),
        }
    }

    /// The conversation's last word on the call.
    pub(super) fn last_word(&self, upto: u64) -> Option<&Told> {
        self.upto(upto).find(|told| is_last_word(told))
    }
}

fn is_last_word(told: &Told) -> bool {
    told.kind == Kind::Verdict && told.text(&["by"]) == Some("conversation") && told.at(&["outcome"]).is_some()
}

/// Whether the call has ended before number `next`.
///
/// # Errors
/// [`StoreError`].
pub(super) fn has_ended(connection: &Connection, call: CallId, next: u64) -> Result<bool, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT 1 FROM event
             WHERE call = ?1 AND seq < ?2 AND json_extract(CAST(header AS TEXT), '$.kind') = 'call.end' LIMIT 1",
        )?
        .query_row(params![call.to_string(), Count(next)], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}
