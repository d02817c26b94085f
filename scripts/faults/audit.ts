// What must be true once everything has come to rest: each accepted record final exactly once, nothing else, nothing half.
import { type Hex, merkleTree, recordHash, streamKey } from "@quanlian/proof";
import { JsonRpcProvider } from "ethers";
import pg from "pg";
import { LedgerModel } from "./ledger-model.ts";
import type { Known, Load } from "./load.ts";
import type { Stage } from "./stage.ts";

const PENALTY = 4;

export interface Findings {
  /** Accepted, and not final or not on the chain. */
  readonly lost: string[];
  /** On the chain or in the database more than once. */
  readonly doubled: string[];
  /** Everything else that must not be. */
  readonly wrong: string[];
}

/** Half rows, gaps, statements that do not give their hash, things left open: each line one kind of them, empty when all is well. */
const HALF = `
  select 'records without a whole place in a batch' as what, count(*)::int as n from record r left join batch b on b.id = r.batch
    where b.id is null or r.batch_index is null or r.batch_index not between 0 and b.count - 1
  union all select 'batches with another number of records than they say', count(*)::int from batch b
    where b.count <> (select count(*) from record r where r.batch = b.id)
  union all select 'batches that are final and do not say where', count(*)::int from batch
    where status <> 'final' or signature is null or final_at is null or transaction_hash is null or block_number is null
      or block_hash is null or block_time is null or log_index is null
  union all select 'departments whose next sequence is not the one after their last', count(*)::int from department d
    where next_sequence <> (select count(*) + 1 from batch b where b.department = d.uscc)
      or next_sequence <> (select coalesce(max(sequence), 0) + 1 from batch b where b.department = d.uscc)
  union all select 'departments that were stopped', count(*)::int from department where stopped_because is not null
  union all select 'supersessions that are not final', count(*)::int from supersession where status <> 'final'
  union all select 'second versions without a supersession', count(*)::int from record r
    where version > 1 and not exists (select 1 from supersession s where s.id = r.id)
  union all select 'transactions left open', count(*)::int from relay_transaction
  union all select 'alarms', count(*)::int from finding where code <> 'CHAIN_ROLLED_BACK'
  union all select 'numbers with too many versions', count(*)::int from (
    select 1 from record group by department, type, number having count(*) > 2 or count(*) <> max(version)) v`;

/** What has still to happen; cheap, because it is asked for again and again. */
const OPEN = `
  select (select count(*) from record where batch is null) + (select count(*) from batch where status <> 'final')
    + (select count(*) from supersession where status <> 'final') + (select count(*) from relay_transaction) as open`;

interface Stored {
  readonly id: string;
  readonly hash: Hex;
  readonly statement: string;
  readonly batch: string | null;
  readonly status: string | null;
  readonly root: Hex | null;
  readonly department: string;
  readonly number: string;
  readonly version: number;
}

const STORED = `
  select r.id, '0x' || encode(r.record_hash, 'hex') as hash, r.statement, b.id as batch, b.status,
    '0x' || encode(b.root, 'hex') as root, r.department, r.number, r.version
  from record r left join batch b on b.id = r.batch order by b.department, b.sequence, r.batch_index`;

export class Audit {
  readonly #stage: Stage;
  readonly #load: Load;
  readonly #model: LedgerModel;
  readonly #streams = new Map<string, Hex>();

  constructor(stage: Stage, load: Load) {
    this.#stage = stage;
    this.#load = load;
    this.#model = new LedgerModel(stage.deployment.ledger);
  }

  /** Whether everything that was sent has been accepted and nothing is left to do. */
  async isAtRest(): Promise<boolean> {
    if (this.#load.known.some(({ accepted }) => !accepted)) return false;
    return this.#withDatabase(async (database) => {
      const { rows } = await database.query<{ open: string }>(OPEN);
      return rows[0]!.open === "0";
    });
  }

  run(): Promise<Findings> {
    return this.#withDatabase((database) => this.#examine(database));
  }

  async #withDatabase<Result>(use: (database: pg.Client) => Promise<Result>): Promise<Result> {
    const database = new pg.Client({ connectionString: this.#stage.databaseUrl, connectionTimeoutMillis: 5_000 });
    database.on("error", () => undefined);
    try {
      await database.connect();
      return await use(database);
    } finally {
      await database.end();
    }
  }

  async #examine(database: pg.Client): Promise<Findings> {
    const provider = new JsonRpcProvider(this.#stage.chainUrl, 31337, { staticNetwork: true, cacheTimeout: -1 });
    try {
      const stored = (await database.query<Stored>(STORED)).rows;
      const half = (await database.query<{ what: string; n: number }>(HALF)).rows.filter(({ n }) => n > 0);
      const differences = await this.#model.follow(provider);
      return this.#judge(stored, [...differences, ...half.map(({ what, n }) => `${n} ${what}`)]);
    } finally {
      provider.destroy();
    }
  }

  #judge(stored: readonly Stored[], wrong: string[]): Findings {
    const onChain = Map.groupBy(this.#entries(), (entry) => entry.recordHash);
    const byId = new Map(stored.map((row) => [row.id, row]));
    const known = new Map(this.#load.known.map((one) => [one.accepted?.recordHash, one]));
    const lost = this.#load.known.filter(
      ({ accepted }) =>
        !accepted ||
        byId.get(accepted.id)?.hash !== accepted.recordHash ||
        byId.get(accepted.id)?.status !== "final" ||
        !onChain.has(accepted.recordHash),
    );
    const doubled = [
      ...[...onChain].filter(([, entries]) => entries.length > 1).map(([hash]) => hash),
      ...this.#load.known.filter(({ created }) => created > 1).map(({ number }) => number),
    ];
    for (const [hash, [entry]] of onChain) {
      const one = known.get(hash);
      if (!one) wrong.push(`nobody sent ${hash}, which is on the chain`);
      else if (entry!.place !== placeOf(one, this.#streamOf(one))) wrong.push(`${one.number} is in a wrong place`);
    }
    if (stored.length !== known.size) wrong.push(`${stored.length} records are stored, ${known.size} were sent`);
    return { lost: lost.map(({ number }) => number), doubled, wrong: [...wrong, ...badRows(stored)] };
  }

  #entries() {
    return this.#model.batches.flatMap(({ department, kind, year, entries }) =>
      entries.map(({ recordHash: hash, streamKey: stream }) => ({
        recordHash: hash,
        place: [Buffer.from(department.slice(2), "hex").toString("latin1"), kind, year, stream].join(" "),
      })),
    );
  }

  #streamOf({ subject, year }: Known): Hex {
    const name = `${subject} ${year}`;
    const secret = new Uint8Array(Buffer.from(this.#stage.keys.platform.vrfSecret.slice(2), "hex"));
    const key = this.#streams.get(name) ?? streamKey(secret, { type: "uscc", id: subject }, PENALTY, year);
    this.#streams.set(name, key);
    return key;
  }
}

function placeOf({ department, year }: Known, stream: Hex): string {
  return [department, PENALTY, year, stream].join(" ");
}

/** Statements that do not give their hash, batches whose records do not give their root. */
function badRows(stored: readonly Stored[]): string[] {
  const statements = stored.filter(({ statement, hash }) => recordHash(statement) !== hash);
  const batches = [...Map.groupBy(stored, ({ batch }) => batch).values()].filter(
    (rows) => rows[0]!.root !== null && merkleTree(rows.map(({ hash }) => hash)).root !== rows[0]!.root,
  );
  return [
    ...statements.map(({ id }) => `the statement of ${id} does not give its hash`),
    ...batches.map(([row]) => `the records of batch ${row!.batch} do not give its root`),
  ];
}
