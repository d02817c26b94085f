import { expect } from "chai";
import {
  bundleReceipts,
  StateUnavailable,
  verify,
  type ChainReader,
  type Json,
  type Receipt,
  type Verdict,
} from "@quanlian/proof";
import { readRecordedChain } from "../../proof/cli/recorded-chain.ts";
import { MUNICIPAL, World } from "../../proof/testing/world.ts";

const world = new World("receipt-test");
const department = world.addDepartment(MUNICIPAL, [4, 5]);
const records = Array.from({ length: 5 }, () => world.issue(department, { fields: { amountFen: 5_000_000 } }));
world.anchor(records, 4);
world.mine(2);
const receipt = world.receipt(records[2]!);
const reader = readRecordedChain(world.recorded());

function check(document: unknown, through: ChainReader | undefined = reader, now = world.now): Promise<Verdict> {
  return verify(JSON.stringify(document), { trust: world.trust, chain: () => through, now });
}

function outcome({ verdict, steps }: Verdict): string {
  const step = steps.find(({ outcome: o }) => o === "failed") ?? steps.find(({ outcome: o }) => o === "unknown");
  return step ? `${verdict}: ${step.step} ${step.code}${step.field ? ` (${step.field})` : ""}` : verdict;
}

const STEPS = [
  "document",
  "trust",
  "statement",
  "signature",
  "batch",
  "clocks",
  "chain",
  "finality",
  "anchor",
  "key",
  "supersession",
];

describe("a receipt", () => {
  it("is valid when everything agrees; its steps say what they saw", async () => {
    const verdict = await check(receipt);
    const { anchor, batch } = receipt;
    expect(verdict).to.include({ verdict: "valid", format: "quanlian-receipt/1" });
    expect(verdict.clocks).to.deep.equal({
      eventTime: "2026-03-02",
      signedAt: world.blockTime(0),
      anchoredAt: world.blockTime(1),
    });
    expect(verdict.disclosed).to.include({ amountFen: 5_000_000, eventTime: "2026-03-02" });
    expect(verdict.steps.map(({ step, outcome: o, code }) => [step, o, code])).to.deep.equal(
      STEPS.map((step) => [step, "passed", "OK"]),
    );
    const evidence = Object.fromEntries(verdict.steps.map((step) => [step.step, step.evidence]));
    expect(evidence.trust).to.deep.include({
      chainId: 31337,
      ledger: anchor.ledger,
      regionZh: "示例市",
      regionEn: "Example City",
    });
    expect(evidence.statement).to.deep.equal({
      recordHash: records[2]!.recordHash,
      type: "enforcement.penalty/1",
      department: MUNICIPAL,
      disclosed: 5,
      fields: 8,
    });
    expect(evidence.signature).to.include({ suite: "ES256-SHA256-KECCAK" });
    expect(evidence.batch).to.include({
      department: MUNICIPAL,
      kind: 4,
      year: 2026,
      sequence: 1,
      count: 5,
      root: batch.root,
      path: receipt.path.length,
    });
    expect(evidence.clocks).to.deep.equal({
      eventTime: "2026-03-02",
      signedAt: world.blockTime(0),
      anchoredAt: world.blockTime(1),
      now: world.now,
    });
    expect(evidence.chain).to.deep.equal({ chainId: 31337, genesisHash: anchor.genesisHash });
    expect(evidence.finality).to.deep.equal({
      blockNumber: 1,
      finalBlock: 3,
      blockHash: anchor.blockHash,
      blockTime: anchor.blockTime,
    });
    expect(evidence.anchor).to.include({
      transactionHash: anchor.transactionHash,
      root: batch.root,
      anchoredAt: anchor.blockTime,
    });
    expect(evidence.key).to.include({ department: MUNICIPAL, kind: 4, anchoredAt: anchor.blockTime });
    expect(evidence.supersession).to.deep.equal({ asOfBlock: 3 });
  });

  it("reports no anchoring time that the chain has not confirmed", async () => {
    const offline = await verify(JSON.stringify(receipt), { trust: world.trust, now: world.now });
    expect(outcome(offline)).to.equal("undecided: chain CHAIN_NOT_CONSULTED");
    expect(offline.clocks).to.deep.equal({ eventTime: "2026-03-02", signedAt: world.blockTime(0), anchoredAt: null });
    expect(offline.steps.map(({ step }) => step)).to.deep.equal(STEPS);
    expect(offline.steps.slice(6).map(({ code }) => code)).to.deep.equal(Array(5).fill("CHAIN_NOT_CONSULTED"));
  });

  it("has no event time when it is not disclosed", async () => {
    const { clocks, verdict } = await check(world.receipt(records[2]!, ["number"]));
    expect(verdict).to.equal("valid");
    expect(clocks.eventTime).to.equal(null);
  });

  it("is not valid after any small change of any of its values", async () => {
    for (const { path, changed } of smallChanges(receipt as unknown as Json)) {
      const verdict = await check(changed);
      expect(verdict.verdict, `${path} ${JSON.stringify(changed).length}`).not.to.equal("valid");
    }
  });

  it("takes every step's turn, and says which ones it could not take", async () => {
    const cases: readonly (readonly [change: (document: Receipt) => unknown, decides: string, unchecked: number])[] = [
      [(r) => ({ ...r, statement: "x" }), "invalid: statement STATEMENT_MALFORMED", 8],
      [(r) => ({ ...r, suite: "SM2-SM3" }), "undecided: statement SUITE_UNAVAILABLE", 8],
      [(r) => ({ ...r, path: [] }), "invalid: batch NOT_IN_BATCH", 0],
      [(r) => ({ ...r, anchor: { ...r.anchor, chainId: 1 } }), "undecided: trust CHAIN_NOT_TRUSTED", 5],
      [(r) => ({ ...r, anchor: { ...r.anchor, blockNumber: 99 } }), "undecided: finality NOT_FINAL", 3],
      [
        (r) => ({ ...r, anchor: { ...r.anchor, blockHash: r.batch.root } }),
        "invalid: finality BLOCK_MISMATCH (blockHash)",
        3,
      ],
    ];
    for (const [change, decides, unchecked] of cases) {
      const verdict = await check(change(receipt));
      expect(outcome(verdict)).to.equal(decides);
      expect(verdict.steps.map(({ step }) => step)).to.deep.equal(STEPS);
      expect(verdict.steps.filter(({ code }) => code === "NOT_CHECKED").length, decides).to.equal(unchecked);
    }
  });

  it("is undecided in the step in which a node fails, and only there", async () => {
    const noError = "no error object" as unknown as Error;
    const failing: readonly (readonly [method: keyof ChainReader, decides: string])[] = [
      ["chainId", "undecided: chain CHAIN_UNREACHABLE"],
      ["block", "undecided: chain CHAIN_UNREACHABLE"],
      ["finalBlock", "undecided: finality CHAIN_UNREACHABLE"],
      ["batchOf", "undecided: anchor CHAIN_UNREACHABLE"],
      ["transaction", "undecided: anchor CHAIN_UNREACHABLE"],
      ["wasAuthorised", "undecided: key CHAIN_UNREACHABLE"],
      ["supersessionOf", "undecided: supersession CHAIN_UNREACHABLE"],
    ];
    for (const [method, decides] of failing) {
      const broken = { ...reader, [method]: () => Promise.reject(new Error("down")) };
      expect(outcome(await check(receipt, broken))).to.equal(decides);
      const strange = { ...reader, [method]: () => Promise.reject(noError) };
      expect(outcome(await check(receipt, strange))).to.equal(decides);
      const pruned = { ...reader, [method]: () => Promise.reject(new StateUnavailable("gone")) };
      expect(outcome(await check(receipt, pruned))).to.equal(decides.replace("CHAIN_UNREACHABLE", "STATE_UNAVAILABLE"));
    }
  });

  it("tells clocks apart to the second of what is tolerated", async () => {
    const { blockTime } = receipt.anchor;
    expect(outcome(await check(receipt, reader, blockTime - 900))).to.equal("valid");
    expect(outcome(await check(receipt, reader, blockTime - 901))).to.equal(
      "invalid: clocks TIME_IMPLAUSIBLE (anchoredAt)",
    );
    const early = (seconds: number) => ({
      ...receipt,
      anchor: { ...receipt.anchor, blockTime: world.blockTime(0) - seconds },
    });
    expect(outcome(await check(early(901)))).to.equal("invalid: clocks TIME_IMPLAUSIBLE (signedAt)");
    expect(outcome(await check(early(900)))).to.equal("invalid: finality BLOCK_MISMATCH (blockTime)");
  });

  it("in a bundle says of each what it is, also beside one that cannot be read", async () => {
    const torn = { ...receipt, statement: "torn" };
    const verdict = await check(bundleReceipts([receipt, torn, world.receipt(records[1]!)]));
    const said = verdict.disclosed.receipts as unknown as Record<string, Json>[];
    expect(said.map(({ type, department, recordHash }) => ({ type, department, recordHash }))).to.deep.equal([
      { type: "enforcement.penalty/1", department: MUNICIPAL, recordHash: records[2]!.recordHash },
      { type: undefined, department: undefined, recordHash: undefined },
      { type: "enforcement.penalty/1", department: MUNICIPAL, recordHash: records[1]!.recordHash },
    ]);
    expect(said[0]!.fields).to.include({ eventTime: "2026-03-02" });
    expect(said[1]!.fields).to.deep.equal({});
    const steps = verdict.steps.filter(({ step }) => step === "receipt");
    expect(steps.map(({ code }) => code)).to.deep.equal(["OK", "STATEMENT_MALFORMED", "OK"]);
    expect(steps.map(({ evidence }) => evidence.anchoredAt)).to.deep.equal([
      receipt.anchor.blockTime,
      null,
      receipt.anchor.blockTime,
    ]);
  });

  it("asks for a chain's reader once, and only for chains on the list", async () => {
    const asked: number[] = [];
    const chain = ({ chainId }: { chainId: number }) => {
      asked.push(chainId);
      return reader;
    };
    await verify(JSON.stringify(receipt), { trust: world.trust, chain, now: world.now });
    expect(asked).to.deep.equal([31337]);
    await verify(JSON.stringify(receipt), { trust: { ...world.trust, chains: [] }, chain, now: world.now });
    expect(asked).to.deep.equal([31337]);
  });
});

/** The document with one value at a time made a little different, still of its type. */
function smallChanges(document: Json, path = ""): { path: string; changed: Json }[] {
  if (typeof document !== "object" || document === null)
    return different(document).map((changed) => ({ path, changed }));
  return Object.entries(document).flatMap(([name, part]) =>
    smallChanges(part, `${path}.${name}`).map(({ path: at, changed }) => ({
      path: at,
      changed: withPart(document, name, changed),
    })),
  );
}

function withPart(holder: Json[] | Record<string, Json>, name: string, part: Json): Json {
  return Array.isArray(holder) ? holder.with(Number(name), part) : { ...holder, [name]: part };
}

function different(value: Json): Json[] {
  if (typeof value === "number") return [value + 1, value - 1, -value - 1, String(value)];
  if (typeof value !== "string") return [0, {}];
  const last = value.length - 1;
  const turned = (at: number) => value.slice(0, at) + (value[at] === "A" ? "B" : "A") + value.slice(at + 1);
  const digit = value.slice(0, last) + (value.endsWith("0") ? "1" : "0");
  return [
    "",
    value.slice(1),
    `${value}0`,
    digit,
    turned(0),
    turned(last >> 1),
    value.toUpperCase() === value ? value.toLowerCase() : value.toUpperCase(),
  ];
}
