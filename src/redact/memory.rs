//! What the call already knows: a value of the vault is covered wherever it recurs, exact, misheard or spelled.
//!
//! In:  the view and the vault. Out: finds under the value's own label.

use std::collections::HashMap;

use crate::placeholder::Label;
use crate::redact::lexicon;
use crate::redact::vault::Vault;
use crate::redact::view::{Find, View};

/// So many digits of a known number give it away when they are said alone ("the last part is ...").
const TELLING_DIGITS: usize = 3;

/// Finds known values.
pub(super) fn find(view: &View<'_>, vault: &Vault, finds: &mut Vec<Find>) {
    let known = Known::of(vault);
    for (at, token) in view.tokens.iter().enumerate() {
        let word = token.norm.strip_suffix("'s").unwrap_or(&token.norm);
        if let Some(label) = known.word(word, token.class.common) {
            finds.push(Find::new(at, at, label, "known in this call"));
        }
    }
    for run in &view.runs {
        let digits: String = run.code.chars().filter(char::is_ascii_digit).collect();
        let number = known.numbers.iter().find(|(known, _)| {
            digits.len() >= TELLING_DIGITS
                && (known.contains(&digits) || (known.len() >= TELLING_DIGITS && digits.contains(known.as_str())))
        });
        let spelled = known.words.get(run.code.as_str()).copied().filter(|_| run.letters > 1);
        if let Some(label) = number.map(|(_, label)| *label).or(spelled) {
            finds.push(Find::new(run.first, run.last, label, "known in this call"));
        }
    }
}

struct Known {
    words: HashMap<String, Label>,
    numbers: Vec<(String, Label)>,
}

impl Known {
    fn of(vault: &Vault) -> Self {
        let mut known = Self { words: HashMap::new(), numbers: Vec::new() };
        for entry in vault.entries() {
            let label = entry.placeholder.label;
            let digits: String = entry.machine.expose().chars().filter(char::is_ascii_digit).collect();
            let number = matches!(label, Label::Phone | Label::Id);
            if number && digits.len() >= TELLING_DIGITS {
                known.numbers.push((digits, label));
            }
            if !matches!(label, Label::Name | Label::Patient | Label::Address | Label::OrgEmployer | Label::Email) {
                continue;
            }
            let both = [entry.machine.expose(), entry.spoken.expose()];
            for word in both.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '\'')) {
                let word = super::token::normal(word);
                let class = lexicon::class(&word);
                // A known "may" or "will" would cover half of all speech; a name is told by its other part.
                if word.chars().count() > 1 && !class.function && (!class.common || class.given) && !class.number {
                    known.words.insert(word, if label == Label::Patient { Label::Name } else { label });
                }
            }
        }
        known
    }

    /// The label of a known word, or of one that is a slip of the ear away from it.
    fn word(&self, word: &str, common: bool) -> Option<Label> {
        /// Shorter words have too many neighbours.
        const SHORTEST_FUZZY: usize = 5;
        /// Every call has fewer words to remember; the bound keeps the work linear.
        const MOST_FUZZY: usize = 2000;
        if let Some(label) = self.words.get(word) {
            return Some(*label);
        }
        // "party" is not a misheard "marty".
        if common || self.words.len() > MOST_FUZZY || word.chars().count() < SHORTEST_FUZZY {
            return None;
        }
        let near = |known: &str| known.chars().count() >= SHORTEST_FUZZY && is_one_apart(known, word);
        self.words.iter().find(|(known, _)| near(known)).map(|(_, label)| *label)
    }
}

/// Whether one letter added, lost or changed makes the words equal.
fn is_one_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let longer = a.len().max(b.len());
    head.saturating_add(tail) >= longer.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_apart_is_near() {
        assert!(is_one_apart("lopez", "lopes") && is_one_apart("garcia", "garca") && is_one_apart("smith", "smiths"));
        assert!(!is_one_apart("lopez", "lotus") && !is_one_apart("garcia", "marcie"));
    }
}
