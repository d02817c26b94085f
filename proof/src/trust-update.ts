import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromHex, toHex, utf8, type Hex } from "./bytes.ts";
import { findByMemory, sealersOf } from "./finality/seals.ts";
import { verifyValidatorChanges } from "./finality/validator-changes.ts";
import { readJson, type Json } from "./json.ts";
import { array, bytes, integer, literal, object, where } from "./shape.ts";
import { readTrustList, type SealedChain, type TrustList } from "./trust.ts";

/** A list's name for people: SHA-256 over its content, however it is indented and in whichever order its members stand. */
export function trustFingerprint(list: TrustList): Hex {
  return toHex(sha256(utf8(canonical(list as unknown as Json))));
}

/** What a validator signs to have a list take another one's place. */
export function updateDigest(list: TrustList): Uint8Array {
  return keccak_256(concat(utf8(UPDATE), fromHex(trustFingerprint(list))));
}

/** A list with the signatures that put it into the place of an older one (docs/trust.md). */
interface TrustUpdate {
  readonly format: typeof UPDATE;
  readonly trust: TrustList;
  /** By chain: 65 bytes r ‖ s ‖ v each, as a validator seals blocks. */
  readonly signatures: readonly {
    readonly chainId: number;
    readonly genesisHash: Hex;
    readonly seals: readonly Hex[];
  }[];
}

const UPDATE = "quanlian-trust-update/1";

export type Updated =
  { readonly ok: true; readonly trustList: TrustList } | { readonly ok: false; readonly problem: string };

const updateShape = object({
  format: literal(UPDATE),
  trust: where((value) => typeof value === "object" && value !== null),
  signatures: array(object({ chainId: integer(1), genesisHash: bytes(32), seals: array(bytes(65), 1024) }), 1000),
});

const changesShape = object({
  kind: literal("qbft-validators"),
  headers: array(
    where((value) => typeof value === "string" && /^0x([0-9a-f]{2})*$/.test(value)),
    100_000,
  ),
});

/**
 * The trust list that follows from one that is trusted and a document: votes of validators in block headers (decision 7), or a
 * newer list signed by a quorum of the set in force of each sealed chain of the present one.
 */
export function updateTrustList(known: TrustList, document: string | Uint8Array): Updated {
  const read = readJson(document);
  if (!read.ok) return refused(`${read.problem} at ${read.position}`);
  if (changesShape(read.value, "") === null) return withChanges(known, (read.value as { headers: Hex[] }).headers);
  const problem = updateShape(read.value, "");
  if (problem !== null) return refused(`neither a change of validators nor an update: ${problem || "the document"}`);
  return withUpdate(known, read.value as unknown as TrustUpdate);
}

function withChanges(known: TrustList, headers: readonly Hex[]): Updated {
  const raw = headers.map(fromHex);
  const refusals: string[] = [];
  for (const chain of sealedChains(known)) {
    const changes = verifyValidatorChanges(raw, chain.qbft);
    if (!changes.ok) refusals.push(changes.code);
    else
      return {
        ok: true,
        trustList: { ...known, chains: known.chains.map((one) => withSets(one, chain, changes.sets)) },
      };
  }
  return refused(refusals[0] ?? "the list names no validators");
}

function withSets(one: TrustList["chains"][number], changed: SealedChain, sets: SealedChain["qbft"]["sets"]) {
  return one.qbft && isSameChain(one, changed) ? { ...one, qbft: { ...one.qbft, sets } } : one;
}

function withUpdate(known: TrustList, { trust, signatures }: TrustUpdate): Updated {
  const next = readTrustList(JSON.stringify(trust));
  if (!next.ok) return refused(`the new list is malformed: ${next.problem}`);
  if (next.trustList.issuedAt <= known.issuedAt) return refused("the new list is not newer");
  const chains = sealedChains(known);
  if (chains.length === 0)
    return refused("the present list names no validators who could sign a new one: pin the new one");
  const digest = updateDigest(next.trustList);
  for (const chain of chains) {
    const seals = signatures.find((one) => isSameChain(one, chain))?.seals ?? [];
    const signers = sealersOf(digest, seals.map(fromHex), chain.qbft.sets.at(-1)!.validators, findByMemory());
    if ("code" in signers) return refused(`chain ${chain.chainId}: ${signers.code}`);
  }
  return { ok: true, trustList: next.trustList };
}

/** One entry for each sealed chain. */
function sealedChains({ chains }: TrustList): SealedChain[] {
  const sealed = chains.filter((chain): chain is SealedChain => (chain.qbft?.sets.length ?? 0) > 0);
  return sealed.filter((chain, i) => sealed.findIndex((other) => isSameChain(other, chain)) === i);
}

interface ChainName {
  readonly chainId: number;
  readonly genesisHash: Hex;
}

function isSameChain(one: ChainName, other: ChainName): boolean {
  return one.chainId === other.chainId && one.genesisHash === other.genesisHash;
}

function refused(problem: string): Updated {
  return { ok: false, problem };
}

/** Members in the order of their names, no white space. */
function canonical(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(",")}}`;
}
