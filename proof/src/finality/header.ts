import { toHex, type Hex } from "../bytes.ts";
import {
  decodeRlp,
  encodeList,
  encodeString,
  fixedBytes,
  integer,
  listItems,
  safeInteger,
  type RlpItem,
} from "./rlp.ts";

/** The fields of a block header that proofs rest on. Numbers are exact; `timestamp` is in Unix seconds. */
export interface Header {
  readonly parentHash: Hex;
  /** On QBFT: the validator that proposed the block, whose vote `extraData` may carry. */
  readonly miner: Hex;
  readonly stateRoot: Hex;
  readonly receiptsRoot: Hex;
  readonly number: number;
  readonly timestamp: number;
  readonly extraData: Uint8Array;
  /** RLP of this header with other extra data and everything else, unknown later fields too, exactly as given. */
  withExtraData(extraData: Uint8Array): Uint8Array;
}

/**
 * Header fields in their order: bytes of fixed length, an integer, or bytes of any length. Blocks from London to Osaka
 * carry the first 16 to 21; what a later fork appends is covered by the hash and otherwise left alone.
 */
const FIELDS = [
  ["parentHash", 32],
  ["sha3Uncles", 32],
  ["miner", 20],
  ["stateRoot", 32],
  ["transactionsRoot", 32],
  ["receiptsRoot", 32],
  ["logsBloom", 256],
  ["difficulty", "integer"],
  ["number", "integer"],
  ["gasLimit", "integer"],
  ["gasUsed", "integer"],
  ["timestamp", "integer"],
  ["extraData", "bytes"],
  ["mixHash", 32],
  ["nonce", 8],
  ["baseFeePerGas", "integer"],
] as const;

const MAX_FIELDS = 64;
const POSITION = Object.fromEntries(FIELDS.map(([name], i) => [name, i])) as Record<(typeof FIELDS)[number][0], number>;

/** Undefined unless `raw` is one canonical RLP list that starts with the fields above. */
export function decodeHeader(raw: Uint8Array): Header | undefined {
  const items = listItems(decodeRlp(raw), MAX_FIELDS);
  if (!items || !FIELDS.every(([, form], i) => hasForm(items[i], form))) return undefined;
  const number = safeInteger(items[POSITION.number]);
  const timestamp = safeInteger(items[POSITION.timestamp]);
  if (number === undefined || timestamp === undefined) return undefined;
  const hex = (name: keyof typeof POSITION): Hex => toHex(items[POSITION[name]]!.payload);
  return {
    parentHash: hex("parentHash"),
    miner: hex("miner"),
    stateRoot: hex("stateRoot"),
    receiptsRoot: hex("receiptsRoot"),
    number,
    timestamp,
    extraData: items[POSITION.extraData]!.payload,
    withExtraData: (extraData) =>
      encodeList(items.map((item, i) => (i === POSITION.extraData ? encodeString(extraData) : item.encoded))),
  };
}

function hasForm(item: RlpItem | undefined, form: number | "integer" | "bytes"): boolean {
  if (form === "integer") return integer(item) !== undefined;
  return form === "bytes" ? item?.list === false : fixedBytes(item, form) !== undefined;
}
