import { type ChildProcess } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { expect } from "chai";
import { DataSource } from "typeorm";
import { DataKeys } from "../../backend/src/personal/data-keys.ts";
import { KEY_ENCRYPTION, type KeyEncryption } from "../../backend/src/personal/key-encryption.ts";
import { destroyOldKeks, rewrapAll } from "../../backend/src/personal/rotation.ts";
import { freePort } from "../../scripts/embedded/processes.ts";
import { runCommand, startCommand } from "../service/command.ts";
import { type Asker, eventually, startWorld, type World } from "../service/harness.ts";
import { penalty } from "../service/records.ts";
import { type Bao, startBao, VAULT_BIN } from "./bao.ts";

/** What a client's request is answered with: status, and a problem's code where it is one. */
interface Reply {
  readonly status: number;
  readonly body: { readonly id: string; readonly code?: string; readonly subjectName?: string };
}

describe("a whole service whose key-encryption keys lie in a real Vault or OpenBao", function () {
  this.timeout(180_000);
  let bao: Bao;
  let world: World;
  let service: ChildProcess | undefined;
  let url: string;
  let settings: NodeJS.ProcessEnv;

  before(async function () {
    if (!VAULT_BIN) {
      console.log("    skipped: no server here; VAULT_BIN names the program of one (docs/operations.md)");
      this.skip();
    }
    bao = await startBao();
    world = await startWorld({ RATE_SUBMIT: "0", RATE_READ: "0" }, false);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    settings = { ...world.environment, ...bao.environment, PORT: String(port), HOST: "127.0.0.1" };
  });
  afterEach(() => kill());
  after(async () => {
    if (!VAULT_BIN) return;
    await world.stop();
    await bao.stop();
  });

  async function kill(): Promise<void> {
    if (!service || service.exitCode !== null || service.signalCode !== null) return;
    const ended = once(service, "exit");
    service.kill("SIGKILL");
    await ended;
  }

  async function start(kms: "local" | "vault"): Promise<void> {
    await kill();
    service = startCommand("main.js", { ...settings, KMS: kms });
    const isUp = () =>
      fetch(`${url}/health/live`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(isUp, (up) => up);
  }

  const ask = async (method: string, path: string, body?: unknown, asker?: Asker): Promise<Reply> => {
    const headers = { "content-type": "application/json", ...(await world.bearer(asker)) };
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Reply["body"] };
  };
  const NAME = "欧阳不存在";
  const submit = (n: number) =>
    ask("POST", "/api/v1/records", {
      ...penalty(`京市监罚〔2026〕9${n}号`, {
        ...{ 行政相对人名称: NAME, 行政相对人类别: "自然人", 统一社会信用代码: "", 法定代表人: "" },
        ...{ 证件类型: "身份证", 证件号码: "110108209901014274" },
      }),
    });
  const erase = (id: string) =>
    ask("POST", `/api/v1/records/${id}/erasure`, { reason: "unlawful" }, "department-officer");
  const read = (id: string) => ask("GET", `/api/v1/records/${id}`);
  const keys = (command: string, kms: "local" | "vault") => runCommand("keys.js", [command], { ...settings, KMS: kms });
  /** How many data keys are wrapped by KEKs of a Transit engine, and how many by others. */
  const wrappings = async () => {
    const [row] = await world.sql<{ vault: number; local: number }>(
      `select count(*) filter (where kek like 'transit-%')::int as vault,
              count(*) filter (where kek not like 'transit-%')::int as local from data_key`,
    );
    return row!;
  };

  it("takes records in, is killed meanwhile, and has every one that it has accepted", async () => {
    await start("vault");
    const answers = Array.from({ length: 40 }, (_, n) => submit(n).catch(() => null));
    await answers[0];
    await kill();
    const accepted = (await Promise.all(answers)).filter((answer) => answer?.status === 202);
    expect(accepted).to.not.be.empty;
    await start("vault");
    for (const answer of accepted) expect((await read(answer!.body.id)).body.subjectName).to.equal(NAME);
    expect((await wrappings()).local).to.equal(0);
    const halves = await world.sql(
      `select from record r where r.personal is not null and not exists (select from data_key k where k.owner = r.id)
       union all select from data_key k where not exists (select from record r where r.id = k.owner)`,
    );
    expect(halves, "no record without its key, no key without its record").to.deep.equal([]);
  });

  it("rotates under a running service, destroys the old key, erases", async () => {
    await start("vault");
    const { body } = await submit(101);
    expect((await keys("rotate", "vault")).code).to.equal(0);
    const destroyed = await keys("destroy-old", "vault");
    expect([destroyed.code, destroyed.out]).to.satisfy(
      ([code, out]: [number, string]) => code === 0 && out.includes("transit-quanlian-v1"),
    );
    expect((await read(body.id)).status).to.equal(200);
    expect((await submit(102)).status).to.equal(202);
    await eventually(
      () => erase(body.id),
      ({ status }) => status === 200,
    );
    expect((await read(body.id)).status).to.equal(410);
  });

  it("moves to the key file and back, under a service that reads both", async () => {
    const { vault } = await wrappings();
    await start("local");
    const { body } = await submit(201);
    expect(await wrappings(), "new keys are wrapped by the one in force").to.deep.equal({ vault, local: 1 });
    const [old] = await world.sql<{ id: string }>(
      `select id::text from record where personal <> '' order by id limit 1`,
    );
    expect((await read(old!.id)).status, "what the other wrapped is read").to.equal(200);
    expect((await keys("rewrap", "local")).out).to.include(`${vault} data keys wrapped anew`);
    expect(await wrappings()).to.deep.equal({ vault: 0, local: vault + 1 });
    const gone = await keys("destroy-old", "local");
    expect(gone.code, gone.err).to.equal(0);
    expect((await read(old!.id)).status).to.equal(200);

    await start("vault");
    expect((await read(body.id)).status).to.equal(200);
    expect((await keys("rewrap", "vault")).code).to.equal(0);
    expect(await wrappings()).to.deep.equal({ vault: vault + 1, local: 0 });
    expect((await keys("destroy-old", "vault")).code).to.equal(0);
    expect((await read(body.id)).status).to.equal(200);
  });

  it("goes on with a move that was broken off between two pages", async () => {
    await world.restart({ ...bao.environment, KMS: "local" });
    const [dataSource, local] = [world.app.get(DataSource), world.app.get<KeyEncryption>(KEY_ENCRYPTION)];
    await rewrapAll(dataSource, local, () => undefined);
    const owners = Array.from({ length: 1_200 }, () => randomUUID());
    const clear = owners.map(() => randomBytes(32));
    const wrapped = await local.wrap(clear);
    await dataSource.transaction((manager) =>
      world.app.get(DataKeys).keep(
        wrapped.map((key, i) => ({ owner: owners[i]!, key })),
        manager,
      ),
    );
    await world.restart({ ...bao.environment, KMS: "vault" });
    const [database, vault] = [world.app.get(DataSource), world.app.get<KeyEncryption>(KEY_ENCRYPTION)];
    const opened = async () => {
      const found = await world.app.get(DataKeys).of(owners);
      return owners.filter((owner) => found.has(owner)).length;
    };
    const broken = await rewrapAll(database, vault, () => {
      throw new Error("killed");
    }).catch((error: unknown) => error);
    expect(String(broken)).to.include("killed");
    expect((await wrappings()).vault).to.equal(500);
    expect(await opened(), "in the middle everything opens").to.equal(1_200);
    expect((await destroyOldKeks(database, vault)).wrapped, "nothing is destroyed before the end").to.be.greaterThan(0);
    await rewrapAll(database, vault, () => undefined);
    expect((await wrappings()).local).to.equal(0);
    expect(await opened()).to.equal(1_200);
    await world.sql(`delete from data_key where owner = any($1)`, [owners]);
    await world.restart();
  });

  it("says 503 while the Vault is sealed, and has written nothing by halves", async () => {
    await start("vault");
    const { body } = await submit(301);
    const counted = () =>
      world.sql(
        `select (select count(*) from record) as records, (select count(*) from data_key) as keys,
                (select count(*) from stream) as streams, (select count(*) from erasure) as erasures`,
      );
    await bao.seal();
    const refused = await eventually(
      () => submit(302 + Math.floor(Math.random() * 1e6)),
      ({ status }) => status !== 202,
    );
    const before = await counted();
    expect([refused.status, refused.body.code]).to.deep.equal([503, "KMS_UNAVAILABLE"]);
    const others = [await submit(303), await read(body.id), await erase(body.id)];
    expect(others.map(({ status, body: { code } }) => `${status} ${code}`)).to.deep.equal(
      Array(3).fill("503 KMS_UNAVAILABLE"),
    );
    expect((await fetch(`${url}/health/ready`)).status).to.equal(503);
    expect(await counted()).to.deep.equal(before);
    const late = await runCommand("main.js", [], { ...settings, PORT: "0", KMS: "vault" });
    expect(late.code, "one that is started meanwhile ends").to.not.equal(0);
    expect(late.out + late.err).to.include("The key management service does not answer");
  });
});
