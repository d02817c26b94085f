import { type Receipt, type Step, type Subject, type TrustedChain, type Verdict, verify } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { EntityManager, Repository } from "typeorm";
import { uuidv7 } from "../database/uuid.ts";
import type { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { Trust } from "../verification/trust.service.ts";
import { readerOf } from "./foreign-chains.ts";
import { ForeignRecordRow } from "./foreign-record.entity.ts";
import type { ForeignRecord, ForeignRecords } from "./regions.schemas.ts";

/** What the verifier makes of a receipt of another region. */
interface Judged {
  readonly receipt: Receipt;
  readonly verdict: Verdict;
  readonly chain: TrustedChain;
}

/** Records of other regions' ledgers (跨地区), by their receipts, verified against the trust list. */
@Injectable()
export class ForeignRecordsService {
  constructor(
    @InjectRepository(ForeignRecordRow) private readonly rows: Repository<ForeignRecordRow>,
    private readonly trust: Trust,
    private readonly keys: DataKeys,
  ) {}

  /** Keeps a receipt with the subject that it discloses. @throws Refusal SUBJECT_INVALID, RECEIPT_UNFIT */
  async attach(code: string, document: string): Promise<ForeignRecord> {
    const subjectId = codeOf(code);
    const { receipt, verdict } = await this.#judge(document);
    const { subject } = verdict.disclosed as unknown as { subject?: Subject };
    if (verdict.verdict === "invalid") throw new Refusal("RECEIPT_UNFIT", { facts: { code: deciding(verdict).code } });
    if (subject?.type !== "uscc" || subject.id !== subjectId)
      throw new Refusal("RECEIPT_UNFIT", { facts: { code: "SUBJECT_MISMATCH" } });
    const recordHash = evidenceOf(verdict).recordHash as ForeignRecordRow["recordHash"];
    const key = { subjectType: "uscc" as const, subjectId, recordHash, ledger: receipt.anchor.ledger };
    await this.#keep(key, document);
    return (await this.#shown([await this.rows.findOneByOrFail(key)]))[0]!;
  }

  /** @throws Refusal SUBJECT_INVALID */
  async of(code: string): Promise<ForeignRecords> {
    const where = { subjectType: "uscc" as const, subjectId: codeOf(code) };
    const rows = await this.rows.find({ where, order: { attachedAt: "ASC" }, take: 200 });
    return { records: await this.#shown(rows) };
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

  /** A receipt that is there already stays as it is. @throws Refusal KMS_UNAVAILABLE */
  async #keep(key: Omit<ForeignRecordRow, "id" | "receipt" | "attachedAt">, document: string): Promise<void> {
    await this.keys.prepare();
    const fresh = this.keys.take();
    const id = uuidv7();
    const receipt = fresh.vault.seal(Buffer.from(document), foreignRecordContext(id));
    await this.rows.manager.transaction(async (manager: EntityManager) => {
      const { raw } = (await manager
        .createQueryBuilder()
        .insert()
        .into(ForeignRecordRow)
        .values({ id, ...key, receipt })
        .orIgnore()
        .returning("id")
        .execute()) as { raw: unknown[] };
      if (raw.length > 0) await this.keys.keep([{ owner: id, key: fresh }], manager);
    });
  }

  async #shown(rows: readonly ForeignRecordRow[]): Promise<ForeignRecord[]> {
    const keys = await this.keys.of(rows.map(({ id }) => id));
    return Promise.all(
      rows.map((row) => {
        const document = opened(row, keys.get(row.id));
        if (document === null) throw new Refusal("CONTENT_UNREADABLE");
        return this.#judged(row, document);
      }),
    );
  }

  async #judged({ id, attachedAt }: ForeignRecordRow, document: string): Promise<ForeignRecord> {
    const { verdict, chain } = await this.#judge(document);
    const { recordHash, type } = evidenceOf(verdict);
    const { region, chainId, ledger } = chain;
    return {
      ...{ id, origin: { region, chainId, ledger }, recordHash: String(recordHash), type: String(type) },
      department: String(verdict.steps.find(({ step }) => step === "batch")?.evidence.department ?? ""),
      ...{ verdict: verdict.verdict, code: deciding(verdict).code },
      ...{ anchoredAt: verdict.clocks.anchoredAt, disclosed: verdict.disclosed, attachedAt: attachedAt.toISOString() },
    };
  }

  /** @throws Refusal RECEIPT_UNFIT for anything but a receipt of another ledger on the trust list */
  async #judge(document: string): Promise<Judged> {
    const now = Math.floor(Date.now() / 1000);
    const trust = this.trust.list(now);
    const verdict = await verify(document, { trust, now, chain: readerOf });
    if (verdict.format !== "quanlian-receipt/1" || evidenceOf(verdict).recordHash === undefined)
      throw new Refusal("RECEIPT_UNFIT", { facts: { code: deciding(verdict).code } });
    const receipt = JSON.parse(document) as Receipt;
    const chain = trust.chains.find(({ ledger, chainId, genesisHash }) => {
      const { anchor } = receipt;
      return ledger === anchor.ledger && chainId === anchor.chainId && genesisHash === anchor.genesisHash;
    });
    if (!chain) throw new Refusal("RECEIPT_UNFIT", { facts: { code: "CHAIN_NOT_TRUSTED" } });
    return { receipt, verdict, chain };
  }
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

function evidenceOf({ steps }: Verdict): Step["evidence"] {
  return steps.find(({ step }) => step === "statement")?.evidence ?? {};
}

/** The first failed step, else the first unknown one, else the last. */
function deciding({ steps }: Verdict): Step {
  const first = (outcome: Step["outcome"]) => steps.find((step) => step.outcome === outcome);
  return first("failed") ?? first("unknown") ?? steps.at(-1)!;
}
