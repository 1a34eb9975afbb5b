//! Trains the tagger: `make tagger` calls it with the generated cases.
//!
//! In:  cases with their spans. Out: the bytes of a model file. Multinomial logistic regression by stochastic gradient
//! descent with step sizes of its own for every weight (AdaGrad: Duchi et al. 2011), averaged over the last passes. Features that
//! rest on the very word or on the lists of names are hidden at random, so that the model leans on context too. The same
//! cases and seed give the same bytes.

use super::Kind;
use super::features::{Basis, Feature, Sight, TABLE_BITS};
use super::model::{CLASSES, Model, softmax};
use crate::config::levels::Level;
use crate::expect::Expecting;
use crate::listen::RawTranscript;
use crate::redact::Context;
use crate::redact::parts::Without;
use crate::redact::view::View;

/// One case to learn from.
pub struct Lesson {
    /// What the other party had said; empty where nothing is known.
    pub asked: String,
    /// What was said.
    pub text: String,
    /// Byte ranges of `text` and what each is: a label of the cases, or "" where it may be taken either way.
    pub spans: Vec<(std::ops::Range<usize>, String)>,
}

/// How training goes.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Passes over all lessons.
    pub passes: u32,
    /// The first step's size.
    pub step: f32,
    /// The share of a token's word features, 0 to 1, and of its list features, that are hidden.
    pub hidden: f32,
    /// The share of all other features that are hidden, each by itself (dropout: Srivastava et al. 2014), 0 to 1.
    pub dropout: f32,
    /// The seed of order and hiding.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { passes: 4, step: 0.15, hidden: 0.35, dropout: 0.4, seed: 1 }
    }
}

/// Trains on the lessons; `said` is told the mean loss of each pass.
pub fn train(lessons: &[Lesson], plan: Plan, mut said: impl FnMut(u32, f64)) -> Vec<u8> {
    let rows = 1_usize << TABLE_BITS;
    let mut weights = vec![[0.0_f32; CLASSES]; rows];
    let mut squares = vec![[1e-3_f32; CLASSES]; rows];
    let mut sums = vec![[0.0_f32; CLASSES]; rows];
    let mut rng = fastrand::Rng::with_seed(plan.seed);
    let mut order: Vec<usize> = (0..lessons.len()).collect();
    let mut averaged = 0.0_f32;
    for pass in 0..plan.passes {
        rng.shuffle(&mut order);
        let (mut loss, mut tokens) = (0.0_f64, 0.0_f64);
        let quarter = order.len().div_ceil(4).max(1);
        for (done, number) in order.iter().enumerate() {
            let Some(lesson) = lessons.get(*number) else { continue };
            learn(lesson, plan, &mut rng, &mut weights, &mut squares, |l| {
                loss += l;
                tokens += 1.0;
            });
            if pass > 0 && done % quarter == quarter.saturating_sub(1) {
                add(&mut sums, &weights);
                averaged += 1.0;
            }
        }
        said(pass, loss / tokens.max(1.0));
    }
    if averaged > 0.0 {
        for row in &mut sums {
            *row = row.map(|w| w / averaged);
        }
        weights = sums;
    }
    // In use all features are there at once: their weights are scaled to what training saw of them.
    for row in &mut weights {
        *row = row.map(|w| w * (1.0 - plan.dropout));
    }
    Model::write(&weights)
}

fn add(sums: &mut [[f32; CLASSES]], weights: &[[f32; CLASSES]]) {
    for (sum, row) in sums.iter_mut().zip(weights) {
        for (s, w) in sum.iter_mut().zip(row) {
            *s += w;
        }
    }
}

/// How a bound on the likelihood divides held-out words.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// From here on a word counts as one that identifies.
    pub bound: f32,
    /// Of the words that identify, the share found, 0 to 1.
    pub recall: f64,
    /// Of the plain words, the share taken for identifiers, 0 to 1.
    pub over: f64,
    /// Of the lessons without anything that identifies, the share with such a word, 0 to 1.
    pub touched: f64,
}

/// Measures a model on lessons that it was not trained on; `None` where the bytes are no model.
#[must_use]
pub fn measure(model: &[u8], lessons: &[Lesson]) -> Option<Vec<Measured>> {
    const BOUNDS: [f32; 9] = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9];
    let model = Model::read(model).ok()?;
    let mut counts = BOUNDS.map(|_| [0_u32; 6]);
    let mut features = Vec::new();
    for lesson in lessons {
        let heard = RawTranscript::typed(&lesson.text);
        let view = View::new(&heard, &context(lesson), Without::NOTHING);
        let sight = Sight::new(&view);
        let mut worst = 0.0_f32;
        for at in 0..view.tokens.len() {
            let Some(truth) = truth(lesson, &view, at) else { continue };
            sight.features(at, &mut features);
            let identifies = super::score_of(model.classes(features.iter().map(|f| f.row))).identifies;
            worst = worst.max(identifies);
            for (bound, [of, found, plain, over, ..]) in BOUNDS.iter().zip(&mut counts) {
                let (all, yes) = if truth == Kind::Plain { (plain, over) } else { (of, found) };
                *all += 1;
                *yes += u32::from(identifies >= *bound);
            }
        }
        for (bound, [.., clean, touched]) in BOUNDS.iter().zip(&mut counts).filter(|_| lesson.spans.is_empty()) {
            *clean += 1;
            *touched += u32::from(worst >= *bound);
        }
    }
    let share = |of: u32, yes: u32| f64::from(yes) / f64::from(of.max(1));
    let measured = BOUNDS.iter().zip(counts).map(|(bound, [of, found, plain, over, clean, touched])| Measured {
        bound: *bound,
        recall: share(of, found),
        over: share(plain, over),
        touched: share(clean, touched),
    });
    Some(measured.collect())
}

fn context(lesson: &Lesson) -> Context<'_> {
    let today = jiff::civil::date(2026, 1, 5);
    Context { expecting: Expecting::Anything, asked: &lesson.asked, lately: None, today, level: Level::default() }
}

/// What the token is; `None` where it may be taken either way.
fn truth(lesson: &Lesson, view: &View<'_>, at: usize) -> Option<Kind> {
    let range = &view.tokens.get(at)?.range;
    let span = lesson.spans.iter().find(|(span, _)| span.start < range.end && range.start < span.end);
    span.map_or(Some(Kind::Plain), |(_, label)| Kind::of_case(label))
}

/// One lesson: every token that is not to be left out moves the weights of its features.
fn learn(
    lesson: &Lesson,
    plan: Plan,
    rng: &mut fastrand::Rng,
    weights: &mut [[f32; CLASSES]],
    squares: &mut [[f32; CLASSES]],
    mut said: impl FnMut(f64),
) {
    let heard = RawTranscript::typed(&lesson.text);
    let view = View::new(&heard, &context(lesson), Without::NOTHING);
    let sight = Sight::new(&view);
    let mut features: Vec<Feature> = Vec::new();
    for at in 0..view.tokens.len() {
        let Some(truth) = truth(lesson, &view, at) else { continue };
        sight.features(at, &mut features);
        let (no_word, no_lists) = (rng.f32() < plan.hidden, rng.f32() < plan.hidden * 0.5);
        features.retain(|f| match f.basis {
            Basis::Word => !no_word,
            Basis::Lists => !no_lists,
            Basis::Context => rng.f32() >= plan.dropout,
        });
        let mut scores = [0.0; CLASSES];
        for feature in &features {
            let Some(row) = usize::try_from(feature.row).ok().and_then(|r| weights.get(r)) else { continue };
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += weight;
            }
        }
        let likely = softmax(scores);
        let right = truth.column();
        said(f64::from(-likely.get(right).copied().unwrap_or(1.0).max(1e-9).ln()));
        let mut slope = likely;
        if let Some(slot) = slope.get_mut(right) {
            *slot -= 1.0;
        }
        for feature in &features {
            let Ok(row) = usize::try_from(feature.row) else { continue };
            let (Some(row), Some(square)) = (weights.get_mut(row), squares.get_mut(row)) else { continue };
            for ((weight, square), slope) in row.iter_mut().zip(square.iter_mut()).zip(slope) {
                *square += slope * slope;
                *weight -= plan.step * slope / square.sqrt();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(text: &str, name: &str) -> Lesson {
        let start = text.find(name).unwrap();
        Lesson {
            asked: String::new(),
            text: text.to_owned(),
            spans: vec![(start..start + name.len(), "NAME".to_owned())],
        }
    }

    #[test]
    fn the_same_lessons_and_seed_give_the_same_model_which_has_learned_them() {
        let lessons: Vec<Lesson> = ["ada", "bo", "cy", "deb"]
            .iter()
            .map(|name| lesson(&format!("hi this is {name} calling about a refill"), name))
            .collect();
        let plan = Plan { passes: 8, ..Plan::default() };
        let mut losses = Vec::new();
        let first = train(&lessons, plan, |_, loss| losses.push(loss));
        assert_eq!(first, train(&lessons, plan, |_, _| {}));
        assert!(losses[7] < losses[0] / 4.0, "{losses:?}");
        assert!(Model::read(&first).is_ok());
    }
}
