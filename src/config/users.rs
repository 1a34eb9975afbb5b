//! `[users]`: which user of this machine each process is.
//!
//! In:  names or numbers of the file.
//! Out: [`Uids`], once every name was looked up. That is done by a daemon when it starts and not when the file is read,
//!      so that a file may be written and checked on another machine than the one it is for.
//!
//! Without the section every role is the user that a daemon itself runs as: a demonstration, which one user plays alone.

use nix::unistd::User;

use super::reader::{Problem, Section};
use crate::wire::users::Uids;

/// How the kernel shows a user that it has no number for; whoever is configured as this one would be everyone.
const OVERFLOW: u32 = 65_534;
/// The section's keys, in the order of [`Uids`]. The first six are the daemons.
const KEYS: [&str; 8] = ["lined", "anteroomd", "airlockd", "clinicd", "recordd", "syncd", "cli", "caller"];
const DAEMONS: usize = 6;

/// A user as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserName {
    /// By name.
    Name(String),
    /// By number.
    Uid(u32),
}

/// The section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Users(Option<[UserName; 8]>);

impl Users {
    pub(super) fn read(section: &mut Section) -> Self {
        if section.is_empty() {
            return Self(None);
        }
        let [lined, anteroomd, airlockd, clinicd, recordd, syncd, cli, caller] = KEYS;
        let daemons = [lined, anteroomd, airlockd, clinicd, recordd, syncd].map(|key| section.user(key, None));
        let cli = section.user(cli, Some(&UserName::Uid(0)));
        let caller = section.user(caller, Some(&cli));
        let [lined, anteroomd, airlockd, clinicd, recordd, syncd] = daemons;
        Self(Some([lined, anteroomd, airlockd, clinicd, recordd, syncd, cli, caller]))
    }

    /// Whether the section is there: then every daemon is a user of its own.
    #[must_use]
    pub fn are_named(&self) -> bool {
        self.0.is_some()
    }

    /// Looks the names up on this machine. `own` is the user of this process, whom every role is where none is named.
    ///
    /// # Errors
    /// Every problem: a name that this machine does not know, two daemons that are one user, a daemon that is root.
    pub fn resolve(&self, own: u32) -> Result<Uids, Vec<Problem>> {
        self.resolve_with(own, |name| User::from_name(name).ok().flatten().map(|user| user.uid.as_raw()))
    }

    fn resolve_with(&self, own: u32, look_up: impl Fn(&str) -> Option<u32>) -> Result<Uids, Vec<Problem>> {
        let Some(names) = &self.0 else { return Ok(Uids::all(own)) };
        let mut problems = Vec::new();
        let mut problem = |key: &str, what: String| problems.push(Problem { key: format!("users.{key}"), what });
        let uids = names.each_ref().map(|name| match name {
            UserName::Uid(uid) => Some(*uid),
            UserName::Name(name) => look_up(name),
        });
        let [.., cli, _] = names;
        for (n, (key, (name, uid))) in KEYS.iter().zip(names.iter().zip(&uids)).enumerate() {
            // A caller who is the administrator as well repeats no mistake.
            if n == KEYS.len() - 1 && name == cli {
                continue;
            }
            let Some(uid) = *uid else {
                if let UserName::Name(name) = name {
                    problem(key, format!("there is no user {name:?} on this machine: make it, or correct the name"));
                }
                continue;
            };
            if uid == OVERFLOW {
                problem(key, format!("is user {OVERFLOW}, as which users that nobody knows appear: name another"));
            }
            if n < DAEMONS && uid == 0 {
                problem(
                    key,
                    "is root, who is let in past every file's owner: give the daemon a user of its own".into(),
                );
            }
            let same = KEYS.iter().zip(&uids).take(n.min(DAEMONS)).find(|(_, other)| **other == Some(uid));
            if let Some((other, _)) = same {
                problem(key, format!("is the same user as {other}: then {other} could ask what {key} may ask"));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let [lined, anteroomd, airlockd, clinicd, recordd, syncd, cli, caller] = uids.map(Option::unwrap_or_default);
        Ok(Uids { lined, anteroomd, airlockd, clinicd, recordd, syncd, cli, caller })
    }

    /// Looks the names up for the daemon `daemon`, which runs as user `own`.
    ///
    /// # Errors
    /// As [`Users::resolve`], and where the daemon runs as another user than its own.
    pub fn resolve_for(&self, daemon: &str, own: u32) -> Result<Uids, Vec<Problem>> {
        let uids = self.resolve(own)?;
        match uids.of_daemon(daemon) {
            Some(uid) if uid != own => {
                let what = format!(
                    "is user {uid}, but {daemon} was started as user {own}: start it as {uid} (User= of its unit)"
                );
                Err(vec![Problem { key: format!("users.{daemon}"), what }])
            }
            _ => Ok(uids),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    const CLINIC: &str = "[clinic]\nname = \"a\"\naddress = \"b\"\nhours = \"c\"\ntime-zone = \"UTC\"\n";
    const SIX: &str = "lined = 101\nanteroomd = 102\nairlockd = 103\nclinicd = 104\nrecordd = 105\nsyncd = 106\n";

    fn users(section: &str) -> Result<Users, Vec<String>> {
        let parsed = Config::parse(&format!("{CLINIC}{section}"), Path::new("."));
        parsed.map(|config| config.users).map_err(|problems| keys(&problems))
    }

    fn keys(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(|problem| problem.key.clone()).collect()
    }

    #[test]
    fn without_the_section_every_role_is_the_user_who_runs_the_daemon() {
        let users = users("").unwrap();
        assert!(!users.are_named());
        assert_eq!(users.resolve_for("recordd", 4711), Ok(Uids::all(4711)));
    }

    #[test]
    fn with_the_section_the_administrator_is_root_and_rings_the_simulated_line() {
        let users = users(&format!("[users]\n{SIX}")).unwrap();
        let uids = users.resolve_for("clinicd", 104).unwrap();
        assert_eq!(uids.every(), [101, 102, 103, 104, 105, 106, 0, 0]);
        let other = self::users(&format!("[users]\n{SIX}cli = 7\n")).unwrap();
        assert_eq!(other.resolve(104).unwrap().every(), [101, 102, 103, 104, 105, 106, 7, 7]);
    }

    #[test]
    fn a_section_that_leaves_out_a_daemon_or_names_nobody_is_refused_with_every_key() {
        let refused = users(
            "[users]\nlined = 101\nanteroomd = \"\"\nairlockd = -1\nclinicd = \"104\"\nrecordd = 105\nsyncd = 106\n",
        );
        assert_eq!(refused, Err(["users.anteroomd", "users.airlockd", "users.clinicd"].map(String::from).to_vec()));
        assert_eq!(users("[users]\ncli = \"root\"\n").unwrap_err().len(), 6);
    }

    #[test]
    fn every_name_that_the_machine_does_not_know_is_reported_at_once_with_its_key() {
        let section = "[users]\nlined = \"line\"\nanteroomd = \"brain\"\nairlockd = \"lock\"\nclinicd = 104\nrecordd = 105\nsyncd = 106\n";
        let users = users(section).unwrap();
        let problems = users.resolve_with(0, |name| (name == "brain").then_some(102)).unwrap_err();
        assert_eq!(keys(&problems), ["users.lined", "users.airlockd"]);
        assert!(problems[0].to_string().contains("no user \"line\" on this machine: make it"), "{}", problems[0]);
        let uids = users.resolve_with(0, |name| Some(if name == "line" { 101 } else { u32::from(name.as_bytes()[0]) }));
        assert_eq!(uids.unwrap().lined, 101);
    }

    #[test]
    fn names_are_looked_up_on_this_machine() {
        let users = users(&format!("[users]\n{SIX}cli = \"root\"\n")).unwrap();
        assert_eq!(users.resolve(0).unwrap().cli, 0);
        let nobody = self::users(&format!("[users]\n{SIX}cli = \"no-such-user-here\"\n")).unwrap();
        assert_eq!(keys(&nobody.resolve(0).unwrap_err()), ["users.cli"]);
    }

    #[test]
    fn daemons_that_share_a_user_or_are_root_or_nobody_are_refused() {
        let section = "[users]\nlined = 101\nanteroomd = 102\nairlockd = 102\nclinicd = 0\nrecordd = 65534\nsyncd = 106\ncli = 101\n";
        let problems = users(section).unwrap().resolve(0).unwrap_err();
        assert_eq!(keys(&problems), ["users.airlockd", "users.clinicd", "users.recordd", "users.cli"]);
    }

    #[test]
    fn a_daemon_that_runs_as_another_user_than_its_own_is_refused() {
        let users = users(&format!("[users]\n{SIX}")).unwrap();
        let problems = users.resolve_for("airlockd", 102).unwrap_err();
        assert_eq!(keys(&problems), ["users.airlockd"]);
    }
}
