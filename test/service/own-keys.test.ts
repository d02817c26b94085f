import { createPrivateKey, randomFillSync, sign as signBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { issueStatement, type PublicJwk, type SealedBatch } from "@quanlian/proof";
import { Wallet } from "ethers";
import { Backlog } from "../../backend/src/anchoring/backlog.ts";
import { newSigner, signDigest } from "../../backend/src/chain/batch-signing.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { startAnvil } from "../../scripts/embedded/anvil.ts";
import { quanlian } from "../proof/quanlian.ts";
import { runCommand } from "./command.ts";
import { CITY, eventually, startWorld, UNREGISTERED as OWN, type World } from "./harness.ts";
import { penalty } from "./records.ts";
import { rotateSigner } from "./registrar.ts";

interface Problem {
  readonly code: string;
  readonly facts?: Record<string, unknown>;
}

interface IssuedLine {
  readonly name: string;
  readonly status: number;
  readonly recordHash: string;
  readonly id?: string;
  readonly code?: string;
}

describe("a department that keeps its own keys", () => {
  const registrar = Wallet.createRandom().privateKey;
  let world: World;
  let folder: string;
  let url: string;
  before(async () => {
    const deployer = Wallet.createRandom().privateKey;
    world = await startWorld({ STALL_SECONDS: "1" }, true, startAnvil, { deployer, registrar });
    await world.app.listen(0, "127.0.0.1");
    url = await world.app.getUrl();
    folder = await mkdtemp(join(tmpdir(), "quanlian-own-keys-"));
    const keys = join(folder, "keys");
    await mkdir(keys);
    const [signer, statement] = [
      await quanlian(["keygen", "signer", "--out", join(keys, "signer.json")]),
      await quanlian(["keygen", "statement", "--out", join(keys, "statement.json")]),
    ].map(({ out }) => JSON.parse(out) as { address: string; publicJwk: PublicJwk });
    const credentials = { clientId: "own-department", clientSecret: "secret of own-department" };
    await writeFile(join(keys, "client.json"), JSON.stringify({ issuer: world.identity.issuer, ...credentials }));
    await writeFile(join(keys, "trust.json"), JSON.stringify((await world.get("/api/v1/trust")).body));
    await writeFile(
      join(folder, "departments.json"),
      JSON.stringify([
        {
          ...{ uscc: OWN, nameZh: "京海市公共服务中心", nameEn: "Jinghai public services", area: "110000" },
          capabilities: [4],
          ownKeys: { signer: signer!.address, statementKey: statement!.publicJwk },
        },
      ]),
    );
  });
  after(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });

  const register = () =>
    runCommand("register-departments.js", [join(folder, "departments.json")], {
      ...world.environment,
      REGISTRAR_KEY: registrar,
    });
  const desk = (service = url, keys = "keys") => [
    ...["--url", service, "--department", OWN, "--key-dir", join(folder, keys)],
  ];
  const agent = (service = url, keys = "keys") => quanlian(["agent", ...desk(service, keys), "--once"]);
  /** A penalty in the normal form, as the service itself would sign it for a department whose keys it holds. */
  let example: Promise<string> | undefined;
  const madeExample = async () => {
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕76号"));
    const shown = await world.as("department-system").get<RecordAnswer>(`/api/v1/records/${body.id}`);
    return JSON.stringify(shown.body.fields).replaceAll(CITY, OWN);
  };
  const normal = async (number: string, changes: Record<string, unknown> = {}) => {
    const fields = JSON.parse(await (example ??= madeExample())) as Record<string, unknown>;
    return { type: "enforcement.penalty/1", fields: { ...fields, number, ...changes } };
  };
  const issue = async (...drafts: object[]) => {
    const { code, out } = await quanlian(["issue", ...desk()], drafts.map((one) => JSON.stringify(one)).join("\n"));
    const lines = out.trimEnd().split("\n").filter(Boolean);
    return { code, lines: lines.map((line) => JSON.parse(line) as IssuedLine) };
  };
  /** The sequence of the batch that holds a record, once one does. */
  const sealed = async ({ id }: IssuedLine) => {
    const { body } = await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${id}`),
      (answer) => answer.body.batch !== null,
    );
    return body.batch!.sequence;
  };
  const final = (id: string) =>
    eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${id}`),
      ({ body }) => body.status === "final",
    );
  const own = () => world.as("own-department");
  const unsigned = () => own().get<{ batches: SealedBatch[] }>(`/api/v1/departments/${OWN}/batches/unsigned`);
  const put = (sequence: number, body: object, asker = own()) =>
    asker.send<Problem>("PUT", `/api/v1/departments/${OWN}/batches/${sequence}/signature`, body);

  it("is entered by its public keys alone, any number of times, and never with others", async () => {
    expect((await register()).code).to.equal(0);
    expect((await register()).code).to.equal(0);
    const secrets = await world.sql(`select sealed_secret from hosted_key where department = $1`, [OWN]);
    expect(secrets).to.deep.equal([{ sealed_secret: null }, { sealed_secret: null }]);
    const file = join(folder, "departments.json");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/"signer":"0x\w{40}"/, `"signer":"${newSigner().address}"`));
    const refused = await register();
    expect([refused.code, refused.err]).to.deep.equal([1, `Department ${OWN} is entered with other keys.\n`]);
    await writeFile(file, text);
  });

  it("cannot have the platform sign for it", async () => {
    const { fields } = penalty("京服罚〔2026〕1号");
    const asked = { ...fields, 处罚机关统一社会信用代码: OWN, 数据来源单位统一社会信用代码: OWN };
    const { status, body } = await own().post<Problem>("/api/v1/records", {
      type: "enforcement.penalty/1",
      fields: asked,
    });
    expect([status, body.code]).to.deep.equal([409, "KEYS_SELF_HELD"]);
  });

  it("puts records on record that it has signed, once, and its agent anchors them", async () => {
    const drafts = [await normal("京服罚〔2026〕1号"), await normal("京服罚〔2026〕2号")];
    const first = await issue(...drafts);
    expect(
      first.lines.map(({ status }) => status),
      JSON.stringify(first.lines),
    ).to.deep.equal([202, 202]);
    const again = await issue(...drafts);
    expect(again.lines.map(({ status }) => status)).to.deep.equal([200, 200]);
    expect(again.lines.map(({ recordHash }) => recordHash)).to.deep.equal(first.lines.map((line) => line.recordHash));
    for (const line of first.lines) await sealed(line);
    const ran = await agent();
    expect([ran.code, ran.err]).to.deep.equal([0, ""]);
    for (const { id } of first.lines) await final(id!);
    const receipt = await own().get(`/api/v1/records/${first.lines[0]!.id}/receipt`);
    const file = join(folder, "receipt.json");
    await writeFile(file, JSON.stringify(receipt.body));
    const rpc = ["--rpc", world.chain.url];
    expect((await quanlian(["verify", file, "--trust", join(folder, "keys/trust.json"), ...rpc])).code).to.equal(0);
  });

  describe("when its agent is away", () => {
    let sequence: number;
    before(async () => {
      const { lines } = await issue(await normal("京服罚〔2026〕3号"));
      sequence = await sealed(lines[0]!);
    });
    const stored = async () => {
      const [row] = await world.sql<{ entries: Buffer; signature: Buffer | null }>(
        `select entries_hash as entries, signature from batch where department = $1 and sequence = $2`,
        [OWN, sequence],
      );
      return { entriesHash: `0x${row!.entries.toString("hex")}`, signature: row!.signature?.toString("hex") ?? null };
    };

    it("waits alone: the others go on, and nothing counts as stalled", async () => {
      await world.sql(
        `update batch set sealed_at = now() - interval '1 hour' where department = $1 and sequence = $2`,
        [OWN, sequence],
      );
      const { body } = await world.post<RecordReference>("/api/v1/records", penalty("京市监罚〔2026〕77号"));
      await final(body.id);
      expect(await world.app.get(Backlog).oldestAge(performance.now() + 60_000)).to.be.lessThan(600);
    });

    it("is named by health and measured by metrics", async () => {
      const { body } = await world.get<{ ready: boolean; checks: Record<string, { ok: boolean; detail: string }> }>(
        "/health/ready",
      );
      expect(body.checks["agents"]!.ok).to.equal(false);
      expect(body.checks["agents"]!.detail).to.match(
        new RegExp(`^Batches wait for the agents of ${OWN} for 36\\d\\d s\\.$`),
      );
      const { body: metrics } = await world.get<string>("/metrics");
      expect(Number(/^quanlian_oldest_unsigned_seconds (\S+)$/m.exec(metrics)![1])).to.be.within(3600, 4000);
    });

    it("gets the same batch however often it asks, and nobody else gets it", async () => {
      const [one, two] = [await unsigned(), await unsigned()];
      expect(one.body.batches).to.have.length(1);
      expect(two.body).to.deep.equal(one.body);
      for (const asker of ["department-system", "operator", "regulator", null] as const)
        expect((await world.as(asker).get(`/api/v1/departments/${OWN}/batches/unsigned`)).status).to.be.oneOf([
          401, 403,
        ]);
    });

    it("is not signed for by anybody else, nor with other content", async () => {
      const { entriesHash } = await stored();
      const forged = signDigest(newSigner().secret, `0x${"12".repeat(32)}`);
      const good = { kind: 4, year: 2026, entriesHash, signature: forged };
      expect((await put(sequence, good)).body.code).to.equal("SIGNATURE_WRONG");
      expect((await put(sequence, { ...good, signature: `0x${"00".repeat(65)}` })).body.code).to.equal(
        "SIGNATURE_WRONG",
      );
      expect((await put(sequence, { ...good, year: 2025 })).body.code).to.equal("SIGNED_CONTENT_DIFFERS");
      expect((await put(sequence, { ...good, entriesHash: `0x${"00".repeat(32)}` })).body.code).to.equal(
        "SIGNED_CONTENT_DIFFERS",
      );
      expect((await put(sequence + 9, good)).body.code).to.equal("NOTHING_TO_SIGN");
      expect((await put(sequence, good, world.as("department-system"))).status).to.equal(403);
      expect((await put(sequence, { ...good, signature: "0x12" })).body.code).to.equal("INVALID_PARAMETER");
      expect((await stored()).signature).to.equal(null);
    });

    it("signs when it is back; signing once more is a normal answer and changes nothing", async () => {
      expect((await agent()).out).to.contain(`batch ${sequence} signed by 0x`);
      const { entriesHash, signature } = await stored();
      expect((await put(sequence, { kind: 4, year: 2026, entriesHash, signature: `0x${signature}` })).status).to.equal(
        204,
      );
      expect((await stored()).signature).to.equal(signature);
    });
  });

  /** What is signed before the registry names another signer reaches the chain after that. */
  const signAndChangeSigner = (sign: () => Promise<unknown>) =>
    world.node.during(
      ({ method }, forward) => (method === "eth_sendRawTransaction" ? Promise.reject(new Error("broken")) : forward()),
      async () => {
        await sign();
        const file = join(folder, "keys/signer.json");
        await rm(file);
        const made = JSON.parse((await quanlian(["keygen", "signer", "--out", file])).out) as { address: string };
        await rotateSigner(world, registrar, OWN, made.address);
      },
    );

  it("signs a batch again, and the same one, when its signer was changed before it was anchored", async () => {
    const { lines } = await issue(await normal("京服罚〔2026〕31号"));
    const sequence = await sealed(lines[0]!);
    const [handed] = (await unsigned()).body.batches;
    await signAndChangeSigner(async () => expect((await agent()).code).to.equal(0));
    const again = await eventually(unsigned, ({ body }) => body.batches.length === 1);
    expect(again.body.batches[0]).to.deep.equal(handed);
    expect((await agent()).out).to.contain(`batch ${sequence} signed by 0x`);
    await final(lines[0]!.id!);
  });

  it("brings another statement key, which counts once the registry names it", async () => {
    const file = join(folder, "keys/statement.json");
    await rm(file);
    const { out } = await quanlian(["keygen", "statement", "--out", file]);
    const { publicJwk } = JSON.parse(out) as { publicJwk: PublicJwk };
    const [before] = (await issue(await normal("京服罚〔2026〕51号"))).lines;
    expect(before!.code).to.equal("STATEMENT_KEY_UNKNOWN");
    const rotated = await runCommand(
      "departments.js",
      [...["rotate", OWN, "statement", "--because", "a lost laptop"], "--public", JSON.stringify(publicJwk)],
      { ...world.environment, REGISTRAR_KEY: registrar },
    );
    expect([rotated.code, rotated.err]).to.deep.equal([0, ""]);
    const [after] = (await issue(await normal("京服罚〔2026〕52号"))).lines;
    expect(after!.status, JSON.stringify(after)).to.equal(202);
    await sealed(after!);
    expect((await agent()).code).to.equal(0);
    await final(after!.id!);
  });

  it("supersedes its own record only under its own signature, given again when its signer was changed", async () => {
    const { lines } = await issue(await normal("京服罚〔2026〕4号"));
    await sealed(lines[0]!);
    await agent();
    await final(lines[0]!.id!);
    const links = [{ rel: "supersedes", record: lines[0]!.recordHash }];
    const changes = { links, violationFacts: "未公示年度报告，已改正。" };
    const corrected = await issue(await normal("京服罚〔2026〕4号", changes));
    expect(corrected.lines[0]!.status, JSON.stringify(corrected.lines)).to.equal(202);
    await sealed(corrected.lines[0]!);
    await agent();
    await final(corrected.lines[0]!.id!);
    const before = await world.get<RecordAnswer>(`/api/v1/records/${lines[0]!.id}`);
    expect(before.body.supersededBy).to.equal(null);
    const wrong = await own().send<Problem>(
      "PUT",
      `/api/v1/departments/${OWN}/supersessions/${corrected.lines[0]!.recordHash}/signature`,
      { signature: signDigest(newSigner().secret, `0x${"12".repeat(32)}`) },
    );
    expect(wrong.body.code).to.equal("SIGNATURE_WRONG");
    const sign = async () => expect((await agent()).out).to.contain(`supersession of ${lines[0]!.recordHash} signed`);
    await signAndChangeSigner(sign);
    await eventually(
      () => own().get<{ supersessions: unknown[] }>(`/api/v1/departments/${OWN}/supersessions/unsigned`),
      ({ body }) => body.supersessions.length === 1,
    );
    await sign();
    const after = await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${lines[0]!.id}`),
      ({ body }) => body.supersededBy !== null,
    );
    expect(after.body.supersededBy).to.include({ record: corrected.lines[0]!.recordHash, reason: 1, by: OWN });
  });

  describe("statements that are refused", () => {
    const statement = async (changes: Record<string, unknown> = {}, key?: object, ahead = 0) => {
      const { type, fields } = await normal("京服罚〔2026〕9号", changes);
      const jwk = key ?? (JSON.parse(await readFile(join(folder, "keys/statement.json"), "utf8")) as object);
      const { kty, crv, x, y } = jwk as PublicJwk;
      const privateKey = createPrivateKey({ key: { ...jwk }, format: "jwk" });
      const signer = {
        publicJwk: { kty, crv, x, y },
        sign: (message: Uint8Array) => signBytes("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
      };
      const signedAt = Math.floor(Date.now() / 1000) + ahead;
      const draft = { type, department: OWN, year: 2026, fields, fieldNames: Object.keys(fields), signedAt };
      return issueStatement(draft, signer, (length) => randomFillSync(new Uint8Array(length))).statement;
    };
    const submit = (text: string, asker = own()) => asker.post<Problem>("/api/v1/statements", { statement: text });

    it("names why", async () => {
      const stranger = JSON.parse(
        await quanlian(["keygen", "statement", "--out", join(folder, "stranger.json")]).then(() =>
          readFile(join(folder, "stranger.json"), "utf8"),
        ),
      ) as object;
      const good = await statement();
      const code = async (text: string) => (await submit(text)).body.code;
      expect(await code(good.slice(1))).to.equal("STATEMENT_INVALID");
      expect(await code(await statement({}, stranger))).to.equal("STATEMENT_KEY_UNKNOWN");
      expect(await code(await statement({}, undefined, 3600))).to.equal("SIGNED_IN_FUTURE");
      expect(await code(await statement({ unheardOf: "?" }))).to.equal("RECORD_INVALID");
      const unusual = await submit(await statement({ penaltyKinds: "罚款" }));
      expect(unusual.body.code).to.equal("STATEMENT_NOT_NORMAL");
      expect(unusual.body.facts).to.deep.equal({ claims: ["penaltyKinds"] });
      expect((await submit(good, world.as("department-system"))).status).to.equal(403);
      expect((await world.as(null).post("/api/v1/statements", { statement: good })).status).to.equal(401);
    });
  });

  describe("a service that lies to the agent", () => {
    let liar: Server;
    let address: string;
    let answer: (request: IncomingMessage) => Promise<object>;
    let first: SealedBatch;
    let statements: readonly string[];
    let handed: unknown[];
    before(async () => {
      liar = createServer(
        (request, response) => void answer(request).then((body) => response.end(JSON.stringify(body))),
      );
      await new Promise<void>((ready) => liar.listen(0, "127.0.0.1", ready));
      address = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
      await issue(await normal("京服罚〔2026〕5号"), await normal("京服罚〔2026〕6号"));
      first = (await eventually(unsigned, ({ body }) => body.batches.length === 1)).body.batches[0]!;
      const lines = (await readFile(join(folder, "keys/issued.ndjson"), "utf8")).trimEnd().split("\n");
      statements = lines.slice(-2).map((line) => (JSON.parse(line) as { statement: string }).statement);
    });
    beforeEach(async () => {
      handed = [];
      await mkdir(join(folder, "careful"));
      for (const name of ["signer.json", "statement.json", "trust.json", "client.json"])
        await writeFile(join(folder, "careful", name), await readFile(join(folder, "keys", name)));
    });
    afterEach(() => rm(join(folder, "careful"), { recursive: true }));
    after(() => liar.close());

    const holding = (...chosen: readonly string[]): SealedBatch => ({
      ...first,
      entries: chosen.map((statement) => ({ ...first.entries[0]!, statement })),
    });
    const offer = (batch: SealedBatch) => {
      answer = async (request) => {
        if (request.method === "PUT") handed.push(JSON.parse((await request.toArray()).join("")));
        return request.url!.includes("supersessions") ? { supersessions: [] } : { batches: [batch] };
      };
      return agent(address, "careful");
    };

    it("gets no second signature under one sequence, nor one for a record twice, from whatever process", async () => {
      const [one, other] = statements as [string, string];
      expect((await offer(holding(one))).out).to.contain("signed by");
      const second = await offer(holding(other));
      expect([second.code, second.out]).to.deep.equal([
        1,
        `batch ${first.sequence} NOT signed: another batch was signed under sequence ${first.sequence}\n`,
      ]);
      const twice = await offer({ ...holding(one), sequence: first.sequence + 1 });
      expect(twice.out).to.contain("was signed in an earlier batch");
      expect(handed).to.have.length(1);
      for (const repeated of [holding(one), holding(one)]) expect((await offer(repeated)).code).to.equal(0);
      expect(new Set(handed.map((body) => JSON.stringify(body)))).to.have.lengthOf(1);
    });

    it("gets none for a record that the department has not issued", async () => {
      const lines = (await readFile(join(folder, "keys/issued.ndjson"), "utf8")).trimEnd().split("\n");
      await writeFile(join(folder, "careful/issued.ndjson"), `${lines.slice(0, -1).join("\n")}\n`);
      const ran = await offer(holding(...statements));
      expect(ran.out).to.contain("record 2:").and.to.contain("is not among the expected records");
      expect([ran.code, handed]).to.deep.equal([1, []]);
    });
  });

  it("says so and goes on when the service is away", async () => {
    const ran = await agent("http://127.0.0.1:1");
    expect([ran.code, ran.out]).to.satisfy(
      ([code, out]: [number, string]) => code === 2 && /does not answer/.test(out),
    );
  });
});
