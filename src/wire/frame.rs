//! Frames: bytes of a peer in, messages out.
//!
//! The parser is given whatever a peer sent and must neither panic nor allocate more than [`MAX_FRAME`]; it has property
//! tests here and a fuzz target.

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::ids::CallId;

/// The largest frame, in bytes, without its length: 1 MiB.
pub const MAX_FRAME: usize = 1 << 20;
/// The version every header must carry.
pub const VERSION: u8 = 1;

/// What a frame is: asked, answered, or told with no answer expected.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What is said about the body.
    pub header: Header,
    /// The body; never quoted in errors or logs.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Message({:?}, {} bytes)", self.header, self.body.len())
    }
}

/// The first line of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`VERSION`].
    pub v: u8,
    /// Pairs a reply with its request; 0 where no reply is expected.
    pub id: u64,
    /// What is asked or told. Empty in a reply.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Which call it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// In a reply: whether it went well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ok: Option<bool>,
    /// In a reply that did not go well: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub err: Option<Refusal>,
}

/// Why a request was refused. A closed set; it never quotes what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The kind is not one that this socket answers.
    #[error("this socket does not answer that kind of request")]
    UnknownKind,
    /// The body does not parse.
    #[error("the request's body is malformed")]
    Malformed,
    /// The request is understood and not allowed.
    #[error("the request is not allowed")]
    Forbidden,
    /// What was asked for does not exist.
    #[error("what was asked for does not exist")]
    NotFound,
    /// The other side cannot serve it now.
    #[error("the other side cannot serve this now")]
    Unavailable,
    /// It took too long on the other side.
    #[error("the other side ran out of time")]
    Timeout,
    /// Someone else got there first (a slot that is taken).
    #[error("someone else got there first")]
    Conflict,
    /// The other side failed.
    #[error("the other side failed")]
    Failed,
}

/// A frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The socket ended or failed.
    #[error("the socket failed")]
    Socket(#[from] std::io::Error),
    /// The peer announced a frame larger than [`MAX_FRAME`].
    #[error("a frame of {length} bytes is larger than {MAX_FRAME}")]
    TooLarge {
        /// The announced length.
        length: usize,
    },
    /// The header line is missing or not JSON of the known shape.
    #[error("a frame's header is malformed")]
    Header,
    /// The header's version is not [`VERSION`].
    #[error("a frame of version {found}, this side speaks {VERSION}")]
    Version {
        /// The version found.
        found: u8,
    },
}

impl Message {
    /// A message that expects no reply.
    #[must_use]
    pub fn tell(kind: &str, call: Option<CallId>, body: Vec<u8>) -> Self {
        Self::ask(0, kind, call, body)
    }

    /// A request numbered `id`.
    #[must_use]
    pub fn ask(id: u64, kind: &str, call: Option<CallId>, body: Vec<u8>) -> Self {
        let header = Header { v: VERSION, id, kind: kind.to_owned(), call, ok: None, err: None };
        Self { header, body }
    }

    /// The reply to request `id`.
    #[must_use]
    pub fn reply(id: u64, result: Result<Vec<u8>, Refusal>) -> Self {
        let (ok, err, body) = match result {
            Ok(body) => (Some(true), None, body),
            Err(refusal) => (Some(false), Some(refusal), Vec::new()),
        };
        Self { header: Header { v: VERSION, id, kind: String::new(), call: None, ok, err }, body }
    }

    /// Reads a message from the bytes of one frame (without its length).
    ///
    /// # Errors
    /// [`FrameError`] where the bytes are not a message of this version.
    pub fn parse(bytes: &[u8]) -> Result<Self, FrameError> {
        let end = bytes.iter().position(|&b| b == b'\n').ok_or(FrameError::Header)?;
        let (line, body) = bytes.split_at(end);
        let header: Header = serde_json::from_slice(line).map_err(|_| FrameError::Header)?;
        if header.v != VERSION {
            return Err(FrameError::Version { found: header.v });
        }
        Ok(Self { header, body: body.get(1..).unwrap_or_default().to_vec() })
    }

    /// Writes the message as one frame, its length first.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] over [`MAX_FRAME`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, FrameError> {
        let header = serde_json::to_vec(&self.header).map_err(|_| FrameError::Header)?;
        let length = header.len().saturating_add(1).saturating_add(self.body.len());
        let prefix =
            u32::try_from(length).ok().filter(|_| length <= MAX_FRAME).ok_or(FrameError::TooLarge { length })?;
        let mut bytes = Vec::with_capacity(length.saturating_add(4));
        bytes.extend_from_slice(&prefix.to_be_bytes());
        bytes.extend_from_slice(&header);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.body);
        Ok(bytes)
    }
}

/// Reads the next message; `None` when the peer closed between frames.
///
/// # Errors
/// [`FrameError`]; the connection is useless after one.
pub async fn read<R: AsyncRead + Unpin>(reader: &mut R) -> Result<Option<Message>, FrameError> {
    let mut prefix = [0_u8; 4];
    match reader.read_exact(&mut prefix).await {
        Ok(_) => {}
        Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(e) => return Err(e.into()),
    }
    let length = usize::try_from(u32::from_be_bytes(prefix)).unwrap_or(usize::MAX);
    if length > MAX_FRAME {
        return Err(FrameError::TooLarge { length });
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).await?;
    Message::parse(&bytes).map(Some)
}

/// Writes one message.
///
/// # Errors
/// [`FrameError`]; the connection is useless after one.
pub async fn write<W: AsyncWrite + Unpin>(writer: &mut W, message: &Message) -> Result<(), FrameError> {
    writer.write_all(&message.to_bytes()?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_parse_or_fail_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
            let _ = Message::parse(&bytes);
        }

        #[test]
        fn what_is_written_reads_back(id in any::<u64>(), kind in "[a-z.-]{1,20}", body in proptest::collection::vec(any::<u8>(), 0..2048)) {
            let message = Message::ask(id, &kind, None, body);
            let bytes = message.to_bytes().unwrap();
            prop_assert_eq!(Message::parse(&bytes[4..]).unwrap(), message);
        }
    }

    #[test]
    fn a_frame_of_another_version_is_refused() {
        let refused = Message::parse(b"{\"v\":9,\"id\":0}\n");
        assert!(matches!(refused, Err(FrameError::Version { found: 9 })));
    }

    #[test]
    fn a_body_over_one_mebibyte_is_refused_before_it_is_sent() {
        let message = Message::tell("frame", None, vec![0; MAX_FRAME]);
        assert!(matches!(message.to_bytes(), Err(FrameError::TooLarge { .. })));
    }

    #[tokio::test]
    async fn an_announced_gibibyte_is_refused_without_allocating() {
        let mut bytes: &[u8] = &[0x40, 0, 0, 0, 1, 2, 3];
        assert!(matches!(read(&mut bytes).await, Err(FrameError::TooLarge { .. })));
    }
}
