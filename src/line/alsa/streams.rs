//! The sound card itself: capture and playback, opened once and kept open.
//!
//! In:  the name of an ALSA device.
//! Out: [`Open`]: a ring of what is heard and a ring of what is to be played, at the card's rate, mono.
//! A thread of its own opens and closes them, since a card or a sound server may take seconds for either. The library's
//! callbacks touch the rings and some counters and nothing else: no lock, no allocation, no log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, DeviceId, ErrorKind, HostId, StreamConfig};
use tokio::sync::oneshot;

use super::rate::{RATES, mix};
use super::ring::{self, Reader, Writer};

/// Callback size asked for, in 8 kHz samples: 60 ms. With less, a loaded box was heard to stumble; the library's own
/// choice can be 256 ms. Cards and plugins give something else (two thirds of it is common), so nothing relies on it.
const ASKED: u32 = 480;
/// What a ring holds, in seconds. Longer than any stall of this process that a call survives.
const RING_SECONDS: u32 = 2;
/// Errors in a row, without a frame between them, after which their thread rests a little. Some plugins report hundreds
/// between two frames while all is well; with a dead sound server they come as fast as a processor can make them.
const IN_A_ROW: u32 = 256;
/// How long it rests then: short beside the 40 ms between two frames.
const REST: Duration = Duration::from_millis(2);
/// What stands before the name of an ALSA device in a profile.
const PREFIX: &str = "alsa:";

/// Why the sound card cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// The name does not begin with `alsa:`.
    #[error("a sound device is written alsa:NAME; {0:?} is not: correct the site's profile")]
    Name(String),
    /// No device has that name.
    #[error("there is no sound device {0}: choose a name that `aplay -L` and `arecord -L` both list")]
    NoSuchDevice(String),
    /// Another program has it.
    #[error("the sound device {0} is in use: stop the other program, the line tries again by itself")]
    Busy(String),
    /// It was pulled out, or its sound server is not running.
    #[error("the sound device {0} is not there: plug it in or start its server, the line tries again by itself")]
    Gone(String),
    /// This user may not open it.
    #[error("the sound device {0} may not be opened: put the line's user into the group audio")]
    Denied(String),
    /// It knows none of 8, 16 and 48 kHz with one or two channels of 16 bits.
    #[error("the sound device {0} offers no 16-bit sound at 8, 16 or 48 kHz: use its plughw: name")]
    Unsupported(String),
    /// No thread could be started for it.
    #[error("no thread for the sound card: too many threads or too little memory")]
    Thread(#[source] std::io::Error),
}

impl SoundError {
    fn of(error: &cpal::Error, device: &str) -> Self {
        let device = device.to_owned();
        let kind = error.kind();
        if kind == ErrorKind::DeviceBusy {
            Self::Busy(device)
        } else if matches!(
            kind,
            ErrorKind::UnsupportedConfig | ErrorKind::UnsupportedOperation | ErrorKind::InvalidInput
        ) {
            Self::Unsupported(device)
        } else if kind == ErrorKind::PermissionDenied {
            Self::Denied(device)
        } else {
            Self::Gone(device)
        }
    }
}

/// What the callbacks have counted since the streams were opened.
#[derive(Debug, Default)]
pub(super) struct Callbacks {
    /// Samples captured, at the card's rate.
    pub(super) heard: AtomicU64,
    /// Samples the card has asked for, at its rate; those the ring did not have were played as silence.
    pub(super) asked: AtomicU64,
    /// Of these, the ones the ring did not have.
    pub(super) dry: AtomicU64,
    /// Samples of the largest playback callback so far.
    pub(super) largest: AtomicU64,
    /// Overruns and underruns that the card reported; the library recovers from them itself.
    pub(super) xruns: AtomicU64,
    /// Other errors. Some plugins report thousands although all is well.
    pub(super) errors: AtomicU64,
    /// The card has gone; its callbacks have ended for good.
    pub(super) gone: AtomicBool,
    /// Another program has taken the card.
    pub(super) busy: AtomicBool,
}

impl Callbacks {
    fn failed(&self, error: &cpal::Error) {
        let kind = error.kind();
        if kind == ErrorKind::Xrun {
            self.xruns.fetch_add(1, Ordering::Relaxed);
        } else if matches!(
            kind,
            ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable
        ) {
            self.gone.store(true, Ordering::Release);
        } else {
            if kind == ErrorKind::DeviceBusy {
                self.busy.store(true, Ordering::Release);
            }
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Notices when errors come without frames between them.
#[derive(Debug, Default)]
struct Row {
    frames: u64,
    errors: u32,
}

impl Row {
    /// Takes an error after `frames` frames; whether its thread is to rest.
    fn is_long(&mut self, frames: u64) -> bool {
        if std::mem::replace(&mut self.frames, frames) != frames {
            self.errors = 0;
        }
        self.errors = self.errors.saturating_add(1);
        self.errors > IN_A_ROW
    }
}

/// A sound card that runs. Dropping it closes the card.
#[derive(Debug)]
pub(super) struct Open {
    /// What is heard.
    pub(super) heard: Reader,
    /// Its rate, Hz.
    pub(super) heard_rate: u32,
    /// What is to be played.
    pub(super) play: Writer,
    /// Its rate, Hz.
    pub(super) play_rate: u32,
    /// What the callbacks have counted.
    pub(super) callbacks: Arc<Callbacks>,
    /// The thread that holds the streams ends when this is dropped.
    _close: std::sync::mpsc::Sender<()>,
}

/// The part of a name after `alsa:`.
///
/// # Errors
/// [`SoundError::Name`] for a name without it.
pub(super) fn device_name(name: &str) -> Result<&str, SoundError> {
    match name.strip_prefix(PREFIX) {
        Some(device) if !device.is_empty() => Ok(device),
        _ => Err(SoundError::Name(name.to_owned())),
    }
}

/// Starts to open the device of that name (without `alsa:`). The answer may take seconds.
///
/// # Errors
/// [`SoundError::Thread`]; others come as the answer.
pub(super) fn open(device: &str) -> Result<oneshot::Receiver<Result<Open, SoundError>>, SoundError> {
    let (answer, answered) = oneshot::channel();
    let device = device.to_owned();
    let work = move || {
        let (close, closed) = std::sync::mpsc::channel();
        match Streams::open(&device, close) {
            Ok((streams, open)) => {
                // Where nobody waits any longer, `open` is dropped and the next line ends at once.
                let _ = answer.send(Ok(open));
                let _ = closed.recv();
                drop(streams);
            }
            Err(error) => {
                let _ = answer.send(Err(error));
            }
        }
    };
    std::thread::Builder::new().name("sound-card".to_owned()).spawn(work).map_err(SoundError::Thread)?;
    Ok(answered)
}

struct Streams {
    _capture: cpal::Stream,
    _playback: cpal::Stream,
}

impl Streams {
    fn open(device: &str, close: std::sync::mpsc::Sender<()>) -> Result<(Self, Open), SoundError> {
        let host = cpal::host_from_id(HostId::Alsa).map_err(|error| SoundError::of(&error, device))?;
        let found = host.device_by_id(&DeviceId::new(HostId::Alsa, device));
        let card = found.ok_or_else(|| SoundError::NoSuchDevice(device.to_owned()))?;
        let callbacks = Arc::new(Callbacks::default());
        let (capture, heard, heard_rate) = first_that_works(device, |config| open_capture(&card, config, &callbacks))?;
        let (playback, play, play_rate) = first_that_works(device, |config| open_playback(&card, config, &callbacks))?;
        // The library does not start streams by itself.
        for stream in [&capture, &playback] {
            stream.play().map_err(|error| SoundError::of(&error, device))?;
        }
        let open = Open { heard, heard_rate, play, play_rate, callbacks, _close: close };
        Ok((Self { _capture: capture, _playback: playback }, open))
    }
}

/// The first of our rates and channel counts that opens. What a device says that it supports is not asked: plugins
/// claim everything from 1 Hz upward.
fn first_that_works<T>(
    device: &str,
    open: impl Fn(StreamConfig) -> Result<(cpal::Stream, T), cpal::Error>,
) -> Result<(cpal::Stream, T, u32), SoundError> {
    for sample_rate in RATES {
        for channels in [1, 2] {
            let asked = ASKED.saturating_mul(sample_rate / crate::pcm::LINE_RATE);
            // A device that cannot do this size at all is asked for its own.
            for buffer_size in [BufferSize::Fixed(asked), BufferSize::Default] {
                match open(StreamConfig { channels, sample_rate, buffer_size }) {
                    Ok((stream, end)) => return Ok((stream, end, sample_rate)),
                    Err(error) => {
                        let kind = error.kind();
                        let error = SoundError::of(&error, device);
                        if !matches!(error, SoundError::Unsupported(_)) {
                            tracing::debug!(?kind, "the sound device did not open");
                            return Err(error);
                        }
                    }
                }
            }
        }
    }
    Err(SoundError::Unsupported(device.to_owned()))
}

fn ring_size(config: StreamConfig) -> usize {
    usize::try_from(config.sample_rate.saturating_mul(RING_SECONDS)).unwrap_or_default()
}

fn count(samples: usize) -> u64 {
    u64::try_from(samples).unwrap_or(u64::MAX)
}

/// Takes what the card has heard. Runs on the card's thread.
fn capture(data: &[i16], channels: usize, writer: &mut Writer, seen: &Callbacks) {
    writer.push(data.chunks_exact(channels).map(mix));
    seen.heard.fetch_add(count(data.len() / channels), Ordering::Release);
}

/// Gives the card what it asks for, and silence where there is nothing. Runs on the card's thread.
fn playback(data: &mut [i16], channels: usize, reader: &mut Reader, seen: &Callbacks) {
    let asked = count(data.len() / channels);
    let mut dry = 0;
    for group in data.chunks_exact_mut(channels) {
        let sample = reader.pop();
        dry += u64::from(sample.is_none());
        group.fill(sample.unwrap_or(0));
    }
    seen.dry.fetch_add(dry, Ordering::Relaxed);
    seen.largest.fetch_max(asked, Ordering::Relaxed);
    seen.asked.fetch_add(asked, Ordering::Release);
}

/// Lets the card's thread rest, which has nothing to do but to report the same error again.
fn rest(needed: bool) {
    if needed {
        std::thread::sleep(REST);
    }
}

fn open_capture(
    card: &cpal::Device,
    config: StreamConfig,
    callbacks: &Arc<Callbacks>,
) -> Result<(cpal::Stream, Reader), cpal::Error> {
    let (mut writer, reader) = ring::ring(ring_size(config));
    let (seen, failed) = (Arc::clone(callbacks), Arc::clone(callbacks));
    let channels = usize::from(config.channels.max(1));
    let heard = move |data: &[i16], _: &cpal::InputCallbackInfo| capture(data, channels, &mut writer, &seen);
    let mut row = Row::default();
    let fail = move |error| {
        failed.failed(&error);
        rest(row.is_long(failed.heard.load(Ordering::Relaxed)));
    };
    let stream = card.build_input_stream(config, heard, fail, None)?;
    Ok((stream, reader))
}

fn open_playback(
    card: &cpal::Device,
    config: StreamConfig,
    callbacks: &Arc<Callbacks>,
) -> Result<(cpal::Stream, Writer), cpal::Error> {
    let (writer, mut reader) = ring::ring(ring_size(config));
    let (seen, failed) = (Arc::clone(callbacks), Arc::clone(callbacks));
    let channels = usize::from(config.channels.max(1));
    let play = move |data: &mut [i16], _: &cpal::OutputCallbackInfo| playback(data, channels, &mut reader, &seen);
    let mut row = Row::default();
    let fail = move |error| {
        failed.failed(&error);
        rest(row.is_long(failed.asked.load(Ordering::Relaxed)));
    };
    let stream = card.build_output_stream(config, play, fail, None)?;
    Ok((stream, writer))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The card's side of an [`Open`], played by a test.
    pub(in super::super) struct Bench {
        heard: Writer,
        play: Reader,
        callbacks: Arc<Callbacks>,
        closed: std::sync::mpsc::Receiver<()>,
    }

    impl Bench {
        pub(in super::super) fn open(rate: u32) -> (Open, Self) {
            let size = usize::try_from(rate).unwrap();
            let ((heard, to_hear), (to_play, play)) = (ring::ring(size), ring::ring(size));
            let (_close, closed) = std::sync::mpsc::channel();
            let callbacks = Arc::new(Callbacks::default());
            let bench = Self { heard, play, callbacks: Arc::clone(&callbacks), closed };
            (Open { heard: to_hear, heard_rate: rate, play: to_play, play_rate: rate, callbacks, _close }, bench)
        }

        pub(in super::super) fn hears(&mut self, samples: &[i16]) {
            capture(samples, 1, &mut self.heard, &self.callbacks);
        }

        pub(in super::super) fn plays(&mut self, samples: usize) -> Vec<i16> {
            let mut data = vec![1; samples];
            playback(&mut data, 1, &mut self.play, &self.callbacks);
            data
        }

        pub(in super::super) fn waits(&mut self) -> usize {
            let mut waiting = Vec::new();
            self.play.drain(&mut waiting);
            waiting.len()
        }

        pub(in super::super) fn complains(&self, times: usize) {
            (0..times).for_each(|_| self.callbacks.failed(&cpal::Error::new(ErrorKind::BackendError)));
        }

        pub(in super::super) fn is_gone(&self) {
            self.callbacks.failed(&cpal::Error::new(ErrorKind::DeviceNotAvailable));
        }

        pub(in super::super) fn is_closed(&self) -> bool {
            matches!(self.closed.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected))
        }
    }

    #[test]
    fn two_channels_are_heard_as_one_and_played_on_both() {
        let (_open, mut bench) = Bench::open(8_000);
        capture(&[10, 20, -30, -50], 2, &mut bench.heard, &bench.callbacks);
        assert_eq!((bench.heard.level(), bench.callbacks.heard.load(Ordering::Relaxed)), (2, 2));
        let (mut open, mut bench) = Bench::open(8_000);
        open.play.push([5, 6]);
        let mut data = [1; 6];
        playback(&mut data, 2, &mut bench.play, &bench.callbacks);
        assert_eq!(data, [5, 5, 6, 6, 0, 0]);
        assert_eq!(bench.callbacks.dry.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_device_is_named_with_its_kind_before_it() {
        assert_eq!(device_name("alsa:plughw:CARD=Device,DEV=0").unwrap(), "plughw:CARD=Device,DEV=0");
        for name in ["", "clinic", "alsa:", "pulse:clinic"] {
            assert!(matches!(device_name(name), Err(SoundError::Name(_))), "{name}");
        }
    }

    #[test]
    fn errors_in_a_row_make_their_thread_rest_until_a_frame_comes() {
        let mut row = Row::default();
        assert_eq!((0..1_000).filter(|_| row.is_long(320)).count(), 1_000 - 256);
        assert!(!row.is_long(640));
    }

    #[test]
    fn an_overrun_is_counted_a_lost_card_is_noted_and_other_errors_are_only_counted() {
        let callbacks = Callbacks::default();
        for kind in [ErrorKind::Xrun, ErrorKind::Xrun, ErrorKind::BackendError, ErrorKind::DeviceBusy] {
            callbacks.failed(&cpal::Error::new(kind));
        }
        let loaded = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        assert_eq!((loaded(&callbacks.xruns), loaded(&callbacks.errors)), (2, 2));
        assert!(callbacks.busy.load(Ordering::Relaxed) && !callbacks.gone.load(Ordering::Relaxed));
        callbacks.failed(&cpal::Error::new(ErrorKind::DeviceNotAvailable));
        assert!(callbacks.gone.load(Ordering::Relaxed));
    }
}
