//! Which user each process of the box is, as numbers of this machine: what a socket compares its peer with.

use crate::wire::doors::Role;

/// The user of each role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uids {
    /// The telephone line.
    pub lined: u32,
    /// The brain.
    pub anteroomd: u32,
    /// The door to the cloud.
    pub airlockd: u32,
    /// The clinic's systems.
    pub clinicd: u32,
    /// The record. It asks nobody, so it is no [`Role`].
    pub recordd: u32,
    /// The way to the warehouse.
    pub syncd: u32,
    /// The administrator's command line.
    pub cli: u32,
    /// Whoever may ring a simulated line.
    pub caller: u32,
}

impl Uids {
    /// Every role is one and the same user: a demonstration.
    #[must_use]
    pub fn all(uid: u32) -> Self {
        Self {
            lined: uid,
            anteroomd: uid,
            airlockd: uid,
            clinicd: uid,
            recordd: uid,
            syncd: uid,
            cli: uid,
            caller: uid,
        }
    }

    /// The user of those who ask as `role`.
    #[must_use]
    pub fn of(&self, role: Role) -> u32 {
        match role {
            Role::Anteroomd => self.anteroomd,
            Role::Airlockd => self.airlockd,
            Role::Lined => self.lined,
            Role::Clinicd => self.clinicd,
            Role::Syncd => self.syncd,
            Role::Cli => self.cli,
            Role::Caller => self.caller,
        }
    }

    /// The user of the daemon `name`, where there is such a daemon.
    #[must_use]
    pub fn of_daemon(&self, name: &str) -> Option<u32> {
        self.daemons().into_iter().find(|(daemon, _)| *daemon == name).map(|(_, uid)| uid)
    }

    /// Every daemon with its user.
    #[must_use]
    pub fn daemons(&self) -> [(&'static str, u32); 6] {
        [
            ("lined", self.lined),
            ("anteroomd", self.anteroomd),
            ("airlockd", self.airlockd),
            ("clinicd", self.clinicd),
            ("recordd", self.recordd),
            ("syncd", self.syncd),
        ]
    }

    /// Every user, each named once or more.
    #[must_use]
    pub fn every(&self) -> [u32; 8] {
        [self.lined, self.anteroomd, self.airlockd, self.clinicd, self.recordd, self.syncd, self.cli, self.caller]
    }
}
