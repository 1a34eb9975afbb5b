#!/usr/bin/env python3
"""Makes the clinic-call language model and its dictionary from text written for this project.

In:  templates.txt, names.txt, drugs.txt, pronunciations.dict (all beside this file) and a pronouncing dictionary in
     CMUdict form, by default the one of Debian's pocketsphinx-en-us.
Out: clinic.lm (ARPA trigrams, Witten-Bell) and clinic.dict, beside this file. The same inputs give the same bytes.

    python3 models/clinic-lm/build.py
"""

import argparse
import math
import os
import random
import re
import sys
from collections import Counter, defaultdict

HERE = os.path.dirname(os.path.abspath(__file__))
CMUDICT = "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict"
SEED = 20260101
# Sentences drawn. At 120,000 the trigrams seen once are still mostly names in new company; more draws add bytes, not
# words.
DRAWS = 120_000
# A trigram drawn this often or less is left to the back-off: it is chance, and it is half of the file.
TRIGRAM_CUTOFF = 1


class Rules:
    """The little grammar of templates.txt: parsed once, drawn from many times."""

    def __init__(self, text):
        self.rules = {}
        name = None
        for line in text.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line[0] == " ":
                self.rules[name] += " " + line.strip()
            else:
                name, body = (part.strip() for part in line.split("=", 1))
                if name in self.rules:
                    sys.exit(f"templates.txt: rule {name} is there twice")
                self.rules[name] = body
        self.parsed = {name: self.parse_all(body, name) for name, body in self.rules.items()}

    def add_list(self, name, words):
        self.parsed[name] = [(1, [word]) for word in words]

    def parse_all(self, text, name):
        alternatives, rest = self.parse(text, 0)
        if rest != len(text):
            sys.exit(f"templates.txt: rule {name}: one bracket too many at {text[rest:rest + 20]!r}")
        return alternatives

    def parse(self, text, at):
        """Alternatives up to a closing bracket: a list of (weight, [str | ("rule", name) | ("group", alternatives)])."""
        alternatives, parts, weight, plain = [], [], 1, ""

        def close():
            nonlocal parts, weight, plain
            if plain:
                parts.append(plain)
            alternatives.append((weight, parts))
            parts, weight, plain = [], 1, ""

        while at < len(text):
            char = text[at]
            if char in ")]":
                break
            if char == "|":
                close()
                at += 1
                continue
            if char == ":" and not parts and plain.strip().isdigit():
                weight, plain = int(plain), ""
                at += 1
                continue
            if char in "([<":
                if plain:
                    parts.append(plain)
                    plain = ""
                if char == "<":
                    end = text.index(">", at)
                    parts.append(("rule", text[at + 1:end]))
                    at = end + 1
                    continue
                inner, end = self.parse(text, at + 1)
                if end >= len(text):
                    sys.exit(f"templates.txt: a bracket is not closed: {text[at:at + 40]!r}")
                if char == "[":
                    # "Perhaps" is said half of the time, however many ways there are to say it.
                    inner = inner + [(sum(weight for weight, _ in inner), [])]
                parts.append(("group", inner))
                at = end + 1
                continue
            plain += char
            at += 1
        close()
        return alternatives, at

    def draw(self, chance, alternatives):
        pick = chance.random() * sum(weight for weight, _ in alternatives)
        for weight, parts in alternatives:
            pick -= weight
            if pick < 0:
                break
        said = []
        for part in parts:
            if isinstance(part, str):
                said.append(part)
            elif part[0] == "rule":
                if part[1] not in self.parsed:
                    sys.exit(f"templates.txt: no rule {part[1]}")
                said.append(self.draw(chance, self.parsed[part[1]]))
            else:
                said.append(self.draw(chance, part[1]))
        return "".join(said)

    def sentence(self, chance):
        # "i 'd" and "<day>s" are glued; everything else is words with single blanks.
        return " ".join(self.draw(chance, self.parsed["sentence"]).replace(" '", "'").split())


def word_list(path):
    words = []
    for line in open(path, encoding="utf-8"):
        if not line.startswith("#"):
            words.extend(line.split())
    return words


def names(path):
    out = {"first": [], "last": []}
    for line in open(path, encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            kind, *rest = line.split()
            out[kind].extend(rest)
    return {kind: sorted(set(words)) for kind, words in out.items()}


def pronunciations(path):
    """word -> list of pronunciations, alternates "(2)" gathered under the word."""
    out = defaultdict(list)
    for line in open(path, encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            word, phones = line.strip().split(None, 1)
            phones = " ".join(phones.split())
            word = re.sub(r"\(\d+\)$", "", word)
            if phones not in out[word]:
                out[word].append(phones)
    return out


def trigrams(sentences):
    """Counts of one, two and three words in a row, with the marks of beginning and end."""
    counts = [Counter(), Counter(), Counter()]
    for words in sentences:
        padded = ["<s>"] + words + ["</s>"]
        for size in (1, 2, 3):
            for at in range(len(padded) - size + 1):
                counts[size - 1][tuple(padded[at:at + size])] += 1
    return counts


def write_arpa(path, counts, vocabulary):
    """Interpolated Witten-Bell (Witten and Bell 1991, method C) as an ARPA back-off model."""
    unigrams, bigrams, trigrams_ = counts
    trigrams_ = {gram: count for gram, count in trigrams_.items() if count > TRIGRAM_CUTOFF}
    del unigrams[("<s>",)]
    total = sum(unigrams.values())
    kinds = len(unigrams)
    size = len(vocabulary) + 1  # and </s>
    probability = {gram: (count + kinds / size) / (total + kinds) for gram, count in unigrams.items()}
    for word in vocabulary:
        probability.setdefault((word,), (kinds / size) / (total + kinds))

    backoff = {}
    for grams in (bigrams, trigrams_):
        seen, types, below = Counter(), Counter(), defaultdict(float)
        for gram, count in grams.items():
            seen[gram[:-1]] += count
            types[gram[:-1]] += 1
        level = {}
        for gram, count in sorted(grams.items()):
            history = gram[:-1]
            level[gram] = (count + types[history] * probability[gram[1:]]) / (seen[history] + types[history])
            below[history] += probability[gram[1:]]
        given = defaultdict(float)
        for gram, value in level.items():
            given[gram[:-1]] += value
        for history in seen:
            backoff[history] = max(1.0 - given[history], 1e-7) / max(1.0 - below[history], 1e-7)
        probability.update(level)

    def log(value):
        return f"{math.log10(value):.4f}"

    ones = sorted(gram for gram in probability if len(gram) == 1)
    twos = sorted(gram for gram in probability if len(gram) == 2)
    threes = sorted(gram for gram in probability if len(gram) == 3)
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(f"\\data\\\nngram 1={len(ones) + 1}\nngram 2={len(twos)}\nngram 3={len(threes)}\n\n\\1-grams:\n")
        out.write(f"-99\t<s>\t{log(backoff[('<s>',)])}\n")
        for gram in ones:
            out.write(f"{log(probability[gram])}\t{gram[0]}\t{log(backoff.get(gram, 1.0))}\n")
        out.write("\n\\2-grams:\n")
        for gram in twos:
            out.write(f"{log(probability[gram])}\t{' '.join(gram)}\t{log(backoff.get(gram, 1.0))}\n")
        out.write("\n\\3-grams:\n")
        for gram in threes:
            out.write(f"{log(probability[gram])}\t{' '.join(gram)}\n")
        out.write("\n\\end\\\n")
    return len(ones), len(twos), len(threes)


def write_dictionary(path, vocabulary, ours, general):
    missing = sorted(word for word in vocabulary if word not in ours and word not in general)
    if missing:
        sys.exit("no pronunciation (add them to pronunciations.dict): " + " ".join(missing))
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        for word in sorted(vocabulary):
            ways = list(general.get(word, []))
            ways += [phones for phones in ours.get(word, []) if phones not in ways]
            for number, phones in enumerate(ways, start=1):
                out.write(f"{word if number == 1 else f'{word}({number})'} {phones}\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cmudict", default=CMUDICT)
    arguments.add_argument("--out", default=HERE)
    arguments.add_argument("--show", type=int, default=0, help="print this many sentences and stop")
    options = arguments.parse_args()

    rules = Rules(open(os.path.join(HERE, "templates.txt"), encoding="utf-8").read())
    for kind, words in names(os.path.join(HERE, "names.txt")).items():
        rules.add_list(kind, words)
    rules.add_list("drug", word_list(os.path.join(HERE, "drugs.txt")))

    chance = random.Random(SEED)
    if options.show:
        for _ in range(options.show):
            print(rules.sentence(chance))
        return
    drawn = [rules.sentence(chance) for _ in range(DRAWS)]
    sentences = [sentence.split() for sentence in drawn if sentence]
    vocabulary = {word for sentence in sentences for word in sentence}
    # Words of the grammars and word lists that no sentence happened to draw still belong to the vocabulary.
    for file in ("names.txt", "drugs.txt", "extra-words.txt"):
        words = word_list(os.path.join(HERE, file))
        vocabulary.update(word for word in words if word not in ("first", "last"))

    general = pronunciations(options.cmudict)
    ours = pronunciations(os.path.join(HERE, "pronunciations.dict"))
    write_dictionary(os.path.join(options.out, "clinic.dict"), vocabulary, ours, general)
    ones, twos, threes = write_arpa(os.path.join(options.out, "clinic.lm"), trigrams(sentences), vocabulary)
    print(f"{len(set(drawn))} distinct sentences, {len(vocabulary)} words, {ones} + {twos} + {threes} n-grams")


if __name__ == "__main__":
    main()
