//! Years as they end a date: "1962", "nineteen sixty two", "sixty two", "'08".
//!
//! In:  the view and a place in it. Out: the year, in full or as its last two digits, and where it ends.

use crate::redact::date::skip;
use crate::redact::view::View;

/// The year that follows a day or month, with the place where the date then ends.
pub(super) fn year_after(view: &View<'_>, last: usize) -> (Option<i16>, usize) {
    let at = skip(view, last.saturating_add(1), &["of", "in", "the", "year", "and"]);
    match year_at(view, at).or_else(|| short_year_at(view, at)) {
        Some((year, end)) if !view.breaks_before(at) => (Some(year), end),
        _ => (None, last),
    }
}

/// A year in full: "1962", "nineteen sixty two", "two thousand eighteen", "nineteen oh five".
pub(super) fn year_at(view: &View<'_>, at: usize) -> Option<(i16, usize)> {
    let group = view.group_at(at).filter(|g| !g.ordinal)?;
    if (1880..=2100).contains(&group.value) {
        return Some((i16::try_from(group.value).ok()?, group.last));
    }
    if !matches!(group.value, 19 | 20) || group.literal {
        return None;
    }
    let next = view.group_at(group.last.saturating_add(1)).filter(|g| !g.ordinal)?;
    let century = i16::try_from(group.value).ok()?.checked_mul(100)?;
    if (10..=99).contains(&next.value) && next.digits.len() == 2 {
        return Some((century.checked_add(i16::try_from(next.value).ok()?)?, next.last));
    }
    let unit = view.group_at(next.last.saturating_add(1)).filter(|g| g.digits.len() == 1 && next.digits == "0")?;
    Some((century.checked_add(i16::try_from(unit.value).ok()?)?, unit.last))
}

/// A year without its century: "sixty two", "oh eight", "'68". The century is the resolver's business: 0 to 99.
pub(super) fn short_year_at(view: &View<'_>, at: usize) -> Option<(i16, usize)> {
    let group = view.group_at(at).filter(|g| !g.ordinal)?;
    let clock = matches!(
        view.word(group.last.saturating_add(1)),
        "am" | "pm" | "a" | "p" | "o'clock" | "oclock" | "people" | "adults" | "guests"
    );
    if group.digits.len() == 2 && !clock && !is_counted(view, group.last) {
        return Some((i16::try_from(group.value).ok()?, group.last));
    }
    let unit = view.group_at(group.last.saturating_add(1)).filter(|g| g.digits.len() == 1 && !g.ordinal)?;
    if group.digits != "0" {
        // "nine two" for 92, said digit by digit, at the end of a date only.
        let ends = view.group_at(unit.last.saturating_add(1)).is_none();
        let year = group.value.checked_mul(10)?.checked_add(unit.value)?;
        return (group.digits.len() == 1 && ends && !clock).then_some((i16::try_from(year).ok()?, unit.last));
    }
    Some((i16::try_from(unit.value).ok()?, unit.last))
}

/// Whether what follows is counted by the number ("may 5 people").
pub(super) fn is_counted(view: &View<'_>, last: usize) -> bool {
    matches!(
        view.word(last.saturating_add(1)),
        "people"
            | "times"
            | "milligrams"
            | "mg"
            | "dollars"
            | "percent"
            | "adults"
            | "guests"
            | "days"
            | "weeks"
            | "months"
            | "years"
    )
}
