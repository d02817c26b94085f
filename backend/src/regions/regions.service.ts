import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { levelOf, prefixOf } from "./area-level.ts";
import type { RegionAnswer, RegionQuery } from "./regions.schemas.ts";

interface Row {
  readonly uscc: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly area: string;
  readonly anchored: Record<string, number>;
}

/** Departments by area and level, with what they have on the chain. Batches are counted, not records, so it stays quick. */
@Injectable()
export class Regions {
  constructor(private readonly dataSource: DataSource) {}

  async of(area: string, { level }: RegionQuery): Promise<RegionAnswer> {
    const rows: Row[] = await this.dataSource.query(
      `select d.uscc, d.name_zh, d.name_en, d.area, coalesce(
         (select json_object_agg(kind, n) from (select kind, sum(count)::int as n from batch b
            where b.department = d.uscc and b.status = 'final' group by kind) k), '{}') as anchored
       from department d where d.area like $1 || '%' order by d.area, d.uscc`,
      [prefixOf(area)],
    );
    const departments = rows.map(({ uscc, name_zh: zh, name_en: en, area: at, anchored }) => {
      return { uscc, name: { zh, en }, area: at, level: levelOf(at), anchored };
    });
    return { area, departments: departments.filter((department) => !level || department.level === level) };
  }
}
