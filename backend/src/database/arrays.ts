/** Type ids of PostgreSQL's catalogue (pg_type.dat). */
const BYTEA = 17;
const TEXT = 25;
const HEAD_BYTES = 20;
const NULL_LENGTH = -1;

/**
 * An array parameter in PostgreSQL's binary format (array_recv in src/backend/utils/adt/arrayfuncs.c). As text, which the driver would make
 * of it, bytes are doubled, everything is escaped element by element, and PostgreSQL undoes both.
 */
export function textArray(values: readonly string[]): Buffer {
  return arrayOf(
    TEXT,
    values,
    (value) => Buffer.byteLength(value),
    (value, to, at) => to.write(value, at),
  );
}

/** The same for `bytea[]`. */
export function bytesArray(values: readonly (Uint8Array | null)[]): Buffer {
  return arrayOf(
    BYTEA,
    values,
    (value) => value.length,
    (value, to, at) => to.set(value, at),
  );
}

function arrayOf<Value>(
  type: number,
  values: readonly (Value | null)[],
  lengthOf: (value: Value) => number,
  write: (value: Value, to: Buffer, at: number) => unknown,
): Buffer {
  const lengths = values.map((value) => (value === null ? NULL_LENGTH : lengthOf(value)));
  const array = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + Math.max(length, 0), HEAD_BYTES));
  const hasNulls = lengths.includes(NULL_LENGTH) ? 1 : 0;
  [1, hasNulls, type, values.length, 1].forEach((word, i) => array.writeInt32BE(word, 4 * i));
  let at = HEAD_BYTES;
  values.forEach((value, i) => {
    at = array.writeInt32BE(lengths[i]!, at);
    if (value === null) return;
    write(value, array, at);
    at += lengths[i]!;
  });
  return array;
}
