import { type Receipt, type Step, type Subject, type TrustedChain, type Verdict, verify } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Repository } from "typeorm";
import { uuidv7 } from "../database/uuid.ts";
import { Refusal } from "../http/refusal.ts";
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
    await this.rows
      .createQueryBuilder()
      .insert()
      .values({ id: uuidv7(), ...key, receipt: document })
      .orIgnore()
      .execute();
    return this.#shown(await this.rows.findOneByOrFail(key));
  }

  /** @throws Refusal SUBJECT_INVALID */
  async of(code: string): Promise<ForeignRecords> {
    const where = { subjectType: "uscc" as const, subjectId: codeOf(code) };
    const rows = await this.rows.find({ where, order: { attachedAt: "ASC" }, take: 200 });
    return { records: await Promise.all(rows.map((row) => this.#shown(row))) };
  }

  async #shown({ id, receipt: document, attachedAt }: ForeignRecordRow): Promise<ForeignRecord> {
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
