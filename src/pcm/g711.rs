//! G.711: the eight bits a telephone line leaves of a sample, mu-law (North America, Japan) and A-law (elsewhere).
//!
//! In and out: 16-bit linear samples, and octets as they stand on the wire (mu-law inverted, A-law with its even bits
//! inverted). Source: ITU-T G.711 (11/88), tables 1a to 2b; its 14-bit (mu) and 13-bit (A) values are the top bits of
//! our 16. Pure functions, called by the line and by the simulated telephone; nothing here can fail.

/// Added to a magnitude before the segment is looked for: 33 in G.711's 14-bit scale.
const MU_BIAS: i32 = 33 << 2;
/// The largest magnitude that still has a segment of its own after the bias: 8158 in the 14-bit scale, and one step.
const MU_CLIP: i32 = 32_635;
/// G.711 inverts every even bit of an A-law octet so that silence is not a long run of zeros.
const A_TOGGLE: u8 = 0x55;

/// Encodes a linear sample as a mu-law octet.
#[must_use]
pub fn to_mulaw(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(MU_CLIP) + MU_BIAS;
    // The bias puts the highest bit at 7..=14, which is segment 0..=7.
    let segment = 24 - magnitude.leading_zeros();
    let step = (magnitude >> (segment + 3)) & 0x0F;
    !(sign | octet(segment.cast_signed() << 4 | step))
}

/// Decodes a mu-law octet.
#[must_use]
pub fn from_mulaw(octet: u8) -> i16 {
    let bits = !octet;
    let step = i32::from(bits & 0x0F);
    let segment = (bits >> 4) & 0x07;
    let magnitude = (((step << 3) + MU_BIAS) << segment) - MU_BIAS;
    signed(magnitude, bits & 0x80 != 0)
}

/// Encodes a linear sample as an A-law octet.
#[must_use]
pub fn to_alaw(sample: i16) -> u8 {
    // In A-law the sign bit is set for positive values, and -1 mirrors 0.
    let (sign, magnitude) = if sample < 0 { (0, -(i32::from(sample) + 1)) } else { (0x80, i32::from(sample)) };
    let magnitude = magnitude >> 4;
    // Segment 0 and 1 share a step size; from there each segment doubles it.
    let segment = 28_u32.saturating_sub(magnitude.leading_zeros());
    let step = (magnitude >> segment.saturating_sub(1)) & 0x0F;
    (sign | octet(segment.cast_signed() << 4 | step)) ^ A_TOGGLE
}

/// Decodes an A-law octet.
#[must_use]
pub fn from_alaw(octet: u8) -> i16 {
    let bits = octet ^ A_TOGGLE;
    let step = i32::from(bits & 0x0F);
    let segment = (bits >> 4) & 0x07;
    // Half a step is added so that the value lies in the middle of its interval.
    let magnitude = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    signed(magnitude, bits & 0x80 == 0)
}

#[expect(clippy::cast_possible_truncation, reason = "three bits of segment and four of step: at most 0x7F")]
#[expect(clippy::cast_sign_loss, reason = "made of masked, non-negative parts")]
fn octet(bits: i32) -> u8 {
    bits as u8
}

#[expect(clippy::cast_possible_truncation, reason = "the largest magnitudes are 32124 (mu) and 32256 (A)")]
fn signed(magnitude: i32, negative: bool) -> i16 {
    (if negative { -magnitude } else { magnitude }) as i16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mulaw_values_are_those_of_table_2() {
        // (octet on the wire, value in the 14-bit scale): ends of segments in G.711 table 2a and 2b.
        for (octet, value) in
            [(0x80, 8031), (0x8F, 4191), (0x9F, 2079), (0xAF, 1023), (0xBF, 495), (0xCF, 231), (0xDF, 99), (0xEF, 33)]
        {
            assert_eq!(from_mulaw(octet), value << 2, "{octet:#x}");
            assert_eq!(from_mulaw(octet & 0x7F), -(value << 2), "{octet:#x} negative");
            assert_eq!(to_mulaw(value << 2), octet);
        }
        assert_eq!((from_mulaw(0xFF), from_mulaw(0x7F)), (0, 0));
        assert_eq!(from_mulaw(0xFE), 2 << 2);
        assert_eq!(to_mulaw(0), 0xFF);
    }

    #[test]
    fn alaw_values_are_those_of_table_1() {
        // (octet on the wire, value in the 13-bit scale): the ends of segments in G.711 table 1a, even bits inverted.
        for (wire, value) in [(0xFF, 4032), (0xF0, 2112), (0xEF, 2016), (0xE0, 1056), (0x9F, 63), (0x90, 33), (0x80, 1)]
        {
            let octet = wire ^ A_TOGGLE;
            assert_eq!(from_alaw(octet), value << 3, "{wire:#x}");
            assert_eq!(from_alaw(octet ^ 0x80), -(value << 3), "{wire:#x} negative");
            assert_eq!(to_alaw(value << 3), octet);
        }
    }

    #[test]
    fn every_octet_reads_back_as_itself() {
        for octet in 0..=u8::MAX {
            assert_eq!(to_alaw(from_alaw(octet)), octet);
            // Mu-law has two zeros; the negative one is never sent.
            let sent = if octet == 0x7F { 0xFF } else { octet };
            assert_eq!(to_mulaw(from_mulaw(octet)), sent);
        }
    }

    proptest! {
        #[test]
        fn a_sample_is_off_by_at_most_half_its_step(sample in any::<i16>()) {
            let true_value = i32::from(sample);
            // The widest step of a magnitude is 1/16 of its segment; clipping costs at most 644 at full scale.
            let allowed = (true_value.abs() + 132) / 32 + 16 + if true_value.abs() > 32_124 { 644 } else { 0 };
            prop_assert!((i32::from(from_mulaw(to_mulaw(sample))) - true_value).abs() <= allowed);
            prop_assert!((i32::from(from_alaw(to_alaw(sample))) - true_value).abs() <= allowed);
        }

        #[test]
        fn a_louder_sample_is_never_decoded_quieter(a in any::<i16>(), b in any::<i16>()) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(from_mulaw(to_mulaw(low)) <= from_mulaw(to_mulaw(high)));
            prop_assert!(from_alaw(to_alaw(low)) <= from_alaw(to_alaw(high)));
        }
    }
}
