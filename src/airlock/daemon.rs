//! `airlockd`: answers offers, and writes each answer down before it gives it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::airlock::check::{Offered, check};
use crate::clock::Clock;
use crate::config::AirlockMode;
use crate::ids::Turn;
use crate::tasks::{Ended, Stop, Tasks};
use crate::wire::doors::{Airlock, Door, Role};
use crate::wire::event::Kind;
use crate::wire::frame::Refusal;
use crate::wire::parcel::{Loaded, MayGoTo};
use crate::wire::recorder::Recorder;
use crate::wire::server::{self, BindError, Handler, Request};
use crate::wire::users::Uids;
use crate::wire::{Parcel, Record};

/// What airlockd needs to know.
pub struct AirlockdConfig {
    /// Where the sockets are.
    pub run: PathBuf,
    /// Which user each process is.
    pub users: Uids,
    /// What becomes of what passed.
    pub mode: AirlockMode,
}

/// airlockd ended.
#[derive(Debug, thiserror::Error)]
pub enum AirlockdError {
    /// Its socket could not be made.
    #[error("airlockd cannot start")]
    Bind(#[from] BindError),
    /// A task failed.
    #[error("airlockd stopped")]
    Task(#[from] Ended),
}

/// Runs airlockd until `stop`.
///
/// # Errors
/// [`AirlockdError`].
pub async fn run(config: AirlockdConfig, clock: Arc<dyn Clock>, stop: Stop) -> Result<(), AirlockdError> {
    let mut tasks = Tasks::new(stop);
    let recorder = Recorder::start(&config.run, Role::Airlockd, &mut tasks, clock);
    let handler = Arc::new(Offers { recorder, mode: config.mode });
    server::serve(&mut tasks, &config.run, Airlock::NAME, &config.users, &handler)?;
    tasks.wait().await?;
    Ok(())
}

/// The handler of offers.
struct Offers {
    recorder: Recorder,
    mode: AirlockMode,
}

/// A whole request as it was checked, for the record.
struct Verbatim<'a>(&'a str);

impl MayGoTo<Record> for Verbatim<'_> {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.0.to_owned()))
    }
}

impl Handler for Offers {
    async fn handle(&self, request: Request) -> Result<Vec<u8>, Refusal> {
        if request.kind == "ping" {
            return Ok(Vec::new());
        }
        let bytes = request.body.len();
        let (kind, turn, body, answer) = match check(Offered::new(request.body)) {
            Ok(text) => {
                let AirlockMode::Withhold = self.mode;
                let verbatim = std::str::from_utf8(text.as_bytes()).unwrap_or_default();
                let body = Parcel::new().with("request", &Verbatim(verbatim)).with("bytes", &bytes);
                (Kind::WireWithheld, text.turn(), body, Parcel::<Airlock>::new().with("answer", &"withheld"))
            }
            Err(reason) => {
                // What was refused is not kept: it may be the very identifier that redaction missed.
                let body = Parcel::new().with("reason", &reason.as_str()).with("bytes", &bytes);
                let answer = Parcel::new().with("answer", &"refused").with("reason", &reason.as_str());
                (Kind::WireRefused, Turn::default(), body, answer)
            }
        };
        // Synthetic or not is the caller's property and the airlock knows no caller: the call's own events say it.
        self.recorder.note(self.recorder.event(kind, request.call, turn, false, body));
        Ok(answer.seal())
    }
}
