//! A voice that is another program: text to its stdin, sound from its stdout.
//!
//! Text is never an argument: arguments can be read by every user of the machine. What the program says on stderr is
//! thrown away, since it may quote the text. It is stopped when it takes too long or writes too much.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::secret::Secret;
use crate::speak::SpeakError;

/// How long a program may take for one sentence. A sentence takes well below a second; past this the caller has waited
/// too long already, and the box goes on without the sentence.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a program may write for one sentence: two minutes at 48 kHz.
const MOST_BYTES: u64 = 12 << 20;

/// A program that speaks.
#[derive(Debug)]
pub(super) struct Program {
    voice: String,
    path: PathBuf,
    arguments: Vec<String>,
}

impl Program {
    /// A program for the voice of that name; `path` is looked for in `PATH` if it has no slash.
    ///
    /// # Errors
    /// [`SpeakError::Missing`] with `remedy` where there is no such program.
    pub(super) fn find(
        voice: String,
        path: &Path,
        arguments: Vec<String>,
        remedy: &'static str,
    ) -> Result<Self, SpeakError> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let candidates: Vec<PathBuf> = if path.components().count() > 1 {
            vec![path.to_owned()]
        } else {
            std::env::split_paths(&folders).map(|folder| folder.join(path)).collect()
        };
        match candidates.into_iter().find(|candidate| candidate.is_file()) {
            Some(path) => Ok(Self { voice, path, arguments }),
            None => Err(SpeakError::Missing { voice, remedy }),
        }
    }

    /// The voice's name.
    pub(super) fn voice(&self) -> &str {
        &self.voice
    }

    /// The voice has failed.
    pub(super) fn failed(&self, source: Option<std::io::Error>) -> SpeakError {
        SpeakError::Failed { voice: self.voice.clone(), source }
    }

    /// Gives `text` to the program and takes what it writes.
    ///
    /// # Errors
    /// [`SpeakError::Failed`]: it does not start, takes too long, or ends in failure.
    pub(super) fn speak(&self, text: &Secret) -> Result<Vec<u8>, SpeakError> {
        let mut child = Command::new(&self.path)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| self.failed(Some(source)))?;
        let sound = converse(&mut child, text);
        if sound.is_err() {
            // Already ended is as good as stopped.
            let _ = child.kill();
        }
        let ended = child.wait().map_err(|source| self.failed(Some(source)))?;
        match sound {
            Ok(_) if !ended.success() => Err(self.failed(None)),
            Ok(sound) => Ok(sound),
            Err(source) => Err(self.failed(Some(source))),
        }
    }
}

/// Writes the text and reads the sound at the same time: a program may write before it has read everything.
fn converse(child: &mut Child, text: &Secret) -> std::io::Result<Vec<u8>> {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(std::io::ErrorKind::BrokenPipe.into());
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    // The thread ends when the program closes its output, at the latest when it is killed.
    std::thread::Builder::new().name("voice-out".to_owned()).spawn(move || {
        let mut sound = Vec::new();
        let read = stdout.take(MOST_BYTES).read_to_end(&mut sound);
        // Nobody takes it when patience has run out.
        let _ = sender.send(read.map(|_| sound));
    })?;
    // One sentence is far below the 64 KiB that a pipe holds, so this cannot wait for the program.
    stdin.write_all(text.expose().as_bytes())?;
    stdin.write_all(b"\n")?;
    drop(stdin);
    receiver.recv_timeout(PATIENCE).map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
}
