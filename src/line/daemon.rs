//! `lined`: starts the line, the link to the brain, the switchboard and the keeper of messages.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::config;
#[cfg(feature = "telephone")]
use crate::line::admission::Readiness;
#[cfg(feature = "sound-card")]
use crate::line::alsa::{AlsaLine, AlwaysOn, Modem, SoundError};
use crate::line::brain::{self, BrainLink};
use crate::line::messages;
use crate::line::prompts::Prompts;
use crate::line::record_key::KeyFile;
#[cfg(feature = "telephone")]
use crate::line::sip::{Ready, SipLine, SiteError, When};
use crate::line::socket::SocketLine;
use crate::line::switchboard::{self, Desk};
use crate::line::transfer;
use crate::line::watchdog::{self, Heart, Notify};
use crate::line::{Line, LineCommand, LineEvent};
use crate::tasks::{Ended, Stop, Tasks};
use crate::wire::client::Client;
use crate::wire::doors::Role;
use crate::wire::recorder::Recorder;
use crate::wire::server::BindError;
use crate::wire::users::Uids;

/// Events and commands that may wait between the adapter and the switchboard.
const WAITING: usize = 256;

/// How much longer than the line's own times for a hand-off the switchboard waits: the line answers first.
#[cfg(feature = "telephone")]
const ANSWERS: std::time::Duration = std::time::Duration::from_secs(5);

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
    heart: &Heart,
    clock: &Arc<dyn Clock>,
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
    let when = When::new(&line.hours, &desks, zone, Arc::clone(clock));
    SipLine::of(line, ready, Arc::default(), when, heart.clone(), Arc::clone(clock)).map(Some).map_err(LinedError::Site)
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
    let LinedConfig { run, prompts, line, time_zone, users } = config;
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

    #[cfg(not(feature = "telephone"))]
    let _ = time_zone;
    #[cfg(feature = "telephone")]
    let telephone = telephone(&line, time_zone, &link, &heart, &clock)?;
    let desk = Arc::new(Desk {
        brain: link,
        commands,
        prompts: Prompts::load(&prompts),
        messages,
        transfers,
        recorder,
        clock,
        brain_silence: line.brain_silence,
        #[cfg(feature = "telephone")]
        desk_ring: telephone.as_ref().map_or(line.desk_ring, |sip| sip.longest_hand_off() + ANSWERS),
        #[cfg(not(feature = "telephone"))]
        desk_ring: line.desk_ring,
        max_calls: line.max_calls,
    });
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
