import { expect } from "chai";
import type { Hex } from "@quanlian/proof";
import { type BothSides, differencesOf } from "../../backend/src/anchoring/ledger-comparison.ts";
import type { AnchoredBatch } from "../../backend/src/chain/words.ts";
import type { RecordReference } from "../../backend/src/records/records.schemas.ts";
import { runCommand } from "./command.ts";
import { CITY, eventually, startWorld, UNREGISTERED, type World } from "./harness.ts";
import { penalty } from "./records.ts";

const hash = (digits: string): Hex => `0x${digits.repeat(64 / digits.length)}`;

describe("what database and ledger do not agree on", () => {
  const batch = (sequence: number, changes: { readonly status?: "sealed" } = {}) =>
    ({
      ...{ sequence, kind: 4, year: 2026, count: 2, root: hash(`${sequence}`), entriesHash: hash(`${sequence}0`) },
      ...{ status: "final", ...changes },
    }) as AnchoredBatch & BothSides["here"]["batches"][number];
  const superseded = { department: CITY, recordHash: hash("a"), successor: hash("b"), by: CITY, reason: 1 };
  const sides = (ledger: Partial<BothSides["ledger"]> = {}, here: Partial<BothSides["here"]> = {}): BothSides => ({
    ledger: { nextSequence: 3, batches: [batch(1), batch(2)], supersessions: [], ...ledger },
    here: {
      nextSequence: 3,
      batches: [batch(1), batch(2)],
      supersessions: [],
      records: new Set<Hex>(),
      lost: new Set<Hex>(),
      ...here,
    },
  });
  const asEvent = superseded as BothSides["ledger"]["supersessions"][number];

  for (const [what, both, expected] of [
    ["both hold the same", sides(), []],
    [
      "a batch is sealed here and not sent yet",
      sides({}, { nextSequence: 4, batches: [batch(1), batch(2), batch(3, { status: "sealed" })] }),
      [],
    ],
    ["the ledger holds one batch more", sides({}, { batches: [batch(1)] }), [{ code: "UNKNOWN_BATCH", of: 2 }]],
    ...(["kind", "year", "count", "root", "entriesHash"] as const).map(
      (column) =>
        [
          `a batch has another ${column}`,
          sides({}, { batches: [batch(1), { ...batch(2), [column]: 0 }] }),
          [{ code: "ROOT_MISMATCH", of: 2 }],
        ] as const,
    ),
    ["the ledger forgot a final batch", sides({ batches: [batch(1)] }), [{ code: "NOT_ON_LEDGER", of: 2 }]],
    ["the next sequence is taken", sides({}, { nextSequence: 2 }), [{ code: "SEQUENCE_BEHIND", of: 2 }]],
    ["a record that is not here was superseded", sides({ supersessions: [asEvent] }), []],
    [
      "a record here was superseded unasked",
      sides({ supersessions: [asEvent] }, { records: new Set([superseded.recordHash]) }),
      [{ code: "UNKNOWN_SUPERSESSION", of: superseded.recordHash }],
    ],
    [
      "a record here was superseded as asked",
      sides({ supersessions: [asEvent] }, { records: new Set([superseded.recordHash]), supersessions: [superseded] }),
      [],
    ],
  ] as const)
    it(what, () => expect(differencesOf(both)).to.deep.equal(expected));
});

describe("stopping a department, and letting it go on", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  const departments = (...args: string[]) => runCommand("departments.js", args, world.environment);
  const submit = (number: string) =>
    world.post<RecordReference & { code?: string }>("/api/v1/records", penalty(number));
  const findings = (code: string) =>
    world.sql<{ department: string; evidence: Record<string, unknown>; seal: Buffer | null }>(
      `select department, evidence, seal from finding where code = $1`,
      [code],
    );
  const anchored = async (number: string) => {
    const { body } = await submit(number);
    await eventually(
      () => world.get<{ status: string }>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
  };

  it("stops one at an operator's word, and keeps who and why", async () => {
    const stopped = await departments("stop", CITY, "--because", "keys under suspicion", "--by", "Wang");
    expect([stopped.code, stopped.out]).to.deep.equal([0, `${CITY} is stopped.\n`]);
    expect((await submit("京市监罚〔2026〕1号")).body.code).to.equal("DEPARTMENT_STOPPED");
    expect((await departments("list")).out).to.match(new RegExp(`^${CITY}  next batch 1  STOPPED: OPERATOR`, "m"));
    const again = await departments("stop", CITY, "--because", "once more");
    expect([again.code, again.out]).to.deep.equal([0, `${CITY} was stopped already; its cause stays on record.\n`]);
    const [finding, ...others] = await findings("DEPARTMENT_STOPPED");
    expect(others).to.deep.equal([]);
    expect(finding!.evidence).to.deep.equal({ by: "Wang", because: "keys under suspicion" });
    expect(finding!.seal).not.to.equal(null);
  });

  it("lets it go on when database and ledger agree, and keeps who and why", async () => {
    const resumed = await departments("resume", CITY, "--because", "the keys are good", "--by", "Li");
    expect([resumed.code, resumed.out]).to.deep.equal([0, `${CITY} goes on; who and why is on record.\n`]);
    const [finding] = await findings("DEPARTMENT_RESUMED");
    expect(finding!.evidence).to.include({ by: "Li", because: "the keys are good", cause: "OPERATOR" });
    expect(finding!.seal).not.to.equal(null);
    await anchored("京市监罚〔2026〕1号");
    expect((await departments("resume", CITY, "--because", "again")).out).to.equal(`${CITY} is not stopped.\n`);
    expect(await findings("DEPARTMENT_RESUMED")).to.have.length(1);
  });

  it("refuses while the ledger holds what the database does not know, and says what", async () => {
    await anchored("京市监罚〔2026〕2号");
    await world.sql(`create table kept_batch as select * from batch where sequence = 2;
      create table kept_record as select * from record where batch in (select id from kept_batch)`);
    await world.sql(`delete from record where id in (select id from kept_record);
      delete from batch where id in (select id from kept_batch);
      update department set next_sequence = 2 where uscc = '${CITY}';
      update ledger_state set scanned_block = 0, scanned_hash = genesis_hash`);
    await eventually(
      () =>
        world.sql<{ cause: string | null }>(`select stopped_because as cause from department where uscc = $1`, [CITY]),
      ([row]) => row!.cause === "UNKNOWN_BATCH",
    );
    const refused = await departments("resume", CITY, "--because", "hurry");
    expect(refused.code).to.equal(1);
    expect(refused.err).to.contain("The ledger holds batch 2, which is not in this database.");
    expect(refused.err).to.contain("The next batch here would be 2, a sequence that the ledger has given away.");
    expect(await findings("DEPARTMENT_RESUMED")).to.have.length(1);
    expect((await submit("京市监罚〔2026〕3号")).body.code).to.equal("DEPARTMENT_STOPPED");
  });

  it("lets it go on once the cause is gone, under the right sequence", async () => {
    await world.sql(`insert into batch select * from kept_batch; insert into record select * from kept_record;
      update department set next_sequence = 3 where uscc = '${CITY}'`);
    expect((await departments("resume", CITY, "--because", "the batch is back")).code).to.equal(0);
    await anchored("京市监罚〔2026〕3号");
    const sequences = await world.sql(`select sequence::int from batch where status = 'final' order by sequence`);
    expect(sequences).to.deep.equal([{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }]);
  });

  it("does nothing without a reason, and knows no stranger", async () => {
    const silent = await departments("resume", CITY);
    expect([silent.code, silent.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && /--because/.test(err),
    );
    const stranger = await departments("stop", UNREGISTERED, "--because", "unknown");
    expect([stranger.code, stranger.err]).to.deep.equal([1, `There is no department ${UNREGISTERED}.\n`]);
  });
});
