#!/usr/bin/env python3
"""presidio-analyzer on a file of redaction cases, beside `anteroom bench redact` on the same file, in one run.

    pip install presidio-analyzer==2.2.366
    python3 bench_presidio.py ANTEROOM CASES.jsonl [SCORER]

Both work on one thread. Presidio runs its pattern recognisers over a blank English pipeline: its models for names are
not on PyPI, so that it does less work here than with one; the ratio flatters it. With SCORER (the scorer that comes with the cases) its
recall is printed too.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngine, SpacyNlpEngine


class Blank(SpacyNlpEngine):
    """A pipeline without a trained model."""

    def __init__(self):
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp = {"en": spacy.blank("en")}

    def load(self):
        pass

    def is_loaded(self):
        return True


def main():
    anteroom, path = sys.argv[1:3]
    with open(path, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file if line.strip()]
    ours = subprocess.run([anteroom, "bench", "redact", path], check=True, capture_output=True, text=True).stdout.strip()
    print("anteroom: " + ours)
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    analyser = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    analyser.analyze(text="warm up 555 0100", language="en")
    times, predictions = [], []
    for case in cases:
        began = time.perf_counter()
        found = analyser.analyze(text=case["text"], language="en")
        times.append(time.perf_counter() - began)
        predictions.append({"id": case["id"], "spans": [{"start": f.start, "end": f.end} for f in found]})
    times.sort()
    rate = len(times) / sum(times)
    at = lambda share: 1e6 * times[min(len(times) - 1, int(len(times) * share))]
    print("presidio: %d cases: p50 %.0f us, p99 %.0f us, %.0f utterances/s on one thread" % (len(times), at(0.5), at(0.99), rate))
    own = float(ours.split(" utterances/s")[0].split()[-1])
    print("anteroom does %.0f times as many utterances a second" % (own / rate))
    if len(sys.argv) > 3:
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            file.writelines(json.dumps(p) + "\n" for p in predictions)
            file.flush()
            subprocess.run([sys.executable, sys.argv[3], path, file.name, "--boot", "0", "--by", "style"], check=True)


main()
