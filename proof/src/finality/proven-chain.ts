import { fromHex, type Hex } from "../bytes.ts";
import { StateUnavailable, type AnchoredBatch, type Block, type ChainReader } from "../chain.ts";
import { EMPTY_HEAD } from "../head.ts";
import type { BatchAnchored } from "./batch-anchored.ts";
import type { Proven } from "./finality-proof.ts";
import { ledgerSlots, member, registrySlots, type Struct } from "./storage.ts";

/** What the trust list says about the chain. */
export interface ProvenChainTrust {
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly ledger: Hex;
  readonly registry: Hex;
  /**
   * The ledgers from which `ledger` has taken over, newest first. What a ledger has not written itself stands in them; were one left
   * out, a bucket whose records all lie there would look empty.
   */
  readonly predecessors: readonly Hex[];
}

/**
 * The chain as of one proven block, without a node: a {@link ChainReader} that answers from proofs alone and rejects with
 * {@link StateUnavailable} where they do not reach. Its final block is the proven one.
 */
export function provenChain({ block, accounts, events }: Proven, trust: ProvenChainTrust): ChainReader {
  const here: Block = { number: block.number, hash: block.hash, time: block.timestamp };
  const read = (address: Hex, slot: Hex): Hex => reading(accounts, address)(slot);
  const at = (number: number): void => {
    if (number !== block.number) throw new StateUnavailable(`the proof is about block ${block.number} only`);
  };
  const lineage = [trust.ledger, ...trust.predecessors];
  /** The words of the first ledger that has written the first of them. */
  const written = (ledgers: readonly Hex[], slots: readonly Hex[]): Hex[] | null => {
    const owner = ledgers.find((ledger) => !isZero(read(ledger, slots[0]!)));
    return owner === undefined ? null : slots.map((slot) => read(owner, slot));
  };
  const heirOf = (ledger: Hex): Hex | null => {
    const heir = read(ledger, ledgerSlots.retiredFor());
    return isZero(heir) ? null : `0x${heir.slice(26)}`;
  };
  return {
    chainId: async () => trust.chainId,
    block: async (number) => {
      if (number === 0) return { number, hash: trust.genesisHash, time: 0 };
      return number === block.number ? here : null;
    },
    finalBlock: async () => here,
    transaction: async () => {
      throw new StateUnavailable("the proof names no transaction by its hash");
    },
    batchOf: async (department, sequence) => {
      const event = events.find((batch) => batch.department === department && batch.sequence === sequence);
      if (event) return { ...batchOfEvent(event), anchoredAt: block.timestamp };
      const stored = written(lineage, ledgerSlots.batch(department, sequence));
      return stored && storedBatch(stored);
    },
    hadHead: async (kind, year, bucket, head, atBlock) => {
      at(atBlock);
      return head === (written(lineage, [ledgerSlots.head(kind, year, bucket)])?.[0] ?? EMPTY_HEAD);
    },
    supersessionOf: async (department, recordHash) => {
      const stored = written(
        [...heirs(trust.ledger, heirOf), ...lineage],
        ledgerSlots.supersession(department, recordHash),
      );
      return (
        stored && {
          successor: member("Supersession", "successor", stored),
          by: String.fromCharCode(...fromHex(member("Supersession", "by", stored))),
          reason: small("Supersession", "reason", stored),
          at: small("Supersession", "supersededAt", stored),
        }
      );
    },
    retirement: async () => {
      const successor = heirOf(trust.ledger);
      return successor && { successor, block: block.number };
    },
    wasAuthorised: async (department, kind, thumbprint, moment) => {
      const length = Number(read(trust.registry, registrySlots.historyLength(department)));
      const life = [read(trust.registry, registrySlots.key(department, thumbprint))];
      const state = lastBefore(moment, length, (i) => [
        read(trust.registry, registrySlots.historyEntry(department, i)),
      ]);
      return moment <= block.timestamp && state !== null && allows(state, kind) && wasGood(life, moment);
    },
  };
}

/**
 * The VRF key of a year's streams as the registry of the proven block has it: the last one whose first year is not later; the first
 * one serves all earlier years too.
 * @throws StateUnavailable where the proof does not reach
 */
export function provenVrfKey({ accounts }: Proven, registry: Hex, year: number): Hex {
  const read = reading(accounts, registry);
  for (let i = Number(read(registrySlots.vrfKeysLength())) - 1; i >= 0; i--) {
    const stored = registrySlots.vrfKey(i).map(read);
    if (i === 0 || small("VrfKey", "fromYear", stored) <= year) return member("VrfKey", "key", stored);
  }
  throw new StateUnavailable("the registry has no VRF key");
}

/** The words of one contract that the proof holds. */
function reading(accounts: Proven["accounts"], address: Hex): (slot: Hex) => Hex {
  return (slot) => {
    const word = accounts.get(address)?.slots.get(slot);
    if (word === undefined) throw new StateUnavailable(`the proof does not reach slot ${slot} of ${address}`);
    return word;
  };
}

const MAX_SUCCESSIONS = 16;

/** The ledgers that took over after `ledger`, newest first. */
function heirs(ledger: Hex, heirOf: (ledger: Hex) => Hex | null): Hex[] {
  const found: Hex[] = [];
  for (let heir = heirOf(ledger); heir !== null; heir = heirOf(heir)) {
    if (found.length === MAX_SUCCESSIONS) throw new StateUnavailable("the ledger's successors have no end");
    found.unshift(heir);
  }
  return found;
}

function batchOfEvent({ root, kind, year, count }: BatchAnchored): Omit<AnchoredBatch, "anchoredAt"> {
  return { root, kind, year, count };
}

function storedBatch(stored: readonly Hex[]): AnchoredBatch {
  return {
    root: member("Batch", "root", stored),
    kind: small("Batch", "kind", stored),
    year: small("Batch", "year", stored),
    count: small("Batch", "count", stored),
    anchoredAt: small("Batch", "anchoredAt", stored),
  };
}

/** The history entry that held at a moment: the last one recorded at or before it. */
function lastBefore(moment: number, length: number, entry: (index: number) => Hex[]): Hex[] | null {
  for (let i = length - 1; i >= 0; i--) {
    const state = entry(i);
    if (small("State", "since", state) <= moment) return state;
  }
  return null;
}

/** DepartmentRegistry._holds, and not suspended. */
function allows(state: readonly Hex[], kind: number): boolean {
  const capabilities = small("State", "capabilities", state);
  return ((capabilities >> kind) & 1) === 1 && small("State", "suspended", state) === 0;
}

/** DepartmentRegistry._wasGood. */
function wasGood(life: readonly Hex[], moment: number): boolean {
  const [from, until] = [small("KeyLife", "from", life), small("KeyLife", "until", life)];
  return from !== 0 && from <= moment && (until === 0 || moment < until);
}

function small<Name extends Struct>(
  struct: Name,
  name: Parameters<typeof member<Name>>[1],
  stored: readonly Hex[],
): number {
  return Number(member(struct, name, stored));
}

function isZero(word: Hex): boolean {
  return BigInt(word) === 0n;
}
