//! One text, word by word: nothing passes that is not listed.
//!
//! In:  a text of the caller, a tool, or the box without what is public. Out: nothing, or the first [`Reason`] against
//! it.

use super::Reason;
use crate::placeholder::{Placeholder, WITHHELD};
use crate::vocabulary;

/// The highest counter of a placeholder. Shorter than an identifier: "`[ID_123456789]`" would carry what it should hide.
const MOST_COUNT: u32 = 999;
/// "a" and "i" in a row that are taken for spelling. Stammering gives two or three.
const SPELLED: usize = 4;
/// Words that recognisers print for digits, in a row.
const SOUNDED: usize = 3;
const SOUND_LIKE_DIGITS: [&str; 5] = ["oh", "to", "too", "for", "ate"];

/// Checks a text word by word. `owned`: it stands behind something that was taken out, so it may begin with "'s".
pub(super) fn check_words(text: &str, owned: bool) -> Result<(), Reason> {
    let mut rows = Rows::default();
    let mut rest = text;
    let mut owned = owned;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            '[' => {
                rows.broken();
                placeholder(rest)?
            }
            'a'..='z' | 'A'..='Z' | '\'' | '-' => {
                let end = rest.find(|c: char| !is_of_a_word(c)).unwrap_or(rest.len());
                let (token, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                // What stands directly behind decides first: "don\u{2019}t" is refused for its sign, not for "don".
                if let Some(behind) = after.chars().next().filter(|c| *c != '[' && !is_sign(*c)) {
                    return Err(foreign(behind));
                }
                let token = token.to_ascii_lowercase();
                let own = token.strip_prefix("'s").filter(|rest| owned && !rest.starts_with(char::is_alphabetic));
                check_token(own.unwrap_or(&token), &mut rows)?;
                end
            }
            _ if is_sign(first) => 1,
            _ => return Err(foreign(first)),
        };
        owned = first == '[';
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(())
}

fn is_of_a_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '\'' || c == '-'
}

fn is_sign(c: char) -> bool {
    matches!(c, ' ' | ',' | '.' | '?' | '!' | ';' | ':')
}

/// Why a character that is none of the allowed is refused.
fn foreign(c: char) -> Reason {
    match c {
        ']' => Reason::StrayBracket,
        _ if c.is_numeric() => Reason::Digit,
        _ => Reason::Character,
    }
}

/// The length of the placeholder that the text begins with.
fn placeholder(text: &str) -> Result<usize, Reason> {
    let end = text.find(']').ok_or(Reason::StrayBracket)?.saturating_add(1);
    let whole = text.get(..end).unwrap_or_default();
    if whole != WITHHELD {
        let placeholder: Placeholder = whole.parse().map_err(|_| Reason::StrayBracket)?;
        if placeholder.number > MOST_COUNT {
            return Err(Reason::StrayBracket);
        }
    }
    Ok(end)
}

/// Checks letters with apostrophes and hyphens in them. In a hyphenated word each part is a word of its own, unless the
/// whole is listed.
fn check_token(token: &str, rows: &mut Rows) -> Result<(), Reason> {
    let token = token.trim_matches(['\'', '-']);
    if token.is_empty() {
        return Ok(());
    }
    if vocabulary::contains(token) {
        return rows.next(token);
    }
    for part in token.split('-').filter(|part| !part.is_empty()) {
        if !vocabulary::contains(part) {
            return Err(if part.trim_matches('\'').len() == 1 { Reason::Letter } else { Reason::OffList });
        }
        rows.next(part)?;
    }
    Ok(())
}

/// Listed words that say something off the list when they follow each other.
#[derive(Default)]
struct Rows {
    letters: usize,
    sounds: usize,
    before: String,
    as_in: bool,
}

impl Rows {
    fn next(&mut self, word: &str) -> Result<(), Reason> {
        self.letters = if matches!(word, "a" | "i") { self.letters.saturating_add(1) } else { 0 };
        self.sounds = if SOUND_LIKE_DIGITS.contains(&word) { self.sounds.saturating_add(1) } else { 0 };
        // "as in apple" explains a letter.
        if self.letters >= SPELLED || self.as_in {
            return Err(Reason::Letter);
        }
        if self.sounds >= SOUNDED {
            return Err(Reason::Digit);
        }
        self.as_in = self.before == "as" && word == "in";
        word.clone_into(&mut self.before);
        Ok(())
    }

    fn broken(&mut self) {
        *self = Self::default();
    }
}
