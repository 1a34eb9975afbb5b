//! The systemd units build the walls that the map promises.

use std::fs;

use crate::source::root;

fn unit(name: &str) -> String {
    fs::read_to_string(root().join("systemd").join(format!("{name}.service"))).unwrap()
}

#[test]
fn every_daemon_has_a_unit_that_restarts_it_but_not_on_bad_configuration() {
    for name in anteroom::cli::processes::DAEMONS {
        let unit = unit(name);
        for line in ["Restart=always", "RestartPreventExitStatus=78", "LimitCORE=0", "NoNewPrivileges=yes"] {
            assert!(unit.contains(line), "{name}: {line}");
        }
    }
}

#[test]
fn sealed_daemons_have_no_network() {
    for name in ["anteroomd", "recordd"] {
        let unit = unit(name);
        assert!(unit.contains("PrivateNetwork=yes"), "{name}");
        assert!(unit.contains("RestrictAddressFamilies=AF_UNIX\n"), "{name}");
    }
}

#[test]
fn the_cross_build_file_is_toml() {
    let text = fs::read_to_string(root().join("cross.toml")).unwrap();
    assert!(text.parse::<toml::Table>().is_ok());
}
