//! The caller's two sockets: the line, on which frames go and come, and the box's facts.
//!
//! Bytes of another process come in here; [`Inbox`] takes them apart. Facts are read without waiting: anteroomd writes
//! the facts of a frame before it releases that frame, so whoever has read the frame finds them in the socket already.
//! That holds only for a read that asks the kernel itself, hence the standard library's socket and not the runtime's.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

use crate::ids::CallId;
use crate::wire::doors::{Role, Watch, endpoint};
use crate::wire::frame::{self, FrameError, MAX_FRAME, Message};
use crate::wire::line::ToCaller;
use crate::wire::watch::{self, Fact};

/// How often a caller tries to be told facts again when anteroomd has gone.
const RETRY: Duration = Duration::from_secs(1);
/// Read at once; larger than any message but a brief.
const BLOCK: usize = 16 * 1024;

/// Bytes in, messages out.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    /// The next whole message, if it is there.
    ///
    /// # Errors
    /// [`FrameError`]: what came is no message. The socket is useless then.
    pub(super) fn next(&mut self) -> Result<Option<Message>, FrameError> {
        let Some((prefix, rest)) = self.bytes.split_first_chunk::<4>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(*prefix)).unwrap_or(usize::MAX);
        if length > MAX_FRAME {
            return Err(FrameError::TooLarge { length });
        }
        let Some(frame) = rest.get(..length) else { return Ok(None) };
        let message = Message::parse(frame)?;
        self.bytes.drain(..length.saturating_add(4));
        Ok(Some(message))
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

/// The caller's end of the line.
pub(super) struct LineSocket {
    stream: UnixStream,
    inbox: Inbox,
    call: Option<CallId>,
}

impl LineSocket {
    /// Takes a connected socket.
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, inbox: Inbox::default(), call: None }
    }

    /// Which call this is, once the line has said so.
    pub(super) fn call(&self) -> Option<CallId> {
        self.call
    }

    /// What comes next down the line; `None` when the line has closed. May be dropped while it waits, and loses nothing.
    ///
    /// # Errors
    /// [`FrameError`].
    pub(super) async fn next(&mut self) -> Result<Option<ToCaller>, FrameError> {
        loop {
            if let Some(message) = self.inbox.next()? {
                self.call = self.call.or(message.header.call);
                return ToCaller::parse(&message).map(Some).map_err(|_| FrameError::Header);
            }
            // A read that is dropped before it has finished has taken nothing from the socket.
            if self.stream.read_buf(&mut self.inbox.bytes).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`FrameError`].
    pub(super) async fn send(&mut self, message: &Message) -> Result<(), FrameError> {
        frame::write(&mut self.stream, message).await
    }
}

/// Where the box tells its facts.
pub(super) struct Facts {
    path: Option<PathBuf>,
    stream: Option<std::os::unix::net::UnixStream>,
    inbox: Inbox,
    tried: Option<Instant>,
    /// Facts that came before the line had said which call is this caller's own.
    early: Vec<(CallId, Fact)>,
}

impl Facts {
    /// The facts told below `run`; nothing is connected yet.
    pub(super) fn new(run: &Path) -> Self {
        let path = endpoint::<Watch>(Role::Cli).map(|e| e.path(run));
        Self { path, stream: None, inbox: Inbox::default(), tried: None, early: Vec::new() }
    }

    /// Whether facts come.
    pub(super) fn connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Connects where that has not been tried for [`RETRY`].
    pub(super) async fn connect(&mut self, now: Instant) {
        let tried = self.tried.is_some_and(|tried| now.saturating_duration_since(tried) < RETRY);
        let Some(path) = self.path.as_deref().filter(|_| self.stream.is_none() && !tried) else { return };
        self.tried = Some(now);
        // A daemon that hangs leaves its queue of connections full: then connecting would wait for ever.
        let watching = async {
            let mut stream = UnixStream::connect(path).await?;
            frame::write(&mut stream, &Message::tell("watch", None, Vec::new())).await?;
            // Until the box says that this watcher is on its list, facts may be missed.
            frame::read(&mut stream).await?;
            Ok::<_, FrameError>(stream)
        };
        let Ok(Ok(stream)) = tokio::time::timeout(RETRY / 4, watching).await else { return };
        if let Ok(stream) = stream.into_std() {
            self.inbox = Inbox::default();
            self.stream = Some(stream);
        }
    }

    /// The facts of `call` that are there, in order. A box may serve several callers, and tells every watcher of all.
    pub(super) fn of(&mut self, call: Option<CallId>) -> Vec<Fact> {
        let mut facts = std::mem::take(&mut self.early);
        facts.extend(self.poll());
        let Some(own) = call else {
            self.early = facts;
            return Vec::new();
        };
        facts.into_iter().filter(|(call, _)| *call == own).map(|(_, fact)| fact).collect()
    }

    /// The facts that are there, without waiting, each with its call. A socket that has ended or speaks nonsense is closed.
    fn poll(&mut self) -> Vec<(CallId, Fact)> {
        let mut facts = Vec::new();
        let mut block = [0; BLOCK];
        while let Some(stream) = &mut self.stream {
            match stream.read(&mut block) {
                Ok(count) if count > 0 => self.inbox.take(block.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Ok(_) | Err(_) => self.stream = None,
            }
            loop {
                match self.inbox.next() {
                    Ok(Some(message)) => facts.extend(message.header.call.zip(watch::parse(&message).ok())),
                    Ok(None) => break,
                    Err(_) => {
                        self.stream = None;
                        break;
                    }
                }
            }
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn messages_come_out_whole_however_they_are_cut(bodies in proptest::collection::vec(0_usize..600, 0..6), cut in 1_usize..50) {
            let messages: Vec<_> = bodies.iter().map(|n| Message::tell("frame", None, vec![7; *n])).collect();
            let bytes: Vec<u8> = messages.iter().flat_map(|m| m.to_bytes().unwrap()).collect();
            let mut inbox = Inbox::default();
            let mut read = Vec::new();
            for block in bytes.chunks(cut) {
                inbox.take(block);
                while let Some(message) = inbox.next().unwrap() {
                    read.push(message);
                }
            }
            prop_assert_eq!(read, messages);
        }

        #[test]
        fn any_bytes_are_messages_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut inbox = Inbox::default();
            inbox.take(&bytes);
            while let Ok(Some(_)) = inbox.next() {}
        }
    }

    #[tokio::test]
    async fn without_a_box_there_are_no_facts_and_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut facts = Facts::new(folder.path());
        facts.connect(crate::clock::Clock::now(&crate::clock::SystemClock)).await;
        assert!(!facts.connected() && facts.poll().is_empty());
    }
}
