//! What the tagger looks at: the word, its neighbours, what the lists say of them, the chain of digits it stands in, and
//! what had just been asked.
//!
//! In:  the view of an utterance. Out: for every token the numbers of its features, hashed into the model's table
//! (feature hashing: Weinberger et al. 2009). The same function feeds training and use, so that they cannot differ.

use crate::redact::asked::Asked;
use crate::redact::lexicon::{self, Class};
use crate::redact::number::is_filler;
use crate::redact::pairs::{self, Tie};
use crate::redact::spelling::Run;
use crate::redact::token::Token;
use crate::redact::view::View;

/// The table has 2 to this power rows.
pub(super) const TABLE_BITS: u32 = 20;

/// So many of the question's last words count.
const QUESTION_WORDS: usize = 10;
/// So many words before a token count, wherever they stand among them.
const BEFORE: usize = 8;
/// The same after it.
const AFTER: usize = 5;

/// What a feature rests on, so that training can hide it now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// On the very word: hidden at times, or the model would learn the names of its examples by heart.
    Word,
    /// On the lists of names and towns: hidden at times, since not every name is on a list.
    Lists,
    /// On everything else.
    Context,
}

/// One feature of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Feature {
    /// Its row of the table.
    pub row: u32,
    /// Which of the templates below made it.
    pub template: u8,
    /// What it rests on.
    pub basis: Basis,
}

impl Feature {
    fn new(basis: Basis, template: u8, parts: &[u64]) -> Self {
        Self { row: row(template, parts), template, basis }
    }
}

/// What a template looks at, for `--explain`.
pub(super) fn name_of(template: u8) -> &'static str {
    match template {
        0 => "how common identifiers are",
        1 => "the word itself",
        2..=4 | 10 => "words before",
        5..=7 | 11 => "words after",
        8 | 9 | 12 => "the word with a neighbour",
        13 => "the kind of word",
        14..=28 => "the kinds of words around",
        30..=37 => "capitals, pauses, place in the utterance",
        38..=48 => "the letters of the word",
        50..=54 => "lists of names",
        55..=59 => "lists of places, streets, states",
        60..=71 => "the chain of digits or letters and what stands beside it",
        80..=87 => "what had been asked",
        100..=108 => "how usual the words are beside each other",
        _ => "words in the neighbourhood",
    }
}

/// One utterance, prepared: every word is hashed once.
pub(super) struct Sight<'v, 'a> {
    view: &'v View<'a>,
    words: Vec<u64>,
    kinds: Vec<u64>,
    coarse: Vec<u64>,
    question: Vec<u64>,
    asked: u64,
    run_of: Vec<Option<usize>>,
    place: Vec<bool>,
    /// How usual each token is after the one before it, fillers left out.
    ties: Vec<u64>,
    frequencies: Vec<u64>,
}

/// What stands before the first word and after the last.
const EDGE: u64 = 0x6564_6765;

impl<'v, 'a> Sight<'v, 'a> {
    /// Prepares the view.
    pub(super) fn new(view: &'v View<'a>) -> Self {
        let mut run_of = vec![None; view.tokens.len()];
        for (number, run) in view.runs.iter().enumerate() {
            for slot in run_of.iter_mut().take(run.last.saturating_add(1)).skip(run.first) {
                *slot = Some(number);
            }
        }
        let question = view.question.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
        let mut question: Vec<u64> = question.map(|w| hash_word(&w.to_lowercase())).collect();
        question.drain(..question.len().saturating_sub(QUESTION_WORDS));
        Self {
            view,
            words: view.tokens.iter().map(|t| hash_word(&t.norm)).collect(),
            kinds: view.tokens.iter().map(kind).collect(),
            coarse: view.tokens.iter().map(|t| coarse(t.class)).collect(),
            question,
            asked: asked_number(view.asked),
            run_of,
            place: places(view),
            ties: (0..view.tokens.len()).map(|at| tied(view, before(view, at), at)).collect(),
            frequencies: view.tokens.iter().map(|t| u64::from(pairs::frequency(&t.norm))).collect(),
        }
    }

    /// Puts the features of the token at `at` into `out`, which is emptied first.
    pub(super) fn features(&self, at: usize, out: &mut Vec<Feature>) {
        out.clear();
        let Some(token) = self.view.tokens.get(at) else { return };
        let mut add = |basis, template, parts: &[u64]| out.push(Feature::new(basis, template, parts));
        let around = |list: &[u64], offset: i64| {
            let place = i64::try_from(at).ok().and_then(|at| usize::try_from(at.saturating_add(offset)).ok());
            place.and_then(|p| list.get(p)).copied().unwrap_or(EDGE)
        };
        let w = |offset| around(&self.words, offset);
        let k = |offset| around(&self.kinds, offset);
        let c = around(&self.coarse, 0);
        let named = if token.class.known { Basis::Context } else { Basis::Lists };
        add(Basis::Context, 0, &[]);
        // The words themselves.
        add(Basis::Word, 1, &[w(0)]);
        for (template, offset) in (2..).zip([-3, -2, -1, 1, 2, 3]) {
            add(Basis::Context, template, &[w(offset)]);
        }
        add(Basis::Word, 8, &[w(-1), w(0)]);
        add(Basis::Word, 9, &[w(0), w(1)]);
        add(Basis::Context, 10, &[w(-2), w(-1)]);
        add(Basis::Context, 11, &[w(1), w(2)]);
        add(Basis::Context, 12, &[w(-1), w(1)]);
        // What kind of words they are.
        add(named, 13, &[k(0)]);
        add(Basis::Context, 14, &[k(-1)]);
        add(Basis::Context, 15, &[k(1)]);
        add(named, 16, &[k(-1), k(0)]);
        add(named, 17, &[k(0), k(1)]);
        add(named, 18, &[k(-1), k(0), k(1)]);
        add(named, 19, &[k(-2), k(-1), k(0)]);
        add(named, 20, &[k(0), k(1), k(2)]);
        add(Basis::Context, 21, &[w(-1), c]);
        add(Basis::Context, 22, &[w(-2), w(-1), c]);
        add(Basis::Context, 23, &[c, w(1)]);
        add(Basis::Context, 24, &[c, w(1), w(2)]);
        add(Basis::Context, 25, &[w(-1), c, w(1)]);
        add(Basis::Context, 26, &[w(-3), w(-2), w(-1), c]);
        add(named, 27, &[k(-2), k(-1), k(0), k(1), k(2)]);
        add(Basis::Context, 28, &[around(&self.coarse, -1), c, around(&self.coarse, 1)]);
        self.appearance(at, token, c, out);
        self.lists(at, token, w(-1), out);
        self.chain(at, c, out);
        self.asked(token, at, c, out);
        self.bags(at, c, out);
        self.ties(at, c, out);
    }

    /// How usual the word is between its neighbours, and they without it.
    fn ties(&self, at: usize, c: u64, out: &mut Vec<Feature>) {
        let mut add = |template, parts: &[u64]| out.push(Feature::new(Basis::Context, template, parts));
        let of = |list: &[u64], at: Option<usize>| at.and_then(|at| list.get(at)).copied().unwrap_or(EDGE);
        let (back, next) = (before(self.view, at), after(self.view, at));
        let (tie, tie_on) = (of(&self.ties, Some(at)), of(&self.ties, next));
        let tie_back = of(&self.ties, back);
        let tie_further = of(&self.ties, next.and_then(|next| after(self.view, next)));
        let across = next.map_or(EDGE, |next| tied(self.view, back, next));
        let frequency = |at| of(&self.frequencies, at);
        let here = frequency(Some(at));
        add(100, &[tie, tie_on, here]);
        add(101, &[tie, tie_on, across, c]);
        add(102, &[tie_back, tie, tie_on, tie_further]);
        add(103, &[tie, here, frequency(back)]);
        add(104, &[tie_on, here, frequency(next)]);
        add(105, &[tie, tie_on, of(&self.words, back)]);
        add(106, &[tie, tie_on, of(&self.words, next)]);
        add(107, &[across, here, tie, tie_on]);
        add(108, &[tie_back, tie, tie_on, tie_further, here, across]);
    }

    /// Capitals, pauses, and the letters of words that are not everyday ones.
    fn appearance(&self, at: usize, token: &Token, c: u64, out: &mut Vec<Feature>) {
        let mut add = |template, parts: &[u64]| out.push(Feature::new(Basis::Context, template, parts));
        let capital = |i: Option<usize>| {
            let token = i.and_then(|i| self.view.tokens.get(i));
            token.map_or(3, |t| u64::from(t.capital) + 2 * u64::from(!self.view.capitals_tell))
        };
        let pause = |i: usize| match self.view.tokens.get(i) {
            None => 0,
            Some(t) if t.first => 1,
            Some(t) if t.comma => 2,
            Some(t) if t.tied.is_some() => 3,
            Some(_) => 4,
        };
        let next = at.saturating_add(1);
        let (here, tell) = (capital(Some(at)), u64::from(self.view.capitals_tell));
        add(30, &[here, pause(at), c]);
        add(31, &[here, capital(at.checked_sub(1)), capital(Some(next)), tell]);
        add(32, &[pause(at), pause(next), c]);
        add(33, &[here, tell, pause(at), self.words.get(next).copied().unwrap_or(EDGE)]);
        let back = at.checked_sub(1).and_then(|i| self.words.get(i)).copied().unwrap_or(EDGE);
        add(34, &[here, tell, pause(at), back]);
        let length = self.view.tokens.len();
        let from_end = length.saturating_sub(next);
        add(35, &[short(at, 3), short(from_end, 3), c]);
        add(36, &[short(length, 12), c]);
        add(37, &[short(at, 1), pause(next), c, here]);
        if token.class.function || token.class.common || !token.class.word {
            return;
        }
        let letters: Vec<u64> = token.norm.chars().map(|l| u64::from(u32::from(l))).collect();
        add(38, &[short(letters.len(), 9), c]);
        for n in 2..=4 {
            let (head, tail) = (letters.get(..n), letters.len().checked_sub(n).and_then(|from| letters.get(from..)));
            for (template, part) in [(40, head), (44, tail)] {
                if let Some(part) = part {
                    out.push(Feature::new(Basis::Context, template, part));
                }
            }
        }
        for three in letters.windows(3) {
            out.push(Feature::new(Basis::Context, 48, three));
        }
    }

    /// How common the word and its neighbours are as names and towns.
    fn lists(&self, at: usize, token: &Token, before: u64, out: &mut Vec<Feature>) {
        let mut add = |template, parts: &[u64]| out.push(Feature::new(Basis::Lists, template, parts));
        let ranks = |i: Option<usize>| {
            let class = i.and_then(|i| self.view.tokens.get(i)).map(|t| t.class).unwrap_or_default();
            u64::from(class.given_rank) + 4 * u64::from(class.family_rank)
        };
        let tier = tier(token.class);
        let next = at.saturating_add(1);
        add(50, &[ranks(Some(at)), tier]);
        add(51, &[ranks(Some(at)), ranks(Some(next)), tier]);
        add(52, &[ranks(at.checked_sub(1)), ranks(Some(at)), tier]);
        add(53, &[u64::from(token.class.given_rank), before]);
        add(54, &[u64::from(token.class.family_rank), before]);
        add(55, &[u64::from(token.class.town_rank), before]);
        let place = u64::from(self.place.get(at).copied().unwrap_or_default());
        add(56, &[u64::from(token.class.town_rank), place, tier]);
        add(57, &[place, before]);
        let street = (1..=4).find(|i| super::super::address::is_suffix(self.view.word(at.saturating_add(*i))));
        add(58, &[street.map_or(0, |i| short(i, 4)), tier]);
        let state = u64::from(super::super::address::is_state(self.view.word(next)));
        add(59, &[state, tier, place]);
    }

    /// The chain of digits or letters that the token stands in, and the words on both sides of it.
    fn chain(&self, at: usize, c: u64, out: &mut Vec<Feature>) {
        let mut add = |template, parts: &[u64]| out.push(Feature::new(Basis::Context, template, parts));
        let Some(run) = self.run_of.get(at).copied().flatten().and_then(|n| self.view.runs.get(n)) else { return };
        let word = |i: Option<usize>| i.and_then(|i| self.words.get(i)).copied().unwrap_or(EDGE);
        let (b1, b2) = (run.first.checked_sub(1), run.first.checked_sub(2));
        let after = run.last.saturating_add(1);
        let unit = u64::from(crate::redact::quantity::is_unit(self.view.word(after)));
        let size = size(run);
        let element = self
            .view
            .group_around(at)
            .map_or(0, |g| 1 + short(g.digits.len(), 6) + 8 * u64::from(g.ordinal) + 16 * u64::from(g.literal));
        add(60, &[size, element]);
        add(61, &[size, word(b1)]);
        add(62, &[size, word(b2), word(b1)]);
        add(63, &[size, word(Some(after))]);
        add(64, &[size, unit, u64::from(run.decimal)]);
        add(65, &[word(b1), word(Some(after)), c]);
        add(66, &[size, self.asked]);
        add(67, &[word(b1), unit, short(run.digits, 5)]);
        add(68, &[word(b2), word(b1), unit]);
        add(69, &[u64::from(at == run.first), u64::from(at == run.last), size, word(b1)]);
        for back in 1..=6 {
            add(70, &[word(run.first.checked_sub(back)), short(run.digits, 5)]);
        }
        let sign = |s: Option<char>| s.map_or(0, |c| u64::from(u32::from(c)));
        add(71, &[sign(self.view.sign_before(run.first)), sign(self.view.sign_after(run.last)), short(run.digits, 5)]);
    }

    /// What had been asked, as a kind and by its words.
    fn asked(&self, token: &Token, at: usize, c: u64, out: &mut Vec<Feature>) {
        let mut add = |template, parts: &[u64]| out.push(Feature::new(Basis::Context, template, parts));
        let length = self.view.tokens.len();
        let before = at.checked_sub(1).and_then(|i| self.words.get(i)).copied().unwrap_or(EDGE);
        add(80, &[self.asked, c]);
        add(81, &[self.asked, short(length, 8), c]);
        add(82, &[self.asked, before]);
        add(83, &[self.asked, before, c]);
        add(84, &[self.asked, short(at, 2), c]);
        add(85, &[self.asked, if token.class.function { hash_word(&token.norm) } else { 1 }]);
        for word in &self.question {
            add(86, &[*word, c]);
        }
        for pair in self.question.windows(2).rev().take(3) {
            add(87, &[pair.first().copied().unwrap_or_default(), pair.last().copied().unwrap_or_default(), c]);
        }
    }

    /// Words in the neighbourhood, wherever they stand in it.
    fn bags(&self, at: usize, c: u64, out: &mut Vec<Feature>) {
        let before = self.words.get(at.saturating_sub(BEFORE)..at).unwrap_or_default();
        let next = at.saturating_add(1);
        let after = self.words.get(next..next.saturating_add(AFTER).min(self.words.len())).unwrap_or_default();
        out.extend(before.iter().map(|word| Feature::new(Basis::Context, 90, &[*word, c])));
        out.extend(after.iter().map(|word| Feature::new(Basis::Context, 91, &[*word, c])));
    }
}

/// The token before this one, fillers left out; `None` where a sentence begins.
fn before(view: &View<'_>, at: usize) -> Option<usize> {
    let mut at = at;
    loop {
        let back = at.checked_sub(1).filter(|_| !view.breaks_before(at))?;
        if !is_filler(view.word(back)) {
            return Some(back);
        }
        at = back;
    }
}

/// The token after this one, fillers left out; `None` where a sentence ends.
fn after(view: &View<'_>, at: usize) -> Option<usize> {
    let mut next = at.saturating_add(1);
    while !view.breaks_before(next) && is_filler(view.word(next)) {
        next = next.saturating_add(1);
    }
    (!view.breaks_before(next)).then_some(next)
}

/// How usual the token `at` is after `before`.
fn tied(view: &View<'_>, before: Option<usize>, at: usize) -> u64 {
    match before.map(|before| pairs::tie(view.word(before), view.word(at))) {
        None => 0,
        Some(Tie::Unknown) => 1,
        Some(Tie::Unusual) => 2,
        Some(Tie::Usual) => 3,
        Some(Tie::Close) => 4,
    }
}

/// Which tokens stand in a place of several words.
fn places(view: &View<'_>) -> Vec<bool> {
    let mut out = vec![false; view.tokens.len()];
    for at in 0..view.tokens.len() {
        if !lexicon::begins_place(view.word(at)) {
            continue;
        }
        let mut words = view.word(at).to_owned();
        for more in 1..lexicon::LONGEST_PLACE {
            words.push(' ');
            words.push_str(view.word(at.saturating_add(more)));
            if lexicon::is_place(&words) {
                out.iter_mut().skip(at).take(more.saturating_add(1)).for_each(|p| *p = true);
            }
        }
    }
    out
}

/// A class of the word fine enough to tell the small words apart, coarse enough to be seen often.
fn kind(token: &Token) -> u64 {
    let class = token.class;
    if class.function && !class.number {
        return hash_word(&token.norm);
    }
    coarse(class) + 64 * (u64::from(class.given_rank.min(2)) + 3 * u64::from(class.family_rank.min(2)))
}

fn coarse(class: Class) -> u64 {
    let listed = u64::from(class.given_rank > 0) + 2 * u64::from(class.family_rank > 0);
    1 + tier(class) + 12 * listed
}

fn tier(class: Class) -> u64 {
    match class {
        Class { number: true, .. } => 0,
        Class { mixed: true, .. } => 1,
        Class { function: true, .. } => 2,
        Class { innocent: true, .. } => 3,
        Class { common: true, .. } => 4,
        Class { known: true, .. } => 5,
        Class { rare: true, .. } => 6,
        Class { word: true, .. } => 7,
        _ => 8,
    }
}

fn size(run: &Run) -> u64 {
    short(run.digits, 12) + 16 * short(run.letters, 6) + 128 * short(run.groups, 6)
}

fn asked_number(asked: Asked) -> u64 {
    match asked {
        Asked::Nothing => 0,
        Asked::Name => 1,
        Asked::Dob => 2,
        Asked::Day => 3,
        Asked::Phone => 4,
        Asked::Address => 5,
        Asked::Id => 6,
        Asked::Email => 7,
        Asked::Age => 8,
        Asked::Card => 9,
    }
}

fn short(count: usize, most: u64) -> u64 {
    u64::try_from(count).unwrap_or(most).min(most)
}

/// FNV-1a. Digits count by how many there are, not by which: no number is learned by heart.
fn hash_word(word: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    word.bytes().fold(start, |h, b| {
        let b = if b.is_ascii_digit() { b'0' } else { b };
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The row of a feature: its template and parts, mixed.
fn row(template: u8, parts: &[u64]) -> u32 {
    let start = u64::from(template).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = parts.iter().fold(start, |h, part| {
        let h = (h ^ part).wrapping_mul(0xff51_afd7_ed55_8ccd);
        (h ^ (h >> 32)).wrapping_mul(0xc4ce_b9fe_1a85_ec53)
    });
    u32::try_from(mixed >> (64 - TABLE_BITS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::tests::view_of;

    #[test]
    fn digits_count_by_their_number_alone() {
        assert_eq!(hash_word("555"), hash_word("123"));
        assert_ne!(hash_word("555"), hash_word("55"));
    }

    #[test]
    fn every_feature_lies_in_the_table_and_depends_on_the_question() {
        let heard = crate::listen::RawTranscript::typed("nineteen sixty two");
        let features = |question: &str| {
            let view = view_of(&heard, question);
            let mut out = Vec::new();
            Sight::new(&view).features(0, &mut out);
            out
        };
        let (bare, asked) = (features(""), features("What is your date of birth?"));
        assert!(bare.iter().chain(&asked).all(|f| f.row < 1 << TABLE_BITS));
        assert_ne!(bare, asked);
    }
}
