//! The caller's interruption, and the box's own voice as an echo that must not be taken for it: whole calls in virtual time
//! with an echo of -10 and -20 dB, a cough and an "uh huh" over the box's voice; and case 17 over the telephone, through a
//! relay that mixes the echo into the caller's packets.

#![allow(clippy::disallowed_methods, reason = "the telephone of case 17 lives in real time and on real sockets")]

use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anteroom::caller::report::CallReport;
use anteroom::caller::ring::{Options, place_call};
use anteroom::caller::scenario::{Echo, Scenario};
use anteroom::cli::home::Home;
use anteroom::clock::SystemClock;
use anteroom::config::RecogniserKind;
use anteroom::pcm::{g711, level, wav};
use anteroom::speak::{self, FliteVoice, SpokenText, VoiceChoice};
use anteroom::tasks::Stop;
use anteroom::wire::line::Pace;
use serde_json::Value;

use crate::boxed::{Boxed, folder, scenario};
use crate::by_hand::ByHand;
use crate::peers::free_ports;
use crate::relay::{self, Impairment, Mulaw, Relay};

const FRAME: usize = 160;
/// What counts as sound, dBFS: above the line's noise of -55.
const LOUD: f32 = -42.0;
/// Frames of silence after which the box has been cut and did not pause between words: 300 ms.
const SILENT: usize = 15;
/// Case 17: true speech cuts the box within 200 ms, and the line's own frame before and behind.
const CUT_WITHIN_MS: u64 = 200 + 40;

const ECHOES: [(f32, u32); 3] = [(-10.0, 120), (-10.0, 40), (-20.0, 300)];

async fn call(boxed: &Boxed, scenario: &Scenario) -> (CallReport, Vec<Value>) {
    let options = Options {
        pace: Pace::Virtual,
        voice: None,
        wav_in: None,
        keep_audio: true,
        facts: None,
        clock: Arc::new(SystemClock),
    };
    let report = place_call(boxed.run(), scenario, options, Stop::new()).await.unwrap();
    let events = boxed.events_of_the_last().await;
    (report, events)
}

/// The sentences that were said: how each went.
fn said(events: &[Value]) -> Vec<&Value> {
    events.iter().filter(|event| event["kind"] == "spoken").map(|event| &event["body"]).collect()
}

/// What the ears decided on speech over the box's voice.
fn decided(events: &[Value]) -> Vec<&str> {
    let by_ears = events.iter().filter(|event| event["kind"] == "verdict" && event["body"]["by"] == "ears");
    by_ears.filter_map(|event| event["body"]["what"].as_str()).collect()
}

fn levels(sound: &[i16]) -> Vec<f32> {
    sound.chunks(FRAME).map(level::rms_dbfs).collect()
}

/// From the caller's first sound over the box's voice, beyond what the echo explains, to the box's last: ms. The frame that
/// the caller sent and the one with which the box answered it stand at the same place.
fn cut_after(report: &CallReport, echo: Option<Echo>) -> Option<u64> {
    let (heard, sent) = (levels(&report.heard_audio), levels(&report.said_audio));
    let back = |at: usize| {
        let echo = echo?;
        let late = usize::try_from(echo.ms / 20).unwrap() + 1;
        let around = heard.get(at.checked_sub(late + 1)?..=at - late + 1)?;
        Some(around.iter().copied().fold(level::SILENCE_DBFS, f32::max) + echo.db + 3.0)
    };
    let own = |at: usize| sent[at] > LOUD.max(back(at).unwrap_or(LOUD));
    let speaks = |at: usize| heard[at.saturating_sub(5)..at].iter().any(|loud| *loud > LOUD);
    let onset = (1..sent.len().min(heard.len()) - 1).find(|at| own(*at) && own(*at + 1) && speaks(*at))?;
    let silent = |at: &usize| heard[*at..].iter().take(SILENT).all(|loud| *loud <= LOUD);
    let last = (onset..heard.len()).find(silent)?;
    Some(u64::try_from(last - onset).unwrap() * 20)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_in_the_middle_of_a_sentence_leaves_in_the_record_how_much_of_it_was_said() {
    let boxed = Boxed::start().await;
    let leaves = "[[say]]\nwhen = \"~automated assistant\"\nhang_up = true\ninterrupt = true\nafter_ms = 3000";
    let (report, events) = call(&boxed, &Scenario::parse(leaves).unwrap()).await;
    let said = said(&events);
    let samples = |key: &str| said[0][key].as_u64().unwrap();
    assert!(report.answered && said.len() == 1 && said[0]["whole"] == false, "{}", boxed.story().await);
    // Three seconds of the disclosure, and the frames that were on their way.
    let played = samples("samples_played");
    assert!((23_000..28_000).contains(&played) && played < samples("samples"), "{said:?}");
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_boxs_own_voice_come_back_as_an_echo_does_not_interrupt_it_in_a_whole_booking() {
    let boxed = Boxed::start().await;
    let mut booking = scenario("booking");
    let (without, _) = call(&boxed, &booking).await;
    for (db, ms) in ECHOES {
        booking.caller.echo = Some(Echo { db, ms });
        let (report, events) = call(&boxed, &booking).await;
        let story = boxed.story().await;
        assert!(report.shortfalls(&booking.expect).is_empty(), "{:#?}\n{story}", report.shortfalls(&booking.expect));
        assert_eq!(decided(&events), [""; 0], "{db} dB after {ms} ms\n{story}");
        let cut = said(&events).iter().filter(|body| body["whole"] != true).count();
        assert_eq!(cut, 0, "{db} dB after {ms} ms\n{story}");
        println!(
            "| echo of {db} dB after {ms} ms | a booking | {} sentences whole; {} frames, {} without an echo |",
            said(&events).len(),
            report.frames,
            without.frames
        );
        // A hush for nothing would make the call longer.
        assert!(report.frames.abs_diff(without.frames) < 100, "{} frames, {} without", report.frames, without.frames);
    }
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_cuts_in_at_once_over_an_echo_as_well() {
    let boxed = Boxed::start().await;
    let mut interruption = scenario("interruption");
    for echo in [None, Some((-10.0, 120)), Some((-10.0, 40)), Some((-20.0, 300))] {
        interruption.caller.echo = echo.map(|(db, ms)| Echo { db, ms });
        let (report, events) = call(&boxed, &interruption).await;
        let story = boxed.story().await;
        let shortfalls = report.shortfalls(&interruption.expect);
        assert!(shortfalls.is_empty(), "{echo:?}: {shortfalls:#?}\n{story}");
        assert_eq!(decided(&events), ["interrupted"], "{echo:?}\n{story}");
        let cut: Vec<_> = said(&events).into_iter().filter(|body| body["whole"] == false).collect();
        assert!(!cut.is_empty(), "{echo:?}\n{story}");
        let after = cut_after(&report, interruption.caller.echo).expect("the box falls silent");
        println!(
            "| echo {echo:?} | \"i would like to speak to a person\" over the hours | silent after {after} ms, {} of {} \
             samples said |",
            cut[0]["samples_played"], cut[0]["samples"]
        );
        assert!(after <= CUT_WITHIN_MS, "{echo:?}: {after} ms");
    }
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_over_the_disclosure_is_heard_and_the_disclosure_is_said_to_its_end() {
    let boxed = Boxed::start().await;
    let text = "[caller]\nvoice = \"flite:rms\"\nnoise = -55\nseed = 14\n[[say]]\nwhen = \"automated assistant\"\ntext = \
                \"i would like to speak to a person please\"\ninterrupt = true\nafter_ms = 1000\n[expect]\noutcome = \
                \"handed-over\"\n";
    let mut over = Scenario::parse(text).unwrap();
    for echo in [None, Some((-10.0, 120)), Some((-20.0, 300))] {
        over.caller.echo = echo.map(|(db, ms)| Echo { db, ms });
        let (report, events) = call(&boxed, &over).await;
        let story = boxed.story().await;
        let shortfalls = report.shortfalls(&over.expect);
        assert!(shortfalls.is_empty(), "{echo:?}: {shortfalls:#?}\n{story}");
        let said = said(&events);
        let first = said.iter().find(|body| body["template"].as_str().unwrap().contains("automated")).unwrap();
        assert!(first["whole"] == true && first["samples_repeated"] == 0, "{echo:?}\n{story}");
        println!("| echo {echo:?} | a wish for a person over the disclosure | said whole, and heard |");
    }
    boxed.stop().await;
}

/// A caller of whom nothing but `sound` is heard over the answer about the hours.
fn with_sound_over_the_hours(sound: &str) -> Scenario {
    let text = format!(
        "[caller]\nnoise = -55\nseed = 5\n[[say]]\nwhen = \"anything else\"\ntext = \"no thank you\"\n[[say]]\nwhen = \
         \"open\"\n{sound}\ninterrupt = true\nafter_ms = 1500\n[[say]]\nwhen = \"anything\"\ntext = \"what are your \
         hours\"\ntimes = 2\n[expect]\noutcome = \"answered\"\n"
    );
    Scenario::parse(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cough_and_a_sign_of_listening_over_the_box_lose_no_sentence() {
    let scratch = tempfile::tempdir().unwrap();
    let cough = scratch.path().join("cough.wav");
    wav::write(&cough, &a_cough()).unwrap();
    let boxed = Boxed::start().await;
    for sound in [format!("wav = '{}'", cough.display()), "text = \"uh huh\"".into(), "text = \"okay\"".into()] {
        let scenario = with_sound_over_the_hours(&sound);
        let (report, events) = call(&boxed, &scenario).await;
        let story = boxed.story().await;
        let shortfalls = report.shortfalls(&scenario.expect);
        assert!(shortfalls.is_empty(), "{sound}: {shortfalls:#?}\n{story}");
        assert!(!decided(&events).contains(&"interrupted"), "{sound}\n{story}");
        assert!(said(&events).iter().all(|body| body["whole"] == true), "{sound}\n{story}");
        let repeated: u64 = said(&events).iter().filter_map(|body| body["samples_repeated"].as_u64()).sum();
        let what = sound.split(" = ").next().unwrap();
        let what = if what == "wav" { "a cough" } else { sound.as_str() };
        println!(
            "| {what} over the hours | {:?} | every sentence whole, {} ms said again |",
            decided(&events),
            repeated / 8
        );
    }
    boxed.stop().await;
}

/// Something between a cough and a syllable: 180 ms of a hoarse buzz.
fn a_cough() -> Vec<i16> {
    let mut seed = 9_u32;
    let (mut before, mut older) = (0.0_f32, 0.0_f32);
    let sound = (0..1_440_u16).map(|n| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let breath = f32::from(u16::try_from(seed >> 16).unwrap()) / 32_768.0 - 1.0;
        let pulse = if n % 61 == 0 { 9.0 } else { 0.0 };
        let loud = 2_000.0 * f32::from(n.min(1_440 - n).min(300)) / 300.0;
        let next = loud * (breath + pulse) / 4.0 + 1.3 * before - 0.7 * older;
        (older, before) = (before, next);
        anteroom::pcm::to_sample(next)
    });
    sound.collect()
}

/// A telephone whose sound goes through the relay: sends what it is told to, else silence, and keeps when what was heard.
struct Telephone {
    to_say: Arc<Mutex<Vec<u8>>>,
    heard: Arc<Mutex<Vec<(Instant, f32)>>>,
    stop: Arc<std::sync::atomic::AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Telephone {
    fn start(rtp: UdpSocket, to: SocketAddr) -> Self {
        let (to_say, heard) = (Arc::<Mutex<Vec<u8>>>::default(), Arc::<Mutex<Vec<(Instant, f32)>>>::default());
        let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (to_say, heard, stop) = (to_say.clone(), heard.clone(), stop.clone());
            move || {
                let began = Instant::now();
                let mut bytes = [0; 2_048];
                for n in 0_u32.. {
                    std::thread::sleep(
                        (began + Duration::from_millis(20) * n).saturating_duration_since(Instant::now()),
                    );
                    if stop.load(std::sync::atomic::Ordering::Relaxed) {
                        return;
                    }
                    let mut waiting = to_say.lock().unwrap();
                    let rest = waiting.len().min(FRAME);
                    let mut payload: Vec<u8> = waiting.drain(..rest).collect();
                    drop(waiting);
                    payload.resize(FRAME, g711::to_mulaw(0));
                    let mut packet = vec![0x80, 0];
                    packet.extend(u16::try_from(n & 0xffff).unwrap().to_be_bytes());
                    packet.extend((n * 160).to_be_bytes());
                    packet.extend(7_u32.to_be_bytes());
                    packet.extend(payload);
                    let _ = rtp.send_to(&packet, to);
                    while let Ok((length, _)) = rtp.recv_from(&mut bytes) {
                        let sound: Vec<i16> = bytes[12..length].iter().map(|octet| g711::from_mulaw(*octet)).collect();
                        heard.lock().unwrap().push((Instant::now(), level::rms_dbfs(&sound)));
                    }
                }
            }
        });
        Self { to_say, heard, stop, thread: Some(thread) }
    }

    /// Says it from the next packet on; returns when its first sound goes out.
    fn say(&self, samples: &[i16]) -> Instant {
        let first = samples.chunks(FRAME).position(|frame| level::rms_dbfs(frame) > LOUD).unwrap_or(0);
        self.to_say.lock().unwrap().extend(samples.iter().map(|sample| g711::to_mulaw(*sample)));
        Instant::now() + Duration::from_millis(20) * u32::try_from(first).unwrap()
    }

    /// Whether the box has spoken within the last `ms`.
    fn speaks(&self, ms: u64) -> bool {
        let since = Instant::now() - Duration::from_millis(ms);
        self.heard.lock().unwrap().iter().rev().take_while(|(at, _)| *at >= since).any(|(_, loud)| *loud > LOUD)
    }

    fn until(&self, limit: Duration, speaks: bool) {
        let end = Instant::now() + limit;
        while self.speaks(if speaks { 60 } else { 1_500 }) != speaks {
            assert!(Instant::now() < end, "the box does not {}", if speaks { "speak" } else { "fall silent" });
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The last sound of the box in the 2 s after `from`, in which the caller speaks and the box, had it not been cut.
    fn last_sound(&self, from: Instant) -> Duration {
        let heard = self.heard.lock().unwrap();
        let within = |at: &Instant| *at > from && *at < from + Duration::from_secs(2);
        let last = heard.iter().rev().find(|(at, loud)| within(at) && *loud > LOUD);
        last.map_or(Duration::ZERO, |(at, _)| at.saturating_duration_since(from))
    }
}

impl Drop for Telephone {
    fn drop(&mut self) {
        self.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn words(text: &str) -> Vec<i16> {
    let mut voice = speak::open(&VoiceChoice::Flite(FliteVoice::Rms)).unwrap();
    let mut samples = voice.say(&SpokenText::new(text)).unwrap();
    level::bring_to(&mut samples, -20.0);
    samples
}

/// A box on a trunk of this machine.
async fn box_on_a_trunk() -> (Boxed, u16) {
    let (listen, server, rtp) = (free_ports(2), free_ports(2), free_ports(20));
    let line = format!(
        "[line]\nkind = \"sip\"\nmax-calls = 2\n[line.sip]\nprofile = \"pbx-trunk\"\ntransport = \"udp\"\nserver = \
         \"127.0.0.1:{server}\"\ndomain = \"clinic.test\"\npeers = [\"127.0.0.1\"]\nlisten = \
         \"127.0.0.1:{listen}\"\npublic-ports = \"{rtp}-{}\"\nsrtp = \"off\"\ndesks = [\"desk\"]\ntesters-only = true\n",
        rtp + 18,
    );
    (Boxed::of(Home::make_with(&folder(), RecogniserKind::PocketSphinx, &line).unwrap()).await, listen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_17_our_own_voice_as_echo_does_not_interrupt_us_and_the_caller_does() {
    let law = Mulaw { from: g711::from_mulaw, to: g711::to_mulaw };
    let (boxed, port) = box_on_a_trunk().await;
    let (question, person) = (words("what are your hours"), words("i would like to speak to a person please"));
    for (db, ms) in [(-10.0, 60_u64), (-20.0, 120)] {
        let took = tokio::task::block_in_place(|| {
            let mut hand = ByHand::towards(port);
            let phone = hand.rtp.local_addr().ok();
            let delay = Impairment { delay: Duration::from_millis(30), ..Impairment::default() };
            let echo = Some(relay::Echo::new(db, Duration::from_millis(ms), law));
            let setup =
                relay::Setup { phone, to_box: delay, to_phone: delay, echo, seed: 5, ..relay::Setup::default() };
            let network = Relay::start(setup).unwrap();
            let sdp = hand.sdp("127.0.0.1", network.faces_box().port(), true);
            hand.call(&sdp);
            let telephone = Telephone::start(hand.rtp.try_clone().unwrap(), network.faces_phone());
            telephone.until(Duration::from_secs(20), true);
            telephone.until(Duration::from_secs(60), false);
            telephone.say(&question);
            telephone.until(Duration::from_secs(20), true);
            std::thread::sleep(Duration::from_millis(1_500));
            let began = telephone.say(&person);
            // Until the words are recognised, on a machine that has other things to do.
            std::thread::sleep(Duration::from_secs(9));
            let took = telephone.last_sound(began);
            // A desk rings by now, and the caller hears it.
            hand.bye();
            took
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        let (events, story) = (boxed.events_of_the_last().await, boxed.story().await);
        let cut = said(&events).iter().filter(|body| body["whole"] == false).count();
        assert_eq!(decided(&events), ["interrupted"], "{db} dB\n{story}");
        assert!(cut >= 1 && said(&events)[0]["whole"] == true, "{db} dB\n{story}");
        // The box's ear: the caller's way to it and its way back, 30 ms each, and the buffers of both ends.
        println!(
            "| case 17 | echo of {db} dB after {ms} ms, relay | not interrupted by it; silent at the telephone {} ms after \
             the caller's first sound, of which 60 ms are the network |",
            took.as_millis()
        );
        assert!(took > Duration::ZERO && took < Duration::from_millis(600), "{db} dB: {took:?}\n{story}");
    }
    boxed.stop().await;
}
