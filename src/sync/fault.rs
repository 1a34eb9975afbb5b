//! Why a destination could not be brought up to date: a closed set of words, each with what to do.
//!
//! No word quotes what a server said: a database's errors repeat the values they complain about.

use crate::http::{CaError, EndpointError, HttpError};

/// Why a destination could not be brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nobody answered, or the connection broke.
    #[error("the destination cannot be reached; check that its server runs and that the network lets syncd through")]
    Unreachable,
    /// It took too long.
    #[error("the destination did not answer in time; it is tried again later")]
    Late,
    /// It is busy, or its own failure.
    #[error("the destination is busy or failed; it is tried again later")]
    Busy,
    /// Its address is none, or leads to where it may not.
    #[error("the destination's url leads nowhere syncd may go; write it as for a model, with lan = true in the clinic")]
    Address,
    /// Its file of authorities is not usable.
    #[error("the destination's ca-file is not usable; it is for https:// on the lan, in PEM form")]
    Authority,
    /// No common way to encrypt, or the server has no TLS.
    #[error("the destination speaks no TLS that the box accepts; turn TLS on at the server")]
    Tls,
    /// The certificate does not prove who the server is.
    #[error("the destination's certificate does not prove who it is; check ca-file, the name in url, and its dates")]
    Certificate,
    /// A file of the configuration cannot be read, or does not hold what it should.
    #[error("the password or key file cannot be read; check its path, its mode and its lines")]
    File,
    /// The user and its password, or the key, are not accepted.
    #[error("the destination refused the password or key; write the current one into its file")]
    Credentials,
    /// The user may not do what is needed.
    #[error(
        "the destination does not permit it; let the role make the schema or use it and SELECT, INSERT and UPDATE its tables, or let the key list, read and write the bucket"
    )]
    Permission,
    /// There is no such database or bucket.
    #[error("there is no such database or bucket; make it, or correct its name")]
    Missing,
    /// Tables of these names with other columns lie there.
    #[error(
        "the destination holds tables of these names with another shape; give this box a schema or prefix of its own"
    )]
    Schema,
    /// An object of this name with another content lies there.
    #[error("the bucket holds an object of this name with another content; give this box a prefix of its own")]
    Taken,
    /// Another writer moved the destination on meanwhile.
    #[error("another writer moved the destination on; only one box may write under one name")]
    Moved,
    /// The server's answer is not understood, or it lacks what is needed (conditional PUT).
    #[error("the destination's answer is not understood; it must be PostgreSQL, or S3 with conditional PUT")]
    Protocol,
    /// The record is away, or refused.
    #[error("the record is not there; the run is made up for when it is")]
    Record,
    /// What the record handed over does not fit its own tables: two versions of the box's programs.
    #[error("the record's rows do not fit the tables; install recordd and syncd of the same version")]
    Rows,
    /// A table for PHI on its way to a destination that may have none.
    #[error("rows with PHI were on their way to a destination for de-identified rows; nothing was sent")]
    NotForHere,
}

impl Fault {
    /// The word in logs, answers and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Late => "late",
            Self::Busy => "busy",
            Self::Address => "address",
            Self::Authority => "authority",
            Self::Tls => "tls",
            Self::Certificate => "certificate",
            Self::File => "file",
            Self::Credentials => "credentials",
            Self::Permission => "permission",
            Self::Missing => "missing",
            Self::Schema => "schema",
            Self::Taken => "taken",
            Self::Moved => "moved",
            Self::Protocol => "protocol",
            Self::Record => "record",
            Self::Rows => "rows",
            Self::NotForHere => "not-for-here",
        }
    }

    /// Whether the same may go well a moment later without anybody's help.
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(self, Self::Unreachable | Self::Late | Self::Busy)
    }
}

impl From<HttpError> for Fault {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Resolve | HttpError::NoAddress | HttpError::Connect | HttpError::Broken => Self::Unreachable,
            HttpError::PrivateAddress | HttpError::PublicAddress | HttpError::Redirect { .. } => Self::Address,
            HttpError::Tls => Self::Tls,
            HttpError::Certificate => Self::Certificate,
            HttpError::Late => Self::Late,
            HttpError::Request | HttpError::TooLarge | HttpError::Compressed => Self::Protocol,
        }
    }
}

impl From<EndpointError> for Fault {
    fn from(_: EndpointError) -> Self {
        Self::Address
    }
}

impl From<CaError> for Fault {
    fn from(_: CaError) -> Self {
        Self::Authority
    }
}
