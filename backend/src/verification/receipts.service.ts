import { type MerkleTree, merkleTree, type PublicJwk, presentStatement, type Receipt } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Kind } from "@quanlian/proof";
import type { Repository } from "typeorm";
import { BatchHashes } from "../anchoring/batch-hashes.ts";
import { Batch } from "../anchoring/batch.entity.ts";
import { keccak } from "../chain/keccak.ts";
import { Ledger } from "../chain/ledger.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { keyThatSigned } from "../departments/statement-key.ts";
import { Refusal } from "../http/refusal.ts";
import { nativeEs256 } from "../native-es256.ts";
import { PersonalFields } from "../personal/personal-fields.ts";
import { RecordRow } from "../records/record.entity.ts";
import { type Audience, claimsFor } from "../records/types/mask.ts";
import { recordTypes } from "../records/types/record-types.ts";

/** Trees kept: receipts are mostly asked for soon after each other, batch by batch. */
const KEPT_TREES = 64;

/** Makes receipts: everything that proves one record, from what is stored and final. */
@Injectable()
export class Receipts {
  readonly #trees = new Map<string, MerkleTree>();

  constructor(
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly hashes: BatchHashes,
    private readonly departments: DepartmentsService,
    private readonly ledger: Ledger,
    private readonly personal: PersonalFields,
  ) {}

  /** Its statement discloses what this audience may have in clear. @throws Refusal RECORD_NOT_FOUND, RECORD_ERASED, CONTENT_UNREADABLE, NOT_FINAL */
  async receiptOf(id: string, audience: Audience): Promise<Receipt> {
    const stored = await this.records.findOneBy({ id });
    if (!stored) throw new Refusal("RECORD_NOT_FOUND");
    const record = await this.personal.openOne(stored);
    const batch = record.batch === null ? null : await this.batches.findOneBy({ id: record.batch });
    if (batch?.status !== "final") throw new Refusal("NOT_FINAL", { facts: { status: batch?.status ?? "received" } });
    return this.make(record, batch, audience);
  }

  /** @param record opened @param batch the record's own, final */
  async make(record: RecordRow, batch: Batch, audience: Audience): Promise<Receipt> {
    const { chainId, genesisHash, ledger } = this.ledger.identity;
    const { department, year, sequence, count, root } = batch;
    const claims = claimsFor(audience, recordTypes.get(record.type)!, record.fields);
    return {
      format: "quanlian-receipt/1",
      suite: "ES256-SHA256-KECCAK",
      statement: presentStatement(record.statement, claims, nativeEs256),
      statementKey: await this.#statementKey(record.statement),
      batch: { department, kind: batch.kind as Kind, year, sequence, count, root },
      path: (await this.#treeOf(batch)).path(record.batchIndex!),
      anchor: {
        chainId,
        genesisHash,
        ledger,
        blockNumber: batch.blockNumber!,
        blockHash: batch.blockHash!,
        blockTime: batch.blockTime!,
        transactionHash: batch.transactionHash!,
        logIndex: batch.logIndex!,
      },
      finality: await this.#finalityOf(batch.id),
    };
  }

  /** Made once, when the batch became final; null where the chain's blocks carry no seals. */
  async #finalityOf(batch: string): Promise<Receipt["finality"]> {
    const [row]: { finality: Receipt["finality"] }[] = await this.batches.query(
      `select finality from batch where id = $1`,
      [batch],
    );
    return row!.finality;
  }

  async #statementKey(statement: string): Promise<PublicJwk> {
    const thumbprint = keyThatSigned(statement);
    const key = (await this.departments.statementKeys([thumbprint])).get(thumbprint);
    if (!key) throw new Error(`no statement key has the thumbprint ${thumbprint}`);
    return key;
  }

  async #treeOf(batch: Batch): Promise<MerkleTree> {
    const kept = this.#trees.get(batch.id);
    if (kept) return kept;
    const tree = merkleTree(await this.hashes.of(batch), keccak);
    if (this.#trees.size >= KEPT_TREES) this.#trees.delete(this.#trees.keys().next().value!);
    this.#trees.set(batch.id, tree);
    return tree;
  }
}
