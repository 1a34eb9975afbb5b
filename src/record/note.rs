//! Signed notes: a text, a blank line, and lines that each say whose key signed it.
//!
//! In:  a text and a signing key; or a note of anybody and the keys that are believed.
//! Out: a note; or its text and who signed it, when at least one key that is believed did.
//! The format is C2SP's signed-note (c2sp.org/signed-note), Ed25519 only, so that Go's `sumdb/note` and every witness
//! reads what the box signs. Runs in `recordd`: a signing key is nowhere else. Never prints or copies a private key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use super::tree::sha256;

/// The longest note, bytes. A checkpoint has some 200, each signature some 150.
pub const MAX_NOTE: usize = 16 * 1024;

/// The most signatures on a note: the format asks for room for 16 (c2sp.org/signed-note, "Format").
pub const MAX_SIGNATURES: usize = 32;

/// The longest name of a key, bytes: a domain and a path.
pub const MAX_NAME: usize = 255;

/// The longest signature, bytes: of those that are passed over, some carry more than Ed25519's 64.
const MAX_SIGNATURE: usize = 4 * 1024;

/// What a signature's line begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// The format's number for Ed25519.
const ED25519: u8 = 1;

/// A note or a key is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The name is none.
    #[error("a key's name is 1 to {MAX_NAME} bytes without spaces and without '+'")]
    Name,
    /// The text cannot be signed.
    #[error("a note's text is lines without control characters, each of them ended, {MAX_NOTE} bytes at the most")]
    Text,
    /// The bytes are not a note.
    #[error("not a signed note: a text, a blank line, 1 to {MAX_SIGNATURES} signatures, {MAX_NOTE} bytes at the most")]
    NotANote,
    /// The text is not a public key.
    #[error("not a key to verify with: name+hash+key, of an Ed25519 key, its hash right")]
    NotAKey,
    /// None of the keys that are believed signed it.
    #[error("none of the known keys signed the note; is it the right key?")]
    Unsigned,
    /// A key that is believed is named, but did not sign this text.
    #[error("the signature of {name} does not belong to this text: one of them was changed")]
    BadSignature {
        /// The key's name, as it is known here.
        name: String,
    },
}

/// The hash by which a note names a key: the first four bytes, over its name and itself.
fn key_hash(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let named = [name.as_bytes(), &[b'\n', ED25519], key.as_bytes()].concat();
    let [a, b, c, d, ..] = sha256(&named).0;
    [a, b, c, d]
}

fn is_name(name: &str) -> bool {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    (1..=MAX_NAME).contains(&name.len()) && !name.contains(bad)
}

fn is_text(text: &str) -> bool {
    let bad = |c: char| c < ' ' && c != '\n';
    text.len() <= MAX_NOTE && text.ends_with('\n') && !text.contains(bad)
}

/// A key that signs, and its name.
pub struct Signer {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.name)
    }
}

impl Signer {
    /// The key that grows from `seed`. It is wiped when dropped; the caller wipes the seed.
    ///
    /// # Errors
    /// [`NoteError::Name`].
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name);
        }
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What others verify with.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let key = self.key.verifying_key();
        Verifier { hash: key_hash(&self.name, &key), name: self.name.clone(), key }
    }

    /// The whole note: `text`, a blank line, this key's signature.
    ///
    /// # Errors
    /// [`NoteError::Text`].
    pub fn sign(&self, text: &str) -> Result<String, NoteError> {
        let line = self.signature(text)?;
        Ok(format!("{text}\n{line}"))
    }

    /// The line, with its end, that says that this key signed `text`.
    ///
    /// # Errors
    /// [`NoteError::Text`].
    pub fn signature(&self, text: &str) -> Result<String, NoteError> {
        if !is_text(text) {
            return Err(NoteError::Text);
        }
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let named = [self.verifier().hash.as_slice(), &signature].concat();
        Ok(format!("{DASH}{} {}\n", self.name, STANDARD.encode(named)))
    }

    /// The note with this key's signature too.
    ///
    /// # Errors
    /// [`NoteError::NotANote`].
    pub fn cosign(&self, note: &str) -> Result<String, NoteError> {
        let parts = Parts::parse(note)?;
        add_signature(note, &self.signature(parts.text)?)
    }
}

/// A key to verify with, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    hash: [u8; 4],
    key: VerifyingKey,
}

impl Verifier {
    /// Reads `name+hash+key`, as the box's label and `vkey.txt` have it; a line's end is allowed.
    ///
    /// # Errors
    /// [`NoteError::NotAKey`].
    pub fn parse(vkey: &str) -> Result<Self, NoteError> {
        Self::read(vkey.strip_suffix('\n').unwrap_or(vkey)).ok_or(NoteError::NotAKey)
    }

    fn read(vkey: &str) -> Option<Self> {
        let (name, rest) = vkey.split_once('+')?;
        let (hash, key) = rest.split_once('+')?;
        let [ED25519, key @ ..] = STANDARD.decode(key).ok()?.try_into().ok().map(|key: [u8; 33]| key)? else {
            return None;
        };
        let key = VerifyingKey::from_bytes(&key).ok().filter(|key| !key.is_weak())?;
        let read = Self { hash: key_hash(name, &key), name: name.to_owned(), key };
        // The hash is in the text twice over, so that a slip in copying it shows.
        (is_name(name) && read.hash_hex() == hash).then_some(read)
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `name+hash+key`, one line without its end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let key = [[ED25519].as_slice(), self.key.as_bytes()].concat();
        format!("{}+{}+{}", self.name, self.hash_hex(), STANDARD.encode(key))
    }

    fn hash_hex(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn verify(&self, text: &str, signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature);
        // Strict: one signature for one text and key, so that every verifier anywhere says the same.
        signature.is_ok_and(|signature| self.key.verify_strict(text.as_bytes(), &signature).is_ok())
    }
}

/// Reads a note: its text, and the names of the keys of `known` that signed it, at least one. The lines of other keys
/// are passed over.
///
/// # Errors
/// [`NoteError`]; a line that names a known key and is not its signature spoils the note.
pub fn verify<'a>(note: &'a str, known: &[Verifier]) -> Result<(&'a str, Vec<String>), NoteError> {
    let parts = Parts::parse(note)?;
    let mut names: Vec<String> = Vec::new();
    for line in &parts.signatures {
        let mut claimed = known.iter().filter(|key| key.name == line.name && key.hash == line.hash).peekable();
        if claimed.peek().is_none() {
            continue;
        }
        let Some(key) = claimed.find(|key| key.verify(parts.text, &line.signature)) else {
            return Err(NoteError::BadSignature { name: line.name.to_owned() });
        };
        if !names.contains(&key.name) {
            names.push(key.name.clone());
        }
    }
    if names.is_empty() { Err(NoteError::Unsigned) } else { Ok((parts.text, names)) }
}

/// The note with one more signature, given as its line (`— name base64`): a witness' answer. It is not verified, since
/// the witness' key need not be known. A key that already signed keeps the line that stands there.
///
/// # Errors
/// [`NoteError::NotANote`] where the note or the line is none, or the note is full.
pub fn add_signature(note: &str, line: &str) -> Result<String, NoteError> {
    let parts = Parts::parse(note)?;
    let added = SignatureLine::parse(line.strip_suffix('\n').unwrap_or(line)).ok_or(NoteError::NotANote)?;
    if parts.signatures.iter().any(|there| there.name == added.name && there.hash == added.hash) {
        return Ok(note.to_owned());
    }
    let end = if line.ends_with('\n') { "" } else { "\n" };
    let longer = format!("{note}{line}{end}");
    Parts::parse(&longer)?;
    Ok(longer)
}

/// A note, taken apart.
struct Parts<'a> {
    text: &'a str,
    signatures: Vec<SignatureLine<'a>>,
}

impl<'a> Parts<'a> {
    fn parse(note: &'a str) -> Result<Self, NoteError> {
        Self::read(note).ok_or(NoteError::NotANote)
    }

    fn read(note: &'a str) -> Option<Self> {
        if note.len() > MAX_NOTE || !is_text(note) {
            return None;
        }
        // The last blank line: a text may have some of its own.
        let blank = note.rfind("\n\n")?;
        let (text, rest) = note.split_at_checked(blank.checked_add(1)?)?;
        let lines = rest.strip_prefix('\n')?.strip_suffix('\n')?.split('\n');
        let signatures: Vec<_> = lines.take(MAX_SIGNATURES + 1).map(SignatureLine::parse).collect::<Option<_>>()?;
        (signatures.len() <= MAX_SIGNATURES).then_some(Self { text, signatures })
    }
}

/// One signature, of whatever key.
struct SignatureLine<'a> {
    name: &'a str,
    hash: [u8; 4],
    signature: Vec<u8>,
}

impl<'a> SignatureLine<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (hash, signature) = bytes.split_first_chunk::<4>()?;
        let fits = is_name(name) && (1..=MAX_SIGNATURE).contains(&signature.len());
        fits.then(|| Self { name, hash: *hash, signature: signature.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signer(name: &str, seed: u8) -> Signer {
        Signer::from_seed(name, &[seed; 32]).unwrap()
    }

    #[test]
    fn a_note_of_another_implementation_is_read() {
        // The example of golang.org/x/mod/sumdb/note.
        let key = Verifier::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let text =
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let note = format!(
            "{text}\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        );
        assert_eq!(verify(&note, std::slice::from_ref(&key)), Ok((text, vec!["PeterNeumann".to_owned()])));
        assert_eq!(key.to_text(), "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        let changed = note.replace("problem is", "problem was");
        assert_eq!(verify(&changed, &[key]), Err(NoteError::BadSignature { name: "PeterNeumann".into() }));
    }

    #[test]
    fn a_cosignature_is_added_and_unknown_keys_are_passed_over() {
        let (log, witness, stranger) = (signer("box.example/1", 1), signer("witness.example", 2), signer("x", 3));
        let note = stranger.cosign(&witness.cosign(&log.sign("a\n\nb\n").unwrap()).unwrap()).unwrap();
        let keys = [log.verifier(), witness.verifier()];
        let (text, names) = verify(&note, &keys).unwrap();
        assert_eq!((text, names), ("a\n\nb\n", vec!["box.example/1".to_owned(), "witness.example".to_owned()]));
        assert_eq!(witness.cosign(&note).unwrap(), note, "once is enough");
        assert_eq!(verify(&note, &[signer("other", 1).verifier()]), Err(NoteError::Unsigned));
        // The same name with another key is another key.
        assert_eq!(verify(&note, &[signer("x", 4).verifier()]), Err(NoteError::Unsigned));
    }

    #[test]
    fn a_known_key_with_a_wrong_signature_spoils_the_note() {
        let (log, witness) = (signer("log", 1), signer("witness", 2));
        let line = witness.signature("another text\n").unwrap();
        let note = add_signature(&log.sign("text\n").unwrap(), &line).unwrap();
        let keys = [log.verifier(), witness.verifier()];
        assert_eq!(verify(&note, &keys), Err(NoteError::BadSignature { name: "witness".into() }));
        assert!(verify(&note, &keys[..1]).is_ok());
    }

    #[test]
    fn names_texts_and_notes_beyond_the_limits_are_refused() {
        for name in ["", "a b", "a+b", "a\n", "a\u{a0}b", &"a".repeat(256)] {
            assert_eq!(Signer::from_seed(name, &[1; 32]).unwrap_err(), NoteError::Name, "{name:?}");
        }
        let log = signer("log", 1);
        for text in ["", "no end", "a\r\n", "a\0\n", &format!("{}\n", "a".repeat(MAX_NOTE))] {
            assert_eq!(log.sign(text), Err(NoteError::Text));
        }
        let mut note = log.sign("text\n").unwrap();
        for n in 1..MAX_SIGNATURES {
            note = signer(&format!("w{n}"), 2).cosign(&note).unwrap();
        }
        assert!(verify(&note, &[log.verifier()]).is_ok());
        assert_eq!(signer("one-too-many", 2).cosign(&note), Err(NoteError::NotANote));
        for note in [
            "",
            "\n",
            "\n\n",
            "a\n\n",
            "a\n\nb\n",
            "a\n\n\u{2014} b\n",
            "a\n\n\u{2014} b AAAA\n",
            "a\n\u{2014} b AAAAAAA=\n",
        ] {
            assert_eq!(verify(note, &[log.verifier()]), Err(NoteError::NotANote), "{note:?}");
        }
    }

    #[test]
    fn a_key_with_a_slip_in_it_is_refused() {
        let text = signer("log", 1).verifier().to_text();
        assert!(Verifier::parse(&format!("{text}\n")).is_ok());
        for wrong in ["", "log", "log+", "log+00000000+", &text[1..], &text[..text.len() - 4], &format!("{text}\n\n")] {
            assert_eq!(Verifier::parse(wrong), Err(NoteError::NotAKey), "{wrong}");
        }
        // The identity as a key: under it a signature holds for any text.
        let weak = VerifyingKey::from_bytes(&{
            let mut one = [0; 32];
            one[0] = 1;
            one
        })
        .unwrap();
        let weak = Verifier { hash: key_hash("w", &weak), name: "w".into(), key: weak };
        assert_eq!(Verifier::parse(&weak.to_text()), Err(NoteError::NotAKey));
    }

    proptest! {
        #[test]
        fn any_text_is_a_note_or_an_error(text in any::<String>(), tail in "[\\n\u{2014} a-zA-Z0-9+/=]{0,200}") {
            let keys = [signer("log", 1).verifier()];
            let _ = (Verifier::parse(&text), Verifier::parse(&tail));
            let note = format!("{text}{tail}");
            prop_assert!(verify(&note, &keys).is_err());
            let _ = add_signature(&text, &tail);
        }

        #[test]
        fn a_note_with_any_byte_changed_is_not_signed(at in any::<prop::sample::Index>(), to in any::<char>()) {
            let log = signer("log", 1);
            let note = log.sign("origin\n7\nroot\n").unwrap();
            let mut chars: Vec<_> = note.chars().collect();
            let at = at.index(chars.len());
            prop_assume!(chars[at] != to);
            chars[at] = to;
            let changed: String = chars.into_iter().collect();
            prop_assert!(verify(&changed, &[log.verifier()]).is_err());
        }
    }
}
