#!/usr/bin/env python3
"""Writes numbers.jsonl beside this file: 1,500 telephone cases about dictated identifiers. Standard library, fixed seed.
The half whose "read" is false is measured in totals only: see README.md.
Frame line:  [A>|R>]prev || text     (no "||": prev is empty or a generic clinic sentence; "-||": empty)
{L:kind} a slot with a span, L = I D P A E U X N G O (a "?" after it: optional), "-": no span; kind@v: the same value again.
{L=asr~raw} literal span; (asr~raw) literal without span; {#a-b} a random count."""
import hashlib, json, os, random, re, sys
SEED = 40721
R = random.Random(SEED)
LABEL = dict(I='ID', D='DATE', P='PHONE', A='ADDRESS', E='EMAIL', U='URL', X='IP', N='NAME', G='AGE90', O='ORG_EMPLOYER', S='NAME_STAFF')
ONES = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split()
TENS = '_ _ twenty thirty forty fifty sixty seventy eighty ninety'.split()
MONTHS = 'January February March April May June July August September October November December'.split()
ORD = ('first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth '
       'seventeenth eighteenth nineteenth twentieth').split()
FIRST = ('Odette Marlon Bettina Kwame Priya Gareth Noreen Tomasz Leticia Hollis Wanda Imran Delphine Curtis Yolanda Piers Mireille Desmond '
         'Agnieszka Rufus Tamsin Oluwaseun Verna Lowell Consuelo Barnaby Ngoc Rosalind Farid Maeve').split()
LAST = ('Penhallow Okonjo Vasquez Trimble Lindqvist Abernathy Kowalczyk Sandoval Haddad Whitcombe Nakagawa Pruitt Dellacroce Mbeki Farrow '
        'Castellano Ostrander Quigley Ramaswamy Thibodeaux Bielski Hargreaves Montoya Sprague Nguyen Delacroix Fenwick Bashir').split()
STREETS = ('Larkspur Lane;Old Mill Road;Harcourt Avenue;Willow Bend Drive;Chestnut Street;Ninth Avenue;Quarry Hill Road;Belmont Court;'
           'Saddleback Way;Juniper Street;County Line Road;Ferry Street;Prospect Place;Highland Terrace;Sycamore Circle').split(';')
CITIES = 'Dunmore;Fairhaven;Cedar Rapids;Tulsa;Wichita Falls;Albany;Beckley;Yuma;Pocatello;Macon;Duluth;Leeds;Stockport'.split(';')
EMPLOYERS = ['Harrow Freight', 'Bluestem Foods', 'Keystone Tool and Die', 'Pell County Schools', 'Ridgeway Packaging', 'Northgate Linen']
DOCS = ['Dr. Amari', 'Dr. Holloway', 'Dr. Petrov', 'Dr. Singh', 'Dr. Lund', 'Dr. Okafor']
ASIN = dict(a='apple', b='boy', c='cat', d='dog', e='edward', f='frank', g='george', h='henry', i='ice', j='john', k='king', l='larry', m='mary',
            n='nancy', o='ocean', p='peter', q='queen', r='robert', s='sam', t='tom', u='umbrella', v='victor', w='water', x='xray', y='yellow', z='zebra')
ASIN2 = dict(ASIN, b='bob', d='david', e='echo', f='fox', m='mother', n='november', p='papa', s='sugar', t='tango', v='violet', z='zulu', l='lima', k='kite', g='golf', r='romeo')
NATO = dict(zip('abcdefghijklmnopqrstuvwxyz', ('alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa '
            'quebec romeo sierra tango uniform victor whiskey xray yankee zulu').split()))
MISL = dict(a=['eh'], b=['bee', 'be'], c=['see', 'sea'], d=['dee'], f=['eff'], g=['gee'], i=['eye'], j=['jay'], k=['kay'], l=['el'], m=['em'], n=['en', 'and'],
            p=['pea', 'pee'], q=['cue', 'queue'], r=['are'], s=['ess', 'as'], t=['tea', 'tee'], u=['you'], w=['double you'], x=['ex'], y=['why'], z=['zee', 'zed'])
HOMO = dict(two=['to', 'too'], four=['for', 'fore'], eight=['ate'], one=['won'], six=['sicks', 'sex'], three=['free', 'tree'], five=['fife'], nine=['nein', 'mine'],
            seven=['heaven'])
HOMO_W = ['two'] * 6 + ['four'] * 6 + ['eight'] * 5 + ['one'] * 4 + ['three', 'nine', 'six']
FILL = ['uh', 'um', 'uh', 'um', 'er', 'uhm', 'hmm']
GENERIC = ['', '', '', '', '', '', '', 'How can I help you today?', 'Thank you for calling, how may I help?', 'Okay.', 'Go ahead.', 'Sure, one moment.', 'Mm-hm.',
           'All right.', 'Is there anything else?', 'What can I do for you?', 'Yes, I am listening.', 'Good morning, front desk.', 'Okay, whenever you are ready.',
           'Thanks for holding.', 'Sorry, could you say that again?', 'Got it.', 'Billing office, how can I help?']

def ch(x): return R.choice(x)
def p(x): return R.random() < x

def card(n):
    if n < 20: return ONES[n]
    if n < 100: return TENS[n // 10] + ('' if n % 10 == 0 else ' ' + ONES[n % 10])
    if n < 1000: return ONES[n // 100] + ' hundred' + ('' if n % 100 == 0 else (' and ' if p(.3) else ' ') + card(n % 100))
    return card(n // 1000) + ' thousand' + ('' if n % 1000 == 0 else ' ' + card(n % 1000))
def ordw(n):
    if n <= 20: return ORD[n - 1]
    return 'thirtieth' if n == 30 else TENS[n // 10] + ' ' + ORD[n % 10 - 1]
def ords(n): return str(n) + ('th' if 10 < n < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th'))

def homo(words, k=1):
    ix = [i for i, w in enumerate(words) if w in HOMO]
    R.shuffle(ix)
    done = 0
    for i in ix:
        if done >= k: break
        if words[i] in ('two', 'four', 'eight', 'one') or p(.12):
            words[i] = ch(HOMO[words[i]][:1] if p(.75) else HOMO[words[i]]); done += 1
    return words

def chunks(s, sizes=(1, 2, 3), w=(2, 4, 3)):
    out = []
    while s:
        k = min(len(s), R.choices(sizes, w)[0])
        out.append(s[:k]); s = s[k:]
    return out

def pairword(t, z):
    if len(t) == 1: return z if t == '0' else ONES[int(t)]
    if t == '00': return 'double ' + z if p(.6) else z + ' ' + z
    if t[0] == '0': return z + ' ' + ONES[int(t[1])]
    return card(int(t))
def three(t, z):
    if t[1:] == '00' and t[0] != '0': return ONES[int(t[0])] + ' hundred'
    return pairword(t[0], z) + ' ' + pairword(t[1:], z)

def singles(s, z, dbl):
    out, i = [], 0
    while i < len(s):
        j = i
        while j < len(s) and s[j] == s[i]: j += 1
        n = j - i
        w = z if s[i] == '0' else ONES[int(s[i])]
        if dbl and n == 2: out.append('double ' + w)
        elif dbl and n == 3: out.append('triple ' + w)
        else: out += [w] * n
        i = j
    return out

def say(s, groups=None, clean=False):
    """Digits as words."""
    z = R.choices(['oh', 'zero', 'o'], [5, 4, 1])[0]
    m = R.choices(['single', 'pairs', 'mixed', 'triples'], [55, 14, 22, 9])[0]
    if len(s) == 1: m = 'single'
    if m == 'single': parts = singles(s, z, p(.6))
    elif m == 'pairs' and groups: parts = [three(g, z) if len(g) == 3 else ' '.join(pairword(c, z) for c in chunks(g, (2,), (1,))) for g in groups]
    elif m == 'pairs': parts = [pairword(c, z) for c in (chunks(s, (2,), (1,)))]
    elif m == 'triples': parts = [three(c, z) if len(c) == 3 else pairword(c, z) for c in chunks(s, (3,), (1,))]
    else:
        parts = []
        for c in (groups if groups and p(.5) else chunks(s)):
            if len(c) == 4:
                if c[2:] == '00' and c[1] != '0': parts.append(pairword(c[:2], z) + ' hundred')
                elif c[1:] == '000' and c[0] != '0': parts.append(ONES[int(c[0])] + ' thousand')
                elif p(.5): parts += [pairword(c[:2], z), pairword(c[2:], z)]
                else: parts += singles(c, z, True)
            elif len(c) == 3 and (c[1:] == '00' or p(.3)): parts.append(three(c, z))
            elif len(c) == 2 and p(.55): parts.append(pairword(c, z))
            else: parts += singles(c, z, True)
    words = ' '.join(parts).split()
    if not clean:
        if len(words) > 2 and p(.13): words = homo(words, ch([1, 1, 2]))
        if len(words) > 3 and p(.13):
            i = R.randrange(1, len(words))
            if words[i - 1] not in ('double', 'triple') and words[i - 1] not in TENS: words.insert(i, ch(FILL))
        if len(words) > 5 and p(.05):
            i = R.randrange(2, len(words) - 1); words[i:i] = ['dash'] if words[i - 1] not in ('double', 'triple') and words[i - 1] not in TENS else []
        if len(words) > 5 and p(.04):   # a stumble: the last word again
            i = R.randrange(2, len(words))
            if words[i] not in TENS and words[i - 1] not in ('double', 'triple') and words[i - 1] not in TENS: words[i:i] = [words[i]]
    return ' '.join(words)

def asrdig(s, groups=None, clean=False):
    """Digits as a recogniser prints them."""
    g = groups or chunks(s, (2, 3, 4), (2, 4, 2))
    if len(s) <= 2: return s if p(.75) else (' '.join(s) if p(.5) else ' '.join(singles(s, 'oh', False)))
    m = R.choices(['plain', 'space', 'dash', 'odd', 'sepdash', 'sepsp', 'comma', 'words', 'mixed', 'period', 'double'], [15, 12, 12, 22, 7, 6, 6, 7, 12, 2, 4])[0]
    if m == 'plain': return s
    if m == 'space': return ' '.join(g)
    if m == 'dash': return '-'.join(g)
    if m == 'odd':
        c = chunks(s)
        t = ' '.join(c)
        return t.replace('0 ', 'oh ', 1) if c[0] == '0' and p(.5) else t
    if m == 'sepdash': return '-'.join(s)
    if m == 'sepsp': return ' '.join(s)
    if m == 'comma': return ', '.join(s) if p(.5) else ', '.join(chunks(s))
    if m == 'period': return '. '.join(chunks(s, (2, 3), (1, 1)))
    if m == 'words':
        w = singles(s, 'oh', p(.5)); w = ' '.join(w).split()
        return ' '.join(homo(w) if p(.3) else w)
    if m == 'double':
        for d in '0123456789':
            if d * 2 in s and d * 3 not in s:
                a, b = s.split(d * 2, 1)
                return ' '.join(x for x in [' '.join(chunks(a)), 'double ' + ('oh' if d == '0' and p(.5) else d), ' '.join(chunks(b))] if x)
        return ' '.join(chunks(s))
    out = []
    for c in chunks(s):
        if p(.35):
            w = singles(c, 'oh', False); out += homo(w) if p(.6) else w
        else: out.append(c)
    if len(out) > 2 and p(.2): out.insert(R.randrange(1, len(out)), ch(['uh', 'um', 'uh,']))
    t = ' '.join(out)
    return t if re.search(r'\d', t) else ' '.join(chunks(s))

def rawlet(s, mode):
    if mode == 'asin':
        out = []
        for c in s:
            t = (ASIN if p(.6) else ASIN2)[c]
            out.append(c + ch([' as in ', ' as in ', ' as in ', ' for ', ' like ']) + t if p(.8) else c)
        return ' '.join(out)
    if mode == 'nato': return ' '.join(NATO[c] for c in s)
    out, i = [], 0
    while i < len(s):
        if i + 1 < len(s) and s[i] == s[i + 1]: out.append('double ' + s[i]); i += 2
        else: out.append(s[i]); i += 1
    if mode == 'mis':
        ix = [i for i, c in enumerate(out) if c in MISL]
        for i in (ix if len(ix) < 2 or p(.3) else [ch(ix)]): out[i] = ch(MISL[out[i]])
    if mode == 'join' and len(s) > 1: return s
    return ' '.join(out)

def runs(v): return re.findall(r'[a-z]+|\d+', v)

def alnum(v, raw, clean=False):
    rs = runs(v)
    if len(rs) == 1 and rs[0].isdigit(): return say(v, clean=clean) if raw else asrdig(v, clean=clean)
    if raw:
        lm = R.choices(['plain', 'asin', 'nato', 'mis', 'join'], [50, 18, 9, 18, 5])[0]
        out = ' '.join(rawlet(r, lm) if r.isalpha() else say(r, clean=clean) for r in rs)
        if not clean and len(out.split()) > 4 and p(.08): out = out.replace(' ', ' ' + ch(FILL) + ' ', 1) if lm == 'plain' else out
        return out
    m = R.choices(['solid', 'space', 'letsp', 'dash', 'low', 'asin', 'nato', 'mis', 'title'], [20, 18, 15, 9, 8, 12, 5, 9, 4])[0]
    if m == 'solid': return v.upper()
    if m == 'space': return ' '.join(r.upper() if r.isalpha() else (r if p(.6) else ' '.join(chunks(r))) for r in rs)
    if m == 'letsp': return ' '.join(' '.join(r.upper()) if r.isalpha() else asrdig(r) for r in rs)
    if m == 'dash': return '-'.join(v.upper()) if p(.5) else '-'.join(r.upper() for r in rs)
    if m == 'low': return v if p(.5) else ' '.join(rs)
    if m == 'title': return ' '.join(r.capitalize() if r.isalpha() else r for r in rs)
    if m == 'asin':
        return ' '.join(', '.join(c.upper() + ' as in ' + (ASIN[c].capitalize() if p(.3) else ASIN[c]) for c in r) + (',' if p(.4) and i < len(rs) - 1 else '') if r.isalpha()
                        else ' '.join(chunks(r)) for i, r in enumerate(rs))
    if m == 'nato': return ' '.join(' '.join(NATO[c].capitalize() if p(.5) else NATO[c] for c in r) if r.isalpha() else ' '.join(chunks(r)) for r in rs)
    return ' '.join(' '.join(ch(MISL[c]).capitalize() if c in MISL and p(.6) else c.upper() for c in r) if r.isalpha() else ' '.join(chunks(r)) for r in rs)

LET = 'abcdefghjklmnpqrstuvwxyz'
def pat(k):
    """A value for a pattern such as L2D6."""
    out = ''
    for c, n in re.findall(r'([LD])(\d*(?:-\d+)?)', k):
        if '-' in n: a, b = map(int, n.split('-')); n = R.randint(a, b)
        else: n = int(n or 1)
        if c == 'L': out += ''.join(ch(LET) for _ in range(n))
        else:
            d = ''
            while len(d) < n:
                if d and p(.16): d += d[-1]
                else: d += ch('0123456789')
            out += d
    return out

def group(s, sizes):
    out = []
    for k in sizes: out.append(s[:k]); s = s[k:]
    return out

def yearw(y):
    if 2000 <= y < 2010: return ch(['two thousand', 'twenty oh']) + ' ' + ONES[y - 2000] if y > 2000 else 'two thousand'
    a, b = divmod(y, 100)
    return card(a) + ' ' + (('oh ' + ONES[b]) if b < 10 else card(b))

def date(kind, raw):
    m, d, y = R.randint(1, 12), R.randint(1, 28), R.randint(1934, 2015) if kind in ('dob', 'dnum') else R.randint(2021, 2024)
    M = MONTHS[m - 1]
    if raw:
        if kind == 'dnum' or (kind == 'dob' and p(.35)):
            z = ch(['oh', 'zero'])
            f = lambda n: (z + ' ' + ONES[n] if n < 10 and p(.7) else card(n))
            return f(m) + ' ' + f(d) + ' ' + (yearw(y) if p(.5) or y % 100 < 10 else card(y % 100))
        md = ch([M + ' ' + ordw(d), M + ' the ' + ordw(d), 'the ' + ordw(d) + ' of ' + M, M + ' ' + card(d)])
        if kind == 'md': return md
        return md + ' ' + (yearw(y) if p(.85) or y % 100 < 10 else card(y % 100))
    if kind == 'dnum' or (kind == 'dob' and p(.35)):
        sep = ch(['/', '-', ' ', ' '])
        a, b = (str(m), str(d)) if p(.6) else ('%02d' % m, '%02d' % d)
        t = sep.join([a, b, str(y) if p(.55) else '%02d' % (y % 100)])
        return t.replace('0', 'oh ', 1) if t[0] == '0' and sep == ' ' and p(.3) else t
    md = ch([M + ' ' + str(d), M + ' ' + ords(d), 'the ' + ords(d) + ' of ' + M, M + ' the ' + ords(d), str(d) + ' ' + M])
    if kind == 'md': return md
    return md + ch([', ', ' ', ' ', ', ']) + str(y) if p(.85) else md + ' ' + '%02d' % (y % 100)

DOM = ['gmail.com', 'gmail.com', 'yahoo.com', 'outlook.com', 'hotmail.com', 'comcast.net', 'icloud.com', 'bluestemmail.org', 'aol.com', 'proton.me']
def email(raw):
    a, b, n = ch(FIRST).lower(), ch(LAST).lower(), str(R.randint(1, 99)) if p(.6) else ''
    st, dom = R.randrange(6), ch(DOM)
    l = [[a, '.', b, n], [a[0], b, n], [a, '_', b, n], [b, '.', a[0], n], [a, n or '7'], [a, '-', b]][st]
    if raw:
        w = {'.': 'dot', '_': 'underscore', '-': ch(['dash', 'hyphen'])}
        sp = p(.15)
        o = [w.get(x) or ((say(x, clean=True) if x.isdigit() else (' '.join(x) if sp and len(x) < 8 else x))) for x in l if x]
        return ' '.join(o) + ' at ' + dom.replace('.', ' dot ').replace('aol', 'a o l').replace('icloud', 'i cloud')
    loc = ''.join(l)
    q = R.randrange(5)
    if q < 2: return loc + '@' + dom
    w = {'.': 'dot', '_': 'underscore', '-': 'dash'}
    o = ' '.join(w.get(x, x) for x in l if x)
    if q == 2: return o + ' at ' + dom
    if q == 3: return o.title().replace('Dot', 'dot').replace('Underscore', 'underscore').replace('Dash', 'dash') + ' at ' + dom
    return o + ' at ' + dom.replace('.', ' dot ')

def url(raw):
    h = ch(['mychart', 'portal', 'patients', 'my', 'records', 'share'])
    d = ch(['larchfield', 'stanwellclinic', 'bluestemhealth', 'caremesh', 'quarryhill'])
    t = ch(['com', 'org', 'net'])
    path = ch(['', '', 'r', 'login', 'u']) ; c = pat('D3-5')
    if raw: return ('w w w dot ' if p(.25) else '') + h + ' dot ' + d + ' dot ' + t + (' slash ' + path + ' slash ' + say(c, clean=True) if path else '')
    s = h + '.' + d + '.' + t + ('/' + path + '/' + c if path else '')
    q = R.randrange(4)
    if q == 0: return 'https://' + s
    if q == 1: return 'www.' + s
    if q == 2: return s
    return s.replace('.', ' dot ').replace('/', ' slash ')

def ip(raw):
    o = [ch(['192', '10', '172', '73', '98', '203']), str(R.randint(0, 254)), str(R.randint(0, 254)), str(R.randint(1, 254))]
    if raw:
        f = lambda x: ch([three(x, 'oh'), ' '.join(singles(x, 'zero', False))]) if len(x) == 3 else (pairword(x, 'zero') if p(.5) else ' '.join(singles(x, 'zero', False)))
        return ch([' dot ', ' dot ', ' point ']).join(f(x) for x in o)
    return (ch(['.', '.', ' dot ', '. '])).join(o)

def phone():
    return ch(['402', '513', '208', '918', '716', '304', '605', '800', '928', '312']) + ch(['555', '555', '226', '734', '861']) + pat('D4')

def value(k):
    if re.fullmatch(r'([LD]\d*(-\d+)?)+', k): return pat(k)
    return dict(ph=phone, phs=phone, ph11=lambda: '1' + phone(), ph7=lambda: phone()[3:], ac=lambda: ch(['402', '513', '208', '918', '716', '304', '605', '928', '312']), ph6=lambda: phone()[:6], uk=lambda: '07' + pat('D9'), ssn=lambda: ch('123456') + pat('D8'),
                last4=lambda: pat('D4'), card=lambda: ch('45') + pat('D15'), amex=lambda: '37' + pat('D13'),
                exp=lambda: '%02d' % R.randint(1, 12) + str(R.randint(25, 31)), nhs=lambda: ch('46789') + pat('D9'),
                mbi=lambda: ch('123456789') + pat('LDD').replace('0', '4') + pat('LDDLLDD'), plate=lambda: pat(ch(['L3D4', 'D3L3', 'L3D3', 'DL3D3', 'L2D2L3'])),
                vin=lambda: '1' + pat('L3') + pat('D2') + pat('LDLD7'), zip=lambda: ch('123456789') + pat('D4'), zip4=lambda: pat('D9'), house=lambda: ch('123456789') + pat('D1-3'),
                unit=lambda: ch([pat('D1-3'), pat('D') + ch('abcd'), ch('abcd')]), dl=lambda: pat(ch(['LD7', 'LD8', 'D8', 'L2D6', 'D9', 'LD12'])), pp=lambda: pat(ch(['D9', 'LD8'])))[k]()

def render(k, v, raw, clean=False):
    if k in ('dob', 'md', 'mdy', 'dnum'): return v
    if k in ('email', 'url', 'ip', 'login', 'first', 'last', 'full', 'addr', 'city', 'emp', 'age', 'street', 'dr', 'time', 'wd', 'year', 'apt'): return v
    g = dict(ph=(3, 3, 4), phs=(3, 3, 4), ph11=(1, 3, 3, 4), ph7=(3, 4), ph6=(3, 3), uk=(5, 3, 3), ssn=(3, 2, 4), card=(4, 4, 4, 4), amex=(4, 6, 5), nhs=(3, 3, 4), exp=(2, 2), zip4=(5, 4)).get(k)
    if k == 'exp':
        m, y = int(v[:2]), int(v[2:])
        if raw: return ch([('oh ' if m < 10 else '') + card(m) + ' ' + card(y), card(m) + ' slash ' + card(y), MONTHS[m - 1].lower() + ' twenty ' + card(y), card(m) + ' of ' + card(y)])
        return ch([v[:2] + '/' + v[2:], str(m) + '/' + v[2:], v[:2] + ' ' + v[2:], str(m) + ' ' + v[2:], MONTHS[m - 1] + ' 20' + v[2:]])
    if k == 'house' and not raw: return v
    if g and v.isdigit():
        g = group(v, g)
        if raw: return say(v, g, clean)
        if k in ('ph', 'phs') and p(.25): return ch(['(%s) %s-%s', '%s-%s-%s', '%s %s %s']) % tuple(g)
        return asrdig(v, g, clean)
    return alnum(v, raw, clean)

def textval(k, raw):
    if k in ('dob', 'md', 'mdy', 'dnum'): return date(k, raw)
    if k == 'email': return email(raw)
    if k == 'url': return url(raw)
    if k == 'ip': return ip(raw)
    if k == 'login':
        a, n = ch([ch(FIRST).lower(), ch(FIRST).lower()[0] + ch(LAST).lower(), 'sunny', 'bigred', 'gramma', 'fishing']), pat('D2-4')
        if raw: return a + ' ' + ch(['', '', 'underscore ', 'dot ']) + say(n, clean=True)
        return ch([a + n, a + '_' + n, a + ' ' + n, a.capitalize() + ' ' + n, a + ' underscore ' + n, a.capitalize() + n])
    if k == 'first': return ch(FIRST)
    if k == 'last': return ch(LAST)
    if k == 'full': return ch(FIRST) + ' ' + ch(LAST)
    if k == 'street': return ch(STREETS)
    if k == 'city': return ch(CITIES)
    if k == 'emp': return ch(EMPLOYERS)
    if k == 'dr': return ch(DOCS)
    if k == 'addr':
        h = value('house')
        return (say(h, clean=True) if raw else h) + ' ' + ch(STREETS)
    if k == 'age':
        n = R.randint(90, 102)
        return card(n).replace('one hundred', ch(['a hundred', 'one hundred'])) if raw else str(n)
    if k == 'wd': return ch('Monday Tuesday Wednesday Thursday Friday'.split())
    if k == 'year':
        y = R.randint(1978, 2022)
        return yearw(y) if raw else str(y)
    if k == 'time':
        h, m = R.randint(1, 12), ch(['00', '15', '30', '45', '20'])
        return (card(h) + ("" if m == '00' else ' ' + card(int(m)))) if raw else h.__str__() + ('' if m == '00' and p(.5) else ':' + m)
    return None
F_ID = r'''
Can I have your member ID? || It's {I:L3D9}.
What's the member ID on the card? || Okay the card says {I:D9} and then in small print {I:D2}.
Do you have your insurance card handy? || Yeah hang on, so the ID is {I:L3D8} and the group is {I:D5-6}.
And the member number? || {I:D10}
And the member number? || {I:L2D7}, I think that's a {I?=zero} at the end not an {I?=O}.
|| My member number's {I:D8} if you need it.
|| {I:L3D9} is what it says under member.
Your subscriber ID please. || That would be my husband's, it's {I:D9}.
|| The subscriber number on here is {I:L1D8}, is that the one you want?
|| So I've got a subscriber number, {I:D6}, and then a dash and then {I:D2}.
Group number? || {I:D5}
Group number? || Group is {I:L2D4}, like on the bottom left.
|| Under group it just says {I:D4}.
|| group number {I:D6} and I don't see a plan number anywhere
|| It's the policy ending in {I:D3}.
Do you know your policy number? || Policy {I:L2D7}. It was renewed, so it could be different now.
|| They gave me a new policy, it starts with {I:L2} and then {I:D6}.
|| I'm calling about policy {I:D8}, they say you never sent the form.
Which policy is that under? || The one with {I:D4} at the end.
|| Medical record number, let me look, {I:D7}.
Do you have a medical record number? || I do, it's {I:D6-8}.
|| On the bracelet it says MRN {I:D7}.
|| M R N is {I:D8}, they told me to have it ready.
|| Her chart number is {I:D5} I believe.
|| The chart's under {I:L1D5}.
|| could you pull chart {I:D6} for me please
|| I wrote down chart number {I:D3}, and then dash {I:D3}, something like that.
What's on the bracelet? || {I:D7}, and under it a barcode.
Account number please. || {I:D8}
|| My account number is {I:D7} and I got a bill I don't understand.
|| The bill says account {I:D3} space {I:D5}.
|| Account, uh, account is {I:L1D6}.
|| I want to pay on account number {I:D9}.
|| it's about account {I:D6} it's in my wife's name
Which account is this about? || The newer one, {I:D6}, not the one from the hospital.
|| Claim number {I:D11}.
|| There's a claim, {I:L1D9}, that got denied.
|| They denied claim {I:D10} because the code was wrong.
Do you have the claim number? || Yes, one second, {I:D12}.
|| The letter says reference {I:L2D6} regarding the claim.
|| My claim, number {I:D8}, has been sitting there for three weeks.
|| I have two claims, one is {I:D7} and the other one's {I:D7}.
|| The referral number is {I:D8}.
|| My primary sent over a referral, it's {I:L1D7}.
Do you have a referral? || I have a number, {I:D6}, is that what you need?
|| it should be referral {I:D9} from {S?:dr}
|| They approved it, the authorization is {I:L1D8}.
|| Auth number {I:D10}, good for six visits.
|| The prior auth came through under {I:L2D6}.
Authorization number? || {I:D9}, valid for ninety days.
Authorisation code from your insurer? || They said {I:L3D5}.
|| I need a refill on RX {I:D7}.
|| Prescription number {I:D7}, it's the little white pills.
|| The Rx number's {I:D6-7} and there are no refills left.
Can you read me the number on the bottle? || {I:D7}
Can you read me the number on the bottle? || It's kind of rubbed off but I see {I:D4} something {I:D2}.
|| refill for {I:D7} and also {I:D7} please
|| On the label, top left, it says {I:D3} {I:D4}, that's the one for blood pressure.
R>|| r x {I:D7} the metformin five hundred milligram
A>|| RX# {I:D7}, the metformin 500 mg.
|| The bottle has {I:D7} on it and below that fifty milligrams.
|| I'm out of refills on number {I:D6}.
|| Invoice {I:D6} says I owe forty dollars.
|| About invoice number {I:L3D5}.
What's the invoice number? || At the top it's {I:D5}, dated {D:md}.
|| You charged me twice on invoice {I:D7}.
|| I ordered a knee brace, order number {I:D8}.
|| The order is {I:L2D6} and it still hasn't shipped.
|| My order for the test strips, {I:D9}, where is it?
Order number? || Um, {I:D3}, hold on, {I:D5}.
|| I have a confirmation number, {I:L3D3}.
|| My confirmation's {I:L1D4}, I'm supposed to be there at {D?:time}.
Do you have your confirmation code? || {I:L6}
Do you have your confirmation code? || {I:L2D4}, I got it by text.
|| confirmation {I:D6} for the mri
|| They opened a ticket, {I:D6}.
|| Ticket number {I:L3D4}, the portal won't let me in.
Is there a ticket already? || Yes, {I:D8}, from {D?=yesterday}.
|| case number {I:D7} I talked to somebody called {S?=Brenda}
|| The case is {I:L1D7} with workers comp.
|| My case worker said to give you {I:D6}.
Case number? || Two cases actually, {I:D5} and {I:D5}.
Can I get your social? || {I:ssn}
Can I get your social? || I'd rather just give you the last four, {I:last4}.
|| My social is {I:ssn}.
|| Social security number, okay, {I:ssn}, please don't repeat it out loud.
Last four of your social? || {I:last4}
Last four of your social? || Uh, {I:last4}.
Last four of the social security number, please. || Mine or my son's? Mine's {I:last4}.
|| The last four are {I:last4}.
|| It ends in {I:last4}.
|| last for of my social {I:last4}
|| My social ends with {I:D4}, date of birth {D:dob}.
Could you verify the last four? || Sure, {I:last4}.
|| My wife's social is {I:ssn} and mine is {I:ssn}.
What is your NHS number? || {I:nhs}
|| My NHS number's {I:nhs}, it's on the letter.
|| NHS number, right, it's {I:nhs}.
|| I've only got the NHS number for my daughter, {I:nhs}.
Driver's license number? || {I:dl}
|| Driver's license is {I:dl}.
|| I can give you my license, it's {I:dl}, out of {A?=Ohio}.
|| The licence number is {I:dl} and it's still my old address on it.
|| My passport number? {I:pp}.
Do you have any photo ID? || I have a passport, {I:pp}.
|| passport {I:pp} it expires {D?=next year}
|| I don't drive, so passport, it's {I:pp}, issued in {A?=Canada}.
|| I parked in the patient lot, plate is {I:plate}.
What's the license plate? || {I:plate}
|| My plate number is {I:plate}, it's the blue Honda.
|| it's a gray corolla tag {I:plate}
|| The car's a rental, plate {I:plate}, can you validate the parking?
|| The VIN is {I:vin}.
|| For the accident claim, the vehicle number's {I:vin}.
|| My pump's serial number is {I:L2D8}.
|| The serial on the back is {I:L1D9}.
What's the serial number on the device? || {I:L3D7}
|| It's the CPAP, serial {I:D10}, it keeps shutting off.
|| My pacemaker card says model A two, serial {I:L3D6}.
|| device serial {I:L2D5L1} lot {I?:D5}
|| The meter says S N {I:D8}.
|| Glucose sensor, serial number {I:L1D4L2D2}, fell off after two days.
Medicare number? || {I:mbi}
|| My Medicare is {I:mbi}.
|| The red, white and blue card says {I:mbi}.
|| Medicare ID {I:mbi}, part A and part B.
|| I just got the new medicare card, number {I:mbi}.
|| Medicaid number is {I:D9L1}.
|| My Medicaid is {I:L2D6L1}.
|| My username is {I:login}.
What's your login? || {I:login}
|| I log in with {I:login} and it says wrong password.
|| the portal username is {I:login} all lower case
|| User ID {I:login}, password I'm not telling you.
|| I got a text, the code is {I:D6}.
What's the code we sent you? || {I:D6}
What's the code we sent you? || Okay it just came in, {I:D6}.
|| It says your verification code is {I:D6}, do not share.
|| I'm looking at my phone, it's {I:D4}, no wait that's the old one, {I:D4}.
|| One time code {I:D6}.
|| My PIN is {I:D4}.
And the pin? || {I:D4}
|| The pin I set up was {I:D4} I think.
|| For the voicemail pin try {I:D4}.
|| The card number is {I:card}.
Go ahead with the card number. || {I:card}
Go ahead with the card number. || Okay, {I:D4}, {I:D4}, {I:D4}, and {I:D4}.
|| Visa, {I:card}, expires {I:exp}.
|| it's a mastercard {I:card} expiration {I:exp} and the code on the back {I:D3}
And the expiration date on the card? || {I:exp}
And the expiration? || {I:exp}, and the three digits are {I:D3}.
|| The security code is {I:D3}.
And the three digits on the back? || {I:D3}
CVV? || {I:D3}, hmm, or it could be an {I=8~eight} at the end.
|| American Express, {I:amex}, and on the front {I:D4}.
|| Put it on the card ending {I:D4}.
|| Use the one you have on file, it ends in {I:D4}, right?
|| My HSA card is {I:card}, exp {I:exp}.
|| Routing number is {I:D9} and account is {I:D10}.
|| The check is from account {I:D8}, check number {I:D4}.
|| My locker code is {I:D4}, can somebody get my glasses out?
|| Gate code's {I:D4} when the nurse comes.
|| My student ID is {I:L1D8}, the school plan needs it.
|| I work there, my badge number is {I:D5}.
|| employee number {I:D6} at {O:emp}
|| Veteran ID, it's {I:D10}.
|| I'm retired army, DOD number {I:D10}.
|| The tracking number for the sample kit is {I:L2D9L2}.
|| My lab requisition is {I:L1D8}.
|| Accession number {I:L2D7}, the one for the biopsy.
|| The specimen label says {I:D8}.
|| On the mri disc it says study {I:D7}.
|| NPI? That's {I?:D10} for {S?:dr}.
|| My library, I mean my loyalty card number is {I:D9}.
|| The police report is {I:D2} {I:D6}.
|| My bus pass number, the disabled one, is {I:D7}.
|| The lot was {I?:L2D4} on my vaccine card, and the record says {I:D7}.
|| Group? it says plan {I:D5}, R X bin {I?:D6}, P C N {I?:L3D2}.
|| RX BIN is {I?:D6}, ID is {I:L2D7}.
|| The bin number says {I?:D6}, then PCN {I?:L4}, then group {I:L2D4}.
What's the Rx group? || {I:L3D4}
|| It's {I:D5}.
|| {I:D6}
|| {I:D7}, thank you.
|| Yes, {I:D8}.
|| Okay. {I:L2D6}.
|| {I:L3D6}
|| um {I:D9}
|| Sorry, {I:D5}.
|| It begins with {I:L2} and then it's {I:D6}.
|| Here it is. {I:L1D7}. Did you get that?
|| {I:D10} is the number they gave me.
|| {I:L2D5}, that's all it says.
|| {I:D6} is that one, and {I:D6} is my husband's.
|| You want the long one? {I:D12}.
|| The long number on the front is {I:D16}.
|| I see a number, {I:D8}, but I don't know what it's for.
|| There's letters too, {I:L3}, then {I:D5}.
|| so the letters are {I:L3} and the number part's {I:D6}
|| {I:D8}, that's the number on the letter you mailed me.
|| The letter has {I:L2D4} up in the corner.
|| I was told to quote {I:L2D6}.
|| They said just say {I:D5} and you'd know.
|| My number with you is {I:D6}.
|| I am patient number {I:D5}.
Patient number? || {I:D6}, {N:full}.
|| {N:full}, {I:D7}.
|| This is {N:full}, my ID's {I:D8} and I need to move my appointment.
|| hi it's {N:first} {N:last} calling back number {I:D6}
|| The patient is {N:full}, the number's {I:D9}, we're on the same plan.
'''
F_PIECES = r'''
Go on. || {I:D3}
Go on. || then {I:D3}
Go on. || And the last part is {I:D4}.
Go on. || {I:D2}, and then that's it.
Mm-hm. || {I:D4}
Uh huh. || Then {I:L1} and {I:D3}.
Okay. || then {I:D2} then {I:D4}
Yes? || Then it's {I:D5}.
And then? || {I:D3}
And then? || and then {I:D2}
And after that? || After that {I:D4}.
And after that? || just a {I=9~nine}
And the rest? || {I:D5}
And the rest? || The rest is {I:D4}, I think.
{-:D3}? || Yes. {I:D4}.
{-:D3}? || yeah {I:D3}
{-:D3}? || Yep, then {I:D4}.
{-:D3}? || Right, and next {I:D2} and {I:D2}.
Okay, {-:D3}. || {I:D3}
Okay, {-:D4}. || And {I:D4}.
Okay, {-:D2}... || {I:D2}
{-:L2D2@a}, okay. || {I:D4}
{-:L3}, go on. || {I:D6}
{-:D3@a}? || No, {I:D3}.
{-:D3@a}? || No no, not {I:D3@a}, it's {I:D3}.
{-:D4@a}? || correct {I:D4@a} then {I:D2}
{-:D4@a}? || Yes {I:D4@a}.
{-:D5}? || Other way round, {I:D5}.
Sorry, did you say {-:D2}? || No, {I:D2}.
Was that fifteen or fifty? || {I=Fifty, five zero~fifty five zero}.
Is that M as in Mary? || No, {I=N as in Nancy~n as in nancy}.
Is that B or D? || {I=B as in boy~b as in boy}.
Was that an S or an F? || {I=F, F as in Frank~f f as in frank}, then {I:D3}.
One more time please? || {I:D6}
One more time please? || I said {I:D7}.
Could you repeat that more slowly? || Sure. {I:D3}. {I:D3}. {I:D3}.
Could you repeat that more slowly? || okay {I:D3} you got that {I:D4}
I only have eight digits. || Oh, I missed one, it's {I:D9}.
I am missing one digit. || It ends with {I:D2}.
I think there is a digit missing. || let me see {I:D4} and {I:D5} yeah there's nine
What comes after the seven? || {I:D3}
What were the last two? || {I:D2}
What were the first three again? || {I:D3}
What was the letter at the end? || {I=W, like whiskey~w like whiskey}.
Which letter was that? || {I=K, for kilo~k for kilo}.
Any letters in front? || Oh yes, {I:L2} in front.
Start with the letters. || {I:L3}
And the numbers? || {I:D6}
-|| the first part is {I:D2} then {I:D3}
-|| The first part is {I:D3}, then {I:D2}, and the last part is {I:D4}.
-|| okay first three {I:D3} next three {I:D3} and last four {I:D4}
-|| It's in two lines, the top is {I:D5} and the bottom is {I:D5}.
|| {I:D3}, are you ready? {I:D3}, then {I:D4}.
|| {I:D3}, got that? Then {I:D3}.
|| Do you have a pen? Okay, {I:D3}, {I:D3}.
|| {I:D4}, wait, my glasses, {I:D4}.
|| {I:D2} I can't read the next one {I:D3}
|| it's {I:D3} hold on the baby's crying okay {I:D4}
|| {I:D3}. You there? {I:D4}.
|| The middle is {I:D3}.
|| the middle bit is {I:D4} and it ends in {I:D2}
|| And the end of it is {I:D3}.
|| and finally {I:D2}
|| and the last one is a {I=4~four}
|| Then there's a dash, then {I:D2}.
|| after the dash it's {I:D3}
|| then a slash and {I:D2}
|| so {I:D3} dash {I:D2} dash {I:D4}
|| {I:D2}, space, {I:D2}, space, {I:D2}, space, {I:L1}.
-|| {I:D3} no sorry {I:D3}
-|| {I:D5}, no sorry, the last two are {I:D2}.
|| No sorry, {I=9~nine}, not {I?=5~five}.
|| No, I said {I=7~seven}, not {I?=11~eleven}.
|| sorry that's {I:D2} not {I:D2}
|| it's a {I=3~three} at the end not an {I?=8~eight}
|| Scratch that, {I:D6}.
|| {I:D4}, actually no, that's the phone number, the account is {I:D6}.
|| Wait, I read you the wrong one, it's {I:D8}.
|| {I:D3}, oh I skipped one, {I:D4}.
|| oops {I:L2D3} I mean {I:L2D3}
|| I gave you the old card, the new one says {I:L2D7}.
|| I transposed them, it should be {I:D4}.
|| Make that {I:D4} at the end.
|| {I:D2}, correction, {I:D2}.
|| {I:D6}, or no, hang on, {I:D6}, yes that's it.
|| Let me start over. {I:D8}.
|| let me start again {I:D3} {I:D3} {I:D3}
|| Is it {I:D5} or {I:D5}? I've got both written down.
|| it could be {I:D6} I can't tell if that's a {I?=1~one} or an {I?=l}
|| That's {I:L1}, then {I:D2}, then another {I=L~l}.
|| that's a letter {I=O~o} not a {I?=zero} so {I:L2D3}
|| Capital {I:L1}, small {I:L1}, then {I:D4}.
|| All caps, {I:L4}.
|| All one word, {I:login}.
|| No spaces, {I:L3D3}.
|| there's {I?=three zeros} in it {I=4 000 7~four zero zero zero seven}
|| {I=double 0 7 9~double oh seven nine}, then {I=triple 4~triple four}.
|| {I=4-2-7~four two seven}, {I=oh 9~oh nine}, and that's all of it.
So that's {-:D6@a}, correct? || Yes, {I:D6@a}.
So that's {-:D6@a}, correct? || No, the end is {I:D2}.
So that's {-:L2D4@a}, is that right? || Almost, it's {I:L2D4}.
I have {-:D8} here, does that sound right? || that's my old one the new one is {I:D8}
Let me read that back, {-:D7}. || Nope. {I:D7}.
Let me read that back, {-:D7@a}. || {I:D7@a}, yes, perfect.
Did you say {-:D3} at the end? || {I:D3}, yeah.
Did you say {-:D3} at the end? || I said {I:D3}
You said {-:D4@a}? || {I:D4@a} that's right
Is it still the card ending in {-:D4}? || No, it's {I:D4} now.
The last four I have is {-:D4}. || It should be {I:D4}.
I show the last four as {-:D4@a}, is that you? || yeah {I:D4@a} that's me
-|| So I have {I:D7}, is that right?
-|| Just to read that back, {I:L2D6}. Correct?
-|| I'm going to repeat it, {I:D4}, {I:D4}. Yes?
-|| that was {I:D3} {I:D2} {I:D4} right
-|| So {I:D3}, and then {I:D4}, did I get that?
-|| you said {I:D5} is that with a zero
-|| Let me make sure I wrote it down, reference {I:L1D6}?
-|| Okay so my confirmation is {I:L2D4}, thank you.
-|| Hold on, let me write it, {I:D6}, okay.
|| It was {I:D3} something, {I:D2} something, I don't remember.
|| I only remember the end, {I:D4}.
|| all I remember is it starts with {I:D3}
|| Starts with a {I=7~seven}, ends with {I:D3}.
|| It's the same as before except it ends in {I:D2}.
|| Same as mine but the suffix is {I:D2}.
|| mine ends in {I=01~zero one} and hers ends in {I:D2}
|| {I=ate 4 to 1~ate for to won}, that's the first four.
|| {I=see 4 to 7~see four to seven}
|| {I=are you 7 7 1~are you seven seven one}
|| I think it said {I=bee 6 or 9~bee six oh nine}.
|| {I=KI 472~k i four seven two}
|| {I=AB 12~a b twelve}, then {I=oh 7 9~oh seven nine}.
|| It's {I=4 27 01 9~four twenty seven oh one nine}.
|| {I=P as in Peter 4 for 4~p as in peter four for four}
|| {I=1 hundred 22~one hundred twenty two} {I=Oh 4~oh four}
|| {I=why 88 tea~why eighty eight tea}
|| {I=Jay 5 Jay 5~jay five jay five}, don't laugh.
|| {I=X-ray 3 Tango 9~x ray three tango nine}
|| {I=Zulu Kilo 419~zulu kilo four nineteen}
|| {I=n as in nancy n as in nancy 60~n as in nancy n as in nancy sixty}
|| {I=seventeen 76~seventeen seventy six}, easy to remember.
|| {I=19 84~nineteen eighty four} is my pin, I know, I know.
|| {I=two thousand 5~two thousand five} for the house alarm code.
|| {I=4 hundred 12~four hundred twelve} dash {I=7~seven}
|| {I=10 10 220~ten ten two twenty}
|| {I=Q double T 8~q double t eight}
|| {I=M for mother, 3, 3~m for mother three three}
'''
F_PHONE = r'''
What's a good callback number? || {P:ph}
What's a good callback number? || It's {P:ph}, that's my cell.
What's a good callback number? || {P:ph6}, {P:D4}
Best number to reach you? || Best is {P:ph} {D?=until five}, then {P:ph}.
Best number to reach you? || Same number, ending in {P:D4}.
Is this the best number? || No, use my work, {P:ph}, extension {P:D3-4}.
Can I have your phone number with area code? || {P:ac}, {P:ph7}
Can I have your phone number with area code? || area code is {P:ac} and then {P:ph7}
Phone number? || {P:ph7}, same area code as you.
Phone number? || Okay {P:D3}, {P:D3}, and then {P:D4}.
And the number you're calling from? || I think it's {P:ph} but I'm not sure, it's new.
What number can we text you at? || {P:ph} but I can't get texts {D?=after nine}.
And the fax number? || {P:ph}
And the fax number? || Fax is {P:ph}, attention {S?=Marcy}.
Which fax should I send it to? || The one in back, {P:ph}.
|| Fax it to {P:ph} please.
|| The fax number at my work is {P:ph}.
|| you can fax the form at {P:ph} or mail it
|| My fax is the same but ends in {P:D4}.
|| Call me at {P:ph}.
|| call me back at {P:ph} i'm here {D?=till six}
|| My number's {P:ph} and my name is {N:full}.
|| My old number was {P:ph}, take that off.
|| The number you have is wrong, it should be {P:ph}.
|| You keep calling {P:ph} and that's my ex.
|| It's a landline, {P:ph}.
|| Cell's {P:ph}, home's {P:ph}.
|| My cell is {P:ph} and my daughter {N:first} is {P:ph}.
|| Emergency contact is {N:full}, {P:ph}.
|| My husband's cell is {P:ph}, try that first.
|| Somebody called me from {P:ph}, was that you?
|| I have a missed call from {P:ph}.
|| this is {N:first} you can reach me on {P:ph}
|| {P:ph@a}. Again, {P:ph@a}.
|| {P:ph@a}, I'll say it again, {P:ph@a}.
|| I'm at extension {P:D4}.
|| When it picks up dial {P:D3}.
|| ask for extension {P:D3} at the warehouse
|| Extension? {P:D4}.
|| The school nurse is at {P:ph} extension {P:D2}.
|| My toll free is {P:ph11}.
|| It's {P=1 800~one eight hundred}, {P:ph7}.
|| {P?=one eight hundred} something, {P:D3} {P:D4}
|| dial {P:ph11} and ask for me
|| From {A?=the UK} it's {P:uk}.
|| Mobile is {P:uk}.
|| {P?=plus forty four} and then {P:D10}
|| {P=0 1 double 3 2~oh one double three two} {P:D6}
|| My number in {A?=Mexico} is {P=52~five two} {P:D10}.
|| {P:ph} is my mom's phone, she answers for me.
|| {P:ph}
|| {P:ph}, yeah.
|| {P:ph6}
|| so {P:D3} {P:ph7} okay
{-:ph6}? || {P:D4}
{-:ac@a}? || yes {P:ac@a} {P:ph7}
{-:ac}? || No, area code {P:ac}.
{-:D3}, okay. || {P:D3}. {P:D4}.
{-:ph@a}, right? || {P:ph@a}, that's right.
{-:ph}, right? || Not {P:D4} at the end, {P:D4}.
So {-:ph7}? || no sorry {P:D3} not {P:D3}
I have {-:ph} on file. || That's been disconnected. {P:ph}.
I have a number ending in {-:D4}. || Oh no, that's my late husband's. Mine ends in {P:D4}.
I have a number ending in {-:D4@a}. || yes {P:D4@a} is good
Is the number ending {-:D4} still good? || Take the one with {P:D4}.
Hold on, let me get a pen. Okay. || {P:D3}, {P:D3}, {P:D2}, {P:D2}
Can you say the last part again? || {P:D4}
Can you say the last part again? || It's {P:D2} {P:D2}
And the area code? || {P:ac}
And the area code? || It's {P:ac}, we moved.
Is there an extension? || {P:D4}
Is there an extension? || yeah x {P:D3}
|| my neighbor {N:full} has a phone it's {P:ph}
|| The pharmacy's number is {P:ph}, the one on {A?=Main}.
|| The pharmacy fax is {P:ph}.
|| They said to call {P:ph} and hit option two.
|| The nursing home's line is {P:ph}, second floor.
|| My lawyer's office is at {P:ph}.
|| {P:D3}, uh, no, {P:D3}, {P:ph7}.
|| It's {P:ph6} and then I always forget, {P:D4}.
|| my phone's {P:ph7} do you need the area code too
|| The last four of my phone are {P:D4}.
|| I changed it, it used to end in {P:D4} and now it's {P:D4}.
|| leave a message on {P:ph} if nobody picks up
|| Text me, {P:ph}, I never answer calls.
|| {P=5 5 5, 0 1 ate 4~five five five oh one ate four}
|| {P=402 triple 5 76 hundred~four oh two triple five seventy six hundred}
|| {P=six one six, to two to, 9 won 4~six one six to two to nine won four}
|| {P=3 0 4 5 5 5 twenty 12~three oh four five five five twenty twelve}
|| Work's {P:ph}, that's {O:emp}, ask for {N:first}.
'''
F_DATE = r'''
Date of birth? || {D:dob}
Date of birth? || It's {D:dob}.
Date of birth? || {D:dnum}
Date of birth? || Mine or hers? Hers is {D:dob}.
Your date of birth please. || Uh, {D:md}, {D=1958~nineteen fifty eight}.
And the birthday? || {D:md}
And the birthday? || {D:dob}, he's the baby.
Can you verify your date of birth? || Yep, {D:dob}.
Can you verify your date of birth? || {D=4 11~four eleven}, {D=52~fifty two}.
And the year? || {D?=1962~nineteen sixty two}
And the year of birth? || {D?=71~seventy one}
Month and day? || {D:md}
What day was that? || The {D=14th~fourteenth}, I think.
What day works for you? || Anything after the {D=20th~twentieth}.
What day works for you? || {D:md} is okay, or the {D=9th~ninth}.
{-:dob@a}, right? || Yes, {D:dob@a}.
{-:md}? || no the {D=twelfth~twelfth}
March? || No, {D=May~may}, {D=the fifth~the fifth}.
Was that the thirtieth? || No, the {D=13th~thirteenth}.
|| My date of birth is {D:dob}.
|| DOB {D:dnum}.
|| I was born {D:dob}.
|| born on {D:md} in {A:city}
|| My son's birthday is {D:dob} and his ID is {I:D8}.
|| {D:dob}, member {I:L2D7}.
|| {N:full}, date of birth {D:dob}.
|| {N:full}, {D:dob}, and the phone is {P:ph}.
|| it's {N:first} {D:dnum}
|| My surgery was on {D:md}.
|| I had the MRI {D:mdy}.
|| The bill is dated {D:mdy}, number {I:D6}.
|| date of service {D:mdy} claim {I:D9}
|| The accident happened {D:mdy}.
|| I've been a patient since {D:mdy}.
|| The referral runs out {D:md}.
|| my last period started {D:md}
|| I was in the hospital from {D:md} to {D:md}.
|| My appointment's on {D:md} at {D?:time}, confirmation {I:D5}.
|| Can we move it from the {D=3rd~third} to the {D=10th~tenth}?
|| she died {D:mdy} and you're still sending bills
|| My wedding's {D:md} so not that week.
|| The prescription was filled {D:md}, number {I:D7}.
|| The card became effective {D:mdy}.
|| {D:dnum}
|| {D:md}
|| {D:dob}, that's my birthday.
|| No, sorry, {D:md}, not {D:md}.
|| day first or month first? {D:dnum}
|| the {D=fourth of the third~fourth of the third}, {D=62~sixty two}
|| {D=oh 3 oh 4 62~oh three oh four sixty two}
|| {D=1 7 49~one seven forty nine}, I'm an old man.
|| He's {G:age}, born {D:md}.
|| My grandmother is {G:age} and her number is {I:D7}.
|| she just turned {G:age} on {D:md}
How old is the patient? || {G:age}
How old is the patient? || She's {G:age}, going strong.
'''
F_NET = r'''
What's your email? || {E:email}
What's your email? || It's {E:email}.
What's your email? || {E:email}, all lowercase.
Can I get an email for the portal? || sure {E:email}
Can I get an email for the portal? || I use my wife's, {E:email}.
Email address? || Um, {E:email}, but I hardly check it.
Email address? || {E:email}, and the user ID is {I:login}.
|| My email is {E:email}.
|| send it to {E:email} please
|| You can email me, {E:email}.
|| Email's {E:email} and cell is {P:ph}.
|| The email on my account's wrong, it should be {E:email}.
|| that's {E:email} with no dots before the at
|| {E:email}
|| {E:email}, got it?
|| My work one is {E:email}, and home is {E:email}.
|| I never got it, is it going to {E:email}?
|| {N:first}'s email? {E:email}.
|| copy my daughter, {E:email}, on that
-|| so i have {E:email} is that correct
At gmail? || No, {E=at yahoo dot com~at yahoo dot com}.
At gmail? || {E=at outlook dot com~at outlook dot com}
Is there a dot in it? || {E:email}
Could you spell the part before the at? || {E:L6}
Could you spell the part before the at? || {E:L3}, then {E:D2}.
And the part after the at? || {E=comcast dot net~comcast dot net}
|| {E=m as in Mary dot fenwick 7 at aol dot com~m as in mary dot fenwick seven at a o l dot com}
|| It's {E=t o m a s z underscore 88 at gmail~t o m a s z underscore eighty eight at gmail}.
|| The link they sent is {U:url}.
|| it's {U:url} and then it says error
What website are you on? || {U:url}
What does the link say? || It says {U:url}.
|| My results are at {U:url}, can you open that?
|| I typed {U:url} and it asks for a code.
|| The address bar shows {U:url}.
|| My photo of the rash is at {U:url}.
|| {U:url}, that's where the form is.
|| IP address is {X:ip}.
|| it keeps saying blocked from {X:ip}
What's the IP on the device? || {X:ip}
What's the IP on the device? || Okay it shows {X:ip}.
|| The security email says someone logged in from {X:ip}, that isn't me.
|| Our router's {X:ip}, if that helps.
|| {X:ip}
|| The tablet says its address is {X:ip}, port eighty.
What's your zip? || {A:zip}
What's your zip? || It's {A:zip}.
What's your zip? || {A:zip}, plus four is {A:D4}.
Billing zip code? || {A:zip}
Billing zip code? || The card's billed to {A:zip}.
And the zip on the card? || uh {A:zip} no {A:zip} we moved
Zip? || {A:zip4}
|| My zip's {A:zip}.
|| zip code {A:zip} house number {A:house}
|| I'm in {A:zip}, do you have anything closer?
|| The zip is {A:zip}, the member ID is {I:L1D8}.
|| {A:zip}
{-:D3}? || {A:zip}, it's a zip code.
House number? || {A:house}
House number? || It's {A:house}, the blue door.
What's the house number? || {A:house}, unit {A:unit}.
What's the street address? || {A:addr}
What's the street address? || {A:addr}, {A:city}.
What's your address? || {A:addr}, {A:city}, {A:zip}
What's your address? || It's {A:addr}, apartment {A:unit}.
Apartment number? || {A:unit}
Apartment number? || number {A:unit}
|| We're at {A:addr}.
|| I live at {A:addr} now.
|| my house number is {A:house} on {A:street}
|| {A:house}, that's the house number.
|| Send it to P O box {A:D3-4}, {A:city}.
|| box {A:D4}
|| They delivered it to {A:house} instead of {A:house}.
|| It's not {A:house}, it's {A:house}, {A:street}.
|| we moved from {A:addr} to {A:addr}
|| Mail the card to {A:addr}, {A:city}.
|| unit {A:unit} building {A:D}
|| The postcode's {A:L2D2L2}.
Postcode? || {A:L2DDL2}
'''
F_LONG = r'''
|| I've been on the phone with the insurance {D?=all morning} and they finally gave me a reference, it's {I:L1D7}, and they said you have to call them back by {D?:wd}.
|| Hi, my name is {N:full}, I'm calling about a bill for two hundred dollars, the account is {I:D7}, and I already paid it.
|| So the pharmacist told me the prescription, that's {I:D7}, has no refills and I take two a day so I'm down to six.
|| I don't have the card with me but I took a picture, let me zoom in, okay, {I:L3D9}, and then group {I:D5}.
|| well my blood sugar's been over three hundred and the meter, serial {I:L2D6}, keeps giving me error four
|| My wife had surgery {D:md}, her chart is {I:D6}, and nobody's called us with the results.
|| Okay so I called {D?=last week} and got a ticket, {I:D6}, and then I called again and got another one, {I:D6}, and nothing.
|| I'm at work so if I don't pick up it's {P:ph}, extension {P:D3}, and just tell whoever answers it's about {N:first}.
|| I tried to register, it wants a code, I put in {I:D6}, it says expired, so I got another one, {I:D6}, same thing.
|| they want ninety dollars for the visit and the invoice is {I:D5} and I thought my copay was twenty
|| Can you check something, the claim {I:D9} says I was seen for forty five minutes and it was more like ten.
|| I take metformin five hundred twice a day and the bottle number's {I:D7} if that helps you find it.
|| The letter's got all kinds of numbers, there's {I:D4} at the top, {I:L1D8} in the middle, and it says I owe sixty two fifty.
|| Before I forget, my new phone is {P:ph}, and the old one, the {P:D4} one, that's off.
|| She's ninety pounds, she can't take that dose, her number with you people is {I:D6}.
|| I was in a wreck on route nine, the police gave me a report number, {I:L2D6}, and my car's plate {I:plate}.
|| i'm seventy four years old and i have medicare it's {I:mbi} and a supplement {I:L3D8}
|| You've got me down as {N:first}, it's {N:first}, and the member ID's wrong too, it's {I:D9}.
|| My son's at college and his student insurance is {I:L1D7}, he turned nineteen, is he still covered?
|| My doctor's office is {P:ph}, they'll fax the order, I just need your fax, mine's {P:ph}.
|| The nurse said room twelve, but my bracelet says {I:D7} and that's not my name on it.
|| I pressed two, then it asked for my ID, I punched in {I:D8} and it hung up.
|| I'm on hold with the other line, sorry, the auth is {I:D8} and it's good for three visits.
|| So for the cpap they want the serial, it's {I:D10}, and the pressure's set at ten.
|| Yes I can hold. While I've got you, the last four of my social is {I:last4}, in case you need that.
|| My blood pressure was one sixty over ninety {D?=this morning} and I'm patient {I:D6}, can somebody call {P:ph}?
|| I paid with the visa ending {I:D4} on {D:md} and you charged the one ending {I:D4}.
|| It's the third time {D?=this month}, my account's {I:L1D6}, please fix it.
|| They shipped one box instead of two, order {I:D9}, and the strips expire {D?=next year}.
|| Let me give you my husband's too, he's {N:first}, same last name, {I:D9} {I=02~zero two}.
|| Well the first claim was five hundred dollars and the second, {I:D8}, was eleven hundred.
|| so I put the car in spot forty and the plate is {I:plate} will I get towed
|| My email's {E:email}, and if it bounces, use {E:email}.
|| I need the records from {D?=twenty nineteen}, my record number then was {I:D6}, now it's {I:D8}.
|| Does it matter that the ID has changed? It used to be {I:D9} and then they put a {I=W~w} in front.
|| The lady said the number was {I:D5} and I said that can't be right because mine has nine digits, {I:D9}.
|| hi yes um so i got this letter it says case {I:D7} and i don't understand it
|| Forty milligrams, twice a day, and the script's number {I:D6}.
|| My A one C was seven point two and the lab order was {I:L1D7}.
|| I'm sorry, I'm driving, it's {P:D3}, hang on, {P:ph7}.
|| I was born at your hospital, {D:dob}, so you should have me.
|| He's diabetic, he weighs two ten, his Medicaid's {I:D8}.
|| They approved thirty tablets, approval {I:L2D5}, not ninety.
|| please have {S?:dr} call me {P:ph} it's about the biopsy
|| I have a question about the twelve dollars, receipt {I:D6}.
|| I can't get into the portal, user {I:login}, tried four times.
|| Listen, it's {I:L2D6}, it's always been {I:L2D6}, I don't know why it says no match.
|| for the deposit it's routing {I:D9} checking {I:D10}
|| So my ride is booked, trip number {I:D6}, they pick me up at {D?:time}.
|| The interpreter asked for a code, it's {I:D4}.
|| My locksmith put the house code as {I:D4}, so the aide can use that, the house is {A:addr}.
|| the wheelchair has a tag on it {I:L2D5} and the left wheel is broken
|| The sample kit barcode says {I:L1D9}.
|| I'd like my records sent to {N:full}, fax {P:ph}.
|| The hearing aid's serial is {I:D8} for the left, {I:D8} for the right.
|| I found a card on your floor, it says {I:D9}, somebody's lost it.
|| It won't accept my number. {I:D9}. It says ten digits.
|| Read off the back? There's {P?:ph11} for members and {P?:ph11} for providers, and my ID's {I:D8}.
|| I'm calling for {N:full}, I'm her power of attorney, her member ID's {I:L3D6}.
|| My transplant list number's {I:D6}, they said you'd want it.
|| I've got a state ID, not a license, {I:L1D8}, will that do?
'''
F_NEG = r'''
|| I take (500 milligrams~five hundred milligrams) twice a day.
|| It's five hundred milligram tablets, (two~two) in the morning.
|| My blood pressure was (130 over 85~one thirty over eighty five).
|| This morning it was (142/90~one forty two over ninety), is that bad?
What was the reading? || {#90-180} over {#55-99}.
What was the reading? || {#110-240}, before breakfast.
|| My sugar was {#90-320} when I woke up.
|| glucose {#60-300} and it was {#60-300} an hour later
A>|| My A1C came back at (7.4~seven point four).
R>|| my a one c is six point eight
A>|| He's on a B12 shot once a month.
R>|| i get b twelve shots every four weeks
A>|| Should I take vitamin D3 with the omega 3?
R>|| do you sell omega three and vitamin d three
|| I weigh {#120-280} pounds.
How much do you weigh? || {#120-280}
How much do you weigh? || About {#50-110} kilos, I lost {#2-15}.
How tall are you? || (5 foot 7~five foot seven).
How tall are you? || five eleven
|| My temperature's been (101.3~one oh one point three) since {D?=last night}.
What's the temperature? || (99.8~ninety nine point eight)
What's his temperature? || {#99-104}, it was {#99-103} earlier.
|| My heart rate goes up to {#100-170} when I walk.
|| oxygen is {#86-98} percent
What's your pain from one to ten? || {#3-10}
What's your pain from one to ten? || It's a {#3-9}, sometimes a {#4-10}.
How many pills are left? || {#2-30}
How many pills are left? || Maybe {#2-9} or {#3-12}.
How many do you take? || two in the morning and one at night
How often? || Two or three times a day.
How often do you test? || four times a day sometimes five
How long has it been? || {#2-14} days.
How long has it been? || About {#2-9} weeks, off and on.
How old are you? || {#18-89}
How old are you? || I'm {#18-89}.
How old is the child? || She's {#2-11} and a half.
How many children do you have? || {#1-6}
How many people in the household? || {#2-8}, counting my mother.
How many cigarettes? || {#5-40} a day, I used to do {#20-60}.
How many drinks a week? || four or five
|| I'm {#40-88} years old and I still walk two miles.
|| My mother's {#60-88}, can she have the shot?
|| He was {#30-70} when he had his first heart attack.
|| The copay is {#10-60} dollars.
|| They charged me {#100-900} dollars and {#10-99} cents.
|| It was ($42.50~forty two fifty), I've got the receipt here.
|| How much is it without insurance, (150~one fifty)?
How much was the bill? || {#80-990}
How much was the bill? || ($1,240~twelve hundred and forty dollars).
|| you said it'd be eighty and now it's a hundred and ten
|| The deductible's (2500~twenty five hundred) and I've met (1100~eleven hundred).
|| I pay {#20-90} a month for the plan.
|| They cover {#50-90} percent after that.
|| There's a {#10-40} percent chance it comes back, they said.
|| I'm in room {#100-420}.
What room are you in? || {#100-420}
|| I'm in waiting room {#2-9}, nobody's called me.
|| We take the {#3-99} bus.
|| bus number {#3-99} stops right there
|| I come down route {#2-95} and it takes forever.
|| I'm stuck on interstate {#10-95}, I'll be fifteen minutes late.
|| take exit {#2-60} and then it's the second light
|| I wear a size {#6-13} shoe.
Which size brace? || Medium, or {#6-14} if it's by number.
|| My ring's a size seven and it won't come off.
|| The game's on channel {#2-60} in your lobby.
|| can you turn it to channel {#2-60}
|| Press one for English.
|| I pressed {#1-9} and then {#1-9} and it hung up on me.
|| it said press three for refills and then nothing
|| I've been on hold for {#10-70} minutes.
|| I was number {#2-19} in the queue.
A>|| This is the {#4-9}th time I've called.
R>|| this is the third time i'm calling
|| I need {#30-90} tablets, not {#10-29}.
|| a ninety day supply please
|| The doctor said {#5-80} units at bedtime.
|| I'm on {#10-60} units of Lantus and {#4-15} of the fast one.
|| {#5-80} milligrams of lisinopril.
What dose are you on? || {#5-80}
What dose are you on? || {#5-80} milligrams, it used to be {#5-80}.
What strength is it? || (0.5~zero point five)
What strength is it? || (200~two hundred), the round ones.
|| It's a fifty microgram patch, change every three days.
|| I take {#75-150} micrograms of levothyroxine.
|| Eighty one milligram aspirin, is that okay?
|| Is Tylenol three stronger than Tylenol?
|| My cholesterol was {#160-290} and the bad one was {#90-190}.
|| LDL (131~one thirty one), HDL (48~forty eight).
|| PSA of (4.2~four point two), should I worry?
|| My TSH was (3.1~three point one).
|| Potassium was (5.6~five point six) on the last test.
|| creatinine one point four and the egfr is fifty two
|| INR was (2.7~two point seven), same dose then?
|| platelets were {#90-390} thousand
|| The baby is {#6-9} pounds {#1-15} ounces.
|| I'm {#5-39} weeks pregnant.
How far along are you? || {#5-39} weeks and {#1-6} days.
|| contractions are {#3-9} minutes apart
|| My period's {#3-15} days late.
|| Stage {#2-4}, that's what they told me.
A>|| L4 and L5 are the bad discs.
R>|| it's the l four l five disc and the c six
|| I had a COVID shot and then the second booster.
A>|| Is it type 1 or type 2?
R>|| he has type two diabetes
|| Is it a t score of minus two point five?
|| my eye's twenty forty
What's your vision? || (20/40~twenty forty) in the left.
|| I lost {#5-60} pounds in {#2-9} months.
|| I walk (10,000~ten thousand) steps a day.
|| I sleep {#3-6} hours, {#7-9} on {D?=weekends}.
|| I drink {#2-9} cups of coffee.
|| I smoked for {#10-45} years.
|| I quit {#3-35} years ago.
|| My brother has two kids and they're {#3-9} and {#10-17}.
|| there were {#3-30} people ahead of me
|| I have {#2-6} questions.
|| I've got one more thing and then I'm done.
|| Two things. First, the cough.
|| It's the number one reason I'm calling.
|| That's the last one, number four on my list.
|| There's nine digits, is that right?
|| Does the ID have nine digits or ten?
|| is that the number on the front or the back
|| Which number do you want, the long one or the short one?
|| I don't have the number with me.
|| I can't read the number, it's too small.
What's your member ID? || I don't have one yet.
What's your member ID? || It should be on file, give me five minutes and I'll find it.
Can I have your phone number? || You've called me ten times, you have it.
Can I have your phone number? || I don't give that out, sorry.
Date of birth? || I told the other lady two times already.
What's the claim number? || There are three of them, hold on.
What's the Rx number? || It's the twenty milligram one, I threw the bottle out.
Last four of your social? || I'd rather not, I had my identity stolen twice.
|| I'll call back in {#5-50} minutes.
|| I can be there in {#10-50} minutes.
|| it's {#3-30} miles from my house
|| I drove {#40-200} miles for this.
|| We have {#2-6} acres so I'm outside a lot.
|| I set the thermostat at {#62-75}.
|| It's {#75-104} degrees out and the AC's broken.
|| The Lakers won {#90-130} to {#80-129}.
|| I scored {#5-27} on that depression form.
|| The score was {#2-20}, they said under five is fine.
|| my apgar was a nine whatever that means
What time works? || {D?=4:30~four thirty}
What time works? || {D?=Nine fifteen~nine fifteen} or {D?=ten~ten}.
|| Could I come at {D?=2:15~two fifteen} instead?
|| The shop opens at {D?=8~eight}.
|| Are you open till {D?=6~six} on {D?=Saturday~saturday}?
|| I graduated in {D?:year}.
|| I had it done in {D?:year}, I think.
When was your last colonoscopy? || {D?:year}
When did you quit? || Around {D?:year}, so a long time.
|| It was {D?:year} when the doctor found it.
|| I have a {D?:year} car and it smells like smoke, could that be it?
A>|| I use a G7 sensor.
R>|| i have the g six and i want the g seven
A>|| My CPAP is an AirSense 10.
R>|| it's an air sense eleven
A>|| The form's called a W9.
R>|| do you need the w two or the ten ninety nine
A>|| I need the CMS 1500 form.
R>|| what's a form ten ninety five
A>|| The error is E4 on the meter.
R>|| the meter says error four
A>|| I've an iPhone 12, the app won't open.
R>|| it's an iphone eleven is that too old
|| The app wants version {#2-19} point {#0-9}.
|| My shoe insert is a three quarter length.
|| I take half of a {#10-40}.
|| one and a half tablets
|| {#2-4} puffs every {#4-8} hours.
|| Every {#4-12} hours or as needed?
|| use it for {#5-14} days and then stop
|| I missed {#2-6} doses.
|| twice on {D?=monday's} what they said, no, once
|| I called nine one one {D?=last night}.
A>|| Do I call 988 or you?
R>|| should i dial nine one one
|| I ate at {D?=noon}, it was eight ounces of juice.
|| I won a free flu shot at work.
|| He ate two for breakfast and one for lunch.
|| I want to come in too, if there's time for two of us.
|| oh for heaven's sake
|| Oh, no, I see. Okay. Why are you closed?
|| are you open {D?=today} or what
|| See, that's what I mean, you never know.
|| I see. So be it, I'll wait.
|| Vitamin K and vitamin E, that's all.
|| Hepatitis B or C, I mix them up.
|| it was an m r i not a c t
|| I had an EKG and an EEG.
|| Part B or part D, which covers it?
|| they put me on plan G
|| My blood type's O negative.
R>|| i'm a b positive i think
|| Is P T on the second floor?
|| I need an X-ray of both knees, two views.
|| We're a family of {#3-7}.
|| There's {#2-5} refills on it still.
|| The needle's a {#21-31} gauge.
|| They're four millimeter pen needles, box of a hundred.
|| The mole's about {#3-12} millimeters.
|| the kidney stone was six millimeters
|| A {#5-30} minute walk gets me out of breath.
|| it hurts at about forty five degrees when I lift it
|| I can do {#5-25} pounds with that arm.
|| The scar's {#2-6} inches.
|| I need a {#16-24} inch wheelchair.
|| they gave me {#2-5} liters of oxygen
|| It's {#2-4} liters a minute, on at night.
|| I eat about {#1200-2200} calories.
|| {#1-4} grams of sodium, no more.
|| I owe you a hundred bucks, I know.
|| I'd say eighty, eighty five percent better.
|| Fifty fifty, that's what she said.
|| It's a twenty four hour urine.
A>|| 24/7, it never stops itching.
R>|| twenty four seven it never stops
|| We've been married for {#20-60} years.
|| i've been coming there for {#5-30} years
|| I'm his third wife and he's got two sons.
|| It's the second door on floor {#2-9}.
|| We're at gate {#2-50}, boarding soon.
|| My seat's in row {#5-40}.
|| I'm at table {#2-30} having lunch, can I call back?
|| Is it aisle {#3-20} for the bandages?
|| line {#2-6} please, they put me on hold
|| Which line on the form, {#5-30}?
|| Page {#2-9} of the form is missing.
|| It's question {#4-22}, I don't understand it.
How many steps to your door? || {#3-19}
Any numbness? || Just two fingers, the fourth and fifth.
And how many weeks of therapy? || {#4-12}, two a week.
Did you fast? || Twelve hours, yes.
Any fever? || Ninety nine point nine, hundred, something like that.
One or two sugars a day? || Three, to be honest.
Do you want the thirty or the ninety? || Ninety.
Option one or option two? || two
Anything else? || No, that's {#2-4} things, that's plenty.
'''
TOK = re.compile(r"\{#(\d+)-(\d+)\}|\{([A-Z-])(\??)([:=])([^}]*)\}|\(([^()~]*~[^()]*)\)")

def norm_raw(s):
    s = s.lower().replace('&', ' and ')
    s = re.sub(r"[^a-z0-9']+", ' ', s)
    return s

def build(tpl, raw, env):
    """A list of (text, label or None, optional)."""
    segs, pos = [], 0
    for m in TOK.finditer(tpl):
        if m.start() > pos: segs.append([tpl[pos:m.start()], None, False])
        pos = m.end()
        if m.group(1):
            n = R.randint(int(m.group(1)), int(m.group(2)))
            t = card(n) if raw else str(n)
            if raw and n >= 100 and n < 1000 and n % 100 >= 10 and p(.5): t = card(n // 100) + ' ' + card(n % 100)
            segs.append([t, None, False]); continue
        if m.group(7):
            a, b = m.group(7).split('~'); segs.append([b if raw else a, None, False]); continue
        L, opt, op, body = m.group(3), m.group(4) == '?', m.group(5), m.group(6)
        if op == '=':
            a, b = body.split('~') if '~' in body else (body, body)
            t = b if raw else a
        else:
            k, _, var = body.partition('@')
            if var and (k, var) in env: v = env[(k, var)]
            else:
                v = textval(k, raw)
                if v is None: v = value(k)
                if var: env[(k, var)] = v
            t = render(k, v, raw, clean=(L == '-'))
        segs.append([t, None if L == '-' else LABEL[L], opt])
    if pos < len(tpl): segs.append([tpl[pos:], None, False])
    return segs

PRE_RAW = ['uh ', 'um ', 'yeah ', 'okay ', 'hi ', 'so ', 'well ', 'yes ', 'alright ', 'hello ', 'okay so ', 'uh yeah ', 'um okay ', 'right ', 'sorry ']
PRE_ASR = ['Uh, ', 'Um, ', 'Yeah, ', 'Okay, ', 'Hi, ', 'So, ', 'Yes. ', 'Okay. ', 'Hello. ', 'Sorry, ', 'Right. ']
POST = [' thanks', ' please', ' okay', ' thank you', ' is that okay', ' you got that', ' i think', ' sorry']

def assemble(segs, raw):
    if raw:
        out, spans = '', []
        for t, lab, opt in segs:
            n = norm_raw(t)
            if lab:
                n = n.strip()
                assert n, segs
                if out and not out.endswith(' ') and segs and PREVSPACE.get(id(t), False): out += ' '
                spans.append([len(out), len(out) + len(n), lab, opt]); out += n
            else:
                if out.endswith(' ') or not out: n = n.lstrip()
                out += n
        e = out.rstrip()
        return e, spans
    out, spans = '', []
    for t, lab, opt in segs:
        if lab:
            spans.append([len(out), len(out) + len(t), lab, opt])
        out += t
    return out, spans
PREVSPACE = {}

def caps_first(s):
    return s[:1].upper() + s[1:]

def noise_asr(text, spans):
    """Length-preserving case noise, or deletion of outer punctuation."""
    q = R.random()
    if q < .13: text = text.lower()
    elif q < .20:
        w = list(text); idx = [m.start() for m in re.finditer(r'(?<= )[a-z](?=[a-z]{3})', text)]
        for i in R.sample(idx, min(len(idx), R.randint(1, 2))): w[i] = w[i].upper()
        text = ''.join(w)
    if p(.12):   # no punctuation outside the spans, except apostrophes
        keep, new, m = [], '', {}
        ins = lambda i: any(a <= i < b for a, b, _, _ in spans)
        for i, c in enumerate(text):
            m[i] = len(new)
            if c in '.,?!' and not ins(i) and not (0 < i < len(text) - 1 and text[i - 1].isdigit() and text[i + 1].isdigit()): continue
            new += c
        m[len(text)] = len(new)
        spans = [[m[a], m[b], l, o] for a, b, l, o in spans]
        text = new
    return text, spans

def clean_prev(s): return re.sub(r'\s+', ' ', s).strip()

def make(frame, style):
    raw = style == 'asr_raw'
    f = re.sub(r'^[AR]>', '', frame)
    prev, txt = f.split('||', 1)
    prev, txt = prev.strip(), txt.strip()
    env = {}
    fits = bool(prev) and prev != '-'
    if not fits:
        prev = '' if prev == '-' else ch(GENERIC)
    elif p(.04) and '@' not in prev and '{' not in prev: prev = ch(['', 'Go ahead.', 'Okay.'])
    ps = ''.join(t for t, _, _ in build(prev, raw, env))
    segs = build(txt, raw, env)
    if p(.10) and not re.match(r'(?i)(uh|um|yes|yeah|okay|hi|hello|no|sorry|so|well|right|oh|go|yep)\b', segs[0][0]):
        segs.insert(0, [ch(PRE_RAW) if raw else ch(PRE_ASR), None, False])
        if not raw and segs[0][0].strip()[-1] == ',' and segs[1][1] is None and segs[1][0][:2] not in ('I ', "I'") and re.match(r'[A-Z][a-z]', segs[1][0]):
            segs[1][0] = segs[1][0][0].lower() + segs[1][0][1:]
    if raw and p(.05) and not re.search(r'[?]$', txt) and segs[-1][1]: segs.append([ch(POST), None, False])
    if not raw:
        if segs[0][1] not in ('EMAIL', 'URL', 'IP') or p(.5): segs[0][0] = caps_first(segs[0][0]) if p(.85) else segs[0][0]
        if not re.search(r'[.?!]$', segs[-1][0]):
            if p(.7): segs.append(['?' if re.match(r'(?i)(can|could|are|is|do|does|did|should|which|how|what)\b', ''.join(s[0] for s in segs)) else '.', None, False])
    text, spans = assemble(segs, raw)
    if raw:
        if p(.08):   # a filler or a repeated word somewhere outside the spans
            gaps = [m.start() for m in re.finditer(' ', text) if not any(a <= m.start() < b for a, b, _, _ in spans)]
            if len(gaps) > 2:
                g = ch(gaps); w = ch(FILL[:4] + ['like', 'uh'])
                text = text[:g] + ' ' + w + text[g:]
                spans = [[a + (len(w) + 1) * (a > g), b + (len(w) + 1) * (a > g), l, o] for a, b, l, o in spans]
        ps = norm_raw(ps).strip() if p(.8) else clean_prev(ps)
    else:
        text, spans = noise_asr(text, spans)
        ps = clean_prev(ps)
        ps = caps_first(ps)
    return ps, text, spans

def frames(block): return [l for l in block.strip().split('\n') if l.strip()]

def main():
    pos = []
    for b in (F_ID, F_PIECES, F_PHONE, F_DATE, F_NET, F_LONG): pos += frames(b)
    neg = frames(F_NEG)
    allf = pos + neg
    assert len(set(allf)) == len(allf), [x for x in allf if allf.count(x) > 1]
    want = {('pos', 'asr'): 525, ('pos', 'asr_raw'): 600, ('neg', 'asr'): 175, ('neg', 'asr_raw'): 200}
    cases, seen = [], set()
    used = set()
    for cls, fs in (('pos', pos), ('neg', neg)):
        for style in ('asr', 'asr_raw'):
            ok = [f for f in fs if not f.startswith('A>' if style == 'asr_raw' else 'R>')]
            need, got, tries = want[(cls, style)], 0, 0
            order = []
            while got < need:
                if not order:
                    order = ok[:]; R.shuffle(order)
                    if style == 'asr_raw' and not got: order.sort(key=lambda f: f in used, reverse=True)   # unused frames first (popped from the end)
                f = order.pop()
                prev, text, spans = make(f, style)
                tries += 1
                assert tries < 20000
                if (text in seen) and (cls == 'pos' or len(text) > 25 or (prev, text) in seen): continue
                seen.add(text); seen.add((prev, text)); used.add(f)
                cases.append((cls, style, prev, text, spans, f)); got += 1
    R.shuffle(cases)
    out = []
    for i, (cls, style, prev, text, spans, f0) in enumerate(cases):
        sp = []
        for a, b, l, o in spans:
            # The article before a date is no part of it.
            a += 4 if l == 'DATE' and text[a:a + 4].lower() == 'the ' else 0
            d = dict(start=a, end=b, label=l)
            if o: d['optional'] = True
            sp.append(d)
        c = dict(id='numbers-%04d' % i, prev=prev, text=text, spans=sp, style=style, source='numbers', read=int(hashlib.sha256(f0.encode()).hexdigest(), 16) % 2 == 1)
        check(c, cls)
        out.append(c)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'numbers.jsonl'), 'w') as fh:
        for c in out: fh.write(json.dumps(c) + '\n')
    n = {}
    for c in out:
        for s in c['spans']:
            k = s['label'] + (' (optional)' if s.get('optional') else '')
            n.setdefault(k, {}).setdefault(c['style'], 0); n[k][c['style']] += 1
    print(len(out), 'cases;', {s: sum(c['style'] == s for c in out) for s in ('asr', 'asr_raw')}, 'frames', len(allf), 'used', len(used), 'pos', len(pos), 'neg', len(neg))
    print('no required span:', {s: sum(c['style'] == s and not any(not x.get('optional') for x in c['spans']) for c in out) for s in ('asr', 'asr_raw')})
    print('prev empty', sum(not c['prev'] for c in out))
    for k in sorted(n): print(k, n[k])

def check(c, cls):
    t = c['text']
    assert t and t == t.strip() and '  ' not in t, c
    assert t.isascii() and not re.search(r'[{}~@]', re.sub(r'\S+@\S+', '', t)), c
    if c['style'] == 'asr_raw': assert re.fullmatch(r"[a-z' ]+", t), c
    last = -1
    for s in sorted(c['spans'], key=lambda s: s['start']):
        a, b = s['start'], s['end']
        assert last <= a < b <= len(t), c
        last = b
        x = t[a:b]
        assert x[0].isalnum() or x[0] == '(', c
        assert x[-1].isalnum(), c
        assert a == 0 or not t[a - 1].isalnum(), c
        assert b == len(t) or not t[b].isalnum(), c
    if cls == 'neg': assert all(s.get('optional') for s in c['spans']), c
    else: assert any(c['spans']), c

if __name__ == '__main__': main()
