#!/usr/bin/env python3
"""Makes lists/heard.txt.gz: how a telephone speech recogniser that does not know a name might print it in ordinary words.
Python 3.8+, standard library only; the same file each time. usage: heard.py   (some 40 seconds)
HEARD_SHOW=1 heard.py prints it with kinds, costs and phonemes instead, for a person to read.

One name a line, sorted: name<TAB>alt1/alt2/..., best first, lower-case ASCII.

Data: pocketsphinx-en-us (cmudict-en-us.dict: pronunciations; en-us.lm.bin: how common a word is; both BSD licence);
words.txt (SCOWL) of src/redact/lists; the name lists of models/tagger/lists.
Way: name -> phonemes (SAID, then the dictionary, then for tongues that spell as they speak RULES, else letter-to-sound learnt
from the dictionary's names); then a search over cuts of the phonemes into one to four words (class Words finds words that sound
near a piece; find() puts pieces together).
"""
import collections, gzip, math, multiprocessing, os, random, re, struct, sys, unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
LISTS = os.path.join(HERE, "lists")
SPHINX = "/usr/share/pocketsphinx/model/en-us"
SEED, MOST = 1, 5

VULGAR = re.compile(r"fuck|shit|piss|cunt|bitch|whor|slut|bastard|turd|fart|nigg|fagg?s?$|mastur|sex|porn|horny|orgy|wank|penis|vagin|boob|"
                    r"^(ass|asses|tits?|rape[ds]?|queers?|damn(ed)?|crap\w*|kikes?|wops?|spics?|chinks?|coons?|negro(es)?|jew(s|ed)?|nude|"
                    r"hooker|pimps?|cocks?|pricks?|hump(s|ed)?|anal|anus|rectum|suck\w*|gays?|dykes?|homo|nazis?|hell|gooks?|japs?|dicks?|pee|"
                    r"poop|tramp|nun|butt|butts|nipple|breasts?|arse|hag|retard\w*|gypsy|gyp|hos?|ho|hoes?)$")

# ---------------------------------------------------------------------------------------------- sounds

VOWELS = "IY IH EY EH AE AH AA AO OW UH UW AY AW OY".split()
NEAR = {}


def near(text):
    for item in text.split(","):
        a, b, c = item.split()
        NEAR[a, b] = NEAR[b, a] = float(c)


PLACE = {"IY": (0, 0), "IH": (.8, .6), "EY": (1.3, .2), "EH": (1.8, .6), "AE": (2.6, .8), "AH": (1.7, 1.6), "AA": (2.8, 2.2), "AO": (2.2, 2.8),
         "OW": (1.3, 2.8), "UH": (.8, 2.3), "UW": (0, 2.6), "AY": (2.2, 1.2), "AW": (2.4, 1.8), "OY": (1.4, 2.1)}
for a in VOWELS:
    for b in VOWELS:
        if a != b:
            c = .15 + .33 * math.dist(PLACE[a], PLACE[b]) + (.2 if (a in ("AY", "AW", "OY")) != (b in ("AY", "AW", "OY")) else 0)
            NEAR[a, b] = c
near("IY IH .3,UW UH .25,AA AO .12,AH IH .25,AH UH .2,AH EH .4,AH AE .45,AH AA .38,AH AO .5,AH OW .5,AH UW .65,AH IY .75,AH EY .75,EH AE .3,EH IH .32,"
     "EY EH .35,EY IY .6,EY AE .5,OW AO .3,OW UH .5,OW UW .6,AY AA .5,AY OY .5,AW AA .45,AW OW .55,AY IH .8,AY EY .6,AH AW .7,AH AY .75,OW AA .45,AE AA .4")
near("P B .3,T D .25,K G .3,S Z .18,F V .3,TH DH .2,SH ZH .2,CH JH .35,M N .4,N NG .35,M NG .6,SH CH .4,JH ZH .2,SH S .5,Z ZH .45,F TH .3,V DH .5,"
     "TH S .5,T TH .35,D DH .3,V B .5,F P .6,V W .5,L R .75,W R .7,Y JH .6,K HH .8,D JH .55,T CH .5,SH JH .5,S CH .6,Z JH .6,ZH CH .5,F HH .7,DH Z .5,TH Z .6,"
     "P T .75,K T .75,P K .8,B D .75,G D .75,B G .8,L N .8,L W .65")
# What may vanish from the name, what may come in: cost by sound.
GONE = {"AH": .45, "HH": .3, "Y": .4, "W": .55, "R": .7, "T": .8, "D": .7, "IH": .65, "N": .9, "L": .9}
COMES = {"HH": .35, "AH": .5, "Y": .4, "W": .5, "R": .75, "T": .6, "D": .55, "IH": .7, "N": .85}
# Rough classes to look words up by; and what else a class may be taken for.
ROUGH = dict(zip("P B T D TH DH K G F V S Z SH ZH CH JH M N NG L R W Y HH".split(), "PPTTTTKKFFSSCCCCNNNLRWYH"))
ROUGH.update((v, "a") for v in VOWELS)
ALSO = {"T": "CFS", "P": "FT", "K": "HT", "F": "TPW", "S": "CT", "C": "STY", "L": "RW", "R": "LW", "W": "FRL", "Y": "C", "H": "KF"}


def unfold(phones):
    out = []
    for p in phones:
        out.extend(("AH", "R") if p == "ER" else (p,))
    return tuple(out)


def read_dict():
    said = {}
    with open(os.path.join(SPHINX, "cmudict-en-us.dict"), encoding="latin-1") as fh:
        for line in fh:
            word, *phones = line.split()
            word = re.sub(r"\(\d+\)$", "", word)
            said.setdefault(word, []).append(tuple(phones))
    return said


def read_common():
    """log10 of how often a word comes, from the words of Sphinx's language model"""
    with open(os.path.join(SPHINX, "en-us.lm.bin"), "rb") as fh:
        data = fh.read()
    order = data[19]
    counts = struct.unpack_from("<%dI" % order, data, 20)
    at = 20 + 4 * order + 4 + 4 * 65536 * (2 * (order - 2) + 1)
    names = data[:-1].rsplit(b"\0", counts[0])[1:]
    return {w.decode("latin-1"): struct.unpack_from("<f", data, at + 12 * i)[0] * math.log10(1.0001) for i, w in enumerate(names)}


# ---------------------------------------------------------------------------------------------- how names are said

# Names whose sound neither the dictionary nor the rules get right.
SAID_TEXT = """siobhan SH AH V AO N,niamh N IY V,saoirse S ER SH AH,aoife IY F AH,caoimhe K IY V AH,sinead SH AH N EY D,maeve M EY V,eoin OW AH N,
padraig P AO D R IH G,tadhg T AY G,oisin AH SH IY N,ciaran K IH R AH N,cillian K IH L IY AH N,grainne G R AO N Y AH,roisin R OW SH IY N,orlaith AO R L AH,
aisling AE SH L IH NG,eilidh EY L IY,ruairi R UH R IY,niall N AY AH L,eimear IY M ER,deirdre D IH R D R AH,fionnuala F AH N UW L AH,cathal K AE HH AH L,
nguyen W IH N,huynh HH W IH N,ng IH NG,pham F AA M,phan F AA N,phuong F UW NG,thuy T W IY,quyen K W IH N,duong D UW AO NG,dung Y UW NG,anh AA N,vuong V UW AO NG,
truong CH R UW AO NG,tran CH R AE N,trinh CH R IH N,hoang HH W AA NG,xiong SH AO NG,nghiem N IY M,nguyet N W IH T,khuu K UW,thao T AW,vue V UW,
bekele B EH K EY L IY,bekele B EH K AH L IY,tesfaye T EH S F AY,kebede K AH B EH D IY,abebe AH B EH B IY,haile HH AY L IY,girma G ER M AH,tadesse T AH D EH S IY,
gebre G EH B R EY,alemayehu AH L EH M AH Y UW,mulugeta M UW L UW G EH T AH,mekonnen M AH K OW N AH N,
xi SH IY,xu SH UW,xie SH IY EH,qin CH IH N,qiu CH UW,qian CH Y EH N,cao T S AW,zhang JH AA NG,zhao JH AW,zhou JH OW,zhu JH UW,xiao SH AW,jia JH Y AA,
xiaoming SH AW M IH NG,xiaoli SH AW L IY,li L IY,liu L Y UW,wang W AA NG,huang HH W AA NG,he HH AH,guo G W OW,luo L W OW,yu Y UW,hu HH UW,lu L UW,
joaquin W AA K IY N,jesus HH EY S UW S,jorge HH AO R HH EY,guillermo G IY Y EH R M OW,xochitl S OW CH IY,xiomara S IY OW M AA R AH,jimenez HH IH M EH N EH Z,
guadalupe G W AA D AH L UW P EY,guerrero G EH R EH R OW,quintanilla K IY N T AH N IY Y AH,villarreal V IY Y AH R IY AA L,yesenia Y EH S EH N IY AH,
wojciechowski W OY CH AH HH AW S K IY,szymanski SH IH M AE N S K IY,przybylski P SH IH B IH L S K IY,krzyzewski SH AH SH EH F S K IY,zbigniew Z B IH G N Y EH V,
grzegorz G ZH EH G AO SH,wojciech V OY CH EH K,andrzej AA N JH EY,tchaikovsky CH AY K AO F S K IY,dvorak D V AO R ZH AE K,szczepanski SH CH EH P AE N S K IY,
beauchamp B IY CH AH M,boudreaux B UW D R OW,thibodeaux T IH B AH D OW,robichaux R OW B IH SH OW,arceneaux AA R S AH N OW,breaux B R OW,guillory G IH L R IY,
gauthier G OW T Y EY,benoit B EH N W AA,duquesne D UW K EY N,dubois D UW B W AA,fontenot F AO N T AH N OW,hebert EY B EH R,landry L AE N D R IY,
chukwuemeka CH UW K W EH M EH K AH,nkechi N K EH CH IY,ngozi AH NG G OW Z IY,nkosi N K OW S IY,ndlovu N D L OW V UW,okafor OW K AA F AO R,
mkhize M K IY Z EY,mthembu M T EH M B UW,dlamini D L AA M IY N IY,sithole S IH T OW L EY,thabo T AA B OW,themba T EH M B AH,thandi T AA N D IY,thandiwe T AA N D IY W EY,
sipho S IY P OW,chipo CH IY P OW,tsosie S OW S IY,yazzie Y AE Z IY,begay B AH G EY,sequoia S AH K W OY AH,xhosa K OW S AH,
llewellyn L UW EH L AH N,lloyd L OY D,rhys R IY S,sian SH AA N,ffion F IY AH N,angharad AE NG HH AE R AH D,cholmondeley CH AH M L IY,featherstonehaugh F AE N SH AO,
worcester W UH S T ER,leicester L EH S T ER,gloucester G L AO S T ER,natchitoches N AE K AH T AH SH,schuyler S K AY L ER,puyallup P Y UW AE L AH P,
sequim S K W IH M,cairo K EH R OW,mahopac M EY AH P AE K,schenectady S K AH N EH K T AH D IY,tuscaloosa T AH S K AH L UW S AH,albuquerque AE L B AH K ER K IY,
poughkeepsie P AH K IH P S IY,prescott P R EH S K IH T,mackinac M AE K AH N AO,versailles V ER S EY L Z,desmoines D AH M OY N,joliet JH OW L IY EH T,
schwartz SH W AO R T S,mueller M Y UW L ER,koch K OW K,goethe G ER T AH,jaeger Y EY G ER,johannes Y OW HH AA N AH S,juergen Y ER G AH N,jurgen Y ER G AH N,
bjorn B Y AO R N,kjell CH EH L,sven S V EH N,jens Y EH N S,jan Y AA N,joost Y OW S T,pieter P IY T ER,anneke AE N AH K AH,willem W IH L AH M,
giuseppe JH UH S EH P IY,giovanni JH OW V AA N IY,guglielmo G UW L Y EH L M OW,luigi L UW IY JH IY,ciccone CH IH K OW N IY,
thuong T UW AO NG,yitzhak Y IH T S AA K,chaim HH AY IH M,moshe M OW SH EH,shlomo SH L OW M OW,yaakov Y AA K OW V,menachem M EH N AA HH AH M,
geico G AY K OW,hyatt HH AY AH T,lidl L IH D AH L,asda AE Z D AH,sainsbury's S EY N Z B ER IY Z,chipotle CH IH P OW T L EY,ikea AY K IY AH,wawa W AA W AA"""
SAID = {}
for item in SAID_TEXT.replace("\n", "").split(","):
    w, *ps = item.split()
    SAID.setdefault(w, []).append(tuple(ps))

# Tongues written as they are spoken: (pattern, sounds), the first that matches wins; by group extra rules come before.
RULES = [("tch", "CH"), ("tsch", "CH"), ("sch", "SH"), ("sh", "SH"), ("ch", "CH"), ("ph", "F"), ("kh", "K"), ("gh", "G"), ("dh", "D"), ("bh", "B"), ("jh", "JH"),
         ("th", "T"), ("zh", "ZH"), ("ng(?=[aeiou])", "NG G"), ("ng", "NG"), ("nk", "NG K"), ("qu(?=[aei])", "K W"), ("ck", "K"), ("cc", "K"), ("ts", "T S"), ("dz", "D Z"),
         ("ny(?=[aeiou])", "N Y"), ("aa", "AA"), ("ai|ay(?![aeiou])", "AY"), ("au|ao", "AW"), ("ei|ey(?![aeiou])", "EY"), ("ee", "IY"), ("ii", "IY"), ("oo|ou", "UW"), ("uu", "UW"),
         ("oi|oy(?![aeiou])", "OY"), ("ia(?=$)", "IY AH"), ("i(?=[aou])", "IY"), ("u(?=[aeio])", "W"), ("ar", "AA R"), ("er", "EH R"), ("or", "AO R"), ("ur", "UH R"), ("ir", "IH R"),
         ("a$", "AH"), ("e$", "EY"), ("(?<=^.)a", "AA"), ("a", "AA"), ("e", "EH"), ("i$", "IY"), ("i(?=[^aeiou][aeiou])", "IY"), ("i", "IH"), ("o", "OW"), ("u", "UW"),
         ("y$", "IY"), ("y(?=[aeiou])", "Y"), ("y", "IY"), ("b", "B"), ("c(?=[eiy])", "S"), ("c", "K"), ("d", "D"), ("f", "F"), ("g", "G"), ("h(?=[aeiouwy])", "HH"), ("h", ""),
         ("j", "JH"), ("k", "K"), ("l", "L"), ("m", "M"), ("n", "N"), ("p", "P"), ("q", "K"), ("r", "R"), ("s", "S"), ("t", "T"), ("v", "V"), ("w", "W"), ("x", "K S"), ("z", "Z")]
SLAVIC = [("szcz", "SH CH"), ("sz", "SH"), ("cz", "CH"), ("rz", "ZH"), ("ch", "K"), ("dzi", "JH IY"), ("ci(?=[aeou])", "CH"), ("c(?=$)", "CH"), ("c(?!h|k)", "T S"),
          ("wsk", "F S K"), ("w", "V"), ("ya", "Y AA"), ("y(?=[aeiou])", "Y"), ("y$", "IY"), ("y", "IH"), ("ie", "Y EH"), ("jj", "Y"), ("(?<=[nlv])j(?=[aeiou])", "Y"),
          ("ij$|iy$", "IY"), ("aj", "AY"), ("ej", "EY"), ("oj", "OY"), ("j(?=[aeiou])", "Y"), ("j", "IY"), ("kh", "K"), ("zh", "ZH")]
MORE = {"wsl": SLAVIC, "sla": SLAVIC, "bal": SLAVIC,
        "spa": [("ll", "Y"), ("gu(?=[ei])", "G"), ("qu", "K"), ("g(?=[ei])", "HH"), ("j", "HH"), ("^h", ""), ("z", "S"), ("ch", "CH"), ("x", "S")],
        "por": [("nh", "N Y"), ("lh", "L Y"), ("ao$", "AW"), ("oes$", "OY S"), ("j|g(?=[ei])", "ZH"), ("qu(?=[ei])", "K"), ("ch|x", "SH"), ("^h", ""), ("os$", "OW S")],
        "ita": [("sch", "S K"), ("sci(?=[aou])", "SH"), ("sc(?=[ei])", "SH"), ("ch", "K"), ("cch", "K"), ("cci(?=[aou])", "CH"), ("ci(?=[aou])", "CH"), ("cc?(?=[ei])", "CH"), ("ghi?", "G"),
                ("ggi(?=[aou])", "JH"), ("gi(?=[aou])", "JH"), ("gg?(?=[ei])", "JH"), ("gli(?=[aeou])", "L Y"), ("gn", "N Y"), ("zz?", "T S"), ("qu", "K W"), ("e$", "IY")],
        "tur": [("c", "JH"), ("gh", ""), ("j", "ZH")], "idn": [("c", "CH")], "jpn": [("e$", "EY"), ("ei", "EY")],
        "ind": [("c(?!h)", "CH"), ("v", "V"), ("a(?=[^aeiou][aeiou])", "AH"), ("a(?=[nm][^aeiou])", "AH"), ("ee", "IY"), ("e", "EY"), ("y(?=[aeiou])", "Y")],
        "chn": [("x", "SH"), ("q", "CH"), ("zh", "JH"), ("ui", "W EY"), ("iu", "Y UW"), ("ian", "Y EH N"), ("ie", "Y EH"), ("c(?!h)", "T S"), ("ong", "AO NG"), ("ang", "AA NG"), ("i(?=[aou])", "Y"), ("uo", "W OW")],
        "kor": [("eo", "AH"), ("eu", "UH"), ("ae", "AE"), ("oo", "UW"), ("ui", "IY"), ("ye", "Y EH"), ("yu|yoo", "Y UW")],
        "vie": [("^ph", "F"), ("^tr", "CH R"), ("^th", "T"), ("^d", "D"), ("nh", "N"), ("uy", "W IY"), ("^gi", "Z")],
        "eth": [("e$", "EY"), ("e", "EH"), ("tse", "T S EH")], "gre": [("ch", "K"), ("th", "TH"), ("ou", "UW"), ("os$", "OW S"), ("x", "K S"), ("i", "IY")],
        "hun": [("sz", "S"), ("cs", "CH"), ("zs", "ZH"), ("gy", "JH"), ("s", "SH"), ("j|ly", "Y"), ("c", "T S"), ("ny", "N Y")],
        "jew": [("ch", "HH"), ("tz", "T S"), ("ei", "EY"), ("sh", "SH")], "nor": [], "ara": [("^el", "EH L"), ("dh", "D"), ("e", "EH")]}
for g in "per waf eaf saf pak mag cau fil haw hmo tha nat".split():
    MORE.setdefault(g, [])
for g in ("nor",):
    del MORE[g]
# Letters with marks that stand for a sound of their own in these groups, before marks are taken off.
MARKED = {"wsl": "š:sh č:ch ž:zh ć:ch ł:w ś:sh ż:zh ź:zh ř:rz ň:n ń:n đ:j ą:om ę:em ó:u ý:i", "sla": "š:sh č:ch ž:zh ć:ch đ:j", "bal": "š:sh č:ch ž:zh", "tur": "ş:sh ç:ch ğ:gh ö:er ü:u ı:i",
          "spa": "ñ:ny", "hun": "á:a é:ey ö:er ő:er", "por": "ã:a ç:s õ:o"}


def by_rules(text, group):
    rules = COMPILED.get(group)
    if rules is None:
        rules = COMPILED[group] = [(re.compile(p), s.split()) for p, s in MORE[group] + RULES]
    text = re.sub(r"([bcdfgjklmnpqrstvxz])\1", r"\1", text) if group not in ("ita", "spa") else re.sub(r"([bdfjkmnpqrstvx])\1", r"\1", text)
    out, i = [], 0
    while i < len(text):
        for p, s in rules:
            m = p.match(text, i)
            if m and m.end() > i:
                out.extend(s)
                i = m.end()
                break
        else:
            i += 1
    return tuple(p for k, p in enumerate(out) if k == 0 or p != out[k - 1])


COMPILED = {}


class Letters:
    """Letter-to-sound learnt from the dictionary: letters aligned to none, one or two sounds by hard EM, then said by the widest context seen."""
    WIDTHS = [(3, 3), (2, 3), (3, 2), (2, 2), (1, 3), (1, 2), (2, 1), (1, 1), (0, 2), (0, 1), (1, 0), (0, 0)]

    def __init__(self, pairs):
        like = {}
        for x in "a:AE AA AH EY AO,b:B,c:K S CH,d:D,e:EH IY AH EY IH,f:F,g:G JH,h:HH,i:IH IY AY AH,j:JH Y,k:K,l:L,m:M,n:N NG,o:OW AA AO AH UW,p:P,q:K,r:R ER,s:S Z SH,t:T TH SH,u:UW AH UH Y,v:V,w:W V,x:K Z,y:IY AY Y IH,z:Z S".split(","):
            a, b = x.split(":")
            for p in b.split():
                like[a, (p,)] = -1.0
        for turn in range(3):
            count, total = collections.Counter(), collections.Counter()
            self.aligned = []
            for word, phones in pairs if turn == 2 else pairs[::3]:
                chunks = self.align(word, phones, like, turn)
                if chunks:
                    self.aligned.append((word, chunks))
                    for c, s in zip(word, chunks):
                        count[c, s] += 1
                        total[c] += 1
            like = {k: math.log((n + .1) / (total[k[0]] + 10)) for k, n in count.items() if n > 2}
        self.table = collections.defaultdict(collections.Counter)
        for word, chunks in self.aligned:
            w = "  #" + word + "#  "
            last = ()
            for i, s in enumerate(chunks):
                for k, (l, r) in enumerate(self.WIDTHS):
                    self.table[k, w[i + 3 - l:i + 4 + r], l, last[-1:] if k < 8 else None][s] += 1
                last = s or last

    def align(self, word, phones, like, turn):
        n, m = len(word), len(phones)
        if not n or m > 2 * n or turn == 0 and m > n:
            return None
        best = [[(-1e9, None)] * (m + 1) for _ in range(n + 1)]
        best[0][0] = (0, None)
        for i in range(n):
            for j in range(max(0, m - 2 * (n - i)), min(m, 2 * i) + 1):
                here = best[i][j][0]
                if here < -1e8:
                    continue
                for step in (0, 1, 2):
                    if j + step > m:
                        break
                    s = tuple(phones[j:j + step])
                    v = here + like.get((word[i], s), (-3, -7, -9)[step] if turn == 0 else (-8, -9, -10)[step])
                    if v > best[i + 1][j + step][0]:
                        best[i + 1][j + step] = (v, step)
        if best[n][m][1] is None:
            return None
        out, j = [], m
        for i in range(n, 0, -1):
            step = best[i][j][1]
            out.append(tuple(phones[j - step:j]))
            j -= step
        return out[::-1]

    def say(self, word):
        w, out, last = "  #" + word + "#  ", [], ()
        for i in range(len(word)):
            pick = ()
            for k, (l, r) in enumerate(self.WIDTHS):
                c = self.table.get((k, w[i + 3 - l:i + 4 + r], l, last[-1:] if k < 8 else None))
                if c and sum(c.values()) >= (2 if k < 5 else 1):
                    pick = min(c, key=lambda s: (-c[s], s))
                    break
            out.extend(pick)
            last = pick or last
        return tuple(out)


# ---------------------------------------------------------------------------------------------- words that sound near

class Words:
    def __init__(self, vocabulary):
        """vocabulary: word -> (price, pronunciations)"""
        self.table = collections.defaultdict(list)
        self.memo = {}
        for word, (price, saids) in sorted(vocabulary.items()):
            for said in sorted(set(unfold(s) for s in saids)):
                for phones, more in self.forms(said):
                    self.table["".join(ROUGH[p] for p in phones)].append((word, price, phones, more, said))

    @staticmethod
    def forms(said):
        """as said; with one sound the less; with a glide after a last long vowel"""
        out = {said: 0.0}
        glide = {"OW": "W", "UW": "W", "AW": "W", "IY": "Y", "EY": "Y", "AY": "Y", "OY": "Y"}.get(said[-1])
        if glide:
            out[said + (glide,)] = .1
            if said[-1] in ("AW", "AY"):
                out[said[:-1] + ("AA", glide)] = .15
                out[said[:-1] + ("AH", glide)] = .2
        n = len(said)
        for i, p in enumerate(said):
            c = COMES.get(p)
            if n < 3 or c is None or p in ("R", "N") and (i == 0 or n < 4):
                continue
            if p in ("T", "D") and not (i == n - 1 and said[i - 1] not in VOWELS):
                continue
            if p in ("AH", "IH") and sum(x in VOWELS for x in said) < 2:
                continue
            if p == "AH" and i == n - 1:
                c += .1
            form = said[:i] + said[i + 1:]
            out[form] = min(c, out.get(form, 9))
        return sorted(out.items())

    def near(self, piece):
        """the best words for a piece of a name: [(distance, price, word, said)]"""
        found = self.memo.get(piece)
        if found is not None:
            return found
        n = len(piece)
        limit = .25 + .22 * n if n > 1 else .35
        best = {}
        forms = {piece: 0.0}
        if n > 2:
            for i, p in enumerate(piece):
                c = GONE.get(p)
                if c is not None and not (p == "R" and i == 0) and not (p in "TDNL" and (i in (0, n - 1) or piece[i - 1] in VOWELS and piece[i + 1] in VOWELS)):
                    if p == "AH" and sum(x in VOWELS for x in piece) < 2:
                        continue
                    form = piece[:i] + piece[i + 1:]
                    forms[form] = min(c, forms.get(form, 9))
        for phones, less in forms.items():
            if less > limit:
                continue
            key = "".join(ROUGH[p] for p in phones)
            keys = [key] + ([key[:i] + a + key[i + 1:] for i, k in enumerate(key) for a in ALSO.get(k, "")] if less == 0 else [])
            for key in keys:
                for word, price, other, more, said in self.table.get(key, ()):
                    d = less + more
                    for a, b in zip(phones, other):
                        if a != b:
                            d += NEAR.get((a, b), 1.2)
                            if d > limit:
                                break
                    else:
                        if d <= limit and (word not in best or d < best[word][0]):
                            best[word] = (d, price, word, said)
        found = sorted(best.values(), key=lambda x: (x[0] + x[1], x[2]))[:14]
        self.memo[piece] = found
        return found


def find(words, name, saids, most_words, banned):
    """[(cost, text)] best first"""
    pool = {}
    for extra, phones in saids:
        n = len(phones)
        if n < 2 or n > 22:
            continue
        at = [[] for _ in range(n + 1)]
        at[0] = [(extra, 0.0, ())]
        for j in range(1, n + 1):
            heap = {}
            for i in range(max(0, j - 10), j):
                if not at[i]:
                    continue
                pieces = [(0, phones[i:j])]
                if i and phones[i - 1] not in VOWELS and phones[i] in VOWELS:
                    pieces.append((.2, phones[i - 1:j]))        # one consonant heard twice, as the end and the start
                for twice, piece in pieces:
                    for d, price, word, said in words.near(piece):
                        for cost, dist, used in at[i]:
                            if len(used) == most_words or used and used[-1] == word and len(word) < 3:
                                continue
                            c = cost + twice + d + price
                            key = used + (word,)
                            if key not in heap or c < heap[key][0]:
                                heap[key] = (c, dist + d + twice, key)
            at[j] = sorted(heap.values(), key=lambda x: (x[0], x[2]))[:24 if j == n else 10]
        strict, loose = .3 + .12 * n, .45 + .16 * n
        for cost, dist, used in at[n]:
            if dist <= loose:
                c = cost + (0 if dist <= strict else .3 + dist - strict)
                if used not in pool or c < pool[used][0]:
                    pool[used] = (c, dist <= strict)
    base = re.sub("[^a-z]", "", name)
    ready = []
    for used, (cost, good) in sorted(pool.items(), key=lambda x: (x[1][0], x[0])):
        text = " ".join(used)
        if name not in used and text != name and re.sub("['-]", "", text) != base and not VULGAR.search(text.replace(" ", "")):
            ready.append((cost, good, text, used, sum((PLAIN[w] for w in used), ())))
    out, best = [], min((x[0] for x in ready if x[1]), default=None)
    if best is None:
        return []
    while ready and len(out) < MOST:
        # best first, but an output that repeats words or sounds of an earlier one must stand back
        pick = min(ready, key=lambda x: (x[0] + sum((.7 if x[4] == o[4] else 0) + .3 * len(set(x[3]) & set(o[3])) for o in out) + (0 if x[1] or out else 9), x[2]))
        ready.remove(pick)
        if len(out) >= 3 and (not pick[1] or pick[0] > best + 1.0) or pick[0] > best + 1.6:
            continue
        out.append(pick)
    return sorted((x[0], x[2]) for x in out)


PLAIN = {}

# ---------------------------------------------------------------------------------------------- lists


def fold(text):
    text = text.translate({0xF8: "o", 0xD8: "O", 0x142: "l", 0x141: "L", 0xDF: "ss", 0xE6: "ae", 0xC6: "Ae", 0x131: "i", 0x130: "I", 0x111: "d", 0x110: "D", 0xF0: "d",
                           0xD0: "D", 0xFE: "th", 0xDE: "Th", 0x259: "a", 0x18F: "A", 0x153: "oe", 0x2019: "'"})
    return "".join(c for c in unicodedata.normalize("NFKD", text) if ord(c) < 128)


def packed(name):
    with gzip.open(os.path.join(LISTS, name), "rt", encoding="utf-8") as fh:
        return [line.split("\t") for line in fh.read().splitlines()]


def hand():
    out, section = {}, None
    with open(os.path.join(LISTS, "hand.txt"), encoding="utf-8") as fh:
        for line in fh:
            line = line.strip()
            if line.startswith("["):
                section = out.setdefault(line.strip("[]"), [])
            elif line and not line.startswith("#"):
                section.extend(re.sub(r" x\d+$", "", x.strip(" ,")) for x in line.split(", "))
    return out


def names():
    """{name: (kind, group, spelling with its marks)}"""
    r = random.Random(SEED)
    out = {}

    def put(name, kind, group=None):
        low = name.lower()
        key = re.sub(r"[^a-z' ]", " ", fold(low)).strip()
        key = re.sub(r" +", " ", key)
        if 2 <= len(key) <= 24 and key not in out and key.count(" ") < 3 and not key.startswith("'"):
            out[key] = (kind, group, low)
            return True
        return False

    people = [(int(n[1]) * 1.0, n[0], "given") for n in packed("given.txt.gz")]
    people += [(int(n[1]) * 1.0, n[0], "family") for n in packed("family.txt.gz") if len(n) > 1]
    people.sort(key=lambda x: (-x[0], x[1], x[2]))
    left = 6000
    for _, name, kind in people:
        left -= put(name, kind)
        if not left:
            break
    h = hand()
    left, group, kind = 4000, None, None
    for item in h["world"]:
        m = re.match(r"(\w{3})\|([gf]): (.*)", item)
        if m:
            group, kind, item = m.groups()
        left -= put(item, "given" if kind == "g" else "family", group)
    given, family = set(n[0].lower() for n in packed("given.txt.gz")), set(n[0].lower() for n in packed("family.txt.gz"))
    places = set(c[0].lower() for c in packed("places.txt.gz"))
    for name in sorted(SAID):
        if name not in places:
            put(name, "given" if name in given or name not in family else "family")
    more = {"spa": 6, "ind": 6, "chn": 4, "vie": 3, "kor": 2, "waf": 4, "eaf": 2, "sla": 2, "wsl": 2, "pak": 3, "ita": 2, "mag": 2, "iri": 2}
    world = collections.defaultdict(list)
    for group, kind, item in packed("world.txt.gz"):
        if group != "iri" and " " not in item:      # Gaelic spelling needs more than rules
            world[group, kind].append(item)
    for k in sorted(world):
        r.shuffle(world[k])
    while left > 0 and any(world.values()):
        for k in sorted(world):
            for _ in range(more.get(k[0], 1)):
                if world[k] and left > 0:
                    left -= put(world[k].pop(), "given" if k[1] == "g" else "family", k[0])
    towns = sorted((-int(c[3]), c[0]) for c in packed("places.txt.gz") if c[1] == "US")
    left = 3000
    for _, name in towns:
        left -= put(name, "town")
        if not left:
            break
    for key in ("company", "company_word"):
        for item in h[key]:
            if not re.search(r"[A-Z&0-9]{2}|\d|&| and |^the ", item):
                put(item, "employer")
    return out


def prepare():
    said, common = read_dict(), read_common()
    tier = {}
    with open(os.path.join(HERE, "..", "..", "src", "redact", "lists", "words.txt"), encoding="utf-8") as fh:
        for line in fh:
            tier.setdefault(line[1:].strip(), line[0])
    price = {}
    for w, t in tier.items():
        if t in "ab" and w in said and w.isascii() and w.isalpha() and len(w) > 1 and not VULGAR.search(w):
            f = common.get(w)
            if f is None or t == "b" and f < -7.0:
                continue
            price[w] = .5 + .16 * max(0, -3.2 - f) + (.4 if t == "b" else 0)
    for w in "i'm it's he's she's that's don't can't i'll he'll she'll we'll you're we're they're i've let's who's".split():
        price[w] = .95
    # Words too rare, odd or weak to be guessed at ease.
    for w in "em ah er un et al de la le mu nu xi pi rho chi eta psi phi re ye thee thou thy hath ser sic ere oft lo hi ha aha uh um hm hmm eh ad ab id ex awe nay yea bah blah gee ebb owe owes lieu rue ma ins ups es beau".split():
        if w in price:
            price[w] += .5
    for w in "semen slit slits lewd harem midget moron morons idiots lust screw screwed thug thugs whats huh ow eh ugh ooh aye oz sh sod bra crotch grope bum ah er un et al em mu nu xi psi chi eta rho ere lo hm ye ids dis adz ass id ex ad ken ken's".split():
        price.pop(w, None)
    price["a"] = price["i"] = .75
    price["oh"] = .7
    for w in "bcdefgjklmnpqrstuvxyz":
        if w in said:
            price[w] = 1.25
    names_price = {}
    people = [(int(n[1]), n[0].lower()) for n in packed("given.txt.gz")]
    people.sort(key=lambda x: (-x[0], x[1]))
    families = sorted(((int(n[1]), n[0].lower()) for n in packed("family.txt.gz") if len(n) > 1), key=lambda x: (-x[0], x[1]))
    for rank, (_, w) in list(enumerate(people[:450])) + list(enumerate(families[:350])):
        if w in said and not VULGAR.search(w):
            names_price[w] = min(names_price.get(w, 9), .75 + .0006 * rank)
    for w in "becky tandy mandy andy cindy kathy katie tony danny jenny kelly kim jimmy joey molly maggie sandy ricky vicky debbie".split():
        names_price.setdefault(w, .8)
    for w, p in names_price.items():
        price[w] = min(price.get(w, 9), p)
    vocabulary = {}
    for w, p in price.items():
        ps = [s for s in said[w]]
        if w == "a":
            ps = [("AH",)]
        short = min(len(unfold(s)) for s in ps)
        if len(w) > 1 and short == 1:
            p += .3
        elif short == 2 and common.get(w, -9) < -3.6:
            p += .15
        vocabulary[w] = (p, ps)
        PLAIN[w] = ps[0]
    every = names()
    family = set(n[0].lower() for n in packed("family.txt.gz") if len(n) > 1)
    pairs = [(w, s[0]) for w, s in sorted(said.items()) if w in family and w.isalpha() and len(w) > 2]
    letters = Letters(pairs)
    jobs = []
    for name, (kind, group, marked) in sorted(every.items()):
        tokens = name.replace("'s", "_s").replace("'", "").replace("_s", "'s").split()
        plain = [t for t in tokens if common.get(t, -9) > -5.2 and tier.get(t) in ("a",)]
        if len(plain) == len(tokens) and (len(tokens) > 1 or common.get(tokens[0], -9) > -5.0):
            continue            # an ordinary word, no recogniser gets it wrong
        ways = [(0.0, ())]
        for t in tokens:
            if t in SAID:
                some = SAID[t]
            elif t in said and not (group in MORE and len(t) < 5 and len(said[t][0]) > len(t)):
                some = said[t][:2]
            elif t.endswith("'s") and t[:-2] in said:
                some = [said[t[:-2]][0] + ("Z",)]
            elif group in MORE:
                source = t
                if len(tokens) == 1 and group in MARKED:
                    table = dict(x.split(":") for x in MARKED[group].split())
                    source = re.sub("[^a-z]", "", fold("".join(table.get(c, c) for c in unicodedata.normalize("NFC", marked))))
                some = [by_rules(source, group)]
            else:
                some = [letters.say(re.sub("[^a-z]", "", t))]
            ways = [(c + .1 * k, done + unfold(s)) for c, done in ways for k, s in enumerate(some)][:4]
        jobs.append((name, kind, ways, min(4, max(1, (max(len(w[1]) for w in ways) + 1) // 2)) if len(tokens) < 2 else 4))
    return vocabulary, jobs


def work(part):
    out = []
    for name, kind, ways, most in part:
        found = find(WORDS, name, ways, most, BANNED)
        if found and found[0][0] < max(1.95, .3 * (2 + len(ways[0][1])) + .2):
            out.append((name, kind, found, ways[0][1]))
    return out


BANNED = set()


def main():
    global WORDS
    vocabulary, jobs = prepare()
    WORDS = Words(vocabulary)
    parts = [jobs[i::16] for i in range(16)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        done = sorted(x for part in pool.map(work, parts, 1) for x in part)
    if os.environ.get("HEARD_SHOW"):
        for name, kind, found, phones in done:
            print(name, " / ".join("%s %.1f" % (t, c) for c, t in found), kind, " ".join(phones), sep="\t")
        return
    lines = sorted("%s\t%s\n" % (name, "/".join(t for _, t in found)) for name, _, found, _ in done)
    with open(os.path.join(LISTS, "heard.txt.gz"), "wb") as fh:
        # No name and no time in it, so that the same lines give the same bytes.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=fh, mtime=0) as packed:
            packed.write("".join(lines).encode("ascii"))
    print(len(done), "of", len(jobs), "names; vocabulary", len(vocabulary), file=sys.stderr)


if __name__ == "__main__":
    main()
