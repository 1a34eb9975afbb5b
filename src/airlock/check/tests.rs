//! What the second check must refuse, and what it must let through.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::vocabulary::{Outcome, withhold};

const TOOLS: &[&str] = &[
    "identify",
    "find_slots",
    "find_appointments",
    "book",
    "cancel",
    "reschedule",
    "refill",
    "take_message",
    "expect",
    "hand_off",
    "end_call",
];

fn strict() -> Known<'static> {
    Known { tools: TOOLS, public: &[], echoed: &|_| false }
}

fn envelope(messages: &Value) -> Value {
    json!({ "turn": 3, "synthetic": false,
        "request": { "v": 2, "intent": "book", "step": "open", "messages": messages } })
}

fn offer(json: &Value, known: &Known<'_>) -> Result<CloudText, Reason> {
    check(Offered::new(json.to_string().into_bytes()), known)
}

fn said(text: &str) -> Option<Reason> {
    offer(&envelope(&json!([{ "who": "caller", "text": text }])), &strict()).err()
}

fn tool(args: &Value, result: &Value) -> Option<Reason> {
    let tool = json!({ "who": "tool", "number": 1, "name": "book", "args": args, "ok": true, "result": result });
    offer(&envelope(&json!([tool])), &strict()).err()
}

fn boxed(text: &str, known: &Known<'_>) -> Option<Reason> {
    let messages = json!([{ "who": "box", "text": text }, { "who": "caller", "text": "yes" }]);
    offer(&envelope(&messages), known).err()
}

#[test]
fn listed_words_and_placeholders_pass_and_are_read() {
    let json = envelope(&json!([
        { "who": "caller", "text": "I need to see [NAME_1], on [DATE_2]; it's [WITHHELD] - please!" },
        { "who": "box", "text": "How can I help you?" },
        { "who": "tool", "number": 1, "name": "find_slots", "args": { "part": "morning" }, "ok": true,
          "result": [{ "slot": "[SLOT_1]" }] },
    ]));
    let text = offer(&json, &strict()).expect("passes");
    let request = text.request();
    assert_eq!((request.turn, request.synthetic), (Turn(3), false));
    assert_eq!((request.intent, request.step), ("book", "open"));
    assert_eq!(request.messages.len(), 3);
    assert_eq!(text.turn(), Turn(3));
    assert_eq!(text.vocabulary(), vocabulary::sha256());
}

#[test]
fn what_leaves_is_written_anew_and_passes_again_unchanged() {
    let padded = br#" {"turn":3, "synthetic":true, "request":{"step":"tool","intent":"move","v":2,"messages":[
        {"text":"\u0079es","who":"caller"},
        {"who":"tool","number":2,"name":"book","ok":false,"args":{"slot":"mary lopez","slot":"[SLOT_1]"}}]}}"#;
    let text = check(Offered::new(padded.to_vec()), &strict()).expect("passes");
    let again = recheck(text.as_bytes(), vocabulary::sha256(), &strict()).expect("passes");
    assert_eq!((again.request(), again.as_bytes()), (text.request(), text.as_bytes()));
    assert!(!String::from_utf8_lossy(text.as_bytes()).contains("lopez"));
    assert_eq!(recheck(padded, vocabulary::sha256(), &strict()).err(), Some(Recheck::OtherForm));
    assert_eq!(recheck(text.as_bytes(), "another", &strict()).err(), Some(Recheck::OtherVocabulary));
    let bad = envelope(&json!([{ "who": "caller", "text": "mary" }])).to_string();
    let refused = recheck(bad.as_bytes(), vocabulary::sha256(), &strict()).err();
    assert_eq!(refused, Some(Recheck::Refused(Reason::OffList)));
}

#[test]
fn words_off_the_list_are_refused_however_they_are_written() {
    for text in [
        "my name is mary",
        "MARY",
        "Mary",
        "mary,lopez",
        "mary.lopez",
        "hello:lopez",
        "lopez-garcia",
        "well-lopez",
        "o'brien",
        "'lopez'",
        "l'opez",
        "lo-pez",
        "lopez's",
        "mary[NAME_1]",
        "[NAME_1]lopez",
        "[NAME_1]'st",
        "twenty-one",
        "a hundred",
        "five",
        "may i",
        "on monday",
        "in march",
        "first",
        "double",
        "xiv",
        "iv",
        "alpha bravo charlie",
        "tango",
        "bee",
        "ma'ry",
        "todayisagoodday",
        "withheld",
    ] {
        assert_eq!(said(text), Some(Reason::OffList), "{text}");
    }
    assert_eq!(said(&"okay".repeat(100)), Some(Reason::OffList));
}

#[test]
fn digits_letters_and_their_disguises_are_refused() {
    let refused = [
        ("call me at 5125550143", Reason::Digit),
        ("a4", Reason::Digit),
        ("4a", Reason::Digit),
        ("٥٥٥", Reason::Digit),
        ("\u{ff15}\u{ff11}\u{ff12}", Reason::Digit),
        ("a²", Reason::Digit),
        ("½", Reason::Digit),
        ("Ⅻ", Reason::Digit),
        ("oh to for", Reason::Digit),
        ("it is to, too. for", Reason::Digit),
        ("to-to-to", Reason::Digit),
        ("l o p e z", Reason::Letter),
        ("M. A. R. Y.", Reason::Letter),
        ("m-a-r-y", Reason::Letter),
        ("i a i a", Reason::Letter),
        ("i.a.i.a.", Reason::Letter),
        ("a-i-a-i", Reason::Letter),
        ("'s", Reason::Letter),
        ("it is [NAME_1] 's", Reason::Letter),
        ("[WITHHELD] as in apple", Reason::OffList),
        ("[WITHHELD] as in mother", Reason::Letter),
        ("as-in mother", Reason::Letter),
    ];
    for (text, reason) in refused {
        assert_eq!(said(text), Some(reason), "{text}");
    }
    for text in
        ["i i i need a", "to for", "as in [WITHHELD]", "[NAME_1]'s appointment", "'cause i do", "patients' rooms"]
    {
        assert_eq!(said(text), None, "{text}");
    }
}

#[test]
fn characters_that_look_like_others_or_like_nothing_are_refused() {
    for text in [
        "h\u{0435}llo",
        "hell\u{00f2}",
        "hello\u{0301}",
        "\u{0301}hello",
        "he\u{200b}llo",
        "he\u{ad}llo",
        "\u{202e}hello",
        "\u{200f}hello",
        "\u{feff}hello",
        "hello\u{a0}yes",
        "hello\nyes",
        "hello\tyes",
        "hello\0",
        "don\u{2019}t",
        "\u{ff48}ello",
        "ｙｅｓ",
        "yes/no",
        "yes_no",
        "help@home",
        "\"yes\"",
        "(yes)",
        "yes\u{2013}no",
        "\u{1d421}ello",
        "😀",
        "{yes}",
        "<yes>",
        "100%",
    ] {
        let expected = if text == "100%" { Reason::Digit } else { Reason::Character };
        assert_eq!(said(text), Some(expected), "{text:?}");
    }
}

#[test]
fn brackets_that_are_no_placeholders_are_refused() {
    for text in [
        "see [NAME_0]",
        "[NAME_01]",
        "[NAME_+1]",
        "[NAME_1",
        "NAME_1]",
        "[[NAME_1]]",
        "[NAME_[NAME_1]]",
        "[name_1]",
        "[MARY_1]",
        "[LOPEZ]",
        "[NAME]",
        "[NAME_1 ]",
        "[NAME_ 1]",
        "[withheld]",
        "[WITHHELD_1]",
        "[ID_123456789]",
        "[PHONE_1000]",
        "[NAME_1\u{200b}]",
        "[NAME_\u{ff11}]",
        "[N\u{0410}ME_1]",
        "[]",
        "]",
        "yes]",
    ] {
        let reason = said(text);
        // "NAME_1]" stumbles over its line before its bracket.
        let expected = if text == "NAME_1]" { Reason::Character } else { Reason::StrayBracket };
        assert_eq!(reason, Some(expected), "{text:?}");
    }
}

#[test]
fn tools_hold_known_fields_and_listed_text_only() {
    assert_eq!(
        tool(&json!({ "patient": "[PATIENT_1]" }), &json!([{ "slot": "[SLOT_1]", "confirmation": "[ID_1]" }])),
        None
    );
    // What the clinic's side and the local receptionist answer with.
    for word in ["unavailable", "conflict", "forbidden", "failed", "declined", "already-booked", "not-identified"] {
        assert_eq!(tool(&json!({}), &json!(word)), None, "{word}");
    }
    for word in ["anything", "yes-no", "day", "asked", "unsure", "medical", "billing", "other", "afternoon"] {
        assert_eq!(tool(&json!({ "answer": word }), &Value::Null), None, "{word}");
    }
    assert_eq!(tool(&json!({}), &json!({ "reason": "already-booked", "dob": null, "answer": true })), None);
    for field in [
        "slot",
        "patient",
        "name",
        "day",
        "part",
        "from",
        "confirmation",
        "request",
        "message",
        "reason",
        "answer",
        "phone",
        "dob",
        "items",
        "ok",
        "error",
        "number",
        "kind",
        "level",
        "note",
    ] {
        assert_eq!(tool(&json!({ field: "morning" }), &Value::Null), None, "{field}");
    }
    let refused = [
        (json!({ "slot": "at 9:30" }), Reason::Digit),
        (json!({ "confirmation": 4711 }), Reason::Digit),
        (json!({ "slot": ["lopez"] }), Reason::OffList),
        (json!({ "lopez": "[NAME_1]" }), Reason::UnknownField),
        (json!({ "name_of_mary": null }), Reason::UnknownField),
        (json!({ "": null }), Reason::UnknownField),
        (json!({ "Slot": null }), Reason::UnknownField),
        (json!([[[[[[[]]]]]]]), Reason::Malformed),
        (json!("x".repeat(MOST_TEXT + 1)), Reason::TooLong),
    ];
    for (result, reason) in refused {
        assert_eq!(tool(&json!({}), &result), Some(reason), "{result}");
    }
    assert_eq!(tool(&json!("morning"), &Value::Null), Some(Reason::Malformed));
}

#[test]
fn requests_of_another_shape_are_refused() {
    let good = envelope(&json!([{ "who": "caller", "text": "yes" }]));
    assert!(offer(&good, &strict()).is_ok());
    let with = |pointer: &str, value: Value| {
        let mut json = good.clone();
        *json.pointer_mut(pointer).expect("a field") = value;
        offer(&json, &strict()).err()
    };
    assert_eq!(with("/request/v", json!(1)), Some(Reason::Malformed));
    assert_eq!(with("/request/intent", json!("sue")), Some(Reason::UnknownPrompt));
    assert_eq!(with("/request/step", json!("mary")), Some(Reason::UnknownPrompt));
    assert_eq!(with("/turn", json!(512_555_014)), Some(Reason::Malformed));
    assert_eq!(with("/request/messages", json!([])), Some(Reason::Malformed));
    let last_is_the_box = json!([{ "who": "caller", "text": "yes" }, { "who": "box", "text": "yes" }]);
    assert_eq!(with("/request/messages", last_is_the_box), Some(Reason::Malformed));
    let unknown = |name: &str, number: u32| json!([{ "who": "tool", "number": number, "name": name, "ok": true }]);
    assert_eq!(with("/request/messages", unknown("book", 1)), None);
    assert_eq!(with("/request/messages", unknown("list_names", 1)), Some(Reason::UnknownTool));
    assert_eq!(with("/request/messages", unknown("book", 0)), Some(Reason::Malformed));
    assert_eq!(with("/request/messages", unknown("book", 2_000)), Some(Reason::Malformed));
    let extra = json!([{ "who": "caller", "text": "yes", "name": "mary" }]);
    assert_eq!(with("/request/messages", extra), Some(Reason::Malformed));
    assert_eq!(with("/request/messages", json!([{ "who": "nurse", "text": "yes" }])), Some(Reason::Malformed));
    for place in ["", "/request"] {
        let mut json = good.clone();
        json.pointer_mut(place).expect("an object")["caller"] = json!("mary");
        assert_eq!(offer(&json, &strict()).err(), Some(Reason::Malformed), "{place}");
    }
}

#[test]
fn requests_that_are_too_long_are_refused() {
    let many = |n: usize, text: &str| envelope(&json!(vec![json!({ "who": "caller", "text": text }); n]));
    assert!(offer(&many(MOST_MESSAGES, "yes"), &strict()).is_ok());
    assert_eq!(offer(&many(MOST_MESSAGES + 1, "yes"), &strict()).err(), Some(Reason::TooLong));
    assert_eq!(offer(&many(1, &"yes ".repeat(500)), &strict()).err(), None);
    assert_eq!(offer(&many(1, &"yes ".repeat(501)), &strict()).err(), Some(Reason::TooLong));
    assert_eq!(offer(&many(40, &"yes ".repeat(500)), &strict()).err(), Some(Reason::TooLong));
}

#[test]
fn the_box_may_say_the_clinics_own_phrases_and_a_models_own_sentences() {
    let public =
        ["12 Elm Street".to_owned(), "Elm Street Clinic".to_owned(), "8:00 to 17:00".to_owned(), " ".to_owned()];
    let echoed = |text: &str| text == "Dr. Osler is away." || text == "Gosh, Elmer!";
    let known = Known { tools: TOOLS, public: &public, echoed: &echoed };
    for text in [
        "We are at 12 elm street.",
        "Elm Street Clinic's hours are 8:00 to 17:00, okay?",
        "12 ELM STREET, 12 Elm Street",
        "Gosh, Elmer!",
        "I am sorry. Gosh, Elmer! We are at 12 Elm Street.",
    ] {
        assert_eq!(boxed(text, &known), None, "{text}");
        assert!(boxed(text, &strict()).is_some(), "{text}");
    }
    for text in [
        "We are at Elm.",
        "At 112 Elm Street",
        "12 Elm Streets",
        "Gosh, Elmer",
        "Lopez, 12 Elm Street",
        "Gosh, Elmer! lopez",
    ] {
        assert!(boxed(text, &known).is_some(), "{text}");
    }
    // What the box may say, a caller may not.
    let caller = envelope(&json!([{ "who": "caller", "text": "12 elm street" }]));
    assert_eq!(offer(&caller, &known).err(), Some(Reason::Digit));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_vouched_for_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = check(Offered::new(bytes), &strict());
    }

    #[test]
    fn any_text_is_judged_without_panic_and_only_plain_text_passes(text in "\\PC{0,60}") {
        let public = [text.chars().take(3).collect::<String>()];
        let _ = boxed(&text, &Known { public: &public, ..strict() });
        if said(&text).is_none() {
            prop_assert!(text.is_ascii());
            prop_assert!(!text.contains(|c: char| c.is_ascii_digit()) || text.contains('['));
        }
    }

    #[test]
    fn a_digit_outside_a_placeholder_is_refused(before in "[a-z ]{0,20}", digit in "[0-9]", after in "[a-z ]{0,20}") {
        let text = format!("{before}{digit}{after}");
        prop_assert!(said(&text).is_some());
    }

    #[test]
    fn a_word_off_the_list_is_refused_wherever_it_stands(
        before in "(yes |okay, |\\[NAME_1\\] |i need ){0,4}",
        word in "[a-z]{2,9}", after in "( please|, thanks| \\[DATE_3\\]){0,4}"
    ) {
        prop_assume!(!vocabulary::contains(&word));
        prop_assert_eq!(said(&format!("{before}{word}{after}")), Some(Reason::OffList));
    }

    #[test]
    fn what_withholding_leaves_passes(
        text in concat!(
            "((yes|okay|i|a|the|need|as|in|for|to|oh|mary|lopez|five|2\\.5mg|x-ray|twenty-one|don’t|m|“so”|",
            "\\[NAME_1\\]|\\[X\\]|…|é)('s)?(,|\\.|)(| | |  |\\n)){0,14}",
        )
    ) {
        match withhold(&text) {
            Outcome::Whole => prop_assert_eq!(said(&text), None, "{}", text),
            Outcome::Partly(left, _) => prop_assert_eq!(said(&left), None, "{} of {}", left, text),
            Outcome::Nothing => {}
        }
    }

    #[test]
    fn what_withholding_leaves_of_any_text_passes(
        text in "(yes i need |the doctor is ){1,3}\\PC{0,12}( please| \\PC{0,6}){0,2}"
    ) {
        match withhold(&text) {
            Outcome::Whole => prop_assert_eq!(said(&text), None, "{}", text),
            Outcome::Partly(left, _) => prop_assert_eq!(said(&left), None, "{} of {}", left, text),
            Outcome::Nothing => {}
        }
    }
}
