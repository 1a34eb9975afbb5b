//! What recognition costs for a model of some shape, whatever its weights.
//!
//! The weights need not be real (`models/micro-whisper/random_weights.py` writes random ones): encoder and decoder do
//! the same work on them. What is heard is thrown away, and the file is loaded unverified, so nothing else may use it.

use std::ffi::c_int;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::clock::Clock;
use crate::listen::RawTranscript;
use crate::listen::asr::{RecogniseError, Recognizer, Task};

use super::turn::{self, Plan};
use super::{Settings, Weights, WeightsError, Whisper};

/// Tokens a second of sound: people say 2 to 3 words a second, and a word is 1.3 tokens.
const TOKENS_A_SECOND: f32 = 4.0;
/// How many tokens the longer of the two measured passes may have.
const TOKENS: c_int = 20;

/// The cost at one context.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The encoder's steps, of 20 ms each.
    pub audio_ctx: usize,
    /// Spectrogram, encoder and the first token.
    pub first_token: Duration,
    /// Every token after the first; zero if the model ended its text at once.
    pub per_token: Duration,
}

/// Measuring failed.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The file cannot be read.
    #[error("cannot read the model {path}: write one with models/micro-whisper/random_weights.py")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is no model.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// Recognition failed.
    #[error(transparent)]
    Recognise(#[from] RecogniseError),
}

/// Weights for measuring only: not verified, in no registry, never for a caller.
///
/// # Errors
/// [`BenchError::Unreadable`], [`BenchError::Weights`]
pub fn unverified(path: &Path) -> Result<Weights, BenchError> {
    let bytes =
        std::fs::read(path).map_err(|source| BenchError::Unreadable { path: path.display().to_string(), source })?;
    Ok(Weights::from_bytes("for measuring", &bytes, None)?)
}

/// Hears with one recogniser at the cost of another: for whole calls with weights that understand nothing. The cost is an
/// upper bound, since both work.
pub struct AtTheCostOf {
    hears: Box<dyn Recognizer>,
    costs: Whisper,
}

impl AtTheCostOf {
    /// Hears as `hears` does, and spends in each turn what `weights` would.
    ///
    /// # Errors
    /// [`WeightsError`]
    pub fn new(weights: &Weights, hears: Box<dyn Recognizer>) -> Result<Self, WeightsError> {
        Ok(Self { hears, costs: weights.recogniser(&Settings::default())? })
    }
}

impl Recognizer for AtTheCostOf {
    fn name(&self) -> &'static str {
        self.hears.name()
    }

    fn recognise(
        &mut self,
        samples: &[i16],
        task: &Task,
        call_off: &AtomicBool,
    ) -> Result<RawTranscript, RecogniseError> {
        for part in turn::windows(samples, self.costs.window) {
            let seconds = turn::seconds(part);
            // Random weights never end a text: they are given the tokens that speech of this length has.
            #[expect(clippy::cast_possible_truncation, reason = "a turn has at most some hundred tokens")]
            let max_tokens = (seconds * TOKENS_A_SECOND) as c_int + 2;
            let plan = Plan { max_tokens, ..Plan::trimmed(seconds, self.costs.window) };
            self.costs.pass(part, &plan, call_off)?;
        }
        self.hears.recognise(samples, task, call_off)
    }
}

/// Measures each context in `contexts` (longer ones than the model's count as its own), the median of `rounds` rounds.
///
/// # Errors
/// [`BenchError`]
pub fn measure(
    weights: &Weights,
    settings: &Settings,
    contexts: &[usize],
    rounds: usize,
    clock: &dyn Clock,
) -> Result<Vec<Cost>, BenchError> {
    let mut whisper = weights.recogniser(settings)?;
    // Three seconds of a steady tone: the work does not depend on what is heard.
    let turn: Vec<i16> = (0..24_000_i16).map(|n| if n % 20 < 10 { 4000 } else { -4000 }).collect();
    let mut costs = Vec::new();
    for &context in contexts {
        let audio_ctx = context.min(weights.window);
        let steps = c_int::try_from(audio_ctx).unwrap_or(c_int::MAX);
        // Warm up: the first pass of a state allocates.
        timed(&mut whisper, &turn, Plan { audio_ctx: steps, max_tokens: 1 }, clock)?;
        let (mut first, mut each) = (Vec::new(), Vec::new());
        for _ in 0..rounds.max(1) {
            // One round of both, so that a busy moment of the machine falls on both.
            let (short, few) = timed(&mut whisper, &turn, Plan { audio_ctx: steps, max_tokens: 1 }, clock)?;
            let (long, many) = timed(&mut whisper, &turn, Plan { audio_ctx: steps, max_tokens: TOKENS }, clock)?;
            let more = u32::try_from(many.saturating_sub(few)).unwrap_or(u32::MAX);
            first.push(short);
            each.push(long.saturating_sub(short).checked_div(more).unwrap_or_default());
        }
        costs.push(Cost { audio_ctx, first_token: median(first), per_token: median(each) });
    }
    Ok(costs)
}

/// The time of one pass, and its tokens.
fn timed(
    whisper: &mut Whisper,
    turn: &[i16],
    plan: Plan,
    clock: &dyn Clock,
) -> Result<(Duration, usize), RecogniseError> {
    let began = clock.now();
    let tokens = whisper.pass(turn, &plan, &AtomicBool::new(false))?;
    Ok((clock.now().saturating_duration_since(began), tokens.len()))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
