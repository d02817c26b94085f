import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Repository } from "typeorm";
import { DepartmentsService } from "../departments/departments.service.ts";
import { Refusal } from "../http/refusal.ts";
import { fault, problem } from "../records/problems.ts";
import { fieldNamed, layoutsOf } from "../records/types/columns.ts";
import type { RecordType } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { ColumnMapping } from "./column-mapping.entity.ts";
import type { MappingAnswer, NewMapping } from "./imports.schemas.ts";

/** The mappings that departments have saved. A running import has its own copy, so that a change does not reach it. */
@Injectable()
export class ColumnMappings {
  constructor(
    @InjectRepository(ColumnMapping) private readonly mappings: Repository<ColumnMapping>,
    private readonly departments: DepartmentsService,
  ) {}

  /** Saves a mapping under a name, in the place of one that has it. @throws Refusal */
  async save(department: string, name: string, { type, columns }: NewMapping): Promise<MappingAnswer> {
    await this.departments.registered(department);
    const recordType = recordTypes.get(type);
    if (!recordType) throw new Refusal("TYPE_UNKNOWN", { facts: { types: [...recordTypes.keys()] } });
    const unknown = Object.entries(columns).filter(([, meaning]) => !isColumn(recordType, meaning));
    if (unknown.length > 0) throw new Refusal("COLUMN_UNKNOWN", { problems: unknown.map(([own]) => notAColumn(own)) });
    await this.mappings.upsert({ department, name, type, columns }, ["department", "name"]);
    return { name, type, columns };
  }

  async of(department: string): Promise<MappingAnswer[]> {
    await this.departments.registered(department);
    const found = await this.mappings.find({ where: { department }, order: { name: "ASC" } });
    return found.map(({ name, type, columns }) => ({ name, type, columns }));
  }

  /** @throws Refusal MAPPING_NOT_FOUND */
  async named(department: string, name: string): Promise<ColumnMapping> {
    const mapping = await this.mappings.findOneBy({ department, name });
    if (!mapping) throw new Refusal("MAPPING_NOT_FOUND");
    return mapping;
  }

  /** @throws Refusal MAPPING_NOT_FOUND */
  async forget(department: string, name: string): Promise<void> {
    const { affected } = await this.mappings.delete({ department, name });
    if (!affected) throw new Refusal("MAPPING_NOT_FOUND");
  }
}

function isColumn(type: RecordType, meaning: string): boolean {
  return layoutsOf(type).some((layout) => fieldNamed(layout, meaning) !== undefined);
}

function notAColumn(own: string) {
  const hint = [
    "应对应模板中的列名、代码或字段名",
    "It must stand for a heading, code or claim of the template",
  ] as const;
  return problem(own, fault("COLUMN_UNKNOWN", ...hint));
}
