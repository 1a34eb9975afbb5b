#!/usr/bin/env python3
"""Writes parity.txt: what ONNX Runtime hears in each 32 ms window, for the parity test in src/listen/vad/parity.rs.

    pip install numpy onnxruntime
    python3 parity.py silero_vad.onnx HUMAN_VOICES_FOLDER > parity.txt

The synthetic signal is made twice, here and in the test, by the same arithmetic; its hash proves that both made the
same. The human voices are read from a folder that need not be there when the test runs.
"""
import hashlib
import pathlib
import sys
import wave

import numpy
import onnxruntime

RATE = 8000
CONTEXT, WINDOW = 32, 256
SEGMENT = 6000  # 0.75 s
SECONDS = 45

# Two-pole resonators: y = gain * x + b * y1 + c * y2. Frequencies and bandwidths of two vowels, written as numbers so
# that no library's cosine comes into it: 730/90, 1090/110, 2440/170 Hz and 270/60, 2290/200, 3010/250 Hz.
VOWELS = [
    [(0.04, 1.622, -0.932), (0.06, 1.255, -0.917), (0.1, -0.631, -0.875)],
    [(0.02, 1.909, -0.954), (0.1, -0.418, -0.855), (0.12, -1.292, -0.822)],
]
# Kind of sound and loudness, one segment after the other.
SEGMENTS = [
    ("vowels", 9000.0), ("rest", 0.0), ("vowels", 2500.0), ("noise", 300.0), ("vowels", 20000.0), ("tone", 8000.0),
    ("noise", 4000.0), ("vowels", 600.0), ("clip", 60000.0), ("rest", 0.0), ("vowels", 5000.0), ("tone", 500.0),
]


def synthetic():
    """Vowels, noise, tones, clipping and silence in turns."""
    samples = []
    seed, pulse, memory, phase = 12345, 0, [[0.0, 0.0] for _ in range(3)], 0
    for n in range(RATE * SECONDS):
        kind, loudness = SEGMENTS[(n // SEGMENT) % len(SEGMENTS)]
        within = n % SEGMENT
        seed = (seed * 1664525 + 1013904223) % 4294967296
        noise = seed / 2147483648.0 - 1.0
        # A voice's pitch moves; syllables of 1,500 samples change the vowel and rise and fall in loudness.
        syllable = within % 1500
        pulse -= 1
        source = 0.02 * noise
        if pulse <= 0:
            pulse = 56 + (within // 300)
            source += 1.0
        value = source
        for resonator, (gain, b, c) in zip(memory, VOWELS[(n // 1500) % 2]):
            out = gain * value + b * resonator[0] + c * resonator[1]
            resonator[1], resonator[0] = resonator[0], out
            value = out * 4.0
        envelope = min(syllable, 1500 - syllable) / 750.0
        phase = (phase + 13) % 64
        triangle = abs(phase - 32) / 16.0 - 1.0
        if kind == "vowels" or kind == "clip":
            sound = value * envelope * loudness
        elif kind == "noise":
            sound = noise * loudness
        elif kind == "tone":
            sound = triangle * loudness
        else:
            sound = 0.0
        samples.append(int(max(-32768.0, min(32767.0, sound))))
    return numpy.array(samples, numpy.int16)


def human(folder, name):
    """A recording at 8 kHz; where it is at 16 kHz, the mean of each two samples."""
    with wave.open(str(folder / name)) as file:
        rate, samples = file.getframerate(), numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
    if rate == 2 * RATE:
        pairs = samples[: len(samples) // 2 * 2].astype(numpy.int32).reshape(-1, 2)
        samples = ((pairs[:, 0] + pairs[:, 1]) >> 1).astype(numpy.int16)
    return samples


def probabilities(session, samples):
    state, context = numpy.zeros((2, 1, 128), numpy.float32), numpy.zeros(CONTEXT, numpy.float32)
    heard = []
    for start in range(0, len(samples) - WINDOW + 1, WINDOW):
        window = samples[start : start + WINDOW].astype(numpy.float32) / 32768
        given = numpy.concatenate([context, window])[None]
        out, state = session.run(None, {"input": given, "state": state, "sr": numpy.array(RATE, numpy.int64)})
        context = window[-CONTEXT:]
        heard.append(float(out[0, 0]))
    return heard


def main():
    model, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = ["jfk.wav"]
    names += sorted(f"librivox/{p.name}" for p in (folder / "librivox").glob("*.wav"))[:2]
    names += sorted(f"cards/{p.name}" for p in (folder / "cards").glob("*.wav"))[:3]
    names += sorted(f"digits/{p.name}" for p in (folder / "digits").glob("*_0.wav"))[::7]
    sounds = [("synthetic", synthetic())] + [(name, human(folder, name)) for name in names]
    for name, samples in sounds:
        heard = probabilities(session, samples)
        print(name, hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest(), len(heard))
        for probability in heard:
            print(f"{probability:.7g}")


main()
