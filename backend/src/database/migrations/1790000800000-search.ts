import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Names of organisations, once each, by the pairs of neighbouring characters in them: trigrams do not find a word of two
 * characters, and most Chinese words have two. Names of persons are not searchable.
 */
const CHANGES = `
create function folded_name(name text) returns text language sql immutable parallel safe strict
  return regexp_replace(lower(normalize(name, NFKC)), '\\s+', '', 'g');

create function bigrams(name text) returns text[] language sql immutable parallel safe strict
  return array(
    select distinct substr(folded_name(name), place, 2) from generate_series(1, length(folded_name(name)) - 1) as place
  );

create table subject_name (
  subject_id text not null,
  name text not null,
  bigrams text[] not null generated always as (bigrams(name)) stored,
  primary key (subject_id, name)
);
insert into subject_name (subject_id, name) select distinct subject_id, subject_name from record where subject_type = 'uscc';
create index subject_name_bigrams on subject_name using gin (bigrams);

create index record_of_type on record (type, event_time, id);
create index record_of_department on record (department, type, event_time, id);
`;

export class Search1790000800000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHANGES);
  }

  /** Forward only: data that is evidence is never migrated away. */
  async down(): Promise<void> {
    throw new Error("Migrations go forward only.");
  }
}
