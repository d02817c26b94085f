import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { entryHash, type LogEntry, START } from "./log-chain.ts";
import type { Access } from "./access.ts";
import type { Grant } from "./policy.ts";

/** One writer at a time, in all processes: an entry rests on the one before it. */
const LOCK = 7_202_001;
const PAGE = 1_000;

/** What of an entry depends on the request alone. */
type Read = Pick<LogEntry, "subject" | "resource" | "purpose">;

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
}

/** The log of who read what that is not public, each entry chained to the one before it. */
@Injectable()
export class AccessLog {
  constructor(private readonly dataSource: DataSource) {}

  /** Resolves once the entry is committed; what fails here must not be answered with data. */
  async append({ principal, action }: Access, { role }: Grant, read: Read): Promise<void> {
    const { id, departments, subjects, areas } = principal;
    const actingFor = [...departments, ...subjects, ...areas].join(",");
    await this.dataSource.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock($1)", [LOCK]);
      const [last] = await manager.query<Pick<Row, "position" | "hash">[]>(
        "select position, hash from access_log order by position desc limit 1",
      );
      const position = Number(last?.position ?? 0) + 1;
      const entry = { position, at: new Date(), actor: id ?? "", actingFor, role, action, ...read };
      await manager.query("insert into access_log values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", [
        ...[position, entry.at, entry.actor, actingFor, role, action],
        ...[read.subject, read.resource, read.purpose, entryHash(last?.hash ?? START, entry)],
      ]);
    });
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

  /** Derives every hash again. @returns how many entries there are, and the first that does not follow the one before */
  async check(): Promise<{ readonly entries: number; readonly broken: number | null }> {
    let previous: Uint8Array = START;
    for (let entries = 0; ;) {
      const sql = "select * from access_log where position > $1 order by position limit $2";
      const rows = await this.dataSource.query<Row[]>(sql, [entries, PAGE]);
      for (const row of rows) {
        const follows = Number(row.position) === entries + 1 && entryHash(previous, toEntry(row)).equals(row.hash);
        if (!follows) return { entries, broken: entries + 1 };
        entries++;
        previous = row.hash;
      }
      if (rows.length < PAGE) return { entries, broken: null };
    }
  }
}

function toEntry({ position, acting_for, hash: _hash, ...row }: Row): LogEntry {
  return { ...row, position: Number(position), actingFor: acting_for };
}
