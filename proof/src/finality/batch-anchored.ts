import { keccak_256 } from "@noble/hashes/sha3.js";
import { fromHex, toHex, utf8, type Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";
import type { Log } from "./receipt.ts";

/** The ledger's word that it has taken a batch (AuditLedger.BatchAnchored). */
export interface BatchAnchored {
  /** The department's 18-character code. */
  readonly department: string;
  readonly sequence: number;
  readonly kind: number;
  readonly year: number;
  readonly count: number;
  readonly root: Hex;
  readonly entriesHash: Hex;
}

const SIGNATURE = "BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)";
const TOPIC = /* @__PURE__ */ toHex(keccak_256(utf8(SIGNATURE)));

/**
 * All batches that `ledger` anchored in a transaction with these logs, in their order; at least one.
 * Logs of other contracts and other events of the ledger are passed over: anybody may emit those.
 */
export function batchesAnchored(
  logs: readonly Log[],
  ledger: Hex,
): { readonly ok: true; readonly events: readonly BatchAnchored[] } | Refusal {
  const own = logs.filter((log) => log.address === ledger && log.topics[0] === TOPIC);
  if (own.length === 0) return refuse("EVENT_NOT_FOUND", { ledger, logs: logs.length });
  const events = own.map(decodeEvent);
  return events.every((event) => event !== undefined) ? { ok: true, events } : refuse("EVENT_MALFORMED", { ledger });
}

/** Topics: event, department (left-aligned), sequence; data: five 32-byte words, numbers right-aligned. */
function decodeEvent({ topics, data }: Log): BatchAnchored | undefined {
  if (topics.length !== 3 || data.length !== 5 * 32) return undefined;
  const word = (i: number): Uint8Array => data.subarray(32 * i, 32 * (i + 1));
  const department = readDepartment(fromHex(topics[1]!));
  const sequence = readUint(fromHex(topics[2]!), 64);
  const [kind, year, count] = [readUint(word(0), 8), readUint(word(1), 16), readUint(word(2), 32)];
  if (!department || [sequence, kind, year, count].includes(undefined)) return undefined;
  return {
    department,
    sequence: sequence!,
    kind: kind!,
    year: year!,
    count: count!,
    root: toHex(word(3)),
    entriesHash: toHex(word(4)),
  };
}

function readDepartment(topic: Uint8Array): string | undefined {
  const text = String.fromCharCode(...topic.subarray(0, 18));
  return /^[0-9A-Z]{18}$/.test(text) && topic.subarray(18).every((byte) => byte === 0) ? text : undefined;
}

/** A number that fits both `bits` and a JSON integer. */
function readUint(word: Uint8Array, bits: number): number | undefined {
  const value = BigInt(toHex(word));
  return value < 1n << BigInt(bits) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}
