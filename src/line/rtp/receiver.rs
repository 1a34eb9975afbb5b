//! One direction of one call's sound: datagrams in, a frame each 20 ms out.
//!
//! ```text
//!   datagram -> packet -> agreed? -> latch -+- sound --> jitter --> conceal -+-> frame --> tones
//!                                           +- noise -> what a silence is ---+
//!                                           +- key ---> events --> a key
//! ```
//! In:  each datagram with its source and time of arrival; with SRTP, only what was authenticated, decrypted. Out: what
//! it was, and a frame whenever one is due, whatever came. Owned by one call, run by the media thread. It opens no
//! socket and asks no clock; an ignored datagram is counted, never logged.

use std::net::SocketAddr;
use std::time::Duration;

use super::conceal::Concealer;
use super::events::KeyListener;
use super::jitter::{self, Jitter, Pulled};
use super::latch::{Latch, Verdict};
use super::noise::Noise;
use super::packet::{Header, Packet};
use super::rtcp::{Arrivals, Block};
use super::tones::ToneListener;
use super::{CN, Law, PCMA, PCMU};
use crate::pcm::{Frame, g711};

/// What the two descriptions of a call agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// How the peer writes sound.
    pub law: Law,
    /// The payload type it writes it under.
    pub payload_type: u8,
    /// The other law is taken, too, under its own payload type (0 or 8). Some gateways write it in mid-call, which
    /// RFC 3264 section 6.1 lets them where both are in the answer, and others do without asking.
    pub both_laws: bool,
    /// The payload type of keys (RFC 4733); `None` where the peer has none, and then keys are heard as tones.
    pub key_type: Option<u8>,
    /// Comfort noise, payload type 13, may come.
    pub noise: bool,
    /// Where the peer says that it is.
    pub described: SocketAddr,
    /// With SRTP: datagrams are authenticated before they come here.
    pub secure: bool,
}

/// What a datagram was. Not `Debug`: keys may be a date of birth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Sound, comfort noise, or the rest of a press: nothing to do.
    Sound,
    /// A key was pressed.
    Key(char),
    /// It was dropped.
    Ignored(Why),
}

/// Why a datagram was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is no RTP packet.
    NotRtp,
    /// Its payload type was not agreed.
    PayloadType,
    /// It holds less than 10 or more than 60 ms of sound, or a key or noise that cannot be read.
    Length,
    /// It comes from somebody else than the peer.
    Source,
}

/// Datagrams that were dropped, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    /// See [`Why::NotRtp`].
    pub not_rtp: u64,
    /// See [`Why::PayloadType`].
    pub payload_type: u64,
    /// See [`Why::Length`].
    pub length: u64,
    /// See [`Why::Source`].
    pub source: u64,
}

/// How a call's sound has come so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// What the jitter buffer did.
    pub jitter: jitter::Stats,
    /// What was dropped before it.
    pub ignored: Ignored,
}

/// Receives one call's sound.
pub struct Receiver {
    agreed: Agreed,
    latch: Latch,
    jitter: Jitter,
    concealer: Concealer,
    keys: KeyListener,
    tones: ToneListener,
    /// What the peer says its silence sounds like.
    noise: Option<Noise>,
    /// Whose sound is held. Keys may come under an SSRC of their own, and change nothing here.
    ssrc: Option<u32>,
    arrivals: Option<Arrivals>,
    last_heard: Option<Duration>,
    ignored: Ignored,
}

/// What an agreed packet carries.
enum Carries {
    Sound(Vec<i16>),
    Noise(Noise),
    Key,
}

impl Receiver {
    /// Nothing heard yet.
    #[must_use]
    pub fn new(agreed: Agreed) -> Self {
        Self {
            agreed,
            latch: Latch::new(agreed.described, agreed.secure),
            jitter: Jitter::default(),
            concealer: Concealer::default(),
            keys: KeyListener::default(),
            tones: ToneListener::default(),
            noise: None,
            ssrc: None,
            arrivals: None,
            last_heard: None,
            ignored: Ignored::default(),
        }
    }

    /// Takes a datagram that came from `from` at `now`, the time since any fixed moment.
    pub fn receive(&mut self, from: SocketAddr, datagram: &[u8], now: Duration) -> Heard {
        self.take(from, datagram, now).unwrap_or_else(|why| {
            match why {
                Why::NotRtp => self.ignored.not_rtp += 1,
                Why::PayloadType => self.ignored.payload_type += 1,
                Why::Length => self.ignored.length += 1,
                Why::Source => self.ignored.source += 1,
            }
            Heard::Ignored(why)
        })
    }

    /// The next 20 ms, and a key where one was heard as a tone; to be asked exactly once each 20 ms.
    pub fn next(&mut self, now: Duration) -> (Frame, Option<char>) {
        let frame = match self.jitter.pull(now) {
            Pulled::Frame(frame) => self.concealer.good(frame),
            Pulled::Lost => self.concealer.lost(),
            Pulled::Silent => {
                let silence = self.noise.as_mut().map_or(Frame::SILENCE, Noise::frame);
                self.concealer.good(silence)
            }
        };
        // A peer that sends keys as packets may leave their tones in the sound, too: each press is to be heard once.
        let key = if self.agreed.key_type.is_none() { self.tones.hear(&frame) } else { None };
        (frame, key)
    }

    /// Whether the peer sent anything within the time `within` before `now`.
    #[must_use]
    pub fn is_flowing(&self, now: Duration, within: Duration) -> bool {
        self.last_heard.is_some_and(|heard| now.saturating_sub(heard) <= within)
    }

    /// When the peer last sent anything.
    #[must_use]
    pub fn last_heard(&self) -> Option<Duration> {
        self.last_heard
    }

    /// Where to send.
    #[must_use]
    pub fn to(&self) -> SocketAddr {
        self.latch.to()
    }

    /// How it goes.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { jitter: self.jitter.stats(), ignored: self.ignored }
    }

    /// What to report of the peer's packets at `now`; `None` before any sound came. The share lost is counted from the
    /// last call of this.
    pub fn block(&mut self, now: Duration) -> Option<Block> {
        self.arrivals.as_mut().map(|arrivals| arrivals.block(now))
    }

    /// A sender report of `ssrc` with the time `ntp` came at `now`: the next [`Self::block`] answers it.
    pub fn reported(&mut self, ssrc: u32, ntp: u64, now: Duration) {
        if self.ssrc == Some(ssrc)
            && let Some(arrivals) = &mut self.arrivals
        {
            arrivals.reported(ntp, now);
        }
    }

    /// A re-INVITE agreed on something else. What is held is played on.
    pub fn redescribe(&mut self, agreed: Agreed) {
        if agreed.secure == self.agreed.secure {
            self.latch.redescribe(agreed.described);
        } else {
            // Whoever is heard from now on has passed another check, so the old latch means nothing.
            self.latch = Latch::new(agreed.described, agreed.secure);
        }
        if !agreed.noise {
            self.noise = None;
        }
        self.agreed = agreed;
    }

    fn take(&mut self, from: SocketAddr, datagram: &[u8], now: Duration) -> Result<Heard, Why> {
        let Packet { header, payload } = Packet::parse(datagram).map_err(|_| Why::NotRtp)?;
        let carries = self.agreed.read(&header, payload)?;
        match self.latch.admits(from, now) {
            Verdict::Take => {}
            Verdict::Anew => self.restart(),
            Verdict::Other => return Err(Why::Source),
        }
        self.last_heard = Some(now);
        let heard = match carries {
            Carries::Key => self.keys.hear(&header, payload).map_or(Heard::Sound, Heard::Key),
            Carries::Noise(_) | Carries::Sound(_) => Heard::Sound,
        };
        if !matches!(carries, Carries::Key) && self.ssrc != Some(header.ssrc) {
            self.restart();
            self.ssrc = Some(header.ssrc);
            self.arrivals = Some(Arrivals::new(&header, now));
        } else if let Some(arrivals) = &mut self.arrivals {
            arrivals.arrived(&header, now);
        }
        match carries {
            Carries::Sound(samples) => self.jitter.push(header.timestamp, header.sequence, samples, now),
            Carries::Noise(newer) => {
                self.passed(&header);
                match &mut self.noise {
                    Some(noise) => noise.follow(&newer),
                    None => self.noise = Some(newer),
                }
            }
            Carries::Key => self.passed(&header),
        }
        Ok(heard)
    }

    fn passed(&mut self, header: &Header) {
        if self.ssrc == Some(header.ssrc) {
            self.jitter.passed(header.sequence);
        }
    }

    /// Another source begins. The report to it begins with its first packet of sound.
    fn restart(&mut self) {
        self.jitter.restart();
        self.noise = None;
        self.ssrc = None;
        self.arrivals = None;
    }
}

impl Agreed {
    fn read(&self, header: &Header, payload: &[u8]) -> Result<Carries, Why> {
        let other = match self.law {
            Law::Mu => (PCMA, Law::A),
            Law::A => (PCMU, Law::Mu),
        };
        let law = match header.payload_type {
            agreed if agreed == self.payload_type => self.law,
            key if Some(key) == self.key_type => {
                // Number, volume and duration (RFC 4733 section 2.3).
                return if payload.len() < 4 { Err(Why::Length) } else { Ok(Carries::Key) };
            }
            CN if self.noise => return Noise::parse(payload).map(Carries::Noise).ok_or(Why::Length),
            third if self.both_laws && third == other.0 => other.1,
            _ => return Err(Why::PayloadType),
        };
        if !(jitter::SHORTEST..=jitter::LONGEST).contains(&payload.len()) {
            return Err(Why::Length);
        }
        let decode = match law {
            Law::Mu => g711::from_mulaw,
            Law::A => g711::from_alaw,
        };
        Ok(Carries::Sound(payload.iter().copied().map(decode).collect()))
    }
}

#[cfg(test)]
#[path = "../../../tests/line/relay.rs"]
mod relay;

#[cfg(test)]
mod tests;
