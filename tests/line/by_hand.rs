//! A caller made by hand, byte by byte: for what no program can be made to do, such as a CANCEL that crosses the answer.
//!
//! In:  the box's SIP port. Out: requests and packets of sound, and what the box says to them.
//! Sockets of 127.0.0.1 only; every wait has a limit. A request of the box that is not awaited is answered with 200.

#![allow(clippy::disallowed_methods, reason = "a peer lives in real time and on real sockets of this machine")]

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::peers::{here, sip_ping};

/// Samples of a packet.
const PACKET: usize = 160;

/// One caller, of one call.
pub(crate) struct ByHand {
    sip: UdpSocket,
    pub(crate) rtp: UdpSocket,
    rtcp: UdpSocket,
    the_box: SocketAddr,
    name: String,
    peer_tag: String,
    cseq: u32,
    /// The methods of the box's requests so far.
    pub(crate) asked: Vec<String>,
}

impl ByHand {
    /// A caller of the box at this port, which is waited for until it is there: who sends by hand repeats nothing.
    pub(crate) fn towards(port: u16) -> Self {
        assert_eq!(sip_ping(here(port), Duration::from_secs(5)), Some(200), "the box is there");
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let bind = || UdpSocket::bind(here(0)).unwrap();
        let name = format!("hand{}x{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let (sip, rtp, rtcp) = (bind(), bind(), bind());
        sip.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        rtp.set_nonblocking(true).unwrap();
        rtcp.set_nonblocking(true).unwrap();
        let (peer_tag, the_box) = (String::new(), here(port));
        Self { sip, rtp, rtcp, the_box, name, peer_tag, cseq: 1, asked: Vec::new() }
    }

    /// A description with sound at `host` and `port`, keys as 101 where `keys`, reports at a port of ours.
    pub(crate) fn sdp(&self, host: &str, port: u16, keys: bool) -> String {
        let reports = self.rtcp.local_addr().unwrap().port();
        let (types, map) =
            if keys { ("0 101", "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n") } else { ("0", "") };
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP {types}\r\n\
             a=rtpmap:0 PCMU/8000\r\n{map}a=rtcp:{reports} IN IP4 127.0.0.1\r\na=ptime:20\r\na=sendrecv\r\n"
        )
    }

    /// The description of a caller who is where it says.
    pub(crate) fn plain(&self) -> String {
        self.sdp("127.0.0.1", self.rtp.local_addr().unwrap().port(), true)
    }

    pub(crate) fn invite(&self, sdp: &str) {
        self.invite_with("", sdp);
    }

    /// Rings with further headers, each with its line's end.
    pub(crate) fn invite_with(&self, headers: &str, sdp: &str) {
        self.send("INVITE", 1, "first", &format!("{headers}Content-Type: application/sdp\r\n"), sdp);
    }

    /// Takes the INVITE back (the same branch, RFC 3261 section 9.1).
    pub(crate) fn cancel(&self) {
        self.send("CANCEL", 1, "first", "", "");
    }

    /// The ACK: of a refusal with the INVITE's own branch, of a 200 with another.
    pub(crate) fn ack(&self, code: u16) {
        self.send("ACK", 1, if code < 300 { "ack" } else { "first" }, "", "");
    }

    /// A request within the call.
    pub(crate) fn request(&mut self, method: &str, more: &str, body: &str) {
        self.cseq += 1;
        self.send(method, self.cseq, &format!("r{}", self.cseq), more, body);
    }

    /// The ACK of the last INVITE within the call, which was answered so.
    pub(crate) fn request_ack(&self, code: u16) {
        let branch = format!("r{}{}", self.cseq, if code < 300 { "ack" } else { "" });
        self.send("ACK", self.cseq, &branch, "", "");
    }

    /// Tells how a transfer goes (RFC 3515 section 2.4.4).
    pub(crate) fn notify(&mut self, said: &str, state: &str) {
        let more =
            format!("Event: refer\r\nSubscription-State: {state}\r\nContent-Type: message/sipfrag;version=2.0\r\n");
        self.request("NOTIFY", &more, said);
    }

    fn send(&self, method: &str, cseq: u32, branch: &str, more: &str, body: &str) {
        let (local, to, name) = (self.sip.local_addr().unwrap(), self.the_box, &self.name);
        let text = format!(
            "{method} sip:box@{to} SIP/2.0\r\nVia: SIP/2.0/UDP {local};rport;branch=z9hG4bK{name}{branch}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:6175550100@{local}>;tag={name}\r\nTo: <sip:box@{to}>{}\r\n\
             Call-ID: {name}@127.0.0.1\r\nCSeq: {cseq} {method}\r\nContact: <sip:6175550100@{local}>\r\n\
             Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY\r\n{more}Content-Length: {}\r\n\r\n{body}",
            self.peer_tag,
            body.len()
        );
        self.sip.send_to(text.as_bytes(), to).unwrap();
    }

    /// Answers a request of the box.
    pub(crate) fn reply(&self, request: &str, status: &str) {
        self.reply_with(request, status, "", "");
    }

    /// Answers it with further headers, each with its line's end, and a description.
    pub(crate) fn reply_with(&self, request: &str, status: &str, more: &str, sdp: &str) {
        let copied = |line: &&str| {
            ["via:", "from:", "to:", "call-id:", "cseq:"].iter().any(|name| line.to_lowercase().starts_with(name))
        };
        let head: Vec<_> = request.lines().take_while(|line| !line.is_empty()).filter(copied).collect();
        let local = self.sip.local_addr().unwrap();
        let content = if sdp.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let text = format!(
            "SIP/2.0 {status}\r\n{}\r\nContact: <sip:6175550100@{local}>\r\n{more}{content}Content-Length: {}\r\n\r\n{sdp}",
            head.join("\r\n"),
            sdp.len()
        );
        self.sip.send_to(text.as_bytes(), self.the_box).unwrap();
    }

    /// The next message that `wanted` is true of.
    pub(crate) fn wait(&mut self, limit: Duration, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let end = Instant::now() + limit;
        let mut bytes = [0; 4_096];
        while Instant::now() < end {
            let Ok((length, _)) = self.sip.recv_from(&mut bytes) else { continue };
            let message = String::from_utf8_lossy(&bytes[..length]).into_owned();
            let first = message.split(' ').next().unwrap_or_default().to_owned();
            if first != "SIP/2.0" {
                self.asked.push(first.clone());
            } else if self.peer_tag.is_empty()
                && let Some(tag) = header(&message, "To").and_then(|to| to.split_once(";tag="))
            {
                self.peer_tag = format!(";tag={}", tag.1);
            }
            if wanted(&message) {
                return Some(message);
            }
            if first != "SIP/2.0" && first != "ACK" {
                self.reply(&message, "200 OK");
            }
        }
        None
    }

    /// The final answer to a request, with its code.
    pub(crate) fn answer(&mut self, method: &str, limit: Duration) -> Option<(u16, String)> {
        let message = self.wait(limit, |text| code(text).is_some_and(|code| code >= 200) && is_of(text, method))?;
        Some((code(&message)?, message))
    }

    /// Rings, and acknowledges the answer; where the box wants its sound.
    pub(crate) fn call(&mut self, sdp: &str) -> SocketAddr {
        self.invite(sdp);
        let (code, message) = self.answer("INVITE", Duration::from_secs(5)).expect("an answer");
        assert_eq!(code, 200, "{message}");
        self.ack(200);
        here(audio_port(&message).expect("a port for sound"))
    }

    /// Hangs up.
    pub(crate) fn bye(&mut self) {
        self.request("BYE", "", "");
        let (code, message) = self.answer("BYE", Duration::from_secs(5)).expect("an answer to BYE");
        assert_eq!(code, 200, "{message}");
    }

    /// Everything that came at the port for sound: the samples, as octets of mu-law, in the order they came.
    pub(crate) fn heard(&self) -> Vec<u8> {
        let (mut law, mut bytes) = (Vec::new(), [0; 2_048]);
        while let Ok((length, _)) = self.rtp.recv_from(&mut bytes) {
            if bytes[1] & 0x7f == 0 {
                law.extend_from_slice(&bytes[12..length]);
            }
        }
        law
    }

    /// Packets that never came, less those that came twice, as the box's last report says (RFC 3550 section 6.4.1); none
    /// where it said nothing.
    pub(crate) fn lost(&self) -> Option<i32> {
        let (mut lost, mut bytes) = (None, [0; 2_048]);
        while let Ok((length, _)) = self.rtcp.recv_from(&mut bytes) {
            // The blocks come after the sender's own figures, where it has any (200 is a sender's report).
            let block = if bytes[1] == 200 { 28 } else { 8 };
            if bytes[0] & 0x1f > 0 && length >= block + 24 {
                let [a, b, c] = [5, 6, 7].map(|at| bytes[block + at]);
                // 24 bits with a sign.
                lost = Some(i32::from_be_bytes([a, b, c, 0]) >> 8);
            }
        }
        lost
    }
}

/// Sends sound, a packet each 20 ms; returns the next sequence number.
pub(crate) fn speak(from: &UdpSocket, to: SocketAddr, ssrc: u32, first: u16, law: &[u8]) -> u16 {
    let began = Instant::now();
    let mut sequence = first;
    for (at, payload) in (0_u32..).zip(law.chunks_exact(PACKET)) {
        std::thread::sleep((began + Duration::from_millis(20) * at).saturating_duration_since(Instant::now()));
        let mut packet = vec![0x80, 0];
        packet.extend(sequence.to_be_bytes());
        packet.extend((u32::from(sequence) * 160).to_be_bytes());
        packet.extend(ssrc.to_be_bytes());
        packet.extend(payload);
        // A port that is closed already is the end of a call.
        let _ = from.send_to(&packet, to);
        sequence = sequence.wrapping_add(1);
    }
    sequence
}

/// The value of a header.
pub(crate) fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let found = message.lines().find_map(|line| line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case(name)));
    found.map(|(_, value)| value.trim())
}

fn code(message: &str) -> Option<u16> {
    message.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
}

fn is_of(message: &str, method: &str) -> bool {
    header(message, "CSeq").is_some_and(|cseq| cseq.ends_with(method))
}

/// The port of the last description in a text.
pub(crate) fn audio_port(text: &str) -> Option<u16> {
    text.rsplit_once("m=audio ")?.1.split(' ').next()?.parse().ok()
}
