import { hexlify, JsonRpcProvider, toUtf8Bytes } from "ethers";
import { expect } from "chai";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { compareWithViews, replay, type Replay } from "../../scripts/replay.ts";
import { eventually, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

interface StoredEntry {
  department: string;
  sequence: number;
  kind: number;
  year: number;
  root: string;
  anchoredAt: number;
  streamKey: string;
  recordHash: string;
}

/** What the service's own database says of every entry of every final batch, in the order inside the batches. */
const STORED = `
  select b.department, b.sequence::int, b.kind, b.year, '0x' || encode(b.root, 'hex') as root,
         b.block_time::int as "anchoredAt",
         '0x' || encode(r.stream_key, 'hex') as "streamKey", '0x' || encode(r.record_hash, 'hex') as "recordHash"
    from batch b join record r on r.batch = b.id
   where b.status = 'final'
   order by b.department, b.sequence, r.batch_index`;

describe("replay from the chain alone and the service's database", () => {
  let world: World;
  let provider: JsonRpcProvider;
  let replayed: Replay;
  before(async () => {
    world = await startWorld();
    provider = new JsonRpcProvider(world.chain.url, world.chain.chainId, { staticNetwork: true });
    await anchorSome();
    const { ledger, block } = world.deployment;
    replayed = await eventually(
      () => replay(provider, { ledger, fromBlock: block }),
      ({ supersessions }) => supersessions.length === 1,
    );
  });
  after(async () => {
    provider.destroy();
    await world.stop();
  });

  /** Penalties of three years against two enterprises, and a correction of one of them. */
  async function anchorSome(): Promise<void> {
    const taken: RecordReference[] = [];
    for (let i = 1; i <= 12; i++) {
      const changes = {
        处罚决定日期: `${2024 + (i % 3)}-03-0${1 + (i % 9)}`,
        ...(i % 2 && { 统一社会信用代码: OTHER_ENTERPRISE }),
      };
      const { status, body } = await world.post<RecordReference>(
        "/api/v1/records",
        penalty(`京市监罚〔2026〕${i}号`, changes),
      );
      expect(status, JSON.stringify(body)).to.equal(202);
      taken.push(body);
    }
    await allFinal(12);
    const links = [{ rel: "supersedes", record: taken[0]!.recordHash }];
    await world.post("/api/v1/records", penalty("京市监罚〔2026〕1号", { "罚款金额（万元）": "0.3", links }));
    await allFinal(13);
  }

  const allFinal = (count: number) =>
    eventually(
      () => world.sql<StoredEntry>(STORED),
      (rows) => rows.length === count,
    );

  it("tell the same batches, entry by entry, in the same order", async () => {
    const told = replayed.batches
      .flatMap(({ department, sequence, kind, year, root, anchoredAt, entries }) =>
        entries.map((entry) => ({ department, sequence, kind, year, root, anchoredAt, ...entry })),
      )
      .sort((a, b) => a.department.localeCompare(b.department, "en") || a.sequence - b.sequence);
    const stored = await world.sql<StoredEntry>(STORED);
    expect(told).to.deep.equal(
      stored.map((entry) => ({ ...entry, department: hexlify(toUtf8Bytes(entry.department)) })),
    );
  });

  it("tell the same supersession", async () => {
    const [first, correction] = await world.sql<{ recordHash: string }>(
      `select '0x' || encode(record_hash, 'hex') as "recordHash" from record where number = $1 order by version`,
      ["京市监罚〔2026〕1号"],
    );
    expect(replayed.supersessions).to.have.length(1);
    expect(replayed.supersessions[0]).to.include({
      recordHash: first!.recordHash,
      successor: correction!.recordHash,
      reason: 1,
    });
  });

  it("leave nothing that the contracts answer otherwise", async () => {
    expect(await compareWithViews(provider, replayed)).to.deep.equal([]);
  });
});
