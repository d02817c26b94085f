import type { Hex, Subject } from "@quanlian/proof";
import type { EntityManager } from "typeorm";
import { fromHex, toHex } from "../database/bytea.ts";
import { type Reason, REASONS, type Superseded } from "./supersession-rules.ts";

/** A record put in the place of another, to be told to the ledger once both are final. */
export interface NewSupersession {
  /** Of the successor. */
  readonly id: string;
  readonly successor: Hex;
  readonly by: string;
  readonly of: Hex;
  readonly department: string;
  readonly reason: Reason;
}

/** The records that are to be superseded, by their hashes; locked, so that two successors cannot both be let in. */
export async function lockSuperseded(
  hashes: readonly Hex[],
  manager: EntityManager,
): Promise<ReadonlyMap<Hex, Superseded>> {
  if (hashes.length === 0) return new Map();
  const locked = hashes.map(fromHex);
  await manager.query(`select 1 from record where record_hash = any($1) order by id for update`, [locked]);
  const rows: SupersededRow[] = await manager.query(
    `select r.record_hash, r.department, r.type, r.number, r.subject_type, r.subject_id, s.successor
     from record r left join supersession s on s.record_hash = r.record_hash and s.department = r.department
     where r.record_hash = any($1)`,
    [locked],
  );
  return new Map(
    rows.map(({ record_hash, successor, subject_type: type, subject_id: id, ...row }) => [
      toHex(record_hash),
      { ...row, subject: { type, id }, successor: successor && toHex(successor) },
    ]),
  );
}

interface SupersededRow {
  readonly record_hash: Buffer;
  readonly department: string;
  readonly type: string;
  readonly number: string;
  readonly subject_type: Subject["type"];
  readonly subject_id: string;
  readonly successor: Buffer | null;
}

export async function insertSupersessions(
  supersessions: readonly NewSupersession[],
  manager: EntityManager,
): Promise<void> {
  if (supersessions.length === 0) return;
  await manager.query(
    `insert into supersession (id, department, record_hash, successor, by, reason)
     select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::text[], $6::smallint[])`,
    [
      supersessions.map(({ id }) => id),
      supersessions.map(({ department }) => department),
      supersessions.map(({ of }) => fromHex(of)),
      supersessions.map(({ successor }) => fromHex(successor)),
      supersessions.map(({ by }) => by),
      supersessions.map(({ reason }) => REASONS[reason]),
    ],
  );
}
