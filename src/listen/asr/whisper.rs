//! The production recogniser: Whisper, by way of whisper.cpp.
//!
//! In:  the 8 kHz samples of one turn. Out: its words, each with the product of its tokens' probabilities.
//! Runs on the recogniser's own OS thread: an encoder pass takes 100s of ms and cannot be interrupted within.
//! Never loads weights that [`models`](crate::listen::models) has not verified: the loader underneath trusts the file.
//! Never prints or logs: whisper.cpp would write what it hears to standard output and error, and both ways are shut.
//!
//! ```text
//! turn -> split to the model's window -> any speech? -> 16 kHz, at least 1 s -> encode (audio_ctx trimmed)
//!      -> greedy decode -> repetition guard: once more with the full context, else nothing -> gates -> words
//! ```
//! What whisper.cpp last heard stays in the memory of its state until the next turn or the end of the recogniser.

mod abort;
pub mod bench;
mod gates;
mod turn;
mod words;

use std::ffi::c_int;
use std::num::NonZeroUsize;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperState, WhisperTokenId,
};
use zeroize::Zeroizing;

use crate::listen::RawTranscript;
use crate::listen::asr::{RecogniseError, Recognizer, Task};
use crate::listen::models::{Entry, Verified};

use self::gates::Settled;
use self::turn::Plan;
use self::words::Token;

/// The engine's name in records.
const ENGINE: &str = "whisper";

/// How many tokens an initial prompt may have. Each costs decoding time on every turn (60 words were 120 to 140 ms), and
/// a long prompt is echoed on noise.
const PROMPT_TOKENS: usize = 40;

/// How the recogniser works, whatever the weights.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads of one recognition. More than the cores that are free makes it slower: they spin at barriers.
    pub threads: NonZeroUsize,
    /// Words that are likely in this clinic (doctors, medicines), for their spelling. Up to 40 tokens are used.
    pub prompt: Option<String>,
}

impl Default for Settings {
    /// Two threads, or one on a single core, and no prompt.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let two = NonZeroUsize::MIN.saturating_add(1);
        Self { threads: cores.min(two), prompt: None }
    }
}

/// Weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The engine refuses the file, although its hash is right: too little memory, or another version of the engine.
    #[error("the engine cannot load the model {model}: free some memory, or choose a smaller model")]
    NotLoadable {
        /// The model's name.
        model: String,
        /// What the engine says.
        #[source]
        source: WhisperError,
    },
    /// No working memory for one more recogniser.
    #[error("no memory for one more recogniser of {model}: allow fewer calls at once, or choose a smaller model")]
    NoMemory {
        /// The model's name.
        model: String,
        /// What the engine says.
        #[source]
        source: WhisperError,
    },
    /// The prompt is not text that the model can take.
    #[error("the recogniser's prompt cannot be read as tokens: write plain words")]
    Prompt,
}

/// A model's weights in memory, shared by all recognisers.
pub struct Weights {
    context: WhisperContext,
    name: String,
    /// The longest `audio_ctx` of this model, in steps of 20 ms.
    window: usize,
    entry: Option<&'static Entry>,
}

impl Weights {
    /// Loads verified weights.
    ///
    /// # Errors
    /// [`WeightsError::NotLoadable`]
    pub fn load(model: &Verified) -> Result<Self, WeightsError> {
        let entry = model.entry();
        Self::from_bytes(entry.name, model.bytes(), Some(entry))
    }

    fn from_bytes(name: &str, bytes: &[u8], entry: Option<&'static Entry>) -> Result<Self, WeightsError> {
        silence_the_engine();
        let mut parameters = WhisperContextParameters::new();
        parameters.use_gpu(false).flash_attn(false);
        let context = WhisperContext::new_from_buffer_with_params(bytes, parameters)
            .map_err(|source| WeightsError::NotLoadable { model: name.to_owned(), source })?;
        let window = usize::try_from(context.model_n_audio_ctx()).unwrap_or_default().max(1);
        Ok(Self { context, name: name.to_owned(), window, entry })
    }

    /// The registry's entry for these weights; none for benchmark weights.
    #[must_use]
    pub fn entry(&self) -> Option<&'static Entry> {
        self.entry
    }

    /// A recogniser with its own working memory (tens of MB); one for each call at a time.
    ///
    /// # Errors
    /// [`WeightsError::NoMemory`], [`WeightsError::Prompt`]
    pub fn recogniser(&self, settings: &Settings) -> Result<Whisper, WeightsError> {
        let state = self
            .context
            .create_state()
            .map_err(|source| WeightsError::NoMemory { model: self.name.clone(), source })?;
        let prompt = match &settings.prompt {
            Some(text) => self.tokens(text)?,
            None => Vec::new(),
        };
        Ok(Whisper {
            state,
            window: self.window,
            end: self.context.token_eot(),
            threads: c_int::try_from(settings.threads.get()).unwrap_or(1),
            prompt_words: settings.prompt.as_deref().map(gates::plain_words).unwrap_or_default(),
            prompt,
        })
    }

    /// The prompt's first tokens. Its text is given once, here: the crate's own way leaks it at every turn.
    fn tokens(&self, text: &str) -> Result<Vec<WhisperTokenId>, WeightsError> {
        // Room for a token a byte and one more: the crate takes a negative answer for a length when there is too little.
        let room = text.len().saturating_add(1);
        let mut tokens = self.context.tokenize(text, room).map_err(|_| WeightsError::Prompt)?;
        tokens.truncate(PROMPT_TOKENS);
        Ok(tokens)
    }
}

impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Weights").field("name", &self.name).field("window", &self.window).finish_non_exhaustive()
    }
}

/// Sends whisper.cpp's own messages nowhere. Without its log features, the crate's hooks drop them.
fn silence_the_engine() {
    static ONCE: Once = Once::new();
    ONCE.call_once(whisper_rs::install_logging_hooks);
}

/// One call's recogniser.
pub struct Whisper {
    state: WhisperState,
    window: usize,
    end: WhisperTokenId,
    threads: c_int,
    prompt: Vec<WhisperTokenId>,
    prompt_words: Vec<String>,
}

impl Whisper {
    /// One pass over at most a window of 8 kHz samples.
    fn pass(&mut self, samples: &[i16], plan: &Plan, call_off: &AtomicBool) -> Result<Vec<Token>, RecogniseError> {
        if call_off.load(Ordering::Relaxed) {
            return Err(RecogniseError::CalledOff);
        }
        let sound = turn::for_the_encoder(samples);
        // One decoder only: with more, the engine frees its state under us when memory is short.
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        quiet(&mut params);
        params.set_n_threads(self.threads);
        params.set_audio_ctx(plan.audio_ctx);
        params.set_max_tokens(plan.max_tokens);
        params.set_single_segment(true);
        params.set_no_timestamps(true);
        params.set_no_context(true);
        params.set_suppress_blank(true);
        params.set_suppress_nst(true);
        params.set_temperature(0.0);
        // No second try with a higher temperature: it would come when the caller is waiting, and invents words.
        params.set_temperature_inc(0.0);
        if !self.prompt.is_empty() {
            params.set_tokens(&self.prompt);
        }
        abort::watch(&mut params, call_off);
        let done = self.state.full(params, &sound);
        if call_off.load(Ordering::Relaxed) {
            // Whatever the engine answers after our flag: that is its way to say that it stopped.
            return Err(RecogniseError::CalledOff);
        }
        done.map_err(|error| RecogniseError::Engine { engine: ENGINE, what: what_failed(&error) })?;
        Ok(self.said())
    }

    /// The tokens of the last pass.
    fn said(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else { continue };
                let data = token.token_data();
                if data.id > self.end {
                    continue;
                }
                let text = if data.id == self.end { &[][..] } else { token.to_bytes().unwrap_or_default() };
                tokens.push(Token { text: Zeroizing::new(text.to_vec()), probability: data.p, logprob: data.plog });
            }
        }
        tokens
    }

    /// The tokens of one window's worth of sound, once it is sure that the decoder has not run in circles.
    fn hear(&mut self, samples: &[i16], call_off: &AtomicBool) -> Result<Vec<Token>, RecogniseError> {
        let window = self.window;
        let speech_ms = turn::speech_ms(samples);
        if !gates::worth_decoding(speech_ms) {
            return Ok(Vec::new());
        }
        let seconds = turn::seconds(samples);
        let plan = Plan::trimmed(seconds, window);
        let settled =
            gates::settle(seconds, &plan, &Plan::whole(seconds, window), |plan| self.pass(samples, plan, call_off))?;
        let tokens = match settled {
            Settled::Heard(tokens) => tokens,
            Settled::RanInCircles => return Ok(Vec::new()),
        };
        let keep = gates::believable(&tokens, speech_ms, &self.prompt_words);
        Ok(if keep { tokens } else { Vec::new() })
    }
}

impl Recognizer for Whisper {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn recognise(
        &mut self,
        samples: &[i16],
        _task: &Task,
        call_off: &AtomicBool,
    ) -> Result<RawTranscript, RecogniseError> {
        let mut words = Vec::new();
        for part in turn::windows(samples, self.window) {
            words.extend(words::merge(&self.hear(part, call_off)?));
        }
        Ok(RawTranscript::heard(ENGINE, words))
    }
}

impl std::fmt::Debug for Whisper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Whisper").field("threads", &self.threads).finish_non_exhaustive()
    }
}

/// Shuts every way by which the engine prints text.
fn quiet(params: &mut FullParams<'_, '_>) {
    params.set_print_realtime(false);
    params.set_print_progress(false);
    params.set_print_special(false);
    params.set_print_timestamps(false);
    params.set_debug_mode(false);
}

/// The engine's failures by name. Its numbers are those of whisper.cpp's `whisper_full`.
fn what_failed(error: &WhisperError) -> &'static str {
    if let WhisperError::GenericError(number) = error {
        return match number {
            -2 => "the spectrogram failed",
            -5 => "the context asked for is longer than the model's",
            -6 => "the encoder failed",
            -9..=-7 => "the decoder failed",
            _ => "the engine reports an error that it does not name",
        };
    }
    // The crate's own names for some of whisper.cpp's numbers do not fit this version; only -1 arrives here.
    "the engine reports that it could not begin"
}

#[cfg(test)]
mod measured;
#[cfg(test)]
mod tests;
