#!/usr/bin/env python3
"""Measures the closed vocabulary of src/vocabulary/words.txt on labelled cases. Python 3.8+, standard library only.

usage: vocabulary.py CASES PREDICTIONS [CASES PREDICTIONS ...]
  CASES        JSON lines with "id", "text", gold "spans" ("start", "end" in code points, "label")
  PREDICTIONS  what `anteroom redact < CASES` printed

Prints, for each pair of files:
  (a) of the harmless turns (no gold span at all): how many would be refused if every word had to be listed, and how
      many do not leave once single words are withheld
  (b) of the gold spans as they were spoken, before redaction: how many hold at least one word that is not listed, by
      label; so much the list catches by itself
  (c) of the gold spans: how many redaction leaves at least one letter or digit of, and how many of those still leave a
      word after withholding, in a turn that leaves at all, by label; those words are printed only with --words
It reads a text by the rules of `withhold` in src/vocabulary.rs, written anew; docs/vocabulary.md has the numbers.
"""
import collections, json, os, re, sys

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = set(open(os.path.join(HERE, "..", "src", "vocabulary", "words.txt"), encoding="ascii").read().split())
LABELS = "NAME DATE PHONE ADDRESS EMAIL ID AGE90 URL IP ORG_EMPLOYER PATIENT SLOT DURATION QUANTITY".split()
PLACEHOLDER = re.compile(r"\[(?:WITHHELD|(?:%s)_[1-9][0-9]*)\]" % "|".join(LABELS))
TOKEN = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
NUMBERS = set(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half quarter"
    " first second third".split()
)
SOUNDS = {"oh", "to", "too", "for", "ate"}
MOST_GAPS, MOST_NUMBERS, SPELLED, SOUNDED = 4, 3, 4, 3


def contains(word):
    return word in WORDS or (word.endswith("'s") and len(word) > 3 and word[:-2] in WORDS)


def listed(word):
    word = word.strip("-'")
    return contains(word) or ("-" in word and all(not p or contains(p) for p in word.split("-")))


def number(word):
    return word[:1] in set("0123456789") or all(p in NUMBERS for p in word.split("-"))


def pieces(text):
    """[kind, word, start, end]: P placeholder, L listed, N number, O off the list; signs left out"""
    out, at, owned = [], 0, False
    while at < len(text):
        if text[at].isspace():
            at, owned = at + 1, False
            continue
        hit = PLACEHOLDER.match(text, at)
        if hit:
            out.append(["P", "", at, hit.end()])
            at, owned = hit.end(), True
            continue
        end = at + 1
        while end < len(text) and not text[end].isspace() and not (text[end] == "[" and PLACEHOLDER.match(text, end)):
            end += 1
        chunk = text[at:end].replace("\u2019", "'")
        if owned and re.match(r"'s(?![^\W_])", chunk):
            chunk = "  " + chunk[2:]
        core = re.sub(r"^[\W_]+|[\W_]+$", "", chunk).lower()
        if core:
            plain = core.isascii() and all(listed(p) for p in re.split("[,.?!;:]", core))
            out.append(["L" if plain else "N" if number(core) else "O", core, at, end])
        at, owned = end, False
    return out


def withhold_spelling(found):
    for i in range(2, len(found)):
        two, one = found[i - 2], found[i - 1]
        letter = two[0] == "O" and len(two[1]) == 1 and one[1] in ("for", "like", "in", "as")
        if found[i][0] == "L" and found[i][1] != "in" and (letter or (two[1], one[1]) == ("as", "in")):
            found[i][0] = "!"  # withheld, but no sign of anything
    for piece in found:
        if piece[0] == "!":
            piece[0] = "O"


def spells(found):
    said = []
    for kind, word, _, _ in found:
        said += re.split(r"[^a-z']", word) if kind == "L" else [""]
    row = lambda among, most: any(set(said[i:i + most]) <= among for i in range(len(said) - most + 1))
    explained = any(said[i:i + 2] == ["as", "in"] and said[i + 2] for i in range(len(said) - 2))
    return row({"a", "i"}, SPELLED) or row(SOUNDS, SOUNDED) or explained


def leaves(found):
    """whether a text leaves, its words withheld"""
    withhold_spelling(found)
    if spells(found):
        return False
    gaps = withheld = words = run = digits = 0
    for kind, _, _, _ in found:
        if kind in "NO":
            withheld, run, digits = withheld + 1, run + 1, digits + (kind == "N")
            gaps += run == 1
            if run > 1 and (digits < run or run > MOST_NUMBERS):
                return False
        else:
            words, run, digits = words + (kind == "L"), 0, 0
    return gaps <= MOST_GAPS and withheld <= words


def covered(text, spans):
    """which code points redaction covers"""
    mask = [False] * len(text)
    for span in spans:
        mask[span["start"]:span["end"]] = [True] * (span["end"] - span["start"])
    return mask


def left_over(case, mask):
    """for each required gold span: its words that are not wholly covered"""
    for gold in case["spans"]:
        if not gold.get("optional"):
            tokens = TOKEN.finditer(case["text"], gold["start"], gold["end"])
            yield gold["label"], [t.group().lower() for t in tokens if not all(mask[t.start():t.end()])]


def measure(cases, predictions, show):
    with open(cases, encoding="utf-8") as a, open(predictions, encoding="utf-8") as b:
        rows = [(json.loads(x), json.loads(y)) for x, y in zip(a, b)]
    harmless = unlisted = kept_back = other = other_kept = 0
    spans, caught, missed, joint = (collections.Counter() for _ in range(4))
    for case, prediction in rows:
        if case["id"] != prediction["id"]:
            sys.exit("the predictions are not those of the cases")
        found = pieces(prediction["redacted"])
        off = any(kind in "NO" for kind, _, _, _ in found)
        leaving = leaves(found)
        if case["spans"]:
            other, other_kept = other + 1, other_kept + (not leaving)
        else:
            harmless, unlisted, kept_back = harmless + 1, unlisted + off, kept_back + (not leaving)
        mask = covered(case["text"], prediction["spans"])
        for gold in case["spans"]:
            if not gold.get("optional"):
                spoken = TOKEN.finditer(case["text"].lower().replace("\u2019", "'"), gold["start"], gold["end"])
                spans[gold["label"]] += 1
                caught[gold["label"]] += any(not listed(word.group()) for word in spoken)
        for label, words in left_over(case, mask):
            missed[label] += bool(words)
            out = [w for w in words if listed(w)] if leaving else []
            joint[label] += bool(out)
            if out and show:
                print("  still leaves:", label, out)
    share = lambda n, of: "%d of %d (%.1f %%)" % (n, of, 100 * n / max(of, 1))
    print("%s: %d turns" % (os.path.basename(cases), len(rows)))
    both = (share(unlisted, harmless), share(kept_back, harmless))
    print("  (a) harmless, refused without withholding %s, with it %s" % both)
    print("      turns with an identifier that do not leave: %s" % share(other_kept, other))
    print("  (b) spans with a word off the list: %s" % share(sum(caught.values()), sum(spans.values())))
    for label in sorted(spans):
        print("      %-12s %s" % (label, share(caught[label], spans[label])))
    both = (sum(missed.values()), sum(joint.values()))
    print("  (c) spans that redaction leaves something of: %d; of which a word still leaves: %d" % both)
    for label in sorted(missed):
        if missed[label]:
            print("      %-12s %d, %d" % (label, missed[label], joint[label]))


def main():
    files = [a for a in sys.argv[1:] if a != "--words"]
    if not files or len(files) % 2:
        sys.exit(__doc__)
    print("%d words" % len(WORDS))
    for cases, predictions in zip(files[::2], files[1::2]):
        measure(cases, predictions, "--words" in sys.argv)


if __name__ == "__main__":
    main()
