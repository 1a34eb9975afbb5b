//! The systemd units build the walls that the map promises.

use std::fs;

use crate::source::root;

/// A unit's settings in order, without comments and headings; a line that ends in `\` goes on in the next.
fn settings(text: &str) -> Vec<(String, String)> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';', '[']));
    lines.filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim().into(), value.trim().into())).collect()
}

/// Whether the setting stands, and no later line of the same name takes it back or adds to it.
fn has(settings: &[(String, String)], line: &str) -> bool {
    let Some((key, value)) = line.split_once('=') else { return false };
    let last = settings.iter().rev().find(|(name, _)| name == key);
    let adds_up = ["RestrictAddressFamilies", "SystemCallFilter"].contains(&key);
    let count = settings.iter().filter(|(name, _)| name == key).count();
    last.is_some_and(|(_, found)| found == value) && (!adds_up || count == 1)
}

fn unit(name: &str) -> Vec<(String, String)> {
    settings(&fs::read_to_string(root().join("systemd").join(format!("{name}.service"))).unwrap())
}

#[test]
fn every_daemon_has_a_unit_that_restarts_it_but_not_on_bad_configuration() {
    for name in anteroom::cli::processes::DAEMONS {
        let unit = unit(name);
        for line in ["Restart=always", "RestartPreventExitStatus=78", "LimitCORE=0", "NoNewPrivileges=yes"] {
            assert!(has(&unit, line), "{name}: {line}");
        }
    }
}

#[test]
fn sealed_daemons_have_no_network() {
    for name in ["anteroomd", "recordd"] {
        let unit = unit(name);
        for line in ["PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX"] {
            assert!(has(&unit, line), "{name}: {line}");
        }
    }
}

#[test]
fn a_setting_that_is_commented_out_or_taken_back_does_not_count() {
    let has = |text: &str| has(&settings(text), "PrivateNetwork=yes");
    assert!(has("[Service]\nPrivateNetwork=yes\n"));
    assert!(has("PrivateNetwork = yes"));
    for text in [
        "#PrivateNetwork=yes",
        "; PrivateNetwork=yes",
        "  # PrivateNetwork=yes",
        "PrivateNetwork=yes\nPrivateNetwork=no",
        "Description=PrivateNetwork=yes",
        "NoPrivateNetwork=yes",
        "PrivateNetwork=yes no",
    ] {
        assert!(!has(text), "{text}");
    }
    let families = settings("RestrictAddressFamilies=AF_INET\nRestrictAddressFamilies=AF_UNIX");
    assert!(!super::units::has(&families, "RestrictAddressFamilies=AF_UNIX"), "systemd adds the two up");
}

#[test]
fn the_cross_build_file_is_toml() {
    let text = fs::read_to_string(root().join("cross.toml")).unwrap();
    assert!(text.parse::<toml::Table>().is_ok());
}
