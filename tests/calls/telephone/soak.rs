//! Calls one after the other for a long time: no process grows, and none keeps a file open that it has done with.
//!
//! `ANTEROOM_SOAK_S` says for how long, seconds; without it, four minutes. What a day does is longer than any test of ours
//! has run: docs/telephone-tried.md says how long the last one was.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use anteroom::cli::processes::DAEMONS;
use anteroom::pcm::g711;

use super::Scene;
use crate::boxed::Boxed;
use crate::peers::kamailio::Kamailio;
use crate::peers::sipp::{self, End, Sipp};

/// How long each caller stays, ms: the disclosure's first words.
const CALL_MS: u32 = 6_000;
/// Callers at once.
const AT_ONCE: u32 = 2;
/// Memory may grow by this much after the first quarter, kB: caches of the allocator, not of calls. Sixty
/// calls of the shortest run that each left 0.1 MB would be half as much again.
const GROWS_KB: u64 = 4_096;

/// Memory (kB) and open files of every daemon.
fn looked(boxed: &Boxed) -> BTreeMap<&'static str, (u64, usize)> {
    let of = |name: &'static str| {
        let pid = boxed.processes.pid(name).unwrap_or_else(|| panic!("{name} does not run"));
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let memory = memory.trim().trim_end_matches("kB").trim().parse().unwrap();
        (name, (memory, fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()))
    };
    DAEMONS.into_iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_19_calls_without_end_leave_memory_and_files_as_they_were() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let seconds: u32 = std::env::var("ANTEROOM_SOAK_S").ok().and_then(|n| n.parse().ok()).unwrap_or(240);
    let desk = sipp::Options { scenario: "desk_answers_all", calls: 9, ..sipp::Options::default() };
    let Scene { exchange: _exchange, boxed, staff, _password } = Scene::start(&desk).await;
    drop(staff);
    // Calls of a part of the time; what they leave needs a moment.
    let part = async |seconds: u32| {
        let calls = (seconds * 1_000 * AT_ONCE / CALL_MS).max(AT_ONCE);
        let options = sipp::Options {
            end: End::Caller(boxed.home.config.line.sip.as_ref().unwrap().listen.port()),
            calls,
            at_once: AT_ONCE,
            talk_ms: CALL_MS,
            sound: vec![g711::to_mulaw(0); 8_000],
            words: &[("caller", "5125550143")],
            limit: Duration::from_secs(u64::from(seconds) * 2 + 60),
            ..sipp::Options::default()
        };
        let outcome = tokio::task::spawn_blocking(move || Sipp::run(&options)).await.unwrap();
        assert_eq!((outcome.status, outcome.failed()), (0, 0), "{}\n{}", outcome.errors, boxed.log());
        tokio::time::sleep(Duration::from_secs(5)).await;
        calls
    };
    let warm = part(seconds / 4).await;
    let before = looked(&boxed);
    let calls = part(seconds - seconds / 4).await;
    let after = looked(&boxed);
    for ((name, (memory, files)), (memory_after, files_after)) in before.iter().zip(after.values()) {
        println!(
            "| case 19 | {name}, {warm} and then {calls} calls | {memory} to {memory_after} kB, {files} to {files_after} files |"
        );
        assert!(*memory_after <= memory + GROWS_KB, "{name} grew");
        // A thread of a database comes and goes.
        assert!(*files_after <= files + 2, "{name} keeps files open");
    }
    let (whole, report) = boxed.verified().await;
    assert!(whole, "{report}");
    boxed.stop().await;
}
