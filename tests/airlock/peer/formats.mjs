// The four ways in which providers are asked and answer: what is read from a request, and what their streams look like.

const GEMINI = /^\/v1beta\/models\/([^/:]+):(streamGenerateContent|generateContent)$/;
const PATHS = { "/v1/chat/completions": "chat", "/v1/responses": "responses", "/v1/messages": "anthropic" };

/** The tokens that every good answer reports: of the input, how many were cached, and the output. */
export const USAGE = { input: 1200, cached: 1024, output: 37 };

/**
 * Reads a request of any of the four formats.
 *
 * @returns {null | {format: string, model: string, stream: boolean, system: string, conversation: object[]}} null where
 * the path is none of theirs
 * @throws where the body is not of the path's format
 */
export function readAsk(method, url, body) {
  if (method !== "POST") return null;
  const { pathname, searchParams } = new URL(url, "http://peer");
  const gemini = GEMINI.exec(pathname);
  const format = gemini ? "gemini" : PATHS[pathname];
  if (!format) return null;
  const asked = JSON.parse(body.toString("utf8"));
  if (gemini) {
    const stream = gemini[2] === "streamGenerateContent";
    // Without this the provider answers with one JSON array, which the mock does not do: better noticed at once.
    if (stream && searchParams.get("alt") !== "sse") throw new Error("alt=sse is missing");
    return { format, model: decodeURIComponent(gemini[1]), stream, ...readGemini(asked) };
  }
  const read = { chat: readChat, responses: readResponses, anthropic: readAnthropic }[format];
  return { format, model: String(asked.model ?? ""), stream: asked.stream === true, ...read(asked) };
}

/** Gathers a conversation; a tool's result finds the tool's name by the id of its call. */
class Reading {
  system = [];
  conversation = [];
  #calls = new Map();

  instruct(text) {
    if (text) this.system.push(text);
  }

  caller(text) {
    if (text) this.conversation.push({ role: "caller", text });
  }

  model(text, calls = []) {
    if (text) this.conversation.push({ role: "model", text });
    for (const { id, name, args } of calls) {
      this.#calls.set(id, name);
      this.conversation.push({ role: "model", name, args: parsed(args) ?? {} });
    }
  }

  tool(id, content, failed = false, name = this.#calls.get(id)) {
    this.conversation.push({ role: "tool", name, ...readResult(content, failed) });
  }

  end() {
    return { system: this.system.join("\n"), conversation: this.conversation };
  }
}

function parsed(value) {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

/** A result is a list of rows, bare or under a key; a failure says so by a flag, an error, or the format's own mark. */
function readResult(content, failed) {
  const value = parsed(content) ?? content;
  const ok = !failed && value?.ok !== false && value?.error === undefined;
  if (!ok || Array.isArray(value)) return { result: value, ok };
  for (const key of ["items", "result", "output", "content"]) {
    if (value?.[key] !== undefined) return readResult(value[key], false);
  }
  return { result: value, ok };
}

/** The text of a message that is a string or a list of parts. */
function textOf(content) {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => part?.text ?? "").join("");
}

function readChat(asked) {
  const reading = new Reading();
  for (const message of asked.messages ?? []) {
    const text = textOf(message.content);
    if (message.role === "system" || message.role === "developer") reading.instruct(text);
    if (message.role === "user") reading.caller(text);
    if (message.role === "tool") reading.tool(message.tool_call_id, text);
    if (message.role === "assistant") {
      const calls = message.tool_calls ?? [];
      reading.model(
        text,
        calls.map((call) => ({ id: call.id, name: call.function?.name, args: call.function?.arguments })),
      );
    }
  }
  return reading.end();
}

function readResponses(asked) {
  const reading = new Reading();
  reading.instruct(asked.instructions);
  const items = typeof asked.input === "string" ? [{ role: "user", content: asked.input }] : (asked.input ?? []);
  for (const item of items) {
    const text = textOf(item.content);
    if (item.role === "system" || item.role === "developer") reading.instruct(text);
    if (item.role === "user") reading.caller(text);
    if (item.role === "assistant") reading.model(text);
    if (item.type === "function_call") reading.model("", [{ id: item.call_id, name: item.name, args: item.arguments }]);
    if (item.type === "function_call_output") reading.tool(item.call_id, textOf(item.output) || item.output);
  }
  return reading.end();
}

function readAnthropic(asked) {
  const reading = new Reading();
  reading.instruct(textOf(asked.system));
  for (const { role, content } of asked.messages ?? []) {
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
    for (const block of blocks) {
      if (block.type === "text" && role === "user") reading.caller(block.text);
      if (block.type === "text" && role === "assistant") reading.model(block.text);
      if (block.type === "tool_use") reading.model("", [{ id: block.id, name: block.name, args: block.input }]);
      if (block.type === "tool_result") reading.tool(block.tool_use_id, textOf(block.content), block.is_error === true);
    }
  }
  return reading.end();
}

function readGemini(asked) {
  const reading = new Reading();
  reading.instruct(textOf((asked.systemInstruction ?? asked.system_instruction)?.parts));
  for (const { role, parts } of asked.contents ?? []) {
    for (const part of parts ?? []) {
      const { functionCall: call, functionResponse: report } = part;
      if (call) reading.model("", [{ id: call.id ?? call.name, name: call.name, args: call.args }]);
      else if (report) reading.tool(report.id, report.response, false, report.name);
      else if (part.text && !part.thought && role === "model") reading.model(part.text);
      else if (part.text && !part.thought) reading.caller(part.text);
    }
  }
  return reading.end();
}

/** One event of a stream, as bytes and, where it is JSON, as data. */
export function event(name, data) {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return { name, data, raw: Buffer.from(`${name ? `event: ${name}\n` : ""}data: ${text}\n\n`) };
}

/** An event as its format frames it: two of the four name it. */
export function framed(format, data) {
  return event(format === "responses" || format === "anthropic" ? data.type : "", data);
}

/** Takes a stream of bytes apart into events. What is left when the stream breaks comes as it is. */
export async function* events(bytes) {
  let rest = Buffer.alloc(0);
  let broken = null;
  try {
    for await (const some of bytes) {
      rest = Buffer.concat([rest, some]);
      for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
        yield readEvent(rest.subarray(0, end + 2));
        rest = rest.subarray(end + 2);
      }
    }
  } catch (error) {
    broken = error;
  }
  if (rest.length) yield { name: "", data: null, raw: rest };
  if (broken) throw broken;
}

function readEvent(raw) {
  const lines = raw.toString("utf8").split("\n");
  const value = (key) => lines.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
  return { name: value("event") ?? "", data: parsed(value("data") ?? "") ?? value("data"), raw };
}

/** The text that an event adds to the answer, if it does. */
export function textIn(format, { data }) {
  switch (format) {
    case "chat":
      return data?.choices?.[0]?.delta?.content || null;
    case "responses":
      return data?.type === "response.output_text.delta" ? data.delta : null;
    case "anthropic":
      return data?.delta?.type === "text_delta" ? data.delta.text : null;
    default:
      return data?.candidates?.[0]?.content?.parts?.[0]?.text || null;
  }
}

/** The same event with other text. */
export function withText(format, { data }, text) {
  const copy = structuredClone(data);
  if (format === "chat") copy.choices[0].delta.content = text;
  if (format === "responses") copy.delta = text;
  if (format === "anthropic") copy.delta.text = text;
  if (format === "gemini") copy.candidates[0].content.parts[0].text = text;
  return framed(format, copy);
}

/** Whether an event belongs to the end of an answer, without which nobody may take it for whole. */
export function isEnd(format, { name, data }) {
  switch (format) {
    case "chat":
      return data === "[DONE]" || Boolean(data?.choices?.[0]?.finish_reason) || Boolean(data?.usage);
    case "responses":
      return name === "response.completed";
    case "anthropic":
      return name === "message_delta" || name === "message_stop";
    default:
      return Boolean(data?.candidates?.[0]?.finishReason);
  }
}

/** The usage that a fixture of the mock takes; it knows no cached tokens, which `complete` adds. */
export function usage(format) {
  const { input, cached, output } = USAGE;
  switch (format) {
    case "chat":
      return { prompt_tokens: input, completion_tokens: output };
    case "responses":
      return { input_tokens: input, output_tokens: output };
    case "anthropic":
      // This format counts the cached tokens apart from the others.
      return { input_tokens: input - cached, output_tokens: output };
    default:
      return { promptTokenCount: input, candidatesTokenCount: output };
  }
}

/** Adds to an event, or to a whole answer, what the mock leaves out: cached tokens, and the numbers of events. */
export function complete(format, data, number) {
  if (data === null || typeof data !== "object") return false;
  const { cached } = USAGE;
  if (format === "chat" && data.usage) {
    data.usage.prompt_tokens_details = { cached_tokens: cached };
    return true;
  }
  if (format === "responses") {
    const counted = (data.response ?? data).usage;
    if (counted) {
      counted.input_tokens_details = { cached_tokens: cached };
      counted.output_tokens_details = { reasoning_tokens: 0 };
    }
    if (data.type?.startsWith("response.")) data.sequence_number = number;
    return true;
  }
  const counted = format === "anthropic" ? (data.message ?? data).usage : null;
  if (counted && !data.delta) {
    Object.assign(counted, { cache_creation_input_tokens: 0, cache_read_input_tokens: cached });
    // At the start of a stream hardly anything is put out yet; the figure at its end replaces this one.
    if (data.message) counted.output_tokens = 1;
    return true;
  }
  if (format === "gemini" && data.usageMetadata) {
    data.usageMetadata.cachedContentTokenCount = cached;
    return true;
  }
  return false;
}

/** The words for a status in each format's errors: the kind, and OpenAI's code. */
const KINDS = {
  401: {
    chat: ["invalid_request_error", "invalid_api_key"],
    anthropic: ["authentication_error"],
    gemini: ["UNAUTHENTICATED"],
  },
  404: { chat: ["invalid_request_error", "model_not_found"], anthropic: ["not_found_error"], gemini: ["NOT_FOUND"] },
  429: { chat: ["requests", "rate_limit_exceeded"], anthropic: ["rate_limit_error"], gemini: ["RESOURCE_EXHAUSTED"] },
  500: { chat: ["server_error"], anthropic: ["api_error"], gemini: ["INTERNAL"] },
  503: { chat: ["server_error", "overloaded"], anthropic: ["overloaded_error"], gemini: ["UNAVAILABLE"] },
  529: { chat: ["server_error", "overloaded"], anthropic: ["overloaded_error"], gemini: ["UNAVAILABLE"] },
};

/** An answer of the mock that is an error. */
export function failure(format, status, message) {
  const [type, code] = KINDS[status][format === "responses" ? "chat" : format];
  return { status, error: { message, type, ...(code ? { code } : {}) } };
}

/** An error in the midst of a stream whose status was good. */
export function failureEvent(format, message) {
  switch (format) {
    case "chat":
      return event("", { error: { message, type: "server_error", param: null, code: "overloaded" } });
    case "responses":
      return event("error", { type: "error", code: "server_error", message, param: null });
    case "anthropic":
      return event("error", { type: "error", error: { type: "overloaded_error", message } });
    default:
      return event("", { error: { code: 503, message, status: "UNAVAILABLE" } });
  }
}
