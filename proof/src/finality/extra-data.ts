import { fromHex, toHex, type Hex } from "../bytes.ts";
import {
  decodeRlp,
  encodeInteger,
  encodeList,
  encodeString,
  fixedBytes,
  listItems,
  safeInteger,
  type RlpItem,
} from "./rlp.ts";

/**
 * What QBFT keeps in a header's `extraData`: RLP of [vanity, validators, vote, round, seals]
 * (EEA QBFT specification; Hyperledger Besu's QbftExtraDataCodec).
 */
export interface ExtraData {
  /** The validators of this block, ascending, as the header claims them. */
  readonly validators: readonly Hex[];
  /** The proposer's vote to add or remove a validator. */
  readonly vote: Vote | null;
  /** In which round the block was decided. */
  readonly round: number;
  /** 65 bytes each: r ‖ s ‖ v. */
  readonly seals: readonly Uint8Array[];
  /** Extra data as the validators seal it: without seals. */
  readonly sealed: Uint8Array;
  /** Extra data as the block's hash covers it: round 0, without seals. */
  readonly hashed: Uint8Array;
}

export interface Vote {
  readonly recipient: Hex;
  readonly add: boolean;
}

const EMPTY_LIST = /* @__PURE__ */ encodeList([]);
const VANITY_BYTES = 32;
/** Far above any QBFT network; stops a header from costing more than it is worth. */
const MAX_VALIDATORS = 1024;
const ADD = 0xff;

export function decodeExtraData(bytes: Uint8Array): ExtraData | undefined {
  const items = listItems(decodeRlp(bytes), 5);
  if (items?.length !== 5 || !fixedBytes(items[0], VANITY_BYTES)) return undefined;
  const validators = fixedList(items[1], 20)?.map(toHex);
  const vote = decodeVote(items[2]);
  const round = safeInteger(items[3]);
  const seals = fixedList(items[4], 65);
  if (!validators || vote === undefined || round === undefined || !seals) return undefined;
  const head = items.slice(0, 3).map((item) => item.encoded);
  const withRound = (value: number): Uint8Array => encodeList([...head, encodeInteger(value), EMPTY_LIST]);
  return { validators, vote, round, seals, sealed: withRound(round), hashed: withRound(0) };
}

/** Extra data of a genesis block: no vanity, no vote, round 0, no seals; the validators in ascending order. */
export function genesisExtraData(validators: readonly Hex[]): Hex {
  const addresses = [...validators].sort().map((address) => encodeString(fromHex(address)));
  const vanity = encodeString(new Uint8Array(VANITY_BYTES));
  return toHex(encodeList([vanity, encodeList(addresses), EMPTY_LIST, encodeInteger(0), EMPTY_LIST]));
}

/** [] for no vote; [recipient, 0xff] to add; [recipient, empty] to remove. Undefined when it is none of these. */
function decodeVote(item: RlpItem | undefined): Vote | null | undefined {
  const parts = listItems(item, 2);
  if (parts?.length === 0) return null;
  const recipient = fixedBytes(parts?.[0], 20);
  const choice = parts?.[1];
  if (!recipient || !choice || choice.list || choice.payload.length > 1) return undefined;
  if (choice.payload.length === 1 && choice.payload[0] !== ADD) return undefined;
  return { recipient: toHex(recipient), add: choice.payload.length === 1 };
}

function fixedList(item: RlpItem | undefined, length: number): Uint8Array[] | undefined {
  const entries = listItems(item, MAX_VALIDATORS)?.map((entry) => fixedBytes(entry, length));
  return entries?.every((entry) => entry !== undefined) ? entries : undefined;
}
