#!/usr/bin/env python3
"""Makes src/redact/lists/pairs.bin and frequency.txt: which words follow each other in spoken English, and how common each is.
Python 3.8+, standard library only; the same files each time.

usage: redact-pairs.py [en-us.lm.bin]     (default: where Debian's pocketsphinx-en-us puts it)

Source: the bigrams of the general English language model of CMU Sphinx (72,547 words, 2,051,547 pairs, BSD licence).
frequency.txt  the 12,000 commonest words, sorted, each with a digit before it: 5 from one word in 300 on, 4 one in 2,000, 3 one
               in 10,000, 2 one in 50,000, 1 the rest.
pairs.bin      two Bloom filters (Bloom 1970) over "first second", both of those words: the pairs that are commoner than chance
               (log10 P(b|a)/P(b) > 0), and those ten times commoner (> 1). Little endian: `APRS`, format u16 1, hashes u8, filters u8,
               then for each filter its length in bytes (u32) and its bytes. Bit i of a key: (h1 + i * h2) mod (8 * length), h1 and h2 the
               two halves of the 64-bit FNV-1a of the key, h2 made odd. One in fifty of other pairs passes by chance.
"""
import array, os, re, struct, sys

HERE = os.path.dirname(os.path.abspath(__file__))
LISTS = os.path.join(HERE, "..", "src", "redact", "lists")
MODEL = "/usr/share/pocketsphinx/model/en-us/en-us.lm.bin"
WORDS, HASHES, BITS_A_PAIR = 12000, 6, 8
LOG10 = 4.3427276862669635e-05  # log10 of 1.0001, the base of the model's logarithms


class Model:
    """the binary trie of sphinxbase: words with their logarithms, and under each word the words that may come before it"""

    def __init__(self, path):
        b = open(path, "rb").read()
        head = b"Trie Language Model"
        if not b.startswith(head) or b[len(head)] != 3:
            sys.exit(path + ": no trigram model of sphinxbase")
        at = len(head) + 1
        self.counts = struct.unpack_from("<3I", b, at)
        at += 12 + 4
        table = 1 << 16  # probabilities are numbers of a table; bigrams have one more for back-off, and so on
        self.table = array.array("f", b[at:at + 4 * table])
        at += 4 * 3 * table
        self.unigrams = [struct.unpack_from("<ffI", b, at + 12 * k) for k in range(self.counts[0] + 1)]
        at += 12 * len(self.unigrams)
        self.word_bits, next_bits = self.counts[0].bit_length(), self.counts[2].bit_length()
        self.total_bits = self.word_bits + 32 + next_bits
        size = ((1 + self.counts[1]) * self.total_bits + 7) // 8 + 8
        self.bigrams = b[at:at + size]
        at += size + ((1 + self.counts[2]) * (self.word_bits + 16) + 7) // 8 + 8
        length, = struct.unpack_from("<I", b, at)
        self.words = [w.decode("latin-1") for w in b[at + 4:at + 4 + length].split(b"\0")[:-1]]
        if len(self.words) != self.counts[0]:
            sys.exit(path + ": its words do not fit its counts")

    def chance(self, word):
        return self.unigrams[word][0] * LOG10

    def pairs(self):
        """(first, second, log10 P(second | first))"""
        def bits(at, count):
            return int.from_bytes(self.bigrams[at >> 3:(at >> 3) + 8], "little") >> (at & 7) & (1 << count) - 1
        for second in range(self.counts[0]):
            for entry in range(self.unigrams[second][2], self.unigrams[second + 1][2]):
                at = entry * self.total_bits
                yield bits(at, self.word_bits), second, self.table[bits(at + self.word_bits + 16, 16)] * LOG10


def fnv(key):
    h = 0xcbf29ce484222325
    for byte in key.encode("ascii"):
        h = (h ^ byte) * 0x100000001b3 & 0xffffffffffffffff
    return h


def bloom(keys):
    length = len(keys) * BITS_A_PAIR // 8
    filled = bytearray(length)
    for key in keys:
        h = fnv(key)
        h1, h2 = h & 0xffffffff, h >> 32 | 1
        for i in range(HASHES):
            bit = (h1 + i * h2) % (8 * length)
            filled[bit >> 3] |= 1 << (bit & 7)
    return bytes(filled)


def main():
    m = Model(sys.argv[1] if len(sys.argv) > 1 else MODEL)
    plain = [k for k, w in enumerate(m.words) if re.fullmatch(r"[a-z][a-z']*", w)]
    common = sorted(plain, key=lambda k: (-m.chance(k), m.words[k]))[:WORDS]
    chosen = set(common)
    tier = lambda c: 5 if c > -2.48 else 4 if c > -3.3 else 3 if c > -4 else 2 if c > -4.7 else 1
    with open(os.path.join(LISTS, "frequency.txt"), "w", encoding="ascii") as fh:
        fh.writelines("%d%s\n" % (tier(m.chance(k)), m.words[k]) for k in sorted(common, key=lambda k: m.words[k]))
    above, far = [], []
    for first, second, p in m.pairs():
        if first in chosen and second in chosen:
            more = p - m.chance(second)
            key = m.words[first] + " " + m.words[second]
            if more > 0:
                above.append(key)
            if more > 1:
                far.append(key)
    with open(os.path.join(LISTS, "pairs.bin"), "wb") as fh:
        fh.write(b"APRS" + struct.pack("<HBB", 1, HASHES, 2))
        for keys in (above, far):
            filled = bloom(keys)
            fh.write(struct.pack("<I", len(filled)) + filled)
    print(len(common), "words,", len(above), "pairs,", len(far), "of them ten times above chance")


if __name__ == "__main__":
    main()
