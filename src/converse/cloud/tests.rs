//! Calls with a cloud model as the thinker, as tables.

use crate::converse::Outcome;
use crate::converse::script::Call;

fn play(table: &str) -> Call {
    let mut call = Call::with_model();
    call.play(table);
    call
}

const IDENTIFIED: &str = "caller i need an appointment
     thinks
     uses identify
     whole
     box What is the patient's date of birth?
     listens dob
     caller [DATE_1]
     tool list_names dob=[DATE_1]
     gives name=[NAME_1]
     box What is the patient's first and last name?
     caller [NAME_1]
     tool find_patient dob=[DATE_1] name=[NAME_1]
     gives patient=[PATIENT_1] name=[NAME_1]
     identity verified
     thinks
     ";

const OFFERED: &str = "said Which day would suit you?
     box Which day would suit you?
     uses expect answer=day
     whole
     listens date
     caller [DATE_2]
     thinks
     uses find_slots day=[DATE_2]
     whole
     tool find_slots day=[DATE_2]
     gives slot=[SLOT_1] | slot=[SLOT_2]
     thinks
     said The next one is [SLOT_1].
     box The next one is [SLOT_1].
     said Shall I book it?
     box Shall I book it?
     uses expect answer=yes-no
     whole
     listens yes-no
     ";

fn offered() -> Call {
    play(&format!("{IDENTIFIED}{OFFERED}"))
}

#[test]
fn a_model_books_with_the_boxs_own_questions_for_who_is_calling() {
    let mut call = offered();
    call.play(
        "caller yes please
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_1]
         gives slot=[SLOT_1] confirmation=[ID_1]
         thinks
         said Your appointment is booked for [SLOT_1].
         box Your appointment is booked for [SLOT_1].
         said Is there anything else I can help you with?
         box Is there anything else I can help you with?
         whole
         caller no thank you
         thinks
         said Thank you for calling. Goodbye.
         box Thank you for calling. Goodbye.
         uses end_call
         whole
         ends booked",
    );
    assert_eq!(call.conversation.outcome(), Outcome::Booked);
}

#[test]
fn a_write_without_a_yes_to_its_appointment_is_asked_about_by_the_box() {
    for words in ["hmm let me think", "no", "yes but [DATE_3] is better"] {
        offered().play(&format!(
            "caller {words}
             thinks
             uses book patient=[PATIENT_1] slot=[SLOT_1]
             whole
             box That would be [SLOT_1].
             box Shall I book it?
             listens yes-no"
        ));
    }
    // A yes to one appointment is none to another.
    offered().play(
        "caller yes
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_2]
         whole
         box That would be [SLOT_2].
         box Shall I book it?
         caller yes
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_2]",
    );
    // Nor is one to a sentence that the caller did not hear.
    offered().play(
        "cuts The next one
         caller yes
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box That would be [SLOT_1].
         box Shall I book it?
         caller no
         thinks",
    );
}

#[test]
fn a_yes_to_one_thing_is_no_yes_to_another() {
    let asked = |question: &str, table: &str| {
        let offered = OFFERED.replace("Shall I book it?", question);
        play(&format!("{IDENTIFIED}{offered}{table}"));
    };
    let table = "caller yes
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box That would be [SLOT_1].
         box Shall I book it?";
    for question in ["Is that right?", "Shall I cancel it?", "Shall I not book it?", "Shall I book it or cancel it?"] {
        asked(question, table);
    }
    asked(
        "Shall I take it for you?",
        "caller yes
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_1]",
    );
}

#[test]
fn of_several_appointments_the_one_to_be_moved_is_asked_about() {
    let found = |items: &str| {
        format!(
            "{}uses find_appointments patient=[PATIENT_1]
             whole
             tool find_appointments patient=[PATIENT_1]
             gives {items}
             thinks
             uses find_slots
             whole
             tool find_slots
             gives slot=[SLOT_3]
             thinks
             said I have [SLOT_3]. Shall I move it there?
             box I have [SLOT_3]. Shall I move it there?
             whole
             caller yes
             thinks
             uses reschedule patient=[PATIENT_1] from=[SLOT_2] slot=[SLOT_3]
             whole
             ",
            IDENTIFIED.replace("i need an appointment", "i have to move my appointment")
        )
    };
    play(&format!("{}box You have [SLOT_2].\nbox Shall I move it?", found("slot=[SLOT_1] | slot=[SLOT_2]")));
    play(&format!(
        "{}box One moment, please.\ntool reschedule patient=[PATIENT_1] from=[SLOT_2] slot=[SLOT_3]",
        found("slot=[SLOT_2]")
    ));
}

#[test]
fn a_caller_who_talks_over_the_model_ends_its_answer() {
    play(
        "caller what are your hours
         thinks
         said We are open Monday to Friday, eight to five.
         box We are open Monday to Friday, eight to five.
         cuts We are open
         calls-off
         listens anything
         caller and where are you
         thinks",
    );
}

#[test]
fn what_was_done_is_not_done_again() {
    offered().play(
        "caller yes
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_1]
         gives slot=[SLOT_1] confirmation=[ID_1]
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box Is there anything else I can help you with?",
    );
}

#[test]
fn a_model_that_fails_leaves_the_call_to_the_local_receptionist_where_it_is() {
    play(
        "caller what are your hours
         thinks
         breaks late
         box We are open Monday to Friday, eight to five.
         box Is there anything else I can help you with?",
    );
    offered().play(
        "caller yes
         thinks
         breaks broken
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_1]
         gives slot=[SLOT_1] confirmation=[ID_1]
         box You are booked for [SLOT_1].
         box Is there anything else I can help you with?",
    );
    offered().play(
        "caller no
         thinks
         breaks late
         box The next one is [SLOT_2].
         box Shall I book it?",
    );
    // After a tool has answered.
    play(&format!("{IDENTIFIED}breaks late\nbox Which day would suit you?\nlistens date"));
    offered().play(
        "caller yes
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_1]
         gives slot=[SLOT_1] confirmation=[ID_1]
         thinks
         breaks broken
         box You are booked for [SLOT_1].
         box Is there anything else I can help you with?",
    );
}

#[test]
fn what_a_model_said_before_it_broke_off_stands_and_is_not_said_again() {
    offered().play(
        "caller yes
         thinks
         uses book patient=[PATIENT_1] slot=[SLOT_1]
         whole
         box One moment, please.
         tool book patient=[PATIENT_1] slot=[SLOT_1]
         gives slot=[SLOT_1] confirmation=[ID_1]
         thinks
         said Your appointment is booked for [SLOT_1].
         box Your appointment is booked for [SLOT_1].
         breaks broken
         box Is there anything else I can help you with?",
    );
    play(
        "caller what are your hours
         thinks
         said Do you mean today?
         box Do you mean today?
         breaks broken
         listens anything",
    );
}

#[test]
fn a_sentence_that_may_not_be_said_is_not_and_the_local_receptionist_answers() {
    let objections = [
        "Your appointment is booked.",
        "This is [NAME_9].",
        "Call five one two five five five zero one four three.",
        "You should take two tablets.",
        "I am a nurse.",
    ];
    for sentence in objections {
        play(&format!(
            "caller what are your hours
             thinks
             said {sentence}
             calls-off
             box We are open Monday to Friday, eight to five.
             box Is there anything else I can help you with?"
        ));
    }
}

#[test]
fn a_misused_tool_is_not_used() {
    for used in ["wire_money", "book slot=[SLOT_1]", "find_appointments patient=[PATIENT_7]", "find_slots day=monday"] {
        play(&format!(
            "caller i need an appointment
             thinks
             uses {used}
             whole
             box What is the patient's date of birth?"
        ));
    }
}

#[test]
fn a_caller_who_goes_on_is_thought_about_anew() {
    play(
        "caller what are your hours
         thinks
         caller on [DATE_1] i mean
         calls-off
         thinks
         said We are open Monday to Friday, eight to five.
         box We are open Monday to Friday, eight to five.
         whole
         listens anything",
    );
}

#[test]
fn an_emergency_while_the_model_thinks_calls_it_off() {
    play(
        "caller what are your hours
         thinks
         caller i have chess pain
         box! If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.
         handoff! emergency: A caller, not identified, spoke of an emergency. Please take the call at once.
         calls-off",
    );
}

#[test]
fn without_the_record_no_model_is_asked() {
    let mut call = Call::with_model();
    call.play(
        "down record
         caller what are your hours
         box We are open Monday to Friday, eight to five.
         box Is there anything else I can help you with?",
    );
}

#[test]
fn a_model_may_not_hang_up_on_a_caller_who_wants_something() {
    play(
        "caller what are your hours
         thinks
         uses end_call
         whole
         box Is there anything else I can help you with?",
    );
}

#[test]
fn the_box_takes_a_message_and_asks_for_a_person_itself() {
    play(
        "caller could somebody tell the staff something
         thinks
         uses take_message
         whole
         box May I have your first and last name?",
    );
    play(
        "caller i would rather not say
         thinks
         uses hand_off reason=asked
         whole
         box One moment, please. I will ask a person to take your call.
         handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.",
    );
}

#[test]
fn a_model_that_uses_tools_without_end_is_stopped() {
    let round = "uses find_slots
         whole
         tool find_slots
         gives slot=[SLOT_1]
         thinks
         ";
    play(&format!(
        "caller is there anything free\nthinks\n{}uses find_slots\nwhole\nbox The first opening is [SLOT_1].\nbox Shall I book it?",
        round.repeat(5)
    ));
}

#[test]
fn a_call_without_a_record_that_comes_back_is_thought_about_again() {
    let mut call = Call::with_model();
    call.play(
        "down record
         caller what are your hours
         box We are open Monday to Friday, eight to five.
         box Is there anything else I can help you with?
         up record
         caller and where are you
         thinks
         breaks late
         box We are at 1450 River Road, Suite 210.
         box Is there anything else I can help you with?",
    );
}
