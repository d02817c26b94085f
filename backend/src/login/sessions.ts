import { createHash, randomBytes } from "node:crypto";
import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { type Principal, type Role, ROLES } from "../access/roles.ts";
import { Config } from "../config.ts";
import { uuidv7 } from "../database/uuid.ts";
import type { Session } from "./session.ts";

const SECRET_BYTES = 32;

/** What a session remembers of its owner: the roles and scopes that the claims gave at login. */
type Snapshot = Omit<Principal, "id" | "roles" | "session"> & { readonly roles: readonly Role[] };

interface Row {
  readonly id: string;
  readonly subject: string;
  readonly principal: Snapshot;
  readonly created_at: Date;
  readonly seen_at: Date;
  readonly ends_at: Date;
}

const COLUMNS = "id, subject, principal, created_at, seen_at, ends_at";

/** How long the use of a session may go unwritten, as a part of the idle limit: most requests then only read. */
const UNWRITTEN_PART = 20;

/** How far the provider's clock may be behind the database's. */
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Logins, kept in the database, so that any process of the service knows them and a logout ends them in all. The cookie
 * holds a secret of which only the hash is kept: whoever reads the database cannot log in with it.
 */
@Injectable()
export class Sessions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
  ) {}

  /**
   * Begins one for somebody who has just logged in, always with a new secret (session fixation), and sweeps those that
   * have ended. @returns the secret, for the cookie
   */
  async begin({ id, roles, session: _, ...scopes }: Principal, providerSession: string | null): Promise<string> {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    const snapshot: Snapshot = { roles: [...roles], ...scopes };
    await this.dataSource.query(
      `with swept as (delete from login_session where ends_at < now() or seen_at < now() - make_interval(mins => $6))
       insert into login_session (id, secret_hash, subject, provider_session, principal, ends_at)
       values ($1, $2, $3, $4, $5, now() + make_interval(hours => $7))`,
      [uuidv7(), hashOf(secret), id, providerSession, snapshot, this.#idleMinutes, this.config.session.maxHours],
    );
    return secret;
  }

  /** Whose session it is, and that it has been used; null when it is none, or has ended. */
  async find(secret: string): Promise<Principal | null> {
    const [row] = await this.dataSource.query<(Row & { readonly stale: boolean })[]>(
      `select ${COLUMNS}, seen_at < now() - make_interval(secs => $3) as stale from login_session
       where secret_hash = $1 and ends_at > now() and seen_at > now() - make_interval(mins => $2)`,
      [hashOf(secret), this.#idleMinutes, (this.#idleMinutes * 60) / UNWRITTEN_PART],
    );
    if (!row) return null;
    if (row.stale) await this.dataSource.query("update login_session set seen_at = now() where id = $1", [row.id]);
    const { roles, ...scopes } = row.principal;
    const held = ROLES.filter((role) => roles.includes(role));
    return { ...scopes, id: row.subject, roles: new Set(held), session: this.#toSession(row) };
  }

  /** All of one person, the newest first. */
  async of(subject: string): Promise<readonly Session[]> {
    const rows = await this.dataSource.query<Row[]>(
      `select ${COLUMNS} from login_session
       where subject = $1 and ends_at > now() and seen_at > now() - make_interval(mins => $2) order by created_at desc`,
      [subject, this.#idleMinutes],
    );
    return rows.map((row) => this.#toSession(row));
  }

  async end(id: string): Promise<void> {
    await this.dataSource.query("delete from login_session where id = $1", [id]);
  }

  async endBySecret(secret: string): Promise<void> {
    await this.dataSource.query("delete from login_session where secret_hash = $1", [hashOf(secret)]);
  }

  async endAllOf(subject: string): Promise<void> {
    await this.dataSource.query("delete from login_session where subject = $1", [subject]);
  }

  /**
   * Ends what the provider says has ended: one of its sessions, or all of a person. Only those that began before it said
   * so: a notice that somebody sends again ends no later login.
   */
  async endByProvider(notice: {
    readonly subject: string | null;
    readonly providerSession: string | null;
    readonly saidAt: number;
  }): Promise<void> {
    await this.dataSource.query(
      `delete from login_session where ($1::text is null or subject = $1) and ($2::text is null or provider_session = $2)
       and created_at <= to_timestamp($3)`,
      [notice.subject, notice.providerSession, notice.saidAt + CLOCK_TOLERANCE_SECONDS],
    );
  }

  get #idleMinutes(): number {
    return this.config.session.idleMinutes;
  }

  #toSession({ id, created_at, seen_at, ends_at }: Row): Session {
    const idleEndsAt = new Date(seen_at.getTime() + this.#idleMinutes * 60_000);
    return { id, createdAt: created_at, seenAt: seen_at, endsAt: ends_at, idleEndsAt };
  }
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
