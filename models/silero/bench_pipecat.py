#!/usr/bin/env python3
"""Processor time of pipecat's Silero analyser on one WAV file, beside which `anteroom bench vad FILE` is read.

    pip install "pipecat-ai[silero]==1.14.0"
    python3 bench_pipecat.py FILE.wav        (8 kHz, mono, 16-bit)

The file is fed in 20 ms frames, as a telephone line gives it. Both programs count the process's own processor time over
the frames only, without loading, and go through the file until 60 s of sound have passed.
"""
import asyncio
import resource
import sys
import time
import wave

from pipecat.audio.vad.silero import SileroVADAnalyzer

FRAME_BYTES = 320
LEAST_SECONDS = 60


async def main():
    with wave.open(sys.argv[1]) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2), "8 kHz mono 16-bit"
        sound = file.readframes(file.getnframes())
    analyser = SileroVADAnalyzer(sample_rate=8000)
    analyser.set_sample_rate(8000)
    heard, began = 0, time.process_time()
    while heard < LEAST_SECONDS * 16000:
        for start in range(0, len(sound) - FRAME_BYTES + 1, FRAME_BYTES):
            await analyser.analyze_audio(sound[start : start + FRAME_BYTES])
            heard += FRAME_BYTES
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"pipecat: {1000 * spent / (heard / 16000):.2f} ms of processor time per second of sound, peak {peak:.0f} MB")


asyncio.run(main())
