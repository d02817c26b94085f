import { createHmac, hkdfSync } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { PLATFORM_KEYS, type PlatformKeys } from "../departments/key-file.ts";
import { Groups } from "../groups.ts";
import { entryHash, type LogEntry, type LogHead, START } from "./log-chain.ts";
import { mandatesFor } from "./policy.ts";
import { LogHeads } from "./log-heads.ts";
import type { Access } from "./access.ts";
import type { Role } from "./roles.ts";

/** One writer at a time, in all processes: an entry rests on the one before it. */
const LOCK = 7_202_001;
const PAGE = 1_000;
/** Reads committed together. */
const MAX_GROUP = 500;

/** What of an entry depends on what was read. */
type Read = Pick<LogEntry, "role" | "subject" | "resource" | "terms">;

interface Row {
  readonly position: string;
  readonly at: Date;
  readonly actor: string;
  readonly acting_for: string;
  readonly role: LogEntry["role"];
  readonly action: LogEntry["action"];
  readonly subject: string | null;
  readonly resource: string | null;
  readonly purpose: string | null;
  readonly hash: Buffer;
  readonly terms: string | null;
}

/** What deriving the log again has shown. */
interface Checked {
  /** The first entry that is kept, and the last one that follows the one before it. */
  readonly from: number;
  readonly entries: number;
  /** The first that does not, or that an anchored head knows otherwise, or that is missing before one. */
  readonly broken: number | null;
  /** The newest head on the ledger: up to it nobody can have changed anything unseen. */
  readonly anchored: LogHead | null;
}

/** The log of who read what that is not public, each entry chained to the one before it. */
@Injectable()
export class AccessLog {
  readonly #termsKey: Buffer;
  /** One group at a time: those of a process would wait for each other's lock anyway. */
  readonly #groups = new Groups((reads: readonly (readonly NewEntry[])[]) => this.#write(reads), {
    items: MAX_GROUP,
    groups: 1,
  });

  constructor(
    private readonly dataSource: DataSource,
    private readonly heads: LogHeads,
    @Inject(PLATFORM_KEYS) { masterKey }: PlatformKeys,
  ) {
    this.#termsKey = Buffer.from(hkdfSync("sha256", masterKey, "", "quanlian/access-log-terms/1", 32));
  }

  /**
   * What somebody looked for, so that the same search is recognised and none can be guessed without the key file:
   * HMAC-SHA256 in hex over the parameters in the order of their names. Null without any.
   */
  termsOf(parameters: Readonly<Record<string, unknown>>): string | null {
    const terms = Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (terms.length === 0) return null;
    return createHmac("sha256", this.#termsKey).update(JSON.stringify(terms)).digest("hex");
  }

  /** Resolves once the entries are committed; what fails here must not be answered with data. */
  async append({ principal, action, purpose }: Access, reads: readonly Read[]): Promise<void> {
    const { id, departments, subjects, areas } = principal;
    const mandates = mandatesFor(action, principal)
      .filter(({ subject }) => reads.some((read) => read.subject === subject))
      .map(({ subject, delegation }) => `${subject}/${delegation}`);
    const actingFor = [...departments, ...subjects, ...areas, ...mandates].join(",");
    const entries = reads.map((read) => ({ ...read, at: new Date(), actor: id ?? "", actingFor, action, purpose }));
    await this.#groups.take(entries);
  }

  async #write(reads: readonly (readonly NewEntry[])[]): Promise<null[]> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock($1)", [LOCK]);
      const [last] = await manager.query<Pick<Row, "position" | "hash">[]>(
        "select position, hash from access_log order by position desc limit 1",
      );
      const rows = chained(reads.flat(), last);
      const column = <T>(pick: (row: (typeof rows)[number]) => T) => rows.map(pick);
      await manager.query(
        `insert into access_log (position, at, actor, acting_for, role, action, subject, resource, purpose, terms, hash)
         select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
           $8::uuid[], $9::text[], $10::text[], $11::bytea[])`,
        [
          column(({ position }) => position),
          column(({ at }) => at.toISOString()),
          column(({ actor }) => actor),
          column(({ actingFor }) => actingFor),
          column(({ role }) => role),
          column(({ action }) => action),
          column(({ subject }) => subject),
          column(({ resource }) => resource),
          column(({ purpose }) => purpose),
          column(({ terms }) => terms),
          column(({ hash }) => hash),
        ],
      );
    });
    return reads.map(() => null);
  }

  /** That somebody was shown records of these enterprises among many: each of them can see it in its own log. */
  async appendAbout(access: Access, shown: Iterable<readonly [subject: string, role: Role]>): Promise<void> {
    const reads = new Map<string, Read>();
    for (const [subject, role] of shown)
      if (role !== "public") reads.set(`${subject} ${role}`, { subject, role, resource: null, terms: null });
    if (reads.size > 0) await this.append(access, [...reads.values()]);
  }

  /** That somebody did something on behalf of an enterprise (代办), where it is no read that is logged anyway. */
  async appendMandate(access: Access, subject: string): Promise<void> {
    if (!mandatesFor(access.action, access.principal).some((mandate) => mandate.subject === subject)) return;
    await this.append(access, [{ role: "enterprise", subject, resource: null, terms: null }]);
  }

  /** Who read about an enterprise, the newest first; `before` is the position where the last page ended. */
  async about(subject: string, limit: number, before: number | null): Promise<readonly LogEntry[]> {
    const rows = await this.dataSource.query<Row[]>(
      `select * from access_log where subject = $1 and ($2::bigint is null or position < $2)
       order by position desc limit $3`,
      [subject, before, limit],
    );
    return rows.map(toEntry);
  }

  /**
   * Derives every hash again that is kept, and compares it with the heads on the ledger.
   * @param now in milliseconds: what may have been forgotten by now
   */
  async check(now: number): Promise<Checked> {
    const heads = await this.heads.final();
    const known = new Map(heads.map(({ entries, hash }) => [entries, hash]));
    const from = await this.#first();
    const forgotten = (await this.heads.forgettable(now))?.entries ?? 0;
    let previous: Uint8Array = from === 1 ? START : Buffer.from(known.get(from - 1) ?? "", "hex");
    const checked = (entries: number, broken: number | null) => {
      return { from, entries, broken, anchored: heads.at(-1) ?? null };
    };
    if (from > forgotten + 1) return checked(from - 1, from - 1);
    for (let entries = from - 1; ;) {
      const sql = "select * from access_log where position > $1 order by position limit $2";
      const rows = await this.dataSource.query<Row[]>(sql, [entries, PAGE]);
      for (const row of rows) {
        const hash = entryHash(previous, toEntry(row));
        const anchored = known.get(entries + 1) ?? hash.toString("hex");
        const follows = Number(row.position) === entries + 1 && hash.equals(row.hash);
        if (!follows || hash.toString("hex") !== anchored) return checked(entries, entries + 1);
        entries++;
        previous = row.hash;
      }
      if (rows.length === PAGE) continue;
      const cutOff = (heads.at(-1)?.entries ?? 0) > entries;
      return checked(entries, cutOff ? entries + 1 : null);
    }
  }

  /** The newest entry that was written before an instant; undefined: none was, or it is no longer kept. */
  async headBefore(instant: string): Promise<{ readonly entries: number; readonly hash: string } | undefined> {
    const [row] = await this.dataSource.query<Pick<Row, "position" | "hash">[]>(
      "select position, hash from access_log where at < $1 order by position desc limit 1",
      [instant],
    );
    return row && { entries: Number(row.position), hash: row.hash.toString("hex") };
  }

  /** Forgets all entries up to an anchored head, from which the check of the rest begins. */
  async forgetUpTo({ entries }: LogHead): Promise<void> {
    await this.dataSource.query("delete from access_log where position <= $1", [entries]);
  }

  async #first(): Promise<number> {
    const [row] = await this.dataSource.query<Pick<Row, "position">[]>(
      "select position from access_log order by position limit 1",
    );
    return Number(row?.position ?? 1);
  }
}

type NewEntry = Omit<LogEntry, "position">;

function chained(entries: readonly NewEntry[], last: Pick<Row, "position" | "hash"> | undefined) {
  let position = Number(last?.position ?? 0);
  let previous: Uint8Array = last?.hash ?? START;
  return entries.map((one) => {
    const entry: LogEntry = { ...one, position: ++position };
    const hash = (previous = entryHash(previous, entry));
    return { ...entry, hash };
  });
}

function toEntry({ position, acting_for, hash: _hash, ...row }: Row): LogEntry {
  return { ...row, position: Number(position), actingFor: acting_for };
}
