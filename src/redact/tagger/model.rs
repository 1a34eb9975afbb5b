//! The trained model: a table of weights, one row a feature, one column a class.
//!
//! File, little endian: `ATAG`, format (u16) 1, table bits (u8), classes (u8), one scale a class (f32), then the table row by
//! row, one i8 a class. A weight is its i8 times the class's scale. The file is committed and part of the program.

use crate::redact::tagger::Kind;
use crate::redact::tagger::features::TABLE_BITS;

/// Columns of the table.
pub(super) const CLASSES: usize = Kind::ALL.len();

const MAGIC: &[u8; 4] = b"ATAG";
const FORMAT: u16 = 1;
const HEAD: usize = 8;

/// Weights ready for use.
#[derive(Debug)]
pub struct Model {
    scales: [f32; CLASSES],
    table: Vec<[i8; CLASSES]>,
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
        let (scales, table) = rest.split_at_checked(CLASSES.saturating_mul(4)).ok_or(ModelError::BadLength)?;
        if table.len() != CLASSES << TABLE_BITS {
            return Err(ModelError::BadLength);
        }
        let mut found = [0.0; CLASSES];
        for (slot, four) in found.iter_mut().zip(scales.chunks_exact(4)) {
            let value = f32::from_le_bytes(four.try_into().map_err(|_| ModelError::BadLength)?);
            if !value.is_finite() {
                return Err(ModelError::OtherShape);
            }
            *slot = value;
        }
        let row = |bytes: &[u8]| {
            let mut row = [0_i8; CLASSES];
            for (slot, byte) in row.iter_mut().zip(bytes) {
                *slot = i8::from_le_bytes([*byte]);
            }
            row
        };
        Ok(Self { scales: found, table: table.chunks_exact(CLASSES).map(row).collect() })
    }

    /// The model as a file. Weights beyond what an i8 holds do not occur: the scale is chosen by the greatest.
    #[must_use]
    pub(super) fn write(weights: &[[f32; CLASSES]]) -> Vec<u8> {
        let mut scales = [f32::MIN_POSITIVE; CLASSES];
        for row in weights {
            for (scale, weight) in scales.iter_mut().zip(row) {
                *scale = scale.max(weight.abs() / 127.0);
            }
        }
        let mut out = head_bytes().to_vec();
        out.extend(scales.iter().flat_map(|s| s.to_le_bytes()));
        for row in weights {
            #[expect(clippy::cast_possible_truncation, reason = "the scale keeps it within -127 and 127")]
            out.extend(row.iter().zip(&scales).flat_map(|(w, s)| ((w / s).round() as i8).to_le_bytes()));
        }
        out
    }

    /// How likely each class is, given the rows of a token's features.
    pub(super) fn classes(&self, rows: impl Iterator<Item = u32>) -> [f32; CLASSES] {
        let mut sums = [0_i32; CLASSES];
        for row in rows {
            let Some(weights) = usize::try_from(row).ok().and_then(|r| self.table.get(r)) else { continue };
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = sum.wrapping_add(i32::from(*weight));
            }
        }
        let mut scores = [0.0; CLASSES];
        for ((score, sum), scale) in scores.iter_mut().zip(sums).zip(self.scales) {
            #[expect(clippy::cast_precision_loss, reason = "a few hundred i8 fit")]
            let sum = sum as f32;
            *score = sum * scale;
        }
        softmax(scores)
    }

    /// How much one feature speaks for a class: for `--explain`.
    pub(super) fn weight(&self, row: u32, class: usize) -> f32 {
        let weights = usize::try_from(row).ok().and_then(|r| self.table.get(r));
        let weight = weights.and_then(|w| w.get(class)).copied().map_or(0.0, f32::from);
        weight * self.scales.get(class).copied().unwrap_or_default()
    }
}

fn head_bytes() -> [u8; HEAD] {
    let [f0, f1] = FORMAT.to_le_bytes();
    let [m0, m1, m2, m3] = *MAGIC;
    #[expect(clippy::cast_possible_truncation, reason = "both are small constants")]
    let (bits, classes) = (TABLE_BITS as u8, CLASSES as u8);
    [m0, m1, m2, m3, f0, f1, bits, classes]
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
        weights[7][1] = 4.0;
        weights[9][0] = 2.0;
        let model = Model::read(&Model::write(&weights)).unwrap();
        let likely = model.classes([7, 9].into_iter());
        assert!(likely[1] > 0.7 && likely[0] < 0.2, "{likely:?}");
        assert!((likely.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!((model.weight(7, 1) - 4.0).abs() < 0.05);
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
