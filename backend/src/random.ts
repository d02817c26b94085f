import { randomBytes } from "node:crypto";

const POOL_BYTES = 64 * 1024;
let pool = randomBytes(0);

/**
 * Random bytes for salts, ids, nonces and keys, of which every record takes several: asking the generator costs more than the few bytes
 * that it gives, so it is asked for many at a time. No byte is handed out twice.
 */
export function freshBytes(length: number): Buffer {
  if (length > POOL_BYTES) return randomBytes(length);
  if (pool.length < length) pool = randomBytes(POOL_BYTES);
  const fresh = pool.subarray(0, length);
  pool = pool.subarray(length);
  return fresh;
}
