import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { DataSource, In, type Repository } from "typeorm";
import { Batch } from "../anchoring/batch.entity.ts";
import { Config } from "../config.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { todayInChina } from "../records/china-time.ts";
import { BYTE_ORDER_MARK, csvLine } from "../records/files/write-csv.ts";
import { RecordRow } from "../records/record.entity.ts";
import { RESOURCE_COLUMNS, RESOURCE_JOINS, resourceOf, type ResourceRow } from "../records/record-resource.ts";
import { recordTypes } from "../records/types/record-types.ts";
import type { RecordType } from "../records/types/record-type.ts";
import { Receipts } from "../verification/receipts.service.ts";
import { dataPackage, type OpenResource, WITHDRAWN_COLUMNS } from "./data-package.ts";
import { isOpenSubject, openColumns, openRow } from "./open-table.ts";
import { forgetOlder, partialFolder, putInPlace, SnapshotFile } from "./snapshot-files.ts";

/** Records read at a time. */
const PAGE = 500;
const NIL = "00000000-0000-0000-0000-000000000000";

/** Types of which anything is ever published. */
const opened = [...recordTypes.values()].filter(({ publication }) => publication !== undefined);

interface TypeFiles {
  readonly table: SnapshotFile;
  readonly receipts: SnapshotFile;
}

/** Ordered opening of public data (公共数据有序开放): a dated snapshot of what the law publishes, with receipts for each row. */
@Injectable()
export class OpenData {
  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly receipts: Receipts,
    private readonly config: Config,
  ) {}

  /** Whether the snapshot of this day is there. */
  async has(day: string): Promise<boolean> {
    const [row] = await this.dataSource.query<{ there: boolean }[]>(
      "select exists (select from open_data_snapshot where day = $1) as there",
      [day],
    );
    return row!.there;
  }

  /** The day of the newest snapshot, `YYYY-MM-DD`; null before the first. */
  async newest(): Promise<string | null> {
    const [row] = await this.dataSource.query<{ day: string }[]>(
      "select max(day)::text as day from open_data_snapshot",
    );
    return row!.day;
  }

  /**
   * Makes the snapshot of today in China, in place of one that is there already. Broken off, it is begun anew: nothing
   * of an unfinished one is ever served. @param now in milliseconds @returns how many records are in it
   */
  async make(now: number): Promise<number> {
    const [root, day, made] = [this.config.openDataDir!, todayInChina(now), new Date(now).toISOString()];
    const folder = await partialFolder(root);
    const files = new Map<string, TypeFiles>();
    for (const type of opened) files.set(type.type, await openFiles(folder, day, type));
    const records = await this.#writeRecords(made, files);
    const resources: OpenResource[] = [];
    for (const type of opened) resources.push(...(await closed(type, files.get(type.type)!)));
    resources.push(await this.#writeWithdrawn(folder, day, made));
    const descriptor = await SnapshotFile.create(folder, "datapackage.json");
    const { region, publicUrl, openDataLicence } = this.config;
    const content = dataPackage({ day, made, region, publicUrl, licence: openDataLicence, resources });
    await descriptor.write(`${JSON.stringify(content, null, 2)}\n`);
    const { hash } = await descriptor.close();
    await putInPlace(root, day);
    await this.dataSource.query(
      `insert into open_data_snapshot (day, made_at, records, descriptor_hash) values ($1, $2, $3, $4)
       on conflict (day) do update set made_at = $2, records = $3, descriptor_hash = $4`,
      [day, made, records, hash],
    );
    await forgetOlder(root, day);
    return records;
  }

  async #writeRecords(made: string, files: ReadonlyMap<string, TypeFiles>): Promise<number> {
    let count = 0;
    for (let after = NIL; ;) {
      const rows = await this.dataSource.query<(ResourceRow & { id: string })[]>(CANDIDATES, [
        after,
        PAGE,
        opened.map(({ type }) => type),
      ]);
      const ids = rows.filter(isPublishedOpenly).map(({ id }) => id);
      await this.#writePage(ids, made, files);
      count += ids.length;
      if (rows.length < PAGE) return count;
      after = rows.at(-1)!.id;
    }
  }

  async #writePage(ids: readonly string[], made: string, files: ReadonlyMap<string, TypeFiles>): Promise<void> {
    const records = await this.records.find({ where: { id: In([...ids]) }, order: { id: "ASC" } });
    const inBatches = await this.batches.findBy({ id: In([...new Set(records.map(({ batch }) => batch!))]) });
    const batches = new Map(inBatches.map((batch) => [batch.id, batch]));
    for (const record of records) {
      const { table, receipts } = files.get(record.type)!;
      await table.write(csvLine(openRow(recordTypes.get(record.type)!, record, record.fields)));
      const receipt = await this.receipts.make(record, batches.get(record.batch!)!, "reuser");
      await receipts.write(`${JSON.stringify(receipt)}\n`);
    }
    await this.dataSource.query(
      `insert into open_data_entry (record_hash, first_made_at, last_made_at) select h, $2, $2 from unnest($1::bytea[]) as h
       on conflict (record_hash) do update set last_made_at = $2`,
      [records.map(({ recordHash }) => fromHex(recordHash)), made],
    );
  }

  /** By record hash alone: whoever has the older data knows what to delete, and nobody else learns whom it was about. */
  async #writeWithdrawn(folder: string, day: string, made: string): Promise<OpenResource> {
    const file = await SnapshotFile.create(folder, `${day}.withdrawn.csv`);
    await file.write(BYTE_ORDER_MARK + csvLine(WITHDRAWN_COLUMNS.map(({ name }) => name)));
    for (let after: Uint8Array = Buffer.alloc(0); ;) {
      const rows = await this.dataSource.query<{ record_hash: Buffer; last_made_at: Date }[]>(WITHDRAWN, [
        after,
        PAGE,
        made,
      ]);
      for (const { record_hash, last_made_at } of rows)
        await file.write(csvLine([toHex(record_hash), last_made_at.toISOString()]));
      if (rows.length < PAGE) return { what: "withdrawn", columns: WITHDRAWN_COLUMNS, file: await file.close() };
      after = rows.at(-1)!.record_hash;
    }
  }
}

const CANDIDATES = `select r.id, ${RESOURCE_COLUMNS} from record r ${RESOURCE_JOINS}
  where r.id > $1 and r.type = any($3) and r.subject_type = 'uscc' order by r.id limit $2`;

const WITHDRAWN = `select record_hash, last_made_at from open_data_entry
  where record_hash > $1 and last_made_at < $3 order by record_hash limit $2`;

function isPublishedOpenly(row: ResourceRow): boolean {
  return isOpenSubject(row.subject_type, row.subject_id) && resourceOf(row).published === true;
}

async function openFiles(folder: string, day: string, type: RecordType): Promise<TypeFiles> {
  const name = `${day}.${type.type.replace("/", "-")}`;
  const table = await SnapshotFile.create(folder, `${name}.csv`);
  await table.write(BYTE_ORDER_MARK + csvLine(openColumns(type).map((column) => column.name)));
  return { table, receipts: await SnapshotFile.create(folder, `${name}.receipts.ndjson`) };
}

async function closed(type: RecordType, { table, receipts }: TypeFiles): Promise<OpenResource[]> {
  return [
    { what: "table", type, columns: openColumns(type), file: await table.close() },
    { what: "receipts", type, file: await receipts.close() },
  ];
}
