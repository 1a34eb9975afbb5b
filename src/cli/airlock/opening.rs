//! Opening a door: the officer has looked at what would leave, and the register says so from then on.
//!
//! In:  the register's text and the endpoint. Out: the text with one more approval, where that opens the door, and nothing
//! where something else is still missing; the file, changed in one step. Who opened what is first an event of the record.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use crate::airlock::agreements::{Approval, Asked, Off, Register, with_approval};
use crate::config::Problem;

/// Why no approval is written.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The register has mistakes, or the approval would be one.
    #[error("the register has mistakes: {}", problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
    Mistakes {
        /// Every mistake.
        problems: Vec<Problem>,
    },
    /// The door would stay shut.
    #[error("nothing is approved, since the door would stay shut: {0}")]
    StaysShut(Off),
}

/// The register's text with an approval by `officer` of what would be sent today.
///
/// An approval without the agreement that it needs is refused: on the day on which somebody enters the agreement it would
/// open a door that nobody has looked at since.
///
/// # Errors
/// [`NotOpened`].
pub fn opened(text: &str, officer: &str, asked: &Asked<'_>) -> Result<String, NotOpened> {
    let mistakes = |problems| NotOpened::Mistakes { problems };
    let approval = Approval {
        endpoint: asked.endpoint.to_owned(),
        officer: officer.to_owned(),
        on: asked.today,
        prompt: asked.catalogue.to_owned(),
        vocabulary: asked.vocabulary.to_owned(),
    };
    let whole = with_approval(text, &approval).map_err(mistakes)?;
    Register::parse(&whole).map_err(mistakes)?.standing(asked).map_err(NotOpened::StaysShut)?;
    Ok(whole)
}

/// Mode of a register that is new: it holds no secret, and airlockd, another user, must read it.
const NEW_MODE: u32 = 0o644;

/// Replaces a file in one step, so that airlockd reads the old one or the new one; owner and mode stay.
///
/// # Errors
/// Those of the file system; the file is then as it was.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let old = match std::fs::metadata(path) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let written = write_new(&new, text, old.as_ref()).and_then(|()| std::fs::rename(&new, path));
    if written.is_err() {
        // What is left of it is nothing that anybody reads.
        let _ = std::fs::remove_file(&new);
        return written;
    }
    // Without this the new name could be lost with the power.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn write_new(path: &Path, text: &str, old: Option<&std::fs::Metadata>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    if let Some(old) = old {
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (old.uid(), old.gid()) {
            fchown(&file, Some(old.uid()), Some(old.gid()))?;
        }
    }
    // Last: a change of owner may take bits away.
    file.set_permissions(Permissions::from_mode(old.map_or(NEW_MODE, |old| old.mode() & 0o7777)))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;

    const TODAY: Date = date(2026, 11, 27);
    const ONE: &str = "00000000000000000000000000000000000000000000000000000000000000aa";

    fn asked(lan: bool) -> Asked<'static> {
        Asked {
            endpoint: "main",
            region: "us",
            lan,
            zero_retention: true,
            today: TODAY,
            catalogue: ONE,
            vocabulary: ONE,
        }
    }

    #[test]
    fn a_door_in_the_clinic_opens_and_one_to_the_cloud_needs_its_agreement_first() {
        let text = opened("# kept\n", "A. Officer", &asked(true)).unwrap();
        assert!(text.starts_with("# kept\n"));
        assert!(Register::parse(&text).unwrap().standing(&asked(true)).is_ok());
        let refused = opened("# kept\n", "A. Officer", &asked(false)).unwrap_err();
        assert!(matches!(refused, NotOpened::StaysShut(Off::NoAgreement)), "{refused}");
        assert!(refused.to_string().contains("have one signed by the provider"), "{refused}");
        assert!(matches!(opened("", "A\nB", &asked(true)), Err(NotOpened::Mistakes { .. })));
    }

    #[test]
    fn a_file_is_replaced_in_one_step_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agreements.toml");
        replace(&path, "one").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, NEW_MODE);
        std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        replace(&path, "two").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(replace(&folder.path().join("none").join("x"), "three").is_err());
    }
}
