//! What holds whatever happens: random events, in any order, some of them impossible.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::config::record::Recording;
use crate::config::state::State as Where;
use crate::expect::Expecting;
use crate::guard::before;
use crate::guard::recording::{Plan, objects_to_recording};
use crate::ids::{CallId, Turn};
use crate::listen::RawTranscript;
use crate::placeholder::{self, Placeholder};
use crate::redact::Redacted;
use crate::secret::Secret;
use crate::wire::line::DeskAnswer;
use crate::wire::tool::{self, Access, IdentityLevel};

use super::script::{captured, clinic};
use super::words::{Answer, answer};
use super::*;

/// More than any event needs: three sentences, a question of three, a tool, and decisions.
const MOST_ACTIONS: usize = 12;

/// What callers say in the random calls: every flow can be walked with these, and left at any moment.
const SAYINGS: &[&str] = &[
    "i need an appointment",
    "this is [NAME_1] i need an appointment on [DATE_2]",
    "i want to cancel my appointment",
    "move my appointment to [DATE_3]",
    "i need a refill",
    "i need a refill of my lisinopril",
    "i want to leave a message",
    "what are your hours",
    "where are you",
    "my appointment",
    "are you a robot",
    "say that again",
    "never mind",
    "wrong number",
    "goodbye",
    "yes",
    "yes please",
    "no",
    "no wait [DATE_2]",
    "yes but [DATE_3] is better",
    "[DATE_1]",
    "[DATE_2] in the morning",
    "as soon as possible",
    "[NAME_1]",
    "[NAME_2]",
    "[PHONE_1]",
    "[PHONE_2] ...",
    "please tell the nurse to call me back about my test results",
    "representative",
    "what should i take for this",
    "i have chest pain",
    "[WITHHELD]",
    "",
    "purple monkey",
    "an appointment for my husband",
    "do not record this",
];

/// How many of the first [`SAYINGS`] are wishes.
const WISHES: usize = 7;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    Says(usize, f32),
    /// The caller answers what was asked, or comes with a wish, and the tools work.
    Helps(usize),
    /// The tool that was asked `back` requests ago answers with `items` items, or fails.
    Tool {
        back: usize,
        items: usize,
        failure: Option<ToolFailure>,
    },
    Cut(usize),
    Other(u8),
    /// The cloud model, where there is one, says, uses, ends or breaks off.
    Model(usize),
}

fn happening() -> impl Strategy<Value = Happening> {
    let failure = prop_oneof![
        4 => Just(None),
        1 => Just(Some(ToolFailure::Unavailable)),
        1 => Just(Some(ToolFailure::Conflict)),
        1 => Just(Some(ToolFailure::Failed)),
    ];
    prop_oneof![
        8 => (0..SAYINGS.len(), 0.0f32..1.0).prop_map(|(saying, sure)| Happening::Says(saying, sure)),
        // Mostly what brings a call forward, so that the deep states are reached.
        30 => (0usize..WISHES).prop_map(Happening::Helps),
        4 => (0usize..3, 0usize..4, failure).prop_map(|(back, items, failure)| Happening::Tool {
            back: back.saturating_sub(1),
            items,
            failure,
        }),
        2 => (0usize..4).prop_map(Happening::Cut),
        3 => (0u8..13).prop_map(Happening::Other),
        20 => (0usize..MODEL.len()).prop_map(Happening::Model),
    ]
}

/// What the model answers in the random calls: the proper and the improper.
const MODEL: &[&str] = &[
    "said Which day would suit you?",
    "said The next one is [SLOT_1].",
    "said You have [SLOT_1].",
    "said Shall I book it?",
    "said Your appointment is booked.",
    "said Your appointment is moved to [SLOT_2].",
    "said It is cancelled.",
    "said [NAME_9] has called.",
    "said My number is five one two five five five zero one four three.",
    "said I am a nurse.",
    "said Goodbye.",
    "uses identify",
    "uses identify",
    "uses identify",
    "uses find_slots",
    "uses find_slots part=morning",
    "uses find_slots day=[DATE_2]",
    "uses find_appointments patient=[PATIENT_1]",
    "uses find_appointments patient=[PATIENT_2]",
    "uses book patient=[PATIENT_1] slot=[SLOT_1]",
    "uses book patient=[PATIENT_1] slot=[SLOT_1]",
    "uses book patient=[PATIENT_1] slot=[SLOT_7]",
    "uses cancel patient=[PATIENT_1] slot=[SLOT_1]",
    "uses reschedule patient=[PATIENT_1] from=[SLOT_1] slot=[SLOT_2]",
    "uses reschedule patient=[PATIENT_1] from=[SLOT_1] slot=[SLOT_1]",
    "uses reschedule patient=[PATIENT_1] from=[SLOT_1] slot=[SLOT_1]",
    "uses reschedule patient=[PATIENT_1] from=[SLOT_1] slot=[SLOT_1]",
    "uses reschedule patient=[PATIENT_1] from=[SLOT_1] slot=[SLOT_1]",
    "uses refill",
    "uses take_message",
    "uses expect answer=yes-no",
    "uses expect answer=day",
    "uses hand_off reason=unsure",
    "uses end_call",
    "uses wire_money to=[NAME_1]",
    "breaks",
];

/// A call with a witness who notes, from outside, what was promised and what is true.
struct Witness {
    conversation: Conversation,
    turn: Turn,
    tools: Vec<(ToolId, &'static str)>,
    says: Vec<SayId>,
    given: BTreeSet<Placeholder>,
    succeeded: BTreeSet<&'static str>,
    answered: BTreeSet<ToolId>,
    over: bool,
    bridged: bool,
    thought: ThoughtId,
    agreed: bool,
    recorded: bool,
}

impl Witness {
    fn new() -> Self {
        Self::with_model(false)
    }

    fn with_model(on: bool) -> Self {
        Self::recorded(on, Recording::Off)
    }

    fn recorded(on: bool, mode: Recording) -> Self {
        let plan = Plan::new(mode, true, Where::find("TX"), &Secret::new("5125550143"));
        Self {
            conversation: Conversation::new(CallId::draw(), clinic()).with_cloud_thinker(on).with_recording(plan),
            thought: ThoughtId(0),
            agreed: false,
            recorded: false,
            turn: Turn::default(),
            tools: Vec::new(),
            says: Vec::new(),
            given: BTreeSet::new(),
            succeeded: BTreeSet::new(),
            answered: BTreeSet::new(),
            over: false,
            bridged: false,
        }
    }

    fn happens(&mut self, happening: &Happening) {
        let event = match happening {
            Happening::Says(saying, confidence) => self.says(SAYINGS[*saying], *confidence),
            Happening::Helps(wish) => match self.tools.last().filter(|(id, _)| !self.answered.contains(id)) {
                Some(_) => self.tool_reports(0, 1, None),
                None => self.says(self.helpful(*wish), 0.9),
            },
            Happening::Tool { back, items, failure } => self.tool_reports(*back, *items, *failure),
            Happening::Cut(back) => {
                let id = self.says.iter().rev().nth(*back).copied().unwrap_or(SayId(999));
                Event::Played { id, whole: false }
            }
            Happening::Model(answer) => self.model(MODEL[*answer]),
            Happening::Other(which) => match which {
                0 => Event::NotUnderstood,
                1 => Event::Silence,
                2 => Event::Pressed('0'),
                3 => Event::Pressed('1'),
                4 => Event::Pressed('2'),
                5 => Event::Desk(DeskAnswer::Accept),
                6 => Event::Desk(DeskAnswer::Decline),
                7 => Event::Desk(DeskAnswer::None),
                8 => Event::Standing(Standing { record: false, clinic: true }),
                9 => Event::Standing(Standing { record: true, clinic: false }),
                10 => Event::Standing(Standing { record: true, clinic: true }),
                11 => Event::Unheard,
                _ => Event::Answered { standing: Standing { record: true, clinic: true }, number: None },
            },
        };
        self.event(event);
        if let Happening::Model(_) = happening {
            // Most answers are whole after what they say or use.
            self.event(Event::Thought { id: self.thought, thought: Thought::Whole });
        }
    }

    fn model(&self, answer: &str) -> Event {
        let (what, rest) = answer.split_once(' ').unwrap_or((answer, ""));
        let thought = match what {
            "said" => Thought::Said(ModelText::in_a_test(rest)),
            "uses" => {
                let (name, args) = rest.split_once(' ').unwrap_or((rest, ""));
                let arg = |arg: &str| arg.split_once('=').map(|(key, value)| (key.to_owned(), value.into())).unwrap();
                let args = args.split_whitespace().map(arg).collect();
                Thought::Use(ModelUse { number: self.turn.0, name: name.to_owned(), args })
            }
            _ => Thought::Failed("broken"),
        };
        Event::Thought { id: self.thought, thought }
    }

    fn helpful(&self, wish: usize) -> &'static str {
        match self.conversation.expecting() {
            Expecting::Dob => "[DATE_1]",
            Expecting::Date => "[DATE_2]",
            Expecting::Name { .. } => "[NAME_1]",
            Expecting::Phone => "[PHONE_1]",
            Expecting::YesNo => "yes",
            Expecting::Anything | Expecting::MemberId | Expecting::Card => SAYINGS[wish],
        }
    }

    fn says(&mut self, text: &str, confidence: f32) -> Event {
        self.turn = self.turn.next();
        self.given.extend(placeholder::find_all(text).map(|(_, p)| p));
        Event::Heard(Heard {
            turn: self.turn,
            text: Redacted::in_a_test(text),
            captured: captured(self.conversation.expecting(), text),
            verdict: before(&RawTranscript::typed(text)),
            confidence,
            objects: objects_to_recording(&RawTranscript::typed(text)),
        })
    }

    fn tool_reports(&mut self, back: usize, items: usize, failure: Option<ToolFailure>) -> Event {
        let (id, name) = self.tools.iter().rev().nth(back).copied().unwrap_or((ToolId(999), "book"));
        if let Some(failure) = failure {
            self.answered.insert(id);
            return Event::ToolDone { id, result: Err(failure) };
        }
        let result = tool::find(name).unwrap().result;
        let item = |number: usize| {
            let held = |label: placeholder::Label| Placeholder { label, number: u32::try_from(number).unwrap() + 1 };
            let value = |class| match class {
                tool::Class::Labelled(label) => ToolValue::Held(held(label)),
                tool::Class::Public | tool::Class::Free => ToolValue::Public("x".to_owned()),
            };
            result.iter().map(|field| (field.name.to_owned(), value(field.class))).collect::<BTreeMap<_, _>>()
        };
        // One patient matches, mostly: else no call gets past the look-up.
        let items = if name == "find_patient" { items.min(2).max(usize::from(items != 3)) } else { items };
        let answer = ToolAnswer { items: (0..items).map(item).collect() };
        if self.tools.iter().any(|(known, _)| *known == id) && self.answered.insert(id) {
            self.given.extend(answer.items.iter().flat_map(BTreeMap::values).filter_map(|value| match value {
                ToolValue::Held(placeholder) => Some(*placeholder),
                ToolValue::Public(_) | ToolValue::Free(_) => None,
            }));
            if items > 0 {
                self.succeeded.insert(name);
            }
        }
        Event::ToolDone { id, result: Ok(answer) }
    }

    fn event(&mut self, event: Event) {
        self.agreed = match &event {
            Event::Heard(heard) => answer(&heard.text) == Answer::Yes,
            Event::Pressed(key) => *key == '1',
            Event::Answered { .. }
            | Event::Standing(_)
            | Event::NotUnderstood
            | Event::Silence
            | Event::Unheard
            | Event::Played { .. }
            | Event::ToolDone { .. }
            | Event::Desk(_)
            | Event::HungUp => false,
            // A model acts on the caller's last words.
            Event::Thought { .. } => self.agreed,
        };
        self.over |= matches!(event, Event::HungUp);
        let actions = self.conversation.on(event);
        assert!(actions.len() <= MOST_ACTIONS, "{actions:?}");
        let writes =
            actions.iter().filter(|action| matches!(action, Action::Tool { name, .. } if is_write(name))).count();
        assert!(writes <= 1, "{actions:?}");
        for action in actions {
            assert!(!self.over || matches!(action, Action::CallOff(_)), "after the end: {action:?}");
            self.witness(action);
        }
    }

    fn witness(&mut self, action: Action) {
        match action {
            Action::Say { id, template, mandatory } => {
                assert!(!self.bridged, "said into a bridged call: {template}");
                if self.says.is_empty() {
                    assert!(mandatory && template.contains("automated assistant that uses A I"), "{template}");
                }
                self.claims(&template);
                self.known(placeholder::find_all(&template).map(|(_, p)| p));
                self.says.push(id);
            }
            Action::Tool { id, name, args } => {
                let tool = tool::find(name).unwrap();
                assert!(self.conversation.identity() >= tool.level, "{name} for a caller who is not known");
                for field in tool.args.iter().filter(|field| field.required) {
                    assert!(args.iter().any(|(name, _)| *name == field.name), "{name} without {}", field.name);
                }
                for (arg, value) in &args {
                    assert!(tool.args.iter().any(|field| field.name == *arg), "{name} takes no {arg}");
                    if let Argument::Held(placeholder) = value {
                        self.known([*placeholder]);
                    }
                }
                if matches!(name, "book" | "cancel" | "reschedule") {
                    assert!(self.agreed, "{name} without a yes");
                    // One yes, one write.
                    self.agreed = false;
                }
                self.tools.push((id, name));
            }
            Action::Decided { by, what } => {
                let model = self.thought.0 > 0;
                assert!(by != "guard" || model || DECISIONS.contains(&what), "the gate refused: {what}");
            }
            Action::HandOff { brief, .. } => self.known(placeholder::find_all(&brief).map(|(_, p)| p)),
            Action::Bridge => self.bridged = true,
            Action::Think(id) => self.thought = id,
            Action::CallOff(_) => {}
            Action::Consent { by, result } => {
                assert!(!self.recorded || result == "withdrawn", "{by} {result} while it is recorded");
                self.recorded = matches!(result, "granted" | "notice-heard");
            }
            Action::HangUp { .. } => self.over = true,
            Action::Listen { names, .. } => self.known(names),
            Action::Identity(level) => assert!(level > IdentityLevel::Unknown),
        }
    }

    /// The witness's own list of words that promise something, apart from the gate's.
    fn claims(&self, said: &str) {
        let proven = |tools: &[&str]| tools.iter().any(|tool| self.succeeded.contains(tool));
        // Who has moved an appointment is booked for the new time.
        assert!(!said.contains("booked") || proven(&["book", "reschedule"]), "{said}");
        assert!(!said.contains("cancelled") || proven(&["cancel"]), "{said}");
        assert!(!said.contains("moved") || proven(&["reschedule"]), "{said}");
        assert!(!said.contains("have sent") || proven(&["request_refill"]), "{said}");
        assert!(!said.contains("is with the staff") || proven(&["leave_message"]), "{said}");
    }

    fn known(&self, placeholders: impl IntoIterator<Item = Placeholder>) {
        for placeholder in placeholders {
            assert!(self.given.contains(&placeholder), "{placeholder} was never given");
        }
    }
}

/// What the policy decides about callers; any other decision of the guard is an objection to the box's own words.
const DECISIONS: &[&str] = &["emergency", "asked-for-person", "medical-advice", "test-results", "legal", "billing"];

fn is_write(name: &str) -> bool {
    tool::find(name).is_some_and(|tool| tool.access == Access::Write)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold_and_the_call_ends(
        happenings in proptest::collection::vec(happening(), 0..90),
        answered_first in prop::bool::weighted(0.95),
        hangs_up in prop::bool::weighted(0.3),
        model in any::<bool>(),
        mode in prop_oneof![Just(Recording::Off), Just(Recording::Notice), Just(Recording::Ask)],
    ) {
        let mut call = Witness::recorded(model, mode);
        if answered_first {
            call.event(Event::Answered { standing: Standing { record: true, clinic: true }, number: None });
        }
        for happening in &happenings {
            call.happens(happening);
        }
        if hangs_up {
            call.event(Event::HungUp);
            call.happens(&Happening::Says(0, 0.9));
            call.event(Event::Silence);
        }
        // Left alone, every call that was answered comes to its end.
        if !call.says.is_empty() {
            for _ in 0..24 {
                call.event(Event::Silence);
            }
            // In an emergency those on call may take many minutes: it is the line that says that nobody took the call.
            if call.conversation.waits_for_staff() && call.conversation.outcome() == Outcome::Emergency {
                call.event(Event::Desk(DeskAnswer::None));
            }
            prop_assert!(call.over || call.bridged, "the call goes on: {:?}", call.conversation);
        }
    }

    #[test]
    fn a_caller_who_talks_without_end_is_served_or_handed_over(saying in 0..SAYINGS.len(), other in 0..SAYINGS.len()) {
        let mut call = Witness::new();
        call.event(Event::Answered { standing: Standing { record: true, clinic: true }, number: None });
        for round in 0..100 {
            if call.over {
                break;
            }
            call.happens(&Happening::Says(if round % 2 == 0 { saying } else { other }, 0.9));
            call.happens(&Happening::Tool { back: 0, items: 1, failure: None });
            call.event(Event::Desk(DeskAnswer::Decline));
        }
        prop_assert!(call.over, "the call goes on: {:?}", call.conversation);
    }
}

#[test]
fn the_random_calls_reach_the_depths() {
    // A property over calls that never book anything would prove little.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for round in 0..360 {
        let tree = proptest::collection::vec(happening(), 60..90).new_tree(&mut runner).unwrap();
        let mut call = Witness::with_model(round % 2 == 0);
        call.event(Event::Answered { standing: Standing { record: true, clinic: true }, number: None });
        for happening in &tree.current() {
            call.happens(happening);
        }
        reached.extend(call.succeeded.into_iter().map(|tool| (round % 2 == 0, tool)));
    }
    for tool in tool::CATALOGUE {
        for model in [false, true] {
            assert!(reached.contains(&(model, tool.name)), "no random call reached {}: {reached:?}", tool.name);
        }
    }
}
