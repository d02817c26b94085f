import type { Verdict } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { Config } from "../../config.ts";
import { DepartmentsService } from "../../departments/departments.service.ts";
import { paperOf } from "./paper-of.ts";
import { printPaper } from "./print-paper.ts";

/** Puts verified certificates on paper, with the names that this service knows. */
@Injectable()
export class Papers {
  constructor(
    private readonly config: Config,
    private readonly departments: DepartmentsService,
  ) {}

  /** @param verdict what `verify` said of the document */
  async print(document: string, verdict: Verdict, code: string): Promise<Buffer> {
    const { publicUrl, region } = this.config;
    const departments = new Map((await this.departments.all()).map(({ uscc, nameZh }) => [uscc, nameZh]));
    return printPaper(paperOf(document, verdict, { code, publicUrl, region, departments }));
  }
}
