import type { Receipt, Verdict } from "@quanlian/proof";
import { expect } from "chai";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { eventually, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

describe("main job: a record becomes final and proves itself", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  const finalRecord = async (id: string) =>
    eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${id}`),
      ({ body }) => body.status === "final",
    );

  it("goes from a POST to a receipt that verifies", async () => {
    const taken = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕1号"));
    expect(taken, JSON.stringify(taken.body)).to.have.property("status", 202);
    expect(taken.body).to.include({ status: "received" });
    await finalRecord(taken.body.id);
    const receipt = await world.get<Receipt>(`/api/v1/records/${taken.body.id}/receipt`);
    expect(receipt.status).to.equal(200);
    const verdict = await world.post<Verdict>("/api/v1/verify", receipt.body);
    expect(verdict.body.steps.filter(({ outcome }) => outcome !== "passed")).to.deep.equal([]);
    expect(verdict.body.verdict).to.equal("valid");
  });
});
