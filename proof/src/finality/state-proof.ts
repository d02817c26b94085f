import { readAccount, readStorage } from "./account.ts";
import { refuse, type Refusal } from "./codes.ts";
import { readHex, toHex, type Hex } from "./hex.ts";
import { hasExactly, readHexes } from "./members.ts";
import { verifyQbftHeader, type FinalBlock } from "./qbft.ts";
import { proofNodes, type ProofNodes } from "./trie.ts";
import type { QbftTrust } from "./validators.ts";

/**
 * The `finality` of a certificate: what contracts' storage held at one sealed block (docs/format.md §9). Values are not
 * written down: they are read out of the nodes, which are listed once, in the order in which reading the accounts and their slots in
 * the order given first needs them.
 */
export interface StateProof {
  readonly kind: "qbft";
  readonly header: Hex;
  readonly accounts: readonly { readonly address: Hex; readonly slots: readonly Hex[] }[];
  readonly nodes: readonly Hex[];
}

export interface ProvenAccount {
  /** keccak-256 of the contract's code: its immutable values, the chain id of its signatures among them, are part of it. */
  readonly codeHash: Hex;
  /** Word by slot, for the slots that the proof names. */
  readonly slots: ReadonlyMap<Hex, Hex>;
}

export type VerifiedState =
  | {
      readonly ok: true;
      readonly block: FinalBlock;
      /** By address; null for an account that provably does not exist. */
      readonly accounts: ReadonlyMap<Hex, ProvenAccount | null>;
    }
  | Refusal;

/** @param proof as parsed from JSON, of any shape */
export function verifyStateProof(proof: unknown, trust: QbftTrust): VerifiedState {
  const read = readStateProof(proof);
  if (!read) return refuse("PROOF_MALFORMED");
  const block = verifyQbftHeader(read.header, trust);
  if (!block.ok) return block;
  const nodes = proofNodes(read.nodes);
  const accounts = new Map<Hex, ProvenAccount | null>();
  for (const { address, slots } of read.accounts) {
    const proven = proveAccount(block.stateRoot, address, slots, nodes);
    if (!proven.ok) return proven;
    accounts.set(address, proven.account);
  }
  return nodes.leftOver() ?? { ok: true, block, accounts };
}

function proveAccount(
  stateRoot: Hex,
  address: Hex,
  slots: readonly Hex[],
  nodes: ProofNodes,
): { ok: true; account: ProvenAccount | null } | Refusal {
  const read = readAccount(stateRoot, address, nodes);
  if (!read.ok) return read;
  if (!read.account) return { ok: true, account: null };
  const words = new Map<Hex, Hex>();
  for (const slot of slots) {
    const storage = readStorage(read.account.storageRoot, slot, nodes);
    if (!storage.ok) return storage;
    words.set(slot, storage.value);
  }
  return { ok: true, account: { codeHash: read.account.codeHash, slots: words } };
}

function readStateProof(proof: unknown) {
  if (!hasExactly(proof, ["kind", "header", "accounts", "nodes"]) || proof.kind !== "qbft") return undefined;
  const header = readHex(proof.header);
  const nodes = readHexes(proof.nodes);
  const accounts = Array.isArray(proof.accounts) ? proof.accounts.map(readAccountRequest) : [];
  if (!header || !nodes || accounts.length === 0 || !accounts.every((account) => account !== undefined))
    return undefined;
  const distinct = new Set(accounts.map(({ address }) => address)).size === accounts.length;
  return distinct ? { header, nodes, accounts } : undefined;
}

function readAccountRequest(value: unknown): { address: Hex; slots: Hex[] } | undefined {
  if (!hasExactly(value, ["address", "slots"])) return undefined;
  const address = readHex(value.address, 20);
  const slots = readHexes(value.slots, 32)?.map(toHex);
  if (!address || !slots || new Set(slots).size !== slots.length) return undefined;
  return { address: toHex(address), slots };
}
