//! What the caller wants, by rules over redacted words.
//!
//! In:  the words of a [`Redacted`](crate::redact::Redacted) text. Out: an [`Intent`], an [`Answer`], hints such as "in
//! the morning". Tables, no model: the same words always mean the same. Written for what a recogniser makes of a
//! telephone call, so one or two content words decide and the small words between them do not matter.

mod answer;
mod intent;
mod told;

pub use answer::{Answer, answer, corrects, trails_off};
pub use intent::{Intent, intent};
pub use told::{any_day, for_another, last, names_medicine, own_birthday, own_name, part_of_day, target_day};
