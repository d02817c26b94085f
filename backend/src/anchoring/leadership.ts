import { Injectable, type OnApplicationShutdown } from "@nestjs/common";
import { DataSource, type QueryRunner } from "typeorm";

const RELAY_LOCK = 7_201_002;
/** A leader that the database has not heard of for so long, in milliseconds, is frozen or cut off, and loses the lock. */
const SILENCE_MS = 30_000;

/**
 * Who relays: the one worker that holds a session lock of the database. When it dies its session ends, and another
 * worker gets the lock with its next attempt; when it only stands still, the database ends its session after a while.
 */
@Injectable()
export class Leadership implements OnApplicationShutdown {
  #session: QueryRunner | undefined;

  constructor(private readonly dataSource: DataSource) {}

  /** Whether this worker is the leader now. */
  async held(): Promise<boolean> {
    return this.#session ? this.#stillHeld(this.#session) : this.#acquire();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#resign();
  }

  async #acquire(): Promise<boolean> {
    const session = this.dataSource.createQueryRunner();
    const held = await this.#lock(session).catch(async (error: unknown) => {
      await session.release();
      throw error;
    });
    if (held) this.#session = session;
    else await session.release();
    return held;
  }

  async #lock(session: QueryRunner): Promise<boolean> {
    const ask = `select pg_try_advisory_lock($1) as held`;
    const [{ held }] = (await session.query(ask, [RELAY_LOCK])) as [{ held: boolean }];
    if (held) await session.query(`set idle_session_timeout = ${SILENCE_MS}`);
    return held;
  }

  async #stillHeld(session: QueryRunner): Promise<boolean> {
    try {
      await session.query(`select 1`);
      return true;
    } catch {
      await this.#resign();
      return false;
    }
  }

  async #resign(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    await session
      .query(`reset idle_session_timeout`)
      .then(() => session.query(`select pg_advisory_unlock($1)`, [RELAY_LOCK]))
      .catch(() => undefined);
    await session.release().catch(() => undefined);
  }
}
