//! Keys of a telephone as two tones in the sound itself (ITU-T Q.23 and Q.24): for lines that send no key packets.
//!
//! ```text
//!   frames -> blocks of 102 samples -> Goertzel at 8 tones -> a candidate or none, block by block
//!             two blocks in a row with one candidate -> the two tones are fitted and taken out -> is anything left?
//! ```
//! In:  every frame of a caller, in order. Out: one character for each press, while the key is still down.
//! Speech holds such pairs of tones for moments. What tells it apart is what it holds besides: so a pair counts only
//! where, over both blocks, it is almost all of the sound, steady, near enough in frequency and alike in loudness.
//! Run by the call's media thread, and only where key packets were not agreed on, or every press would count twice.
//! Keeps 26 ms of sound, wiped on drop, and has no `Debug`. Never touches a socket or a clock.

use std::f32::consts::{PI, TAU};

use zeroize::Zeroizing;

use crate::pcm::Frame;

/// The tones of the four rows, Hz (Q.23).
const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// The tones of the four columns, Hz.
const COLUMNS: [f32; 4] = [1_209.0, 1_336.0, 1_477.0, 1_633.0];
/// The keys, row by row.
const KEYS: [[char; 4]; 4] = [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// Samples a second.
const RATE: f32 = 8_000.0;
/// Samples of a block: 12.75 ms. Of any 40 ms of a key, the shortest press that Q.24 knows, two blocks are whole.
const BLOCK: usize = 102;
/// Samples in which a key is judged.
const WINDOW: usize = 2 * BLOCK;

/// The least amplitude of each tone: -36 dBm0, where a sine at 0 dBm0 has 22,300. A key at -25 dBm0 must be heard
/// (Q.24), its weaker tone 8 dB below the other.
const FAINTEST: f32 = 353.0;
/// The least share of a block's power that a candidate's tones have. Loose: the ends of a press, and tones that are
/// 2.5 % off, read low in so short a block.
const CANDIDATE_SHARE: f32 = 0.4;
/// The largest share of power that is neither of the two tones: noise 13 dB below a key. With twice that, voices of a
/// high pitch made a key every few minutes.
const MOST_BESIDES: f32 = 0.05;
/// How far off a tone may be, as a share of its frequency: 1.5 % must be heard and 3.5 % must not (Q.24).
const MOST_OFF: f32 = 0.025;
/// How much louder a row's tone may be than its column's, as a ratio of power: 4 dB (Q.24) and 1.5 for the measure.
const ROW_LOUDER: f32 = 3.55;
/// How much louder a column's tone may be than its row's: 8 dB and 1.5 for the measure.
const COLUMN_LOUDER: f32 = 8.9;
/// The largest power at twice a tone's frequency, as a share of the tone's: -17 dB. A voice has overtones, a key none.
const MOST_OVERTONE: f32 = 0.02;
/// Blocks without the key after which it is up: 25 ms, so that a drop-out of one block does not end a press. Any pause
/// of 40 ms holds two whole blocks.
const PAUSE: u8 = 2;

/// Hears keys in sound.
#[derive(Default)]
pub struct ToneListener {
    /// The last whole block and the samples of the next, oldest first.
    sound: Zeroizing<Vec<f32>>,
    /// What the last whole block may hold.
    candidate: Option<Key>,
    /// The key that is down and was reported, and for how many blocks it was not heard.
    down: Option<(Key, u8)>,
}

/// A place on the keypad.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    row: usize,
    column: usize,
}

impl ToneListener {
    /// Takes the next 20 ms. Gives the key, `0` to `9`, `*`, `#`, `A` to `D`, whose press was recognised in them.
    #[must_use]
    pub fn hear(&mut self, frame: &Frame) -> Option<char> {
        let mut heard = None;
        for &sample in frame.samples() {
            self.sound.push(f32::from(sample));
            if self.sound.len() >= WINDOW {
                heard = self.judge().or(heard);
                self.sound.drain(..BLOCK);
            }
        }
        heard
    }

    /// A block is whole; the one before it stands in front of it.
    fn judge(&mut self) -> Option<char> {
        let candidate = self.sound.get(BLOCK..).and_then(candidate);
        let before = std::mem::replace(&mut self.candidate, candidate);
        if let Some((key, missed)) = self.down.take() {
            let missed = if candidate == Some(key) { 0 } else { missed + 1 };
            self.down = (missed < PAUSE).then_some((key, missed));
            return None;
        }
        // Spares the fit where it could not succeed.
        let key = candidate.filter(|_| candidate == before)?;
        let Key { row, column } = key;
        let (row_hz, column_hz) = (*ROWS.get(row)?, *COLUMNS.get(column)?);
        if !is_a_key(&self.sound, row_hz, column_hz) {
            return None;
        }
        self.down = Some((key, 0));
        KEYS.get(row)?.get(column).copied()
    }
}

/// The loudest row and the loudest column of a block, where they are loud enough and most of it.
fn candidate(block: &[f32]) -> Option<Key> {
    let energy: f32 = block.iter().map(|s| s * s).sum();
    let (row, row_power) = loudest(block, &ROWS)?;
    let (column, column_power) = loudest(block, &COLUMNS)?;
    // A tone of amplitude a has a power of a^2 n^2/4 by Goertzel, and an energy of a^2 n/2.
    let count = len(block);
    let share = (row_power + column_power) * 2.0 / (count * energy.max(1.0));
    let faintest = (FAINTEST * count / 2.0).powi(2) / 2.0;
    (share >= CANDIDATE_SHARE && row_power.min(column_power) >= faintest).then_some(Key { row, column })
}

fn loudest(block: &[f32], tones: &[f32; 4]) -> Option<(usize, f32)> {
    tones.iter().map(|&hz| goertzel(block, hz)).enumerate().max_by(|a, b| a.1.total_cmp(&b.1))
}

/// The power of a block at a frequency: the squared magnitude of its Fourier sum (Goertzel 1958).
fn goertzel(block: &[f32], hz: f32) -> f32 {
    let twice_cos = 2.0 * (TAU * hz / RATE).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for &sample in block {
        (last, before) = (sample + twice_cos * last - before, last);
    }
    last * last + before * before - twice_cos * last * before
}

/// Whether a window is these two tones and hardly anything else.
fn is_a_key(window: &[f32], row_hz: f32, column_hz: f32) -> bool {
    let (Some(row), Some(column)) = (Tone::fit(window, row_hz), Tone::fit(window, column_hz)) else { return false };
    let (row_power, column_power) = (row.amplitude.powi(2), column.amplitude.powi(2));
    if row.amplitude.min(column.amplitude) < FAINTEST
        || row_power > ROW_LOUDER * column_power
        || column_power > COLUMN_LOUDER * row_power
    {
        return false;
    }
    let rest: Vec<f32> = steps(window).map(|(at, &s)| s - row.at(at) - column.at(at)).collect();
    let rest = Zeroizing::new(rest);
    // Both are weighted alike, or the edges of the window, where the fit is poor, would count too much.
    if weighted_energy(&rest) > MOST_BESIDES * weighted_energy(window) {
        return false;
    }
    [&row, &column].iter().all(|tone| {
        let overtone = Sum::of(&rest, 2.0 * tone.pace).amplitude(window);
        overtone.powi(2) <= MOST_OVERTONE * tone.amplitude.powi(2)
    })
}

/// A steady tone.
struct Tone {
    /// Radians a sample.
    pace: f32,
    amplitude: f32,
    /// In the middle of the window, radians.
    phase: f32,
}

impl Tone {
    /// The tone near `hz`; `None` where it is too far off.
    fn fit(window: &[f32], hz: f32) -> Option<Self> {
        let nominal = TAU * hz / RATE;
        let off = Sum::of(window, nominal).off()?;
        if off.abs() > MOST_OFF * nominal {
            return None;
        }
        let pace = nominal + off;
        let sum = Sum::of(window, pace);
        Some(Self { pace, amplitude: sum.amplitude(window), phase: sum.im.atan2(sum.re) })
    }

    fn at(&self, step: f32) -> f32 {
        self.amplitude * (self.pace * step + self.phase).cos()
    }
}

/// A window's Fourier sum at one frequency, twice: weighted by a Hann window, and by that window's slope.
struct Sum {
    re: f32,
    im: f32,
    slope_re: f32,
    slope_im: f32,
}

impl Sum {
    fn of(window: &[f32], pace: f32) -> Self {
        let mut sum = Self { re: 0.0, im: 0.0, slope_re: 0.0, slope_im: 0.0 };
        let turn = TAU / len(window);
        for (at, &sample) in steps(window) {
            let (sin, cos) = (pace * at).sin_cos();
            let (hann, slope) = (hann(turn * at), -(turn / 2.0) * (turn * at).sin());
            sum.re += sample * hann * cos;
            sum.im -= sample * hann * sin;
            sum.slope_re += sample * slope * cos;
            sum.slope_im -= sample * slope * sin;
        }
        sum
    }

    /// How far the tone lies from the frequency of the sum, radians a sample; `None` in silence. Summing by parts, the
    /// sum by the slope is -i times that distance times the other sum (Auger and Flandrin 1995).
    fn off(&self) -> Option<f32> {
        let power = self.re.powi(2) + self.im.powi(2);
        (power > 0.0).then(|| (self.slope_re * self.im - self.slope_im * self.re) / power)
    }

    fn amplitude(&self, window: &[f32]) -> f32 {
        // The weights of a Hann window add up to half its length, and a real tone is two halves.
        4.0 * self.re.hypot(self.im) / len(window)
    }
}

/// A Hann window; `turn` runs from -pi to pi, the middle is 0.
fn hann(turn: f32) -> f32 {
    0.5 + 0.5 * turn.clamp(-PI, PI).cos()
}

fn weighted_energy(window: &[f32]) -> f32 {
    let turn = TAU / len(window);
    steps(window).map(|(at, &s)| hann(turn * at) * s * s).sum()
}

/// The samples with their places, counted from the middle of the window.
fn steps(window: &[f32]) -> impl Iterator<Item = (f32, &f32)> {
    let middle = (len(window) - 1.0) / 2.0;
    (0_u16..).map(move |at| f32::from(at) - middle).zip(window)
}

fn len(samples: &[f32]) -> f32 {
    f32::from(u16::try_from(samples.len()).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::{g711, to_sample};

    /// A sine at 0 dBm0: mu-law's largest value is at 3.17 dBm0 (G.711 section 4).
    const ZERO_DBM0: f32 = 22_300.0;

    fn level(dbm0: f32) -> f32 {
        ZERO_DBM0 * 10_f32.powf(dbm0 / 20.0)
    }

    /// Sound that is put together piece by piece and goes over a mu-law line.
    #[derive(Default)]
    struct Sound(Vec<f32>);

    impl Sound {
        fn silence(mut self, ms: usize) -> Self {
            self.0.extend(std::iter::repeat_n(0.0, ms * 8));
            self
        }

        fn tones(mut self, ms: usize, tones: &[(f32, f32)]) -> Self {
            for n in 0..ms * 8 {
                let t = n as f32;
                self.0.push(tones.iter().map(|(hz, amplitude)| amplitude * (TAU * hz / RATE * t).sin()).sum());
            }
            self
        }

        fn key(self, ms: usize, (row, column): (usize, usize), dbm0: f32) -> Self {
            self.tones(ms, &[(ROWS[row], level(dbm0)), (COLUMNS[column], level(dbm0))])
        }

        fn noise(mut self, rms: f32, seed: u64) -> Self {
            let mut random = fastrand::Rng::with_seed(seed);
            for s in &mut self.0 {
                *s += rms * 3_f32.sqrt() * (2.0 * random.f32() - 1.0);
            }
            self
        }

        fn heard(&self) -> String {
            let line: Vec<i16> = self.0.iter().map(|&s| g711::from_mulaw(g711::to_mulaw(to_sample(s)))).collect();
            let mut listener = ToneListener::default();
            Frame::cut(&line).filter_map(|frame| listener.hear(&frame)).collect()
        }
    }

    fn all_keys() -> impl Iterator<Item = ((usize, usize), char)> {
        (0..16).map(|n| ((n / 4, n % 4), KEYS[n / 4][n % 4]))
    }

    #[test]
    fn every_key_of_50_ms_is_heard_once_at_every_level_and_wherever_it_begins() {
        for dbm0 in [-3.0, -9.0, -15.0, -20.0, -25.0] {
            for offset in 0..20 {
                let mut sound = Sound::default().silence(offset);
                for (place, _) in all_keys() {
                    sound = sound.key(50, place, dbm0).silence(50);
                }
                let all: String = all_keys().map(|(_, key)| key).collect();
                assert_eq!(sound.heard(), all, "at {dbm0} dBm0, {offset} ms in");
            }
        }
    }

    #[test]
    fn the_same_key_is_heard_again_after_a_pause_and_a_long_one_only_once() {
        let sound = Sound::default().key(50, (1, 1), -10.0).silence(50).key(50, (1, 1), -10.0).silence(50);
        assert_eq!(sound.key(2_000, (3, 2), -10.0).heard(), "55#");
        // The quickest that Q.24 knows, wherever its blocks fall.
        for lead in 0..13 {
            let mut sound = Sound::default().silence(lead);
            for _ in 0..10 {
                sound = sound.key(40, (2, 1), -10.0).silence(40);
            }
            assert_eq!(sound.heard(), "8888888888", "{lead} ms in");
        }
    }

    #[test]
    fn a_drop_out_of_10_ms_does_not_end_a_press() {
        for before in 60..80 {
            let sound = Sound::default().key(before, (0, 0), -10.0).silence(10).key(60, (0, 0), -10.0).silence(50);
            assert_eq!(sound.heard(), "1", "after {before} ms");
        }
    }

    #[test]
    fn tones_1_5_percent_off_are_heard_and_3_5_percent_off_are_not() {
        for ((row, column), key) in all_keys() {
            for (off, heard) in [(0.015, true), (-0.015, true), (0.035, false), (-0.035, false)] {
                let sound = |row_off: f32, column_off: f32, lead| {
                    let (row, column) = (ROWS[row] * (1.0 + row_off), COLUMNS[column] * (1.0 + column_off));
                    Sound::default().silence(lead).tones(70, &[(row, level(-12.0)), (column, level(-12.0))]).silence(50)
                };
                for lead in 0..13 {
                    for (row_off, column_off) in [(off, off), (off, 0.0), (0.0, off)] {
                        let expected = if heard { key.to_string() } else { String::new() };
                        assert_eq!(
                            sound(row_off, column_off, lead).heard(),
                            expected,
                            "{key}: {row_off}, {column_off}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_column_may_be_8_db_louder_and_a_row_4_db_but_not_12_and_8() {
        for ((row, column), key) in all_keys() {
            for (twist, heard) in [(8.0, true), (-4.0, true), (12.0, false), (-8.0, false)] {
                let tones = [(ROWS[row], level(-12.0)), (COLUMNS[column], level(-12.0 + twist))];
                let sound = Sound::default().silence(7).tones(60, &tones).silence(50);
                let expected = if heard { key.to_string() } else { String::new() };
                assert_eq!(sound.heard(), expected, "{key} with a column {twist} dB louder");
            }
        }
    }

    #[test]
    fn a_faint_key_is_none_and_a_noisy_line_is_no_obstacle() {
        assert_eq!(Sound::default().key(100, (1, 1), -45.0).heard(), "");
        for seed in 0..20 {
            // 15 dB below the two tones together.
            let noise = level(-12.0) * 10_f32.powf(-15.0 / 20.0);
            let sound = Sound::default().silence(60).key(60, (2, 0), -12.0).silence(60).noise(noise, seed);
            assert_eq!(sound.heard(), "7", "seed {seed}");
        }
    }

    #[test]
    fn a_key_shorter_than_20_ms_is_none() {
        for lead in 0..13 {
            assert_eq!(Sound::default().silence(lead).key(15, (1, 1), -10.0).silence(50).heard(), "");
        }
    }

    #[test]
    fn noise_ringing_and_single_tones_are_no_keys() {
        for (seed, rms) in [(1, 300.0), (2, 3_000.0), (3, 10_000.0)] {
            assert_eq!(Sound::default().silence(20_000).noise(rms, seed).heard(), "");
        }
        for pair in [(440.0, 480.0), (350.0, 440.0), (480.0, 620.0), (697.0, 941.0), (1_209.0, 1_633.0), (1_336.0, 1.0)]
        {
            let sound = Sound::default().tones(4_000, &[(pair.0, level(-13.0)), (pair.1, level(-13.0))]);
            assert_eq!(sound.heard(), "", "{pair:?}");
        }
    }

    #[test]
    fn a_voice_with_the_overtones_of_a_key_is_none() {
        for ((row, column), _) in all_keys() {
            let quiet = level(-26.0);
            for overtone in [2.0 * ROWS[row], 2.0 * COLUMNS[column]] {
                let sound = Sound::default()
                    .tones(100, &[(ROWS[row], level(-12.0)), (COLUMNS[column], level(-12.0)), (overtone, quiet)]);
                assert_eq!(sound.heard(), "");
            }
        }
    }

    /// Voiced sound: a train of pulses with a wandering pitch through three resonances that change every 80 to 300 ms.
    fn speech(seconds: usize, pitch: f32, random: &mut fastrand::Rng) -> Vec<f32> {
        // F1 to F3 of vowels, Hz (Peterson and Barney 1952, men; women's are about 17 % higher).
        const VOWELS: [[f32; 3]; 8] = [
            [270.0, 2290.0, 3010.0],
            [390.0, 1990.0, 2550.0],
            [530.0, 1840.0, 2480.0],
            [660.0, 1720.0, 2410.0],
            [730.0, 1090.0, 2440.0],
            [570.0, 840.0, 2410.0],
            [440.0, 1020.0, 2240.0],
            [300.0, 870.0, 2240.0],
        ];
        let size = if pitch > 160.0 { 1.17 } else { 1.0 };
        let (mut out, mut phase, mut glottis, mut memory) = (Vec::new(), 0.0_f32, 0.0_f32, [[0.0_f32; 2]; 3]);
        while out.len() < seconds * 8_000 {
            let vowel = VOWELS[random.usize(..VOWELS.len())].map(|hz| hz * size * (0.92 + 0.16 * random.f32()));
            let (from, to) = (pitch * (0.75 + 0.5 * random.f32()), pitch * (0.75 + 0.5 * random.f32()));
            let voiced = random.f32() < 0.8;
            let length = random.usize(640..2_400);
            for n in 0..length {
                let here = n as f32 / length as f32;
                phase += (from + (to - from) * here) / RATE;
                let pulse = if phase >= 1.0 { 8.0 } else { 0.0 };
                phase = phase.fract();
                // What the glottis and the lips make of a pulse falls by 6 dB an octave.
                glottis += 0.08 * (pulse - glottis);
                let mut s = if voiced { glottis } else { 0.3 * (random.f32() - 0.5) };
                for (m, hz) in memory.iter_mut().zip(vowel) {
                    // Bandwidths of 60 to 200 Hz.
                    let radius = (-PI * (50.0 + hz / 20.0) / RATE).exp();
                    let next = s + 2.0 * radius * (TAU * hz / RATE).cos() * m[0] - radius * radius * m[1];
                    *m = [next, m[0]];
                    s = next * (1.0 - radius);
                }
                out.push(s * (PI * here).sin().sqrt());
            }
        }
        let loudest = out.iter().fold(0.0_f32, |a, s| a.max(s.abs()));
        out.iter().map(|s| s / loudest * 16_000.0).collect()
    }

    #[test]
    fn ten_minutes_of_made_up_voices_are_no_keys() {
        let mut random = fastrand::Rng::with_seed(0x7042);
        let mut wrong = Vec::new();
        for pitch in [85.0, 100.0, 120.0, 140.0, 165.0, 190.0, 215.0, 240.0, 270.0, 310.0] {
            let heard = Sound(speech(60, pitch, &mut random)).heard();
            wrong.extend((!heard.is_empty()).then_some((pitch, heard)));
        }
        assert!(wrong.is_empty(), "keys in 60 s each of voices at these pitches: {wrong:?}");
    }
}
