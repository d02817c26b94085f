import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Kind } from "@quanlian/proof";
import { IsNull, type Repository } from "typeorm";
import { batchDigest } from "../chain/batch-signing.ts";
import { Ledger } from "../chain/ledger.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { Batch } from "./batch.entity.ts";

/** Lets the departments' hosted signers sign what is sealed. A signature covers every entry of its batch. */
@Injectable()
export class Signing {
  constructor(
    @InjectRepository(Batch) private readonly batches: Repository<Batch>,
    private readonly departments: DepartmentsService,
    private readonly ledger: Ledger,
  ) {}

  /** Two workers may sign the same batch: the signatures say the same, and the first one is kept. */
  async signSealed(): Promise<number> {
    const open = await this.batches.find({ where: { status: "sealed", signature: IsNull() }, take: 64 });
    for (const batch of open) {
      const digest = batchDigest(this.ledger.identity, { ...batch, kind: batch.kind as Kind });
      const signature = await this.departments.signBatch(batch.department, digest);
      await this.batches.update({ id: batch.id, signature: IsNull() }, { signature });
    }
    return open.length;
  }
}
