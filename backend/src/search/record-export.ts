import { Readable } from "node:stream";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { In, type Repository, type SelectQueryBuilder } from "typeorm";
import type { Access } from "../access/access.ts";
import { AccessLog } from "../access/access-log.ts";
import { Batch } from "../anchoring/batch.entity.ts";
import { PersonalFields } from "../personal/personal-fields.ts";
import { RecordRow } from "../records/record.entity.ts";
import { Receipts } from "../verification/receipts.service.ts";
import type { ExportQuery } from "./search.schemas.ts";

/** Records read at a time. */
const PAGE = 200;

/** All records with their receipts, as a stream: what a department keeps, or another platform takes over. */
@Injectable()
export class RecordExport {
  constructor(
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly receipts: Receipts,
    private readonly log: AccessLog,
    private readonly personal: PersonalFields,
  ) {}

  /** Of the asker's own departments: one line a record, in the order in which they came in; `receipt` is null until the record is final. */
  lines(query: ExportQuery, access: Access): Readable {
    return Readable.from(this.#lines(query, access), { objectMode: false });
  }

  async *#lines(query: ExportQuery, access: Access): AsyncGenerator<string> {
    const { role } = access.insider!;
    for (let after = NIL; ;) {
      const page = await this.#page(query, access.principal.departments, after);
      const enterprises = page.filter(({ subjectType }) => subjectType === "uscc");
      await this.log.appendAbout(
        access,
        enterprises.map(({ subjectId }) => [subjectId, role]),
      );
      yield* await this.#written(await this.personal.open(page));
      if (page.length < PAGE) return;
      after = page.at(-1)!.id;
    }
  }

  #page(query: ExportQuery, departments: readonly string[], after: string): Promise<RecordRow[]> {
    const page = this.records.createQueryBuilder("r").where("r.id > :after", { after });
    page.andWhere("r.department = any(:departments)", { departments });
    return narrowed(page, query).orderBy("r.id").limit(PAGE).getMany();
  }

  async #written(records: readonly RecordRow[]): Promise<string[]> {
    const ids = new Set(records.flatMap(({ batch }) => batch ?? []));
    const batches = await this.batches.findBy({ id: In([...ids]), status: "final" });
    const byId = new Map(batches.map((batch) => [batch.id, batch]));
    return Promise.all(records.map((record) => this.#line(record, byId.get(record.batch ?? ""))));
  }

  async #line(record: RecordRow, batch: Batch | undefined): Promise<string> {
    const { id, type, department, number, version, recordHash, fields } = record;
    const receipt = batch ? await this.receipts.make(record, batch, "department") : null;
    return `${JSON.stringify({ id, type, department, number, version, recordHash, fields, receipt })}\n`;
  }
}

const NIL = "00000000-0000-0000-0000-000000000000";

function narrowed(
  page: SelectQueryBuilder<RecordRow>,
  { department, type, kind, from, to }: ExportQuery,
): SelectQueryBuilder<RecordRow> {
  if (department !== undefined) page.andWhere("r.department = :department", { department });
  if (type !== undefined) page.andWhere("r.type = :type", { type });
  if (kind !== undefined) page.andWhere("r.kind = :kind", { kind });
  if (from !== undefined) page.andWhere("r.event_time >= :from", { from: `${from}T00:00:00+08:00` });
  if (to !== undefined)
    page.andWhere("r.event_time < :to::timestamptz + interval '1 day'", { to: `${to}T00:00:00+08:00` });
  return page;
}
