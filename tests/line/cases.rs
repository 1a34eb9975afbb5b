//! Calls to the line, one kind of peer and of trouble each.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anteroom::secret::Secret;
use anteroom::wire::line::{DeskAnswer, EndedBy};

use crate::box_of_its_own::{Line1, SAYS_HZ, Setup, is_clear};
use crate::peers::baresip::{self, Baresip};
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, End, Outcome, Sipp};
use crate::peers::sounds::{is_tone, tone};
use crate::peers::{free_ports, here, sip_ping};

const SOON: Duration = Duration::from_secs(5);

/// Runs a caller's scenario against the line, on a thread where it may wait.
fn rings(line: &Line1, options: sipp::Options<'static>) -> impl Future<Output = Outcome> + use<> {
    let end = End::Caller(line.port);
    let run = tokio::task::spawn_blocking(move || Sipp::run(&sipp::Options { end, ..options }));
    async { run.await.unwrap() }
}

fn well(outcome: &Outcome) {
    assert_eq!((outcome.status, outcome.failed()), (0, 0), "{}", outcome.errors);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_answered_heard_and_ended_by_the_caller() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup::default());
    well(&rings(&line, sipp::Options::default()).await);
    let seen = line.until(SOON, |calls| calls.first().filter(|call| call.ended.is_some()).cloned()).await.unwrap();
    assert_eq!(seen.ended, Some(EndedBy::Caller));
    assert!(seen.number == Secret::new("6175550100"), "who calls");
    assert!(is_clear(&seen.heard, 440.0), "{} samples", seen.heard.len());
    assert!(seen.played > 100, "{} frames of ours were played", seen.played);
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_a_registrar_with_a_password_both_sides_hear_each_other() {
    if !(Kamailio::available() && Baresip::available()) {
        return;
    }
    let users = [("box", "secret"), ("phone", "other")];
    let exchange = Kamailio::start(&kamailio::Options { users: &users, ..kamailio::Options::default() });
    let line = Line1::start(&Setup { server: exchange.port(), password: Some("secret"), ..Setup::default() });
    assert!(tokio::task::block_in_place(|| exchange.wait_registered("box", true, SOON)), "{}", exchange.log());
    assert!(line.standing.is_registered() && line.standing.code() == 200);
    let mut phone = Baresip::start(&baresip::Options {
        user: "phone",
        password: "other",
        registrar: exchange.port(),
        says: tone(440.0, 8_000, 4_000),
        ..baresip::Options::default()
    });
    tokio::task::block_in_place(|| {
        phone.dial(&exchange.uri("box"));
        assert!(phone.wait_for("CALL_ESTABLISHED", SOON).is_some(), "{}", phone.log());
        std::thread::sleep(Duration::from_secs(3));
        phone.keys("12#");
        std::thread::sleep(Duration::from_secs(1));
        phone.hang_up();
    });
    let seen = line.until(SOON, |calls| calls.first().filter(|call| call.ended.is_some()).cloned()).await.unwrap();
    assert_eq!((seen.ended, seen.keys.as_str()), (Some(EndedBy::Caller), "12#"));
    assert!(is_clear(&seen.heard[..16_000], 440.0));
    let heard = phone.heard().concat();
    assert!(heard.len() > 16_000 && is_tone(&heard[8_000..16_000], SAYS_HZ), "{} samples", heard.len());
    drop(phone);
    line.stop().await;
    assert!(
        tokio::task::block_in_place(|| exchange.wait_registered("box", false, SOON)),
        "a box that stops leaves, so that the desk rings at once"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_offer_that_can_be_met_is_met_and_no_other() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup::default());
    for (at, scenario) in
        ["caller_pcma_only", "caller_g722_first", "caller_odd_pt", "caller_delayed_offer"].into_iter().enumerate()
    {
        let sound = if scenario == "caller_pcma_only" || scenario == "caller_g722_first" {
            crate::peers::sounds::a_law(&tone(440.0, 8_000, 2_000))
        } else {
            sipp::Options::default().sound
        };
        let outcome = rings(&line, sipp::Options { scenario, sound, talk_ms: 1_500, ..sipp::Options::default() }).await;
        assert_eq!((outcome.status, outcome.failed()), (0, 0), "{scenario}: {}", outcome.errors);
        let ended = line.until(SOON, |calls| calls.get(at).filter(|call| call.ended.is_some()).cloned()).await;
        assert!(ended.is_some_and(|call| !call.heard.is_empty()), "{scenario}");
    }
    // The scenario itself expects 488.
    well(&rings(&line, sipp::Options { scenario: "caller_g729_only", ..sipp::Options::default() }).await);
    assert_eq!(line.calls().len(), 4, "what cannot be met never rings");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_call_too_many_and_a_box_that_cannot_serve_are_told_so_before_they_are_answered() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup { max_calls: 2, ..Setup::default() });
    let options = sipp::Options { calls: 3, at_once: 3, rate: 20, ..sipp::Options::default() };
    let outcome = rings(&line, options).await;
    assert_eq!((outcome.successful(), outcome.failed()), (2, 1), "{}", outcome.errors);
    assert!(outcome.errors.contains("486"), "{}", outcome.errors);
    line.brain.store(false, Ordering::Relaxed);
    let outcome = rings(&line, sipp::Options::default()).await;
    assert!(outcome.failed() == 1 && outcome.errors.contains("503"), "{}", outcome.errors);
    let ping = |port| tokio::task::block_in_place(|| sip_ping(here(port), SOON));
    assert_eq!(ping(line.port), Some(503));
    line.brain.store(true, Ordering::Relaxed);
    assert_eq!(ping(line.port), Some(200));
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_telephones_do_to_a_call_before_and_in_it_leaves_no_ghost() {
    if !Sipp::available() {
        return;
    }
    let quiet = Line1::start(&Setup { answers: false, ..Setup::default() });
    well(&rings(&quiet, sipp::Options { scenario: "caller_cancel_early", ..sipp::Options::default() }).await);
    let ended = quiet.until(SOON, |calls| calls.first().and_then(|call| call.ended)).await;
    assert_eq!(ended, Some(EndedBy::Caller));
    quiet.stop().await;
    let line = Line1::start(&Setup::default());
    for scenario in ["caller_retransmits", "caller_lost_ack", "caller_hold", "caller_info_dtmf", "caller_two_ssrc"] {
        let before = line.calls().len();
        let outcome = rings(&line, sipp::Options { scenario, ..sipp::Options::default() }).await;
        assert_eq!((outcome.status, outcome.failed()), (0, 0), "{scenario}: {}", outcome.errors);
        let ended = line.until(SOON, |calls| calls.get(before).filter(|call| call.ended.is_some()).cloned()).await;
        let seen = ended.unwrap_or_else(|| panic!("{scenario} never ended"));
        assert_eq!(line.calls().len(), before + 1, "{scenario} rang once");
        if scenario == "caller_info_dtmf" {
            assert_eq!(seen.keys, "5");
        }
    }
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_that_presses_one_has_the_caller_and_every_other_gives_them_back() {
    if !Sipp::available() {
        return;
    }
    for (scenario, expected) in [
        ("desk_accepts", DeskAnswer::Accept),
        ("desk_declines_603", DeskAnswer::Decline),
        ("desk_busy_486", DeskAnswer::Decline),
        ("desk_silent", DeskAnswer::None),
        ("desk_voicemail", DeskAnswer::None),
        ("desk_unable_503", DeskAnswer::None),
    ] {
        let at = free_ports(2);
        let desk = format!("sip:desk@127.0.0.1:{at}");
        let staff = Sipp::start(&sipp::Options { scenario, port: at, talk_ms: 3_000, ..sipp::Options::default() });
        let line = Line1::start(&Setup { server: at, desks: &[&desk], consults: true, ..Setup::default() });
        let (caller, talk_ms) =
            if expected == DeskAnswer::Accept { ("caller_basic", 5_000) } else { ("caller_waits_bye", 9_000) };
        let caller = rings(&line, sipp::Options { scenario: caller, talk_ms, ..sipp::Options::default() });
        let answer = line.until(Duration::from_secs(9), |calls| calls.first()?.desk.first().copied()).await;
        assert_eq!(answer, Some(expected), "{scenario}: {}", staff.errors());
        if expected != DeskAnswer::Accept {
            let seen = line.calls().remove(0);
            assert_eq!(seen.ended, None, "{scenario}: the caller is still there");
            line.order(anteroom::line::LineCommand::Hangup).await;
        }
        let _ = caller.await;
        let ended = line.until(SOON, |calls| calls.first()?.ended).await;
        assert!(ended.is_some(), "{scenario}");
        line.stop().await;
    }
}
