import { Inject, Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { bytesArray, textArray } from "../database/arrays.ts";
import { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { freshBytes } from "../random.ts";
import { KEY_ENCRYPTION, type KeyEncryption, type WrappedKey } from "./key-encryption.ts";

/** Fresh keys that {@link DataKeys.prepare} keeps ready: more than all transactions of a process can take at a time. */
const READY = 2_048;
/** Wrapped by one call. */
const BATCH = 512;

/** A new data key, to be used once: for one row. */
export interface FreshKey extends WrappedKey {
  readonly vault: KeyVault;
}

/**
 * One data key for each row that holds something personal: a record, a finding, a certificate, or all rejected rows of an
 * import. Keys are made and wrapped ahead of need, so that no transaction waits for a KMS; none is used twice. Nothing is kept
 * of them in memory once they are used.
 */
@Injectable()
export class DataKeys {
  readonly #fresh: FreshKey[] = [];
  readonly #registered = new Set<string>();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(KEY_ENCRYPTION) private readonly kek: KeyEncryption,
  ) {}

  /** To be called before a transaction that will {@link take} keys. @throws Refusal KMS_UNAVAILABLE */
  async prepare(): Promise<void> {
    const kek = await this.kek.recent();
    if (this.#fresh.at(-1)?.kek !== kek) this.#fresh.length = 0;
    while (this.#fresh.length < READY / 2) {
      const keys = Array.from({ length: BATCH }, () => freshBytes(32));
      const wrapped = await this.kek.wrap(keys);
      await this.#register(wrapped[0]!.kek);
      this.#fresh.push(...wrapped.map((one, i) => ({ ...one, vault: new KeyVault(keys[i]!) })));
    }
  }

  /** @throws Refusal KMS_UNAVAILABLE when no key is ready */
  take(): FreshKey {
    const key = this.#fresh.pop();
    if (!key) throw new Refusal("KMS_UNAVAILABLE", { retryAfter: 1 });
    return key;
  }

  /**
   * Keeps keys with the rows that they are for. The row of their KEK is held until the transaction ends: a KEK is never
   * destroyed under keys that another process is just writing.
   */
  async keep(
    keys: readonly { readonly owner: string; readonly key: WrappedKey }[],
    manager: EntityManager,
  ): Promise<void> {
    if (keys.length === 0) return;
    const kept: unknown[] = await manager.query(
      `with held as (select id from kek where id = any($2) and destroyed_at is null for key share)
       insert into data_key (owner, kek, wrapped)
       select owner, kek, wrapped from unnest($1::uuid[], $2::text[], $3::bytea[]) as k(owner, kek, wrapped)
       join held on held.id = k.kek returning 1`,
      [
        keys.map(({ owner }) => owner),
        textArray(keys.map(({ key }) => key.kek)),
        bytesArray(keys.map(({ key }) => key.wrapped)),
      ],
    );
    if (kept.length === keys.length) return;
    this.#fresh.length = 0;
    throw new Refusal("KMS_UNAVAILABLE", { retryAfter: 1 });
  }

  /** The keys of these rows, opened; a row whose key is gone or does not open is missing. @throws Refusal KMS_UNAVAILABLE */
  async of(
    owners: readonly string[],
    manager: EntityManager = this.dataSource.manager,
  ): Promise<ReadonlyMap<string, KeyVault>> {
    if (owners.length === 0) return new Map();
    const rows: (WrappedKey & { owner: string })[] = await manager.query(
      `select owner, kek, wrapped from data_key where owner = any($1)`,
      [owners],
    );
    const keys = await this.kek.unwrap(rows);
    return new Map(rows.flatMap(({ owner }, i) => (keys[i] ? [[owner, new KeyVault(keys[i])]] : [])));
  }

  /** The key of a row that may have one already, such as an import of which rows were rejected before. */
  async ofOrNew(owner: string, manager: EntityManager): Promise<KeyVault> {
    const known = (await this.of([owner], manager)).get(owner);
    if (known) return known;
    const fresh = this.take();
    await this.keep([{ owner, key: fresh }], manager);
    return fresh.vault;
  }

  async #register(kek: string): Promise<void> {
    if (this.#registered.has(kek)) return;
    await this.dataSource.query(`insert into kek (id) values ($1) on conflict do nothing`, [kek]);
    this.#registered.add(kek);
  }
}
