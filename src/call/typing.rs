//! Calls without sound: somebody types, the same driver answers.
//!
//! In:  [`FromTypist`] messages, one connection a call. Out: [`ToCaller`] messages without frames; what is said reaches the
//! typist as the facts of a watched call. Stands where lined stands for a telephone call: it notes the beginning and the
//! end, rings the desk, and ends a call that lasts too long. Only where synthetic calls may be watched.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;

use crate::call::daemon::Brain;
use crate::call::driver::Happened;
use crate::clock::Clock;
use crate::ids::{CallId, Turn};
use crate::listen::RawTranscript;
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::doors::{Role, endpoint};
use crate::wire::event::{Event, Kind};
use crate::wire::line::{DeskAnswer, EndedBy, FromBrain, Pace, Ring, ToBrain, ToCaller};
use crate::wire::recorder::Recorder;
use crate::wire::server::BindError;
use crate::wire::typed::FromTypist;
use crate::wire::{Parcel, Record, Watch, frame, server};

/// Messages that may wait for one call or from it. A person types slower than that; a program waits for each answer.
const WAITING: usize = 64;
/// Typed calls at once; one more waits until another is over.
const MOST_CALLS: usize = 16;
/// How long a call's thread may take to say its last words.
const LAST_WORDS: Duration = Duration::from_secs(6);

/// What typed calls share.
pub(super) struct Typing {
    pub(super) brain: Arc<Brain>,
    pub(super) recorder: Recorder,
    pub(super) clock: Arc<dyn Clock>,
    /// How long the desk may ring.
    pub(super) desk_ring: Duration,
    /// The longest call.
    pub(super) max_call: Duration,
}

/// Binds the typists' socket.
///
/// # Errors
/// [`BindError`].
pub(super) fn bind(run: &Path) -> Result<UnixListener, BindError> {
    let Some(endpoint) = endpoint::<Watch>(Role::Caller) else {
        return Err(BindError::Busy { path: run.to_owned() });
    };
    server::bind(run, endpoint)
}

/// Serves the typists' socket until `stop`.
///
/// # Errors
/// [`TaskError`] where the socket fails.
pub(super) async fn serve(
    listener: UnixListener,
    allowed_uid: u32,
    typing: Arc<Typing>,
    stop: Stop,
) -> Result<(), TaskError> {
    let mut calls = Tasks::below(&stop);
    loop {
        let room = calls.len() < MOST_CALLS;
        let stream = tokio::select! {
            () = stop.asked() => return Ok(()),
            () = calls.reap() => continue,
            stream = server::accept(&listener, allowed_uid), if room => stream.map_err(TaskError::from_io)?,
        };
        let typing = Arc::clone(&typing);
        calls.start("typed-call", move |stop| async move {
            typing.call(stream, stop).await;
            Ok(())
        });
    }
}

impl Typing {
    /// One call, from the typist's ring to its end.
    async fn call(&self, stream: UnixStream, stop: Stop) {
        let (mut reader, writer) = stream.into_split();
        let Some(FromTypist::Ring(ring)) = next(&mut reader).await else { return };
        // Whatever the peer says of itself: nobody who types is a patient on the telephone.
        let ring = Ring { synthetic: true, pace: Pace::Typed, resumed: false, ..ring };
        let call = CallId::draw();
        tracing::info!(%call, "typed call begins");
        self.note(call, Kind::CallBegin, Parcel::new().with("number", &ring.number).with("typed", &true));
        let (post, inbox) = sync_channel(WAITING);
        let (to_line, said) = mpsc::channel(WAITING);
        let begun = self.brain.begin(call, ring, to_line, (post.clone(), inbox));
        let mut one = OneCall { typing: self, call, writer, said, post, desk_rings_until: None };
        let by = if begun {
            tokio::select! {
                () = stop.asked() => EndedBy::Line,
                () = tokio::time::sleep(self.max_call) => EndedBy::Line,
                by = one.pass_on(reader) => by,
            }
        } else {
            // A call that cannot be served ends like any other: its beginning is in the record already.
            EndedBy::Line
        };
        one.end_driver(by).await;
        let name = by.as_str();
        let end = self.event(call, Kind::CallEnd, Parcel::new().with("by", &name).with("typed", &true));
        // Whoever is told that the call is over finds all of it in the record.
        if let Err(error) = self.recorder.note_durable(end).await {
            tracing::warn!(%call, %error, "the end of a typed call waits for the record");
        }
        one.tell(&ToCaller::Ended(by)).await;
        tracing::info!(%call, by = name, "typed call ends");
    }

    fn note(&self, call: CallId, kind: Kind, body: Parcel<Record>) {
        self.recorder.note(self.event(call, kind, body));
    }

    fn event(&self, call: CallId, kind: Kind, body: Parcel<Record>) -> Event {
        self.recorder.event(kind, Some(call), Turn::default(), true, body)
    }
}

struct OneCall<'a> {
    typing: &'a Typing,
    call: CallId,
    writer: OwnedWriteHalf,
    said: mpsc::Receiver<(CallId, FromBrain)>,
    post: SyncSender<Happened>,
    desk_rings_until: Option<Instant>,
}

impl OneCall<'_> {
    /// Passes on what either side says until the call is over.
    async fn pass_on(&mut self, mut reader: OwnedReadHalf) -> EndedBy {
        // Reading goes on in a future of its own: a message half read must not be lost when the brain speaks.
        let (heard, mut typed) = mpsc::channel(WAITING);
        let listen = async {
            while let Some(said) = next(&mut reader).await {
                if heard.send(said).await.is_err() {
                    break;
                }
            }
            drop(heard);
            std::future::pending::<()>().await;
        };
        let talk = async {
            loop {
                let rings_until = self.desk_rings_until;
                let desk_gives_up = async {
                    match rings_until {
                        Some(until) => tokio::time::sleep_until(until.into()).await,
                        None => std::future::pending().await,
                    }
                };
                let over = tokio::select! {
                    said = self.said.recv() => match said {
                        Some((_, said)) => self.brain_said(said).await,
                        None => Some(EndedBy::Line),
                    },
                    typed = typed.recv() => typed.map_or(Some(EndedBy::Caller), |typed| self.typist_said(typed)),
                    () = desk_gives_up => self.desk_answered(DeskAnswer::None),
                };
                if let Some(by) = over {
                    return by;
                }
            }
        };
        tokio::select! {
            () = listen => EndedBy::Caller,
            by = talk => by,
        }
    }

    async fn brain_said(&mut self, said: FromBrain) -> Option<EndedBy> {
        match said {
            FromBrain::Answer => self.tell(&ToCaller::Answered).await,
            FromBrain::Consult(..) => {
                self.desk_rings_until = Some(self.typing.clock.now() + self.typing.desk_ring);
                self.tell(&ToCaller::DeskRings(Vec::new())).await;
            }
            // Nobody is heard in a typed call: there is no sound to keep.
            FromBrain::Bridge { record: _ } => {
                self.tell(&ToCaller::Bridged).await;
                return Some(EndedBy::Desk);
            }
            FromBrain::Hangup => return Some(EndedBy::Anteroom),
            FromBrain::Frame(_) | FromBrain::Alive => {}
        }
        None
    }

    fn typist_said(&mut self, said: FromTypist) -> Option<EndedBy> {
        match said {
            FromTypist::Words(words) => self.post(Happened::Typed(RawTranscript::typed(words.expose()))),
            FromTypist::Dtmf(key) => self.post(Happened::Line(ToBrain::Dtmf(key))),
            FromTypist::Desk(answer) => self.desk_answered(answer),
            FromTypist::Hangup => Some(EndedBy::Caller),
            // One call rings once.
            FromTypist::Ring(_) => None,
        }
    }

    fn desk_answered(&mut self, answer: DeskAnswer) -> Option<EndedBy> {
        self.desk_rings_until.take()?;
        self.post(Happened::Line(ToBrain::Desk(answer)))
    }

    /// A call that takes no more has hung: it is ended.
    fn post(&self, happened: Happened) -> Option<EndedBy> {
        self.post.try_send(happened).err().map(|_| EndedBy::Line)
    }

    async fn tell(&mut self, what: &ToCaller) {
        // A typist who is gone is noticed by the reading side.
        let _ = frame::write(&mut self.writer, &what.to_message(self.call)).await;
    }

    /// Ends the driver and waits for its last words.
    async fn end_driver(&mut self, by: EndedBy) {
        let _ = self.post.try_send(Happened::Line(ToBrain::Ended(by)));
        // The driver's last events and facts come before the sender of what it says is dropped.
        let last_words = async { while self.said.recv().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_WORDS, last_words).await;
    }
}

/// The typist's next message; `None` when they are gone or speak nonsense.
async fn next(reader: &mut OwnedReadHalf) -> Option<FromTypist> {
    let message = frame::read(reader).await.ok()??;
    FromTypist::parse(&message).ok()
}
