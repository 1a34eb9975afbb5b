//! The doors between processes, and which client may ask what at each.
//!
//! A socket's path is `<door>/from-<client>.sock` below the run directory. The table [`ENDPOINTS`] is the whole of who
//! may talk to whom: what is not listed there is refused.

use std::path::{Path, PathBuf};

/// Where something is going. The types below are the doors that exist.
pub trait Door: Send + Sync + 'static {
    /// The door's name in socket paths and logs.
    const NAME: &'static str;
}

macro_rules! doors {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
        impl Door for $name {
            const NAME: &'static str = $text;
        }
    )*};
}

doors! {
    /// `recordd`: the record. May hold PHI.
    Record = "record";
    /// `clinicd`: the clinic's own systems. May hold PHI.
    Clinic = "clinic";
    /// `airlockd`: the only way to cloud models. Never holds PHI.
    Airlock = "airlock";
    /// `lined`: the telephone line. Voice and caller number, no text.
    Line = "line";
    /// `anteroomd`, as the receiver of what the line brings.
    Brain = "brain";
    /// `syncd`: the way to the warehouse. Names, counts and closed words.
    Syncing = "sync";
    /// Whoever watches a demonstration call live, or types one. Served only for synthetic callers.
    Watch = "watch";
}

/// A process that asks at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The brain.
    Anteroomd,
    /// The door to the cloud.
    Airlockd,
    /// The telephone line.
    Lined,
    /// The clinic's systems.
    Clinicd,
    /// The way to the warehouse, the bucket and the backup.
    Syncd,
    /// The command line of the box's own administrator.
    Cli,
    /// A caller on a socket instead of a telephone: simulated, or a recording.
    Caller,
}

impl Role {
    /// The role's name in socket paths, logs and the record's `actor`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anteroomd => "anteroomd",
            Self::Airlockd => "airlockd",
            Self::Lined => "lined",
            Self::Clinicd => "clinicd",
            Self::Syncd => "syncd",
            Self::Cli => "cli",
            Self::Caller => "caller",
        }
    }
}

/// One socket: a door, who may knock, and what they may ask.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// Whose door it is.
    pub door: &'static str,
    /// Who may knock.
    pub client: Role,
    /// The kinds of request that are answered; every other is an error.
    pub kinds: &'static [&'static str],
}

impl Endpoint {
    /// The socket's path below `run`.
    #[must_use]
    pub fn path(&self, run: &Path) -> PathBuf {
        run.join(self.door).join(format!("from-{}.sock", self.client.as_str()))
    }
}

/// Every socket of the box. Airlockd may append what it did at the wire, and ask what it spent, which is
/// numbers; lined may leave a message, and what is said after a transfer where the caller consented.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        door: Record::NAME,
        client: Role::Anteroomd,
        kinds: &["append", "append-durable", "public-key", "audio", "ping"],
    },
    Endpoint { door: Record::NAME, client: Role::Airlockd, kinds: &["append", "append-durable", "spend", "ping"] },
    Endpoint {
        door: Record::NAME,
        client: Role::Lined,
        kinds: &["append", "append-durable", "public-key", "message", "audio", "ping"],
    },
    Endpoint { door: Record::NAME, client: Role::Clinicd, kinds: &["append", "append-durable", "ping"] },
    Endpoint {
        door: Record::NAME,
        client: Role::Syncd,
        kinds: &[
            "append",
            "append-durable",
            "rows",
            "synced",
            "segments",
            "key-backup",
            "copied",
            "checkpoint",
            "ping",
        ],
    },
    Endpoint {
        door: Record::NAME,
        client: Role::Cli,
        kinds: &[
            "verify",
            "show",
            "calls",
            "calls-since",
            "audio-of",
            "wire",
            "spend",
            "review",
            "reviews",
            "export-head",
            "export-page",
            "calls-of",
            "checkpoint",
            "seen",
            "erase",
            "mark",
            "marks",
            "set-aside-opened",
            "disclose",
            "disclosures",
            "amend",
            "digest",
            "exposure",
            "preview",
            "release-standing",
            "ping",
        ],
    },
    Endpoint { door: Clinic::NAME, client: Role::Anteroomd, kinds: &["tool", "end", "ping"] },
    Endpoint { door: Airlock::NAME, client: Role::Anteroomd, kinds: &["offer", "ping"] },
    Endpoint { door: Line::NAME, client: Role::Anteroomd, kinds: crate::wire::line::FROM_BRAIN },
    Endpoint { door: Line::NAME, client: Role::Caller, kinds: crate::wire::line::FROM_CALLER },
    Endpoint { door: Watch::NAME, client: Role::Caller, kinds: crate::wire::typed::FROM_TYPIST },
    Endpoint { door: Watch::NAME, client: Role::Cli, kinds: &["watch"] },
    Endpoint { door: Syncing::NAME, client: Role::Cli, kinds: &["now", "status", "ping"] },
];

/// The endpoint at which `client` asks at door `D`, if there is one.
#[must_use]
pub fn endpoint<D: Door>(client: Role) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|e| e.door == D::NAME && e.client == client)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_airlock_may_only_append_at_the_record_and_ask_what_it_spent() {
        let at = endpoint::<Record>(Role::Airlockd).map(|e| e.kinds);
        assert_eq!(at, Some(&["append", "append-durable", "spend", "ping"][..]));
    }

    #[test]
    fn nobody_but_the_administrator_reviews() {
        let may = |kind| ENDPOINTS.iter().filter(move |e| e.kinds.contains(&kind)).map(|e| e.client);
        for kind in ["review", "reviews", "wire"] {
            assert_eq!(may(kind).collect::<Vec<_>>(), [Role::Cli], "{kind}");
        }
    }

    #[test]
    fn nobody_but_anteroomd_knocks_at_the_airlock() {
        let clients: Vec<_> = ENDPOINTS.iter().filter(|e| e.door == Airlock::NAME).map(|e| e.client).collect();
        assert_eq!(clients, [Role::Anteroomd]);
    }
}
