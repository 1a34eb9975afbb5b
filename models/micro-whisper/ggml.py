"""Writes and reads the model files that whisper.cpp loads.

A file is: magic, eleven numbers of shape, the mel filters, the vocabulary, then the tensors. Numbers are little-endian.
Whatever is a matrix of weights may be stored as f16 or in q8_0 blocks (32 signed bytes after one f16 scale).
"""

import struct
from dataclasses import astuple, dataclass

import numpy as np

MAGIC = 0x67676D6C
F32, F16, Q8_0 = 0, 1, 8
# How the file's header names the format of the big matrices; 2000 is version 2 of the quantised layouts.
FORMAT_OF_FILE = {F16: 1, Q8_0: 2007}
BLOCK = 32


@dataclass
class Shape:
    """The shape of a Whisper model, in the order of the header."""

    n_vocab: int = 51864
    n_audio_ctx: int = 1500
    n_audio_state: int = 384
    n_audio_head: int = 6
    n_audio_layer: int = 4
    n_text_ctx: int = 448
    n_text_state: int = 384
    n_text_head: int = 6
    n_text_layer: int = 4
    n_mels: int = 80


TINY = Shape()
BASE = Shape(n_audio_state=512, n_audio_head=8, n_audio_layer=6, n_text_state=512, n_text_head=8, n_text_layer=6)
MICRO = Shape(
    n_audio_ctx=250, n_audio_state=64, n_audio_head=2, n_audio_layer=2,
    n_text_ctx=64, n_text_state=64, n_text_head=2, n_text_layer=2,
)


def tensor_shapes(shape):
    """Every tensor of a model: name to shape, outermost dimension first. A bias of a convolution is a column."""
    n, layers = shape.n_audio_state, {}

    def attention(prefix):
        for part, bias in (("query", True), ("key", False), ("value", True), ("out", True)):
            layers[f"{prefix}.{part}.weight"] = (n, n)
            if bias:
                layers[f"{prefix}.{part}.bias"] = (n,)
        norm(f"{prefix}_ln")

    def norm(prefix):
        layers[f"{prefix}.weight"] = (n,)
        layers[f"{prefix}.bias"] = (n,)

    def mlp(prefix):
        layers[f"{prefix}.mlp.0.weight"], layers[f"{prefix}.mlp.0.bias"] = (4 * n, n), (4 * n,)
        layers[f"{prefix}.mlp.2.weight"], layers[f"{prefix}.mlp.2.bias"] = (n, 4 * n), (n,)
        norm(f"{prefix}.mlp_ln")

    layers["encoder.positional_embedding"] = (shape.n_audio_ctx, n)
    layers["encoder.conv1.weight"], layers["encoder.conv1.bias"] = (n, shape.n_mels, 3), (n, 1)
    layers["encoder.conv2.weight"], layers["encoder.conv2.bias"] = (n, n, 3), (n, 1)
    for i in range(shape.n_audio_layer):
        attention(f"encoder.blocks.{i}.attn")
        mlp(f"encoder.blocks.{i}")
    norm("encoder.ln_post")
    layers["decoder.positional_embedding"] = (shape.n_text_ctx, n)
    layers["decoder.token_embedding.weight"] = (shape.n_vocab, n)
    for i in range(shape.n_text_layer):
        attention(f"decoder.blocks.{i}.attn")
        attention(f"decoder.blocks.{i}.cross_attn")
        mlp(f"decoder.blocks.{i}")
    norm("decoder.ln")
    return layers


def stored_as(name, dims, weights):
    """The type that the loader expects of a tensor in a file whose matrices are stored as `weights`."""
    if "positional_embedding" in name or name.endswith("bias") or len(dims) == 1:
        return F32
    return F16 if "conv" in name else weights


def q8_0(values):
    """Values in blocks of 32: the largest of each becomes 127, and the scale goes in front."""
    blocks = np.asarray(values, np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(axis=1) / 127.0
    inverse = np.divide(1.0, scale, out=np.zeros_like(scale), where=scale > 0)
    packed = np.empty(len(blocks), dtype=[("scale", "<f2"), ("values", "i1", BLOCK)])
    packed["scale"] = scale
    packed["values"] = np.rint(blocks * inverse[:, None])
    return packed.tobytes()


def write(path, shape, filters, vocabulary, tensors, weights=Q8_0):
    """Writes a model: `filters` is [mels, 201], `vocabulary` the words' bytes by number, `tensors` name to array."""
    with open(path, "wb") as file:
        file.write(struct.pack("<I11i", MAGIC, *astuple(shape), FORMAT_OF_FILE[weights]))
        file.write(struct.pack("<2i", *filters.shape) + filters.astype("<f4").tobytes())
        file.write(struct.pack("<i", len(vocabulary)))
        for word in vocabulary:
            file.write(struct.pack("<I", len(word)) + word)
        for name, dims in tensor_shapes(shape).items():
            values = np.asarray(tensors[name], np.float32).reshape(dims)
            kind = stored_as(name, dims, weights)
            label = name.encode()
            file.write(struct.pack("<3i", len(dims), len(label), kind))
            file.write(struct.pack(f"<{len(dims)}i", *reversed(dims)) + label)
            if kind == Q8_0:
                file.write(q8_0(values))
            else:
                file.write(values.astype("<f4" if kind == F32 else "<f2").tobytes())


def read_head(path):
    """The mel filters and the vocabulary of a model file."""
    with open(path, "rb") as file:
        magic, *_ = struct.unpack("<I11i", file.read(48))
        if magic != MAGIC:
            raise ValueError(f"{path} is not a ggml model")
        mels, bins = struct.unpack("<2i", file.read(8))
        filters = np.frombuffer(file.read(4 * mels * bins), "<f4").reshape(mels, bins)
        (count,) = struct.unpack("<i", file.read(4))
        vocabulary = []
        for _ in range(count):
            (length,) = struct.unpack("<I", file.read(4))
            vocabulary.append(file.read(length))
    return filters, vocabulary
