//! What goes wrong on telephone lines, done to the line: bad networks, dead peers, strangers, holds, odd keys, registrars
//! that are away, and rubbish. The numbers are the cases of the table that `make test-line` prints.

#![allow(clippy::disallowed_methods, reason = "the peers live in real time and on real sockets of this machine")]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anteroom::config::telephone::Transport;
use anteroom::pcm::g711;
use anteroom::wire::line::EndedBy;
use tokio::task::block_in_place;

use crate::box_of_its_own::{Line1, SAYS_HZ, Seen, Setup, is_clear};
use crate::by_hand::{ByHand, audio_port, speak};
use crate::peers::baresip::{self, Baresip};
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, End, Outcome, Sipp};
use crate::peers::sounds::{self, is_tone, loudest, mu_law, rms, tone};
use crate::peers::{find, here, is_bound, sip_ping};
use crate::relay::{self, Chance, Impairment, Jitter, Relay};

pub(crate) const SOON: Duration = Duration::from_secs(5);
const MS: fn(u64) -> Duration = Duration::from_millis;
/// The watchdog's 30 s, and the second that it may take to look.
const WATCHDOG: Duration = Duration::from_secs(31);

/// A line of the table.
pub(crate) fn passed(case: u32, what: &str, result: &str) {
    println!("| case {case} | {what} | {result} |");
}

/// Runs a caller's scenario against the line, on a thread where it may wait.
pub(crate) fn rings(line: &Line1, options: sipp::Options<'static>) -> impl Future<Output = Outcome> + use<> {
    let end = End::Caller(line.port);
    let run = tokio::task::spawn_blocking(move || Sipp::run(&sipp::Options { end, ..options }));
    async { run.await.unwrap() }
}

pub(crate) fn well(scenario: &str, outcome: &Outcome) {
    assert_eq!((outcome.status, outcome.failed()), (0, 0), "{scenario}: {}", outcome.errors);
}

/// The call of this number, counted from nought, once it is over.
pub(crate) async fn over(line: &Line1, at: usize) -> Seen {
    let seen = line.until(SOON, |calls| calls.get(at).filter(|call| call.ended.is_some()).cloned()).await;
    seen.unwrap_or_else(|| panic!("call {at} did not end"))
}

pub(crate) fn decoded(law: &[u8]) -> Vec<i16> {
    law.iter().map(|octet| g711::from_mulaw(*octet)).collect()
}

/// Sound of this frequency as a telephone sends it.
fn says(hz: f64, ms: u32) -> Vec<u8> {
    mu_law(&tone(hz, 8_000, ms))
}

/// How long sound and silence last in turn, in frames of 20 ms; what is shorter than 200 ms belongs to what is around it.
fn stretches(heard: &[i16]) -> Vec<(bool, usize)> {
    let mut all: Vec<(bool, usize)> = Vec::new();
    for frame in heard.chunks_exact(160) {
        let loud = rms(frame) > 300.0;
        match all.last_mut() {
            Some((before, count)) if *before == loud => *count += 1,
            _ => all.push((loud, 1)),
        }
    }
    let mut joined: Vec<(bool, usize)> = Vec::new();
    for (loud, count) in all {
        match joined.last_mut() {
            Some((before, sum)) if *before == loud || count < 10 => *sum += count,
            _ => joined.push((loud, count)),
        }
    }
    joined
}

/// The tones of a sound in turn, each half a second or more.
fn tones(heard: &[i16]) -> Vec<Option<f64>> {
    let mut all: Vec<Option<f64>> = heard.chunks_exact(1_600).map(loudest).collect();
    all.dedup();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_1_a_bad_network_leaves_the_caller_heard_and_soon() {
    let line = Line1::start(&Setup::default());
    let bad = Impairment {
        loss: 0.05,
        jitter: Jitter::Uniform(MS(60)),
        duplicate: 0.05,
        reorder: 0.05,
        ..Impairment::default()
    };
    let network = |hand: &ByHand, to_box| {
        let phone = hand.rtp.local_addr().ok();
        let setup = relay::Setup { phone, to_box, to_phone: bad, seed: 11, ..relay::Setup::default() };
        Relay::start(setup).unwrap()
    };
    // One whose packets are only lost: where some come twice, they make up for the lost ones in the peer's report.
    let (mut lossy, mut hand) = (ByHand::towards(line.port), ByHand::towards(line.port));
    let loses = network(&lossy, Impairment { loss: 0.05, ..Impairment::default() });
    let network = network(&hand, bad);
    let sdp = |hand: &ByHand, network: &Relay| hand.sdp("127.0.0.1", network.faces_box().port(), true);
    let sdps = [sdp(&lossy, &loses), sdp(&hand, &network)];
    let (begins, echo) = block_in_place(|| {
        lossy.call(&sdps[0]);
        hand.call(&sdps[1]);
        let ended = std::thread::scope(|threads| {
            threads.spawn(|| speak(&lossy.rtp, loses.faces_phone(), 8, 1, &says(440.0, 6_000)));
            let next = speak(&hand.rtp, network.faces_phone(), 7, 100, &mu_law(&sounds::silence(2_000)));
            let begins = line.calls()[1].heard.len();
            speak(&hand.rtp, network.faces_phone(), 7, next, &says(440.0, 4_000));
            std::thread::sleep(MS(300));
            (begins, decoded(&hand.heard()))
        });
        lossy.bye();
        hand.bye();
        ended
    });
    let seen = over(&line, 1).await;
    let first = seen.heard.chunks_exact(160).position(|frame| rms(frame) > 300.0).unwrap() * 160;
    let late = first.saturating_sub(begins) / 8;
    assert!(late <= 200, "the caller is heard {late} ms late");
    assert!(is_clear(&seen.heard[first..first + 28_000], 440.0), "{:?}", tones(&seen.heard));
    assert!(is_tone(&echo[8_000..32_000], SAYS_HZ), "what the caller hears: {:?}", tones(&echo));
    let (lost, less) = (lossy.lost().unwrap(), hand.lost().unwrap());
    assert!((3..40).contains(&lost), "{lost} packets lost, says the box; 5 % of about 250 are 12");
    assert!((-25..25).contains(&less), "{less} packets lost, less the doubled ones");
    passed(
        1,
        "60 ms jitter, 5 % loss, reordered and doubled",
        &format!("heard after {late} ms, {lost} counted as lost"),
    );
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_2_a_caller_of_whom_nothing_is_ever_heard_is_ended() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup::default());
    let caller = rings(&line, sipp::Options { scenario: "caller_no_rtp", ..sipp::Options::default() });
    let rang = line.until(SOON, |calls| (!calls.is_empty()).then(Instant::now)).await.unwrap();
    let ended = line.until(WATCHDOG + SOON, |calls| calls[0].ended).await;
    let took = rang.elapsed();
    assert_eq!(ended, Some(EndedBy::Line));
    assert!(took > Duration::from_secs(29) && took <= WATCHDOG, "{took:?}");
    assert_eq!(line.calls()[0].unheard, 3, "told after 5, 15 and 25 s");
    well("caller_no_rtp", &caller.await);
    passed(2, "a peer that never sends sound", &format!("told three times; ended after {:.1} s", took.as_secs_f64()));
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_5_a_peer_that_does_not_answer_the_bye_does_not_keep_its_place() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup { max_calls: 1, ..Setup::default() });
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    block_in_place(|| hand.call(&sdp));
    line.order(anteroom::line::LineCommand::Hangup).await;
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Anteroom));
    // The BYE is repeated for half a minute: nobody reads it.
    well("caller_basic", &rings(&line, sipp::Options { talk_ms: 500, ..sipp::Options::default() }).await);
    assert_eq!(over(&line, 1).await.ended, Some(EndedBy::Caller));
    passed(5, "max-calls = 1, a peer that does not answer the BYE", "the next call is served at once");
    drop(hand);
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_5_a_peer_that_is_asked_and_does_not_answer_holds_up_nothing_in_its_call() {
    let line = Line1::start(&Setup::default());
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    block_in_place(|| {
        hand.call(&sdp);
        // Silent: after 10 s it is asked by OPTIONS, which it leaves unanswered.
        assert!(hand.wait(Duration::from_secs(13), |text| text.starts_with("OPTIONS ")).is_some());
        hand.request("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=5\r\nDuration=160\r\n");
    });
    let pressed = Instant::now();
    let keys = line.until(SOON, |calls| Some(calls[0].keys.clone()).filter(|keys| keys == "5")).await;
    let took = pressed.elapsed();
    assert!(keys.is_some(), "a key waits for the answer to the OPTIONS");
    line.order(anteroom::line::LineCommand::Hangup).await;
    let bye = block_in_place(|| hand.wait(Duration::from_secs(2), |text| text.starts_with("BYE ")));
    assert!(bye.is_some(), "the end waits for the answer to the OPTIONS");
    passed(5, "a silent peer leaves OPTIONS unanswered", &format!("a key of it counts after {} ms", took.as_millis()));
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_3_a_caller_behind_a_nat_is_heard_and_hears() {
    let line = Line1::start(&Setup::default());
    let mut hand = ByHand::towards(line.port);
    // An address of documentation, where nobody is (RFC 5737).
    let sdp = hand.sdp("192.0.2.1", 40_000, true);
    let back = block_in_place(|| {
        let at = hand.call(&sdp);
        speak(&hand.rtp, at, 7, 1, &says(440.0, 2_500));
        let back = decoded(&hand.heard());
        hand.bye();
        back
    });
    let seen = over(&line, 0).await;
    assert!(is_clear(&seen.heard, 440.0), "{:?}", tones(&seen.heard));
    assert!(back.len() > 12_000 && is_tone(&back[4_000..], SAYS_HZ), "{} samples came back", back.len());
    if Sipp::available() {
        let caller =
            rings(&line, sipp::Options { scenario: "caller_wrong_c", talk_ms: 2_000, ..sipp::Options::default() });
        well("caller_wrong_c", &caller.await);
        let seen = over(&line, 1).await;
        assert!(is_clear(&seen.heard, 440.0), "{:?}", tones(&seen.heard));
    }
    passed(3, "sound from elsewhere than the description says", "heard both ways");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_4_a_stranger_in_mid_call_is_not_heard() {
    let line = Line1::start(&Setup::default());
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    block_in_place(|| {
        let at = hand.call(&sdp);
        std::thread::scope(|threads| {
            let caller = hand.rtp.try_clone().unwrap();
            threads.spawn(move || speak(&caller, at, 0xCA11, 1, &says(440.0, 6_000)));
            std::thread::sleep(MS(2_500));
            let stranger = UdpSocket::bind(here(0)).unwrap();
            speak(&stranger, at, 0xBAD, 30_000, &says(1_000.0, 1_200));
            // The caller's own source, and numbers just ahead of the caller's.
            speak(&stranger, at, 0xCA11, 260, &says(1_000.0, 1_200));
            stranger.set_read_timeout(Some(MS(200))).unwrap();
            assert!(stranger.recv(&mut [0; 2_048]).is_err(), "the stranger is sent the call's sound");
        });
        hand.bye();
    });
    let seen = over(&line, 0).await;
    let heard = tones(&seen.heard[4_800..44_000]);
    assert_eq!(heard, [Some(440.0)], "only the caller");
    passed(4, "sound of a third source, with another and with the same SSRC", "ignored, and sent nothing");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_5_a_telephone_that_is_killed_ends_its_call_and_frees_its_ports() {
    if !(Kamailio::available() && Baresip::available()) {
        return;
    }
    let users = [("box", "secret"), ("phone", "other")];
    let exchange = Kamailio::start(&kamailio::Options { users: &users, ..kamailio::Options::default() });
    let line = Line1::start(&Setup { server: exchange.port(), password: Some("secret"), ..Setup::default() });
    assert!(block_in_place(|| exchange.wait_registered("box", true, SOON)), "{}", exchange.log());
    let mut phone = Baresip::start(&baresip::Options {
        user: "phone",
        password: "other",
        registrar: exchange.port(),
        says: tone(440.0, 8_000, 4_000),
        ..baresip::Options::default()
    });
    let (killed, port) = block_in_place(|| {
        phone.dial(&exchange.uri("box"));
        assert!(phone.wait_for("CALL_ESTABLISHED", SOON).is_some(), "{}", phone.log());
        std::thread::sleep(Duration::from_secs(3));
        let port = audio_port(&phone.log()).unwrap();
        phone.program().signal("KILL");
        (Instant::now(), port)
    });
    assert!(is_bound(port), "the box's port {port}");
    let ended = line.until(WATCHDOG + SOON, |calls| calls[0].ended).await;
    let took = killed.elapsed();
    assert_eq!(ended, Some(EndedBy::Line));
    assert!(took <= WATCHDOG, "{took:?}");
    let free = block_in_place(|| crate::peers::until(Duration::from_secs(2), || (!is_bound(port)).then_some(())));
    assert!(free.is_some(), "port {port} is still taken");
    passed(5, "a telephone killed in a call", &format!("ended after {:.1} s, its port is free", took.as_secs_f64()));
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_6_packets_that_stop_in_a_word_are_silence_within_a_second() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup::default());
    let options = sipp::Options { scenario: "caller_pauses_mid_word", talk_ms: 800, ..sipp::Options::default() };
    well("caller_pauses_mid_word", &rings(&line, options).await);
    let seen = over(&line, 0).await;
    let all = stretches(&seen.heard);
    let pauses: Vec<usize> = all.iter().filter(|(loud, count)| !loud && *count > 50).map(|(_, count)| *count).collect();
    // 3 s each, less the second in which the end of a word may be made up.
    assert!(pauses.len() == 2 && pauses.iter().all(|count| (100..160).contains(count)), "{all:?}");
    let words = all.iter().filter(|(loud, count)| *loud && *count > 25).count();
    assert_eq!(words, 3, "{all:?}");
    passed(6, "packets stop in mid-word, twice", &format!("silent for {} and {} ms", pauses[0] * 20, pauses[1] * 20));
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_8_a_key_is_one_key_however_it_is_sent() {
    if !Sipp::available() {
        return;
    }
    let ways = [("caller_dtmf", 3_600, "159#"), ("caller_dtmf_96", 700, "123#"), ("caller_info_dtmf", 1_000, "5")];
    let lines = ways.map(|_| Line1::start(&Setup::default()));
    let [one, two, three] = [0, 1, 2].map(|at| {
        let (scenario, talk_ms, _) = ways[at];
        rings(&lines[at], sipp::Options { scenario, talk_ms, keys: "159#", ..sipp::Options::default() })
    });
    let (one, two, three) = tokio::join!(one, two, three);
    for ((line, outcome), (scenario, _, keys)) in lines.iter().zip([one, two, three]).zip(ways) {
        well(scenario, &outcome);
        assert_eq!(over(line, 0).await.keys, keys, "{scenario}");
    }
    for line in lines {
        line.stop().await;
    }
    passed(8, "keys as RFC 4733 (types 101 and 96) and by INFO", "one event a press");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_8_keys_in_the_sound_count_only_where_no_other_way_was_agreed_on() {
    let line = Line1::start(&Setup::default());
    for (at, agreed) in [(0, false), (1, true)] {
        let mut hand = ByHand::towards(line.port);
        let sdp = hand.sdp("127.0.0.1", hand.rtp.local_addr().unwrap().port(), agreed);
        block_in_place(|| {
            let to = hand.call(&sdp);
            let before = sounds::silence(500);
            let sound = [before.as_slice(), &sounds::key_tones("1590*#", 16_000), &before].concat();
            speak(&hand.rtp, to, 9, 1, &mu_law(&sound));
            hand.bye();
        });
        let expected = if agreed { "" } else { "1590*#" };
        assert_eq!(over(&line, at).await.keys, expected, "telephone-event agreed on: {agreed}");
    }
    passed(8, "keys in the sound", "one event a press where no telephone-event was agreed on, else none");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_9_a_cancel_that_crosses_the_answer_leaves_no_ghost() {
    let line = Line1::start(&Setup { max_calls: 2, ..Setup::default() });
    let (mut taken, mut answered) = (0, 0);
    for attempt in 0..16 {
        let mut hand = ByHand::towards(line.port);
        let sdp = hand.plain();
        block_in_place(|| {
            hand.invite(&sdp);
            std::thread::sleep(Duration::from_micros(attempt * 1_500));
            hand.cancel();
            let (code, message) = hand.answer("INVITE", SOON).expect("an answer to the INVITE");
            hand.ack(code);
            match code {
                487 => taken += 1,
                200 => {
                    answered += 1;
                    hand.bye();
                }
                _ => panic!("{message}"),
            }
        });
    }
    let ended = line.until(SOON, |calls| calls.iter().all(|call| call.ended.is_some()).then_some(calls.len())).await;
    assert!(ended.is_some(), "a call that never ends");
    assert_eq!(taken + answered, 16);
    // Both places are free again.
    let (mut first, mut second) = (ByHand::towards(line.port), ByHand::towards(line.port));
    let sdps = (first.plain(), second.plain());
    block_in_place(|| {
        first.call(&sdps.0);
        second.call(&sdps.1);
        first.bye();
        second.bye();
    });
    passed(
        9,
        "CANCEL and 200 cross, 16 times",
        &format!("{taken} taken back, {answered} answered and ended, no ghost"),
    );
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_10_a_call_lives_past_three_refreshes_of_either_side() {
    if !Sipp::available() {
        return;
    }
    let ways = ["caller_timer_uac_update", "caller_timer_uac_reinvite", "caller_timer_uas"];
    let lines = ways.map(|_| Line1::start(&Setup::default()));
    let [one, two, three] = [0, 1, 2].map(|at| {
        let limit = Duration::from_secs(230);
        rings(&lines[at], sipp::Options { scenario: ways[at], talk_ms: 20_000, limit, ..sipp::Options::default() })
    });
    let began = Instant::now();
    let (one, two, three) = tokio::join!(one, two, three);
    let took = began.elapsed();
    for ((line, outcome), scenario) in lines.iter().zip([one, two, three]).zip(ways) {
        well(scenario, &outcome);
        assert_eq!(over(line, 0).await.ended, Some(EndedBy::Caller), "{scenario}");
    }
    for line in lines {
        line.stop().await;
    }
    passed(10, "session of 90 s, by UPDATE, by re-INVITE, by the box", &format!("alive after {} s", took.as_secs()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_10_a_session_that_nobody_refreshes_is_ended() {
    let line = Line1::start(&Setup::default());
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    let began = block_in_place(|| {
        hand.invite_with("Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n", &sdp);
        let (code, message) = hand.answer("INVITE", SOON).unwrap();
        assert!(code == 200 && message.contains("refresher=uac"), "{message}");
        hand.ack(200);
        let at = here(audio_port(&message).unwrap());
        let began = Instant::now();
        std::thread::scope(|threads| {
            let caller = hand.rtp.try_clone().unwrap();
            // Sound all the while: only the session's timer can end the call.
            threads.spawn(move || speak(&caller, at, 7, 1, &says(440.0, 62_000)));
            let bye = hand.wait(Duration::from_secs(95), |text| text.starts_with("BYE "));
            hand.reply(&bye.expect("a BYE"), "200 OK");
        });
        began
    });
    let took = began.elapsed();
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Line));
    assert!(took < Duration::from_secs(90), "{took:?}");
    passed(10, "a session of 90 s that the peer does not refresh", "ended before its end");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_10_a_session_that_is_too_short_is_told_the_least() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup::default());
    let options = sipp::Options { scenario: "caller_timer_too_short", ..sipp::Options::default() };
    well("caller_timer_too_short", &rings(&line, options).await);
    assert!(line.calls().is_empty(), "it never rang");
    passed(10, "a session of 30 s", "422 with Min-SE");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_11_a_held_call_stands_still_and_goes_on() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup::default());
    let mut caller = std::pin::pin!(rings(
        &line,
        sipp::Options { scenario: "caller_hold", talk_ms: 1_000, ..sipp::Options::default() }
    ));
    // How much had been heard and played at each look; a hold is where neither grows.
    let mut looks = Vec::new();
    let outcome = loop {
        tokio::select! {
            outcome = &mut caller => break outcome,
            () = tokio::time::sleep(MS(50)) => looks.extend(line.calls().first().map(|call| (call.heard.len(), call.played))),
        }
    };
    well("caller_hold", &outcome);
    let seen = over(&line, 0).await;
    let mut holds = Vec::new();
    let mut still = 0;
    for pair in looks.windows(2) {
        if pair[0].0 == pair[1].0 {
            still += 1;
        } else {
            holds.push(std::mem::take(&mut still));
        }
    }
    let holds: Vec<i32> = holds.into_iter().filter(|count| *count > 15).collect();
    // 1.5 s each.
    assert_eq!(holds.len(), 3, "{holds:?}");
    assert!(is_clear(&seen.heard, 440.0), "{:?}", tones(&seen.heard));
    let loud: usize = stretches(&seen.heard).iter().filter(|(loud, _)| *loud).map(|(_, count)| *count).sum();
    assert!(loud * 160 > seen.heard.len() * 8 / 10, "{:?}", stretches(&seen.heard));
    passed(11, "hold by sendonly, by inactive and by 0.0.0.0", "time stands still three times, and the sound resumes");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_12_another_source_in_mid_call_is_followed_and_not_counted_as_loss() {
    let line = Line1::start(&Setup::default());
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    block_in_place(|| {
        let at = hand.call(&sdp);
        let next = speak(&hand.rtp, at, 1, 500, &says(440.0, 2_000));
        speak(&hand.rtp, at, 2, 60_000, &says(1_000.0, 2_000));
        speak(&hand.rtp, at, 1, next, &says(440.0, 2_000));
        hand.bye();
    });
    let heard = over(&line, 0).await.heard;
    let in_turn: Vec<f64> = tones(&heard).into_iter().flatten().collect();
    let mut turns = in_turn.clone();
    turns.retain(|hz| [440.0, 1_000.0].iter().any(|tone| (hz - tone).abs() <= 10.0));
    turns.dedup_by(|left, right| (*left - *right).abs() <= 10.0);
    assert!(turns.len() == 3 && (turns[1] - 1_000.0).abs() <= 10.0, "{in_turn:?}");
    let lost = hand.lost();
    assert!(lost.is_some_and(|lost| lost < 60), "{lost:?} packets lost");
    passed(12, "another SSRC in mid-call, and back", &format!("followed; {} packets counted as lost", lost.unwrap()));
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_13_a_registrar_that_was_away_has_the_box_again_within_ten_seconds() {
    if !Kamailio::available() {
        return;
    }
    let users = [("box", "secret")];
    let mut exchange = Kamailio::start(&kamailio::Options { users: &users, ..kamailio::Options::default() });
    let line = Line1::start(&Setup { server: exchange.port(), password: Some("secret"), ..Setup::default() });
    assert!(block_in_place(|| exchange.wait_registered("box", true, SOON)), "{}", exchange.log());
    block_in_place(|| exchange.stop());
    let noticed = line.until(Duration::from_secs(90), |_| (!line.standing.is_registered()).then_some(())).await;
    assert!(noticed.is_some(), "a box that nobody knows believes itself registered");
    // Long enough for the waits between two tries to have grown as far as they do.
    tokio::time::sleep(Duration::from_secs(150)).await;
    let back = Instant::now();
    block_in_place(|| exchange.restart());
    let again = block_in_place(|| exchange.wait_registered("box", true, Duration::from_secs(90)));
    let took = back.elapsed();
    assert!(again && took <= Duration::from_secs(10), "registered again: {again}, after {took:?}");
    assert!(line.until(SOON, |_| line.standing.is_registered().then_some(())).await.is_some());
    passed(
        13,
        "a registrar away for minutes",
        &format!("registered again {:.1} s after its return", took.as_secs_f64()),
    );
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_13_a_longer_expiry_a_stale_nonce_and_a_wrong_password_are_understood() {
    if !Kamailio::available() {
        return;
    }
    let users = [("box", "secret")];
    let options = kamailio::Options { users: &users, min_expires_s: Some(120), ..kamailio::Options::default() };
    let exchange = Kamailio::start(&options);
    let line = Line1::start(&Setup { server: exchange.port(), password: Some("secret"), ..Setup::default() });
    assert!(block_in_place(|| exchange.wait_registered("box", true, SOON)), "423: {}", exchange.log());
    line.stop().await;
    drop(exchange);

    let exchange = Kamailio::start(&kamailio::Options { users: &users, nonce_s: 1, ..kamailio::Options::default() });
    let setup = Setup { server: exchange.port(), password: Some("secret"), expires: 4, ..Setup::default() };
    let line = Line1::start(&setup);
    let again = || exchange.events().iter().filter(|event| event.starts_with("registered user=box")).count() >= 2;
    let twice = line.until(Duration::from_secs(8), |_| again().then_some(())).await;
    assert!(twice.is_some() && line.standing.is_registered(), "a stale nonce: {}", exchange.log());
    line.stop().await;

    let line = Line1::start(&Setup { password: Some("wrong"), ..setup });
    let code = line.until(SOON, |_| Some(line.standing.code()).filter(|code| *code != 0)).await;
    assert!(matches!(code, Some(401 | 403)) && !line.standing.is_registered(), "{code:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let tries = exchange.events().iter().filter(|event| event.starts_with("challenged")).count();
    assert!(tries < 12, "a wrong password is tried {tries} times: registrars lock such boxes out");
    passed(13, "423, a nonce of 1 s, a wrong password", &format!("registered, registered again, told ({code:?})"));
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_16_one_call_too_many_is_told_at_once_and_the_next_is_served() {
    let line = Line1::start(&Setup { max_calls: 1, ..Setup::default() });
    let [mut first, mut second, mut third] = [(); 3].map(|()| ByHand::towards(line.port));
    let sdps = [first.plain(), second.plain(), third.plain()];
    let took = block_in_place(|| {
        first.call(&sdps[0]);
        let asked = Instant::now();
        second.invite(&sdps[1]);
        let (code, message) = second.answer("INVITE", SOON).unwrap();
        let took = asked.elapsed();
        second.ack(code);
        assert!(code == 486 || code == 503, "{message}");
        first.bye();
        std::thread::sleep(MS(300));
        third.call(&sdps[2]);
        third.bye();
        took
    });
    assert!(took < MS(500), "{took:?}");
    assert_eq!(line.calls().len(), 2, "what is turned away never rings");
    passed(16, "one call too many", &format!("refused after {} ms, the next one served", took.as_millis()));
    line.stop().await;
}

/// Panics of the box and of its libraries in this process, whichever thread: where they were.
fn panics() -> &'static Mutex<Vec<String>> {
    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            // A test that fails beside this one is not meant.
            let at = info.location().map(ToString::to_string).unwrap_or_default();
            if !at.starts_with("tests/") && !at.contains("/rustc/") {
                SEEN.lock().unwrap().push(at);
            }
            before(info);
        }));
    });
    &SEEN
}

/// An INVITE cut short, with octets changed, or only octets.
fn rubbish(chance: &mut Chance, whole: &[u8]) -> Vec<u8> {
    let draw = |chance: &mut Chance, most: usize| usize::try_from(chance.draw() % most as u64).unwrap();
    let octets = |chance: &mut Chance, count: usize| (0..count).map(|_| chance.draw().to_be_bytes()[0]).collect();
    match chance.draw() % 4 {
        0 => whole[..draw(chance, whole.len())].to_vec(),
        1 => {
            let length = draw(chance, 1_400);
            octets(chance, length)
        }
        _ => {
            let mut bytes = whole.to_vec();
            for _ in 0..=draw(chance, 8) {
                let (at, with) = (draw(chance, bytes.len()), chance.draw().to_be_bytes()[0]);
                bytes[at] = with;
            }
            bytes
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_18_rubbish_at_either_port_harms_no_call() {
    let panicked = panics();
    let line = Line1::start(&Setup { max_calls: 8, ..Setup::default() });
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    // A codec that the box has not: no call comes of it by chance.
    let other = sdp.replace("RTP/AVP 0 101", "RTP/AVP 18").replace("0 PCMU", "18 G729");
    let whole = format!(
        "INVITE sip:box@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKr\r\nMax-Forwards: 70\r\n\
         From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:box@127.0.0.1>\r\nCall-ID: rubbish\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:a@127.0.0.1:9>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{other}",
        other.len()
    );
    block_in_place(|| {
        let at = hand.call(&sdp);
        let caller = hand.rtp.try_clone().unwrap();
        std::thread::scope(|threads| {
            threads.spawn(move || speak(&caller, at, 7, 1, &says(440.0, 5_000)));
            let (mut chance, stranger) = (Chance(18), UdpSocket::bind(here(0)).unwrap());
            for round in 0..1_500_u32 {
                let bytes = rubbish(&mut chance, whole.as_bytes());
                let _ = stranger.send_to(&bytes, here(line.port));
                let _ = stranger.send_to(&bytes, at);
                // A header of RTP, and octets behind it: the caller's own port too may send rubbish. Of a payload type that was
                // not agreed on, since what was is the caller's sound, however it sounds.
                let header = [0x80, 96 | (bytes.first().copied().unwrap_or(0) & 0x83)];
                let _ = hand.rtp.send_to(&[&header[..], &bytes[..bytes.len().min(200)]].concat(), at);
                if round % 10 == 0 {
                    std::thread::sleep(MS(10));
                }
            }
            // The largest datagram that UDP over IPv4 has.
            for to in [here(line.port), at] {
                let _ = stranger.send_to(&vec![b'I'; 65_507], to);
                let _ = stranger.send_to(&[], to);
            }
            if let Some(sipsak) = find("sipsak") {
                let uri = format!("sip:box@127.0.0.1:{}", line.port);
                let mut trashed = Command::new("timeout");
                trashed.arg("3").arg(sipsak).args(["-R", "-t", "100", "-s", &uri]);
                let _ = trashed.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status();
            }
        });
        hand.bye();
    });
    assert_eq!(block_in_place(|| sip_ping(here(line.port), SOON)), Some(200), "the line still answers");
    let by_caller = |call: &&Seen| call.ended == Some(EndedBy::Caller) && call.heard.len() > 24_000;
    let heard = line.until(SOON, |calls| calls.iter().find(by_caller).cloned()).await;
    assert!(heard.is_some_and(|call| is_clear(&call.heard, 440.0)), "the caller was heard all the while");
    let mut next = ByHand::towards(line.port);
    let sdp = next.plain();
    block_in_place(|| {
        next.call(&sdp);
        next.bye();
    });
    assert_eq!(*panicked.lock().unwrap(), Vec::<String>::new());
    passed(
        18,
        "1,500 malformed datagrams, 64 KiB, sipsak -R, rubbish as sound",
        "no panic, the call goes on, the next works",
    );
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_18_who_is_no_peer_is_not_answered() {
    let udp = Line1::start(&Setup { transport: Transport::Udp, ..Setup::default() });
    assert_eq!(block_in_place(|| sip_ping(here(udp.port), SOON)), Some(200));
    let stranger = UdpSocket::bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0))).unwrap();
    stranger.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let local = stranger.local_addr().unwrap();
    for method in ["OPTIONS", "INVITE", "REGISTER"] {
        let text = format!(
            "{method} sip:box@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{method};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:a@{local}>;tag=1\r\nTo: <sip:box@127.0.0.1>\r\nCall-ID: {method}\r\n\
             CSeq: 1 {method}\r\nContact: <sip:a@{local}>\r\nContent-Length: 0\r\n\r\n"
        );
        stranger.send_to(text.as_bytes(), here(udp.port)).unwrap();
    }
    let answer = block_in_place(|| stranger.recv(&mut [0; 2_048]));
    assert!(answer.is_err(), "a scanner learns that somebody is here");
    assert!(udp.calls().is_empty());
    assert_eq!(block_in_place(|| sip_ping(here(udp.port), SOON)), Some(200));
    passed(18, "requests from an address that is no peer's", "no answer");
    udp.stop().await;
}
