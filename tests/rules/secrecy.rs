//! Who may name, read and encode what may identify a person.

use crate::layers::used;
use crate::source::{Source, files, library};

const PHI: [&str; 5] = ["Secret", "RawTranscript", "ClinicText", "SpokenText", "Vault"];
/// The modules through which something leaves the box, and what each uses of the crate: none of it makes or keeps PHI, so
/// no type can hide behind a `*` or an alias.
const OUTWARD: [(&str, &[&str]); 3] = [
    ("airlock", &["airlock", "clock", "config", "hex", "http", "ids", "placeholder", "tasks", "vocabulary", "wire"]),
    ("sync", &["sync", "clock", "config", "hex", "http", "ids", "tasks", "wire"]),
    ("http", &["http"]),
];
/// What reaches a network, or another process that could: sockets, looking up names, HTTP and TLS, C, programs.
const NETWORK: [&str; 15] = [
    "TcpStream",
    "TcpSocket",
    "TcpListener",
    "UdpSocket",
    "lookup_host",
    "ToSocketAddrs",
    "to_socket_addrs",
    "hyper",
    "hyper_util",
    "http_body_util",
    "rustls",
    "tokio_rustls",
    "libc",
    "nix",
    "Command",
];
/// The doors behind which PHI may be.
const OTHER_DOORS: [&str; 5] = ["Record", "Clinic", "Line", "Brain", "Watch"];

/// The files that hold `pattern`.
fn files_with(pattern: &str) -> Vec<String> {
    let holds = |source: &Source| source.code.contains(pattern);
    let mut files: Vec<_> = library().into_iter().filter(holds).map(|source| source.path).collect();
    files.sort();
    files
}

/// The types that may cross the airlock by what this file says: whatever is not for one of the other doors by name.
fn may_leave(source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let token = |at: usize| tokens.get(at).copied().unwrap_or_default();
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if token(at) == "Airlock" && token(at + 1) == "as" {
            found.push(format!("the door under the name {}", token(at + 2)));
        }
        if token(at) != "MayGoTo" || token(at + 1) != "<" {
            continue;
        }
        let door: Vec<_> = tokens.iter().skip(at + 2).take_while(|token| **token != ">").copied().collect();
        let after = at + 2 + door.len();
        if token(after + 1) != "for" {
            continue;
        }
        // A path's last name counts, however it is written: crate::wire::Airlock, doors::Airlock.
        if door.last().is_some_and(|last| OTHER_DOORS.contains(last)) {
            continue;
        }
        let type_of = tokens.iter().skip(after + 2).take_while(|token| !["{", "where"].contains(token));
        found.push(type_of.copied().collect());
    }
    found
}

/// What stands between the brackets of each call of the macro.
fn arguments_of(name: &str, source: &Source) -> Vec<String> {
    let tokens = source.tokens();
    let mut found = Vec::new();
    for (at, _) in tokens.windows(3).enumerate().filter(|(_, w)| *w == [name, "!", "("]) {
        let inside: String = tokens.iter().skip(at + 3).take_while(|token| **token != ")").copied().collect();
        found.extend(inside.split(',').map(str::to_owned));
    }
    found
}

/// The names in `known` that are not in `found`, and the other way round.
fn difference(found: &[String], known: &[&str]) -> Vec<String> {
    let new = found.iter().filter(|f| !known.contains(&f.as_str())).map(|f| format!("new: {f}"));
    let gone = known.iter().filter(|k| !found.iter().any(|f| f == *k)).map(|k| format!("gone: {k}"));
    new.chain(gone).collect()
}

/// What a file's module may use, where something leaves the box through it.
fn allowed(source: &Source) -> Option<&'static [&'static str]> {
    OUTWARD.iter().find(|(module, _)| *module == source.module()).map(|(_, uses)| *uses)
}

/// Every file through which something leaves the box, those of tests too, in whatever folder below its module.
fn outward() -> Vec<Source> {
    let all = files("src").into_iter().map(|(path, text)| Source::new(&path, &text));
    all.filter(|source| allowed(source).is_some()).collect()
}

/// The modules of the crate that a file uses and may not.
fn elsewhere(source: &Source) -> Vec<String> {
    let allowed = allowed(source).unwrap_or_default();
    used(source).into_iter().filter(|module| !allowed.contains(&module.as_str())).collect()
}

/// The words of a file that are among `forbidden`.
fn named(source: &Source, forbidden: &[&str]) -> Vec<String> {
    source.tokens().into_iter().filter(|word| forbidden.contains(word)).map(str::to_owned).collect()
}

/// Whether the file is of the one module that may reach a network.
fn may_connect(path: &str) -> bool {
    path == "http.rs" || path.starts_with("http/")
}

#[test]
fn what_leads_outward_names_no_type_that_holds_phi() {
    let sources = outward();
    for below in [
        "airlock/daemon.rs",
        "airlock/check/words.rs",
        "airlock/provider/anthropic.rs",
        "http.rs",
        "http/tls.rs",
        "sync/daemon.rs",
        "sync/bucket/s3.rs",
        "sync/postgres/tls.rs",
    ] {
        assert!(sources.iter().any(|source| source.path == below), "{below} is not looked at");
    }
    // Tests of the whole way from a record to the purse, the warehouse and the shelf need a record.
    let needs_a_record = |path: &str| {
        ["airlock/spent/restart.rs", "sync/backup/whole_way.rs", "sync/whole.rs"].contains(&path)
            || path.starts_with("sync/whole/")
    };
    for source in sources.into_iter().filter(|source| !needs_a_record(&source.path)) {
        assert_eq!(named(&source, &PHI), Vec::<String>::new(), "{}", source.path);
        assert_eq!(elsewhere(&source), Vec::<String>::new(), "{}", source.path);
    }
}

#[test]
fn only_http_reaches_a_network() {
    let found: Vec<_> = library().into_iter().filter(|source| allowed(source).is_some()).collect();
    for source in &found {
        let named = named(source, &NETWORK);
        assert!(named.is_empty() || may_connect(&source.path), "{} names {named:?}", source.path);
    }
    let connects = |source: &&Source| source.code.contains("TcpStream::connect(");
    let connects: Vec<_> = found.iter().filter(connects).map(|source| &source.path).collect();
    assert_eq!(connects, ["http/way.rs"], "there is one place that connects");
}

#[test]
fn what_reaches_a_network_is_seen_in_any_folder() {
    for (path, text) in [
        ("airlock/route.rs", "use tokio::net::TcpStream as Way;"),
        ("airlock/provider/anthropic.rs", "fn a() { std::net::TcpStream::connect(\"192.0.2.1:80\"); }"),
        ("sync/https.rs", "use hyper::{body::Bytes, client::conn::http1};"),
        ("sync/postgres/tls.rs", "fn a(c: tokio_rustls::TlsConnector) {}"),
        ("airlock/spend/a/b.rs", "fn a() { std::process::Command::new(\"curl\"); }"),
    ] {
        let source = Source::new(path, text);
        assert!(allowed(&source).is_some() && !may_connect(path) && named(&source, &NETWORK).len() == 1, "{path}");
    }
    for path in ["http.rs", "http/link.rs"] {
        assert!(may_connect(path));
    }
    for path in ["airlock/provider/anthropic.rs", "sync/postgres/tls.rs", "http/a/b.rs"] {
        for text in ["use crate::redact::*;", "use crate::{secret::Secret as S};", "use super::super::super::listen;"] {
            assert!(!elsewhere(&Source::new(path, text)).is_empty(), "{path}: {text}");
        }
    }
}

#[test]
fn what_may_go_to_the_airlock_is_a_closed_list() {
    let mut found: Vec<_> = library().iter().flat_map(may_leave).collect();
    found.sort();
    let known = [
        "$type",
        "Argument",
        "CloudRequest",
        "IdentityLevel",
        "Kind",
        "Leaves",
        "ModelText",
        "Option<T>",
        "Parcel<D>",
        "Placeholder",
        "Redacted",
        // What is left of a template.
        "Spoken",
        "Template",
        "ToolAnswer",
        "ToolUse",
        "ToolValue",
        "Vec<T>",
        "[T]",
        "uuid::Uuid",
    ];
    assert_eq!(found, known, "something new may cross the airlock: is there no PHI in it?");
}

#[test]
fn the_types_that_may_go_anywhere_are_a_closed_list() {
    let found: Vec<_> = library().iter().flat_map(|source| arguments_of("harmless", source)).collect();
    let known = [
        "bool",
        "u8",
        "u16",
        "u32",
        "u64",
        "i32",
        "i64",
        "usize",
        "f32",
        "f64",
        "&'staticstr",
        "CallId",
        "Turn",
        "crate::expect::Expecting",
    ];
    assert_eq!(difference(&found, &known), Vec::<String>::new(), "is there no PHI in it?");
}

#[test]
fn a_type_that_may_leave_is_seen_however_the_door_is_written() {
    for text in [
        "impl MayGoTo<Airlock> for Secret {",
        "impl MayGoTo<crate::wire::Airlock> for Secret {",
        "impl crate::wire::MayGoTo<super::doors::Airlock> for Secret {",
        "impl<D: Door>\n    MayGoTo<D>\n    for Secret\nwhere\n    D: Sized,\n{",
        "#[cfg(test)]\nmod tests {}\nimpl MayGoTo<Airlock> for Secret {",
    ] {
        assert_eq!(may_leave(&Source::new("secret.rs", text)), ["Secret"], "{text}");
    }
    let alias = "use crate::wire::Airlock as Out;\nimpl MayGoTo<Out> for Secret {";
    assert_eq!(may_leave(&Source::new("secret.rs", alias)), ["the door under the name Out", "Secret"]);
    let masked = "use crate::wire::Airlock as Record;\nimpl MayGoTo<Record> for Secret {";
    assert!(!may_leave(&Source::new("secret.rs", masked)).is_empty());
    let elsewhere = "impl MayGoTo<crate::wire::Record> for Secret {\n// impl MayGoTo<Airlock> for Secret {\n";
    assert!(may_leave(&Source::new("secret.rs", elsewhere)).is_empty());
    let harmless = Source::new("wire/parcel.rs", "harmless!(bool, crate::secret::Secret);");
    assert_eq!(arguments_of("harmless", &harmless), ["bool", "crate::secret::Secret"]);
}

#[test]
fn only_these_files_read_a_secret() {
    let known = [
        "call/tools.rs",
        "call/typing.rs",
        // The simulated caller: its own words.
        "caller/report.rs",
        "caller/script.rs",
        "caller/words.rs",
        "cli/bench_asr.rs",
        "cli/screen.rs",
        "cli/transcribe.rs",
        "clinic/daemon/handler.rs",
        "clinic/daemon/request.rs",
        "guard/before.rs",
        "guard/recording.rs",
        "listen/asr/pocketsphinx.rs",
        "listen/asr/scripted.rs",
        "listen/asr/whisper/gates.rs",
        "listen/back_channel.rs",
        "listen/transcript.rs",
        "redact/memory.rs",
        "redact/mod.rs",
        "redact/restore.rs",
        "redact/spill.rs",
        "redact/token.rs",
        "redact/view.rs",
        "speak/flite.rs",
        "speak/mod.rs",
        "speak/process.rs",
        "speak/prompts.rs",
        "speak/say_as.rs",
        "wire/parcel.rs",
    ];
    assert_eq!(difference(&files_with(".expose()"), &known), Vec::<String>::new(), "why must it read what is secret?");
}

#[test]
fn only_these_files_write_a_value_down_for_a_door() {
    let known = [
        "airlock/ledger.rs",
        "call/tools.rs",
        "clinic/client.rs",
        "converse/cloud/thought.rs",
        "converse/event.rs",
        "converse/request.rs",
        "converse/template.rs",
        "placeholder.rs",
        "redact/mod.rs",
        "wire/event.rs",
        "wire/parcel.rs",
        "wire/tool.rs",
    ];
    assert_eq!(
        difference(&files_with("Loaded("), &known),
        Vec::<String>::new(),
        "what does it write down, and for whom?"
    );
}
