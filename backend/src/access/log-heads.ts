import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Config } from "../config.ts";
import { todayInChina } from "../records/china-time.ts";
import { addMonths } from "../records/fields/dates.ts";
import { accessLog } from "../records/types/service-access-log.ts";
import type { LogHead } from "./log-chain.ts";

interface Row {
  readonly record_hash: Buffer;
  readonly fields: { readonly logEntries: number; readonly logHash: string; readonly eventTime: string };
}

/** The heads of the access log that are on the ledger, as records of the department that runs the platform. */
@Injectable()
export class LogHeads {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
  ) {}

  /** The oldest first. */
  async final(): Promise<readonly LogHead[]> {
    const rows = await this.dataSource.query<Row[]>(
      `select r.record_hash, r.fields from record r join batch b on b.id = r.batch
       where r.department = $1 and r.type = $2 and b.status = 'final' order by r.event_time`,
      [this.config.logDepartment ?? null, accessLog.type],
    );
    return rows.map(toHead);
  }

  /** The newest head up to which entries need no longer be kept (`LOG_KEEP_MONTHS`). @param now in milliseconds */
  async forgettable(now: number): Promise<LogHead | undefined> {
    const before = addMonths(todayInChina(now), -this.config.logKeepMonths);
    return (await this.final()).findLast(({ day }) => day < before);
  }

  /** Whether the head of a day has been put on record, whatever has become of it since. */
  async has(number: string): Promise<boolean> {
    const [row] = await this.dataSource.query<{ there: boolean }[]>(
      "select exists (select from record where department = $1 and type = $2 and number = $3) as there",
      [this.config.logDepartment, accessLog.type, number],
    );
    return row!.there;
  }
}

function toHead({ record_hash, fields }: Row): LogHead {
  const { logEntries, logHash, eventTime } = fields;
  const recordHash = `0x${record_hash.toString("hex")}`;
  return { entries: logEntries, hash: logHash.toLowerCase(), day: eventTime, recordHash };
}
