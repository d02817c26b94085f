import { blockReferenceMembers, type BlockReference } from "./anchor.ts";
import type { Hex } from "./bytes.ts";
import { finalityShape, type FinalityProof } from "./finality/finality-proof.ts";
import { bucketOf, type Entry } from "./head.ts";
import type { Json } from "./json.ts";
import { batchedStatementMembers, type BatchedStatement } from "./record.ts";
import { array, bytes, integer, literal, nullable, object, where, type Shape } from "./shape.ts";
import { proveStream } from "./stream.ts";
import type { Suite } from "./suite.ts";
import {
  isDay,
  isDepartment,
  isKind,
  isSubject,
  isUnixTime,
  isYear,
  yearOf,
  type Kind,
  type Subject,
} from "./words.ts";

/** Days in China time, both included. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** One stream of the subject within the bucket that it shares. */
export interface CertificateStream {
  readonly kind: Kind;
  readonly year: number;
  /** VRF proof of the stream key, 80 bytes. */
  readonly proof: Hex;
  /** All pairs of the bucket in the order of anchoring: stream key ‖ record hash, 64 bytes each. */
  readonly pairs: readonly Hex[];
}

/** What became of a record that the certificate shows. */
export interface CertificateSupersession {
  readonly department: string;
  readonly recordHash: Hex;
  readonly successor: Hex;
  readonly by: string;
  readonly reason: number;
  readonly at: number;
}

/** What one ledger says about the subject as of one block. */
export interface CertificateChain extends BlockReference {
  readonly streams: readonly CertificateStream[];
  readonly records: readonly BatchedStatement[];
  readonly supersessions: readonly CertificateSupersession[];
  /** Null: that the heads are those of the block rests on asking the chain. */
  readonly finality: FinalityProof | null;
}

/**
 * 证明 `quanlian-certificate/1` (docs/format.md §7). `history`: everything of these kinds in this period. `clean-record`: no
 * enforcement and no negative credit record in this period still stands. `record`: the records shown, and whether they stand.
 */
export interface Certificate {
  readonly format: "quanlian-certificate/1";
  readonly suite: Suite["name"];
  readonly purpose: "history" | "clean-record" | "record";
  readonly subject: Subject;
  /** Ascending; empty for `record`. */
  readonly kinds: readonly Kind[];
  /** For `clean-record`: the departments it speaks about, ascending; null: all. */
  readonly scope: { readonly departments: readonly string[] } | null;
  /** Null for `record`. */
  readonly period: Period | null;
  readonly issuedAt: number;
  readonly chains: readonly CertificateChain[];
}

const stream = object({
  kind: where(isKind),
  year: where(isYear),
  proof: bytes(80),
  pairs: array(bytes(64), 1_000_000),
});

const supersession = object({
  department: where(isDepartment),
  recordHash: bytes(32),
  successor: bytes(32),
  by: where(isDepartment),
  reason: integer(1, 4),
  at: where(isUnixTime),
});

const members = object({
  format: literal("quanlian-certificate/1"),
  suite: literal("ES256-SHA256-KECCAK", "SM2-SM3"),
  purpose: literal("history", "clean-record", "record"),
  subject: where(isSubject),
  kinds: array(where(isKind), 5),
  scope: nullable(object({ departments: array(where(isDepartment), 1000) })),
  period: nullable(object({ from: where(isDay), to: where(isDay) })),
  issuedAt: integer(0),
  chains: array(
    object({
      ...blockReferenceMembers,
      streams: array(stream, 1000),
      records: array(object(batchedStatementMembers), 100_000),
      supersessions: array(supersession, 100_000),
      finality: nullable(finalityShape),
    }),
    100,
  ),
});

export const certificateShape: Shape = (value, path) =>
  members(value, path) ?? contradiction(value as unknown as Certificate);

/** The first member that does not go with the purpose, or null. */
function contradiction({ purpose, kinds, scope, period, chains }: Certificate): string | null {
  if (chains.length === 0 || !isAscending(chains.map(chainOrder))) return "chains";
  if (purpose === "record") return recordContradiction({ kinds, scope, period, chains });
  if (kinds.length === 0 || !isAscending(kinds)) return "kinds";
  if (purpose === "clean-record" && kinds.some((kind) => kind < 4)) return "kinds";
  if (scope && (purpose !== "clean-record" || scope.departments.length === 0 || !isAscending(scope.departments)))
    return "scope";
  return period && period.from <= period.to && yearsOf(period).length <= 100 ? null : "period";
}

function recordContradiction({
  kinds,
  scope,
  period,
  chains,
}: Pick<Certificate, "kinds" | "scope" | "period" | "chains">) {
  if (kinds.length > 0) return "kinds";
  if (scope) return "scope";
  if (period) return "period";
  return chains.every(({ streams, records }) => streams.length === 0 && records.length > 0) ? null : "chains";
}

/** Sorts by chain id, then genesis, then ledger. */
function chainOrder({ chainId, genesisHash, ledger }: BlockReference): string {
  return `${String(chainId).padStart(16, "0")}${genesisHash}${ledger}`;
}

function isAscending(values: readonly (string | number)[]): boolean {
  return values.every((value, i) => i === 0 || values[i - 1]! < value);
}

function yearsOf({ from, to }: Period): number[] {
  return Array.from({ length: yearOf(to) - yearOf(from) + 1 }, (_, i) => yearOf(from) + i);
}

/** The streams that a certificate must hold for its kinds and period, in their order. */
export function streamsNeeded(kinds: readonly Kind[], period: Period | null): { kind: Kind; year: number }[] {
  return period === null ? [] : kinds.flatMap((kind) => yearsOf(period).map((year) => ({ kind, year })));
}

/** Splits a pair of 64 bytes. */
export function entryOf(pair: Hex): Entry {
  return { streamKey: pair.slice(0, 66) as Hex, recordHash: `0x${pair.slice(66)}` };
}

/** What a certificate says, before its proofs. */
export type CertificateDraft = Pick<Certificate, "purpose" | "subject" | "kinds" | "scope" | "period" | "issuedAt"> & {
  readonly suite?: Suite["name"];
};

/** Where the proofs of one ledger come from. */
export interface CertificateSource extends BlockReference {
  readonly prefixBits: number;
  /** The VRF secret key (32 bytes) of a year's streams. */
  vrfSecretKey(year: number): Uint8Array;
  /** All pairs of a bucket as of the block, in the order of anchoring. */
  pairsOf(kind: Kind, year: number, bucket: bigint): Promise<readonly Entry[]>;
  /** The statements to show, with the disclosures to show. */
  readonly records: readonly BatchedStatement[];
  /** Of the records shown, as of the block. */
  readonly supersessions: readonly CertificateSupersession[];
  /** What the block's state proves of all that (partQuestions); without it, a verifier asks a node. */
  readonly finality?: FinalityProof | null;
}

/**
 * Builds a certificate; it is for `verify` to say whether its conclusion holds.
 * @throws TypeError when the draft contradicts itself, naming the member.
 */
export async function buildCertificate(
  draft: CertificateDraft,
  sources: readonly CertificateSource[],
): Promise<Certificate> {
  const { purpose, subject, kinds, scope, period, issuedAt, suite = "ES256-SHA256-KECCAK" } = draft;
  const ordered = [...sources].sort((a, b) => (chainOrder(a) < chainOrder(b) ? -1 : 1));
  const said = { format: "quanlian-certificate/1", suite, purpose, subject, kinds, scope, period, issuedAt } as const;
  const problem = certificateShape({ ...said, chains: ordered.map(withoutStreams) } as unknown as Json, "");
  if (problem !== null) throw new TypeError(`not a certificate: ${problem}`);
  const chains = ordered.map(async (source) => ({
    ...withoutStreams(source),
    streams: await streamsOf(source, draft),
  }));
  return { ...said, chains: await Promise.all(chains) };
}

function withoutStreams(source: CertificateSource): CertificateChain {
  const {
    chainId,
    genesisHash,
    ledger,
    blockNumber,
    blockHash,
    blockTime,
    records,
    supersessions,
    finality = null,
  } = source;
  const reference = { chainId, genesisHash, ledger, blockNumber, blockHash, blockTime };
  return { ...reference, streams: [], records, supersessions, finality };
}

function streamsOf(
  source: CertificateSource,
  { subject, kinds, period }: CertificateDraft,
): Promise<CertificateStream[]> {
  const streams = streamsNeeded(kinds, period).map(async ({ kind, year }) => {
    const { streamKey, proof } = proveStream(source.vrfSecretKey(year), subject, kind, year);
    const entries = await source.pairsOf(kind, year, bucketOf(streamKey, source.prefixBits));
    return { kind, year, proof, pairs: entries.map(pairOf) };
  });
  return Promise.all(streams);
}

function pairOf({ streamKey, recordHash }: Entry): Hex {
  return `${streamKey}${recordHash.slice(2)}`;
}
