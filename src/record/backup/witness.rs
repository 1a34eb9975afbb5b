//! A checkpoint that somebody outside the box kept: which size the log had, and which root.
//!
//! In:  a C2SP tlog-checkpoint note, as a witness or the warehouse has it. Whoever hands it in vouches for it: its
//! signatures are not looked at here. Pure.

use crate::record::tree::Hash;

/// Bytes of a note that is looked at; an origin, three lines and a few signatures are less.
const MOST: usize = 16 * 1024;
/// Characters of a root: 32 bytes in base64.
const ROOT: usize = 44;

/// What a checkpoint says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// How many events it covers.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

/// The text is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a checkpoint: it must be the note as it was kept, with the origin, the size and the root in its first lines"
)]
pub struct NotACheckpoint;

impl Witness {
    /// Reads a note.
    ///
    /// # Errors
    /// [`NotACheckpoint`].
    pub fn parse(note: &str) -> Result<Self, NotACheckpoint> {
        if note.len() > MOST {
            return Err(NotACheckpoint);
        }
        let mut lines = note.lines();
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let size =
            size.filter(|size| origin.is_some_and(|o| !o.is_empty()) && size.bytes().all(|b| b.is_ascii_digit()));
        let size = size.and_then(|size| size.parse().ok()).ok_or(NotACheckpoint)?;
        let root = root.and_then(base64).map(Hash).ok_or(NotACheckpoint)?;
        Ok(Self { size, root })
    }
}

/// Thirty-two bytes in base64 (RFC 4648 section 4), with the sign that fills up.
fn base64(text: &str) -> Option<[u8; 32]> {
    let signs = text.strip_suffix('=').filter(|signs| signs.len() + 1 == ROOT)?;
    let (mut bytes, mut filled) = ([0; 32], bytes_of(signs)?.into_iter());
    for byte in &mut bytes {
        *byte = filled.next()?;
    }
    // 43 signs hold two bits more than 32 bytes: they must be empty, or one root could be written in four ways.
    filled.all(|rest| rest == 0).then_some(bytes)
}

/// The bytes of signs of six bits; the last one filled up with zeros.
fn bytes_of(signs: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u16, 0_u16);
    for sign in signs.bytes() {
        let value = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (held, bits) = (held << 6 | u16::from(value), bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    bytes.push(u8::try_from(held).ok()?);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::tree::sha256;

    #[test]
    fn a_note_gives_its_size_and_root() {
        // The hash of nothing, as RFC 6962 gives it for the empty tree.
        let note =
            "box.example/front\n42\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u{2014} box.example/front AAAA\n";
        assert_eq!(Witness::parse(note), Ok(Witness { size: 42, root: sha256(&[]) }));
    }

    #[test]
    fn what_is_not_written_in_the_one_way_is_refused() {
        for note in [
            "",
            "o\n42",
            "o\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "o\n+1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
            "o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF=",
            "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        ] {
            assert_eq!(Witness::parse(note), Err(NotACheckpoint), "{note}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_checkpoint_or_an_error(text in ".{0,100}", root in "[A-Za-z0-9+/=]{40,46}") {
            let _ = Witness::parse(&text);
            let _ = Witness::parse(&format!("o\n7\n{root}\n"));
        }
    }
}
