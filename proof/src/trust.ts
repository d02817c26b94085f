import type { Hex } from "./bytes.ts";
import { sharedValidator, trustProblem, type QbftTrust } from "./finality/validators.ts";
import { readJson } from "./json.ts";
import { array, bytes, integer, literal, nullable, object, optional, text, where, type Shape } from "./shape.ts";

/** When a block counts as final: at once (BFT), by the node's `finalized` tag, or so many blocks later; `snapshot` is the
 * rule of the embedded single node, which tells its newest safely stored block by `quanlian_finalBlock`. */
export interface FinalityRule {
  readonly rule: "immediate" | "tag" | "confirmations" | "snapshot";
  /** For `confirmations`: how many blocks must follow; otherwise 0. */
  readonly confirmations: number;
}

/** Whose streams a VRF key derives: those of `fromYear` and later, until the next key's year. */
export interface VrfKey {
  readonly fromYear: number;
  readonly key: Hex;
}

/** One ledger that a verifier accepts. */
export interface TrustedChain {
  readonly region: { readonly zh: string; readonly en: string };
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly ledger: Hex;
  readonly registry: Hex;
  readonly prefixBits: number;
  /** By `fromYear`, ascending; at least one. */
  readonly vrfKeys: readonly VrfKey[];
  readonly finality: FinalityRule;
  /** JSON-RPC addresses that may be asked, by preference; which node is believed stays the verifier's choice. */
  readonly nodes?: readonly string[];
  /** Who seals its blocks (docs/finality.md §2): with it, documents that carry a finality proof need no node. */
  readonly qbft?: QbftTrust;
  /** The ledgers from which this one has taken over, newest first; absent or empty when there are none. */
  readonly predecessors?: readonly Hex[];
}

/** A chain whose validators the list names. */
export type SealedChain = TrustedChain & { readonly qbft: QbftTrust };

/** The ledgers that a verifier accepts, those of several regions side by side (`quanlian-trust/1`, docs/format.md §8). */
export interface TrustList {
  readonly format: "quanlian-trust/1";
  readonly name: string;
  readonly issuedAt: number;
  readonly chains: readonly TrustedChain[];
}

const vrfKey = object({ fromYear: integer(0, 9999), key: bytes(32) });

const nodeAddress = where(
  (value) => typeof value === "string" && value.length <= 500 && /^https?:\/\/[\x21-\x7e]+$/.test(value),
);

const qbftMembers = object({
  epochLength: integer(1),
  sets: array(object({ from: integer(0), until: nullable(integer(0)), validators: array(bytes(20), 1024) }), 10_000),
  pins: array(object({ number: integer(0), hash: bytes(32) }), 10_000),
});

const qbft: Shape = (value, path) =>
  qbftMembers(value, path) ?? (trustProblem(value as unknown as QbftTrust) === null ? null : path);

const trustedChain = object({
  region: object({ zh: text(100), en: text(100) }),
  chainId: integer(1),
  genesisHash: bytes(32),
  ledger: bytes(20),
  registry: bytes(20),
  prefixBits: integer(0, 256),
  vrfKeys: (value, path) => array(vrfKey, 200)(value, path) ?? vrfKeyOrder(value, path),
  finality: object({
    rule: literal("immediate", "tag", "confirmations", "snapshot"),
    confirmations: integer(0, 1_000_000),
  }),
  nodes: optional(array(nodeAddress, 20)),
  qbft: optional(qbft),
  predecessors: optional(array(bytes(20), 16)),
});

const vrfKeyOrder: Shape = where((value) => {
  const years = (value as unknown as VrfKey[]).map(({ fromYear }) => fromYear);
  return years.length > 0 && years.every((year, i) => i === 0 || years[i - 1]! < year);
});

const trustList = object({
  format: literal("quanlian-trust/1"),
  name: text(200),
  issuedAt: integer(0),
  chains: array(trustedChain, 1000),
});

/** Reads a trust list strictly; `problem` says where it does not fit the form. */
export function readTrustList(
  document: string | Uint8Array,
): { ok: true; trustList: TrustList } | { ok: false; problem: string } {
  const read = readJson(document);
  if (!read.ok) return { ok: false, problem: `${read.problem} at ${read.position}` };
  const problem = trustList(read.value, "") ?? sealProblem(read.value as unknown as TrustList);
  return problem === null
    ? { ok: true, trustList: read.value as unknown as TrustList }
    : { ok: false, problem: problem || "the document" };
}

/** Reads the `qbft` member of a trust list where it stands in a file of its own (`network init` writes one); null when it is none. */
export function readQbftTrust(document: string | Uint8Array): QbftTrust | null {
  const read = readJson(document);
  return read.ok && qbft(read.value, "") === null ? (read.value as unknown as QbftTrust) : null;
}

/** Ledgers of one chain have the same validators and the genesis block for a pin; no validator serves two chains. */
function sealProblem({ chains }: TrustList): string | null {
  const byChain = new Map<string, QbftTrust>();
  for (const [i, { chainId, genesisHash, qbft: seals }] of chains.entries()) {
    if (!seals) continue;
    const name = `${chainId}/${genesisHash}`;
    const known = byChain.get(name) ?? seals;
    const genesis = seals.pins.find(({ number }) => number === 0);
    if (inOrder(known) !== inOrder(seals) || (genesis && genesis.hash !== genesisHash)) return `chains[${i}].qbft`;
    byChain.set(name, seals);
  }
  const shared = sharedValidator([...byChain.values()]);
  return shared === null ? null : `the validator ${shared} of two chains`;
}

function inOrder({ epochLength, sets, pins }: QbftTrust): string {
  const flat = sets.map(({ from, until, validators }) => [from, until, ...[...validators].sort()]);
  return JSON.stringify([epochLength, flat, pins.map(({ number, hash }) => [number, hash])]);
}

/** What a document says about the chain it belongs to. */
export interface ChainIdentity {
  readonly chainId: number;
  readonly genesisHash: Hex;
  readonly ledger: Hex;
}

export function trustedChainOf(trust: TrustList, named: ChainIdentity): TrustedChain | undefined {
  return trust.chains.find(
    ({ chainId, genesisHash, ledger }) =>
      chainId === named.chainId && genesisHash === named.genesisHash && ledger === named.ledger,
  );
}

/** The VRF key for the streams of a year, or undefined when the chain did not exist then. */
export function vrfKeyOf(chain: TrustedChain, year: number): Hex | undefined {
  return chain.vrfKeys.findLast(({ fromYear }) => fromYear <= year)?.key;
}
