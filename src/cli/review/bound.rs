//! How high a rate may truly be, by what a sample showed: the exact bound of Clopper and Pearson, Biometrika 26 (1934), 404.
//!
//! Exact means that it is never too low, however rare leaks are; the price is that it is rather too high.

/// The upper end of the two-sided 95 % interval: with the rate there, so few cases or fewer come up in 2.5 % of samples.
/// Between 0 and 1. Without a sample it is 1.
#[must_use]
pub fn upper(cases: u64, sample: u64) -> f64 {
    if cases >= sample {
        return 1.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    // Each step halves the error: after 60 it is that of the arithmetic.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if log_at_most(cases, sample, middle) > TAIL.ln() { low = middle } else { high = middle }
    }
    high
}

/// What lies above a two-sided 95 % interval.
const TAIL: f64 = 0.025;

/// The logarithm of the chance of at most so many cases in a sample, where each is one with chance `rate`, between 0 and 1.
/// In logarithms, since the chances of single numbers are far below what a float holds.
fn log_at_most(cases: u64, sample: u64, rate: f64) -> f64 {
    let (case, none) = (rate.ln(), (-rate).ln_1p());
    let mut ways = 0.0;
    let mut sum = f64::NEG_INFINITY;
    for number in 0..=cases {
        if number > 0 {
            ways += (float(sample - number + 1) / float(number)).ln();
        }
        let term = ways + float(number) * case + float(sample - number) * none;
        let (larger, smaller) = if sum > term { (sum, term) } else { (term, sum) };
        sum = larger + (smaller - larger).exp().ln_1p();
    }
    sum
}

/// A count as a float: exact below 2^53, which no sample reaches.
#[expect(clippy::cast_precision_loss, reason = "no sample has 2^53 turns")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_bounds_come_out() {
        // With no case the bound has a closed form, 1 - 0.025^(1/n); the others are from published tables.
        let known = [
            (0, 100, 0.036_217),
            (1, 100, 0.054_459),
            (0, 10, 0.308_497),
            (5, 10, 0.812_914),
            (10, 100, 0.176_223),
            (0, 1, 0.975),
            (0, 3_000, 0.001_228_9),
        ];
        for (cases, sample, bound) in known {
            assert!((upper(cases, sample) - bound).abs() < 1e-6, "{cases} of {sample}: {}", upper(cases, sample));
        }
        assert!((upper(3, 3) - 1.0).abs() < f64::EPSILON);
        assert!((upper(0, 0) - 1.0).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn the_bound_is_above_the_rate_and_grows_with_the_cases(sample in 1_u64..5_000, part in 0_u64..100) {
            let cases = sample * part / 100;
            let bound = upper(cases, sample);
            prop_assert!(bound <= 1.0 && bound >= float(cases) / float(sample));
            prop_assert!(upper(cases + 1, sample) >= bound);
        }

        #[test]
        fn at_the_bound_so_few_cases_are_as_rare_as_agreed(sample in 1_u64..2_000, part in 0_u64..99) {
            let cases = sample * part / 100;
            let bound = upper(cases, sample);
            prop_assume!(cases < sample);
            prop_assert!((log_at_most(cases, sample, bound).exp() - TAIL).abs() < 1e-6);
        }
    }
}
