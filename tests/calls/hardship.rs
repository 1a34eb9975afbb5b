//! A machine that fails under the box: a full disk, folders that cannot be written, sockets that are taken, files that
//! are damaged. Each ends in a clear message or in a served caller, and the record verifies.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anteroom::caller::report::CallReport;
use anteroom::cli::home::Home;
use anteroom::cli::processes::{DAEMONS, program};
use anteroom::clock::{Clock, SystemClock};
use anteroom::config::RecogniserKind;

use crate::boxed::{Boxed, scenario};

/// How long a daemon that must refuse may take to do so.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder with the configuration of a box that was never started.
fn home(name: &str) -> Home {
    let folder = std::env::temp_dir().join(format!("anteroom-hard-{}-{name}", std::process::id()));
    Home::make(&folder, RecogniserKind::PocketSphinx).unwrap()
}

/// Runs a daemon that is to refuse; gives its exit code and what it said.
fn refusal(daemon: &str, config: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(program(daemon));
    command.arg("--config").arg(config).arg("--with-stdin");
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let open = child.stdin.take();
    let began = SystemClock.now();
    while child.try_wait().unwrap().is_none() {
        if late(began) {
            // Then it serves: the end of its input stops it, and the assertion of the caller tells.
            drop(open);
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!said.contains("panicked"), "{daemon}: {said}");
    (status.code(), said)
}

fn late(began: std::time::Instant) -> bool {
    SystemClock.now().saturating_duration_since(began) > PATIENCE
}

/// Whether the caller got what they wanted, left a message, or reached a person.
fn fared_well(report: &CallReport) -> bool {
    report.handed_over || matches!(report.outcome.as_deref(), Some("booked" | "message-left" | "answered"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_box_on_the_same_folder_is_refused_and_the_first_is_not_disturbed() {
    let boxed = Boxed::start().await;
    let first = DAEMONS.map(|daemon| boxed.processes.pid(daemon).unwrap());
    for daemon in DAEMONS {
        let config = boxed.home.file();
        let (code, said) = tokio::task::spawn_blocking(move || refusal(daemon, &config)).await.unwrap();
        assert_eq!(code, Some(1), "{daemon}: {said}");
        assert!(said.contains("stop that one first"), "{daemon}: {said}");
        let place = boxed.home.folder().to_string_lossy().into_owned();
        assert!(said.contains(&place), "{daemon} does not say where: {said}");
    }
    let report = boxed.call(&scenario("hours")).await;
    let (whole, verified) = boxed.verified().await;
    let (log, still) = (boxed.log(), DAEMONS.map(|daemon| boxed.processes.pid(daemon).unwrap()));
    boxed.stop().await;
    assert!(report.is_ok_and(|report| report.outcome.as_deref() == Some("answered")), "{log}");
    assert!(whole, "{verified}");
    assert_eq!(first, still, "a daemon of the first box ended: {log}");
}

#[test]
fn a_file_or_a_folder_in_the_place_of_a_socket_is_named_and_left_alone() {
    let home = home("socket");
    let folder = home.config.paths.run.join("line");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let socket = folder.join("from-anteroomd.sock");
    for is_folder in [false, true] {
        if is_folder {
            fs::create_dir(&socket).unwrap();
        } else {
            fs::write(&socket, "somebody's file").unwrap();
        }
        let (code, said) = refusal("lined", &home.file());
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("from-anteroomd.sock") && said.contains("no socket"), "{said}");
        assert!(socket.exists(), "it was removed");
        if !is_folder {
            assert_eq!(fs::read_to_string(&socket).unwrap(), "somebody's file");
            fs::remove_file(&socket).unwrap();
        }
    }
}

#[test]
fn a_run_folder_that_cannot_be_made_is_named() {
    let home = home("run");
    // Where a folder should be there is a file: not even root can make one below it.
    fs::write(&home.config.paths.run, "in the way").unwrap();
    for daemon in DAEMONS {
        // anteroomd asks the others before it listens itself, and would load its models first.
        if daemon == "anteroomd" {
            continue;
        }
        let (code, said) = refusal(daemon, &home.file());
        assert_ne!(code, Some(0), "{daemon}: {said}");
        assert!(said.contains("run/") || said.contains("run:"), "{daemon}: {said}");
    }
}

#[test]
fn a_damaged_record_and_a_wrong_key_are_told_apart_at_start() {
    let home = home("damaged");
    let data = &home.config.paths.data;
    make_record(&home);
    let (database, key) = (data.join("record.db"), data.join("record.key"));
    let good = (fs::read(&database).unwrap(), fs::read(&key).unwrap());

    write_private(&key, &[b'0'; 64]);
    let (code, said) = refusal("recordd", &home.file());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("hand in the right key"), "{said}");

    write_private(&key, b"no key at all");
    let (code, said) = refusal("recordd", &home.file());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("record.key") && said.contains("holds no key"), "{said}");

    write_private(&key, &good.1);
    let mut damaged = good.0.clone();
    damaged.iter_mut().take(64).for_each(|byte| *byte ^= 0x5a);
    write_private(&database, &damaged);
    // The key fits and the file does not open: it is set aside as it is, and a new record begins, so that calls go on.
    make_record(&home);
    let aside: Vec<_> = fs::read_dir(data.join("archive")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(aside.iter().any(|file| fs::read(file).unwrap() == damaged), "{aside:?}");

    fs::remove_file(&key).unwrap();
    let (code, said) = refusal("recordd", &home.file());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no key for it"), "{said}");
}

/// Starts recordd until it has made its record, and stops it.
fn make_record(home: &Home) {
    let mut command = Command::new(program("recordd"));
    command.arg("--config").arg(home.file()).arg("--with-stdin").stdin(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let socket = home.config.paths.run.join("record/from-cli.sock");
    let began = SystemClock.now();
    while std::os::unix::net::UnixStream::connect(&socket).is_err() {
        assert!(!late(began), "recordd does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(child.stdin.take());
    child.wait().unwrap();
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_missing_or_damaged_model_is_refused_with_what_to_do() {
    let home = home("models");
    let text = fs::read_to_string(home.file()).unwrap();
    let models = home.folder().join("models");
    fs::create_dir(&models).unwrap();
    let real = home.config.paths.models.display().to_string();
    assert!(text.contains(&real), "the configuration names its models otherwise");
    fs::write(home.file(), text.replace(&real, &models.display().to_string())).unwrap();

    let (code, said) = refusal("anteroomd", &home.file());
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("silero_vad.onnx") && said.contains("fetch it with"), "missing: {said}");

    fs::write(models.join("silero_vad.onnx"), vec![7; 1_000]).unwrap();
    let (code, said) = refusal("anteroomd", &home.file());
    assert_eq!(code, Some(69), "{said}");
    assert!(said.contains("silero_vad.onnx"), "damaged: {said}");
}

/// A thread in a mount namespace of its own: what is mounted there is seen by this thread and the processes it starts,
/// and is gone with them. `None`, with the reason printed, where this user may not have one.
fn with_own_mounts<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let private = nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS).map_err(|error| error.to_string());
            let private = private.and_then(|()| run("mount", &["--make-rprivate", "/"]));
            match private {
                Ok(()) => Some(work()),
                Err(error) => {
                    println!("skipped: no mount namespace of our own: {error}");
                    None
                }
            }
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// A small file system of its own at `folder`.
fn mount(folder: &Path, options: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    run("mount", &["-t", "tmpfs", "-o", options, "tmpfs", &folder.to_string_lossy()]).unwrap();
}

fn runtime() -> tokio::runtime::Runtime {
    // One thread, so that every process is started from within its mount namespace.
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() {
    let home = home("read-only");
    let config = home.file();
    let data = home.config.paths.data.clone();
    let said = with_own_mounts(|| {
        mount(&data, "size=1m,mode=0700,ro");
        refusal("recordd", &config)
    });
    let Some((code, said)) = said else { return };
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&*data.to_string_lossy()) && said.contains("Read-only file system"), "{said}");
}

/// Fills the file system of `folder` to the last byte.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("ballast");
    let mut file = fs::File::create(&path).unwrap();
    let block = vec![0xff; 4096];
    while file.write_all(&block).is_ok() {}
    // What is smaller than a block fits as well.
    while file.write_all(&[0xff]).is_ok() {}
    path
}

#[test]
fn a_caller_is_served_while_the_disk_under_the_record_is_full() {
    let home = home("full");
    let (folder, data) = (home.folder().to_owned(), home.config.paths.data.clone());
    with_own_mounts(move || {
        mount(&data, "size=6m,mode=0700");
        runtime().block_on(full_disk(home, &data));
    });
    // From within, a folder on which something is mounted could not be removed.
    if folder.exists() {
        fs::remove_dir_all(folder).unwrap();
    }
}

async fn full_disk(home: Home, data: &Path) {
    let boxed = Boxed::of(home).await;
    let booking = scenario("booking");
    let filled = async {
        // In the middle of the call: the caller has spoken, nothing is booked.
        tokio::time::sleep(Duration::from_millis(800)).await;
        fill(data)
    };
    let (during, ballast) = tokio::join!(boxed.call(&booking), filled);
    let during = during.unwrap_or_else(|error| panic!("{error}\n{}", boxed.log()));
    assert!(during.answered && fared_well(&during), "{during:#?}\n{}", boxed.log());

    // A second caller, from the ring to the end on a full disk.
    let after = boxed.call(&booking).await.unwrap_or_else(|error| panic!("{error}\n{}", boxed.log()));
    assert!(after.answered && fared_well(&after), "{after:#?}\n{}", boxed.log());
    assert_ne!(after.outcome.as_deref(), Some("booked"), "a write went out that nobody could record");

    fs::remove_file(ballast).unwrap();
    let story = admitted_gap(&boxed).await;
    let freed = boxed.call(&booking).await.unwrap();
    let (whole, verified) = boxed.verified().await;
    let log = boxed.log();
    boxed.stop().await;
    for (when, report) in [("filled during the call", &during), ("full", &after), ("freed", &freed)] {
        println!("disk {when}: {:?}, handed over: {}", report.outcome, report.handed_over);
    }
    story.lines().filter(|line| line.contains("record.gap")).for_each(|line| println!("{line}"));
    assert!(story.contains("record.gap"), "the record does not admit its gap: {story}\n{log}");
    assert_eq!(freed.outcome.as_deref(), Some("booked"), "{freed:#?}\n{log}");
    assert!(whole, "{verified}");
    assert!(!log.contains("panicked"), "{log}");
}

/// Waits until the record says that events had to wait; gives what it says of the box, however that went.
async fn admitted_gap(boxed: &Boxed) -> String {
    let mut told = String::new();
    for _ in 0..100 {
        told = boxed.of_the_box().await;
        if told.contains("record.gap") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    told
}
