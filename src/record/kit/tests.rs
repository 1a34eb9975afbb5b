//! Folders of made-up events, whole and tampered with, before the checks that an auditor runs.
#![expect(clippy::cast_possible_truncation, reason = "the logs of a test are small")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::ids::Turn;
use crate::record::checkpoint::Checkpoint;
use crate::record::header::{self, Header};
use crate::record::note::Signer;
use crate::record::tree::leaf;
use crate::record::tree::nodes::Tiles;
use crate::record::tree::nodes::tests::Memory;
use crate::record::tree::proof::{consistency, inclusion, root_at};
use crate::wire::event;

const ORIGIN: &str = "anteroom.example/box-7";

fn signer(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

/// The sealed body of that event.
fn sealed(seq: u64) -> Vec<u8> {
    seq.to_be_bytes().repeat(1 + usize::try_from(seq % 7).unwrap())
}

/// An event's header line.
fn event(seq: u64) -> Vec<u8> {
    let ct = sealed(seq);
    let header = Header {
        v: header::VERSION,
        log: "log-1".into(),
        seq,
        id: Uuid::from_u128(u128::from(seq)),
        t: 1_700_000_000_000_000 + i64::try_from(seq).unwrap(),
        boot: 1,
        mono_us: seq,
        sync: "synced".into(),
        kind: event::Kind::CallBegin,
        call: None,
        turn: Turn(0),
        actor: "lined".into(),
        synthetic: true,
        key: "k".into(),
        ct_sha256: sha256(&ct).to_string(),
        ct_len: u64::try_from(ct.len()).unwrap(),
        ver: BTreeMap::from([("anteroom".into(), "0.1.0".into())]),
    };
    header.to_line().unwrap()
}

fn ndjson(lines: impl IntoIterator<Item = impl Serialize>) -> Vec<u8> {
    lines.into_iter().flat_map(|line| [serde_json::to_vec(&line).unwrap(), b"\n".to_vec()].concat()).collect()
}

/// A folder in the making: what its files say.
#[derive(Clone)]
struct Folder {
    kind: Kind,
    size: u64,
    lines: Vec<Vec<u8>>,
    files: BTreeMap<&'static str, Vec<u8>>,
}

impl Folder {
    /// Every event up to `size`, with a checkpoint every `step`, signed by that key.
    fn all(lines: Vec<Vec<u8>>, step: usize, signer: &Signer) -> Self {
        let size = lines.len() as u64;
        let mut memory = Memory::over(lines.iter().map(|line| leaf(line)));
        let mut note = |size| {
            let root = root_at(&mut Tiles(&mut memory), size).unwrap();
            Checkpoint { origin: ORIGIN.into(), size, root }.signed(signer).unwrap()
        };
        let earlier: Vec<_> =
            (step as u64..size).step_by(step).map(|size| CheckpointLine { size, note: note(size) }).collect();
        let files = BTreeMap::from([
            (CHECKPOINT_FILE, note(size).into_bytes()),
            (CHECKPOINTS_FILE, ndjson(earlier)),
            (VKEY_FILE, format!("{}\n", signer.verifier().to_text()).into_bytes()),
        ]);
        Self { kind: Kind::All, size, lines, files }
    }

    /// Some of these events, each with its proof.
    fn selection(&self, chosen: &[u64]) -> Self {
        let mut memory = Memory::over(self.lines.iter().map(|line| leaf(line)));
        let mut proof = |seq: u64| ProofLine::new(seq, &inclusion(&mut Tiles(&mut memory), seq, self.size).unwrap());
        let mut selection = self.clone();
        selection.kind = Kind::Selection;
        selection.files.insert(PROOFS_FILE, ndjson(chosen.iter().map(|seq| proof(*seq))));
        selection.lines = chosen.iter().map(|seq| self.lines[*seq as usize].clone()).collect();
        selection
    }

    fn note(&self) -> String {
        String::from_utf8(self.files[CHECKPOINT_FILE].clone()).unwrap()
    }

    /// Writes it as an export does; whoever tampers writes the manifest anew too.
    fn write(&self) -> Written {
        let dir = tempfile::tempdir().unwrap();
        let mut files = self.files.clone();
        files.insert(ENTRIES_FILE, self.lines.iter().flat_map(|line| [line, &b"\n"[..]].concat()).collect());
        for (name, content) in &files {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let manifest = Manifest {
            v: VERSION,
            kind: self.kind,
            log: "log-1".into(),
            origin: ORIGIN.into(),
            size: self.size,
            entries: self.lines.len() as u64,
            files: files.iter().map(|(name, content)| ((*name).to_owned(), FileSum::of(content))).collect(),
        };
        fs::write(dir.path().join(MANIFEST_FILE), serde_json::to_vec(&manifest).unwrap()).unwrap();
        fs::write(dir.path().join(VERIFY_FILE), VERIFY_PY).unwrap();
        fs::write(dir.path().join(README_FILE), README).unwrap();
        Written(dir)
    }
}

/// A folder on the disk.
struct Written(TempDir);

impl Written {
    fn path(&self) -> &Path {
        self.0.path()
    }

    /// A file outside the folder's layout, kept beside it for the test's sake.
    fn beside(&self, name: &str, content: &str) -> String {
        let path = self.path().join(name);
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn python(&self, options: &[&str]) -> (i32, String) {
        let script = self.path().join(VERIFY_FILE);
        run(Command::new("python3").arg("-B").arg(script).arg(self.path()).args(options))
    }

    fn go(&self, options: &[&str]) -> Option<(i32, String)> {
        let options: Vec<_> = options.iter().map(|option| option.replacen("--", "-", 1)).collect();
        Some(run(Command::new(oracle()?).args(options).arg(self.path())))
    }

    /// Both checks end with these words, in any order: none for a whole folder.
    fn ends_with(&self, words: &[&str], options: &[&str]) {
        let vkey = signer(1).verifier().to_text();
        let options = [&["--vkey", &vkey], options].concat();
        let results = [Some(("python", self.python(&options))), self.go(&options).map(|result| ("go", result))];
        for (which, (code, text)) in results.into_iter().flatten() {
            let last = text.lines().last().unwrap_or_default();
            assert_eq!(code, i32::from(!words.is_empty()), "{which}: {text}");
            match last.strip_prefix("REJECTED: ") {
                None => assert!(last.starts_with("OK") && words.is_empty(), "{which}: {text}"),
                Some(found) => {
                    let found: BTreeSet<_> = found.split(", ").map(|word| word.split(" (").next().unwrap()).collect();
                    assert_eq!(found, words.iter().copied().collect(), "{which}: {text}");
                }
            }
        }
    }
}

fn run(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// Where Debian puts the packages that the Go programs import.
const GOPATH: &str = "/usr/share/gocode";

/// Compiles a Go program; `None`, said aloud, where Go or its packages are not installed.
#[expect(clippy::print_stderr, reason = "whoever runs the tests is to know which were skipped")]
fn compiled(source: &Path, program: PathBuf) -> Option<PathBuf> {
    let package = Path::new(GOPATH).join("src/golang.org/x/mod/sumdb/tlog");
    let missing = !package.exists() || Command::new("go").arg("version").output().is_err();
    if missing {
        eprintln!("skipped: no Go here; apt-get install golang-go golang-golang-x-mod-dev");
        return None;
    }
    let mut go = Command::new("go");
    go.args(["build", "-o"]).arg(&program).arg(source).env("GO111MODULE", "off").env("GOPATH", GOPATH);
    let (code, text) = run(&mut go);
    assert_eq!(code, 0, "{text}");
    Some(program)
}

/// The other implementation, compiled once.
fn oracle() -> Option<&'static Path> {
    static ORACLE: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let compile = || {
        let dir = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles/go/main.go");
        compiled(&source, dir.path().join("oracle")).map(|program| (dir, program))
    };
    ORACLE.get_or_init(compile).as_ref().map(|(_, program)| program.as_path())
}

fn thousand() -> Folder {
    Folder::all((0..1000).map(event).collect(), 256, &signer(1))
}

#[test]
fn a_whole_folder_is_accepted_with_cosignatures_bodies_and_notes_kept_elsewhere() {
    let mut folder = thousand();
    let witness = Signer::from_seed("witness.example", &[9; 32]).unwrap();
    folder.files.insert(CHECKPOINT_FILE, witness.cosign(&folder.note()).unwrap().into_bytes());
    let bodies = (0..1000).step_by(3).map(|seq| SealedLine { seq, ct: STANDARD.encode(sealed(seq)) });
    folder.files.insert(SEALED_FILE, ndjson(bodies));
    let body: &RawValue = serde_json::from_str("{\"said\":\"hello\"}").unwrap();
    folder.files.insert(BODIES_FILE, ndjson([BodyLine { seq: 3, body }]));
    let written = folder.write();
    let half = Folder::all(folder.lines[..300].to_vec(), 256, &signer(1)).note();
    let notes = [written.beside("half.note", &half), written.beside("own.note", &folder.note())];
    written.ends_with(&[], &["--witness", &notes[0], "--witness", &notes[1]]);
    let (code, text) = written.python(&[]);
    assert!(code == 0 && text.starts_with("WARNING"), "{text}");
    assert!(text.contains("334 sealed bodies") && text.contains("1 opened bodies: not checked"), "{text}");
}

#[test]
fn a_selection_is_accepted_and_a_foreign_entry_in_it_is_not() {
    let whole = thousand();
    let chosen = [0, 1, 255, 256, 511, 512, 767, 768, 998, 999];
    let selection = whole.selection(&chosen);
    selection.write().ends_with(&[], &[]);
    let mut edited = selection.clone();
    edited.lines[4] = replaced(&edited.lines[4], "lined", "other");
    edited.write().ends_with(&["NOT PROVEN"], &[]);
    let mut swapped = selection.clone();
    swapped.lines.swap(3, 4);
    swapped.write().ends_with(&["NOT PROVEN", "OUT OF ORDER"], &[]);
    let later = Folder::all((0..1001).map(event).collect(), 256, &signer(1)).note();
    let written = selection.write();
    written.ends_with(&["CUT OFF"], &["--witness", &written.beside("later.note", &later)]);
}

fn replaced(line: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(line).unwrap();
    assert!(text.contains(from));
    text.replace(from, to).into_bytes()
}

#[test]
fn an_edit_a_deletion_and_a_reorder_are_each_rejected_with_their_own_word() {
    let whole = thousand();
    let tampered = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut folder = whole.clone();
        change(&mut folder.lines);
        folder.write()
    };
    tampered(&|lines| lines[500] = replaced(&lines[500], "lined", "other")).ends_with(&["ROOT DIFFERS"], &[]);
    let deleted = tampered(&|lines| drop(lines.remove(500)));
    deleted.ends_with(&["GAP", "ROOT DIFFERS", "CUT OFF"], &[]);
    tampered(&|lines| lines.swap(500, 501)).ends_with(&["GAP", "OUT OF ORDER", "ROOT DIFFERS"], &[]);
    tampered(&|lines| lines.truncate(900)).ends_with(&["CUT OFF"], &[]);
    tampered(&|lines| lines.push(event(1000))).ends_with(&["TOO MANY"], &[]);
    tampered(&|lines| lines[7] = replaced(&lines[7], "log-1", "log-2")).ends_with(&["OTHER LOG", "ROOT DIFFERS"], &[]);
    tampered(&|lines| lines[7] = b"[".to_vec()).ends_with(&["NOT AN EVENT", "ROOT DIFFERS"], &[]);
    // The same line, with another end.
    tampered(&|lines| lines[7].push(b'\r')).ends_with(&["ROOT DIFFERS"], &[]);
}

#[test]
fn a_log_that_its_keys_holder_cut_or_wrote_anew_fails_against_a_note_kept_elsewhere_and_only_so() {
    let kept = thousand().note();
    let cut = Folder::all((0..900).map(event).collect(), 256, &signer(1)).write();
    cut.ends_with(&[], &[]);
    cut.ends_with(&["CUT OFF"], &["--witness", &cut.beside("kept.note", &kept)]);
    let mut lines: Vec<_> = (0..1100).map(event).collect();
    lines[500] = replaced(&lines[500], "lined", "other");
    let anew = Folder::all(lines, 256, &signer(1)).write();
    anew.ends_with(&[], &[]);
    anew.ends_with(&["ROOT DIFFERS"], &["--witness", &anew.beside("kept.note", &kept)]);
}

#[test]
fn a_wrong_signature_is_rejected_wherever_it_is() {
    let whole = thousand();
    let other_key = Folder::all(whole.lines.clone(), 256, &signer(2));
    other_key.write().ends_with(&["BAD SIGNATURE"], &[]);
    let mut larger = whole.clone();
    larger.files.insert(CHECKPOINT_FILE, whole.note().replace("\n1000\n", "\n1001\n").into_bytes());
    larger.write().ends_with(&["BAD SIGNATURE"], &[]);
    let mut earlier = whole.clone();
    let lines = String::from_utf8(whole.files[CHECKPOINTS_FILE].clone()).unwrap();
    earlier.files.insert(CHECKPOINTS_FILE, lines.replace("\\n512\\n", "\\n513\\n").into_bytes());
    earlier.write().ends_with(&["BAD SIGNATURE"], &[]);
    let written = whole.write();
    let kept = written.beside("kept.note", &other_key.note());
    written.ends_with(&["BAD SIGNATURE"], &["--witness", &kept]);
    // A line of the right name and hash that signs another text.
    let line = signer(1).signature("x\n").unwrap();
    let text = whole.note().rsplit_once("\n\n").unwrap().0.to_owned() + "\n\n";
    let mut moved = whole.clone();
    moved.files.insert(CHECKPOINT_FILE, (text + &line).into_bytes());
    moved.write().ends_with(&["BAD SIGNATURE"], &[]);
}

#[test]
fn a_changed_body_and_changed_files_are_rejected() {
    let mut folder = thousand();
    let bodies = [(3, sealed(3)), (4, sealed(5)), (1000, sealed(1000))];
    let bodies = bodies.map(|(seq, ct)| SealedLine { seq, ct: STANDARD.encode(ct) });
    folder.files.insert(SEALED_FILE, ndjson(bodies));
    let (code, text) = folder.write().python(&[]);
    assert!(code == 1 && text.ends_with("REJECTED: BODY DIFFERS (2)\n"), "{text}");

    let written = thousand().write();
    fs::remove_file(written.path().join(CHECKPOINTS_FILE)).unwrap();
    fs::write(written.path().join(VKEY_FILE), "x").unwrap();
    written.ends_with(&["FILE MISSING", "FILE CHANGED"], &[]);
    let written = thousand().write();
    fs::write(written.path().join(BODIES_FILE), "{}\n").unwrap();
    let (code, text) = written.python(&[]);
    assert!(code == 1 && text.ends_with("REJECTED: FILE ADDED\n"), "{text}");
}

#[test]
fn what_cannot_be_checked_at_all_ends_with_2_and_a_clear_line() {
    let written = thousand().write();
    let mut bad = vec![written.python(&["--vkey", "nonsense"]), written.python(&["--witness", "/nowhere"])];
    let slip = signer(1).verifier().to_text().replace("box-7", "box-8");
    bad.push(written.python(&["--vkey", &slip]));
    fs::remove_file(written.path().join(CHECKPOINT_FILE)).unwrap();
    bad.push(written.python(&[]));
    for manifest in ["", "[]", "{\"v\":2}", &"[".repeat(100_000)] {
        fs::write(written.path().join(MANIFEST_FILE), manifest).unwrap();
        bad.push(written.python(&[]));
    }
    for (code, text) in bad {
        let last = text.lines().last().unwrap();
        assert!(code == 2 && last.starts_with("BAD INPUT: ") && !text.contains("Traceback"), "{text}");
    }
    assert_eq!(run(Command::new("python3").arg("-B").arg(written.path().join(VERIFY_FILE))).0, 2);
}

#[test]
fn the_proofs_of_growth_hold_for_the_other_implementation_too() {
    let folder = thousand();
    let mut memory = Memory::over(folder.lines.iter().map(|line| leaf(line)));
    let mut written = folder.clone();
    // A checkpoint at every odd place, so that proofs of every shape are among them.
    let sizes: Vec<u64> = (1..1000).step_by(37).chain([2, 512, 999]).collect();
    let mut lines = Vec::new();
    let mut proofs = Vec::new();
    for size in sizes {
        let root = root_at(&mut Tiles(&mut memory), size).unwrap();
        let note = Checkpoint { origin: ORIGIN.into(), size, root }.signed(&signer(1)).unwrap();
        lines.push(CheckpointLine { size, note });
        let proof = consistency(&mut Tiles(&mut memory), size, 1000).unwrap();
        proofs.push(serde_json::json!({ "old": size, "hashes": ProofLine::new(0, &proof).hashes }));
    }
    written.files.insert(CHECKPOINTS_FILE, ndjson(lines));
    let written = written.write();
    let path = written.beside("consistency", &String::from_utf8(ndjson(proofs)).unwrap());
    let Some((code, text)) = written.go(&["--consistency", &path]) else { return };
    assert!(code == 0 && text.contains("30 consistency proofs"), "{text}");
}

#[test]
fn the_program_in_the_read_me_does_what_it_says() {
    let (_, rest) = README.split_once("----- check.go -----\n").unwrap();
    let (program, _) = rest.split_once("----- end of check.go -----").unwrap();
    let folder = thousand();
    let mut edited = folder.clone();
    edited.lines[500] = replaced(&edited.lines[500], "lined", "other");
    let (written, edited) = (folder.write(), edited.write());
    let source = written.beside("check.go", program);
    let Some(check) = compiled(Path::new(&source), written.path().join("check")) else { return };
    let vkey = signer(1).verifier().to_text();
    let check = |path: &Path, vkey: &str| run(Command::new(&check).arg(path).arg(vkey));
    assert_eq!(check(written.path(), &vkey), (0, "OK\n".to_owned()));
    let (code, text) = check(edited.path(), &vkey);
    assert!(code == 1 && text.contains("ROOT DIFFERS"), "{text}");
    assert_eq!(check(written.path(), &signer(2).verifier().to_text()).0, 1);
}

#[test]
fn every_word_of_the_check_is_explained_in_the_read_me() {
    for (at, _) in VERIFY_PY.match_indices("reject(\"") {
        let word = VERIFY_PY[at..].split('"').nth(1).unwrap();
        assert!(README.contains(word), "{word}");
    }
}

#[test]
#[ignore = "a hundred thousand events: make test-record"]
fn a_hundred_thousand_events_are_checked_whole_and_one_edit_among_them_is_found() {
    let mut folder = Folder::all((0..100_000).map(event).collect(), 256, &signer(1));
    folder.write().ends_with(&[], &[]);
    folder.lines[77_777] = replaced(&folder.lines[77_777], "lined", "other");
    folder.write().ends_with(&["ROOT DIFFERS"], &[]);
}
