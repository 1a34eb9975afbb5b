//! What may be said in answer to a question, as a JSGF grammar by [`Expecting`].
//!
//! In:  the kind of answer and, for a name, the names that may be said. Out: grammar text for PocketSphinx, in words of
//! the clinic dictionary (`models/clinic-lm/clinic.dict`; a test holds the two together).
//! A grammar is a help, never a cage: the language model listens to the same turn, and
//! [`crate::listen::asr::pocketsphinx`] takes its words where the grammar does not fit.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::expect::Expecting;

/// The grammar for an answer, or `None` where anything may be said.
///
/// `names` are used for a name alone: each is one person, already in dictionary form (see [`name_words`]).
#[must_use]
pub fn grammar(expecting: Expecting, names: &[Vec<String>]) -> Option<String> {
    let rules: &[&str] = match expecting {
        Expecting::Anything => return None,
        Expecting::YesNo => &[YES_NO],
        Expecting::Date => &[NUMBERS, CALENDAR, DATE],
        Expecting::Dob => &[NUMBERS, CALENDAR, DOB],
        Expecting::Phone => &[NUMBERS, DIGITS, PHONE],
        Expecting::Card => &[NUMBERS, DIGITS, CARD],
        Expecting::MemberId => &[NUMBERS, DIGITS, LETTERS, MEMBER],
        Expecting::Name { spelled: true } => &[LETTERS, SPELLED],
        Expecting::Name { spelled: false } => return Some(name_grammar(names)),
    };
    Some(format!("#JSGF V1.0;\ngrammar answer;\n{}", rules.concat()))
}

/// A name as the words a recogniser knows: lower case, accents and titles' dots gone, hyphens between words.
#[must_use]
pub fn name_words(name: &str) -> Vec<String> {
    use unicode_normalization::UnicodeNormalization as _;
    let plain: String =
        name.nfd().flat_map(char::to_lowercase).map(|c| if c == '\u{2019}' { '\'' } else { c }).collect();
    let letters = plain.replace(|c: char| c == '-' || c == ',' || c.is_whitespace(), " ");
    let keep = |word: &str| word.chars().filter(|c| c.is_ascii_lowercase() || *c == '\'').collect::<String>();
    letters
        .split(' ')
        .map(keep)
        .map(|word| word.trim_matches('\'').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Names that stand beside the clinic's candidates, so that a caller with another name is not pressed into one of them.
/// Common ones of many origins, and some that sound a little like others; none that sounds the same as a common one
/// (millar, miller), between which no ear could choose.
pub const DECOYS: [(&str, &str); 40] = [
    ("james", "smith"),
    ("john", "johnson"),
    ("robert", "williams"),
    ("michael", "brown"),
    ("william", "jones"),
    ("david", "garcia"),
    ("richard", "davis"),
    ("joseph", "rodriguez"),
    ("thomas", "martinez"),
    ("carlos", "hernandez"),
    ("daniel", "gonzales"),
    ("matthew", "wilson"),
    ("anthony", "anderson"),
    ("mark", "taylor"),
    ("paul", "moore"),
    ("mary", "jackson"),
    ("patricia", "martin"),
    ("jennifer", "lee"),
    ("linda", "thompson"),
    ("elizabeth", "white"),
    ("barbara", "harris"),
    ("susan", "clark"),
    ("jessica", "lewis"),
    ("sarah", "robinson"),
    ("karen", "walker"),
    ("maria", "young"),
    ("nancy", "nguyen"),
    ("margaret", "wright"),
    ("emily", "torres"),
    ("donna", "hill"),
    ("priya", "patel"),
    ("mohammed", "khan"),
    ("fatima", "hassan"),
    ("ling", "wang"),
    ("kenji", "tanaka"),
    ("olga", "ivanov"),
    ("marie", "morris"),
    ("gloria", "murray"),
    ("jim", "carver"),
    ("ann", "cohen"),
];

fn name_grammar(names: &[Vec<String>]) -> String {
    let mut people = BTreeSet::new();
    let (mut firsts, mut lasts) = (BTreeSet::new(), BTreeSet::new());
    for words in names {
        people.insert(words.join(" "));
        if let Some(first) = words.first() {
            firsts.insert(first.as_str());
        }
        if let Some(last) = words.last() {
            lasts.insert(last.as_str());
        }
    }
    for (first, last) in DECOYS {
        firsts.insert(first);
        lasts.insert(last);
        people.insert(format!("{first} {last}"));
    }
    let list = |words: Vec<&str>| words.join(" | ");
    let mut text = String::from("#JSGF V1.0;\ngrammar answer;\n");
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "<person> = {};", list(people));
    let _ = writeln!(text, "<first> = {};", list(firsts.into_iter().collect()));
    let _ = writeln!(text, "<last> = {};", list(lasts.into_iter().collect()));
    text.push_str(NAME);
    text
}

/// The words that a grammar uses, in order of first use. Used to see that the dictionary has them all.
#[must_use]
pub fn words_of(jsgf: &str) -> Vec<&str> {
    words_of_rules(jsgf, |_| true)
}

/// The words of an answer proper: without what may stand before and after it, which people say before anything else too
/// ("i would like", "please"). Used to see whether what was heard is an answer at all.
#[must_use]
pub fn answer_words(jsgf: &str) -> Vec<&str> {
    words_of_rules(jsgf, |rule| !ASIDE.contains(&rule))
}

/// The rules of what may stand around an answer.
const ASIDE: [&str; 3] = ["<lead>", "<tail>", "<thanks>"];

fn words_of_rules(jsgf: &str, wanted: impl Fn(&str) -> bool) -> Vec<&str> {
    let mut words = Vec::new();
    let rules = jsgf.split(';').filter_map(|rule| rule.split_once('='));
    for (_, body) in rules.filter(|(name, _)| wanted(name.trim())) {
        let mut depth_of_name = false;
        for token in body.split_inclusive(['<', '>']) {
            if !depth_of_name {
                let bare = token.trim_end_matches(['<', '>']);
                let parts = bare.split(|c: char| c.is_whitespace() || "|()[]*+;".contains(c));
                for word in parts.filter(|word| !word.is_empty() && !word.starts_with('/')) {
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
            }
            depth_of_name = token.ends_with('<');
        }
    }
    words
}

const YES_NO: &str = "\
<yes> = yes | yeah | yep | yup | sure | okay | correct | right | absolutely | definitely | of course | that's right
 | that's correct | that is correct | that works | that's fine | i do | i am | it is | go ahead | please do | exactly
 | sounds good | uh huh | mm hmm | alright;
<no> = no | nope | no no | not really | that's wrong | that's not right | that is wrong | incorrect | i don't | i'm not
 | it's not | not yet | uh uh | no it's not | no it isn't;
<thanks> = please | thank you | thanks | goodbye | bye | thank you goodbye | thank you bye | thanks goodbye | thanks bye
 | that's all | that's all thank you | nothing else;
<lead> = um | uh | well | oh;
public <answer> = [<lead>] (<yes> [<yes>] | <no>) [<thanks>];
";

const NUMBERS: &str = "\
<one> = one | two | three | four | five | six | seven | eight | nine;
<teen> = ten | eleven | twelve | thirteen | fourteen | fifteen | sixteen | seventeen | eighteen | nineteen;
<ten> = twenty | thirty | forty | fifty | sixty | seventy | eighty | ninety;
<pair> = <teen> | <ten> | <ten> <one>;
";

const CALENDAR: &str = "\
<month> = january | february | march | april | may | june | july | august | september | october | november | december;
<day> = monday | tuesday | wednesday | thursday | friday | saturday | sunday;
<ord> = first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth | eleventh | twelfth
 | thirteenth | fourteenth | fifteenth | sixteenth | seventeenth | eighteenth | nineteenth | twentieth | twenty first
 | twenty second | twenty third | twenty fourth | twenty fifth | twenty sixth | twenty seventh | twenty eighth
 | twenty ninth | thirtieth | thirty first;
<dom> = <one> | <teen> | twenty | twenty <one> | thirty | thirty one;
";

const DATE: &str = "\
<hour> = <one> | ten | eleven | twelve;
<half> = a m | p m;
<minute> = thirty | fifteen | forty five | forty | twenty | ten;
<time> = <hour> [<minute>] [<half>] | <hour> o'clock | noon | half past <hour> | quarter past <hour> | quarter to <hour>
 | <hour> in the (morning | afternoon | evening);
<part> = morning | afternoon | evening;
<date> = <month> <ord> | <month> the <ord> | the <ord> [of <month>] | <month> <dom>;
<when> = [next | this | on] <day> [<part>] | tomorrow [<part>] | today | next week | this week | the day after tomorrow
 | <date> | <day> <date> | <day> the <ord> | in the <part> | <part> | this <part> | in (two | three) weeks | next month;
<tail> = please | works | is fine | would be great | if possible | thank you;
<lead> = um | uh | well | on | how about | for | let's do | let's say | maybe | i'd like | i would like | can we do | yes
 | what about | can i come | i prefer | do you have;
public <answer> = [<lead>] (<when> | <when> at <time> | at <time> | <time>) [<tail>] | the (first | second | third) one
 [<tail>] | (any time | anytime) [<when>] | as soon as possible | <when> or <when> [<tail>];
";

const DOB: &str = "\
<unit> = (oh | zero) <one>;
<year> = nineteen (<teen> | <ten> | <ten> <one> | <unit> | hundred) | two thousand [[and] (<one> | <teen>)]
 | twenty (<teen> | twenty [<one>] | <unit>) | <yy> | one nine <one> (<one> | oh | zero);
<yy> = <ten> | <ten> <one>;
<mm> = <one> | ten | eleven | twelve | <unit>;
<dd> = <dom> | <unit>;
<date> = <month> (<ord> | the <ord> | <dom>) | [the] <ord> [of] <month> | <mm> [slash] <dd> [slash];
<lead> = um | uh | my birthday is | my date of birth is | i was born [on] | it's | it is | born [on] | that's | date of birth
 | yes | sure | sure it's;
public <answer> = [<lead>] <date> [of | in] <year> [please | thank you] | [<lead>] <date> | [<lead>] <year>;
";

const DIGITS: &str = "\
<digit> = one | two | three | four | five | six | seven | eight | nine | zero | /0.3/ oh;
<run> = /40/ <digit> | /1/ double <digit> | /0.5/ triple <digit> | /1/ <pair>;
";

const PHONE: &str = "\
<three> = /40/ <digit> <digit> <digit> | double <digit> <digit> | <digit> double <digit> | triple <digit> | <one> hundred;
<four> = /40/ <digit> <digit> <digit> <digit> | /1/ <pair> <pair> | double <digit> <digit> <digit>
 | <digit> <digit> double <digit> | <digit> double <digit> <digit> | double <digit> double <digit> | <digit> triple <digit>
 | triple <digit> <digit> | <one> thousand | <digit> <digit> <pair>;
<lead> = um | uh | it's | my number is | my phone number is | the number is | yes | sure | sure it's | you can reach me at
 | call me at | area code | my cell is | one;
public <answer> = /20/ <three> <three> <four> | /4/ <three> <four> | /1/ <run> <run>* | /10/ <lead> <three> <three> <four>
 | /2/ <lead> <three> <four> | /1/ <lead> <run> <run>*;
";

const CARD: &str = "\
<lead> = um | uh | it's | my card number is | the card number is | yes | sure | sure it's | the number is;
<group> = <digit> <digit> <digit> <digit> | <pair> <pair>;
public <answer> = /4/ [<lead>] <group> <group> <group> <group> | /1/ [<lead>] <run> <run>*;
";

const LETTERS: &str = "\
<letter> = a | b | c | d | e | f | g | h | i | j | k | l | m | n | o | p | q | r | s | t | u | v | w | x | y | z;
<nato> = alpha | bravo | charlie | delta | echo | foxtrot | golf | hotel | india | juliet | kilo | lima | mike | november
 | oscar | papa | quebec | romeo | sierra | tango | uniform | victor | whiskey | xray | yankee | zulu;
<asin> = a as in (apple | alpha | adam) | b as in (boy | bob | bravo | baker) | c as in (charlie | cat)
 | d as in (david | dog | delta) | e as in (edward | echo | elephant) | f as in (frank | foxtrot) | g as in (george | golf)
 | h as in (henry | hotel) | i as in (ice | india) | j as in (john | juliet) | k as in (king | kilo | kite)
 | l as in (lima | larry | love) | m as in (mary | mike | mother) | n as in (nancy | november | nora)
 | o as in (oscar | orange) | p as in (peter | papa | paul) | q as in (queen | quebec) | r as in (robert | romeo)
 | s as in (sam | sierra | sugar) | t as in (tom | tango) | u as in (uniform | umbrella) | v as in (victor | violet)
 | w as in (william | whiskey) | x as in xray | y as in (yellow | yankee) | z as in (zebra | zulu);
<spelled> = /20/ <letter> | /3/ <nato> | /4/ <asin> | /1/ double <letter>;
";

const MEMBER: &str = "\
<lead> = um | uh | it's | my member number is | my number is | the number is | my i d is | the member number is | yes | sure
 | sure it's | m r n;
public <answer> = [<lead>] (<run> | <spelled>) (<run> | <spelled>)*;
";

const SPELLED: &str = "\
<lead> = um | uh | it's | that's | yes | sure | sure it's | it's spelled;
public <answer> = [<lead>] <spelled> <spelled>*;
";

const NAME: &str = "\
<lead> = um | uh | hi | hello | my name is | this is | it's | i'm | i am | yes | sure | the name is | yes this is | hi this is
 | my name's | the patient is;
<tail> = speaking | please | calling | here | thank you;
public <answer> = [<lead>] (/6/ <person> | /2/ <first> <last> | /1/ <first> | /1/ <last>) [<tail>]
 | (my first name is | first name) <first> | (my last name is | last name | the last name is) <last>;
";

#[cfg(test)]
mod tests {
    use super::*;

    const DICTIONARY: &str = include_str!("../../../models/clinic-lm/clinic.dict");

    #[test]
    fn every_word_of_every_grammar_is_in_the_dictionary() {
        let known: BTreeSet<&str> = DICTIONARY.lines().filter_map(|line| line.split(' ').next()).collect();
        for expecting in Expecting::ALL {
            let Some(jsgf) = grammar(expecting, &[]) else { continue };
            let unknown: Vec<&str> = words_of(&jsgf).into_iter().filter(|word| !known.contains(word)).collect();
            assert!(unknown.is_empty(), "{expecting}: {unknown:?}");
        }
    }

    #[test]
    fn only_free_speech_has_no_grammar() {
        for expecting in Expecting::ALL {
            assert_eq!(grammar(expecting, &[]).is_none(), expecting == Expecting::Anything, "{expecting}");
        }
    }

    #[test]
    fn names_become_plain_words() {
        assert_eq!(name_words("María-José  O\u{2019}Brien, Jr."), ["maria", "jose", "o'brien", "jr"]);
        assert_eq!(name_words("<x> = evil; | 42"), ["x", "evil"]);
        assert!(name_words("…").is_empty());
    }

    #[test]
    fn words_of_a_rule_of_several_lines_are_all_found_and_polite_words_are_no_answer() {
        let jsgf = grammar(Expecting::Phone, &[]).unwrap();
        assert!(words_of(&jsgf).contains(&"call"));
        assert!(answer_words(&jsgf).contains(&"seven") && answer_words(&jsgf).contains(&"thousand"));
        assert!(!answer_words(&jsgf).contains(&"call"));
    }

    #[test]
    fn the_clinics_candidates_are_in_the_name_grammar() {
        let jsgf = grammar(Expecting::Name { spelled: false }, &[name_words("Zadie Quill")]).unwrap();
        assert!(words_of(&jsgf).contains(&"quill"));
    }
}
