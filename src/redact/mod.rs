//! Takes what identifies a person out of the words.
//!
//! In:  a [`RawTranscript`], what the box had asked for, and the call's [`Vault`].
//! Out: an [`Outcome`]: [`Redacted`] text in which every identifier is a placeholder, and the values in the vault.
//! When in doubt it covers more; when it fails, the whole clause is withheld. It never reads a clock or the network.

mod address;
mod age;
mod alternative;
mod answered;
mod asked;
mod calendar;
mod card;
mod clock_time;
mod complete;
mod cover;
mod cue;
mod date;
mod doubt;
mod email;
mod employer;
mod expecting;
mod id;
mod ip;
mod judge;
mod late;
mod lexicon;
mod memory;
mod name;
mod narrow;
mod number;
mod other;
mod pairs;
pub mod parts;
mod phone;
mod piece;
mod place;
pub mod policy;
mod quantity;
pub mod restore;
mod spelling;
pub mod spill;
pub mod tagger;
mod token;
mod url;
pub mod vault;
mod view;
mod words;
mod year;

use std::fmt;

use crate::config::levels::Level;
use crate::expect::Expecting;
use crate::listen::RawTranscript;
use crate::placeholder::{Label, Placeholder, WITHHELD};
use crate::redact::asked::Asked;
use crate::redact::cover::Cover;
use crate::redact::number::is_filler;
use crate::redact::parts::{Part, Without};
use crate::redact::tagger::Score;
use crate::redact::view::{Find, View};
use crate::secret::Secret;
use crate::vocabulary::{self, Outcome as Kept};
use crate::wire::tool::IdentityLevel;
use crate::wire::{Door, Loaded, MayGoTo};

pub use card::{Card, card};
pub use late::Lately;
pub use restore::{ClinicText, RestoreError};
pub use vault::{Entry, Source, Vault};

/// Text without identifiers: placeholders stand in their place. The only text that may go to the airlock.
///
/// Nothing but redaction makes one:
/// ```compile_fail
/// let redacted = anteroom::redact::Redacted::from("i am mary lopez".to_owned());
/// ```
/// It may be read, since there is nothing in it to protect:
/// ```
/// fn length(redacted: &anteroom::redact::Redacted) -> usize { redacted.as_str().len() }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Redacted(String);

impl Redacted {
    /// The text, placeholders in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What of it may leave the building: the placeholders and the words of the closed vocabulary, a single other word kept
    /// back. `None` where so much would be kept back that the rest is not worth asking about.
    #[must_use]
    pub fn leaving(&self) -> Option<Self> {
        match vocabulary::withhold(&self.0) {
            Kept::Whole => Some(self.clone()),
            Kept::Partly(text, _) => Some(Self(text)),
            Kept::Nothing => None,
        }
    }

    /// A text that a test declares to be redacted.
    #[cfg(test)]
    pub(crate) fn in_a_test(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redacted({} bytes)", self.0.len())
    }
}

impl<D: Door> MayGoTo<D> for Redacted {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.0.clone()))
    }
}

/// What redaction may know besides the words.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// What the box had asked for.
    pub expecting: Expecting,
    /// What the box had said last, with placeholders in the place of values; empty if unknown.
    pub asked: &'a str,
    /// An identity question of the turns before.
    pub lately: Option<Lately>,
    /// Today in the clinic's time zone, so that "tomorrow" can be resolved.
    pub today: jiff::civil::Date,
    /// How much is covered, by where the words go.
    pub level: Level,
}

/// One stretch that was covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Byte range in the transcript's text.
    pub range: std::ops::Range<usize>,
    /// What it was taken for; `None` where a clause was withheld.
    pub label: Option<Label>,
    /// Which rule covered it, for `--explain`.
    pub rule: &'static str,
}

/// An answer to what the box had asked for, taken up locally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captured {
    /// What had been asked for.
    pub expecting: Expecting,
    /// Where the value is.
    pub placeholder: Placeholder,
    /// Whether the value is whole (a full date, ten digits), not a part that the caller will continue.
    pub complete: bool,
}

/// What redaction made of one transcript.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What may leave.
    pub text: Redacted,
    /// What was covered, in order, without overlaps.
    pub spans: Vec<Span>,
    /// The answer to what had been asked for, if there was one.
    pub captured: Option<Captured>,
}

/// Takes the identifiers out of `heard` and puts their values into `vault`.
#[must_use]
pub fn redact(heard: &RawTranscript, context: &Context<'_>, vault: &mut Vault) -> Outcome {
    redact_without(Without::NOTHING, heard, context, vault)
}

/// The same with some parts left out: to measure what they add, never on a call.
#[must_use]
pub fn redact_without(without: Without, heard: &RawTranscript, context: &Context<'_>, vault: &mut Vault) -> Outcome {
    if heard.expose().len() > doubt::LONGEST_TEXT {
        return withheld(heard, "too long");
    }
    let view = View::new(heard, context, without);
    if context.expecting.is_identity()
        && let Some(answer) = expecting::answer(&view, context.expecting)
    {
        return captured(heard, context.expecting, answer, vault);
    }
    let complete = without.keeps(Part::Completion);
    if let Some(reason) = doubt::withholds_all(heard, &view).filter(|_| complete) {
        return withheld(heard, reason);
    }
    let (mut finds, scores) = detect(&view, context, without, vault);
    if complete {
        alternative::find(&view, heard, context, vault, &mut finds);
        complete::complete(&view, &scores, &mut finds);
        other::find(&view, &cover::covered(&view, &finds), &mut finds);
        doubt::to_clauses(&view, &mut finds);
    }
    if context.expecting.is_identity() {
        caution(&view, &mut finds);
    }
    if finds.len() > MOST_FINDS {
        return withheld(heard, "too much to cover");
    }
    let level = policy::level_of(context);
    assemble(heard, context.expecting, &view, &cover::union(&view, &finds, level, complete), vault)
}

/// What all detectors find, nothing completed yet, and the tagger's scores (none if it is left out).
fn detect(view: &View<'_>, context: &Context<'_>, without: Without, vault: &Vault) -> (Vec<Find>, Vec<Score>) {
    let mut finds = Vec::new();
    for (_, family) in FAMILIES.iter().filter(|(part, _)| without.keeps(*part)) {
        family(view, &mut finds);
    }
    if without.keeps(Part::Memory) {
        memory::find(view, vault, &mut finds);
    }
    if context.expecting == Expecting::Date {
        finds.extend(expecting::appointment(view));
    }
    if without.keeps(Part::State) {
        late::find(view, &mut finds);
    }
    let level = policy::level_of(context);
    narrow::find(view, level, &cover::covered(view, &finds), &mut finds);
    let mut scores = Vec::new();
    if without.keeps(Part::Tagger) {
        scores = tagger::scores(view);
        judge::release(&scores, &mut finds);
        // "why do you need that", "a person please": no answer, whatever the tagger suspects behind a question.
        let grey = without.keeps(Part::Completion) && !(view.asked != Asked::Nothing && expecting::is_no_answer(view));
        judge::add(view, &scores, &cover::covered(view, &finds), grey, &mut finds);
    }
    (finds, scores)
}

/// For a span that the tagger covered: what spoke for it, the weightiest first. Names kinds of evidence, never words.
#[must_use]
pub fn reasons(heard: &RawTranscript, context: &Context<'_>, span: &Span) -> Vec<(&'static str, f32)> {
    if !judge::is_tagged(span.rule) {
        return Vec::new();
    }
    let view = View::new(heard, context, Without::NOTHING);
    let inside = |t: &&token::Token| span.range.start <= t.range.start && t.range.end <= span.range.end;
    let first = view.tokens.iter().position(|t| inside(&t));
    let last = view.tokens.iter().rposition(|t| inside(&t));
    first.zip(last).map(|(first, last)| tagger::reasons(&view, first, last, span.label)).unwrap_or_default()
}

/// Takes the identifiers out of a text that is no caller's speech: free text of a tool's result.
#[must_use]
pub fn redact_text(text: &str, context: &Context<'_>, vault: &mut Vault) -> Outcome {
    // Nobody asked for it: what the box expects of the caller says nothing about it.
    let context = Context { expecting: Expecting::Anything, asked: "", lately: None, ..context.clone() };
    redact(&RawTranscript::typed(text), &context, vault)
}

/// No utterance holds more identifiers; beyond it, the whole is withheld, which also bounds the work.
const MOST_FINDS: usize = 4000;

type Family = fn(&View<'_>, &mut Vec<Find>);

/// One recogniser for each kind of identifier, and one for the pieces of numbers; their order decides nothing.
const FAMILIES: [(Part, Family); 14] = [
    (Part::Answered, answered::find),
    (Part::Name, name::find),
    (Part::Date, date::find),
    (Part::ClockTime, clock_time::find),
    (Part::Phone, phone::find),
    (Part::Address, address::find),
    (Part::Place, place::find),
    (Part::Email, email::find),
    (Part::Id, id::find),
    (Part::Id, piece::find),
    (Part::Age, age::find),
    (Part::Url, url::find),
    (Part::Ip, ip::find),
    (Part::Employer, employer::find),
];

fn withheld(heard: &RawTranscript, rule: &'static str) -> Outcome {
    let spans = vec![Span { range: 0..heard.expose().len(), label: None, rule }];
    Outcome { text: Redacted(WITHHELD.to_owned()), spans, captured: None }
}

/// The whole utterance was the answer: only its placeholder leaves.
fn captured(heard: &RawTranscript, expecting: Expecting, answer: expecting::Answer, vault: &mut Vault) -> Outcome {
    let known = if expecting == (Expecting::Name { spelled: true }) { known_name(&answer, vault) } else { None };
    let (spoken, machine) = known.unwrap_or((Secret::new(answer.spoken), Secret::new(answer.machine)));
    let placeholder = vault.keep(answer.label, spoken, machine, Source::Caller, IdentityLevel::Unknown);
    let rule = "answer to an identity question";
    Outcome {
        text: Redacted(placeholder.to_string()),
        spans: vec![Span { range: 0..heard.expose().len(), label: Some(answer.label), rule }],
        captured: Some(Captured { expecting, placeholder, complete: answer.complete }),
    }
}

/// A name that was spelled has no spaces in it: where the call knows a name of the very same letters, that is the name.
fn known_name(answer: &expecting::Answer, vault: &Vault) -> Option<(Secret, Secret)> {
    let letters =
        |name: &str| -> String { name.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect() };
    let spelled = letters(&answer.machine);
    let same = |entry: &&Entry| {
        entry.placeholder.label == Label::Name && !spelled.is_empty() && letters(entry.machine.expose()) == spelled
    };
    vault.entries().iter().find(same).map(|entry| (entry.spoken.clone(), entry.machine.clone()))
}

/// After an identity question, whatever is not an everyday word may be part of the answer.
fn caution(view: &View<'_>, finds: &mut Vec<Find>) {
    for (at, token) in view.tokens.iter().enumerate() {
        if !token.class.common && !token.class.innocent && !is_filler(&token.norm) {
            let rule = "unusual word after an identity question";
            finds.push(Find::withheld(at, at, rule));
        }
    }
}

fn assemble(
    heard: &RawTranscript,
    expecting: Expecting,
    view: &View<'_>,
    covers: &[Cover],
    vault: &mut Vault,
) -> Outcome {
    let text = heard.expose();
    let mut out = String::with_capacity(text.len());
    let mut spans = Vec::with_capacity(covers.len());
    let mut captured = None;
    let mut end = 0;
    for cover in covers {
        let start = view.tokens.get(cover.first).map_or(text.len(), |t| t.range.start);
        let stop = view.tokens.get(cover.last).map_or(text.len(), |t| t.range.end);
        push_plain(&mut out, text.get(end..start).unwrap_or_default());
        match cover.label {
            Some(label) => {
                let spoken = Secret::new(text.get(start..stop).unwrap_or_default());
                let machine = Secret::new(cover.machine.as_str());
                let placeholder = vault.keep(label, spoken, machine, Source::Caller, IdentityLevel::Unknown);
                out.push_str(&placeholder.to_string());
                if cover.rule == expecting::APPOINTMENT {
                    captured = Some(Captured { expecting, placeholder, complete: true });
                }
            }
            None => out.push_str(WITHHELD),
        }
        spans.push(Span { range: start..stop, label: cover.label, rule: cover.rule });
        end = stop;
    }
    push_plain(&mut out, text.get(end..).unwrap_or_default());
    Outcome { text: Redacted(out), spans, captured }
}

/// Copies what nobody covered. Brackets become parentheses: only a placeholder of ours may look like one.
fn push_plain(out: &mut String, text: &str) {
    out.extend(text.chars().map(|c| match c {
        '[' => '(',
        ']' => ')',
        other => other,
    }));
}

#[cfg(test)]
mod needed;
#[cfg(test)]
mod tests;
