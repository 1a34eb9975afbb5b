//! What models cost, as data: `prices.toml` beside this file, or a file of the clinic's own.
//!
//! In:  rows of list prices, each with its source and the day on which it was read; what a provider says it counted.
//! Out: [`MicroDollars`], always rounded up; or nothing where a price or a count is not known. Unknown is never zero:
//! a model on the clinic's own machine is free only because a row says 0.

use std::fmt;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::entries::{Entry, File};
use crate::config::Problem;

/// Money: millionths of a United States dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroDollars(pub u64);

impl MicroDollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, or the most that can be counted.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }

    /// What is left of it, never below zero.
    #[must_use]
    pub fn minus(self, less: Self) -> Self {
        Self(self.0.saturating_sub(less.0))
    }
}

impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// What a provider says it counted. No token stands in two of them: providers that count cached input as input too
/// must have it taken out of `input` first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Input neither read from the cache nor written to it.
    pub input: Option<u64>,
    /// Output, with what the model thought to itself.
    pub output: Option<u64>,
    /// Input read from the cache. Not said means none.
    pub cache_read: Option<u64>,
    /// Input written to the cache. Not said means none.
    pub cache_write: Option<u64>,
}

/// No request whose body has this many bytes has more input tokens than this.
///
/// One for each byte, since byte-level tokenizers start from single bytes and only ever join them, and
/// [`PROVIDERS_OWN`]. A bound and not an average: some four times too high for English. It is meant for reserving money,
/// where too much is given back a moment later, and too little would be a hole.
#[must_use]
pub fn estimate_tokens(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(PROVIDERS_OWN)
}

/// Tokens that a provider adds of its own and bills as input: the marks around messages, and a text that explains tools
/// to the model. Providers name some hundreds; this is a round number above them, not a promise of theirs.
const PROVIDERS_OWN: u64 = 1_000;

/// Micro-dollars for a million tokens of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rates {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
}

impl Rates {
    /// The most that a million tokens of input can cost, however the cache is used.
    fn dearest_input(&self) -> u64 {
        self.input.max(self.cache_read).max(self.cache_write)
    }
}

/// One row: what a model costs in some regions from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    provider: String,
    model: String,
    regions: Vec<String>,
    valid_from: Date,
    source: String,
    date: Date,
    rates: Rates,
    /// Other rates for the whole request once its whole input is more than so many tokens; ascending.
    above: Vec<(u64, Rates)>,
}

/// Tokens in a price's unit.
const MILLION: u128 = 1_000_000;

impl Price {
    /// Where the price was read: a page's name.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The day on which it was read there.
    #[must_use]
    pub fn date(&self) -> Date {
        self.date
    }

    /// What a request cost. Each kind of token is rounded up by itself. `None`, not zero, where the provider did not
    /// say how much went in or came out.
    #[must_use]
    pub fn cost(&self, tokens: &Tokens) -> Option<MicroDollars> {
        let (input, output) = (tokens.input?, tokens.output?);
        let (read, write) = (tokens.cache_read.unwrap_or(0), tokens.cache_write.unwrap_or(0));
        let rates = self.rates_for(input.saturating_add(read).saturating_add(write));
        let parts =
            [(input, rates.input), (read, rates.cache_read), (write, rates.cache_write), (output, rates.output)];
        Some(parts.into_iter().fold(MicroDollars::ZERO, |sum, (tokens, rate)| sum.plus(part(tokens, rate))))
    }

    /// The most that a request of at most so many tokens can cost: all input at the dearest of its kinds, all output,
    /// and the dearest of the rates that so much input can reach. Never less than [`Price::cost`] of such a request.
    #[must_use]
    pub fn worst(&self, input_tokens: u64, max_output_tokens: u64) -> MicroDollars {
        let reached = self.above.iter().filter(|(threshold, _)| input_tokens > *threshold).map(|(_, rates)| rates);
        let costs = std::iter::once(&self.rates).chain(reached).map(|rates| {
            let input = part(input_tokens, rates.dearest_input());
            // Three kinds of input are rounded up one by one: together up to two more than their sum rounded up.
            let rounding = if input == MicroDollars::ZERO { MicroDollars::ZERO } else { MicroDollars(2) };
            input.plus(rounding).plus(part(max_output_tokens, rates.output))
        });
        costs.max().unwrap_or(MicroDollars(u64::MAX))
    }

    fn rates_for(&self, whole_input: u64) -> &Rates {
        let reached = self.above.iter().rev().find(|(threshold, _)| whole_input > *threshold);
        reached.map_or(&self.rates, |(_, rates)| rates)
    }
}

/// What so many tokens cost at so much a million, rounded up.
fn part(tokens: u64, rate: u64) -> MicroDollars {
    let cost = (u128::from(tokens) * u128::from(rate)).div_ceil(MILLION);
    MicroDollars(u64::try_from(cost).unwrap_or(u64::MAX))
}

/// Every row of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    rows: Vec<Price>,
}

/// The region of a row that holds wherever no row names the region itself.
pub const ANY: &str = "any";

impl Prices {
    /// The rows that come with the box. Empty if they could not be read, which a test rules out: without prices the
    /// box only spends less, since a price that is not known closes the hardest tier.
    #[must_use]
    pub fn shipped() -> Self {
        Self::parse(include_str!("prices.toml")).unwrap_or_default()
    }

    /// Reads a file of rows.
    ///
    /// # Errors
    /// Every problem of the file, each with the row's number.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let mut file = File::open(text)?;
        let rows = file.entries("price", row);
        for (at, (number, row)) in rows.iter().enumerate() {
            let same = |other: &Price| {
                (&other.provider, &other.model, other.valid_from) == (&row.provider, &row.model, row.valid_from)
                    && other.regions.iter().any(|region| row.regions.contains(region))
            };
            if let Some((earlier, _)) = rows.iter().take(at).find(|(_, other)| same(other)) {
                let what = format!("is for the same model, region and day as price {earlier}: remove one of them");
                file.problem(format!("price {number}"), what);
            }
        }
        file.finish()?;
        Ok(Self { rows: rows.into_iter().map(|(_, row)| row).collect() })
    }

    /// What the model costs in the region on that day: the newest row that is valid by then. A row that names the
    /// region goes before one for [`ANY`], even a newer one: regions are dearer, so a price for any is no news of one.
    /// `None` if no row is valid: the price is unknown.
    #[must_use]
    pub fn price(&self, provider: &str, model: &str, region: &str, on: Date) -> Option<&Price> {
        let newest = |region: &str| {
            let valid = self.rows.iter().filter(|row| {
                row.provider == provider
                    && row.model == model
                    && row.valid_from <= on
                    && row.regions.iter().any(|named| named == region)
            });
            valid.max_by_key(|row| row.valid_from)
        };
        newest(region).or_else(|| newest(ANY))
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Prices that can be meant, in micro-dollars a million tokens, beside 0: from a tenth of a cent to 10,000 dollars.
/// Whoever writes dollars where micro-dollars are asked for is told, instead of spending a million times too much.
const MEANT: RangeInclusive<u64> = 1_000..=10_000_000_000;
const MONEY: &str =
    "a price in whole micro-dollars per million tokens: 3000000 for three dollars, or 0 where it is free";
const THRESHOLD: &str = "a whole number of tokens, at least 1";

fn row(entry: &mut Entry) -> Option<Price> {
    let provider = entry.text("provider");
    let model = entry.text("model");
    let regions = entry.regions("regions");
    let valid_from = entry.date("valid-from");
    let source = entry.text("source");
    let date = entry.date("date");
    let cached = [entry.has("cache-read"), entry.has("cache-write")];
    let base = rates(entry, cached);
    let above = entry.below("above", |entry| {
        let threshold = entry.count("input-tokens", THRESHOLD, |tokens| tokens >= 1);
        let rates = rates(entry, cached);
        Some((threshold?, rates?))
    });
    if !above.is_sorted_by(|(one, _), (next, _)| one < next) {
        entry.problem("above", "should have its input-tokens in ascending order, each once");
    }
    Some(Price {
        provider: provider?,
        model: model?,
        regions: regions?,
        valid_from: valid_from?,
        source: source?,
        date: date?,
        rates: base?,
        above,
    })
}

/// A provider that asks no price of its own for the cache asks that of input. A threshold names the same kinds as its
/// row does: one of them left out could otherwise be taken for cheaper than it is.
fn rates(entry: &mut Entry, [reads, writes]: [bool; 2]) -> Option<Rates> {
    let mut money = |key: &str| entry.count(key, MONEY, |price| price == 0 || MEANT.contains(&price));
    let input = money("input");
    let output = money("output");
    let cache_read = if reads { money("cache-read") } else { input };
    let cache_write = if writes { money("cache-write") } else { input };
    Some(Rates { input: input?, output: output?, cache_read: cache_read?, cache_write: cache_write? })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const ROW: &str = "[[price]]\nprovider = \"p\"\nmodel = \"m\"\nregions = [\"any\"]\nvalid-from = 2026-01-01\n\
                       source = \"s\"\ndate = 2026-01-01\ninput = 3000000\noutput = 15000000\n";

    fn problems(text: &str) -> Vec<String> {
        Prices::parse(text).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    fn read(text: &str) -> Price {
        Prices::parse(text).unwrap().rows.remove(0)
    }

    fn tokens(input: u64, output: u64, cache_read: u64, cache_write: u64) -> Tokens {
        Tokens {
            input: Some(input),
            output: Some(output),
            cache_read: Some(cache_read),
            cache_write: Some(cache_write),
        }
    }

    #[test]
    fn the_shipped_file_has_no_problems_and_every_row_was_read_before_it_shipped() {
        let prices = Prices::parse(include_str!("prices.toml")).unwrap();
        assert!(!prices.is_empty());
        assert_eq!(prices, Prices::shipped());
        assert!(prices.rows.iter().all(|row| ["anthropic", "openai", "google"].contains(&row.provider.as_str())));
        assert!(prices.rows.iter().all(|row| row.rates.input > 0 && row.rates.output > row.rates.input));
        assert!(prices.rows.iter().all(|row| row.rates.cache_read <= row.rates.input));
    }

    #[test]
    fn the_shipped_regions_are_never_cheaper_than_any() {
        let prices = Prices::shipped();
        for row in &prices.rows {
            let any = prices.price(&row.provider, &row.model, ANY, row.valid_from).unwrap();
            assert!(row.worst(300_000, 1_000) >= any.worst(300_000, 1_000), "{row:?}");
        }
    }

    #[test]
    fn a_price_that_changes_on_a_day_changes_on_that_day() {
        let prices = Prices::shipped();
        let million = |day| prices.price("google", "gemini-3.8-flash", "any", day)?.cost(&tokens(1_000_000, 0, 0, 0));
        assert_eq!(million(date(2026, 12, 31)), Some(MicroDollars(750_000)));
        assert_eq!(million(date(2027, 1, 1)), Some(MicroDollars(1_500_000)));
        assert_eq!(million(date(2026, 1, 1)), None, "not sold yet, so unknown");
    }

    #[test]
    fn a_long_request_pays_the_higher_rates_for_all_of_it() {
        let prices = Prices::shipped();
        let price = prices.price("anthropic", "claude-haiku-5-5", "any", date(2026, 11, 27)).unwrap();
        assert_eq!(price.cost(&tokens(100_000, 1_000, 0, 0)), Some(MicroDollars(10_500)));
        assert_eq!(
            price.cost(&tokens(40_000, 1_000, 40_000, 20_001)),
            Some(MicroDollars(20_000 + 2_500 + 2_000 + 12_501))
        );
    }

    #[test]
    fn the_region_itself_goes_before_any_and_the_newest_before_the_rest() {
        let at = |regions: &str, from: &str, input: u64| {
            ROW.replace("[\"any\"]", regions)
                .replace("valid-from = 2026-01-01", &format!("valid-from = {from}"))
                .replace("3000000", &input.to_string())
        };
        let text = at("[\"any\"]", "2026-01-01", 1_000_000)
            + &at("[\"us\", \"eu\"]", "2026-01-01", 2_000_000)
            + &at("[\"us\"]", "2026-03-01", 3_000_000)
            + &at("[\"any\"]", "2026-06-01", 4_000_000);
        let prices = Prices::parse(&text).unwrap();
        let found = |region, day| prices.price("p", "m", region, day).map(|price| price.rates.input / 1_000_000);
        assert_eq!(found("us", date(2026, 2, 1)), Some(2));
        assert_eq!(found("us", date(2026, 3, 1)), Some(3));
        assert_eq!(found("us", date(2026, 7, 1)), Some(3));
        assert_eq!(found("eu", date(2026, 7, 1)), Some(2));
        assert_eq!(found("jp", date(2026, 2, 1)), Some(1));
        assert_eq!(found("jp", date(2026, 7, 1)), Some(4));
        assert_eq!(found("us", date(2025, 12, 31)), None);
        assert_eq!(prices.price("p", "other", "us", date(2026, 7, 1)), None);
        assert_eq!(prices.price("other", "m", "us", date(2026, 7, 1)), None);
    }

    #[test]
    fn what_was_not_counted_has_no_cost_and_the_cache_not_named_is_none() {
        let price = read(ROW);
        assert_eq!(price.cost(&Tokens { output: None, ..tokens(1, 1, 0, 0) }), None);
        assert_eq!(price.cost(&Tokens { input: None, ..tokens(1, 1, 0, 0) }), None);
        let uncached = Tokens { cache_read: None, cache_write: None, ..tokens(1_000_000, 1_000_000, 0, 0) };
        assert_eq!(price.cost(&uncached), Some(MicroDollars(18_000_000)));
    }

    #[test]
    fn each_part_is_rounded_up() {
        assert_eq!(read(ROW).cost(&tokens(1, 1, 1, 1)), Some(MicroDollars(3 + 15 + 3 + 3)));
        let cheap = ROW.replace("3000000", "1000").replace("15000000", "1000");
        let cheap = read(&cheap);
        assert_eq!(cheap.cost(&tokens(1, 1, 1, 1)), Some(MicroDollars(4)));
        assert_eq!(cheap.worst(3, 1), MicroDollars(4), "the worst case knows of the three roundings");
    }

    #[test]
    fn a_machine_of_the_clinic_is_free_because_a_row_says_so() {
        let free = read(&ROW.replace("3000000", "0").replace("15000000", "0"));
        assert_eq!(free.cost(&tokens(9, 9, 9, 9)), Some(MicroDollars::ZERO));
        assert_eq!(free.worst(u64::MAX, u64::MAX), MicroDollars::ZERO);
    }

    #[test]
    fn money_is_written_in_dollars() {
        assert_eq!(MicroDollars(1_234).to_string(), "$0.001234");
        assert_eq!(MicroDollars(12_000_001).to_string(), "$12.000001");
        assert_eq!(MicroDollars(u64::MAX).to_string(), "$18446744073709.551615");
        assert_eq!(MicroDollars(1).minus(MicroDollars(2)), MicroDollars::ZERO);
    }

    #[test]
    fn sums_that_are_too_large_stay_at_the_most_that_can_be_counted() {
        let dear = read(&ROW.replace("15000000", "10000000000"));
        assert_eq!(dear.cost(&tokens(u64::MAX, u64::MAX, u64::MAX, u64::MAX)), Some(MicroDollars(u64::MAX)));
        assert_eq!(dear.worst(u64::MAX, u64::MAX), MicroDollars(u64::MAX));
    }

    #[test]
    fn wrong_rows_are_refused_with_their_number_and_what_is_right() {
        let two = |from: &str, to: &str| problems(&format!("{ROW}{}", ROW.replace("\"m\"", "\"n\"").replace(from, to)));
        assert_eq!(two("", ""), Vec::<String>::new());
        for wrong in ["3", "3.0", "-3000000", "\"3000000\"", "10000000001"] {
            let found = two("3000000", wrong);
            assert!(found[0].starts_with("price 2.input: should be a price in whole micro-dollars"), "{found:#?}");
        }
        let above = "15000000\n[[price.above]]\ninput-tokens = 9\ninput = 6000000\noutput = 20000000";
        assert_eq!(two("15000000", above), Vec::<String>::new());
        let twice = format!("{above}\n{}", above.trim_start_matches("15000000\n"));
        assert!(two("15000000", &twice)[0].starts_with("price 2.above: should have its input-tokens in ascending"));
        let none = above.replace("= 9", "= 0");
        assert!(two("15000000", &none)[0].starts_with("price 2.above 1.input-tokens: should be a whole number"));
    }

    #[test]
    fn a_threshold_names_the_same_cache_prices_as_its_row() {
        let above = "[[price.above]]\ninput-tokens = 9\ninput = 6000000\noutput = 20000000\n";
        let text = format!("{ROW}cache-write = 4000000\n{above}");
        assert!(problems(&text)[0].starts_with("price 1.above 1.cache-write: is missing"));
        assert_eq!(problems(&format!("{text}cache-write = 8000000\n")), Vec::<String>::new());
        assert!(problems(&format!("{ROW}{above}cache-read = 1000\n"))[0].contains("cache-read: is not a known key"));
    }

    #[test]
    fn two_rows_for_the_same_model_region_and_day_are_refused() {
        let both = format!("{ROW}{}", ROW.replace("[\"any\"]", "[\"us\", \"any\"]"));
        assert_eq!(problems(&both), ["price 2: is for the same model, region and day as price 1: remove one of them"]);
        assert_eq!(problems(&format!("{ROW}{}", ROW.replace("\"any\"", "\"us\""))), Vec::<String>::new());
    }

    #[test]
    fn a_byte_is_at_most_one_token_and_the_provider_adds_some() {
        assert_eq!(estimate_tokens(1_234), 2_234);
        assert_eq!(estimate_tokens(usize::MAX), u64::MAX);
    }

    fn any_rate() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), 1_000_u64..100_000_000]
    }

    prop_compose! {
        fn any_rates()(
            input in any_rate(), output in any_rate(), cache_read in any_rate(), cache_write in any_rate(),
        ) -> Rates {
            Rates { input, output, cache_read, cache_write }
        }
    }

    proptest! {
        #[test]
        fn no_request_costs_more_than_its_worst_case(
            base in any_rates(),
            steps in proptest::collection::btree_map(1_u64..2_000_000, any_rates(), 0..3),
            input in 0_u64..1_000_000, read in 0_u64..1_000_000, write in 0_u64..1_000_000, output in 0_u64..200_000,
            spare in 0_u64..1_000_000,
        ) {
            let price = Price { rates: base, above: steps.into_iter().collect(), ..read_row() };
            let cost = price.cost(&tokens(input, output, read, write)).unwrap();
            prop_assert!(cost <= price.worst(input + read + write, output));
            let (most_input, most_output) = (input + read + write + spare, output + spare);
            prop_assert!(cost <= price.worst(most_input, most_output), "a bound of the tokens bounds the cost");
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(
            text in "(\\[\\[price\\]\\]\n|input = [0-9]{1,20}\n|[a-z-]{1,9} = [0-9\"a-z-]{0,12}\n){0,9}",
        ) {
            let _ = Prices::parse(&text);
        }
    }

    fn read_row() -> Price {
        read(ROW)
    }
}
