import type { DataSource } from "typeorm";

/**
 * Does `work` while holding an advisory lock of the database, in a session of its own: when this process dies the
 * session ends, and the lock with it.
 * @returns what `work` returns, or undefined without doing anything when another session holds the lock
 */
export async function whileLocked<T>(
  dataSource: DataSource,
  [group, name]: readonly [group: number, name: string],
  work: () => Promise<T>,
): Promise<T | undefined> {
  const session = dataSource.createQueryRunner();
  const key = [group, name];
  try {
    const ask = `select pg_try_advisory_lock($1, hashtext($2)) as held`;
    const [{ held }] = (await session.query(ask, key)) as [{ held: boolean }];
    if (!held) return undefined;
    try {
      return await work();
    } finally {
      await session.query(`select pg_advisory_unlock($1, hashtext($2))`, key);
    }
  } finally {
    await session.release();
  }
}
