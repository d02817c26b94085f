import { Injectable } from "@nestjs/common";
import type { EntityManager } from "typeorm";
import { RowSeals } from "../database/row-seals.ts";
import { uuidv7 } from "../database/uuid.ts";
import { Refusal } from "../http/refusal.ts";
import { DataKeys } from "../personal/data-keys.ts";
import type { Json } from "../records/types/record-type.ts";
import { announceFinding } from "../webhooks/announce.ts";
import type { Finding, FindingCode } from "./finding.entity.ts";
import { FINDING, sealedFinding } from "./finding-seal.ts";

/** What a person did, and why: kept for ever. */
export interface Act {
  readonly by: string;
  readonly because: string;
}

export interface NewFinding extends Pick<Finding, "code" | "department" | "record" | "fingerprint" | "evidence"> {
  /** Encrypted under a key of the finding's own. */
  readonly personal?: Readonly<Record<string, Json>>;
}

/** Evidence with its personal part. */
export interface WholeEvidence {
  readonly evidence: Finding["evidence"];
  readonly personal: Readonly<Record<string, Json>>;
}

/** Writes findings, each sealed. */
@Injectable()
export class Findings {
  constructor(
    private readonly seals: RowSeals,
    private readonly keys: DataKeys,
  ) {}

  /** The same fact (fingerprint) found again changes nothing. */
  async record({ personal: clear, ...found }: NewFinding, manager: EntityManager): Promise<void> {
    const id = uuidv7();
    const key = clear && this.keys.take();
    const personal = key ? key.vault.seal(Buffer.from(JSON.stringify(clear)), contextOf(id)) : null;
    const finding = { ...found, id, personal, foundAt: new Date() };
    const { code, department, record, fingerprint, evidence, foundAt } = finding;
    const seal = this.seals.seal(FINDING, sealedFinding(finding));
    const inserted: unknown[] = await manager.query(
      `insert into finding (id, code, department, record, fingerprint, evidence, personal, found_at, seal)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (fingerprint) do nothing returning 1`,
      [id, code, department, record, fingerprint, evidence, personal, foundAt, seal],
    );
    if (inserted.length === 0) return;
    if (key) await this.keys.keep([{ owner: id, key }], manager);
    await announceFinding(id, manager);
  }

  /** One finding, whole; null where there is none. @throws Refusal RECORD_ERASED, CONTENT_UNREADABLE */
  async whole(id: string, manager: EntityManager): Promise<(WholeEvidence & Pick<Finding, "record">) | null> {
    const [row]: Pick<Finding, "record" | "evidence" | "personal">[] = await manager.query(
      `select record, evidence, personal from finding where id = $1`,
      [id],
    );
    if (!row) return null;
    const { record, evidence, personal } = row;
    if (!personal || personal.length === 0) throw new Refusal("RECORD_ERASED");
    const clear = (await this.keys.of([id], manager)).get(id)?.open(personal, contextOf(id));
    if (!clear) throw new Refusal("CONTENT_UNREADABLE");
    return { record, evidence, personal: JSON.parse(clear.toString()) as WholeEvidence["personal"] };
  }

  /** What was found about a record; findings whose personal part cannot be read, or was erased, are left out. */
  async about(record: string, code: FindingCode, manager: EntityManager): Promise<WholeEvidence[]> {
    const rows: Pick<Finding, "id" | "evidence" | "personal">[] = await manager.query(
      `select id, evidence, personal from finding where record = $1 and code = $2 and personal <> ''`,
      [record, code],
    );
    const keys = await this.keys.of(
      rows.map(({ id }) => id),
      manager,
    );
    return rows.flatMap(({ id, evidence, personal }) => {
      const clear = keys.get(id)?.open(personal!, contextOf(id));
      return clear ? [{ evidence, personal: JSON.parse(clear.toString()) as WholeEvidence["personal"] }] : [];
    });
  }
}

function contextOf(id: string): string {
  return `finding/${id}/personal`;
}
