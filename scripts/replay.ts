// npm run replay -- --rpc URL --ledger 0x… [--from-block N] [--json]
// Rebuilds from calldata and events alone, as a stranger with an archive node can: every batch, every bucket's ordered
// pairs and head, every supersession, every key's life; then compares it with what the contracts answer.
import { parseArgs } from "node:util";
import type { Hex } from "@quanlian/proof";
import { JsonRpcProvider, ZeroAddress, type Provider } from "ethers";
import { AuditLedger__factory, DepartmentRegistry__factory } from "../backend/src/chain/contracts/index.ts";
import { fillBuckets, lastSequences, type Bucket } from "./replay/buckets.ts";
import { checkpoint } from "./replay/checkpoint.ts";
import {
  readBatches,
  readSupersessions,
  type ReplayedBatch,
  type ReplayedSupersession,
} from "./replay/ledger-events.ts";
import { Contradiction } from "./replay/logs.ts";
import { readRegistry, type ReplayedRegistry } from "./replay/registry-events.ts";

export interface Replay {
  /** The ledger replayed, after the ledgers it took over from; oldest first. */
  ledgers: string[];
  prefixBits: number;
  block: { number: number; hash: string };
  /** In the order of the chain. */
  batches: ReplayedBatch[];
  buckets: Bucket[];
  lastSequences: Map<string, number>;
  supersessions: ReplayedSupersession[];
  /** The registry of the newest ledger. */
  registry: ReplayedRegistry;
  /** What `retire` must be given if the ledger is closed at this block. */
  checkpoint: Hex;
}

/**
 * Replays a ledger, and those it took over from, up to a block.
 * @param fromBlock a block at or before the creation of the oldest contract
 * @throws Contradiction
 */
export async function replay(
  provider: Provider,
  { ledger, fromBlock = 0, toBlock }: { ledger: string; fromBlock?: number; toBlock?: number },
): Promise<Replay> {
  const block = await provider.getBlock(toBlock ?? "latest");
  if (!block?.hash) throw new Contradiction(`The node does not have block ${toBlock ?? "latest"}.`);
  const newest = AuditLedger__factory.connect(ledger, provider);
  const ledgers = await lineage(provider, ledger);
  const batches: ReplayedBatch[] = [];
  const supersessions: ReplayedSupersession[] = [];
  for (const address of ledgers) {
    batches.push(...(await readBatches(provider, address, fromBlock, block.number)));
    supersessions.push(...(await readSupersessions(provider, address, fromBlock, block.number)));
  }
  const registry = await readRegistry(provider, await newest.registry(), fromBlock, block.number);
  const again = await provider.getBlock(block.number);
  if (again?.hash !== block.hash) throw new Contradiction(`Block ${block.number} changed while it was being replayed.`);

  const prefixBits = Number(await newest.prefixBits());
  const buckets = fillBuckets(batches, prefixBits);
  const last = lastSequences(batches);
  return {
    ledgers,
    prefixBits,
    block: { number: block.number, hash: block.hash },
    batches,
    buckets,
    lastSequences: last,
    supersessions,
    registry,
    checkpoint: checkpoint(buckets, last),
  };
}

/** A ledger and the ones it took over from, oldest first. */
async function lineage(provider: Provider, address: string): Promise<string[]> {
  const predecessor = await AuditLedger__factory.connect(address, provider).predecessor();
  return predecessor === ZeroAddress ? [address] : [...(await lineage(provider, predecessor)), address];
}

/** What the contracts answer otherwise than the replay, at the replayed block; empty when all is well. */
export async function compareWithViews(provider: Provider, replayed: Replay): Promise<string[]> {
  const at = { blockTag: replayed.block.number };
  const ledger = AuditLedger__factory.connect(replayed.ledgers.at(-1)!, provider);
  const registry = DepartmentRegistry__factory.connect(replayed.registry.address, provider);
  const differences: string[] = [];
  const compare = (what: string, chain: unknown, rebuilt: unknown) => {
    if (JSON.stringify(chain) !== JSON.stringify(rebuilt)) differences.push(what);
  };
  for (const { kind, year, bucket, head } of replayed.buckets) {
    compare(`head ${kind}/${year}/${bucket}`, await ledger.headOf(kind, year, bucket, at), head);
  }
  for (const [department, last] of replayed.lastSequences) {
    compare(`next sequence of ${department}`, Number(await ledger.nextSequence(department, at)), last + 1);
  }
  for (const { department, sequence, root, kind, year, entries, anchoredAt } of replayed.batches) {
    const batch = await ledger.batchOf(department, sequence, at);
    const chain = [batch.root, ...[batch.kind, batch.year, batch.count, batch.anchoredAt].map(Number)];
    compare(`batch ${department}/${sequence}`, chain, [root, kind, year, entries.length, anchoredAt]);
  }
  for (const { department, recordHash, successor, by, reason, supersededAt } of replayed.supersessions) {
    const kept = await ledger.supersessionOf(department, recordHash, at);
    const chain = [kept.successor, kept.by, Number(kept.reason), Number(kept.supersededAt)];
    compare(`supersession of ${recordHash}`, chain, [successor, by, reason, supersededAt]);
  }
  for (const [code, { history, keys }] of replayed.registry.departments) {
    const states = (await registry.historyOf(code, at)).map((state) => ({
      since: Number(state.since),
      capabilities: Number(state.capabilities),
      suspended: state.suspended,
      signer: state.signer,
    }));
    compare(`history of ${code}`, states, history);
    for (const [key, life] of keys) {
      const kept = await registry.keyOf(code, key, at);
      compare(`key ${key} of ${code}`, [kept.from, kept.until, kept.closedAt].map(Number), Object.values(life));
    }
  }
  return differences;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rpc: { type: "string", default: process.env["CHAIN_RPC_URLS"]?.split(",")[0] ?? "http://127.0.0.1:8545" },
      ledger: { type: "string", default: process.env["LEDGER_ADDRESS"] ?? "" },
      "from-block": { type: "string", default: "0" },
      json: { type: "boolean", default: false },
    },
  });
  if (!values.ledger) throw new Error("Which ledger? npm run replay -- --rpc URL --ledger 0x…");
  const provider = new JsonRpcProvider(values.rpc);
  try {
    const replayed = await replay(provider, { ledger: values.ledger, fromBlock: Number(values["from-block"]) });
    const differences = await compareWithViews(provider, replayed);
    console.log(values.json ? toJson({ ...replayed, differences }) : summary(replayed, differences));
    process.exitCode = differences.length === 0 ? 0 : 1;
  } finally {
    provider.destroy();
  }
}

function summary(
  { block, ledgers, batches, buckets, supersessions, registry, checkpoint }: Replay,
  differences: string[],
) {
  const records = batches.reduce((sum, { entries }) => sum + entries.length, 0);
  const keys = [...registry.departments.values()].reduce((sum, department) => sum + department.keys.size, 0);
  return [
    `block          ${block.number} ${block.hash}`,
    `ledger         ${ledgers.join(" → ")}`,
    `batches        ${batches.length}, with ${records} records in ${buckets.length} buckets`,
    `superseded     ${supersessions.length}`,
    `departments    ${registry.departments.size}, with ${keys} keys`,
    `checkpoint     ${checkpoint}`,
    differences.length === 0
      ? "The contracts answer the same."
      : `The contracts answer otherwise:\n${differences.join("\n")}`,
  ].join("\n");
}

/** Maps as objects, integers as decimal strings where JSON's numbers end. */
function toJson(value: unknown): string {
  const replacer = (_: string, part: unknown): unknown =>
    part instanceof Map
      ? Object.fromEntries(part as Map<string, unknown>)
      : typeof part === "bigint"
        ? part.toString()
        : part;
  return JSON.stringify(value, replacer, 2);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
