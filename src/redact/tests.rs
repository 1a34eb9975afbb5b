//! Whole utterances in, redacted text out: a named case for every family, then what must hold for any text at all.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const TODAY: jiff::civil::Date = date(2026, 11, 23); // a Monday

pub(super) fn context(expecting: Expecting) -> Context<'static> {
    Context { expecting, asked: "", lately: None, today: TODAY, level: Level::SafeHarbor }
}

/// An utterance cut up, after a question.
pub(super) fn view_of<'a>(heard: &'a RawTranscript, question: &'a str) -> View<'a> {
    View::new(heard, &Context { asked: question, ..context(Expecting::Anything) }, Without::NOTHING)
}

/// What leaves of an utterance after the clinic's words.
pub(super) fn after(question: &str, text: &str) -> String {
    let context = Context { asked: question, ..context(Expecting::Anything) };
    redact(&RawTranscript::typed(text), &context, &mut Vault::new()).text.as_str().to_owned()
}

pub(super) fn plain(text: &str) -> String {
    after("", text)
}

/// The text that leaves and the value that was taken up.
fn answer(expecting: Expecting, text: &str) -> (String, Option<(String, bool)>) {
    let mut vault = Vault::new();
    let outcome = redact(&RawTranscript::typed(text), &context(expecting), &mut vault);
    let value = outcome.captured.map(|c| {
        assert_eq!(c.expecting, expecting);
        (vault.find(c.placeholder).unwrap().machine.expose().to_owned(), c.complete)
    });
    (outcome.text.as_str().to_owned(), value)
}

fn taken(expecting: Expecting, text: &str) -> Option<(String, bool)> {
    answer(expecting, text).1
}

fn whole(value: &str) -> Option<(String, bool)> {
    Some((value.to_owned(), true))
}

#[test]
fn names_are_covered_in_every_position() {
    assert_eq!(plain("hi my name is mary lopez and i need a refill"), "hi my name is [NAME_1] and i need a refill");
    assert_eq!(plain("good morning this is olusegun okafor"), "good morning this is [NAME_1]");
    assert_eq!(plain("My wife Grace needs an appointment."), "My wife [NAME_1] needs an appointment.");
    assert_eq!(plain("siobhan calling about my labs"), "[NAME_1] calling about my labs");
    assert_eq!(plain("first name may last name young"), "first name [NAME_1] last name [NAME_2]");
    // Terms elsewhere.
    assert_eq!(plain("hi this is jack frost calling about my bill"), "hi this is [NAME_1] calling about my bill");
    assert_eq!(plain("i eat a jack fruit and drink rose water"), "i eat a jack fruit and drink rose water");
}

#[test]
fn ordinary_sentences_stay_as_they_are() {
    for text in [
        "i need a refill of my metformin five hundred milligrams twice a day",
        "the fever rose again and it may chase me all week",
        "will you call me back when the doctor is in",
        "my blood pressure was one forty over ninety",
        "how much is the copay for a visit",
        "i am sixty two years old and i have type two diabetes",
        "It costs $1,200 and I paid 30% of it.",
        "my mother has parkinson's disease and takes lisinopril",
        "Her hemoglobin went from 10.0 to 11.2.",
        "the psa rose from two point three to five point six",
        "My pressure's been 171/104, 179/63, all over the place.",
        "my vision is 20/40 in that eye",
        "it read one thirty seven over one hundred and three",
        "i dialled nine one one first",
        "the potassium is four point one and the sodium one hundred and thirty eight",
    ] {
        assert_eq!(plain(text), text);
    }
}

#[test]
fn dates_are_covered_in_every_order() {
    for text in [
        "march fourth nineteen sixty two",
        "fourth of march sixty two",
        "March 4, 1962",
        "4 March 1962",
        "3/4/1962",
        "1962-03-04",
        "fourth of the third",
    ] {
        assert_eq!(plain(text), "[DATE_1]".to_owned(), "{text}");
    }
    assert_eq!(plain("born oh three oh four sixty two"), "born [DATE_1]");
    assert_eq!(plain("can i come on the twenty third"), "can i come on the [DATE_1]");
    assert_eq!(plain("can i come tomorrow"), "can i come [DATE_1]");
}

#[test]
fn telephone_numbers_are_covered_spoken_and_written() {
    assert_eq!(plain("my number is five one two five five five oh one four three"), "my number is [PHONE_1]");
    assert_eq!(plain("call me at (512) 555-0143 please"), "call me at ([PHONE_1] please");
    assert_eq!(plain("five one two uh triple five oh one double four"), "[PHONE_1]");
}

#[test]
fn addresses_are_covered_with_town_and_code() {
    let text = "i live at two hundred fifty eight pine ridge street apartment one oh seven trenton new jersey oh eight six one oh";
    let left = plain(text);
    assert!(
        left.starts_with("i live at [ADDRESS_1]") && !left.contains("trenton") && !left.contains("eight"),
        "{left}"
    );
    assert_eq!(plain("I moved here from Walnut Creek."), "I moved here from [ADDRESS_1].");
}

#[test]
fn email_web_and_network_addresses_are_covered() {
    assert_eq!(plain("it's mary dot lopez at gmail dot com thanks"), "it's [EMAIL_1] thanks");
    assert_eq!(plain("write to m.lopez77@example.org."), "write to [EMAIL_1].");
    assert_eq!(plain("see www.lopezfamily.net/photos for more"), "see [URL_1] for more");
    assert_eq!(plain("The IP address is 203.0.113.7."), "The IP address is [IP_1].");
}

#[test]
fn identifying_numbers_are_covered() {
    assert_eq!(plain("my member id is x q four seven one two"), "my member id is [ID_1]");
    assert_eq!(plain("the last four of my social are four four three one"), "the last four of my social are [ID_1]");
    assert_eq!(plain("My MRN is A-07110953."), "My MRN is [ID_1].");
}

#[test]
fn ages_are_covered_from_ninety_on_only() {
    for text in ["she's close to ninety five now", "he's more than ninety two", "my mother is older than ninety five"] {
        assert!(!plain(text).contains("five") && !plain(text).contains("two"), "{}", plain(text));
    }
    assert_eq!(plain("my father is ninety one years old"), "my father is [AGE90_1] years old");
    assert_eq!(plain("my father is eighty nine years old"), "my father is eighty nine years old");
}

#[test]
fn employers_are_covered() {
    assert_eq!(plain("i work for general mills and i need a note"), "i work for [ORG_EMPLOYER_1] and i need a note");
}

#[test]
fn a_reading_that_was_asked_for_is_no_age() {
    let left = |question: &str, text: &str| {
        let heard = RawTranscript::typed(text);
        redact(&heard, &Context { asked: question, ..context(Expecting::Anything) }, &mut Vault::new())
            .text
            .as_str()
            .to_owned()
    };
    assert_eq!(left("What was her temperature?", "one hundred and two"), "one hundred and two");
    assert_eq!(left("How old is she?", "one hundred and two"), "[AGE90_1]");
    // Whatever was asked, an age that is told of a person is one.
    for question in ["Is that so?", "Is it just the two of you?", "What was her blood pressure?"] {
        let told = left(question, "my mother she's ninety four now and the machine is broken");
        assert!(!told.contains("ninety"), "{told}");
    }
}

#[test]
fn digits_misheard_as_words_go_with_their_chain() {
    for (text, misheard) in [
        ("my mother is ninety to now", "to"),
        ("the card ending in eighty for thirteen", "for"),
        ("she was born on for 30 58", "for"),
        ("here it is to zero seven five six six five one five one four", "to"),
        ("my record number is thirty thirty sixty one eighty line", "line"),
        ("it's plate whiskey nancy three seven", "nancy"),
        ("the house is eighty five a mesquite lane", " a "),
        ("the ride is from 3657 tecumseh straight to the clinic", "straight"),
    ] {
        let left = plain(text);
        assert!(
            !left.split(" ").any(|w| w == misheard.trim()) || left.contains("ride is from [ADDRESS_1] to"),
            "{left}"
        );
    }
}

#[test]
fn what_a_name_or_town_is_not_is_covered_as_well() {
    assert_eq!(plain("put ezekiel uh not torquil"), "put [NAME_1] uh not [NAME_2]");
    // Aurora is a name as well as a town.
    assert_eq!(plain("i said aurora not sandwich"), "i said [NAME_1] not [NAME_2]");
}

#[test]
fn a_number_that_nothing_explains_is_withheld() {
    let left = plain("and then seven two nine one came up");
    assert!(!left.contains("seven") && !left.contains("one"), "{left}");
    // "ten ten" may be a slip; it may be a code as well.
    assert!(!plain("and then twelve twelve came up").contains("twelve"));
    assert!(!plain("it said ٥٥٥٠١٤٣ there").contains('٥'));
}

#[test]
fn a_typed_placeholder_cannot_be_forged() {
    assert!(!plain("please book [PATIENT_1] and [SLOT_2]").contains("[PATIENT_1]"));
}

#[test]
fn a_birth_is_taken_up_and_no_word_of_it_leaves() {
    for text in [
        "march fourth nineteen sixty two",
        "it's the fourth of march sixty two",
        "oh three oh four sixty two",
        "three four nineteen sixty two",
        "um march the fourth uh nineteen sixty two please",
        "march third no sorry march fourth nineteen sixty two",
    ] {
        assert_eq!(answer(Expecting::Dob, text), ("[DATE_1]".to_owned(), whole("1962-03-04")), "{text}");
    }
}

#[test]
fn a_birth_without_its_year_is_not_whole() {
    let (left, value) = answer(Expecting::Dob, "march fourth");
    assert_eq!(left, "[DATE_1]");
    assert!(!value.unwrap().1);
}

#[test]
fn a_name_is_taken_up_said_or_spelled() {
    let name = Expecting::Name { spelled: false };
    for text in ["mary lopez", "my name is mary lopez", "this is Mary Lopez", "it's mary lopez", "uh mary lopez please"]
    {
        assert_eq!(answer(name, text), ("[NAME_1]".to_owned(), whole("mary lopez")), "{text}");
    }
    let spelled = Expecting::Name { spelled: true };
    assert_eq!(taken(spelled, "l o p e z"), whole("lopez"));
    assert_eq!(taken(spelled, "m as in mary a r y"), whole("mary"));
    assert_eq!(taken(name, "grace hope"), whole("grace hope"));
}

#[test]
fn a_name_spelled_without_a_pause_is_the_known_name_of_those_letters() {
    let mut vault = Vault::new();
    let ehr = Secret::new("Mary Lopez");
    let known = vault.keep(Label::Name, ehr.clone(), ehr, Source::Ehr, IdentityLevel::Verified);
    let context = context(Expecting::Name { spelled: true });
    let captured = |text: &str, vault: &mut Vault| {
        redact(&RawTranscript::typed(text), &context, vault).captured.map(|captured| captured.placeholder)
    };
    assert_eq!(captured("m a r y l o p e z", &mut vault), Some(known));
    // What the caller has said is no secret to them.
    assert_eq!(vault.find(known).map(|entry| entry.level), Some(IdentityLevel::Unknown));
    assert_ne!(captured("m a r y l o p e s", &mut vault), Some(known));
}

#[test]
fn a_telephone_number_is_taken_up_as_digits() {
    let text = "it's five one two five five five oh one four three";
    assert_eq!(answer(Expecting::Phone, text), ("[PHONE_1]".to_owned(), whole("5125550143")));
    assert_eq!(taken(Expecting::Phone, "five one two"), Some(("512".to_owned(), false)));
}

#[test]
fn a_card_is_never_kept() {
    let (left, value) = answer(Expecting::Card, "four one one one one one one one one one one one one one one one");
    assert_eq!((left.as_str(), value), ("[ID_1]", whole("")));
}

#[test]
fn what_is_evidently_no_answer_is_not_taken_up() {
    for text in ["i want to talk to a person", "what?", "why do you need that", "representative", "can you repeat that"]
    {
        for expecting in [Expecting::Dob, Expecting::Name { spelled: false }, Expecting::Phone, Expecting::MemberId] {
            assert_eq!(answer(expecting, text), (text.to_owned(), None), "{expecting}");
        }
    }
}

#[test]
fn an_unknown_word_does_not_leave_after_an_identity_question() {
    let (left, _) = answer(Expecting::Dob, "why do you need that okonkwo");
    assert!(!left.contains("okonkwo"));
}

#[test]
fn an_appointment_day_is_taken_up_with_its_part() {
    for (text, left, value) in [
        ("tomorrow", "[DATE_1]", "2026-11-24"),
        ("tuesday please", "[DATE_1] please", "2026-11-24"),
        ("how about tuesday morning", "how about [DATE_1]", "2026-11-24 morning"),
        ("december first in the afternoon", "[DATE_1]", "2026-12-01 afternoon"),
        ("some time next week", "some time [DATE_1]", "2026-11-30"),
        ("any afternoon", "[DATE_1]", "any afternoon"),
        ("as soon as possible", "[DATE_1]", "any"),
        ("any day", "[DATE_1]", "any"),
        ("not tuesday wednesday please", "not [DATE_1] [DATE_2] please", "2026-11-25"),
    ] {
        assert_eq!(answer(Expecting::Date, text), (left.to_owned(), whole(value)), "{text}");
    }
    assert_eq!(taken(Expecting::Date, "i don't know yet"), None);
}

#[test]
fn a_known_value_is_covered_wherever_it_recurs() {
    let mut vault = Vault::new();
    let mut hear = |expecting, text: &str| {
        let outcome = redact(&RawTranscript::typed(text), &context(expecting), &mut vault);
        outcome.text.as_str().to_owned()
    };
    hear(Expecting::Name { spelled: false }, "grace waters");
    hear(Expecting::Phone, "five one two five five five oh one four three");
    assert_eq!(hear(Expecting::Anything, "is grace in the room"), "is [NAME_2] in the room");
    assert_eq!(hear(Expecting::Anything, "i drink water in the morning"), "i drink water in the morning");
    assert_eq!(hear(Expecting::Anything, "it ends with one four three"), "it ends with [PHONE_2]");
    assert!(!hear(Expecting::Anything, "g r a c e").contains("g r"));
}

#[test]
fn a_word_hardly_heard_beside_a_name_goes_with_it() {
    let word = |text: &str, confidence| crate::listen::HeardWord { text: text.to_owned().into(), confidence };
    let words = |sure| {
        ["my", "name", "is", "okonkwo"]
            .map(|w| word(w, 0.9))
            .into_iter()
            .chain([word("quietly", sure), word("thanks", 0.9)])
            .collect()
    };
    let hear = |sure| {
        let heard = RawTranscript::heard("test", words(sure));
        redact(&heard, &context(Expecting::Anything), &mut Vault::new()).text.as_str().to_owned()
    };
    assert!(!hear(0.1).contains("quietly"));
}

#[test]
fn long_texts_are_finished() {
    for piece in
        ["5 ", "five ", "um ", "lopez ", "a@b.com-", "5.5.5.5.", "street 5 ", "m as in mary ", "may ", "[NAME_1] ", "Ω"]
    {
        let text = piece.repeat(100_000 / piece.len());
        for expecting in Expecting::ALL {
            check(&text, expecting);
        }
    }
}

fn check(text: &str, expecting: Expecting) {
    for level in Level::ALL {
        check_at(level, text, expecting);
    }
}

fn check_at(level: Level, text: &str, expecting: Expecting) {
    let mut vault = Vault::new();
    let context = Context { level, ..context(expecting) };
    let outcome = redact(&RawTranscript::typed(text), &context, &mut vault);
    let mut end = 0;
    for span in &outcome.spans {
        assert!(span.range.start >= end && span.range.end <= text.len(), "in order, without overlaps");
        assert!(text.is_char_boundary(span.range.start) && text.is_char_boundary(span.range.end));
        end = span.range.end;
    }
    for (_, placeholder) in crate::placeholder::find_all(outcome.text.as_str()) {
        assert!(vault.find(placeholder).is_some(), "only placeholders of this call stand in the text");
    }
}

proptest! {
    #[test]
    fn any_text_gives_valid_spans(text in "\\PC*", which in 0_usize..9) {
        check(&text, Expecting::ALL[which]);
    }

    #[test]
    fn any_mixture_of_telling_words_gives_valid_spans(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "march", "fourth", "of", "five", "double", "oh", "hundred", "and", "thousand", "at", "dot", "com", "mary",
                "m", "as", "in", "street", "apartment", "no", "my", "name", "is", "19", "62", "3/4/", "@", "zip", "tx", "um",
                "the", "third", "next", "tuesday", "morning", "any", "w.", "\u{301}", "🙂", "i", "work", "for", "weeks", "a", "half", "mg", "over", "old", "texas", "192.168.0.1", "[", "]",
            ]),
            0..40,
        ),
        which in 0_usize..9,
    ) {
        check(&words.join(" "), Expecting::ALL[which]);
        check(&words.concat(), Expecting::ALL[which]);
    }

    #[test]
    fn ten_digits_in_a_row_never_leave(digits in "[0-9]{10}", before in "(my number is |it's |um )?") {
        let left = plain(&format!("{before}{digits}"));
        prop_assert!(!left.contains(&digits));
    }
}
