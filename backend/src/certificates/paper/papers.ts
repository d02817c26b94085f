import type { Certificate, Hex, Subject, Verdict } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Config } from "../../config.ts";
import { fromHex, toHex } from "../../database/bytea.ts";
import { DepartmentsService } from "../../departments/departments.service.ts";
import { RESOURCE_JOINS } from "../../records/record-resource.ts";
import { paperOf } from "./paper-of.ts";

/** Puts verified certificates on paper, with the names that this service knows. */
@Injectable()
export class Papers {
  constructor(
    private readonly config: Config,
    private readonly departments: DepartmentsService,
    private readonly dataSource: DataSource,
  ) {}

  /** @param verdict what `verify` said of the document */
  async print(document: string, verdict: Verdict, code: string): Promise<Buffer> {
    const { publicUrl, region } = this.config;
    const departments = new Map((await this.departments.all()).map(({ uscc, nameZh }) => [uscc, nameZh]));
    const objected = await this.#objected(verdict);
    const name = await this.#nameOf((JSON.parse(document) as Certificate).subject);
    // Typefaces and what prints with them, which a process that prints nothing need not hold in memory.
    const { printPaper } = await import("./print-paper.ts");
    return printPaper(paperOf(document, verdict, { code, publicUrl, region, departments, objected, name }));
  }

  /** As the newest record of an organisation calls it, whether or not that record is shown. */
  async #nameOf({ type, id }: Subject): Promise<string | null> {
    if (type !== "uscc") return null;
    const rows: { name: string }[] = await this.dataSource.query(
      `select subject_name as name from record where subject_type = 'uscc' and subject_id = $1
       order by event_time desc, id desc limit 1`,
      [id],
    );
    return rows[0]?.name ?? null;
  }

  /** Record hashes of those shown to which an objection is open. */
  async #objected({ disclosed: { records } }: Verdict): Promise<ReadonlySet<string>> {
    const shown = (records as unknown as readonly { readonly recordHash: Hex }[]).map(({ recordHash }) => recordHash);
    const rows: { hash: Buffer }[] = await this.dataSource.query(
      `select r.record_hash as hash from record r ${RESOURCE_JOINS} where r.record_hash = any($1) and about.is_objected`,
      [shown.map(fromHex)],
    );
    return new Set(rows.map(({ hash }) => toHex(hash)));
  }
}
