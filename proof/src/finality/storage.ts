import { keccak_256 } from "@noble/hashes/sha3.js";
import { concat, fromHex, toHex, utf8, type Hex } from "../bytes.ts";

/**
 * Where the contracts keep what proofs speak of: solc's storage layout of contracts/*.sol, pinned here and compared with
 * the compiler's by test/finality/storage.test.ts. A ledger once deployed never moves its variables.
 */
export const SLOTS = {
  AuditLedger: { retiredFor: 3, _batches: 5, _heads: 6, _supersessions: 7 },
  DepartmentRegistry: { _history: 1, _keys: 2, _vrfKeys: 3 },
} as const;

/** Members of the stored structs: word, offset in bytes from the word's right end, size in bytes. */
export const MEMBERS = {
  Batch: { root: [0, 0, 32], kind: [1, 0, 1], year: [1, 1, 2], count: [1, 3, 4], anchoredAt: [1, 7, 8] },
  Supersession: { successor: [0, 0, 32], by: [1, 0, 18], reason: [1, 18, 1], supersededAt: [1, 19, 8] },
  State: { since: [0, 0, 8], capabilities: [0, 8, 2], suspended: [0, 10, 1], signer: [0, 11, 20] },
  VrfKey: { key: [0, 0, 32], fromYear: [1, 0, 2] },
  KeyLife: { from: [0, 0, 8], until: [0, 8, 8], closedAt: [0, 16, 8] },
} as const;

export type Struct = keyof typeof MEMBERS;
type Member<Name extends Struct> = keyof (typeof MEMBERS)[Name];

/** Slots of a ledger; each function gives those that answer one question about it. */
export const ledgerSlots = {
  retiredFor: (): Hex => word(SLOTS.AuditLedger.retiredFor),
  batch: (department: string, sequence: number): Hex[] =>
    words(mapped(word(SLOTS.AuditLedger._batches), left(department), word(sequence)), 2),
  head: (kind: number, year: number, bucket: bigint): Hex =>
    mapped(word(SLOTS.AuditLedger._heads), word(kind), word(year), word(bucket)),
  supersession: (department: string, recordHash: Hex): Hex[] =>
    words(mapped(word(SLOTS.AuditLedger._supersessions), left(department), recordHash), 2),
};

/** Slots of a registry. A department's history and the VRF keys are arrays: how many entries they have, and each of them. */
export const registrySlots = {
  historyLength: (department: string): Hex => mapped(word(SLOTS.DepartmentRegistry._history), left(department)),
  historyEntry: (department: string, index: number): Hex =>
    plus(hashOf(registrySlots.historyLength(department)), BigInt(index)),
  key: (department: string, key: Hex): Hex => mapped(word(SLOTS.DepartmentRegistry._keys), left(department), key),
  vrfKeysLength: (): Hex => word(SLOTS.DepartmentRegistry._vrfKeys),
  vrfKey: (index: number): Hex[] => words(plus(hashOf(registrySlots.vrfKeysLength()), BigInt(2 * index)), 2),
};

/** Reads a struct's member, as hex of its size, out of the words in which the struct lies. */
export function member<Name extends Struct>(struct: Name, name: Member<Name>, stored: readonly Hex[]): Hex {
  const [index, offset, size] = MEMBERS[struct][name] as readonly [number, number, number];
  const end = 66 - 2 * offset;
  return `0x${stored[index]!.slice(end - 2 * size, end)}`;
}

/** Slot of a value in a mapping, or in mappings of mappings, under these keys (words). */
function mapped(slot: Hex, ...keys: readonly Hex[]): Hex {
  return keys.reduce<Hex>((outer, key) => toHex(keccak_256(concat(fromHex(key), fromHex(outer)))), slot);
}

function words(first: Hex, count: number): Hex[] {
  return Array.from({ length: count }, (_, i) => plus(first, BigInt(i)));
}

function plus(slot: Hex, steps: bigint): Hex {
  return word(BigInt.asUintN(256, BigInt(slot) + steps));
}

function hashOf(slot: Hex): Hex {
  return toHex(keccak_256(fromHex(slot)));
}

function word(value: number | bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** `bytes18` stands at the left of its word. */
function left(department: string): Hex {
  return `0x${toHex(utf8(department)).slice(2).padEnd(64, "0")}`;
}
