"""Speaks the fixture sentences with local voices and makes telephone turns of them.

A voice's sound goes through what a call does to it: 8 kHz, mu-law, a level, a noise floor, a moment of silence before
and after; then up to 16 kHz as the recogniser does it, and into the log-mel picture that whisper.cpp computes.
"""

import subprocess
import tempfile
import wave

import numpy as np

VOICES = ("slt", "rms", "awb", "kal", "espeak")
FRAMES = 500  # 10 ms each: the 5 s that the micro model can hear


def speak(voice, text):
    """The text in a voice, as 8 kHz samples from -1 to 1."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        if voice == "espeak":
            command = ["espeak-ng", "-v", "en-us", "-s", "150", "-w", file.name, text]
        else:
            command = ["flite", "-voice", voice, "-t", text, "-o", file.name]
        subprocess.run(command, check=True, capture_output=True)
        with wave.open(file.name) as sound:
            rate = sound.getframerate()
            samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768.0
    return trim(resample(samples, rate, 8000))


def trim(samples):
    """Without the silence at both ends."""
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    return samples[max(loud[0] - 160, 0) : loud[-1] + 320]


def resample(samples, rate, to):
    """Changes the sample rate by a windowed sinc, evaluated at every new sample's moment."""
    if rate == to:
        return samples
    cut, half = min(1.0, to / rate), 24
    moments = np.arange(int(len(samples) * to / rate)) * (rate / to)
    reach = int(half / cut)
    offsets = np.arange(-reach, reach + 1)
    centre = np.floor(moments).astype(int)
    distance = (centre[:, None] + offsets) - moments[:, None]
    kernel = cut * np.sinc(cut * distance) * (0.5 + 0.5 * np.cos(np.pi * np.clip(distance / (reach + 1), -1, 1)))
    padded = np.pad(samples, reach + 1)
    return (padded[centre[:, None] + offsets + reach + 1] * kernel).sum(axis=1)


def mu_law(samples):
    """There and back through G.711 mu-law (continuous form: the steps are what matters here)."""
    level = np.sign(samples) * np.log1p(255 * np.abs(samples)) / np.log(256)
    level = np.round(level * 127) / 127
    return np.sign(level) * np.expm1(np.abs(level) * np.log(256)) / 255


def paces(speech):
    """The same words at three paces."""
    return [resample(speech, 8000, rate) for rate in (7600, 8000, 8400)]


def turn(spoken, rng):
    """One telephone turn, different each time: pace, tone, level, noise, silences, mu-law, the way up to 16 kHz."""
    speech = spoken[rng.integers(len(spoken))]
    side = rng.uniform(-0.1, 0.1)
    speech = np.convolve(speech, [side, 1 - 2 * abs(side), side], "same")
    speech = speech / np.abs(speech).max() * 10 ** (rng.uniform(-18, -1) / 20)
    before, after = int(rng.uniform(0, 0.5) * 8000), int(rng.uniform(0.02, 0.4) * 8000)
    line = np.pad(speech, (before, after))
    snr = rng.choice([15, 20, 25, 30, 40, 60, np.inf])
    line = np.clip(line + rng.normal(0, 1, len(line)) * speech.std() * 10 ** (-snr / 20), -1, 1)
    if rng.random() < 0.7:
        line = mu_law(line)
    return upsample(line, rng.choice([5, 11, 23]))


def upsample(samples, taps):
    """Twice the rate by a half-band filter whose odd side has `taps` coefficients each way."""
    k = np.arange(-taps, taps + 1) + 0.5
    odd = np.sinc(k) * (0.5 + 0.5 * np.cos(np.pi * k / (taps + 1)))
    between = np.convolve(np.pad(samples, (taps, taps + 1)), odd / odd.sum(), "valid")
    out = np.zeros(2 * len(samples))
    out[0::2], out[1::2] = samples, between[: len(samples)]
    return out


def mel_filters(mels=80, size=400, rate=16000):
    """Slaney's mel filters with area one, as Whisper uses them: [mels, 201]."""

    def to_hz(mel):
        return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))

    top = 15 + 27 * np.log(rate / 2 / 1000) / np.log(6.4)
    edges = to_hz(np.linspace(0, top, mels + 2))
    bins = np.linspace(0, rate / 2, size // 2 + 1)
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return (np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]).astype(np.float32)


def log_mel(samples, filters, frames=FRAMES):
    """The picture that the encoder sees: [frames, mels], the turn first and then digital silence."""
    padded = np.concatenate([samples[1:201][::-1], samples, np.zeros(frames * 160 + 400)])
    picture = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][:frames]
    power = np.abs(np.fft.rfft(picture * np.hanning(401)[:400])) ** 2
    mel = np.log10(np.maximum(power @ filters.T, 1e-10))
    return ((np.maximum(mel, mel.max() - 8) + 4) / 4).astype(np.float32)
