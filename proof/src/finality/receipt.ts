import { fromHex, toHex, type Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";
import { decodeRlp, encodeInteger, fixedBytes, integer, listItems, type RlpItem } from "./rlp.ts";
import { readTrie, type ProofNodes } from "./trie.ts";

/** A log of a transaction, as its receipt holds it. */
export interface Log {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Uint8Array;
}

export type VerifiedReceipt = { readonly ok: true; readonly logs: readonly Log[] } | Refusal;

/**
 * The logs of the transaction at `index`, which must have succeeded. Its receipt is the value under rlp(index) in the
 * receipts trie with this root.
 * @param receiptsRoot from a final header
 */
export function readReceipt(receiptsRoot: Hex, index: number, nodes: ProofNodes): VerifiedReceipt {
  const read = readTrie(fromHex(receiptsRoot), encodeInteger(index), nodes);
  if (!read.ok) return read;
  return read.value ? decodeReceipt(read.value) : refuse("RECEIPT_NOT_IN_BLOCK", { index });
}

/** Transaction types whose receipts have the fields below: EIP-2930, EIP-1559, EIP-4844, EIP-7702. */
const KNOWN_TYPES = [1, 2, 3, 4];
const FIRST_LIST_BYTE = 0xc0;
const MAX_LOGS = 1 << 16;
const MAX_TOPICS = 4;

/** A receipt is `type ‖ rlp([status, cumulativeGasUsed, logsBloom, logs])`, or the bare list for a legacy transaction. */
export function decodeReceipt(receipt: Uint8Array): VerifiedReceipt {
  const type = receipt[0] ?? 0;
  const typed = type < FIRST_LIST_BYTE;
  if (typed && !KNOWN_TYPES.includes(type)) return refuse("RECEIPT_TYPE_UNKNOWN", { type });
  const fields = listItems(decodeRlp(typed ? receipt.subarray(1) : receipt), 4);
  const status = integer(fields?.[0]);
  const logs = listItems(fields?.[3], MAX_LOGS)?.map(decodeLog);
  const whole = fields?.length === 4 && integer(fields[1]) !== undefined && fixedBytes(fields[2], 256);
  if (!whole || status === undefined || status > 1n || !logs?.every((log) => log !== undefined)) {
    return refuse("RECEIPT_MALFORMED", { bytes: receipt.length });
  }
  return status === 1n ? { ok: true, logs } : refuse("TRANSACTION_FAILED");
}

function decodeLog(item: RlpItem): Log | undefined {
  const fields = listItems(item, 3);
  const address = fixedBytes(fields?.[0], 20);
  const topics = listItems(fields?.[1], MAX_TOPICS)?.map((topic) => fixedBytes(topic, 32));
  const data = fields?.[2];
  if (!address || !topics?.every((topic) => topic !== undefined) || !data || data.list) return undefined;
  return { address: toHex(address), topics: topics.map(toHex), data: data.payload };
}
