//! Events on their way to the record: the closed set of kinds and the shape in which a process hands one in.
//!
//! The header that `recordd` stores and hashes is made there ([`crate::record`]); a process gives what only it knows:
//! when, which call and turn, what kind, and the body. No PHI may be in the kind or the header; the body is sealed.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{CallId, Turn};
use crate::wire::doors::{Door, Record, Role};
use crate::wire::parcel::{Loaded, MayGoTo, Parcel};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What happened. A closed set: the record refuses any other.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kind's name in headers.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// A call began.
    CallBegin = "call.begin";
    /// A call ended.
    CallEnd = "call.end";
    /// What was recognised, word for word.
    Heard = "heard";
    /// The same after redaction.
    Redacted = "redacted";
    /// A decision of the policy, the evaluation or the conversation.
    Verdict = "verdict";
    /// What was said to the caller, and how many samples of it were played.
    Spoken = "spoken";
    /// Bytes about to leave for a model.
    WireRequest = "wire.request";
    /// What a model answered.
    WireReply = "wire.reply";
    /// The airlock's check refused a request.
    WireRefused = "wire.refused";
    /// A request was checked and kept in the box.
    WireWithheld = "wire.withheld";
    /// A tool was asked.
    ToolCall = "tool.call";
    /// What the tool answered.
    ToolResult = "tool.result";
    /// A value entered the call's vault.
    VaultAdd = "vault.add";
    /// A person was asked to take the call.
    HandoffOffer = "handoff.offer";
    /// What came of it.
    HandoffResult = "handoff.result";
    /// The caller agreed or declined.
    Consent = "consent";
    /// Audio that is kept.
    Recording = "recording";
    /// A person reviewed something.
    Review = "review";
    /// A person looked at the console.
    ConsoleAccess = "console.access";
    /// A person saw PHI.
    ConsoleReveal = "console.reveal";
    /// A call was disclosed to somebody, 45 CFR 164.528.
    Disclosure = "disclosure";
    /// What a patient wants put beside what was recorded, 45 CFR 164.526.
    Amendment = "amendment";
    /// The configuration changed.
    ConfigChange = "config.change";
    /// Rows went to the warehouse.
    SyncBatch = "sync.batch";
    /// The box's software changed.
    Update = "update";
    /// Somebody must look.
    Alert = "alert";
    /// A key was made.
    KeyMade = "key.made";
    /// A key was destroyed, and what it sealed with it.
    KeyDestroyed = "key.destroyed";
    /// The wall clock jumped.
    ClockStep = "clock.step";
    /// This log continues or replaces another.
    LogFork = "log.fork";
    /// Events that waited in memory while the record was away follow.
    RecordGap = "record.gap";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<D: Door> MayGoTo<D> for Kind {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.as_str().to_owned()))
    }
}

/// An event as a process hands it to the record.
#[derive(Clone, Debug)]
pub struct Event {
    /// Wall-clock time, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Monotonic time of the sender, microseconds since the machine's start.
    pub mono_us: u64,
    /// What happened.
    pub kind: Kind,
    /// In which call, if in one.
    pub call: Option<CallId>,
    /// In which turn.
    pub turn: Turn,
    /// Whether the caller is simulated.
    pub synthetic: bool,
    /// What the kind says about it; sealed in the record.
    pub body: Parcel<Record>,
}

impl MayGoTo<Record> for Event {
    fn load(&self) -> Loaded {
        Parcel::<Record>::new()
            .with("t", &self.t)
            .with("mono_us", &self.mono_us)
            .with("kind", &self.kind)
            .with("call", &self.call)
            .with("turn", &self.turn)
            .with("synthetic", &self.synthetic)
            .with("body", &self.body)
            .load()
    }
}

/// An event as the record receives it. The actor is not here: the socket says who it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// As [`Event::t`].
    pub t: i64,
    /// As [`Event::mono_us`].
    pub mono_us: u64,
    /// As [`Event::kind`].
    pub kind: Kind,
    /// As [`Event::call`].
    pub call: Option<CallId>,
    /// As [`Event::turn`].
    #[serde(default)]
    pub turn: Turn,
    /// As [`Event::synthetic`].
    #[serde(default)]
    pub synthetic: bool,
    /// As [`Event::body`]: any JSON, stored verbatim and sealed.
    pub body: Box<serde_json::value::RawValue>,
}

/// The kinds a client may append. What a person decided comes from the administrator's command line alone. The airlock may write down what it did at the wire, that somebody must look, and that
/// its events waited; nothing else.
#[must_use]
pub fn may_append(client: Role, kind: Kind) -> bool {
    match client {
        Role::Anteroomd | Role::Lined => {
            kind != Kind::Review && !kind.as_str().starts_with("wire.") && !kind.as_str().starts_with("log.")
        }
        Role::Airlockd => kind.as_str().starts_with("wire.") || matches!(kind, Kind::Alert | Kind::RecordGap),
        Role::Clinicd => matches!(kind, Kind::ToolCall | Kind::ToolResult | Kind::Alert | Kind::RecordGap),
        Role::Syncd => matches!(kind, Kind::Alert | Kind::RecordGap),
        Role::Cli => kind == Kind::Review,
        Role::Caller => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reads_back_at_the_record() {
        let event = Event {
            t: 1,
            mono_us: 2,
            kind: Kind::Heard,
            call: None,
            turn: Turn(4),
            synthetic: true,
            body: Parcel::new().with("words", &crate::secret::Secret::new("hello")),
        };
        let sealed = Parcel::<Record>::new().with("event", &event).seal();
        let read: serde_json::Value = serde_json::from_slice(&sealed).unwrap();
        let received: Received = serde_json::from_value(read["event"].clone()).unwrap();
        assert_eq!(received.kind, Kind::Heard);
        assert_eq!(received.body.get(), r#"{"words":"hello"}"#);
    }

    #[test]
    fn the_airlock_cannot_write_what_was_heard() {
        assert!(!may_append(Role::Airlockd, Kind::Heard));
        assert!(may_append(Role::Airlockd, Kind::WireWithheld));
    }

    #[test]
    fn only_the_administrator_can_write_that_somebody_reviewed_something() {
        for role in [Role::Anteroomd, Role::Airlockd, Role::Lined, Role::Clinicd, Role::Syncd, Role::Caller] {
            assert!(!may_append(role, Kind::Review), "{role:?}");
        }
        assert_eq!(Kind::ALL.iter().filter(|kind| may_append(Role::Cli, **kind)).count(), 1);
    }
}
