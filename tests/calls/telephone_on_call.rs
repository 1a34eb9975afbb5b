//! Whole calls over the telephone that end with staff: an emergency, for which whoever is on call is rung before the desk;
//! and a caller of whom nothing is ever heard.
//!
//! SIPp rings the box, which knows Kamailio as its telephone system, and those on call and the desk as its extensions.

use std::time::Duration;

use anteroom::cli::home::Home;
use anteroom::config::RecogniserKind;
use anteroom::pcm::g711;
use anteroom::speak::{self, FliteVoice, SpokenText, VoiceChoice};
use serde_json::Value;

use crate::boxed::{Boxed, folder};
use crate::peers::free_ports;
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, End, Outcome, Sipp};

/// A box at an exchange that knows a, b and desk.
struct Scene {
    _exchange: Kamailio,
    boxed: Boxed,
    port: u16,
}

/// A telephone of staff, and where it is.
fn telephone(scenario: &'static str) -> (Sipp, String) {
    let port = free_ports(2);
    let limit = Duration::from_secs(120);
    let staff = Sipp::start(&sipp::Options { scenario, port, talk_ms: 3_000, limit, ..sipp::Options::default() });
    (staff, format!("sip:staff@127.0.0.1:{port}"))
}

impl Scene {
    async fn start(a: &str, b: &str, desk: &str) -> Self {
        let (port, rtp) = (free_ports(2), free_ports(20));
        let routes = [("a", a), ("b", b), ("desk", desk)];
        let options = kamailio::Options { routes: &routes, challenge_calls: false, ..kamailio::Options::default() };
        let exchange = Kamailio::start(&options);
        let line = format!(
            "[line]\nkind = \"sip\"\nmax-calls = 2\n[line.sip]\nprofile = \"pbx-trunk\"\ntransport = \"udp\"\n\
             server = \"127.0.0.1:{}\"\ndomain = \"clinic.test\"\nlisten = \"127.0.0.1:{port}\"\n\
             peers = [\"127.0.0.1\"]\npublic-ports = \"{rtp}-{}\"\nsrtp = \"off\"\ndesks = [\"desk\"]\n\
             testers-only = true\n\
             [[line.rota]]\nname = \"Dr Chen\"\ntarget = \"a\"\n[[line.rota]]\nname = \"Dr Abara\"\ntarget = \"b\"\n",
            exchange.port(),
            rtp + 18,
        );
        let boxed = Boxed::of(Home::make_with(&folder(), RecogniserKind::PocketSphinx, &line).unwrap()).await;
        Self { _exchange: exchange, boxed, port }
    }

    async fn rings(&self, options: sipp::Options<'static>) -> Outcome {
        let (end, limit) = (End::Caller(self.port), Duration::from_secs(120));
        tokio::task::spawn_blocking(move || Sipp::run(&sipp::Options { end, limit, ..options })).await.unwrap()
    }

    /// The events of these kinds in the last call.
    async fn of(&self, kind: &str) -> Vec<Value> {
        let events = self.boxed.events_of_the_last().await;
        events.into_iter().filter(|event| event["kind"].as_str().is_some_and(|of| of.starts_with(kind))).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn in_an_emergency_whoever_is_on_call_is_rung_before_the_desk_and_every_attempt_is_in_the_record() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let ((_a, at_a), (staff, at_b)) = (telephone("desk_busy_486"), telephone("desk_accepts"));
    let scene = Scene::start(&at_a, &at_b, "sip:desk@127.0.0.1:9").await;
    let mut voice = speak::open(&VoiceChoice::Flite(FliteVoice::Rms)).unwrap();
    let words = voice.say(&SpokenText::new("i have chest pain and i cannot breathe")).unwrap();
    let quiet = |seconds: usize| vec![0_i16; 8_000 * seconds];
    let sound = [quiet(12), words.clone(), quiet(6), words, quiet(40)].concat();
    let sound: Vec<u8> = sound.into_iter().map(g711::to_mulaw).collect();
    let outcome = scene.rings(sipp::Options { sound, talk_ms: 45_000, ..sipp::Options::default() }).await;
    let story = scene.boxed.story().await;
    assert_eq!((outcome.status, outcome.failed()), (0, 0), "{}\n{story}", outcome.errors);
    let told: Vec<String> = scene
        .of("handoff.")
        .await
        .iter()
        .map(|event| {
            let body = &event["body"];
            let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
            let who = body["who"].as_u64().map(|who| format!("{who} {} ", text("name"))).unwrap_or_default();
            format!("{who}{}{}", text("reason"), text("result"))
        })
        .collect();
    let wanted =
        ["emergency", "0 Dr Chen on-call", "0 Dr Chen busy", "1 Dr Abara on-call", "1 Dr Abara accepted", "accept"];
    assert_eq!(told, wanted, "{story}\n{}\n{}", staff.errors(), scene.boxed.log());
    assert!(scene.of("alert").await.is_empty(), "{story}");
    assert!(!scene.boxed.log().contains("Abara"), "a name of staff in the log");
    let (whole, report) = scene.boxed.verified().await;
    assert!(whole, "{report}");
    println!("| rota | a spoken emergency through the whole box, A busy, B presses 1 | {} |", told.join(", "));
    scene.boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_2_a_caller_of_whom_nothing_ever_comes_is_told_so_a_person_is_asked_and_the_call_ends_with_words() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let (_desk, at_desk) = telephone("desk_busy_486");
    let nobody = "sip:nobody@127.0.0.1:9";
    let scene = Scene::start(nobody, nobody, &at_desk).await;
    let outcome = scene.rings(sipp::Options { scenario: "caller_no_rtp", ..sipp::Options::default() }).await;
    let story = scene.boxed.story().await;
    assert_eq!((outcome.status, outcome.failed()), (0, 0), "{}\n{story}", outcome.errors);
    let events = scene.boxed.events_of_the_last().await;
    // Microseconds of the monotonic clock.
    let at = |event: &Value| event["mono_us"].as_u64().or(event["t"].as_u64()).unwrap_or_default();
    let begin = events.iter().find(|event| event["kind"] == "call.begin").map(at).unwrap();
    let seconds = |event: &Value| at(event).saturating_sub(begin) / 1_000_000;
    let spoken = |words: &str| {
        let said = |event: &&Value| event["body"]["template"].as_str().is_some_and(|text| text.contains(words));
        events.iter().filter(|event| event["kind"] == "spoken").find(said).map(seconds)
    };
    let offered = events.iter().find(|event| event["kind"] == "handoff.offer").map(seconds);
    let told = spoken("I am sorry, I can not hear you.").unwrap_or_else(|| panic!("not told\n{story}"));
    let offered = offered.unwrap_or_else(|| panic!("nobody was asked\n{story}"));
    let goodbye = spoken("Please call again. Goodbye.").unwrap_or_else(|| panic!("no goodbye\n{story}"));
    // The greeting is said first, and cannot be talked over.
    assert!(told <= 18 && offered <= 25 && goodbye <= 40, "{told} {offered} {goodbye}\n{story}");
    println!(
        "| case 2 | the whole box, a peer that never sends sound, the desk busy | told by {told} s, the desk asked at \
         {offered} s, goodbye by {goodbye} s |"
    );
    scene.boxed.stop().await;
}
