//! The policy's phrases as data: what means an emergency, a person, a topic that the box may not touch.
//!
//! In:  nothing. Out: the rows that [`crate::guard::before()`] goes through, most urgent first.

use crate::guard::before::{Forbidden, Verdict};

/// One row of the policy: the verdict where one of `says` occurs and none of `unless`.
pub(super) struct Row {
    pub(super) verdict: Verdict,
    pub(super) says: &'static [&'static str],
    pub(super) unless: &'static [&'static str],
}

/// The policy, most urgent first. Rule set of 2026-11-23.
///
/// Source of the emergencies: the warning signs that the American College of Emergency Physicians lists for the public
/// (trouble breathing, chest pain, fainting, sudden weakness or change in vision, confusion, bleeding that will not
/// stop, severe vomiting, coughing blood, suicidal feelings, poisoning, allergic swelling), and the face-arm-speech
/// signs of stroke. Each in words that callers use, with the spellings that recognisers give them ("chess pain",
/// "over dose"). A clinician of the clinic reviews the list before it goes live.
pub(super) const ROWS: &[Row] = &[
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
