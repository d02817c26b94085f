import type { DataSource } from "typeorm";
import type { SubjectIndex } from "../subjects/subject-index.ts";
import type { DataKeys } from "./data-keys.ts";
import type { PersonalFields, SealedParts, StoredParts } from "./personal-fields.ts";

/** Records of one transaction. */
const PAGE = 500;

interface OlderRecord extends StoredParts {
  readonly type: string;
  readonly subject_type: "uscc" | "person";
  readonly subject_id: string;
  readonly subject_name: string;
}

/**
 * Encrypts the records of before there was encryption, page by page; what was broken off goes on at the next start, and several
 * processes may do it at once. Done before anything else works, so that no part of the service ever meets a record in clear.
 */
export async function encryptOlderRecords(
  dataSource: DataSource,
  keys: DataKeys,
  personal: PersonalFields,
  subjects: SubjectIndex,
): Promise<void> {
  for (let rows = PAGE; rows > 0;) {
    await keys.prepare();
    rows = await dataSource.transaction(async (manager) => {
      const page: OlderRecord[] = await manager.query(
        `select r.id, r.type, r.subject_type, r.subject_id, r.subject_name, r.fields, r.statement, r.personal
         from unencrypted_record u join record r on r.id = u.record order by r.id limit $1 for update of u skip locked`,
        [PAGE],
      );
      const sealed = page.map((row) => ({ row, parts: personal.seal(row.id, row.type, row) }));
      const keyed = sealed.flatMap(({ row, parts: { key } }) => (key ? [{ owner: row.id, key }] : []));
      await keys.keep(keyed, manager);
      await manager.query(UPDATE, columnsOf(sealed, subjects));
      const persons = page.filter(({ subject_type }) => subject_type === "person");
      await manager.query(
        `update stream s set subject_id = w.stored from unnest($1::text[], $2::text[]) as w(clear, stored)
         where s.subject_type = 'person' and s.subject_id = w.clear`,
        [persons.map((row) => row.subject_id), persons.map((row) => storedId(row, subjects))],
      );
      await manager.query(`delete from unencrypted_record where record = any($1)`, [page.map(({ id }) => id)]);
      return page.length;
    });
  }
}

const UPDATE = `
update record r set fields = w.fields, statement = w.statement, personal = w.personal, subject_id = w.subject_id,
  subject_name = w.subject_name
from unnest($1::uuid[], $2::jsonb[], $3::text[], $4::bytea[], $5::text[], $6::text[])
  as w(id, fields, statement, personal, subject_id, subject_name)
where r.id = w.id`;

function columnsOf(
  sealed: readonly { readonly row: OlderRecord; readonly parts: SealedParts }[],
  subjects: SubjectIndex,
): unknown[][] {
  return [
    sealed.map(({ row }) => row.id),
    sealed.map(({ parts }) => JSON.stringify(parts.fields)),
    sealed.map(({ parts }) => parts.statement),
    sealed.map(({ parts }) => parts.personal),
    sealed.map(({ row }) => storedId(row, subjects)),
    sealed.map(({ row }) => (row.subject_type === "person" ? "" : row.subject_name)),
  ];
}

function storedId({ subject_type: type, subject_id: id }: OlderRecord, subjects: SubjectIndex): string {
  return subjects.stored({ type, id }).id;
}
