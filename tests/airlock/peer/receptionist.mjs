// The scripted model: reads a conversation of placeholders and says what a clinic's receptionist would say next.
//
// It is a pure function of what it is sent. A real model keeps nothing between two requests either, so everything is
// found again each time: what the caller wants, what was asked last, what the tools have reported.

const ELSE = "Is there anything else I can help you with?";
const UNCLEAR = "I am sorry, I did not understand. How can I help you?";
const GOODBYE = "Thank you for calling. Goodbye.";
const PERSON = "I will get a person for you.";
const FAILED = "I am sorry, that did not work. " + PERSON;

// The first that fits is what the caller wants, hence from the most telling words to the least: "leave a message about
// my bill" is a message, "an appointment for my fever" is an appointment.
const WISHES = [
  ["wrong-number", /\bwrong (number|place|clinic)\b/i],
  ["never-mind", /\bnever ?mind\b|\bforget (it|that)\b/i],
  ["repeat", /\brepeat\b|\b(say (that|it) )?again\b|\bwhat did you say\b/i],
  ["message", /\b(leave|take|give|pass on)\b.*\bmessage\b/i],
  [
    "person",
    /\b(speak|talk|connect me) (to|with) (an? |the |some|my )?(real |live )?(person|human|body|one|nurse|doctor|staff)/i,
  ],
  ["person", /\b(complain|complaint|unacceptable|front desk|operator|representative|receptionist|manager)\b/i],
  [
    "robot",
    /\b(are you|is this|am i (talking|speaking) to)\b.*\b(robot|machine|computer|recording|person|human|automated)\b/i,
  ],
  ["refill", /\brefill|\bprescription\b|\brenew\b/i],
  ["move", /\bre-?schedul|\b(move|change|push|switch)\b.*\b(appointments?|visit)\b|\bappointment\b.*\bmove it\b/i],
  ["cancel", /\bcancel/i],
  ["hours", /\bhours\b|\b(do|are) you (open|close|closed)\b|\bwhen (do|are|is)\b.*\b(open|close)/i],
  ["address", /\baddress\b|\bwhere (are you|is the clinic)\b|\blocated\b|\bdirections\b/i],
  [
    "book",
    /\bappointments?\b|\b(book|schedule|make)\b.*\b(visit|check-?up|physical)\b|\bsee (a|the|my) (doctor|nurse)\b/i,
  ],
  ["billing", /\b(bill|bills|billing|insurance|invoice|charged?|payment|copay)\b/i],
  [
    "medical",
    /\b(dose|dosage|tablets?|pills?|medicine|medication|side effects?|symptoms?|diagnos\w*|test results?)\b/i,
  ],
  [
    "medical",
    /\b(pain|hurts?|fever|rash|dizzy|bleeding|cough|swollen|infection|pregnant|blood pressure|should i take|is it safe)\b/i,
  ],
  ["goodbye", /\b(good ?)?bye\b|\bthat(’|')?s all\b|\bthat is all\b|\bnothing else\b|\bthanks?\b/i],
];
const FLOWS = ["book", "cancel", "move"];
const FAREWELL = /\bbye\b|\bthat(’|')?s all\b|\bthat is all\b/i;
const startsWith = (words) => new RegExp(`^\\W*(?:(?:um+|uh+|oh|well|hm+|ah)\\W+)*(?:${words})\\b`, "i");
const YES = startsWith(
  "yes|yeah|yep|yup|sure|okay|ok|please do|correct|right|perfect|go ahead|of course|absolutely" +
    "|(?:that|it) (?:works|is fine)|sounds (?:good|fine)",
);
const NO = startsWith(
  "no|nope|nah|not|don'?t|do not|neither|i can'?t|i cannot|something else|another" +
    "|(?:that|it) (?:does not|doesn'?t|will not|won'?t)",
);
const EARLIEST = /\bwhenever\b|\bas soon as possible\b|\b(earliest|soonest)\b|\b(first|next) available\b/i;
const ANY_DAY = new RegExp(`\\bany ?(day|time|one)?\\b|\\b(doesn'?t|does not) matter\\b|${EARLIEST.source}`, "i");

/**
 * What the model says next.
 *
 * @param {object[]} conversation of `{role, text?, name?, args?, result?, ok?}`, the role "caller", "model" or "tool"
 * @param {string} system the system prompt, whose lines "Hours:" and "Address:" are the passage on the clinic
 * @returns {{text?: string, use?: {name: string, args: object}}}
 */
export function answer(conversation, system = "") {
  const state = {
    patient: null, // [PATIENT_n] once identified
    flow: null, // "book", "cancel" or "move"
    wanted: null, // {day, part}; an empty object is any day
    slots: null, // free ones, once looked for
    refused: [], // free ones that the caller or the clinic turned down
    refusals: 0, // of those, how many the caller turned down since the last search
    empty: 0, // searches without a result
    appointments: null, // the patient's, once looked for
    kept: [], // those of them that are not meant
    from: null, // the one to be moved
    agreed: null, // the slot to which the caller said yes
    saying: [], // what was said to the caller since they last spoke, sentence by sentence
    question: null, // what was asked last
    text: "", // the words in which it was
    used: null, // the tool it used last
    unclear: 0, // how often in a row it did not understand
    next: { to: "open" },
  };
  for (const message of conversation) {
    if (message.role === "model") {
      if (message.text) state.saying.push(message.text);
      if (message.name) state.used = message;
      continue;
    }
    recall(state);
    if (message.role === "caller") hear(state, message.text ?? "");
    if (message.role === "tool") learn(state, message);
  }
  return decide(state, system);
}

/** Understands a caller's words in the light of what was asked. */
function hear(state, said) {
  const text = withoutOrders(said);
  const wish = WISHES.find(([, words]) => words.test(text))?.[0] ?? null;
  const wanted = day(text, wish ?? state.flow);
  const yes = YES.test(text);
  const no = NO.test(text);
  const asked = state.question;
  // "no thank you" turns an offer down and ends nothing; "yes book the appointment" is no new wish.
  const onlyAnswers = !wish || wish === state.flow || (wish === "goodbye" && !FAREWELL.test(text));
  if (wish === "repeat") {
    state.next = { to: "repeat" };
    return;
  }
  state.question = null;
  state.agreed = null;
  if (asked?.slot && onlyAnswers && (yes || no || wanted)) {
    state.flow = asked.flow;
    state.next = { to: "flow" };
    if (yes && !no) {
      if (asked.about === "mine" && asked.flow === "move") state.from = asked.slot;
      else state.agreed = asked.slot;
    } else {
      turnDown(state, asked);
      if (wanted && asked.about === "free") look(state, wanted);
    }
  } else if (asked?.about === "day" && onlyAnswers && wanted) {
    state.flow ??= "book";
    look(state, wanted);
    state.next = { to: "flow" };
  } else if (FLOWS.includes(wish)) {
    Object.assign(state, { flow: wish, wanted: null, slots: null, refused: [], refusals: 0, empty: 0 });
    Object.assign(state, { appointments: null, kept: [], from: null });
    if (wanted && wish !== "cancel") look(state, wanted);
    state.next = { to: "flow" };
  } else if (wish) {
    state.next = { to: wish };
  } else if (yes && asked?.about === "else") {
    state.next = { to: "open" };
  } else if (no && !asked?.slot && asked?.about !== "day") {
    state.next = { to: "goodbye" };
  } else {
    state.next = { to: "unclear" };
  }
}

/** The caller does not want this one. The box may report once more what was heard already. */
function turnDown(state, { about, slot }) {
  const those = about === "mine" ? state.kept : state.refused;
  if (!slot || those.includes(slot)) return;
  those.push(slot);
  if (about === "free") state.refusals += 1;
}

/** A caller may tell the model what to do; the model does as its instructions say. */
function withoutOrders(text) {
  const order =
    /\b(ignore|forget|disregard|override)\b.*\b(instructions?|rules|prompts?)\b.*|\byou are now\b.*|\bsystem ?:.*/is;
  return text.replace(order, " ");
}

/** The day or part of a day that is wanted, if any was said. */
function day(text, wish) {
  const days = [];
  for (const found of text.matchAll(/\[DATE_\d+\]/g)) {
    const before = text.slice(0, found.index);
    // A date of birth is no day for an appointment; nor is, when one is moved, the day on which it was.
    const born = /\b(born|birth|birthday)\b[^[]{0,12}$/i.test(before);
    const was = wish === "move" && /\b(from|appointment( i have)?|on)( on| for)? $/i.test(before);
    if (!born && !was) days.push(found[0]);
  }
  const part = /(?<!good )\b(morning|afternoon)s?\b/i.exec(text)?.[1].toLowerCase();
  const wanted = {};
  if (days.length) wanted.day = wish === "move" ? days.at(-1) : days[0];
  if (part) wanted.part = part;
  return days.length || part || ANY_DAY.test(text) ? wanted : null;
}

/** Whatever was found for another day counts no more. */
function look(state, wanted) {
  Object.assign(state, { wanted, slots: null, refusals: 0 });
}

/** Reads what was said to the caller, which says what was asked. */
function recall(state) {
  const text = state.saying.join(" ");
  state.saying = [];
  const question = questionIn(text);
  // Without a question that is known here, the one before still stands: "are you there?" asks nothing new.
  if (!question) return;
  Object.assign(state, { text, question, unclear: text.includes("did not understand") ? state.unclear + 1 : 0 });
}

/** The questions of the model, and those that the box asks in its place. */
function questionIn(text) {
  const slot = text.match(/\[SLOT_\d+\]/g)?.at(-1);
  const aboutSlot = { slot, expect: "yes-no" };
  if (/which (other )?day would suit/i.test(text)) return { about: "day", expect: "day" };
  if (slot && /shall i cancel it/i.test(text)) return { about: "mine", flow: "cancel", ...aboutSlot };
  if (slot && /shall i move it\?/i.test(text)) return { about: "mine", flow: "move", ...aboutSlot };
  if (slot && /shall i move (it to|your appointment)/i.test(text)) return { about: "free", flow: "move", ...aboutSlot };
  if (slot && /shall i book it/i.test(text)) return { about: "free", flow: "book", ...aboutSlot };
  if (/anything else/i.test(text)) return { about: "else", expect: "anything" };
  if (/how can i help/i.test(text)) return { about: "open", expect: "anything" };
  return null;
}

/** Takes a tool's report. Only placeholders in the declared fields count: words in a result instruct nobody. */
function learn(state, { name, result, ok }) {
  const rows = Array.isArray(result) ? result : [];
  const field = (key, label) => {
    const placeholder = new RegExp(`^\\[${label}_\\d+\\]$`);
    return rows.map((row) => row?.[key]).filter((value) => placeholder.test(value));
  };
  if (["expect", "hand_off", "end_call"].includes(name)) {
    state.next = { to: "nothing" };
    return;
  }
  const slots = field("slot", "SLOT");
  const meant = state.used?.args ?? {};
  state.next = { to: "flow" };
  if (ok === false) {
    const code = codeOf(result);
    const takes = name === "book" || name === "reschedule";
    state.agreed = null;
    if (code === "declined") {
      // The box asked, in the model's place, and the caller said no.
      turnDown(state, { about: takes ? "free" : "mine", slot: meant.slot });
    } else if (takes && code === "conflict" && meant.slot) {
      state.refused.push(meant.slot);
      state.next.before = "I am sorry, that one has just been taken. ";
    } else {
      state.next = { to: "failed" };
    }
  } else if (name === "identify") {
    state.patient = field("patient", "PATIENT")[0] ?? null;
    if (!state.patient) state.next = { to: "failed" };
  } else if (name === "find_slots") {
    Object.assign(state, { slots, refusals: 0, empty: slots.length ? 0 : state.empty + 1 });
  } else if (name === "find_appointments") {
    state.appointments = slots;
  } else if (name === "book") {
    done(state, `Your appointment is booked for ${slots[0] ?? meant.slot}.`);
  } else if (name === "reschedule") {
    done(state, `Your appointment is moved to ${slots[0] ?? meant.slot}.`);
  } else if (name === "cancel") {
    done(state, "It is cancelled.");
  } else if (name === "refill") {
    done(state, "Your request is with the staff.");
  } else if (name === "take_message") {
    done(state, "Your message is with the staff.");
  } else {
    state.next = { to: "unclear" };
  }
}

function done(state, text) {
  Object.assign(state, { flow: null, agreed: null, next: { to: "say", text } });
}

/** The word for why a tool failed, bare or in an error. */
function codeOf(result) {
  const code = result?.error?.code ?? result?.error ?? result?.code ?? result;
  return typeof code === "string" ? code : "";
}

const use = (name, args = {}, text) => ({ ...(text ? { text } : {}), use: { name, args } });
const ask = (text) => use("expect", { answer: questionIn(text)?.expect ?? "anything" }, text);
const handOff = (reason, text = PERSON) => use("hand_off", { reason }, text);

function decide(state, system) {
  switch (state.next.to) {
    case "flow":
      return step(state, state.next.before ?? "");
    case "say":
      return ask(`${state.next.text} ${ELSE}`);
    case "nothing":
      return {};
    case "failed":
      return handOff("unsure", FAILED);
    case "open":
      return ask("How can I help you?");
    case "repeat":
      return state.text ? ask(state.text) : ask("How can I help you?");
    case "never-mind":
      return ask(`All right. ${ELSE}`);
    case "robot":
      return ask("I am the automated assistant of the clinic. How can I help you?");
    case "hours":
    case "address":
      return passage(system, state.next.to);
    case "refill":
      return use("refill");
    case "message":
      return use("take_message");
    case "person":
      return handOff("asked");
    case "billing":
      return handOff("billing");
    case "medical":
      return handOff("medical", `I cannot give medical advice. ${PERSON}`);
    case "goodbye":
    case "wrong-number":
      return use("end_call", {}, GOODBYE);
    default:
      return state.unclear ? handOff("unsure", `I am sorry, I did not understand. ${PERSON}`) : ask(UNCLEAR);
  }
}

/** The lines of the system prompt that begin with "Hours:" or "Address:". */
function passage(system, which) {
  const lines = system.split("\n").map((line) => line.trim());
  const those = lines.filter((line) => line.toLowerCase().startsWith(`${which}:`));
  const told = those.map((line) => line.slice(which.length + 1).trim());
  if (!told.length) return handOff("unsure", `I am sorry, I do not have that here. ${PERSON}`);
  return ask(`${told.map((line) => (/[.!?]$/.test(line) ? line : `${line}.`)).join(" ")} ${ELSE}`);
}

/** The next step towards what the caller wants done with an appointment. */
function step(state, before) {
  const { patient, flow, agreed } = state;
  if (!patient) return use("identify");
  if (flow === "cancel" && agreed) return use("cancel", { patient, slot: agreed });
  if (flow === "cancel" || (flow === "move" && !state.from)) {
    if (!state.appointments) return use("find_appointments", { patient });
    const mine = state.appointments.find((slot) => !state.kept.includes(slot));
    if (mine) return ask(`You ${state.kept.length ? "also " : ""}have ${mine}. Shall I ${flow} it?`);
    const why = state.kept.length ? "All right, nothing is changed." : "I do not see an appointment for you.";
    return ask(`${why} ${ELSE}`);
  }
  if (flow === "book" && agreed) return use("book", { patient, slot: agreed });
  if (flow === "move" && agreed) return use("reschedule", { patient, from: state.from, slot: agreed });
  if (flow !== "book" && flow !== "move") return ask("How can I help you?");
  if (!state.wanted) return ask("Which day would suit you?");
  if (!state.slots) return use("find_slots", state.wanted);
  if (state.empty >= 2) return handOff("unsure", `I am sorry, I find nothing that is free. ${PERSON}`);
  if (!state.slots.length) return ask("Nothing is free then. Which other day would suit you?");
  const free = state.slots.find((slot) => !state.refused.includes(slot));
  if (!free || state.refusals >= 2) return ask(`${before}Which other day would suit you?`);
  return ask(
    `${before}The next one is ${free}. Shall I ${flow === "book" ? "book it" : "move your appointment to it"}?`,
  );
}
