import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** A column with its value as text; null where the row has none. */
export type SealedColumn = readonly [name: string, value: string | null];

const WHOLE_BYTES = 16;
const COLUMN_BYTES = 4;

/**
 * Seals rows with a key that is derived from the key file, so that whoever has a hand in the database only can neither
 * change a sealed row nor make a seal. A seal is HMAC-SHA256 over the table and all columns (16 bytes), then a tag of 4
 * bytes for each column: the tags decide nothing, they name what was changed.
 */
export class RowSeals {
  readonly #key: Buffer;

  constructor(masterKey: Uint8Array) {
    this.#key = Buffer.from(hkdfSync("sha256", masterKey, "", "quanlian/row-seals/1", 32));
  }

  seal(table: string, columns: readonly SealedColumn[]): Buffer {
    return Buffer.concat([this.#whole(table, columns), ...columns.map((column) => this.#tag(table, column))]);
  }

  /** The columns that are not what was sealed; `seal` when it is the seal itself that was changed, or that is missing. */
  altered(table: string, columns: readonly SealedColumn[], seal: Uint8Array | null): string[] {
    if (seal?.length !== WHOLE_BYTES + COLUMN_BYTES * columns.length) return ["seal"];
    const tags = columns.map((column) => this.#tag(table, column));
    const isWhole = timingSafeEqual(this.#whole(table, columns), seal.subarray(0, WHOLE_BYTES));
    const differing = columns.filter((_, i) => !tags[i]!.equals(tagAt(seal, i))).map(([name]) => name);
    if (differing.length > 0) return isWhole ? ["seal"] : differing;
    return isWhole ? [] : ["seal"];
  }

  #whole(table: string, columns: readonly SealedColumn[]): Buffer {
    return this.#mac([table, columns]).subarray(0, WHOLE_BYTES);
  }

  #tag(table: string, column: SealedColumn): Buffer {
    return this.#mac([table, column]).subarray(0, COLUMN_BYTES);
  }

  #mac(content: readonly unknown[]): Buffer {
    return createHmac("sha256", this.#key).update(JSON.stringify(content)).digest();
  }
}

function tagAt(seal: Uint8Array, i: number): Uint8Array {
  return seal.subarray(WHOLE_BYTES + i * COLUMN_BYTES, WHOLE_BYTES + (i + 1) * COLUMN_BYTES);
}
