// What papers that prove their own finality cost to verify and to carry, in processor time: npm run bench -- finality [--json]
import { arch, cpus, loadavg, platform } from "node:os";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { buildCertificate, verify } from "@quanlian/proof";
import { verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { ENTERPRISE, MUNICIPAL, World } from "../../proof/testing/world.ts";
import { nodeEs256 } from "../../proof/cli/node-es256.ts";
import { besuTrust, header, network } from "../../test/finality/besu.ts";
import { SealedWorld } from "../vectors/sealed-world.ts";

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "bytes";
}

const ROUNDS = 60;

/** Milliseconds of processor time a round; the first tenth warms up. */
async function cost(work: (round: number) => unknown): Promise<number> {
  for (let i = 0; i < ROUNDS / 10; i++) await work(i);
  const before = process.cpuUsage();
  for (let i = 0; i < ROUNDS; i++) await work(i);
  const { user, system } = process.cpuUsage(before);
  return Number(((user + system) / 1000 / ROUNDS).toFixed(2));
}

const size = (value: unknown) => JSON.stringify(value).length;
const packed = (value: unknown) => gzipSync(JSON.stringify(value)).length;

async function measure(): Promise<Row[]> {
  const world = new World("bench finality", { prefixBits: 8 });
  const municipal = world.addDepartment(MUNICIPAL, [4]);
  const records = Array.from({ length: 64 }, () => world.issue(municipal));
  world.anchor(records, 4);
  const sealed = new SealedWorld(world, "bench");
  const trust = { ...world.trust, chains: [sealed.trusted] };
  const options = { trust, now: world.now, suites: [nodeEs256] };
  const check = async (document: unknown) => {
    const { verdict, steps } = await verify(JSON.stringify(document), options);
    if (verdict !== "valid") throw new Error(JSON.stringify(steps.filter(({ outcome }) => outcome !== "passed")));
  };
  const receipt = sealed.receipt(records[0]!);
  const streams = [{ kind: 4 as const, year: 2026, streamKey: sealed.streamKey(ENTERPRISE, 4, 2026) }];
  const finality = sealed.partProof(1, streams, []);
  const period = { from: "2026-01-01", to: "2026-09-20" };
  const draft = {
    purpose: "history" as const,
    subject: ENTERPRISE,
    kinds: [4 as const],
    scope: null,
    period,
    issuedAt: 0,
  };
  const source = { ...world.source([]), blockHash: sealed.block(1).hash, finality };
  const certificate = await buildCertificate(draft, [source]);
  const known: Parameters<typeof verifyQbftHeader>[2] = new Map();
  return [
    {
      what: "Besu header, 4 seals, validators' keys unknown",
      value: await cost(() => verifyQbftHeader(header(1), besuTrust)),
      unit: "ms",
    },
    {
      what: "Besu header, 4 seals, keys known",
      value: await cost((i) => verifyQbftHeader(header(i % 3), besuTrust, known)),
      unit: "ms",
    },
    { what: "receipt with its proof, offline, whole verify", value: await cost(() => check(receipt)), unit: "ms" },
    {
      what: "certificate with its proof, 1 bucket of 64 pairs, offline, whole verify",
      value: await cost(() => check(certificate)),
      unit: "ms",
    },
    { what: "Besu header", value: network.rawHeaders[1]!.length / 2 - 1, unit: "bytes" },
    { what: "finality of a receipt (a block of one transaction), JSON", value: size(receipt.finality), unit: "bytes" },
    { what: "the same, gzip", value: packed(receipt.finality), unit: "bytes" },
    { what: "finality of a certificate's part, JSON", value: size(finality), unit: "bytes" },
  ];
}

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: "boolean" } } });
  const rows = await measure();
  const load = loadavg()[0]!.toFixed(1);
  const machine = `${cpus()[0]?.model ?? arch()}, ${cpus().length} cores, ${platform()}, Node ${process.versions.node}, load ${load}`;
  if (values.json) return console.log(JSON.stringify({ machine, date: new Date().toISOString(), rows }, null, 2));
  console.log(`${machine}\n`);
  console.log("| what | |\n|---|---|");
  for (const { what, value, unit } of rows) console.log(`| ${what} | ${value.toLocaleString("en")} ${unit} |`);
}
