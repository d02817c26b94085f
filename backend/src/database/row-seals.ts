import { hash, hkdfSync, timingSafeEqual } from "node:crypto";

/** A column with its value as text; null where the row has none. */
export type SealedColumn = readonly [name: string, value: string | null];

const WHOLE_BYTES = 16;
const TAG_BYTES = 4;
const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/**
 * Seals rows with a key that is derived from the key file, so that whoever has a hand in the database only can neither
 * change a sealed row nor make a seal. A seal is HMAC-SHA256 over table, columns and tags (16 bytes), then a tag of 4
 * bytes for each column: the tags decide nothing, they name what was changed.
 */
export class RowSeals {
  /** The key as HMAC pads it (RFC 2104 §2); by Node's own Hmac a short text costs several times as much. */
  readonly #inner: Buffer;
  /** With room for the inner digest behind it. */
  readonly #outer: Buffer;

  constructor(masterKey: Uint8Array) {
    const key = Buffer.alloc(BLOCK_BYTES);
    key.set(new Uint8Array(hkdfSync("sha256", masterKey, "", "quanlian/row-seals/1", 32)));
    this.#inner = key.map((byte) => byte ^ 0x36) as Buffer;
    this.#outer = Buffer.concat([key.map((byte) => byte ^ 0x5c), Buffer.alloc(DIGEST_BYTES)]);
  }

  seal(table: string, columns: readonly SealedColumn[]): Buffer {
    const tags = Buffer.concat(columns.map((column) => this.#tag(table, column)));
    return Buffer.concat([this.#whole(table, columns, tags), tags]);
  }

  /** The columns that are not what was sealed; `seal` when it is the seal itself that was changed, or that is missing. */
  altered(table: string, columns: readonly SealedColumn[], seal: Uint8Array | null): string[] {
    if (seal?.length !== WHOLE_BYTES + TAG_BYTES * columns.length) return ["seal"];
    const tags = Buffer.from(seal.subarray(WHOLE_BYTES));
    if (timingSafeEqual(this.#whole(table, columns, tags), seal.subarray(0, WHOLE_BYTES))) return [];
    const differing = columns.filter((column, i) => !this.#tag(table, column).equals(tagAt(tags, i)));
    return differing.length === 0 ? ["seal"] : differing.map(([name]) => name);
  }

  #whole(table: string, columns: readonly SealedColumn[], tags: Buffer): Buffer {
    return this.#mac([table, columns, tags.toString("base64url")]).subarray(0, WHOLE_BYTES);
  }

  #tag(table: string, column: SealedColumn): Buffer {
    return this.#mac([table, column]).subarray(0, TAG_BYTES);
  }

  #mac(content: readonly unknown[]): Buffer {
    const message = Buffer.concat([this.#inner, Buffer.from(JSON.stringify(content))]);
    this.#outer.write(hash("sha256", message, "binary"), BLOCK_BYTES, "binary");
    return Buffer.from(hash("sha256", this.#outer, "binary"), "binary");
  }
}

function tagAt(tags: Buffer, i: number): Buffer {
  return tags.subarray(i * TAG_BYTES, (i + 1) * TAG_BYTES);
}
