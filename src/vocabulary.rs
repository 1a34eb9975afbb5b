//! The closed vocabulary of clinic conversation: the only words of a caller that may leave.
//!
//! In:  one word; or, in anteroomd, a redacted text before it is offered ([`withhold`]).
//! Out: whether the word is listed; or the text with its other words withheld, or nothing where too many were.
//! The list names nobody: no names, places, months, days, numbers or letters, but for the words that the tests at the
//! foot of this file list with a reason. `airlock::check` reads the same list with code of its own. How the list was
//! made and what it costs is in docs/vocabulary.md.

use std::collections::HashSet;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::placeholder::{self, WITHHELD};

/// The list's name. Changes whenever the list does.
pub const ID: &str = "clinic-1";

const TEXT: &str = include_str!("vocabulary/words.txt");

static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| TEXT.lines().collect());
static HASH: LazyLock<String> =
    LazyLock::new(|| Sha256::digest(TEXT).iter().map(|byte| format!("{byte:02x}")).collect());

/// Whether a lower-case word is listed, as it stands or as the owner of something ("doctor's").
#[must_use]
pub fn contains(word: &str) -> bool {
    // "a's" and "i's" are spelled letters, hence the length.
    WORDS.contains(word) || word.strip_suffix("'s").is_some_and(|owner| owner.len() > 1 && WORDS.contains(owner))
}

/// The SHA-256 of the list's bytes, in hexadecimal: says in the record by which list a request was checked.
#[must_use]
pub fn sha256() -> &'static str {
    &HASH
}

/// How many words are listed.
#[must_use]
pub fn len() -> usize {
    WORDS.len()
}

/// What of a redacted text may be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it, unchanged.
    Whole,
    /// This text, in which so many words were replaced by `[WITHHELD]`. 0 where only signs and spaces were changed.
    Partly(String, usize),
    /// None: so much is off the list that redaction can not be trusted here, or nothing useful would be left.
    Nothing,
}

/// Gaps that a text may have; more make a turn that no model understands. Of 1,557 harmless turns that nobody read, 3
/// gaps keep 89 of 100, 4 keep 90, 6 no more.
const MOST_GAPS: usize = 4;
/// Numbers in a row that are one gap: "twenty five milligrams". Longer rows are identifiers that redaction missed.
const MOST_NUMBERS: usize = 3;
/// "a" and "i" in a row, from which on something is being spelled. Stammering gives two or three.
const SPELLED: usize = 4;
/// Words that recognisers print for digits ("four two oh"), in a row. None of 7,489 measured turns has three.
const SOUNDED: usize = 3;
const SOUND_LIKE_DIGITS: &[&str] = &["oh", "to", "too", "for", "ate"];

/// Withholds what is off the list, word by word. Placeholders stay.
///
/// Two words in a row that are off the list make [`Outcome::Nothing`], unless both are numbers: a name and a surname, a
/// house and its street look like that when redaction misses them, and their neighbours would tell of them. So do more
/// withheld words than listed ones, and words of the list that sound like letters or digits in a row.
#[must_use]
pub fn withhold(text: &str) -> Outcome {
    let mut pieces = pieces(text);
    withhold_spelling(&mut pieces);
    if spells(&pieces) {
        return Outcome::Nothing;
    }
    let (mut gaps, mut withheld, mut listed) = (0_usize, 0_usize, 0_usize);
    let mut out: Vec<&Piece> = Vec::with_capacity(pieces.len());
    // Words of the present gap, and how many of them are numbers.
    let mut gap = (0_usize, 0_usize);
    for piece in &pieces {
        match piece.kind {
            Kind::Off | Kind::Number => {
                withheld = withheld.saturating_add(1);
                let numbers = gap.1.saturating_add(usize::from(piece.kind == Kind::Number));
                gap = (gap.0.saturating_add(1), numbers);
                if gap.0 == 1 {
                    gaps = gaps.saturating_add(1);
                } else if gap.1 < gap.0 || gap.0 > MOST_NUMBERS {
                    return Outcome::Nothing;
                } else {
                    // One gap is one placeholder: how many words a number had is nobody's business.
                    out.pop();
                }
            }
            Kind::Listed => {
                listed = listed.saturating_add(1);
                gap = (0, 0);
            }
            Kind::Placeholder => gap = (0, 0),
            Kind::Sign => {}
        }
        out.push(piece);
    }
    if gaps > MOST_GAPS || withheld > listed {
        return Outcome::Nothing;
    }
    let mut left = String::with_capacity(text.len());
    for piece in out {
        if piece.apart && !left.is_empty() {
            left.push(' ');
        }
        left.push_str(&piece.leaves);
    }
    if left == text { Outcome::Whole } else { Outcome::Partly(left, withheld) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Placeholder,
    Listed,
    Number,
    Off,
    /// No letter or digit in it.
    Sign,
}

/// What stands between two spaces, or a placeholder.
#[derive(Debug)]
struct Piece {
    kind: Kind,
    /// The word in lower case, without the signs around it.
    word: String,
    /// What may leave of it.
    leaves: String,
    /// Whether a space stood before it.
    apart: bool,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut apart = false;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            apart = true;
            rest = rest.trim_start();
            continue;
        }
        let length = placeholder_at(rest);
        let end = length.unwrap_or_else(|| end_of_word(rest));
        let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if length.is_some() {
            out.push(Piece { kind: Kind::Placeholder, word: String::new(), leaves: piece.to_owned(), apart });
        } else {
            let owned = !apart && out.last().is_some_and(|last| last.kind == Kind::Placeholder);
            read(piece, owned, apart, &mut out);
        }
        apart = false;
        rest = after;
    }
    out
}

/// The length of the placeholder that the text begins with.
fn placeholder_at(text: &str) -> Option<usize> {
    let end = text.find(']')?.saturating_add(1);
    let whole = text.get(..end)?;
    (whole == WITHHELD || whole.parse::<placeholder::Placeholder>().is_ok()).then_some(end)
}

fn end_of_word(text: &str) -> usize {
    let ends = |(at, c): &(usize, char)| {
        c.is_whitespace()
            || (*at > 0 && *c == '[' && text.get(*at..).is_some_and(|rest| placeholder_at(rest).is_some()))
    };
    text.char_indices().find(ends).map_or(text.len(), |(at, _)| at)
}

/// Reads one word with the signs around it. `owned`: it is glued to a placeholder, so it may be its "'s".
fn read(word: &str, owned: bool, mut apart: bool, out: &mut Vec<Piece>) {
    let mut word = word.replace('\u{2019}', "'");
    if let Some(after) = word.strip_prefix("'s").filter(|after| owned && !after.starts_with(char::is_alphanumeric)) {
        let after = after.to_owned();
        out.push(Piece { kind: Kind::Sign, word: String::new(), leaves: "'s".to_owned(), apart });
        if after.is_empty() {
            return;
        }
        // A word behind it, in quotation marks that stay here, is a word of its own.
        apart |= after.contains(char::is_alphanumeric);
        word = after;
    }
    let core = word.trim_matches(|c: char| !c.is_alphanumeric());
    let (before, after) = word.split_once(core).filter(|_| !core.is_empty()).unwrap_or((&word, ""));
    let signs = |text: &str| text.chars().filter(|c| SIGNS.contains(*c)).collect::<String>();
    let lower = core.to_lowercase();
    let kind = match core {
        "" => Kind::Sign,
        _ if core.is_ascii() && lower.split([',', '.', '?', '!', ';', ':']).all(is_listed) => Kind::Listed,
        _ if is_number(&lower) => Kind::Number,
        _ => Kind::Off,
    };
    let shown = if kind == Kind::Listed { core } else { "" };
    let shown = if matches!(kind, Kind::Off | Kind::Number) { WITHHELD } else { shown };
    let leaves = [&signs(before), shown, &signs(after)].concat();
    if kind != Kind::Sign || !leaves.is_empty() {
        out.push(Piece { kind, word: lower, leaves, apart });
    }
}

/// Signs that may leave beside a word.
const SIGNS: &str = ",.?!;:-'";

/// Whether the word is listed whole, or each part of it between hyphens.
fn is_listed(word: &str) -> bool {
    let word = word.trim_matches(['-', '\'']);
    contains(word) || (word.contains('-') && word.split('-').all(|part| part.is_empty() || contains(part)))
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) || word.split('-').all(|part| NUMBERS.contains(&part))
}

/// Numbers as they are spoken: what makes a row of withheld words one gap. None of them is listed but "oh".
const NUMBERS: &[&str] = &[
    "zero",
    "oh",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "million",
    "half",
    "quarter",
    "first",
    "second",
    "third",
];

/// Withholds the words that letters are explained by: "m for mother", "as in apple". One by one they are harmless;
/// after each other they spell a name.
fn withhold_spelling(pieces: &mut [Piece]) {
    let word = |at: usize| pieces.get(at).map_or("", |piece| piece.word.as_str());
    let is_letter = |at: usize| pieces.get(at).is_some_and(|p| p.kind == Kind::Off && p.word.chars().count() == 1);
    let explains = |at: &usize| {
        let two_before = at.checked_sub(2);
        let one_before = at.checked_sub(1).map_or("", word);
        two_before.is_some_and(|two| {
            (word(two) == "as" && one_before == "in")
                || (is_letter(two) && matches!(one_before, "for" | "like" | "in" | "as"))
        })
    };
    let found: Vec<usize> = (0..pieces.len()).filter(explains).collect();
    for at in found {
        if let Some(piece) = pieces.get_mut(at).filter(|piece| piece.kind == Kind::Listed && piece.word != "in") {
            piece.kind = Kind::Off;
            piece.leaves = WITHHELD.to_owned();
        }
    }
}

/// Whether listed words in a row sound like letters or digits, or explain a letter although they are glued together.
fn spells(pieces: &[Piece]) -> bool {
    let mut said: Vec<&str> = Vec::new();
    for piece in pieces.iter().filter(|piece| piece.kind != Kind::Sign) {
        // What is withheld ends a row, as a placeholder does.
        let word = if piece.kind == Kind::Listed { piece.word.as_str() } else { "" };
        said.extend(word.split(|c: char| !c.is_ascii_alphabetic() && c != '\''));
    }
    let in_a_row = |among: &[&str], most: usize| said.windows(most).any(|row| row.iter().all(|w| among.contains(w)));
    let explained = said.windows(3).any(|row| matches!(row, ["as", "in", word] if !word.is_empty()));
    in_a_row(&["a", "i"], SPELLED) || in_a_row(SOUND_LIKE_DIGITS, SOUNDED) || explained
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of the list that are names as well, and why they stay. Redaction decides over them by what stands around.
    const NAMES_THAT_STAY: &[(&str, &str)] = &[
        (
            "add ah an arent as back best born call can case clear close come daily date day deep do early else
                ever fine fix free general good guess hang heard held her high in large lay less little long lot low
                made many means miss more my new normal odd oh ok over per place quick ran read real reason register
                run sad said see self side skip small so soon still straight theres till too true us way welcome
                were will word",
            "sentences are made of them; without them no turn passes",
        ),
        (
            "baby bend bitten blood blue bone bones brace brain cheek chin colon constant counts doc doctor drain
                dye fall falls foot hair hand harm head hurt infant kidney lice light parent pink prior rash red
                rounds runny sample season sharp shin short shorter sides stock strain strong sweat treat wash",
            "the body, illness and treatment: what callers ring about",
        ),
        (
            "age bills blank book brothers card child coffee company cousins driver english fee floor friend
                house job line male money neighbors numbers owe person pounds press sister son street tea valid
                weeks younger",
            "family, insurance, payment and the telephone",
        ),
    ];

    /// Names of people and places that are ordinary words too: any given name, the 6,000 commonest family names of the
    /// United States, towns. Each of the rarer family names is borne by fewer than 1 in 50,000.
    fn is_a_name(word: &str) -> bool {
        static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
            let given = include_str!("redact/lists/names.txt").lines().map(|line| &line[1..]);
            let places = include_str!("redact/lists/places.txt").lines();
            let ranked = include_str!("redact/lists/ranks.txt").lines().filter(|line| {
                let ranks = line.as_bytes();
                ranks[0] > b'0' || ranks[1] > b'1' || ranks[2] > b'0'
            });
            given.chain(places).chain(ranked.map(|line| &line[3..])).collect()
        });
        NAMES.contains(word)
    }

    #[test]
    fn the_list_is_sorted_and_of_plain_words() {
        let words: Vec<&str> = TEXT.lines().collect();
        assert!(words.windows(2).all(|pair| pair[0] < pair[1]), "sorted by bytes, each once");
        assert!(TEXT.ends_with('\n') && !TEXT.ends_with("\n\n"));
        for word in &words {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'\'' || b == b'-'), "{word}");
            assert!(word.len() > 1 || matches!(*word, "a" | "i"), "a single letter: {word}");
            assert!(word.len() <= 24 && !word.starts_with(['-', '\'']) && !word.ends_with(['-', '\'']), "{word}");
        }
        assert_eq!(len(), words.len());
        assert!((1_500..4_000).contains(&len()));
    }

    #[test]
    fn no_number_day_month_letter_name_or_alphabet_is_listed() {
        let off =
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
            seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred
            hundreds thousand thousands million millions billion dozen double triple first second third fourth fifth
            sixth seventh eighth ninth tenth eleventh twelfth thirteenth twentieth thirtieth ones twos threes fours
            fives half halves quarter quarters single pair tens twenties thirties forties fifties sixties seventies
            eighties nineties nil nought naught teen teens won monday tuesday wednesday thursday friday saturday
            sunday mondays fridays mon tue tues wed weds thu thur thurs fri sat sun january february march april may
            june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
            today tonight tomorrow yesterday christmas thanksgiving easter halloween spring summer autumn winter bee
            cee dee ee eff gee aitch jay kay el em en pea cue queue ess ex zee zed dot dash hyphen underscore slash
            alpha bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar
            papa quebec romeo sierra tango uniform victor whiskey whisky yankee zulu ii iii iv vi vii viii ix xi xii
            xiii xiv xv xvi xix xx xxi";
        for word in off.split_whitespace() {
            assert!(!contains(word), "{word}");
        }
        // Every word of NUMBERS but the interjection, so that a row of them never leaves.
        assert!(NUMBERS.iter().all(|word| *word == "oh" || !contains(word)));
    }

    #[test]
    fn a_listed_word_that_is_a_name_is_one_of_those_that_stay() {
        let stay: HashSet<&str> = NAMES_THAT_STAY.iter().flat_map(|(words, _)| words.split_whitespace()).collect();
        let names: Vec<&str> = TEXT.lines().filter(|word| is_a_name(word) && !stay.contains(word)).collect();
        assert!(names.is_empty(), "names: {names:?}");
        let idle: Vec<&&str> = stay.iter().filter(|word| !is_a_name(word) || !WORDS.contains(**word)).collect();
        assert!(idle.is_empty(), "no exception needed: {idle:?}");
    }

    #[test]
    fn common_names_and_places_are_off_the_list() {
        let off = "may mark rose grace hope bill young white black brown green baker smith jordan austin park
            church main hill lake nice reading page king john mary maria jose ana kim lee tran jack frank ray dawn joy
            faith summer";
        for word in off.split_whitespace() {
            assert!(!contains(word), "{word}");
        }
    }

    #[test]
    fn contractions_are_listed_as_written_and_as_recognisers_print_them() {
        for word in ["don't", "dont", "i'm", "im", "it's", "its", "they're", "theyre", "doctor's", "won't", "wont"] {
            assert!(contains(word), "{word}");
        }
        for word in ["a's", "i's", "'s", "s", "o'brien", "mary's", "", "'", "-"] {
            assert!(!contains(word), "{word}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_list() {
        assert_eq!(sha256().len(), 64);
        assert_eq!(
            sha256(),
            "5e7c53f172c5b01e1235630a2e4572b2a7ab1e08d869c3b934af4fed7cea1e1a",
            "the list has changed: give it a new id"
        );
        assert_eq!(ID, "clinic-1");
    }

    #[test]
    fn listed_words_and_placeholders_leave_whole() {
        for text in [
            "",
            "I need to see [NAME_1], please.",
            "[NAME_1]'s appointment",
            "it is [WITHHELD] for me",
            "a follow-up, and an x-ray",
            "yes,please",
        ] {
            assert_eq!(withhold(text), Outcome::Whole, "{text}");
        }
    }

    #[test]
    fn a_word_off_the_list_is_withheld_and_the_rest_leaves() {
        let partly = |text: &str, count| Outcome::Partly(text.to_owned(), count);
        assert_eq!(withhold("i spoke to lopez, on the phone"), partly("i spoke to [WITHHELD], on the phone", 1));
        assert_eq!(withhold("it was O’Brien’s turn"), partly("it was [WITHHELD] turn", 1));
        assert_eq!(withhold("i take twenty five milligrams"), partly("i take [WITHHELD] milligrams", 2));
        assert_eq!(withhold("it is  (really) bad…"), partly("it is really bad", 0));
        assert_eq!(withhold("I don’t know"), partly("I don't know", 0));
        assert_eq!(withhold("it is [NAME_1]’s“so”, i need"), partly("it is [NAME_1]'s so, i need", 0));
        assert_eq!(withhold("my name is lopez[NAME_1] you see"), partly("my name is [WITHHELD][NAME_1] you see", 1));
        assert_eq!(withhold("the dose is 2.5mg i think"), partly("the dose is [WITHHELD] i think", 1));
    }

    #[test]
    fn rows_of_words_off_the_list_keep_the_turn_back() {
        for text in [
            "my name is mary lopez and i need a refill",
            "i live on elm, springfield, thank you very much",
            "you can call me at five one two five please and thank you",
            "lopez",
            "the lopez or the elm or the garcia or the smith or the jones you know it is all the same",
            "it is a i a i for you",
            "the code is oh to for thank you",
            "Мария",
        ] {
            assert_eq!(withhold(text), Outcome::Nothing, "{text}");
        }
    }

    #[test]
    fn words_that_explain_letters_are_withheld_with_them() {
        assert_eq!(
            withhold("it is m as in mother you know and that is all"),
            Outcome::Partly("it is [WITHHELD] as in [WITHHELD] you know and that is all".to_owned(), 2)
        );
        assert_eq!(
            withhold("well that is b for bed you know"),
            Outcome::Partly("well that is [WITHHELD] for [WITHHELD] you know".to_owned(), 2)
        );
    }
}
