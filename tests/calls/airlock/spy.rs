//! Everything that anteroomd says to airlockd, kept: a socket in the place of airlockd's own that passes every byte on.

#![expect(clippy::disallowed_methods, reason = "the spy lives as long as the test that looks at it")]

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anteroom::wire::frame::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use super::strings;

/// The spy at the door.
pub(super) struct Spy {
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Spy {
    /// Takes the place of the socket at `path`.
    pub(super) fn at(path: &Path) -> Self {
        let real = path.with_extension("real");
        fs::rename(path, &real).unwrap();
        let listener = UnixListener::bind(path).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((from, _)) = listener.accept().await {
                let (kept, real) = (Arc::clone(&kept), real.clone());
                tokio::spawn(async move { pass_on(from, &real, &kept).await });
            }
        });
        Self { heard, task }
    }

    /// The texts of everything said since this was last asked.
    pub(super) fn take(&self) -> String {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let text = |frame: &Vec<u8>| {
            let message = Message::parse(frame).unwrap();
            let body = serde_json::from_slice(&message.body).unwrap_or(serde_json::Value::Null);
            strings(&body).join("\n")
        };
        heard.iter().map(text).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Spy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes both directions on, and keeps what anteroomd says, frame by frame.
async fn pass_on(from: UnixStream, real: &Path, kept: &Mutex<Vec<Vec<u8>>>) {
    let Ok(to) = UnixStream::connect(real).await else { return };
    let (mut from_read, mut from_write) = from.into_split();
    let (mut to_read, mut to_write) = to.into_split();
    let there = async {
        let mut length = [0_u8; 4];
        while from_read.read_exact(&mut length).await.is_ok() {
            let mut frame = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
            if from_read.read_exact(&mut frame).await.is_err() {
                break;
            }
            kept.lock().unwrap().push(frame.clone());
            let sent = [length.to_vec(), frame].concat();
            if to_write.write_all(&sent).await.is_err() {
                break;
            }
        }
    };
    let back = async {
        let _ = tokio::io::copy(&mut to_read, &mut from_write).await;
    };
    // Whoever hangs up first hangs up both.
    tokio::select! {
        () = there => {}
        () = back => {}
    }
}
