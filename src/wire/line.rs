//! What crosses the line door: between `lined` and the brain, and between `lined` and a caller on a socket.
//!
//! Both are streams of messages without replies. Audio is one frame a message: 160 samples, 16-bit little endian,
//! 8 kHz, mono. The brain sends exactly one frame for each that it receives, so a line in virtual time ("lockstep") is
//! the same code as one in real time: the next frame is released when the answer to the last has come.

use serde::{Deserialize, Serialize};

use crate::ids::CallId;
use crate::pcm::Frame;
use crate::secret::Secret;
use crate::wire::doors::{Brain, Line};
use crate::wire::frame::Message;
use crate::wire::parcel::{MayGoTo, Parcel};

/// What the brain may send to the line.
pub const FROM_BRAIN: &[&str] = &["answer", "frame", "alive", "consult", "bridge", "hangup"];
/// What a caller on a socket may send to the line.
pub const FROM_CALLER: &[&str] = &["ring", "frame", "dtmf", "hangup", "desk", "desk-frame"];

/// How fast a call's frames come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pace {
    /// One frame every 20 ms.
    #[default]
    Real,
    /// The next frame when the box has settled the last: no recognition, synthesis or door request in flight.
    Virtual,
    /// No frames at all: the caller types, and reads what the box says ([`crate::wire::typed`]).
    Typed,
}

/// How the desk answered when it was asked to take a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeskAnswer {
    /// Staff took the call.
    Accept,
    /// Staff declined.
    Decline,
    /// Nobody answered.
    None,
}

/// How much a hand-off matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The desk is asked.
    #[default]
    Routine,
    /// The caller spoke of an emergency: whoever is on call is asked, then the desk.
    Urgent,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// The caller hung up.
    Caller,
    /// The box said goodbye.
    Anteroom,
    /// The call was handed to the desk.
    Desk,
    /// The line itself failed.
    Line,
}

impl EndedBy {
    /// Its name in events and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Anteroom => "anteroom",
            Self::Desk => "desk",
            Self::Line => "line",
        }
    }
}

/// A call that rings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ring {
    /// Who calls, as the line reports it; empty when withheld. An identifier.
    pub number: Secret,
    /// Whether the caller is simulated, so that what is kept of the call may be shown.
    pub synthetic: bool,
    /// How fast frames come.
    pub pace: Pace,
    /// Whether the brain takes over a call that is already up (it was restarted).
    #[serde(default)]
    pub resumed: bool,
}

/// From the line to the brain.
#[derive(Debug)]
pub enum ToBrain {
    /// A call rings, or is up and has lost its brain.
    Ring(Ring),
    /// 20 ms of the caller, and how many frames of ours have really been played so far.
    Frame {
        /// The caller's sound.
        pcm: Box<Frame>,
        /// Frames of the box's audio played since the call was answered.
        played: u64,
    },
    /// A key was pressed.
    Dtmf(char),
    /// The desk answered.
    Desk(DeskAnswer),
    /// Nothing at all has come from the caller's telephone since the call was answered: told after 5 s, and each 10 s after.
    Unheard,
    /// The call is over.
    Ended(EndedBy),
}

/// From the brain to the line.
#[derive(Debug)]
pub enum FromBrain {
    /// Answer the call.
    Answer,
    /// 20 ms of the box's voice, or `None` for silence. Also the answer to one frame of the caller.
    Frame(Option<Box<Frame>>),
    /// The brain is there although it has no frame to send yet.
    Alive,
    /// Ask staff to take the call; the audio is the brief that the desk hears, 16-bit 8 kHz.
    Consult(Vec<i16>, Urgency),
    /// Connect caller and desk.
    Bridge {
        /// Whether the caller has consented to the sound of both being kept.
        record: bool,
    },
    /// Hang up.
    Hangup,
}

/// From a caller on a socket to the line.
#[derive(Debug)]
pub enum FromCaller {
    /// The telephone rings.
    Ring(Ring),
    /// 20 ms of the caller.
    Frame(Box<Frame>),
    /// A key.
    Dtmf(char),
    /// The desk (played by the same simulation) answers.
    Desk(DeskAnswer),
    /// 20 ms of the desk, once it is connected.
    DeskFrame(Box<Frame>),
    /// The caller hangs up.
    Hangup,
}

/// From the line to a caller on a socket.
#[derive(Debug)]
pub enum ToCaller {
    /// The call was answered; this is its id.
    Answered,
    /// 20 ms of what the caller hears.
    Frame(Box<Frame>),
    /// The desk telephone rings; the audio is the brief.
    DeskRings(Vec<i16>),
    /// Caller and desk are connected.
    Bridged,
    /// The call is over.
    Ended(EndedBy),
}

/// A message does not parse.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message on the line socket is malformed")]
pub struct Malformed;

/// The body of a bridge that is to be recorded; any other body but an empty one is malformed.
const RECORDED: &[u8] = b"recorded";

/// The first byte of a hand-off's body; the brief follows.
const ROUTINE: u8 = 0;
const URGENT: u8 = 1;

const SAMPLE_BYTES: usize = 2;
const FRAME_BYTES: usize = crate::pcm::FRAME_SAMPLES * SAMPLE_BYTES;

fn samples_to_bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|s| s.to_le_bytes()).collect()
}

fn bytes_to_samples(bytes: &[u8]) -> Result<Vec<i16>, Malformed> {
    let (pairs, rest) = bytes.as_chunks::<SAMPLE_BYTES>();
    if !rest.is_empty() {
        return Err(Malformed);
    }
    Ok(pairs.iter().map(|&pair| i16::from_le_bytes(pair)).collect())
}

fn consult_body(brief: &[i16], urgency: Urgency) -> Vec<u8> {
    let urgency = match urgency {
        Urgency::Routine => ROUTINE,
        Urgency::Urgent => URGENT,
    };
    [vec![urgency], samples_to_bytes(brief)].concat()
}

fn consult(body: &[u8]) -> Result<FromBrain, Malformed> {
    let (urgency, brief) = match body {
        [ROUTINE, brief @ ..] => (Urgency::Routine, brief),
        [URGENT, brief @ ..] => (Urgency::Urgent, brief),
        _ => return Err(Malformed),
    };
    bytes_to_samples(brief).map(|brief| FromBrain::Consult(brief, urgency))
}

fn bytes_to_frame(bytes: &[u8]) -> Result<Box<Frame>, Malformed> {
    let samples = bytes_to_samples(bytes)?;
    Frame::from_samples(&samples).map(Box::new).ok_or(Malformed)
}

pub(super) fn digit(body: &[u8]) -> Result<char, Malformed> {
    match body {
        &[key] if key.is_ascii_digit() || matches!(key, b'*' | b'#' | b'A'..=b'D') => Ok(char::from(key)),
        _ => Err(Malformed),
    }
}

pub(super) fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Malformed> {
    serde_json::from_slice(body).map_err(|_| Malformed)
}

pub(super) fn word<T: Serialize>(value: T) -> Vec<u8> {
    serde_json::to_vec(&value).unwrap_or_default()
}

pub(super) fn ring_body<D: crate::wire::Door>(ring: &Ring) -> Vec<u8>
where
    Secret: MayGoTo<D>,
{
    let pace = match ring.pace {
        Pace::Real => "real",
        Pace::Virtual => "virtual",
        Pace::Typed => "typed",
    };
    Parcel::<D>::new()
        .with("number", &ring.number)
        .with("synthetic", &ring.synthetic)
        .with("pace", &pace)
        .with("resumed", &ring.resumed)
        .seal()
}

impl ToBrain {
    /// Writes it down.
    #[must_use]
    pub fn to_message(&self, call: CallId) -> Message {
        let (kind, body) = match self {
            Self::Ring(ring) => ("ring", ring_body::<Brain>(ring)),
            Self::Frame { pcm, played } => {
                let mut body = played.to_le_bytes().to_vec();
                body.extend(samples_to_bytes(pcm.samples()));
                ("frame", body)
            }
            Self::Dtmf(key) => ("dtmf", key.to_string().into_bytes()),
            Self::Desk(answer) => ("desk", word(answer)),
            Self::Unheard => ("unheard", Vec::new()),
            Self::Ended(by) => ("ended", word(by)),
        };
        Message::tell(kind, Some(call), body)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`] for any other message.
    pub fn parse(message: &Message) -> Result<Self, Malformed> {
        let body = message.body.as_slice();
        match message.header.kind.as_str() {
            "ring" => json(body).map(Self::Ring),
            "unheard" if body.is_empty() => Ok(Self::Unheard),
            "frame" if body.len() == FRAME_BYTES + 8 => {
                let (played, pcm) = body.split_first_chunk::<8>().ok_or(Malformed)?;
                Ok(Self::Frame { pcm: bytes_to_frame(pcm)?, played: u64::from_le_bytes(*played) })
            }
            "dtmf" => digit(body).map(Self::Dtmf),
            "desk" => json(body).map(Self::Desk),
            "ended" => json(body).map(Self::Ended),
            _ => Err(Malformed),
        }
    }
}

impl FromBrain {
    /// Writes it down.
    #[must_use]
    pub fn to_message(&self, call: CallId) -> Message {
        let (kind, body) = match self {
            Self::Answer => ("answer", Vec::new()),
            Self::Frame(pcm) => ("frame", pcm.as_ref().map_or_else(Vec::new, |f| samples_to_bytes(f.samples()))),
            Self::Alive => ("alive", Vec::new()),
            Self::Consult(brief, urgency) => ("consult", consult_body(brief, *urgency)),
            Self::Bridge { record: false } => ("bridge", Vec::new()),
            Self::Bridge { record: true } => ("bridge", RECORDED.to_vec()),
            Self::Hangup => ("hangup", Vec::new()),
        };
        Message::tell(kind, Some(call), body)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`] for any other message.
    pub fn parse(message: &Message) -> Result<Self, Malformed> {
        let body = message.body.as_slice();
        match message.header.kind.as_str() {
            "answer" => Ok(Self::Answer),
            "frame" if body.is_empty() => Ok(Self::Frame(None)),
            "frame" => bytes_to_frame(body).map(|pcm| Self::Frame(Some(pcm))),
            "alive" => Ok(Self::Alive),
            "consult" => consult(body),
            "bridge" if body.is_empty() => Ok(Self::Bridge { record: false }),
            "bridge" if body == RECORDED => Ok(Self::Bridge { record: true }),
            "hangup" => Ok(Self::Hangup),
            _ => Err(Malformed),
        }
    }
}

impl FromCaller {
    /// Writes it down.
    #[must_use]
    pub fn to_message(&self) -> Message {
        let (kind, body) = match self {
            Self::Ring(ring) => ("ring", ring_body::<Line>(ring)),
            Self::Frame(pcm) => ("frame", samples_to_bytes(pcm.samples())),
            Self::Dtmf(key) => ("dtmf", key.to_string().into_bytes()),
            Self::Desk(answer) => ("desk", word(answer)),
            Self::DeskFrame(pcm) => ("desk-frame", samples_to_bytes(pcm.samples())),
            Self::Hangup => ("hangup", Vec::new()),
        };
        Message::tell(kind, None, body)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`] for any other message.
    pub fn parse(message: &Message) -> Result<Self, Malformed> {
        let body = message.body.as_slice();
        match message.header.kind.as_str() {
            "ring" => json(body).map(Self::Ring),
            "frame" => bytes_to_frame(body).map(Self::Frame),
            "dtmf" => digit(body).map(Self::Dtmf),
            "desk" => json(body).map(Self::Desk),
            "desk-frame" => bytes_to_frame(body).map(Self::DeskFrame),
            "hangup" => Ok(Self::Hangup),
            _ => Err(Malformed),
        }
    }
}

impl ToCaller {
    /// Writes it down.
    #[must_use]
    pub fn to_message(&self, call: CallId) -> Message {
        let (kind, body) = match self {
            Self::Answered => ("answered", Vec::new()),
            Self::Frame(pcm) => ("frame", samples_to_bytes(pcm.samples())),
            Self::DeskRings(brief) => ("desk-rings", samples_to_bytes(brief)),
            Self::Bridged => ("bridged", Vec::new()),
            Self::Ended(by) => ("ended", word(by)),
        };
        Message::tell(kind, Some(call), body)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`] for any other message.
    pub fn parse(message: &Message) -> Result<Self, Malformed> {
        let body = message.body.as_slice();
        match message.header.kind.as_str() {
            "answered" => Ok(Self::Answered),
            "frame" => bytes_to_frame(body).map(Self::Frame),
            "desk-rings" => bytes_to_samples(body).map(Self::DeskRings),
            "bridged" => Ok(Self::Bridged),
            "ended" => json(body).map(Self::Ended),
            _ => Err(Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_of_any_kind_parses_or_fails_without_panic(
            kind in "ring|frame|dtmf|desk|desk-frame|bridge|ended|answer|consult|hangup|unheard|x",
            body in proptest::collection::vec(any::<u8>(), 0..700),
        ) {
            let message = Message::tell(&kind, None, body);
            let _ = ToBrain::parse(&message);
            let _ = FromBrain::parse(&message);
            let _ = FromCaller::parse(&message);
            let _ = ToCaller::parse(&message);
        }
    }

    #[test]
    fn a_frame_keeps_its_samples_and_the_count_of_what_was_played() {
        let pcm = Frame::from_samples(&(0..160).collect::<Vec<i16>>()).unwrap();
        let message = ToBrain::Frame { pcm: Box::new(pcm.clone()), played: 77 }.to_message(CallId::draw());
        let Ok(ToBrain::Frame { pcm: read, played: 77 }) = ToBrain::parse(&message) else { panic!("not a frame") };
        assert_eq!(read.samples(), pcm.samples());
    }

    #[test]
    fn a_bridge_is_recorded_only_where_it_says_so() {
        let read = |body: &[u8]| FromBrain::parse(&Message::tell("bridge", None, body.to_vec()));
        for record in [false, true] {
            let message = FromBrain::Bridge { record }.to_message(CallId::draw());
            assert!(matches!(FromBrain::parse(&message), Ok(FromBrain::Bridge { record: read }) if read == record));
        }
        assert!(matches!(read(b""), Ok(FromBrain::Bridge { record: false })));
        assert!(read(b"record").is_err() && read(b"recorded ").is_err());
    }

    #[test]
    fn a_hand_off_keeps_its_brief_and_says_whether_it_is_urgent() {
        for urgency in [Urgency::Routine, Urgency::Urgent] {
            for brief in [Vec::new(), vec![1_i16, -2, 300]] {
                let message = FromBrain::Consult(brief.clone(), urgency).to_message(CallId::draw());
                let Ok(FromBrain::Consult(read, said)) = FromBrain::parse(&message) else { panic!("not a hand-off") };
                assert_eq!((read, said), (brief, urgency));
            }
        }
        let read = |body: &[u8]| FromBrain::parse(&Message::tell("consult", None, body.to_vec()));
        for body in [&b""[..], &[2], &[0, 1], &[1, 1, 2, 3], &[255, 0, 0]] {
            assert!(read(body).is_err(), "{body:?}");
        }
    }

    #[test]
    fn a_ring_keeps_the_callers_number_and_pace() {
        let ring = Ring { number: Secret::new("5125550143"), synthetic: true, pace: Pace::Virtual, resumed: false };
        let message = FromCaller::Ring(ring).to_message();
        let Ok(FromCaller::Ring(read)) = FromCaller::parse(&message) else { panic!("not a ring") };
        assert_eq!(read.number.expose(), "5125550143");
        assert_eq!(read.pace, Pace::Virtual);
    }
}
