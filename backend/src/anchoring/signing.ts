import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Kind } from "@quanlian/proof";
import { In, IsNull, type Repository } from "typeorm";
import { batchDigest } from "../chain/batch-signing.ts";
import { Ledger } from "../chain/ledger.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { TraceContexts } from "../tracing/trace-contexts.ts";
import { Batch } from "./batch.entity.ts";

/** Lets the departments' hosted signers sign what is sealed. A signature covers every entry of its batch. */
@Injectable()
export class Signing {
  constructor(
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly departments: DepartmentsService,
    private readonly ledger: Ledger,
    private readonly traces: TraceContexts,
  ) {}

  /** Two workers may sign the same batch: the signatures say the same, and the first one is kept. */
  async signSealed(): Promise<number> {
    const open = await this.#unsigned();
    for (const batch of open) {
      const digest = batchDigest(this.ledger.identity, { ...batch, kind: batch.kind as Kind });
      const signature = await this.departments.signBatch(batch.department, digest);
      await this.batches.update({ id: batch.id, signature: IsNull() }, { signature });
      await this.traces.mark("sign", batch.id);
    }
    return open.length;
  }

  /** Those of departments that keep their own keys wait for these departments' agents. */
  async #unsigned(): Promise<Batch[]> {
    const rows: { id: string }[] = await this.batches.query(
      `select b.id from batch b join department d on d.uscc = b.department and not d.keeps_own_keys
       where b.status = 'sealed' and b.signature is null order by b.sealed_at limit 64`,
    );
    return this.batches.findBy({ id: In(rows.map(({ id }) => id)) });
  }
}
