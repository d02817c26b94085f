import { Injectable } from "@nestjs/common";
import { DataSource, type EntityManager } from "typeorm";
import { Ledger } from "../chain/ledger.ts";
import type { Block } from "../chain/words.ts";
import { Department } from "../departments/department.entity.ts";
import type { FindingCode } from "../findings/finding.entity.ts";
import { type Act, Findings } from "../findings/findings.ts";
import { differencesOf, LedgerComparison, type LedgerDifference } from "./ledger-comparison.ts";

/** What became of an attempt to let a department go on. */
export type Resumption =
  | { readonly outcome: "resumed" | "not-stopped" | "unknown" }
  | { readonly outcome: "refused"; readonly differences: readonly LedgerDifference[] };

/** By a person: in the place of the code of an alarm. */
const OPERATOR = "OPERATOR";

/** Departments stopped and started again by a person. Alarms only ever stop them (findings/alarms.ts). */
@Injectable()
export class Stops {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
    private readonly comparison: LedgerComparison,
    private readonly findings: Findings,
  ) {}

  /** @returns whether it was running until now; undefined when there is no such department */
  async stop(department: string, act: Act): Promise<boolean | undefined> {
    return this.dataSource.transaction(async (manager) => {
      const known = await manager.findOneBy(Department, { uscc: department });
      if (!known) return undefined;
      if (!(await change(department, null, OPERATOR, manager))) return false;
      await this.#record("DEPARTMENT_STOPPED", department, { ...act }, manager);
      return true;
    });
  }

  /**
   * Lets a department go on, if database and ledger agree on everything that is its own. While they do not, the cause
   * stands, whatever is said.
   * @throws ChainUnavailable
   */
  async resume(department: string, act: Act): Promise<Resumption> {
    for (;;) {
      const stopped = await this.dataSource.getRepository(Department).findOneBy({ uscc: department });
      if (!stopped) return { outcome: "unknown" };
      if (stopped.stoppedBecause === null) return { outcome: "not-stopped" };
      const head = await this.ledger.head();
      const differences = differencesOf(await this.comparison.bothSides(department, head));
      if (differences.length > 0) return { outcome: "refused", differences };
      if (await this.#lift(department, stopped.stoppedBecause, act, head)) return { outcome: "resumed" };
    }
  }

  /** @returns false when the service has read on meanwhile: what it saw there may have been another cause */
  async #lift(department: string, cause: string, act: Act, asOf: Block): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const [state]: { scanned_block: string }[] = await manager.query(
        `select scanned_block from ledger_state for no key update`,
      );
      if (Number(state!.scanned_block) > asOf.number) return false;
      if (!(await change(department, cause, null, manager))) return false;
      const evidence = { ...act, cause, asOfBlock: asOf.number, blockHash: asOf.hash };
      await this.#record("DEPARTMENT_RESUMED", department, evidence, manager);
      return true;
    });
  }

  async #record(
    code: Extract<FindingCode, "DEPARTMENT_STOPPED" | "DEPARTMENT_RESUMED">,
    department: string,
    evidence: Record<string, string | number>,
    manager: EntityManager,
  ): Promise<void> {
    const fingerprint = `${code} ${department} ${new Date().toISOString()}`;
    await this.findings.record({ code, department, record: null, fingerprint, evidence }, manager);
  }
}

async function change(
  department: string,
  from: string | null,
  to: string | null,
  manager: EntityManager,
): Promise<boolean> {
  const [rows]: [unknown[], number] = await manager.query(
    `update department set stopped_because = $3 where uscc = $1 and stopped_because is not distinct from $2 returning 1`,
    [department, from, to],
  );
  return rows.length > 0;
}
