import { createHash } from "node:crypto";

/** A repeatable source of choices: the same seed and path give the same choices on every machine. */
export interface Random {
  /** A number in [0, 1). */
  readonly next: () => number;
  /** A whole number from `min` to `max`, both included. */
  readonly int: (min: number, max: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** True with this probability. */
  readonly chance: (probability: number) => boolean;
  /** A whole number whose mean is `mean`: its floor, or one more. */
  readonly around: (mean: number) => number;
}

/** A source that depends on the seed and the path only, so that one subject's records do not depend on the others'. */
export function randomOf(...path: readonly (string | number)[]): Random {
  const seed = createHash("sha256").update(path.join("/")).digest();
  const next = sfc32(seed.readUInt32LE(0), seed.readUInt32LE(4), seed.readUInt32LE(8), seed.readUInt32LE(12));
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    pick: (items) => items[int(0, items.length - 1)]!,
    chance: (probability) => next() < probability,
    around: (mean) => Math.floor(mean) + (next() < mean % 1 ? 1 : 0),
  };
}

/** Small Fast Counter (Chris Doty-Humphrey, PractRand), 32 bits. */
function sfc32(a: number, b: number, c: number, counter: number): () => number {
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
}
