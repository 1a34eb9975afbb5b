//! Adds an entry to the register's text, for the commands that the officer runs instead of typing checksums.

use std::fmt::Write as _;

use super::{Agreement, Approval, Register};
use crate::config::Problem;

/// The file's text with one more approval at its end; what stands there stays as it is, comments too.
///
/// # Errors
/// The problems of the file as it is, or of what it would become: a text that could not be read is never given out.
pub fn with_approval(text: &str, approval: &Approval) -> Result<String, Vec<Problem>> {
    let Approval { endpoint, officer, on, prompt, vocabulary } = approval;
    let keys = [
        ("endpoint", quoted(endpoint)),
        ("officer", quoted(officer)),
        ("on", on.to_string()),
        ("prompt", quoted(prompt)),
        ("vocabulary", quoted(vocabulary)),
    ];
    appended(text, "approval", &keys)
}

/// The file's text with one more agreement at its end; what stands there stays as it is, comments too.
///
/// # Errors
/// As [`with_approval`].
pub fn with_agreement(text: &str, agreement: &Agreement) -> Result<String, Vec<Problem>> {
    let Agreement { endpoint, party, scope, signed, expires, region, zero_retention, signed_off } = agreement;
    let mut keys = vec![
        ("endpoint", quoted(endpoint)),
        ("party", quoted(party)),
        ("scope", quoted(scope)),
        ("signed", signed.to_string()),
        ("expires", expires.to_string()),
        ("region", quoted(region)),
        ("zero-retention", zero_retention.to_string()),
    ];
    if let Some((officer, on)) = signed_off {
        keys.extend([("signed-off-by", quoted(officer)), ("signed-off-on", on.to_string())]);
    }
    appended(text, "agreement", &keys)
}

fn appended(text: &str, name: &str, keys: &[(&str, String)]) -> Result<String, Vec<Problem>> {
    Register::parse(text)?;
    let mut whole = text.to_owned();
    if !whole.is_empty() && !whole.ends_with('\n') {
        whole.push('\n');
    }
    if !whole.is_empty() {
        whole.push('\n');
    }
    // Writing to a String cannot fail.
    let _ = writeln!(whole, "[[{name}]]");
    for (key, value) in keys {
        let _ = writeln!(whole, "{key} = {value}");
    }
    Register::parse(&whole)?;
    Ok(whole)
}

/// A text as a basic string of TOML 1.0: nothing in it can end the string or the line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                // Control characters lie below U+00A0: four digits are enough.
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::super::tests::{EXAMPLE, looked, signed};
    use super::*;

    #[test]
    fn what_stands_in_the_file_stays_and_a_name_cannot_write_more_than_itself() {
        let file = format!("{EXAMPLE}# a note without a line break");
        let name = "O\"Neill\\\" # ]] [[approval]] \u{2028}é";
        let whole = with_approval(&file, &Approval { officer: name.to_owned(), ..looked() }).unwrap();
        assert!(whole.starts_with(&format!("{file}\n\n[[approval]]\n")));
        let register = Register::parse(&whole).unwrap();
        assert_eq!(register.approvals.len(), 2);
        assert_eq!(register.approvals[1].officer, name);
    }

    #[test]
    fn an_entry_that_could_not_be_read_back_is_not_written() {
        let line_break = Approval { officer: "a\nb".to_owned(), ..looked() };
        let keys: Vec<_> = with_approval("", &line_break).unwrap_err().into_iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["approval 1.officer"]);
        assert!(with_approval("", &Approval { prompt: "x".to_owned(), ..looked() }).is_err());
        assert!(with_approval("not toml", &looked()).is_err());
        assert!(with_approval("approval = []", &looked()).is_err(), "such a list cannot be added to");
        assert!(with_agreement("", &Agreement { expires: date(2026, 1, 1), ..signed() }).is_err());
    }

    fn day() -> impl Strategy<Value = Date> {
        (2000_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
    }

    /// Any name that is one: no control characters, not blank.
    fn name() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{1,20}", "[\"'\\\\#\\[\\]= a-z]{1,20}"]
            .prop_filter("a name", |name| !name.trim().is_empty() && !name.contains(char::is_control))
    }

    prop_compose! {
        fn any_approval()(
            endpoint in name(), officer in name(), on in day(), prompt in "[0-9a-f]{64}", vocabulary in "[0-9a-f]{64}",
        ) -> Approval {
            Approval { endpoint, officer, on, prompt, vocabulary }
        }
    }

    prop_compose! {
        fn any_agreement()(
            endpoint in name(), party in name(), scope in name(), signed in day(), days in 1_i32..4000,
            region in "[a-z0-9-]{1,8}", zero_retention in any::<bool>(),
            signed_off in proptest::option::of((name(), day())),
        ) -> Agreement {
            let expires = signed.saturating_add(jiff::Span::new().days(days));
            Agreement { endpoint, party, scope, signed, expires, region, zero_retention, signed_off }
        }
    }

    proptest! {
        #[test]
        fn what_is_appended_reads_back_and_what_was_there_stays(
            agreements in proptest::collection::vec(any_agreement(), 0..3),
            approvals in proptest::collection::vec(any_approval(), 0..4),
        ) {
            let mut text = EXAMPLE.to_owned();
            let mut expected = Register::parse(EXAMPLE).unwrap();
            for agreement in agreements {
                text = with_agreement(&text, &agreement).unwrap();
                expected.agreements.push(agreement);
            }
            for approval in approvals {
                text = with_approval(&text, &approval).unwrap();
                expected.approvals.push(approval);
            }
            prop_assert!(text.starts_with(EXAMPLE));
            prop_assert_eq!(Register::parse(&text).unwrap(), expected);
        }

        #[test]
        fn any_officer_is_written_as_one_value_or_not_at_all(officer in any::<String>()) {
            if let Ok(text) = with_approval("", &Approval { officer: officer.clone(), ..looked() }) {
                prop_assert_eq!(Register::parse(&text).unwrap().approvals, [Approval { officer, ..looked() }]);
            }
        }

        #[test]
        fn any_text_as_a_string_of_toml_is_that_text(text in any::<String>()) {
            let table: toml::Table = format!("a = {}", quoted(&text)).parse().unwrap();
            prop_assert_eq!(table["a"].as_str(), Some(text.as_str()));
        }
    }
}
