"""The Whisper architecture in JAX, with the tensors' names as the model file has them."""

import jax
import jax.numpy as jnp
import numpy as np

from ggml import tensor_shapes


def sinusoids(length, channels):
    """The encoder's fixed positions."""
    scale = np.exp(-np.log(10000) / (channels // 2 - 1) * np.arange(channels // 2))
    time = np.arange(length)[:, None] * scale
    return np.concatenate([np.sin(time), np.cos(time)], axis=1).astype(np.float32)


def start(shape, rng, words):
    """Random weights to begin with; the embedding has a row for each of the `words` numbers in use only."""
    weights = {}
    for name, dims in tensor_shapes(shape).items():
        if name == "encoder.positional_embedding":
            continue
        if name == "decoder.token_embedding.weight":
            weights[name] = rng.normal(0, 0.3, (words, dims[1]))
        elif "ln" in name and name.endswith("weight"):
            weights[name] = np.ones(dims)
        elif name.endswith("bias"):
            weights[name] = np.zeros(dims)
        elif "positional" in name:
            weights[name] = rng.normal(0, 0.1, dims)
        else:
            weights[name] = rng.normal(0, np.prod(dims[1:]) ** -0.5, dims)
    return {name: jnp.asarray(value, jnp.float32) for name, value in weights.items()}


def norm(w, name, x):
    x = x - x.mean(-1, keepdims=True)
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * w[f"{name}.weight"] + w[f"{name}.bias"]


def linear(w, name, x):
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def attention(w, name, heads, x, source, mask=None):
    def split(y):
        return y.reshape(*y.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    query, value = split(linear(w, f"{name}.query", x)), split(linear(w, f"{name}.value", source))
    key = split(source @ w[f"{name}.key.weight"].T)
    score = query @ key.transpose(0, 1, 3, 2) * query.shape[-1] ** -0.5
    if mask is not None:
        score = score + mask
    mixed = (jax.nn.softmax(score, -1) @ value).transpose(0, 2, 1, 3)
    return linear(w, f"{name}.out", mixed.reshape(x.shape))


def mlp(w, name, x):
    # The approximate GELU: whisper.cpp has that one.
    return linear(w, f"{name}.mlp.2", jax.nn.gelu(linear(w, f"{name}.mlp.0", norm(w, f"{name}.mlp_ln", x))))


def convolve(w, name, x, stride):
    """A convolution of width three, as one matrix product."""
    padded = jnp.pad(x, ((0, 0), (1, 1), (0, 0)))
    length = x.shape[1] // stride
    taps = [padded[:, i : i + stride * length : stride] for i in range(3)]
    kernel = w[f"{name}.weight"].transpose(2, 1, 0).reshape(-1, w[f"{name}.weight"].shape[0])
    return jax.nn.gelu(jnp.concatenate(taps, -1) @ kernel + w[f"{name}.bias"][:, 0])


def encode(w, shape, mel):
    """[batch, frames, mels] to [batch, frames / 2, state]."""
    x = convolve(w, "encoder.conv2", convolve(w, "encoder.conv1", mel, 1), 2)
    x = x + sinusoids(shape.n_audio_ctx, shape.n_audio_state)[: x.shape[1]]
    for i in range(shape.n_audio_layer):
        name = f"encoder.blocks.{i}"
        inner = norm(w, f"{name}.attn_ln", x)
        x = x + attention(w, f"{name}.attn", shape.n_audio_head, inner, inner)
        x = x + mlp(w, name, x)
    return norm(w, "encoder.ln_post", x)


def decode(w, shape, words, heard):
    """Logits over the words in use, after each of `words` ([batch, length], numbered as the embedding's rows)."""
    length = words.shape[1]
    mask = jnp.where(jnp.tril(jnp.ones((length, length))) > 0, 0.0, -1e9)
    x = w["decoder.token_embedding.weight"][words] + w["decoder.positional_embedding"][:length]
    for i in range(shape.n_text_layer):
        name = f"decoder.blocks.{i}"
        inner = norm(w, f"{name}.attn_ln", x)
        x = x + attention(w, f"{name}.attn", shape.n_text_head, inner, inner, mask)
        x = x + attention(w, f"{name}.cross_attn", shape.n_text_head, norm(w, f"{name}.cross_attn_ln", x), heard)
        x = x + mlp(w, name, x)
    return norm(w, "decoder.ln", x) @ w["decoder.token_embedding.weight"].T
