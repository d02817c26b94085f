import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Repository } from "typeorm";
import { DepartmentsService } from "../departments/departments.service.ts";
import { Refusal } from "../http/refusal.ts";
import type { LocalFieldsAnswer } from "./local-fields.schemas.ts";
import { LocalSchemaRow } from "./local-schema.entity.ts";
import { problem } from "./problems.ts";
import { type JsonSchema, localSchema, type LocalSchemas, schemaFault } from "./types/local-fields.ts";

/** Departments' own fields: one JSON Schema a namespace. Records taken in before a change stay as they were signed. */
@Injectable()
export class LocalFields {
  constructor(
    @InjectRepository(LocalSchemaRow) private readonly rows: Repository<LocalSchemaRow>,
    private readonly departments: DepartmentsService,
  ) {}

  /** Registers a schema, in the place of the namespace's earlier one. @throws Refusal */
  async register(department: string, namespace: string, schema: JsonSchema): Promise<LocalFieldsAnswer> {
    await this.departments.registered(department);
    const wrong = schemaFault(schema);
    if (wrong) throw new Refusal(wrong.code, { problems: [problem(null, wrong)] });
    const registeredAt = new Date();
    await this.rows.upsert({ department, namespace, schema: { ...schema } as object, registeredAt }, [
      "department",
      "namespace",
    ]);
    return { namespace, schema, registeredAt: registeredAt.toISOString() };
  }

  async of(department: string): Promise<LocalFieldsAnswer[]> {
    await this.departments.registered(department);
    const rows = await this.rows.find({ where: { department }, order: { namespace: "ASC" } });
    return rows.map(({ namespace, schema, registeredAt }) => ({
      ...{ namespace, schema },
      registeredAt: registeredAt.toISOString(),
    }));
  }

  /** Compiled, for the validator. */
  async schemasOf(department: string): Promise<LocalSchemas> {
    const rows = await this.rows.findBy({ department });
    return new Map(rows.map(({ namespace, schema }) => [namespace, localSchema(schema as JsonSchema)]));
  }
}
