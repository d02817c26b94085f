import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { RowSeals } from "../database/row-seals.ts";
import { uuidv7 } from "../database/uuid.ts";
import type { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { DataKeys } from "../personal/data-keys.ts";
import type { NewRecord } from "../records/records.schemas.ts";
import { type Decision, next, type SubmissionState } from "./submission-state.ts";

const PAGE = 100;
/** Before every id. */
const NO_ID = "00000000-0000-0000-0000-000000000000";

/** What waits for a second person: a record as it was sent, with the client's name for the request, or an import. */
export type Content =
  { readonly record: NewRecord; readonly idempotencyKey: string | null } | { readonly import: string };

/** One submission that is no record yet: nothing of it is signed. */
export interface Submission {
  readonly id: string;
  readonly department: string;
  readonly state: SubmissionState;
  readonly submittedBy: string;
  readonly submittedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  /** Why it was refused. */
  readonly reason: string | null;
  /** The record that it has become. */
  readonly record: string | null;
  /** Null once it has become a record: what was sent then stands there alone. */
  readonly content: Content | null;
}

interface Row {
  readonly id: string;
  readonly department: string;
  readonly content: Buffer | null;
  readonly import: string | null;
  readonly submitted_by: string;
  readonly submitted_at: Date;
  readonly state: SubmissionState;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly reason: Buffer | null;
  readonly record: string | null;
}

/** Keeps what waits for a second person; content and reasons may name persons and are encrypted, each row by its own data key. */
@Injectable()
export class Submissions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keys: DataKeys,
    private readonly seals: RowSeals,
  ) {}

  /**
   * Keeps a submission, or finds the one with the same content that waits or was approved already.
   * To be called after {@link DataKeys.prepare}.
   */
  async keep(
    department: string,
    content: Content,
    submittedBy: string,
    manager: EntityManager,
  ): Promise<{ readonly id: string; readonly created: boolean }> {
    const id = uuidv7();
    const job = "import" in content ? content.import : null;
    const text = "import" in content ? null : JSON.stringify(content);
    const key = text === null ? null : this.keys.take();
    const sealed = text === null ? null : key!.vault.seal(Buffer.from(text), submissionContext(id, "content"));
    const digest = this.seals.seal("submission", [["content", text ?? job]]);
    const [kept] = await manager.query<{ id: string }[]>(
      `insert into submission (id, department, content, import, digest, submitted_by) values ($1, $2, $3, $4, $5, $6)
       on conflict (department, digest) where state <> 'refused' do nothing returning id`,
      [id, department, sealed, job, digest, submittedBy],
    );
    if (kept && key) await this.keys.keep([{ owner: id, key }], manager);
    if (kept) return { id, created: true };
    const [same] = await manager.query<{ id: string }[]>(
      "select id from submission where department = $1 and digest = $2 and state <> 'refused'",
      [department, digest],
    );
    return same ? { id: same.id, created: false } : this.keep(department, content, submittedBy, manager);
  }

  /** @throws Refusal SUBMISSION_NOT_FOUND, KMS_UNAVAILABLE, CONTENT_UNREADABLE */
  async find(id: string, manager: EntityManager = this.dataSource.manager): Promise<Submission> {
    return this.#one("select * from submission where id = $1", id, manager);
  }

  /**
   * Until the transaction ends nobody else decides about it.
   * @throws Refusal SUBMISSION_NOT_FOUND, KMS_UNAVAILABLE, CONTENT_UNREADABLE
   */
  async lock(id: string, manager: EntityManager): Promise<Submission> {
    return this.#one("select * from submission where id = $1 for update", id, manager);
  }

  /** What waits in these departments, the longest first; at most {@link PAGE} at a time. */
  async waiting(departments: readonly string[]): Promise<readonly Submission[]> {
    const rows = await this.dataSource.query<Row[]>(
      `select * from submission where department = any($1) and state = 'waiting' order by submitted_at, id limit ${PAGE}`,
      [departments],
    );
    return this.#opened(rows, this.dataSource.manager);
  }

  /** Those of a department that hold a record of which `isAbout` says so, decided or not. @throws Refusal KMS_UNAVAILABLE */
  async about(department: string, isAbout: (record: NewRecord) => boolean): Promise<readonly string[]> {
    const found: string[] = [];
    for (let after = NO_ID; ;) {
      const rows = await this.dataSource.query<Row[]>(
        `select * from submission where department = $1 and content is not null and id > $2 order by id limit ${PAGE}`,
        [department, after],
      );
      if (rows.length === 0) return found;
      for (const { id, content } of await this.#opened(rows, this.dataSource.manager))
        if (content && "record" in content && isAbout(content.record)) found.push(id);
      after = rows.at(-1)!.id;
    }
  }

  /** Erases what was sent, and why it was refused, with the keys. @returns those that still wait, of which nothing is erased */
  async forget(ids: readonly string[], manager: EntityManager): Promise<readonly string[]> {
    const rows = await manager.query<Pick<Row, "id" | "state">[]>(
      `select id, state from submission where id = any($1) for update`,
      [ids],
    );
    const waiting = rows.filter(({ state }) => state === "waiting").map(({ id }) => id);
    if (waiting.length > 0) return waiting;
    await manager.query(`update submission set content = null, reason = null where id = any($1)`, [ids]);
    await manager.query(`delete from data_key where owner = any($1)`, [ids]);
    return [];
  }

  /**
   * Writes a decision down, in the transaction that carries it out. What has become a record is forgotten here.
   * To be called after {@link DataKeys.prepare}.
   * @throws Refusal SUBMISSION_DECIDED, SAME_PERSON (二人复核: never whoever submitted it)
   */
  async decide(
    submission: Submission,
    decision: Decision,
    by: string,
    outcome: { readonly reason?: string; readonly record?: string },
    manager: EntityManager,
  ): Promise<void> {
    const { id, submittedBy } = submission;
    const state = judged(submission, decision);
    if (submittedBy === by) throw new Refusal("SAME_PERSON");
    const { reason, record } = outcome;
    const vault = reason === undefined ? null : await this.keys.ofOrNew(id, manager);
    const sealed = vault && vault.seal(Buffer.from(reason!), submissionContext(id, "reason"));
    await manager.query(
      `update submission set state = $2, decided_by = $3, decided_at = now(), reason = $4, record = $5,
         content = case when $2 = 'approved' then null else content end where id = $1`,
      [id, state, by, sealed, record ?? null],
    );
    if (state === "approved") await manager.query(`delete from data_key where owner = $1`, [id]);
  }

  /** Whether submissions of a department need a second person from now on. */
  async require(department: string, required: boolean, by: string): Promise<void> {
    await this.dataSource.query(
      "update department set review_required = $2, review_changed_by = $3, review_changed_at = now() where uscc = $1",
      [department, required, by],
    );
  }

  async #one(sql: string, id: string, manager: EntityManager): Promise<Submission> {
    const [submission] = await this.#opened(await manager.query<Row[]>(sql, [id]), manager);
    if (!submission) throw new Refusal("SUBMISSION_NOT_FOUND");
    return submission;
  }

  async #opened(rows: readonly Row[], manager: EntityManager): Promise<Submission[]> {
    const sealed = rows.filter(({ content, reason }) => content ?? reason);
    const keys = await this.keys.of(
      sealed.map(({ id }) => id),
      manager,
    );
    return rows.map((row) => opened(row, keys.get(row.id)));
  }
}

/** @throws Refusal CONTENT_UNREADABLE */
function opened(row: Row, vault: KeyVault | undefined): Submission {
  const { id } = row;
  const text = unsealed(row.content, vault, submissionContext(id, "content"));
  const sent = text === null ? null : (JSON.parse(text) as Content);
  return {
    ...{ id, department: row.department, state: row.state, record: row.record },
    ...{ submittedBy: row.submitted_by, submittedAt: row.submitted_at },
    ...{ decidedBy: row.decided_by, decidedAt: row.decided_at },
    reason: unsealed(row.reason, vault, submissionContext(id, "reason")),
    content: row.import === null ? sent : { import: row.import },
  };
}

function unsealed(sealed: Buffer | null, vault: KeyVault | undefined, context: string): string | null {
  if (sealed === null) return null;
  try {
    return String(vault!.open(sealed, context));
  } catch {
    throw new Refusal("CONTENT_UNREADABLE");
  }
}

/** @throws Refusal SUBMISSION_DECIDED */
function judged({ state }: Submission, decision: Decision): SubmissionState {
  const decided = next(state, decision);
  if (decided === null) throw new Refusal("SUBMISSION_DECIDED");
  return decided;
}

/** What its content or reason is sealed for. */
export function submissionContext(id: string, part: "content" | "reason"): string {
  return `submission/${id}/${part}`;
}
