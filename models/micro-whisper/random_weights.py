"""Writes a model of tiny.en's or base.en's shape with random weights: for measuring time and memory, nothing else.

    random_weights.py --shape tiny|base [--weights q8_0|f16] --out FILE

Mel filters and vocabulary are read from `micro-whisper.bin`; only numpy is needed. Encoder and decoder do the same work
whatever the weights, but the number of tokens is not that of speech, and the words are nonsense. Never commit the file.
"""

import argparse
import pathlib

import numpy as np

import ggml

SHAPES = {"tiny": ggml.TINY, "base": ggml.BASE, "micro": ggml.MICRO}
WEIGHTS = {"q8_0": ggml.Q8_0, "f16": ggml.F16}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shape", choices=SHAPES, required=True)
    parser.add_argument("--weights", choices=WEIGHTS, default="q8_0")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()

    filters, vocabulary = ggml.read_head(pathlib.Path(__file__).parent / "micro-whisper.bin")
    rng, shape = np.random.default_rng(1), SHAPES[arguments.shape]
    tensors = {}
    for name, dims in ggml.tensor_shapes(shape).items():
        # Of ordinary size, so that no number overflows on its way through the layers.
        scale = 1.0 if "ln" in name and name.endswith("weight") else 0.0
        spread = 0.02 if scale == 0.0 else 0.0
        tensors[name] = scale + spread * rng.standard_normal(dims, np.float32)
    ggml.write(arguments.out, shape, filters, vocabulary, tensors, WEIGHTS[arguments.weights])
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.1f} MB of random weights, for measuring only")


if __name__ == "__main__":
    main()
