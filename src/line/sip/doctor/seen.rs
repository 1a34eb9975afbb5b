//! What [`super::examine`](fn@super::examine) saw of the line, before anybody judges it.

use std::io;
use std::net::SocketAddr;

use crate::line::sip::endpoint::{Heard, Unheard};
use crate::line::sip::lately::Call;

/// What was seen of one server.
#[derive(Debug)]
pub(super) struct ServerSeen {
    /// As the configuration names it.
    pub(super) host: String,
    /// How far the way was gone.
    pub(super) reach: Reach,
}

/// How far the way to a server was gone.
#[derive(Debug)]
pub(super) enum Reach {
    /// The line cannot be set up towards it; why, with what to do.
    NotSetUp(String),
    /// It has an address; what became of our OPTIONS.
    Asked(SocketAddr, Result<Heard, Unheard>),
}

/// What was seen of the ports for sound.
#[derive(Debug, Default)]
pub(super) struct PortsSeen {
    /// All there are.
    pub(super) pairs: usize,
    /// Those that could be bound.
    pub(super) free: usize,
    /// Why the last pair that was not free could not be had.
    pub(super) why: Option<io::ErrorKind>,
}

/// Everything that was seen.
#[derive(Debug)]
pub(super) struct Seen {
    /// In the order of the configuration.
    pub(super) servers: Vec<ServerSeen>,
    /// What the first server says of who is registered as the box; none where the box does not register, or where the
    /// server cannot be asked.
    pub(super) bindings: Option<Result<Heard, Unheard>>,
    /// The ports for sound.
    pub(super) ports: PortsSeen,
    /// What lined counted in the last calls, the newest last; none where that cannot be read.
    pub(super) lately: Option<Vec<Call>>,
}

impl Seen {
    /// The answers of servers, those to OPTIONS first.
    pub(super) fn heard(&self) -> impl Iterator<Item = &Heard> {
        let options = self.servers.iter().filter_map(|server| match &server.reach {
            Reach::Asked(_, Ok(heard)) => Some(heard),
            Reach::Asked(_, Err(_)) | Reach::NotSetUp(_) => None,
        });
        options.chain(self.bindings.iter().flatten())
    }
}
