import { readFileSync } from "node:fs";
import { z } from "zod";
import type { TransitSettings } from "../config.ts";
import { Refusal } from "../http/refusal.ts";
import type { KeyEncryption, WrappedKey } from "./key-encryption.ts";

/** How long an answer may take, in milliseconds. */
const PATIENCE_MS = 3_000;
/** Keys in one request: OpenBao refuses JSON of more than a thousand strings, and every key is two. */
const BATCH = 256;
/** How many opened data keys are remembered, and for how long in milliseconds: one page of records is often read again. */
const REMEMBERED = 4_096;
const REMEMBERED_MS = 60_000;
/** How old what is known of a rotation may be, in milliseconds. */
const RECENT_MS = 5_000;

const PREFIX = "transit-";

/** Whether a KEK of this id lies in a Transit engine. */
export function isOfTransit(kek: string): boolean {
  return kek.startsWith(PREFIX);
}

const encrypted = z.object({ data: z.object({ batch_results: z.array(z.object({ ciphertext: z.string() })) }) });
const decrypted = z.object({
  data: z.object({ batch_results: z.array(z.object({ plaintext: z.string().optional() })) }),
});
const described = z.object({ data: z.object({ latest_version: z.int(), keys: z.record(z.string(), z.unknown()) }) });

/**
 * Key-encryption keys in the Transit engine of HashiCorp Vault or OpenBao: they never leave it. Each version of the Transit key is
 * one KEK, `transit-<key>-v<version>`; Transit names the version in what it encrypts (`vault:v2:…`).
 */
export class TransitKeyEncryption implements KeyEncryption {
  readonly #settings: TransitSettings;
  readonly #now: () => number;
  #known = { kek: "", until: -Infinity };
  readonly #opened = new Map<string, { readonly key: Buffer; readonly until: number }>();

  constructor(settings: TransitSettings, now: () => number = Date.now) {
    this.#settings = settings;
    this.#now = now;
  }

  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    return inBatches(keys, async (batch) => {
      const batch_input = batch.map((key) => ({ plaintext: key.toString("base64") }));
      return this.#wrapped(await this.#ask("POST", "encrypt", { batch_input }));
    });
  }

  async unwrap(wrapped: readonly WrappedKey[]): Promise<(Buffer | null)[]> {
    const unknown = wrapped.filter((one) => !this.#remembered(one));
    const fresh = await inBatches(unknown, (batch) => this.#decrypt(batch));
    const byName = new Map(unknown.map((one, i): [string, Buffer | null] => [nameOf(one), fresh[i] ?? null]));
    const keys = wrapped.map((one) => byName.get(nameOf(one)) ?? this.#remembered(one) ?? null);
    for (const [name, key] of byName) if (key) this.#remember(name, key);
    return keys;
  }

  rewrap(wrapped: readonly WrappedKey[]): Promise<WrappedKey[]> {
    return inBatches(wrapped, async (batch) => {
      const batch_input = batch.map(({ wrapped: bytes }) => ({ ciphertext: bytes.toString("latin1") }));
      return this.#wrapped(await this.#ask("POST", "rewrap", { batch_input }));
    });
  }

  async recent(): Promise<string> {
    if (this.#known.until <= this.#now()) await this.current();
    return this.#known.kek;
  }

  async current(): Promise<string> {
    const kek = this.#idOf((await this.#describe()).latest_version);
    this.#known = { kek, until: this.#now() + RECENT_MS };
    return kek;
  }

  async rotate(): Promise<string> {
    await this.#ask("POST", "keys", {}, "/rotate");
    return this.current();
  }

  /** Transit destroys versions from the oldest on; those in between go with the newest of them. */
  async destroy(keks: readonly string[]): Promise<void> {
    const { latest_version: latest } = await this.#describe();
    const newest = Math.max(...keks.map((kek) => this.#versionOf(kek)));
    if (!(newest < latest)) throw new Error("the current key-encryption key is not destroyed");
    const first = newest + 1;
    await this.#ask("POST", "keys", { min_decryption_version: first, min_encryption_version: first }, "/config");
    await this.#ask("POST", "keys", { min_available_version: first }, "/trim");
    this.#opened.clear();
  }

  /** What was altered, or wrapped by a version that is destroyed, spoils no neighbour: Transit answers item by item. */
  async #decrypt(batch: readonly WrappedKey[]): Promise<(Buffer | null)[]> {
    const batch_input = batch.map(({ wrapped }) => ({ ciphertext: wrapped.toString("latin1") }));
    const answer = decrypted.parse(await this.#ask("POST", "decrypt", { batch_input }));
    return batch.map((one, i) => {
      const { plaintext } = answer.data.batch_results[i] ?? {};
      return plaintext && this.#kekOf(one.wrapped.toString("latin1")) === one.kek
        ? Buffer.from(plaintext, "base64")
        : null;
    });
  }

  #wrapped(answer: unknown): WrappedKey[] {
    return encrypted.parse(answer).data.batch_results.map(({ ciphertext }) => {
      return { kek: this.#kekOf(ciphertext), wrapped: Buffer.from(ciphertext, "latin1") };
    });
  }

  #kekOf(ciphertext: string): string {
    return this.#idOf(Number(/^vault:v(\d+):/.exec(ciphertext)?.[1]));
  }

  #idOf(version: number): string {
    return `${PREFIX}${this.#settings.key}-v${version}`;
  }

  #versionOf(kek: string): number {
    const version = Number(/-v(\d+)$/.exec(kek)?.[1]);
    if (this.#idOf(version) !== kek) throw new Error(`${kek} is no version of the Transit key ${this.#settings.key}`);
    return version;
  }

  async #describe(): Promise<z.infer<typeof described>["data"]> {
    return described.parse(await this.#ask("GET", "keys")).data;
  }

  #remembered(wrapped: WrappedKey): Buffer | undefined {
    const known = this.#opened.get(nameOf(wrapped));
    return known && known.until > this.#now() ? known.key : undefined;
  }

  #remember(name: string, key: Buffer): void {
    if (this.#opened.size >= REMEMBERED) this.#opened.delete(this.#opened.keys().next().value!);
    this.#opened.set(name, { key, until: this.#now() + REMEMBERED_MS });
  }

  /**
   * @throws Refusal KMS_UNAVAILABLE when it is away, sealed, or refuses the token. A batch of which single items fail is
   * answered with 400 and the results all the same.
   */
  async #ask(method: "GET" | "POST", what: string, body?: object, then = ""): Promise<unknown> {
    const { address, mount, key, tokenFile } = this.#settings;
    try {
      const answer = await fetch(`${address}/v1/${mount}/${what}/${key}${then}`, {
        method,
        headers: { "x-vault-token": readFileSync(tokenFile, "utf8").trim(), "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await answer.text();
      const content: unknown = text === "" ? {} : JSON.parse(text);
      const isBatch = typeof content === "object" && content !== null && "data" in content;
      if (answer.ok || (answer.status === 400 && isBatch)) return content;
    } catch {
      // Said in one word below: the address and the token are nobody's business.
    }
    throw new Refusal("KMS_UNAVAILABLE", { retryAfter: 5 });
  }
}

function nameOf({ kek, wrapped }: WrappedKey): string {
  return `${kek} ${wrapped.toString("latin1")}`;
}

async function inBatches<T, R>(items: readonly T[], handle: (batch: readonly T[]) => Promise<R[]>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += BATCH) results.push(...(await handle(items.slice(at, at + BATCH))));
  return results;
}
