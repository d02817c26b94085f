import { quorumOf } from "../../proof/src/finality/seals.ts";
import { REALISTIC, seeded, simulateBuckets, type BucketSizes, type Percentiles } from "./buckets.ts";
import type { Values } from "./parameters.ts";
import type { Region } from "./regions.ts";

const SECONDS_A_YEAR = 365 * 86_400;
/** JSON around a pair: 0x, quotes and a comma around 128 digits. */
const PAIR_CHARACTERS = 128 + 5;
/** VRF proof (80 bytes), names and brackets of a stream. */
const STREAM_CHARACTERS = 160 + 60;
/** Everything else in a certificate: subject, chain, header with seals, account proofs. */
const FRAME_CHARACTERS = 8_000;

/** Characters of JSON for a subject in a usual bucket, and for one in the fullest hundredth of the buckets of every kind. */
export interface CertificateSize {
  readonly usual: number;
  readonly p99: number;
}

/** Kinds that a clean-record certificate speaks of. */
const CLEAN_RECORD = ["ENFORCEMENT", "CREDIT"];

/** The plan for one ledger of a region, and for all of them where it says so. */
export interface Plan {
  readonly region: Region;
  readonly recordsPerYear: number;
  readonly buckets: readonly { readonly kind: string; readonly sizes: BucketSizes }[];
  /** Share of records whose bucket is used for the first time that year. */
  readonly newSlots: number;
  readonly gasPerRecord: number;
  readonly averagePerSecond: number;
  readonly peakPerSecond: number;
  /** What the measured engine takes in a second, with this share of new slots; what the block gas limit would allow. */
  readonly enginePerSecond: number;
  readonly gasLimitPerSecond: number;
  readonly peakUse: number;
  readonly chainBytesPerRecord: number;
  /** Grows whether or not anybody anchors: a block every `blockSeconds`. */
  readonly idleBytesPerYear: number;
  readonly chainBytesPerYear: number;
  /** More on a node that keeps the state of every block. */
  readonly archiveBytesPerYear: number;
  readonly databaseBytesPerYear: number;
  readonly databaseBytesOnline: number;
  readonly partitionsOnline: number;
  readonly importCores: number;
  readonly verificationsPerSecond: number;
  readonly verificationCores: number;
  /** Of a core: checking the seals of every block that is called final. */
  readonly sealShare: number;
  readonly certificates: { readonly allKinds: CertificateSize; readonly cleanRecord: CertificateSize };
  readonly rpcNodes: number;
}

export function planFor(region: Region, values: Values, seed: number): Plan {
  const random = seeded(seed);
  const buckets = region.kinds.map((load) => ({
    kind: load.kind,
    sizes: simulateBuckets(load, region.prefixBits, REALISTIC, random),
  }));
  const recordsPerYear = sum(region.kinds.map(({ records }) => records));
  const newSlots = sum(buckets.map(({ sizes }) => sizes.used)) / recordsPerYear;
  const rates = ratesOf(recordsPerYear, newSlots, values);
  const bytes = bytesOf(recordsPerYear, newSlots, sum(buckets.map(({ sizes }) => sizes.used)), values);
  const verificationsPerSecond = (region.verifications / 86_400) * values.verificationPeak;
  const verificationCores = cores(verificationsPerSecond * values.verifyMilliseconds, values);
  return {
    region,
    recordsPerYear,
    buckets,
    newSlots,
    ...rates,
    ...bytes,
    verificationsPerSecond,
    verificationCores,
    sealShare: (quorumOf(region.validators) * values.sealMilliseconds) / 1000 / values.blockSeconds,
    certificates: {
      allKinds: certificateOf(buckets, values),
      cleanRecord: certificateOf(
        buckets.filter(({ kind }) => CLEAN_RECORD.includes(kind)),
        values,
      ),
    },
    rpcNodes: 1 + Math.ceil(verificationCores / 8),
  };
}

function ratesOf(records: number, newSlots: number, values: Values) {
  const peakPerSecond = (records / values.workingDays / (values.importHours * 3600)) * values.importPeak;
  const { engineRecordsPerSecondExisting: existing, engineRecordsPerSecondNew: fresh } = values;
  const enginePerSecond = 1 / ((1 - newSlots) / existing + newSlots / fresh);
  const gasPerRecord = (1 - newSlots) * values.gasPerRecordExisting + newSlots * values.gasPerRecordNew;
  return {
    gasPerRecord,
    averagePerSecond: records / SECONDS_A_YEAR,
    peakPerSecond,
    enginePerSecond,
    gasLimitPerSecond: values.blockGasLimit / gasPerRecord / values.blockSeconds,
    peakUse: peakPerSecond / enginePerSecond,
    importCores: cores(peakPerSecond * values.recordMilliseconds, values),
  };
}

function bytesOf(records: number, newSlots: number, slots: number, values: Values) {
  const batches = records / values.batchRecords;
  const perBatch = (values.callBytesPerBatch + values.receiptBytesPerBatch) / values.batchRecords;
  const newState = newSlots * 2 * values.callBytesPerRecord;
  const chainBytesPerRecord = (values.callBytesPerRecord + perBatch + newState) * values.compression;
  const idleBytesPerYear = (SECONDS_A_YEAR / values.blockSeconds) * (values.headerBytes + values.indexBytesPerBlock);
  const databaseBytesPerYear = records * values.databaseBytesPerRecord;
  return {
    chainBytesPerRecord,
    idleBytesPerYear,
    chainBytesPerYear: records * chainBytesPerRecord + idleBytesPerYear,
    archiveBytesPerYear: batches * pathBytes(values.batchRecords, slots),
    databaseBytesPerYear,
    databaseBytesOnline: databaseBytesPerYear * values.onlineYears * values.databaseCopies,
    partitionsOnline: values.onlineYears * Math.max(1, Math.ceil(records / values.rowsPerPartition)),
  };
}

/**
 * Bytes of the nodes on the paths to `keys` random keys in a trie of `slots` entries: what a proof carries, or what a batch
 * writes anew. A branch has 33 bytes for each child and one for each place without; a leaf about 70.
 */
export function pathBytes(keys: number, slots: number): number {
  let bytes = keys * 70;
  for (let width = 1; width < slots; width *= 16) {
    const touched = width * (1 - (1 - 1 / width) ** keys);
    const children = 16 * (1 - (15 / 16) ** (slots / width));
    bytes += touched * (20 + 32 * children);
  }
  return bytes;
}

function certificateOf(buckets: Plan["buckets"], values: Values): CertificateSize {
  const streams = buckets.length * values.certificateYears;
  const slots = sum(buckets.map(({ sizes }) => sizes.used)) * values.certificateYears;
  const stateProof = 2 * pathBytes(streams, slots); // two hex digits a byte
  const frame = FRAME_CHARACTERS + streams * STREAM_CHARACTERS + stateProof;
  const sizeWith = (pick: (seen: Percentiles) => number): number =>
    frame + sum(buckets.map(({ sizes }) => pick(sizes.seen))) * values.certificateYears * PAIR_CHARACTERS;
  return { usual: sizeWith(({ p50 }) => p50), p99: sizeWith(({ p99 }) => p99) };
}

/** Cores for so many milliseconds of work a second, with room to spare. */
function cores(millisecondsPerSecond: number, values: Values): number {
  return Math.max(1, Math.ceil(millisecondsPerSecond / 1000 / values.processUse));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
