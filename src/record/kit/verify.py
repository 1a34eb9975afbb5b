#!/usr/bin/env python3
"""Checks a folder of the record's events: that none was edited, removed, moved or cut off.

    python3 verify.py FOLDER [--vkey TEXT|FILE] [--witness NOTEFILE]...

Python 3.9 or later, nothing else. Reads the folder, changes nothing, reaches no network. What the words in capitals
mean, and what such a check cannot show, is in README.txt. Ends with 0 (OK), 1 (REJECTED) or 2 (nothing was checked).
"""
import argparse, base64, collections, hashlib, json, os, re, sys


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- Ed25519 signatures (RFC 8032); points as (X, Y, Z, T) on the twisted Edwards curve ----
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
NEUTRAL = (0, 1, 1, 0)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode(data):
    y, odd = int.from_bytes(data, "little") & (2**255 - 1), data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != square or (x == 0 and odd):
        return None
    x = P - x if x & 1 != odd else x
    return x, y, 1, x * y % P


def encode(p):
    z = pow(p[2], P - 2, P)
    return (p[1] * z % P | (p[0] * z % P & 1) << 255).to_bytes(32, "little")


BASE = decode((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, text, signature):
    a, s = decode(key), int.from_bytes(signature[32:], "little")
    if a is None or len(signature) != 64 or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    minus_a = (P - a[0], a[1], 1, P - a[3])
    steps, sum_ = (NEUTRAL, BASE, minus_a, add(BASE, minus_a)), NEUTRAL
    for bit in range(252, -1, -1):  # s * BASE - h * a, both at once
        sum_ = add(add(sum_, sum_), steps[(s >> bit & 1) + 2 * (h >> bit & 1)])
    return encode(sum_) == signature[:32]


# ---- The tree (RFC 6962): all that is kept are the roots of the complete subtrees, largest first ----
def grow(peaks, size, leaf):
    while size & 1:
        leaf, size = sha256(b"\1", peaks.pop(), leaf), size >> 1
    peaks.append(leaf)


def root_of(peaks):
    root = peaks[-1] if peaks else sha256()
    for left in reversed(peaks[:-1]):
        root = sha256(b"\1", left, root)
    return root


def proven_root(leaf, at, size, proof):
    last = size - 1
    for beside in proof:
        if last <= 0:
            return None
        if at & 1 or at == last:
            leaf = sha256(b"\1", beside, leaf)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            leaf = sha256(b"\1", leaf, beside)
        at, last = at >> 1, last >> 1
    return leaf if last == 0 else None


# ---- Findings ----
class BadInput(Exception):
    """Nothing can be checked."""


FOUND = collections.Counter()


def say(text):
    print("".join(c if c.isprintable() else "?" for c in text))  # names in the folder are anybody's


def reject(word, detail):
    FOUND[word] += 1
    if FOUND[word] <= 5:
        say(f"{word}: {detail}")


def plain(text, length):
    data = base64.b64decode(text, validate=True)
    if length is not None and len(data) != length:
        raise ValueError
    return data


# ---- Keys, notes, checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint) ----
def read_key(text):
    try:
        name, digest, key = text.strip().split("+", 2)
        key = plain(key, 33)
    except ValueError:
        raise BadInput(f"{text.strip()!r} is not a key; it looks like name+hash+key") from None
    point = decode(key[1:])
    if key[0] != 1 or point is None or sha256(f"{name}\n".encode(), key)[:4].hex() != digest:
        raise BadInput(f"the key {name} was not copied rightly: its hash is another")
    for _ in range(3):
        point = add(point, point)
    if encode(point) == encode(NEUTRAL):
        raise BadInput(f"the key {name} is a weak one: anything would pass for signed")
    return name, key


def open_checkpoint(where, note, key):
    """Its origin, size and root; None, and a finding, where the key did not sign it."""
    text, blank, signatures = note.rpartition("\n\n")
    text, signed, named = text + "\n", False, sha256(f"{key[0]}\n".encode(), key[1])[:4]
    for line in signatures[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, signature = rest.partition(" ")
        try:
            data, message = plain(signature, None), text.encode()
        except ValueError:
            data = b""
        if not blank or dash != "\u2014" or len(data) < 5 or signatures[-1:] != "\n":
            return reject("BAD SIGNATURE", f"{where}: not a signed note")
        if name == key[0] and data[:4] == named:
            if not is_signed(key[1][1:], message, data[4:]):
                return reject("BAD SIGNATURE", f"{where}: the key {name} did not sign this")
            signed = True
    if not signed:
        return reject("BAD SIGNATURE", f"{where}: not signed by the key {key[0]}")
    found = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,19})\n([0-9A-Za-z+/]{43}=)\n", text)
    if not found:
        return reject("NOT A CHECKPOINT", where)
    return found[1], int(found[2]), base64.b64decode(found[3])


# ---- The folder ----
FILES = "entries.ndjson checkpoint.txt checkpoints.ndjson vkey.txt proofs.ndjson sealed.ndjson bodies.ndjson".split()


def lines(folder, name):
    """Each line of a file, without its end, with its number."""
    path = os.path.join(folder, name)
    if os.path.exists(path):
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                yield number, line[:-1] if line.endswith(b"\n") else line


def field(line, **kinds):
    """The fields of a JSON line; ValueError where one is missing or of another kind."""
    try:
        value = json.loads(line)
    except RecursionError:
        raise ValueError from None
    if not isinstance(value, dict) or any(type(value.get(k)) is not t for k, t in kinds.items()):
        raise ValueError
    return [value[k] for k in kinds]


def check_files(folder, listed):
    for name, sum_ in sorted(listed.items()):
        path, digest = os.path.join(folder, name), hashlib.sha256()
        if os.path.basename(name) != name or not os.path.isfile(path):
            reject("FILE MISSING", name)
            continue
        with open(path, "rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
        if digest.hexdigest() != sum_["sha256"] or os.path.getsize(path) != sum_["bytes"]:
            reject("FILE CHANGED", f"{name} is not what manifest.json says")
    for name in os.listdir(folder):
        if name in FILES and name not in listed:
            reject("FILE ADDED", f"{name} is not in manifest.json")


def check_entries(folder, manifest, size, root, known):
    """Every entry's place and leaf; the roots of `known` sizes; returns hash and length of each sealed body."""
    whole, log = manifest["kind"] == "all", manifest["log"]
    keep = os.path.exists(os.path.join(folder, "sealed.ndjson"))
    peaks, count, last, bodies, proofs = [], 0, -1, {}, lines(folder, "proofs.ndjson")
    for number, line in lines(folder, "entries.ndjson"):
        try:
            theirs, seq, digest, length = field(line, log=str, seq=int, ct_sha256=str, ct_len=int)
        except ValueError:
            reject("NOT AN EVENT", f"entries.ndjson line {number}")
            theirs, seq = log, count if whole else last + 1
        else:
            if keep:
                bodies[seq] = digest, length
        if theirs != log:
            reject("OTHER LOG", f"entry {seq} is of {theirs}")
        if seq <= last:
            reject("OUT OF ORDER", f"entry {seq} after {last}")
        elif whole and seq > last + 1:
            reject("GAP", f"entries {last + 1} to {seq - 1} are missing")
        last, leaf = max(last, seq), sha256(b"\0", line)
        if whole:
            grow(peaks, count, leaf)
        else:
            try:
                about, hashes = field(next(proofs, (0, b"null"))[1], seq=int, hashes=list)
                proof = [bytes.fromhex(h) for h in hashes]
            except (ValueError, TypeError):
                about, proof = None, []
            if about != seq or not 0 <= seq < size or proven_root(leaf, seq, size, proof) != root:
                reject("NOT PROVEN", f"entry {seq} is not in the log as the checkpoint has it")
        count += 1
        for where, at, expected in known.pop(count, ()) if whole else ():
            if root_of(peaks) != expected:
                reject("ROOT DIFFERS", f"the first {at} entries are not those of {where}")
    if count != manifest["entries"]:
        reject("COUNT DIFFERS", f"{count} entries, manifest.json says {manifest['entries']}")
    if whole and count != size:
        reject("CUT OFF" if count < size else "TOO MANY", f"{count} entries, the checkpoint covers {size}")
    if next(proofs, None):
        reject("NOT PROVEN", "more proofs than entries")
    print(f"{count} entries" + ("" if whole else f", each of them in the log of {size}" if not FOUND else ""))
    return bodies


def check_sealed(folder, bodies):
    count = 0
    for number, line in lines(folder, "sealed.ndjson"):
        try:
            seq, text = field(line, seq=int, ct=str)
            data = plain(text, None)
        except ValueError:
            reject("BODY DIFFERS", f"sealed.ndjson line {number} cannot be read")
            continue
        if bodies.get(seq) != (hashlib.sha256(data).hexdigest(), len(data)):
            reject("BODY DIFFERS", f"the sealed body of entry {seq} is not the one its header names")
        count += 1
    opened = sum(1 for _ in lines(folder, "bodies.ndjson"))
    if count:
        print(f"{count} sealed bodies, each held against its header")
    if opened:
        print(f"{opened} opened bodies: not checked, only the box can show that they are what was sealed")


def read(*path):
    try:
        with open(os.path.join(*path), encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path[-1]} cannot be read: {error}") from None


def read_manifest(folder):
    try:
        text = read(folder, "manifest.json")
        version, kind, _ = field(text, v=int, kind=str, log=str)
        _, _, _, files = field(text, origin=str, size=int, entries=int, files=dict)
        sums = [field(json.dumps(sum_), sha256=str, bytes=int) for sum_ in files.values()]
    except ValueError:
        raise BadInput("manifest.json is not one of version 1") from None
    if version != 1 or kind not in ("all", "selection") or not sums:
        raise BadInput("manifest.json is not one of version 1")
    return json.loads(text)


def check(folder, vkey, witnesses):
    manifest = read_manifest(folder)
    if vkey is None:
        print("WARNING: the key is the folder's own, from the same hand as the rest. Give the one on the box: --vkey")
        vkey = os.path.join(folder, "vkey.txt")
    key = read_key(read(vkey) if os.path.exists(vkey) else vkey)
    check_files(folder, manifest["files"])
    own = open_checkpoint("checkpoint.txt", read(folder, "checkpoint.txt"), key)
    if own is None:
        return
    origin, size, root = own
    if (origin, size) != (manifest["origin"], manifest["size"]):
        reject("OTHER LOG", f"checkpoint.txt is of {origin} at {size}, manifest.json says otherwise")
    roots = {size: ("checkpoint.txt", root)}
    known, notes = collections.defaultdict(list), [(path, read(path)) for path in witnesses]
    known[size].append(("checkpoint.txt", size, root))
    earlier = 0
    for number, line in lines(folder, "checkpoints.ndjson"):
        try:
            (note,) = field(line, note=str)
        except ValueError:
            reject("NOT A CHECKPOINT", f"checkpoints.ndjson line {number}")
            continue
        earlier += 1
        notes.insert(earlier - 1, (f"checkpoints.ndjson line {number}", note))
    for number, (where, note) in enumerate(notes):
        witnessed, opened = number >= earlier, open_checkpoint(where, note, key)
        if opened is None:
            continue
        if opened[0] != origin:
            reject("OTHER LOG", f"{where} is of {opened[0]}")
        elif opened[1] > size:
            reject("CUT OFF", f"{where} covers {opened[1]} entries, the log as it is here only {size}")
        elif roots.setdefault(opened[1], (where, opened[2]))[1] != opened[2]:
            reject("ROOT DIFFERS", f"{where} and {roots[opened[1]][0]} are of two logs, both of {opened[1]} entries")
        elif manifest["kind"] == "all":
            known[opened[1]].append((where, *opened[1:]))
        elif witnessed and opened[1] != size:
            say(f"{where}: signed; that the log grew from it only a folder with all entries shows")
    for where, at, expected in known.pop(0, ()):
        if expected != sha256():
            reject("ROOT DIFFERS", f"{where} is of no entries, but its root is of some")
    say(f"{1 + earlier} checkpoints of {origin}, {len(witnesses)} kept elsewhere")
    check_sealed(folder, check_entries(folder, manifest, size, root, known))


def main():
    parser = argparse.ArgumentParser(description="Checks a folder of the record's events.")
    parser.add_argument("folder")
    parser.add_argument("--vkey", metavar="TEXT|FILE", help="the box's key, from its label or the contract")
    parser.add_argument("--witness", metavar="NOTEFILE", action="append", default=[], help="a checkpoint kept elsewhere")
    given = parser.parse_args()
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        check(given.folder, given.vkey, given.witness)
    except (BadInput, OSError) as error:
        say(f"BAD INPUT: {error}")
        return 2
    if FOUND:
        print("REJECTED: " + ", ".join(f"{word} ({count})" if count > 1 else word for word, count in FOUND.items()))
        return 1
    print("OK: nothing was edited, removed, moved or cut off since the checkpoints were signed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
