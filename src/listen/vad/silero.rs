//! The Silero network on tract: loaded once a process, one [`Vad`] a call.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tract_onnx::Onnx;
use tract_onnx::pb::ModelProto;
use tract_onnx::prelude::*;

use super::{SpeechProbability, VadError, WINDOW_SAMPLES};
use crate::listen::silero_fold;

/// The model's file name inside the model folder.
pub const MODEL_FILE: &str = "silero_vad.onnx";

/// SHA-256 of `silero_vad.onnx` in the `silero-vad` 6.2.3 wheel: the file that parity was shown with.
const MODEL_SHA256: &str = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3";

/// The end of the last window, heard again before the next: without it the network is accepted but hears worse.
const CONTEXT_SAMPLES: usize = 32;
const INPUT_SAMPLES: usize = CONTEXT_SAMPLES + WINDOW_SAMPLES;
/// Two layers, one call, 128 cells.
const STATE_SHAPE: [usize; 3] = [2, 1, 128];

/// The network, ready to run. Stateless, so that all calls share one.
pub struct SileroModel {
    plan: Arc<TypedRunnableModel>,
}

impl SileroModel {
    /// Reads, verifies, folds and optimises the stock `silero_vad.onnx`. Takes some 10 ms.
    ///
    /// The hash is checked before a byte is parsed: the engine's reader of models is not made for hostile files.
    ///
    /// # Errors
    /// [`VadError`] for a missing, damaged or foreign file; its text says what to do.
    pub fn load(path: &Path) -> Result<Arc<Self>, VadError> {
        let bytes = std::fs::read(path).map_err(|source| VadError::Unreadable { path: path.to_owned(), source })?;
        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != MODEL_SHA256 {
            return Err(VadError::WrongHash { path: path.to_owned(), found });
        }
        let onnx = onnx();
        let mut proto = onnx.proto_model_for_read(&mut bytes.as_slice()).map_err(|e| engine("parse", e))?;
        silero_fold::fold(&mut proto).map_err(VadError::Fold)?;
        let plan = optimise(&onnx, &proto).map_err(|e| engine("optimise", e))?;
        Ok(Arc::new(Self { plan }))
    }
}

/// Fixes the shapes and builds the plan.
fn optimise(onnx: &Onnx, proto: &ModelProto) -> TractResult<Arc<TypedRunnableModel>> {
    let mut model = onnx
        .model_for_proto_model(proto)?
        .with_input_fact(0, f32::fact([1, INPUT_SAMPLES]).into())?
        .with_input_fact(1, f32::fact(STATE_SHAPE).into())?;
    // The shapes that the file declares for its outputs name symbols that mean nothing once the inputs are fixed.
    for outlet in model.output_outlets()?.to_vec() {
        model.set_outlet_fact(outlet, InferenceFact::default())?;
    }
    model.into_optimized()?.into_runnable()
}

impl fmt::Debug for SileroModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SileroModel")
    }
}

/// The detector of one call.
///
/// The state is carried from window to window and through pauses; [`super::Refresh`] says when it is dropped.
pub struct Vad {
    model: Arc<SileroModel>,
    state: Tensor,
    context: [f32; CONTEXT_SAMPLES],
}

impl Vad {
    /// A detector at the start of a call.
    ///
    /// # Errors
    /// [`VadError::Engine`] if the engine cannot make room for the state.
    pub fn new(model: Arc<SileroModel>) -> Result<Self, VadError> {
        let state = Tensor::zero::<f32>(&STATE_SHAPE).map_err(|e| engine("start", e))?;
        Ok(Self { model, state, context: [0.0; CONTEXT_SAMPLES] })
    }

    fn run(&mut self, input: Tensor) -> TractResult<f32> {
        let mut outputs = self.model.plan.run(tvec!(input.into(), self.state.clone().into()))?.into_iter();
        let (Some(output), Some(state)) = (outputs.next(), outputs.next()) else {
            return Err(TractError::msg("the graph has fewer than two outputs"));
        };
        self.state = state.into_tensor();
        Ok(*output.try_as_plain_ram()?.to_scalar::<f32>()?)
    }
}

impl SpeechProbability for Vad {
    fn probability(&mut self, window: &[i16; WINDOW_SAMPLES]) -> Result<f32, VadError> {
        let mut input = [0.0_f32; INPUT_SAMPLES];
        let (context, sound) = input.split_at_mut(CONTEXT_SAMPLES);
        context.copy_from_slice(&self.context);
        for (to, &from) in sound.iter_mut().zip(window) {
            *to = f32::from(from) / 32_768.0;
        }
        if let Some(end) = sound.last_chunk::<CONTEXT_SAMPLES>() {
            self.context = *end;
        }
        let input = Tensor::from_shape(&[1, INPUT_SAMPLES], &input).map_err(|e| engine("take a window", e))?;
        let probability = self.run(input).map_err(|e| engine("judge a window", e))?;
        if (0.0..=1.0).contains(&probability) { Ok(probability) } else { Err(VadError::NotAProbability) }
    }

    fn start_afresh(&mut self) {
        // Without room for a new state the old one serves on.
        if let Ok(state) = Tensor::zero::<f32>(&STATE_SHAPE) {
            self.state = state;
        }
    }
}

impl fmt::Debug for Vad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vad")
    }
}

fn engine(step: &'static str, error: TractError) -> VadError {
    VadError::Engine { step, source: error.into() }
}
