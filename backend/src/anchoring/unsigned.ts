import { setImmediate as breathe } from "node:timers/promises";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Hex, Kind, SealedBatch, Subject, UnsignedSupersession } from "@quanlian/proof";
import { DataSource, IsNull, type Repository } from "typeorm";
import { batchDigest, supersessionDigest } from "../chain/batch-signing.ts";
import { Ledger } from "../chain/ledger.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { keyThatSigned } from "../departments/statement-key.ts";
import { Refusal } from "../http/refusal.ts";
import { PersonalFields } from "../personal/personal-fields.ts";
import { RecordRow } from "../records/record.entity.ts";
import { StreamKeys } from "../subjects/stream-keys.service.ts";
import { TraceContexts } from "../tracing/trace-contexts.ts";
import { Batch } from "./batch.entity.ts";
import { Supersession } from "./supersession.entity.ts";

/** Supersessions handed out at once. */
const MAX_SUPERSESSIONS = 64;

/** What an agent says that it has signed, and the signature. */
export interface BatchSignature {
  readonly kind: number;
  readonly year: number;
  readonly entriesHash: Hex;
  readonly signature: Hex;
}

/** How long a department's agent has kept its oldest batch waiting, in seconds. */
export interface Waiting {
  readonly department: string;
  readonly age: number;
}

/** What waits for the signature of departments that keep their own keys: handed out, and taken back signed. */
@Injectable()
export class Unsigned {
  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    @InjectRepository(Supersession) private readonly supersessions: Repository<Supersession>,
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    private readonly personal: PersonalFields,
    private readonly departments: DepartmentsService,
    private readonly streams: StreamKeys,
    private readonly ledger: Ledger,
    private readonly traces: TraceContexts,
  ) {}

  /** The oldest sealed batch that is not signed; none while the department is stopped. */
  async batchesOf(department: string): Promise<SealedBatch[]> {
    const batch = await this.batches.findOne({
      where: { department, status: "sealed", signature: IsNull() },
      order: { sequence: "ASC" },
    });
    const known = await this.departments.current(department);
    if (!batch || !known?.keepsOwnKeys || known.stoppedBecause !== null) return [];
    const { kind, year, sequence } = batch;
    const { chainId, ledger } = this.ledger.identity;
    const head = { department, kind: kind as Kind, year, sequence, chainId, ledger };
    return [{ ...head, entries: await this.#entriesOf(batch) }];
  }

  async #entriesOf({ id }: Batch): Promise<SealedBatch["entries"]> {
    const stored = await this.records.find({ where: { batch: id }, order: { batchIndex: "ASC" } });
    const records = await this.personal.open(stored);
    const keys = await this.departments.statementKeys(records.map(({ statement }) => keyThatSigned(statement)));
    const proven = new Map<Hex, Hex>();
    for (const { streamKey, fields, kind, year } of records) {
      if (proven.has(streamKey)) continue;
      const subject = fields.subject as unknown as Subject;
      proven.set(streamKey, this.streams.prove({ subject, kind: kind as Kind, year }).proof);
      await breathe();
    }
    return records.map(({ statement, streamKey }) => {
      return { statement, statementKey: keys.get(keyThatSigned(statement))!, streamKey, proof: proven.get(streamKey)! };
    });
  }

  /**
   * Keeps the signature of a batch. One that has been signed before stays as it was: a normal answer.
   * @throws Refusal NOTHING_TO_SIGN, SIGNED_CONTENT_DIFFERS, SIGNATURE_WRONG
   */
  async takeBatch(department: string, sequence: number, signed: BatchSignature): Promise<void> {
    const batch = await this.batches.findOneBy({ department, sequence });
    if (!batch) throw new Refusal("NOTHING_TO_SIGN");
    const { kind, year, entriesHash } = batch;
    if (kind !== signed.kind || year !== signed.year || entriesHash !== signed.entriesHash)
      throw new Refusal("SIGNED_CONTENT_DIFFERS");
    const digest = batchDigest(this.ledger.identity, { ...batch, kind: kind as Kind });
    await this.#check(department, digest, signed.signature);
    await this.batches.update({ id: batch.id, signature: IsNull() }, { signature: signed.signature });
    await this.traces.mark("sign", batch.id);
  }

  /** Those whose two records are both final: the ledger takes no other. */
  async supersessionsBy(department: string): Promise<UnsignedSupersession[]> {
    const known = await this.departments.current(department);
    if (!known?.keepsOwnKeys || known.stoppedBecause !== null) return [];
    const rows: { department: string; record_hash: Buffer; by: string; successor: Buffer; reason: number }[] =
      await this.dataSource.query(
        `select s.department, s.record_hash, s.by, s.successor, s.reason from supersession s
         join record n on n.id = s.id join batch nb on nb.id = n.batch and nb.status = 'final'
         join record o on o.record_hash = s.record_hash and o.department = s.department
         join batch ob on ob.id = o.batch and ob.status = 'final'
         where s.by = $1 and s.status = 'sealed' and s.signature is null
         order by nb.block_number, nb.log_index, n.batch_index limit $2`,
        [department, MAX_SUPERSESSIONS],
      );
    const { chainId, ledger } = this.ledger.identity;
    return rows.map(({ record_hash, successor, ...row }) => {
      return { ...row, recordHash: toHex(record_hash), successor: toHex(successor), chainId, ledger };
    });
  }

  /** @param successor the record that takes the other's place @throws Refusal NOTHING_TO_SIGN, SIGNATURE_WRONG */
  async takeSupersession(department: string, successor: Hex, signature: Hex): Promise<void> {
    const found = await this.supersessions.findOneBy({ by: department, successor });
    if (!found) throw new Refusal("NOTHING_TO_SIGN");
    const [record, next] = [
      { department: found.department, recordHash: found.recordHash },
      { department, recordHash: successor },
    ];
    const digest = supersessionDigest(this.ledger.identity, record, next, found.reason);
    await this.#check(department, digest, signature);
    await this.dataSource.query(`update supersession set signature = $2 where id = $1 and signature is null`, [
      found.id,
      fromHex(signature),
    ]);
  }

  /** Departments whose agents have something to sign, the longest waiting first; stopped ones wait for a person instead. */
  async waiting(): Promise<Waiting[]> {
    const rows: { department: string; age: string }[] = await this.dataSource.query(
      `select b.department, extract(epoch from now() - min(b.sealed_at)) as age from batch b
       join department d on d.uscc = b.department and d.keeps_own_keys and d.stopped_because is null
       where b.status = 'sealed' and b.signature is null group by b.department order by age desc`,
    );
    return rows.map(({ department, age }) => ({ department, age: Number(age) }));
  }

  async #check(department: string, digest: Hex, signature: Hex): Promise<void> {
    if (!(await this.ledger.isSigned(department, digest, signature))) throw new Refusal("SIGNATURE_WRONG");
  }
}
