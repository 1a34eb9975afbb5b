//! Checkpoints: how large the tree was and what its root was, signed.
//!
//! In:  a size and a root of the record's own tree; or a note from outside the box.
//! Out: a signed note of three lines; or what it says, when a key that is believed signed it.
//! The format is C2SP's tlog-checkpoint (c2sp.org/tlog-checkpoint) without extension lines. Runs in `recordd`. Nothing
//! in it is about a patient: it may leave the box, and must, for only a copy elsewhere shows that a record was made anew.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::note::{self, MAX_NAME, NoteError, Signer, Verifier};
use super::tree::Hash;

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: a name that no other log has, 1 to 255 bytes without control characters.
    pub origin: String,
    /// How many events it covers.
    pub size: u64,
    /// The tree's root over them.
    pub root: Hash,
}

/// A checkpoint cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The text is none.
    #[error("not a checkpoint: three lines, of an origin, a size and a root")]
    NotACheckpoint,
    /// The note around it is none, or nobody signed it who is known.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl Checkpoint {
    /// The three lines.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.0))
    }

    /// Reads what [`Checkpoint::to_text`] wrote, and nothing else.
    ///
    /// # Errors
    /// [`CheckpointError::NotACheckpoint`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        Self::read(text).ok_or(CheckpointError::NotACheckpoint)
    }

    fn read(text: &str) -> Option<Self> {
        let (origin, rest) = text.strip_suffix('\n')?.split_once('\n')?;
        let (size, root) = rest.split_once('\n')?;
        let root: [u8; 32] = STANDARD.decode(root).ok()?.try_into().ok()?;
        let read = Self { origin: origin.to_owned(), size: size.parse().ok()?, root: Hash(root) };
        let named = (1..=MAX_NAME).contains(&origin.len()) && !origin.contains(char::is_control);
        // One spelling only: no sign and no zero before the size.
        (named && read.to_text() == text).then_some(read)
    }

    /// The note that `signer` signs.
    ///
    /// # Errors
    /// [`CheckpointError::NotACheckpoint`] where the origin is none.
    pub fn signed(&self, signer: &Signer) -> Result<String, CheckpointError> {
        let text = self.to_text();
        Self::parse(&text)?;
        Ok(signer.sign(&text)?)
    }

    /// What a note says that one of `known` signed. Whoever must have all of several signatures asks
    /// [`note::verify`] for the names.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(note: &str, known: &[Verifier]) -> Result<Self, CheckpointError> {
        let (text, _) = note::verify(note, known)?;
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn checkpoint(size: u64) -> Checkpoint {
        Checkpoint { origin: "anteroom.example/7".into(), size, root: Hash([7; 32]) }
    }

    #[test]
    fn the_three_lines_are_those_of_the_format() {
        let text = "anteroom.example/7\n20852163\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";
        assert_eq!(checkpoint(20_852_163).to_text(), text);
        assert_eq!(Checkpoint::parse(text), Ok(checkpoint(20_852_163)));
    }

    #[test]
    fn anything_more_less_or_otherwise_spelled_is_refused() {
        let root = STANDARD.encode([7; 32]);
        for text in [
            String::new(),
            "o\n1\n".into(),
            format!("\n1\n{root}\n"),
            format!("o\n1\n{root}"),
            format!("o\n1\n{root}\nextension\n"),
            format!("o\n01\n{root}\n"),
            format!("o\n+1\n{root}\n"),
            format!("o\n-1\n{root}\n"),
            format!("o\n18446744073709551616\n{root}\n"),
            format!("o\n1\n{}\n", root.trim_end_matches('=')),
            format!("o\n1\n{}\n", STANDARD.encode([7; 31])),
            format!("o\r\n1\n{root}\n"),
            format!("{}\n1\n{root}\n", "o".repeat(256)),
        ] {
            assert_eq!(Checkpoint::parse(&text), Err(CheckpointError::NotACheckpoint), "{text:?}");
        }
    }

    #[test]
    fn a_signed_checkpoint_opens_with_its_key_and_with_no_other() {
        let signer = Signer::from_seed("anteroom.example/7", &[1; 32]).unwrap();
        let other = Signer::from_seed("anteroom.example/7", &[2; 32]).unwrap();
        let note = checkpoint(9).signed(&signer).unwrap();
        assert_eq!(Checkpoint::open(&note, &[signer.verifier()]), Ok(checkpoint(9)));
        assert_eq!(Checkpoint::open(&note, &[other.verifier()]), Err(NoteError::Unsigned.into()));
        let larger = note.replace("\n9\n", "\n10\n");
        let name = "anteroom.example/7".to_owned();
        assert_eq!(Checkpoint::open(&larger, &[signer.verifier()]), Err(NoteError::BadSignature { name }.into()));
        let nameless = Checkpoint { origin: "two\nlines".into(), ..checkpoint(9) };
        assert_eq!(nameless.signed(&signer), Err(CheckpointError::NotACheckpoint));
    }

    proptest! {
        #[test]
        fn any_text_is_a_checkpoint_or_an_error(text in any::<String>(), size in any::<u64>()) {
            let _ = Checkpoint::parse(&text);
            prop_assert_eq!(Checkpoint::parse(&checkpoint(size).to_text()), Ok(checkpoint(size)));
        }
    }
}
