#!/usr/bin/env python3
"""Makes the test sounds of docs/recognition.md: telephone-band WAV files and a table of what is said in them.

In:  heldout.txt and slots.tsv (beside this file), the voices of flite and espeak-ng, sox; perhaps a folder of human voices.
Out: OUT/*.wav (8 kHz, 16 bit, gone through G.711 mu-law with line noise) and OUT/corpus.tsv: file, what was asked, group,
     words said. The same inputs give the same bytes.

    python3 models/clinic-lm/corpus.py OUT [--human FOLDER]
"""

import argparse
import array
import math
import os
import random
import subprocess
import sys
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 7
VOICES = ("slt", "rms", "awb", "kal", "espeak")
# Line noise, dB below full scale: a fair analogue line.
NOISE_DBFS = -45
PAD_MS = 250
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
NUMBERS_PER_SPEAKER = 20
DIGITS = "zero one two three four five six seven eight nine".split()


def run(*command, data=None):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def telephone_rate(path):
    """Any WAV as 8 kHz samples. sox's own dither is off so that the bytes repeat."""
    raw = run("sox", "-D", path, "-r", "8000", "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", "-")
    return array.array("h", raw)


def speak(voice, text, scratch):
    if voice == "espeak":
        run("espeak-ng", "-v", "en-us", "-s", "150", "-w", scratch, text)
    else:
        run("flite", "-voice", voice, "-t", text, "-o", scratch)
    return telephone_rate(scratch)


def mu_law(sample):
    """There and back through G.711 mu-law: 14-bit magnitudes in eight segments."""
    sign, magnitude = (-1 if sample < 0 else 1), min(abs(sample), 32635) + 132
    exponent = max(magnitude.bit_length() - 8, 0)
    step = 1 << (exponent + 3)
    return sign * ((magnitude // step) * step + step // 2 - 132)


def line(samples, chance, noise_dbfs=NOISE_DBFS):
    pad = [0] * (8 * PAD_MS)
    level = 32768 * 10 ** (noise_dbfs / 20)
    noisy = (sample + chance.gauss(0, level) for sample in [*pad, *samples, *pad])
    return array.array("h", (mu_law(int(max(-32768, min(32767, sample)))) for sample in noisy))


def write(path, samples):
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        if sys.byteorder == "big":
            samples.byteswap()
        out.writeframes(samples.tobytes())


def lines_of(name):
    path = os.path.join(HERE, name)
    return [text.rstrip("\n") for text in open(path, encoding="utf-8") if text.strip() and not text.startswith("#")]


def synthetic(out):
    said = [("anything", "heldout", text) for text in lines_of("heldout.txt")]
    for row in lines_of("slots.tsv"):
        expecting, text = row.split("\t")
        kind, asked = expecting, expecting
        if ":" in expecting:  # "aside:dob": asked for a date of birth, something else is said
            kind, asked = expecting.split(":")
        said.append((asked, kind, text))
    for voice in VOICES:
        for number, (asked, kind, text) in enumerate(said):
            chance = random.Random(f"{SEED} {voice} {number}")
            path = os.path.join(out, f"{kind}-{voice}-{number:03}.wav")
            write(path, line(speak(voice, text, os.path.join(out, "scratch.wav")), chance))
            yield path, asked, f"{kind} {voice}", text
    os.remove(os.path.join(out, "scratch.wav"))


def human(out, folder):
    """Spoken digits strung into telephone numbers with pauses; read and commanded speech through the line."""
    for speaker in SPEAKERS:
        for number in range(NUMBERS_PER_SPEAKER):
            chance = random.Random(f"{SEED} {speaker} {number}")
            digits = [chance.randrange(10) for _ in range(10)]
            samples = []
            for place, digit in enumerate(digits):
                if place:
                    gap = chance.uniform(0.35, 0.6) if place in (3, 6) else chance.uniform(0.05, 0.2)
                    samples.extend([0] * int(8000 * gap))
                samples.extend(level(telephone_rate(os.path.join(folder, "digits", take(folder, chance, digit, speaker)))))
            path = os.path.join(out, f"digits-{speaker}-{number:02}.wav")
            write(path, line(samples, chance))
            yield path, "phone", f"digits {speaker}", " ".join(DIGITS[digit] for digit in digits)
    for row in open(os.path.join(folder, "transcripts.tsv"), encoding="utf-8"):
        name, words = row.rstrip("\n").split("\t")
        group = name.split("/")[0].removesuffix(".wav")
        path = os.path.join(out, "human-" + name.replace("/", "-"))
        write(path, line(telephone_rate(os.path.join(folder, name)), random.Random(f"{SEED} {name}")))
        yield path, "anything", f"human {group}", words


def take(folder, chance, digit, speaker):
    takes = sorted(n for n in os.listdir(os.path.join(folder, "digits")) if n.startswith(f"{digit}_{speaker}_"))
    return chance.choice(takes)


def level(samples):
    """One loudness (-20 dBFS over the digit) for recordings made at very different levels."""
    power = math.sqrt(sum(s * s for s in samples) / max(len(samples), 1)) or 1.0
    gain = 3276.8 / power
    return [max(-32768, min(32767, int(s * gain))) for s in samples]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("out")
    arguments.add_argument("--human", help="folder with digits/, transcripts.tsv and the files it names")
    options = arguments.parse_args()
    os.makedirs(options.out, exist_ok=True)
    rows = list(synthetic(options.out))
    if options.human:
        rows += human(options.out, options.human)
    with open(os.path.join(options.out, "corpus.tsv"), "w", encoding="utf-8", newline="\n") as table:
        for row in rows:
            table.write("\t".join(row) + "\n")
    print(f"{len(rows)} sounds in {options.out}")


if __name__ == "__main__":
    main()
