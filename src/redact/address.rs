//! Streets, units, cities and codes: 45 CFR 164.514(b)(2)(i)(B). The state may stay.
//!
//! In:  the view. Out: finds: a number with a street word, what follows it, ZIP codes, and places of the list.

use crate::placeholder::Label;
use crate::redact::answered;
use crate::redact::asked::Asked;
use crate::redact::lexicon;
use crate::redact::number::is_filler;
use crate::redact::view::{Find, View};

/// Finds addresses.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    streets(view, finds);
    units_and_boxes(view, finds);
    codes(view, finds);
    places(view, finds);
    if view.asked == Asked::Address && !super::expecting::is_no_answer(view) {
        answers(view, finds);
    }
}

/// Whether the word names a kind of street.
pub(super) fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&word)
}

/// Whether the word is a state, or the beginning of one.
pub(super) fn is_state(word: &str) -> bool {
    STATES.contains(&word)
}

/// "two hundred fifty eight pine ridge street", "14599 State Route 299".
fn streets(view: &View<'_>, finds: &mut Vec<Find>) {
    /// "east martin luther king junior boulevard" is the longest that we expect.
    const LONGEST: usize = 7;
    let mut from = 0;
    for at in 0..view.tokens.len() {
        if at < from
            || !is_suffix(view.word(at))
            || view.word(at) == "dr"
                && view.tokens.get(at.saturating_add(1)).is_some_and(super::name::is_namey)
                && !view.tokens.get(at.saturating_sub(1)).is_some_and(super::name::is_namey)
        {
            continue;
        }
        // Backwards over the street's name to the house number.
        let mut first = at;
        let mut house = None;
        for back in 1..=LONGEST {
            let Some(here) = at.checked_sub(back).filter(|i| *i >= from) else { break };
            if view.breaks_before(here.saturating_add(1)) {
                break;
            }
            // "forty west twentieth street": an ordinal belongs to the street's name.
            if view.group_around(here).is_some_and(|g| !g.ordinal) {
                house = Some(here);
                break;
            }
            if view.tokens.get(here).is_some_and(|t| {
                t.class.function
                    && !matches!(
                        t.norm.as_str(),
                        "of" | "the"
                            | "no"
                            | "number"
                            | "road"
                            | "street"
                            | "lane"
                            | "county"
                            | "state"
                            | "city"
                            | "town"
                    )
            }) {
                break;
            }
            first = here;
        }
        let highway =
            matches!(view.word(at), "highway" | "route" | "road" | "hwy" | "rt" | "rte" | "boulevard" | "avenue")
                && view.group_at(at.saturating_add(1)).is_some();
        let between = first < at;
        let named = (first..at).any(|i| view.tokens.get(i).is_some_and(|t| t.class.word && !t.class.common))
            && !is_weak_suffix(view.word(at));
        let capital = first < at
            && view.tokens.get(at).is_some_and(|t| t.capital && !t.first)
            && view.tokens.get(at.saturating_sub(1)).is_some_and(|t| t.capital);
        match house {
            Some(house) => first = with_number_word(view, numbers_back(view, house)),
            None if highway || named || capital => {}
            None => continue,
        }
        // "ninety nine point six": a number right before such a word is no house.
        if !between && !highway {
            continue;
        }
        let mut last = at;
        // "fox hollow place": the first of several street words need not be the last.
        while is_suffix(view.word(last.saturating_add(1))) && !view.pauses_before(last.saturating_add(1)) {
            last = last.saturating_add(1);
        }
        if highway {
            last = numbers_on(view, at.saturating_add(1));
        }
        last = direction(view, last);
        finds.push(Find::new(first, last, Label::Address, "street"));
        from = follow(view, last, finds);
    }
}

/// Units and places right after a street. Returns where to go on.
fn follow(view: &View<'_>, street: usize, finds: &mut Vec<Find>) -> usize {
    let mut at = street.saturating_add(1);
    for _ in 0..3 {
        if matches!(
            view.word(at),
            "apartment" | "apt" | "unit" | "suite" | "number" | "no" | "room" | "floor" | "lot" | "ste" | "building"
        ) {
            let mut value = at.saturating_add(1);
            while matches!(view.word(value), "number" | "no") {
                value = value.saturating_add(1);
            }
            if let Some(run) = view.run_at(value) {
                finds.push(Find::new(at, run.last, Label::Address, "unit"));
                at = run.last.saturating_add(1);
                continue;
            }
        }
        break;
    }
    let (first, mut last) = (at, at);
    let mut words = 0_usize;
    // The town stands between the street and the state or code.
    while words < 4 {
        let Some(token) = view.tokens.get(last) else { break };
        let link = words == 0 && matches!(token.norm.as_str(), "in");
        if token.first
            || (token.class.function && !link)
            || token.class.number
            || is_state(&token.norm)
            || token.class.innocent
        {
            break;
        }
        words = words.saturating_add(usize::from(!link));
        last = last.saturating_add(1);
    }
    let named = (first..last).any(|i| view.tokens.get(i).is_some_and(|t| !t.class.common || t.capital))
        || is_state(view.word(last))
        || is_listed(view, first, last);
    if words > 0 && named {
        finds.push(Find::new(first, last.saturating_sub(1), Label::Address, "town after a street"));
        at = last;
    }
    // Over the state, which may stay, to the code.
    let mut code = at;
    while is_state(view.word(code)) && !view.breaks_before(code) {
        // The state may stay; beside a town it goes with it, which saves telling "al" from the letters of a name.
        finds.push(Find::new(code, code, Label::Address, "state after a street"));
        code = code.saturating_add(1);
    }
    while is_state(view.word(code))
        || is_filler(view.word(code))
        || matches!(view.word(code), "zip" | "code" | "zipcode")
    {
        code = code.saturating_add(1);
    }
    if let Some(run) = view.run_at(code).filter(|r| (3..=9).contains(&r.digits) && !view.breaks_before(code)) {
        finds.push(Find::new(run.first, run.last, Label::Address, "code after a street"));
        at = run.last.saturating_add(1);
    }
    at.max(street.saturating_add(1))
}

fn is_listed(view: &View<'_>, first: usize, last: usize) -> bool {
    last > first
        && last.saturating_sub(first) <= lexicon::LONGEST_PLACE
        && lexicon::is_place(&view.joined(first, last.saturating_sub(1)))
}

/// "no forty five gateway road": the word that announces the house number goes with it.
fn with_number_word(view: &View<'_>, first: usize) -> usize {
    let before = matches!(view.before(first, 1), "no" | "number") && !view.pauses_before(first);
    if before { first.saturating_sub(1) } else { first }
}

fn is_weak_suffix(word: &str) -> bool {
    matches!(
        word,
        "place"
            | "way"
            | "court"
            | "drive"
            | "square"
            | "park"
            | "run"
            | "dr"
            | "st"
            | "ct"
            | "route"
            | "pass"
            | "circle"
            | "loop"
            | "view"
            | "point"
            | "trail"
            | "path"
            | "bend"
            | "heights"
            | "cove"
    )
}

fn numbers_back(view: &View<'_>, at: usize) -> usize {
    let mut first = view.group_around(at).map_or(at, |g| g.first);
    while let Some(before) = first.checked_sub(1) {
        let Some(group) = view.group_around(before).filter(|_| !view.breaks_before(first)) else { break };
        first = group.first;
    }
    first
}

fn numbers_on(view: &View<'_>, at: usize) -> usize {
    let mut last = at;
    let mut next = at;
    while let Some(group) = view.group_at(next) {
        last = group.last;
        next = last.saturating_add(1);
        if view.breaks_before(next) {
            break;
        }
    }
    last
}

fn direction(view: &View<'_>, last: usize) -> usize {
    let next = last.saturating_add(1);
    let compass = matches!(
        view.word(next),
        "north"
            | "south"
            | "east"
            | "west"
            | "northeast"
            | "northwest"
            | "southeast"
            | "southwest"
            | "ne"
            | "nw"
            | "sw"
            | "se"
    );
    if compass && !view.breaks_before(next) { next } else { last }
}

/// "apartment eight c", "p o box nineteen eleven".
fn units_and_boxes(view: &View<'_>, finds: &mut Vec<Find>) {
    for at in 0..view.tokens.len() {
        let unit = matches!(view.word(at), "apartment" | "apt" | "suite" | "ste");
        let post = view.word(at) == "box" && (matches!(view.before(at, 1), "po" | "o" | "office" | "post"));
        let value = at.saturating_add(1 + usize::from(matches!(view.word(at.saturating_add(1)), "number" | "no")));
        let Some(run) = view.run_at(value).filter(|_| unit || post) else { continue };
        let first = if post { at.saturating_sub(if view.before(at, 1) == "o" { 2 } else { 1 }) } else { at };
        finds.push(Find::new(first, run.last, Label::Address, "unit or box"));
    }
}

/// "zip eight six nine two five", "postcode ct2 8py".
fn codes(view: &View<'_>, finds: &mut Vec<Find>) {
    for run in &view.runs {
        let cue = view.cue_before(run.first, 4, &["zip", "zipcode", "postcode", "postal"]).is_some();
        if cue && run.digits >= 2 {
            finds.push(Find::new(run.first, run.last, Label::Address, "code cue"));
        }
        // "reading pennsylvania one nine six oh one".
        let state = at_state(view, run.first);
        if state && (4..=9).contains(&run.digits) && run.letters == 0 {
            finds.push(Find::new(run.first, run.last, Label::Address, "code after a state"));
        }
    }
}

fn at_state(view: &View<'_>, at: usize) -> bool {
    at > 0 && is_state(view.before(at, 1)) && !view.breaks_before(at)
}

/// Cities: several words of the list anywhere; one ordinary word only where a place is meant.
fn places(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut at = 0;
    while at < view.tokens.len() {
        let last = longest_place(view, at);
        if let Some(last) = last {
            let several = last > at;
            let common = (at..=last).all(|i| view.tokens.get(i).is_some_and(|t| t.class.common));
            let preposition = matches!(
                view.before(at, 1),
                "in" | "from" | "near" | "at" | "to" | "around" | "of" | "outside" | "city"
            );
            let capital = view.tokens.get(at).is_some_and(|t| t.capital && !t.first);
            let state = is_state(view.word(last.saturating_add(1))) && !view.breaks_before(last.saturating_add(1));
            let lives = view
                .cue_before(
                    at,
                    4,
                    &["live", "lives", "living", "moved", "city", "town", "located", "move", "from", "address"],
                )
                .is_some();
            let asked = view.asked == Asked::Address;
            if (several && (!common || preposition || capital || state || asked))
                || (!several && (state || asked || (preposition && (capital || lives))))
            {
                finds.push(Find::new(at, last, Label::Address, "place"));
                at = last;
            }
        }
        at = at.saturating_add(1);
    }
}

fn longest_place(view: &View<'_>, at: usize) -> Option<usize> {
    let token = view.tokens.get(at)?;
    let mut found = lexicon::is_place(&token.norm).then_some(at);
    if lexicon::begins_place(&token.norm) {
        let mut words = token.norm.clone();
        for more in 1..lexicon::LONGEST_PLACE {
            let next = at.saturating_add(more);
            if view.pauses_before(next) {
                break;
            }
            words.push(' ');
            words.push_str(view.word(next));
            if lexicon::is_place(&words) {
                found = Some(next);
            }
        }
    }
    found
}

/// The answer to "your address?".
fn answers(view: &View<'_>, finds: &mut Vec<Find>) {
    for (at, token) in view.tokens.iter().enumerate() {
        if answered::is_frame(&token.norm) && !is_suffix(&token.norm) {
            continue;
        }
        if (!token.class.function || token.class.number || is_suffix(&token.norm)) && !is_state(&token.norm) {
            finds.push(Find::new(at, at, Label::Address, "address asked"));
        }
    }
}

const SUFFIXES: &[&str] = &[
    "street",
    "st",
    "avenue",
    "ave",
    "av",
    "road",
    "rd",
    "drive",
    "dr",
    "lane",
    "ln",
    "court",
    "ct",
    "place",
    "pl",
    "way",
    "boulevard",
    "blvd",
    "circle",
    "cir",
    "terrace",
    "ter",
    "highway",
    "hwy",
    "route",
    "rte",
    "parkway",
    "pkwy",
    "trail",
    "trl",
    "square",
    "sq",
    "loop",
    "broadway",
    "alley",
    "crescent",
    "pike",
    "turnpike",
    "freeway",
    "expressway",
    "crossing",
    "ridge",
    "path",
    "walk",
    "row",
    "plaza",
    "cove",
    "bend",
    "hollow",
    "creek",
    "point",
    "pass",
    "run",
    "heights",
    "hills",
    "canyon",
    "colony",
    "streets",
];

const STATES: &[&str] = &[
    "alabama",
    "alaska",
    "arizona",
    "arkansas",
    "california",
    "colorado",
    "connecticut",
    "delaware",
    "florida",
    "georgia",
    "hawaii",
    "idaho",
    "illinois",
    "indiana",
    "iowa",
    "kansas",
    "kentucky",
    "louisiana",
    "maine",
    "maryland",
    "massachusetts",
    "michigan",
    "minnesota",
    "mississippi",
    "missouri",
    "montana",
    "nebraska",
    "nevada",
    "hampshire",
    "jersey",
    "mexico",
    "ohio",
    "oklahoma",
    "oregon",
    "pennsylvania",
    "carolina",
    "dakota",
    "tennessee",
    "texas",
    "utah",
    "vermont",
    "virginia",
    "washington",
    "wisconsin",
    "wyoming",
    "al",
    "ak",
    "az",
    "ar",
    "ca",
    "co",
    "ct",
    "fl",
    "ga",
    "ia",
    "il",
    "ks",
    "ky",
    "md",
    "mi",
    "mn",
    "mo",
    "ms",
    "mt",
    "nc",
    "nd",
    "nh",
    "nj",
    "nm",
    "nv",
    "ny",
    "ri",
    "sc",
    "sd",
    "tn",
    "tx",
    "ut",
    "vt",
    "wi",
    "wv",
    "wy",
];
