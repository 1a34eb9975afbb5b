//! Findings from what was seen, and what is seen of an exchange of some lines on loopback.
#![expect(clippy::disallowed_methods, reason = "the exchange is a socket of this machine")]

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use tokio::net::UdpSocket;

use super::*;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::line::sip::lately::Lately;
use crate::tasks::{Stop, TaskError, Tasks};

const SITE: &str = "[clinic]\nname = \"n\"\naddress = \"a\"\nhours = \"h\"\ntime-zone = \"America/Chicago\"\n\
                    [line]\nkind = \"sip\"\n[line.sip]\nserver = \"pbx.lan\"\nuser = \"800\"\n\
                    password-file = \"p\"\ndesks = [\"201\"]\n";

pub(super) fn site_with(more: &str) -> Sip {
    let text = format!("{SITE}{more}");
    Config::parse(&text, std::path::Path::new("/etc/anteroom")).unwrap().line.sip.unwrap()
}

pub(super) fn site() -> Sip {
    site_with("profile = \"pbx-extension\"\ntransport = \"udp\"\n")
}

const SENT_BY: &str = "192.0.2.10:45060";

fn heard(code: u16) -> Heard {
    Heard {
        code,
        took: Duration::from_millis(3),
        sent_by: SENT_BY.to_owned(),
        via: Some(format!("SIP/2.0/UDP {SENT_BY};rport=45060;branch=z9hG4bKa;received=192.0.2.10")),
        contacts: vec!["<sip:800@192.0.2.10:5060>;expires=50".to_owned()],
        least: None,
        challenged: true,
        sdp: Vec::new(),
    }
}

fn seen(there: Result<Heard, Unheard>, bindings: Option<Result<Heard, Unheard>>) -> Seen {
    let address = "192.0.2.1:5060".parse().unwrap();
    let servers = vec![ServerSeen { host: "pbx.lan".to_owned(), reach: Reach::Asked(address, there) }];
    Seen { servers, bindings, ports: PortsSeen { pairs: 101, free: 101, why: None }, lately: None }
}

const TODAY: Date = date(2026, 11, 27);

fn word_of(findings: &[Finding], check: &str) -> Word {
    findings.iter().find(|finding| finding.check == check).unwrap().word
}

fn registered(bindings: Result<Heard, Unheard>) -> Finding {
    registration(Profile::PbxExtension, Some(&bindings))
}

#[test]
fn each_check_is_there_once_and_all_but_ok_say_what_to_do() {
    let findings = report(&site(), &seen(Ok(heard(200)), Some(Ok(heard(200)))), 4, TODAY);
    let checks = findings.iter().map(|finding| finding.check).skip_while(|check| *check == "configuration");
    let checks: Vec<_> = checks.collect();
    let all = ["name", "port", "registration", "alg", "rtp-ports", "codec", "dtmf", "one-way-audio", "fail-over"];
    assert_eq!(checks, all);
    for finding in &findings {
        assert!(finding.word == Word::Ok || !finding.next.is_empty(), "{finding:?}");
    }
}

#[test]
fn what_shows_in_a_call_only_is_never_ok() {
    let findings = report(&site(), &seen(Ok(heard(200)), Some(Ok(heard(200)))), 4, TODAY);
    for check in ["codec", "dtmf", "one-way-audio"] {
        assert_eq!(word_of(&findings, check), Word::Unseen, "{check}");
    }
}

#[test]
fn the_last_calls_tell_whether_sound_comes_to_the_box() {
    let ended = "2026-11-27T09:00:00Z".parse().unwrap();
    let call = |received, lost| Call { ended, seconds: 60, received, lost, sent: 3_000 };
    let short = Call { seconds: 2, ..call(0, 0) };
    let (good, deaf) = (call(2_990, 10), call(0, 0));
    for (lately, word) in [
        (Some(vec![]), Word::Unseen),
        (Some(vec![short]), Word::Unseen),
        (None, Word::Unseen),
        (Some(vec![good, good, short]), Word::Ok),
        (Some(vec![good, call(2_800, 200)]), Word::Warning),
        (Some(vec![good, deaf, good, good]), Word::Warning),
        (Some(vec![good, good, good, deaf]), Word::Failed),
        (Some(vec![deaf, deaf, good]), Word::Failed),
    ] {
        let found = both_ways(lately.as_deref());
        assert_eq!(found.word, word, "{lately:?}: {}", found.what);
        assert!(!found.next.is_empty());
    }
}

#[test]
fn a_wrong_password_a_long_expiry_and_silence_are_told_apart() {
    let (wrong, silent) = (registered(Ok(heard(401))), registered(Err(Unheard::Silent)));
    let brief = registered(Ok(Heard { least: Some(120), ..heard(423) }));
    let too_long = registered(Ok(Heard { least: Some(7_200), ..heard(423) }));
    assert_eq!([wrong.word, silent.word, brief.word, too_long.word], {
        [Word::Failed, Word::Failed, Word::Warning, Word::Failed]
    });
    assert!(wrong.what.contains("password") && wrong.next.contains("password-file"));
    assert!(!silent.what.contains("password") && silent.what.contains("no answer"));
    assert!(brief.what.contains("120 s") && brief.next.contains("expires-s"));
}

#[test]
fn who_is_registered_is_counted_and_an_open_registrar_is_no_success() {
    let with = |contacts: usize| Heard { contacts: vec!["<sip:a@b>".to_owned(); contacts], ..heard(200) };
    let words = [0, 1, 2].map(|contacts| registered(Ok(with(contacts))).word);
    assert_eq!(words, [Word::Warning, Word::Ok, Word::Warning]);
    assert_eq!(registered(Ok(Heard { challenged: false, ..heard(200) })).word, Word::Warning);
    assert_eq!(registered(Ok(heard(405))).word, Word::Unseen);
    assert_eq!(registration(Profile::AtaDirect, None).word, Word::Ok);
    assert_eq!(registration(Profile::PbxExtension, None).word, Word::Unseen);
}

#[test]
fn a_server_that_does_not_answer_is_told_from_one_that_refuses_or_is_late() {
    let port = |there| word_of(&report(&site(), &seen(there, None), 4, TODAY), "port");
    assert_eq!(port(Err(Unheard::Silent)), Word::Failed);
    assert_eq!(port(Err(Unheard::NoConnection)), Word::Failed);
    assert_eq!([200, 404, 405].map(|code| port(Ok(heard(code)))), [Word::Ok; 3]);
    assert_eq!([403, 503].map(|code| port(Ok(heard(code)))), [Word::Warning; 2]);
    assert_eq!(port(Ok(Heard { took: Duration::from_millis(501), ..heard(200) })), Word::Warning);
}

#[test]
fn a_server_that_answers_register_and_not_options_is_there() {
    let findings = report(&site(), &seen(Err(Unheard::Silent), Some(Ok(heard(200)))), 4, TODAY);
    let words = ["port", "registration", "alg"].map(|check| word_of(&findings, check));
    assert_eq!(words, [Word::Warning, Word::Ok, Word::Ok]);
}

#[test]
fn a_server_without_an_address_keeps_the_other_checks_from_being_ok() {
    let servers = vec![ServerSeen { host: "pbx.lan".to_owned(), reach: Reach::NotSetUp("no address".to_owned()) }];
    let seen = Seen { servers, bindings: None, ports: PortsSeen::default(), lately: None };
    let findings = report(&site(), &seen, 4, TODAY);
    assert_eq!(word_of(&findings, "name"), Word::Failed);
    assert!(findings.iter().all(|finding| finding.check != "port"));
    assert_eq!([word_of(&findings, "alg"), word_of(&findings, "registration")], [Word::Unseen; 2]);
    assert_eq!(word_of(&findings, "rtp-ports"), Word::Failed);
}

#[test]
fn the_way_is_read_from_the_via_that_came_back() {
    let way = |via: &str| Way::of(SENT_BY, via);
    assert_eq!(way("SIP/2.0/UDP 192.0.2.10:45060;branch=z9;rport=45060;received=192.0.2.10"), Way::Straight);
    // RFC 3261 has the server name the address only where it differs.
    assert_eq!(way("SIP/2.0/UDP 192.0.2.10:45060;rport=45060"), Way::Straight);
    assert_eq!(way("SIP / 2.0 / UDP 192.0.2.10:45060 ; rport ; branch=z9"), Way::Untold);
    let translated = Way::Translated("203.0.113.9:61000".to_owned());
    assert_eq!(way("SIP/2.0/UDP 192.0.2.10:45060;Received=203.0.113.9;RPort=61000"), translated);
    let port_only = Way::Translated("192.0.2.10:1024".to_owned());
    assert_eq!(way("SIP/2.0/UDP 192.0.2.10:45060;rport=1024"), port_only);
    assert_eq!(way("SIP/2.0/UDP 203.0.113.9:61000;rport=61000"), Way::Rewritten("203.0.113.9:61000".to_owned()));
    let six = Way::of("[2001:db8::1]:5060", "SIP/2.0/TLS [2001:db8::1]:5060;received=2001:db8::1;rport=5060");
    assert_eq!(six, Way::Straight);
}

#[test]
fn a_nat_is_usual_with_a_provider_and_a_warning_in_the_house_and_an_alg_fails() {
    let with = |via: &str| Heard { via: Some(via.to_owned()), ..heard(200) };
    let (nat, alg) = ("SIP/2.0/UDP 192.0.2.10:45060;received=203.0.113.9;rport=9", "SIP/2.0/UDP 203.0.113.9:9;rport=9");
    let hosted = site_with("profile = \"hosted-pbx\"\ntransport = \"udp\"\n");
    let word = |sip: &Sip, via: &str| path(sip, &seen(Ok(with(via)), None)).word;
    assert_eq!([word(&hosted, nat), word(&site(), nat)], [Word::Ok, Word::Warning]);
    assert_eq!([word(&hosted, alg), word(&site(), alg)], [Word::Failed; 2]);
}

#[test]
fn ports_that_are_too_few_are_a_warning_and_none_a_failure() {
    let word = |free, why| ports(&PortsSeen { pairs: 101, free, why }, 4).word;
    assert_eq!(word(101, None), Word::Ok);
    let taken = Some(io::ErrorKind::AddrInUse);
    assert_eq!([word(8, taken), word(7, taken), word(0, taken)], [Word::Ok, Word::Warning, Word::Failed]);
    assert_eq!(word(0, Some(io::ErrorKind::AddrNotAvailable)), Word::Failed);
}

#[test]
fn the_servers_own_description_decides_on_codec_and_keys() {
    let with = |formats: &str, more: &str| {
        let sdp = format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
             m=audio 4000 RTP/AVP {formats}\r\n{more}"
        );
        let [codec, dtmf, _] = sound(&seen(Ok(Heard { sdp: sdp.into_bytes(), ..heard(200) }), None));
        [codec.word, dtmf.word]
    };
    assert_eq!(with("8 96", "a=rtpmap:96 telephone-event/8000\r\n"), [Word::Ok; 2]);
    assert_eq!(with("0", ""), [Word::Ok, Word::Warning]);
    assert_eq!(with("18", "a=rtpmap:18 G729/8000\r\n"), [Word::Failed, Word::Unseen]);
}

#[test]
fn a_drill_is_good_for_ninety_days_and_none_is_a_failure() {
    let word = |drill| failover(Failover::Declared { drill }, TODAY).word;
    assert_eq!(failover(Failover::None, TODAY).word, Word::Failed);
    assert_eq!(word(None), Word::Failed);
    assert_eq!(word(Some(date(2026, 8, 29))), Word::Ok);
    assert_eq!([word(Some(date(2026, 8, 28))), word(Some(date(2026, 11, 28)))], [Word::Warning; 2]);
    assert_eq!(word(Some(TODAY)), Word::Ok);
    let old = failover(Failover::Declared { drill: Some(date(2024, 1, 1)) }, TODAY);
    assert!(old.what.contains("1061 days"), "{}", old.what);
}

#[test]
fn the_fail_over_is_not_said_twice() {
    let findings = report(&site(), &seen(Ok(heard(200)), None), 4, TODAY);
    let of = |part: &str| findings.iter().filter(|finding| finding.what.contains(part)).count();
    assert_eq!(of("single point of failure"), 1);
}

/// A telephone system of one extension, `800`: answers OPTIONS, and tells who is registered to whoever sends the right
/// credentials. The digest is RFC 2617's; `accepts` says whether any is right.
async fn exchange(socket: UdpSocket, accepts: bool) -> Result<(), TaskError> {
    let mut buffer = vec![0; 4_096];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else { return Ok(()) };
        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let header = |name: &str| request.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        let query = request.starts_with("REGISTER ");
        assert!(query || request.starts_with("OPTIONS "), "only these are asked:\n{request}");
        assert!(!request.to_ascii_lowercase().contains("\r\ncontact:"), "a Contact would take calls away:\n{request}");
        let (code, more) = match (query, request.contains("\r\nAuthorization: ")) {
            (false, _) => ("200 OK", ""),
            (true, true) if accepts => ("200 OK", "Contact: <sip:800@192.0.2.10:5060>;expires=40\r\n"),
            (true, _) => ("401 Unauthorized", "WWW-Authenticate: Digest realm=\"pbx.lan\", nonce=\"n1\"\r\n"),
        };
        let via = header("Via:").replace(";rport", &format!(";rport={};received={}", from.port(), from.ip()));
        let head = [via, header("From:"), format!("{};tag=t", header("To:")), header("Call-ID:"), header("CSeq:")];
        let answer = format!("SIP/2.0 {code}\r\n{}\r\n{more}Content-Length: 0\r\n\r\n", head.join("\r\n"));
        let _ = socket.send_to(answer.as_bytes(), from).await;
    }
}

/// What [`examine`] finds where the server is an [`exchange`].
async fn examined(accepts: bool, range: &str) -> Vec<Finding> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p"), "secret\n").unwrap();
    let text = SITE.replace("pbx.lan", &format!("127.0.0.1:{port}"));
    let more = format!("profile = \"pbx-extension\"\ntransport = \"udp\"\npublic-ports = \"{range}\"\n");
    let config = Config::parse(&format!("{text}{more}"), folder.path()).unwrap();
    let mut tasks = Tasks::new(Stop::new());
    tasks.start("exchange", move |stop| async move {
        tokio::select! {
            () = stop.asked() => Ok(()),
            served = exchange(socket, accepts) => served,
        }
    });
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let folder = tempfile::tempdir().unwrap();
    let lately = Lately::beside(&folder.path().join("prompts"));
    let findings = examine(&config.line, TimeZone::UTC, &lately, &clock).await;
    tasks.stop().ask();
    tasks.wait().await.unwrap();
    findings
}

#[tokio::test]
async fn an_exchange_is_asked_by_options_and_a_query_without_a_contact() {
    let findings = examined(true, "42000-42018").await;
    let words = ["name", "port", "registration", "alg", "rtp-ports"].map(|check| word_of(&findings, check));
    assert_eq!(words, [Word::Ok; 5], "{findings:#?}");
}

#[tokio::test]
async fn a_wrong_password_is_found() {
    let findings = examined(false, "42100-42118").await;
    assert_eq!(word_of(&findings, "port"), Word::Ok);
    let registration = findings.iter().find(|finding| finding.check == "registration").unwrap();
    assert!(registration.word == Word::Failed && registration.what.contains("password"), "{registration:?}");
}

proptest! {
    #[test]
    fn any_via_is_read_as_some_way(via in "\\PC{0,80}", sent_by in "\\PC{0,40}") {
        let _ = Way::of(&sent_by, &via);
    }

    #[test]
    fn a_via_that_came_back_as_sent_is_never_rewritten(more in "[a-z=;0-9.]{0,40}") {
        let way = Way::of(SENT_BY, &format!("SIP/2.0/UDP {SENT_BY};{more}"));
        prop_assert!(!matches!(way, Way::Rewritten(_)));
    }
}
