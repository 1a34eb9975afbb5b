//! A recogniser that says the next line of a script, whatever it hears. For tests only.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::listen::{HeardWord, RawTranscript};
use crate::secret::Secret;

use super::{RecogniseError, Recognizer, Task};

/// Hears one scripted line a turn; when the script has ended, nothing.
#[derive(Debug, Default)]
pub struct Scripted {
    lines: VecDeque<Secret>,
}

impl Scripted {
    /// A recogniser with these turns ahead.
    #[must_use]
    pub fn new<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        Self { lines: lines.into_iter().map(Secret::new).collect() }
    }
}

impl Recognizer for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn recognise(&mut self, _: &[i16], _: &Task, call_off: &AtomicBool) -> Result<RawTranscript, RecogniseError> {
        if call_off.load(Ordering::Relaxed) {
            return Err(RecogniseError::CalledOff);
        }
        let line = self.lines.pop_front().unwrap_or_default();
        let word = |text: &str| HeardWord { text: Secret::new(text), confidence: 1.0 };
        Ok(RawTranscript::heard(self.name(), line.expose().split_whitespace().map(word).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_its_lines_in_order_and_then_nothing() {
        let mut scripted = Scripted::new(["yes please", "mary lopez"]);
        let mut hear = || scripted.recognise(&[], &Task::default(), &AtomicBool::new(false)).unwrap();
        assert_eq!(hear().expose(), "yes please");
        assert_eq!(hear().words().len(), 2);
        assert!(hear().is_empty());
    }

    #[test]
    fn a_turn_called_off_keeps_its_line() {
        let mut scripted = Scripted::new(["yes"]);
        let called_off = scripted.recognise(&[], &Task::default(), &AtomicBool::new(true));
        assert!(matches!(called_off, Err(RecogniseError::CalledOff)));
        let heard = scripted.recognise(&[], &Task::default(), &AtomicBool::new(false));
        assert_eq!(heard.unwrap().expose(), "yes");
    }
}
