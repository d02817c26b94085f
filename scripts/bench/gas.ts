// npm run bench -- gas [--json] [--snapshot]
// What a record costs in gas, beside EAS 1.4, a slot for each record, and a bare Merkle root: one node, one compiler, the
// same settings. --snapshot writes test/contracts/gas-snapshot.json, which `npm run generate` does and CI compares.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureCompared, measureLedger, measureOperations, TRANSACTION_CAP, type Row } from "./gas/systems.ts";
import { measureYear } from "./gas/year.ts";

const SNAPSHOT = join(import.meta.dirname, "../../test/contracts/gas-snapshot.json");
const CEILING = 560;
const SIZES = [1, 10, 100, 512, CEILING];
const ENTERPRISES_OF_A_TOWN = 1_000;

interface Goal {
  batch: number;
  slots: Row["slots"];
  gasPerRecord: number;
}

const GOALS: readonly Goal[] = [
  { batch: 1, slots: "new", gasPerRecord: 125_000 },
  { batch: 1, slots: "existing", gasPerRecord: 125_000 },
  { batch: 512, slots: "new", gasPerRecord: 24_400 },
  { batch: 512, slots: "existing", gasPerRecord: 7_300 },
];

/** Why a record cannot cost less: the parts that no code can save, at batch 512. */
const FLOOR = `
Floor of a record        existing      new
  read its head, cold       2,100    2,100
  write its head            2,900   20,000
  64 bytes of calldata      1,024    1,024
  hash head, leaf, node       126      126
                            6,150   23,250
The rest at batch 512 is 190 for the batch itself (21,000 for the transaction, two new slots, sequence, signature, event)
and about 850 for loops, memory and bounds checks. A head for each bucket is what makes history complete; a bare root saves it
and proves none.`;

interface Report {
  rows: Row[];
  /** Gas of what happens seldom, by name. */
  operations: Record<string, number>;
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: "boolean" }, snapshot: { type: "boolean" } },
  });
  const own: Report = { rows: await measureLedger(SIZES), operations: await measureOperations() };
  if (values.snapshot) return writeFile(SNAPSHOT, `${JSON.stringify(own, null, 2)}\n`);
  const years = [await measureYear(ENTERPRISES_OF_A_TOWN, 16), await measureYear(ENTERPRISES_OF_A_TOWN, 8)];
  const report = { ...own, rows: [...own.rows, ...years, ...(await measureCompared(SIZES))] };
  console.log(values.json ? JSON.stringify(report, null, 2) : table(report));
}

function table({ rows, operations }: Report): string {
  const width = Math.max(...rows.map(({ system }) => system.length));
  const lines = rows.map((row) => {
    const { system, batch, slots, gasPerRecord } = row;
    const cells = [system.padEnd(width), `${batch}`.padStart(5), (slots ?? "").padEnd(8), number(gasPerRecord)];
    return `${cells.join("  ")}  ${remark(row)}`.trimEnd();
  });
  const others = Object.entries(operations).map(([name, gas]) => `${name.padEnd(width + 17)}${number(gas)}`);
  const heading = `${"system".padEnd(width)}  batch  slots     gas/record`;
  return [heading, ...lines, "", `${"operation".padEnd(width + 20)}    gas`, ...others, FLOOR].join("\n");
}

function remark({ system, batch, slots, gasPerRecord }: Row): string {
  if (batch * gasPerRecord > TRANSACTION_CAP) return "above 2^24 gas: not one transaction on networks with Osaka";
  const goal = GOALS.find((g) => system === "quanlian" && g.batch === batch && g.slots === slots);
  if (!goal) return "";
  return `goal ≤ ${goal.gasPerRecord.toLocaleString("en")}: ${gasPerRecord <= goal.gasPerRecord ? "met" : "missed"}`;
}

const number = (gas: number) => gas.toLocaleString("en").padStart(10);
