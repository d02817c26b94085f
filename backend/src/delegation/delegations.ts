import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { type Mandate, type Power, POWERS } from "../access/roles.ts";
import { uuidv7 } from "../database/uuid.ts";

/** An enterprise lets somebody act for it, for some things, until a day (授权). */
export interface Delegation {
  readonly id: string;
  /** USCC. */
  readonly subject: string;
  /** What the identity provider calls whoever may act (`sub`). */
  readonly delegate: string;
  readonly powers: readonly Power[];
  readonly until: Date;
  readonly grantedBy: string;
  readonly grantedAt: Date;
  readonly revokedAt: Date | null;
}

const COLUMNS = `id, subject, delegate, powers, until, granted_by as "grantedBy", granted_at as "grantedAt",
  revoked_at as "revokedAt"`;

/** Delegations are never removed: the access log names them. Each use asks anew, so that an end counts at once. */
@Injectable()
export class Delegations {
  constructor(private readonly dataSource: DataSource) {}

  async grant(
    subject: string,
    delegate: string,
    powers: readonly Power[],
    until: Date,
    by: string,
  ): Promise<Delegation> {
    const [row] = await this.dataSource.query<Delegation[]>(
      `insert into delegation (id, subject, delegate, powers, until, granted_by) values ($1, $2, $3, $4, $5, $6)
       returning ${COLUMNS}`,
      [uuidv7(), subject, delegate, powers, until, by],
    );
    return row!;
  }

  /** All that an enterprise has ever given, the newest first. */
  of(subject: string): Promise<Delegation[]> {
    const sql = `select ${COLUMNS} from delegation where subject = $1 order by granted_at desc, id`;
    return this.dataSource.query<Delegation[]>(sql, [subject]);
  }

  /** Revoked once; again changes nothing. */
  async revoke(id: string, by: string): Promise<void> {
    await this.dataSource.query(
      "update delegation set revoked_by = $2, revoked_at = now() where id = $1 and revoked_at is null",
      [id, by],
    );
  }

  /** What somebody may do on others' behalf at this moment. */
  async mandatesOf(delegate: string): Promise<readonly Mandate[]> {
    const rows = await this.dataSource.query<(Pick<Mandate, "subject" | "powers" | "until"> & { id: string })[]>(
      "select id, subject, powers, until from delegation where delegate = $1 and revoked_at is null and until > now() order by id",
      [delegate],
    );
    return rows.map(({ id, subject, powers, until }) => ({
      ...{ delegation: id, subject, until },
      powers: POWERS.filter((power) => powers.includes(power)),
    }));
  }
}
