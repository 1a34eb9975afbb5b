// Plays the cloud models that the airlock asks. See README.md.

import fs from "node:fs";
import http from "node:http";
import { once } from "node:events";
import { parseArgs } from "node:util";

import { LLMock } from "@copilotkit/aimock";

import { CUT, MODELS, PROFILES } from "./failures.mjs";
import { complete, events, failure, framed, readAsk } from "./formats.mjs";

const HOST = "127.0.0.1";
const LONGEST = 16 << 20;

const { values } = parseArgs({ options: { port: { type: "string", default: "0" }, journal: { type: "string" } } });

/** Every request, before it is answered: what was sent is on the disk even where the answer breaks this process. */
class Journal {
  #file;
  #n = 0;

  constructor(path) {
    this.#file = path ? fs.openSync(path, "a") : null;
  }

  add(request, body, whole) {
    if (this.#file === null) return;
    const { method, url, headers } = request;
    const entry = { n: ++this.#n, method, path: url, headers, body_base64: body.toString("base64"), t_ms: Date.now() };
    fs.writeSync(this.#file, `${JSON.stringify(whole ? entry : { ...entry, broken_off: true })}\n`);
  }
}

/** The mock, which finds the plan of a request by a header that only this server sends it. */
async function startMock(plans) {
  const mock = new LLMock({ host: HOST, port: 0, logLevel: "silent", journalMaxEntries: 1 });
  const planOf = (request) => plans.get(request._context);
  for (const [profile, options] of Object.entries(PROFILES)) {
    mock.on(
      { predicate: (request) => (planOf(request)?.profile ?? "even") === profile },
      (request) => planOf(request).aim,
      options,
    );
  }
  await mock.start();
  return mock;
}

async function bodyOf(request) {
  const parts = [];
  let length = 0;
  try {
    for await (const part of request) {
      parts.push(part);
      length += part.length;
      if (length > LONGEST) return { body: Buffer.concat(parts), whole: false };
    }
  } catch {
    return { body: Buffer.concat(parts), whole: false };
  }
  return { body: Buffer.concat(parts), whole: true };
}

/** Waits until the bytes have left, so that what is written before a break arrives. */
function write(response, bytes) {
  return new Promise((resolve, reject) => response.write(bytes, (error) => (error ? reject(error) : resolve())));
}

function askMock(mock, request, body, key, signal) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length, "x-aimock-context": key };
    const options = { host: HOST, port: mock.port, path: request.url, method: "POST", headers, agent: false, signal };
    http.request(options, resolve).on("error", reject).end(body);
  });
}

/** The mock's events with what it leaves out of them. */
async function* completed(stream, { format }) {
  let number = 0;
  for await (const one of stream) {
    yield complete(format, one.data, number++) ? framed(format, one.data) : one;
  }
}

async function answer({ mock, plans }, request, response, body) {
  let ask;
  try {
    ask = readAsk(request.method, request.url, body);
  } catch (error) {
    return refuse(response, 400, error.message);
  }
  if (!ask) return refuse(response, 404, "Nothing is here.");
  const known = Object.hasOwn(MODELS, ask.model);
  const plan = known ? MODELS[ask.model](ask) : { aim: failure(ask.format, 404, "There is no such model.") };
  if (plan.reply) return plan.reply(request, response);
  const key = String(plans.next++);
  plans.set(key, plan);
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    await relay(await askMock(mock, request, body, key, gone.signal), response, ask, plan);
  } catch (error) {
    if (!gone.signal.aborted && !isBreak(error)) throw error;
    response.destroy();
  } finally {
    plans.delete(key);
    gone.abort();
  }
}

function refuse(response, status, message) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify({ error: { message } })}\n`);
}

const isBreak = (error) => ["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR"].includes(error.code);

async function relay(reply, response, ask, plan) {
  const { connection: _, "transfer-encoding": __, "content-length": ___, ...headers } = reply.headers;
  const streams = headers["content-type"]?.startsWith("text/event-stream");
  if (!streams) {
    const parts = await reply.toArray();
    const data = JSON.parse(Buffer.concat(parts).toString("utf8"));
    complete(ask.format, data, 0);
    response.writeHead(reply.statusCode, headers);
    response.end(JSON.stringify(data));
    return;
  }
  response.writeHead(reply.statusCode, headers);
  response.flushHeaders();
  const stream = completed(events(reply), ask);
  for await (const one of plan.change?.(stream, ask) ?? stream) {
    if (one === CUT) {
      response.destroy();
      return;
    }
    await write(response, one.raw);
  }
  response.end();
}

const journal = new Journal(values.journal);
const plans = Object.assign(new Map(), { next: 1 });
const mock = await startMock(plans);
const server = http.createServer(async (request, response) => {
  const { body, whole } = await bodyOf(request);
  journal.add(request, body, whole);
  if (!whole) {
    response.destroy();
    return;
  }
  try {
    await answer({ mock, plans }, request, response, body);
  } catch (error) {
    // A fault of this program, not one that a model plays: it must not look like one of those.
    console.error(error);
    process.exit(1);
  }
});
// A client may take an idle connection up again at any time within a test and must not meet one that is being closed.
server.keepAliveTimeout = 600_000;
// Whoever started this has gone, perhaps without a word: nothing is left behind.
process.on("SIGTERM", () => process.exit(0));
process.stdin
  .on("end", () => process.exit(0))
  .on("close", () => process.exit(0))
  .on("error", () => process.exit(0))
  .resume();

server.listen(Number(values.port), HOST);
await once(server, "listening");
console.log(JSON.stringify({ port: server.address().port }));
