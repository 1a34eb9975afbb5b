//! The trained model: a table of weights, one row a feature, one column a class.
//!
//! Only differences between classes count, so that the column of plain words is nothing but zeros and left out, and a
//! weight is one of fifteen steps: the table may have many rows in few bytes, which is worth more than fine weights (features
//! that share a row by chance cost far more than rounding).
//!
//! File: `ATAG`, format (u16, little endian) 2, table bits (u8), columns (u8), then the table row by row, four bits a weight, the
//! lower half of a byte first: 0 is nothing, 1 to 7 the steps upwards, 9 to 15 downwards. The file is committed and part of the
//! program.

use crate::redact::tagger::Kind;
use crate::redact::tagger::features::TABLE_BITS;

/// Classes of words.
pub(super) const CLASSES: usize = Kind::ALL.len();
/// Columns of the table: all but that of plain words.
const COLUMNS: usize = CLASSES - 1;

const MAGIC: &[u8; 4] = b"ATAG";
const FORMAT: u16 = 2;
const HEAD: usize = 8;
/// Bytes of the table.
const TABLE: usize = (COLUMNS << TABLE_BITS) / 2;

/// The steps of a weight, in units of [`UNIT`]: finer near nothing, where most weights are.
const STEPS: [i8; 8] = [0, 8, 15, 24, 35, 51, 74, 109];
/// What a step is counted in.
const UNIT: f32 = 1.0 / 64.0;

/// Weights ready for use.
#[derive(Debug)]
pub struct Model {
    table: Vec<[i8; COLUMNS]>,
}

/// The file is no model that this program can use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelError {
    /// It is not a model at all.
    #[error("not a tagger's model; make one with `make tagger`")]
    NotAModel,
    /// Another program's model.
    #[error("the tagger's model has another format or size than this program; make it again with `make tagger`")]
    OtherShape,
    /// The file ends too early or goes on too long.
    #[error("the tagger's model is cut off or too long; make it again with `make tagger`")]
    BadLength,
}

impl Model {
    /// Reads a model file.
    ///
    /// # Errors
    /// [`ModelError`] where the bytes are no model of this program.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let (head, rest) = bytes.split_at_checked(HEAD).ok_or(ModelError::NotAModel)?;
        if !head.starts_with(MAGIC) {
            return Err(ModelError::NotAModel);
        }
        let wanted = head_bytes();
        if head != wanted.as_slice() {
            return Err(ModelError::OtherShape);
        }
        if rest.len() != TABLE {
            return Err(ModelError::BadLength);
        }
        let mut weights = rest.iter().flat_map(|byte| [byte & 15, byte >> 4]).map(weight_of);
        let rows = std::iter::from_fn(|| {
            let mut row = [weights.next()?; COLUMNS];
            for slot in row.iter_mut().skip(1) {
                *slot = weights.next()?;
            }
            Some(row)
        });
        Ok(Self { table: rows.collect() })
    }

    /// The model as a file. A weight beyond the greatest step becomes that step.
    #[must_use]
    pub(super) fn write(weights: &[[f32; CLASSES]]) -> Vec<u8> {
        let mut halves = weights.iter().flat_map(|row| {
            let plain = row.first().copied().unwrap_or_default();
            row.iter().skip(1).map(move |weight| step_of(weight - plain))
        });
        let mut out = head_bytes().to_vec();
        while let Some(low) = halves.next() {
            out.push(low | halves.next().unwrap_or_default() << 4);
        }
        out
    }

    /// How likely each class is, given the rows of a token's features.
    pub(super) fn classes(&self, rows: impl Iterator<Item = u32>) -> [f32; CLASSES] {
        let mut sums = [0_i32; COLUMNS];
        for row in rows {
            let Some(weights) = usize::try_from(row).ok().and_then(|r| self.table.get(r)) else { continue };
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = sum.wrapping_add(i32::from(*weight));
            }
        }
        let mut scores = [0.0; CLASSES];
        for (score, sum) in scores.iter_mut().skip(1).zip(sums) {
            #[expect(clippy::cast_precision_loss, reason = "a few hundred i8 fit")]
            let sum = sum as f32;
            *score = sum * UNIT;
        }
        softmax(scores)
    }

    /// How much one feature speaks for a class and against plain words: for `--explain`.
    pub(super) fn weight(&self, row: u32, class: usize) -> f32 {
        let weights = usize::try_from(row).ok().and_then(|r| self.table.get(r));
        let weight = weights.zip(class.checked_sub(1)).and_then(|(weights, column)| weights.get(column));
        weight.copied().map_or(0.0, f32::from) * UNIT
    }
}

/// The weight of four bits.
fn weight_of(half: u8) -> i8 {
    let step = STEPS.get(usize::from(half & 7)).copied().unwrap_or_default();
    if half & 8 == 0 { step } else { step.wrapping_neg() }
}

/// The four bits whose weight is nearest.
fn step_of(weight: f32) -> u8 {
    let size = weight.abs() / UNIT;
    let middle = |pair: &[i8]| pair.iter().map(|step| f32::from(*step)).sum::<f32>() / 2.0;
    let step = STEPS.windows(2).filter(|pair| size > middle(pair)).count();
    let step = u8::try_from(step).unwrap_or_default();
    if step > 0 && weight < 0.0 { step | 8 } else { step }
}

fn head_bytes() -> [u8; HEAD] {
    let [f0, f1] = FORMAT.to_le_bytes();
    let [m0, m1, m2, m3] = *MAGIC;
    #[expect(clippy::cast_possible_truncation, reason = "both are small constants")]
    let (bits, columns) = (TABLE_BITS as u8, COLUMNS as u8);
    [m0, m1, m2, m3, f0, f1, bits, columns]
}

/// From scores to likelihoods that sum to one.
pub(super) fn softmax(mut scores: [f32; CLASSES]) -> [f32; CLASSES] {
    let greatest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in &mut scores {
        *score = (*score - greatest).exp();
    }
    let sum: f32 = scores.iter().sum();
    scores.map(|s| s / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_reads_back_and_decides_as_it_was_written() {
        let mut weights = vec![[0.0; CLASSES]; 1 << TABLE_BITS];
        weights[7][1] = 2.5;
        weights[9][1] = -0.2;
        let model = Model::read(&Model::write(&weights)).unwrap();
        let likely = model.classes([7, 7, 9].into_iter());
        assert!(likely[1] > 0.7 && likely[0] < 0.05, "{likely:?}");
        assert!((likely.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        // 2.5 is beyond the greatest step; -0.2 is nearer to the second than to the first.
        assert!((model.weight(7, 1) - 1.703).abs() < 0.01 && (model.weight(9, 1) + 0.234).abs() < 0.01);
    }

    #[test]
    fn what_is_no_model_is_refused() {
        let good = Model::write(&vec![[0.0; CLASSES]; 1 << TABLE_BITS]);
        assert_eq!(Model::read(b"").unwrap_err(), ModelError::NotAModel);
        assert_eq!(Model::read(b"GGUF1234").unwrap_err(), ModelError::NotAModel);
        assert_eq!(Model::read(&good[..good.len() - 1]).unwrap_err(), ModelError::BadLength);
        let mut other = good;
        other[6] = 12;
        assert_eq!(Model::read(&other).unwrap_err(), ModelError::OtherShape);
    }
}
