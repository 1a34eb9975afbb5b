//! Numbers as words, for a voice, and words as numbers, for comparing. Pure.

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
const TENTHS: [&str; 10] =
    ["", "", "twentieth", "thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth"];

fn at<'a>(list: &[&'a str], place: u32) -> &'a str {
    usize::try_from(place).ok().and_then(|place| list.get(place)).copied().unwrap_or_default()
}

/// One digit.
pub(super) fn unit(digit: u32) -> &'static str {
    at(&UNITS, digit)
}

/// A number below a thousand.
pub(super) fn number_words(value: u32, ordinal: bool) -> Vec<String> {
    let (hundreds, rest) = (value / 100 % 10, value % 100);
    let mut words = Vec::new();
    if hundreds > 0 {
        words.push(unit(hundreds));
        words.push(if ordinal && rest == 0 { "hundredth" } else { "hundred" });
    }
    let (tens, ones) = (rest / 10, rest % 10);
    match rest {
        0 if hundreds > 0 => {}
        0..20 => words.push(at(if ordinal { &ORDINALS } else { &UNITS }, rest)),
        _ if ones == 0 => words.push(at(if ordinal { &TENTHS } else { &TENS }, tens)),
        _ => words.extend([at(&TENS, tens), at(if ordinal { &ORDINALS } else { &UNITS }, ones)]),
    }
    words.into_iter().map(str::to_owned).collect()
}

/// A year from 1900 to 2029.
pub(super) fn year(value: u32) -> Vec<String> {
    let (century, rest) = (value / 100, value % 100);
    let mut words: Vec<String> = match (century, rest) {
        (20, 0..10) => vec!["two".to_owned(), "thousand".to_owned()],
        _ => number_words(century, false),
    };
    match (century, rest) {
        (20, 0) => {}
        (_, 0) => words.push("hundred".to_owned()),
        (20, _) => words.extend(number_words(rest, false)),
        (_, 1..10) => words.extend(["oh".to_owned(), unit(rest).to_owned()]),
        _ => words.extend(number_words(rest, false)),
    }
    words
}

/// How a word is compared: number words as their digits, "o" and "oh" as zero, without a possessive's ending.
pub(super) fn key(word: &str) -> String {
    let word = word.strip_suffix("'s").unwrap_or(word);
    let place = |list: &[&str]| list.iter().position(|known| *known == word && !word.is_empty());
    if matches!(word, "o" | "oh" | "nought") {
        return "0".to_owned();
    }
    let small = place(&UNITS).or_else(|| place(&ORDINALS));
    let tens = place(&TENS).or_else(|| place(&TENTHS)).map(|tens| tens * 10);
    small.or(tens).map_or_else(|| word.to_owned(), |number| number.to_string())
}

/// How many of the last words are a year, by their keys: "nineteen sixty two", "two thousand seven", "twenty oh one".
pub(super) fn trailing_year(keys: &[&str]) -> usize {
    let number = |key: &str| key.parse::<u32>().ok();
    let below_hundred = |rest: &[&str]| match rest {
        [one] => number(one).is_some_and(|n| n >= 10),
        ["0", unit] => number(unit).is_some_and(|n| n < 10),
        [tens, unit] => {
            number(tens).is_some_and(|n| n >= 20 && n % 10 == 0) && number(unit).is_some_and(|n| (1..10).contains(&n))
        }
        _ => false,
    };
    let is_year = |words: &[&str]| match words {
        ["2", "thousand"] | ["19", "hundred"] => true,
        ["2", "thousand", unit] if number(unit).is_some_and(|n| n < 10) => true,
        ["2", "thousand", rest @ ..] | ["19" | "20", rest @ ..] => below_hundred(rest),
        _ => false,
    };
    let longest = keys.len().min(4);
    (2..=longest).rev().find(|length| keys.get(keys.len() - length..).is_some_and(is_year)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: Vec<String>) -> String {
        words.join(" ")
    }

    #[test]
    fn numbers_and_years_are_said_as_people_say_them() {
        assert_eq!(
            [0, 7, 13, 40, 96, 300, 368].map(|n| read(number_words(n, false))),
            ["zero", "seven", "thirteen", "forty", "ninety six", "three hundred", "three hundred sixty eight",]
        );
        assert_eq!(
            [1, 20, 23, 100, 118].map(|n| read(number_words(n, true))),
            ["first", "twentieth", "twenty third", "one hundredth", "one hundred eighteenth",]
        );
        assert_eq!(
            [1900, 1904, 1962, 2000, 2007, 2015].map(|n| read(year(n))),
            [
                "nineteen hundred",
                "nineteen oh four",
                "nineteen sixty two",
                "two thousand",
                "two thousand seven",
                "twenty fifteen",
            ]
        );
    }

    #[test]
    fn numbers_are_compared_by_what_they_count() {
        assert_eq!(
            ["oh", "zero", "o", "fifth", "twenty", "farah's", "may"].map(key),
            ["0", "0", "0", "5", "20", "farah", "may"]
        );
    }

    #[test]
    fn a_year_at_the_end_is_seen_and_a_day_is_not_taken_for_one() {
        let year = |text: &str| {
            let keys: Vec<String> = text.split(' ').map(key).collect();
            trailing_year(&keys.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let dates = [
            ("may third nineteen sixty two", 3),
            ("may third nineteen sixty", 2),
            ("june two thousand seven", 3),
            ("june two thousand twenty five", 4),
            ("june fifth two thousand", 2),
            ("six oh five twenty oh one", 3),
            ("august twenty twenty five", 3),
            ("may twenty first", 0),
            ("may twenty five", 0),
            ("the nineteenth", 0),
        ];
        for (text, words) in dates {
            assert_eq!(year(text), words, "{text}");
        }
    }
}
