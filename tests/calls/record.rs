//! The record of whole calls: nothing readable in any file, what an auditor is handed, what is erased, what was put back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anteroom::cli::record::export;
use anteroom::cli::record::officer::{self, Deed};
use anteroom::record::export::Selection;

use crate::boxed::{Boxed, scenario};

/// Samples of a run of sound that is looked for: 8 ms. Silence and tones repeat; what is spoken does not.
const RUN: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_identifier_and_no_sound_of_a_call_lies_readable_in_any_file() {
    let scenario = scenario("booking");
    let boxed = Boxed::start().await;
    assert!(boxed.call(&scenario).await.unwrap().answered);
    let at = boxed.record();
    let folder = tempfile::tempdir().unwrap();
    let sealed = Selection { all: true, sealed: true, ..Selection::default() };
    export::write(&at, &sealed, &folder.path().join("sealed"), None).await.unwrap();
    let open = Selection { all: true, bodies: true, ..Selection::default() };
    export::write(&at, &open, &folder.path().join("open"), None).await.unwrap();
    let wav = folder.path().join("call.wav");
    anteroom::cli::record::export_audio(&at, "last", &wav).await.unwrap();
    let identifiers: Vec<String> = scenario.expect.identifiers.iter().filter(|i| is_sought(i)).cloned().collect();
    let sounds = sounds(&wav);
    assert!(!identifiers.is_empty() && sounds.len() > 100, "there is something to look for");
    // The record as it lies there while the daemon runs, with its write-ahead logs, and after it has stopped.
    let data = boxed.home.config.paths.data.clone();
    let log = boxed.home.log();
    let running =
        [searched(&data, &identifiers, &sounds), searched(&folder.path().join("sealed"), &identifiers, &sounds)];
    assert_eq!(running, [Vec::<String>::new(), Vec::new()]);
    boxed
        .stop_and_keep(|| {
            assert_eq!(searched(&data, &identifiers, &sounds), Vec::<String>::new());
            let quoted: Vec<_> = identifiers.iter().filter(|i| i.contains(char::is_alphabetic)).cloned().collect();
            assert_eq!(searched(&log, &quoted, &sounds), Vec::<String>::new());
        })
        .await;
    // The same search finds them where they are open.
    assert!(
        !searched(&folder.path().join("open"), &identifiers, &sounds).is_empty(),
        "the search finds nothing at all"
    );
    assert!(!searched(&wav, &identifiers, &sounds).is_empty(), "the search finds no sound");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stranger_is_handed_is_checked_without_the_box_and_an_edit_in_it_is_found() {
    let boxed = Boxed::start().await;
    boxed.call(&scenario("hours")).await.unwrap();
    let at = boxed.record();
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    let all = Selection { all: true, bodies: true, sealed: true, sound: true, ..Selection::default() };
    let exported = export::write(&at, &all, &whole, None).await.unwrap();
    assert_eq!(exported.events, exported.size);
    assert_eq!(checked(&whole), (0, true));
    let call = boxed.last_call().await;
    let incident = folder.path().join("incident");
    let one = Selection { calls: vec![call], bodies: true, sealed: true, sound: true, ..Selection::default() };
    let exported = export::write(&at, &one, &incident, Some(call)).await.unwrap();
    assert!(exported.events > 5 && exported.events < exported.size);
    assert_eq!(checked(&incident), (0, true));
    assert!(fs::read_to_string(incident.join("timeline.txt")).unwrap().contains("call.begin"));
    let entries = fs::read_to_string(whole.join("entries.ndjson")).unwrap();
    fs::write(whole.join("entries.ndjson"), entries.replacen("call.begin", "call.begun", 1)).unwrap();
    assert_eq!(checked(&whole), (1, false));
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_call_opens_nowhere_and_the_rest_of_the_record_is_as_whole_as_before() {
    let boxed = Boxed::start().await;
    boxed.call(&scenario("hours")).await.unwrap();
    let erased = boxed.last_call().await;
    boxed.call(&scenario("booking")).await.unwrap();
    let at = boxed.record();
    let deed = |calls| Deed::Shred { calls, patient_from: None, why: "request".into(), by: "A. Officer".into() };
    officer::run(&at, deed(vec![erased]), false, &mut Vec::new()).await.unwrap();
    let (whole, report) = boxed.verified().await;
    assert!(whole, "{report}");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("erased");
    let one = Selection { calls: vec![erased], bodies: true, ..Selection::default() };
    export::write(&at, &one, &out, None).await.unwrap();
    assert_eq!(checked(&out), (0, true));
    // What is left open of it: that it was erased, and that it was looked at.
    let bodies = fs::read_to_string(out.join("bodies.ndjson")).unwrap();
    assert!(!bodies.contains("\"said\"") && bodies.contains("\"why\":\"request\""), "{bodies}");
    assert!(boxed.events_of_the_last().await.iter().any(|event| event["kind"] == "heard" && event["state"] == "open"));
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_was_put_back_to_an_older_state_is_set_aside_once_a_checkpoint_is_outside() {
    let boxed = Boxed::start().await;
    boxed.call(&scenario("hours")).await.unwrap();
    let (home, data) = (boxed.home.file(), boxed.home.config.paths.data.clone());
    let older = tempfile::tempdir().unwrap();
    let boxed = boxed.restarted_after(|| copy(&data, older.path())).await;
    boxed.call(&scenario("hours")).await.unwrap();
    let note = older.path().join("note");
    fs::write(&note, boxed.checkpoint().await).unwrap();
    let seen = Deed::Seen { note, by: "the officer's safe".to_owned() };
    officer::run(&boxed.record(), seen, false, &mut Vec::new()).await.unwrap();
    // What a thief of the box's time would do: the whole record as it was, but not what the box knows to be witnessed.
    let boxed = boxed
        .restarted_after(|| {
            for name in ["record.db", "record.db-wal", "record.db-shm"] {
                let _ = fs::remove_file(data.join(name));
                if older.path().join(name).exists() {
                    fs::copy(older.path().join(name), data.join(name)).unwrap();
                }
            }
        })
        .await;
    let told = boxed.of_the_box().await;
    assert!(told.contains("behind-its-witness"), "{told}\n{}", home.display());
    boxed.call(&scenario("hours")).await.unwrap();
    let (whole, report) = boxed.verified().await;
    assert!(whole, "{report}");
    assert_eq!(fs::read_dir(data.join("archive")).unwrap().filter(|e| is_db(&e.as_ref().unwrap().path())).count(), 1);
    boxed.stop().await;
}

fn is_db(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "db")
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Whether it would not stand somewhere by chance: four digits do in hashes, four letters in base64.
fn is_sought(identifier: &str) -> bool {
    identifier.len() >= 8 || (identifier.len() >= 5 && identifier.contains(char::is_alphabetic))
}

/// How the kit's own check ends, and whether it says OK.
pub(crate) fn checked(folder: &Path) -> (i32, bool) {
    let done = Command::new("python3").arg(folder.join("verify.py")).arg(folder).output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    (done.status.code().unwrap(), text.lines().last().unwrap_or_default().starts_with("OK"))
}

/// Runs of a WAV file's sound, as linear and as mu-law bytes.
fn sounds(wav: &Path) -> Vec<Vec<u8>> {
    let mut reader = hound::WavReader::open(wav).unwrap();
    let samples: Vec<i16> = reader.samples::<i16>().map(Result::unwrap).collect();
    let loud = |run: &&[i16]| run.iter().collect::<std::collections::BTreeSet<_>>().len() > RUN / 2;
    let runs: Vec<&[i16]> = samples.chunks(RUN).filter(loud).step_by(25).collect();
    let linear = runs.iter().map(|run| run.iter().flat_map(|sample| sample.to_le_bytes()).collect());
    let channel = |run: &[i16]| run.iter().step_by(2).map(|sample| anteroom::pcm::g711::to_mulaw(*sample)).collect();
    linear.chain(runs.iter().map(|run| channel(run))).collect()
}

/// What of the canaries stands in which file below `path`, as it is written, in UTF-16 and in the words of a hex dump.
fn searched(path: &Path, identifiers: &[String], sounds: &[Vec<u8>]) -> Vec<String> {
    let mut needles: Vec<Vec<u8>> = Vec::new();
    for text in identifiers {
        needles.push(text.as_bytes().to_vec());
        needles.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        needles.push(text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
    }
    needles.extend(sounds.iter().cloned());
    let mut found = Vec::new();
    for file in files(path) {
        let bytes = fs::read(&file).unwrap();
        // By their first two bytes: the whole of a record for each of a thousand needles would take minutes.
        let mut by_start: std::collections::HashMap<[u8; 2], Vec<&[u8]>> = std::collections::HashMap::new();
        for needle in needles.iter().filter(|needle| needle.len() > 3) {
            by_start.entry([needle[0], needle[1]]).or_default().push(needle);
        }
        for (at, pair) in bytes.windows(2).enumerate() {
            let here = by_start.get(&[pair[0], pair[1]]).into_iter().flatten();
            if here.filter(|needle| bytes[at..].starts_with(needle)).count() > 0 {
                found.push(format!("{} at {at}", file.display()));
            }
        }
    }
    found
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let below = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    // The key is there in a demonstration, and hexadecimal digits of it are none of a caller's.
    below.flat_map(|path| files(&path)).collect()
}
