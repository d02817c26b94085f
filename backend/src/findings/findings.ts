import { Injectable } from "@nestjs/common";
import type { EntityManager } from "typeorm";
import { RowSeals } from "../database/row-seals.ts";
import { uuidv7 } from "../database/uuid.ts";
import type { Finding } from "./finding.entity.ts";
import { FINDING, sealedFinding } from "./finding-seal.ts";

/** Writes findings, each sealed. */
@Injectable()
export class Findings {
  constructor(private readonly seals: RowSeals) {}

  /** The same fact (fingerprint) found again changes nothing. */
  async record(
    found: Pick<Finding, "code" | "department" | "record" | "fingerprint" | "evidence">,
    manager: EntityManager,
  ): Promise<void> {
    const finding = { ...found, id: uuidv7(), foundAt: new Date() };
    const { id, code, department, record, fingerprint, evidence, foundAt } = finding;
    await manager.query(
      `insert into finding (id, code, department, record, fingerprint, evidence, found_at, seal)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (fingerprint) do nothing`,
      [id, code, department, record, fingerprint, evidence, foundAt, this.seals.seal(FINDING, sealedFinding(finding))],
    );
  }
}
