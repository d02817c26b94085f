import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import type { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { SubjectIndex } from "../subjects/subject-index.ts";
import { CertificateJob } from "./certificate-job.entity.ts";
import type { CertificateOrder } from "./certificate-order.ts";

type Column = "ordered" | "document" | "pdf";

/** Orders and finished certificates at rest: each certificate has a data key, under which all that it holds is encrypted. */
@Injectable()
export class SealedCertificates {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keys: DataKeys,
    private readonly subjects: SubjectIndex,
  ) {}

  /** @throws Refusal KMS_UNAVAILABLE */
  async keep(id: string, code: string, order: CertificateOrder): Promise<void> {
    await this.keys.prepare();
    const key = this.keys.take();
    const { type, id: subjectId } = this.subjects.stored(order.subject);
    const sealed = key.vault.seal(Buffer.from(JSON.stringify(order)), certificateContext(id, "ordered"));
    await this.dataSource.transaction(async (manager) => {
      await manager.insert(CertificateJob, { id, code, subjectType: type, subjectId, order: sealed });
      await this.keys.keep([{ owner: id, key }], manager);
    });
  }

  /** @throws Refusal KMS_UNAVAILABLE, CONTENT_UNREADABLE */
  async order({ id, order }: Pick<CertificateJob, "id" | "order">): Promise<CertificateOrder> {
    return JSON.parse((await this.open(id, "ordered", order)).toString()) as CertificateOrder;
  }

  /** @throws Refusal KMS_UNAVAILABLE, CONTENT_UNREADABLE */
  async open(id: string, column: Column, sealed: Buffer): Promise<Buffer> {
    const vault = await this.#vault(id);
    try {
      return vault.open(sealed, certificateContext(id, column));
    } catch {
      throw new Refusal("CONTENT_UNREADABLE");
    }
  }

  /** A certificate that was erased while it was made stays so. @throws Refusal KMS_UNAVAILABLE, CONTENT_UNREADABLE */
  async finish(id: string, made: { readonly document: string; readonly pdf: Buffer; readonly steps: number }) {
    const vault = await this.#vault(id);
    await this.dataSource.manager.update(
      CertificateJob,
      { id },
      {
        document: vault.seal(Buffer.from(made.document), certificateContext(id, "document")),
        pdf: vault.seal(made.pdf, certificateContext(id, "pdf")),
        ...{ done: made.steps, total: made.steps, status: "done", finishedAt: new Date() },
      },
    );
  }

  async #vault(id: string): Promise<KeyVault> {
    const vault = (await this.keys.of([id])).get(id);
    if (!vault) throw new Refusal("CONTENT_UNREADABLE");
    return vault;
  }
}

export function certificateContext(id: string, column: Column): string {
  return `certificate/${id}/${column}`;
}
