#!/usr/bin/env python3
"""Makes training cases for the redaction tagger from templates/*.txt and lists/. Python 3.8+, standard library only, no network.

usage: generate.py [--seed 1] [--count 120000] [--templates DIR] [--out FILE]   JSON lines to FILE (default: standard output)
       generate.py --check [--templates DIR]     exit 1 if a template holds an unknown slot or an unbalanced bracket
       generate.py --selfcheck [--count N]       makes N cases (default 20000), tests every span, counts labels and styles
       generate.py --show N [--style S] [--only TEXT]    prints N cases with their spans in brackets, to be read by people

Output, one case a line: {"id","prev","text","spans":[{"start","end","label"[,"optional":true]}],"style","source":"generated"};
start and end count Unicode code points, end exclusive. A seed gives the same cases again.

A template is one utterance in written English with slots (the table SLOTS below). What makes a case is the style:
asr_raw (lower case, no punctuation, all numbers in words), asr (as recognisers print: digits, capitals and full stops,
often wrong or missing), written (typed). Each case has one speaker (class Case), who says zero or oh, doubles, pairs and
fillers in his own way, and now and then corrects himself inside a number; ODD, WAYS and AGES have the rarer manners and how
often each comes. A quarter of the spoken cases then go through a noise channel that mishears small words, letters, digits and
names; in the others a value is misheard now and then. A value is rendered in the style of its case as pieces [text, tag];
offsets are counted at the very end, so spans stay right whatever noise does to the text.
"""
import argparse, bisect, datetime, glob, gzip, json, os, random, re, sys, unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))

# ---------------------------------------------------------------------------------------------- lists


def fold(text):
    """marks off, Latin letters kept"""
    if text.isascii():
        return text
    text = text.translate({0xF8: "o", 0xD8: "O", 0x142: "l", 0x141: "L", 0xDF: "ss", 0xE6: "ae", 0xC6: "Ae", 0x131: "i", 0x130: "I",
                           0x111: "d", 0x110: "D", 0xF0: "d", 0xD0: "D", 0xFE: "th", 0xDE: "Th", 0x259: "a", 0x18F: "A", 0x153: "oe"})
    text = unicodedata.normalize("NFKD", text)
    return "".join(c for c in text if ord(c) < 128)


def packed(name):
    with gzip.open(os.path.join(HERE, "lists", name), "rt", encoding="utf-8") as fh:
        return fh.read().splitlines()


class Weighted:
    """items with weights; half of the draws go by weight, the others are uniform over all items"""

    def __init__(self, pairs):
        self.items = [p[0] for p in pairs]
        self.heavy = [p[0] for p in pairs if p[1] > 0]
        total, self.sums = 0, []
        for p in pairs:
            if p[1] > 0:
                total += p[1]
                self.sums.append(total)

    def often(self, r):
        return self.heavy[min(bisect.bisect(self.sums, r.random() * self.sums[-1]), len(self.heavy) - 1)]

    def any(self, r):
        return r.choice(self.items)

    def draw(self, r):
        return self.often(r) if r.random() < 0.5 else self.any(r)


O_NAMES = set("brien connor neill neil sullivan reilly malley donnell hara leary keefe rourke dowd shea loan neal dell toole grady "
              "hare brian day gorman halloran hanlon hearn kane keeffe loughlin meara quinn riley rear steen callaghan".split())


def census_name(s):
    low = s.lower()
    if low[0] == "o" and low[1:] in O_NAMES:
        return "O'" + low[1:].capitalize()
    if low.startswith("mc") and len(low) > 4:
        return "Mc" + low[2:].capitalize()
    return low.capitalize()


# Words that keep an example of WordNet out.
COARSE = re.compile(r"(?i)\b(bull|horse)?(fuck|shit|piss|cunt|cocksuck|asshole|arse(?!n)|bitch|whor|slut|bastard|bugger|goddam|turd|fart(?!h)|nigg|fag|masturbat|prostitut|sexual|"
                    r"copulat|fornicat|orgasm|orgy|porn|horny|erotic|pimp(?!l)|hooker|strumpet|harlot|wank|bollock|dildo|sodom|incest|vagina|penis|scrotum|clitor|"
                    r"boob|lecher|lewd|obscen|titty|titties|molest|excrement|feces|faeces|defecat|ejaculat|seduc|deflower|rapist|raping|gang-rap)\w*|"
                    r"\b(ass|asses|tits?|screw(ed|s)? (around|you|her|him|up)|rape[ds]?|sex|sexy|sexes|queers?|damn(ed)?|crap|dago|kike|wop|spic|chink|coons?|darky|negro(es)?|jew(ed)?|"
                    r"nympho\w*|naked|nude|bedded|sleeps? around|slept with|make love|making love|made love|laid her|got laid|jerk off|hump(s|ed)?|knocked up|the clap|son of a)\b")


class Lists:
    def __init__(self):
        hand, section = {}, None
        with open(os.path.join(HERE, "lists", "hand.txt"), encoding="utf-8") as fh:
            for line in fh:
                line = line.strip()
                if not line or line.startswith("#"):
                    continue
                if line.startswith("["):
                    section = hand.setdefault(line.strip("[]"), [])
                    continue
                for item in line.split(", "):
                    item = item.strip(" ,")
                    m = re.match(r"(.*) x(\d+)$", item)
                    section.extend([m.group(1)] * int(m.group(2)) if m else [item])
        self.sentences = [x for x in packed("sentences.txt.gz") if not COARSE.search(x)]
        self.world = {}
        group = kind = None
        for item in hand.pop("world"):
            m = re.match(r"(\w{3})\|([gf]): (.*)", item)
            if m:
                group, kind, item = m.groups()
            self.world.setdefault(group, {"g": [], "f": []})[kind].extend([item] * 2)
        for line in packed("world.txt.gz"):
            group, kind, item = line.split("\t")
            self.world.setdefault(group, {"g": [], "f": []})[kind].append(item)
        for v in self.world.values():
            for k in "gf":
                v[k] = v[k] or ["Maria", "Ali"]
        more = {"spa": 6, "ind": 4, "chn": 4, "vie": 3, "fil": 3, "kor": 2, "ara": 3, "waf": 3, "eth": 2, "jew": 2, "iri": 2, "sla": 2, "pak": 2}
        self.groups = [g for g in sorted(self.world) for _ in range(more.get(g, 1))]
        for key in hand:
            setattr(self, key, hand[key])
        given = [line.split("\t") for line in packed("given.txt.gz")]
        self.given = Weighted([(g[0].capitalize(), int(g[1])) for g in given])
        family = [line.split("\t") for line in packed("family.txt.gz")]
        self.family = Weighted([(census_name(f[0]), int(f[1]) if len(f) > 1 else 0) for f in family])
        cities = [line.split("\t") for line in packed("places.txt.gz")]
        self.cities = {land: Weighted([(c[0], int(c[3])) for c in cities if c[1] == land]) for land in ("US", "GB", "CA", "AU", "IE")}
        self.cities["--"] = Weighted([(c[0], int(c[3])) for c in cities if c[1] not in ("US", "GB")])
        self.counties = [line.split("\t")[0] for line in packed("counties.txt.gz")]
        # How a recogniser that does not know a name prints it.
        self.heard = {name: sounds.split("/") for name, sounds in (line.split("\t") for line in packed("heard.txt.gz"))}


L = None

STATES = dict(x.split(":") for x in """AL:Alabama AK:Alaska AZ:Arizona AR:Arkansas CA:California CO:Colorado CT:Connecticut DE:Delaware FL:Florida
GA:Georgia HI:Hawaii ID:Idaho IL:Illinois IN:Indiana IA:Iowa KS:Kansas KY:Kentucky LA:Louisiana ME:Maine MD:Maryland MA:Massachusetts
MI:Michigan MN:Minnesota MS:Mississippi MO:Missouri MT:Montana NE:Nebraska NV:Nevada NH:New_Hampshire NJ:New_Jersey NM:New_Mexico NY:New_York
NC:North_Carolina ND:North_Dakota OH:Ohio OK:Oklahoma OR:Oregon PA:Pennsylvania RI:Rhode_Island SC:South_Carolina SD:South_Dakota TN:Tennessee
TX:Texas UT:Utah VT:Vermont VA:Virginia WA:Washington WV:West_Virginia WI:Wisconsin WY:Wyoming DC:D.C. ON:Ontario BC:British_Columbia
AB:Alberta QC:Quebec NSW:New_South_Wales""".split())

# ---------------------------------------------------------------------------------------------- numbers in words

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}


def words(n, link=""):
    """cardinal; link is 'and ' for those who say a hundred and two"""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + (" " + ONES[n % 10] if n % 10 else "")
    if n < 1000:
        return ONES[n // 100] + " hundred" + (" " + link + words(n % 100) if n % 100 else "")
    if n < 1000000:
        low = n % 1000
        return words(n // 1000, link) + " thousand" + (" " + (link if low < 100 else "") + words(low, link) if low else "")
    low = n % 1000000
    return words(n // 1000000, link) + " million" + (" " + words(low, link) if low else "")


def ordinal(n):
    head, _, last = words(n).rpartition(" ")
    last = ORDS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return (head + " " + last) if head else last


def th(n):
    return "%d%s" % (n, "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


PHON = {}
for _x in """a:apple,alpha,Alice,Adam,Albert,able b:boy,bravo,Bob,Barbara,baker,baby,bed c:cat,Charlie,Charles,car,candy d:dog,delta,David,Daniel,door,Donna
e:echo,Edward,elephant,egg,easy,Eric,Ellen f:Frank,foxtrot,fox,Fred,father g:George,golf,girl,good,Gary h:Henry,hotel,Harry,house,hat,Helen i:India,ice,igloo,Ida,Isaac,item
j:John,Juliet,Jack,jump,Jane k:king,kilo,kite,Kevin,Karen l:Lima,Larry,love,Lincoln,lemon,Lucy,lion m:Mary,Mike,mother,Michael,man,monkey n:Nancy,November,Nora,no,Nick,night
o:Oscar,orange,Oliver,open,octopus p:Peter,papa,Paul,Paula,pig,pizza q:queen,Quebec,quick r:Robert,Romeo,Roger,red,rabbit s:Sam,sierra,Susan,sugar,snake,Steve
t:Tom,tango,Thomas,tiger,tree,Tuesday u:umbrella,uniform,uncle,Ulysses v:Victor,violin,Victoria,van w:William,whiskey,water,window,Walter x:X-ray,xylophone y:Yankee,yellow,young,yoyo z:zebra,Zulu,zoo,zero""".split():
    PHON[_x[0]] = _x[2:].split(",")
NATO = dict(zip("abcdefghijklmnopqrstuvwxyz", "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliet Kilo Lima Mike November Oscar Papa Quebec "
                "Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu".split()))
POLICE = dict((x[0], x) for x in "Adam Boy Charles David Edward Frank George Henry Ida John King Lincoln Mary Nora Ocean Paul Queen Robert Sam Tom Union Victor William "
              "X-ray Young Zebra".lower().split())
LETTER_HEARD = {"a": "hey eh ay", "b": "be bee", "c": "see sea", "d": "dee the", "e": "he ee", "f": "eff ef if", "g": "gee", "h": "age each", "i": "eye hi aye",
                "j": "jay", "k": "kay okay", "l": "el elle ell", "m": "em am", "n": "en and in an", "o": "oh owe", "p": "pea pee", "q": "queue cue", "r": "are our",
                "s": "as yes ess es", "t": "tea tee", "u": "you", "v": "vee we", "w": "double you", "x": "ex eggs", "y": "why", "z": "zee said set"}
DIGIT_HEARD = {"two": "to too", "four": "for", "eight": "ate", "one": "won want", "oh": "o owe", "six": "sex sicks", "nine": "mine line nein", "ten": "tin tan",
               "five": "fife", "three": "free tree", "zero": "zeros", "seven": "heaven", "eleven": "elven", "fourth": "forth for", "first": "fist", "third": "bird",
               "eighth": "eight", "sixth": "six", "second": "seconds", "to": "two", "for": "four", "march": "marched much marsh", "may": "made main",
               "august": "all guest", "june": "joon", "dot": "dots", "at": "that add", "dash": "- dashed"}
STREET_HEARD = dict(x.split(":") for x in """street:straight/streets/treat road:rode/rowed/row lane:lain/line/layne court:caught/core/quart way:weigh/away close:clothes
avenue:avenew/heaven_you/have_a_new drive:drives/dry/driver place:plays/please circle:circled/circles terrace:terrorist/terrence trail:trial/trailer square:squire
boulevard:bull_of_art/bully_yard highway:high_way/hi_way parkway:park_way apartment:a_part_meant unit:you_knit suite:sweet crescent:croissant gardens:guardians
north:nor/norse south:sow west:waste/vest east:yeast""".split())
SMALL_HEARD = {"my": "mine,by,me", "is": "as,his,it's", "and": "in,an,um", "the": "a,that,uh", "it's": "its,is", "for": "four,or", "to": "two,too", "your": "you're,you",
               "there": "their,they're", "have": "of,had", "i'm": "i am,i,am", "of": "off,a", "can": "could,can't", "would": "what,will", "name": "names,main", "number": "numbers,member",
               "birth": "berth,first", "date": "day,dates", "address": "a dress,addressed", "appointment": "appointments,a appointment", "with": "whit,which", "are": "our,or",
               "no": "know,now", "know": "no", "one": "won", "that": "at,the", "this": "the,is", "you": "ya,u", "here": "hear", "was": "is,what's", "what": "but", "need": "needed",
               "call": "called,all", "calling": "calling in,falling", "hi": "i,high", "yes": "yeah", "yeah": "yes,ya", "patient": "patients,patience", "on": "and,in", "in": "and,on",
               "her": "her,here", "she": "he,she's", "he": "she,he's", "doctor": "doctors", "not": "now,knot", "so": "sew", "by": "buy,bye", "right": "write", "four": "for", "two": "to"}
FILLERS = ["uh", "um", "uh", "um", "er", "ah", "like", "you know", "let me see", "hmm", "okay", "and then", "so"]

# The rarer manners of dictating, each with its share of the values (or of the parts) that it fits; none is the main manner of its kind.
ODD = {
    # identifiers, and where it fits phones
    "counted": 0.15,  # of runs of one digit: "three zeros", "a couple of zeros"
    "restart": 0.02,  # "four four one no four four one seven"
    "echo": 0.025,  # "eight four two that's eight four two one one"
    "cardinal": 0.03,  # "four million two hundred thousand fifteen"
    "dictated": 0.38,  # of codes: one of WAYS
    "letter fixed": 0.03,  # "b no d as in dog"
    "slashes": 0.03,  # "12/3456/A"
    # telephone numbers
    "area": 0.04,  # "area code five oh three and the number is ..."
    "extension": 0.025,  # said as a part of the number
    "plus one": 0.03,
    "that's": 0.03,  # between the groups
    "hash": 0.04,  # before or after an extension
    # mail
    "part alone": 0.03,  # what stands before the at, or the domain
    "mail capital": 0.04,
    "mail spelled": 0.04,  # said, then spelled
    "mail note": 0.07,  # "all lower case", "no spaces"
    "mail pause": 0.05,  # before the domain
    "no com": 0.05,
    "com spelled": 0.04,
    "host spelled": 0.04,
    "host fixed": 0.03,  # "at yahoo no gmail dot com"
    # web
    "web note": 0.05,
    # dates
    "range": 0.025,  # "march third through the ninth"
    "or": 0.025,  # "the twenty ninth or thirtieth"
    "date fixed": 0.025,  # "march third no fourth nineteen sixty two"
    "year of": 0.03,
    "july": 0.02,  # the fourth of it
    # ages
    "age": 0.4,  # one of AGES
    # what a recogniser makes of a value, beside the cases that are noisy all over
    "slip": 0.03,
}

MONTHS = "January February March April May June July August September October November December".split()
DAYS_IN = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

# ---------------------------------------------------------------------------------------------- one case, one speaker


class Case:
    def __init__(self, r, style):
        self.r, self.style = r, style
        self.raw, self.asr, self.typed = style == "asr_raw", style == "asr", style == "written"
        self.zero = self.pick({"oh": 55, "zero": 25, "mix": 20})
        self.dbl = r.choice([0, 0.3, 0.9])
        self.manner = self.pick({"dig": 58, "pairs": 14, "mix": 28})
        self.link = "and " if r.random() < 0.35 else ""
        self.fill = 0 if self.typed else r.choice([0, 0, 0.05, 0.15])
        self.fix = 0 if self.typed else r.choice([0, 0, 0, 0.12])
        self.uk = r.random() < 0.2
        self.letters = self.pick({"plain": 52, "some": 17, "phon": 6, "for": 5, "nato": 5, "broken": 9, "like": 3, "merge": 3})
        self.mode = "full"
        if self.asr:
            self.mode = self.pick({"full": 60, "nocap": 10, "nopunct": 12, "bare": 13, "wrong": 5})
        elif self.typed:
            self.mode = self.pick({"full": 56, "nocap": 21, "bare": 17, "caps": 2, "noapos": 4})
        self.before = self.after = ""
        self.said = {}  # names said so far in this utterance,
        self.spelled = {}  # those that were spelled and are yet to be said, and
        self.asked = {}  # those in the question

    def pick(self, table):
        """a key of a weighted table"""
        x = self.r.random() * sum(table.values())
        for k, w in table.items():
            x -= w
            if x < 0:
                return k
        return k

    def p(self, chance):
        return self.r.random() < chance

    def odd(self, manner):
        """whether this speaker now uses one of the rarer manners"""
        return not self.typed and self.r.random() < ODD[manner]

    def gap(self, word=""):
        """what stands between two goes at a value"""
        if self.raw:
            return " %s " % word if word else " "
        return self.r.choice([", %s, ", ". %s, ", " %s ", "... %s "]) % word if word else self.r.choice([", ", ". ", " ", "... "])

    def filler(self):
        return self.r.choice(FILLERS)

    def join(self, *groups):
        """joins the parts of a value with blanks, now and then with a filler"""
        out = groups[0]
        for g in groups[1:]:
            if self.fill and self.p(self.fill):
                out += (", " if self.asr and self.p(0.6) else " ") + self.filler() + ("," if self.asr and self.p(0.5) else "")
            out += " " + g
        return out

    def oops(self):
        w = self.r.choice(["no wait", "no", "sorry", "I mean", "no sorry", "wait no", "scratch that", "correction", "excuse me", "make that", "oh no", "actually", "no no", "hold on"])
        if self.asr:
            return self.r.choice([", %s, ", ". %s, ", " %s ", "... %s "]) % (w[0].upper() + w[1:] if self.p(0.2) else w)
        return " %s " % w

    def digit(self, d):
        if d == "0":
            z = self.zero if self.zero != "mix" else self.r.choice(["oh", "zero"])
            return z
        return ONES[int(d)]


PHI_NAME, PHI_DATE, PHI_PHONE, PHI_ADDR = ("NAME", 0), ("DATE", 0), ("PHONE", 0), ("ADDRESS", 0)
PHI_MAIL, PHI_ID, PHI_AGE, PHI_URL, PHI_IP, PHI_ORG = ("EMAIL", 0), ("ID", 0), ("AGE90", 0), ("URL", 0), ("IP", 0), ("ORG_EMPLOYER", 0)
OPT_NAME, OPT_ORG, OPT_STATE, OPT_DATE = ("NAME", 1), ("ORG_EMPLOYER", 1), ("ADDRESS", 1), ("DATE", 1)


def counted(c, d, n):
    """a run of one digit: 'three zeros', 'two sevens'"""
    w = c.digit(d)
    w = c.r.choice(["zeros", "zeros", "zeroes", "ohs"]) if d == "0" else w + ("es" if w == "six" else "s")
    return (c.r.choice(["two", "two", "a couple of", "a pair of"]) if n == 2 else words(n)) + " " + w


def said_twice(c, parts):
    """(head, word, tail) when a value is begun anew or a part of it is said twice, else None"""
    if len(parts) > 1 and c.odd("restart"):
        return parts[:c.r.randrange(1, len(parts))], c.r.choice(["", "", "uh", "no", "wait", "sorry", "let me start over", "again", "okay", "from the top", "I'll start again"]), parts
    if c.odd("echo"):
        i = c.r.randrange(len(parts))
        k = min(len(parts), i + c.r.choice([1, 1, 2, 3]))
        return parts[:k], c.r.choice(["", "", "that's", "yes", "so", "right", "okay", "again", "I repeat"]), parts[i:]
    return None


def one_by_one(c, ds):
    out, i = [], 0
    while i < len(ds):
        run = 1
        while i + run < len(ds) and ds[i + run] == ds[i]:
            run += 1
        if run >= 2 and c.odd("counted") and (run > 2 or c.p(0.5)):
            out.append(counted(c, ds[i], run))
            i += run
        elif run >= 3 and c.p(c.dbl):
            out += ["treble" if c.p(0.6 if c.uk else 0.06) else "triple", c.digit(ds[i])]
            i += 3
        elif run >= 2 and c.p(c.dbl):
            out += ["double", c.digit(ds[i])]
            i += 2
        else:
            out.append(c.digit(ds[i]))
            i += 1
    return " ".join(out)


def pair(c, two):
    if two == "00":
        return c.r.choice(["hundred", "zero zero", "oh oh", "double oh"])
    if two[0] == "0":
        return c.digit("0") + " " + ONES[int(two[1])]
    return words(int(two))


def say(c, ds, manner=None):
    """a run of digits as a speaker dictates it"""
    manner = manner or c.manner
    n = len(ds)
    if n == 1 or manner == "dig" and not (n in (3, 4) and ds.endswith("00") and ds[-3] != "0" and c.p(0.4)):
        return one_by_one(c, ds)
    if n == 2:
        return pair(c, ds) if ds != "00" and (manner == "pairs" or c.p(0.5)) else one_by_one(c, ds)
    if n == 3:
        if ds[0] != "0" and ds[1:] == "00":
            return ONES[int(ds[0])] + " hundred"
        k = c.pick({"dig": 50, "tail": 35, "whole": 15})
        if k == "tail" and ds[1] != "0":
            return c.digit(ds[0]) + " " + pair(c, ds[1:])
        if k == "whole" and ds[0] != "0":
            return words(int(ds), c.link)
        return one_by_one(c, ds)
    if n == 4:
        if ds[0] != "0" and ds[1:] == "000" and c.p(0.8):
            return ONES[int(ds[0])] + " thousand"
        if ds[0] != "0" and ds[2:] == "00" and ds[1] != "0" and c.p(0.8):
            return words(int(ds[:2])) + " hundred"
        if ds[0] != "0" and c.odd("cardinal"):
            return words(int(ds), c.link)
        if manner == "pairs" or c.p(0.6):
            return pair(c, ds[:2]) + " " + pair(c, ds[2:])
        return one_by_one(c, ds)
    cut = c.r.choice([2, 2, 2, 3, 1]) if manner == "pairs" else c.r.choice([1, 2, 2, 3, 3, 4])
    if n - cut < 1:
        cut = 1
    return say(c, ds[:cut], manner if c.p(0.7) else "dig") + " " + say(c, ds[cut:], manner)


# What people say between groups of digits.
BETWEEN = ["dash", "dash", "dash dash", "space", "space", "then", "and then", "", ""]


def spoken_groups(c, groups):
    """groups of digits in words, with the pauses of the style"""
    said = [say(c, g) for g in groups]
    if c.asr:
        sep = c.r.choice([", ", ", ", " ", " ", ". ", "-"])
        return sep.join(said)
    sep = c.pick({"blank": 66, "dash": 8, "hyphen": 1, "filler": 14, "odd": 4, "any": 6, "slash": 1})
    if sep in ("dash", "hyphen", "slash"):
        return (" %s " % sep).join(said)
    out = said[0]
    for s in said[1:]:
        if sep == "any":
            out += (" " + c.r.choice(BETWEEN)).rstrip()
        if sep == "filler" and c.p(0.6):
            out += " " + c.r.choice(["uh", "um", "uh", "um", "er", "and", "then", "and then"])
        elif sep == "odd" and c.p(0.5):
            out += " " + c.r.choice(["space", "okay", "yeah", "let's see", "umm"])
        out += " " + s
    return out


def change_digits(c, ds):
    """a slip of the tongue: one digit other, or two swapped"""
    i = c.r.randrange(len(ds))
    return ds[:i] + str((int(ds[i]) + c.r.randint(1, 9)) % 10) + ds[i + 1:]


def number(c, groups, sep="-", dense=0.15, typed=None):
    """an identifier of digit groups in the style of the case"""
    groups = [g for g in groups if g]
    if c.typed:
        k = c.pick(typed or {"sep": 55, "space": 18, "dense": 25 if dense else 0, "dot": 2})
        return {"sep": sep, "space": " ", "dense": "", "dot": "."}[k].join(groups)
    if c.p(c.fix) and len(groups) > 1:
        # a correction inside: the group said wrongly first, or all begun again
        i = c.r.randrange(len(groups))
        wrong = groups[:i] + [change_digits(c, groups[i])]
        again = groups[i:] if c.p(0.6) else groups
        f = spoken_groups if c.raw else number_printed
        return f(c, wrong) + c.oops() + f(c, again)
    two = said_twice(c, groups)
    if two:
        f = spoken_groups if c.raw else number_printed
        return f(c, two[0]) + c.gap(two[1]) + f(c, two[2])
    if c.raw:
        if c.p(0.015):
            return " ".join(groups)
        return spoken_groups(c, groups)
    return number_printed(c, groups, sep, dense)


def number_printed(c, groups, sep="-", dense=0.15):
    k = c.pick({"sep": 33, "between": 4, "space": 20, "dense": 12 if dense else 3, "each": 8, "eachcomma": 4, "eachdash": 1.5, "comma": 6, "stop": 3, "odd": 5, "words": 4,
                "mixed": 4, "filler": 2.5})
    if k == "sep":
        return sep.join(groups)
    if k == "space":
        return " ".join(groups)
    if k == "dense":
        return "".join(groups)
    if k == "between":
        out = groups[0]
        for g in groups[1:]:
            out += c.r.choice([" %s ", " %s ", ", %s "]) % c.r.choice(BETWEEN[:-2]) + g
        return out
    if k == "each":
        return " ".join("".join(groups))
    if k == "eachcomma":
        s = c.r.choice([", ", " "])
        return s.join(", ".join(g) for g in groups)
    if k == "eachdash":
        return "-".join("".join(groups))
    if k == "comma":
        return ", ".join(groups)
    if k == "stop":
        return c.r.choice([". ", ". ", "... ", ".. "]).join(groups)
    if k == "words":
        return spoken_groups(c, groups)
    if k == "mixed":
        return c.r.choice([", ", " ", "-"]).join(say(c, g) if c.p(0.4) else g for g in groups)
    if k == "filler":
        i = c.r.randrange(len(groups))
        return " ".join(groups[:i + 1]) + c.r.choice([", ", " "]) + c.r.choice(["uh", "um", "and then", "er"]) + c.r.choice([", ", " "]) + " ".join(groups[i + 1:]) \
            if i + 1 < len(groups) else "-".join(groups)
    ds, out, i = "".join(groups), "", 0
    while i < len(ds):
        n = c.r.choice([1, 2, 2, 3, 3, 4])
        out += (c.r.choice(["-", ", ", " ", " ", "-", ". "]) if out else "") + ds[i:i + n]
        i += n
    return out


def rdigits(r, n, first="0123456789"):
    return r.choice(first) + "".join(r.choice("0123456789") for _ in range(n - 1)) if n else ""


def small(c, n):
    """a plain number, not identifying"""
    if c.raw:
        if n == 100 and c.p(0.4):
            return "a hundred"
        if n < 1000 or n % 100 == 0 or c.p(0.7):
            w = words(n, c.link)
            if 100 < n < 1000 and n % 100 and c.p(0.5):
                w = ONES[n // 100] + " " + pair(c, "%02d" % (n % 100))
            return w
        return say(c, str(n), "pairs")
    if n <= 12 and c.p(0.4 if c.asr else 0.3) or c.p(0.06) and n < 1000:
        return words(n, c.link).replace("ty ", "ty-")
    return "{:,}".format(n) if n >= 1000 and c.p(0.6) else str(n)


# ---------------------------------------------------------------------------------------------- letters


def doubled(c, text):
    """letters with doubles taken together: ('l', 2)"""
    out, i = [], 0
    while i < len(text):
        if i + 1 < len(text) and text[i] == text[i + 1] and text[i].isalpha() and c.p(max(c.dbl, 0.25)):
            out.append((text[i], 2))
            i += 2
        else:
            out.append((text[i], 1))
            i += 1
    return out


def spell(c, text, manner=None):
    """letters of a word (with hyphens, apostrophes, blanks) as dictated"""
    manner = manner or c.letters
    text = fold(text).lower()
    if c.typed and c.p(0.6):
        return c.r.choice(["-", " ", "", ", "]).join(text).upper() if c.p(0.75) else " ".join(text)
    if manner in ("broken", "merge") and len(text) > 3:
        out, i = [], 0
        while i < len(text):
            n = c.r.choice([1, 1, 1, 2, 2, 3] if manner == "broken" else [1, 2, 3, 4, 4])
            chunk = text[i:i + n].strip(" -'")
            if chunk:
                if c.asr:
                    chunk = c.r.choice([chunk, chunk, chunk.upper(), chunk.capitalize()])
                out.append(chunk)
            i += n
        sep = " "
        if c.asr and c.p(0.3):
            return "".join(x + (c.r.choice([" ", " ", ". ", ", ", "-"]) if k + 1 < len(out) else "") for k, x in enumerate(out))
        return sep.join(out)
    out = []
    link = c.r.choice(["as in", "as in", "as in", "like", "is in", "for", "like in", "as"]) if manner == "some" else {"for": "for", "like": "like"}.get(manner, "as in")
    rate = {"some": 0.3, "phon": 0.9, "for": 0.5, "like": 0.4}.get(manner, 0)
    capital = c.p(0.025)
    for ch, k in doubled(c, text):
        if ch == " ":
            w = c.r.choice(["", "space", "space", "new word", "then"])
        elif ch == "-":
            w = c.r.choice(["hyphen", "dash", "hyphen", ""])
        elif ch == "'":
            w = c.r.choice(["apostrophe", "apostrophe", ""])
        elif not ch.isalnum():
            w = ""
        elif ch.isdigit():
            w = c.digit(ch) if c.raw else ch
        else:
            letter = ch if c.raw else ch.upper()
            if capital and not out:
                letter = c.r.choice(["capital ", "capital ", "big ", "uppercase "]) + letter
            if c.raw and ch == "w" and c.p(0.03):
                letter = "double u"
            if c.raw and ch == "z" and c.uk and c.p(0.6):
                letter = "zed"
            if manner == "nato":
                w = NATO[ch]
            elif c.p(rate) or manner in ("plain", "some") and ch in "bdmnptv" and c.p(0.04):
                p = c.r.choice(PHON[ch])
                w = letter + " " + link + " " + p if not (manner == "phon" and c.p(0.15)) else p
            else:
                w = letter
            if k == 2:
                w = "double " + w
        if w:
            out.append(w)
    if c.raw:
        res = " ".join(out)
        if c.fill and len(out) > 3 and c.p(c.fill * 2):
            i = c.r.randrange(1, len(out))
            res = " ".join(out[:i] + [c.r.choice(["uh", "um", "then", "and", "and then"])] + out[i:])
        return res
    if all(len(w) == 1 for w in out):
        sep = c.pick({"-": 38, " ": 26, ". ": 10, ", ": 14, "": 6, ".": 4, "stop": 2})
        if sep == "stop":
            i = len(out) // 2
            return "-".join(out[:i]) + ". " + "-".join(out[i:])
        if sep == ". ":
            return ". ".join(out) + "."
        res = sep.join(out)
        return res.lower() if c.p(0.06) else res
    sep = c.r.choice([", ", ", ", ", ", " ", " ", ". "])
    if manner == "nato":
        sep = c.r.choice([" ", " ", ", "])
    return sep.join(out)


MARK = {"-": "dash", "/": "slash", ":": "colon", ".": "dot", "_": "underscore", "#": "number", " ": "space"}
# The rarer manners of saying a code of letters and digits, by weight.
WAYS = {"capital": 17, "lower": 10, "letter": 12, "number": 10, "then": 16, "marks": 18, "radio": 9, "police": 9, "free": 15, "mixed": 10}


def letter_said(c, x, way):
    """one letter of a code"""
    low, k = x.lower(), c.r.random()
    letter = low if c.raw else x.upper()
    if way == "mixed":
        way = c.r.choice(["capital", "letter", "radio", "police", "free", "", ""])
    if way == "capital" and k < 0.8:
        return c.r.choice(["capital", "capital", "capital", "uppercase", "upper case", "big", "cap"]) + " " + letter
    if way == "lower" and k < 0.8:
        return c.r.choice(["lowercase", "lower case", "small", "little", "lowercase"]) + " " + (low if c.p(0.6) else letter)
    if way == "letter" and k < 0.75:
        return c.r.choice(["letter ", "letter ", "the letter ", "the letter "]) + letter
    if way in ("radio", "police", "free") and k < 0.85:
        w = NATO[low] if way == "radio" else POLICE[low] if way == "police" else c.r.choice(PHON[low])
        w = w.lower() if c.raw or way == "free" else w.capitalize()
        k = c.pick({"alone": {"radio": 70, "police": 70, "free": 25}[way], "both": 12, "as": 18 if way != "free" else 63})
        return w if k == "alone" else letter + " " + w if k == "both" else letter + " " + c.r.choice(["as in", "like", "for", "as in", "is in", "like in"]) + " " + w
    return letter


def dictate(c, text):
    """a code in one of the rarer manners, letter by letter and group by group"""
    way = c.pick(WAYS)
    spelled = c.raw or c.p(0.3)
    out, kind = [], ""
    for x in re.findall(r"[A-Za-z]|\d+|[^A-Za-z\d]", text):
        if x.isdigit():
            parts = [x] if len(x) < 4 or c.p(0.3) else cut(c.r, x)
            parts = [(c.r.choice(["number ", "the number "]) if way == "number" and len(g) < 3 else "") + (say(c, g) if spelled else g) for g in parts]
        elif x.isalpha():
            parts = [letter_said(c, x, way)]
        else:
            parts = [MARK.get(x, "")] if c.p(0.6) else []
        for w in parts:
            now = "d" if x.isdigit() else "l" if x.isalpha() else "m"
            if out and "m" not in (now, kind):
                if way == "then" and (now != kind or c.p(0.2)) and c.p(0.8):
                    out.append(c.r.choice(["then", "and then", "and", "then"]))
                elif way == "marks" and (now != kind or now == "d") and c.p(0.75):
                    out.append(c.r.choice(["space", "dash", "slash", "dash dash", "space", "dash", "hyphen"]))
            if w:
                out.append(w)
            kind = now
    at = [i for i, w in enumerate(out) if len(w) == 1 and w.isalpha()]
    if at and c.odd("letter fixed"):
        i = c.r.choice(at)
        out[i] = c.r.choice("abcdefgijklmnpqstv") + c.oops() + out[i] + c.r.choice([" as in ", " like ", " for "]) + c.r.choice(PHON[out[i].lower()])
    sep = " " if c.raw or c.p(0.6) else c.r.choice([", ", ", ", ". "])
    two = said_twice(c, out)
    if two:
        return sep.join(two[0]) + c.gap(two[1]) + sep.join(two[2])
    return c.join(*out) if sep == " " else sep.join(out)


def code(c, text):
    """a code of letters, digits and hyphens in the style of the case"""
    if c.typed:
        k = c.r.random()
        return text if k < 0.7 else text.replace("-", "") if k < 0.85 else text.replace("-", " ") if k < 0.93 else text.lower()
    if c.p(ODD["dictated"] * (1 if c.raw else 0.7)):
        return dictate(c, text)
    runs = re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", text)
    if c.asr:
        k = c.pick({"as": 40, "dense": 15, "space": 15, "runs": 10, "letters": 8, "each": 6, "lower": 3, "spoken": 3})
        if k == "as":
            return text
        if k == "dense":
            return text.replace("-", "")
        if k == "space":
            return text.replace("-", " ")
        if k == "lower":
            return text.lower().replace("-", " ")
        parts = []
        for x in runs:
            if x.isalpha():
                if k == "runs":
                    parts.append(x)
                elif k == "each":
                    parts.append(" ".join(x))
                else:
                    parts.append(spell(c, x))
            elif x.isdigit():
                if k == "each":
                    parts.append(" ".join(x))
                elif k == "spoken":
                    parts.append(say(c, x))
                else:
                    n = c.r.choice([2, 3, 3, 4, 9])
                    parts.append(c.r.choice([" ", "-", ", "]).join(x[i:i + n] for i in range(0, len(x), n)))
            elif c.p(0.2 if x in "- " else 0.6):
                parts.append(MARK.get(x, "") if x != " " else "")
        parts = [x for x in parts if x]
        sep, two = c.r.choice([" ", " ", ", "]), said_twice(c, parts)
        return sep.join(two[0]) + c.gap(two[1]) + sep.join(two[2]) if two else sep.join(parts)
    parts = []
    for x in runs:
        if x.isalpha():
            known = x.lower() in ("mrn", "grp", "rx", "id", "inv", "ref", "hmo", "ppo", "case", "claim")
            parts.append(x.lower() if known and c.p(0.4) else spell(c, x, None if len(x) < 4 and c.letters != "merge" else "plain"))
        elif x.isdigit():
            parts.append(say(c, x))
        elif x == "-":
            parts.append(c.pick({"": 55, "dash": 38, "hyphen": 5, "minus": 2}))
        elif x in MARK and x != " ":
            parts.append(c.pick({MARK[x]: 75, "": 22, "dash": 3}))
    parts = [x for x in parts if x]
    two = said_twice(c, parts)
    if two:
        return c.join(*two[0]) + c.gap(two[1]) + c.join(*two[2])
    out = c.join(*parts)
    if c.p(c.fix) and len(runs) > 1 and runs[-1].isdigit():
        out += c.oops() + say(c, change_digits(c, runs[-1]))
    return out


# ---------------------------------------------------------------------------------------------- names


def given_of(c, group):
    return L.given.often(c.r) if group == "often" else L.given.any(c.r) if group == "rare" else c.r.choice(L.world[group]["g"])


def family_of(c, group):
    return L.family.often(c.r) if group == "often" else L.family.any(c.r) if group == "rare" else c.r.choice(L.world[group]["f"])


def origin(c):
    """half of all names by their frequency in the United States, a seventh uniform over the census, the others of any land"""
    x = c.r.random()
    return "often" if x < 0.5 else "rare" if x < 0.64 else c.r.choice(L.groups)


def show_name(c, name):
    """a name as this style writes it"""
    if not name.isascii() and not (c.typed and c.p(0.3)) and not (c.asr and c.p(0.1)):
        name = fold(name)
    if " " not in name and "-" not in name and "'" not in name:
        return name
    if not c.typed:
        name = name.replace("-", " ") if c.p(0.55) else name
        if "'" in name and c.p(0.3):
            name = name.replace("'", "")
        if c.p(0.08):
            name = name.replace(" ", "")
    elif c.p(0.1):
        name = name.replace("'", "").replace("-", " ")
    return name


def given(c, group="?"):
    if c.p(0.15):
        return c.r.choice(L.word_given)
    group = origin(c) if group == "?" else group
    g = given_of(c, group)
    k = c.r.random()
    if k < 0.03:
        g += ("-" if c.p(0.4) else " ") + given_of(c, group)
    elif k < 0.045:
        g += " " + c.r.choice(["Ann", "Anne", "Lee", "Jo", "Marie", "Lynn", "Mae", "Ray", "Jean", "Lou", "Sue", "Grace", "Rose", "Paul", "John", "Beth"])
    return g


def family(c, group="?"):
    if c.p(0.15):
        return c.r.choice(L.word_family)
    group = origin(c) if group == "?" else group
    f = family_of(c, group)
    k = c.r.random()
    if k < 0.035:
        f += ("-" if c.p(0.65) else " ") + family_of(c, group if c.p(0.5) else origin(c))
    elif k < 0.04:
        f = c.r.choice(["de la ", "van der ", "Al-", "O'", "Mc", "de ", "van ", "von ", "El ", "St. ", "Mac", "Di", "La ", "Le ", "Ben "]) + f
    return f


def couple(c):
    """given and family name, mostly of one origin"""
    a = origin(c)
    b = a if c.p(0.75) else origin(c)
    return given(c, a), family(c, b)


def s_first(c):
    g = c.spelled.pop("first", None)
    g = g if g and c.p(0.95) else c.asked["first"] if "first" in c.asked and c.p(0.4) else given(c)
    c.said["first"] = g
    return [[show_name(c, g), PHI_NAME]]


def s_last(c):
    # what was spelled before it was said is said now: "O-K-A-F-O-R, that's Okafor"
    f = c.spelled.pop("last", None)
    f = f if f and c.p(0.95) else c.asked["last"] if "last" in c.asked and c.p(0.4) else family(c)
    c.said["last"] = f
    return [[show_name(c, f), PHI_NAME]]


def initial(c):
    x = c.r.choice("ABCDEFGHIJKLMNOPRSTVWYZ")
    return x.lower() if c.raw else x + c.r.choice([".", ".", ""])


def s_full(c):
    g, f = couple(c)
    if "last" in c.asked and c.p(0.4):
        g, f = c.asked.get("first", g), c.asked["last"]
    if c.spelled and c.p(0.8):
        g, f = c.spelled.pop("first", g), c.spelled.pop("last", f)
    c.said["first"], c.said["last"] = g, f
    g, f = show_name(c, g), show_name(c, f)
    k = c.r.random()
    if k < 0.80:
        n = g + " " + f
    elif k < 0.88:
        n = g + " " + initial(c) + " " + f
    elif k < 0.905:
        n = initial(c) + " " + f if c.p(0.7) else initial(c) + " " + initial(c) + " " + f
    elif k < 0.935:
        n = g + " " + f + c.r.choice([" Junior", " Jr.", " Senior", ", Jr.", " the third", " III", " Sr."]) if not c.raw else g + " " + f + c.r.choice([" junior", " senior", " the third", " the second"])
    elif k < 0.965:
        n = f + c.r.choice([", ", " "]) + g if not c.raw else f + " " + g
    else:
        n = g + " " + show_name(c, given(c)) + " " + f
    if c.fill and c.p(c.fill * 0.5):
        n = n.replace(" ", c.r.choice([", uh, ", " uh "]) if c.asr else " uh ", 1)
    return [[n, PHI_NAME]]


def s_name3(c):
    g, f = couple(c)
    mid = show_name(c, given(c)) if c.p(0.8) else initial(c) if c.p(0.6) else show_name(c, family(c))
    return [[show_name(c, g) + " " + mid + " " + show_name(c, f), PHI_NAME]]


def s_nick(c):
    return [[c.r.choice(L.nick), PHI_NAME]]


def s_mrs(c):
    t = c.r.choice(["Mrs. ", "Mr. ", "Ms. ", "Mrs. ", "Mr. ", "Miss ", "Mister ", "Missus ", "Mr ", "Mrs "])
    if c.raw:
        t = {"Mrs.": "missus", "Mr.": "mister", "Ms.": "miss"}.get(t.strip(), t) + " " if c.p(0.5) else t
    return [[t, None], [show_name(c, family(c)) if c.p(0.93) else s_full(c)[0][0], PHI_NAME]]


def s_spell_first(c):
    g = c.said["first"] if "first" in c.said and c.p(0.8) else c.asked["first"] if "first" in c.asked and c.p(0.8) else given(c)
    if c.said.get("first") != g:
        c.said["first"] = c.spelled["first"] = g
    return [[spell(c, g), PHI_NAME]]


def s_spell_last(c):
    f = c.said["last"] if "last" in c.said and c.p(0.8) else c.asked["last"] if "last" in c.asked and c.p(0.8) else family(c)
    if c.said.get("last") != f:
        c.said["last"] = c.spelled["last"] = f
    return [[spell(c, f), PHI_NAME]]


def s_initials(c):
    """of the name that was said, or of anybody's: two, now and then three"""
    g, f = (fold(x) for x in couple(c))
    if c.p(0.6):
        g, f = fold(c.said.get("first", g)), fold(c.said.get("last", f))
    ls = [g[0].upper(), f[0].upper()]
    if c.p(0.22):
        ls.insert(1, initial(c)[0].upper())
    ls = [x if x.isalpha() else "J" for x in ls]
    if c.raw or c.asr and c.p(0.1):
        k = c.pick({"plain": 70, "and": 8, "dot": 4, "word": 14, "merge": 4})
        if k == "merge":
            return [["".join(ls).lower(), PHI_NAME]]
        if k == "word":
            ls = [x + " " + c.r.choice(["as in", "like", "for"]) + " " + c.r.choice(PHON[x.lower()]) if c.p(0.6) else x for x in ls]
        return [[{"and": " and ", "dot": " dot "}.get(k, " ").join(x.lower() if c.raw else x for x in ls), PHI_NAME]]
    k = c.pick({".": 34, ". ": 18, "": 26, " ": 12, "-": 5, ", ": 5})
    return [[k.join(ls) + ("." if k in (".", ". ") else ""), PHI_NAME]]


def s_said_spelled(c):
    n = family(c) if c.p(0.6) else given(c)
    sep = c.r.choice([", ", ", ", ". ", " ", ", that's ", ", spelled ", ", it's ", " spelled "])
    if c.typed:
        sep = c.r.choice([", ", " (", " - "])
        if sep == " (":
            return [[show_name(c, n), PHI_NAME], [" (", None], [spell(c, n), PHI_NAME], [")", None]]
    return [[show_name(c, n), PHI_NAME], [sep, None], [spell(c, n), PHI_NAME]]


def s_staff(c):
    t = c.r.choice(L.staff_title)
    n = show_name(c, family(c)) if c.p(0.75) else s_full(c)[0][0] if c.p(0.4) else show_name(c, given(c))
    if re.search(r"(?i)\b(dr\.?|doctor|nurse) $", c.before):
        return [[n, OPT_NAME]]
    return [[t + " ", None], [n, OPT_NAME]]


# ---------------------------------------------------------------------------------------------- dates


def say_year(c, y, full=False):
    short = "%02d" % (y % 100)
    if y < 2000:
        k = c.pick({"full": 60, "short": 0 if full else 30, "hundred": 3, "digits": 7})
        if k == "full":
            return "nineteen " + (pair(c, short) if short != "00" else "hundred")
        if k == "short":
            return pair(c, short) if short != "00" else "nineteen hundred"
        if k == "hundred" and short != "00":
            return "nineteen hundred " + c.link + words(y % 100)
        return one_by_one(c, str(y))
    if y < 2010:
        k = c.pick({"thousand": 60, "short": 0 if full else 25, "twenty": 10, "digits": 5})
        if k == "short":
            return c.digit("0") + " " + ONES[y % 10] if y % 10 else "two thousand"
        if k == "twenty" and y % 10:
            return "twenty " + c.digit("0") + " " + ONES[y % 10]
        if k == "digits":
            return one_by_one(c, str(y))
        return "two thousand" + (" " + c.link + ONES[y % 10] if y % 10 else "")
    k = c.pick({"twenty": 55, "thousand": 22, "short": 0 if full else 18, "digits": 5})
    if k == "twenty":
        return "twenty " + words(y % 100)
    if k == "short":
        return words(y % 100)
    if k == "digits":
        return one_by_one(c, str(y))
    return "two thousand " + c.link + words(y % 100)


def lead0(c, n):
    """a month or day as a number in words"""
    if n < 10 and c.p(0.35):
        return c.digit("0") + " " + ONES[n]
    return words(n)


def month_day_words(c, m, d):
    mo = MONTHS[m - 1]
    o = ordinal(d)
    k = c.pick({"mo": 34, "mtheo": 12, "mcard": 12, "theofm": 0, "ofm": 30 if not c.uk else 50, "om": 6, "cm": 6 if c.uk else 2})
    if k == "mo":
        return mo + " " + o
    if k == "mtheo":
        return mo + " the " + o
    if k == "mcard":
        return mo + " " + words(d)
    if k == "ofm":
        return o + " of " + mo
    if k == "om":
        return o + " " + mo
    return words(d) + " " + mo


def month_day_printed(c, m, d, short=0.0):
    mo = MONTHS[m - 1]
    if c.p(short):
        mo = mo[:3] if mo != "September" or c.p(0.5) else "Sept"
        if c.p(0.2) and mo != "May":
            mo += "."
    k = c.pick({"mo": 40 if c.asr else 25, "m": 25 if c.asr else 40, "mthe": 4, "ofm": 16 if not c.uk else 34, "om": 6, "dm": 6 if not c.uk else 26})
    if k == "mo":
        return mo + " " + th(d)
    if k == "m":
        return mo + " " + str(d)
    if k == "mthe":
        return mo + " the " + th(d)
    if k == "ofm":
        return th(d) + " of " + mo
    if k == "om":
        return th(d) + " " + mo
    return str(d) + " " + mo


def day_said(c, d):
    return ordinal(d) if c.raw or c.p(0.12) else th(d)


def date_pair(c, m, d):
    """(pieces) two days: a stretch of time, or one day or the other; each is a span"""
    two, later = c.p(ODD["range"] / (ODD["range"] + ODD["or"])), min(DAYS_IN[m - 1], d + c.r.choice([1, 2, 3, 6, 7, 10]))
    first = month_day_words(c, m, d) if c.raw else month_day_printed(c, m, d)
    if two:
        links = ([" through the ", " to the ", " through ", " until the ", " till the ", " to "] if c.p(0.7) else [" through ", " to ", " until "])
    else:
        links = [" or the ", " or ", " or ", " or maybe the ", " or was it the "]
    k, link = c.r.random(), c.r.choice(links)
    if k < 0.62 or c.typed:
        second = day_said(c, later)
    elif k < 0.8:
        # "the twenty ninth or thirtieth"
        return [[day_said(c, d), PHI_DATE], [link, None], [day_said(c, later), PHI_DATE]]
    else:
        link = link.replace(" the ", " ")
        second = month_day_words(c, (m + two - 1) % 12 + 1, later) if c.raw else month_day_printed(c, (m + two - 1) % 12 + 1, later)
    if c.raw and "the" not in link and k < 0.62 and c.p(0.4):
        second = words(later)
    if two and c.p(0.12) and k < 0.62:
        return [["from " if not re.search(r"(?i)\b(from|on|for|of|since|the|until|by)\s*$", c.before) else "", None], [first, PHI_DATE], [link, None], [second, PHI_DATE]]
    return [[first, PHI_DATE], [link, None], [second, PHI_DATE]]


def rdate(c, kind):
    r = c.r
    if kind == "dob":
        k = r.random()
        y = r.randint(1925, 2010) if k < 0.8 else r.randint(1945, 1975) if k < 0.9 else r.randint(2010, 2026)
    else:
        y = r.choice([2024, 2025, 2026, 2026, 2025, 2027, r.randint(1990, 2023)])
    m = r.randint(1, 12)
    d = r.randint(1, DAYS_IN[m - 1])
    if m == 2 and d == 29 and y % 4:
        d = 28
    return y, m, d


def numeric_words(c, y, m, d):
    """a date in numbers alone, spoken"""
    a, b = (d, m) if c.uk else (m, d)
    k = c.pick({"plain": 44, "odd": 3, "slash": 14, "dash": 6, "digits": 12, "ofthe": 10, "iso": 3, "filler": 6, "ordinal": 3})
    if k == "plain":
        return lead0(c, a) + " " + lead0(c, b) + " " + say_year(c, y)
    if k in ("slash", "dash"):
        return (" %s " % k).join([lead0(c, a), lead0(c, b), say_year(c, y)])
    if k == "odd":
        return c.r.choice(["%s slash %s of %s", "%s stroke %s stroke %s", "%s dot %s dot %s", "%s then %s then %s", "%s %s of %s", "%s slash %s %s", "month %s day %s year %s", "%s forward slash %s forward slash %s",
                           "the %s of %s %s"]) % (lead0(c, a), lead0(c, b), say_year(c, y))
    if k == "digits":
        s = ("%02d%02d" if c.p(0.7) else "%d%d") % (a, b)
        return one_by_one(c, s) + " " + (one_by_one(c, "%d" % y if c.p(0.6) else "%02d" % (y % 100)))
    if k == "ofthe":
        return ordinal(d) + " of the " + (ordinal(m) if c.p(0.8) else words(m)) + " " + say_year(c, y)
    if k == "iso":
        return say_year(c, y, True) + " " + lead0(c, m) + " " + lead0(c, d)
    if k == "ordinal":
        return ordinal(d) + " " + words(m) + " " + say_year(c, y)
    return c.join(lead0(c, a), c.r.choice(["uh", "um", "and", "then", "the"]) + " " + lead0(c, b), say_year(c, y))


def numeric_printed(c, y, m, d):
    a, b = (d, m) if c.uk else (m, d)
    yy = str(y) if c.p(0.62) else "%02d" % (y % 100)
    pad = c.p(0.45)
    A, B = ("%02d" % a, "%02d" % b) if pad else (str(a), str(b))
    if c.typed:
        k = c.pick({"/": 55, "-": 20, ".": 8, "iso": 10, " ": 5, "dense": 2})
    else:
        k = c.pick({"/": 30, "-": 16, " ": 24, ".": 4, "iso": 2, "dense": 4, ", ": 6, "half": 5, ". ": 2, "semi": 3, "ofthe": 3, "wordy": 3})
    if k == "iso":
        return "%d-%02d-%02d" % (y, m, d)
    if k == "dense":
        return "%02d%02d%s" % (a, b, yy)
    if k == "half":
        return "%02d%02d %s" % (a, b, yy)
    if k == "semi":
        return "%s %s/%s" % (A, B, yy) if c.p(0.5) else "%s/%s %s" % (A, B, yy)
    if k == "ofthe":
        return "%s of the %s %s" % (th(d), th(m), yy)
    if k == "wordy":
        return "%s, %s, %s" % (words(a), words(b), say_year(c, y))
    return k.join([A, B, yy])


def full_date(c, y, m, d):
    """day, month and year"""
    if c.raw:
        if c.p(0.42):
            s = numeric_words(c, y, m, d)
        else:
            md, ys = month_day_words(c, m, d), say_year(c, y)
            k = c.r.random()
            if c.odd("date fixed"):
                # "march third no fourth nineteen sixty two"
                s = MONTHS[m - 1] + " " + ordinal(c.r.randint(1, 28)) + c.oops() + c.r.choice(["", "the "]) + ordinal(d) + " " + ys
            elif c.odd("year of"):
                s = md + c.r.choice([" the year of ", " in the year of ", " the year was ", " of the year ", " year of "]) + say_year(c, y, True)
            elif k < 0.86:
                s = c.join(md, ys) if c.p(0.9) else md + c.r.choice([" of ", " in ", " in the year ", " and the year is ", " year "]) + ys
            elif k < 0.91:
                s = say_year(c, y, True) + " " + md
            elif k < 0.95:
                s = MONTHS[m - 1] + " " + c.r.choice(["uh", "um", "the"]) + " " + ordinal(d) + " " + ys
            else:
                s = MONTHS[m - 1] + " " + say_year(c, y) + " the " + ordinal(d)
    else:
        if c.p(0.5 if c.typed else 0.38):
            s = numeric_printed(c, y, m, d)
        else:
            md = month_day_printed(c, m, d, 0.35 if c.typed else 0.03)
            if c.asr and c.p(0.08):
                md = month_day_words(c, m, d)
            ys = str(y) if c.p(0.75) else "%s%02d" % ("'" if c.p(0.3) else "", y % 100)
            if c.asr and c.p(0.07):
                ys = say_year(c, y).replace("ty ", "ty-")
            k = c.r.random()
            if c.odd("date fixed"):
                s = MONTHS[m - 1] + " " + th(c.r.randint(1, 28)) + c.oops() + c.r.choice(["", "the "]) + th(d) + c.r.choice([", ", " "]) + ys
            elif c.odd("year of"):
                s = md + c.r.choice([", year of ", " the year of ", ", in the year ", " in the year of "]) + str(y)
            elif k < 0.5 and not md.endswith(tuple(MONTHS)):
                s = md + ", " + ys
            elif k < 0.9:
                s = md + " " + ys
            elif c.asr:
                s = c.r.choice([md + ". " + ys, md + ", uh, " + ys, md + " of " + ys, ys + " " + md, md + ", um, " + ys])
            else:
                s = md + " " + ys
    return s


def fixed_date(c, make):
    """a date said wrongly and then again"""
    wrong = make(rdate(c, "dob"))
    return wrong + c.oops() + make(rdate(c, "dob"))


def s_dob(c):
    y, m, d = rdate(c, "dob")
    s = full_date(c, y, m, d)
    if c.p(c.fix):
        k = c.r.random()
        if k < 0.4:
            s += c.oops() + (say_year(c, y + c.r.choice([1, -1, 10, 2])) if c.raw else str(y + c.r.choice([1, -1, 10, 2])))
        else:
            y2, m2, d2 = rdate(c, "dob")
            wrong = month_day_words(c, m, d2) if c.raw else month_day_printed(c, m, d2)
            s = wrong + c.oops() + s
    elif not c.typed and c.p(0.02):
        # a part alone
        s = month_day_words(c, m, d) if c.raw else month_day_printed(c, m, d)
    return [[s, PHI_DATE]]


def the(c):
    return [] if re.search(r"(?i)\b(the|a|this|that|your|my|our)\s*$", c.before) else [["the ", None]]


def s_daynum(c):
    d = c.r.randint(1, 31)
    o = ordinal(d) if c.raw or c.p(0.12) else th(d)
    k = c.r.random()
    out = the(c)
    if k < 0.08:
        o += c.r.choice([" of this month", " of next month", " of the month", " of last month"])
    return out + [[o, PHI_DATE]]


def md(c, m, d):
    if c.raw:
        if c.p(0.1):
            a, b = (d, m) if c.uk else (m, d)
            return c.r.choice([lead0(c, a) + " " + lead0(c, b), lead0(c, a) + " slash " + lead0(c, b), ordinal(d) + " of the " + ordinal(m)])
        return month_day_words(c, m, d)
    if c.p(0.25 if c.typed else 0.1):
        a, b = (d, m) if c.uk else (m, d)
        return "%d%s%d" % (a, c.r.choice("//-"), b)
    if c.asr and c.p(0.07):
        return month_day_words(c, m, d)
    return month_day_printed(c, m, d, 0.2 if c.typed else 0.02)


def fourth_of_july(c):
    day = ["fourth of july", "fourth of july", "july fourth", "july the fourth"] if c.raw else ["Fourth of July", "4th of July", "fourth of July", "July 4th", "July Fourth"]
    return article(c, c.r.choice(day))


def s_month_day(c):
    y, m, d = rdate(c, "date")
    if c.p(ODD["july"]):
        return fourth_of_july(c)
    if c.p(ODD["range"] + ODD["or"]):
        return date_pair(c, m, d)
    mo = month_day_words(c, m, d) if c.raw or c.asr and c.p(0.06) else month_day_printed(c, m, d, 0.2 if c.typed else 0.02)
    if c.p(c.fix):
        d2 = c.r.randint(1, 28)
        mo = (month_day_words(c, m, d2) if c.raw else month_day_printed(c, m, d2)) + c.oops() + mo
    return article(c, mo)


def article(c, s):
    """'the' before a day that comes first stands outside the span"""
    if re.match(r"(?i)(\d+(st|nd|rd|th)|[a-z -]*(first|second|third|[a-z]+th)) (of )?", s) and c.p(0.6) and not s[0].isupper():
        return the(c) + [[s, PHI_DATE]]
    return [[s, PHI_DATE]]


def s_date(c):
    y, m, d = rdate(c, "date")
    k = c.r.random()
    if c.p(ODD["july"] * 0.6):
        return fourth_of_july(c)
    if c.p(ODD["range"] + ODD["or"]):
        return date_pair(c, m, d)
    if k < 0.58:
        s = md(c, m, d)
        if c.p(c.fix):
            s = md(c, m, c.r.randint(1, 28)) + c.oops() + s
        return article(c, s)
    if k < 0.78:
        return article(c, full_date(c, y, m, d))
    if k < 0.91:
        return s_daynum(c)
    if k < 0.95:
        wd = c.r.choice("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
        sep = c.r.choice([" ", " the ", ", "])
        day = ordinal(d) if c.raw else th(d)
        return [[wd + sep + day if c.p(0.4) else wd + c.r.choice([" ", ", "]) + md(c, m, d), PHI_DATE]]
    if re.search(r"(?i)\b(on|the)\s*$", c.before):
        return article(c, md(c, m, d))
    mo = MONTHS[m - 1]
    y = c.r.randint(1985, 2026)
    ys = say_year(c, y, c.p(0.7)) if c.raw else str(y)
    if c.p(0.25):
        # "april of eighty four"
        return [[mo + " of " + (say_year(c, y) if c.raw else c.r.choice(["'%02d", "%02d", "'%02d"]) % (y % 100)), PHI_DATE]]
    return [[mo + c.r.choice([" ", " of ", ", " if not c.raw else " of "]) + ys, PHI_DATE]]


def s_year(c):
    y = c.r.randint(1950, 2026)
    return [[say_year(c, y, True) if c.raw or c.asr and c.p(0.08) else str(y) if c.p(0.93) else "'%02d" % (y % 100), OPT_DATE]]


def s_weekday(c):
    wd = c.r.choice("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
    k = c.r.random()
    if re.search(r"(?i)\b(on|every|by|this|next|last)\s*$", c.before) and not re.search(r"(?i)\bby\s*$", c.before) or k < 0.3:
        s = wd
    elif k < 0.5:
        s = c.r.choice(["next ", "this ", "last ", "this coming "]) + wd
    elif k < 0.62:
        s = wd + c.r.choice([" morning", " afternoon", " night", " evening"])
    else:
        s = c.r.choice(["tomorrow", "today", "yesterday", "next week", "last week", "this week", "this morning", "this afternoon", "tonight", "last night", "tomorrow morning",
                        "the day after tomorrow", "next month", "last month", "the other day", "the end of the week", "this weekend", "tomorrow afternoon"])
    return [[s, OPT_DATE]]


def clock(c):
    h, mi = c.r.randint(1, 12), c.r.choice([0, 0, 0, 15, 30, 30, 45, 10, 20, 40, 5, 50])
    k = c.r.random()
    if k < 0.05:
        return c.r.choice(["noon", "midnight", "midday", "lunchtime"])
    if k < 0.13:
        return c.r.choice(["half past ", "quarter past ", "quarter to ", "a quarter past ", "ten to ", "twenty past ", "five to "]) + (words(h) if c.raw or c.p(0.3) else str(h))
    tail = c.r.choice(["", "", " a.m.", " p.m.", " in the morning", " in the afternoon", " o'clock" if mi == 0 else "", " PM", " AM"])
    if c.raw:
        tail = c.r.choice(["", "", " am", " pm", " a m", " p m", " in the morning", " in the afternoon", " o'clock" if mi == 0 else ""])
        return words(h) + ((" " + (words(mi) if mi > 9 else "oh five")) if mi else "") + tail
    if mi == 0 and "o'clock" not in tail and c.p(0.4):
        return "%d:00%s" % (h, tail)
    return ("%d:%02d" % (h, mi) if mi else str(h)) + tail


def s_time(c):
    return [[clock(c), OPT_DATE]]


# The rarer manners of saying an age of twenty and more, by weight.
AGES = {"half": 11, "digits": 11, "young": 12, "something": 9, "tens": 12, "misheard": 14, "years": 6, "fixed": 7, "ish": 8, "zero": 10}
AGE_HEARD = {1: "one won want", 2: "to too two", 3: "free tree three", 4: "for four fore", 5: "fife hive", 6: "sex sicks", 7: "heaven seven", 8: "ate eight hate", 9: "nine line mine"}


def age_said(c, n, tag):
    """(pieces) an age as said: mostly the number alone; younger ages have the same manners as those of ninety and more"""
    spelled = c.raw or c.p(0.15)
    plain = words(n, c.link).replace("ty ", "ty-" if c.asr else "ty ") if spelled else str(n)
    if n >= 100 and spelled and c.p(0.4):
        plain = "a" + plain[3:]
    if n < 20 or not c.odd("age"):
        return [[plain, tag]]
    way, tens = "zero" if n >= 100 and c.p(0.4) else c.pick(AGES), TENS[n // 10 % 10]
    unit_follows = re.match(r"\W*(year|yr|y\.|yo\b|th\b|nd\b|st\b)", c.after)
    if way == "half":
        return [[plain + " and a half", tag]]
    if way == "digits" and c.raw:
        return [[" ".join(ONES[int(x)] if x != "0" or c.p(0.3) else "oh" for x in str(n)) if n < 110 else plain, tag]]
    if way == "zero" and n >= 100:
        # "one oh four", "one hundred four", "a hundred four"; the last two where the hundred was dropped
        low = ONES[n % 100] if n % 100 < 20 else words(n % 100)
        k = c.pick({"oh": 34, "card": 26, "dropped": 22, "digits": 18})
        if n == 100:
            return [[c.r.choice(["one hundred", "a hundred", "hundred", "one oh oh", "one hundred even", "the big one hundred"]) if spelled else "100", tag]]
        if k == "oh":
            return [["one oh " + low if spelled else c.r.choice(["1 0 %d", "1-0-%d", "one o %d"]) % (n - 100), tag]]
        if k == "card":
            return [[c.r.choice(["one hundred ", "a hundred ", "hundred "]) + low if spelled else "100 %d" % (n - 100), tag]]
        if k == "dropped":
            return [[c.r.choice(["one and ", "a hundred in ", "hundred and ", "a hundred an "]) + low, tag]]
        return [["one zero " + low if spelled else "one hundred and %d" % (n - 100), tag]]
    if way == "young" and not unit_follows:
        return [[plain, tag], [c.r.choice([" years young", " years young", " and counting", " years old", " and still going"]), None]]
    if way == "years" and not unit_follows:
        return [[plain, tag], [c.r.choice([" years of age", " year old", " yrs", " years"]), None]]
    if n < 100 and way == "something":
        return [[(tens if spelled else str(n // 10 * 10)) + c.r.choice([" something", " something", " odd", " plus", "-something" if c.asr else " something"]), tag]]
    if n < 100 and way == "tens":
        # "she's in her nineties"
        m = re.search(r"(?i)\b(she|he|i|they|mom|mother|dad|father|grandma|grandmother|grandpa|grandfather|wife|husband|aunt|uncle|is|was|are|am)('s|'m|'re| is| was| am| are)?\s*$", c.before)
        if m and not unit_follows:
            whose = {"she": "her", "he": "his", "i": "my", "mom": "her", "mother": "her", "dad": "his", "father": "his", "wife": "her", "aunt": "her", "am": "my"}.get(m.group(1).lower(), c.r.choice(["her", "his"]))
            t = TENS[n // 10][:-1] + "ies" if spelled or c.p(0.4) else "%ds" % (n // 10 * 10)
            return [["in " + whose + c.r.choice([" ", " ", " late ", " early ", " mid "]), None], [t, tag]]
    if n < 100 and way == "misheard" and n % 10:
        return [[(tens if spelled else str(n // 10 * 10)) + " " + c.r.choice(AGE_HEARD[n % 10].split()), tag]]
    if way == "fixed":
        o = max(20, n + c.r.choice([-2, -1, 1, 2]))
        if (o > 89) == (n > 89):
            return [[(words(o, c.link) if spelled else str(o)) + c.oops() + plain, tag]]
    if way == "ish" and not unit_follows:
        return [[c.r.choice(["almost ", "about ", "around ", "nearly ", "over ", "just "]) if not re.search(r"(?i)\b(almost|about|around|nearly|over|just|turn\w*|be|of|an?|my|her|his|the)\s*$", c.before) else "", None], [plain, tag]]
    return [[plain, tag]]


def s_age90(c):
    n = c.r.choice([90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, c.r.randint(90, 109), c.r.randint(90, 99), c.r.randint(90, 99), c.r.randint(90, 99)])
    return age_said(c, n, PHI_AGE)


# ---------------------------------------------------------------------------------------------- phones and identifiers


def phone_groups(c):
    r = c.r
    k = c.pick({"us": 60 if not c.uk else 12, "us7": 4, "us1": 4, "free": 3, "uk": 7 if not c.uk else 60, "uk44": 2 if not c.uk else 8, "world": 4, "ten": 6})
    mid = lambda: r.choice("23456789") + rdigits(r, 2) if r.random() < 0.6 else "555"
    end = lambda: rdigits(r, 4) if r.random() < 0.85 else r.choice("123456789") + r.choice(["000", rdigits(r, 1) + "00"])
    if k == "us":
        return [r.choice("23456789") + rdigits(r, 2), mid(), end()]
    if k == "us7":
        return [mid(), end()]
    if k == "us1":
        return ["1", r.choice("23456789") + rdigits(r, 2), mid(), end()]
    if k == "free":
        return (["1"] if r.random() < 0.5 else []) + [r.choice(["800", "888", "877", "866", "855", "844"]), mid(), end()]
    if k == "uk":
        return r.choice([["07" + rdigits(r, 3), rdigits(r, 6)], ["07" + rdigits(r, 3), rdigits(r, 3), rdigits(r, 3)], ["020", rdigits(r, 4), rdigits(r, 4)],
                         ["01" + rdigits(r, 3), rdigits(r, 6)], ["01" + rdigits(r, 2), rdigits(r, 3), rdigits(r, 4)], ["07" + rdigits(r, 2), rdigits(r, 3), rdigits(r, 4)]])
    if k == "uk44":
        return ["44", "7" + rdigits(r, 3), rdigits(r, 6)]
    if k == "ten":
        ds = rdigits(r, r.choice([9, 10, 10, 11, 8]), "23456789")
        return [ds[i:i + 5] for i in range(0, len(ds), 5)]
    return [r.choice(["91", "52", "63", "61", "49", "33", "234", "353"]), rdigits(r, 3), rdigits(r, 3), rdigits(r, 4)]


def phone(c):
    g = phone_groups(c)
    plus = len(g[0]) <= 3 and g[0] in ("1", "44", "91", "52", "63", "61", "49", "33", "234", "353") and c.p(0.5)
    if c.raw:
        return ("plus " if plus and g[0] != "1" else "") + number(c, g)
    if len(g) == 3 and len(g[0]) == 3 and c.p(0.16):
        return "(%s)%s%s%s%s" % (g[0], c.r.choice([" ", " ", ""]), g[1], c.r.choice("--- "), g[2])
    return ("+" if plus else "") + number(c, g, c.r.choice(["-", "-", "-", "."]) if not c.uk else " ")


def area_code(c, s):
    if not c.typed and c.p(0.04) and not c.before.rstrip().endswith("area code"):
        return [["area code ", None], [s, PHI_PHONE]]
    return [[s, PHI_PHONE]]


def s_phone(c):
    g = phone_groups(c) if not c.typed else []
    if len(g) > 1 and len(g[0]) == 3 and not re.search(r"(?i)area code\W*$", c.before) and c.odd("area"):
        sep = c.r.choice([" and the number is ", " and the number's ", " and then ", " the number is ", " number "])
        return [["area code ", None], [number(c, g[:1]), PHI_PHONE], ["," + sep if c.asr and c.p(0.4) else sep, None], [number(c, g[1:]), PHI_PHONE]]
    if len(g) > 1 and c.odd("that's"):
        i = c.r.randrange(1, len(g))
        return [[number(c, g[:i]) + c.gap(c.r.choice(["that's", "then it's", "and it's", "that was", "and the rest is"])) + number(c, g[i:]), PHI_PHONE]]
    if len(g) == 3 and c.odd("plus one"):
        return [[("plus one " if c.raw or c.p(0.3) else "plus 1 ") + number(c, g), PHI_PHONE]]
    s = phone(c)
    if not re.search(r"ext|{ext", c.after) and c.odd("extension"):
        n = rdigits(c.r, c.r.choice([2, 3, 3, 4]), "123456789")
        s += ("," if c.asr and c.p(0.4) else "") + " " + c.r.choice(["extension", "extension", "extension", "ext", "x", "hash", "and the extension is", "extension number"]) + " "
        s += say(c, n) if c.raw or c.p(0.15) else n
    return area_code(c, s)


def s_phone_part(c):
    n = c.r.choice([4, 4, 4, 3, 7, 5, 6, 3])
    ds = rdigits(c.r, n)
    return [[number(c, [ds[:3], ds[3:]] if n > 4 else [ds]), PHI_PHONE]]


def s_ext(c):
    n = c.r.choice([2, 3, 3, 4, 4, 5])
    s = number(c, [rdigits(c.r, n, "123456789")])
    if c.odd("hash"):
        return [[c.r.choice(["hash ", "pound ", "star "]), None], [s, PHI_PHONE]] if c.p(0.5) else [[s, PHI_PHONE], [c.r.choice([" hash", " pound", " then hash", " and then the hash key"]), None]]
    return [[s, PHI_PHONE]]


def s_ssn(c):
    return [[number(c, [rdigits(c.r, 3), rdigits(c.r, 2), rdigits(c.r, 4)]), PHI_ID]]


def s_ssn4(c):
    return [[number(c, [rdigits(c.r, 4)]), PHI_ID]]


def cut(r, ds):
    """a run of digits in pieces, as people dictate it"""
    out = []
    while ds:
        n = r.choice([2, 3, 3, 3, 4])
        if len(ds) - n == 1:
            n += 1
        out.append(ds[:n])
        ds = ds[n:]
    return out


def id_digits(r, n):
    """digits of an identifier: zeros in front and runs of one digit are commoner than chance has them"""
    ds, x = rdigits(r, n), r.random()
    if n > 3 and x < 0.1:
        k = min(n - 2, r.choice([1, 2, 2, 3, 3, 4]))
        ds = "0" * k + ds[k:]
    elif n > 3 and x < 0.2:
        k = min(n - 1, r.choice([2, 3, 3, 4]))
        i = r.randrange(n - k + 1)
        ds = ds[:i] + r.choice("0001234567899") * k + ds[i + k:]
    return ds


def plain_id(c, n):
    return digits_id(c, id_digits(c.r, n))


def digits_id(c, ds):
    g = cut(c.r, ds)
    if c.typed:
        return ("".join(g) if c.p(0.8) else c.r.choice(["-", " "]).join(g))
    if 4 <= len(ds) <= 7 and ds[0] != "0" and c.odd("cardinal"):
        # a number for a quantity: "four million two hundred thousand fifteen"
        k = c.r.choice([0, 1, 2, 3])
        n = int(ds) // 10 ** k * 10 ** k + (c.r.randint(1, 99) if k > 1 and c.p(0.5) else 0)
        if c.raw:
            return words(n // 100) + " hundred" if n < 10000 and n % 100 == 0 and n % 1000 else words(n, c.link)
        return "{:,}".format(n) if c.p(0.6) else "%d million %d thousand %d" % (n // 10 ** 6, n // 1000 % 1000 or 1, n % 1000 or 5) if n >= 10 ** 6 else str(n)
    if c.asr and c.p(0.35):
        return "".join(g)
    return number(c, g, "-")


def letters(r, n, near="ABCDEFGHJKLMNPRSTUVWXYZ"):
    return "".join(r.choice(near) for _ in range(n))


def code_or_digits(c, prefixes, sizes, digits=0.5, suffix=(0.08, [1, 2, 2, 3])):
    """an identifier: digits alone, or with a prefix and perhaps a hyphen, a suffix or slashes"""
    r = c.r
    n = r.choice(sizes)
    if r.random() < ODD["slashes"]:
        a = max(2, n // 2)
        t = r.choice([str(r.randint(2015, 2026)), rdigits(r, 2), letters(r, 2), rdigits(r, a)]) + "/" + id_digits(r, max(3, n - 3)) + r.choice(["", "", "/" + letters(r, 1), "/" + rdigits(r, 2)])
        return [[code(c, t), PHI_ID]]
    if r.random() < digits:
        if r.random() < suffix[0] * 0.5:
            return [[code(c, id_digits(r, n) + "-" + rdigits(r, r.choice(suffix[1]), "0012")), PHI_ID]]
        return [[plain_id(c, n), PHI_ID]]
    p = r.choice(prefixes) if prefixes and r.random() < 0.6 else letters(r, r.choice([1, 1, 2, 3, 3]))
    body = id_digits(r, n)
    if r.random() < 0.12 and n > 4:
        body = body[:n // 2] + letters(r, 1) + body[n // 2:]
    if r.random() < suffix[0]:
        body += "-" + rdigits(r, r.choice(suffix[1]), "0012")
    return [[code(c, p + r.choice(["-", "", ""]) + body), PHI_ID]]


# Long and odd codes of devices, parcels and banks.


def vin(r):
    return r.choice("123JWKSZ") + letters(r, 2, "ABCFGHJMNTVW") + mixed(r, 5) + r.choice("0123456789X") + r.choice("ABCDEFGHJKLMNPRST") + letters(r, 1) + rdigits(r, 6)


def mac(r):
    return ":".join("".join(r.choice("0123456789ABCDEF") for _ in range(2)) for _ in range(6))


def uuid(r):
    h = "".join(r.choice("0123456789abcdef") for _ in range(32))
    return "-".join([h[:8], h[8:12], h[12:16], h[16:20], h[20:]][:r.choice([2, 2, 3, 5])])


def iban(r):
    land, bank, n = r.choice([("GB", 4, 14), ("IE", 4, 14), ("NL", 4, 10), ("DE", 0, 18), ("ES", 0, 20), ("FR", 0, 23)])
    s = land + rdigits(r, 2) + letters(r, bank) + rdigits(r, n)
    return " ".join(s[i:i + 4] for i in range(0, len(s), 4))


def tracking(c):
    r = c.r
    if r.random() < 0.35:
        return code(c, "1Z" + mixed(r, 6) + id_digits(r, 10))
    ds = r.choice(["94", "92", "93", "42", "61", ""]) + id_digits(r, r.choice([16, 18, 18, 20]))
    return ("".join if c.asr and c.p(0.4) else " ".join)([ds[i:i + 4] for i in range(0, len(ds), 4)]) if c.typed or c.asr and c.p(0.6) \
        else number(c, [ds[i:i + 4] for i in range(0, len(ds), 4)], " ")


def s_mrn(c):
    return code_or_digits(c, ["MRN", "MR", "A", "M", "H", "P", "E"], [5, 6, 6, 7, 7, 8, 9, 10], 0.65)


def s_member(c):
    if c.p(0.12):
        return [[code(c, mixed(c.r, c.r.choice([9, 10, 11]))), PHI_ID]]
    return code_or_digits(c, ["XYZ", "W", "H", "U", "YEC", "XDM", "JBJ", "ABC", "R", "QMB", "ID"], [8, 9, 9, 9, 10, 11, 12], 0.4, (0.13, [2, 2, 3, 3]))


def s_group(c):
    return code_or_digits(c, ["GRP", "G", "GR", "HMO", "PPO"], [4, 5, 6, 6, 7, 8], 0.55)


def s_otp(c):
    """a code sent to a telephone"""
    r = c.r
    if r.random() < 0.06:
        return [[code(c, letters(r, 1) + "-" + rdigits(r, 6)), PHI_ID]]
    ds = id_digits(r, r.choice([6, 6, 6, 6, 4, 4, 5, 8]))
    return [[ds if c.typed or c.asr and c.p(0.5) else number(c, [ds[:len(ds) // 2], ds[len(ds) // 2:]] if len(ds) > 4 else [ds]), PHI_ID]]


def s_cvv(c):
    return [[number(c, [rdigits(c.r, c.r.choice([3, 3, 3, 4]))]), PHI_ID]]


def s_account(c):
    if c.p(0.03):
        return [[code(c, iban(c.r)), PHI_ID]]
    return code_or_digits(c, ["A", "AC", "ACCT", "BA"], [5, 6, 7, 8, 8, 9, 10, 12], 0.75)


def s_claim(c):
    return code_or_digits(c, ["CL", "CLM", "C", "E"], [6, 7, 8, 9, 10, 11, 13], 0.5)


def s_rx(c):
    return code_or_digits(c, ["RX", "C", "N"], [6, 7, 7, 7, 8], 0.85)


def s_card(c):
    n = rdigits(c.r, 16, "4563")
    g = [n[:4], n[4:8], n[8:12], n[12:]] if c.p(0.9) else [n[:4], n[4:10], n[10:15]]
    return [[number(c, g, c.r.choice([" ", " ", "-"])), PHI_ID]]


def mixed(r, n):
    s = "".join(r.choice("ABCDEFGHJKLMNPRSTUVWXYZ") if r.random() < 0.35 else r.choice("0123456789") for _ in range(n))
    if not re.search(r"\d", s):
        s = s[:-1] + r.choice("23456789")
    return s


def s_license(c):
    r = c.r
    k = r.random()
    if k < 0.25:
        return [[plain_id(c, r.choice([7, 8, 8, 9])), PHI_ID]]
    if k < 0.75:
        t = letters(r, 1) + rdigits(r, r.choice([6, 7, 7, 8, 12, 13]))
    elif k < 0.9:
        t = letters(r, 1) + "-" + rdigits(r, 3) + "-" + rdigits(r, 3) + "-" + rdigits(r, 3)
    else:
        t = letters(r, 5) + rdigits(r, 6) + letters(r, 2) + rdigits(r, 1) + letters(r, 2)
    return [[code(c, t), PHI_ID]]


def s_plate(c):
    r = c.r
    if c.p(0.04):
        return [[code(c, vin(r)), PHI_ID]]
    t = r.choice([lambda: letters(r, 3) + "-" + rdigits(r, 4), lambda: letters(r, 3) + " " + rdigits(r, 4), lambda: rdigits(r, 1) + letters(r, 3) + rdigits(r, 3),
                  lambda: letters(r, 3) + rdigits(r, 3), lambda: letters(r, 2) + rdigits(r, 2) + " " + letters(r, 3), lambda: letters(r, 2) + rdigits(r, 5),
                  lambda: rdigits(r, 3) + "-" + letters(r, 3), lambda: letters(r, 4) + rdigits(r, 3)])()
    return [[code(c, t), PHI_ID]]


def s_serial(c):
    r = c.r
    if c.p(0.21):
        k = c.pick({"vin": 30, "imei": 30, "mac": 27, "uuid": 13})
        if k == "imei":
            return [[digits_id(c, "35" + rdigits(r, 13)), PHI_ID]]
        return [[code(c, {"vin": vin, "mac": mac, "uuid": uuid}[k](r)), PHI_ID]]
    t = r.choice([lambda: letters(r, r.choice([2, 3])) + id_digits(r, r.choice([5, 6, 7])), lambda: "SN-" + rdigits(r, 6), lambda: mixed(r, r.choice([8, 9, 10, 12])),
                  lambda: rdigits(r, 4) + "-" + letters(r, 2) + "-" + rdigits(r, 4), lambda: letters(r, 1) + rdigits(r, 2) + letters(r, 1) + rdigits(r, 4)])()
    return [[code(c, t), PHI_ID]]


def s_ref(c):
    if c.p(0.06):
        return [[tracking(c) if c.p(0.75) else code(c, uuid(c.r)), PHI_ID]]
    if c.p(0.25):
        return [[code(c, mixed(c.r, c.r.choice([5, 6, 6, 7, 8]))), PHI_ID]]
    return code_or_digits(c, ["REF", "R", "INV", "CASE", "SR", "TKT", "INC", "PA", "AUTH"], [4, 5, 6, 7, 8, 9, 10], 0.55)


def s_code(c):
    r = c.r
    k = r.random()
    if k < 0.3:
        return [[plain_id(c, r.choice([4, 5, 6, 6, 8])), PHI_ID]]
    return [[code(c, mixed(r, r.choice([3, 4, 5, 6, 6, 7, 8]))), PHI_ID]]


def local_part(c):
    """(pieces) of the part of a mail address before the at"""
    r = c.r
    g, f = [re.sub(r"[^a-z]", "", fold(x).lower()) or "kim" for x in couple(c)]
    ds = rdigits(r, r.choice([1, 2, 2, 2, 3, 4])) if r.random() < 0.42 else ""
    if r.random() < 0.15:
        ds = str(r.randint(1940, 2012)) if r.random() < 0.6 else "%02d" % r.randint(40, 99)
    k = c.pick({"g.f": 22, "gf": 18, "gif": 14, "g_f": 7, "g-f": 4, "f.g": 5, "fg": 4, "g": 8, "f": 5, "word": 10, "wg": 4, "g.m.f": 2, "g+w": 3})
    w = r.choice(L.email_word)
    return {"g.f": [g, ".", f], "gf": [g, f], "gif": [g[0], f], "g_f": [g, "_", f], "g-f": [g, "-", f], "f.g": [f, ".", g], "fg": [f, g[0]], "g": [g], "f": [f],
            "word": [w, r.choice(L.email_word)], "wg": [w, g], "g.m.f": [g, ".", r.choice("abcdefghjklm"), ".", f], "g+w": [g, "+", w]}[k] + ([ds] if ds else [])


SAID = {".": "dot", "_": "underscore", "-": "dash", "@": "at", "/": "slash", "+": "plus", ":": "colon"}
# Other words for the marks, of mail and web addresses.
SAID_TOO = {".": ["dot", "dot", "period", "the word dot", "point", "full stop"], "_": ["under score", "underscore", "underline"], "-": ["dash", "hyphen", "hyphen", "minus", "minus sign"],
            "+": ["plus", "plus sign", "plus"], "/": ["forward slash", "slash", "forward slash", "forward slash", "backslash"]}
NOTES = ["all lower case", "all lowercase", "lowercase", "all one word", "no spaces", "all small letters", "all together", "in lower case", "one word no spaces"]


def mark_said(c, p):
    return c.r.choice(SAID_TOO[p]) if p in SAID_TOO and c.p(0.16) else SAID[p]


def host_words(c, host):
    known = host in L.email_host
    out = []
    parts = host.split(".")
    short = known and len(parts) == 2 and c.odd("no com")
    spelled = c.odd("host spelled")
    for i, p in enumerate(parts[:1] if short else parts):
        if i:
            out.append("dot" if c.p(0.96) else c.r.choice(["period", "point", "the word dot"]))
        if p in ("uk", "ca", "de", "fr", "ru", "au", "io", "tv", "msn", "aol", "gmx", "att", "cox", "btinternet") and c.p(0.6 if p not in ("aol", "msn") else 0.3):
            p = " ".join(p) if p != "btinternet" else "b t internet"
        elif p in ("com", "net", "org", "edu", "gov") and i and c.odd("com spelled"):
            p = " ".join(p)
        elif p == "gmail" and c.p(0.06):
            p = "g mail"
        elif p == "sbcglobal":
            p = c.r.choice(["sbc global", "s b c global"])
        elif p == "hotmail" and c.p(0.1):
            p = "hot mail"
        elif i == 0 and len(p) < 12 and (spelled if known else c.p(0.15)):
            word = p.replace("~", "")
            p = spell(c, word)
            if known and c.p(0.4):
                p = word + " " + p
        elif "~" in p:
            # the words of a host apart, or run together with a word about it
            p = p.replace("~", " ") if c.p(0.6) else p.replace("~", "") if c.p(0.8) else p.replace("~", " ") + c.r.choice([" all one word", " one word"])
        out.append(p)
    return " ".join(out)


def local_said(c, parts):
    """what stands before the at, as said, part by part"""
    r, said = c.r, []
    capital, twice = c.odd("mail capital"), c.odd("mail spelled")
    for i, p in enumerate(parts):
        if p in SAID:
            said.append(mark_said(c, p) if p != "-" else r.choice(["dash", "hyphen", "dash", "hyphen", "dash", "hyphen", "minus"]))
        elif p.isdigit():
            said.append(say(c, p, "pairs" if len(p) == 4 and p[:2] in ("19", "20") and c.p(0.6) else None) if c.raw or c.p(0.3) else p)
        elif capital and (i == 0 or c.p(0.3)):
            said.append(r.choice(["capital ", "capital ", "uppercase ", "big "]) + (p[0] + " " + p[1:] if c.p(0.4) and len(p) > 1 else p))
        elif len(p) == 1:
            said.append(p if c.raw else p.upper())
        elif twice and len(p) <= 12:
            twice = False
            said.append(p + r.choice([" ", " ", " that's ", " spelled ", " as in "]) + spell(c, p, "plain"))
        elif len(p) <= 12 and c.p(0.16):
            said.append(spell(c, p, c.letters if c.letters not in ("nato",) else "plain"))
        else:
            said.append(p)
    return said


# The at of a mail address: people's words for it, and what recognisers hear.
ATS = {"at": 80, "at symbol": 2.5, "the at sign": 2.5, "at sign": 3, "at the rate": 2, "at the rate of": 0.5, "a": 2.5, "and": 2.5, "add": 1, "at the": 1.5, "that": 0.5, "hat": 0.5, "app": 0.5, "it's at": 0.5}


def s_email(c):
    r = c.r
    parts = local_part(c)
    host = r.choice(L.email_host) if c.p(0.85) else domain(c)
    plain = host.replace("~", "")
    alone = c.r.random() if c.odd("part alone") else None
    if alone is not None:
        # what stands before the at, or the domain
        if alone < 0.5:
            return [["".join(parts) if c.asr and c.p(0.4) else c.join(*local_said(c, parts)), PHI_MAIL]]
        return [["at ", None] if alone < 0.7 and not re.search(r"(?i)\bat $", c.before) else ["", None], [plain if c.asr and c.p(0.6) else host_words(c, host), PHI_MAIL]]
    if c.typed or c.asr and c.p(0.5):
        s = "".join(parts) + "@" + plain
        if c.asr and c.p(0.2):
            s = s[0].upper() + s[1:]
        if c.asr and c.p(0.1):
            s = s.replace("@", c.r.choice([" @ ", " @", "@ ", " at "]))
        if c.asr and c.p(0.04):
            s = s.replace(".", ". ") if c.p(0.5) else s.replace(".com", ".Com")
        return [[s, PHI_MAIL]]
    if c.asr and c.p(0.4):
        s = "".join(parts) if c.p(0.6) else " ".join(SAID[p] if p in SAID else p for p in parts)
        if c.p(0.3):
            s = s[0].upper() + s[1:]
        tail = plain if c.p(0.6) else plain.replace(".", " dot ")
        at = c.pick({" at ": 66, " @ ": 16, ". At ": 6, ", at ": 6, " at the ": 2, " a ": 2, ", uh, at ": 2})
        return [[s + at + (tail[0].upper() + tail[1:] if c.p(0.3) else tail), PHI_MAIL]]
    s, note, out = c.join(*local_said(c, parts)), c.r.random() if c.odd("mail note") else 1, []
    if note < 0.35:
        out = [[r.choice(NOTES) + (", " if c.asr and c.p(0.5) else " "), None]]
    elif note < 0.7:
        s += (", " if c.asr and c.p(0.5) else " ") + r.choice(NOTES) + ("," if c.asr and c.p(0.5) else "")
    s += c.r.choice([", ", " "]) if c.asr else " "
    if c.odd("mail pause"):
        s += r.choice(["uh", "um", "and then", "and that's", "okay", "let's see", "then", "and it's"]) + (", " if c.asr and c.p(0.4) else " ")
    s += c.pick(ATS) + " "
    if c.odd("host fixed"):
        s += (r.choice(L.email_host) if c.asr and c.p(0.5) else host_words(c, r.choice(L.email_host)) if c.p(0.4) else r.choice(L.email_host).split(".")[0]) + c.oops()
    out.append([s + (plain if c.asr and c.p(0.4) else host_words(c, host)), PHI_MAIL])
    if 0.7 <= note < 1 and not re.match(r"\W*(all|no sp|low|one)", c.after):
        out.append([(", " if c.asr and c.p(0.6) else " ") + r.choice(NOTES), None])
    return out


def domain(c):
    """a host of one's own; '~' stands between its words"""
    r = c.r
    f = re.sub(r"[^a-z]", "", fold(family(c)).lower()) or "lee"
    w = re.sub(r"[^a-z]", "", r.choice(L.company_word).lower())
    t = re.sub(r"[^a-z]", "", r.choice(L.company_tail).lower())
    return r.choice([f + "~family", f, w + "~" + t, w, f + "~law", w + "~school", f + "~and~sons", "the~" + f + "s", w + "~" + r.choice(["group", "inc", "llc", "foods"]),
                     w + "-" + t]) + r.choice([".com", ".com", ".com", ".com", ".net", ".org", ".co.uk", ".edu", ".io", ".ca", ".gov", ".health", ".us", ".info"])


def s_url(c):
    r = c.r
    f = re.sub(r"[^a-z]", "", fold(family(c)).lower()) or "lee"
    g = re.sub(r"[^a-z]", "", fold(given(c)).lower()) or "ann"
    base = c.pick({"d": 45, "sub": 9, "fb": 15, "ig": 8, "cb": 8, "li": 8, "yt": 4, "gf": 6, "x": 6})
    u = {"d": domain(c) + r.choice(["", "", "", "/" + g, "/contact", "/photos", "/" + g + "/" + rdigits(r, 3)]), "fb": "facebook.com/" + g + "." + f, "ig": "instagram.com/" + g + "_" + f,
         "sub": r.choice(["portal", "my", "pay", "www2", "members", "app", g, "secure", "login", "mychart"]) + "." + domain(c) + r.choice(["", "", "/pay", "/login", "/results/" + rdigits(r, 4), "/" + f]),
         "cb": "caringbridge.org/visit/" + g + f, "li": "linkedin.com/in/" + g + "-" + f, "yt": "youtube.com/" + g + f, "gf": "gofundme.com/f/" + r.choice(["help-", "team-", ""]) + g,
         "x": r.choice(["x.com/", "twitter.com/", "tiktok.com/@"]) + g + f + rdigits(r, 2)}[base]
    www = r.choice(["", "", "", "www.", "https://", "https://www.", "http://"])
    if c.typed or c.asr and c.p(0.6):
        u = u.replace("~", "")
        if c.asr and c.p(0.12):
            u = r.choice([u.replace("/", " / "), u.replace("/", "/ "), u.replace(".", ". ", 1), u.replace("/", " slash "), u[0].upper() + u[1:]])
        return [[(www if c.typed or c.p(0.5) else "") + u, PHI_URL]]
    out = []
    host, slash, path = u.replace("@", "").partition("/")
    spelled = c.odd("host spelled")
    for i, x in enumerate(host.split(".")):
        if i:
            out.append(mark_said(c, ".") if c.p(0.5) else "dot")
        if i and x in ("com", "org", "net", "gov", "edu", "io", "uk", "us") and c.p(ODD["com spelled"] if len(x) > 2 else 0.5):
            x = " ".join(x)
        elif spelled and len(x) > 3:
            x, spelled = spell(c, x.replace("~", "").replace("-", ""), "plain"), False
        elif "-" in x:
            x = x.replace("-", c.r.choice([" dash ", " hyphen ", " hyphen ", " minus "]))
        out.append(x.replace("~", " ") if c.p(0.6) else x.replace("~", "") if c.p(0.8) else x.replace("~", " ") + " all one word" if "~" in x else x)
    for x in re.findall(r"[a-z]+|\d+|[^a-z\d]", slash + path):
        out.append(mark_said(c, x) if x in SAID else (say(c, x) if x.isdigit() and (c.raw or c.p(0.5)) else x))
    s = " ".join(out)
    if www and c.p(0.6):
        s = c.r.choice(["www dot ", "w w w dot ", "w w w dot ", "double u double u double u dot ", "triple w dot ", "dub dub dub dot ", "triple double u dot ", "double you double you double you dot ",
                        "h t t p s colon slash slash ", "h t t p colon slash slash ", "h t t p s colon forward slash forward slash w w w dot ", "www "] if c.raw else
                       ["www.", "www dot ", "w w w dot ", "WWW dot ", "https colon slash slash ", "dub dub dub dot ", "HTTP colon slash slash "]) + s
    if c.odd("web note") and not c.after.startswith((" all", ", all")):
        return [[s, PHI_URL], [(", " if c.asr and c.p(0.6) else " ") + r.choice(NOTES), None]]
    return [[s, PHI_URL]]


def ipv6(r):
    g = ["2001", "db8"] if r.random() < 0.5 else ["fe80"]
    h = ["%x" % r.randrange(1, 65536) for _ in range(r.choice([1, 2, 4]))]
    return ":".join(g) + "::" + ":".join(h)


def octet(c, x):
    """a part of an address as said: by its digits, as pairs, as a number, 'oh oh one'"""
    if len(x) < 3 and c.p(0.05):
        x = x.zfill(c.r.choice([2, 3, 3]))
    return words(int(x), c.link) if x[0] != "0" and len(x) == 3 and c.p(0.1) else say(c, x)


def s_ip(c):
    r = c.r
    q = [str(r.randint(1, 254)) for _ in range(4)]
    k = r.random()
    if k < 0.27:
        q = ["192", "168", r.choice(["0", "1", "0", "1", "2", "10", "50", "86"]), q[3]]
    elif k < 0.4:
        q = ["10", r.choice(["0", "0", "1", "10", q[1]]), r.choice(["0", "1", q[2]]), q[3]]
    elif k < 0.46:
        q = ["172", str(r.randint(16, 31)), q[2], q[3]]
    elif k < 0.49:
        q = ["127", "0", "0", "1"]
    elif k < 0.52:
        v = ipv6(r)
        if c.typed or c.asr:
            return [[v, PHI_IP]]
        out = [{":": "colon"}.get(x) or (say(c, x) if x.isdigit() else x) for x in re.findall(r"\d+|[a-f]|:", v)]
        return [[" ".join(out), PHI_IP]]
    port = c.r.random()
    if c.typed or c.asr and c.p(0.68):
        s = (c.r.choice([" dot ", ", ", " . ", ". ", " ", "-"]) if c.asr and c.p(0.22) else ".").join(q)
        tail = ":" + r.choice(["80", "8080", "443", "22", "3389", "8443"]) if port < 0.05 else r.choice(["/24", "/16", "/32", "/8"]) if port < 0.09 else ""
        if c.asr and tail and c.p(0.4):
            tail = tail.replace(":", r.choice([" colon ", " port "])).replace("/", " slash ")
        return [[s + tail, PHI_IP]]
    f = lambda x: x if c.asr and c.p(0.5) else octet(c, x)
    how = c.pick({"dot": 66, "point": 7, "period": 3, "full stop": 2, "": 7, "mixed": 6, "then": 4, "pause": 5})
    out = f(q[0])
    fixed = c.r.randrange(1, 4) if c.odd("restart") else 0
    for i, x in enumerate(q[1:], 1):
        sep = {"mixed": c.r.choice(["dot", "point", "", "period", "dot"]), "then": c.r.choice(["then", "and then", "dot then"]),
               "pause": c.r.choice(["dot uh", "dot um", "dot", "dot", "uh dot", "dot let's see"])}.get(how, how)
        out += (" " + sep).rstrip() + (" " + f(change_digits(c, x)) + c.oops().rstrip() if i == fixed else "") + " " + f(x)
        if c.p(0.012):
            out += " " + f(x)
    if port < 0.05:
        out += c.r.choice([" colon ", " colon ", " port "]) + say(c, r.choice(["80", "8080", "443", "22", "8443"]), "pairs")
    elif port < 0.09:
        out += " slash " + words(int(r.choice(["24", "16", "32", "8"])))
    return [[out, PHI_IP]]


def s_ip_part(c):
    """the end of an address: "dot forty two" """
    q = [str(c.r.randint(1, 254)) for _ in range(c.r.choice([1, 1, 1, 2]))]
    if c.typed or c.asr and c.p(0.5):
        return [["." + ".".join(q) if c.p(0.7) else ".".join(q), PHI_IP]]
    return [[("dot " if c.p(0.75) else "") + " dot ".join(octet(c, x) for x in q), PHI_IP]]


def s_login(c):
    r = c.r
    if c.p(0.1):
        return [[code(c, mixed(r, r.choice([6, 7, 8]))), PHI_ID]]
    parts = local_part(c)
    noted = re.match(r"\W*(all |no |one |with|in low)", c.after)
    if c.typed or c.asr and c.p(0.55):
        s = "".join(parts)
        return [[s if c.p(0.9) else s.capitalize(), PHI_ID]]
    k = c.pick({"": 74, "note": 8 if not noted else 0, "notelast": 6 if not noted else 0, "dot": 4 if not noted else 0, "spelled": 4, "twice": 4})
    if k in ("spelled", "twice"):
        w = "".join(p for p in parts if p.isalpha())
        if len(w) < 13:
            s = spell(c, w, "plain")
            ds = "".join(p for p in parts if p.isdigit())
            return [[(w + (" " if c.raw else c.r.choice([", ", " ", ". ", ", that's "])) if k == "twice" else "") + s + (" " + (say(c, ds) if c.raw else ds) if ds else ""), PHI_ID]]
    if k == "dot" and "." in parts:
        return [[" ".join(p for p in parts if p != "."), PHI_ID], [r.choice([" with a dot", " with a dot in between", " with a dot in the middle", " with a period between"]), None]]
    s = " ".join(local_said(c, parts))
    if c.asr and c.p(0.3):
        s = s[0].upper() + s[1:]
    if k == "note":
        return [[r.choice(NOTES) + (", " if c.asr and c.p(0.5) else " "), None], [s, PHI_ID]]
    if k == "notelast":
        return [[s, PHI_ID], [(", " if c.asr and c.p(0.6) else " ") + r.choice(NOTES), None]]
    return [[s, PHI_ID]]


# ---------------------------------------------------------------------------------------------- places


def house(c, n):
    """a house number"""
    if not c.raw and not (c.asr and c.p(0.08)):
        return str(n)
    s = str(n)
    k = c.r.random()
    if n < 100:
        return words(n) if k < 0.85 else one_by_one(c, s)
    if n < 1000:
        if n % 100 == 0:
            return words(n)
        return say(c, s, "mix") if k < 0.45 else words(n, c.link) if k < 0.6 else one_by_one(c, s)
    if k < 0.5:
        return say(c, s, "pairs")
    if k < 0.85 or n > 9999:
        return one_by_one(c, s)
    return words(n, c.link)


ABBR = {"Street": "St", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Lane": "Ln", "Court": "Ct", "Boulevard": "Blvd", "Place": "Pl", "Circle": "Cir", "Terrace": "Ter",
        "Parkway": "Pkwy", "Highway": "Hwy", "Trail": "Trl", "Square": "Sq", "Close": "Cl", "Crescent": "Cres", "Gardens": "Gdns"}


def streetname(c):
    r = c.r
    num = c.raw or c.asr and c.p(0.1)
    k = r.random()
    if c.uk:
        s = (r.choice(L.street_uk) if k < 0.6 else show_name(c, family(c)) if k < 0.8 else r.choice(L.street_name)) + " " + r.choice(L.street_kind_uk)
    elif k < 0.17:
        n = r.randint(1, 250)
        o = ordinal(n) if num or n < 11 and c.p(0.4) else th(n)
        if num and n > 100 and n % 100 and c.p(0.4):
            o = words(n // 100) + " " + ordinal(n % 100)
        side = r.choice(["", "", "East ", "West ", "North ", "South ", "Northeast ", "SW "])
        if c.raw and side == "SW ":
            side = "southwest "
        s = side + o.title() * (not c.raw and o.isalpha()) if not c.raw and o.isalpha() else side + o
        s += " " + r.choice(["Street", "Street", "Avenue", "Avenue", "Place", "Court", "Terrace", "Drive"])
    elif k < 0.24:
        n = r.randint(1, 999)
        s = r.choice(["County Road", "Highway", "State Route", "Route", "Farm to Market Road", "US Highway", "Rural Route", "Interstate"]) + " " + (say(c, str(n), "mix") if num else str(n))
    else:
        base = r.choice(L.street_name) if k < 0.68 else show_name(c, family(c)) if k < 0.88 else show_name(c, given(c)) if k < 0.91 else city_name(c)
        side = r.choice(["", "", "", "", "", "East ", "West ", "North ", "South ", "N ", "S. "]) if c.typed else r.choice(["", "", "", "", "", "East ", "West ", "North ", "South "])
        s = side + base + " " + r.choice(L.street_kind if c.p(0.3) else L.street_kind[:9])
    if not c.raw and c.p(0.35 if c.typed else 0.1):
        head, _, last = s.rpartition(" ")
        if last in ABBR:
            s = head + " " + ABBR[last] + (r.choice(["", "."]) if c.typed else "")
    elif c.p(0.05):
        s = s.rpartition(" ")[0] or s
    return s


def s_house(c):
    n = c.r.randint(1, 120) if c.uk else c.r.choice([c.r.randint(1, 99), c.r.randint(100, 999), c.r.randint(1000, 9999), c.r.randint(10000, 29999)])
    s = house(c, n)
    if c.p(0.05):
        s += c.r.choice([" and a half", " a", " b"]) if c.raw else c.r.choice(["A", "B", " B", " and a half"])
    if c.p(c.fix):
        s = house(c, n + c.r.randint(1, 30)) + c.oops() + s
    return [[s, PHI_ADDR]]


def s_streetname(c):
    return [[streetname(c), PHI_ADDR]]


def unit(c):
    r = c.r
    kind = r.choice(["apartment", "apartment", "apartment", "unit", "suite", "apt", "number", "room", "floor", "lot", "building", "trailer", "bed"]) if not c.uk else r.choice(["flat", "flat", "unit", "room"])
    k = r.random()
    n = rdigits(r, r.choice([1, 2, 3, 3, 4]), "123456789")
    if c.typed:
        kind = r.choice([kind.capitalize(), kind, "Apt", "Apt.", "#", "Unit"])
    elif c.asr:
        kind = r.choice([kind, kind.capitalize()])
    v = say(c, n, "mix") if c.raw or c.asr and c.p(0.08) else n
    if k < 0.25:
        x = r.choice("ABCDEFGH")
        x = x if not c.raw else x.lower()
        v = v + (" " if c.raw or c.p(0.2) else "") + x if c.p(0.75) else x + (" " if c.raw or c.p(0.2) else "") + v
    elif k < 0.32:
        v = r.choice("ABCDEFGH")
    elif k < 0.34:
        v = r.choice(["basement", "ground floor", "upstairs", "penthouse"]) if not c.uk else "ground floor"
        return v
    if kind == "floor":
        return (ordinal(int(n[:2])) if c.raw else th(int(n[:2]))) + " floor"
    return kind + ("" if kind == "#" else " ") + v


def s_unit(c):
    u = unit(c)
    if re.search(r"(?i)(apartment|unit|apt|suite|flat|room|number)[ ,.]*$", c.before):
        u = u.split(" ", 1)[-1]
    return [[u, PHI_ADDR]]


def street(c, with_unit=0.0):
    r = c.r
    k = r.random()
    if k < 0.05 and not c.uk:
        n = rdigits(r, r.choice([2, 3, 4, 5]), "123456789")
        box = "p o box " if c.raw and c.p(0.8) else "PO Box " if not c.raw and c.p(0.5) else "P.O. Box " if not c.raw else "post office box "
        return box + (house(c, int(n)))
    n = r.randint(1, 120) if c.uk else r.choice([r.randint(1, 99), r.randint(100, 999), r.randint(1000, 9999), r.randint(1000, 9999), r.randint(10000, 29999), r.randint(1, 99) * 100])
    h = house(c, n)
    if c.p(0.04):
        h += r.choice([" A", " B", " and a half", "A", "B"]) if not c.raw else r.choice([" a", " b", " and a half"])
    s = c.join(h, streetname(c))
    if c.uk and c.p(0.15):
        s = unit(c) + (", " if not c.raw else " ") + s
    elif c.uk and c.p(0.06):
        s = r.choice(["Rose", "Ivy", "Orchard", "The Old", "Mill", "Church", "Willow", "Honeysuckle", "Highfield", "Corner"]) + " " + r.choice(["Cottage", "House", "Farm", "Lodge", "Barn"]) + (", " if not c.raw else " ") + s
    if c.p(with_unit):
        s += ("" if c.raw or c.p(0.2) else ",") + " " + unit(c)
    if c.p(c.fix * 0.7):
        s = house(c, n + r.randint(1, 30)) + c.oops() + s
    return s


def s_street(c):
    return [[street(c, 0.08), PHI_ADDR]]


def city_name(c):
    k = "GB" if c.uk and c.p(0.8) else c.pick({"US": 76, "GB": 6, "CA": 4, "AU": 2, "IE": 1, "--": 11})
    n = L.cities[k].draw(c.r)
    return n if n.isascii() or c.typed and c.p(0.3) else fold(n)


def s_city(c):
    n = city_name(c)
    if not c.typed:
        if c.p(0.4):
            n = n.replace("-", " ")
        if n.startswith("St. ") and c.p(0.4):
            n = "Saint " + n[4:]
        if c.raw:
            n = re.sub(r"(?i)^st\.? ", "saint " if c.p(0.7) else "st ", n)
            n = re.sub(r"(?i)^(ft|fort)\.? ", "fort ", n)
    elif c.p(0.05) and len(n) > 5:
        n = n.lower()
    return [[n, PHI_ADDR]]


def s_county(c):
    n = c.r.choice(L.uk_county) if c.uk and c.p(0.7) else fold(c.r.choice(L.counties))
    if c.p(0.12):
        n = re.sub(r" (County|Parish)$", "", n)
    if re.search(r"^\s*county", getattr(c, "after", "")):
        n = re.sub(r" (County|Parish)$", "", n)
    return [[n, PHI_ADDR]]


def s_zip(c):
    if c.p(0.02):
        return s_postcode(c)
    g = [rdigits(c.r, 5)] + ([rdigits(c.r, 4)] if c.p(0.07) else [])
    if c.typed or c.asr and c.p(0.62):
        return [["-".join(g) if c.typed or c.p(0.5) else " ".join(g), PHI_ADDR]]
    if c.asr and c.p(0.5):
        return [[number_printed(c, cut(c.r, g[0])), PHI_ADDR]]
    if c.raw and c.p(0.01):
        return [[g[0], PHI_ADDR]]
    s = c.join(*[say(c, x) for x in (cut(c.r, g[0]) if c.p(0.3) else [g[0]])])
    if len(g) > 1:
        s += c.r.choice([" dash ", " ", " dash "]) + say(c, g[1])
    if c.p(c.fix):
        s += c.oops() + say(c, change_digits(c, g[0]))
    return [[s, PHI_ADDR]]


def s_postcode(c):
    r = c.r
    if c.p(0.14):
        s = "%s%s%s %s%s%s" % (letters(r, 1, "ABCEGHJKLMNPRSTVXY"), r.choice("0123456789"), letters(r, 1), r.choice("0123456789"), letters(r, 1), r.choice("0123456789"))
    else:
        area = r.choice("AB AL B BA BB BD BH BL BN BR BS CA CB CF CH CM CO CR CT CV CW DA DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL GU HA HD HG HP HR HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS "
                        "LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO".split())
        s = area + str(r.randint(1, 29)) + (r.choice("ABWY") if area in ("SW", "W", "EC", "WC") and r.random() < 0.5 else "") + " " + r.choice("0123456789") + letters(r, 2, "ABDEFGHJLNPQRSTUWXYZ")
    if c.typed:
        k = r.random()
        return [[s if k < 0.7 else s.replace(" ", "") if k < 0.85 else s.lower(), PHI_ADDR]]
    if c.asr:
        k = c.pick({"as": 34, "dense": 8, "each": 20, "lower": 8, "mess": 16, "comma": 5, "nato": 4, "dash": 3, "words": 2})
        if k == "as":
            return [[s, PHI_ADDR]]
        if k == "dense":
            return [[s.replace(" ", ""), PHI_ADDR]]
        if k == "lower":
            return [[s.lower() if c.p(0.5) else s.lower().replace(" ", ""), PHI_ADDR]]
        chars = list(s.replace(" ", ""))
        if k == "each":
            return [[" ".join(chars), PHI_ADDR]]
        if k == "comma":
            return [[", ".join(chars), PHI_ADDR]]
        if k == "dash":
            return [["-".join(chars), PHI_ADDR]]
        if k == "nato":
            return [[" ".join(NATO[x.lower()] if x.isalpha() else x for x in chars), PHI_ADDR]]
        if k == "mess":
            out = ""
            for x in chars:
                if x.isalpha():
                    x = r.choice([x, x.lower(), x.lower(), x])
                    if r.random() < 0.08:
                        x = r.choice(LETTER_HEARD[x.lower()].split())
                elif r.random() < 0.08:
                    x = r.choice([ONES[int(x)], x])
                out += ("" if not out or r.random() < 0.25 else " ") + x
            return [[out, PHI_ADDR]]
    out = []
    for x in s.split(" "):
        for run in re.findall(r"[A-Z]+|\d+", x):
            out.append(spell(c, run, c.letters if c.letters not in ("broken", "merge") else "plain") if run.isalpha() else say(c, run))
    return [[c.join(*out), PHI_ADDR]]


def state_piece(c):
    k = c.r.choice(list(STATES))
    if c.raw or not c.p(0.6 if c.typed else 0.3):
        n = STATES[k].replace("_", " ")
    else:
        n = k
    if c.raw and n == "D.C.":
        n = "d c"
    return n


def s_state(c):
    return [[state_piece(c), OPT_STATE]]


def s_address(c):
    out = [[street(c, 0.25), PHI_ADDR]]
    comma = [" " if c.raw or c.p(0.15) else ", ", None]
    if c.p(0.88):
        out += [list(comma) if not c.p(0.06) else [" in ", None]] + s_city(c)
        if c.uk:
            if c.p(0.25):
                out += [list(comma), [c.r.choice(L.uk_county), PHI_ADDR]]
            if c.p(0.7):
                out += [list(comma)] + s_postcode(c)
            return out
        if c.p(0.65):
            out += [list(comma), [state_piece(c), OPT_STATE]]
        if c.p(0.65):
            out += [[" ", None] if c.raw or c.p(0.75) else [c.r.choice([", ", ". ", ", zip ", " zip code "]), None]] + s_zip(c)
    elif c.p(0.5):
        out += [list(comma)] + s_zip(c)
    return out


def s_employer(c):
    r = c.r
    k = r.random()
    if k < 0.38:
        s = r.choice(L.company)
    elif k < 0.62:
        s = r.choice(L.company_word) + " " + r.choice(L.company_tail)
    elif k < 0.72:
        s = show_name(c, family(c)) + r.choice([" ", " ", "'s ", " and Sons ", " Brothers ", " & "]).replace("&", "and " + show_name(c, family(c))) + r.choice(L.company_tail)
    elif k < 0.77:
        s = show_name(c, family(c)) + " " + r.choice(["and", "&", "and"] if not c.raw else ["and"]) + " " + show_name(c, family(c))
    elif k < 0.81:
        s = show_name(c, given(c)) + "'s " + r.choice(["Cafe", "Diner", "Pizza", "Auto", "Salon", "Bakery", "Garage", "Place", "Daycare", "Flowers", "Kitchen", "Grill"])
    else:
        s = r.choice(L.employer_place).replace("X", r.choice([fold(city_name(c)), r.choice(L.company_word), re.sub(r" (County|Parish)$", "", fold(r.choice(L.counties)))]))
    if c.p(0.05):
        s += " " + r.choice(L.employer_hint)
    out = []
    m = re.match(r"the (.*)", s)
    if m:
        s = m.group(1)
        out = the(c)
    elif re.search(r"(district|department|office|authority|library|plant|warehouse|school|council|factory|city of.*|University of.*|works)$", s) and c.p(0.6):
        out = the(c)
    if c.raw or c.typed and c.p(0.1):
        s = s.replace("&", "and" if " & " in s else c.r.choice(["", "and", " and "]))
    return out + [[s, PHI_ORG]]


def s_clinic(c):
    r = c.r
    k = r.random()
    if k < 0.6:
        s = r.choice(L.clinic)
    else:
        s = r.choice([r.choice(L.company_word), show_name(c, city_name(c))]) + " " + r.choice(["Clinic", "Medical Center", "Hospital", "Family Practice", "Pediatrics", "Dental", "Eye Care", "Surgery", "Health Center",
                                                                                      "Urgent Care", "Pharmacy", "Orthopedics", "Dermatology", "Medical Group", "Physical Therapy", "Women's Health"])
    out = []
    if s.startswith("the ") or s.startswith("The "):
        s = s[4:]
        out = the(c)
    return out + [[s, OPT_ORG]]


# ---------------------------------------------------------------------------------------------- what is not identifying

UNITS = {"mg": ["milligrams", "milligrams", "mg", "milligram"], "mcg": ["micrograms", "mcg"], "ml": ["milliliters", "m l", "ml"], "units": ["units"], "g": ["grams"]}


def bare(c, item):
    """an article goes where a determiner stands already"""
    if re.search(r"(?i)(\b(my|the|his|her|your|our|their|this|that|a|an|no|any|some|another|same|of)|'s)\s*$", c.before):
        return re.sub(r"^(an?|the) ", "", item)
    return item


def listed(key, lower=True):
    def f(c):
        return [[bare(c, c.r.choice(getattr(L, key))), None]]
    return f


def s_age(c):
    """half of all of grown people, most of these of sixty and more, as those of ninety are to be told from them"""
    r = c.r
    n = (r.randint(60, 89) if c.p(0.65) else r.randint(18, 89)) if c.p(0.5) else r.choice([r.randint(1, 89), r.randint(1, 12), r.randint(20, 89), r.randint(60, 89)])
    return age_said(c, n, None)


def decimal_words(c, s):
    a, _, b = s.partition(".")
    out = words(int(a), c.link) if a != "0" or c.p(0.5) else c.r.choice(["", "zero"])
    if a and int(a) > 100 and c.p(0.4):
        out = say(c, a, "mix")
    if b:
        out += c.r.choice([" point ", " point ", " point "]) + (one_by_one(c, b) if len(b) < 2 or c.p(0.5) else pair(c, b))
    return out.strip()


def s_dose(c):
    r = c.r
    k = r.random()
    if k < 0.6:
        u = r.choice(["mg"] * 8 + ["mcg", "ml", "units", "units", "g"])
        n = r.choice(["5", "10", "20", "25", "30", "40", "50", "75", "80", "100", "150", "200", "250", "300", "400", "500", "600", "750", "800", "850", "1000", "2.5", "0.5", "1.25", "12.5", "7.5", "0.25", "1500"])
        if u in ("units", "ml"):
            n = str(r.choice([2, 4, 5, 6, 8, 10, 12, 15, 18, 20, 24, 30, 36, 40, 60]))
        if c.raw:
            w = decimal_words(c, n)
            if n == "1000" and c.p(0.3):
                w = "a thousand"
            return [[w + " " + r.choice(UNITS[u]), None]]
        if c.asr and c.p(0.25):
            return [[n + " " + UNITS[u][0], None]]
        return [[n + r.choice([" ", "", " "]) + u, None]]
    n = r.choice([1, 1, 2, 2, 3, 4])
    what = r.choice(["tablet", "pill", "capsule", "puff", "drop", "spray", "teaspoon", "patch", "dose", "shot", "injection"])
    if k > 0.93:
        return [[r.choice(["half a tablet", "a teaspoon", "half a pill", "one and a half tablets", "a whole one", "a spoonful", "one every other day"]), None]]
    return [["%s %s%s" % (words(n) if c.raw or c.p(0.6) else str(n), what, ("es" if what == "patch" else "s") if n > 1 else ""), None]]


def s_lab(c):
    r = c.r
    s = r.choice([lambda: "%.1f" % r.uniform(4.5, 13), lambda: str(r.randint(60, 400)), lambda: "%.1f" % r.uniform(0.5, 9), lambda: str(r.randint(80, 240)), lambda: "%.2f" % r.uniform(0.3, 4), lambda: str(r.randint(20, 99))])()
    if c.raw:
        return [[decimal_words(c, s) if "." in s else say(c, s, "mix") if c.p(0.6) else words(int(s), c.link), None]]
    return [[s, None]]


def s_bp(c):
    a, b = c.r.randint(95, 210), c.r.randint(55, 120)
    if c.raw:
        x = say(c, str(a), "mix") if c.p(0.7) else words(a, c.link)
        return [[x + " over " + words(b), None]]
    return [["%d%s%d" % (a, c.r.choice(["/", " over ", " over "]), b), None]]


def s_temp(c):
    t = "%.1f" % c.r.uniform(97, 104.5) if not c.uk else "%.1f" % c.r.uniform(36, 40.5)
    if c.p(0.4):
        t = t.split(".")[0]
    tail = c.r.choice(["", "", "", " degrees", ""])
    if c.raw:
        a, _, b = t.partition(".")
        w = words(int(a), c.link) if c.p(0.6) else say(c, a, "mix")
        if int(a) >= 100 and c.p(0.4):
            w = "a hundred" + ((" " + c.link + words(int(a) - 100)) if int(a) > 100 else "")
        return [[w + (c.r.choice([" point ", " point ", " " if int(a) > 96 else " point "]) + ONES[int(b)] if b else "") + tail, None]]
    return [[t + tail, None]]


def s_weight(c):
    if c.uk:
        a, b = c.r.randint(7, 18), c.r.randint(0, 13)
        x = (words(a), words(b)) if c.raw else (str(a), str(b))
        return [[c.r.choice(["%s stone %s", "%s stone %s pounds"]) % x if c.p(0.6) else x[0] + " stone", None]]
    n = c.r.choice([c.r.randint(90, 340), c.r.randint(5, 60), c.r.randint(110, 220)])
    u = c.r.choice([" pounds", " pounds", " lbs" if c.typed else " pounds", " kilos"])
    if c.raw:
        return [[(say(c, str(n), "mix") if n > 99 and c.p(0.65) else words(n, c.link)) + u, None]]
    return [[str(n) + u, None]]


def s_height(c):
    f, i = c.r.randint(4, 6), c.r.randint(0, 11)
    if c.p(0.1):
        n = c.r.randint(145, 198)
        return [[(say(c, str(n), "mix") if c.raw else str(n)) + c.r.choice([" centimeters", " cm" if not c.raw else " centimeters"]), None]]
    if c.raw or c.p(0.3):
        return [[words(f) + c.r.choice([" foot ", " feet ", " ", " foot "]) + (words(i) if i else "even"), None]]
    return [[c.r.choice(["%d'%d\"" % (f, i), "%d foot %d" % (f, i), "%d feet %d inches" % (f, i), "%d %d" % (f, i), "%d ft %d" % (f, i)]), None]]


def s_duration(c):
    r = c.r
    k = r.random()
    u = r.choice(["days", "weeks", "months", "years", "hours", "weeks", "days", "years", "minutes"])
    if k < 0.12:
        return [[r.choice(["a couple of ", "a few ", "several ", "about two ", "a good three ", "over six ", "almost two ", "the last few ", "three or four ", "two or three ", "five or six "]) + u, None]]
    if k < 0.2:
        return [[r.choice(["a week", "a month", "a year", "a day", "an hour", "half an hour", "a week and a half", "a year and a half", "two and a half weeks", "a while", "six to eight weeks", "ages"]), None]]
    n = r.choice([2, 3, 4, 5, 6, 7, 8, 10, 12, 14, r.randint(2, 45), 20, 24, 30, 48])
    if u in ("weeks", "months", "hours", "days") and n > 48:
        n = 6
    return [[small(c, n) + " " + u, None]]


def s_price(c):
    r = c.r
    d = r.choice([r.randint(5, 99), r.randint(100, 999), r.randint(1000, 9999), r.choice([20, 25, 30, 40, 50, 75, 100, 120, 150, 200, 250, 500, 1000, 1500])])
    cents = r.randint(1, 99) if r.random() < 0.35 else 0
    cur = ("£", "pounds") if c.uk and c.p(0.8) else ("$", "dollars")
    if c.raw:
        w = words(d, c.link) if c.p(0.6) or d < 100 or d % 100 == 0 else say(c, str(d), "pairs" if d > 999 else "mix")
        if d < 10000 and d % 100 == 0 and d >= 1100 and c.p(0.6):
            w = words(d // 100) + " hundred"
        if cents:
            return [[w + r.choice([" " + cur[1] + " and " + words(cents) + " cents" if cur[0] == "$" else " pounds " + words(cents), " " + pair(c, "%02d" % cents), " " + cur[1] + " " + words(cents)]), None]]
        return [[w + c.r.choice([" " + cur[1], " " + cur[1], " bucks" if cur[0] == "$" else " quid"]), None]]
    s = "{:,}".format(d) if c.p(0.6) else str(d)
    if cents:
        s += ".%02d" % cents
    return [[cur[0] + s if c.p(0.85) else s + " " + cur[1], None]]


def s_count(c):
    n = c.r.choice([2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, c.r.randint(2, 30)])
    return [[small(c, n), None]]


def s_percent(c):
    n = c.r.choice([5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 95, 98, 100, c.r.randint(1, 99)])
    if c.raw:
        return [[("a hundred" if n == 100 and c.p(0.6) else words(n, c.link)) + " percent", None]]
    return [["%d%s" % (n, c.r.choice(["%", "%", " percent"])), None]]


def s_bignum(c):
    n = c.r.choice([200, 300, 500, 1000, 1500, 2000, 2500, 5000, 10000, 12000, 15000, 20000, 30000, 45000, 50000, 80000, 100000, 250000, 1000000, c.r.randint(11, 99) * 1000])
    if c.raw:
        w = words(n, c.link)
        return [["a" + w[3:] if w.startswith("one ") and c.p(0.5) else w, None]]
    if n >= 1000 and n % 1000 == 0 and c.p(0.15):
        return [["%d%s" % (n // 1000, c.r.choice([" thousand", "k", "K"])), None]]
    return [["{:,}".format(n) if c.p(0.7) else str(n), None]]


def s_weekly(c):
    r = c.r
    n = r.choice([2, 3, 4, 5, 6, 7])
    return [[r.choice(["once a day", "twice a day", "twice daily", "every day", "every morning", "every night", "at bedtime", "with food", "with meals", "as needed", "once a week", "twice a week", "every other day",
                       "every %s hours" % small(c, r.choice([4, 6, 8, 12])), "%s times a day" % small(c, r.choice([3, 4])), "%s times a week" % small(c, n), "once a month", "every %s weeks" % small(c, n), "morning and night"]), None]]


SLOTS = {
    "full": s_full, "first": s_first, "last": s_last, "maiden": s_last, "nick": s_nick, "mrs": s_mrs, "name3": s_name3, "spell_first": s_spell_first, "spell_last": s_spell_last,
    "said_spelled": s_said_spelled, "dob": s_dob, "date": s_date, "month_day": s_month_day, "daynum": s_daynum, "phone": s_phone, "phone_part": s_phone_part, "fax": s_phone,
    "otp": s_otp, "cvv": s_cvv, "initials": s_initials, "house": s_house, "ip_part": s_ip_part,
    "ext": s_ext, "street": s_street, "streetname": s_streetname, "unit": s_unit, "city": s_city, "county": s_county, "zip": s_zip, "postcode": s_postcode, "address": s_address,
    "email": s_email, "ssn": s_ssn, "ssn4": s_ssn4, "mrn": s_mrn, "member": s_member, "group": s_group, "account": s_account, "claim": s_claim, "card": s_card, "card4": s_ssn4,
    "rx": s_rx, "license": s_license, "plate": s_plate, "serial": s_serial, "login": s_login, "ref": s_ref, "code": s_code, "age90": s_age90, "url": s_url, "ip": s_ip,
    "employer": s_employer, "staff": s_staff, "clinic": s_clinic, "state": s_state, "year": s_year, "weekday": s_weekday, "time": s_time, "age": s_age, "dose": s_dose, "lab": s_lab,
    "bp": s_bp, "temp": s_temp, "weight": s_weight, "height": s_height, "duration": s_duration, "price": s_price, "count": s_count, "percent": s_percent, "bignum": s_bignum,
    "drug": listed("drug"), "disease": listed("disease"), "insurer": listed("insurer"), "specialty": listed("specialty"), "symptom": listed("symptom"), "bodypart": listed("bodypart"),
    "test": listed("test"), "food": listed("food"), "weekly": s_weekly,
}
SPOKEN_PHI = {"full", "first", "last", "maiden", "nick", "name3"}

# ---------------------------------------------------------------------------------------------- templates


class Bad(Exception):
    pass


def parse(text):
    """a template as a list of str | ('slot', name) | ('choice', [lists])"""
    pos = 0

    def seq(stop):
        nonlocal pos
        out, buf = [], ""
        while pos < len(text):
            ch = text[pos]
            if ch == "{":
                end = text.find("}", pos)
                if end < 0:
                    raise Bad("'{' without '}'")
                name = text[pos + 1:end]
                if name not in SLOTS:
                    raise Bad("unknown slot {%s}" % name)
                if buf:
                    out.append(buf)
                    buf = ""
                out.append(("slot", name))
                pos = end + 1
            elif ch == "}":
                raise Bad("'}' without '{'")
            elif ch == "(":
                pos += 1
                if buf:
                    out.append(buf)
                    buf = ""
                options = []
                while True:
                    options.append(seq("|)"))
                    if pos >= len(text):
                        raise Bad("'(' without ')'")
                    pos += 1
                    if text[pos - 1] == ")":
                        break
                out.append(("choice", options))
            elif ch in stop:
                break
            elif ch in "|)":
                raise Bad("'%s' outside brackets" % ch)
            else:
                buf += ch
                pos += 1
        if buf:
            out.append(buf)
        return out

    return seq("")


def read_templates(folder):
    """[(file, [(question or None, text, words in fixed text)])], number of bad lines"""
    files, bad = [], 0
    for path in sorted(glob.glob(os.path.join(folder, "*.txt"))):
        rows = []
        with open(path, encoding="utf-8") as fh:
            for n, line in enumerate(fh, 1):
                line = line.strip()
                if not line or line.startswith("#"):
                    continue
                q, sep, t = line.partition(">>")
                if not sep:
                    q, t = "", line
                try:
                    t = t.strip()
                    if not t:
                        raise Bad("no text")
                    if ">>" in t:
                        raise Bad("'>>' twice")
                    fixed = len(re.findall(r"[A-Za-z']+", re.sub(r"\{\w+\}", " ", t)))
                    rows.append((parse(q.strip()) if sep and q.strip() else None, parse(t), fixed))
                except Bad as e:
                    bad += 1
                    sys.stderr.write("%s:%d: %s\n" % (path, n, e))
        if rows:
            files.append((os.path.basename(path), rows))
    return files, bad


def expand(c, node, out):
    """appends the pieces [text, tag, slot] of a template"""
    for i, x in enumerate(node):
        if isinstance(x, str):
            out.append([x, None, None])
            if ". " in x or len(x) > 30:
                c.spelled.clear()
            c.before = x
        elif x[0] == "choice":
            expand(c, c.r.choice(x[1]), out)
        else:
            nxt = node[i + 1] if i + 1 < len(node) else ""
            c.after = nxt.lower() if isinstance(nxt, str) else ""
            for t, tag in SLOTS[x[1]](c):
                out.append([t, tag, x[1]])
                c.before = t


# ---------------------------------------------------------------------------------------------- style of the fixed text

SYMBOL = {"%": " percent", "&": " and ", "+": " plus ", "@": " at ", "=": " equals ", "#": " number ", "/": " ", "°": " degrees"}
NUMBERISH = re.compile(r"(\$|£)?(\d{1,3}(?:,\d{3})+|\d+)(?:([.:])(\d+))?(st|nd|rd|th|s|'s\b)?(?![\d])")


def number_words(c, m):
    money, a, sep, b, tail = m.groups()
    n = int(a.replace(",", ""))
    if sep == ":":
        s = words(n) + (" " + (words(int(b)) if int(b) > 9 else c.digit("0") + " " + words(int(b))) if int(b) else "")
    elif sep == "." and money:
        s = words(n, c.link) + " dollars and " + words(int(b)) + " cents"
        money = None
    elif sep == ".":
        s = words(n, c.link) + " point " + one_by_one(c, b)
    elif tail in ("st", "nd", "rd", "th"):
        s = ordinal(n)
    elif len(a) == 4 and "," not in a and 1900 <= n <= 2030 and not money:
        s = say_year(c, n, True)
    elif a in ("911", "988", "411", "811", "111", "999", "211", "101", "112"):
        s = " ".join(ONES[int(d)] for d in a)
    elif a[0] == "0" and a != "0":
        s = one_by_one(c, a)
    elif not money and "," not in a and len(a) == 4 and c.p(0.65):
        s = say(c, a, "pairs")
    elif not money and len(a) == 3 and a[1:] != "00" and c.p(0.5):
        s = ONES[n // 100] + " " + pair(c, a[1:])
    else:
        s = words(n, c.link)
    if money:
        s += " dollars" if money == "$" else " pounds"
    decade = len(a) == 4 and 1900 <= n <= 2030 and n % 10 == 0 or len(a) == 2 and n % 10 == 0 and re.search(r"(?i)\b(the|early|late|mid|my|his|her|their|our)\W+$", m.string[:m.start()])
    if tail == "'s" and (money or not decade):
        # "port 443's open"
        s += "'s"
    elif tail in ("s", "'s"):
        if len(a) == 4 and decade and n % 100:
            s = words(n // 100) + " " + words(n % 100)
        s = s[:-1] + "ies" if s.endswith("y") else s + ("es" if s.endswith("x") else "s")
    return " " + s + " "


RAW_KEEP = re.compile(r"[^a-z\u00df-\u024f' ]+")


def raw_text(c, s):
    if not s.isascii():
        s = s.replace("’", "'").replace("–", " ").replace("—", " ")
        if not c.p(0.1):
            s = fold(s) if "£" not in s and "°" not in s else s
    if any(ch.isdigit() for ch in s):
        s = re.sub(r"24/7", "24 7", s)
        s = re.sub(r"(\d)\s*mg\b", lambda m: m.group(1) + " " + c.r.choice(UNITS["mg"]), s)
        s = NUMBERISH.sub(lambda m: number_words(c, m), s)
    for k, v in SYMBOL.items():
        if k in s:
            s = s.replace(k, v)
    if "." in s:
        s = re.sub(r"\b(Dr|Mr|Mrs|Ms|St)\.", lambda m: ({"Dr": "doctor", "Mr": "mister", "Mrs": "missus", "Ms": "miss", "St": "saint"}[m.group(1)] if c.p(0.4) else m.group(1)), s)
        s = re.sub(r"\b([A-Za-z])\.(?=[A-Za-z]\b)", r"\1 ", s)
    s = s.lower()
    head = ""
    if s.startswith("'") and s[1:2].isalpha():
        # "{first}'s": the apostrophe belongs to the value before
        head, s = c.pick({"'": 88, "": 9, " ": 3}), s[1:]
    s = re.sub(r"(?<![a-z])'|'(?![a-z])", " ", s)
    return head + RAW_KEEP.sub(" ", s)


WORDNUM = {w: str(i) for i, w in enumerate(ONES) if 2 <= i <= 12}


def style_piece(c, piece):
    t, tag, slot = piece
    if c.raw:
        if tag and tag[0] in ("PHONE", "ID", "ADDRESS") and any(ch.isdigit() for ch in t):
            # digits a raw recogniser left
            return " ".join(re.sub(r"[^a-z0-9' ]+", " ", fold(t).lower()).split())
        return raw_text(c, t)
    mode = c.mode
    if c.asr and tag and tag[0] in ("NAME", "ADDRESS") and t[:1].isupper() and " " in t and t.replace(" ", "").isalpha() and c.p(0.07):
        # a family name or a street that the recogniser took for a word
        head, _, last = t.rpartition(" ")
        t = head + " " + last.lower() if len(last) > 1 else t
    elif c.asr and tag and tag[0] in ("NAME", "ADDRESS", "ORG_EMPLOYER") and slot not in ("spell_first", "spell_last", "postcode", "zip") and c.p(0.03):
        t = t.lower()
    if c.asr and tag is None and slot is None and c.p(0.2):
        t = re.sub(r"\b(two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?= (?!of|or|and|more)[a-z]+s\b)", lambda m: WORDNUM[m.group(1)], t)
    if mode == "full":
        return t
    if mode in ("nocap", "bare"):
        if not (tag is not None and c.p(0.25) and mode == "bare" and c.asr):
            t = t.lower()
    if mode in ("nopunct", "bare"):
        if tag is None:
            t = re.sub(r"[.,?!;:\u2026\"]+(?=\s|$)", "", t)
            t = re.sub(r"\s[-\u2013\u2014]+\s", " ", t)
        else:
            t = re.sub(r"[.,?!;:]+(?=\s|$)", "", t)
        if c.typed and tag is None and c.p(0.5):
            t = t.replace("'", "")
    if mode == "noapos" and tag is None:
        t = t.replace("'", "")
    if mode == "caps":
        t = t.upper() if "@" not in t else t
    if mode == "wrong" and tag is None:
        t = re.sub(r"\b[a-z]{4,}\b", lambda m: m.group(0).capitalize() if c.p(0.12) else m.group(0), t)
    return t


# ---------------------------------------------------------------------------------------------- noise

ALIKE = [("c", "k"), ("k", "c"), ("ph", "f"), ("f", "ph"), ("th", "t"), ("ie", "y"), ("y", "ie"), ("i", "y"), ("s", "z"), ("z", "s"), ("ee", "ea"), ("ai", "ay"), ("ei", "ie"), ("nn", "n"), ("n", "nn"),
         ("ll", "l"), ("l", "ll"), ("tt", "t"), ("t", "tt"), ("ck", "k"), ("sch", "sh"), ("sh", "ch"), ("j", "g"), ("g", "j"), ("w", "v"), ("v", "w"), ("a", "e"), ("e", "a"), ("o", "u"), ("u", "o"),
         ("er", "a"), ("a", "er"), ("ow", "au"), ("rr", "r"), ("gh", ""), ("h", ""), ("qu", "kw"), ("x", "ks"), ("m", "n"), ("b", "p"), ("d", "t"), ("on", "en"), ("en", "an"), ("son", "sen")]
SYLL = re.compile(r"^([A-Za-z]*?[aeiouy][a-z]?)([bcdfghjklmnpqrstvwxz][a-z]{2,})$")


def mishear_name(c, n):
    """a name as a recogniser without a dictionary might hear it"""
    parts = n.split(" ")
    i = c.r.randrange(len(parts))
    w = parts[i]
    whole = n.lower() in L.heard and c.p(0.5)
    sounds = L.heard.get(n.lower() if whole else w.lower())
    if sounds and c.p(0.6):
        sound = c.r.choice(sounds[:c.r.randint(1, len(sounds))])
        if not c.raw:
            sound = sound.title() if c.p(0.3) else sound.capitalize() if c.p(0.5) else sound
        if whole:
            return sound
        parts[i] = sound
        return " ".join(parts)
    if len(w) < 3 or not w.isalpha():
        return n
    k = c.r.random()
    if k < 0.55:
        low = w.lower()
        fits = [x for x in ALIKE if x[0] in low[1:] or low.startswith(x[0]) and x[1]]
        if fits:
            a, b = c.r.choice(fits)
            j = low.find(a, 0 if c.p(0.5) and b else 1)
            j = low.find(a) if j < 0 else j
            if j == 0 and not b:
                return n
            low = low[:j] + b + low[j + len(a):]
            w = low.capitalize() if w[0].isupper() else low
    elif k < 0.7:
        j = c.r.randrange(1, len(w))
        w = c.r.choice([w[:j] + w[j + 1:], w[:j] + w[j] + w[j:], w[:j] + c.r.choice("aeiourstln") + w[j + 1:]])
    elif k < 0.88:
        m = SYLL.match(w)
        if len(w) > 4 and (not m or c.p(0.3)):
            # torn anywhere: "or ange", "san drah"
            j = c.r.randrange(2, len(w) - 2)
            w = w[:j] + " " + w[j:] + ("h" if w.endswith(("a", "o")) and c.p(0.4) else "")
        elif m and len(w) > 4:
            w = m.group(1) + " " + (m.group(2) if c.raw or c.p(0.6) else m.group(2).capitalize())
    elif len(parts) > 1:
        return (parts[0] + "".join(x.lower() for x in parts[1:2]) + (" " + " ".join(parts[2:]) if len(parts) > 2 else ""))
    parts[i] = w
    return " ".join(parts)


def mishear_value(c, t, rate=0.35):
    """digits and letters inside an identifier as homophones, or half in digits"""
    out = []
    changed = 0
    for w in t.split(" "):
        low = w.lower()
        core = low.strip(",.")
        if changed < 3 and c.p(rate):
            if len(core) == 1 and core.isalpha():
                w = c.r.choice(LETTER_HEARD[core].split(" ") if core != "w" else ["double you", "double u"]) + w[len(core):]
                changed += 1
            elif core in DIGIT_HEARD:
                w = c.r.choice(DIGIT_HEARD[core].split()) + low[len(core):]
                changed += 1
            elif c.asr and core in ONES:
                w = str(ONES.index(core)) + low[len(core):]
                changed += 1
            elif c.asr and len(core) == 1 and core.isdigit():
                w = ONES[int(core)] + low[1:]
                changed += 1
        out.append(w)
    return " ".join(w for w in out if w)


def mishear_date(c, t):
    """a printed date with a number heard as a word, run together or torn apart"""
    k = c.r.random()
    if k < 0.35:
        return re.sub(r"\b(4|2|8|1|4th|1st|8th|2nd|10)\b", lambda m: {"4": "for", "2": "to", "8": "ate", "1": "one", "4th": "forth", "1st": "first", "8th": "eight", "2nd": "second", "10": "ten"}[m.group(1)], t, count=1)
    if k < 0.55:
        return re.sub(r"(\d{2})[ /](\d{2})\b", r"\1\2", t, count=1)
    if k < 0.75:
        return re.sub(r"\b(19|20)(\d\d)\b", lambda m: m.group(1) + c.r.choice([" ", " ", ", "]) + m.group(2), t)
    if k < 0.9:
        return re.sub(r"(\d)(st|nd|rd|th)\b", r"\1", t)
    return t.replace(" ", ", ", 1)


def noise_fixed(c, t):
    ws = t.split(" ")
    for _ in range(c.r.choice([1, 1, 2, 3])):
        at = [i for i, w in enumerate(ws) if w.rstrip(",.?!").lower() in SMALL_HEARD]
        k = c.r.random()
        if not at:
            break
        i = c.r.choice(at)
        core = ws[i].rstrip(",.?!")
        if k < 0.45:
            heard = c.r.choice(SMALL_HEARD[core.lower()].split(","))
            ws[i] = (heard.capitalize() if core[:1].isupper() and not c.raw else heard) + ws[i][len(core):]
        elif k < 0.75:
            ws[i] = ws[i][len(core):] if len(core) < 4 else ws[i]
        else:
            ws[i] = core + " " + ws[i]
    return " ".join(ws)


def mishear_street(c, t):
    """the words of an address as everyday words: 'maple straight', 'mill rode'"""
    ws = t.split(" ")
    at = [i for i, w in enumerate(ws) if w.strip(",.").lower() in STREET_HEARD]
    if not at:
        return mishear_name(c, t)
    i = c.r.choice(at)
    core = ws[i].strip(",.")
    heard = c.r.choice(STREET_HEARD[core.lower()].split("/")).replace("_", " ")
    ws[i] = ws[i].replace(core, heard.capitalize() if core[0].isupper() and c.p(0.5) else heard)
    return " ".join(ws)


def slip(c, pieces):
    """one value misheard in a case that is clear otherwise"""
    for p in pieces:
        t, tag, slot = p
        if tag is None or not t.strip() or not c.odd("slip"):
            continue
        if tag[0] == "ADDRESS" and slot in ("street", "streetname", "address", "unit"):
            p[0] = mishear_street(c, t)
        elif tag[0] in ("NAME", "ORG_EMPLOYER", "ADDRESS") and slot not in ("spell_first", "spell_last", "initials", "zip", "postcode", "house"):
            p[0] = mishear_name(c, t)
        else:
            p[0] = mishear_value(c, t, 0.3)


def run_on(c, before, p):
    """a name run together with the small word before it, which then belongs to the value: "this is" + "andrew" -> "isandrew" """
    m = re.search(r"^(.* )?(is|for|from|and|with|to|it's|a|of|the|miss|in)\s$", before[0])
    if m and p[0][:1].isalpha():
        before[0], p[0] = m.group(1) or "", m.group(2).replace("'", "") + (p[0][0].lower() + p[0][1:])


def noise(c, pieces):
    for n, p in enumerate(pieces):
        t, tag, slot = p
        if not t.strip():
            continue
        if n and tag and tag[0] == "NAME" and slot in SPOKEN_PHI and pieces[n - 1][1] is None and c.p(0.06):
            run_on(c, pieces[n - 1], p)
            continue
        if tag is None:
            if slot is None and c.p(0.6):
                p[0] = noise_fixed(c, t)
            elif slot in ("age", "lab", "bp", "dose", "count", "duration", "weight") and c.p(0.4):
                p[0] = mishear_value(c, t, 0.2)
            continue
        label = tag[0]
        if label == "NAME" or label == "ADDRESS" and slot in ("city", "streetname", "county") or label == "ORG_EMPLOYER":
            if slot in ("spell_first", "spell_last", "initials") or slot == "said_spelled" and re.match(r"\w\W", t):
                if c.p(0.5):
                    p[0] = mishear_value(c, t, 0.2)
            elif c.p(0.45):
                p[0] = mishear_name(c, t)
        elif label == "ADDRESS" and slot in ("street", "address", "unit") and c.p(0.35):
            p[0] = mishear_street(c, t)
        elif label == "DATE" and c.asr and c.p(0.4):
            p[0] = mishear_date(c, t)
        elif c.p(0.5):
            p[0] = mishear_value(c, t, 0.2)


def fill_fixed(c, pieces):
    """fillers and repeated words in the fixed text of spoken styles"""
    for _ in range(c.r.choice([1, 1, 2])):
        at = [p for p in pieces if p[1] is None and p[2] is None and p[0].count(" ") >= 2]
        if not at:
            return
        p = c.r.choice(at)
        ws = p[0].split(" ")
        i = c.r.randrange(1, len(ws))
        if c.p(0.3) and ws[i - 1].isalpha() and len(ws[i - 1]) < 6:
            ws.insert(i, ws[i - 1].lower() if not ws[i - 1] == "I" else "I")
        else:
            f = c.r.choice(FILLERS[:11] + ["well", "I mean"])
            ws.insert(i, f + "," if c.asr and c.p(0.5) else f)
        p[0] = " ".join(ws)


TYPO_NEAR = dict(zip("abcdefghijklmnopqrstuvwxyz", "s v x s w d f g u h j k n b i o w e a r y c e z t x".split()))


def typo(c, pieces):
    p = c.r.choice(pieces)
    t = p[0]
    spots = [i for i in range(1, len(t) - 1) if t[i].isalpha() and t[i - 1].isalpha() and t[i].isascii()]
    if not spots or p[1] and p[1][0] not in ("NAME", "ADDRESS", "DATE"):
        return
    i = c.r.choice(spots)
    p[0] = c.r.choice([t[:i] + t[i + 1:], t[:i] + t[i] + t[i:], t[:i] + TYPO_NEAR[t[i].lower()] + t[i + 1:], t[:i - 1] + t[i] + t[i - 1] + t[i + 1:]])


CHAT = [(" you ", " u "), (" are ", " r "), ("please", "pls"), ("thanks", "thx"), ("because", "cuz"), (" your ", " ur "), ("appointment", "appt"), ("Okay", "ok"), ("tomorrow", "tmrw"), (" and ", " & ")]


# ---------------------------------------------------------------------------------------------- a case

NEUTRAL = ["Okay.", "How can I help you today?", "Go ahead.", "Mm hmm.", "Thanks for calling, how may I help you?", "Sure.", "Hello?", "I'm listening.", "All right.", "Sorry, could you say that again?",
           "Is there anything else?", "What can I do for you?", "Thank you.", "One moment please.", "How may I direct your call?"]


def assemble(pieces):
    text, spans = "", []
    for t, tag, slot in pieces:
        t = re.sub(r"\s+", " ", t)
        if tag is not None:
            lead = t.startswith(" ")
            t = t.strip(" ,;")
            if lead and text and not text.endswith(" "):
                text += " "
        if not text or text.endswith(" "):
            t = t.lstrip(" ")
        if not t:
            continue
        if tag is not None:
            # what stands at the ends and is no part of a value
            s = {"start": len(text), "end": len(text) + len(t), "label": tag[0]}
            if tag[1]:
                s["optional"] = True
            spans.append(s)
        text += t
    for s, after in zip(spans, spans[1:] + [None]):
        # an s without its apostrophe belongs to the word
        while s["end"] < (after["start"] if after else len(text)) and text[s["end"]].isalnum():
            s["end"] += 1
    return text.rstrip(), spans


def tidy(pieces):
    """'J.' before a full stop gives one full stop"""
    for a, b in zip(pieces, pieces[1:]):
        if a[0].endswith(".") and b[0].startswith(".") and not b[0].startswith(".."):
            b[0] = b[0][1:]
        elif a[1] is not None and a[0].endswith(".") and b[0].startswith((",", "?", "!")):
            a[0] = a[0][:-1]


def capital(c, pieces):
    """recognisers print a capital at the start and after a full stop"""
    start = True
    for p in pieces:
        t = p[0]
        if not t.strip():
            continue
        if start and not (p[1] and p[1][0] in ("EMAIL", "URL")):
            i = len(t) - len(t.lstrip(" "))
            if i < len(t) and t[i].isalpha():
                p[0] = t = t[:i] + t[i].upper() + t[i + 1:]
        start = bool(re.search(r"[.?!]\s*$", t)) and p[1] is None


# The share of cases that hold sentences of WordNet's examples; they name nobody.
PLAIN = 0.14
# The share of cases cut into words as corpora of transcripts often are: "do n't", "it 's", " ,".
CUT_UP = 0.025


def cut_up(pieces):
    for p in pieces:
        if p[1] is None:
            t = re.sub(r"(?i)(?<=\w)(n't|'s|'m|'re|'ve|'ll|'d)\b", r" \1", p[0])
            p[0] = re.sub(r"(?i)\b(gon|wan|got)(na|ta)\b", r"\1 \2", re.sub(r"(?<=\w)([.,?!])(?=\s|$)", r" \1", t))


def sentence(r, c):
    out = []
    for _ in range(r.choice([1, 1, 1, 2])):
        t = r.choice(L.sentences).rstrip(".,;")
        t = t[0].upper() + t[1:] if not c.raw and r.random() < 0.7 else t
        out.append(t + ("." if t[-1].isalnum() else ""))
    return " ".join(out)


def make_case(r, files, flat, number_of):
    x = r.random()
    c = Case(r, "asr_raw" if x < 0.45 else "asr" if x < 0.8 else "written")
    f, i = flat[int(r.random() * len(flat))]
    rows = files[f][1]
    q, t, fixed = rows[i]
    if r.random() < PLAIN:
        # plain English that no template foresaw, alone or after a template's words
        plain = sentence(r, c)
        q, t, fixed = (None, [plain], 5) if q is not None or r.random() < 0.8 else (q, list(t) + [" " + plain], fixed)
    prev, pieces = "", []
    if q is not None:
        asked = []
        expand(c, q, asked)
        c.before = ""
        c.asked, c.said, c.spelled = c.said, {}, {}
        if not (fixed >= 4 and r.random() < 0.05):
            prev = "".join(p[0] for p in asked)
    elif r.random() < 0.12:
        prev = r.choice(NEUTRAL)
    expand(c, t, pieces)
    values = [p for p in pieces if p[2]]
    lone = False
    if q is not None and len({id(s) for s in t if isinstance(s, tuple) and s[0] == "slot"}) == 1 and not any(isinstance(s, tuple) and s[0] == "choice" for s in t) and r.random() < 0.12:
        # an answer that is the value alone
        pieces, lone = [list(p) for p in values], True
    elif r.random() < 0.15:
        # a long turn
        for _ in range(r.choice([1, 1, 2, 3])):
            for _try in range(8):
                q2, t2, fixed2 = rows[int(r.random() * len(rows))]
                if q2 is None or fixed2 >= 5:
                    break
            else:
                continue
            pieces.append([r.choice([" ", " ", " and ", " um ", " so "]) if not c.typed else " ", None, None])
            c.before, c.spelled = "", {}
            expand(c, t2, pieces)
    if not c.typed and pieces and pieces[0][1] is not None and r.random() < 0.1:
        lead = r.choice(["uh", "um", "yeah", "it's", "sure", "okay so", "uh it's", "yes", "so", "that's", "well", "right", "I think it's", "um yeah"])
        pieces.insert(0, [lead + (", " if c.asr and c.p(0.5) and not lead.endswith("s") else " "), None, None])
        if r.random() < 0.3:
            pieces.append([r.choice([" please", " thanks", " okay", " yeah", " thank you", " ma'am", " sir", " I think", " got it"]), None, None])
    if not c.typed and r.random() < (0.3 if c.raw else 0.18):
        fill_fixed(c, pieces)
    if not c.typed and r.random() < 0.04 and len(pieces) > 1:
        # cut off by the end of the recording or by the recogniser
        k = r.randrange(len(pieces))
        p = pieces[k]
        ws = p[0].split(" ")
        if len(ws) > 2 and not (p[1] and p[1][0] == "NAME"):
            n = r.randrange((len(ws) + 1) // 2, len(ws))
            pieces = pieces[:k] + [[" ".join(ws[:n]), p[1], p[2]]]
    if c.typed and r.random() < 0.12:
        typo(c, pieces)
    if c.typed and c.mode != "full" and r.random() < 0.15:
        for p in pieces:
            if p[1] is None:
                for a, b in CHAT:
                    if a in p[0] and r.random() < 0.6:
                        p[0] = p[0].replace(a, b)
    noisy = not c.typed and r.random() < 0.25
    if noisy:
        noise(c, pieces)
    elif not c.typed:
        slip(c, pieces)
    if not c.raw:
        tidy(pieces)
        if c.mode in ("full", "nopunct", "wrong") and (c.asr or r.random() < 0.9):
            capital(c, pieces)
    pieces = [[style_piece(c, p), p[1], p[2]] for p in pieces]
    if not c.raw and r.random() < 0.35:
        for p in pieces:
            if p[1] is None:
                p[0] = re.sub(r"\b[Oo]kay\b", "OK", p[0])
    if r.random() < CUT_UP:
        cut_up(pieces)
    text, spans = assemble(pieces)
    if lone and not c.raw and c.mode == "full" and r.random() < 0.6 and not text.endswith("."):
        text += "."
    elif c.asr and c.mode == "full" and text and text[-1].isalnum() and r.random() < 0.7:
        text += "."
    if c.raw and prev:
        prev = " ".join(raw_text(c, prev).split()) if r.random() < 0.75 else prev
    elif c.mode in ("nocap", "bare") and prev and r.random() < 0.4:
        prev = prev.lower() if c.mode == "nocap" else re.sub(r"[.,?!]+(?=\s|$)", "", prev.lower())
    if not text:
        return None
    return {"id": "gen-%06d" % number_of, "prev": prev, "text": text, "spans": spans, "style": c.style, "source": "generated"}


def cases(args):
    global L
    L = Lists()
    files, bad = read_templates(args.templates)
    if not files:
        sys.exit("generate: no templates in " + args.templates)
    flat = [(f, i) for f, (_, rows) in enumerate(files) for i in range(len(rows))]
    r = random.Random(args.seed)
    n = 0
    while n < args.count:
        case = make_case(r, files, flat, n)
        if case:
            n += 1
            yield case


def marked(case):
    t = case["text"]
    for s in sorted(case["spans"], key=lambda s: -s["start"]):
        t = t[:s["start"]] + "[" + t[s["start"]:s["end"]] + "]" + ("?" if s.get("optional") else "") + s["label"][0] + t[s["end"]:]
    return "%-8s %s>> %s" % (case["style"], case["prev"] + " " if case["prev"] else "", t)


def selfcheck(args):
    labels, styles, fails, empty = {}, {}, 0, 0
    n = 0
    for case in cases(args):
        n += 1
        styles[case["style"]] = styles.get(case["style"], 0) + 1
        end, t = 0, case["text"]
        empty += not case["spans"]
        why = ""
        for s in case["spans"]:
            v = t[s["start"]:s["end"]]
            key = s["label"] + ("?" if s.get("optional") else "")
            labels[key] = labels.get(key, 0) + 1
            if s["start"] < end or s["end"] > len(t) or not v or v != v.strip() or not any(ch.isalnum() for ch in v):
                why = "span %r" % v
            end = s["end"]
        if case["style"] == "asr_raw" and re.search(r"[A-Z.,?!]", t):
            why = "not raw"
        if t != t.strip() or "  " in t or "{" in t or "|" in t:
            why = "text"
        if why:
            fails += 1
            if fails < 20:
                print(why, marked(case))
    print("%d cases, %d without spans, %d bad; styles %s" % (n, empty, fails, styles))
    print(", ".join("%s %d" % x for x in sorted(labels.items())))
    return 1 if fails else 0


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--count", type=int)
    a.add_argument("--templates", default=os.path.join(HERE, "templates"))
    a.add_argument("--out")
    a.add_argument("--check", action="store_true")
    a.add_argument("--selfcheck", action="store_true")
    a.add_argument("--show", type=int)
    a.add_argument("--style")
    a.add_argument("--only")
    args = a.parse_args()
    if args.check:
        files, bad = read_templates(args.templates)
        print("%d templates in %d files, %d bad lines" % (sum(len(x[1]) for x in files), len(files), bad))
        sys.exit(1 if bad or not files else 0)
    if args.selfcheck:
        args.count = args.count or 20000
        sys.exit(selfcheck(args))
    if args.show:
        args.count, shown = 10 ** 9, 0
        for case in cases(args):
            if (not args.style or case["style"] == args.style) and (not args.only or args.only in marked(case)):
                print(marked(case))
                shown += 1
                if shown >= args.show:
                    return
    args.count = 120000 if args.count is None else args.count
    out = open(args.out, "w", encoding="utf-8") if args.out else sys.stdout
    for case in cases(args):
        out.write(json.dumps(case, ensure_ascii=False) + "\n")


main()
