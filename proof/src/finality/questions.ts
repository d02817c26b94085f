import { bucketOf } from "../head.ts";
import type { Hex } from "../bytes.ts";
import type { FinalityProof } from "./finality-proof.ts";
import { ledgerSlots, registrySlots } from "./storage.ts";

/** What of a block's state is to be proven: contracts, each with the slots that are read. */
export type StateQuestions = FinalityProof["accounts"];

/** The contracts of a ledger, as the trust list has them. */
export interface Contracts {
  readonly ledger: Hex;
  readonly registry: Hex;
  readonly predecessors?: readonly Hex[];
}

/** A statement key under which records were anchored. */
export interface KeyQuestion {
  readonly department: string;
  readonly thumbprint: Hex;
}

/** How long the registry's arrays are at the block in question: whoever asks reads that first. */
export interface RegistryLengths {
  readonly history: ReadonlyMap<string, number>;
  readonly vrfKeys: number;
}

/** What a certificate's part speaks of. */
export interface PartQuestions {
  readonly streams: readonly { readonly kind: number; readonly year: number; readonly streamKey: Hex }[];
  readonly records: readonly (KeyQuestion & { readonly sequence: number; readonly recordHash: Hex })[];
  readonly prefixBits: number;
}

/** The slots that tell how long the registry's arrays are. */
export function lengthQuestions(departments: readonly string[]): Hex[] {
  return [registrySlots.vrfKeysLength(), ...[...new Set(departments)].map(registrySlots.historyLength)];
}

/** What a receipt's proof shows of the state: that its statement keys were good. The event tells the rest. */
export function receiptQuestions(
  { registry }: Contracts,
  keys: readonly KeyQuestion[],
  lengths: RegistryLengths,
): StateQuestions {
  return [{ address: registry, slots: [...new Set(keySlots(keys, lengths))] }];
}

/** What of a later block's state proves a record that was anchored before, what has become of it and that its key was good. */
export function renewalQuestions(
  { ledger, registry, predecessors = [] }: Contracts,
  { department, sequence, recordHash, thumbprint }: PartQuestions["records"][number],
  lengths: RegistryLengths,
): StateQuestions {
  const slots = [
    ...ledgerSlots.batch(department, sequence),
    ledgerSlots.retiredFor(),
    ...ledgerSlots.supersession(department, recordHash),
  ];
  const keys = [...new Set(keySlots([{ department, thumbprint }], lengths))];
  return [...[ledger, ...predecessors].map((address) => ({ address, slots })), { address: registry, slots: keys }];
}

/**
 * What a certificate's part shows of the state: heads of its streams, batches and supersessions of the records shown, their keys,
 * the VRF keys, and that the ledger is the current one. Slots of predecessors are asked for too: what a ledger has not written
 * itself stands there.
 */
export function partQuestions(
  contracts: Contracts,
  { streams, records, prefixBits }: PartQuestions,
  lengths: RegistryLengths,
): StateQuestions {
  const written = [
    ...streams.map(({ kind, year, streamKey }) => ledgerSlots.head(kind, year, bucketOf(streamKey, prefixBits))),
    ...records.flatMap(({ department, sequence }) => ledgerSlots.batch(department, sequence)),
    ...records.flatMap(({ department, recordHash }) => ledgerSlots.supersession(department, recordHash)),
  ];
  const slots = [...new Set([ledgerSlots.retiredFor(), ...written])];
  const ledgers = [contracts.ledger, ...(contracts.predecessors ?? [])];
  const vrfKeys = Array.from({ length: lengths.vrfKeys }, (_, i) => registrySlots.vrfKey(i)).flat();
  const registry = [registrySlots.vrfKeysLength(), ...vrfKeys, ...keySlots(records, lengths)];
  return [
    ...ledgers.map((address) => ({ address, slots })),
    { address: contracts.registry, slots: [...new Set(registry)] },
  ];
}

function keySlots(keys: readonly KeyQuestion[], { history }: RegistryLengths): Hex[] {
  return keys.flatMap(({ department, thumbprint }) => [
    registrySlots.historyLength(department),
    ...Array.from({ length: history.get(department) ?? 0 }, (_, i) => registrySlots.historyEntry(department, i)),
    registrySlots.key(department, thumbprint),
  ]);
}
