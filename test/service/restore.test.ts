import { execFileSync } from "node:child_process";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import pg from "pg";
import { Sealing } from "../../backend/src/anchoring/sealing.ts";
import { Ledger } from "../../backend/src/chain/ledger.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { startAnvil } from "../../scripts/embedded/anvil.ts";
import { startPostgres, type RunningPostgres } from "../../scripts/embedded/postgres.ts";
import { quanlian } from "../proof/quanlian.ts";
import { runCommand } from "./command.ts";
import { eventually, startWorld, UNREGISTERED as OWN, type World } from "./harness.ts";
import { penalty } from "./records.ts";

/** Batches hold exactly so many records, whatever the pace. */
const BATCH_SIZE = 3;

describe("an older database beside a newer chain", () => {
  const registrar = Wallet.createRandom().privateKey;
  let world: World;
  let database: RunningPostgres;
  let file: (name: string) => string;
  /** Of the records that the older database does not know, in the order in which they were taken. */
  const lost: RecordReference[] = [];
  const receipts = new Map<string, string>();
  let first: RecordReference;
  /** Taken and sealed by the older database, under a sequence that the ledger has given away. */
  const unaware: RecordReference[] = [];

  const settings = () => ({
    ...{ DATABASE_URL: database.url, BATCH_SIZE: String(BATCH_SIZE), BATCH_AGE_MS: "3600000" },
  });
  const command = (name: string, ...args: string[]) =>
    runCommand(name, args, { ...world.environment, ...settings(), REGISTRAR_KEY: registrar });
  const ask = async <Row>(text: string, values: unknown[] = []) => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  /** Out of the way of the database's files: the service turns to its other database meanwhile. */
  const offline = async (work: () => void, loops = true) => {
    await world.restart({});
    await database.stop();
    work();
    database = await startPostgres(file("own"));
    await world.restart(settings(), loops);
  };
  const own = () => world.as("own-department");
  const submit = async (number: string, changes: object = {}, more: object = {}) => {
    const { type, fields } = penalty(number, {
      ...{ 处罚机关统一社会信用代码: OWN, 数据来源单位统一社会信用代码: OWN, ...changes },
    });
    const { status, body } = await own().post<RecordReference>("/api/v1/records", { type, fields, ...more });
    expect(status, JSON.stringify(body)).to.equal(202);
    return body;
  };
  const final = ({ id }: RecordReference) =>
    eventually(
      () => own().get<RecordAnswer>(`/api/v1/records/${id}`),
      ({ body }) => body.status === "final",
    );
  const anchored = async (from: number, count: number) => {
    const taken: RecordReference[] = [];
    for (let i = 0; i < count; i++) taken.push(await submit(`京服罚〔2026〕${from + i}号`));
    for (const reference of taken) await final(reference);
    return taken;
  };
  const bring = async (...lines: string[]) => {
    writeFileSync(file("brought.ndjson"), lines.map((line) => `${line}\n`).join(""));
    return command("restore.js", file("brought.ndjson"));
  };

  before(async function () {
    this.timeout(180_000);
    world = await startWorld({}, true, startAnvil, { deployer: Wallet.createRandom().privateKey, registrar });
    file = (name) => join(world.folder, name);
    database = await startPostgres(file("own"));
    const names = { nameZh: "京海市公共服务中心", nameEn: "Jinghai public services" };
    writeFileSync(
      file("departments.json"),
      JSON.stringify([{ uscc: OWN, ...names, area: "110000", capabilities: [4] }]),
    );
    expect((await command("register-departments.js", file("departments.json"))).code).to.equal(0);
    await world.restart(settings());
    [first] = (await anchored(1, BATCH_SIZE)) as [RecordReference];
    await offline(() => execFileSync("cp", ["-a", database.cluster, `${database.cluster}-older`]));
    lost.push(...(await anchored(11, BATCH_SIZE)));
    const supersedes = { record: first.recordHash, reason: "withdrawal" };
    lost.push(await submit("京服罚〔2026〕1号", { 违法事实: "该处罚决定予以撤销。" }, { supersedes }));
    for (const number of [21, 22]) lost.push(await submit(`京服罚〔2026〕${number}号`));
    for (const reference of lost) {
      await final(reference);
      const { body } = await own().get(`/api/v1/records/${reference.id}/receipt`);
      receipts.set(reference.recordHash, JSON.stringify(body));
    }
    await eventually(
      () => own().get<RecordAnswer>(`/api/v1/records/${first.id}`),
      ({ body }) => body.supersededBy !== null,
    );
    await offline(() => {
      rmSync(database.cluster, { recursive: true });
      renameSync(`${database.cluster}-older`, database.cluster);
    }, false);
    for (let i = 0; i < BATCH_SIZE; i++) unaware.push(await submit(`京服罚〔2026〕${41 + i}号`));
    await world.app.get(Sealing).sealDue();
    await world.restart(settings());
  });
  after(async () => {
    await world.stop();
    await database.stop();
  });

  const stopped = async () =>
    (await ask<{ cause: string | null }>(`select stopped_because as cause from department where uscc = $1`, [OWN]))[0]!
      .cause;
  const missingLine = ({ recordHash }: RecordReference, i: number) =>
    `missing: ${OWN}, batch ${2 + Math.floor(i / BATCH_SIZE)}, position ${i % BATCH_SIZE}, record ${recordHash}`;

  it("is noticed, and stops the department", async () => {
    await eventually(stopped, (cause) => cause !== null);
    expect(await stopped()).to.be.oneOf(["ROOT_MISMATCH", "UNKNOWN_BATCH"]);
    const refused = await command("departments.js", "resume", OWN, "--because", "hurry");
    expect(refused.code).to.equal(1);
    expect(refused.err).to.contain("batch 2").and.to.contain("batch 3");
  });

  it("gets its batches back from the chain, and every missing record is named", async () => {
    const restored = await command("restore.js");
    expect([restored.code, restored.err]).to.deep.equal([1, ""]);
    expect(restored.out.trimEnd().split("\n")).to.deep.equal([
      `${OWN}: batch 2 is entered as the ledger holds it, 3 records`,
      `${OWN}: batch 3 is entered as the ledger holds it, 3 records`,
      ...lost.map(missingLine),
      "6 records are missing.",
    ]);
    const again = await command("restore.js");
    expect(again.out).to.equal(`${lost.map(missingLine).join("\n")}\n6 records are missing.\n`);
    expect(await stopped()).not.to.equal(null);
  });

  it("takes records back from whoever kept a receipt, into their places, and nothing else", async () => {
    const kept = lost.slice(0, -1).map(({ recordHash }) => receipts.get(recordHash)!);
    const altered = receipts.get(lost.at(-1)!.recordHash)!.replace(/("statement":"[^~]*)\w{5}~/, "$1AAAAA~");
    const ran = await bring(...kept.toReversed(), altered, "no receipt at all", kept[0]!);
    const name = (line: number) => `${file("brought.ndjson")}:${line}`;
    const said = ran.out.trimEnd().split("\n");
    expect(said.filter((line) => line.endsWith(": back in its place"))).to.have.length(5);
    expect(said).to.include.members([`${name(7)}: NOT taken, STATEMENT_INVALID`, `${name(8)}: is here already`]);
    expect(ran.out).to.match(/brought\.ndjson:6: NOT taken, STATEMENT_(INVALID|KEY_UNKNOWN)/);
    expect(said.slice(-2)).to.deep.equal([missingLine(lost.at(-1)!, 5), "1 records are missing."]);
    expect(ran.code).to.equal(1);
  });

  it("gives receipts again, also from a batch of which a record is missing", async () => {
    const rows = await eventually(
      () =>
        ask<{ id: string }>(
          `select r.id from record r join batch b on b.id = r.batch and b.status = 'final'
           where b.sequence = 3 order by r.batch_index`,
        ),
      ({ length }) => length === 2,
    );
    const { body } = await own().get(`/api/v1/records/${rows[1]!.id}/receipt`);
    writeFileSync(file("receipt.json"), JSON.stringify(body));
    writeFileSync(file("trust.json"), JSON.stringify((await world.get("/api/v1/trust")).body));
    const args = ["verify", file("receipt.json"), "--trust", file("trust.json"), "--rpc", world.chain.url];
    const verified = await quanlian(args);
    expect(verified.code, verified.out).to.equal(0);
  });

  it("knows again what took the place of what", async () => {
    const { body } = await eventually(
      () => own().get<RecordAnswer>(`/api/v1/records/${first.id}`),
      (answer) => answer.body.supersededBy !== null,
    );
    expect(body.supersededBy).to.include({ record: lost[3]!.recordHash, reason: 2, by: OWN });
  });

  it("is whole when the last record is back: nothing differs from the chain", async () => {
    const ran = await bring(receipts.get(lost.at(-1)!.recordHash)!);
    expect([ran.code, ran.out]).to.deep.equal([
      0,
      `${file("brought.ndjson")}:1: back in its place\nNo record is missing.\n`,
    ]);
    await eventually(
      () => ask<{ n: number }>(`select count(*)::int as n from batch where status = 'final'`),
      ([row]) => row!.n === 3,
    );
    const checked = await command("fsck.js", "--full");
    expect(checked.code, checked.out + checked.err).to.equal(0);
  });

  it("goes on under the right sequence; nothing is anchored twice", async () => {
    expect((await command("departments.js", "resume", OWN, "--because", "restored")).code).to.equal(0);
    for (const reference of unaware) expect((await final(reference)).body.batch!.sequence).to.equal(4);
    const [one] = await anchored(31, BATCH_SIZE);
    expect((await final(one!)).body.batch!.sequence).to.equal(5);
    const ledger = world.app.get(Ledger);
    const events = await ledger.anchoredBatches(0, (await ledger.head()).number, OWN);
    expect(events.map(({ sequence }) => sequence)).to.deep.equal([1, 2, 3, 4, 5]);
    const calls = await Promise.all(events.map(({ transactionHash }) => ledger.anchorCallOf(transactionHash)));
    const hashes = calls.flatMap((call) => call!.entries.map(({ recordHash }) => recordHash));
    expect(new Set(hashes).size).to.equal(5 * BATCH_SIZE);
  });
});
