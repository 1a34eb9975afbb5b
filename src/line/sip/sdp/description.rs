//! A stranger's session description, taken apart.
//!
//! In:  bytes of any kind, up to [`LONGEST`].
//! Out: streams, and what one of them says as a [`Remote`]; or why not.
//! Runs in the task of the call. Never panics, never resolves a name; lines that it does not know are passed over,
//! since telephones add their own (RFC 8866 section 5).

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use super::{CryptoLine, Direction, LONGEST, MOST_STREAMS, Refused, Remote, SUITE, USUAL_PTIME};
use crate::line::rtp::{CN, Law, PCMA, PCMU};

/// Packet lengths in milliseconds that our sender can be asked for; outside of them we send the usual.
const PTIMES: std::ops::RangeInclusive<u32> = 10..=60;
/// Characters of base64 in which a key and its salt are written: 30 bytes (RFC 4568 section 6.1).
const KEY_LENGTH: usize = 40;
/// Highest payload type: seven bits (RFC 3550 section 5.1).
const HIGHEST_TYPE: u8 = 127;

/// The text of a description; bytes that are no UTF-8 (old telephones name their owner in Latin-1) are replaced.
pub(super) fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    if bytes.len() > LONGEST { Err(Refused::TooLong) } else { Ok(String::from_utf8_lossy(bytes)) }
}

impl CryptoLine {
    /// Reads a line that we can obey: our suite, one key, and no session parameter but the window hint and optional
    /// ones, for those are not negotiable (RFC 4568 section 6.3).
    fn read(value: &str) -> Option<Self> {
        let mut words = value.split_whitespace();
        let tag = words.next().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
        if words.next()? != SUITE {
            return None;
        }
        let key = words.next()?.strip_prefix("inline:")?;
        let in_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
        let whole = key.split('|').next().is_some_and(|key| key.len() == KEY_LENGTH && key.bytes().all(in_base64));
        let one = !key.contains(';');
        let obeyed = words.all(|word| word.starts_with("WSH=") || word.starts_with('-'));
        (whole && one && obeyed).then(|| Self { tag, value: value.to_owned() })
    }
}

/// What a payload type stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Law(Law),
    Keys,
    Noise,
    Other,
}

/// The lines of a session or of a stream: the letter and what follows `=`.
#[derive(Default)]
struct Lines<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Lines<'a> {
    fn values(&self, letter: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |line| line.0 == letter).map(|line| line.1)
    }

    /// What follows `a=name:` in each such line; empty for a bare `a=name`.
    fn attributes(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.values("a").filter_map(move |line| {
            let (found, value) = line.split_once(':').unwrap_or((line, ""));
            found.trim().eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    fn direction(&self) -> Option<Direction> {
        self.values("a")
            .find_map(|line| Direction::ALL.into_iter().find(|one| line.trim().eq_ignore_ascii_case(one.name())))
    }
}

/// One `m=` line and what belongs to it.
pub(super) struct Stream<'a> {
    pub(super) kind: &'a str,
    port: u16,
    pub(super) protocol: &'a str,
    pub(super) formats: Vec<&'a str>,
    lines: Lines<'a>,
}

impl<'a> Stream<'a> {
    /// Reads what follows `m=`. Its words come back in our answer, so they must be words (RFC 8866 section 9, `token`).
    fn read(value: &'a str) -> Result<Self, Refused> {
        let mut words = value.split_whitespace();
        let mut word = || words.next().filter(|word| word.bytes().all(|byte| byte.is_ascii_graphic()));
        let (Some(kind), Some(port), Some(protocol)) = (word(), word(), word()) else {
            return Err(Refused::Malformed);
        };
        // "49170/2" asks for two ports; the first is the one that matters.
        let port = port.split('/').next().unwrap_or_default().parse().map_err(|_| Refused::Malformed)?;
        let formats: Vec<_> = std::iter::from_fn(word).collect();
        if formats.is_empty() {
            Err(Refused::Malformed)
        } else {
            Ok(Self { kind, port, protocol, formats, lines: Lines::default() })
        }
    }

    pub(super) fn is_live_audio(&self) -> bool {
        self.kind.eq_ignore_ascii_case("audio") && self.port != 0
    }

    /// Whether its sound is encrypted with keys of the description; none for transports that are not ours (DTLS, TCP).
    pub(super) fn secure(&self) -> Option<bool> {
        let is = |names: [&str; 2]| names.iter().any(|name| self.protocol.eq_ignore_ascii_case(name));
        if is(["RTP/AVP", "RTP/AVPF"]) { Some(false) } else { is(["RTP/SAVP", "RTP/SAVPF"]).then_some(true) }
    }

    /// What `number` stands for: what its `rtpmap` says, else what RFC 3551 section 6 gave it for good.
    fn coding(&self, number: u8) -> Coding {
        let mapped = self.lines.attributes("rtpmap").find_map(|map| {
            let (found, name) = map.split_once(char::is_whitespace)?;
            (found.parse() == Ok(number)).then(|| name.trim())
        });
        let Some(mapped) = mapped else {
            return match number {
                PCMU => Coding::Law(Law::Mu),
                PCMA => Coding::Law(Law::A),
                CN => Coding::Noise,
                _ => Coding::Other,
            };
        };
        let mut parts = mapped.split('/');
        let name = parts.next().unwrap_or_default();
        // Another clock or a second channel is another codec: telephone-event/48000 goes with Opus.
        if parts.next().is_some_and(|rate| rate != "8000") || parts.next().is_some_and(|channels| channels != "1") {
            return Coding::Other;
        }
        let names = [
            ("PCMU", Coding::Law(Law::Mu)),
            ("PCMA", Coding::Law(Law::A)),
            ("telephone-event", Coding::Keys),
            ("CN", Coding::Noise),
        ];
        names.into_iter().find(|one| one.0.eq_ignore_ascii_case(name)).map_or(Coding::Other, |one| one.1)
    }

    /// Its payload types with their meanings, in its order.
    fn codings(&self) -> impl Iterator<Item = (u8, Coding)> {
        self.formats
            .iter()
            .filter_map(|format| format.parse().ok().filter(|number| *number <= HIGHEST_TYPE))
            .map(|number| (number, self.coding(number)))
    }
}

/// A description as read.
pub(super) struct Description<'a> {
    lines: Lines<'a>,
    pub(super) streams: Vec<Stream<'a>>,
}

impl<'a> Description<'a> {
    pub(super) fn read(text: &'a str) -> Result<Self, Refused> {
        let mut read = Self { lines: Lines::default(), streams: Vec::new() };
        for line in text.split('\n') {
            let Some((letter, value)) = line.split_once('=') else { continue };
            if letter == "m" {
                if read.streams.len() == MOST_STREAMS {
                    return Err(Refused::TooLong);
                }
                read.streams.push(Stream::read(value)?);
            } else {
                let lines = read.streams.last_mut().map_or(&mut read.lines, |stream| &mut stream.lines);
                lines.0.push((letter, value.trim_end()));
            }
        }
        if read.lines.values("v").next() == Some("0") { Ok(read) } else { Err(Refused::Malformed) }
    }

    /// Its time, which an answer must repeat (RFC 3264 section 6); calls have "0 0".
    pub(super) fn time(&self) -> &'a str {
        let numbers = |time: &&str| {
            time.split(' ').count() == 2
                && time.split(' ').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()))
        };
        self.lines.values("t").next().filter(numbers).unwrap_or("0 0")
    }

    /// What `stream` says. `may_mux`: whether reports may share its port, if it says so.
    pub(super) fn remote(&self, stream: &Stream<'_>, secure: bool, may_mux: bool) -> Result<Remote, Refused> {
        let (payload_type, law) = stream
            .codings()
            .find_map(|(number, coding)| match coding {
                Coding::Law(law) => Some((number, law)),
                Coding::Keys | Coding::Noise | Coding::Other => None,
            })
            .ok_or(Refused::NoCommonCodec)?;
        let numbered = |wanted| stream.codings().find(|one| one.1 == wanted).map(|one| one.0);
        let connection = stream.lines.values("c").next().or_else(|| self.lines.values("c").next());
        // A name in its place would have to be asked of a name server, with the caller waiting: no telephone does that.
        let ip = connection.and_then(address_of).ok_or(Refused::Malformed)?;
        let address = SocketAddr::new(ip, stream.port);
        let crypto = if secure {
            let line = stream.lines.attributes("crypto").find_map(CryptoLine::read);
            Some(line.ok_or(Refused::NotSecure)?)
        } else {
            None
        };
        let direction = stream.lines.direction().or_else(|| self.lines.direction()).unwrap_or(Direction::SendRecv);
        let ptime = stream.lines.attributes("ptime").find_map(|value| value.parse().ok());
        let mux = may_mux && stream.lines.attributes("rtcp-mux").next().is_some();
        Ok(Remote {
            address,
            law,
            payload_type,
            key_type: numbered(Coding::Keys),
            noise: numbered(Coding::Noise),
            direction,
            held: !direction.receives() || ip.is_unspecified(),
            crypto,
            ptime_ms: ptime.filter(|ptime| PTIMES.contains(ptime)).unwrap_or(USUAL_PTIME),
            rtcp: if mux { Some(address) } else { reports(stream, address) }.filter(|at| !at.ip().is_unspecified()),
            mux,
        })
    }
}

/// The address in `IN IP4 192.0.2.1`. Sound to a group or to everyone is nobody's telephone call: refused.
fn address_of(connection: &str) -> Option<IpAddr> {
    let mut words = connection.split_whitespace();
    if !words.next()?.eq_ignore_ascii_case("IN") || !words.next()?.to_ascii_uppercase().starts_with("IP") {
        return None;
    }
    // What may follow a slash is for groups.
    let address: IpAddr = words.next()?.split('/').next()?.parse().ok()?;
    let to_many = match address {
        IpAddr::V4(four) => four.is_multicast() || four.is_broadcast(),
        IpAddr::V6(six) => six.is_multicast(),
    };
    (!to_many).then_some(address)
}

/// Where the reports of a stream go: where it says (RFC 3605), else the next port (RFC 3550 section 11).
fn reports(stream: &Stream<'_>, sound: SocketAddr) -> Option<SocketAddr> {
    let Some(said) = stream.lines.attributes("rtcp").next() else {
        return sound.port().checked_add(1).map(|port| SocketAddr::new(sound.ip(), port));
    };
    let (port, address) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
    let port = port.parse().ok().filter(|port| *port != 0)?;
    Some(SocketAddr::new(address_of(address).unwrap_or(sound.ip()), port))
}
