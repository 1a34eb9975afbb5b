//! One leg: its sockets, what it heard, what it says next. Runs on the media thread alone.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;

use super::Change;
use crate::line::port::AudioJack;
use crate::line::ports::Sockets;
use crate::line::rtp::receiver::{Heard as Received, Receiver};
use crate::line::rtp::rtcp::{self, Said, Sent, ntp, write_bye, write_report};
use crate::line::rtp::sender::{Sender, Start};
use crate::line::rtp::srtp::Guard;
use crate::pcm::{FRAME_SAMPLES, Frame};

/// Datagrams that one tick reads from a socket: a flood must not make the others late.
const MOST_READ: usize = 50;
/// The longest datagram that is looked at: 60 ms of G.711 with headers and a tag are below 600 bytes.
const LONGEST: usize = 2_048;
/// How often a report goes out (RFC 3550 section 6.2).
const REPORT_EVERY: Duration = Duration::from_secs(5);
/// Frames to be played that may wait before silent ones among them are left out: what is late stays late otherwise.
const LATE: usize = 3;
/// The second byte of reports, where they share the port of the sound (RFC 5761 section 4).
const REPORTS: std::ops::RangeInclusive<u8> = 192..=223;
/// No packet has come.
const NEVER: u64 = u64::MAX;

/// Whose leg it is.
#[derive(Debug)]
pub enum Side {
    /// The caller's: its frames go to the switchboard, which plays back.
    Caller(AudioJack),
    /// The desk's: it hears a brief, then the caller.
    Desk,
}

/// What a leg heard besides sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A key.
    Key(char),
    /// The brief has been played to its end.
    BriefOver,
}

/// A leg that is to be added.
pub struct NewLeg {
    /// Its sockets.
    pub sockets: Sockets,
    /// What was agreed on, whether it sends and hears.
    pub change: Change,
    /// Keys for SRTP, where sound is encrypted.
    pub guard: Option<Guard>,
    /// The first of its numbers, random.
    pub start: Start,
    /// Whose it is.
    pub side: Side,
    /// Who wants to know of keys.
    pub heard: mpsc::Sender<Heard>,
}

/// What has come and gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// How long ago the last packet of the peer came; none where none ever did.
    pub silent_for: Option<Duration>,
    /// Packets taken.
    pub received: u64,
    /// Packets that never came.
    pub lost: u64,
    /// Packets sent.
    pub sent: u64,
    /// Packets of others, or that did not open.
    pub ignored: u64,
}

/// What the call's task reads while the thread goes on.
#[derive(Debug)]
pub(super) struct Shared {
    last_ms: AtomicU64,
    now_ms: AtomicU64,
    received: AtomicU64,
    lost: AtomicU64,
    sent: AtomicU64,
    ignored: AtomicU64,
}

impl Shared {
    pub(super) fn flow(&self) -> Flow {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let last = Some(read(&self.last_ms)).filter(|last| *last != NEVER);
        Flow {
            silent_for: last.map(|last| Duration::from_millis(read(&self.now_ms).saturating_sub(last))),
            received: read(&self.received),
            lost: read(&self.lost),
            sent: read(&self.sent),
            ignored: read(&self.ignored),
        }
    }
}

/// A leg.
pub(super) struct Leg {
    sockets: Sockets,
    receiver: Receiver,
    sender: Sender,
    key_type: Option<u8>,
    guard: Option<Guard>,
    reports_to: Option<SocketAddr>,
    sends: bool,
    hears: bool,
    side: Side,
    brief: Option<VecDeque<i16>>,
    /// With whom it is connected.
    pub(super) other: Option<u64>,
    heard: mpsc::Sender<Heard>,
    shared: Arc<Shared>,
    reported: Option<Duration>,
    buffer: Vec<u8>,
    sealed: Vec<u8>,
}

impl Leg {
    pub(super) fn new(new: NewLeg) -> (Self, Arc<Shared>) {
        let NewLeg { sockets, change, guard, start, side, heard } = new;
        let Change { agreed, reports_to, key: _, sends, hears } = change;
        let zero = || AtomicU64::new(0);
        let shared = Arc::new(Shared {
            last_ms: AtomicU64::new(NEVER),
            now_ms: zero(),
            received: zero(),
            lost: zero(),
            sent: zero(),
            ignored: zero(),
        });
        let leg = Self {
            sockets,
            sender: Sender::new(start, agreed.law, agreed.payload_type),
            key_type: agreed.key_type,
            receiver: Receiver::new(agreed),
            guard,
            reports_to,
            sends,
            hears,
            side,
            brief: None,
            other: None,
            heard,
            shared: Arc::clone(&shared),
            reported: None,
            buffer: Vec::with_capacity(LONGEST),
            sealed: Vec::with_capacity(LONGEST),
        };
        (leg, shared)
    }

    pub(super) fn change(&mut self, change: Change) {
        let Change { agreed, reports_to, key, sends, hears } = change;
        self.sender.turn_to(agreed.law, agreed.payload_type);
        self.key_type = agreed.key_type;
        self.receiver.redescribe(agreed);
        // The same guard for the leg's whole life: another one with our key would use its keystream twice.
        if let (Some(guard), Some(key)) = (&mut self.guard, &key) {
            guard.turn_to(key);
        }
        (self.reports_to, self.sends, self.hears) = (reports_to, sends, hears);
    }

    pub(super) fn play(&mut self, brief: Vec<i16>) {
        self.brief = Some(brief.into()).filter(|brief: &VecDeque<i16>| !brief.is_empty());
    }

    pub(super) fn press(&mut self, key: char) {
        if let Some(key_type) = self.key_type {
            self.sender.press(key, key_type);
        }
    }

    /// Time has passed in which nothing was sent.
    pub(super) fn skip(&mut self, frames: u32) {
        if frames > 0 {
            self.sender.skip(frames);
        }
    }

    /// Takes what has come.
    pub(super) fn read(&mut self, now: Duration) {
        let mut datagram = [0_u8; LONGEST];
        for _ in 0..MOST_READ {
            // Nothing more, or an error that a former packet of ours met: both end the reading of now.
            let Ok((length, from)) = self.sockets.rtp.recv_from(&mut datagram) else { break };
            let bytes = datagram.get(..length).unwrap_or_default();
            if bytes.get(1).is_some_and(|kind| REPORTS.contains(kind)) {
                self.reported(bytes, now);
                continue;
            }
            let taken = match &mut self.guard {
                Some(guard) => match guard.open_rtp(bytes) {
                    Ok(opened) => self.receiver.receive(from, &opened, now),
                    Err(_) => {
                        self.shared.ignored.fetch_add(1, Ordering::Relaxed);
                        continue;
                    }
                },
                None => self.receiver.receive(from, bytes, now),
            };
            match taken {
                Received::Sound => {}
                Received::Key(key) => self.tell(Heard::Key(key)),
                Received::Ignored(_) => {
                    self.shared.ignored.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        for _ in 0..MOST_READ {
            let Ok((length, _)) = self.sockets.rtcp.recv_from(&mut datagram) else { break };
            self.reported(datagram.get(..length).unwrap_or_default(), now);
        }
        let stats = self.receiver.stats();
        let last = self.receiver.last_heard().map_or(NEVER, millis);
        for (shared, value) in [
            (&self.shared.last_ms, last),
            (&self.shared.now_ms, millis(now)),
            (&self.shared.received, stats.jitter.received),
            (&self.shared.lost, stats.jitter.lost),
        ] {
            shared.store(value, Ordering::Relaxed);
        }
    }

    /// A report of the peer: when it was sent is told back in ours, so that the peer knows the round trip.
    fn reported(&mut self, bytes: &[u8], now: Duration) {
        let opened = self.guard.as_mut().map(|guard| guard.open_rtcp(bytes));
        let said = match &opened {
            Some(Ok(opened)) => rtcp::parse(opened),
            Some(Err(_)) => return,
            None => rtcp::parse(bytes),
        };
        for said in said.unwrap_or_default() {
            if let Said::Sender { ssrc, ntp, .. } = said {
                self.receiver.reported(ssrc, ntp, now);
            }
        }
    }

    /// The peer's next 20 ms; none while it sends nothing by agreement.
    pub(super) fn hear(&mut self, now: Duration) -> Option<Frame> {
        let (frame, key) = self.receiver.next(now);
        if let Some(key) = key {
            self.tell(Heard::Key(key));
        }
        self.hears.then_some(frame)
    }

    /// Passes on what was heard and says what is next; where `is_due` is false its time is over, and it is only counted.
    pub(super) fn speak(&mut self, heard: Option<&Frame>, other: Option<&Frame>, is_due: bool) {
        let bridged = self.other.is_some();
        let frame = match &mut self.side {
            Side::Caller(jack) => {
                if let Some(heard) = heard {
                    jack.heard(heard.clone());
                }
                if bridged {
                    jack.desk_said(other.cloned().unwrap_or(Frame::SILENCE));
                    while jack.to_play.try_recv().is_ok() {}
                    other.cloned()
                } else {
                    next_to_play(jack, heard.is_some())
                }
            }
            Side::Desk if bridged => other.cloned(),
            Side::Desk => self.brief.as_mut().map(next_of_brief),
        };
        if self.brief.as_ref().is_some_and(VecDeque::is_empty) {
            self.brief = None;
            self.tell(Heard::BriefOver);
        }
        if !is_due || !self.sends {
            self.sender.skip(1);
            return;
        }
        let plays = frame.is_some();
        self.buffer.clear();
        self.sender.frame(&frame.unwrap_or(Frame::SILENCE), &mut self.buffer);
        if self.send()
            && plays
            && let Side::Caller(jack) = &self.side
        {
            jack.count_played();
        }
    }

    fn send(&mut self) -> bool {
        let bytes = match &mut self.guard {
            Some(guard) => {
                self.sealed.clear();
                // What cannot be sealed does not leave.
                if guard.protect_rtp(&self.buffer, &mut self.sealed).is_err() {
                    return false;
                }
                &self.sealed
            }
            None => &self.buffer,
        };
        let sent = !bytes.is_empty() && self.sockets.rtp.send_to(bytes, self.receiver.to()).is_ok();
        if sent {
            self.shared.sent.fetch_add(1, Ordering::Relaxed);
        }
        sent
    }

    /// Tells the peer how its sound arrives, every five seconds.
    pub(super) fn report(&mut self, now: Duration) {
        let due = self.reported.is_none_or(|last| now.saturating_sub(last) >= REPORT_EVERY);
        if !due {
            return;
        }
        self.reported = Some(now);
        let (packets, octets) = self.sender.counts();
        #[expect(clippy::disallowed_methods, reason = "reports carry the wall clock, RFC 3550 section 6.4.1")]
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let rtp = self.sender.timestamp();
        let sent = (packets > 0).then_some(Sent { ntp: ntp(wall), rtp, packets, octets });
        let blocks: Vec<_> = self.receiver.block(now).into_iter().collect();
        self.buffer.clear();
        // The name that RFC 3550 asks for says nothing: the address is in the packet, the user is nobody's business.
        write_report(&mut self.buffer, self.sender.ssrc(), sent, &blocks, "anteroom");
        self.send_report();
    }

    /// The last report: this source says no more.
    pub(super) fn say_goodbye(&mut self) {
        self.buffer.clear();
        write_report(&mut self.buffer, self.sender.ssrc(), None, &[], "anteroom");
        write_bye(&mut self.buffer, self.sender.ssrc());
        self.send_report();
    }

    fn send_report(&mut self) {
        let Some(to) = self.reports_to else { return };
        let bytes = match &mut self.guard {
            Some(guard) => {
                self.sealed.clear();
                if guard.protect_rtcp(&self.buffer, &mut self.sealed).is_err() {
                    return;
                }
                &self.sealed
            }
            None => &self.buffer,
        };
        // A report that does not go out is missed by nobody.
        let _ = self.sockets.rtcp.send_to(bytes, to);
    }

    fn tell(&self, heard: Heard) {
        // Whoever does not listen for keys any more has ended the call.
        let _ = self.heard.try_send(heard);
    }
}

/// What the switchboard wants played next. While too much waits, silence among it is left out.
fn next_to_play(jack: &mut AudioJack, flows: bool) -> Option<Frame> {
    if !flows {
        return None;
    }
    let mut frame = jack.to_play.try_recv().ok()?;
    while jack.to_play.len() > LATE && frame == Frame::SILENCE {
        jack.count_played();
        frame = jack.to_play.try_recv().ok()?;
    }
    Some(frame)
}

fn next_of_brief(brief: &mut VecDeque<i16>) -> Frame {
    let mut samples: Vec<i16> = brief.drain(..brief.len().min(FRAME_SAMPLES)).collect();
    samples.resize(FRAME_SAMPLES, 0);
    Frame::from_samples(&samples).unwrap_or(Frame::SILENCE)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(NEVER)
}
