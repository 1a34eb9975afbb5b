//! Hand-offs to the desk that do not go by the book: nobody is lost, whoever hangs up, stays silent or dies.

#![allow(clippy::disallowed_methods, reason = "the peers live in real time and on real sockets of this machine")]

use std::time::{Duration, Instant};

use anteroom::line::consult::Rules;
use anteroom::wire::line::{DeskAnswer, EndedBy};
use tokio::task::block_in_place;

use crate::box_of_its_own::{Line1, SAYS_HZ, Setup};
use crate::by_hand::{ByHand, header, speak};
use crate::peers::baresip::{self, Answer, Baresip};
use crate::peers::free_ports;
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, Sipp};
use crate::peers::sounds::{is_tone, mu_law, tone};
use crate::trouble::{SOON, over, passed, rings, well};

/// The quick rules of these tests: the desk rings for 4 s and thinks for 3.
fn rules(refer: bool) -> Rules {
    Rules { ring: Duration::from_secs(4), think: Duration::from_secs(3), refer, ..Rules::default() }
}

/// A desk at a port of its own.
fn desk(scenario: &'static str, talk_ms: u32, keys: &'static str) -> (Sipp, u16, String) {
    let at = free_ports(2);
    let staff = Sipp::start(&sipp::Options { scenario, port: at, talk_ms, keys, ..sipp::Options::default() });
    (staff, at, format!("sip:desk@127.0.0.1:{at}"))
}

fn ended_well(staff: &mut Sipp, scenario: &str) {
    well(scenario, &block_in_place(|| staff.outcome()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_who_hang_up_end_the_call() {
    if !Sipp::available() {
        return;
    }
    let (mut staff, at, uri) = desk("desk_hangs_up", 4_000, "1");
    let line = Line1::start(&Setup { server: at, desks: &[&uri], consults: true, ..Setup::default() });
    let caller = rings(&line, sipp::Options { scenario: "caller_waits_bye", ..sipp::Options::default() });
    well("caller_waits_bye", &caller.await);
    ended_well(&mut staff, "desk_hangs_up");
    let seen = over(&line, 0).await;
    assert_eq!((seen.desk, seen.ended), (vec![DeskAnswer::Accept], Some(EndedBy::Desk)));
    passed(14, "staff hang up after they took the call", "the caller is hung up");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_silences_the_desk() {
    if !Sipp::available() {
        return;
    }
    // The scenario itself waits for the CANCEL.
    let (mut staff, at, uri) = desk("desk_rings_on", 3_000, "1");
    let line = Line1::start(&Setup { server: at, desks: &[&uri], consults: true, ..Setup::default() });
    let caller = rings(&line, sipp::Options { talk_ms: 1_500, ..sipp::Options::default() });
    well("caller_basic", &caller.await);
    ended_well(&mut staff, "desk_rings_on");
    let seen = over(&line, 0).await;
    assert_eq!((seen.desk, seen.ended), (vec![], Some(EndedBy::Caller)));
    passed(14, "the caller hangs up while the desk rings", "CANCEL to the desk");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_is_silent_is_followed_by_the_next() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    let (_silent, _, first) = desk("desk_silent", 20_000, "1");
    let (mut staff, _, second) = desk("desk_accepts", 3_000, "1");
    let routes = [("one", first.as_str()), ("two", second.as_str())];
    let exchange = Kamailio::start(&kamailio::Options { routes: &routes, ..kamailio::Options::default() });
    let desks = [exchange.uri("one"), exchange.uri("two")];
    let desks = [desks[0].as_str(), desks[1].as_str()];
    let line = Line1::start(&Setup { server: exchange.port(), desks: &desks, consults: true, ..Setup::default() });
    let caller = rings(&line, sipp::Options { talk_ms: 8_500, ..sipp::Options::default() });
    let answer = line.until(Duration::from_secs(8), |calls| calls.first()?.desk.first().copied()).await;
    assert_eq!(answer, Some(DeskAnswer::Accept), "{}", exchange.log());
    well("caller_basic", &caller.await);
    ended_well(&mut staff, "desk_accepts");
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Caller));
    passed(14, "the first desk is silent, the second takes the call", "taken within the rule's 4 s and the answer");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_declines_or_presses_nothing_is_hung_up_and_the_caller_is_back() {
    if !Sipp::available() {
        return;
    }
    for (scenario, keys, expected) in
        [("desk_accepts", "2", DeskAnswer::Decline), ("desk_voicemail", "1", DeskAnswer::None)]
    {
        let (mut staff, at, uri) = desk(scenario, 3_000, keys);
        let line = Line1::start(&Setup { server: at, desks: &[&uri], consults: true, ..Setup::default() });
        let caller = rings(&line, sipp::Options { scenario: "caller_waits_bye", ..sipp::Options::default() });
        let answer = line.until(Duration::from_secs(8), |calls| calls.first()?.desk.first().copied()).await;
        assert_eq!(answer, Some(expected), "{scenario}: {}", staff.errors());
        ended_well(&mut staff, scenario);
        let before = line.calls().remove(0);
        assert_eq!(before.ended, None, "{scenario}: the caller is still there");
        let heard = |calls: &[crate::box_of_its_own::Seen]| {
            (calls[0].heard.len() > before.heard.len() + 4_000).then(|| calls[0].heard[before.heard.len()..].to_vec())
        };
        let after = line.until(SOON, heard).await.expect("the caller is heard again");
        assert!(is_tone(&after, 440.0), "{scenario}");
        line.order(anteroom::line::LineCommand::Hangup).await;
        well("caller_waits_bye", &caller.await);
        line.stop().await;
    }
    passed(14, "key 2, and a voicemail", "the desk is hung up, the caller is back and heard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whom_the_exchange_takes_over_is_released() {
    if !Sipp::available() {
        return;
    }
    let (mut staff, at, uri) = desk("desk_accepts", 3_000, "1");
    let setup = Setup { server: at, desks: &[&uri], consults: true, rules: rules(true), ..Setup::default() };
    let line = Line1::start(&setup);
    let mut caller = Sipp::start(&sipp::Options {
        scenario: "caller_refer_ok",
        end: sipp::End::Caller(line.port),
        limit: Duration::from_secs(20),
        ..sipp::Options::default()
    });
    well("caller_refer_ok", &block_in_place(|| caller.outcome()));
    ended_well(&mut staff, "desk_accepts");
    let seen = over(&line, 0).await;
    assert_eq!((seen.desk, seen.ended), (vec![DeskAnswer::Accept], Some(EndedBy::Desk)));
    let (messages, desk_said) = (caller.messages(), staff.messages());
    let refer_to = header(&messages, "Refer-To").unwrap().to_owned();
    let call_id = desk_said.lines().find_map(|line| line.strip_prefix("Call-ID: ")).unwrap().trim().to_owned();
    let escaped = call_id.replace('@', "%40");
    assert!(refer_to.contains(&format!("Replaces={escaped}%3Bto-tag%3D")), "{refer_to} names the call {call_id}");
    passed(14, "REFER with Replaces: 202, NOTIFY 100, NOTIFY 200", "both legs released");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whom_the_exchange_does_not_take_over_stays_connected() {
    if !Sipp::available() {
        return;
    }
    let ways = ["caller_refer_500", "caller_refer_declined", "caller_refer_no_notify"];
    let mut under_way = Vec::new();
    for scenario in ways {
        let (staff, at, uri) = desk("desk_accepts", 3_000, "1");
        let setup = Setup { server: at, desks: &[&uri], consults: true, rules: rules(true), ..Setup::default() };
        let line = Line1::start(&setup);
        // A call without a NOTIFY has to last past the 5 s that one may take.
        let talk_ms = if scenario == "caller_refer_no_notify" { 6_000 } else { 2_000 };
        let limit = Duration::from_secs(25);
        let caller = rings(&line, sipp::Options { scenario, talk_ms, limit, ..sipp::Options::default() });
        under_way.push((scenario, staff, line, caller));
    }
    for (scenario, mut staff, line, caller) in under_way {
        well(scenario, &caller.await);
        ended_well(&mut staff, "desk_accepts");
        let seen = over(&line, 0).await;
        assert_eq!((seen.desk, seen.ended), (vec![DeskAnswer::Accept], Some(EndedBy::Caller)), "{scenario}");
        line.stop().await;
    }
    passed(14, "REFER: NOTIFY 500, 603, no NOTIFY at all", "the bridge stays until the caller hangs up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notify_that_is_faster_than_the_202_is_understood() {
    if !Sipp::available() {
        return;
    }
    let (mut staff, at, uri) = desk("desk_accepts", 3_000, "1");
    let setup = Setup { server: at, desks: &[&uri], consults: true, rules: rules(true), ..Setup::default() };
    let line = Line1::start(&setup);
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    block_in_place(|| {
        let at = hand.call(&sdp);
        std::thread::scope(|threads| {
            let caller = hand.rtp.try_clone().unwrap();
            threads.spawn(move || speak(&caller, at, 7, 1, &mu_law(&tone(440.0, 8_000, 5_000))));
            let refer = hand.wait(Duration::from_secs(8), |text| text.starts_with("REFER ")).expect("a REFER");
            hand.notify("SIP/2.0 100 Trying\r\n", "active;expires=60");
            hand.notify("SIP/2.0 200 OK\r\n", "terminated;reason=noresource");
            std::thread::sleep(Duration::from_millis(100));
            hand.reply(&refer, "202 Accepted");
            let bye = hand.wait(SOON, |text| text.starts_with("BYE ")).expect("a BYE");
            hand.reply(&bye, "200 OK");
        });
    });
    ended_well(&mut staff, "desk_accepts");
    let seen = over(&line, 0).await;
    assert_eq!((seen.desk, seen.ended), (vec![DeskAnswer::Accept], Some(EndedBy::Desk)));
    passed(14, "NOTIFY before the 202", "released");
    line.stop().await;
}

/// A caller by hand whom a desk has taken, up to the REFER.
async fn referred(desk_scenario: &'static str, talk_ms: u32) -> (Line1, ByHand, Sipp) {
    let (staff, at, uri) = desk(desk_scenario, talk_ms, "1");
    let setup = Setup { server: at, desks: &[&uri], consults: true, rules: rules(true), ..Setup::default() };
    let line = Line1::start(&setup);
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    block_in_place(|| {
        let at = hand.call(&sdp);
        let caller = hand.rtp.try_clone().unwrap();
        // Outlives the test where that ends early: nobody waits for it.
        std::thread::spawn(move || speak(&caller, at, 7, 1, &mu_law(&tone(440.0, 8_000, 9_000))));
        let refer = hand.wait(Duration::from_secs(8), |text| text.starts_with("REFER ")).expect("a REFER");
        hand.reply(&refer, "202 Accepted");
    });
    (line, hand, staff)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whose_desk_has_left_for_the_exchange_is_on_hold_until_the_exchange_says_how_it_went() {
    if !Sipp::available() {
        return;
    }
    for (said, desk_answers, ended) in [
        ("SIP/2.0 200 OK\r\n", vec![DeskAnswer::Accept], Some(EndedBy::Desk)),
        ("SIP/2.0 500 No\r\n", vec![DeskAnswer::Accept, DeskAnswer::None], None),
    ] {
        let (line, mut hand, mut staff) = referred("desk_hangs_up", 4_000).await;
        let held = line.until(SOON, |calls| Some(calls[0].on_hold).filter(|times| *times == 1)).await;
        assert_eq!(held, Some(1), "{said}");
        ended_well(&mut staff, "desk_hangs_up");
        let before = line.calls()[0].played;
        assert_eq!(line.calls()[0].ended, None, "{said}: the desk's end was not the caller's");
        // What the switchboard plays is what the caller hears again: music, in a box.
        let played = line.until(SOON, |calls| Some(calls[0].played).filter(|played| *played > before + 10)).await;
        assert!(played.is_some(), "{said}: the caller hears nothing");
        block_in_place(|| hand.notify(said, "terminated;reason=noresource"));
        let told = line.until(SOON, |calls| (calls[0].desk == desk_answers && calls[0].ended == ended).then_some(()));
        let told = told.await;
        assert!(told.is_some(), "{said}: {:?} {:?}", line.calls()[0].desk, line.calls()[0].ended);
        line.stop().await;
    }
    passed(14, "the desk's leg ends before the NOTIFY", "the caller hears music; then released, or back with the box");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whose_leg_ends_after_the_refer_does_not_cost_the_desk_its_leg_before_the_notifys_time() {
    if !Sipp::available() {
        return;
    }
    let (line, mut hand, mut staff) = referred("desk_accepts", 3_000).await;
    block_in_place(|| hand.bye());
    let left = Instant::now();
    ended_well(&mut staff, "desk_accepts");
    let kept = left.elapsed();
    assert!(kept >= Duration::from_secs(3), "the desk was hung up {kept:?} after the caller: it may be theirs by then");
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Caller));
    passed(14, "the caller's leg ends after the REFER", &format!("the desk's leg is kept {:.1} s", kept.as_secs_f64()));
    line.stop().await;
}

/// Two telephones at an exchange, the caller saying 440 Hz, the desk 900 Hz; connected by the box.
async fn connected() -> (Kamailio, Line1, Baresip, Baresip) {
    let users = [("box", "secret"), ("phone", "other"), ("desk", "third")];
    let exchange = Kamailio::start(&kamailio::Options { users: &users, ..kamailio::Options::default() });
    let uri = exchange.uri("desk");
    let line = Line1::start(&Setup {
        server: exchange.port(),
        password: Some("secret"),
        desks: &[&uri],
        consults: true,
        ..Setup::default()
    });
    let telephone = |user, password, hz, answer| {
        Baresip::start(&baresip::Options {
            user,
            password,
            registrar: exchange.port(),
            says: tone(hz, 8_000, 30_000),
            answer,
            ..baresip::Options::default()
        })
    };
    let mut phone = telephone("phone", "other", 440.0, Answer::Manual);
    let mut staff = telephone("desk", "third", 900.0, Answer::Auto);
    block_in_place(|| {
        for user in ["box", "desk"] {
            assert!(exchange.wait_registered(user, true, SOON), "{user}: {}", exchange.log());
        }
        phone.dial(&exchange.uri("box"));
        assert!(staff.wait_for("CALL_ESTABLISHED", SOON).is_some(), "{}", staff.log());
        std::thread::sleep(Duration::from_millis(800));
        staff.keys("1");
    });
    let answer = line.until(SOON, |calls| calls.first()?.desk.first().copied()).await;
    assert_eq!(answer, Some(DeskAnswer::Accept));
    (exchange, line, phone, staff)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caller_and_desk_hear_each_other() {
    if !(Kamailio::available() && Baresip::available()) {
        return;
    }
    let (_exchange, line, mut phone, staff) = connected().await;
    block_in_place(|| {
        std::thread::sleep(Duration::from_secs(3));
        phone.hang_up();
    });
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Caller));
    std::thread::sleep(Duration::from_millis(500));
    let last = |phone: &Baresip| {
        let heard = phone.heard().concat();
        heard[heard.len().saturating_sub(18_000)..heard.len().saturating_sub(4_000)].to_vec()
    };
    assert!(is_tone(&last(&phone), 900.0), "the caller hears the desk");
    assert!(is_tone(&last(&staff), 440.0), "the desk hears the caller");
    passed(14, "two telephones, connected by key 1", "both hear each other");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn a_desk_whose_telephone_dies_gives_the_caller_back() {
    if !(Kamailio::available() && Baresip::available()) {
        return;
    }
    let (_exchange, line, mut phone, mut staff) = connected().await;
    block_in_place(|| {
        std::thread::sleep(Duration::from_secs(2));
        staff.program().signal("KILL");
    });
    let killed = Instant::now();
    let answer = line.until(Duration::from_secs(36), |calls| calls.first()?.desk.get(1).copied()).await;
    let took = killed.elapsed();
    assert_eq!(answer, Some(DeskAnswer::None));
    assert!(took <= Duration::from_secs(31), "{took:?}");
    assert_eq!(line.calls()[0].ended, None, "the caller is still there");
    block_in_place(|| {
        std::thread::sleep(Duration::from_secs(3));
        phone.hang_up();
    });
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Caller));
    std::thread::sleep(Duration::from_millis(500));
    let heard = phone.heard().concat();
    let last = &heard[heard.len().saturating_sub(18_000)..heard.len().saturating_sub(4_000)];
    assert!(is_tone(last, SAYS_HZ), "the caller hears the box again");
    passed(14, "the desk's telephone is killed in the call", &format!("caller back after {:.1} s", took.as_secs_f64()));
    line.stop().await;
}
