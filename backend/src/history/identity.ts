import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import type { Access } from "../access/access.ts";
import { toHex } from "../database/bytea.ts";
import { Refusal } from "../http/refusal.ts";
import { endOfDay } from "../records/china-time.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { RESOURCE_COLUMNS, RESOURCE_JOINS, resourceOf, type ResourceRow } from "../records/record-resource.ts";
import type { IdentityAnswer, RecordBrief } from "./history.schemas.ts";

/** Subjects in one lineage, itself included; beyond it nobody is followed. */
const MOST_SUBJECTS = 64;
/** Entries of the register looked at for one ring of a lineage. */
const MOST_ENTRIES = 1_000;

interface Entry extends ResourceRow {
  readonly id: string;
  readonly number: string;
  readonly version: number;
  readonly record_hash: Buffer;
}

type Relative = IdentityAnswer["relatives"][number];
type Direction = Relative["relation"];

/**
 * Who an enterprise was and became (变更、合并、分立). Everything comes from records of the business register that are final and
 * stand, or stood on the day asked about, as far as the asker may see them; nothing about it is stored elsewhere.
 */
@Injectable()
export class Identity {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Refusal SUBJECT_INVALID */
  async of(code: string, asOf: string | undefined, access: Access): Promise<IdentityAnswer> {
    const reading = readUscc(code);
    if ("fault" in reading) throw new Refusal("SUBJECT_INVALID");
    const { uscc } = reading;
    const entries = await this.#entries([uscc], asOf, access);
    return {
      subject: { type: "uscc", id: uscc },
      names: namesOf(entries.filter(({ subject_id }) => subject_id === uscc)),
      relatives: await this.#relatives(uscc, asOf, access),
    };
  }

  /** The subject, those that it came from and those that it became. */
  async lineage(uscc: string, asOf: string | undefined, access: Access): Promise<readonly string[]> {
    return [uscc, ...new Set((await this.#relatives(uscc, asOf, access)).map(({ subject }) => subject))];
  }

  /**
   * Ring by ring, from predecessors to their predecessors and from successors to their successors. A sister that came from
   * the same predecessor is neither. Each subject is met once, so that a circle in the register ends the walk.
   */
  async #relatives(uscc: string, asOf: string | undefined, access: Access): Promise<Relative[]> {
    const met = new Set([uscc]);
    const relatives: Relative[] = [];
    const rings: Record<Direction, string[]> = { predecessor: [uscc], successor: [uscc] };
    while (rings.predecessor.length + rings.successor.length > 0 && met.size < MOST_SUBJECTS) {
      const entries = await this.#entries([...rings.predecessor, ...rings.successor], asOf, access);
      for (const direction of ["predecessor", "successor"] as const) {
        const found = entries.flatMap((entry) => steps(entry, direction, rings[direction]));
        const fresh = found.filter(({ subject }) => met.size < MOST_SUBJECTS && isNew(met, subject));
        relatives.push(...fresh);
        rings[direction] = fresh.map(({ subject }) => subject);
      }
    }
    return relatives;
  }

  async #entries(subjects: readonly string[], asOf: string | undefined, access: Access): Promise<Entry[]> {
    const until = asOf === undefined ? null : endOfDay(asOf).getTime() / 1000;
    const rows: Entry[] = await this.dataSource.query(ENTRIES, [subjects, until, MOST_ENTRIES]);
    return rows.filter((row) => access.grantFor(resourceOf(row)) !== null);
  }
}

const ENTRIES = `
select ${RESOURCE_COLUMNS}, r.id, r.number, r.version, r.record_hash from record r ${RESOURCE_JOINS}
where r.type = 'approval.registration/1' and r.subject_type = 'uscc'
  and (r.subject_id = any($1) or r.fields->'predecessors' ?| $1 or r.fields->'successors' ?| $1)
  and b.status = 'final' and ($2::bigint is null or b.block_time < $2)
  and (s.id is null or ($2::bigint is not null and s.block_time >= $2))
order by r.event_time, r.id limit $3`;

function isNew(met: Set<string>, subject: string): boolean {
  const fresh = !met.has(subject);
  met.add(subject);
  return fresh;
}

/** Where an entry leads from the given subjects in one direction, whichever side's entry it is. */
function steps(entry: Entry, direction: Direction, from: readonly string[]): Relative[] {
  const { subject_id: own, fields } = entry;
  const [forth, back] = direction === "successor" ? ["successors", "predecessors"] : ["predecessors", "successors"];
  const pairs = [
    ...codesOf(fields[forth]).map((other) => [own, other] as const),
    ...codesOf(fields[back]).map((other) => [other, own] as const),
  ];
  return pairs
    .filter(([of]) => from.includes(of))
    .map(([of, subject]) => ({
      ...{ subject, relation: direction, of },
      ...{ change: fields.registrationChange as string, on: fields.eventTime as string, record: briefOf(entry) },
    }));
}

function codesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

/** A change of name ends one name and begins another; the first is known from no earlier entry. */
function namesOf(entries: readonly Entry[]): IdentityAnswer["names"] {
  const changes = entries.filter(({ fields }) => fields.registrationChange === "名称变更");
  const days = changes.map(({ fields }) => fields.eventTime as string);
  const later = changes.map((entry, i) => ({
    ...{ name: entry.fields.nameAfter as string, from: days[i]!, to: days[i + 1] ?? null, record: briefOf(entry) },
  }));
  const [first] = changes;
  if (!first) return [];
  return [{ name: first.fields.nameBefore as string, from: null, to: days[0]!, record: briefOf(first) }, ...later];
}

function briefOf({ id, kind, type, department, number, version, fields, record_hash }: Entry): RecordBrief {
  const eventTime = fields.eventTime as string;
  return { id, kind, type, department, number, version, eventTime, recordHash: toHex(record_hash) };
}
