//! Streets, units, cities and codes: 45 CFR 164.514(b)(2)(i)(B). The state may stay.
//!
//! In:  the view. Out: finds: a number with a street word, what follows it, ZIP codes, and places of the list.

use crate::placeholder::Label;
use crate::redact::answered;
use crate::redact::asked::Asked;
use crate::redact::lexicon;
use crate::redact::number::is_filler;
use crate::redact::policy::Class;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// Finds addresses.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    streets(view, finds);
    units_and_boxes(view, finds);
    if view.asked == Asked::Address && !super::expecting::is_no_answer(view) {
        answers(view, finds);
    }
}

/// Whether the word names a kind of street.
pub(super) fn is_suffix(word: &str) -> bool {
    SUFFIXES.has(word)
}

/// Whether the word is a state, or the beginning of one.
pub(super) fn is_state(word: &str) -> bool {
    STATES.has(word)
}

/// "two hundred fifty eight pine ridge street", "14599 State Route 299".
fn streets(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut from = 0;
    for at in 0..view.tokens.len() {
        if at < from || !is_suffix(view.word(at)) || is_title(view, at) {
            continue;
        }
        if let Some((first, last)) = street_around(view, at, from) {
            finds.push(Find::new(first, last, Label::Address, "street"));
            from = follow(view, last, finds);
        }
    }
}

/// "dr okafor" is a doctor, "okafor dr" a drive.
fn is_title(view: &View<'_>, at: usize) -> bool {
    let namey = |i: usize| view.tokens.get(i).is_some_and(super::name::is_namey);
    view.word(at) == "dr" && namey(at.saturating_add(1)) && !at.checked_sub(1).is_some_and(namey)
}

/// The street whose kind stands at `at`, from its house number on; never before `from`.
fn street_around(view: &View<'_>, at: usize, from: usize) -> Option<(usize, usize)> {
    let (name, house) = name_back(view, at, from);
    let next = at.saturating_add(1);
    let highway = NUMBERED.has(view.word(at)) && view.group_at(next).is_some();
    // "ninety nine point six": a number right before such a word is no house.
    let several = house.and_then(|h| view.group_around(h)).is_some_and(|g| numbers_back(view, g.first) < g.first);
    if name == at && !highway && (!several || WEAK_SUFFIXES.has(view.word(at))) {
        return None;
    }
    let token = |i: usize| view.tokens.get(i);
    // "fourteen shiloh close": a house number and a name of one or two uncommon words.
    let uncommon = (name..at).any(|i| token(i).is_some_and(|t| t.class.word && !t.class.common && !t.class.number));
    if WEAKEST_SUFFIXES.has(view.word(at)) && (house.is_none() || !uncommon || at.saturating_sub(name) > 2) {
        return None;
    }
    let named = !WEAK_SUFFIXES.has(view.word(at))
        && (name..at).any(|i| token(i).is_some_and(|t| t.class.word && !t.class.common));
    let capital = name < at
        && token(at).is_some_and(|t| t.capital && !t.first)
        && token(at.saturating_sub(1)).is_some_and(|t| t.capital);
    let first = match house {
        Some(house) => with_number_word(view, numbers_back(view, house)),
        // "on main street": everyday words, but where something is.
        None if located(view, name, at) => name,
        None if highway || named || capital => name,
        None => return None,
    };
    let mut last = at;
    // "fox hollow place": the first of several street words need not be the last.
    while is_suffix(view.word(last.saturating_add(1))) && !view.pauses_before(last.saturating_add(1)) {
        last = last.saturating_add(1);
    }
    if highway {
        last = numbers_on(view, next);
    }
    Some((first, direction(view, last)))
}

fn located(view: &View<'_>, name: usize, at: usize) -> bool {
    // "i was on the street": an article names no street.
    let named = (name..at).any(|i| !matches!(view.word(i), "the" | "a" | "this" | "that"));
    named && !WEAK_SUFFIXES.has(view.word(at)) && matches!(view.before(name, 1), "on" | "at" | "off" | "near")
}

/// Backwards over the street's name: where it begins, and a token of the house number before it.
fn name_back(view: &View<'_>, at: usize, from: usize) -> (usize, Option<usize>) {
    /// "east martin luther king junior boulevard" is the longest that we expect.
    const LONGEST: usize = 7;
    let mut first = at;
    for back in 1..=LONGEST {
        let Some(here) = at.checked_sub(back).filter(|i| *i >= from) else { break };
        if view.breaks_before(here.saturating_add(1)) {
            break;
        }
        // "forty west twentieth street": an ordinal belongs to the street's name.
        if view.group_around(here).is_some_and(|g| !g.ordinal) {
            return (first, Some(here));
        }
        // "eighty five a mesquite lane": the letter belongs to the number before it.
        let letter = view.word(here).chars().count() == 1
            && here.checked_sub(1).is_some_and(|before| view.group_around(before).is_some_and(|g| !g.ordinal));
        if view.tokens.get(here).is_some_and(|t| t.class.function) && !letter && !WITHIN_NAMES.has(view.word(here)) {
            break;
        }
        first = here;
    }
    (first, None)
}

/// Streets that are numbered after their kind: "highway 503".
static NUMBERED: Words = Words::new("highway route road hwy rt rte boulevard avenue");

/// Small words that a street's name may hold: "avenue of the stars", "county road 12".
static WITHIN_NAMES: Words = Words::new("of the no number road street lane county state city town");

/// Kinds of street that are ordinary words: without a house number they need a capital.
static WEAK_SUFFIXES: Words = Words::new(
    "place way court drive square park run dr st ct route pass circle loop view point trail path bend heights cove",
);

/// Kinds of street in Britain, and what a recogniser makes of "street", "road" and "lane": far more often other words.
static WEAKEST_SUFFIXES: Words = Words::new(
    "close mews gardens grove rise vale croft wharf parade gate glen glade meadow meadows orchard vista landing chase \
     straight rode lain rowed",
);

/// Units, the town, the state and the code right after a street. Returns where to go on.
fn follow(view: &View<'_>, street: usize, finds: &mut Vec<Find>) -> usize {
    let mut at = unit(view, street.saturating_add(1), finds);
    if let Some(end) = town_end(view, at) {
        let class = class_of_town(view, at, end);
        finds.push(Find::new(at, end.saturating_sub(1), Label::Address, "town after a street").class(class));
        at = end;
    }
    let mut code = at;
    while is_state(view.word(code)) && !view.breaks_before(code) {
        // The state may stay; beside a town it goes with it, which saves telling "al" from the letters of a name.
        finds.push(Find::new(code, code, Label::Address, "state after a street").class(Class::StateOfAddress));
        code = code.saturating_add(1);
    }
    while is_filler(view.word(code)) || matches!(view.word(code), "zip" | "code" | "zipcode") {
        code = code.saturating_add(1);
    }
    if let Some(run) = view.run_at(code).filter(|r| (3..=9).contains(&r.digits) && !view.breaks_before(code)) {
        finds.push(Find::new(run.first, run.last, Label::Address, "code after a street").class(Class::PostalCode));
        at = run.last.saturating_add(1);
    }
    at
}

/// Only a town that is listed is one for sure; what else stands after a street may be the rest of it.
fn class_of_town(view: &View<'_>, first: usize, end: usize) -> Class {
    let first = if view.word(first) == "in" { first.saturating_add(1) } else { first };
    let ranked = view.tokens.get(first).is_some_and(|t| t.class.town_rank > 0 && first.saturating_add(1) == end);
    if (first..end).any(|i| super::place::is_county(view.word(i))) {
        Class::County
    } else if ranked || is_listed(view, first, end) {
        Class::Town
    } else {
        Class::Street
    }
}

fn unit(view: &View<'_>, at: usize, finds: &mut Vec<Find>) -> usize {
    if !UNITS.has(view.word(at)) {
        return at;
    }
    let mut value = at.saturating_add(1);
    while matches!(view.word(value), "number" | "no") {
        value = value.saturating_add(1);
    }
    let Some(run) = view.run_at(value) else { return at };
    finds.push(Find::new(at, run.last, Label::Address, "unit"));
    run.last.saturating_add(1)
}

/// Where the town that begins at `first` ends: it stands between the street and the state or code.
fn town_end(view: &View<'_>, first: usize) -> Option<usize> {
    /// "rancho santa margarita" has three.
    const LONGEST: usize = 4;
    let mut end = first;
    let mut words = 0_usize;
    while words < LONGEST {
        let Some(token) = view.tokens.get(end) else { break };
        let link = words == 0 && token.norm == "in";
        let class = token.class;
        if token.first || (class.function && !link) || class.number || class.innocent || is_state(&token.norm) {
            break;
        }
        words = words.saturating_add(usize::from(!link));
        end = end.saturating_add(1);
    }
    let telling = |i: usize| view.tokens.get(i).is_some_and(|t| !t.class.common || t.capital);
    let told = (first..end).any(telling) || is_state(view.word(end)) || is_listed(view, first, end);
    (words > 0 && told).then_some(end)
}

/// Parts of a building.
static UNITS: Words = Words::new("apartment apt unit suite number no room floor lot ste building");

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

/// The answer to "your address?".
fn answers(view: &View<'_>, finds: &mut Vec<Find>) {
    for (at, token) in view.tokens.iter().enumerate() {
        if answered::is_frame(&token.norm) && !is_suffix(&token.norm) {
            continue;
        }
        if (!token.class.function || token.class.number || is_suffix(&token.norm)) && !is_state(&token.norm) {
            finds.push(Find::new(at, at, Label::Address, "address asked").class(Class::Answer).cued());
        }
    }
}

static SUFFIXES: Words = Words::new(
    "street st avenue ave av road rd drive dr lane ln court ct place pl way boulevard blvd circle cir terrace ter \
     highway hwy route rte parkway pkwy trail trl square sq loop broadway alley crescent pike turnpike freeway \
     expressway crossing ridge path walk row plaza cove bend hollow creek point pass run heights hills canyon \
     colony streets close mews gardens grove rise vale croft wharf parade gate glen glade meadow meadows orchard vista \
     landing chase straight rode lain rowed",
);

static STATES: Words = Words::new(
    "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho \
     illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi \
     missouri montana nebraska nevada hampshire jersey mexico ohio oklahoma oregon pennsylvania carolina dakota \
     tennessee texas utah vermont virginia washington wisconsin wyoming al ak az ar ca co ct fl ga ia il ks ky md \
     mi mn mo ms mt nc nd nh nj nm nv ny ri sc sd tn tx ut vt wi wv wy",
);
