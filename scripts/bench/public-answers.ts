// Whether time tells the public more than answers do: npm run bench -- public-answers [--requests 4000] [--json]
// Asks without a token, in random order, for records that are not there, that are there and not published, and that are
// a natural person's, and compares how long each kind takes.
import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { deskOf, submissionsOf } from "../dataset/rows.ts";
import { enterpriseOf } from "../dataset/subjects.ts";
import { DemoTokens } from "../identity/demo-clients.ts";
import { withThrowAwayPlatform } from "../launcher/throw-away.ts";

const PERIOD = { from: "2026-01-05", until: "2026-10-30" };
const WARM_UP = 200;
const RECORDS = 20;

interface Row {
  readonly asked: string;
  readonly requests: number;
  /** Milliseconds. */
  readonly median: number;
  readonly p95: number;
  /** Chance that a request of this kind takes longer than one for what is not there; 0.5: time tells nothing. */
  readonly longer: number;
}

export async function run(args: string[]): Promise<void> {
  const options = { requests: { type: "string", default: "4000" }, json: { type: "boolean", default: false } } as const;
  const { values } = parseArgs({ args, options });
  process.env["RATE_PUBLIC"] = "0";
  const rows = await withThrowAwayPlatform(console.error, ({ url, folder }) =>
    measure(url, folder, Number(values.requests)),
  );
  if (values.json) console.log(JSON.stringify(rows));
  else console.table(rows);
}

async function measure(url: string, folder: string, requests: number): Promise<Row[]> {
  const [desk, penaltyOf] = [deskOf("public answers"), submissionsOf("enforcement.penalty/1")];
  const submit = async (changes: object) => {
    const { fields, department, type } = penaltyOf(desk, enterpriseOf("public answers", 0), PERIOD);
    const authorization = `Bearer ${await new DemoTokens(folder).ofDepartment(department)}`;
    const body = JSON.stringify({ type, department, fields: { ...fields, ...changes } });
    const headers = { authorization, "content-type": "application/json" };
    const answer = await fetch(`${url}/api/v1/records`, { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`refused: ${await answer.text()}`);
    return ((await answer.json()) as { id: string }).id;
  };
  const kinds: Record<string, string[]> = { "not there": [], "not published": [], "a person's": [] };
  for (let i = 0; i < RECORDS; i++) {
    kinds["not there"]!.push(randomUUID());
    kinds["not published"]!.push(await submit({ 处罚类别: "警告" }));
    kinds["a person's"]!.push(await submit(PERSON));
  }
  const times = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
  for (let i = -WARM_UP; i < requests; i++) {
    const names = Object.keys(kinds);
    const kind = names[Math.floor(Math.random() * names.length)]!;
    const path = `/api/v1/records/${kinds[kind]![Math.floor(Math.random() * RECORDS)]}`;
    const began = process.hrtime.bigint();
    const answer = await fetch(`${url}${path}`);
    await answer.text();
    if (answer.status !== 404) throw new Error(`${kind} answered ${answer.status}`);
    if (i >= 0) times.get(kind)!.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  return [...times].map(([asked, list]) => rowOf(asked, list, times.get("not there")!));
}

function rowOf(asked: string, list: number[], reference: readonly number[]): Row {
  const sorted = list.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)]! * 1000) / 1000;
  return { asked, requests: list.length, median: at(0.5), p95: at(0.95), longer: chanceLonger(list, reference) };
}

/** Mann–Whitney: the share of pairs in which the first takes longer. */
function chanceLonger(list: readonly number[], reference: readonly number[]): number {
  const sorted = reference.toSorted((a, b) => a - b);
  const below = (value: number) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const wins = list.reduce((sum, value) => sum + below(value), 0);
  return Math.round((wins / (list.length * sorted.length)) * 1000) / 1000;
}

const PERSON = {
  行政相对人名称: "欧阳示例",
  行政相对人类别: "自然人",
  "行政相对人代码_1（统一社会信用代码）": "",
  法定代表人: "",
  证件类型: "身份证",
  证件号码: "11010519491231002X",
};
