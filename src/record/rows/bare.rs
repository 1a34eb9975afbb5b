//! What may stand in a row that leaves the clinic without an agreement: numbers, truth values, words of closed lists, names
//! that the configuration gave, and pseudonyms. There is no way from a text to a [`Bare`] but these.
//!
//! In:  values out of bodies. Out: [`Cell`]s. Runs in recordd; keeps nothing.
//! 45 CFR 164.514(b)(2)(i): no name, no date but the year, no number that identifies; (c): a pseudonym is derived from no
//! one's data and cannot be turned back without the box's secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::ids::CallId;
use crate::record::database::StoreError;
use crate::wire::rows::Cell;

/// The most that a number may be: eight digits. No telephone, social security, record or account number fits. As
/// milliseconds it is a day, as tokens more than any model takes, as millionths of a dollar a hundred dollars.
const MOST: u64 = 99_999_999;
/// Bytes of a model's, endpoint's or region's name.
const MOST_NAME: usize = 80;
/// Digits in a row in such a name: `20250929` names a version, nine digits could name a person.
const MOST_DIGITS: usize = 8;
/// Bytes of a pseudonym: 128 bits, 32 hexadecimal digits.
const PSEUDONYM: usize = 16;

/// A closed list of this program's own words.
pub(super) type Words = &'static [&'static str];

/// What stands for a word that is on no list.
pub(super) const OTHER: &str = "other";

/// A value that identifies nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bare(Cell);

impl Bare {
    /// Nothing.
    pub(super) fn none() -> Self {
        Self(Cell::Null)
    }

    /// A count or a measure; nothing where there is none, or where it has more than eight digits.
    pub(super) fn number(value: Option<u64>) -> Self {
        let fits = value.filter(|value| *value <= MOST).and_then(|value| i64::try_from(value).ok());
        Self(fits.map_or(Cell::Null, Cell::Int))
    }

    /// A count of things seen here.
    pub(super) fn count(value: usize) -> Self {
        Self(Cell::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    /// A sum of such numbers; what does not fit is the most that does.
    pub(super) fn sum(values: impl Iterator<Item = u64>) -> Self {
        Self::number(Some(values.filter(|value| *value <= MOST).fold(0, u64::saturating_add).min(MOST)))
    }

    /// A span of microseconds, as milliseconds.
    pub(super) fn millis(us: Option<u64>) -> Self {
        Self::number(us.map(|us| us / 1_000))
    }

    /// True or false.
    pub(super) fn flag(value: bool) -> Self {
        Self(Cell::Bool(value))
    }

    /// True, false or not known.
    pub(super) fn maybe(value: Option<bool>) -> Self {
        Self(value.map_or(Cell::Null, Cell::Bool))
    }

    /// A word of `list`, or [`OTHER`]; nothing where there is none.
    pub(super) fn word(list: Words, text: Option<&str>) -> Self {
        match text {
            Some(text) => Self::fixed(list.iter().find(|word| **word == text).copied().unwrap_or(OTHER)),
            None => Self::none(),
        }
    }

    /// A word of this program.
    pub(super) fn fixed(word: &'static str) -> Self {
        Self(Cell::Text(word.to_owned()))
    }

    /// A name that the configuration gave a model, an endpoint or a region; [`OTHER`] where it does not look like one.
    pub(super) fn name(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::none() };
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-' | '@');
        let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
        let named = (1..=MOST_NAME).contains(&text.len()) && text.chars().all(fits) && digits <= MOST_DIGITS;
        Self(Cell::Text(if named { text.to_owned() } else { OTHER.to_owned() }))
    }

    /// The year of a moment, UTC, given in microseconds since 1970-01-01T00:00Z. What happens around New Year's Eve may
    /// fall either way for the clinic; nothing finer than the year may leave, 45 CFR 164.514(b)(2)(i)(C).
    pub(super) fn year(t: i64) -> Self {
        let moment = jiff::Timestamp::from_microsecond(t).ok();
        let year = moment.map(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC).year());
        Self(year.map_or(Cell::Null, |year| Cell::Int(year.into())))
    }

    /// A pseudonym.
    pub(super) fn pseudonym(pseudonym: &Pseudonym) -> Self {
        Self(Cell::Text(pseudonym.0.clone()))
    }

    /// The cell.
    pub(super) fn into_cell(self) -> Cell {
        self.0
    }
}

/// A name that stands for a call or a row at one destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pseudonym(String);

impl Pseudonym {
    /// Its 32 hexadecimal digits.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes the pseudonyms of one destination: the first half of HMAC-SHA256 under a secret that was drawn for it and stays in
/// the record. Those of two destinations cannot be joined.
#[derive(Clone)]
pub(super) struct Namer(Hmac<Sha256>);

impl Namer {
    /// With a destination's secret.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] never in practice: any length is a key.
    pub(super) fn new(secret: &[u8; 32]) -> Result<Self, StoreError> {
        Hmac::new_from_slice(secret).map(Self).map_err(|_| StoreError::Malformed { table: "meta" })
    }

    /// The call's pseudonym.
    pub(super) fn call(&self, call: CallId) -> Pseudonym {
        self.of("call", &call.to_string(), 0)
    }

    /// The pseudonym of the row number `ordinal` of `id` in a table.
    pub(super) fn of(&self, domain: &str, id: &str, ordinal: u64) -> Pseudonym {
        let mut mac = self.0.clone();
        mac.update(format!("{domain}|{id}|{ordinal}").as_bytes());
        let code = mac.finalize().into_bytes();
        Pseudonym(code.iter().take(PSEUDONYM).map(|byte| format!("{byte:02x}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_becomes_a_word_of_the_list_or_other() {
        assert_eq!(Bare::word(&["book"], Some("book")), Bare::fixed("book"));
        assert_eq!(Bare::word(&["book"], Some("Mary Lopez")), Bare::fixed(OTHER));
        assert_eq!(Bare::word(&["book"], None), Bare::none());
    }

    #[test]
    fn a_number_that_could_be_a_telephone_number_is_left_out() {
        assert_eq!(Bare::number(Some(5_125_550_143)), Bare::none());
        assert_eq!(Bare::number(Some(219_099_999)), Bare::none());
        assert_eq!(Bare::number(Some(99_999_999)).into_cell(), Cell::Int(99_999_999));
    }

    #[test]
    fn a_model_s_name_has_a_closed_shape() {
        let name = |text| Bare::name(Some(text));
        assert_eq!(name("claude-sonnet-4-5@20250929").into_cell(), Cell::Text("claude-sonnet-4-5@20250929".to_owned()));
        for text in ["Mary Lopez", "5125550143", "", "a\nb", &"x".repeat(81)] {
            assert_eq!(name(text), Bare::fixed(OTHER), "{text}");
        }
    }

    #[test]
    fn of_a_moment_the_year_is_left() {
        assert_eq!(Bare::year(1_790_000_000_000_000).into_cell(), Cell::Int(2026));
        assert_eq!(Bare::year(i64::MAX), Bare::none());
    }

    #[test]
    fn two_destinations_have_no_pseudonym_in_common() {
        let (one, two) = (Namer::new(&[1; 32]).unwrap(), Namer::new(&[2; 32]).unwrap());
        let call = CallId::draw();
        assert_eq!(one.call(call), one.call(call));
        assert_ne!(one.call(call), two.call(call));
        assert_ne!(one.of("a", "b", 0), one.of("a", "b", 1));
        assert_eq!(one.call(call).as_str().len(), 32);
    }

    proptest! {
        #[test]
        fn no_text_but_a_listed_one_comes_through(text in ".{0,40}") {
            let cell = Bare::word(&["yes", "no"], Some(&text)).into_cell();
            prop_assert!([Cell::Text("yes".into()), Cell::Text("no".into()), Cell::Text(OTHER.into())].contains(&cell));
        }
    }
}
