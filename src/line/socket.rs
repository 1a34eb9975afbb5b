//! A line whose callers come over a unix socket: the simulated caller and recordings.
//!
//! One connection is one call. In virtual time the peer sends its next frame when it has been given one, so the pace is
//! the peer's; this adapter only passes frames on.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use crate::ids::CallId;
use crate::line::port::{self, AudioJack};
use crate::line::{Line, LineCommand, LineEvent};
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::doors::{Line as LineDoor, Role, endpoint};
use crate::wire::frame;
use crate::wire::line::{EndedBy, FromCaller, ToCaller};
use crate::wire::server;

/// Commands that may wait for one call; more means that the adapter hangs, and the call is ended.
const WAITING_COMMANDS: usize = 16;
/// How long a peer may take to read that its call is over.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Callers on a unix socket.
#[derive(Debug)]
pub struct SocketLine {
    /// Where the sockets are.
    pub run: PathBuf,
    /// The user whose callers are let in.
    pub allowed_uid: u32,
}

impl Line for SocketLine {
    async fn run(
        self,
        events: mpsc::Sender<LineEvent>,
        mut commands: mpsc::Receiver<LineCommand>,
        stop: Stop,
    ) -> Result<(), TaskError> {
        let Some(endpoint) = endpoint::<LineDoor>(Role::Caller) else { return Err(TaskError::Unasked) };
        let listener = server::bind(&self.run, endpoint).map_err(TaskError::because)?;
        let mut peers = Tasks::below(&stop);
        let mut calls: HashMap<CallId, mpsc::Sender<LineCommand>> = HashMap::new();
        loop {
            tokio::select! {
                () = stop.asked() => return Ok(()),
                () = peers.reap() => {}
                Some(command) = commands.recv() => deliver(&mut calls, command),
                stream = server::accept(&listener, self.allowed_uid) => {
                    let stream = stream.map_err(TaskError::from_io)?;
                    let call = CallId::draw();
                    let (sender, receiver) = mpsc::channel(WAITING_COMMANDS);
                    calls.retain(|_, commands| !commands.is_closed());
                    calls.insert(call, sender);
                    let events = events.clone();
                    peers.start("caller", move |stop| serve_caller(stream, call, events, receiver, stop));
                }
            }
        }
    }
}

fn deliver(calls: &mut HashMap<CallId, mpsc::Sender<LineCommand>>, command: LineCommand) {
    let call = command.call();
    // A call whose task does not take its commands hangs; dropping the sender ends it.
    if calls.get(&call).is_some_and(|commands| commands.try_send(command).is_err()) {
        calls.remove(&call);
    }
}

/// One call: from the peer's ring to whoever ends it first.
async fn serve_caller(
    stream: UnixStream,
    call: CallId,
    events: mpsc::Sender<LineEvent>,
    mut commands: mpsc::Receiver<LineCommand>,
    stop: Stop,
) -> Result<(), TaskError> {
    let (mut reader, mut writer) = stream.into_split();
    let Some(FromCaller::Ring(ring)) = next(&mut reader).await else { return Ok(()) };
    let (audio, mut jack) = port::pair();
    if events.send(LineEvent::Incoming { call, ring, audio }).await.is_err() {
        return Ok(());
    }
    let by = tokio::select! {
        () = stop.asked() => EndedBy::Line,
        by = pass_on(&mut reader, &mut writer, call, &events, &mut commands, &mut jack) => by,
    };
    // The peer may be gone already: then there is nobody left to tell.
    let _ = frame::write(&mut writer, &ToCaller::Ended(by).to_message(call)).await;
    let _ = events.send(LineEvent::Ended { call, by }).await;
    // A peer that is just sending a frame must find the socket open, or it would never read that the call is over.
    let gone = async { while next(&mut reader).await.is_some() {} };
    let _ = tokio::time::timeout(LAST_WORDS, gone).await;
    Ok(())
}

async fn pass_on(
    reader: &mut OwnedReadHalf,
    writer: &mut OwnedWriteHalf,
    call: CallId,
    events: &mpsc::Sender<LineEvent>,
    commands: &mut mpsc::Receiver<LineCommand>,
    jack: &mut AudioJack,
) -> EndedBy {
    // Reading goes on in a future of its own: a frame half read must not be lost when a command comes.
    let (heard, mut inbox) = mpsc::channel(WAITING_COMMANDS);
    let listen = async {
        while let Some(said) = next(reader).await {
            if heard.send(said).await.is_err() {
                break;
            }
        }
        drop(heard);
        std::future::pending::<()>().await;
    };
    let act = async {
        let mut bridged = false;
        loop {
            let reply = tokio::select! {
                said = inbox.recv() => {
                    let event = match said {
                        None | Some(FromCaller::Hangup) => {
                            return if bridged { EndedBy::Desk } else { EndedBy::Caller };
                        }
                        Some(FromCaller::Frame(frame)) => {
                            jack.heard(*frame);
                            continue;
                        }
                        // Before it is connected the desk hears the brief, and nobody hears the desk.
                        Some(FromCaller::DeskFrame(frame)) => {
                            if bridged {
                                jack.desk_said(*frame);
                            }
                            continue;
                        }
                        Some(FromCaller::Dtmf(key)) => LineEvent::Dtmf { call, key },
                        Some(FromCaller::Desk(answer)) => LineEvent::Desk { call, answer },
                        // A second ring on one connection is a confused peer; the first stands.
                        Some(FromCaller::Ring(_)) => continue,
                    };
                    if events.send(event).await.is_err() {
                        return EndedBy::Line;
                    }
                    continue;
                }
                Some(frame) = jack.to_play.recv() => ToCaller::Frame(Box::new(frame)),
                command = commands.recv() => match command {
                    None | Some(LineCommand::Hangup(_)) => return EndedBy::Anteroom,
                    Some(LineCommand::Answer(_)) => ToCaller::Answered,
                    Some(LineCommand::Consult(_, brief, _)) => ToCaller::DeskRings(brief),
                    Some(LineCommand::Bridge(_)) => {
                        bridged = true;
                        ToCaller::Bridged
                    }
                },
            };
            if frame::write(writer, &reply.to_message(call)).await.is_err() {
                return if bridged { EndedBy::Desk } else { EndedBy::Caller };
            }
            if matches!(reply, ToCaller::Frame(_)) {
                jack.count_played();
            }
        }
    };
    tokio::select! {
        by = act => by,
        () = listen => EndedBy::Caller,
    }
}

/// The peer's next message; `None` when it is gone or sends what is no message.
async fn next(reader: &mut OwnedReadHalf) -> Option<FromCaller> {
    let message = frame::read(reader).await.ok()??;
    FromCaller::parse(&message).ok()
}
