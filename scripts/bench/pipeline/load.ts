// The load client: records of mixed kinds, by line or one a request, over connections that stay open.
import { once } from "node:events";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { deskOf, rowTypes, submissionsOf } from "../../dataset/rows.ts";
import { randomOf } from "../../dataset/random.ts";
import { enterpriseOf } from "../../dataset/subjects.ts";

const CONNECTIONS = 128;
/** Of the form by line: as many requests at a time, each of so many lines, written so many at a time. */
const STREAMS = 4;
const LINES = 2_048;
const LINES_A_WRITE = 64;
/** Durations of answers that are kept. */
const KEPT = 100_000;
/** Every fifth record opens a stream; the others follow in one of those that are open. */
const RECORDS_PER_STREAM = 5;
const PERIOD = { from: "2026-01-05", until: "2026-10-30" };

/** Bodies of `POST /api/v1/records`, one after the other, without end. */
export function* bodies(seed: string): Generator<string> {
  const desk = deskOf(seed);
  const random = randomOf(seed, "streams");
  const makers = rowTypes.map(submissionsOf);
  for (let i = 0; ; i++) {
    const newest = Math.floor(i / RECORDS_PER_STREAM);
    const stream = i % RECORDS_PER_STREAM === 0 ? newest : random.int(0, newest);
    const make = makers[stream % makers.length]!;
    yield JSON.stringify(make(desk, enterpriseOf(seed, Math.floor(stream / makers.length)), PERIOD));
  }
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface Outcome {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  /** From a request to the end of its answer; of lines there is none. */
  readonly latencyMs: Latency;
  /** Answers other than 202, by status, with one example each. */
  readonly refusals: Readonly<Record<number, string>>;
}

/** Sends so many bodies to `POST /api/v1/records/lines`, not faster than `rate` a second. Every line is answered. */
export async function sendLines(
  url: string,
  authorization: string,
  source: Iterator<string>,
  records: number,
  rate = Infinity,
): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: STREAMS });
  const refusals: Record<number, string> = {};
  const began = performance.now();
  let [sent, accepted] = [0, 0];
  const stream = async () => {
    while (sent < records) {
      const lines = Math.min(LINES, records - sent);
      const headers = { authorization, "content-type": "application/x-ndjson" };
      const asked = request(url, { agent, method: "POST", headers });
      const answered = count(asked, refusals);
      for (let written = 0; written < lines && sent < records; written += LINES_A_WRITE) {
        const some = Math.min(LINES_A_WRITE, records - sent);
        const wait = began + (sent / rate) * 1000 - performance.now();
        sent += some;
        if (wait > 0) await sleep(wait);
        const text = Array.from({ length: some }, () => `${source.next().value as string}\n`).join("");
        if (!asked.write(text)) await once(asked, "drain");
      }
      asked.end();
      const named = await answered;
      accepted += named;
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, stream));
  agent.destroy();
  const seconds = (performance.now() - began) / 1000;
  return { accepted, refused: records - accepted, seconds, latencyMs: latencyOf([]), refusals };
}

/** @returns how many lines of the answer name a record */
async function count(asked: ClientRequest, refusals: Record<number, string>): Promise<number> {
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let accepted = 0;
  for await (const line of createInterface(response)) {
    if (line.includes('"recordHash":')) accepted++;
    else refusals[response.statusCode!] ??= line;
  }
  return accepted;
}

/** Asks a path again and again, at `rate` a second. */
export async function read(urls: readonly string[], authorization: string, requests: number, rate: number) {
  return load((agent, i) => ask(agent, "GET", urls[i % urls.length]!, authorization), requests, rate);
}

/** Sends so many bodies to a path, not faster than `rate` a second. */
export async function send(
  url: string,
  authorization: string,
  source: Iterator<string>,
  records: number,
  rate = Infinity,
): Promise<Outcome> {
  return load((agent) => ask(agent, "POST", url, authorization, source.next().value as string), records, rate);
}

type Ask = () => Promise<{ status: number; text: string }>;

/** @param prepare makes the request of this number, which is asked again while the service is busy */
async function load(prepare: (agent: Agent, i: number) => Ask, requests: number, rate: number): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const refusals: Record<number, string> = {};
  const took: number[] = [];
  const began = performance.now();
  let [sent, accepted] = [0, 0];
  const worker = async () => {
    while (sent < requests) {
      const wait = began + (sent / rate) * 1000 - performance.now();
      const request = prepare(agent, sent++);
      if (wait > 0) await sleep(wait);
      const start = performance.now();
      let answer = await request();
      while (answer.status === 429 || answer.status === 503) {
        await sleep(50);
        answer = await request();
      }
      if (took.length < KEPT) took.push(performance.now() - start);
      if (answer.status === 202 || answer.status === 200) accepted++;
      else refusals[answer.status] ??= answer.text;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
  const seconds = (performance.now() - began) / 1000;
  return { accepted, refused: requests - accepted, seconds, latencyMs: latencyOf(took), refusals };
}

/** The middle one, and the one that 99 of a hundred do not exceed. */
export function latencyOf(took: number[]): Latency {
  took.sort((a, b) => a - b);
  const at = (share: number) => Number((took[Math.floor(took.length * share)] ?? 0).toFixed(1));
  return { p50: at(0.5), p99: at(0.99) };
}

function ask(agent: Agent, method: "GET" | "POST", url: string, authorization: string, body = ""): Ask {
  const content = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const headers = { authorization, ...(method === "POST" && content) };
  return () =>
    new Promise((resolve, reject) => {
      const asked = request(url, { agent, method, headers }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode!, text }));
      });
      asked.on("error", reject).end(body);
    });
}
