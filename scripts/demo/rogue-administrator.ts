// Somebody with full access to the database changes what is stored, in plain SQL; then the integrity run is asked.
import type pg from "pg";
import { ownKey } from "./own-key.ts";
import { rewriteStatement } from "./rewritten-statement.ts";
import type { Difference, ServiceClient } from "./service-client.ts";
import type { Tampering } from "./tampering.ts";

/** A penalty by its id and by the place that the chain gave it. */
interface Victim {
  readonly id: string;
  readonly number: string;
  readonly statement: string;
  readonly department: string;
  readonly batch: string;
  readonly sequence: number;
  readonly batchIndex: number;
}

interface Deed {
  readonly what: string;
  readonly victims: readonly Victim[];
  readonly sql: readonly (readonly [text: string, values: unknown[]])[];
}

const ONE_YUAN = 100;
const PENALTIES = `
  SELECT r.id, r.number, r.statement, r.department, r.batch, b.sequence::int, r.batch_index AS "batchIndex"
  FROM record r JOIN batch b ON b.id = r.batch
  WHERE r.type = 'enforcement.penalty/1' AND b.status = 'final'`;

/** Commits one deed after the other, none of them undone, and after each asks what differs that did not before. */
export async function playRogueAdministrator(database: pg.Client, service: ServiceClient): Promise<Tampering[]> {
  const known = new Set((await service.checkIntegrity()).found.map(identity));
  const lines: Tampering[] = [];
  for (const { what, victims, sql } of await deeds(database)) {
    await database.query("BEGIN");
    for (const [text, values] of sql) await database.query(text, values);
    await database.query("COMMIT");
    const fresh = (await service.checkIntegrity()).found.filter((difference) => !known.has(identity(difference)));
    for (const difference of fresh) known.add(identity(difference));
    const named = fresh.find((difference) => victims.some((victim) => names(difference, victim)));
    lines.push({ what, caught: named !== undefined, code: named?.layer ?? null, field: named?.field ?? null });
  }
  return lines;
}

/** The differences of earlier deeds stay; a new one differs in place, layer, field or value. */
function identity({ layer, field, record, department, sequence, batchIndex, stored }: Difference): string {
  return JSON.stringify([layer, field, record, department, sequence, batchIndex, stored]);
}

/** A deleted record is named by the place that it leaves empty, the others by themselves. */
function names(difference: Difference, { id, department, sequence, batchIndex }: Victim): boolean {
  const inItsBatch = difference.department === department && difference.sequence === sequence;
  return difference.record === id || (inItsBatch && difference.batchIndex === batchIndex);
}

async function deeds(database: pg.Client): Promise<Deed[]> {
  const [swapped, neighbour] = await neighbours(database);
  const [changed, deleted, rewritten, republished] = await fined(database, [swapped.id, neighbour.id]);
  const fake = rewriteStatement(rewritten.statement, { fineFen: ONE_YUAN }, ownKey());
  return [
    {
      what: `changes the fine of ${changed.number} to 1 yuan`,
      victims: [changed],
      sql: [setField(changed, "fineFen", ONE_YUAN)],
    },
    {
      what: `deletes ${deleted.number}`,
      victims: [deleted],
      sql: [["DELETE FROM record WHERE id = $1", [deleted.id]]],
    },
    {
      what: `swaps ${swapped.number} and ${neighbour.number} in their batch`,
      victims: [swapped, neighbour],
      sql: [moveTo(swapped, -1), moveTo(neighbour, swapped.batchIndex), moveTo(swapped, neighbour.batchIndex)],
    },
    {
      what: `rewrites the statement of ${rewritten.number} with its hash, signed by a key of his own`,
      victims: [rewritten],
      sql: [
        setField(rewritten, "fineFen", ONE_YUAN),
        [
          "UPDATE record SET statement = $2, record_hash = decode($3, 'hex') WHERE id = $1",
          [rewritten.id, fake.statement, fake.recordHash.slice(2)],
        ],
      ],
    },
    {
      what: `brings the end of publication of ${republished.number} forward`,
      victims: [republished],
      sql: [setField(republished, "publicationTo", "2024-12-31")],
    },
  ];
}

function setField({ id }: Victim, field: string, value: unknown): [string, unknown[]] {
  const text = "UPDATE record SET fields = jsonb_set(fields, ARRAY[$2], $3) WHERE id = $1";
  return [text, [id, field, JSON.stringify(value)]];
}

function moveTo({ id }: Victim, batchIndex: number): [string, unknown[]] {
  return ["UPDATE record SET batch_index = $2 WHERE id = $1", [id, batchIndex]];
}

/** Two penalties side by side in one batch. */
async function neighbours(database: pg.Client): Promise<[Victim, Victim]> {
  const { rows } = await database.query<Victim>(
    `WITH penalty AS (${PENALTIES})
     SELECT one.* FROM penalty one JOIN penalty other
       ON one.batch = other.batch AND abs(one."batchIndex" - other."batchIndex") = 1
     ORDER BY one.batch, one."batchIndex" LIMIT 2`,
  );
  return rows as [Victim, Victim];
}

async function fined(database: pg.Client, except: readonly string[]): Promise<[Victim, Victim, Victim, Victim]> {
  const { rows } = await database.query<Victim>(
    `${PENALTIES} AND r.fields ?& ARRAY['fineFen', 'publicationTo'] AND r.id <> ALL ($1) ORDER BY r.id LIMIT 4`,
    [except],
  );
  return rows as [Victim, Victim, Victim, Victim];
}
