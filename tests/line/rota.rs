//! Urgent calls: whoever is on call is rung, one after another, until somebody accepts by key; then the desk.

#![allow(clippy::disallowed_methods, reason = "the peers live in real time and on real sockets of this machine")]

use std::time::{Duration, Instant};

use anteroom::line::Rung;
use anteroom::line::consult::Rules;
use anteroom::line::rota::Outcome;
use anteroom::wire::line::{DeskAnswer, EndedBy, Urgency};
use tokio::task::block_in_place;

use crate::box_of_its_own::{ASKS_HZ, BRIEF_HZ, Line1, Seen, Setup, on_call};
use crate::peers::baresip::{self, Answer, Baresip};
use crate::peers::free_ports;
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, Sipp};
use crate::peers::sounds::{share, tone};
use crate::trouble::{SOON, over, rings, well};

const S: fn(u64) -> Duration = Duration::from_secs;

/// A line of the table.
fn passed(what: &str, result: &str) {
    println!("| rota | {what} | {result} |");
}

/// A telephone of staff at a port of its own.
fn telephone(scenario: &'static str, keys: &'static str) -> (Sipp, String) {
    let port = free_ports(2);
    let staff = Sipp::start(&sipp::Options { scenario, port, keys, talk_ms: 3_000, ..sipp::Options::default() });
    (staff, format!("sip:staff@127.0.0.1:{port}"))
}

/// An exchange that knows these telephones as a, b and desk.
fn exchange(a: &str, b: &str, desk: &str) -> Kamailio {
    let routes = [("a", a), ("b", b), ("desk", desk)];
    Kamailio::start(&kamailio::Options { routes: &routes, ..kamailio::Options::default() })
}

/// A line whose every call is urgent; A and B are waited for so long, and accept with these keys.
fn urgent(exchange: &Kamailio, patience: [Duration; 2], keys: [char; 2]) -> Line1 {
    let [a, b, desk] = ["a", "b", "desk"].map(|user| exchange.uri(user));
    Line1::start(&Setup {
        server: exchange.port(),
        desks: &[&desk],
        on_call: vec![on_call(&a, patience[0], keys[0]), on_call(&b, patience[1], keys[1])],
        rules: Rules { ring: S(4), think: S(3), ..Rules::default() },
        consults: true,
        urgency: Urgency::Urgent,
        ..Setup::default()
    })
}

/// How each attempt ended, in the order in which they did.
fn results(seen: &Seen) -> Vec<(usize, Outcome)> {
    let settled = |(who, what): &(usize, Rung)| match what {
        Rung::Begins => None,
        Rung::Settled { result, .. } => Some((*who, *result)),
    };
    seen.rung.iter().filter_map(settled).collect()
}

fn begun(seen: &Seen) -> Vec<usize> {
    seen.rung.iter().filter(|(_, what)| *what == Rung::Begins).map(|(who, _)| *who).collect()
}

async fn answered(line: &Line1, limit: Duration) -> Option<DeskAnswer> {
    line.until(limit, |calls| calls.first()?.desk.first().copied()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_first_does_not_answer_the_second_is_rung_too_and_has_the_caller() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    let ((mut a, at_a), (mut b, at_b)) = (telephone("desk_rings_on", "1"), telephone("desk_accepts", "1"));
    let exchange = exchange(&at_a, &at_b, &at_a);
    let line = urgent(&exchange, [S(3), S(10)], ['1', '1']);
    let caller = rings(&line, sipp::Options { talk_ms: 8_000, ..sipp::Options::default() });
    let rang = line.until(SOON, |calls| calls.first().map(|_| Instant::now())).await.unwrap();
    assert_eq!(answered(&line, S(10)).await, Some(DeskAnswer::Accept), "{}", exchange.log());
    let took = rang.elapsed();
    assert!(took >= S(3), "B before A had had their time: {took:?}");
    well("caller_basic", &caller.await);
    // A's scenario waits for its CANCEL, B's for its BYE.
    for (scenario, staff) in [("desk_rings_on", &mut a), ("desk_accepts", &mut b)] {
        well(scenario, &block_in_place(|| staff.outcome()));
    }
    let seen = over(&line, 0).await;
    assert_eq!(begun(&seen), [0, 1]);
    assert_eq!(results(&seen), [(1, Outcome::Accepted), (0, Outcome::TakenByOther)]);
    assert_eq!((seen.desk, seen.ended), (vec![DeskAnswer::Accept], Some(EndedBy::Caller)));
    passed(
        "A does not answer, B accepts",
        &format!("taken {:.1} s after it rang; A's telephone stops", took.as_secs_f64()),
    );
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voicemail_that_answers_has_not_accepted_and_a_key_that_is_not_theirs_is_none() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    // A presses 1, where A's key is 7: no acceptance, as little as a voicemail's answer.
    for (scenario, key) in [("desk_voicemail", '1'), ("desk_accepts", '7')] {
        let ((mut a, at_a), (mut b, at_b)) = (telephone(scenario, "1"), telephone("desk_accepts", "9"));
        let exchange = exchange(&at_a, &at_b, &at_a);
        let line = urgent(&exchange, [S(4), S(10)], [key, '9']);
        let caller = rings(&line, sipp::Options { talk_ms: 9_000, ..sipp::Options::default() });
        assert_eq!(answered(&line, S(10)).await, Some(DeskAnswer::Accept), "{scenario}: {}", exchange.log());
        well("caller_basic", &caller.await);
        for (scenario, staff) in [(scenario, &mut a), ("desk_accepts", &mut b)] {
            well(scenario, &block_in_place(|| staff.outcome()));
        }
        let seen = over(&line, 0).await;
        assert_eq!(results(&seen), [(1, Outcome::Accepted), (0, Outcome::TakenByOther)], "{scenario}");
        line.stop().await;
    }
    passed("A's voicemail answers; A presses another key", "B is rung after A's time, and has the caller");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_on_call_accepts_the_desk_is_rung_and_hears_the_brief() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    let (mut a, at_a) = telephone("desk_busy_486", "1");
    let ((mut b, at_b), (mut desk, at_desk)) = (telephone("desk_rings_on", "1"), telephone("desk_accepts", "1"));
    let exchange = exchange(&at_a, &at_b, &at_desk);
    let line = urgent(&exchange, [S(20), S(3)], ['1', '1']);
    let caller = rings(&line, sipp::Options { talk_ms: 8_000, ..sipp::Options::default() });
    let rang = line.until(SOON, |calls| calls.first().map(|_| Instant::now())).await.unwrap();
    assert_eq!(answered(&line, S(10)).await, Some(DeskAnswer::Accept), "{}", exchange.log());
    let took = rang.elapsed();
    well("caller_basic", &caller.await);
    for (scenario, staff) in [("desk_busy_486", &mut a), ("desk_rings_on", &mut b), ("desk_accepts", &mut desk)] {
        well(scenario, &block_in_place(|| staff.outcome()));
    }
    let seen = over(&line, 0).await;
    assert_eq!(results(&seen), [(0, Outcome::Busy), (1, Outcome::NoAnswer)]);
    assert_eq!(seen.desk, [DeskAnswer::Accept]);
    passed(
        "A is busy, B does not answer",
        &format!("B at once, the desk after B's 3 s: taken after {:.1} s", took.as_secs_f64()),
    );
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_desk_does_not_take_it_either_the_caller_is_back() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    let ((_a, at_a), (_b, at_b)) = (telephone("desk_declines_603", "1"), telephone("desk_unable_503", "1"));
    let (_desk, at_desk) = telephone("desk_busy_486", "1");
    let exchange = exchange(&at_a, &at_b, &at_desk);
    let line = urgent(&exchange, [S(20), S(20)], ['1', '1']);
    let caller = rings(&line, sipp::Options { scenario: "caller_waits_bye", ..sipp::Options::default() });
    assert_eq!(answered(&line, S(8)).await, Some(DeskAnswer::Decline), "{}", exchange.log());
    let seen = line.calls().remove(0);
    assert_eq!(results(&seen), [(0, Outcome::Declined), (1, Outcome::Failed)]);
    assert_eq!(seen.ended, None, "the caller is still there");
    line.order(anteroom::line::LineCommand::Hangup).await;
    well("caller_waits_bye", &caller.await);
    passed("A declines, B cannot, the desk is busy", "the caller is back with the box");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_in_the_middle_silences_every_telephone() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    let ((mut a, at_a), (mut b, at_b)) = (telephone("desk_rings_on", "1"), telephone("desk_voicemail", "1"));
    let exchange = exchange(&at_a, &at_b, &at_a);
    let line = urgent(&exchange, [S(2), S(60)], ['1', '1']);
    let caller = rings(&line, sipp::Options { talk_ms: 5_000, ..sipp::Options::default() });
    well("caller_basic", &caller.await);
    // Their scenarios wait for CANCEL and BYE.
    for (scenario, staff) in [("desk_rings_on", &mut a), ("desk_voicemail", &mut b)] {
        well(scenario, &block_in_place(|| staff.outcome()));
    }
    let seen = over(&line, 0).await;
    assert_eq!(results(&seen), [(0, Outcome::CallerGone), (1, Outcome::CallerGone)]);
    assert_eq!((seen.desk, seen.ended), (vec![], Some(EndedBy::Caller)));
    passed("the caller hangs up while A rings and B's voicemail talks", "CANCEL to A, BYE to B, both noted");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_on_call_hears_the_question_and_nothing_of_the_caller_before_the_key() {
    if !(Kamailio::available() && Baresip::available()) {
        return;
    }
    let users = [("box", "secret"), ("phone", "other"), ("a", "third")];
    let exchange = Kamailio::start(&kamailio::Options { users: &users, ..kamailio::Options::default() });
    let line = Line1::start(&Setup {
        server: exchange.port(),
        password: Some("secret"),
        on_call: vec![on_call(&exchange.uri("a"), S(30), '5')],
        consults: true,
        urgency: Urgency::Urgent,
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
    let mut clinician = telephone("a", "third", 800.0, Answer::Auto);
    block_in_place(|| {
        for user in ["box", "a"] {
            assert!(exchange.wait_registered(user, true, SOON), "{user}: {}", exchange.log());
        }
        phone.dial(&exchange.uri("box"));
        assert!(clinician.wait_for("CALL_ESTABLISHED", SOON).is_some(), "{}", clinician.log());
        std::thread::sleep(S(2));
        clinician.keys("5");
    });
    assert_eq!(answered(&line, SOON).await, Some(DeskAnswer::Accept));
    block_in_place(|| {
        std::thread::sleep(S(3));
        clinician.hang_up();
    });
    // Whoever is on call ends a call by hanging up.
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Desk));
    std::thread::sleep(Duration::from_millis(500));
    let heard = clinician.heard().concat();
    let of = |hz: f64| heard.chunks_exact(1_600).map(|piece| share(piece, hz) > 0.8).collect::<Vec<_>>();
    let (asked, caller, brief) = (of(ASKS_HZ), of(440.0), of(BRIEF_HZ));
    let last_asked = asked.iter().rposition(|is| *is).expect("the question was heard");
    let first_caller = caller.iter().position(|is| *is).expect("the caller is heard after the key");
    assert!(asked.iter().filter(|is| **is).count() >= 6, "{asked:?}");
    assert!(last_asked < first_caller, "the caller was heard before the key");
    assert!(!brief.contains(&true), "nobody asked for a brief");
    let heard = phone.heard().concat();
    assert!(heard.chunks_exact(1_600).any(|piece| share(piece, 800.0) > 0.8), "the caller hears them");
    passed("what A hears: the question until the key, then the caller", "both hear each other; A hangs up and ends it");
    line.stop().await;
}
