//! One connection to the database, worked by whoever waits on it.
//!
//! In:  a [`config::Postgres`]. Out: a [`Session`] whose statements run while they are waited for; dropping it closes the
//! socket, and the server undoes what was not committed. There is no task of its own.

use std::pin::Pin;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Connection, Error};

use super::tls::Connector;
use crate::config::warehouse as config;
use crate::http::{Endpoint, HttpError, Way};
use crate::sync::fault::Fault;

/// How long connecting, encrypting and logging in may take.
const CONNECT: Duration = Duration::from_secs(15);
/// How long one batch, or making the tables, may take.
const DEADLINE: Duration = Duration::from_secs(120);
/// How a server's administrator finds the box among the connections.
const APPLICATION: &str = "anteroom";

pub(super) type Driver = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// A connection.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) driver: Driver,
}

impl Session {
    /// Connects and logs in.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn open(config: &config::Postgres) -> Result<Self, Fault> {
        let read = |path: &std::path::PathBuf| std::fs::read(path).map_err(|_| Fault::File);
        let endpoint = Endpoint::parse(&config.url, config.lan)?;
        let ca = config.ca_file.as_ref().map(read).transpose()?;
        let way = Way::to_postgresql(endpoint, ca.as_deref(), CONNECT)?;
        let mut login = tokio_postgres::Config::new();
        login.user(&config.user).dbname(&config.database).application_name(APPLICATION);
        if let Some(path) = &config.password_file {
            let mut password = read(path)?;
            while password.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                password.pop();
            }
            login.password(&password);
        }
        let opening = async {
            let (stream, _) = way.stream().await?;
            match way.tls() {
                Some(tls) => {
                    login.ssl_mode(SslMode::Require);
                    let connected = login.connect_raw(stream, Connector(tls.clone())).await;
                    connected.map(Self::over).map_err(|error| fault(&error))
                }
                None => {
                    login.ssl_mode(SslMode::Disable);
                    let connected = login.connect_raw(stream, tokio_postgres::NoTls).await;
                    connected.map(Self::over).map_err(|error| fault(&error))
                }
            }
        };
        tokio::time::timeout(CONNECT, opening).await.unwrap_or(Err(Fault::Late))
    }

    fn over<S, T>((client, connection): (Client, Connection<S, T>)) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        Self { client, driver: Box::pin(connection) }
    }
}

/// Works a connection while `work` runs on it. After a failure the session must be dropped.
///
/// # Errors
/// [`Fault`]; [`Fault::Late`] after [`DEADLINE`].
pub(super) async fn beside<T>(driver: &mut Driver, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let working = async {
        tokio::select! {
            biased;
            done = work => done,
            ended = driver => Err(ended.map_or_else(|error| fault(&error), |()| Fault::Unreachable)),
        }
    };
    tokio::time::timeout(DEADLINE, working).await.unwrap_or(Err(Fault::Late))
}

/// What an error comes to. Its text is never looked at: it may quote a row.
pub(super) fn fault(error: &Error) -> Fault {
    let Some(code) = error.code() else {
        let mut cause = std::error::Error::source(error);
        while let Some(deeper) = cause {
            if let Some(refused) = deeper.downcast_ref::<HttpError>() {
                return Fault::from(*refused);
            }
            if deeper.downcast_ref::<std::io::Error>().is_some() {
                return Fault::Unreachable;
            }
            cause = deeper.source();
        }
        // What is left without a cause or a code: a connection that closed, a server without TLS, a missing password.
        return if error.is_closed() { Fault::Unreachable } else { without_code(error) };
    };
    of_state(code)
}

/// tokio-postgres names these only in its `Display`, whose texts are its own and fixed: nothing of a server is in them.
fn without_code(error: &Error) -> Fault {
    let text = error.to_string();
    if text.starts_with("error performing TLS handshake") {
        Fault::Tls
    } else if text.starts_with("authentication error") || text.starts_with("invalid configuration") {
        Fault::Credentials
    } else {
        Fault::Protocol
    }
}

fn of_state(code: &SqlState) -> Fault {
    // Source: PostgreSQL 15, appendix A. The first two characters are the class.
    match code.code().get(..2).unwrap_or_default() {
        "28" => Fault::Credentials,
        "3D" => Fault::Missing,
        "42" if *code == SqlState::INSUFFICIENT_PRIVILEGE => Fault::Permission,
        "42" | "22" | "23" | "3F" => Fault::Schema,
        "25" if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Fault::Permission,
        "55" | "40" | "53" | "57" | "58" => Fault::Busy,
        "08" => Fault::Unreachable,
        _ => Fault::Protocol,
    }
}
