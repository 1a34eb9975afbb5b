//! What two telephones agree on before sound flows: session descriptions, read and written (RFC 8866, 3264).
//!
//! ```text
//!   their offer -> Local::answer -> our answer + Remote         INVITE with a description
//!   Local::offer -> our offer ... their answer -> Local::accept -> Remote    one without (the answer is in the ACK)
//! ```
//! In:  bytes that a stranger wrote; our address, our key line.
//! Out: the text to send back, and where and how the peer wants its sound.
//! Runs in the task of the call. Opens no socket, resolves no name, draws no key, and logs nothing.
//!
//! One stream of G.711 and telephone events is all that is ever agreed. Everything else is refused in its place,
//! because an answer must have as many streams as its offer, in the same order (RFC 3264 section 6).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::config::telephone::Srtp;
use crate::line::rtp::{Law, PCMA, PCMU};

mod description;

use description::{Description, Stream, text_of};

/// The longest description that is read, in bytes. A full one of a desk telephone has some 2 KiB; one that needs more
/// than a datagram can carry is no telephone's.
pub const LONGEST: usize = 64 * 1024;
/// The most streams in a description that is read. A conference unit offers five.
pub const MOST_STREAMS: usize = 16;
/// The payload type of our telephone events: the number that nearly all telephones give them (RFC 4733 leaves it open).
const OUR_KEYS: u8 = 101;
/// The one transform that both sides here must have: the mandatory one of RFC 4568 section 6.2.1.
const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";
/// Milliseconds of sound in a packet where nobody says otherwise (RFC 3551 section 4.5).
const USUAL_PTIME: u32 = 20;

/// Which way sound flows, seen by whoever says it (RFC 8866 section 6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// The speaker only sends: the other side is on hold.
    SendOnly,
    /// The speaker only receives.
    RecvOnly,
    /// Neither way.
    Inactive,
}

impl Direction {
    const ALL: [Self; 4] = [Self::SendRecv, Self::SendOnly, Self::RecvOnly, Self::Inactive];

    /// The attribute's name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// Whether whoever says it sends.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether whoever says it receives.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    fn of(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }
}

/// A peer's key line (RFC 4568 section 9.1). Holds the key of its sound: `Debug` hides it, and it is wiped on drop.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct CryptoLine {
    /// Its number in the description.
    pub tag: u32,
    /// The line after `a=crypto:`, number included.
    pub value: String,
}

impl fmt::Debug for CryptoLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CryptoLine(tag {})", self.tag)
    }
}

/// Where and how the peer wants its sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Where its RTP goes. The address is unspecified (0.0.0.0) while it holds in the manner of RFC 2543.
    pub address: SocketAddr,
    /// How sound is written.
    pub law: Law,
    /// The number that the peer gives to `law`; packets to it carry this one.
    pub payload_type: u8,
    /// Its number of telephone events at 8 kHz; none where it knows no such events and keys are heard as tones.
    pub key_type: Option<u8>,
    /// Its number of comfort noise, where it named one. We never promise to send any.
    pub noise: Option<u8>,
    /// Which way sound flows, as the peer said it.
    pub direction: Direction,
    /// The peer does not listen: it sends only, is inactive, or named no address.
    pub held: bool,
    /// Its key, where sound is encrypted.
    pub crypto: Option<CryptoLine>,
    /// Milliseconds of sound that it wants in a packet, 10 to 60.
    pub ptime_ms: u32,
    /// Where its reports go; none while it named no address.
    pub rtcp: Option<SocketAddr>,
    /// Reports share the port of the sound, both ways (RFC 5761).
    pub mux: bool,
}

/// Why no sound can be agreed. Nothing of the description is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No audio stream with a port.
    #[error("the peer's session has no audio stream: check that this is a voice trunk, not fax or video only")]
    NoAudio,
    /// Neither law of G.711 is among its codecs.
    #[error("the peer has no codec of ours: allow PCMU (G.711 u-law) or PCMA (A-law) for the box's extension")]
    NoCommonCodec,
    /// We must have encrypted sound, and the peer's is plain.
    #[error("the peer's sound is not encrypted: turn SRTP (SDES) on for the box's extension, or do not require it")]
    SecureRequired,
    /// The peer's sound is encrypted in a way that we are not set up for.
    #[error("the peer's encryption cannot be met: turn SRTP on in the box, and use SDES with {SUITE} at the peer")]
    NotSecure,
    /// It is no session description, or lacks what one must have.
    #[error("the peer's session description cannot be read: capture the call's signalling and look at its body")]
    Malformed,
    /// Longer than [`LONGEST`], or more streams than [`MOST_STREAMS`].
    #[error("the peer's session description is too long: look for a device in between that adds streams to it")]
    TooLong,
}

impl Refused {
    /// The status code of the SIP answer that says this (RFC 3261 sections 21.4.1 and 21.4.26).
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::NoAudio | Self::NoCommonCodec | Self::SecureRequired | Self::NotSecure => 488,
            Self::Malformed | Self::TooLong => 400,
        }
    }
}

/// Our side of one call's session. Lives as long as the dialog, so that its numbers go on.
pub struct Local {
    /// Where we want our sound; must be an address that the peer can reach.
    pub address: IpAddr,
    /// The port of our RTP.
    pub port: u16,
    /// The session's number; the same for the whole dialog.
    pub session: u64,
    /// The version of our description; grows by one whenever its text changes (RFC 3264 section 8).
    pub version: u64,
    /// Whether sound is encrypted.
    pub srtp: Srtp,
    /// What was sent last, less its version. Holds our key.
    sent: Option<Zeroizing<String>>,
    /// Whether our last offer was an encrypted one; none before there was one.
    offered: Option<bool>,
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Local({}:{}, version {}, {:?})", self.address, self.port, self.version, self.srtp)
    }
}

impl Local {
    /// Begins a session. `session` is any number that no other call of ours has now; its top bit is dropped, since
    /// peers keep it as a signed number (RFC 3264 section 5).
    #[must_use]
    pub fn new(address: IpAddr, port: u16, session: u64, srtp: Srtp) -> Self {
        Self { address, port, session: session & (u64::MAX >> 1), version: 1, srtp, sent: None, offered: None }
    }

    /// Writes our offer: both laws and telephone events, in packets of 20 ms.
    ///
    /// `crypto` is our key line as it stands after `a=crypto:`. Without it, an offer that must be encrypted names no
    /// key, so that the peer refuses it: it never turns into a plain one.
    #[must_use]
    pub fn offer(&mut self, direction: Direction, crypto: Option<&str>) -> String {
        let secure = match self.srtp {
            Srtp::Off => false,
            Srtp::Prefer => crypto.is_some(),
            Srtp::Require => true,
        };
        let protocol = if secure { "RTP/SAVP" } else { "RTP/AVP" };
        let mut streams = Zeroizing::new(format!(
            "m=audio {} {protocol} {PCMU} {PCMA} {OUR_KEYS}\r\n\
             a=rtpmap:{PCMU} PCMU/8000\r\na=rtpmap:{PCMA} PCMA/8000\r\n",
            self.port
        ));
        streams.push_str(&tail(Some(OUR_KEYS), direction));
        if let Some(line) = crypto.filter(|_| secure) {
            streams.push_str(&key_line(line, None));
        }
        self.offered = Some(secure);
        self.publish("0 0", &streams)
    }

    /// Answers an offer with one codec, the first of the peer's that we have, under the peer's numbers.
    ///
    /// `ours_crypto` is our key line after `a=crypto:`; its number is replaced by that of the peer's line. `held_by_us`
    /// asks the peer to listen only. A refused offer changes nothing here: the session stays as it was.
    ///
    /// # Errors
    /// [`Refused`], with the status code to answer.
    pub fn answer(
        &mut self,
        offer: &[u8],
        ours_crypto: Option<&str>,
        held_by_us: bool,
    ) -> Result<(String, Remote), Refused> {
        let text = text_of(offer)?;
        let offer = Description::read(&text)?;
        let (chosen, remote) = self.choose(&offer, ours_crypto.is_some())?;
        let listens = remote.direction.receives() && !remote.address.ip().is_unspecified();
        let direction = Direction::of(listens, remote.direction.sends() && !held_by_us);
        let mut streams = Zeroizing::new(String::new());
        for (index, stream) in offer.streams.iter().enumerate() {
            let Stream { kind, protocol, formats, .. } = stream;
            if index != chosen {
                // The formats mean nothing in a refused stream, but one must be there (RFC 3264 section 6).
                let format = formats.first().copied().unwrap_or("0");
                streams.push_str(&format!("m={kind} 0 {protocol} {format}\r\n"));
                continue;
            }
            let keys = remote.key_type.map(|keys| format!(" {keys}")).unwrap_or_default();
            let name = match remote.law {
                Law::Mu => "PCMU",
                Law::A => "PCMA",
            };
            let number = remote.payload_type;
            streams.push_str(&format!("m={kind} {} {protocol} {number}{keys}\r\n", self.port));
            streams.push_str(&format!("a=rtpmap:{number} {name}/8000\r\n"));
            streams.push_str(&tail(remote.key_type, direction));
            if let (Some(theirs), Some(ours)) = (&remote.crypto, ours_crypto) {
                streams.push_str(&key_line(ours, Some(theirs.tag)));
            }
            if remote.mux {
                streams.push_str("a=rtcp-mux\r\n");
            }
        }
        Ok((self.publish(offer.time(), &streams), remote))
    }

    /// Reads the answer to our last offer. Where its codecs are several, the first of ours counts.
    ///
    /// # Errors
    /// [`Refused`]. A call that was answered is then ended with BYE, since an ACK cannot be refused.
    pub fn accept(&self, answer: &[u8]) -> Result<Remote, Refused> {
        let Some(offered) = self.offered else { return Err(Refused::Malformed) };
        let text = text_of(answer)?;
        let answer = Description::read(&text)?;
        // We offer one stream, so only the first can be its answer.
        let stream = answer.streams.first().filter(|stream| stream.is_live_audio()).ok_or(Refused::NoAudio)?;
        match (offered, stream.secure()) {
            (true, Some(false)) => Err(Refused::SecureRequired),
            (false, Some(true)) | (_, None) => Err(Refused::NotSecure),
            (true, Some(true)) | (false, Some(false)) => answer.remote(stream, offered, false),
        }
    }

    /// The stream of an offer to answer, and what it says. Where encryption is preferred, an encrypted stream goes
    /// before a plain one: telephones that can do both offer the two side by side.
    fn choose(&self, offer: &Description<'_>, have_key: bool) -> Result<(usize, Remote), Refused> {
        let wanted: &[bool] = match (self.srtp, have_key) {
            (Srtp::Off, _) | (Srtp::Prefer, false) => &[false],
            (Srtp::Prefer, true) => &[true, false],
            (Srtp::Require, true) => &[true],
            (Srtp::Require, false) => &[],
        };
        let mut first_refusal = None;
        for secure in wanted {
            for (index, stream) in offer.streams.iter().enumerate() {
                if !stream.is_live_audio() || stream.secure() != Some(*secure) {
                    continue;
                }
                match offer.remote(stream, *secure, true) {
                    Ok(remote) => return Ok((index, remote)),
                    Err(refused) => first_refusal = first_refusal.or(Some(refused)),
                }
            }
        }
        let live: Vec<_> = offer.streams.iter().filter(|stream| stream.is_live_audio()).collect();
        Err(first_refusal.unwrap_or(if live.is_empty() {
            Refused::NoAudio
        } else if self.srtp == Srtp::Require && live.iter().any(|stream| stream.secure() == Some(false)) {
            Refused::SecureRequired
        } else {
            Refused::NotSecure
        }))
    }

    /// Puts our session lines before `streams`, and counts the version up if anything but it has changed.
    fn publish(&mut self, time: &str, streams: &str) -> String {
        let family = if self.address.is_ipv4() { "IP4" } else { "IP6" };
        let end = Zeroizing::new(format!("s=-\r\nc=IN {family} {}\r\nt={time}\r\n{streams}", self.address));
        if self.sent.as_ref().is_some_and(|sent| *sent != end) {
            self.version = self.version.wrapping_add(1);
        }
        let text = format!("v=0\r\no=- {} {} IN {family} {}\r\n{}", self.session, self.version, self.address, *end);
        self.sent = Some(end);
        text
    }
}

/// The lines that close a stream of ours: telephone events, packet length, direction.
fn tail(keys: Option<u8>, direction: Direction) -> String {
    let keys =
        keys.map(|keys| format!("a=rtpmap:{keys} telephone-event/8000\r\na=fmtp:{keys} 0-15\r\n")).unwrap_or_default();
    format!("{keys}a=ptime:{USUAL_PTIME}\r\na={}\r\n", direction.name())
}

/// Our key line, under `tag` where the peer's decides it (RFC 4568 section 5.1.2), or its own number, or 1.
fn key_line(ours: &str, tag: Option<u32>) -> Zeroizing<String> {
    let ours = ours.trim();
    let (own, rest) = match ours.split_once(' ') {
        Some((first, rest)) if first.bytes().all(|byte| byte.is_ascii_digit()) => (first.parse().ok(), rest),
        Some(_) | None => (None, ours),
    };
    Zeroizing::new(format!("a=crypto:{} {rest}\r\n", tag.or(own).unwrap_or(1)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::line::rtp::CN;

    const OURS: &str = "1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
    const THEIRS: &str = "AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn local(srtp: Srtp) -> Local {
        Local::new("192.0.2.10".parse().unwrap(), 40_000, 77, srtp)
    }

    fn answered(offer: &str, srtp: Srtp) -> Result<(String, Remote), Refused> {
        local(srtp).answer(offer.as_bytes(), Some(OURS), false)
    }

    /// A description with one session address and these streams.
    fn with(streams: &str) -> String {
        format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{streams}")
    }

    /// The shapes that each kind of equipment sends, written from the formats that it is known for.
    const ASTERISK: &str = "v=0\r\no=- 1873431821 1873431821 IN IP4 10.0.0.5\r\ns=Asterisk\r\nc=IN IP4 10.0.0.5\r\n\
        t=0 0\r\n\
        m=audio 11766 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:150\r\na=sendrecv\r\n";
    const FREEPBX: &str = "v=0\r\no=root 1043213911 1043213911 IN IP4 192.168.1.10\r\ns=Asterisk PBX 18.9\r\n\
        c=IN IP4 192.168.1.10\r\nb=CT:384\r\nt=0 0\r\nm=audio 15060 RTP/AVP 9 8 3 111 101\r\na=rtpmap:9 G722/8000\r\n\
        a=rtpmap:8 PCMA/8000\r\na=rtpmap:3 GSM/8000\r\na=rtpmap:111 G726-32/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n\
        m=video 15062 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n";
    const THREE_CX: &str = "v=0\r\no=3cxPS 22145924661248 4244635648 IN IP4 172.16.4.2\r\ns=3cxPS Audio call\r\n\
        c=IN IP4 172.16.4.2\r\nt=0 0\r\nm=audio 9108 RTP/AVP 0 8 18 3 101\r\na=rtpmap:0 PCMU/8000\r\n\
        a=rtpmap:8 PCMA/8000\r\na=rtpmap:18 G729/8000\r\na=rtpmap:3 GSM/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
        a=sendrecv\r\n";
    const GRANDSTREAM: &str = "v=0\r\no=104 8000 8000 IN IP4 192.168.0.160\r\ns=SIP Call\r\nc=IN IP4 192.168.0.160\r\n\
        t=0 0\r\n\
        m=audio 5004 RTP/AVP 8 0 18 97 2 101\r\na=sendrecv\r\na=rtcp:5005 IN IP4 192.168.0.160\r\n\
        a=rtpmap:8 PCMA/8000\r\na=ptime:30\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\n\
        a=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=30\r\na=rtpmap:2 G726-32/8000\r\na=rtpmap:101 telephone-event/8000\r\n\
        a=fmtp:101 0-15\r\n";
    const CISCO: &str = "v=0\r\no=CiscoSystemsSIP-GW-UserAgent 4567 2345 IN IP4 10.10.1.2\r\ns=SIP Call\r\n\
        c=IN IP4 10.10.1.2\r\nt=0 0\r\nm=audio 18764 RTP/AVP 18 0 100 19\r\nc=IN IP4 10.10.1.3\r\n\
        a=rtpmap:18 G729/8000\r\n\
        a=fmtp:18 annexb=no\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:100 X-NSE/8000\r\na=fmtp:100 192-194\r\n\
        a=rtpmap:19 CN/8000\r\na=ptime:20\r\n";
    const BARESIP: &str = "v=0\r\no=- 3038459231 1218438023 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
        a=tool:baresip 1.0.0\r\nm=audio 21634 RTP/AVP 96 0 8 97 101\r\nb=AS:128\r\na=rtpmap:96 opus/48000/2\r\n\
        a=fmtp:96 stereo=1;sprop-stereo=1\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:97 telephone-event/48000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtcp:21635\r\n\
        a=rtcp-mux\r\na=sendrecv\r\na=label:1\r\na=ptime:20\r\n";

    /// The equipment, its offer, where its sound and its reports go, the codec, its number, the number of keys, the
    /// formats of our answer.
    type Shape = (&'static str, &'static str, [&'static str; 2], Law, u8, Option<u8>, &'static str);

    const SHAPES: [Shape; 6] = [
        ("asterisk", ASTERISK, ["10.0.0.5:11766", "10.0.0.5:11767"], Law::Mu, 0, Some(101), "0 101"),
        ("freepbx", FREEPBX, ["192.168.1.10:15060", "192.168.1.10:15061"], Law::A, 8, Some(101), "8 101"),
        ("3cx", THREE_CX, ["172.16.4.2:9108", "172.16.4.2:9109"], Law::Mu, 0, Some(101), "0 101"),
        ("grandstream", GRANDSTREAM, ["192.168.0.160:5004", "192.168.0.160:5005"], Law::A, 8, Some(101), "8 101"),
        ("cisco", CISCO, ["10.10.1.3:18764", "10.10.1.3:18765"], Law::Mu, 0, None, "0"),
        ("baresip", BARESIP, ["127.0.0.1:21634", "127.0.0.1:21634"], Law::Mu, 0, Some(101), "0 101"),
    ];

    #[test]
    fn the_shapes_of_known_equipment_are_answered() {
        for (who, offer, [address, rtcp], law, payload_type, key_type, formats) in SHAPES {
            // Some gateways end lines with LF alone.
            for offer in [offer.to_owned(), offer.replace("\r\n", "\n")] {
                let (text, remote) =
                    answered(&offer, Srtp::Prefer).unwrap_or_else(|refused| panic!("{who}: {refused}"));
                let expected = Remote {
                    address: address.parse().unwrap(),
                    law,
                    payload_type,
                    key_type,
                    noise: (who == "cisco").then_some(19),
                    direction: Direction::SendRecv,
                    held: false,
                    crypto: None,
                    ptime_ms: if who == "grandstream" { 30 } else { 20 },
                    rtcp: Some(rtcp.parse().unwrap()),
                    mux: who == "baresip",
                };
                assert_eq!(remote, expected, "{who}");
                assert!(text.contains(&format!("m=audio 40000 RTP/AVP {formats}\r\n")), "{who}: {text}");
                assert_eq!(text.matches("a=rtpmap:").count(), 1 + usize::from(key_type.is_some()), "{who}");
                assert_eq!(text.contains("a=rtcp-mux"), remote.mux, "{who}");
            }
        }
    }

    #[test]
    fn our_answer_reads_as_it_should() {
        let (text, _) = answered(FREEPBX, Srtp::Off).unwrap();
        assert_eq!(
            text,
            "v=0\r\no=- 77 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n\
             m=audio 40000 RTP/AVP 8 101\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n\
             a=ptime:20\r\na=sendrecv\r\n\
             m=video 0 RTP/AVP 99\r\n"
        );
    }

    #[test]
    fn what_cannot_be_agreed_is_refused_with_its_reason() {
        let stream = |line: &str| with(&format!("m={line}\r\n"));
        let at = |address: &str| format!("v=0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN {address}\r\n");
        let secure = with(&format!("m=audio 4000 RTP/SAVP 0\r\na=crypto:1 {THEIRS}\r\n"));
        let many = "m=audio 0 RTP/AVP 0\r\n".repeat(MOST_STREAMS);
        let table = [
            (stream("video 4000 RTP/AVP 99"), Srtp::Off, Refused::NoAudio),
            (stream("audio 0 RTP/AVP 0"), Srtp::Off, Refused::NoAudio),
            (stream("image 4000 udptl t38"), Srtp::Require, Refused::NoAudio),
            (with(""), Srtp::Off, Refused::NoAudio),
            (stream("audio 4000 RTP/AVP 18"), Srtp::Off, Refused::NoCommonCodec),
            (
                with("m=audio 4000 RTP/AVP 18 101\r\na=rtpmap:18 G729/8000\r\na=rtpmap:101 telephone-event/8000\r\n"),
                Srtp::Prefer,
                Refused::NoCommonCodec,
            ),
            (with("m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/16000\r\n"), Srtp::Off, Refused::NoCommonCodec),
            (with("m=audio 4000 RTP/AVP 96\r\na=rtpmap:96 PCMU/8000/2\r\n"), Srtp::Off, Refused::NoCommonCodec),
            (with("m=audio 4000 RTP/AVP 200\r\na=rtpmap:200 PCMU/8000\r\n"), Srtp::Off, Refused::NoCommonCodec),
            (stream("audio 4000 RTP/AVP 0"), Srtp::Require, Refused::SecureRequired),
            (secure.clone(), Srtp::Off, Refused::NotSecure),
            (stream("audio 4000 RTP/SAVP 0"), Srtp::Require, Refused::NotSecure),
            (stream("audio 4000 UDP/TLS/RTP/SAVP 0"), Srtp::Prefer, Refused::NotSecure),
            (stream("audio 4000"), Srtp::Off, Refused::Malformed),
            (stream("audio 4000 RTP/AVP"), Srtp::Off, Refused::Malformed),
            (stream("audio 70000 RTP/AVP 0"), Srtp::Off, Refused::Malformed),
            (stream("audio -1 RTP/AVP 0"), Srtp::Off, Refused::Malformed),
            (String::new(), Srtp::Off, Refused::Malformed),
            ("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n".to_owned(), Srtp::Off, Refused::Malformed),
            ("v=0\r\nm=audio 4000 RTP/AVP 0\r\n".to_owned(), Srtp::Off, Refused::Malformed),
            ("v=0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP4 pbx.example.com\r\n".to_owned(), Srtp::Off, Refused::Malformed),
            (at("IP4 224.2.1.1/127"), Srtp::Off, Refused::Malformed),
            (at("IP4 255.255.255.255"), Srtp::Off, Refused::Malformed),
            (at("IP6 FF15::101/3"), Srtp::Off, Refused::Malformed),
            (at("X25 1234"), Srtp::Off, Refused::Malformed),
            (at("IP4"), Srtp::Off, Refused::Malformed),
            (with(&format!("{many}m=audio 4000 RTP/AVP 0\r\n")), Srtp::Off, Refused::TooLong),
            (with(&"a=x\r\n".repeat(LONGEST / 5)), Srtp::Off, Refused::TooLong),
        ];
        for (offer, srtp, refused) in table {
            let shown: String = offer.chars().take(300).collect();
            assert_eq!(answered(&offer, srtp).map(|_| ()), Err(refused), "{shown}");
            assert!(matches!((refused, refused.code()), (Refused::Malformed | Refused::TooLong, 400) | (_, 488)));
        }
        assert_eq!(local(Srtp::Prefer).answer(secure.as_bytes(), None, false).map(|_| ()), Err(Refused::NotSecure));
        assert!(Refused::NotSecure.to_string().contains(SUITE));
    }

    #[test]
    fn sixteen_streams_are_answered_one_by_one_in_order() {
        let offer = with(&format!(
            "m=video 6000 RTP/AVP 99\r\n{}m=audio 4000 RTP/AVP 0\r\nm=image 7000 udptl t38\r\n",
            "m=application 5000 UDP/BFCP *\r\n".repeat(13)
        ));
        let (text, remote) = answered(&offer, Srtp::Off).unwrap();
        let lines: Vec<_> = text.lines().filter(|line| line.starts_with("m=")).collect();
        assert_eq!(lines.len(), MOST_STREAMS);
        assert_eq!(lines[0], "m=video 0 RTP/AVP 99");
        assert_eq!(lines[13], "m=application 0 UDP/BFCP *");
        assert_eq!(lines[14], "m=audio 40000 RTP/AVP 0");
        assert_eq!(lines[15], "m=image 0 udptl t38");
        assert_eq!(remote.address.port(), 4_000);
    }

    #[test]
    fn the_peers_numbers_are_used_for_codec_and_keys() {
        let offer = with(
            "m=audio 4000 RTP/AVP 97 110 13 96\r\na=rtpmap:97 speex/8000\r\na=rtpmap:110 pcmu/8000/1\r\n\
             a=rtpmap:96 Telephone-Event/8000\r\n",
        );
        let (text, remote) = answered(&offer, Srtp::Off).unwrap();
        assert_eq!(
            (remote.law, remote.payload_type, remote.key_type, remote.noise),
            (Law::Mu, 110, Some(96), Some(CN))
        );
        let lines = "m=audio 40000 RTP/AVP 110 96\r\na=rtpmap:110 PCMU/8000\r\n\
            a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\n";
        assert!(text.contains(lines), "{text}");
    }

    #[test]
    fn a_static_number_that_is_mapped_to_another_codec_is_that_codec() {
        let offer = with("m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 opus/48000/2\r\n");
        assert_eq!(answered(&offer, Srtp::Off).unwrap().1.law, Law::A);
    }

    #[test]
    fn direction_is_mirrored_and_a_hold_is_seen() {
        use Direction::{Inactive, RecvOnly, SendOnly, SendRecv};
        // What the peer says, its address, whether we hold; how we answer, whether we are held.
        let table = [
            (SendRecv, "192.0.2.1", false, SendRecv, false),
            (SendRecv, "192.0.2.1", true, SendOnly, false),
            (SendOnly, "192.0.2.1", false, RecvOnly, true),
            (SendOnly, "192.0.2.1", true, Inactive, true),
            (RecvOnly, "192.0.2.1", false, SendOnly, false),
            (RecvOnly, "192.0.2.1", true, SendOnly, false),
            (Inactive, "192.0.2.1", false, Inactive, true),
            (SendRecv, "0.0.0.0", false, RecvOnly, true),
            (SendOnly, "0.0.0.0", false, RecvOnly, true),
            (RecvOnly, "0.0.0.0", false, Inactive, true),
            (Inactive, "0.0.0.0", false, Inactive, true),
        ];
        for (said, address, held_by_us, ours, held) in table {
            for at_session in [false, true] {
                let line = format!("a={}\r\n", said.name());
                let (before, after) = if at_session { (line.as_str(), "") } else { ("a=inactive\r\n", line.as_str()) };
                let offer = format!("v=0\r\nc=IN IP4 {address}\r\nt=0 0\r\n{before}m=audio 4000 RTP/AVP 0\r\n{after}");
                let (text, remote) = local(Srtp::Off).answer(offer.as_bytes(), None, held_by_us).unwrap();
                assert_eq!((remote.direction, remote.held), (said, held), "{offer}");
                assert!(text.contains(&format!("a={}\r\n", ours.name())), "{offer}{text}");
                assert_eq!(remote.rtcp.is_none(), address == "0.0.0.0");
            }
        }
    }

    #[test]
    fn an_address_of_version_six_is_read_and_written() {
        let mut local = Local::new("2001:db8::10".parse().unwrap(), 40_000, 1, Srtp::Off);
        let offer = "v=0\nc=IN IP6 2001:db8::1\nm=audio 4000 RTP/AVP 8\na=rtcp:4009 IN IP6 2001:db8::2\n";
        let (text, remote) = local.answer(offer.as_bytes(), None, false).unwrap();
        assert_eq!(remote.address, "[2001:db8::1]:4000".parse().unwrap());
        assert_eq!(remote.rtcp, Some("[2001:db8::2]:4009".parse().unwrap()));
        assert!(text.contains("o=- 1 1 IN IP6 2001:db8::10\r\ns=-\r\nc=IN IP6 2001:db8::10\r\n"), "{text}");
    }

    #[test]
    fn the_first_key_line_that_can_be_obeyed_is_answered_under_its_number() {
        let offer = with(&format!(
            "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:AAAA\r\n\
             a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:BBBB\r\na=crypto:3 {SUITE} inline:short\r\n\
             a=crypto:4 {THEIRS} UNENCRYPTED_SRTP\r\na=crypto:5 {THEIRS}|2^20;inline:CCCC\r\n\
             a=crypto:6 {THEIRS}|2^31 WSH=128\r\na=crypto:7 {THEIRS}\r\n"
        ));
        for srtp in [Srtp::Prefer, Srtp::Require] {
            for ours in [OURS, OURS.split_once(' ').unwrap().1] {
                let (text, remote) = local(srtp).answer(offer.as_bytes(), Some(ours), false).unwrap();
                let line = remote.crypto.unwrap();
                assert_eq!((line.tag, line.value.as_str()), (6, format!("6 {THEIRS}|2^31 WSH=128").as_str()));
                assert_eq!(text.matches("a=crypto:").count(), 1);
                assert!(text.contains(&format!("a=crypto:6 {}\r\n", OURS.split_once(' ').unwrap().1)), "{text}");
                assert!(text.contains("m=audio 40000 RTP/SAVP 0\r\n"));
            }
        }
    }

    #[test]
    fn a_key_with_a_lifetime_and_a_name_is_taken_as_it_stands() {
        let offer = with(&format!("m=audio 4000 RTP/SAVP 0\r\na=crypto:12 {THEIRS}|2^20|1:4 -EXTRA\r\n"));
        let (text, remote) = answered(&offer, Srtp::Require).unwrap();
        assert_eq!(remote.crypto.unwrap().value, format!("12 {THEIRS}|2^20|1:4 -EXTRA"));
        assert!(text.contains("a=crypto:12 AES") && !text.contains("2^20"), "our key has no name: {text}");
    }

    #[test]
    fn of_a_plain_and_an_encrypted_stream_the_preferred_one_is_taken() {
        let offer = with(&format!(
            "m=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/SAVP 0\r\na=crypto:1 {THEIRS}\r\nm=audio 4004 RTP/AVPF 0\r\n"
        ));
        let chosen = |srtp| {
            let (text, remote) = answered(&offer, srtp).unwrap();
            (remote.address.port(), remote.crypto.is_some(), text.matches(" 0 RTP/").count())
        };
        assert_eq!(chosen(Srtp::Off), (4_000, false, 2));
        assert_eq!(chosen(Srtp::Prefer), (4_002, true, 2));
        assert_eq!(chosen(Srtp::Require), (4_002, true, 2));
        assert_eq!(local(Srtp::Prefer).answer(offer.as_bytes(), None, false).unwrap().1.address.port(), 4_000);
    }

    #[test]
    fn debug_shows_no_key() {
        let offer = with(&format!("m=audio 4000 RTP/SAVP 0\r\na=crypto:1 {THEIRS}\r\n"));
        let mut local = local(Srtp::Require);
        let (_, remote) = local.answer(offer.as_bytes(), Some(OURS), false).unwrap();
        let shown = format!("{remote:?} {local:?}");
        assert!(shown.contains("CryptoLine(tag 1)"));
        assert!(!shown.contains("inline") && !shown.contains("WVNf") && !shown.contains("d0Rm"), "{shown}");
    }

    #[test]
    fn the_version_grows_only_when_the_text_changes_and_the_session_stays() {
        let mut local = local(Srtp::Off);
        let origin = |text: &str| text.lines().nth(1).unwrap().to_owned();
        let talk = with("m=audio 4000 RTP/AVP 0\r\n");
        let hold = with("m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n");
        let steps = [
            (&talk, false, 1),
            (&talk, false, 1),
            (&hold, false, 2),
            (&hold, false, 2),
            (&talk, false, 3),
            (&talk, true, 4),
        ];
        for (offer, held_by_us, version) in steps {
            let (text, _) = local.answer(offer.as_bytes(), None, held_by_us).unwrap();
            assert_eq!(origin(&text), format!("o=- 77 {version} IN IP4 192.0.2.10"));
        }
        assert!(local.answer(b"v=1", None, false).is_err());
        assert_eq!(local.version, 4, "a refused offer changes nothing");
        let text = local.offer(Direction::SendRecv, None);
        assert_eq!(origin(&text), "o=- 77 5 IN IP4 192.0.2.10");
        assert_eq!(local.offer(Direction::SendRecv, None), text);
    }

    #[test]
    fn a_call_without_an_offer_gets_ours_and_its_answer_counts() {
        // Avaya rings without a description: ours goes out with the 200, its own comes with the ACK.
        let mut local = local(Srtp::Off);
        assert_eq!(local.accept(ASTERISK.as_bytes()), Err(Refused::Malformed), "there was no offer yet");
        let offer = local.offer(Direction::SendRecv, Some(OURS));
        assert!(offer.contains("m=audio 40000 RTP/AVP 0 8 101\r\n") && !offer.contains("crypto"), "{offer}");
        let answer = "v=0\r\no=- 1 1 IN IP4 10.1.1.20\r\ns=-\r\nc=IN IP4 10.1.1.20\r\nb=AS:64\r\nt=0 0\r\n\
            a=avf:avc=n prio=n\r\na=csup:avf-v0\r\nm=audio 2048 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\n\
            a=rtpmap:96 telephone-event/8000\r\na=ptime:20\r\na=rtcp-mux\r\n";
        let remote = local.accept(answer.as_bytes()).unwrap();
        assert_eq!((remote.law, remote.payload_type, remote.key_type, remote.mux), (Law::A, 8, Some(96), false));
        assert_eq!(remote.address, "10.1.1.20:2048".parse().unwrap());
        assert_eq!(local.accept(answer.replace("2048", "0").as_bytes()), Err(Refused::NoAudio));
        assert_eq!(local.accept(answer.replace("AVP", "SAVP").as_bytes()), Err(Refused::NotSecure));
    }

    #[test]
    fn an_encrypted_offer_is_never_answered_plainly() {
        let plain = with("m=audio 4000 RTP/AVP 0\r\n");
        for srtp in [Srtp::Prefer, Srtp::Require] {
            let mut local = local(srtp);
            let offer = local.offer(Direction::SendRecv, Some(OURS));
            assert!(
                offer.contains("RTP/SAVP 0 8 101\r\n") && offer.contains(&format!("a=crypto:{OURS}\r\n")),
                "{offer}"
            );
            assert_eq!(local.accept(plain.as_bytes()), Err(Refused::SecureRequired));
            assert_eq!(local.accept(plain.replace("AVP", "SAVP").as_bytes()), Err(Refused::NotSecure), "no key line");
        }
        let keyless = local(Srtp::Require).offer(Direction::SendRecv, None);
        assert!(keyless.contains("RTP/SAVP") && !keyless.contains("crypto"));
        assert!(local(Srtp::Prefer).offer(Direction::SendRecv, None).contains("RTP/AVP"));
    }

    fn directions() -> impl Strategy<Value = Direction> {
        proptest::sample::select(Direction::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut local = local(Srtp::Prefer);
            let _ = local.offer(Direction::SendRecv, None);
            let _ = local.accept(&bytes);
            let _ = local.answer(&bytes, Some(OURS), false);
        }

        #[test]
        fn a_spoilt_description_is_answered_or_refused_and_what_we_answer_can_be_read(
            which in 0_usize..6, at in 0_usize..600, cut in 0_usize..20,
            put in proptest::collection::vec(any::<u8>(), 0..12),
        ) {
            let mut bytes = [ASTERISK, FREEPBX, THREE_CX, GRANDSTREAM, CISCO, BARESIP][which].as_bytes().to_vec();
            let from = at.min(bytes.len());
            let to = (from + cut).min(bytes.len());
            bytes.splice(from..to, put);
            if let Ok((text, remote)) = local(Srtp::Off).answer(&bytes, None, false) {
                let read = Description::read(&text).unwrap();
                let streams = bytes.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"m=")).count();
                prop_assert_eq!(read.streams.len(), streams);
                let live: Vec<_> = read.streams.iter().filter(|stream| stream.is_live_audio()).collect();
                prop_assert_eq!(live.len(), 1);
                let ours = read.remote(live[0], false, true).unwrap();
                let agreed = |one: &Remote| (one.law, one.payload_type, one.key_type);
                prop_assert_eq!(agreed(&ours), agreed(&remote));
            }
        }

        #[test]
        fn two_of_ours_agree(
            direction in directions(), secure in any::<bool>(), held in any::<bool>(), six in any::<bool>(),
            port in 1_u16..,
        ) {
            let srtp = if secure { Srtp::Require } else { Srtp::Off };
            let address = |four: &str, sixth: &str| if six { sixth.parse().unwrap() } else { four.parse().unwrap() };
            let mut caller = Local::new(address("192.0.2.1", "2001:db8::1"), port, u64::MAX, srtp);
            let mut called = Local::new(address("192.0.2.2", "2001:db8::2"), 40_000, 2, srtp);
            let offer = caller.offer(direction, Some(OURS));
            let (answer, seen) = called.answer(offer.as_bytes(), Some(&format!("9 {THEIRS}")), held).unwrap();
            let got = caller.accept(answer.as_bytes()).unwrap();
            let origin = format!("o=- {} 1 IN IP", i64::MAX);
            prop_assert!(offer.contains(&origin), "{}", offer);
            prop_assert_eq!(seen.address, SocketAddr::new(caller.address, port));
            prop_assert_eq!(got.address, SocketAddr::new(called.address, 40_000));
            prop_assert_eq!((seen.law, seen.payload_type, seen.key_type), (Law::Mu, PCMU, Some(OUR_KEYS)));
            prop_assert_eq!((got.law, got.payload_type, got.key_type), (Law::Mu, PCMU, Some(OUR_KEYS)));
            prop_assert_eq!(seen.direction, direction);
            prop_assert_eq!(got.direction.sends(), direction.receives());
            prop_assert_eq!(got.direction.receives(), direction.sends() && !held);
            prop_assert_eq!(seen.crypto.map(|line| line.value.clone()), secure.then(|| OURS.to_owned()));
            prop_assert_eq!(got.crypto.map(|line| line.value.clone()), secure.then(|| format!("1 {THEIRS}")));
        }
    }
}
