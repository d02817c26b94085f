import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { RecordReference, RecordAnswer } from "../../backend/src/records/records.schemas.ts";
import { eventually, startWorld, type World } from "./harness.ts";
import { penalty } from "./records.ts";

describe("monitoring", () => {
  let world: World;
  before(async () => {
    world = await startWorld({ INTEGRITY_RATE: "100000" });
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕1号"));
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
  });
  after(() => world.stop());

  const metrics = async () => (await world.get<string>("/metrics")).body;
  const valueOf = (text: string, name: string) =>
    Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text)?.[1]);

  for (const file of ["docs/monitoring/grafana.json", "docs/monitoring/alerts.yml"])
    it(`${file} names only metrics that exist`, async () => {
      const named = readFileSync(file, "utf8").match(/\b(?:quanlian|process|nodejs)_\w+/g)!;
      const existing = [...(await metrics()).matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
      const base = new Set(named.map((name) => name.replace(/_(?:bucket|sum|count)$/, "")));
      expect(existing).to.include.members([...base]);
    });

  it("counts what became of a record, up to its finality", async () => {
    const text = await metrics();
    expect(valueOf(text, "quanlian_records_total")).to.equal(1);
    expect(valueOf(text, "quanlian_records_final_total")).to.equal(1);
    expect(valueOf(text, "quanlian_accepted_to_final_seconds_count")).to.equal(1);
    expect(valueOf(text, "quanlian_batch_records_sum")).to.equal(1);
    expect(valueOf(text, "quanlian_gas_used_total")).to.be.within(30_000, 250_000);
    expect(text).to.match(/quanlian_rpc_requests_total\{node="1",outcome="answered"\} \d+/);
  });

  it("walks over everything by itself, and says how that ended", async () => {
    const text = await eventually(
      metrics,
      (answer) => valueOf(answer, "quanlian_integrity_last_run_timestamp_seconds") > 0,
    );
    expect(valueOf(text, "quanlian_integrity_differences")).to.equal(0);
    const { status, body } = await world.get<{ checks: Record<string, { ok: boolean; detail: string }> }>(
      "/health/ready",
    );
    expect(status).to.equal(200);
    expect(body.checks["integrity"]).to.include({ ok: true });
    expect(body.checks["integrity"]!.detail).to.match(/found no difference\.$/);
  });

  it("counts nodes that do not answer", async () => {
    await world.node.during(
      () => Promise.reject(new Error("broken off")),
      async () => eventually(metrics, (text) => /rpc_requests_total\{node="1",outcome="unanswered"\} [1-9]/.test(text)),
    );
  });
});
