import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { RowSeals } from "../database/row-seals.ts";
import { uuidv7 } from "../database/uuid.ts";
import { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import type { NewRecord } from "../records/records.schemas.ts";
import { type Decision, next, type SubmissionState } from "./submission-state.ts";

const PAGE = 100;

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

/** Keeps what waits for a second person; content and reasons are encrypted at rest, because they may name persons. */
@Injectable()
export class Submissions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly vault: KeyVault,
    private readonly seals: RowSeals,
  ) {}

  /**
   * Keeps a submission, or finds the one with the same content that waits or was approved already.
   * @param manager for an import: the transaction that keeps its job
   */
  async keep(
    department: string,
    content: Content,
    submittedBy: string,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<{ readonly id: string; readonly created: boolean }> {
    const id = uuidv7();
    const job = "import" in content ? content.import : null;
    const text = "import" in content ? null : JSON.stringify(content);
    const sealed = text === null ? null : this.vault.seal(Buffer.from(text), contextOf(id, "content"));
    const digest = this.seals.seal("submission", [["content", text ?? job]]);
    const [kept] = await manager.query<{ id: string }[]>(
      `insert into submission (id, department, content, import, digest, submitted_by) values ($1, $2, $3, $4, $5, $6)
       on conflict (department, digest) where state <> 'refused' do nothing returning id`,
      [id, department, sealed, job, digest, submittedBy],
    );
    if (kept) return { id, created: true };
    const [same] = await manager.query<{ id: string }[]>(
      "select id from submission where department = $1 and digest = $2 and state <> 'refused'",
      [department, digest],
    );
    return same ? { id: same.id, created: false } : this.keep(department, content, submittedBy, manager);
  }

  /** @throws Refusal SUBMISSION_NOT_FOUND */
  async find(id: string, manager: EntityManager = this.dataSource.manager): Promise<Submission> {
    return this.#one("select * from submission where id = $1", id, manager);
  }

  /** Until the transaction ends nobody else decides about it. @throws Refusal SUBMISSION_NOT_FOUND */
  async lock(id: string, manager: EntityManager): Promise<Submission> {
    return this.#one("select * from submission where id = $1 for update", id, manager);
  }

  /** What waits in these departments, the longest first; at most {@link PAGE} at a time. */
  async waiting(departments: readonly string[]): Promise<readonly Submission[]> {
    const rows = await this.dataSource.query<Row[]>(
      `select * from submission where department = any($1) and state = 'waiting' order by submitted_at, id limit ${PAGE}`,
      [departments],
    );
    return rows.map((row) => this.#opened(row));
  }

  /**
   * Writes a decision down, in the transaction that carries it out. What has become a record is forgotten here.
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
    const sealed = reason === undefined ? null : this.vault.seal(Buffer.from(reason), contextOf(id, "reason"));
    await manager.query(
      `update submission set state = $2, decided_by = $3, decided_at = now(), reason = $4, record = $5,
         content = case when $2 = 'approved' then null else content end where id = $1`,
      [id, state, by, sealed, record ?? null],
    );
  }

  /** Whether submissions of a department need a second person from now on. */
  async require(department: string, required: boolean, by: string): Promise<void> {
    await this.dataSource.query(
      "update department set review_required = $2, review_changed_by = $3, review_changed_at = now() where uscc = $1",
      [department, required, by],
    );
  }

  async #one(sql: string, id: string, manager: EntityManager): Promise<Submission> {
    const [row] = await manager.query<Row[]>(sql, [id]);
    if (!row) throw new Refusal("SUBMISSION_NOT_FOUND");
    return this.#opened(row);
  }

  #opened(row: Row): Submission {
    const { id, content, reason } = row;
    const text = content === null ? null : String(this.vault.open(content, contextOf(id, "content")));
    const sent = text === null ? null : (JSON.parse(text) as Content);
    return {
      ...{ id, department: row.department, state: row.state, record: row.record },
      ...{ submittedBy: row.submitted_by, submittedAt: row.submitted_at },
      ...{ decidedBy: row.decided_by, decidedAt: row.decided_at },
      reason: reason && String(this.vault.open(reason, contextOf(id, "reason"))),
      content: row.import === null ? sent : { import: row.import },
    };
  }
}

/** @throws Refusal SUBMISSION_DECIDED */
function judged({ state }: Submission, decision: Decision): SubmissionState {
  const decided = next(state, decision);
  if (decided === null) throw new Refusal("SUBMISSION_DECIDED");
  return decided;
}

function contextOf(id: string, part: "content" | "reason"): string {
  return `submission/${id}/${part}`;
}
