import type { KindLoad } from "./regions.ts";

/** How heavy the tail of records per stream is (Lomax exponent), and the longest stream of a year. Both are assumed. */
export interface Skew {
  readonly exponent: number;
  readonly longest: number;
}

export const REALISTIC: Skew = { exponent: 1.5, longest: 20_000 };

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
}

/** Sizes of the buckets of one kind and year. */
export interface BucketSizes {
  readonly records: number;
  readonly streams: number;
  readonly mean: number;
  /** Pairs in the bucket of an arbitrary subject that has records: what its certificate must carry. */
  readonly seen: Percentiles;
  readonly largest: number;
  readonly longestStream: number;
  /** Buckets that are used at all: each costs a storage slot once a year. */
  readonly used: number;
}

/** Streams are dealt to buckets at random, as VRF outputs are; their lengths are drawn until the year's records are used up. */
export function simulateBuckets(load: KindLoad, prefixBits: number, skew: Skew, random: () => number): BucketSizes {
  const buckets = 2 ** prefixBits;
  const [pairs, streamsIn] = [new Uint32Array(buckets), new Uint32Array(buckets)];
  const length = streamLength(load.meanPerStream, skew, random);
  let [records, streams, longestStream] = [0, 0, 0];
  while (records < load.records) {
    const size = Math.min(length(), load.records - records);
    const bucket = Math.floor(random() * buckets);
    pairs[bucket]! += size;
    streamsIn[bucket]! += 1;
    records += size;
    streams++;
    longestStream = Math.max(longestStream, size);
  }
  const used = pairs.reduce((count, size) => count + (size > 0 ? 1 : 0), 0);
  const largest = pairs.reduce((most, size) => Math.max(most, size), 0);
  const seen = seenBy(pairs, streamsIn, streams, largest);
  return { records, streams, mean: records / buckets, seen, largest, longestStream, used };
}

/** One plus a Lomax variate, rounded down; its scale is chosen so that the mean is `mean`. */
function streamLength(mean: number, { exponent, longest }: Skew, random: () => number): () => number {
  const scale = scaleFor(mean, exponent, longest);
  return () => Math.min(longest, 1 + Math.floor(scale * ((1 - random()) ** (-1 / exponent) - 1)));
}

/** Rounding and the cap shift the mean, so it is found by bisection. E[1 + ⌊X⌋] = 1 + Σ P(X ≥ k) for k = 1, 2, … */
function scaleFor(mean: number, exponent: number, longest: number): number {
  const meanOf = (scale: number): number => {
    let sum = 1;
    for (let k = 1; k < longest; k++) sum += (1 + k / scale) ** -exponent;
    return sum;
  };
  let [low, high] = [1e-6, 100];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (meanOf(middle) < mean) low = middle;
    else high = middle;
  }
  return high;
}

/** Percentiles over subjects, not over buckets: a full bucket is also one that many subjects share. */
function seenBy(pairs: Uint32Array, streamsIn: Uint32Array, streams: number, largest: number): Percentiles {
  const streamsBySize = new Uint32Array(largest + 1);
  pairs.forEach((size, bucket) => (streamsBySize[size]! += streamsIn[bucket]!));
  const at = (share: number): number => {
    let passed = 0;
    return streamsBySize.findIndex((count) => (passed += count) >= share * streams);
  };
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999) };
}

/** Repeatable numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
