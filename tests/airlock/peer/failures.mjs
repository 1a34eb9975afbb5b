// What each model does. Its id in the request chooses; the mock does what it can itself, the rest is done to its stream.
//
// A plan is one of
//   { aim, profile?, change? }  the mock's answer, its pace or break, and what is done to its stream on the way
//   { reply }                   an answer that the mock is not asked for

import { setTimeout as wait } from "node:timers/promises";

import { event, failure, failureEvent, framed, isEnd, textIn, usage, withText } from "./formats.mjs";
import { answer } from "./receptionist.mjs";

/** Yielded by a change: the socket is to be destroyed here. */
export const CUT = { cut: true };

const CHUNK = 12;
const TWO_SENTENCES =
  "I can help you with that. Before we begin there is one more thing that I would like to know of you.";
const FIRST = TWO_SENTENCES.indexOf(".") + 1;
const BOOKING = { name: "book", args: { patient: "[PATIENT_1]", slot: "[SLOT_1]" } };
// What precedes the first text or the first argument in the mock's streams.
const BEFORE_TEXT = { chat: 1, responses: 4, anthropic: 2, gemini: 0 };
const BEFORE_ARGUMENTS = { chat: 2, responses: 3, anthropic: 2 };

// The mock breaks a stream in the same tick in which it writes the last chunk, which therefore never leaves: one more.
const cutText = (before) => before + Math.ceil((FIRST + 2 * CHUNK) / CHUNK) + 1;

/** How the mock sends: options of its fixtures. A real stream comes in many small pieces, hence the pace. */
export const PROFILES = {
  even: { chunkSize: CHUNK, streamingProfile: { ttft: 5, tps: 250 } },
  late: { chunkSize: CHUNK, streamingProfile: { ttft: 5000, tps: 250 } },
  stalls: {
    chunkSize: CHUNK,
    recordedTimings: { ttftMs: 0, interChunkDelaysMs: [60_000, ...Array(500).fill(1)], totalDurationMs: 60_500 },
  },
};
for (const [format, before] of Object.entries(BEFORE_TEXT)) {
  PROFILES[`cut-text-${format}`] = { ...PROFILES.even, truncateAfterChunks: cutText(before) };
}
for (const [format, before] of Object.entries(BEFORE_ARGUMENTS)) {
  PROFILES[`cut-tool-${format}`] = { ...PROFILES.even, truncateAfterChunks: before + 3 };
}

/** An answer as the mock's fixtures have it. */
function aim({ format }, { text, use, uses = use ? [use] : [] }, more = {}) {
  const toolCalls = uses.map(({ name, args, raw }) => ({ name, arguments: raw ?? JSON.stringify(args) }));
  return {
    ...(text || !uses.length ? { content: text ?? "" } : {}),
    ...(uses.length ? { toolCalls } : {}),
    usage: usage(format),
    // The mock ends a tool's use with a word that this provider does not have.
    ...(uses.length && format === "gemini" ? { finishReason: "STOP" } : {}),
    ...more,
  };
}

const behaves = (ask) => aim(ask, answer(ask.conversation, ask.system));
const says = (text) => (ask) => ({ aim: aim(ask, { text }) });
const uses =
  (...several) =>
  (ask) => ({ aim: aim(ask, { uses: several }) });
const fails =
  (status, message, more = {}) =>
  (ask) => ({ aim: { ...failure(ask.format, status, message), ...more } });
const changes = (change) => (ask) => ({ aim: aim(ask, { text: TWO_SENTENCES }), change });

/** By model id. */
export const MODELS = {
  "receptionist-1": (ask) => ({ aim: behaves(ask) }),

  // The stream.
  "slow-first-token": (ask) => ({ aim: behaves(ask), profile: "late" }),
  stalls: (ask) => {
    // The first chunk of this format is text already: it gets an empty one.
    const blocks = [
      { type: "text", text: "" },
      { type: "text", text: TWO_SENTENCES },
    ];
    return {
      aim: ask.format === "gemini" ? { blocks, usage: usage(ask.format) } : aim(ask, { text: TWO_SENTENCES }),
      profile: "stalls",
    };
  },
  "dies-mid-stream": (ask) => ({ aim: aim(ask, { text: TWO_SENTENCES }), profile: `cut-text-${ask.format}` }),
  "dies-in-tool": (ask) => ({
    aim: aim(ask, { use: BOOKING }),
    ...(ask.format === "gemini" ? { change: cutsArguments } : { profile: `cut-tool-${ask.format}` }),
  }),
  "no-terminal": changes(dropsEnd),
  "overloaded-mid-stream": changes(breaksOff),
  "malformed-sse": changes(malforms),
  "invalid-utf8": changes(spoils),
  "unknown-events": (ask) => ({ aim: behaves(ask), change: strews }),
  endless: changes(neverEnds),

  // Statuses.
  "rate-limited": fails(429, "Too many requests.", { retryAfter: 2 }),
  overloaded: (ask) => fails(ask.format === "anthropic" ? 529 : 503, "Too busy.")(ask),
  "status-500": fails(500, "It broke."),
  unauthorised: fails(401, "This key is not known."),
  redirects: () => ({ reply: redirects }),
  "two-hundred-not-sse": () => ({ reply: notAStream }),

  // Answers.
  refuses: (ask) => ({
    aim: aim(
      ask,
      { text: ask.format === "anthropic" ? "" : "I cannot help with that." },
      ask.format === "anthropic" ? { finishReason: "refusal" } : {},
    ),
    change: REFUSALS[ask.format],
  }),
  "refuses-midway": (ask) => ({
    aim: aim(ask, { text: TWO_SENTENCES }, { finishReason: ask.format === "anthropic" ? "refusal" : "content_filter" }),
    change: ask.format === "responses" ? incomplete("content_filter") : undefined,
  }),
  "runs-out": (ask) => ({
    aim: aim(ask, { text: TWO_SENTENCES.slice(0, FIRST + 20) }, { finishReason: "length" }),
    change: ask.format === "responses" ? incomplete("max_output_tokens") : undefined,
  }),
  "bad-arguments": uses({ name: "book", args: { slot: 7, colour: "blue" } }),
  "half-json-arguments": (ask) => {
    // Two formats of the mock take only whole JSON; their streams are halved on the way.
    const whole = ask.format === "anthropic" || ask.format === "gemini";
    const use = { ...BOOKING, raw: whole ? undefined : JSON.stringify(BOOKING.args).slice(0, -8) };
    return { aim: aim(ask, { use }), change: HALVES[ask.format] };
  },
  "unknown-tool": uses({ name: "delete_patient", args: { patient: "[PATIENT_1]" } }),
  "two-tools-at-once": uses(BOOKING, BOOKING),
  "wants-write-twice": (ask) => ({ aim: aim(ask, againIfBooked(ask) ?? answer(ask.conversation, ask.system)) }),
  "invents-placeholder": says("I see that you are [NAME_9]. How can I help you?"),
  "writes-identifier": says("The number that I have is 5 1 2 5 5 5 0 1 4 3 for Mary Lopez."),
  echoes: (ask) => says(ask.conversation.findLast(({ role }) => role === "caller")?.text ?? "Nothing was said.")(ask),
  "claims-booked": says("Your appointment is booked."),
  "medical-advice": says("You should take two tablets of ibuprofen three times a day."),
};

/** The same booking once more, right after the first was reported as done. */
function againIfBooked({ conversation }) {
  const last = conversation.at(-1);
  if (last?.role !== "tool" || last.name !== "book" || !last.ok) return null;
  const turn = conversation.slice(conversation.findLastIndex(({ role }) => role === "caller") + 1);
  const books = turn.filter(({ role, name }) => role === "model" && name === "book");
  return books.length === 1 ? { use: { name: "book", args: books[0].args } } : null;
}

// What is done to a stream: each takes the events of the mock and yields those that leave.

async function* cutsArguments(stream) {
  for await (const one of stream) {
    const at = one.raw.indexOf("[PATIENT");
    yield at < 0 ? one : { ...one, raw: one.raw.subarray(0, at + 4) };
    if (at >= 0) yield CUT;
  }
}

async function* dropsEnd(stream, { format }) {
  for await (const one of stream) {
    if (!isEnd(format, one)) yield one;
    else if (format === "gemini") {
      // This format's last text bears the end as well.
      const { finishReason: _, ...candidate } = one.data.candidates[0];
      yield event("", { candidates: [candidate] });
    }
  }
}

async function* breaksOff(stream, { format }) {
  let texts = 0;
  for await (const one of stream) {
    yield one;
    if (textIn(format, one) && ++texts === 3) {
      yield failureEvent(format, "Too busy to go on.");
      return;
    }
  }
}

async function* malforms(stream, { format }) {
  let texts = 0;
  for await (const one of stream) {
    if (textIn(format, one) && ++texts === 2) {
      yield event(one.name, JSON.stringify(one.data).slice(0, 25));
    } else {
      yield one;
    }
  }
}

async function* spoils(stream, { format }) {
  let texts = 0;
  for await (const one of stream) {
    const text = textIn(format, one);
    if (text && ++texts === 2) {
      const { raw } = withText(format, one, `${text}<HERE>`);
      const at = raw.indexOf("<HERE>");
      yield { ...one, raw: Buffer.concat([raw.subarray(0, at), Buffer.from([0xff, 0xfe]), raw.subarray(at + 6)]) };
    } else {
      yield one;
    }
  }
}

async function* strews(stream, { format }) {
  let n = 0;
  for await (const one of stream) {
    if (n++ === 1) {
      yield { name: "", data: null, raw: Buffer.from(": nothing to see\n\nretry: 3000\nid: 7\n\n") };
      if (format === "anthropic") yield framed(format, { type: "ping" });
      yield event("weather", { type: "weather", choices: [], candidates: [], sky: { colour: "blue", clouds: [1, 2] } });
    }
    if (one.data?.type || one.data?.choices || one.data?.candidates)
      yield event(one.name, { ...one.data, novelty: { of: n } });
    else yield one;
  }
}

async function* neverEnds(stream, { format }) {
  for await (const one of stream) {
    yield one;
    if (!textIn(format, one)) continue;
    for (let n = 1; ; n += 1) {
      await wait(10);
      yield withText(format, one, n % 8 ? "and so on " : "and on. ");
    }
  }
}

const REFUSALS = {
  async *chat(stream) {
    for await (const one of stream) {
      const text = textIn("chat", one);
      if (!text) {
        yield one;
        continue;
      }
      const data = structuredClone(one.data);
      data.choices[0].delta = { refusal: text };
      yield framed("chat", data);
    }
  },
  async *responses(stream) {
    const part = ({ text }) => ({ type: "refusal", refusal: text });
    for await (const one of stream) {
      const data = structuredClone(one.data);
      if (data.type === "response.output_text.delta") data.type = "response.refusal.delta";
      if (data.type === "response.output_text.done") {
        data.type = "response.refusal.done";
        data.refusal = data.text;
        delete data.text;
      }
      if (data.part?.type === "output_text") data.part = part(data.part);
      for (const item of [data.item, ...(data.response?.output ?? [])]) {
        if (item?.content) item.content = item.content.map(part);
      }
      yield framed("responses", data);
    }
  },
  // The mock does this one itself: an empty answer that ends for this reason.
  anthropic: undefined,
  async *gemini(stream) {
    for await (const one of stream) {
      // The prompt itself is refused: there is no candidate at all.
      if (isEnd("gemini", one))
        yield event("", {
          promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
          usageMetadata: one.data.usageMetadata,
        });
    }
  },
};

/** The mock completes every answer of this format; the provider says otherwise of one that was cut short. */
function incomplete(reason) {
  return async function* (stream) {
    for await (const one of stream) {
      if (one.name !== "response.completed") {
        yield one;
        continue;
      }
      const response = { ...one.data.response, status: "incomplete", incomplete_details: { reason } };
      yield framed("responses", { ...one.data, type: "response.incomplete", response });
    }
  };
}

const HALVES = {
  async *anthropic(stream) {
    let slices = 0;
    for await (const one of stream) {
      if (one.data?.delta?.type !== "input_json_delta" || ++slices <= 2) yield one;
    }
  },
  async *gemini(stream) {
    for await (const one of stream) {
      // Arguments are no text in this format: the provider itself reports that the model's were none.
      const { usageMetadata } = one.data;
      yield event("", {
        candidates: [{ content: {}, finishReason: "MALFORMED_FUNCTION_CALL", index: 0 }],
        usageMetadata,
      });
    }
  },
};

function redirects(request, response) {
  // Another host by name, yet this same server: who follows is found in the journal.
  const { port } = request.socket.address();
  response.writeHead(302, { location: `http://localhost:${port}/redirected${request.url}` });
  response.end();
}

function notAStream(_, response) {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end("<!doctype html><title>Sign in</title><p>Sign in to this network to go on.</p>\n");
}
