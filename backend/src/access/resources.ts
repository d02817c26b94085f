import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { plannedQuery } from "../database/planned-query.ts";
import type { ErrorCode } from "../errors.ts";
import { Id } from "../http/id.ts";
import { Refusal } from "../http/refusal.ts";
import { RESOURCE_COLUMNS, RESOURCE_JOINS, resourceOf, type ResourceRow } from "../records/record-resource.ts";
import type { Target } from "./allow.ts";
import type { Resource } from "./policy.ts";

type Located = Exclude<Target, "nothing" | "handler">;

interface Source {
  /** Finds resources by their ids `$1`. */
  readonly sql: string;
  readonly toResource: (row: ResourceRow & { readonly person: string }) => Resource;
  /** What is said of one that is not there, and of one that the asker may not know to be there. */
  readonly absent: ErrorCode;
}

const SOURCES: Readonly<Record<Located, Source>> = {
  record: {
    sql: `select r.id, ${RESOURCE_COLUMNS} from record r ${RESOURCE_JOINS} where r.id = any($1)`,
    toResource: resourceOf,
    absent: "RECORD_NOT_FOUND",
  },
  import: {
    sql: `select i.id, i.department, d.area from import_job i join department d on d.uscc = i.department
          where i.id = any($1)`,
    toResource: ({ department, area }) => ({ department, area }),
    absent: "IMPORT_NOT_FOUND",
  },
  equivocation: {
    sql: `select f.id, ${RESOURCE_COLUMNS} from finding f join record r on r.id = f.record ${RESOURCE_JOINS}
          where f.code = 'EQUIVOCATION' and f.id = any($1)`,
    toResource: resourceOf,
    absent: "EQUIVOCATION_NOT_FOUND",
  },
  certificate: {
    sql: `select id, subject_type, subject_id from certificate where id = any($1)`,
    toResource: ({ subject_type, subject_id }) => (subject_type === "uscc" ? { subject: subject_id } : {}),
    absent: "CERTIFICATE_NOT_FOUND",
  },
  submission: {
    sql: `select s.id, s.department, d.area from submission s join department d on d.uscc = s.department
          where s.id = any($1)`,
    toResource: ({ department, area }) => ({ department, area }),
    absent: "SUBMISSION_NOT_FOUND",
  },
  delegation: {
    sql: `select id, subject as subject_id from delegation where id = any($1)`,
    toResource: ({ subject_id }) => ({ subject: subject_id }),
    absent: "DELEGATION_NOT_FOUND",
  },
  session: {
    sql: `select id, subject as person from login_session where id = any($1)`,
    toResource: ({ person }) => ({ person }),
    absent: "SESSION_NOT_FOUND",
  },
};

/** Finds what an address or an answer names, as far as the policy needs it. */
@Injectable()
export class Resources {
  constructor(private readonly dataSource: DataSource) {}

  /** By id; what is not there is missing. */
  async findAll(target: Located, ids: readonly string[]): Promise<ReadonlyMap<string, Resource>> {
    const { sql, toResource } = SOURCES[target];
    if (ids.length === 0) return new Map();
    const rows = await plannedQuery<ResourceRow & { id: string; person: string }>(this.dataSource, sql, [ids]);
    return new Map(rows.map((row) => [row.id, toResource(row)]));
  }

  /** @throws Refusal INVALID_PARAMETER */
  async find(target: Located, id: unknown): Promise<Resource | undefined> {
    const valid = Id.safeParse(id);
    if (!valid.success) throw new Refusal("INVALID_PARAMETER");
    return (await this.findAll(target, [valid.data])).get(valid.data);
  }

  /** One answer for what is not there and for what the asker may not know to be there. */
  absent(target: Located): Refusal {
    return new Refusal(SOURCES[target].absent);
  }
}
