import { fromHex, isHex, type Hex } from "../bytes.ts";
import type { Json } from "../json.ts";
import { array, bytes, integer, literal, object, where } from "../shape.ts";
import { readAccount, readStorage } from "./account.ts";
import { batchesAnchored, type BatchAnchored } from "./batch-anchored.ts";
import { refuse, type Refusal } from "./codes.ts";
import type { FinalBlock, HeaderJudge } from "./qbft.ts";
import { readReceipt } from "./receipt.ts";
import { proofNodes, type ProofNodes } from "./trie.ts";

/**
 * The `finality` of a receipt or certificate (docs/finality.md): what one sealed block says, provable with the trust list
 * alone. Neither receipts nor words are written down: they are read out of the trie nodes. These are listed once, in the
 * order in which reading the transactions and then the accounts with their slots, all in the order given, first needs them.
 */
export interface FinalityProof {
  readonly kind: "qbft";
  /** Raw header with round and seals. */
  readonly header: Hex;
  /** Positions in the block of transactions that anchored batches. */
  readonly transactions: readonly number[];
  /** Contracts and the slots of their storage that are read; `slots` is empty to say only that there is such an account. */
  readonly accounts: readonly { readonly address: Hex; readonly slots: readonly Hex[] }[];
  /** Nodes of the receipts trie, the state trie and the storage tries. */
  readonly nodes: readonly Hex[];
}

export interface ProvenAccount {
  /** keccak-256 of the contract's code; immutable values, such as the chain id that its signatures are bound to, are part of it. */
  readonly codeHash: Hex;
  /** Word by slot, for the slots that the proof names. */
  readonly slots: ReadonlyMap<Hex, Hex>;
}

/** What was proven about one final block. */
export interface Proven {
  readonly ok: true;
  readonly block: FinalBlock;
  /** What the ledger anchored in the transactions that the proof names, in their order. */
  readonly events: readonly BatchAnchored[];
  /** By address; null for an account that provably does not exist. */
  readonly accounts: ReadonlyMap<Hex, ProvenAccount | null>;
}

const anyBytes = where((value) => isHex(value));

/** The form of a {@link FinalityProof} (docs/finality.md). */
export const finalityShape = object({
  kind: literal("qbft"),
  header: anyBytes,
  transactions: array(integer(0), 1000),
  accounts: array(object({ address: bytes(20), slots: array(bytes(32), 10_000) }), 100),
  nodes: array(anyBytes, 100_000),
});

/**
 * What `proof` proves. The caller compares it with the batch, the block and the state that it was shown.
 * @param judge of the chain that the document names, as the trust list has it ({@link qbftJudge})
 * @param ledger address of the trusted ledger, lower case
 */
export function verifyFinalityProof(proof: Json | FinalityProof, judge: HeaderJudge, ledger: Hex): Proven | Refusal {
  const problem = finalityShape(proof as Json, "finality") ?? repetition(proof as FinalityProof);
  if (problem !== null) return refuse("PROOF_MALFORMED", { member: problem });
  const { header, transactions, accounts, nodes } = proof as FinalityProof;
  const block = judge(fromHex(header));
  if (!block.ok) return block;
  const source = proofNodes(nodes.map(fromHex));
  const events = readEvents(block, transactions, ledger, source);
  if ("code" in events) return events;
  const proven = readAccounts(block, accounts, source);
  if ("code" in proven) return proven;
  return source.leftOver() ?? { ok: true, block, events, accounts: proven };
}

/** Whatever is asked for, is asked for once. */
function repetition({ transactions, accounts }: FinalityProof): string | null {
  if (repeats(transactions)) return "finality.transactions";
  if (repeats(accounts.map(({ address }) => address))) return "finality.accounts";
  return accounts.some(({ slots }) => repeats(slots)) ? "finality.accounts.slots" : null;
}

function repeats(values: readonly (number | string)[]): boolean {
  return new Set(values).size < values.length;
}

function readEvents(
  block: FinalBlock,
  transactions: readonly number[],
  ledger: Hex,
  nodes: ProofNodes,
): readonly BatchAnchored[] | Refusal {
  const events: BatchAnchored[] = [];
  for (const index of transactions) {
    const receipt = readReceipt(block.receiptsRoot, index, nodes);
    if (!receipt.ok) return receipt;
    const batches = batchesAnchored(receipt.logs, ledger);
    if (!batches.ok) return batches;
    events.push(...batches.events);
  }
  return events;
}

function readAccounts(
  block: FinalBlock,
  accounts: FinalityProof["accounts"],
  nodes: ProofNodes,
): ReadonlyMap<Hex, ProvenAccount | null> | Refusal {
  const proven = new Map<Hex, ProvenAccount | null>();
  for (const { address, slots } of accounts) {
    const read = readAccount(block.stateRoot, address, nodes);
    if (!read.ok) return read;
    const words = read.account && readWords(read.account.storageRoot, slots, nodes);
    if (words && "code" in words) return words;
    proven.set(address, read.account && words && { codeHash: read.account.codeHash, slots: words });
  }
  return proven;
}

function readWords(storageRoot: Hex, slots: readonly Hex[], nodes: ProofNodes): ReadonlyMap<Hex, Hex> | Refusal {
  const words = new Map<Hex, Hex>();
  for (const slot of slots) {
    const read = readStorage(storageRoot, slot, nodes);
    if (!read.ok) return read;
    words.set(slot, read.value);
  }
  return words;
}
