import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Findings } from "../../backend/src/findings/findings.ts";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import { Deliveries } from "../../backend/src/webhooks/deliveries.ts";
import type { DeliveryAnswer, WebhookAnswer, WebhookWithSecret } from "../../backend/src/webhooks/webhooks.schemas.ts";
import { DataSource } from "typeorm";
import { startCommand } from "./command.ts";
import { type Asker, boot, CITY, DISTRICT, ENTERPRISE, eventually, startWorld, type World } from "./harness.ts";
import { readMessage } from "../webhooks/receiver.ts";
import { penalty, repair } from "./records.ts";

interface Received {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}
interface Payload {
  readonly type: string;
  readonly data: { readonly records: readonly { id: string; recordHash: string }[]; readonly code?: string };
}

describe("webhooks", function () {
  this.timeout(120_000);
  let world: World;
  let receiver: Server;
  let base: string;
  let status = 204;
  /** What happens between the arrival of a message and its answer. */
  let onArrival: ((path: string) => void) | undefined;
  const received: Received[] = [];

  before(async () => {
    receiver = createServer((request, response) => {
      void request.toArray().then((parts) => {
        const headers = request.headers as Record<string, string>;
        received.push({ path: request.url!, headers, body: Buffer.concat(parts as Buffer[]).toString() });
        onArrival?.(request.url!);
        response.writeHead(status).end();
      });
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    world = await startWorld({ WEBHOOK_NETWORKS: "127.0.0.0/8" });
  });
  after(async () => {
    await world.stop();
    receiver.closeAllConnections();
    receiver.close();
  });

  const register = async (asker: Asker, owner: object, path: string, events = ["records.final"]) => {
    const body = { for: owner, url: `${base}${path}`, events };
    const answer = await world.as(asker).post<WebhookWithSecret>("/api/v1/webhooks", body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const submit = async (number: string) =>
    (await world.post<{ id: string; recordHash: string }>("/api/v1/records", penalty(number))).body;
  const at = (path: string) => received.filter((one) => one.path === path);
  const arrived = (path: string, count = 1) =>
    eventually(
      async () => at(path),
      (list) => list.length >= count,
    );
  const payloadOf = ({ body }: Received) => JSON.parse(body) as Payload;

  it("tell each whom it concerns of final records, signed, by ids and hashes alone", async () => {
    const own = await register("department-system", { owner: "department", code: CITY }, "/own");
    await register("other-department", { owner: "department", code: DISTRICT }, "/other");
    await register("enterprise", { owner: "enterprise", code: ENTERPRISE }, "/enterprise");
    await register("regulator", { owner: "regulator", code: "110000", kinds: [4] }, "/regulator");
    await register("regulator", { owner: "regulator", code: "110000", kinds: [1] }, "/licences");
    const { id, recordHash } = await submit("京市监罚〔2026〕701号");
    const [first] = await arrived("/own");
    const payload = readMessage(own.secret, first!.body, first!.headers) as Payload;
    expect(payload).to.include({ type: "records.final" });
    expect(payload.data.records).to.deep.equal([{ id, recordHash }]);
    for (const path of ["/enterprise", "/regulator"])
      expect(payloadOf((await arrived(path))[0]!).data.records).to.deep.equal([{ id, recordHash }]);
    expect([...at("/other"), ...at("/licences")]).to.deep.equal([]);
    for (const { body } of received) expect(body).to.not.match(/京|91110108MA9D00013X/);
  });

  it("are registered by those whom they concern only, and seen by nobody else", async () => {
    const refused = async (asker: Asker, owner: object) => {
      const body = { for: owner, url: `${base}/no`, events: ["finding"] };
      return (await world.as(asker).post<ProblemDocument>("/api/v1/webhooks", body)).body.code;
    };
    expect(await refused("department-system", { owner: "department", code: DISTRICT })).to.equal("FORBIDDEN");
    expect(await refused("operator", { owner: "department", code: CITY })).to.equal("FORBIDDEN");
    expect(await refused("regulator", { owner: "operator" })).to.equal("FORBIDDEN");
    expect(await refused("other-regulator", { owner: "regulator", code: "110000", kinds: [4] })).to.equal("FORBIDDEN");
    const { id } = await register("department-system", { owner: "department", code: CITY }, "/mine");
    for (const asker of ["other-department", "enterprise", "operator"] as const) {
      const seen = await world.as(asker).get<ProblemDocument>(`/api/v1/webhooks/${id}`);
      expect([seen.status, seen.body.code]).to.deep.equal([404, "WEBHOOK_NOT_FOUND"]);
      const list = (await world.as(asker).get<WebhookAnswer[]>("/api/v1/webhooks")).body;
      expect(list.map((one) => one.id)).to.not.include(id);
    }
    expect(JSON.stringify((await world.as("department-system").get(`/api/v1/webhooks/${id}`)).body)).to.not.include(
      "whsec_",
    );
    expect((await world.as("department-system").send("DELETE", `/api/v1/webhooks/${id}`)).status).to.equal(204);
  });

  it("tell those whom it concerns that a record was superseded, and that one was repaired", async () => {
    const events = ["record.superseded", "record.repaired"];
    await register("department-system", { owner: "department", code: CITY }, "/replaced", events);
    await register("enterprise", { owner: "enterprise", code: ENTERPRISE }, "/replaced/enterprise", events);
    await register("regulator", { owner: "regulator", code: "110000", kinds: [4] }, "/replaced/regulator", events);
    await register("other-department", { owner: "department", code: DISTRICT }, "/replaced/other", events);
    await register("regulator", { owner: "regulator", code: "110000", kinds: [1] }, "/replaced/licences", events);
    const old = [await submit("京市监罚〔2026〕711号"), await submit("京市监罚〔2026〕712号")] as const;
    const replace = async (record: object, { recordHash }: { recordHash: string }, reason: string) => {
      const asked = { ...record, supersedes: { record: recordHash, reason } };
      const { status, body } = await world.post<{ id: string; recordHash: string }>("/api/v1/records", asked);
      expect(status, JSON.stringify(body)).to.equal(202);
      return body;
    };
    const corrected = penalty("京市监罚〔2026〕711号", { "罚款金额（万元）": "0.4" });
    const later = [
      await replace(corrected, old[0], "correction"),
      await replace(repair("京市监修〔2026〕712号"), old[1], "repair"),
    ] as const;
    const expected = (i: 0 | 1, reason: number) => ({
      ...{ record: old[i].id, recordHash: old[i].recordHash, department: CITY, by: CITY, reason },
      ...{ successor: later[i].id, successorHash: later[i].recordHash },
    });
    for (const path of ["/replaced", "/replaced/enterprise", "/replaced/regulator"]) {
      const told = (await arrived(path, 2)).map(payloadOf).sort((a, b) => b.type.localeCompare(a.type));
      expect(told.map(({ type, data }) => ({ type, data }))).to.deep.equal([
        { type: "record.superseded", data: expected(0, 1) },
        { type: "record.repaired", data: expected(1, 3) },
      ]);
    }
    const all = await world.sql(
      `select from webhook_delivery d join webhook_endpoint e on e.id = d.endpoint where e.url like '%/replaced/other' or e.url like '%/replaced/licences'`,
    );
    expect(all).to.deep.equal([]);
  });

  it("go to no forbidden destination", async () => {
    const body = { for: { owner: "operator" }, url: "http://169.254.169.254/", events: ["finding"] };
    const answer = await world.as("operator").post<ProblemDocument>("/api/v1/webhooks", body);
    expect([answer.status, answer.body.code]).to.deep.equal([422, "DESTINATION_UNFIT"]);
  });

  it("sign with both secrets while a new one is taken into use", async () => {
    const { id, secret } = await register("department-system", { owner: "department", code: CITY }, "/rotated");
    const { body } = await world.as("department-system").post<WebhookWithSecret>(`/api/v1/webhooks/${id}/secret`, {});
    expect(body.secret).to.not.equal(secret);
    await submit("京市监罚〔2026〕702号");
    const [message] = await arrived("/rotated");
    for (const key of [secret, body.secret])
      expect(readMessage(key, message!.body, message!.headers)).to.not.equal(null);
    const rows = await world.sql<{ secret: Buffer }>("select secret from webhook_endpoint");
    for (const row of rows) expect(row.secret.includes(Buffer.from(secret.slice(6), "base64"))).to.equal(false);
  });

  it("tell operators of what was found, in the transaction in which it is written down", async () => {
    await register("operator", { owner: "operator" }, "/findings", ["finding"]);
    const findings = world.app.get(Findings);
    const found = { code: "INTEGRITY", department: CITY, record: null, evidence: { stored: "王某某" } } as const;
    const dataSource = world.app.get(DataSource);
    const undone = dataSource.transaction(async (manager) => {
      await findings.record({ ...found, fingerprint: "undone" }, manager);
      throw new Error("undone");
    });
    await undone.catch(() => undefined);
    for (const fingerprint of ["kept", "kept"])
      await dataSource.transaction((manager) => findings.record({ ...found, fingerprint }, manager));
    const told = await arrived("/findings");
    expect(payloadOf(told[0]!)).to.include({ type: "finding" });
    expect(told[0]!.body).to.not.include("王某某");
    const rows = await world.sql("select from webhook_delivery where event = 'finding'");
    expect(rows).to.have.length(1);
  });

  describe("that do not get through", () => {
    before(() => world.restart({}, false));

    /** Whatever is waiting is due now. */
    const due = () => world.sql("update webhook_delivery set next_at = now() where state = 'waiting'");
    const round = () => world.app.get(Deliveries).round();
    const newMessage = async (path: string) => {
      const endpoint = await register("operator", { owner: "operator" }, path, ["finding"]);
      await world.app
        .get(DataSource)
        .transaction((manager) =>
          world.app
            .get(Findings)
            .record({ code: "INTEGRITY", department: null, record: null, fingerprint: path, evidence: {} }, manager),
        );
      return endpoint.id;
    };
    const sent = async (id: string) =>
      (await world.as("operator").get<DeliveryAnswer[]>(`/api/v1/webhooks/${id}/deliveries`)).body;

    it("are sent again under the same id after a worker died between sending and noting it", async () => {
      const id = await newMessage("/crash");
      const deliveries = world.app.get(Deliveries);
      for (const claimed of await deliveries.claim()) await deliveries.attempt(claimed);
      expect(await round(), "still claimed by the dead worker").to.equal(0);
      await due();
      const other = await boot(world.environment, false);
      await other.get(Deliveries).round();
      await other.close();
      const ids = at("/crash").map(({ headers }) => headers["webhook-id"]);
      expect(ids).to.have.length(2);
      expect(new Set(ids).size).to.equal(1);
      expect(await sent(id)).to.have.length(1);
      expect((await sent(id))[0]).to.include({ id: ids[0], state: "delivered", attempts: 2, outcome: "HTTP_204" });
    });

    it("are sent again under the same id after the process that sent them was killed before the answer", async () => {
      const id = await newMessage("/killed");
      const worker = startCommand("worker.js", world.environment);
      const ended = once(worker, "exit");
      onArrival = (path) => path === "/killed" && worker.kill("SIGKILL");
      try {
        expect((await ended)[1]).to.equal("SIGKILL");
      } finally {
        onArrival = undefined;
        worker.kill("SIGKILL");
      }
      expect((await sent(id))[0]).to.include({ state: "waiting", attempts: 1, outcome: null });
      expect(await round(), "still claimed by the dead worker").to.equal(0);
      await due();
      await round();
      const ids = at("/killed").map(({ headers }) => headers["webhook-id"]);
      expect(ids).to.have.length(2);
      expect(new Set(ids).size).to.equal(1);
      expect((await sent(id))[0]).to.include({ id: ids[0], state: "delivered", attempts: 2 });
    });

    it("are sent by one of several workers only", async () => {
      await newMessage("/once");
      const other = await boot(world.environment, false);
      await Promise.all([round(), other.get(Deliveries).round(), round()]);
      await other.close();
      expect(at("/once")).to.have.length(1);
    });

    it("are put off, die at last, and can be replayed; long silence switches the endpoint off, as a finding", async () => {
      status = 503;
      const id = await newMessage("/failing");
      await round();
      expect((await sent(id))[0]).to.include({ state: "waiting", attempts: 1, outcome: "HTTP_503" });
      expect(await round(), "not due yet").to.equal(0);
      await world.sql("update webhook_endpoint set failing_since = now() - interval '4 days' where id = $1", [id]);
      for (let attempt = 2; attempt <= 11; attempt++) {
        await due();
        await round();
      }
      expect((await sent(id))[0]).to.include({ state: "dead", attempts: 11 });
      const { body } = await world.as("operator").get<WebhookAnswer>(`/api/v1/webhooks/${id}`);
      expect(body.active).to.equal(false);
      const off = await world.sql("select from finding where code = 'WEBHOOK_OFF'");
      expect(off).to.have.length(1);

      status = 204;
      const change = { url: body.url, events: body.events, active: true };
      expect((await world.as("operator").send("PUT", `/api/v1/webhooks/${id}`, change)).status).to.equal(200);
      const replay = { since: "2026-01-01T00:00:00Z" };
      const replayed = await world.as("operator").post<{ messages: number }>(`/api/v1/webhooks/${id}/replays`, replay);
      expect([replayed.status, replayed.body.messages]).to.deep.equal([202, 1]);
      await round();
      expect((await sent(id))[0]).to.include({ state: "delivered", attempts: 1 });
      expect(new Set(at("/failing").map(({ headers }) => headers["webhook-id"])).size).to.equal(1);
    });
  });
});
