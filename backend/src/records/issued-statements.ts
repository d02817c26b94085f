import { verify, createPublicKey } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Injectable } from "@nestjs/common";
import { type Hex, type PublicJwk, readStatement, type Statement } from "@quanlian/proof";
import { Ledger } from "../chain/ledger.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { kidOf } from "../departments/statement-key.ts";
import { Refusal } from "../http/refusal.ts";
import { todayInChina } from "./china-time.ts";
import type { Signed } from "./ingest.ts";
import { LocalFields } from "./local-fields.service.ts";
import { hasLocal } from "./types/local-fields.ts";
import type { ValidRecord } from "./types/record-type.ts";
import { recordTypes } from "./types/record-types.ts";
import { validateRecord } from "./types/validate.ts";

/** How far a department's clock may be ahead of ours, in seconds. */
const CLOCK_TOLERANCE = 300;
/** How long the registry's answer about a key is believed, in milliseconds. */
const KEPT_MS = 30_000;

/** A record whose department has signed it, read and found right. */
export interface IssuedRecord {
  readonly record: ValidRecord;
  readonly signed: Signed;
}

/** Reads statements that departments have signed themselves, as strictly as the platform makes its own. */
@Injectable()
export class IssuedStatements {
  readonly #good = new Map<string, { at: number; good: Promise<boolean> }>();

  constructor(
    private readonly departments: DepartmentsService,
    private readonly localFields: LocalFields,
    private readonly ledger: Ledger,
  ) {}

  /**
   * A statement of today, under a key that the registry holds good today.
   * @throws Refusal STATEMENT_INVALID, TYPE_UNKNOWN, STATEMENT_KEY_UNKNOWN, SIGNED_IN_FUTURE, RECORD_INVALID,
   *   STATEMENT_NOT_NORMAL
   */
  async read(text: string): Promise<IssuedRecord> {
    const statement = await this.#signedByDepartment(text);
    const { iss, iat } = statement.payload;
    const now = Date.now();
    if (iat > now / 1000 + CLOCK_TOLERANCE) throw new Refusal("SIGNED_IN_FUTURE");
    if (!(await this.#isGood(iss, kidOf(statement), now))) throw new Refusal("STATEMENT_KEY_UNKNOWN");
    return this.#issued(text, statement, todayInChina());
  }

  /**
   * A statement that the ledger has taken already, whenever that was.
   * @throws Refusal as `read`
   */
  async readAnchored(text: string): Promise<IssuedRecord> {
    return this.#issued(text, await this.#signedByDepartment(text), undefined);
  }

  async #issued(text: string, statement: Statement, today: string | undefined): Promise<IssuedRecord> {
    const record = await this.#validated(statement, today);
    const { recordHash, payload } = statement;
    return { record, signed: { statement: text, recordHash, signedAt: payload.iat } };
  }

  /** @throws Refusal STATEMENT_INVALID, STATEMENT_KEY_UNKNOWN */
  async #signedByDepartment(text: string): Promise<Statement> {
    const statement = readStatement(text);
    if (!statement.ok) throw new Refusal("STATEMENT_INVALID", { facts: { cause: statement.code } });
    const key = await this.departments.statementKeyOf(statement.payload.iss, kidOf(statement));
    if (!key || !isSignedWith(key, statement)) throw new Refusal("STATEMENT_KEY_UNKNOWN");
    return statement;
  }

  async #validated({ type, payload, fields }: Statement, today: string | undefined): Promise<ValidRecord> {
    const recordType = recordTypes.get(type);
    if (!recordType) throw new Refusal("TYPE_UNKNOWN", { facts: { types: [...recordTypes.keys()] } });
    const validation = validateRecord(recordType, fields, {
      department: payload.iss,
      ...(today !== undefined && { today }),
      ...(hasLocal(fields) && { local: await this.localFields.schemasOf(payload.iss) }),
    });
    if (!validation.ok) throw new Refusal("RECORD_INVALID", { problems: validation.problems });
    const { record } = validation;
    const names = [...new Set([...Object.keys(fields), ...Object.keys(record.fields)])];
    const claims = names.filter((name) => !isDeepStrictEqual(fields[name], record.fields[name]));
    if (claims.length > 0 || record.department !== payload.iss || record.year !== payload.year)
      throw new Refusal("STATEMENT_NOT_NORMAL", { facts: { claims } });
    return record;
  }

  async #isGood(department: string, key: Hex, now: number): Promise<boolean> {
    const known = this.#good.get(key);
    if (known && now - known.at < KEPT_MS) return known.good;
    const good = this.ledger
      .lifeOf(department, key)
      .then(
        ({ from, until }) => from > 0 && from <= now / 1000 + CLOCK_TOLERANCE && (until === 0 || until > now / 1000),
      );
    this.#good.set(key, { at: now, good });
    good.catch(() => this.#good.delete(key));
    return good;
  }
}

function isSignedWith({ kty, crv, x, y }: PublicJwk, { issuerJwt }: Statement): boolean {
  const split = issuerJwt.lastIndexOf(".");
  const key = createPublicKey({ key: { kty, crv, x, y }, format: "jwk" });
  const signature = Buffer.from(issuerJwt.slice(split + 1), "base64url");
  return verify("sha256", Buffer.from(issuerJwt.slice(0, split)), { key, dsaEncoding: "ieee-p1363" }, signature);
}
