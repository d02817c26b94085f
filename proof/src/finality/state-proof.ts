import { fromHex, isHex, type Hex } from "../bytes.ts";
import type { Json } from "../json.ts";
import { array, bytes, literal, object, where, type Shape } from "../shape.ts";
import { readAccount, readStorage } from "./account.ts";
import { refuse, type Refusal } from "./codes.ts";
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

const anyBytes = where((value) => isHex(value));
const account: Shape = object({ address: bytes(20), slots: array(bytes(32), 10_000) });
const stateProof = object({
  kind: literal("qbft"),
  header: anyBytes,
  accounts: array(account, 100),
  nodes: array(anyBytes, 100_000),
});

export function verifyStateProof(proof: Json, trust: QbftTrust): VerifiedState {
  const problem = stateProof(proof, "finality");
  if (problem !== null) return refuse("PROOF_MALFORMED", { member: problem });
  const { header, accounts, nodes } = proof as unknown as StateProof;
  const block = verifyQbftHeader(fromHex(header), trust);
  return block.ok ? readAccounts(block, accounts, proofNodes(nodes.map(fromHex))) : block;
}

function readAccounts(block: FinalBlock, accounts: StateProof["accounts"], nodes: ProofNodes): VerifiedState {
  const proven = new Map<Hex, ProvenAccount | null>();
  for (const { address, slots } of accounts) {
    const read = proveAccount(block.stateRoot, address, slots, nodes);
    if (!read.ok) return read;
    if (proven.has(address)) return refuse("PROOF_MALFORMED", { twice: address });
    proven.set(address, read.account);
  }
  return nodes.leftOver() ?? { ok: true, block, accounts: proven };
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
    if (words.has(slot)) return refuse("PROOF_MALFORMED", { twice: slot });
    words.set(slot, storage.value);
  }
  return { ok: true, account: { codeHash: read.account.codeHash, slots: words } };
}
