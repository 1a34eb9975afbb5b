#!/usr/bin/env python3
"""A small neural token tagger, measured against the linear one: an experiment, nothing of it is built into the program.

In:  cases as JSON lines, {"text","prev","spans":[{"start","end","label"[,"optional"]}]}, offsets in code points.
Out: tagger.onnx, vocabulary.bin (hashes of the known words) and what `anteroom models train-tagger --holdout` prints
     too: for bounds on 1 - P(plain) the share of identifying words found, of plain words taken, of clean cases touched.

A token is a word (letters and digits, apostrophes inside) or one sign. Each is seen as its characters (convolution of
width 3, the largest of each filter), its word (hashed; digits folded to 0; rare words unknown) and flags of case, sign
and place. The question goes first, marked by a flag. One bidirectional GRU, one likelihood of each kind a token.
The held-out cases choose nothing: no early stop, no choice among runs.
"""
import argparse, collections, json, math, random, re, time
from pathlib import Path

import numpy as np
import torch
from torch import nn

KINDS = ["PLAIN", "NAME", "DATE", "PHONE", "ADDRESS", "EMAIL", "ID", "AGE90", "WEB", "EMPLOYER"]
KIND_OF = {k: i for i, k in enumerate(KINDS)} | {"URL": 8, "IP": 8, "ORG_EMPLOYER": 9}
BOUNDS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9]
TOKEN = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[^\w\s]|_")
CHARS = "abcdefghijklmnopqrstuvwxyz0'.-@/"  # 33 in all with "anything else"; 0 is the padding
CHAR_OF = {c: i + 2 for i, c in enumerate(CHARS)}
LONGEST = 16  # characters of a token that are looked at
ASKED = 24  # tokens of the question that are looked at
TABLE_BITS = 14
FLAGS = 12
SKIP = -100  # no loss: optional, or part of the question


def fold(word):
    return re.sub(r"\d", "0", word.lower().replace("\u2019", "'"))


def word_hash(word):
    h = 0x811C9DC5
    for b in word.encode():
        h = ((h ^ b) * 0x01000193) & 0xFFFFFFFF
    return h


def row(h):
    """Its row of the table; 0 is the unknown word."""
    return max(1, (h * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - TABLE_BITS))


class Words:
    """What does not depend on where a word stands, worked out once a word."""

    def __init__(self, known=None):
        self.known, self.seen = known, {}

    def __call__(self, word):
        got = self.seen.get(word)
        if got is None:
            h = word_hash(word)
            chars = [CHAR_OF.get(c, 1) for c in word[:LONGEST]]
            chars += [0] * (LONGEST - len(chars))
            got = self.seen[word] = (row(h) if self.known is None or h in self.known else 0, chars)
        return got


def flags(tokens, text, asked):
    tell = any(c.isupper() for c in text)
    out, end, first = [], 0, True
    for m in tokens:
        w = m.group()
        sign = not w[0].isalnum()
        f = [asked, sign, w.islower(), w[:1].isupper(), len(w) > 1 and w.isupper(), any(c.isdigit() for c in w),
             w.isdigit(), len(w) / 16 if w.isdigit() else 0, len(w) == 1 and not sign, first, m.start() > end, tell]
        out.append([float(x) for x in f])
        end, first = m.end(), sign and w in ".?!"
    return out


def read(path, words):
    """Tokens of every case: row of word, characters, flags, truth, whether a word, whether of the question."""
    for line in open(path, encoding="utf-8"):
        case = json.loads(line)
        text, prev = case["text"], case.get("prev") or ""
        before, tokens = list(TOKEN.finditer(prev))[-ASKED:], list(TOKEN.finditer(text))
        truth = [SKIP] * len(before)
        for m in tokens:
            hit = next((s for s in case["spans"] if s["start"] < m.end() and m.start() < s["end"]), None)
            truth.append(0 if hit is None else SKIP if hit.get("optional") else KIND_OF[hit["label"]])
        folded = [fold(m.group()) for m in before + tokens]
        yield {
            "words": [words(w)[0] for w in folded],
            "chars": [words(w)[1] for w in folded],
            "flags": flags(before, prev, 1) + flags(tokens, text, 0),
            "truth": truth,
            "word": [False] * len(before) + [m.group()[0].isalnum() for m in tokens],
            "asked": len(before),
            "clean": not case["spans"],
            "style": case.get("style", ""),
        }


def vocabulary(path, least):
    """Hashes of the words seen often enough."""
    count = collections.Counter()
    for line in open(path, encoding="utf-8"):
        case = json.loads(line)
        for text in (case["text"], case.get("prev") or ""):
            count.update(fold(w) for w in TOKEN.findall(text))
    return {word_hash(w) for w, n in count.items() if n >= least}


class Tagger(nn.Module):
    def __init__(self, units, dropout):
        super().__init__()
        self.char = nn.Embedding(len(CHARS) + 2, 16, padding_idx=0)
        self.filters = nn.Conv1d(16, 48, 3, padding=1)
        self.word = nn.Embedding(1 << TABLE_BITS, 32)
        nn.init.normal_(self.word.weight, std=0.1)
        self.input = nn.Linear(48 + 32 + FLAGS, units)
        self.gru = nn.GRU(units, units, batch_first=True, bidirectional=True)
        self.hidden = nn.Linear(3 * units, units)
        self.out = nn.Linear(units, len(KINDS))
        self.drop = nn.Dropout(dropout)

    def spelled(self, chars):
        """[n, LONGEST] -> [n, 48]"""
        return torch.relu(self.filters(self.char(chars).transpose(1, 2))).amax(2)

    def rest(self, spelled, words, flags):
        x = torch.cat([self.drop(spelled), self.drop(self.word(words)), flags], -1)
        x = torch.relu(self.input(x))
        h, _ = self.gru(self.drop(x))
        h = torch.relu(self.hidden(self.drop(torch.cat([h, x], -1))))
        return self.out(self.drop(h))

    def forward(self, chars, words, flags):
        """One utterance: [t, LONGEST], [t], [t, FLAGS] -> likelihoods [t, kinds]"""
        return self.rest(self.spelled(chars)[None], words[None], flags[None])[0].softmax(-1)


def batches(cases, size, rng):
    """Cases of one length together, so that nothing is padded."""
    by_length = collections.defaultdict(list)
    for i, c in enumerate(cases):
        by_length[len(c["words"])].append(i)
    out = []
    for same in by_length.values():
        rng.shuffle(same)
        out += [same[i : i + size] for i in range(0, len(same), size)]
    rng.shuffle(out)
    return out


def stacked(cases):
    kinds = (("words", np.int64), ("chars", np.int64), ("flags", np.float32), ("truth", np.int64))
    return [np.array([c[name] for c in cases], kind) for name, kind in kinds]


def train(cases, o):
    rng, model = random.Random(o.seed), Tagger(o.units, o.dropout)
    noise = np.random.default_rng(o.seed)
    loss_of = nn.CrossEntropyLoss(ignore_index=SKIP, reduction="sum")
    steps = torch.optim.AdamW(model.parameters(), lr=o.step, weight_decay=0.01)
    began, passes, average = time.time(), 0, None
    gone = lambda: (time.time() - began) / (60 * o.minutes)
    while gone() < 1 and passes < o.passes:
        total = tokens = 0.0
        for batch in batches(cases, o.batch, rng):
            if gone() >= 1:
                break
            words, chars, fl, truth = stacked([cases[i] for i in batch])
            words[noise.random(words.shape) < np.where(truth == 1, 0.3, o.hidden)] = 0
            # Each spelling is looked at once a batch.
            flat, back = np.unique(chars.reshape(-1, LONGEST), axis=0, return_inverse=True)
            spelled = model.spelled(torch.from_numpy(flat))[torch.from_numpy(back.reshape(words.shape))]
            truth = torch.from_numpy(truth)
            scores = model.rest(spelled, torch.from_numpy(words), torch.from_numpy(fl))
            count = (truth != SKIP).sum()
            loss = loss_of(scores.flatten(0, 1), truth.flatten())
            done = min(1.0, max(gone(), 0.0))
            for group in steps.param_groups:
                group["lr"] = o.step * max(0.02, 0.5 + 0.5 * math.cos(math.pi * done))
            steps.zero_grad(set_to_none=True)
            (loss / count.clamp(min=1)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            steps.step()
            total, tokens = total + loss.item(), tokens + count.item()
        passes += 1
        print(f"pass {passes}: mean loss of a token {total / max(1, tokens):.4f}, {time.time() - began:.0f} s", flush=True)
    return model.eval()


def curve(scored):
    """Of (1 - P(plain), truth) of words and the worst of each clean case: a function from bound to the three shares."""
    p = np.concatenate([s for s, _, _ in scored])
    t = np.concatenate([t for _, t, _ in scored])
    worst = np.array([s.max() if len(s) else 0.0 for s, _, clean in scored if clean])
    yes, no = np.sort(p[t > 0]), np.sort(p[t == 0])
    share = lambda a, b: 100 * (1 - np.searchsorted(a, b, "left") / max(1, len(a)))
    at = lambda b: (share(yes, b), share(no, b), share(np.sort(worst), b))
    at.bound_for = lambda recall: yes[int((1 - recall / 100) * len(yes))]
    at.sizes = (len(yes), len(no), len(worst))
    return at


def measure(session, cases, recalls):
    scored, times, spent = [], [], []
    for c in cases:
        feed = {"chars": np.array(c["chars"], np.int64).reshape(-1, LONGEST), "words": np.array(c["words"], np.int64),
                "flags": np.array(c["flags"], np.float32).reshape(-1, FLAGS)}
        if len(feed["words"]) == c["asked"]:
            scored.append((np.array([]), np.array([]), c["clean"]))
            continue
        start, work = time.perf_counter(), time.thread_time()
        likely = session.run(None, feed)[0]
        spent.append(1000 * (time.thread_time() - work))
        times.append(1000 * (time.perf_counter() - start))
        truth = np.array(c["truth"])
        keep = np.array(c["word"]) & (truth != SKIP)
        scored.append((1 - likely[keep, 0], truth[keep], c["clean"]))
    at = curve(scored)
    print(f"{len(cases)} cases: {at.sizes[0]} identifying words, {at.sizes[1]} others, {at.sizes[2]} clean cases")
    told = lambda name, b: print("%s: %.2f %% of identifying words, %.2f %% of others, %.2f %% of clean cases" % (name, *at(b)))
    for b in BOUNDS:
        told(f"from {b:.3f}", b)
    for r in recalls:
        b = at.bound_for(r)
        told(f"recall {r:.2f} (from {b:.5f})", b)
    for name, t in (("by the clock", times), ("of the processor", spent)):
        print(f"onnxruntime, one thread, ms {name}: mean {np.mean(t):.3f}, median {np.median(t):.3f}, p99 {np.percentile(t, 99):.3f}")
    return scored


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--cases", type=Path, required=True)
    a.add_argument("--holdout", type=Path, action="append", default=[], help="made of other templates than --cases")
    a.add_argument("--out", type=Path, required=True, help="a folder")
    a.add_argument("--minutes", type=float, default=11, help="the step size falls to its end over this time")
    a.add_argument("--passes", type=int, default=1000)
    a.add_argument("--batch", type=int, default=64)
    a.add_argument("--units", type=int, default=80)
    a.add_argument("--dropout", type=float, default=0.3)
    a.add_argument("--hidden", type=float, default=0.1, help="share of words other than names that are made unknown")
    a.add_argument("--step", type=float, default=0.003)
    a.add_argument("--least", type=int, default=3, help="words seen less often are unknown")
    a.add_argument("--recall", type=float, nargs="*", default=[97, 98, 99], help="percentages to compare at")
    a.add_argument("--measure-only", action="store_true")
    a.add_argument("--seed", type=int, default=1)
    o = a.parse_args()
    torch.manual_seed(o.seed)
    torch.set_num_threads(1)
    o.out.mkdir(parents=True, exist_ok=True)
    if o.measure_only:
        known = set(np.fromfile(o.out / "vocabulary.bin", "<u4").tolist())
    else:
        known = vocabulary(o.cases, o.least)
        np.array(sorted(known), "<u4").tofile(o.out / "vocabulary.bin")
    words = Words(known)
    file = o.out / "tagger.onnx"
    if not o.measure_only:
        cases = [c for c in read(o.cases, words) if any(t != SKIP for t in c["truth"])]
        print(f"{len(cases)} cases, {sum(len(c['words']) for c in cases)} tokens, {len(known)} known words", flush=True)
        model = train(cases, o)
        torch.save(model.state_dict(), o.out / "tagger.pt")
        names, moves = ["chars", "words", "flags"], {0: "tokens"}
        example = (torch.zeros(5, LONGEST, dtype=torch.long), torch.zeros(5, dtype=torch.long), torch.zeros(5, FLAGS))
        torch.onnx.export(model, example, file, input_names=names, output_names=["likely"], dynamo=False,
                          dynamic_axes={n: moves for n in names + ["likely"]}, opset_version=17)
    print(f"{file}: {file.stat().st_size} bytes, vocabulary {4 * len(known)} bytes")
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    for path in o.holdout:
        print(path.name)
        measure(session, list(read(path, words)), o.recall)


if __name__ == "__main__":
    main()
