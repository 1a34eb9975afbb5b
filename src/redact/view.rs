//! One utterance as the identifier families see it, and what they report.
//!
//! In:  a transcript and its context. Out: [`View`], read by every family; each adds [`Find`]s.

use jiff::civil::Date;

use crate::listen::RawTranscript;
use crate::placeholder::Label;
use crate::redact::Context;
use crate::redact::asked::{self, Asked};
use crate::redact::late::Lately;
use crate::redact::lexicon;
use crate::redact::number::{self, Group};
use crate::redact::parts::{Part, Without};
use crate::redact::policy::Class;
use crate::redact::spelling::{self, Run};
use crate::redact::token::{self, Token};
use crate::redact::words::Words;

/// An utterance, cut up and counted.
pub(super) struct View<'a> {
    /// The transcript's text.
    pub text: &'a str,
    /// Its tokens.
    pub tokens: Vec<Token>,
    /// Its numbers.
    pub groups: Vec<Group>,
    /// Its chains of numbers and letters.
    pub runs: Vec<Run>,
    /// What had been asked for.
    pub asked: Asked,
    /// What had been asked for some turns ago.
    pub lately: Asked,
    /// The words of the question; empty if unknown.
    pub question: &'a str,
    /// Whether the question was for a reading: a temperature, a weight.
    pub asks_reading: bool,
    /// Today at the clinic.
    pub today: Date,
    /// Whether capitals mean something here: not in all-capitals or title-case text.
    pub capitals_tell: bool,
    /// For every token, the number that it belongs to.
    group_of: Vec<Option<usize>>,
    /// For every token, the chain that begins there.
    run_from: Vec<Option<usize>>,
}

/// A stretch of tokens that a family takes for an identifier.
#[derive(Clone, Debug)]
pub(super) struct Find {
    /// First token.
    pub first: usize,
    /// Last token.
    pub last: usize,
    /// What it is; `None` where the clause is only withheld.
    pub label: Option<Label>,
    /// Its class, by which a level covers or keeps it.
    pub class: Class,
    /// Which rule says so.
    pub rule: &'static str,
    /// The value for the clinic's systems, where the family can tell.
    pub machine: Option<String>,
    /// How much stands behind it.
    pub strength: Strength,
}

/// How much stands behind a find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// Only that the word is unusual: the tagger may take it back, and any other label outranks it.
    Weak,
    /// A cue that also stands beside innocent words, or an answer that may be none.
    Cued,
    /// A shape, a plain cue, or what the call knows.
    Strong,
}

impl<'a> View<'a> {
    /// Cuts up a transcript.
    pub(super) fn new(heard: &'a RawTranscript, context: &Context<'a>, without: Without) -> Self {
        let mut tokens = token::tokens(heard);
        terms(&mut tokens);
        if !without.keeps(Part::Lists) {
            tokens.iter_mut().for_each(|t| t.class = t.class.without_lists());
        }
        let mut groups = number::groups(&tokens);
        let mut runs = spelling::runs(&tokens, &groups);
        if !without.keeps(Part::Grammar) {
            groups.retain(|g| g.literal);
            runs = spelling::runs(&tokens, &groups);
            runs.retain(|r| r.digits > 0);
        }
        let mut group_of = vec![None; tokens.len()];
        for (number, group) in groups.iter().enumerate() {
            for slot in group_of.iter_mut().take(group.last.saturating_add(1)).skip(group.first) {
                *slot = Some(number);
            }
        }
        let mut run_from = vec![None; tokens.len()];
        for (number, run) in runs.iter().enumerate() {
            if let Some(slot) = run_from.get_mut(run.first) {
                *slot = Some(number);
            }
        }
        let small = |t: &&Token| t.class.function && !t.norm.starts_with('i');
        let lower = tokens.iter().filter(small).filter(|t| !t.capital).count();
        let upper = tokens.iter().filter(small).filter(|t| t.capital && !t.first).count();
        let capitals_tell = upper <= lower && heard.expose().contains(char::is_lowercase);
        let state = without.keeps(Part::State);
        let question = if state { context.asked } else { "" };
        let asked = if state { Asked::of(context.expecting, context.asked) } else { Asked::Nothing };
        Self {
            text: heard.expose(),
            tokens,
            groups,
            runs,
            asked,
            lately: context.lately.filter(|_| state).map_or(Asked::Nothing, Lately::asked),
            question,
            asks_reading: asked::is_for_reading(question),
            today: context.today,
            group_of,
            run_from,
            capitals_tell,
        }
    }

    /// The word at a place; "" beyond either end.
    pub(super) fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| t.norm.as_str())
    }

    /// The word `back` places before; "" before the first.
    pub(super) fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |i| self.word(i))
    }

    /// The number that begins exactly here.
    pub(super) fn group_at(&self, at: usize) -> Option<&Group> {
        self.group_around(at).filter(|g| g.first == at)
    }

    /// The number that this token belongs to.
    pub(super) fn group_around(&self, at: usize) -> Option<&Group> {
        let number = (*self.group_of.get(at)?)?;
        self.groups.get(number)
    }

    /// The chain that begins exactly here.
    pub(super) fn run_at(&self, at: usize) -> Option<&Run> {
        let number = (*self.run_from.get(at)?)?;
        self.runs.get(number)
    }

    /// The numbers of a chain, in order.
    pub(super) fn groups_in(&self, run: &Run) -> &[Group] {
        let of = |at: usize| self.group_of.get(at).copied().flatten();
        let Some(from) = (run.first..=run.last).find_map(of) else { return &[] };
        let Some(to) = (run.first..=run.last).rev().find_map(of) else { return &[] };
        self.groups.get(from..=to).unwrap_or_default()
    }

    /// Whether a sentence ends before this token, or the text ends there.
    pub(super) fn breaks_before(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|t| t.first)
    }

    /// Whether a comma or a sentence's end stands before this token.
    pub(super) fn pauses_before(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|t| t.first || t.comma)
    }

    /// The sign right before the token in the text, if any.
    pub(super) fn sign_before(&self, at: usize) -> Option<char> {
        let start = self.tokens.get(at)?.range.start;
        self.text.get(..start)?.chars().next_back()
    }

    /// The last sign before the token, white space left out: "$ 100".
    pub(super) fn mark_before(&self, at: usize) -> Option<char> {
        let start = self.tokens.get(at)?.range.start;
        self.text.get(..start)?.trim_end().chars().next_back()
    }

    /// The sign right after the token in the text, if any.
    pub(super) fn sign_after(&self, at: usize) -> Option<char> {
        let end = self.tokens.get(at)?.range.end;
        self.text.get(end..)?.chars().next()
    }

    /// How many words before `at`, up to `reach` and within the sentence, one of `words` stands; `None` if none does.
    pub(super) fn cue_before(&self, at: usize, reach: usize, words: &Words) -> Option<usize> {
        for back in 1..=reach {
            let here = at.checked_sub(back)?;
            if words.has(self.word(here)) {
                return Some(back);
            }
            // One full stop may stand between the cue and the number ("the number. 555..."), not two.
            if back > 1 && self.breaks_before(here) {
                return None;
            }
        }
        None
    }

    /// Joins the tokens' normal forms with single spaces.
    pub(super) fn joined(&self, first: usize, last: usize) -> String {
        let words = self.tokens.get(first..=last).unwrap_or_default();
        words.iter().map(|t| t.norm.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether the words from `at` on are exactly these.
    pub(super) fn says(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, w)| self.word(at.saturating_add(i)) == *w)
    }
}

/// Marks the words of every term of several words.
fn terms(tokens: &mut [Token]) {
    let mut at = 0;
    while at < tokens.len() {
        let word = |more: usize| {
            let token = tokens.get(at.saturating_add(more))?;
            (more == 0 || !(token.first || token.comma)).then_some(token.norm.as_str())
        };
        let words = lexicon::term_from(word);
        let inside = tokens.iter_mut().skip(at).take(words);
        inside.for_each(|token| token.class = token.class.in_term());
        at = at.saturating_add(words.max(1));
    }
}

impl Find {
    /// A find without a machine form of its own.
    pub(super) fn new(first: usize, last: usize, label: Label, rule: &'static str) -> Self {
        let class = Class::of(label);
        Self { first, last, label: Some(label), class, rule, machine: None, strength: Strength::Strong }
    }

    /// A find that is no identifier of a known kind: the stretch is withheld.
    pub(super) fn withheld(first: usize, last: usize, rule: &'static str) -> Self {
        let class = Class::Unexplained;
        Self { first, last, label: None, class, rule, machine: None, strength: Strength::Strong }
    }

    /// The same, of another class than its label's usual one.
    pub(super) fn class(self, class: Class) -> Self {
        Self { class, ..self }
    }

    /// The same, resting on a cue that also stands beside innocent words.
    pub(super) fn cued(self) -> Self {
        Self { strength: Strength::Cued, ..self }
    }

    /// The same, with little behind it.
    pub(super) fn weak(self) -> Self {
        Self { strength: Strength::Weak, ..self }
    }
}
