import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager, In, IsNull, MoreThan } from "typeorm";
import { Config } from "../config.ts";
import { RowSeals } from "../database/row-seals.ts";
import type { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { DataKeys } from "../personal/data-keys.ts";
import type { FileRow } from "../records/files/file-row.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { statedNumber } from "../records/types/validate.ts";
import { ImportRejection } from "./import-rejection.entity.ts";

const PAGE = 500;

/**
 * The rows of imports that were not taken in, encrypted by their import's data key. Nobody knows whom they are about, so they
 * are kept for `IMPORT_KEEP_DAYS` only; those with the number of a record that is erased go with it.
 */
@Injectable()
export class Rejections {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keys: DataKeys,
    private readonly seals: RowSeals,
    private readonly config: Config,
  ) {}

  /** To be called after {@link DataKeys.prepare}. @throws Refusal KMS_UNAVAILABLE */
  async keep(job: string, rows: readonly FileRow[], manager: EntityManager): Promise<void> {
    if (rows.length === 0) return;
    const vault = await this.keys.ofOrNew(job, manager);
    const sealed = rows.map((row) => sealedRejection(job, row, vault, this.seals));
    await manager.query(
      `insert into import_rejection (import, row, content, number_index)
       select $1, * from unnest($2::bigint[], $3::bytea[], $4::bytea[])`,
      [
        job,
        sealed.map(({ row }) => row),
        sealed.map(({ content }) => content),
        sealed.map(({ numberIndex }) => numberIndex),
      ],
    );
  }

  /** In the order of the file. @throws Refusal KMS_UNAVAILABLE, CONTENT_UNREADABLE before the first row */
  async of(job: string): Promise<AsyncIterable<FileRow>> {
    const vault = (await this.keys.of([job])).get(job);
    const first = await this.#page(job, -1);
    if (!vault && first.length > 0) throw new Refusal("CONTENT_UNREADABLE");
    return this.#opened(job, first, vault!);
  }

  /** Those of a record's department that bear its number. */
  async forgetNumber(department: string, number: string, manager: EntityManager): Promise<void> {
    await manager.query(
      `delete from import_rejection r using import_job j
       where j.id = r.import and j.department = $1 and r.number_index = $2`,
      [department, numberIndex(number, this.seals)],
    );
  }

  /** The keys of a department's imports of which rows without a readable number are kept. @throws Refusal KMS_UNAVAILABLE */
  async unnumbered(department: string): Promise<ReadonlyMap<string, KeyVault>> {
    const imports: { id: string }[] = await this.dataSource.query(
      `select j.id from import_job j where j.department = $1
       and exists (select from import_rejection r where r.import = j.id and r.number_index is null)`,
      [department],
    );
    return this.keys.of(imports.map(({ id }) => id));
  }

  /** Those rows of an import without a readable number of which `isAbout` says so. */
  async forgetUnnumbered(
    job: string,
    vault: KeyVault,
    isAbout: (row: FileRow) => boolean,
    manager: EntityManager,
  ): Promise<void> {
    for (let after = -1; ;) {
      const page = await manager.find(ImportRejection, {
        where: { import: job, row: MoreThan(after), numberIndex: IsNull() },
        order: { row: "ASC" },
        take: PAGE,
      });
      if (page.length === 0) return;
      const rows = page.filter((one) => isAbout(opened(one, vault))).map(({ row }) => row);
      if (rows.length > 0) await manager.delete(ImportRejection, { import: job, row: In(rows) });
      after = page.at(-1)!.row;
    }
  }

  /** Those of imports that ended more than `IMPORT_KEEP_DAYS` ago, and their keys. */
  async forgetOld(): Promise<void> {
    await this.dataSource.query(
      `with over as (
         select j.id from import_job j join data_key k on k.owner = j.id
         where j.finished_at < now() - make_interval(days => $1)
       ), rows as (delete from import_rejection r using over o where r.import = o.id)
       delete from data_key k using over o where k.owner = o.id`,
      [this.config.importKeepDays],
    );
  }

  async *#opened(job: string, first: readonly ImportRejection[], vault: KeyVault): AsyncGenerator<FileRow> {
    for (let page = first; page.length > 0; page = await this.#page(job, page.at(-1)!.row))
      for (const one of page) yield opened(one, vault);
  }

  #page(job: string, after: number): Promise<ImportRejection[]> {
    return this.dataSource.manager.find(ImportRejection, {
      where: { import: job, row: MoreThan(after) },
      order: { row: "ASC" },
      take: PAGE,
    });
  }
}

function opened({ import: job, row, content }: ImportRejection, vault: KeyVault): FileRow {
  const text = vault.open(content, contextOf(job, row)).toString();
  return { row, ...(JSON.parse(text) as Omit<FileRow, "row">) };
}

/** A row as it is stored. */
export function sealedRejection(
  job: string,
  { row, ...content }: FileRow,
  vault: KeyVault,
  seals: RowSeals,
): Omit<ImportRejection, "import"> {
  const type = recordTypes.get(content.type ?? "");
  const number = type ? statedNumber(type, content.cells) : null;
  return {
    row,
    content: vault.seal(Buffer.from(JSON.stringify(content)), contextOf(job, row)),
    numberIndex: number === null ? null : numberIndex(number, seals),
  };
}

function numberIndex(number: string, seals: RowSeals): Buffer {
  return seals.seal("import_rejection", [["number", number]]);
}

function contextOf(job: string, row: number): string {
  return `import_rejection/${job}/${row}/content`;
}
