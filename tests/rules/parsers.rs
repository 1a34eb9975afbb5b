//! Whatever parses bytes that the box did not write has a fuzz target, and today's code survives what was found so far.

use std::collections::BTreeSet;
use std::fs;

use crate::source::{library, root};

#[path = "../../fuzz/src/parsers.rs"]
#[expect(unreachable_pub, reason = "the same file is a module of the fuzz package's library")]
mod targets;

use targets::TARGETS;

/// How the source says that it reads something: a parser's name, or a call of one.
const SIGNS: [&str; 7] = [
    "fn parse(",
    "fn from_str(",
    "serde_json::from_",
    "WavReader::new(",
    "from_be_bytes(",
    "str::from_utf8(",
    "parse::<Table>(",
];

/// Where each file's parser is tried: a fuzz target, or why it has none.
const PARSERS: &[(&str, &str)] = &[
    ("airlock/agreements.rs", "agreements"),
    ("airlock/check.rs", "airlock"),
    ("airlock/entries.rs", "agreements"),
    ("airlock/ledger.rs", "bytes that go to the record: text as text, anything else as numbers"),
    ("airlock/prices.rs", "prices"),
    ("airlock/provider/decode.rs", "provider"),
    ("airlock/provider/fault.rs", "provider"),
    ("airlock/recheck.rs", "what airlockd wrote into the record; a wrong shape is a failure that is named"),
    ("airlock/spent.rs", "what the box's own recordd answers: numbers, ids and days"),
    ("airlock/sse.rs", "sse"),
    ("caller/scenario.rs", "scenario"),
    ("caller/socket.rs", "frame"),
    (
        "cli/bench_line/datagram.rs",
        "what the kernel puts before a datagram on loopback; any bytes are tried in its own tests",
    ),
    ("cli/bench_spoken/cases.rs", "cases with known answers, a file of whoever measures; no daemon reads it"),
    ("cli/bench_spoken/heard.rs", "what the same command wrote, for whoever measures; no daemon reads it"),
    ("cli/chat.rs", "a line that the administrator types; its text goes to the targets typed and redact"),
    ("cli/record/officer.rs", "what the box's own recordd answers; a wrong shape is another version"),
    ("cli/sync.rs", "what the box's own syncd answers; a wrong shape is another version"),
    ("cli/record.rs", "what the box's own recordd answers; a wrong shape is another version"),
    ("cli/review/beside.rs", "bodies that came through the target record, for the administrator's eyes"),
    ("cli/review/rate.rs", "reviews that recordd itself wrote down"),
    ("cli/redact.rs", "a line of JSON of the administrator; its text goes to the target redact"),
    ("cli/train_tagger.rs", "cases that the developer's own generator made; a wrong one is named by its line"),
    ("clinic/client.rs", "tool_reply"),
    ("clinic/daemon/answer.rs", "tool_reply"),
    ("clinic/daemon/mod.rs", "tool_reply"),
    ("clinic/daemon/request.rs", "tool_request"),
    ("clinic/demo/effects.rs", "its own rows, in the demonstration clinic's database"),
    ("cli/model_peer.rs", "one line of the test peer, a port; whatever else it says is a peer that is not there"),
    ("config/mod.rs", "config"),
    ("config/reader.rs", "config"),
    ("config/warehouse.rs", "config"),
    ("converse/cloud/thought.rs", "thought"),
    ("expect.rs", "names"),
    ("http/endpoint.rs", "endpoint"),
    ("ids.rs", "names"),
    ("pcm/wav.rs", "wav"),
    ("placeholder.rs", "names"),
    ("config/hours.rs", "config"),
    ("config/telephone.rs", "config"),
    (
        "line/sip/lately.rs",
        "a file of lined's own, for the administrator's command; a wrong shape is an error, and property tests",
    ),
    ("line/alsa/bell.rs", "lines of a modem; any bytes are tried in its own tests"),
    ("line/rtp/events.rs", "rtp"),
    ("line/rtp/noise.rs", "rtp"),
    ("line/rtp/packet.rs", "rtp"),
    ("line/rtp/rtcp.rs", "rtcp"),
    ("line/rtp/srtp.rs", "keys of a peer's description; any text is tried in its own tests"),
    ("line/sip/call.rs", "a key that came by INFO; any bytes are tried in its own tests"),
    ("line/sip/endpoint.rs", "the status line of a transfer's NOTIFY: three digits, or nothing"),
    ("line/sip/register.rs", "random bytes of the machine, as a number"),
    ("line/sip/sound.rs", "random bytes of the machine, as numbers"),
    ("record/checkpoint.rs", "note"),
    ("record/daemon/outward.rs", "the answer that recordd has just made, read back to announce it; tests read answers"),
    ("record/backup/answer.rs", "the note of what was copied, which recordd wrote down itself"),
    ("record/backup/keys.rs", "sealed to the clinic's recovery key; any bytes are tried in its own tests"),
    ("record/backup/recovery.rs", "what the privacy officer types from paper; any text is tried in its own tests"),
    ("record/backup/segment.rs", "sealed to the clinic's recovery key; any bytes are tried in its own tests"),
    ("record/backup/witness.rs", "a note that the administrator hands in; any text is tried in its own tests"),
    ("record/erase.rs", "the fact of an erasure under way, which recordd wrote down itself"),
    ("record/export.rs", "bodies that came through the target record, for the officer's eyes"),
    ("record/fork.rs", "files beside the record that recordd wrote itself; one of another shape counts as none"),
    ("record/keys.rs", "names of scopes and files that recordd wrote itself; one of another shape is passed over"),
    ("record/officer.rs", "bodies that recordd itself wrote; one that is not read is not counted"),
    ("record/exchange.rs", "bodies that came through the target record, for the administrator's eyes"),
    ("record/header.rs", "header"),
    ("record/key.rs", "key"),
    ("record/measure/flash.rs", "page numbers of a log that SQLite wrote a moment before"),
    ("record/note.rs", "note"),
    ("record/reading.rs", "bodies that came through the target record, as they were stored"),
    ("record/request.rs", "record"),
    ("record/rows/answer.rs", "bodies that recordd itself wrote when the log was forked"),
    ("record/rows/people.rs", "bodies that recordd itself wrote; one that is not read makes no row"),
    ("record/rows/open.rs", "reviews that recordd itself wrote down"),
    ("record/rows/story.rs", "bodies that came through the target record; one that is not read makes no row"),
    ("record/senders.rs", "the record's own row; one of another length sets the record aside"),
    ("record/show.rs", "bodies that came through the target record, for the administrator's eyes"),
    ("record/spending.rs", "bodies that airlockd sealed; one that is not read counts at its worst"),
    ("redact/parts.rs", "a word of the developer's command line out of a closed list"),
    ("speak/choice.rs", "names"),
    ("sync/bucket.rs", "a manifest that syncd itself wrote; one that is not read is an object of somebody else's"),
    (
        "sync/bucket/s3.rs",
        "a listing that rusty-s3 reads; its names are held against order and prefix before they count",
    ),
    ("sync/daemon.rs", "what the administrator asks: one name"),
    ("sync/schedule.rs", "a line of the configuration, in a property test of its own"),
    ("sync/worker.rs", "what the box's own recordd answers; a wrong shape is another version"),
    ("wire/backup.rs", "objects of the clinic's own shelf; any bytes are tried in its own tests"),
    ("wire/frame.rs", "frame"),
    ("wire/line.rs", "line"),
    ("wire/recorder/feed.rs", "what recordd answers to an append: one number"),
    ("wire/recording.rs", "recording"),
    ("wire/typed.rs", "typed"),
    ("wire/watch.rs", "watch"),
];

/// The files of one target's corpus, by name.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let files = files.map(|entry| entry.unwrap().path());
    files.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect()
}

#[test]
fn every_parser_survives_its_corpus_and_the_corpus_reaches_into_it() {
    for (name, target) in TARGETS {
        let results: Vec<_> = corpus(name)
            .into_iter()
            .map(|(path, bytes)| {
                // Names the file where the parser panics.
                println!("{path}");
                target(&bytes)
            })
            .collect();
        assert!(results.len() >= 5, "{name} has next to no corpus");
        assert!(results.contains(&true), "{name}: nothing is accepted, so that nothing is reached");
        assert!(results.contains(&false), "{name}: nothing is refused");
    }
}

#[test]
fn every_parser_survives_the_corpus_of_every_other_cut_short_and_with_a_byte_changed() {
    let all: Vec<_> = TARGETS.iter().flat_map(|(name, _)| corpus(name)).collect();
    let mut random = fastrand::Rng::with_seed(1);
    for (path, bytes) in &all {
        println!("{path}");
        let mut changed = bytes.clone();
        if let Some(byte) = changed.get_mut(random.usize(..bytes.len().max(1))) {
            *byte = random.u8(..);
        }
        let cut = bytes.get(..random.usize(..=bytes.len())).unwrap();
        for (_, target) in TARGETS {
            for bytes in [bytes, &changed, cut] {
                target(bytes);
            }
        }
    }
}

#[test]
fn every_target_is_a_program_of_the_fuzz_package_and_has_a_corpus_and_the_other_way_round() {
    let manifest: toml::Table = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap().parse().unwrap();
    let programs: BTreeSet<_> =
        manifest["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap().to_owned()).collect();
    let names: BTreeSet<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(programs, names);
    let folders = fs::read_dir(root().join("fuzz/corpus")).unwrap();
    let folders: BTreeSet<_> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, names);
    for name in names {
        let program = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("parsers::{name}(bytes)")), "{name} runs another");
    }
}

#[test]
fn every_file_that_parses_is_known_with_its_target() {
    let parses = |code: &str| SIGNS.iter().any(|sign| code.contains(sign));
    let found: BTreeSet<_> = library().into_iter().filter(|s| parses(&s.code)).map(|s| s.path).collect();
    let known: BTreeSet<_> = PARSERS.iter().map(|(path, _)| (*path).to_owned()).collect();
    let new: Vec<_> = found.difference(&known).collect();
    assert!(new.is_empty(), "which fuzz target tries these parsers? {new:#?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "these parse nothing any more: {gone:#?}");
    for (path, target) in PARSERS {
        let reason = target.contains(' ');
        assert!(reason || TARGETS.iter().any(|(name, _)| name == target), "{path}: {target} is no target");
    }
}
