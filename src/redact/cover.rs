//! The union of what all families found, completed to whole tokens and runs.
//!
//! In:  the view and the finds. Out: [`Cover`]s, in order, without overlaps. When two families claim a token it is
//! covered either way; only the label is decided here.

use crate::config::levels::Level;
use crate::placeholder::Label;
use crate::redact::name;
use crate::redact::number::is_filler;
use crate::redact::policy;
use crate::redact::view::{Find, Strength, View};

/// Below this the recogniser may have misheard a name: beside a covered word it is covered too.
const UNSURE: f32 = 0.35;

/// One stretch to cover.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    /// First token.
    pub first: usize,
    /// Last token.
    pub last: usize,
    /// What it is taken for; `None` where it is withheld.
    pub label: Option<Label>,
    /// The rule that decided the label.
    pub rule: &'static str,
    /// The value as the clinic's systems take it.
    pub machine: String,
}

/// Which tokens any find claims.
pub(super) fn covered<'f>(view: &View<'_>, finds: impl IntoIterator<Item = &'f Find>) -> Vec<bool> {
    // A difference array: one pass however long and many the finds are.
    let mut edges = vec![0_i64; view.tokens.len().saturating_add(1)];
    for find in finds {
        let mut add = |at: usize, by: i64| {
            if let Some(edge) = edges.get_mut(at.min(view.tokens.len())) {
                *edge = edge.saturating_add(by);
            }
        };
        add(find.first, 1);
        add(find.last.saturating_add(1), -1);
    }
    let mut depth = 0_i64;
    let depth_at = edges.into_iter().take(view.tokens.len()).map(|edge| {
        depth = depth.saturating_add(edge);
        depth > 0
    });
    depth_at.collect()
}

/// Makes one cover of all finds that `level` does not keep; `complete` adds to it what was hardly heard beside it.
pub(super) fn union(view: &View<'_>, finds: &[Find], level: Level, complete: bool) -> Vec<Cover> {
    let mut paint: Vec<Option<usize>> = vec![None; view.tokens.len()];
    let mut order: Vec<usize> = (0..finds.len()).collect();
    order.sort_by_key(|i| finds.get(*i).map_or(0, rank));
    for number in order {
        let Some(find) = finds.get(number) else { continue };
        for slot in paint.iter_mut().take(find.last.saturating_add(1)).skip(find.first) {
            *slot = Some(number);
        }
    }
    uncover(view, finds, level, &mut paint);
    if complete {
        unsure(view, &mut paint);
    }
    stretches(view, finds, &paint)
}

/// Uncovers what the level keeps, unless a rule is sure that it is something which the level covers.
fn uncover(view: &View<'_>, finds: &[Find], level: Level, paint: &mut [Option<usize>]) {
    for policy::Kept { kept, sure } in policy::kept(level, finds) {
        if kept.is_empty() {
            continue;
        }
        let (kept, held) = (covered(view, kept), covered(view, sure));
        for ((slot, kept), held) in paint.iter_mut().zip(kept).zip(held) {
            if kept && !held {
                *slot = None;
            }
        }
    }
}

/// The more a rule knows, the later it paints.
fn rank(find: &Find) -> u8 {
    let weak = find.strength == Strength::Weak
        || matches!(find.rule, "name asked" | "address asked" | "e-mail asked" | "clock time");
    match find.label {
        None => 0,
        Some(_) if find.rule == "answer" => 1,
        Some(_) if weak => 1,
        Some(Label::Name) => 3,
        Some(Label::Id) => 4,
        Some(Label::Phone) if find.rule == "phone asked" => 8,
        Some(Label::Phone) => 5,
        Some(Label::Address | Label::OrgEmployer) => 6,
        Some(Label::Date | Label::Age90) if find.rule == super::expecting::APPOINTMENT => 10,
        Some(Label::Date | Label::Age90) => 7,
        Some(Label::Url | Label::Ip) => 8,
        Some(Label::Email) => 9,
        Some(Label::Patient | Label::Slot | Label::Duration | Label::Quantity) => 2,
    }
}

/// A word that was hardly heard, beside a covered one, is covered with it.
fn unsure(view: &View<'_>, paint: &mut [Option<usize>]) {
    for at in 0..paint.len() {
        let Some(token) = view.tokens.get(at) else { continue };
        if token.confidence >= UNSURE || token.class.function || paint.get(at).copied().flatten().is_some() {
            continue;
        }
        let beside = |i: Option<usize>| i.and_then(|i| paint.get(i)).copied().flatten();
        let neighbour = beside(at.checked_sub(1)).or_else(|| beside(Some(at.saturating_add(1))));
        if let (Some(find), Some(slot)) = (neighbour, paint.get_mut(at)) {
            *slot = Some(find);
        }
    }
}

fn stretches(view: &View<'_>, finds: &[Find], paint: &[Option<usize>]) -> Vec<Cover> {
    let mut out: Vec<Cover> = Vec::new();
    let mut only: Option<usize> = None;
    for (at, number) in paint.iter().enumerate() {
        let Some((number, find)) = number.and_then(|n| Some((n, finds.get(n)?))) else { continue };
        if let Some(cover) = out.last_mut().filter(|c| continues(view, c, at, find, only == Some(number))) {
            cover.last = at;
            if only != Some(number) {
                only = None;
            }
            continue;
        }
        finish(view, finds, out.last_mut(), only);
        only = Some(number);
        out.push(Cover { first: at, last: at, label: find.label, rule: find.rule, machine: String::new() });
    }
    finish(view, finds, out.last_mut(), only);
    out
}

fn continues(view: &View<'_>, cover: &Cover, at: usize, find: &Find, same: bool) -> bool {
    let next = cover.last.saturating_add(1);
    let adjacent = next == at || (next.saturating_add(1) == at && is_filler(view.word(next)));
    if !adjacent || cover.label != find.label || (next == at && same) {
        return adjacent && same && cover.label == find.label;
    }
    // Two names parted by a comma are two people, two dates side by side two dates; the parts of an address are one.
    match find.label {
        Some(Label::Name | Label::Id | Label::Phone) => !view.pauses_before(at),
        Some(Label::Date | Label::Age90) => false,
        Some(_) => !view.breaks_before(at),
        None => true,
    }
}

/// Fills in the machine form once the whole stretch is known.
fn finish(view: &View<'_>, finds: &[Find], cover: Option<&mut Cover>, only: Option<usize>) {
    let Some(cover) = cover else { return };
    let whole = |find: &&Find| find.first == cover.first && find.last == cover.last;
    let given = only.and_then(|n| finds.get(n)).filter(whole).and_then(|f| f.machine.clone());
    cover.machine = given.unwrap_or_else(|| match cover.label {
        Some(Label::Name) => name::plain(view, cover.first, cover.last),
        Some(_) | None => view.joined(cover.first, cover.last),
    });
}
