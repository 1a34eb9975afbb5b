//! What the caller said, exactly as heard.

use std::fmt;

use crate::secret::Secret;
use crate::wire::{Loaded, MayGoTo, Parcel, Record, Watch};

/// One recognised word.
#[derive(Clone, PartialEq)]
pub struct HeardWord {
    /// The word.
    pub(crate) text: Secret,
    /// How sure the recogniser is, 0 to 1.
    pub confidence: f32,
}

impl fmt::Debug for HeardWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeardWord({} bytes, {:.2})", self.text.len(), self.confidence)
    }
}

/// What the caller said, exactly as heard. May name a patient: no `Display`, no `Serialize`, and `Debug` shows only a
/// length. The one way onward is [`crate::redact::redact`].
///
/// It cannot leave through the airlock:
/// ```compile_fail
/// use anteroom::{listen::RawTranscript, wire::{Airlock, Parcel}};
/// let parcel = Parcel::<Airlock>::new().with("said", &RawTranscript::typed("i am mary lopez"));
/// ```
/// It can be kept in the record:
/// ```
/// use anteroom::{listen::RawTranscript, wire::{Record, Parcel}};
/// let parcel = Parcel::<Record>::new().with("said", &RawTranscript::typed("i am mary lopez"));
/// ```
#[derive(Clone, PartialEq)]
pub struct RawTranscript {
    text: Secret,
    words: Vec<HeardWord>,
    engine: &'static str,
    /// What else the recogniser may have heard in the same sound, likelier first; none where it tells no more than one.
    alternatives: Vec<RawTranscript>,
}

impl RawTranscript {
    /// A transcript of recognised words, with the name of the engine that heard them.
    #[must_use]
    pub fn heard(engine: &'static str, words: Vec<HeardWord>) -> Self {
        let text = words.iter().map(|w| w.text.expose()).collect::<Vec<_>>().join(" ");
        Self { text: Secret::new(text), words, engine, alternatives: Vec::new() }
    }

    /// The same with what else may have been said in the same sound, likelier first. Nothing but redaction reads them: what
    /// is an identifier in one of them is covered.
    #[must_use]
    pub fn with_alternatives(self, alternatives: Vec<Self>) -> Self {
        Self { alternatives, ..self }
    }

    /// A turn of which no word was understood.
    #[must_use]
    pub fn nothing() -> Self {
        Self::heard("none", Vec::new())
    }

    /// A transcript that somebody typed (`anteroom chat`, `anteroom redact`): every word is certain.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        let word = |text: &str| HeardWord { text: Secret::new(text), confidence: 1.0 };
        let words = text.split_whitespace().map(word).collect();
        Self { text: Secret::new(text), words, engine: "typed", alternatives: Vec::new() }
    }

    /// What else may have been said.
    pub(crate) fn alternatives(&self) -> &[Self] {
        &self.alternatives
    }

    /// The words as one text.
    pub(crate) fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The words one by one.
    #[must_use]
    pub fn words(&self) -> &[HeardWord] {
        &self.words
    }

    /// The engine that heard it.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.engine
    }

    /// The mean of the words' confidences, 0 to 1; 0 where nothing was heard.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        if self.words.is_empty() {
            return 0.0;
        }
        let count = u16::try_from(self.words.len()).unwrap_or(u16::MAX);
        self.words.iter().map(|w| w.confidence).sum::<f32>() / f32::from(count)
    }

    /// Whether nothing was heard.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.expose().trim().is_empty()
    }
}

impl fmt::Debug for RawTranscript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawTranscript({} bytes, {})", self.text.len(), self.engine)
    }
}

impl MayGoTo<Record> for RawTranscript {
    fn load(&self) -> Loaded {
        let confidence: Vec<f32> = self.words.iter().map(|w| w.confidence).collect();
        let parcel = Parcel::<Record>::new();
        parcel.with("text", &self.text).with("confidence", &confidence).with("engine", &self.engine).load()
    }
}

impl MayGoTo<Watch> for RawTranscript {
    fn load(&self) -> Loaded {
        MayGoTo::<Watch>::load(&self.text)
    }
}
