import { keccak256, toUtf8Bytes } from "ethers";
import { recordTypes } from "../../../backend/src/records/types/record-types.ts";
import type { Draft } from "../../dataset/drafts.ts";
import { randomOf } from "../../dataset/random.ts";
import { recordsOf, twoYearsTo } from "../../dataset/stories.ts";
import { enterpriseOf } from "../../dataset/subjects.ts";
import { department, MeasuredLedger, openChain, type Pair } from "./ledger.ts";
import type { Row } from "./systems.ts";

const YEAR = 2025;
const LARGEST_BATCH = 512;
const WEEK_MS = 7 * 86_400_000;

interface WeeklyBatch {
  code: string;
  kind: number;
  entries: Pair[];
}

/**
 * A year of a small town's departments, as the dataset generator invents it: each department anchors each kind once a
 * week. Stream keys are hashes instead of VRF outputs, which is as evenly spread and quicker.
 */
export async function measureYear(enterprises: number, prefixBits: number): Promise<Row> {
  const measured = await MeasuredLedger.deploy(await openChain(), prefixBits);
  const registered = new Set<string>();
  const batches = weeklyBatches(enterprises);
  let gas = 0;
  for (const { code, kind, entries } of batches) {
    if (!registered.has(code)) await measured.register(code);
    registered.add(code);
    gas += await measured.anchor(code, kind, YEAR, entries);
  }
  const records = batches.reduce((sum, { entries }) => sum + entries.length, 0);
  return {
    system: `quanlian, a year of ${records} records, ${prefixBits}-bit prefix`,
    batch: Math.round(records / batches.length),
    slots: null,
    gasPerRecord: Math.round(gas / records),
  };
}

function weeklyBatches(enterprises: number): WeeklyBatch[] {
  const batches = new Map<string, WeeklyBatch>();
  for (const draft of draftsOfTheYear(enterprises)) {
    const kind = recordTypes.get(draft.type)!.kind;
    const code = department(draft.department.uscc);
    const week = Math.floor(Date.parse(draft.cells["eventTime"]!.slice(0, 10)) / WEEK_MS);
    const name = (part: number) => [week, code, kind, part].join();
    let part = 0;
    while ((batches.get(name(part))?.entries.length ?? 0) >= LARGEST_BATCH) ++part;
    const batch = batches.get(name(part)) ?? { code, kind, entries: [] };
    batch.entries.push(pairOf(draft, kind));
    batches.set(name(part), batch);
  }
  return [...batches].sort(([a], [b]) => a.localeCompare(b, "en")).map(([, batch]) => batch);
}

function* draftsOfTheYear(enterprises: number): Iterable<Draft> {
  const serials = new Map<string, number>();
  const serial = (series: string) => {
    const next = (serials.get(series) ?? 0) + 1;
    serials.set(series, next);
    return next;
  };
  for (let i = 0; i < enterprises; ++i) {
    const desk = { random: randomOf("gas", "records", i), serial };
    for (const draft of recordsOf(desk, enterpriseOf("gas", i), twoYearsTo(`${YEAR}-12-31`))) {
      if (draft.cells["eventTime"]!.startsWith(`${YEAR}`)) yield draft;
    }
  }
}

function pairOf({ type, cells }: Draft, kind: number): Pair {
  const subject = cells["uscc"] ?? cells["certificateNumber"] ?? cells["subjectName"]!;
  return {
    streamKey: keccak256(toUtf8Bytes(`stream ${subject} ${kind} ${YEAR}`)),
    recordHash: keccak256(toUtf8Bytes(`record ${type} ${subject} ${cells["number"]!}`)),
  };
}
