import { Injectable } from "@nestjs/common";
import { type Hex, merkleTree } from "@quanlian/proof";
import { DataSource } from "typeorm";
import { supersessionDigest } from "../chain/batch-signing.ts";
import { keccak } from "../chain/keccak.ts";
import { Ledger } from "../chain/ledger.ts";
import type { AnchoredRecord } from "../chain/words.ts";
import { toHex } from "../database/bytea.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { Alarms } from "../findings/alarms.ts";
import { RecordRow } from "../records/record.entity.ts";
import { Batch } from "./batch.entity.ts";
import { BatchHashes } from "./batch-hashes.ts";
import { move } from "./relay-transactions.ts";
import type { Shipment } from "./shipment.ts";

interface Waiting {
  readonly id: string;
  readonly department: string;
  readonly by: string;
  readonly record_hash: Buffer;
  readonly successor: Buffer;
  readonly reason: number;
  readonly signature: Buffer | null;
  readonly refusals: number;
}

/** Which supersessions can be told to the ledger now: those whose two records are both final. */
@Injectable()
export class SupersessionShipping {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hashes: BatchHashes,
    private readonly departments: DepartmentsService,
    private readonly ledger: Ledger,
    private readonly alarms: Alarms,
  ) {}

  async ready(limit: number): Promise<Shipment[]> {
    const shipments: Shipment[] = [];
    for (const waiting of await this.#waiting(limit)) {
      const known = await this.ledger.successorOf(waiting.department, toHex(waiting.record_hash));
      if (known !== undefined) await this.#meetSuperseded(waiting, known);
      else if (await this.#isOutdated(waiting)) await this.#haveSignedAgain(waiting);
      else shipments.push(this.#shipment(waiting));
    }
    return shipments;
  }

  #waiting(limit: number): Promise<Waiting[]> {
    return this.dataSource.query(
      `select s.* from supersession s
       join record n on n.id = s.id join batch nb on nb.id = n.batch and nb.status = 'final'
       join record o on o.record_hash = s.record_hash and o.department = s.department join batch ob on ob.id = o.batch and ob.status = 'final'
       join department d on d.uscc = s.by and d.stopped_because is null
       where s.status = 'sealed' and (s.signature is not null or not d.keeps_own_keys) and (s.retry_at is null or s.retry_at <= now())
         and not exists (select 1 from relay_transaction t where t.supersession = s.id)
       order by nb.block_number, nb.log_index, n.batch_index limit $1`,
      [limit],
    );
  }

  #shipment({ id, by, record_hash, successor, reason, signature: own }: Waiting): Shipment {
    return {
      cargo: { kind: "supersession", id },
      prepare: async (nonce, fees) => {
        const [record, next] = [await this.#anchored(toHex(record_hash)), await this.#anchored(toHex(successor))];
        const digest = supersessionDigest(this.ledger.identity, record, next, reason);
        const signature = own ? toHex(own) : await this.departments.signBatch(by, digest);
        return this.ledger.prepareSupersede(record, next, reason, signature, nonce, fees);
      },
    };
  }

  /** The ledger refused it, and the signature that the department gave is not that of its signer today. */
  async #isOutdated({
    department,
    by,
    record_hash,
    successor,
    reason,
    signature,
    refusals,
  }: Waiting): Promise<boolean> {
    if (!signature || refusals === 0) return false;
    const [record, next] = [
      { department, recordHash: toHex(record_hash) },
      { department: by, recordHash: toHex(successor) },
    ];
    const digest = supersessionDigest(this.ledger.identity, record, next, reason);
    return !(await this.ledger.isSigned(by, digest, toHex(signature)));
  }

  async #haveSignedAgain({ id, signature }: Waiting): Promise<void> {
    await this.dataSource.query(
      `update supersession set signature = null where id = $1 and status = 'sealed' and signature = $2
         and not exists (select 1 from relay_transaction t where t.supersession = supersession.id)`,
      [id, signature],
    );
  }

  /** The ledger knows a successor already: ours is a normal answer, another one an alarm. */
  async #meetSuperseded({ id, department, record_hash, successor }: Waiting, known: Hex): Promise<void> {
    const [recordHash, ours] = [toHex(record_hash), toHex(successor)];
    await this.dataSource.transaction(async (manager) => {
      if (known === ours) return move("sent", { kind: "supersession", id }, manager);
      const evidence = { recordHash, stored: ours, onChain: known };
      await this.alarms.raise(
        { code: "UNKNOWN_SUPERSESSION", department, fingerprint: `${department} ${recordHash} ${known}`, evidence },
        manager,
      );
    });
  }

  /** A record with the path that leads to the root of its batch. */
  async #anchored(recordHash: Hex): Promise<AnchoredRecord> {
    const { batch: id } = await this.dataSource.getRepository(RecordRow).findOneByOrFail({ recordHash });
    const batch = await this.dataSource.getRepository(Batch).findOneByOrFail({ id: id! });
    const hashes = await this.hashes.of(batch);
    const { department, sequence } = batch;
    return { department, sequence, recordHash, path: merkleTree(hashes, keccak).path(hashes.indexOf(recordHash)) };
  }
}
