import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "../config.ts";
import { parseKeyFile, readKeyFile } from "../departments/key-file.ts";
import { KeyVault } from "../departments/key-vault.ts";
import type { KeyEncryption, WrappedKey } from "./key-encryption.ts";

/** Key-encryption keys in the key file. A file that was changed by `keys rotate` is read anew by every process. */
export class LocalKeyEncryption implements KeyEncryption {
  readonly #path: string;
  #readAt = "";
  #current = "";
  #keks: ReadonlyMap<string, KeyVault> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws ConfigError when the file has none */
  async wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    const kek = await this.current();
    const vault = this.#keks.get(kek)!;
    return keys.map((key) => ({ kek, wrapped: vault.seal(key, contextOf(kek)) }));
  }

  async unwrap(wrapped: readonly WrappedKey[]): Promise<(Buffer | null)[]> {
    this.#refresh();
    return wrapped.map((one) => this.#unwrapped(one));
  }

  async rewrap(wrapped: readonly WrappedKey[]): Promise<WrappedKey[]> {
    const keys = await this.unwrap(wrapped);
    if (keys.includes(null)) throw new Error("a data key does not open under its key-encryption key");
    return this.wrap(keys as Buffer[]);
  }

  /** @throws ConfigError when the file has none */
  async current(): Promise<string> {
    this.#refresh();
    if (this.#current === "")
      throw new ConfigError(
        `The key file ${this.#path} holds no key-encryption key: run \`npm run keys -- rotate\`, which adds one.`,
      );
    return this.#current;
  }

  recent(): Promise<string> {
    return this.current();
  }

  async rotate(): Promise<string> {
    const id = `kek-${randomBytes(4).toString("hex")}`;
    const file = parseKeyFile(this.#path);
    const keys = "keyEncryption" in file ? file.keyEncryption.keys : {};
    const keyEncryption = { current: id, keys: { ...keys, [id]: `0x${randomBytes(32).toString("hex")}` } };
    replace(this.#path, { ...file, format: "quanlian-keys/2", keyEncryption });
    return id;
  }

  async destroy(keks: readonly string[]): Promise<void> {
    const file = parseKeyFile(this.#path);
    if (!("keyEncryption" in file) || keks.includes(file.keyEncryption.current))
      throw new Error("the current key-encryption key is not destroyed");
    const keys = Object.entries(file.keyEncryption.keys).filter(([id]) => !keks.includes(id));
    replace(this.#path, { ...file, keyEncryption: { ...file.keyEncryption, keys: Object.fromEntries(keys) } });
  }

  #unwrapped({ kek, wrapped }: WrappedKey): Buffer | null {
    try {
      return this.#keks.get(kek)?.open(wrapped, contextOf(kek)) ?? null;
    } catch {
      return null;
    }
  }

  #refresh(): void {
    const { mtimeMs, ino } = statSync(this.#path);
    const readAt = `${ino} ${mtimeMs}`;
    if (readAt === this.#readAt) return;
    const { keyEncryption } = readKeyFile(this.#path);
    this.#current = keyEncryption?.current ?? "";
    this.#keks = new Map([...(keyEncryption?.keys ?? [])].map(([id, key]) => [id, new KeyVault(key)]));
    this.#readAt = readAt;
  }
}

/** Says only what the key is for: swapped data keys are seen where their content does not open. */
function contextOf(kek: string): string {
  return `quanlian/data-key/1/${kek}`;
}

/** All or nothing, and on the disk before anything rests on it. */
function replace(path: string, content: object): void {
  const next = `${path}.next`;
  writeFileSync(next, JSON.stringify(content, null, 2), { mode: 0o600, flush: true });
  renameSync(next, path);
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}
