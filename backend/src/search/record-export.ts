import { Readable } from "node:stream";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { In, type Repository } from "typeorm";
import type { Access } from "../access/access.ts";
import { Batch } from "../anchoring/batch.entity.ts";
import { type Opened, PersonalFields } from "../personal/personal-fields.ts";
import { audienceOf } from "../records/record-resource.ts";
import { RecordRow } from "../records/record.entity.ts";
import { type Audience, fieldsFor } from "../records/types/mask.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { Receipts } from "../verification/receipts.service.ts";
import type { Conditions } from "./search.schemas.ts";
import { type Hit, RecordSearch } from "./search.service.ts";

/** Records read at a time. */
const PAGE = 200;

/** All records with their receipts, as a stream: what a department keeps, or another platform takes over. */
@Injectable()
export class RecordExport {
  constructor(
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly search: RecordSearch,
    private readonly receipts: Receipts,
    private readonly personal: PersonalFields,
  ) {}

  /**
   * All that the asker may find, one line a record, the latest act first, as their role sees it; `receipt` is null until the
   * record is final. @throws Refusal TYPE_UNKNOWN, SUBJECT_INVALID, before the first line
   */
  async lines(conditions: Conditions, access: Access): Promise<Readable> {
    const first = await this.search.hits({ ...conditions, limit: PAGE }, access);
    return Readable.from(this.#lines(first, conditions, access), { objectMode: false });
  }

  async *#lines(
    { hits, next }: Awaited<ReturnType<RecordSearch["hits"]>>,
    conditions: Conditions,
    access: Access,
  ): AsyncGenerator<string> {
    yield* await this.#written(hits);
    while (next !== null) {
      ({ hits, next } = await this.search.hits({ ...conditions, limit: PAGE, cursor: next }, access));
      yield* await this.#written(hits);
    }
  }

  async #written(hits: readonly Hit[]): Promise<string[]> {
    const stored = await this.records.findBy({ id: In(hits.map(({ row }) => row.id)) });
    const records = new Map((await this.personal.open(stored)).map((record) => [record.id, record]));
    const ids = new Set(stored.flatMap(({ batch }) => batch ?? []));
    const batches = await this.batches.findBy({ id: In([...ids]), status: "final" });
    const byId = new Map(batches.map((batch) => [batch.id, batch]));
    return Promise.all(
      hits.map(({ row, grant }) => {
        const record = records.get(row.id)!;
        return this.#line(record, byId.get(record.batch ?? ""), audienceOf(grant));
      }),
    );
  }

  /** Of what was erased, the deciding department gets what is left, and nobody else anything. */
  async #line(record: Opened<RecordRow>, batch: Batch | undefined, audience: Audience): Promise<string> {
    const { id, type, department, number, version, recordHash, openness } = record;
    const isShown = audience === "department" || openness === "open";
    const fields = isShown ? fieldsFor(audience, recordTypes.get(type)!, record.fields) : {};
    const receipt = isShown && batch ? await this.receipts.make(record, batch, audience) : null;
    return `${JSON.stringify({ id, type, department, number, version, recordHash, fields, receipt })}\n`;
  }
}
