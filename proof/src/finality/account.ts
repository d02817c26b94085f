import { keccak_256 } from "@noble/hashes/sha3.js";
import { fromHex, toHex, type Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";
import { decodeRlp, fixedBytes, integer, listItems } from "./rlp.ts";
import { readTrie, type ProofNodes } from "./trie.ts";

/** What the state trie holds about an account (Yellow Paper §4.1); nonce and balance prove nothing here. */
export interface Account {
  readonly storageRoot: Hex;
  readonly codeHash: Hex;
}

export type AccountRead = { readonly ok: true; readonly account: Account | null } | Refusal;
/** `value` is the slot's 32 bytes; a slot that was never written, or cleared, reads as zero and is provably absent. */
export type StorageRead = { readonly ok: true; readonly value: Hex } | Refusal;

const ZERO_WORD = toHex(new Uint8Array(32));

/** The account at `address`, or null when the state provably has none. */
export function readAccount(stateRoot: Hex, address: Hex, nodes: ProofNodes): AccountRead {
  const read = readTrie(fromHex(stateRoot), keccak_256(fromHex(address)), nodes);
  if (!read.ok) return read;
  if (!read.value) return { ok: true, account: null };
  const fields = listItems(decodeRlp(read.value), 4);
  const [storageRoot, codeHash] = [fixedBytes(fields?.[2], 32), fixedBytes(fields?.[3], 32)];
  const numbers = integer(fields?.[0]) !== undefined && integer(fields?.[1]) !== undefined;
  if (!numbers || !storageRoot || !codeHash) return refuse("ACCOUNT_MALFORMED", { address });
  return { ok: true, account: { storageRoot: toHex(storageRoot), codeHash: toHex(codeHash) } };
}

/** The word in `slot` of the account with this storage root. */
export function readStorage(storageRoot: Hex, slot: Hex, nodes: ProofNodes): StorageRead {
  const read = readTrie(fromHex(storageRoot), keccak_256(fromHex(slot)), nodes);
  if (!read.ok) return read;
  if (!read.value) return { ok: true, value: ZERO_WORD };
  const value = integer(decodeRlp(read.value));
  if (!value) return refuse("STORAGE_VALUE_MALFORMED", { slot });
  return { ok: true, value: `0x${value.toString(16).padStart(64, "0")}` };
}
