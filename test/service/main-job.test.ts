import { type Receipt, readTrustList, type Verdict, verify } from "@quanlian/proof";
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

  const receiptOf = async (id: string) => (await world.get<Receipt>(`/api/v1/records/${id}/receipt`)).body;
  const verdictOf = async (receipt: unknown) => (await world.post<Verdict>("/api/v1/verify", receipt)).body;

  it("says in the receipt that its finality rests on asking the chain, and has nothing to renew", async () => {
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕5号"));
    await finalRecord(body.id);
    const receipt = await receiptOf(body.id);
    expect(receipt.finality).to.equal(null);
    const read = readTrustList(JSON.stringify((await world.get("/api/v1/trust")).body));
    if (!read.ok) throw new Error(read.problem);
    const offline = await verify(JSON.stringify(receipt), {
      trust: read.trustList,
      now: Math.floor(Date.now() / 1000),
    });
    expect(offline.verdict).to.equal("undecided");
    expect(offline.steps.find(({ step }) => step === "finality")).to.include({ code: "CHAIN_NOT_CONSULTED" });
    const renewal = await world.as(null).post<{ code: string }>("/api/v1/papers/renewal", receipt);
    expect([renewal.status, renewal.body.code]).to.deep.equal([409, "PAPER_WITHOUT_SEALS"]);
  });

  it("has no receipt before it is final", async () => {
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕2号"));
    const early = await world.get<{ code: string }>(`/api/v1/records/${body.id}/receipt`);
    if (early.status !== 200) expect([early.status, early.body.code]).to.deep.equal([409, "NOT_FINAL"]);
    await finalRecord(body.id);
    expect((await verdictOf(await receiptOf(body.id))).verdict).to.equal("valid");
  });

  it("names the field of a receipt that was changed", async () => {
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕3号"));
    await finalRecord(body.id);
    const receipt = await receiptOf(body.id);
    const [jwt, ...disclosures] = receipt.statement.split("~");
    const changed = disclosures.map((text) => {
      const [salt, name, value] = JSON.parse(Buffer.from(text || "W10", "base64url").toString()) as unknown[];
      return name === "fineFen"
        ? Buffer.from(JSON.stringify([salt, name, Number(value) - 1])).toString("base64url")
        : text;
    });
    const verdict = await verdictOf({ ...receipt, statement: [jwt, ...changed].join("~") });
    expect(verdict.verdict).to.equal("invalid");
    expect(verdict.steps.find(({ outcome }) => outcome === "failed")).to.include({
      code: "FIELD_ALTERED",
      field: "fineFen",
    });
  });

  it("tells, on the chain itself, when a record is corrected", async () => {
    const number = "京市监罚〔2026〕4号";
    const first = (await world.post<RecordReference>("/api/v1/records", penalty(number))).body;
    await finalRecord(first.id);
    const links = [{ rel: "supersedes", record: first.recordHash }];
    const second = (
      await world.post<RecordReference>("/api/v1/records", penalty(number, { "罚款金额（万元）": "0.3", links }))
    ).body;
    await finalRecord(second.id);
    const superseded = await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${first.id}`),
      ({ body }) => body.supersededBy !== null,
    );
    expect(superseded.body.supersededBy).to.include({ record: second.recordHash, reason: 1 });
    const old = await verdictOf(await receiptOf(first.id));
    expect(old.steps.find(({ outcome }) => outcome === "failed")).to.include({ code: "SUPERSEDED" });
    expect((await verdictOf(await receiptOf(second.id))).verdict).to.equal("valid");
  });
});
