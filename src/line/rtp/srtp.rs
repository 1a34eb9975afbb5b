//! Sound that only the two ends can hear: SRTP (RFC 3711), its keys agreed on in the call's description (RFC 4568).
//!
//! In:  the `a=crypto` lines of both descriptions, which go over TLS; packets to send; datagrams that came.
//! Out: datagrams that are encrypted and signed; packets that are proven to be the other side's, each once.
//! Run by the call's media thread. Keys are wiped on drop and have no readable `Debug`. Never touches a socket. A
//! packet that does not prove itself leaves no trace: no state, no memory, no place in the window against replays.
//!
//! The cipher is `rtc-srtp`'s over AWS-LC. Three things that it leaves to its caller are done here: it returns an RTCP
//! packet unproven where a bit says that it is not encrypted; it keeps state for every source that anybody names; and a
//! forged first packet would set a source's window.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rtc_srtp::context::Context;
use rtc_srtp::crypto::providers::AwsLcRsCrypto;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;
use zeroize::Zeroizing;

/// The one suite we speak, which every telephone with SRTP has (RFC 4568 section 6.2).
const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";
/// Bytes of the master key.
const KEY: usize = 16;
/// Bytes of the master key and its salt.
const KEY_AND_SALT: usize = 30;
/// Bytes of the signature at a packet's end.
const SIGNATURE: usize = 10;
/// Bytes of the index in front of an RTCP packet's signature; its highest bit says that the packet is encrypted.
const INDEX: usize = 4;
/// Packets back to which a late one is still told from a replay: 1.3 s. RFC 3711 section 3.3.2 asks for 64 at least.
const WINDOW: usize = 64;
/// Sources of one key. A call has one, and another after each transfer; forged ones are not counted.
const SOURCES: usize = 64;
/// Decimal digits of a tag (RFC 4568 section 9.1).
const TAG_DIGITS: usize = 9;
/// The longest name of a key that stands in each packet, bytes (RFC 4568 section 6.1).
const LONGEST_NAME: usize = 128;

/// One `a=crypto` line: the key that its writer encrypts with.
#[derive(Clone)]
pub struct Crypto {
    /// Its number, which an answer repeats.
    pub tag: u32,
    key: Zeroizing<[u8; KEY_AND_SALT]>,
    /// What its writer puts in front of each signature; mostly nothing.
    name: Vec<u8>,
}

/// There is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The machine gave no random bytes.
    #[error("the machine gave no random bytes for the key of a call: refuse the call")]
    NoRandom,
    /// The cipher takes no such key.
    #[error("the cipher did not take the key of a call: refuse the call")]
    Refused,
}

/// A packet could not be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packet could not be encrypted: do not send it")]
pub struct NotProtected;

/// A datagram is not the other side's, or came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a datagram is forged, changed or replayed: drop it")]
pub struct NotAuthentic;

impl std::fmt::Debug for Crypto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crypto({})", self.tag)
    }
}

impl Crypto {
    /// Draws a key to send with.
    ///
    /// # Errors
    /// [`KeyError::NoRandom`].
    pub fn draw(tag: u32) -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; KEY_AND_SALT]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| KeyError::NoRandom)?;
        Ok(Self { tag, key, name: Vec::new() })
    }

    /// Reads what stands behind `a=crypto:` (RFC 4568 section 9.1). `None` for another suite, more than one key, and
    /// session parameters that must be understood and are not: the next line may do.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = digits(words.next()?, TAG_DIGITS)?;
        if words.next()? != SUITE {
            return None;
        }
        let mut parts = words.next()?.strip_prefix("inline:")?.split('|');
        let mut key = Zeroizing::new([0; KEY_AND_SALT]);
        let length = STANDARD.decode_slice(parts.next()?, key.as_mut_slice()).ok()?;
        if length != KEY_AND_SALT || !words.all(may_be_passed_over) {
            return None;
        }
        // The lifetime comes first, and either may be missing; only the name has a colon.
        let mut name = Vec::new();
        let mut next = parts.next();
        if let Some(lifetime) = next.filter(|part| !part.contains(':')) {
            is_lifetime(lifetime).then_some(())?;
            next = parts.next();
        }
        if let Some(part) = next {
            name = read_name(part)?;
        }
        parts.next().is_none().then_some(Self { tag: u32::try_from(tag).ok()?, key, name })
    }

    /// What to write behind `a=crypto:`. It holds the key: over TLS only, and never to a log.
    #[must_use]
    pub fn to_value(&self) -> Zeroizing<String> {
        let key = Zeroizing::new(STANDARD.encode(self.key.as_slice()));
        // Room for all of it, or the text would move as it grows and leave a copy behind.
        let mut value = Zeroizing::new(String::with_capacity(128));
        value.push_str(&self.tag.to_string());
        for part in [" ", SUITE, " inline:", &key] {
            value.push_str(part);
        }
        value
    }

    fn context(&self) -> Result<Context, KeyError> {
        let (key, salt) = self.key.split_at_checked(KEY).ok_or(KeyError::Refused)?;
        Context::new(
            key,
            salt,
            ProtectionProfile::Aes128CmHmacSha1_80,
            Some(srtp_replay_protection(WINDOW)),
            Some(srtcp_replay_protection(WINDOW)),
            &AwsLcRsCrypto,
        )
        .map_err(|_| KeyError::Refused)
    }

    /// Takes the key's name, if it has one, from in front of the signature.
    fn without_name(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (body, signature) = bytes.split_at_checked(bytes.len().checked_sub(SIGNATURE)?)?;
        Some([body.strip_suffix(self.name.as_slice())?, signature].concat())
    }
}

/// A number of decimal digits alone, no more than `most`.
fn digits(text: &str, most: usize) -> Option<u64> {
    let plain = text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// How many packets a key may encrypt: a number above 0, or 2^ and one. The default is more than any call has, and
/// whoever states less counts for himself.
fn is_lifetime(text: &str) -> bool {
    match text.strip_prefix("2^") {
        Some(power) => digits(power, 2).is_some_and(|power| power <= 48),
        None => digits(text, 15).is_some_and(|packets| packets > 0),
    }
}

/// A key's name as it stands in packets: a number, written in so many bytes.
fn read_name(text: &str) -> Option<Vec<u8>> {
    let (number, length) = text.split_once(':')?;
    let (number, length) = (digits(number, 19)?.to_be_bytes(), usize::try_from(digits(length, 3)?).ok()?);
    let significant = number.iter().skip_while(|&&byte| byte == 0).count();
    if length == 0 || length > LONGEST_NAME || significant > length {
        return None;
    }
    let mut name = vec![0; length.saturating_sub(number.len())];
    name.extend(number.get(number.len().saturating_sub(length)..)?);
    Some(name)
}

/// A hint at the size of the window, and what its writer marks as optional (RFC 4568 section 6.3).
fn may_be_passed_over(parameter: &str) -> bool {
    parameter.strip_prefix("WSH=").is_some_and(|size| digits(size, 5).is_some()) || parameter.starts_with('-')
}

/// Both directions of one call's sound.
pub struct Guard {
    sending: Context,
    rtp: Sources,
    rtcp: Sources,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}

impl Guard {
    /// Encrypts with `local`, which our description said, and opens with `remote`, which the other side's said. Only
    /// one guard may ever be made with one `local`: a second would encrypt other sound with the same numbers, which
    /// lays both open (RFC 3711 section 9.1). For another `remote` there is [`Self::turn_to`].
    ///
    /// # Errors
    /// [`KeyError::Refused`].
    pub fn new(local: &Crypto, remote: &Crypto) -> Result<Self, KeyError> {
        Ok(Self { sending: local.context()?, rtp: Sources::new(remote), rtcp: Sources::new(remote) })
    }

    /// Opens with `remote` from now on, which a newer description of the other side's said; if it is the key that we
    /// have, nothing changes, and what came before cannot be replayed. What we send goes on as it was.
    pub fn turn_to(&mut self, remote: &Crypto) {
        let known = &self.rtp.key;
        if known.key != remote.key || known.name != remote.name {
            (self.rtp, self.rtcp) = (Sources::new(remote), Sources::new(remote));
        }
    }

    /// Appends the encrypted `packet` to `out`.
    ///
    /// # Errors
    /// [`NotProtected`] where it is no RTP packet, or its source has sent 2^48.
    pub fn protect_rtp(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), NotProtected> {
        out.extend_from_slice(&self.sending.encrypt_rtp(packet).map_err(|_| NotProtected)?);
        Ok(())
    }

    /// Opens a datagram: the RTP packet in it.
    ///
    /// # Errors
    /// [`NotAuthentic`].
    pub fn open_rtp(&mut self, datagram: &[u8]) -> Result<Vec<u8>, NotAuthentic> {
        self.rtp.open(datagram, 8, |context, bytes| context.decrypt_rtp(bytes).ok().map(|opened| opened.to_vec()))
    }

    /// Appends the encrypted RTCP packets of one datagram to `out`.
    ///
    /// # Errors
    /// [`NotProtected`] where they are none.
    pub fn protect_rtcp(&mut self, packets: &[u8], out: &mut Vec<u8>) -> Result<(), NotProtected> {
        out.extend_from_slice(&self.sending.encrypt_rtcp(packets).map_err(|_| NotProtected)?);
        Ok(())
    }

    /// Opens a datagram: the RTCP packets in it.
    ///
    /// # Errors
    /// [`NotAuthentic`], also where it is signed but not encrypted: that is never agreed on.
    pub fn open_rtcp(&mut self, datagram: &[u8]) -> Result<Vec<u8>, NotAuthentic> {
        self.rtcp.open(datagram, 4, |context, bytes| {
            let index = bytes.len().checked_sub(SIGNATURE + INDEX)?;
            bytes.get(index).filter(|&first| first & 0x80 != 0)?;
            context.decrypt_rtcp(bytes).ok().map(|opened| opened.to_vec())
        })
    }
}

/// Who has sent with one key, each with a state of its own.
struct Sources {
    key: Crypto,
    known: Vec<(u32, Context)>,
}

impl Sources {
    fn new(key: &Crypto) -> Self {
        Self { key: key.clone(), known: Vec::new() }
    }

    /// Opens a datagram whose source is named at byte `ssrc_at`.
    fn open(
        &mut self,
        datagram: &[u8],
        ssrc_at: usize,
        open: impl Fn(&mut Context, &[u8]) -> Option<Vec<u8>>,
    ) -> Result<Vec<u8>, NotAuthentic> {
        let ssrc = datagram.get(ssrc_at..).and_then(|rest| rest.first_chunk::<4>()).ok_or(NotAuthentic)?;
        let ssrc = u32::from_be_bytes(*ssrc);
        let bytes = self.key.without_name(datagram).ok_or(NotAuthentic)?;
        if let Some((_, context)) = self.known.iter_mut().find(|(known, _)| *known == ssrc) {
            return open(context, &bytes).ok_or(NotAuthentic);
        }
        if self.known.len() >= SOURCES {
            return Err(NotAuthentic);
        }
        // A source not heard before has to prove itself first; if it does not, its state is dropped with this.
        let mut context = self.key.context().map_err(|_| NotAuthentic)?;
        let opened = open(&mut context, &bytes).ok_or(NotAuthentic)?;
        self.known.push((ssrc, context));
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rtc_srtp::crypto::{HmacAlgorithm, RTCCrypto, StreamCipherAlgorithm};

    use super::super::packet::{Header, Packet};
    use super::super::rtcp;
    use super::*;

    const INLINE: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn packet(ssrc: u32, sequence: u16) -> Vec<u8> {
        let header = Header { payload_type: 0, marker: false, sequence, timestamp: 160, ssrc };
        let mut out = Vec::new();
        Packet { header, payload: &[0x55; 160] }.write(&mut out);
        out
    }

    fn report(ssrc: u32) -> Vec<u8> {
        let mut out = Vec::new();
        rtcp::write_report(&mut out, ssrc, None, &[], "name");
        out
    }

    /// Two ends that know each other's keys.
    fn pair() -> (Guard, Guard) {
        let (ours, theirs) = (Crypto::draw(1).unwrap(), Crypto::draw(2).unwrap());
        (Guard::new(&ours, &theirs).unwrap(), Guard::new(&theirs, &ours).unwrap())
    }

    fn sealed(guard: &mut Guard, packet: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        guard.protect_rtp(packet, &mut out).unwrap();
        out
    }

    fn sealed_rtcp(guard: &mut Guard, packets: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        guard.protect_rtcp(packets, &mut out).unwrap();
        out
    }

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        std::array::from_fn(|n| u8::from_str_radix(&text[n * 2..n * 2 + 2], 16).unwrap())
    }

    #[test]
    fn a_packet_is_encrypted_with_the_keys_that_rfc_3711_derives() {
        // RFC 3711 appendix B.3: the master key and salt, and what is derived from them for RTP.
        let master: [u8; KEY_AND_SALT] = hex("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6");
        let key: [u8; 16] = hex("C61E7A93744F39EE10734AFE3FF7A087");
        let salt: [u8; 14] = hex("30CBBC08863D8C85D49DB34A9AE1");
        let signing: [u8; 20] = hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4");

        let plain = packet(0xcafe_babe, 0x1234);
        // Section 4.1.1: the salt, the source and the packet's number (its rollovers are 0) make the first counter.
        let mut counter = [0; 16];
        counter[..14].copy_from_slice(&salt);
        for (at, byte) in [(4, 0xca), (5, 0xfe), (6, 0xba), (7, 0xbe), (12, 0x12), (13, 0x34)] {
            counter[at] ^= byte;
        }
        let mut expected = plain.clone();
        let mut cipher = AwsLcRsCrypto.new_stream_cipher(StreamCipherAlgorithm::Aes128Ctr, &key).unwrap();
        cipher.apply_keystream(&counter, &mut expected[12..]).unwrap();
        // Section 4.2: the signature is over the packet and its rollovers, and its first 80 bits are sent.
        let mut signature = [0; 20];
        let mut hmac = AwsLcRsCrypto.new_hmac(HmacAlgorithm::Sha1, &signing).unwrap();
        hmac.sign(&[&expected, &[0; 4]], &mut signature).unwrap();
        expected.extend(&signature[..SIGNATURE]);

        let crypto = Crypto { tag: 1, key: Zeroizing::new(master), name: Vec::new() };
        let mut guard = Guard::new(&crypto, &crypto).unwrap();
        assert_eq!(sealed(&mut guard, &plain), expected);
        assert_eq!(guard.open_rtp(&expected), Ok(plain));
    }

    #[test]
    fn what_one_end_says_the_other_hears_both_ways() {
        let (mut ours, mut theirs) = pair();
        for sequence in (65_500..=u16::MAX).chain(0..100) {
            for _way in 0..2 {
                let (from, to) = (&mut ours, &mut theirs);
                let plain = packet(7, sequence);
                let datagram = sealed(from, &plain);
                assert_eq!(datagram.len(), plain.len() + SIGNATURE);
                assert_ne!(datagram[12..172], plain[12..]);
                assert_eq!(to.open_rtp(&datagram), Ok(plain));
                let plain = report(7);
                let datagram = sealed_rtcp(from, &plain);
                assert_ne!(datagram[8..plain.len()], plain[8..]);
                assert_eq!(to.open_rtcp(&datagram), Ok(plain));
                std::mem::swap(&mut ours, &mut theirs);
            }
        }
    }

    #[test]
    fn order_and_loss_do_not_matter_even_where_the_number_goes_around() {
        let (mut ours, mut theirs) = pair();
        let sent: Vec<_> = (65_530..=u16::MAX).chain(0..20).map(|n| sealed(&mut ours, &packet(1, n))).collect();
        // The first three as they are, then by threes backwards, with every fifth lost.
        let mut order: Vec<_> = (0..3).collect();
        order.extend((1..8).flat_map(|third| (third * 3..third * 3 + 3).rev()).filter(|n| n % 5 != 0));
        for n in order {
            assert!(theirs.open_rtp(&sent[n]).is_ok(), "packet {n}");
        }
    }

    #[test]
    fn a_replayed_packet_is_refused() {
        let (mut ours, mut theirs) = pair();
        let sent: Vec<_> = (0..200).map(|n| sealed(&mut ours, &packet(1, n))).collect();
        let reports: Vec<_> = (0..200).map(|_| sealed_rtcp(&mut ours, &report(1))).collect();
        for (datagram, report) in sent.iter().zip(&reports) {
            assert!(theirs.open_rtp(datagram).is_ok() && theirs.open_rtcp(report).is_ok());
            assert_eq!(theirs.open_rtp(datagram), Err(NotAuthentic));
            assert_eq!(theirs.open_rtcp(report), Err(NotAuthentic));
        }
        for (datagram, report) in sent.iter().zip(&reports) {
            assert_eq!(theirs.open_rtp(datagram), Err(NotAuthentic));
            assert_eq!(theirs.open_rtcp(report), Err(NotAuthentic));
        }
    }

    #[test]
    fn a_packet_changed_in_any_byte_is_refused_and_the_true_one_is_still_taken() {
        let (mut ours, mut theirs) = pair();
        let (datagram, report) = (sealed(&mut ours, &packet(1, 9)), sealed_rtcp(&mut ours, &report(1)));
        for at in 0..datagram.len() {
            let mut changed = datagram.clone();
            changed[at] ^= 0x80;
            assert_eq!(theirs.open_rtp(&changed), Err(NotAuthentic), "byte {at}");
        }
        for at in 0..report.len() {
            let mut changed = report.clone();
            changed[at] ^= 0x80;
            assert_eq!(theirs.open_rtcp(&changed), Err(NotAuthentic), "byte {at}");
        }
        assert!(theirs.open_rtp(&datagram).is_ok() && theirs.open_rtcp(&report).is_ok());
    }

    #[test]
    fn a_report_that_claims_not_to_be_encrypted_is_refused() {
        let (mut ours, mut theirs) = pair();
        // Anybody can write this: the index's highest bit is not set, and the signature is nothing.
        let mut forged = report(1);
        rtcp::write_bye(&mut forged, 1);
        forged.extend([0, 0, 0, 1]);
        forged.extend([0; SIGNATURE]);
        assert_eq!(theirs.open_rtcp(&forged), Err(NotAuthentic));
        let true_one = sealed_rtcp(&mut ours, &report(1));
        assert!(theirs.open_rtcp(&true_one).is_ok());
        assert_eq!(theirs.open_rtcp(&forged), Err(NotAuthentic), "nor from a source that is known");
    }

    #[test]
    fn another_key_opens_nothing() {
        let (mut ours, _) = pair();
        let (_, mut strangers) = pair();
        let datagram = sealed(&mut ours, &packet(1, 1));
        assert_eq!(strangers.open_rtp(&datagram), Err(NotAuthentic));
        assert_eq!(ours.open_rtp(&datagram), Err(NotAuthentic), "what we said ourselves comes back");
        let report = sealed_rtcp(&mut ours, &report(1));
        assert_eq!(strangers.open_rtcp(&report), Err(NotAuthentic));
    }

    #[test]
    fn forged_sources_leave_no_trace() {
        let (mut ours, mut theirs) = pair();
        for ssrc in 0..300 {
            // One of them forges the source that is about to be heard, far ahead of it.
            let mut forged = packet(ssrc, 40_000);
            forged.extend([0; SIGNATURE]);
            assert_eq!(theirs.open_rtp(&forged), Err(NotAuthentic));
        }
        assert!(theirs.rtp.known.is_empty());
        for sequence in 1..10 {
            assert!(theirs.open_rtp(&sealed(&mut ours, &packet(7, sequence))).is_ok());
        }
        assert_eq!(theirs.rtp.known.len(), 1);
    }

    #[test]
    fn a_key_opens_no_more_than_64_sources() {
        let (mut ours, mut theirs) = pair();
        let opened = (0..100).filter(|&ssrc| theirs.open_rtp(&sealed(&mut ours, &packet(ssrc, 1))).is_ok());
        assert_eq!(opened.count(), SOURCES);
    }

    #[test]
    fn another_key_of_the_other_side_leaves_what_we_send_as_it_was() {
        let (our_key, their_key, next_key) =
            (Crypto::draw(1).unwrap(), Crypto::draw(1).unwrap(), Crypto::draw(2).unwrap());
        let mut ours = Guard::new(&our_key, &their_key).unwrap();
        let mut theirs = Guard::new(&their_key, &our_key).unwrap();
        let mut next = Guard::new(&next_key, &our_key).unwrap();
        let old = sealed(&mut theirs, &packet(2, 1));
        assert!(ours.open_rtp(&old).is_ok());
        ours.turn_to(&their_key);
        assert_eq!(ours.open_rtp(&old), Err(NotAuthentic), "the same key: the window stays");
        // Our number goes around before and after the turn, which only one who counts on can open.
        for sequence in (65_500..=u16::MAX).chain(0..50) {
            if sequence == 20 {
                ours.turn_to(&next_key);
            }
            assert!(theirs.open_rtp(&sealed(&mut ours, &packet(1, sequence))).is_ok(), "{sequence}");
        }
        assert_eq!(ours.open_rtp(&sealed(&mut theirs, &packet(2, 2))), Err(NotAuthentic), "the old key");
        assert!(ours.open_rtp(&sealed(&mut next, &packet(2, 3))).is_ok());
        assert!(ours.open_rtcp(&sealed_rtcp(&mut next, &report(2))).is_ok());
    }

    #[test]
    fn a_key_with_a_name_is_taken_from_packets_that_bear_it() {
        let ours = Crypto::draw(1).unwrap();
        let value = format!("{}|2^20|258:4", *ours.to_value());
        let named = Crypto::parse(&value).unwrap();
        assert_eq!(named.name, [0, 0, 1, 2]);
        let mut sender = Guard::new(&ours, &ours).unwrap();
        let mut receiver = Guard::new(&ours, &named).unwrap();
        let plain = packet(1, 1);
        let datagram = sealed(&mut sender, &plain);
        let (body, signature) = datagram.split_at(datagram.len() - SIGNATURE);
        assert_eq!(receiver.open_rtp(&datagram), Err(NotAuthentic), "no name");
        assert_eq!(receiver.open_rtp(&[body, &[0, 0, 1, 3], signature].concat()), Err(NotAuthentic), "another name");
        assert_eq!(receiver.open_rtp(&[body, &[0, 0, 1, 2], signature].concat()), Ok(plain));
    }

    #[test]
    fn an_extension_and_sources_in_a_header_stay_readable() {
        let (mut ours, mut theirs) = pair();
        let mut plain = packet(1, 1)[..12].to_vec();
        plain[0] |= 0x11;
        plain.extend([9, 9, 9, 9, 0xbe, 0xde, 0, 1, 0x10, 0xaa, 0, 0]);
        plain.extend([0x55; 160]);
        let datagram = sealed(&mut ours, &plain);
        assert_eq!(datagram[..24], plain[..24]);
        assert_eq!(theirs.open_rtp(&datagram), Ok(plain));
    }

    #[test]
    fn the_line_of_the_rfc_reads() {
        // The key of RFC 5939 section 4.1, with its lifetime and name but without what follows them there.
        let crypto = Crypto::parse(&format!("1 {SUITE} {INLINE}|2^20|1:4")).unwrap();
        assert_eq!((crypto.tag, crypto.name.as_slice()), (1, &[0, 0, 0, 1][..]));
        assert_eq!(crypto.key[..7], *b"YS___se");
        for rest in ["", "|2^31", "|1048576", "|1:1", " WSH=128", " -NEW=1 WSH=64"] {
            assert!(Crypto::parse(&format!("12 {SUITE} {INLINE}{rest}")).is_some(), "{rest}");
        }
    }

    #[test]
    fn another_suite_two_keys_or_parameters_that_matter_are_refused() {
        for value in [
            "",
            "1",
            "1 AES_CM_128_HMAC_SHA1_80",
            &format!("1 AES_CM_128_HMAC_SHA1_32 {INLINE}"),
            &format!("1 aes_cm_128_hmac_sha1_80 {INLINE}"),
            &format!("+1 {SUITE} {INLINE}"),
            &format!("1234567890 {SUITE} {INLINE}"),
            &format!("1 {SUITE} {}", &INLINE[7..]),
            &format!("1 {SUITE} {INLINE}AAAA"),
            &format!("1 {SUITE} {}", &INLINE[..43]),
            &format!("1 {SUITE} {}", &INLINE[..46]),
            &format!("1 {SUITE} {INLINE};{INLINE}"),
            &format!("1 {SUITE} {INLINE}|"),
            &format!("1 {SUITE} {INLINE}|0"),
            &format!("1 {SUITE} {INLINE}|2^49"),
            &format!("1 {SUITE} {INLINE}|1:4|2^20"),
            &format!("1 {SUITE} {INLINE}|2^20|1:4|1:4"),
            &format!("1 {SUITE} {INLINE}|1:0"),
            &format!("1 {SUITE} {INLINE}|1:129"),
            &format!("1 {SUITE} {INLINE}|256:1"),
            &format!("1 {SUITE} {INLINE} FEC_ORDER=FEC_SRTP"),
            &format!("1 {SUITE} {INLINE} UNENCRYPTED_SRTCP"),
            &format!("1 {SUITE} {INLINE} UNAUTHENTICATED_SRTP"),
            &format!("1 {SUITE} {INLINE} KDR=1"),
            &format!("1 {SUITE} {INLINE} WSH=x"),
        ] {
            assert!(Crypto::parse(value).is_none(), "{value}");
        }
    }

    #[test]
    fn no_two_keys_are_alike_and_none_can_be_printed() {
        let (one, two) = (Crypto::draw(3).unwrap(), Crypto::draw(3).unwrap());
        assert_ne!(one.key, two.key);
        assert_eq!(format!("{one:?}"), "Crypto(3)");
        assert_eq!(format!("{:?}", Guard::new(&one, &two).unwrap()), "Guard");
    }

    #[test]
    fn what_is_no_packet_is_not_protected() {
        let (mut ours, mut theirs) = pair();
        let mut out = vec![1];
        assert_eq!(ours.protect_rtp(&[0x80, 0], &mut out), Err(NotProtected));
        assert_eq!(ours.protect_rtcp(&[0x80, 200], &mut out), Err(NotProtected));
        assert_eq!(out, [1]);
        for length in 0..40 {
            assert_eq!(theirs.open_rtp(&vec![0x80; length]), Err(NotAuthentic));
            assert_eq!(theirs.open_rtcp(&vec![0x80; length]), Err(NotAuthentic));
        }
    }

    proptest! {
        #[test]
        fn any_key_reads_back(tag in 0_u32..1_000_000_000, key: [u8; KEY_AND_SALT]) {
            let crypto = Crypto { tag, key: Zeroizing::new(key), name: Vec::new() };
            let read = Crypto::parse(&crypto.to_value()).unwrap();
            prop_assert_eq!((read.tag, *read.key, read.name.len()), (tag, key, 0));
        }

        #[test]
        fn any_text_is_a_key_or_none(text in "\\PC{0,80}", rest in "[|:0-9^A-Z=; -]{0,40}") {
            let _ = Crypto::parse(&text);
            let _ = Crypto::parse(&format!("1 {SUITE} {INLINE}{rest}"));
        }

        #[test]
        fn any_datagram_of_a_strangers_is_refused(
            first in 0x80_u8..0xc0, rest in proptest::collection::vec(any::<u8>(), 0..120),
        ) {
            let (_, mut theirs) = pair();
            let bytes = [&[first], rest.as_slice()].concat();
            prop_assert_eq!(theirs.open_rtp(&bytes), Err(NotAuthentic));
            prop_assert_eq!(theirs.open_rtcp(&bytes), Err(NotAuthentic));
        }
    }
}
