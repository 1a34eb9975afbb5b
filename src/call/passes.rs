//! What the conversation would ask passes airlockd's second check: the two sides agree on the shape and the words.

use crate::airlock::check::{Known, Offered, check};
use crate::converse::script::{Call, play};
use crate::wire::offered::OFFERED;
use crate::wire::{Airlock, Parcel};

fn refused(call: &Call) -> Option<String> {
    let request = call.conversation.would_ask();
    let bytes = Parcel::<Airlock>::new()
        .with("turn", &crate::ids::Turn(1))
        .with("synthetic", &true)
        .with("request", &request)
        .seal();
    let tools: Vec<&str> = OFFERED.iter().map(|tool| tool.name).collect();
    let clinic = crate::converse::script::clinic();
    let public = [clinic.name, clinic.address, clinic.hours];
    let known = Known { tools: &tools, public: &public, echoed: &|_| false };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    check(Offered::new(bytes), &known).err().map(|reason| format!("{reason}: {text}"))
}

#[test]
fn what_is_asked_passes_the_second_check_all_along_a_call() {
    let hours = "caller what are your hours
         box We are open Monday to Friday, eight to five.
         box Is there anything else I can help you with?
         ";
    let tables = [
        "caller what are your hours".to_owned() + &hours[hours.find('\n').unwrap()..],
        format!(
            "{hours}caller and where are you
         box We are at 1450 River Road, Suite 210.
         box Is there anything else I can help you with?"
        ),
        "caller i need an appointment
         box What is the patient's date of birth?
         caller [DATE_1]
         tool list_names dob=[DATE_1]
         gives name=[NAME_1]
         box What is the patient's first and last name?
         caller [NAME_1]
         tool find_patient dob=[DATE_1] name=[NAME_1]
         gives patient=[PATIENT_1] name=[NAME_1]
         box Which day would suit you?
         caller [DATE_2] in the morning
         tool find_slots day=[DATE_2] part=morning
         gives slot=[SLOT_1] | slot=[SLOT_2]
         box The first opening is [SLOT_1].
         box Shall I book it?
         caller yes
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_1]
         fails conflict
         box I am sorry, somebody else has just taken that time.
         box The next one is [SLOT_2].
         box Shall I book it?
         caller zyrtec is what i take
         box I am sorry, I did not understand.
         box The next one is [SLOT_2].
         box Shall I book it?
         box Please say yes or no."
            .to_owned(),
    ];
    for table in tables {
        assert_eq!(refused(&play(&table)), None);
    }
}
