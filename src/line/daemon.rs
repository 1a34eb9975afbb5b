//! `lined`: starts the line, the link to the brain, the switchboard and the keeper of messages.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::config;
use crate::line::admission::Drain;
#[cfg(feature = "telephone")]
use crate::line::admission::Readiness;
#[cfg(feature = "sound-card")]
use crate::line::alsa::{AlsaLine, AlwaysOn, Modem, SoundError};
use crate::line::brain::{self, BrainLink};
use crate::line::messages;
use crate::line::prompts::Prompts;
use crate::line::record_key::KeyFile;
#[cfg(feature = "telephone")]
use crate::line::sip::lately::Lately;
#[cfg(feature = "telephone")]
use crate::line::sip::{Around, Ready, SipLine, SiteError, When};
use crate::line::socket::SocketLine;
use crate::line::switchboard::{self, Desk, StaffTake};
use crate::line::transfer;
use crate::line::watchdog::{self, Heart, Notify};
use crate::line::{Line, LineCommand, LineEvent};
use crate::tasks::{Ended, Stop, TaskError, Tasks};
use crate::wire::client::Client;
use crate::wire::doors::Role;
#[cfg(feature = "telephone")]
use crate::wire::line::Urgency;
use crate::wire::recorder::Recorder;
use crate::wire::server::BindError;
use crate::wire::users::Uids;

/// Events and commands that may wait between the adapter and the switchboard.
const WAITING: usize = 256;

/// How often a box that drains looks whether it may stop.
const DRAIN_LOOK: Duration = Duration::from_millis(100);
/// How long messages of callers may wait for the record after the last call: it may be down for the same update.
const MESSAGES_WAIT: Duration = Duration::from_secs(60);
/// How long the events of the last call may take to the record.
const LAST_NOTES: Duration = Duration::from_millis(500);

/// How much longer than the line's own times for a hand-off the switchboard waits: the line answers first.
#[cfg(feature = "telephone")]
const ANSWERS: Duration = Duration::from_secs(5);

/// What lined needs to know.
pub struct LinedConfig {
    /// Where the sockets are.
    pub run: PathBuf,
    /// Where its prompts are. Beside that folder lined has one of its own (`line`), where it remembers the record's
    /// public key.
    pub prompts: PathBuf,
    /// `[line]`.
    pub line: config::Line,
    /// The clinic's time zone, in which its hours are meant.
    pub time_zone: TimeZone,
    /// Which user each process is.
    pub users: Uids,
    /// Asked when lined is to end without a caller who is on the line noticing.
    pub drain: Stop,
}

/// lined ended.
#[derive(Debug, thiserror::Error)]
pub enum LinedError {
    /// A socket could not be made.
    #[error("lined cannot start")]
    Bind(#[from] BindError),
    /// systemd named a socket that is none.
    #[error("NOTIFY_SOCKET is no socket's name")]
    Notify(#[source] std::io::Error),
    /// A task failed.
    #[error("lined stopped")]
    Task(#[from] Ended),
    /// The telephone system cannot be reached as the configuration has it.
    #[cfg(feature = "telephone")]
    #[error("the telephone line cannot be set up")]
    Site(#[source] SiteError),
    /// The sound card's name is none.
    #[cfg(feature = "sound-card")]
    #[error("the sound card cannot be used")]
    Card(#[source] SoundError),
    /// This program was built without that line.
    #[error("this program was built without a telephone line of this kind: set line.kind to \"socket\"")]
    NoTelephone,
}

/// The line over SIP, where the configuration asks for one. It takes calls while a brain is attached.
#[cfg(feature = "telephone")]
fn telephone(
    line: &config::Line,
    zone: TimeZone,
    link: &BrainLink,
    own: Own<'_>,
) -> Result<Option<SipLine>, LinedError> {
    if line.kind != config::LineKind::Sip {
        return Ok(None);
    }
    // The SIP stack asks for the process's own choice of cryptography; ours is the one that the airlock uses.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let link = link.clone();
    // The line adds the media thread's own pulse. A call is answered without the record and on a full disk too: the brain then
    // hands it over, takes a message, and asks no model.
    let ready: Ready = Arc::new(move || Readiness { brain: link.is_up(), media: true, record: true, disk: true });
    let desks = line.sip.as_ref().map(|sip| sip.desks.clone()).unwrap_or_default();
    let Own { prompts, drain, heart, clock } = own;
    let when = When::new(&line.hours, &desks, zone, Arc::clone(clock));
    let (drain, heart, clock) = (drain.clone(), heart.clone(), Arc::clone(clock));
    SipLine::of(line, Around { ready, when, prompts, drain, heart, clock }).map(Some).map_err(LinedError::Site)
}

/// What the process has of its own for its line.
#[cfg(feature = "telephone")]
struct Own<'a> {
    prompts: &'a Prompts,
    drain: &'a Stop,
    heart: &'a Heart,
    clock: &'a Arc<dyn Clock>,
}

/// How long staff may take in a hand-off.
#[cfg(feature = "telephone")]
fn staff_take(line: &config::Line, telephone: Option<&SipLine>) -> StaffTake {
    let takes = |urgency| telephone.map_or(line.desk_ring, |sip| sip.longest_hand_off(urgency) + ANSWERS);
    StaffTake { routine: takes(Urgency::Routine), urgent: takes(Urgency::Urgent) }
}

/// After `drain` takes no new calls, serves those that are up to their end, and then asks for the `stop`: nobody is on the
/// line any more, or somebody has been for as long as a drain may take.
async fn drained(desk: Arc<Desk>, stop: Stop) -> Result<(), TaskError> {
    tokio::select! {
        () = stop.asked() => return Ok(()),
        () = desk.drain.asked() => {}
    }
    let begun = desk.clock.now();
    let since = || desk.clock.now().saturating_duration_since(begun);
    let up = || desk.up.load(Ordering::Relaxed);
    let (drain, at_first) = (Drain::new(Duration::ZERO), up());
    tracing::info!(calls = at_first, "no new calls are taken; those that are up are served to their end");
    let end = async {
        while !drain.may_stop(up(), since()) {
            tokio::time::sleep(DRAIN_LOOK).await;
        }
        let last = since();
        while desk.messages.waiting() > 0 && since() < last + MESSAGES_WAIT {
            tokio::time::sleep(DRAIN_LOOK).await;
        }
        if at_first > 0 {
            // What was noted of the last call is on its way to the record.
            tokio::time::sleep(LAST_NOTES).await;
        }
    };
    tokio::select! {
        () = stop.asked() => {}
        () = end => {
            tracing::info!(calls = up(), "drained");
            stop.ask();
        }
    }
    Ok(())
}

/// The line through a sound card.
#[cfg(feature = "sound-card")]
fn sound_card(
    card: config::Alsa,
    events: mpsc::Sender<LineEvent>,
    obeyed: mpsc::Receiver<LineCommand>,
    tasks: &mut Tasks,
) -> Result<(), LinedError> {
    match card.modem {
        Some(tty) => {
            let line = AlsaLine::new(&card.device, Modem::new(tty), false).map_err(LinedError::Card)?;
            tasks.start("line", move |stop| line.run(events, obeyed, stop));
        }
        None => {
            let line = AlsaLine::new(&card.device, AlwaysOn::new(card.pause), false).map_err(LinedError::Card)?;
            tasks.start("line", move |stop| line.run(events, obeyed, stop));
        }
    }
    Ok(())
}

/// Runs lined until `stop`.
///
/// # Errors
/// [`LinedError`].
pub async fn run(config: LinedConfig, clock: Arc<dyn Clock>, stop: Stop) -> Result<(), LinedError> {
    let LinedConfig { run, prompts, line, time_zone, users, drain } = config;
    let mut tasks = Tasks::new(stop);
    let heart = Heart::default();
    let recorder = Recorder::start(&run, Role::Lined, &mut tasks, Arc::clone(&clock));
    let (events, incoming) = mpsc::channel::<LineEvent>(WAITING);
    let (commands, obeyed) = mpsc::channel::<LineCommand>(WAITING);
    let (said, of_brain) = mpsc::channel(WAITING);

    let link = BrainLink::default();
    let listener = brain::bind(&run)?;
    let (brain, brains_uid) = (link.clone(), users.of(Role::Anteroomd));
    tasks.start("brain-link", move |stop| brain::serve(listener, brains_uid, brain, said, stop));

    let record = Client::new(&run, Role::Lined);
    let (messages, courier) = messages::open(KeyFile::beside(&prompts), record, recorder.clone());
    tasks.start("messages", move |stop| courier.run(stop));

    let (transfers, porter) = transfer::open(recorder.clone());
    tasks.start("transfers", move |stop| porter.run(stop));

    let sounds = Prompts::load(&prompts);
    #[cfg(not(feature = "telephone"))]
    let _ = time_zone;
    #[cfg(feature = "telephone")]
    let mut telephone =
        telephone(&line, time_zone, &link, Own { prompts: &sounds, drain: &drain, heart: &heart, clock: &clock })?;
    #[cfg(feature = "telephone")]
    if let Some(sip) = &mut telephone {
        sip.lately = Some(Lately::beside(&prompts));
    }
    #[cfg(feature = "telephone")]
    let staff_take = staff_take(&line, telephone.as_ref());
    #[cfg(not(feature = "telephone"))]
    let staff_take = StaffTake { routine: line.desk_ring, urgent: line.desk_ring };
    let desk = Arc::new(Desk {
        brain: link,
        commands,
        prompts: sounds,
        messages,
        transfers,
        recorder,
        clock,
        brain_silence: line.brain_silence,
        staff_take,
        max_calls: line.max_calls,
        drain,
        up: Arc::default(),
    });
    let drains = Arc::clone(&desk);
    // It asks the whole daemon to stop, not only itself.
    let whole = tasks.stop().clone();
    tasks.start("drain", move |_| drained(drains, whole));
    let beat = heart.part("switchboard");
    tasks.start("switchboard", move |stop| switchboard::run(desk, incoming, of_brain, beat, stop));

    match line.kind {
        config::LineKind::Socket => {
            let socket = SocketLine { run, allowed_uid: users.of(Role::Caller) };
            tasks.start("line", move |stop| socket.run(events, obeyed, stop));
        }
        config::LineKind::Sip => {
            #[cfg(feature = "telephone")]
            if let Some(sip) = telephone {
                tasks.start("line", move |stop| sip.run(events, obeyed, stop));
            }
            #[cfg(not(feature = "telephone"))]
            return Err(LinedError::NoTelephone);
        }
        config::LineKind::Alsa => {
            #[cfg(feature = "sound-card")]
            if let Some(card) = line.alsa {
                sound_card(card, events, obeyed, &mut tasks)?;
            }
            #[cfg(not(feature = "sound-card"))]
            return Err(LinedError::NoTelephone);
        }
    }
    let notify = Notify::of_environment().map_err(LinedError::Notify)?;
    tasks.start("watchdog", move |stop| watchdog::run(heart, notify, stop));
    tasks.wait().await?;
    Ok(())
}
