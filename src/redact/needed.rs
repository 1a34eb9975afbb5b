//! Every part of redaction is needed: for each, an utterance whose identifier leaves, or is misread, without it.
//!
//! One named test a part. A part that is switched off, forgotten in the list of families or broken makes its own test
//! fail, and so does a part that has become superfluous.

use jiff::civil::date;

use super::*;

/// What is covered, under its label and with the value that the clinic's systems would get.
fn covered(without: Without, asked: &str, text: &str) -> Vec<(Label, String)> {
    let mut vault = Vault::new();
    // What the call knows already, for the part that remembers.
    let ehr = Secret::new("Thandiwe Moss");
    vault.keep(Label::Name, ehr.clone(), ehr, Source::Ehr, IdentityLevel::Verified);
    let known = vault.entries().len();
    let context = Context {
        asked,
        today: date(2026, 11, 23),
        expecting: Expecting::Anything,
        lately: None,
        level: Level::default(),
    };
    let _ = redact_without(without, &RawTranscript::typed(text), &context, &mut vault);
    let new = vault.entries().iter().skip(known);
    new.map(|entry| (entry.placeholder.label, entry.machine.expose().to_owned())).collect()
}

fn needs(part: Part, asked: &str, text: &str, label: Label, machine: &str) {
    let wanted = (label, machine.to_owned());
    // The tagger finds much of what the families find: each must do its work without it.
    let others = (part != Part::Tagger).then_some(Part::Tagger);
    let whole = covered(Without::parts(others), asked, text);
    assert!(whole.contains(&wanted), "{part}: with it there is {whole:?}");
    let without = covered(Without::parts(others.into_iter().chain([part])), asked, text);
    assert!(!without.contains(&wanted), "{part}: it is covered without it too");
}

macro_rules! needed {
    ($($name:ident: $part:ident, $asked:literal, $text:literal => $label:ident $machine:literal;)*) => {$(
        #[test]
        fn $name() {
            needs(Part::$part, $asked, $text, Label::$label, $machine);
        }
    )*};
}

needed! {
    state_is_needed: State, "what is your date of birth", "sixty two" => Date "sixty two";
    grammar_is_needed: Grammar, "", "my number is five one two triple five oh one four three" => Phone "5125550143";
    lists_are_needed: Lists, "", "i would like to see grace please" => Name "grace";
    tagger_is_needed: Tagger, "", "i drive a truck for walmart" => OrgEmployer "walmart";
    completion_is_needed: Completion, "", "my member id is x q four seven ate" => Id "x q four seven ate";
    memory_is_needed: Memory, "", "is there moss on it" => Name "moss";
    answered_is_needed: Answered, "what is your member id", "w nine four said f" => Id "w nine four said f";
    name_is_needed: Name, "", "my name is adaeze okonkwo" => Name "adaeze okonkwo";
    date_is_needed: Date, "", "i was born march fourth nineteen sixty two" => Date "1962-03-04";
    clock_time_is_needed: ClockTime, "", "see you at ten thirty am" => Date "ten thirty am";
    phone_is_needed: Phone, "", "reach me at five one two five five five oh one four three" => Phone "5125550143";
    address_is_needed: Address, "", "he lives at two fifty eight pine ridge street" => Address "two fifty eight pine ridge street";
    place_is_needed: Place, "", "we moved here from san jose" => Address "san jose";
    email_is_needed: Email, "", "it's mary dot lopez at gmail dot com" => Email "mary dot lopez at gmail dot com";
    id_is_needed: Id, "", "my member id is x q four seven one two" => Id "xq4712";
    age_is_needed: Age, "", "my father is ninety one years old" => Age90 "ninety one";
    url_is_needed: Url, "", "see www.lopezfamily.net/photos for more" => Url "www lopezfamily net photos";
    ip_is_needed: Ip, "", "the address is 203.0.113.7" => Ip "203 0 113 7";
    employer_is_needed: Employer, "", "my employer is general mills" => OrgEmployer "general mills";
}
