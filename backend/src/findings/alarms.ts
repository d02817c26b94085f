import { Injectable, Logger } from "@nestjs/common";
import type { EntityManager } from "typeorm";
import type { Json } from "../records/types/record-type.ts";
import type { FindingCode } from "./finding.entity.ts";
import { Findings } from "./findings.ts";

/** A fact about the chain that a person must judge before anything goes on. */
export interface Alarm {
  readonly code: FindingCode;
  /** The department that is stopped; null when the alarm concerns no single one. */
  readonly department: string | null;
  /** Tells this fact from every other: it is recorded once. */
  readonly fingerprint: string;
  readonly evidence: { readonly [name: string]: Json };
}

/** Records alarms and stops the department concerned. Nothing is papered over: only a person lifts the stop. */
@Injectable()
export class Alarms {
  readonly #log = new Logger(Alarms.name);

  constructor(private readonly findings: Findings) {}

  async raise(alarm: Alarm, manager: EntityManager): Promise<void> {
    const { code, department, fingerprint, evidence } = alarm;
    this.#log.error({ code, department, evidence }, "alarm: the chain is not what this service made it");
    const finding = { code, department, record: null, fingerprint: `${code} ${fingerprint}`, evidence };
    await this.findings.record(finding, manager);
    if (department === null) return;
    await manager.query(`update department set stopped_because = $2 where uscc = $1 and stopped_because is null`, [
      department,
      code,
    ]);
  }
}
