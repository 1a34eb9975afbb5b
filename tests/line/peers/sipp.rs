//! A caller or a desk that does exactly what a script says: SIPp 3.6 with the scenarios beside this file.
//!
//! In:  a scenario's name, where to call (or which port to wait at), how many calls, a sound.
//! Out: the exit status, the statistics, each message that was sent or got.
//! SIPp hears nothing: whether its sound arrived has to be looked at from the other end.
//!
//! Scenarios read these files of their folder: `audio.raw` (headerless, in the law that they offer), `keys.pcap` (sound
//! and keys as telephone-events), `second.pcap` (1 kHz from another source), `odd.pcap` (sound as payload type 118).
//! An OPTIONS, INFO, NOTIFY or UPDATE that a scenario does not await is answered with 200 (`-aa`): a box may look
//! whether its caller is still there. Playing a capture needs a raw socket, so root.
//!
//! Facts of SIPp 3.6.1: sound ports count up from `-mp`; a capture is sent from port 0 unless `[media_port]` stands in
//! a line of the SDP with the word audio; `play_dtmf` always sends payload type 96; a message that comes again gets
//! the last answer again without the scenario seeing it, unless SIPp is told `-nr`.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::{Program, free_ports, installed, is_bound_at, sounds, until};

/// Scenarios that need a switch of SIPp to do what they are for.
const SWITCHES: &[(&str, &[&str])] = &[
    // Without it SIPp takes the second 200 for a repetition, and the scenario never sees it.
    ("caller_lost_ack", &["-nr"]),
    // Without it SIPp answers a repeated 180 with one INVITE more, for ever.
    ("caller_retransmits", &["-nr"]),
];

/// Which end SIPp is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Calls this port of its own address.
    Caller(u16),
    /// Waits to be called.
    Desk,
}

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a> {
    /// The file's name without `.xml`.
    pub(crate) scenario: &'a str,
    /// Which end.
    pub(crate) end: End,
    /// Where it is, and whom it calls.
    pub(crate) address: Ipv4Addr,
    /// Its own SIP port.
    pub(crate) port: u16,
    /// Whom it calls: the user part.
    pub(crate) service: &'a str,
    /// How many calls in all (`-m`).
    pub(crate) calls: u32,
    /// How many at once (`-l`).
    pub(crate) at_once: u32,
    /// New calls a second (`-r`).
    pub(crate) rate: u32,
    /// How long a pause without a length lasts, in milliseconds (`-d`): most scenarios talk for one.
    pub(crate) talk_ms: u32,
    /// `audio.raw`: bytes of a law, played from the answer on and over again.
    pub(crate) sound: Vec<u8>,
    /// Keys for `keys.pcap`.
    pub(crate) keys: &'a str,
    /// Their payload type: the one that the other side receives.
    pub(crate) keys_type: u8,
    /// Words of the scenario in square brackets (`-key`), over [`KEYS`].
    pub(crate) words: &'a [(&'a str, &'a str)],
    /// Global numbers of the scenario (`-set`), over [`NUMBERS`].
    pub(crate) numbers: &'a [(&'a str, u32)],
    /// After this the run has failed.
    pub(crate) limit: Duration,
}

/// Words that every scenario may use, and what they are unless told otherwise.
const KEYS: &[(&str, &str)] = &[
    // Who calls: the 555-01xx numbers are kept free for fiction.
    ("caller", "6175550100"),
    ("display", "Test Caller"),
    // Seconds of RFC 4028, and who refreshes.
    ("interval", "90"),
    // A key for INFO.
    ("digit", "5"),
    // Host and port of a 302; 9 is the port where everything is thrown away.
    ("target", "127.0.0.1:9"),
    // Where the sound is, in scenarios that leave it to somebody else.
    ("sound_port", "9"),
];

/// Global numbers of scenarios, and what they are unless told otherwise: half of the interval, as RFC 4028 section 10
/// has it. Three refreshes of 45 s need a `limit` of 150 s and more.
const NUMBERS: &[(&str, &str, u32)] = &[
    ("caller_timer_uac_update", "refresh_ms", 45_000),
    ("caller_timer_uac_reinvite", "refresh_ms", 45_000),
    ("desk_timer_refreshes", "refresh_ms", 45_000),
    ("desk_timer_reinvites", "refresh_ms", 45_000),
];

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            scenario: "caller_basic",
            end: End::Desk,
            address: Ipv4Addr::LOCALHOST,
            port: free_ports(2),
            service: "box",
            calls: 1,
            at_once: 1,
            rate: 10,
            talk_ms: 3_000,
            sound: sounds::mu_law(&sounds::tone(440.0, 8_000, 2_000)),
            keys: "1",
            keys_type: 101,
            words: &[],
            numbers: &[],
            limit: Duration::from_secs(60),
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// 0: every call went as the scenario says. 1: some did not. 97: stopped by a command. 124 or -1: it was ended.
    pub(crate) status: i32,
    /// The last line of `-trace_stat`, by column: `SuccessfulCall(C)`, `FailedCall(C)`, `FailedUnexpectedMessage(C)`.
    pub(crate) stats: BTreeMap<String, String>,
    /// What was unexpected.
    pub(crate) errors: String,
}

impl Outcome {
    /// A count of the statistics.
    pub(crate) fn count(&self, column: &str) -> u64 {
        self.stats.get(column).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// Calls that went as the scenario says.
    pub(crate) fn successful(&self) -> u64 {
        self.count("SuccessfulCall(C)")
    }

    /// Calls that did not.
    pub(crate) fn failed(&self) -> u64 {
        self.count("FailedCall(C)")
    }
}

/// A running SIPp.
#[derive(Debug)]
pub(crate) struct Sipp {
    program: Program,
    folder: TempDir,
    scenario: String,
    limit: Duration,
}

impl Sipp {
    /// Whether it can be started; says why not.
    pub(crate) fn available() -> bool {
        installed(&["sipp", "kill"])
    }

    /// Starts a scenario. A desk is waited for until its port is bound.
    pub(crate) fn start(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let from = scenarios_folder().join(format!("{}.xml", options.scenario));
        fs::copy(&from, at.join("scenario.xml")).unwrap_or_else(|why| panic!("{}: {why}", from.display()));
        fs::write(at.join("audio.raw"), &options.sound).unwrap();
        let keys = sounds::keys_capture(&options.sound, options.keys, options.keys_type, 20_000);
        fs::write(at.join("keys.pcap"), keys).unwrap();
        let other = sounds::mu_law(&sounds::tone(1_000.0, 8_000, 2_000));
        fs::write(at.join("second.pcap"), sounds::sound_capture(&other, 0, 2_000)).unwrap();
        fs::write(at.join("odd.pcap"), sounds::sound_capture(&options.sound, 118, 20_000)).unwrap();
        let mut program = Program::start("sipp", at, &arguments(options), false);
        if options.end == End::Desk {
            let bound = until(super::START, || {
                (is_bound_at(options.address, options.port) || !program.is_running()).then_some(())
            });
            assert!(bound.is_some() && program.is_running(), "sipp waits at no port:\n{}", program.log());
        }
        Self { program, folder, scenario: options.scenario.to_owned(), limit: options.limit }
    }

    /// Runs a scenario to its end.
    pub(crate) fn run(options: &Options) -> Outcome {
        Self::start(options).outcome()
    }

    /// The process, for signals.
    pub(crate) fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Each SIP message that was sent or got, as text.
    pub(crate) fn messages(&self) -> String {
        self.read("messages.log")
    }

    /// What was unexpected so far.
    pub(crate) fn errors(&self) -> String {
        self.read("errors.log")
    }

    /// Waits for the end, and says how it was.
    ///
    /// # Panics
    /// When it does not end in the time that it was given and some seconds.
    pub(crate) fn outcome(&mut self) -> Outcome {
        let status = self.program.ended(self.limit + Duration::from_secs(10));
        let status = status.unwrap_or_else(|| panic!("{} did not end:\n{}", self.scenario, self.errors()));
        let mut errors = self.errors();
        if status != 0 && errors.is_empty() {
            errors = self.program.log();
        }
        Outcome { status, stats: stats(&self.read("stats.csv")), errors }
    }

    fn read(&self, name: &str) -> String {
        let bytes = fs::read(self.folder.path().join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Where the scenarios are: beside this file.
pub(crate) fn scenarios_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/line/peers")
}

/// The names of all scenarios.
pub(crate) fn scenarios() -> Vec<String> {
    let files = fs::read_dir(scenarios_folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = files.filter_map(|name| name.to_string_lossy().strip_suffix(".xml").map(str::to_owned));
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// SIPp's command line.
fn arguments(options: &Options) -> Vec<String> {
    let mut args: Vec<String> = Vec::new();
    if let End::Caller(port) = options.end {
        args.push(format!("{}:{port}", options.address));
    }
    let control = free_ports(1);
    // Sound begins at -mp (6000 where it is not given): two ports a call, and as many again between two runs.
    let sound = free_ports(u16::try_from(options.at_once.clamp(1, 500) * 4).unwrap());
    let fixed = "-sf scenario.xml -bind_local -nostdin -aa -timeout_error \
                 -trace_err -error_file errors.log -trace_msg -message_file messages.log \
                 -trace_stat -stf stats.csv -fd 1";
    args.extend(fixed.split_whitespace().map(str::to_owned));
    args.extend(["-i", "-mi", "-ci"].iter().flat_map(|switch| [(*switch).to_owned(), options.address.to_string()]));
    let numbered = [
        ("-p", u64::from(options.port)),
        ("-cp", u64::from(control)),
        ("-mp", u64::from(sound)),
        ("-m", u64::from(options.calls)),
        ("-l", u64::from(options.at_once)),
        ("-r", u64::from(options.rate)),
        ("-d", u64::from(options.talk_ms)),
        ("-timeout", options.limit.as_secs()),
    ];
    args.extend(numbered.iter().flat_map(|(switch, value)| [(*switch).to_owned(), value.to_string()]));
    args.extend(["-s", options.service].map(str::to_owned));
    for (word, value) in KEYS {
        let value = options.words.iter().find(|(other, _)| other == word).map_or(*value, |(_, value)| value);
        args.extend(["-key", word, value].map(str::to_owned));
    }
    for (_, name, usual) in NUMBERS.iter().filter(|(scenario, _, _)| *scenario == options.scenario) {
        let value = options.numbers.iter().find(|(other, _)| other == name).map_or(*usual, |(_, value)| *value);
        args.extend(["-set".to_owned(), (*name).to_owned(), value.to_string()]);
    }
    let switches = SWITCHES.iter().filter(|(name, _)| *name == options.scenario);
    args.extend(switches.flat_map(|(_, switches)| switches.iter().map(|switch| (*switch).to_owned())));
    args
}

/// The last line of the statistics, by the names of the first.
fn stats(csv: &str) -> BTreeMap<String, String> {
    let mut lines = csv.lines();
    let (Some(names), Some(values)) = (lines.next(), lines.next_back()) else { return BTreeMap::new() };
    names.split(';').zip(values.split(';')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
