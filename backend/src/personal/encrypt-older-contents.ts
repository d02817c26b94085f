import type { DataSource, EntityManager } from "typeorm";
import { certificateContext } from "../certificates/sealed-certificates.ts";
import type { RowSeals } from "../database/row-seals.ts";
import type { CertificateOrder } from "../certificates/certificate-order.ts";
import type { KeyVault } from "../departments/key-vault.ts";
import { sealedRejection } from "../imports/rejections.ts";
import type { FileRow } from "../records/files/file-row.ts";
import { foreignRecordContext } from "../regions/foreign-records.service.ts";
import type { SubjectIndex } from "../subjects/subject-index.ts";
import { submissionContext } from "../review/submissions.ts";
import type { DataKeys } from "./data-keys.ts";

/** Advisory lock under which one process at a time encrypts. */
const LOCK = 7_205;
/** Rejected rows between two writes. */
const PAGE = 500;

/** What encrypts one of the owners of data keys. */
type Encrypt = (id: string, vault: KeyVault, manager: EntityManager) => Promise<void>;

/**
 * Encrypts rejected rows, certificates and receipts of other regions of before these were encrypted, and what waits for a second
 * person or was refused by one, which was encrypted by the master key: those whose owner has no data key. Owner by owner, the key with what it encrypts: what was broken off goes on at the next start, and several processes
 * may do it at once. Done before anything else works.
 */
export async function encryptOlderContents(
  dataSource: DataSource,
  keys: DataKeys,
  subjects: SubjectIndex,
  seals: RowSeals,
  master: KeyVault,
): Promise<void> {
  const each = async (owners: string, encrypt: Encrypt): Promise<void> => {
    for (let isMore = true; isMore;) {
      await keys.prepare();
      isMore = await dataSource.transaction(async (manager) => {
        await manager.query(`select pg_advisory_xact_lock($1)`, [LOCK]);
        const [owner]: { id: string }[] = await manager.query(
          `${owners} and not exists (select from data_key k where k.owner = o.id) limit 1`,
        );
        if (!owner) return false;
        const key = keys.take();
        await keys.keep([{ owner: owner.id, key }], manager);
        await encrypt(owner.id, key.vault, manager);
        return true;
      });
    }
  };
  await each(
    `select o.id from import_job o where exists (select from import_rejection r where r.import = o.id)`,
    (id, vault, manager) => encryptRejections(id, vault, manager, seals),
  );
  await each(`select o.id from certificate o where true`, (id, vault, manager) =>
    encryptCertificate(id, vault, manager, subjects),
  );
  await each(`select o.id from foreign_record o where true`, encryptForeignRecord);
  await each(
    `select o.id from submission o where (o.content is not null or o.reason is not null)`,
    (id, vault, manager) => encryptSubmission(id, vault, manager, master),
  );
}

async function encryptSubmission(id: string, vault: KeyVault, manager: EntityManager, master: KeyVault): Promise<void> {
  const [row]: Record<"content" | "reason", Buffer | null>[] = await manager.query(
    `select content, reason from submission where id = $1 for update`,
    [id],
  );
  const sealed = (["content", "reason"] as const).map((part) => {
    const context = submissionContext(id, part);
    return row![part] && vault.seal(master.open(row![part], context), context);
  });
  await manager.query(`update submission set content = $2, reason = $3 where id = $1`, [id, ...sealed]);
}

async function encryptRejections(job: string, vault: KeyVault, manager: EntityManager, seals: RowSeals): Promise<void> {
  for (let after = -1; ;) {
    const page: { row: string; content: Buffer }[] = await manager.query(
      `select row, content from import_rejection where import = $1 and row > $2 order by row limit $3`,
      [job, after, PAGE],
    );
    if (page.length === 0) return;
    const sealed = page.map(({ row, content }) => {
      const rest = JSON.parse(content.toString()) as Omit<FileRow, "row">;
      return sealedRejection(job, { row: Number(row), ...rest }, vault, seals);
    });
    await manager.query(
      `update import_rejection r set content = w.content, number_index = w.number_index
       from unnest($2::bigint[], $3::bytea[], $4::bytea[]) as w(row, content, number_index)
       where r.import = $1 and r.row = w.row`,
      [
        job,
        sealed.map(({ row }) => row),
        sealed.map(({ content }) => content),
        sealed.map(({ numberIndex }) => numberIndex),
      ],
    );
    after = sealed.at(-1)!.row;
  }
}

async function encryptCertificate(
  id: string,
  vault: KeyVault,
  manager: EntityManager,
  subjects: SubjectIndex,
): Promise<void> {
  const [row]: { ordered: Buffer; document: Buffer | null; pdf: Buffer | null }[] = await manager.query(
    `select ordered, document, pdf from certificate where id = $1`,
    [id],
  );
  const { subject } = JSON.parse(row!.ordered.toString()) as CertificateOrder;
  const sealed = (["ordered", "document", "pdf"] as const).map((column) => {
    const content = row![column];
    return content && vault.seal(content, certificateContext(id, column));
  });
  await manager.query(`update certificate set ordered = $2, document = $3, pdf = $4, subject_id = $5 where id = $1`, [
    id,
    ...sealed,
    subjects.stored(subject).id,
  ]);
}

const encryptForeignRecord: Encrypt = async (id, vault, manager) => {
  const [row]: { receipt: Buffer }[] = await manager.query(`select receipt from foreign_record where id = $1`, [id]);
  const sealed = vault.seal(row!.receipt, foreignRecordContext(id));
  await manager.query(`update foreign_record set receipt = $2 where id = $1`, [id, sealed]);
};
