import {
  type Receipt,
  type Step,
  type Subject,
  type TrustedChain,
  type Verdict,
  decidingStep,
  verify,
} from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { type EntityManager, In, type Repository } from "typeorm";
import { uuidv7 } from "../database/uuid.ts";
import type { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { instantOf } from "../records/china-time.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { Trust } from "../verification/trust.service.ts";
import { chainReaders } from "./foreign-chains.ts";
import { ForeignRecordRow } from "./foreign-record.entity.ts";
import type { ForeignRecord, ForeignRecords } from "./regions.schemas.ts";

/** Records of other regions that are kept for one enterprise: whoever looks at its history has them all verified. */
const MOST = 200;

/** What the verifier makes of a receipt of another region, now. */
interface Judged {
  readonly receipt: Receipt;
  readonly verdict: Verdict;
  /** Undefined when the trust list names no such ledger. */
  readonly chain: TrustedChain | undefined;
}

/** Where a record of another region stands in the order of events. */
export interface Brought {
  readonly id: string;
  readonly at: Date;
}

/** A record of another region with what the verifier says of it. */
export interface JudgedRecord extends Judged {
  readonly row: ForeignRecordRow;
}

/** Records of other regions' ledgers (跨地区), by their receipts, verified against the trust list. */
@Injectable()
export class ForeignRecordsService {
  constructor(
    @InjectRepository(ForeignRecordRow) private readonly rows: Repository<ForeignRecordRow>,
    private readonly trust: Trust,
    private readonly keys: DataKeys,
  ) {}

  /** Keeps a receipt with the subject that it discloses. @throws Refusal SUBJECT_INVALID, RECEIPT_UNFIT, FOREIGN_RECORDS_FULL */
  async attach(code: string, document: string): Promise<ForeignRecord> {
    const subjectId = codeOf(code);
    const judged = await this.#judge()(document);
    const problem = typeof judged === "string" ? judged : problemOf(judged, this.trust.own.ledger, subjectId);
    if (problem !== null) throw new Refusal("RECEIPT_UNFIT", { facts: { code: problem } });
    const { receipt, verdict } = judged as Judged;
    const recordHash = evidenceOf(verdict).recordHash as ForeignRecordRow["recordHash"];
    const key = { subjectType: "uscc" as const, subjectId, recordHash, ledger: receipt.anchor.ledger };
    await this.#keep(key, new Date(instantOf(verdict.disclosed.eventTime as string)), document);
    return toAnswer((await this.#judged([await this.rows.findOneByOrFail(key)]))[0]!);
  }

  /** @throws Refusal SUBJECT_INVALID */
  async of(code: string): Promise<ForeignRecords> {
    const where = { subjectType: "uscc" as const, subjectId: codeOf(code) };
    const rows = await this.rows.find({ where, order: { attachedAt: "ASC" } });
    return { records: (await this.#judged(rows)).map(toAnswer) };
  }

  /** The receipt and its key. @throws Refusal SUBJECT_INVALID, FOREIGN_RECORD_NOT_FOUND */
  async remove(code: string, id: string): Promise<void> {
    const subjectId = codeOf(code);
    await this.rows.manager.transaction(async (manager) => {
      const { affected } = await manager.delete(ForeignRecordRow, { id, subjectType: "uscc", subjectId });
      if (affected === 0) throw new Refusal("FOREIGN_RECORD_NOT_FOUND");
      await manager.query(`delete from data_key where owner = $1`, [id]);
    });
  }

  /** Where those of some enterprises stand in a history, as far as they had been brought before a moment. */
  brought(subjects: readonly string[], before: Date | null): Promise<readonly Brought[]> {
    return this.rows.query(
      `select id, coalesce(event_time, attached_at) as at from foreign_record
       where subject_id = any($1) and subject_type = 'uscc' and ($2::timestamptz is null or attached_at < $2)
       order by at, id`,
      [subjects, before],
    );
  }

  /** By id. @throws Refusal CONTENT_UNREADABLE, KMS_UNAVAILABLE */
  async judged(ids: readonly string[]): Promise<ReadonlyMap<string, JudgedRecord>> {
    if (ids.length === 0) return new Map();
    const judged = await this.#judged(await this.rows.findBy({ id: In([...ids]) }));
    return new Map(judged.map((one) => [one.row.id, one]));
  }

  async #judged(rows: readonly ForeignRecordRow[]): Promise<JudgedRecord[]> {
    const keys = await this.keys.of(rows.map(({ id }) => id));
    const judge = this.#judge();
    return Promise.all(
      rows.map(async (row) => {
        const document = opened(row, keys.get(row.id));
        const judged = document === null ? "" : await judge(document);
        if (typeof judged === "string") throw new Refusal("CONTENT_UNREADABLE");
        return { row, ...judged };
      }),
    );
  }

  /** A receipt that is there already stays as it is. @throws Refusal FOREIGN_RECORDS_FULL, KMS_UNAVAILABLE */
  async #keep(
    key: Omit<ForeignRecordRow, "id" | "receipt" | "eventTime" | "attachedAt">,
    eventTime: Date,
    document: string,
  ): Promise<void> {
    await this.keys.prepare();
    const fresh = this.keys.take();
    const id = uuidv7();
    const receipt = fresh.vault.seal(Buffer.from(document), foreignRecordContext(id));
    await this.rows.manager.transaction(async (manager: EntityManager) => {
      const rows = manager.getRepository(ForeignRecordRow);
      const { affected } = await rows.update(key, { eventTime });
      if (affected) return;
      const { subjectType, subjectId } = key;
      if ((await rows.countBy({ subjectType, subjectId })) >= MOST)
        throw new Refusal("FOREIGN_RECORDS_FULL", { facts: { most: MOST } });
      const { raw } = (await rows
        .createQueryBuilder()
        .insert()
        .values({ id, ...key, eventTime, receipt })
        .orIgnore()
        .returning("id")
        .execute()) as { raw: unknown[] };
      if (raw.length > 0) await this.keys.keep([{ owner: id, key: fresh }], manager);
    });
  }

  /** Judges documents of one moment; a code: it is no receipt of a record at all. */
  #judge(): (document: string) => Promise<Judged | string> {
    const now = Math.floor(Date.now() / 1000);
    const trust = this.trust.list(now);
    const chain = chainReaders();
    return async (document) => {
      const verdict = await verify(document, { trust, now, chain });
      if (verdict.format !== "quanlian-receipt/1" || evidenceOf(verdict).recordHash === undefined)
        return judgementOf(verdict).code;
      const receipt = JSON.parse(document) as Receipt;
      const { anchor } = receipt;
      const isOn = ({ ledger, chainId, genesisHash }: TrustedChain) =>
        ledger === anchor.ledger && chainId === anchor.chainId && genesisHash === anchor.genesisHash;
      return { receipt, verdict, chain: trust.chains.find(isOn) };
    };
  }
}

/** Claims without which a record has no place in a history. */
const NECESSARY = ["number", "eventTime", "subjectName"] as const;

/** Why a receipt cannot be brought to an enterprise's history; null: it can. */
function problemOf({ receipt, verdict, chain }: Judged, ownLedger: string, subjectId: string): string | null {
  const { code } = judgementOf(verdict);
  const { subject, ...disclosed } = verdict.disclosed as unknown as { subject?: Subject } & Record<string, unknown>;
  if (!chain) return "CHAIN_NOT_TRUSTED";
  if (receipt.anchor.ledger === ownLedger) return "OWN_LEDGER";
  if (verdict.verdict === "invalid" && code !== "SUPERSEDED") return code;
  if (subject?.type !== "uscc" || subject.id !== subjectId) return "SUBJECT_MISMATCH";
  return NECESSARY.every((claim) => typeof disclosed[claim] === "string") ? null : "NOT_DISCLOSED";
}

function toAnswer({ row, receipt, verdict, chain }: JudgedRecord): ForeignRecord {
  const { recordHash, type } = evidenceOf(verdict);
  return {
    ...{ id: row.id, origin: originOf(receipt, chain), recordHash: String(recordHash), type: String(type) },
    ...{ department: receipt.batch.department, ...judgementOf(verdict) },
    ...{
      anchoredAt: verdict.clocks.anchoredAt,
      disclosed: verdict.disclosed,
      attachedAt: row.attachedAt.toISOString(),
    },
  };
}

export function originOf({ anchor }: Receipt, chain: TrustedChain | undefined): ForeignRecord["origin"] {
  return { region: chain?.region ?? null, chainId: anchor.chainId, ledger: anchor.ledger };
}

export function judgementOf(verdict: Verdict): Pick<ForeignRecord, "verdict" | "code"> {
  return { verdict: verdict.verdict, code: decidingStep(verdict)?.code ?? "OK" };
}

function opened({ id, receipt }: ForeignRecordRow, vault: KeyVault | undefined): string | null {
  try {
    return vault!.open(receipt, foreignRecordContext(id)).toString();
  } catch {
    return null;
  }
}

export function foreignRecordContext(id: string): string {
  return `foreign_record/${id}/receipt`;
}

function codeOf(code: string): string {
  const reading = readUscc(code);
  if ("fault" in reading) throw new Refusal("SUBJECT_INVALID");
  return reading.uscc;
}

/** What the statement's step saw: `recordHash`, `type`. */
export function evidenceOf({ steps }: Verdict): Step["evidence"] {
  return steps.find(({ step }) => step === "statement")?.evidence ?? {};
}
