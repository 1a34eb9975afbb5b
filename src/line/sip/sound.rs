//! The sound of one leg: what is agreed on with the peer, and the leg on the media thread that follows it.
//!
//! In:  descriptions of the peer. Out: ours, and a [`LegHandle`] once both are known. Pure but for the ports and the keys.

use std::io;

use tokio::sync::mpsc;

use super::sdp::{Direction, Local, Refused, Remote};
use crate::config::telephone::Srtp;
use crate::line::media::{Change, Heard, LegHandle, Media, NewLeg, Side};
use crate::line::ports::{Ports, Sockets};
use crate::line::rtp::receiver::Agreed;
use crate::line::rtp::sender::Start;
use crate::line::rtp::srtp::{Crypto, Guard};

/// Keys that may wait for the call's task; more than anybody presses in the time it takes.
const WAITING: usize = 32;

/// Sound cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum SoundError {
    /// No pair of ports is free.
    #[error("no ports are free for a call's sound: widen line.sip.public-ports")]
    Ports(#[source] io::Error),
    /// The machine gave no random bytes.
    #[error("the machine gave no random numbers")]
    NoRandom,
}

/// One leg's sound.
pub(super) struct Sound {
    local: Local,
    ours: Option<Crypto>,
    sockets: Option<Sockets>,
    remote: Option<Remote>,
    start: Start,
    leg: Option<LegHandle>,
    keys: mpsc::Sender<Heard>,
    /// What is heard besides sound.
    pub(super) heard: mpsc::Receiver<Heard>,
}

impl Sound {
    /// Takes ports and draws keys.
    ///
    /// # Errors
    /// [`SoundError`].
    pub(super) fn new(ports: &Ports, srtp: Srtp) -> Result<Self, SoundError> {
        let sockets = ports.take().map_err(SoundError::Ports)?;
        let address = sockets.rtp.local_addr().map_err(SoundError::Ports)?.ip();
        let ours = match srtp {
            Srtp::Off => None,
            Srtp::Prefer | Srtp::Require => Some(Crypto::draw(1).map_err(|_| SoundError::NoRandom)?),
        };
        let mut drawn = [0_u8; 18];
        getrandom::fill(&mut drawn).map_err(|_| SoundError::NoRandom)?;
        let [s3, s2, s1, s0, t3, t2, t1, t0, q1, q0, n7, n6, n5, n4, n3, n2, n1, n0] = drawn;
        let start = Start {
            ssrc: u32::from_be_bytes([s3, s2, s1, s0]),
            timestamp: u32::from_be_bytes([t3, t2, t1, t0]),
            // In the lower half: a receiver that misses the first packets must not miss a turn (RFC 3711 section 3.3.1).
            sequence: u16::from_be_bytes([q1, q0]) >> 1,
        };
        let session = u64::from_be_bytes([n7, n6, n5, n4, n3, n2, n1, n0]);
        let local = Local::new(address, sockets.port, session, srtp);
        let (keys, heard) = mpsc::channel(WAITING);
        Ok(Self { local, ours, sockets: Some(sockets), remote: None, start, leg: None, keys, heard })
    }

    /// Our answer to the peer's offer.
    ///
    /// # Errors
    /// [`Refused`]; then all is as before.
    pub(super) fn answer(&mut self, offer: &[u8]) -> Result<String, Refused> {
        let ours = self.ours.as_ref().map(Crypto::to_value);
        let (sdp, remote) = self.local.answer(offer, ours.as_ref().map(|value| value.as_str()), false)?;
        self.follow(remote)?;
        Ok(sdp)
    }

    /// Our offer.
    pub(super) fn offer(&mut self) -> String {
        let ours = self.ours.as_ref().map(Crypto::to_value);
        self.local.offer(Direction::SendRecv, ours.as_ref().map(|value| value.as_str()))
    }

    /// Takes the peer's answer to our offer.
    ///
    /// # Errors
    /// [`Refused`]; then the call must end.
    pub(super) fn accept(&mut self, answer: &[u8]) -> Result<(), Refused> {
        let remote = self.local.accept(answer)?;
        self.follow(remote)
    }

    fn follow(&mut self, remote: Remote) -> Result<(), Refused> {
        let change = change(&remote)?;
        if let Some(leg) = &self.leg {
            leg.change(change);
        }
        self.remote = Some(remote);
        Ok(())
    }

    /// Begins to hear and to speak, where both sides are agreed and it has not begun.
    pub(super) fn begin(&mut self, media: &Media, side: Side) {
        let (Some(remote), Some(sockets)) = (&self.remote, self.sockets.take()) else { return };
        // Agreed on a moment ago: the keys were read then.
        let Ok(change) = change(remote) else { return };
        let guard = match (&self.ours, &change.key) {
            (Some(ours), Some(theirs)) => match Guard::new(ours, theirs) {
                Ok(guard) => Some(guard),
                // No sound is better than sound in the clear; the watchdog ends the call.
                Err(error) => return tracing::error!(%error, "a call's sound could not be encrypted"),
            },
            (Some(_) | None, _) => None,
        };
        let (start, heard) = (self.start, self.keys.clone());
        self.leg = Some(media.add(NewLeg { sockets, change, guard, start, side, heard }));
    }

    /// The leg, once it has begun.
    pub(super) fn leg(&self) -> Option<&LegHandle> {
        self.leg.as_ref()
    }

    /// Whether the peer holds the call.
    pub(super) fn is_held(&self) -> bool {
        self.remote.as_ref().is_some_and(|remote| remote.held)
    }
}

/// What the media thread needs to know of a description.
fn change(remote: &Remote) -> Result<Change, Refused> {
    let key = remote.crypto.as_ref().map(|line| Crypto::parse(&line.value).ok_or(Refused::NotSecure)).transpose()?;
    Ok(Change {
        agreed: Agreed {
            law: remote.law,
            payload_type: remote.payload_type,
            // We answer with one law; some gateways write the other all the same.
            both_laws: true,
            key_type: remote.key_type,
            noise: remote.noise.is_some(),
            described: remote.address,
            secure: key.is_some(),
        },
        reports_to: if remote.mux { Some(remote.address) } else { remote.rtcp },
        key,
        sends: remote.direction.receives() && !remote.address.ip().is_unspecified(),
        hears: !remote.held && remote.direction.sends(),
    })
}
