//! What a privacy officer does with the record of calls, by the commands of docs/record-officer.md themselves.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::boxed::{Boxed, scenario};
use crate::record::checked;

const MARY: &str = "5125550143";

/// How a command ended, and what it printed.
struct Done {
    well: bool,
    text: String,
}

/// `anteroom record WORDS...` beside a running box.
fn record(boxed: &Boxed, words: &[&str]) -> Done {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anteroom"));
    let done = command.arg("record").args(words).arg("--config").arg(boxed.home.file()).output().unwrap();
    let text = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    Done { well: done.status.success(), text }
}

fn well(boxed: &Boxed, words: &[&str]) -> String {
    let Done { well, text } = record(boxed, words);
    assert!(well, "{words:?}: {text}\n{}", boxed.log());
    text
}

fn refused(boxed: &Boxed, words: &[&str]) {
    let Done { well, text } = record(boxed, words);
    assert!(!well, "{words:?}: {text}");
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patient_is_handed_their_own_calls_and_no_other() {
    let boxed = Boxed::start().await;
    boxed.typed(&scenario("booking")).await.unwrap();
    let hers = boxed.last_call().await.to_string();
    boxed.typed(&scenario("hours")).await.unwrap();
    let other = boxed.last_call().await.to_string();
    let folder = tempfile::tempdir().unwrap();
    let (mary, nobody) = (file(folder.path(), "mary", MARY), file(folder.path(), "nobody", "5125550999"));
    let out = folder.path().join("access");
    well(&boxed, &["export", out.to_str().unwrap(), "--patient-from", &mary, "--open"]);
    assert_eq!(checked(&out), (0, true));
    let entries = fs::read_to_string(out.join("entries.ndjson")).unwrap();
    assert!(entries.contains(&hers) && !entries.contains(&other), "{entries}");
    assert!(fs::read_to_string(out.join("bodies.ndjson")).unwrap().contains(MARY));
    let none = folder.path().join("none");
    refused(&boxed, &["export", none.to_str().unwrap(), "--patient-from", &nobody, "--open"]);
    // Who looked is written down, and what was looked for is not.
    let told = boxed.of_the_box().await;
    assert!(told.contains("\"calls-of\"") && !told.contains(MARY) && !told.contains("5125550999"), "{told}");
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_amendment_stands_beside_its_call_and_an_accounting_outlives_it() {
    let boxed = Boxed::start().await;
    boxed.typed(&scenario("booking")).await.unwrap();
    let call = boxed.last_call().await.to_string();
    let folder = tempfile::tempdir().unwrap();
    let text = file(folder.path(), "text", "The caller asked for Wednesday, not Tuesday.");
    let patient = file(folder.path(), "patient", "P-1962");
    let other = file(folder.path(), "other", "P-1963");
    well(&boxed, &["amend", &call, "--text-from", &text, "--by", "A. Officer"]);
    well(&boxed, &["amend", &call, "--text-from", &text, "--by", "A. Officer", "--disputed"]);
    let shown = well(&boxed, &["show", &call, "--json"]);
    assert_eq!(shown.matches("asked for Wednesday").count(), 2, "{shown}");
    assert!(shown.contains("\"accepted\":true") && shown.contains("\"accepted\":false"));
    let disclosed = ["--to", "County health department", "--what", "date of the call", "--purpose", "a report"];
    well(
        &boxed,
        &[&["disclose", "--call", &call, "--patient-from", &patient, "--by", "A. Officer"][..], &disclosed].concat(),
    );
    // An amendment of nothing, a disclosure to nobody.
    let empty = file(folder.path(), "empty", " ");
    refused(&boxed, &["amend", &call, "--text-from", &empty, "--by", "A. Officer"]);
    refused(&boxed, &["disclose", "--to", "", "--what", "x", "--purpose", "y", "--by", "A. Officer"]);
    well(&boxed, &["shred", &call, "--why", "request 14", "--by", "A. Officer"]);
    assert!(!well(&boxed, &["show", &call, "--json"]).contains("asked for Wednesday"), "erased with its call");
    let of = |file: &str| well(&boxed, &["disclosures", "--patient-from", file]);
    assert!(of(&patient).contains("County health department") && of(&patient).contains(&call));
    assert!(of(&other).starts_with("0 disclosures"));
    let (whole, report) = boxed.verified().await;
    assert!(whole, "{report}");
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_held_is_erased_by_nobody_until_two_people_let_go() {
    let boxed = Boxed::start().await;
    boxed.typed(&scenario("hours")).await.unwrap();
    let call = boxed.last_call().await.to_string();
    let shred = ["shred", &call, "--why", "request 14", "--by", "A. Officer"];
    well(&boxed, &["hold", &call, "--by", "A. Officer", "--note", "subpoena 7"]);
    refused(&boxed, &shred);
    refused(&boxed, &["lift", &call, "--by", "A. Officer", "--and", "a. officer"]);
    refused(&boxed, &shred);
    assert!(well(&boxed, &["marks"]).contains(&call));
    well(&boxed, &["lift", &call, "--by", "A. Officer", "--and", "B. Manager"]);
    assert!(!well(&boxed, &["marks"]).contains(&call));
    assert!(well(&boxed, &shred).contains("keys destroyed"));
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_weeks_activity_is_counted_and_signed_off_by_what_was_shown() {
    let boxed = Boxed::start().await;
    boxed.typed(&scenario("hours")).await.unwrap();
    boxed.typed(&scenario("booking")).await.unwrap();
    let call = boxed.last_call().await.to_string();
    well(&boxed, &["show", &call]);
    well(&boxed, &["shred", &call, "--why", "request 14", "--by", "A. Officer"]);
    let signed = well(&boxed, &["digest", "--json", "--sign-by", "A. Officer", "--note", "nothing odd"]);
    let digest: Value = serde_json::from_str(signed.lines().next().unwrap()).unwrap();
    assert_eq!((&digest["calls"], &digest["simulated"]), (&Value::from(0), &Value::from(2)));
    assert_eq!(digest["kinds"]["call.begin"], 2);
    assert_eq!(digest["reveals"]["cli show"], 1);
    assert!(digest["destroyed"]["request 14"].as_u64() > Some(0), "{digest}");
    let told = boxed.of_the_box().await;
    let is_review = |event: &Value| event["kind"] == "review" && event["body"]["by"] == "A. Officer";
    let review = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).find(is_review).unwrap();
    let parsed: anteroom::record::officer::Digest = serde_json::from_value(digest).unwrap();
    assert_eq!(review["body"]["digest"], parsed.sum(), "{review}");
    // What a thief of the box would have, and that the key lies beside it in a demonstration.
    let exposure: Value = serde_json::from_str(&well(&boxed, &["exposure", "--json"])).unwrap();
    assert_eq!((&exposure["key_beside_data"], &exposure["readable_calls"]), (&Value::from(true), &Value::from(0)));
    assert!(exposure["left_for_models"].as_u64().is_some());
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_witness_is_believed_about_this_record_alone_and_a_weekly_folder_is_whole() {
    let boxed = Boxed::start().await;
    boxed.typed(&scenario("hours")).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let note = well(&boxed, &["checkpoint"]);
    let ours = file(folder.path(), "ours", &note);
    // Another root for the same size, and no checkpoint at all.
    let root = note.lines().nth(2).unwrap();
    let other: String = root.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).take(42).chain("A=".chars()).collect();
    let others = file(folder.path(), "others", &note.replacen(root, &other, 1));
    let nothing = file(folder.path(), "nothing", "a shopping list\n");
    refused(&boxed, &["seen", &others, "--by", "the officer's safe"]);
    refused(&boxed, &["seen", &nothing, "--by", "the officer's safe"]);
    assert!(well(&boxed, &["digest"]).contains("witnessed: nothing"));
    well(&boxed, &["seen", &ours, "--by", "the officer's safe"]);
    assert!(well(&boxed, &["digest"]).contains("by the officer's safe"));
    // As the shipped timer runs it.
    well(&boxed, &["export", folder.path().join("weekly").to_str().unwrap(), "--dated", "--days", "8"]);
    let made: Vec<_> = fs::read_dir(folder.path().join("weekly")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(checked(&made[0]), (0, true));
    assert!(!made[0].join("bodies.ndjson").exists());
    boxed.stop().await;
}
