//! The systemd units build the walls that the map promises.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anteroom::cli::processes::{DAEMONS, door};
use anteroom::config::Config;
use anteroom::wire::doors::{ENDPOINTS, Endpoint};

use crate::source::root;

/// What a unit says: key and value of each line, without the lines that systemd skips.
struct Unit(Vec<(String, String)>);

impl Unit {
    fn of(daemon: &str) -> Self {
        Self::parse(&fs::read_to_string(root().join("systemd").join(format!("{daemon}.service"))).unwrap())
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';', '[']));
        Self(lines.filter_map(|l| l.split_once('=')).map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())).collect())
    }

    fn all(&self, key: &str) -> Vec<&str> {
        self.0.iter().filter(|(k, _)| k == key).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a key that stands there once.
    fn one(&self, key: &str) -> &str {
        let all = self.all(key);
        assert_eq!(all.len(), 1, "{key}: {all:?}");
        all.first().unwrap()
    }

    /// Every folder that the unit makes writable for its user.
    fn writable(&self) -> Vec<String> {
        let places = [
            ("RuntimeDirectory", "/run/"),
            ("StateDirectory", "/var/lib/"),
            ("CacheDirectory", "/var/cache/"),
            ("LogsDirectory", "/var/log/"),
            ("ConfigurationDirectory", "/etc/"),
            ("ReadWritePaths", ""),
            ("BindPaths", ""),
        ];
        let folders = |(key, below): (&str, &str)| -> Vec<String> {
            let words: Vec<_> = self.all(key).iter().flat_map(|value| value.split_whitespace()).collect();
            words.into_iter().map(|word| format!("{below}{word}")).collect()
        };
        places.into_iter().flat_map(folders).collect()
    }
}

fn shipped() -> Config {
    Config::load(&root().join("docs/anteroom.toml")).unwrap()
}

#[test]
fn a_line_that_is_commented_out_says_nothing() {
    let unit = Unit::parse("[Service]\n#User=one\n; User=two\n  # User=three\nUser=four\nStateDirectory=a b\n");
    assert_eq!(unit.one("User"), "four");
    assert_eq!(unit.writable(), ["/var/lib/a", "/var/lib/b"]);
}

#[test]
fn every_daemon_has_a_unit_that_restarts_it_but_not_on_bad_configuration() {
    for name in DAEMONS {
        let unit = Unit::of(name);
        assert_eq!(unit.one("ExecStart"), format!("/usr/bin/{name} --config /etc/anteroom/anteroom.toml"));
        for (key, value) in [
            ("Restart", "always"),
            ("RestartPreventExitStatus", "69 78"),
            ("LimitCORE", "0"),
            ("NoNewPrivileges", "yes"),
        ] {
            assert_eq!(unit.one(key), value, "{name}: {key}");
        }
    }
}

#[test]
fn the_weekly_export_reaches_no_network_and_writes_to_its_own_folder_alone() {
    let unit = Unit::of("anteroom-export");
    let folder = unit.writable();
    assert_eq!(folder, ["/var/lib/anteroom-exports"]);
    assert!(unit.one("ExecStart").contains(&format!("record export {} ", folder[0])));
    assert_eq!((unit.one("PrivateNetwork"), unit.one("RestrictAddressFamilies")), ("yes", "AF_UNIX"));
    // The shipped configuration answers root's commands, and a day is missing in no week.
    assert_eq!(unit.one("User"), "root");
    let configuration = fs::read_to_string(root().join("docs/anteroom.toml")).unwrap().parse::<toml::Table>().unwrap();
    assert_eq!(configuration["users"]["cli"].as_integer(), Some(0));
    let words: Vec<_> = unit.one("ExecStart").split_whitespace().collect();
    let days = words.iter().position(|word| *word == "--days").and_then(|at| words.get(at + 1)).unwrap();
    assert!(days.parse::<u32>().unwrap() > 7);
}

#[test]
fn sealed_daemons_have_no_network() {
    for name in DAEMONS {
        let (unit, sealed) = (Unit::of(name), ["anteroomd", "recordd"].contains(&name));
        assert_eq!(unit.all("PrivateNetwork"), if sealed { vec!["yes"] } else { vec![] }, "{name}");
        let families = if sealed { "AF_UNIX" } else { "AF_UNIX AF_INET AF_INET6" };
        assert_eq!(unit.one("RestrictAddressFamilies"), families, "{name}");
    }
}

#[test]
fn every_unit_is_a_user_of_its_own_that_the_shipped_configuration_and_sysusers_name() {
    let configuration = fs::read_to_string(root().join("docs/anteroom.toml")).unwrap().parse::<toml::Table>().unwrap();
    let sysusers = fs::read_to_string(root().join("systemd/sysusers.d/anteroom.conf")).unwrap();
    let made: BTreeSet<_> =
        sysusers.lines().filter_map(|l| l.strip_prefix("u ")).filter_map(|l| l.split_whitespace().next()).collect();
    let mut users = BTreeSet::new();
    for name in DAEMONS {
        let unit = Unit::of(name);
        let user = unit.one("User").to_owned();
        assert_eq!(configuration["users"][name].as_str(), Some(user.as_str()), "{name}");
        assert!(made.contains(user.as_str()), "{user} is not in sysusers.d");
        assert_eq!(unit.one("Group"), "anteroom", "{name}");
        // In a user namespace a daemon could not tell the others apart; it would refuse to start.
        assert_eq!(unit.all("PrivateUsers"), Vec::<&str>::new(), "{name}");
        assert_eq!(unit.all("DynamicUser"), Vec::<&str>::new(), "{name}");
        assert!(users.insert(user), "{name} shares its user");
    }
    assert_eq!(made.len(), users.len());
    assert!(sysusers.lines().any(|line| line.split_whitespace().take(2).eq(["g", "anteroom"])));
}

#[test]
fn no_two_units_share_a_writable_folder() {
    let folders: Vec<(&str, String)> =
        DAEMONS.iter().flat_map(|name| Unit::of(name).writable().into_iter().map(move |f| (*name, f))).collect();
    assert!(folders.len() >= DAEMONS.len() + 2, "{folders:?}");
    for (n, (name, folder)) in folders.iter().enumerate() {
        for (other, another) in &folders[n + 1..] {
            let nested = Path::new(folder).starts_with(another) || Path::new(another).starts_with(folder);
            assert!(!nested, "{name} and {other} share {folder}, {another}");
        }
        // The program would refuse a group that may write.
        assert!(["0700", "0750"].contains(&Unit::of(name).one("RuntimeDirectoryMode")), "{name}");
    }
}

#[test]
fn every_unit_makes_the_folders_in_which_the_shipped_configuration_has_its_daemon_work() {
    let paths = shipped().paths;
    for name in DAEMONS {
        let writable = Unit::of(name).writable();
        let mut needed = vec![paths.run.join(door(name))];
        match name {
            "recordd" => needed.push(paths.data.clone()),
            "clinicd" => needed.push(paths.clinic.clone()),
            // Where it remembers the record's public key.
            "lined" => needed.push(paths.prompts.with_file_name("line")),
            _ => {}
        }
        let needed: Vec<_> = needed.into_iter().map(|path| path.to_string_lossy().into_owned()).collect();
        assert_eq!(writable, needed, "{name}");
    }
    for private in ["recordd", "clinicd", "lined"] {
        assert_eq!(Unit::of(private).one("StateDirectoryMode"), "0700");
    }
    let tmpfiles = fs::read_to_string(root().join("systemd/tmpfiles.d/anteroom.conf")).unwrap();
    let prompts = format!("d {} ", paths.prompts.display());
    assert!(tmpfiles.lines().any(|line| line.starts_with(&prompts)), "nobody makes the prompts' folder");
    // Root's, so that airlockd can open no door by itself.
    let register = shipped().airlock.registry;
    let folder = format!("d {} ", register.parent().unwrap().display());
    let line = tmpfiles.lines().find(|line| line.starts_with(&folder)).expect("somebody makes the register's folder");
    assert!(line.ends_with("root root"));
}

#[test]
fn every_door_is_some_daemons() {
    let doors: BTreeSet<_> = DAEMONS.into_iter().map(door).collect();
    assert_eq!(doors.len(), DAEMONS.len());
    assert!(ENDPOINTS.iter().all(|endpoint| doors.contains(endpoint.door)));
    // A daemon that could knock at its own door would be its own witness.
    let own = |e: &Endpoint| DAEMONS.contains(&e.client.as_str()) && e.door == door(e.client.as_str());
    assert!(!ENDPOINTS.iter().any(own));
}

#[test]
fn the_cross_build_file_is_toml() {
    let text = fs::read_to_string(root().join("cross.toml")).unwrap();
    assert!(text.parse::<toml::Table>().is_ok());
}
