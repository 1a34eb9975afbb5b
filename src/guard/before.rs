//! The policy ahead of any thinker: emergencies, a wish for a person, topics that the box may not touch.
//!
//! In:  what was heard, word for word. Out: a [`Verdict`].
//!
//! A negated symptom ("i do not have chest pain") still counts as an emergency: recognisers lose "no" and "not", and
//! the price of being wrong that way is a script too many. Only the bare word *emergency* is let off where it is denied
//! or part of a name ("this is not an emergency", "emergency contact"), since callers say that to be polite.

use crate::guard::phrase::{any, words};
use crate::listen::RawTranscript;

/// What the policy says of an utterance, before anybody thinks about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The conversation may deal with it.
    Proceed,
    /// Words of an emergency: the fixed script, and a person at once.
    Emergency,
    /// The caller wants a person.
    Person,
    /// A topic that the box may not deal with: a person must. The reason is one of [`Forbidden`]'s.
    Forbidden(&'static str),
}

impl Verdict {
    /// Its name in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proceed => "proceed",
            Self::Emergency => "emergency",
            Self::Person => "person",
            Self::Forbidden(reason) => reason,
        }
    }
}

/// The closed list of reasons in [`Verdict::Forbidden`].
pub struct Forbidden;

impl Forbidden {
    /// Diagnosis, advice, dosage.
    pub const ADVICE: &'static str = "medical-advice";
    /// Results of tests.
    pub const RESULTS: &'static str = "test-results";
    /// Lawyers, courts, complaints.
    pub const LEGAL: &'static str = "legal";
    /// Bills and refunds.
    pub const BILLING: &'static str = "billing";

    /// Every reason.
    pub const ALL: [&'static str; 4] = [Self::ADVICE, Self::RESULTS, Self::LEGAL, Self::BILLING];
}

/// Looks at the caller's words before any thinker does.
#[must_use]
pub fn before(heard: &RawTranscript) -> Verdict {
    let words = words(heard.expose());
    let means = |row: &Row| any(row.says, &words) && !any(row.unless, &words);
    ROWS.iter().find(|row| means(row)).map_or(Verdict::Proceed, |row| row.verdict)
}

/// One row of the policy: the verdict where one of `says` occurs and none of `unless`.
struct Row {
    verdict: Verdict,
    says: &'static [&'static str],
    unless: &'static [&'static str],
}

/// The policy, most urgent first. Rule set of 2026-11-23.
///
/// Source of the emergencies: the warning signs that the American College of Emergency Physicians lists for the public
/// (trouble breathing, chest pain, fainting, sudden weakness or change in vision, confusion, bleeding that will not
/// stop, severe vomiting, coughing blood, suicidal feelings, poisoning, allergic swelling), and the face-arm-speech
/// signs of stroke. Each in words that callers use, with the spellings that recognisers give them ("chess pain",
/// "over dose"). A clinician of the clinic reviews the list before it goes live.
const ROWS: &[Row] = &[
    Row { verdict: Verdict::Emergency, says: SYMPTOMS, unless: &[] },
    Row {
        verdict: Verdict::Emergency,
        says: &["emergency|emergencies", "nine one one", "911", "ambulance", "paramedic*"],
        unless: &[
            "not|isnt|non|no|without emergency",
            "emergency contact*",
            "emergency room follow|visit|bill",
            "after|was|went emergency room",
        ],
    },
    Row {
        verdict: Verdict::Person,
        says: PERSON,
        // Asking what the box is is not asking for somebody else; the conversation answers it.
        unless: &[
            "are you real|human|person|people|robot",
            "are you a|an real|human|person|actual|live",
            "is this a|an real|human|person|actual|live",
            "am i talking|speaking to|with",
            "not|dont a|need|want human|person|operator|representative",
        ],
    },
    Row { verdict: Verdict::Forbidden(Forbidden::RESULTS), says: RESULTS, unless: &[] },
    Row { verdict: Verdict::Forbidden(Forbidden::ADVICE), says: ADVICE, unless: &[] },
    Row { verdict: Verdict::Forbidden(Forbidden::LEGAL), says: LEGAL, unless: &[] },
    Row { verdict: Verdict::Forbidden(Forbidden::BILLING), says: BILLING, unless: &[] },
];

const SYMPTOMS: &[&str] = &[
    // heart
    "chest|chess|chests|jest pain|pains|pane|paine|payne|hurt*|tight*|pressure|heavy|crushing|squeez*",
    "pain|pains|pane|hurt*|tight*|pressure|heav* in|on|across chest|chess|jest",
    "heart attack*",
    "hard|heart attack",
    "cardiac arrest",
    "heart stopped|stopping",
    // breath
    "cant|cannot|not|couldnt|isnt|hardly|barely|stopped|stop breath|breathe|breathes|breathing|breed|breeze|breathed",
    "trouble|difficulty|difficult|hard|problem|problems|struggling breath|breathe|breathing|breeding",
    "short|shortness of breath|breadth|breathing",
    "gasping",
    "chok*",
    "turning|turned|gone|lips blue",
    // stroke
    "stroke|strokes",
    "face droop*|drooping|numb|fallen|falling",
    "slur*",
    "slurred|slurring speech",
    "cant|cannot|not move|feel arm|leg|side|face",
    "arm|leg|side numb|weak|paraly*",
    "suddenly|sudden blind|weak|weakness|numb|numbness|confused|confusion",
    "worst headache",
    // consciousness
    "unconscious|unconcious",
    "not|isnt conscious|responding|responsive|waking",
    "wont|cant|cannot wake|waken",
    "unresponsive",
    "passed|passing|past out",
    "faint|fainted|fainting|collapsed|collapse",
    "seizure*|seizing|convuls*",
    // bleeding
    "bleeding|bleed|leading badly|bad|heavily|heavy|lot|everywhere|profusely|much",
    "bleeding|bleed|blood wont|not|doesnt|cant stop|stopping",
    "cant|cannot|wont stop bleeding",
    "stop the bleeding",
    "severe|heavy|lots|bad bleeding",
    "cough*|vomit*|throw*|spit* blood",
    // harm to oneself or by others
    "suicid*",
    "kill|killing|hurt|hurting|harm|harming|cut|cutting myself|herself|himself",
    "kill|killing|hurt|harm|harming my|her|him self",
    "end|ending|take my|her|his life",
    "want|wanna|going to die",
    "dont|not want live|alive",
    "better off dead",
    "going to kill|shoot",
    "shot|stabbed|gunshot|stabbing",
    // poison and allergy
    "overdose*|overdosing",
    "over dose|dosed|dosing",
    "took|taken|swallowed|ate too many|much pills|medicine|medication|tablets",
    "took|swallowed whole|entire bottle",
    "poison*",
    "swallowed bleach|battery|magnet|chemical|chemicals",
    "throat clos*|swell*|swollen",
    "tongue swell*|swollen",
    "anaphyla*",
    "severe|bad|serious allergic",
    "allergic reaction",
    // birth
    "water|waters broke|broken",
    "baby|babys +coming",
    "in +labor",
    // injury
    "severe|badly|serious burn*",
    "broken|broke my|his|her neck|back",
    "hit by car|truck",
];

const PERSON: &[&str] = &[
    "represent*",
    "rep please|$",
    "operator|operators",
    "receptionist|receptionists|reception",
    "human|humans",
    "real|live|actual person|people|someone|somebody|human",
    "speak|talk|speaking|talking|speech|spoke to|with person|people|someone|somebody|human|staff|nurse|doctor|\
     manager|supervisor|agent|anyone|anybody|secretary|lady|man|guy|desk|office|assistant|pharmacist",
    "speak|talk to|with [name_*|dr",
    "a person please|$",
    "^person $",
    "^a|the +person",
    "get|want|need|give|like me|a|real person",
    "front desk",
    "customer service",
    "agent|agents",
    "transfer|connect|put me",
    "transfer|connect this call",
    "put me through",
    "someone|somebody else",
    "no more robot|machine|computer",
    "not talk|speak robot|machine|computer",
    "hate robot|robots|machine|machines",
];

const RESULTS: &[&str] = &[
    "test|tests|lab|labs|blood|scan|biopsy|xray|mri|pathology|urine|culture result|results|back",
    "result|results of|from|for my|the|a",
    "my result|results",
    "results ready|in|back",
    "what did|does|do test|tests|labs|scan|bloodwork|biopsy|mri show|say",
    "was|is test|tests positive|negative",
];

const ADVICE: &[&str] = &[
    "should i|he|she|we take|stop|mix|double|skip|eat|drink|use|increase|give",
    "can|could|may i|he|she take|stop|mix|double|skip taking|it|them|pill*|medicine|with",
    "how much|many should|do|can take|give",
    "how much|many pill|pills|milligram*|tablet*|dose|doses",
    "what|which|right|correct|my dose|dosage",
    "dosage|dosages",
    "is it|this|that safe|normal|dangerous|serious|contagious|infected|broken",
    "side effect|effects",
    "what is|do wrong|think with|i me|my|have",
    "whats wrong with me|my|him|her",
    "diagnos*",
    "do|does i|he|she|it have flu|covid|cancer|infection|infected|strep|diabetes|pneumonia",
    "what should i do|take|use",
    "need|want|get|give|some medical advice",
    "medical advice",
    "interact*",
    "should i be worried|concerned",
    "should i worry",
];

const LEGAL: &[&str] = &[
    "lawyer*|attorney*|lawsuit*|malpractice|subpoena*|litigation",
    "legal action|matter|department|question|advice",
    "sue|suing you|the|this|them|clinic|doctor",
    "take|taking you|clinic court",
    "file|make|filing complaint|grievance",
    "hipaa violation|complaint|breach",
];

const BILLING: &[&str] = &[
    "billing",
    "my|a|the|your +bill|bills",
    "bills",
    "invoice|invoices|refund|refunds|overcharged|overcharge|copay|copays|deductible",
    "was|got|been|you|were charged",
    "charged me|us|twice|wrong",
    "charge|charges on|wrong",
    "pay|paying|dispute|disputing bill|balance|charge|charges",
    "insurance claim|denied|deny|pay|paid|cover|covered",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Verdict {
        before(&RawTranscript::typed(text))
    }

    fn all(expected: Verdict, texts: &[&str]) {
        for text in texts {
            assert_eq!(verdict(text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_an_emergency_are_seen_in_many_phrasings() {
        all(
            Verdict::Emergency,
            &[
                "i have chest pain",
                "my chest really hurts",
                "there is a pressure on my chest",
                "i think i am having a heart attack",
                "i can't breathe",
                "i cannot breathe",
                "she is not breathing",
                "he stopped breathing",
                "i have trouble breathing",
                "i'm short of breath",
                "i think my husband is having a stroke",
                "her face is drooping",
                "his speech is slurred",
                "he is bleeding badly",
                "the bleeding won't stop",
                "i can't stop the bleeding",
                "she is coughing up blood",
                "i want to kill myself",
                "i'm thinking about suicide",
                "i feel suicidal",
                "i want to die",
                "i want to end my life",
                "i'm going to hurt myself",
                "i took an overdose",
                "my son took too many pills",
                "she swallowed the whole bottle",
                "my father is unconscious",
                "she passed out",
                "he won't wake up",
                "my baby is having a seizure",
                "she is choking",
                "my throat is closing up",
                "he is having a severe allergic reaction",
                "this is an emergency",
                "i need an ambulance",
                "call nine one one",
                "my water broke",
                "he has been shot",
            ],
        );
    }

    #[test]
    fn an_emergency_is_seen_through_a_recognisers_noise() {
        all(
            Verdict::Emergency,
            &[
                "a chess pain and i need",
                "the might chest um hurting to",
                "i can't breed",
                "and he in a not breathing the",
                "i took an over dose of the",
                "heart a attack",
                "hard attack",
                "pain in in my chess",
                "and past out on the",
                "short of breadth",
            ],
        );
    }

    #[test]
    fn a_denied_symptom_still_counts_and_a_denied_emergency_does_not() {
        all(Verdict::Emergency, &["i do not have chest pain", "no chest pain", "i'm not suicidal"]);
        all(
            Verdict::Proceed,
            &[
                "this is not an emergency i need an appointment",
                "a non emergency question",
                "my emergency contact changed",
            ],
        );
    }

    #[test]
    fn an_emergency_comes_before_a_wish_for_a_person() {
        assert_eq!(verdict("representative please i can't breathe"), Verdict::Emergency);
    }

    #[test]
    fn a_wish_for_a_person_is_seen_in_many_phrasings() {
        all(
            Verdict::Person,
            &[
                "representative",
                "representative please",
                "um represented of",
                "operator",
                "can i speak to a person",
                "i want to talk to a real person",
                "let me talk to somebody",
                "can i speak with someone",
                "i'd like to speak to the nurse",
                "could i talk to a human",
                "human please",
                "get me the receptionist",
                "front desk",
                "i need the front desk please",
                "transfer me",
                "put me through to the office",
                "connect me with someone",
                "a person please",
                "person",
                "i want a person",
                "agent",
                "customer service",
                "i do not want to talk to a machine",
                "give me a live person",
                "is there somebody else i can talk to",
            ],
        );
    }

    #[test]
    fn asking_what_the_box_is_is_not_asking_for_a_person() {
        all(
            Verdict::Proceed,
            &[
                "are you a robot",
                "are you a real person",
                "are you human",
                "is this a real person",
                "am i talking to a person",
                "am i speaking with a human or a machine",
            ],
        );
    }

    #[test]
    fn what_the_box_may_not_deal_with_goes_to_a_person_with_its_reason() {
        all(
            Verdict::Forbidden(Forbidden::ADVICE),
            &[
                "should i take two of these",
                "how many pills should i take",
                "what dosage do i need",
                "is it safe to take this with alcohol",
                "what are the side effects",
                "do i have the flu",
                "what is wrong with me",
                "can i stop taking it",
                "i need some medical advice",
            ],
        );
        all(
            Verdict::Forbidden(Forbidden::RESULTS),
            &[
                "are my test results in",
                "i'm calling about my lab results",
                "what did my blood test show",
                "my results",
            ],
        );
        all(
            Verdict::Forbidden(Forbidden::LEGAL),
            &["my attorney will call you", "i'm going to sue the clinic", "i want to file a complaint"],
        );
        all(
            Verdict::Forbidden(Forbidden::BILLING),
            &["i have a question about my bill", "i was charged twice", "i want a refund", "the billing department"],
        );
    }

    #[test]
    fn everyday_requests_pass() {
        all(
            Verdict::Proceed,
            &[
                "i need an appointment",
                "this is bill smith i'd like to book an appointment",
                "my name is sue park",
                "i need to cancel my appointment on friday",
                "can i move my appointment to tuesday",
                "i need a refill of my lisinopril ten milligrams",
                "what are your hours",
                "where are you located",
                "i want to leave a message for doctor okafor",
                "march fourth nineteen sixty two",
                "mary lopez",
                "m a r y l o p e z",
                "five one two five five five oh one four three",
                "yes please",
                "no thank you goodbye",
                "do i have an appointment this week",
                "sorry wrong number",
                "as soon as possible",
                "the first one in the morning is fine",
                "can i come in on monday",
            ],
        );
    }
}
