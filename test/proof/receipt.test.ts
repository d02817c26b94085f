import { expect } from "chai";
import { verify, type Receipt, type Verdict } from "@quanlian/proof";
import { readRecordedChain, type RecordedChain } from "../../proof/cli/recorded-chain.ts";
import { DISTRICT, MUNICIPAL, World, type Issued } from "../../proof/testing/world.ts";

function makeWorld() {
  const world = new World("receipt");
  const department = world.addDepartment(MUNICIPAL, [4, 5]);
  const records = Array.from({ length: 5 }, () => world.issue(department, { fields: { amountFen: 5_000_000 } }));
  world.anchor(records, 4);
  return { world, department, records, record: records[2]! };
}

function check(world: World, document: unknown, chain: RecordedChain | null = world.recorded()): Promise<Verdict> {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return verify(text, {
    trust: world.trust,
    chain: chain ? () => readRecordedChain(chain) : undefined,
    now: world.now,
  });
}

function codeOf({ steps }: Verdict) {
  const step = steps.find(({ outcome }) => outcome === "failed") ?? steps.find(({ outcome }) => outcome === "unknown");
  return step ? `${step.step} ${step.code}${step.field ? ` ${step.field}` : ""}` : "OK";
}

describe("a receipt", () => {
  it("is valid when everything agrees, and tells its three clocks", async () => {
    const { world, record } = makeWorld();
    const verdict = await check(world, world.receipt(record));
    expect(codeOf(verdict)).to.equal("OK");
    expect(verdict.verdict).to.equal("valid");
    expect(verdict.clocks).to.deep.equal({
      eventTime: "2026-03-02",
      signedAt: world.blockTime(0),
      anchoredAt: world.blockTime(1),
    });
    expect(verdict.disclosed.amountFen).to.equal(5_000_000);
  });
});
