// The load client: records of mixed kinds, one a request, over connections that stay open.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { makers, rowDepartments, deskOf } from "../../dataset/rows.ts";
import { demoDepartments } from "../../dataset/departments.ts";
import { layoutOf, rowOf } from "../../dataset/layouts.ts";
import { randomOf } from "../../dataset/random.ts";
import { enterpriseOf } from "../../dataset/subjects.ts";

const CONNECTIONS = 128;
/** Every fifth record opens a stream; the others follow in one of those that are open. */
const RECORDS_PER_STREAM = 5;
const PERIOD = { from: "2026-01-05", until: "2026-10-30" };
const TYPES = Object.keys(makers);

/** Bodies of `POST /api/v1/records`, one after the other, without end. */
export function* bodies(seed: string): Generator<string> {
  const desk = deskOf(seed);
  const random = randomOf(seed, "streams");
  const layouts = TYPES.map((type) => layoutOf(type, rowDepartments[type] ?? demoDepartments.haidianMarket, "ndjson"));
  for (let i = 0; ; i++) {
    const newest = Math.floor(i / RECORDS_PER_STREAM);
    const stream = i % RECORDS_PER_STREAM === 0 ? newest : random.int(0, newest);
    const layout = layouts[stream % TYPES.length]!;
    const type = TYPES[stream % TYPES.length]!;
    const draft = makers[type]!(desk, enterpriseOf(seed, Math.floor(stream / TYPES.length)), PERIOD);
    const cells = rowOf(layout, draft, desk.random);
    const filled = layout.columns.map(({ name }, c) => [name, cells[c]] as const).filter(([, cell]) => cell !== "");
    yield JSON.stringify({ type, department: layout.department.uscc, fields: Object.fromEntries(filled) });
  }
}

export interface Outcome {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  /** From a request to its answer. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** Answers other than 202, by status, with one example each. */
  readonly refusals: Readonly<Record<number, string>>;
}

/** Sends so many bodies to a path, not faster than `rate` a second. */
export async function send(
  url: string,
  authorization: string,
  source: Iterator<string>,
  records: number,
  rate = Infinity,
): Promise<Outcome> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const refusals: Record<number, string> = {};
  const began = performance.now();
  const took: number[] = [];
  let [sent, accepted] = [0, 0];
  const worker = async () => {
    while (sent < records) {
      const wait = began + (sent / rate) * 1000 - performance.now();
      sent++;
      if (wait > 0) await sleep(wait);
      const body = source.next().value as string;
      const asked = performance.now();
      let answer = await post(agent, url, authorization, body);
      while (answer.status === 429 || answer.status === 503) {
        await sleep(50);
        answer = await post(agent, url, authorization, body);
      }
      took.push(performance.now() - asked);
      if (answer.status === 202 || answer.status === 200) accepted++;
      else refusals[answer.status] ??= answer.text;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  agent.destroy();
  const seconds = (performance.now() - began) / 1000;
  return { accepted, refused: records - accepted, seconds, latencyMs: percentiles(took), refusals };
}

/** The middle one, and the one that 99 of a hundred do not exceed. */
export function percentiles(values: readonly number[]): { readonly p50: number; readonly p99: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Number(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!.toFixed(2));
  return { p50: at(0.5), p99: at(0.99) };
}

function post(
  agent: Agent,
  url: string,
  authorization: string,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const asked = request(url, { agent, method: "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode!, text }));
    });
    asked.on("error", reject).end(body);
  });
}
