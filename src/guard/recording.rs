//! Whether a call's sound may be kept, before anybody has been asked: the strictest of the clinic's own choice, the law of
//! the clinic's state and that of the caller's. And whether a caller objects to being recorded.
//!
//! In:  `[record]` and `[clinic] state`, the number that the line reported; or a caller's words.
//! Out: a [`Plan`] for the whole call; or yes or no. Pure. No word or digit of the caller is kept.
//!
//! The state of a caller is that of their number's area code. Numbers move with people, so that it may be another than the
//! one they stand in; a number of no known state is held to the strictest rule, and no call is ever recorded silently.

use crate::config::record::Recording;
use crate::config::state::State;
use crate::guard::area_codes::AREA_CODES;
use crate::guard::phrase::{any, words};
use crate::listen::RawTranscript;
use crate::secret::Secret;

/// A state whose law asks for everybody's consent.
struct AllParty {
    state: &'static str,
    /// Where that stands. Counsel confirms it; the test below only sees that it is there.
    #[cfg_attr(not(test), expect(dead_code, reason = "for whoever reads the table"))]
    law: &'static str,
}

/// States in which the box asks first. Everywhere else one party's consent is enough (18 U.S.C. 2511(2)(d)), and the box
/// still gives notice.
///
/// Source: the statutes named in each row, written down on 2026-11-27 from general knowledge: the clinic's counsel confirms
/// them before recording is turned on. Where courts or two statutes of a state disagree (CT,
/// DE, MI, NV, OR), the state stands here: the stricter reading costs a question. The territories stand here because their
/// law was not looked at, Puerto Rico also for Article II, section 10 of its constitution.
const ALL_PARTY: &[AllParty] = &[
    AllParty { state: "AS", law: "not looked at" },
    AllParty { state: "CA", law: "Cal. Penal Code 632, 632.7" },
    AllParty { state: "CT", law: "Conn. Gen. Stat. 52-570d (civil); 53a-187, 53a-189 ask for one party" },
    AllParty { state: "DE", law: "11 Del. C. 1335(a)(4); 11 Del. C. 2402(c)(4) asks for one party" },
    AllParty { state: "FL", law: "Fla. Stat. 934.03(2)(d)" },
    AllParty { state: "GU", law: "not looked at" },
    AllParty { state: "IL", law: "720 ILCS 5/14-2" },
    AllParty { state: "MA", law: "Mass. Gen. Laws ch. 272, 99" },
    AllParty { state: "MD", law: "Md. Code, Cts. & Jud. Proc. 10-402(c)(3)" },
    AllParty { state: "MI", law: "Mich. Comp. Laws 750.539c; read as one-party for participants by its courts" },
    AllParty { state: "MP", law: "not looked at" },
    AllParty { state: "MT", law: "Mont. Code Ann. 45-8-213(1)(c)" },
    AllParty { state: "NH", law: "N.H. Rev. Stat. Ann. 570-A:2" },
    AllParty { state: "NV", law: "Nev. Rev. Stat. 200.620, read as all-party by its supreme court" },
    AllParty { state: "OR", law: "Or. Rev. Stat. 165.540: in person only, one party on the telephone" },
    AllParty { state: "PA", law: "18 Pa. Cons. Stat. 5703, 5704(4)" },
    AllParty { state: "PR", law: "P.R. Const. art. II, 10" },
    AllParty { state: "VI", law: "not looked at" },
    AllParty { state: "WA", law: "Wash. Rev. Code 9.73.030" },
];

/// What holds for one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    mode: Recording,
    transfers: bool,
    clinic: Option<State>,
    caller: Option<State>,
}

impl Plan {
    /// Nothing is recorded and nothing said about it.
    pub const OFF: Self = Self { mode: Recording::Off, transfers: false, clinic: None, caller: None };

    /// The plan for a call from `number`. `transfers`: whether what is said to staff is recorded too.
    #[must_use]
    pub fn new(configured: Recording, transfers: bool, clinic: Option<State>, number: &Secret) -> Self {
        let caller = state_of(number);
        let mode = [demanded(clinic), demanded(caller)].into_iter().fold(configured, stricter);
        Self { mode, transfers, clinic, caller }
    }

    /// How the caller is asked.
    #[must_use]
    pub fn mode(&self) -> Recording {
        self.mode
    }

    /// Whether a call that is recorded is recorded on when staff have taken it.
    #[must_use]
    pub fn transfers(&self) -> bool {
        self.transfers
    }

    /// The mode's name in events.
    #[must_use]
    pub fn mode_name(&self) -> &'static str {
        match self.mode {
            Recording::Off => "off",
            Recording::Notice => "notice",
            Recording::Ask => "ask",
        }
    }

    /// The states whose law was looked at: the clinic's, then the caller's; "unknown" where there is none.
    #[must_use]
    pub fn states(&self) -> Vec<&'static str> {
        [self.clinic, self.caller].into_iter().map(|state| state.map_or("unknown", State::as_str)).collect()
    }
}

/// What a state's law asks for at least.
fn demanded(state: Option<State>) -> Recording {
    let all_party = |state: State| ALL_PARTY.iter().any(|row| row.state == state.as_str());
    if state.is_none_or(all_party) { Recording::Ask } else { Recording::Notice }
}

/// The one of two modes by which less is recorded.
fn stricter(one: Recording, other: Recording) -> Recording {
    match (one, other) {
        (Recording::Off, _) | (_, Recording::Off) => Recording::Off,
        (Recording::Ask, _) | (_, Recording::Ask) => Recording::Ask,
        (Recording::Notice, Recording::Notice) => Recording::Notice,
    }
}

/// The state of a number of the United States: "+13125550143", "13125550143" or "3125550143".
fn state_of(number: &Secret) -> Option<State> {
    let number = number.expose();
    let national = number.strip_prefix("+1").or_else(|| number.strip_prefix('1')).unwrap_or(number);
    if national.len() != 10 || !national.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let code = national
        .get(..3)?
        .bytes()
        .fold(0_u16, |code, digit| code.saturating_mul(10).saturating_add(u16::from(digit.saturating_sub(b'0'))));
    let (state, _) = AREA_CODES.iter().find(|(_, codes)| codes.contains(&code))?;
    State::find(state)
}

/// Whether the caller does not want to be recorded. Read from the raw words: it must be seen even in an answer that is
/// taken for a name. Where it is in doubt the recording stops, which costs sound and nobody's rights.
#[must_use]
pub fn objects_to_recording(heard: &RawTranscript) -> bool {
    any(OBJECTIONS, &words(heard.expose()))
}

/// Phrases of 2026-11-27, with what recognisers make of "recording".
const OBJECTIONS: &[&str] = &[
    "dont|not|never|wont +record|recording|tape|taping",
    "dont|not|never +be +recording|recorded|taping",
    "dont|not|never want|wish|like|agree|consent|allow|permit record|recording|recorded|taped|taping",
    "dont|not|never want|wish|like me|us|this +to +be +recorded|taped",
    "dont|not want|like me|us|this recorded|recording|taped",
    "not +recorded|taped",
    "stop|quit|end|pause|halt|without record|recording|recorder|taping",
    "turn|switch off record|recording|recorder|tape",
    "turn|switch record|recording|recorder|tape off",
    "no +record|recording|taping",
    "off +the +record",
    "object|objection|refuse|decline|against record|recording|recorded|taping",
    "delete|erase record|recording",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn state(code: &str) -> Option<State> {
        Some(State::find(code).unwrap())
    }

    fn mode(configured: Recording, clinic: Option<State>, number: &str) -> Recording {
        Plan::new(configured, false, clinic, &Secret::new(number)).mode()
    }

    #[test]
    fn the_strictest_of_the_clinics_choice_and_both_states_wins() {
        use Recording::{Ask, Notice, Off};
        // Texas is a one-party state, Illinois is not.
        let (texas, illinois) = ("5125550143", "+13125550143");
        for (configured, clinic, number, wanted) in [
            (Notice, state("TX"), texas, Notice),
            (Notice, state("TX"), illinois, Ask),
            (Notice, state("IL"), texas, Ask),
            (Ask, state("TX"), texas, Ask),
            (Off, state("TX"), texas, Off),
            (Off, state("IL"), illinois, Off),
            // Nobody knows where: as if everywhere.
            (Notice, None, texas, Ask),
            (Notice, state("TX"), "", Ask),
            (Notice, state("TX"), "8005550143", Ask),
            (Notice, state("TX"), "+442071234567", Ask),
            (Notice, state("TX"), "4165550143", Ask),
            (Notice, state("TX"), "anonymous", Ask),
        ] {
            assert_eq!(mode(configured, clinic, number), wanted, "{configured:?} {clinic:?} {number}");
        }
    }

    #[test]
    fn a_plan_names_the_states_that_it_looked_at() {
        let plan = Plan::new(Recording::Notice, true, state("IL"), &Secret::new("15125550143"));
        assert_eq!((plan.states(), plan.mode_name(), plan.transfers()), (vec!["IL", "TX"], "ask", true));
        let plan = Plan::new(Recording::Notice, false, None, &Secret::new(""));
        assert_eq!(plan.states(), ["unknown", "unknown"]);
    }

    #[test]
    fn every_row_is_a_state_with_its_law_and_every_state_has_area_codes_of_its_own() {
        assert!(ALL_PARTY.iter().all(|row| State::find(row.state).is_some() && !row.law.is_empty()));
        let listed: Vec<_> = AREA_CODES.iter().map(|(state, _)| *state).collect();
        assert_eq!(listed, State::all().map(State::as_str).collect::<Vec<_>>());
        let mut codes: Vec<_> = AREA_CODES.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count, "a code of two states");
        assert!(codes.iter().all(|code| (201..=989).contains(code) && code % 100 != 11));
    }

    #[test]
    fn an_objection_is_seen_in_many_phrasings_and_a_medical_record_is_none() {
        let objects = |text: &str| objects_to_recording(&RawTranscript::typed(text));
        for text in [
            "do not record",
            "please don't record this",
            "don't record me",
            "stop recording",
            "stop the recording please",
            "can you please stop recording this call",
            "i don't want to be recorded",
            "i do not want this recorded",
            "i don't want you to record this",
            "i do not consent to being recorded",
            "i'd rather not be recorded",
            "turn off the recording",
            "turn that recorder off",
            "no recording please",
            "i object to the recording",
            "off the record please",
            "i won't be recorded no recording",
        ] {
            assert!(objects(text), "{text}");
        }
        for text in [
            "i need my medical records",
            "can you send my record to doctor smith",
            "i don't have my records with me",
            "is this being recorded",
            "you can record this",
            "i want to stop taking my medicine",
            "i heard a recording when i called",
            "yes",
        ] {
            assert!(!objects(text), "{text}");
        }
    }
}
