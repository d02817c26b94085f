import type { DataSource } from "typeorm";
import type { KeyEncryption, WrappedKey } from "./key-encryption.ts";

/** Data keys wrapped anew between two writes. */
const PAGE = 500;

/** A key-encryption key and how many data keys it wraps. */
export interface KekState {
  readonly id: string;
  readonly isCurrent: boolean;
  readonly wraps: number;
  readonly destroyedAt: Date | null;
}

/** Which key-encryption keys were ever used, the oldest first. */
export async function kekStates(dataSource: DataSource, keys: KeyEncryption): Promise<KekState[]> {
  const current = await keys.current();
  const rows: { id: string; destroyed_at: Date | null; wraps: number }[] = await dataSource.query(
    `select k.id, k.destroyed_at, count(d.owner)::int as wraps from kek k left join data_key d on d.kek = k.id
     group by k.id order by k.first_used_at, k.id`,
  );
  return rows.map(({ id, destroyed_at, wraps }) => {
    return { id, isCurrent: id === current, wraps, destroyedAt: destroyed_at };
  });
}

/**
 * Wraps every data key anew by the current key-encryption key; content is not touched. What was broken off goes on where it
 * stood, and a key that is erased or wrapped anew meanwhile is left alone. @returns how many
 */
export async function rewrapAll(
  dataSource: DataSource,
  keys: KeyEncryption,
  tell: (rewrapped: number) => void,
): Promise<number> {
  const current = await keys.current();
  await dataSource.query(`insert into kek (id) values ($1) on conflict do nothing`, [current]);
  let count = 0;
  for (;;) {
    const page: (WrappedKey & { owner: string })[] = await dataSource.query(
      `select owner, kek, wrapped from data_key where kek <> $1 limit $2`,
      [current, PAGE],
    );
    if (page.length === 0) return count;
    const rewrapped = await keys.rewrap(page);
    await dataSource.query(
      `update data_key d set kek = w.kek, wrapped = w.wrapped
       from unnest($1::uuid[], $2::bytea[], $3::text[], $4::bytea[]) as w(owner, old, kek, wrapped)
       where d.owner = w.owner and d.wrapped = w.old`,
      [
        page.map(({ owner }) => owner),
        page.map(({ wrapped }) => wrapped),
        rewrapped.map(({ kek }) => kek),
        rewrapped.map(({ wrapped }) => wrapped),
      ],
    );
    tell((count += page.length));
  }
}

/** What came of it: the ids of those that are gone, or how many data keys still hang on them. */
export type Destruction =
  | { readonly destroyed: readonly string[]; readonly wrapped?: undefined }
  | { readonly wrapped: number; readonly destroyed?: undefined };

/**
 * Destroys every key-encryption key but the current one. First the database bars them, under a lock that waits for whoever is
 * just writing with one, and only then are they destroyed: nothing is ever wrapped by a key that is gone.
 */
export async function destroyOldKeks(dataSource: DataSource, keys: KeyEncryption): Promise<Destruction> {
  const current = await keys.current();
  const outcome = await dataSource.transaction(async (manager) => {
    const old: { id: string }[] = await manager.query(`select id from kek where id <> $1 order by id for update`, [
      current,
    ]);
    const ids = old.map(({ id }) => id);
    const [row]: { n: number }[] = await manager.query(`select count(*)::int as n from data_key where kek = any($1)`, [
      ids,
    ]);
    if (row!.n > 0) return { wrapped: row!.n } as const;
    await manager.query(`update kek set destroyed_at = coalesce(destroyed_at, now()) where id = any($1)`, [ids]);
    return { destroyed: ids } as const;
  });
  if (outcome.destroyed?.length) await keys.destroy(outcome.destroyed);
  return outcome;
}
