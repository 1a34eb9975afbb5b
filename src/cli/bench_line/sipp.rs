//! The callers of `bench line`: SIPp 3.6 with one scenario, whose sound is a file of headerless mu-law.
//!
//! In:  whom to call, how many at once, how far apart they ring, and what they play. Out: how many calls went well, and what
//! SIPp itself cost. SIPp hears nothing: what came back is seen by the [tap](super::tap).
//! Its files lie in a folder of its own, removed afterwards; they hold synthetic speech alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use tokio::process::{Child, Command};

use super::ports::{CALLERS, HOME};
use super::spent;

const SCENARIO: &str = include_str!("caller.xml");
/// What SIPp may take to start, and its last calls to end.
const ENDS: Duration = Duration::from_secs(20);
/// As much of its errors as is shown.
const SHOWN: usize = 600;

/// SIPp cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SippError {
    /// It is not installed.
    #[error("sipp is not there: it places the calls; install Debian's package sip-tester")]
    Missing(#[source] io::Error),
    /// Its files cannot be written, or it cannot be waited for.
    #[error("sipp cannot be run in {folder}")]
    Io {
        /// The folder of its files.
        folder: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It did not end.
    #[error("sipp did not end in time: is the machine overloaded? ask for fewer calls")]
    Hangs,
    /// No call at all went well.
    #[error("no call of sipp went well (exit code {code:?}): {errors}")]
    NoCall {
        /// Its exit code.
        code: Option<i32>,
        /// What it said.
        errors: String,
    },
}

/// The calls of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calls<'a> {
    /// The box's SIP port, SIPp's own, and its control's.
    pub(super) ports: [u16; 3],
    /// How many, all at once.
    pub(super) calls: usize,
    /// Between the beginnings of two calls.
    pub(super) apart: Duration,
    /// What each plays from the answer on, over and over.
    pub(super) sound: &'a [u8],
    /// How long each call lasts.
    pub(super) talk: Duration,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ended {
    /// Calls that went to their end.
    pub(super) served: usize,
    /// Calls that were refused or broke off.
    pub(super) failed: usize,
    /// Processor time of SIPp.
    pub(super) cpu: Duration,
}

/// A running SIPp.
pub(super) struct Sipp {
    child: Child,
    folder: Folder,
    limit: Duration,
    /// Processor time of this process's ended children before.
    before: Duration,
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is synthetic speech in a temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Sipp {
    /// Starts the calls.
    ///
    /// # Errors
    /// [`SippError::Missing`], [`SippError::Io`].
    pub(super) fn start(calls: &Calls<'_>) -> Result<Self, SippError> {
        let folder = Folder(std::env::temp_dir().join(format!("anteroom-bench-sipp-{}", std::process::id())));
        let failed = |source| SippError::Io { folder: folder.0.clone(), source };
        fs::create_dir_all(&folder.0).map_err(failed)?;
        for file in ["stats.csv", "errors.log"] {
            // Of the run before.
            let _ = fs::remove_file(folder.0.join(file));
        }
        fs::write(folder.0.join("caller.xml"), SCENARIO).map_err(failed)?;
        fs::write(folder.0.join("sound.ul"), calls.sound).map_err(failed)?;
        let limit = calls.talk + calls.apart * u32::try_from(calls.calls).unwrap_or(u32::MAX) + ENDS;
        let log = fs::File::create(folder.0.join("log")).map_err(failed)?;
        let mut command = Command::new("sipp");
        command.args(arguments(calls, limit)).current_dir(&folder.0).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let before = spent(getrusage(UsageWho::RUSAGE_CHILDREN));
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SippError::Missing(error)),
            Err(error) => return Err(failed(error)),
        };
        Ok(Self { child, folder, limit, before })
    }

    /// Waits for the end of all calls.
    ///
    /// # Errors
    /// [`SippError`]; also where not one call went well.
    pub(super) async fn ended(&mut self) -> Result<Ended, SippError> {
        let folder = &self.folder.0;
        let status = tokio::time::timeout(self.limit + ENDS, self.child.wait()).await.map_err(|_| SippError::Hangs)?;
        let status = status.map_err(|source| SippError::Io { folder: folder.clone(), source })?;
        let (served, failed) = counts(&fs::read_to_string(folder.join("stats.csv")).unwrap_or_default());
        if served + failed == 0 {
            let errors = [text(&folder.join("errors.log")), text(&folder.join("log"))].concat();
            return Err(SippError::NoCall { code: status.code(), errors });
        }
        let cpu = spent(getrusage(UsageWho::RUSAGE_CHILDREN)).saturating_sub(self.before);
        Ok(Ended { served, failed, cpu })
    }
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(..SHOWN).unwrap_or(&bytes)).into_owned()
}

fn arguments(calls: &Calls<'_>, limit: Duration) -> Vec<String> {
    let [to, own, control] = calls.ports;
    let mut all = vec![format!("{HOME}:{to}")];
    // `-aa`: the box may ask within the call whether its caller is still there.
    let fixed = "-s box -sf caller.xml -i 127.0.0.1 -mi 127.0.0.1 -ci 127.0.0.1 -bind_local -nostdin -aa -timeout_error \
                 -trace_err -error_file errors.log -trace_stat -stf stats.csv -fd 1 -r 1";
    all.extend(fixed.split_whitespace().map(str::to_owned));
    let numbers = [
        ("-p", u128::from(own)),
        ("-cp", u128::from(control)),
        ("-mp", u128::from(*CALLERS.start())),
        ("-m", calls.calls.try_into().unwrap_or(u128::MAX)),
        ("-l", calls.calls.try_into().unwrap_or(u128::MAX)),
        ("-rp", calls.apart.as_millis().max(1)),
        ("-d", calls.talk.as_millis()),
        ("-timeout", limit.as_secs().into()),
    ];
    all.extend(numbers.iter().flat_map(|(switch, value)| [(*switch).to_owned(), value.to_string()]));
    all
}

/// Calls that went well and that did not, by the last line of SIPp's statistics.
fn counts(csv: &str) -> (usize, usize) {
    let mut lines = csv.lines();
    let (Some(names), Some(values)) = (lines.next(), lines.next_back()) else { return (0, 0) };
    let count = |column: &str| {
        let of_column = names.split(';').zip(values.split(';')).find(|(name, _)| *name == column);
        of_column.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
    };
    (count("SuccessfulCall(C)"), count("FailedCall(C)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_the_statistics_counts() {
        let csv = "StartTime;SuccessfulCall(P);SuccessfulCall(C);FailedCall(C);\nx;1;1;0;\nx;2;19;1;\n";
        assert_eq!(counts(csv), (19, 1));
        for broken in ["", "StartTime;SuccessfulCall(C)\n", "a;b\n1;2\n"] {
            assert_eq!(counts(broken), (0, 0), "{broken:?}");
        }
    }

    #[test]
    fn every_call_is_at_once_and_as_long_as_asked() {
        let calls = Calls {
            ports: [1, 2, 3],
            calls: 20,
            apart: Duration::from_millis(50),
            sound: &[],
            talk: Duration::from_secs(10),
        };
        let line = arguments(&calls, Duration::from_secs(31)).join(" ");
        for part in ["127.0.0.1:1 ", "-p 2 ", "-cp 3 ", "-m 20 ", "-l 20 ", "-rp 50 ", "-d 10000", "-timeout 31"] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
}
