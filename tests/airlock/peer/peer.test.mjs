// Starts the peer as the box's tests do, asks it in each format, and looks at what comes and at what it has written down.

import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import test, { after, before } from "node:test";

import { MODELS } from "./failures.mjs";

const FORMATS = ["chat", "responses", "anthropic", "gemini"];
const SYSTEM = "You answer the telephone.\nHours: We are open Monday to Friday.";
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "peer-"));
const journal = path.join(folder, "journal.jsonl");
const sent = [];
let child;
let base;

function start(...options) {
  const peer = new URL("./peer.mjs", import.meta.url).pathname;
  return spawn(process.execPath, [peer, ...options], { stdio: ["pipe", "pipe", "inherit"] });
}

async function portOf(started) {
  const [line] = await once(createInterface(started.stdout), "line");
  return JSON.parse(line).port;
}

before(async () => {
  child = start("--journal", journal);
  base = `http://127.0.0.1:${await portOf(child)}`;
});

after(async () => {
  child.stdin.end();
  await once(child, "exit");
  fs.rmSync(folder, { recursive: true });
});

/** A conversation in a format's own words; each turn is a caller's text, or a tool that was used with its result. */
const WRITE = {
  chat: (model, turns) => ({
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: "system", content: SYSTEM },
      ...turns.flatMap((turn, n) =>
        typeof turn === "string"
          ? [{ role: "user", content: turn }]
          : [
              {
                role: "assistant",
                content: null,
                tool_calls: [
                  {
                    id: `c${n}`,
                    type: "function",
                    function: { name: turn.name, arguments: JSON.stringify(turn.args) },
                  },
                ],
              },
              { role: "tool", tool_call_id: `c${n}`, content: JSON.stringify(turn.result) },
            ],
      ),
    ],
  }),
  responses: (model, turns) => ({
    model,
    stream: true,
    instructions: SYSTEM,
    input: turns.flatMap((turn, n) =>
      typeof turn === "string"
        ? [{ role: "user", content: [{ type: "input_text", text: turn }] }]
        : [
            { type: "function_call", call_id: `c${n}`, name: turn.name, arguments: JSON.stringify(turn.args) },
            { type: "function_call_output", call_id: `c${n}`, output: JSON.stringify({ items: turn.result }) },
          ],
    ),
  }),
  anthropic: (model, turns) => ({
    model,
    stream: true,
    max_tokens: 300,
    system: [{ type: "text", text: SYSTEM }],
    messages: turns.flatMap((turn, n) =>
      typeof turn === "string"
        ? [{ role: "user", content: turn }]
        : [
            { role: "assistant", content: [{ type: "tool_use", id: `c${n}`, name: turn.name, input: turn.args }] },
            {
              role: "user",
              content: [{ type: "tool_result", tool_use_id: `c${n}`, content: JSON.stringify(turn.result) }],
            },
          ],
    ),
  }),
  gemini: (_, turns) => ({
    systemInstruction: { parts: [{ text: SYSTEM }] },
    contents: turns.flatMap((turn) =>
      typeof turn === "string"
        ? [{ role: "user", parts: [{ text: turn }] }]
        : [
            { role: "model", parts: [{ functionCall: { name: turn.name, args: turn.args } }] },
            {
              role: "user",
              parts: [{ functionResponse: { name: turn.name, response: { ok: true, items: turn.result } } }],
            },
          ],
    ),
  }),
};

function pathOf(format, model) {
  const paths = { chat: "/v1/chat/completions", responses: "/v1/responses", anthropic: "/v1/messages" };
  return paths[format] ?? `/v1beta/models/${model}:streamGenerateContent?alt=sse`;
}

/** Asks and reads until the end, a break, or for so long. */
async function ask(format, model, turns, longest = 4000) {
  const url = pathOf(format, model);
  // Spaces that no serialiser would write: the journal is to hold the very bytes.
  const body = Buffer.from(`${JSON.stringify(WRITE[format](model, turns), null, 1)} \n`);
  sent.push({ url, body });
  const began = performance.now();
  const limit = AbortSignal.timeout(longest);
  const response = await fetch(base + url, {
    method: "POST",
    body,
    headers: { "x-asked-by": "a test" },
    redirect: "manual",
    signal: limit,
  });
  const parts = [];
  let how = "whole";
  let first = null;
  try {
    for await (const part of response.body ?? []) {
      first ??= performance.now() - began;
      parts.push(part);
    }
  } catch {
    how = limit.aborted ? "left" : "broken";
  }
  const raw = Buffer.concat(parts);
  return {
    status: response.status,
    headers: response.headers,
    how,
    first,
    raw,
    ...understand(format, raw.toString("utf8")),
  };
}

/** A plain reader of streams: what a client makes of the bytes. */
function understand(format, bytes) {
  const got = { text: "", refusal: "", args: "", name: null, end: null, usage: null, events: [], bad: 0 };
  for (const block of bytes.split("\n\n")) {
    const line = block
      .split("\n")
      .find((one) => one.startsWith("data: "))
      ?.slice(6);
    if (!line || line === "[DONE]") continue;
    let data;
    try {
      data = JSON.parse(line);
    } catch {
      got.bad += 1;
      continue;
    }
    got.events.push(data);
    if (format === "chat") {
      const { delta, finish_reason: end } = data.choices?.[0] ?? {};
      got.text += delta?.content ?? "";
      got.refusal += delta?.refusal ?? "";
      got.end ??= end ?? null;
      for (const { function: call } of delta?.tool_calls ?? []) {
        got.name ??= call.name;
        got.args += call.arguments;
      }
      got.usage ??= data.usage && [
        data.usage.prompt_tokens,
        data.usage.prompt_tokens_details.cached_tokens,
        data.usage.completion_tokens,
      ];
    } else if (format === "responses") {
      if (data.type === "response.output_text.delta") got.text += data.delta;
      if (data.type === "response.refusal.delta") got.refusal += data.delta;
      if (data.type === "response.function_call_arguments.delta") got.args += data.delta;
      got.name ??= data.item?.name ?? null;
      if (["response.completed", "response.incomplete"].includes(data.type)) {
        const { usage } = data.response;
        got.end = data.response.incomplete_details?.reason ?? data.response.status;
        got.usage = [usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens];
      }
    } else if (format === "anthropic") {
      got.text += data.delta?.text ?? "";
      got.args += data.delta?.partial_json ?? "";
      got.name ??= data.content_block?.name ?? null;
      got.end = data.delta?.stop_reason ?? got.end;
      const { usage } = data.message ?? {};
      if (usage) got.usage = [usage.input_tokens + usage.cache_read_input_tokens, usage.cache_read_input_tokens, 0];
      if (data.usage) got.usage[2] = data.usage.output_tokens;
    } else {
      const candidate = data.candidates?.[0];
      for (const { text, functionCall } of candidate?.content?.parts ?? []) {
        got.text += text ?? "";
        got.name ??= functionCall?.name ?? null;
        got.args += functionCall ? JSON.stringify(functionCall.args) : "";
      }
      got.end ??= data.promptFeedback?.blockReason ?? candidate?.finishReason ?? null;
      const { usageMetadata: usage } = data;
      if (usage) got.usage = [usage.promptTokenCount, usage.cachedContentTokenCount, usage.candidatesTokenCount];
    }
  }
  return got;
}

const ENDS = { chat: "stop", responses: "completed", anthropic: "end_turn", gemini: "STOP" };
const TOOL_ENDS = { ...ENDS, chat: "tool_calls", anthropic: "tool_use" };
const FIRST = "I can help you with that.";
const IDENTIFIED = [
  "i would like to book an appointment on [DATE_1]",
  { name: "identify", args: {}, result: [{ patient: "[PATIENT_1]", name: "[NAME_1]" }] },
];
const FOUND = [...IDENTIFIED, { name: "find_slots", args: { day: "[DATE_1]" }, result: [{ slot: "[SLOT_1]" }] }];
const BOOKED = [
  ...FOUND,
  {
    name: "book",
    args: { patient: "[PATIENT_1]", slot: "[SLOT_1]" },
    result: [{ slot: "[SLOT_1]", confirmation: "[ID_1]" }],
  },
];

for (const format of FORMATS) {
  const hours = (model, longest) => ask(format, model, ["what are your hours"], longest);

  test(`${format}: text, a tool, and a tool's result`, async () => {
    const text = await hours("receptionist-1");
    assert.equal(text.status, 200);
    assert.match(text.headers.get("content-type"), /^text\/event-stream/);
    assert.equal(text.text, "We are open Monday to Friday. Is there anything else I can help you with?");
    assert.deepEqual([text.name, JSON.parse(text.args)], ["expect", { answer: "anything" }]);
    assert.equal(text.end, TOOL_ENDS[format]);
    assert.deepEqual(text.usage, [1200, 1024, 37]);
    assert.ok(text.events.length > 4, "it comes in pieces");
    const tool = await ask(format, "receptionist-1", IDENTIFIED);
    assert.deepEqual(
      [tool.name, JSON.parse(tool.args), tool.text, tool.end],
      ["find_slots", { day: "[DATE_1]" }, "", TOOL_ENDS[format]],
    );
    assert.deepEqual(tool.usage, [1200, 1024, 37]);
    const asked = await ask(format, "receptionist-1", FOUND);
    assert.equal(asked.text, "The next one is [SLOT_1]. Shall I book it?");
    const booked = await ask(format, "receptionist-1", BOOKED);
    assert.match(booked.text, /^Your appointment is booked for \[SLOT_1\]\./);
  });

  test(`${format}: streams that break or end wrongly`, async () => {
    const dies = await hours("dies-mid-stream");
    assert.equal(dies.how, "broken");
    assert.ok(dies.text.startsWith(`${FIRST} `) && dies.text.length < 70, dies.text);
    const tool = await hours("dies-in-tool");
    assert.equal(tool.how, "broken");
    assert.match(tool.raw.toString(), /book/);
    assert.throws(() => JSON.parse(tool.args));
    const open = await hours("no-terminal");
    assert.deepEqual([open.how, open.end, open.usage?.[2] || null], ["whole", null, null]);
    assert.match(open.text, /of you\.$/);
    assert.doesNotMatch(open.raw.toString(), /DONE|message_stop|response\.completed/);
    const endless = await hours("endless", 600);
    assert.equal(endless.how, "left");
    assert.ok(endless.text.length > 100);
  });

  test(`${format}: streams with something in them`, async () => {
    const busy = await hours("overloaded-mid-stream");
    assert.deepEqual([busy.how, busy.end, busy.text.length], ["whole", null, 36]);
    assert.match(busy.raw.toString(), /Too busy to go on/);
    const malformed = await hours("malformed-sse");
    assert.deepEqual([malformed.how, malformed.bad, malformed.end], ["whole", 1, ENDS[format]]);
    const spoiled = await hours("invalid-utf8");
    assert.ok(spoiled.raw.includes(Buffer.from([0xff, 0xfe])));
    assert.throws(() => new TextDecoder("utf-8", { fatal: true }).decode(spoiled.raw));
    const strewn = await hours("unknown-events");
    assert.match(strewn.raw.toString(), /^: nothing to see$/m);
    assert.match(strewn.text, /^We are open Monday to Friday\. /);
    assert.deepEqual([strewn.name, strewn.end], ["expect", TOOL_ENDS[format]]);
  });

  test(`${format}: statuses`, async () => {
    const limited = await hours("rate-limited");
    assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "2"]);
    assert.equal((await hours("overloaded")).status, format === "anthropic" ? 529 : 503);
    assert.equal((await hours("status-500")).status, 500);
    assert.equal((await hours("unauthorised")).status, 401);
    assert.equal((await hours("no-such-model")).status, 404);
    const { error, type } = JSON.parse(limited.raw);
    assert.equal(error.message, "Too many requests.");
    if (format === "anthropic") assert.deepEqual([type, error.type], ["error", "rate_limit_error"]);
    if (format === "gemini") assert.deepEqual([error.code, error.status], [429, "RESOURCE_EXHAUSTED"]);
    const away = await hours("redirects");
    assert.equal(away.status, 302);
    assert.match(away.headers.get("location"), /^http:\/\/localhost:\d+\/redirected\/v1/);
    const page = await hours("two-hundred-not-sse");
    assert.deepEqual([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  });

  test(`${format}: answers that are not to be taken`, async () => {
    const refused = await hours("refuses");
    const refusals = {
      chat: ["", "I cannot help with that.", "stop"],
      responses: ["", "I cannot help with that.", "completed"],
      anthropic: ["", "", "refusal"],
      gemini: ["", "", "PROHIBITED_CONTENT"],
    };
    assert.deepEqual([refused.text, refused.refusal, refused.end], refusals[format]);
    assert.equal(refused.usage[0], 1200);
    const midway = await hours("refuses-midway");
    const reasons = { chat: "content_filter", responses: "content_filter", anthropic: "refusal", gemini: "SAFETY" };
    assert.deepEqual([midway.end, midway.text.startsWith(FIRST)], [reasons[format], true]);
    const short = await hours("runs-out");
    const lengths = { chat: "length", responses: "max_output_tokens", anthropic: "max_tokens", gemini: "MAX_TOKENS" };
    assert.deepEqual([short.end, short.text], [lengths[format], `${FIRST} Before we begin the`]);
    const bad = await hours("bad-arguments");
    assert.deepEqual([bad.name, JSON.parse(bad.args)], ["book", { slot: 7, colour: "blue" }]);
    const half = await hours("half-json-arguments");
    assert.equal(half.how, "whole");
    assert.throws(() => JSON.parse(half.args));
    assert.deepEqual(
      [half.name, half.end],
      format === "gemini" ? [null, "MALFORMED_FUNCTION_CALL"] : ["book", TOOL_ENDS[format]],
    );
    assert.equal((await hours("unknown-tool")).name, "delete_patient");
    const both = await hours("two-tools-at-once");
    assert.equal(both.args, '{"patient":"[PATIENT_1]","slot":"[SLOT_1]"}'.repeat(2));
    assert.match((await hours("invents-placeholder")).text, /\[NAME_9\]/);
    assert.match((await hours("writes-identifier")).text, /5 1 2 5 5 5 0 1 4 3/);
    assert.equal((await hours("echoes")).text, "what are your hours");
    assert.equal((await hours("claims-booked")).text, "Your appointment is booked.");
    assert.match((await hours("medical-advice")).text, /tablets/);
    const again = await ask(format, "wants-write-twice", BOOKED);
    assert.deepEqual([again.name, JSON.parse(again.args)], ["book", { patient: "[PATIENT_1]", slot: "[SLOT_1]" }]);
    assert.match(
      (await ask(format, "wants-write-twice", [...BOOKED, BOOKED.at(-1)])).text,
      /^Your appointment is booked/,
    );
  });
}

test("late and stalled, in every format at once", async () => {
  const waits = async (format) => {
    const words = ["what are your hours"];
    const [late, stalled] = await Promise.all([
      ask(format, "slow-first-token", words, 9000),
      ask(format, "stalls", words, 1500),
    ]);
    assert.ok(late.first > 4500, `${format}: ${late.first} ms`);
    assert.match(late.text, /^We are open/);
    assert.deepEqual([stalled.status, stalled.how, stalled.text, stalled.events.length], [200, "left", "", 1]);
    assert.ok(stalled.first < 1000, `${format}: ${stalled.first} ms`);
  };
  await Promise.all(FORMATS.map(waits));
});

test("every model was asked in every format", () => {
  for (const model of Object.keys(MODELS)) {
    const times = sent.filter(({ url, body }) => url.includes(`/${model}:`) || body.includes(`"model": "${model}"`));
    assert.ok(times.length >= FORMATS.length, model);
  }
});

test("the journal holds the very bytes of every request", () => {
  const lines = fs
    .readFileSync(journal, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, sent.length);
  assert.deepEqual(
    lines.map(({ n }) => n),
    sent.map((_, n) => n + 1),
  );
  const key = (url, body) => `${url} ${body}`;
  const written = lines.map((line) => key(line.path, line.body_base64)).sort();
  assert.deepEqual(written, sent.map(({ url, body }) => key(url, body.toString("base64"))).sort());
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), ["n", "method", "path", "headers", "body_base64", "t_ms"]);
    assert.deepEqual([line.method, line.headers["x-asked-by"]], ["POST", "a test"]);
  }
});

test("what is no request of a model is written down too and refused", async () => {
  const post = (body) => ({ method: "POST", body });
  for (const [url, init, status] of [
    ["/", {}, 404],
    ["/redirected/v1/messages", post("{}"), 404],
    ["/v1/messages", post("{"), 400],
    ["/v1/messages", post("null"), 400],
    ["/v1/messages", post('{"messages":7}'), 400],
    ["/v1beta/models/receptionist-1:streamGenerateContent", post("{}"), 400],
  ]) {
    assert.equal((await fetch(base + url, init)).status, status, `${url} ${init.body}`);
  }
  assert.equal(fs.readFileSync(journal, "utf8").trimEnd().split("\n").length, sent.length + 6);
});

test("an answer that is not streamed is whole JSON", async () => {
  const body = JSON.stringify({ ...WRITE.anthropic("receptionist-1", ["what are your hours"]), stream: false });
  const reply = await (await fetch(`${base}/v1/messages`, { method: "POST", body })).json();
  assert.match(reply.content[0].text, /^We are open/);
  assert.equal(reply.usage.cache_read_input_tokens, 1024);
});

test("it ends with its input, and on SIGTERM", async () => {
  for (const end of [(peer) => peer.stdin.end(), (peer) => peer.kill("SIGTERM")]) {
    const peer = start();
    await portOf(peer);
    end(peer);
    const [code] = await once(peer, "exit");
    assert.equal(code, 0);
  }
});
