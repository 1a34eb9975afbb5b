//! A box in which every process is a user of its own, as systemd starts it: a whole call goes through, and each user
//! gets at what is its own and at nothing else.
//!
//! Only root can start processes as other users. The users are numbers; no account of the machine is needed or touched.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anteroom::cli::home::models;
use anteroom::cli::processes::{RunAs, program};
use anteroom::wire::doors::{ENDPOINTS, Endpoint};
use anteroom::wire::frame::Message;
use anteroom::wire::users::Uids;
use nix::sys::signal::Signal;

use crate::boxed::{Boxed, scenario};

/// Names the folder of the box that a child process tries to get at.
const BOX: &str = "ANTEROOM_USERS_BOX";
/// The endpoints that it knocks at.
const ENDPOINTS_TO_TRY: &str = "ANTEROOM_USERS_ENDPOINTS";
/// The process whose memory it tries to read.
const BRAIN: &str = "ANTEROOM_USERS_BRAIN";
/// Far longer than anything takes: reached only where a peer is let in that should not be.
const LONG: Duration = Duration::from_secs(20);

const GROUP: u32 = 61_000;
const STRANGER: u32 = 61_099;
const UIDS: Uids = Uids {
    lined: 61_001,
    anteroomd: 61_002,
    airlockd: 61_003,
    clinicd: 61_004,
    recordd: 61_005,
    syncd: 61_006,
    cli: 0,
    caller: 0,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_users_serve_a_call_and_none_gets_at_what_is_anothers() {
    if let Some(reason) = cannot_run() {
        println!("skipped: {reason}");
        return;
    }
    let scenario = scenario("booking");
    let boxed = Boxed::start_as(RunAs { uids: UIDS, group: GROUP }).await;
    for (daemon, uid) in UIDS.daemons() {
        assert_eq!(owner(&format!("/proc/{}", boxed.processes.pid(daemon).unwrap()), daemon), uid);
    }
    let report = boxed.call(&scenario).await.unwrap_or_else(|error| panic!("{error}\n{}", boxed.log()));
    let shortfalls = report.shortfalls(&scenario.expect);
    assert!(report.answered && shortfalls.is_empty(), "{shortfalls:#?}\n{}", boxed.story().await);
    assert_eq!(report.outcome.as_deref(), Some("booked"));
    let (whole, verified) = boxed.verified().await;
    assert!(whole, "{verified}");
    assert!(!boxed.log().contains("turned away"), "the box turned its own away:\n{}", boxed.log());

    for uid in [UIDS.lined, UIDS.anteroomd, UIDS.airlockd, UIDS.clinicd, UIDS.recordd, UIDS.syncd] {
        let told = probe(&boxed, uid, GROUP, &answering());
        for endpoint in answering() {
            let right = UIDS.of(endpoint.client) == uid;
            assert_eq!(
                told[&at(endpoint)],
                if right { "answered" } else { "turned away" },
                "{uid} at {}",
                at(endpoint)
            );
        }
        // Whoever rings or watches here is root, which the call above was.
        for endpoint in [silent("line", "caller"), silent("watch", "cli")] {
            assert_eq!(probe(&boxed, uid, GROUP, &[endpoint])[&at(endpoint)], "turned away", "{uid}");
        }
        for (what, owner) in [("record", UIDS.recordd), ("record.db", UIDS.recordd), ("record.key", UIDS.recordd)] {
            assert_eq!(told[what], if uid == owner { "opened" } else { "refused" }, "{uid}: {what}");
        }
        assert_eq!(told["clinic"], if uid == UIDS.clinicd { "opened" } else { "refused" }, "{uid}");
        for what in ["mem", "maps", "environ", "fd"] {
            assert_eq!(told[what], "refused", "{uid}: {what} of anteroomd");
        }
        for (door, owner) in [("record", UIDS.recordd), ("clinic", UIDS.clinicd), ("line", UIDS.lined)] {
            let put = &told[&format!("file in {door}")];
            assert_eq!(put, if uid == owner { "opened" } else { "refused" }, "{uid}");
        }
        assert_eq!(told["file in run"], "refused", "{uid}");
        assert_eq!(told["configuration"], "opened", "{uid}: it holds no secrets");
    }
    let told = probe(&boxed, STRANGER, STRANGER, &answering());
    for (what, result) in told.iter().filter(|(what, _)| *what != "begun") {
        let expected = if what.starts_with("at ") { "no way" } else { "refused" };
        assert_eq!(result, expected, "a stranger: {what}");
    }

    a_false_brain_is_turned_away(&boxed);
    let (whole, verified) = boxed.verified().await;
    assert!(whole, "{verified}");
    boxed.stop().await;
}

#[test]
fn a_daemon_whose_users_the_machine_does_not_know_names_every_one_and_exits_with_78() {
    let (code, said) = started(
        &mut Command::new(program("lined")),
        "lined = \"no-such-line\"\nanteroomd = 61002\n\
        airlockd = \"no-such-lock\"\nclinicd = 61004\nrecordd = 61005\nsyncd = 61006\n",
    );
    assert_eq!(code, Some(78), "{said}");
    for key in ["users.lined", "users.airlockd", "no-such-lock"] {
        assert!(said.contains(key), "{key} is not named: {said}");
    }
}

#[test]
fn a_daemon_that_is_started_as_another_user_than_its_own_exits_with_78() {
    let mut daemon = Command::new(program("recordd"));
    let (code, said) = started(&mut daemon, &five_with("recordd", nix::unistd::geteuid().as_raw() + 1));
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("users.recordd"), "{said}");
}

#[test]
fn a_daemon_in_a_user_namespace_that_hides_its_peers_does_not_start() {
    let inside = ["--user", "--map-user=61005", "--map-group=61000"];
    if !Command::new("unshare").args(inside).arg("true").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: no user namespace can be made here");
        return;
    }
    let mut daemon = Command::new("unshare");
    daemon.args(inside).arg(program("recordd"));
    let (code, said) = started(&mut daemon, &five_with("recordd", UIDS.recordd));
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("cannot be told from") && said.contains("PrivateUsers=no"), "{said}");
}

/// `[users]` with one daemon as another user.
fn five_with(daemon: &str, uid: u32) -> String {
    UIDS.daemons().map(|(name, own)| format!("{name} = {}\n", if name == daemon { uid } else { own })).concat()
}

/// How a daemon with these `[users]` ends, and what it says. It would run on where it does not refuse: its standard input
/// is at its end.
fn started(daemon: &mut Command, users: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anteroom.toml");
    let text = format!(
        "[paths]\nrun = \"run\"\ndata = \"data\"\n[users]\n{users}\
         [clinic]\nname = \"a\"\naddress = \"b\"\nhours = \"c\"\ntime-zone = \"UTC\"\n"
    );
    std::fs::write(&path, text).unwrap();
    let output = daemon.arg("--config").arg(&path).arg("--with-stdin").stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// lined attends to one brain at a time: the next who knocks is looked at when that one has gone.
fn a_false_brain_is_turned_away(boxed: &Boxed) {
    let endpoint = silent("line", "anteroomd");
    let mut knocking = command(boxed, UIDS.airlockd, GROUP, &[endpoint]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(knocking.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("probe begun")));
    let knocks = || boxed.log().matches("turned away").count();
    let before = knocks();
    // Whether the brain dies before or after the false one knocks: a new brain takes a second to come.
    assert!(boxed.processes.signal("anteroomd", Signal::SIGKILL));
    let told = told(&lines.collect::<Vec<_>>().join("\n"));
    assert_eq!(told.get(&at(endpoint)).map(String::as_str), Some("turned away"));
    assert!(knocking.wait().unwrap().success());
    assert!(knocks() > before, "{}", boxed.log());
}

/// Not a test of its own: the child process of the test above, as another user.
#[test]
fn as_another_user() {
    let Some(folder) = std::env::var_os(BOX).map(PathBuf::from) else { return };
    let run = folder.join("run");
    tell("begun", "yes");
    let names = std::env::var(ENDPOINTS_TO_TRY).unwrap();
    for endpoint in ENDPOINTS.iter().filter(|endpoint| names.split(", ").any(|name| name == at(endpoint))) {
        tell(&at(endpoint), knock(endpoint, &run));
    }
    tell("configuration", opened(std::fs::File::open(folder.join("anteroom.toml"))));
    tell("record", opened(std::fs::read_dir(folder.join("data"))));
    tell("clinic", opened(std::fs::read_dir(folder.join("clinic"))));
    for file in ["record.db", "record.key"] {
        tell(file, opened(std::fs::File::open(folder.join("data").join(file))));
    }
    let brain = PathBuf::from(format!("/proc/{}", std::env::var(BRAIN).unwrap()));
    for file in ["mem", "maps", "environ"] {
        let read = std::fs::File::open(brain.join(file)).and_then(|mut file| file.read(&mut [0]));
        tell(file, opened(read));
    }
    tell("fd", opened(std::fs::read_dir(brain.join("fd"))));
    tell("file in run", opened(put(&run)));
    for door in ["record", "clinic", "line"] {
        tell(&format!("file in {door}"), opened(put(&run.join(door))));
    }
}

/// What a process meets at a socket. Sockets that answer "ping" are asked; at the others the end is waited for.
fn knock(endpoint: &Endpoint, run: &Path) -> &'static str {
    let Ok(mut stream) = UnixStream::connect(endpoint.path(run)) else { return "no way" };
    stream.set_read_timeout(Some(LONG)).unwrap();
    if endpoint.kinds.contains(&"ping") {
        // Whoever was turned away may find the socket closed already.
        let _ = stream.write_all(&Message::ask(1, "ping", None, Vec::new()).to_bytes().unwrap());
    }
    match stream.read(&mut [0]) {
        Ok(0) => "turned away",
        Err(error) if error.kind() == ErrorKind::ConnectionReset => "turned away",
        Ok(_) => "answered",
        Err(_) => "let in",
    }
}

/// Puts a file into a folder, and takes it away again.
fn put(folder: &Path) -> std::io::Result<()> {
    let path = folder.join("put-by-another");
    std::fs::File::create_new(&path).and_then(|_| std::fs::remove_file(&path))
}

fn opened<T>(result: std::io::Result<T>) -> &'static str {
    match result {
        Ok(_) => "opened",
        Err(error) if error.kind() == ErrorKind::PermissionDenied => "refused",
        Err(_) => "failed",
    }
}

fn tell(what: &str, result: &str) {
    println!("probe {what}={result}");
}

fn at(endpoint: &Endpoint) -> String {
    format!("at {}/from-{}", endpoint.door, endpoint.client.as_str())
}

/// The endpoints that answer "ping".
fn answering() -> Vec<&'static Endpoint> {
    ENDPOINTS.iter().filter(|endpoint| endpoint.kinds.contains(&"ping")).collect()
}

/// One of the others.
fn silent(door: &'static str, client: &'static str) -> &'static Endpoint {
    let is = |e: &&Endpoint| e.door == door && e.client.as_str() == client && !e.kinds.contains(&"ping");
    ENDPOINTS.iter().find(is).unwrap()
}

/// This test binary once more, as another user.
fn command(boxed: &Boxed, uid: u32, gid: u32, endpoints: &[&Endpoint]) -> Command {
    let endpoints: Vec<_> = endpoints.iter().map(|endpoint| at(endpoint)).collect();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "users::as_another_user", "--nocapture", "--test-threads=1"]).uid(uid).gid(gid);
    command.env(BOX, boxed.home.folder()).env(ENDPOINTS_TO_TRY, endpoints.join(", "));
    command.env(BRAIN, boxed.processes.pid("anteroomd").unwrap().to_string());
    command
}

fn probe(boxed: &Boxed, uid: u32, gid: u32, endpoints: &[&Endpoint]) -> BTreeMap<String, String> {
    let output = command(boxed, uid, gid, endpoints).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    told(&text)
}

fn told(text: &str) -> BTreeMap<String, String> {
    // The harness prints the test's name before the first line without ending its own.
    let lines = text.lines().filter_map(|line| line.split_once("probe ")).filter_map(|(_, line)| line.split_once('='));
    lines.map(|(what, result)| (what.to_owned(), result.to_owned())).collect()
}

/// The real user of a process, by the name that it must have.
fn owner(process: &str, name: &str) -> u32 {
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let field = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim();
    assert_eq!(field("Name:"), name);
    field("Uid:").split_whitespace().next().unwrap().parse().unwrap()
}

/// Why this test cannot run here.
fn cannot_run() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("only root can start processes as other users".to_owned());
    }
    let reaches = |program: &Path, argument: &Path| {
        let run = Command::new(program).arg(argument).uid(UIDS.recordd).gid(GROUP).output();
        run.is_ok_and(|output| output.status.success())
    };
    if !reaches(&program("recordd"), Path::new("--version")) {
        return Some("other users cannot reach the programs: the checkout lies in a private folder".to_owned());
    }
    for folder in [models(), std::env::temp_dir()] {
        if !reaches(Path::new("ls"), &folder.join(".")) {
            return Some(format!("other users cannot reach {}", folder.display()));
        }
    }
    None
}
