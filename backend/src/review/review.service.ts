import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Refusal } from "../http/refusal.ts";
import { ImportsService } from "../imports/imports.service.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { Ingest, type Outcome } from "../records/ingest.ts";
import { answered, RecordsService } from "../records/records.service.ts";
import { type Content, type Submission, Submissions } from "./submissions.ts";

/** A second person decides about what somebody submitted (二人复核), before anything is signed. */
@Injectable()
export class ReviewService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly submissions: Submissions,
    private readonly records: RecordsService,
    private readonly imports: ImportsService,
    private readonly ingest: Ingest,
    private readonly dataKeys: DataKeys,
  ) {}

  /**
   * Takes a submission in as if it had just been sent; record and decision are committed together, so that it is taken
   * in once however often, by however many and through whatever crash it is approved. What cannot be taken in still waits.
   * @throws Refusal SUBMISSION_DECIDED, SAME_PERSON, and of every kind that a record can meet
   */
  async approve(id: string, reviewer: string): Promise<Submission> {
    const { content } = await this.submissions.find(id);
    const incoming = content && "record" in content ? await this.#incoming(content) : null;
    if (incoming) await this.ingest.prepare([incoming]);
    const refused = await this.dataSource.transaction(async (manager): Promise<Outcome | null> => {
      const submission = await this.submissions.lock(id, manager);
      if (submission.state === "approved") return null;
      if (submission.content && "import" in submission.content) {
        await this.submissions.decide(submission, "approve", reviewer, {}, manager);
        await this.imports.release(submission.content.import, manager);
        return null;
      }
      if (submission.submittedBy === reviewer) throw new Refusal("SAME_PERSON");
      if (submission.state === "refused" || !incoming) throw new Refusal("SUBMISSION_DECIDED");
      const [outcome] = await this.ingest.take([incoming], manager);
      if (outcome!.outcome === "refused") return outcome!;
      await this.submissions.decide(submission, "approve", reviewer, { record: outcome!.id }, manager);
      return null;
    });
    if (refused) answered(refused);
    return this.submissions.find(id);
  }

  /** @throws Refusal SUBMISSION_DECIDED, SAME_PERSON, KMS_UNAVAILABLE */
  async refuse(id: string, reviewer: string, reason: string): Promise<Submission> {
    await this.dataKeys.prepare();
    const job = await this.dataSource.transaction(async (manager) => {
      const submission = await this.submissions.lock(id, manager);
      if (submission.state === "refused") return null;
      await this.submissions.decide(submission, "refuse", reviewer, { reason }, manager);
      const { content } = submission;
      if (!content || !("import" in content)) return null;
      await this.imports.refuse(content.import, manager);
      return content.import;
    });
    if (job !== null) await this.imports.discard(job);
    return this.submissions.find(id);
  }

  async #incoming({ record, idempotencyKey }: Extract<Content, { record: unknown }>) {
    const { incoming } = await this.records.prepare(record, idempotencyKey ?? undefined);
    return incoming;
  }
}
