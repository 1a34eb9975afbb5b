//! How a call went, and whether that is what its scenario asks for.
//!
//! In:  what [`ring`](crate::caller::ring) gathered on the line and from the box's facts.
//! Out: a [`CallReport`], and a list of shortfalls for tests and the demonstration. Pure.

use std::time::Duration;

use crate::caller::response::Response;
use crate::caller::scenario::Expect;
use crate::wire::line::EndedBy;
use crate::wire::watch::Fact;

/// How a call went.
#[derive(Debug, Default)]
pub struct CallReport {
    /// Whether the box answered.
    pub answered: bool,
    /// Who ended the call, as the line says.
    pub ended_by: Option<EndedBy>,
    /// Whether caller and desk were connected.
    pub handed_over: bool,
    /// The brief that the desk heard, 8 kHz; empty where the desk was not asked.
    pub brief: Vec<i16>,
    /// How the box says the call ended: an [`Outcome`](crate::converse::Outcome) in kebab-case.
    pub outcome: Option<String>,
    /// Every fact, in order.
    pub facts: Vec<Fact>,
    /// What the caller heard, 8 kHz; empty unless kept.
    pub heard_audio: Vec<i16>,
    /// What went down the line, 8 kHz; empty unless kept.
    pub said_audio: Vec<i16>,
    /// How long the caller waited for each answer; meaningful in real pace only.
    pub responses: Vec<Response>,
    /// Frames that the caller sent.
    pub frames: u64,
    /// How long the call took in real time.
    pub took: Duration,
}

impl CallReport {
    /// Takes a fact of the call.
    pub(super) fn note(&mut self, fact: Fact) {
        if let Fact::Ended { outcome } = &fact {
            self.outcome = Some(outcome.clone());
        }
        self.facts.push(fact);
    }

    /// What the scenario asks for and the call did not give, in words; empty where all is well. It may quote what the
    /// scenario itself says, which is synthetic.
    #[must_use]
    pub fn shortfalls(&self, expect: &Expect) -> Vec<String> {
        let mut shortfalls = Vec::new();
        let outcome = self.outcome.as_deref().unwrap_or("none");
        if let Some(wanted) = expect.outcome {
            let wanted =
                serde_json::to_value(wanted).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            if wanted != outcome {
                shortfalls.push(format!("the call ended as {outcome} and not as {wanted}"));
            }
        }
        for tool in expect.tools.iter().filter(|tool| !self.used(tool, |result| result == "ok")) {
            shortfalls.push(format!("the tool {tool} has not succeeded"));
        }
        for tool in expect.no_tools.iter().filter(|tool| self.used(tool, |_| true)) {
            shortfalls.push(format!("the tool {tool} was asked"));
        }
        for words in &expect.not_said {
            if self
                .any_text(words, |fact| if let Fact::Spoken { text, .. } = fact { Some(text.expose()) } else { None })
            {
                shortfalls.push(format!("the box said \"{words}\""));
            }
        }
        for identifier in &expect.identifiers {
            if self
                .any_text(identifier, |fact| if let Fact::WouldLeave { text, .. } = fact { Some(text) } else { None })
            {
                shortfalls.push(format!("\"{identifier}\" would have left the building"));
            }
            // A template is what models see of the box's own sentences.
            if self.any_text(
                identifier,
                |fact| if let Fact::Spoken { template, .. } = fact { Some(template) } else { None },
            ) {
                shortfalls.push(format!("\"{identifier}\" stands in a sentence's template"));
            }
        }
        shortfalls
    }

    fn used(&self, tool: &str, how: impl Fn(&str) -> bool) -> bool {
        self.facts.iter().any(|fact| matches!(fact, Fact::Tool { name, result } if name == tool && how(result)))
    }

    fn any_text<'a>(&'a self, words: &str, text: impl Fn(&'a Fact) -> Option<&'a str>) -> bool {
        let words = words.to_lowercase();
        self.facts.iter().filter_map(text).any(|text| text.to_lowercase().contains(&words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::scenario::Scenario;
    use crate::ids::Turn;
    use crate::secret::Secret;

    const EXPECT: &str = r#"
        [expect]
        outcome = "booked"
        tools = ["book"]
        no_tools = ["cancel"]
        not_said = ["Lisinopril"]
        identifiers = ["Mary"]
    "#;

    fn tool(name: &str, result: &str) -> Fact {
        Fact::Tool { name: name.to_owned(), result: result.to_owned() }
    }

    fn would_leave(text: &str) -> Fact {
        Fact::WouldLeave { turn: Turn(1), text: text.to_owned(), answer: "withheld".to_owned(), bytes: 9 }
    }

    fn spoken(text: &str, template: &str) -> Fact {
        Fact::Spoken { text: Secret::new(text), template: template.to_owned() }
    }

    #[test]
    fn a_call_that_went_as_asked_falls_short_of_nothing() {
        let expect = Scenario::parse(EXPECT).unwrap().expect;
        let facts = vec![
            spoken("Thank you, Mary.", "Thank you, [NAME_1]."),
            would_leave("my name is [NAME_1]"),
            tool("book", "ok"),
        ];
        let report = CallReport { outcome: Some("booked".to_owned()), facts, ..CallReport::default() };
        assert_eq!(report.shortfalls(&expect), Vec::<String>::new());
    }

    #[test]
    fn each_broken_promise_is_named() {
        let expect = Scenario::parse(EXPECT).unwrap().expect;
        let facts = vec![
            spoken("Your lisinopril, mary", "Your lisinopril, mary"),
            would_leave("it is MARY"),
            tool("book", "conflict"),
            tool("cancel", "forbidden"),
        ];
        let report = CallReport { facts, ..CallReport::default() };
        assert_eq!(report.shortfalls(&expect).len(), 6);
    }
}
