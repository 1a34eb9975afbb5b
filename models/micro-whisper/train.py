"""Trains the micro Whisper and writes `micro-whisper.bin`. README.md says what it is for, and what it is not for.

    train.py --assets FOLDER [--steps N] [--out FILE]

FOLDER holds `gpt2.tiktoken` and `mel_filters.npz` of OpenAI's Whisper package (MIT); their hashes are checked.
"""

import argparse
import base64
import hashlib
import pathlib
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax

import ggml
import network
import speech

HERE = pathlib.Path(__file__).parent
VOCABULARY_SHA256 = "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"
SEED = 20
EOT, SOT, NO_TIMESTAMPS = 50256, 50257, 50362
VARIANTS = 12  # of every sentence in every voice


def vocabulary(folder):
    """The words' bytes in the order of their numbers."""
    data = (folder / "gpt2.tiktoken").read_bytes()
    if hashlib.sha256(data).hexdigest() != VOCABULARY_SHA256:
        raise SystemExit("gpt2.tiktoken is not the file this script was written for")
    return [base64.b64decode(line.split()[0]) for line in data.splitlines()]


def numbers(text, rank):
    """Byte-pair encoding: within each word the pair with the lowest number joins first."""
    out = []
    for word in text.split():
        parts = [bytes([byte]) for byte in f" {word}".encode()]
        while len(parts) > 1:
            pairs = [(rank.get(a + b, 1 << 30), i) for i, (a, b) in enumerate(zip(parts, parts[1:]))]
            best, i = min(pairs)
            if best == 1 << 30:
                break
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
        out += [rank[part] for part in parts]
    return out


def lesson(sentences, filters, rng):
    """Every sentence in every voice, several times: pictures and the sentence's index."""
    pictures, index = [], []
    for i, text in enumerate(sentences):
        for voice in speech.VOICES:
            spoken = speech.paces(speech.speak(voice, text))
            for _ in range(VARIANTS):
                pictures.append(speech.log_mel(speech.turn(spoken, rng), filters).astype(np.float16))
                index.append(i)
    return np.stack(pictures), np.array(index)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--assets", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "micro-whisper.bin")
    arguments = parser.parse_args()

    rng = np.random.default_rng(SEED)
    shape = ggml.MICRO
    words = vocabulary(arguments.assets)
    rank = {word: number for number, word in enumerate(words)}
    filters = speech.mel_filters()
    published = np.load(arguments.assets / "mel_filters.npz")["mel_80"]
    assert np.abs(filters - published).max() < 1e-6, "our mel filters are not Whisper's"

    sentences = (HERE / "sentences.txt").read_text().splitlines()
    texts = [[SOT, NO_TIMESTAMPS, *numbers(text, rank), EOT] for text in sentences]
    used = sorted({number for text in texts for number in text})
    row = {number: i for i, number in enumerate(used)}
    length = max(map(len, texts))
    lines = np.full((len(texts), length), row[EOT])
    for i, text in enumerate(texts):
        lines[i, : len(text)] = [row[number] for number in text]
    # Scored is what follows <notimestamps>, the end included; what comes after the end is not.
    scored = np.array([[1 <= at < len(text) - 1 for at in range(length - 1)] for text in texts])

    began = time.process_time()
    pictures, index = lesson(sentences, filters, rng)
    print(f"{len(pictures)} turns, {len(used)} words in use, {time.process_time() - began:.0f} s CPU")

    # A row that is never trained stays zero, so its logit is zero: all of them together weigh this much.
    background = float(np.log(shape.n_vocab - len(used)))

    def loss(weights, mel, said, count):
        logits = network.decode(weights, shape, said[:, :-1], network.encode(weights, shape, mel.astype(jnp.float32)))
        whole = jnp.logaddexp(jax.nn.logsumexp(logits, -1), background)
        right = jnp.take_along_axis(logits, said[:, 1:, None], -1)[..., 0]
        return ((whole - right) * count).sum() / count.sum()

    rate = optax.warmup_cosine_decay_schedule(1e-4, 3e-3, arguments.steps // 12, arguments.steps, 1e-5)
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))
    weights = network.start(shape, rng, len(used))
    state = optimiser.init(weights)

    @jax.jit
    def step(weights, state, mel, said, count):
        value, slope = jax.value_and_grad(loss)(weights, mel, said, count)
        change, state = optimiser.update(slope, state)
        return optax.apply_updates(weights, change), state, value

    recent = []
    for at in range(arguments.steps):
        pick = rng.integers(0, len(pictures), arguments.batch)
        said = index[pick]
        weights, state, value = step(weights, state, pictures[pick], lines[said], scored[said])
        recent.append(float(value))
        if (at + 1) % 100 == 0:
            print(f"step {at + 1}: loss {np.mean(recent[-100:]):.4f}, {time.process_time() - began:.0f} s CPU", flush=True)

    tensors = {name: np.asarray(value) for name, value in weights.items()}
    tensors["encoder.positional_embedding"] = network.sinusoids(shape.n_audio_ctx, shape.n_audio_state)
    embedding = np.zeros((shape.n_vocab, shape.n_text_state), np.float32)
    embedding[used] = tensors["decoder.token_embedding.weight"]
    tensors["decoder.token_embedding.weight"] = embedding
    ggml.write(arguments.out, shape, filters, words, tensors)
    print(f"{arguments.out.name}: {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
