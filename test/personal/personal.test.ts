import { readFile, writeFile } from "node:fs/promises";
import { createHmac, hash, hkdfSync, randomUUID } from "node:crypto";
import { expect } from "chai";
import { DataSource } from "typeorm";
import { readKeyFile } from "../../backend/src/departments/key-file.ts";
import type { ErasureAnswer } from "../../backend/src/erasure/erasure.schemas.ts";
import { CertificateJob } from "../../backend/src/certificates/certificate-job.entity.ts";
import type { CertificateAnswer } from "../../backend/src/certificates/certificates.schemas.ts";
import { SealedCertificates } from "../../backend/src/certificates/sealed-certificates.ts";
import { RowSeals } from "../../backend/src/database/row-seals.ts";
import { KeyVault } from "../../backend/src/departments/key-vault.ts";
import { DataKeys } from "../../backend/src/personal/data-keys.ts";
import { encryptOlderContents } from "../../backend/src/personal/encrypt-older-contents.ts";
import type { ImportAnswer } from "../../backend/src/imports/imports.schemas.ts";
import { Rejections } from "../../backend/src/imports/rejections.ts";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import { IntegrityRunner } from "../../backend/src/integrity/integrity-runner.ts";
import { IntegrityService } from "../../backend/src/integrity/integrity.service.ts";
import { KEY_ENCRYPTION, type KeyEncryption, type WrappedKey } from "../../backend/src/personal/key-encryption.ts";
import { destroyOldKeks, kekStates, rewrapAll } from "../../backend/src/personal/rotation.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { StreamKeys } from "../../backend/src/subjects/stream-keys.service.ts";
import { SubjectIndex } from "../../backend/src/subjects/subject-index.ts";
import { CITY, ENTERPRISE, eventually, startWorld, upload, type World } from "../service/harness.ts";
import { penalty } from "../service/records.ts";
import { dumpOf } from "./dump.ts";

/** A fictitious person: nobody was ever born on this day in an area of this code. */
const AREA_AND_BIRTH = "11010820990101";
const PERSON = idOf(AREA_AND_BIRTH, 427);
const NAME = "欧阳不存在";
const HOME = "京海市不存在路7号";

function idOf(start: string, sequence: number): string {
  const body = start + String(sequence).padStart(3, "0");
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(body[i]), 0);
  return body + "10X98765432"[sum % 11]!;
}

describe("personal data: encrypted under a key for each record, and erased with it", () => {
  let world: World;
  let log = "";
  const write = process.stdout.write.bind(process.stdout);

  before(async () => {
    process.stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      log += chunk.toString();
      return String(chunk).startsWith("{") || (write as (...all: unknown[]) => boolean)(chunk, ...rest);
    };
    world = await startWorld({ LOG_LEVEL: "debug" });
  });
  after(async () => {
    process.stdout.write = write;
    await world.stop();
  });

  const aboutPerson = (number: string, changes: Record<string, unknown> = {}) => {
    const person = {
      ...{ 行政相对人名称: NAME, 行政相对人类别: "自然人", 统一社会信用代码: "", 法定代表人: "" },
      ...{ 证件类型: "身份证", 证件号码: PERSON, 违法事实: `${NAME}（${PERSON}）在${HOME}无证经营。` },
    };
    return penalty(number, { ...person, ...changes });
  };

  async function taken(record: unknown): Promise<RecordReference> {
    const { status, body } = await world.post<RecordReference>("/api/v1/records", record);
    expect(status, JSON.stringify(body)).to.equal(202);
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
    return body;
  }

  const erase = (id: string, asker: "department-officer" | "other-department" = "department-officer") =>
    world
      .as(asker)
      .post<ErasureAnswer & ProblemDocument>(`/api/v1/records/${id}/erasure`, { reason: "retention-ended" });

  async function differences(depth: "sealed" | "full" = "full"): Promise<string[]> {
    const [runner, service] = [world.app.get(IntegrityRunner), world.app.get(IntegrityService)];
    const { id } = await service.request("fsck", depth);
    while ((await runner.advance(id)).status === "running");
    return (await service.show(id)).found.map(({ layer, field, record }) => `${layer} ${field} ${record}`);
  }

  it("is shown whole to the department, and stands nowhere in database, chain or log in clear", async () => {
    const { id } = await taken(aboutPerson("京市监罚〔2026〕7001号"));
    const company = await taken(
      penalty("京市监罚〔2026〕7002号", { 法定代表人: "司马不存在", 法定代表人证件号码: PERSON }),
    );
    const shown = await world.as("department-system").get<RecordAnswer>(`/api/v1/records/${id}`);
    expect(shown.body).to.deep.include({ subject: { type: "person", id: `111:${PERSON}` }, subjectName: NAME });
    const other = await world.as("department-system").get<RecordAnswer>(`/api/v1/records/${company.id}`);
    expect(other.body.fields).to.include({ legalRepresentative: "司马不存在" });
    const conflict = await world.post(
      "/api/v1/records",
      aboutPerson("京市监罚〔2026〕7001号", { 处罚内容: `罚${NAME}` }),
    );
    expect(conflict.status).to.equal(409);
    const secrets = [PERSON, NAME, HOME, "司马不存在"];
    const headers = { ...(await world.bearer("department-system")), "access-purpose": `asked by ${PERSON}` };
    const read = await world.app.inject({ method: "GET", url: `/api/v1/records/${id}`, headers });
    expect(read.statusCode).to.equal(200);
    expect(await world.sql(`select purpose from access_log where purpose is not null`)).to.deep.equal([
      { purpose: "asked by ***" },
    ]);
    const key = { "idempotency-key": "penalty-11010519491231002X" };
    const keyed = await world.post<ProblemDocument>("/api/v1/records", aboutPerson("京市监罚〔2026〕7003号"), key);
    expect([keyed.status, keyed.body.code]).to.deep.equal([400, "IDEMPOTENCY_KEY_INVALID"]);
    const numbered = await world.post<ProblemDocument>("/api/v1/records", aboutPerson(`京市监罚${PERSON}号`));
    expect([numbered.status, numbered.body.code]).to.deep.equal([422, "RECORD_INVALID"]);
    const everything = [await dumpOf(world.postgres.url), await chainOf(world), log].join("\n");
    expect(log.length, "the log was heard").to.be.greaterThan(1000);
    expect(holding(everything, secrets)).to.deep.equal([]);
    expect(holding(`${everything}${base64(NAME)}`, secrets), "it would be seen, even in base64").to.deep.equal([NAME]);
  });

  describe("beside the records", () => {
    const number = "京市监罚〔2026〕7101号";
    const secrets = [PERSON, NAME, HOME, "司马不存在"];
    let record: RecordReference;

    const rejected = (id: string) => world.get<string>(`/api/v1/imports/${id}/errors?format=csv`);
    const imported = async (changes: Record<string, unknown>) => {
      const line = `${JSON.stringify(aboutPerson(number, changes))}\n`;
      const sent = await upload<ImportAnswer>(world, line, `${PERSON}.ndjson`, { department: CITY });
      expect(sent.status, JSON.stringify(sent.body)).to.equal(202);
      return sent.body;
    };
    const ended = ({ id }: ImportAnswer) =>
      eventually(
        () => world.get<ImportAnswer>(`/api/v1/imports/${id}`),
        ({ body }) => body.finishedAt !== null,
      );
    const certificate = async () => {
      const order = {
        ...{ purpose: "history", subject: { type: "uscc", id: ENTERPRISE }, period: { from: "2026-01-01" } },
        disclose: { fields: "all" },
      };
      const asked = await world.as("enterprise").post<CertificateAnswer>("/api/v1/certificates", order);
      expect(asked.status, JSON.stringify(asked.body)).to.equal(202);
      const show = () => world.as("enterprise").get<CertificateAnswer>(`/api/v1/certificates/${asked.body.id}`);
      const done = await eventually(show, ({ body }) => !["waiting", "running"].includes(body.status));
      expect(done.body.status, JSON.stringify(done.body)).to.equal("done");
      return done.body;
    };

    before(async () => (record = await taken(aboutPerson(number))));

    it("stands in no rejected row, no certificate and no upload that waits, until the record is erased", async () => {
      const [unreadable, conflicting] = [
        await imported({ 处罚类别: "没有这一类" }),
        await imported({ 处罚内容: "另" }),
      ];
      for (const job of [unreadable, conflicting]) {
        expect((await ended(job)).body.rejected).to.equal(1);
        expect((await rejected(job.id)).body)
          .to.include(NAME)
          .and.include(PERSON);
      }
      const company = await taken(penalty("京市监罚〔2026〕7102号", { 法定代表人: "司马不存在" }));
      const paper = await certificate();
      const path = `/api/v1/certificates/${paper.id}/document`;
      const document = await world.as("enterprise").get<unknown>(path);
      expect(holding(JSON.stringify(document.body), secrets), "it does show the person").to.include("司马不存在");

      const [review, folder] = [`/api/v1/departments/${CITY}/review`, `${world.environment.QUANLIAN_DATA_DIR}/imports`];
      await world.as("department-reviewer").send("PUT", review, { required: true });
      const waiting = await imported({});
      expect(waiting.status).to.equal("reviewing");
      const file = await readFile(`${folder}/${waiting.id}`);
      await world.as("department-reviewer").send("PUT", review, { required: false });

      const everything = [await dumpOf(world.postgres.url), log, file.toString("latin1"), file.toString()].join("\n");
      expect(file.length).to.be.greaterThan(500);
      expect(holding(everything, secrets)).to.deep.equal([]);

      expect((await erase(record.id)).body.code).to.equal("ERASURE_BLOCKED");
      await refuseAll("重复");
      await expectGone(`${folder}/${waiting.id}`);
      expect((await erase(record.id)).status).to.equal(200);
      for (const job of [unreadable, conflicting])
        expect((await rejected(job.id)).body, "the row went with the record").to.not.include(NAME);
      expect((await erase(company.id)).status).to.equal(200);
      expect((await world.as("enterprise").get(path)).status).to.equal(404);
      const owners = await world.sql(`select owner from data_key where owner = $1`, [paper.id]);
      expect(owners, "the certificate's key is destroyed").to.deep.equal([]);
    });

    const refuseAll = async (reason: string) => {
      const all = await world.sql<{ id: string }>(`select id from submission where state = 'waiting'`);
      for (const { id } of all)
        await world.as("department-reviewer").post(`/api/v1/submissions/${id}/refuse`, { reason });
    };

    it("is erased from rejected rows and refused submissions, and blocks the erasure while something waits", async () => {
      const [dossier, place] = ["京市监罚〔2026〕7103号", "市场路8号"];
      const about = (changes: Record<string, unknown>) => aboutPerson(dossier, { 违法事实: place, ...changes });
      const sent = async (line: unknown) => {
        const { body } = await upload<ImportAnswer>(world, `${JSON.stringify(line)}\n`, "r", { department: CITY });
        return body;
      };
      const target = await taken(about({}));
      const others = aboutPerson("京市监罚〔2026〕7104号", { 处罚类别: "没有这一类", 违法事实: "另一件" });
      const numberless = about({ 行政处罚决定书文号: "", 证件号码: "", 违法事实: `${NAME}，${place}` });
      const anotherPerson = penalty("", { 法定代表人: "司马不存在", 违法事实: "另一件" });
      const jobs = [await sent(numberless), await sent(others), await sent(anotherPerson)];
      for (const job of jobs) expect((await ended(job)).body.rejected).to.equal(1);
      const [own, other, unrelated] = jobs;

      const review = `/api/v1/departments/${CITY}/review`;
      await world.as("department-reviewer").send("PUT", review, { required: true });
      const officer = world.as("department-officer");
      const submitted = await officer.post<{ submission: string }>("/api/v1/records", about({ 处罚内容: "另" }));
      expect(submitted.status, JSON.stringify(submitted.body)).to.equal(201);
      const upload2 = await sent(about({ 处罚内容: "又" }));
      await world.as("department-reviewer").send("PUT", review, { required: false });

      const blocked = await erase(target.id);
      expect([blocked.status, blocked.body.code]).to.deep.equal([409, "ERASURE_BLOCKED"]);
      const waiting = { imports: [upload2.id], submissions: [submitted.body.submission] };
      expect(blocked.body.facts).to.deep.equal(waiting);
      expect((await world.get(`/api/v1/records/${target.id}`)).status, "nothing is erased").to.equal(200);
      expect((await rejected(own!.id)).body).to.include(place);

      await refuseAll(`${NAME}，${place}`);
      expect((await erase(target.id)).status).to.equal(200);
      expect((await rejected(own!.id)).body).to.not.include(place);
      expect((await rejected(other!.id)).body, "another record's row stays").to.include("另一件");
      expect((await rejected(unrelated!.id)).body, "another person's too").to.include("另一件");
      type Shown = { content: unknown; reason: unknown };
      const forgotten = await officer.get<Shown>(`/api/v1/submissions/${submitted.body.submission}`);
      expect(forgotten.body).to.include({ content: null, reason: null });
      const owners = [submitted.body.submission, target.id];
      expect(await world.sql(`select owner from data_key where owner = any($1)`, [owners])).to.deep.equal([]);

      const again = await sent(about({}));
      expect((await ended(again)).body.rejected).to.equal(1);
      expect((await rejected(again.id)).body, "what is sent again is not kept").to.not.include(place);
    });

    it("goes with its key when rejected rows have been kept for their time", async () => {
      const job = await imported({ 处罚类别: "没有这一类" });
      await ended(job);
      const rejections = world.app.get(Rejections);
      const left = () =>
        world.sql(
          `select (select count(*)::int from import_rejection where import = $1) as rows,
                  (select count(*)::int from data_key where owner = $1) as keys`,
          [job.id],
        );
      await world.sql(`update import_job set finished_at = now() - interval '29 days' where id = $1`, [job.id]);
      await rejections.forgetOld();
      expect(await left()).to.deep.equal([{ rows: 1, keys: 1 }]);
      await world.sql(`update import_job set finished_at = now() - interval '31 days' where id = $1`, [job.id]);
      await rejections.forgetOld();
      expect(await left()).to.deep.equal([{ rows: 0, keys: 0 }]);
      expect((await rejected(job.id)).status).to.equal(200);
    });

    it("is encrypted at the next start where it lies in clear from before", async () => {
      const [job, paper, receipt] = [randomUUID(), randomUUID(), randomUUID()];
      const row = { type: "enforcement.penalty/1", cells: aboutPerson(number).fields, problems: [] };
      const [submission, master] = [randomUUID(), world.app.get(KeyVault)];
      const content = { record: aboutPerson(number), idempotencyKey: null };
      await world.sql(
        `insert into submission (id, department, content, reason, digest, submitted_by, state)
         values ($1, $2, $3, $4, $1::uuid::text::bytea, 'somebody', 'refused')`,
        [
          ...[submission, CITY],
          master.seal(Buffer.from(JSON.stringify(content)), `submission/${submission}/content`),
          master.seal(Buffer.from(NAME), `submission/${submission}/reason`),
        ],
      );
      const order = { purpose: "history", subject: { type: "person", id: `111:${PERSON}` } };
      const inClear = (value: unknown) => Buffer.from(JSON.stringify(value));
      await world.sql(
        `insert into import_job (id, department, file_name, bytes, status) values ($1, $2, 'r.csv', 1, 'done')`,
        [job, CITY],
      );
      await world.sql(
        `insert into import_rejection (import, row, content) select $1, n, $2 from generate_series(1, 501) n`,
        [...[job, inClear(row)]],
      );
      await world.sql(
        `insert into certificate (id, code, subject_type, subject_id, ordered, status, document, pdf)
         values ($1, $1::uuid::text, 'person', $2, $3, 'done', $4, $4)`,
        [paper, order.subject.id, inClear(order), inClear(NAME)],
      );
      await world.sql(`insert into foreign_record values ($1, 'uscc', $2, '', '', $3)`, [
        ...[receipt, ENTERPRISE, inClear(NAME)],
      ]);
      const dataSource = world.app.get(DataSource);
      const sealed = () =>
        world.sql(`select owner::text from data_key where owner = any($1) order by owner`, [
          [job, paper, receipt, submission],
        ]);
      const start = () =>
        encryptOlderContents(
          dataSource,
          world.app.get(DataKeys),
          world.app.get(SubjectIndex),
          world.app.get(RowSeals),
          world.app.get(KeyVault),
        );
      expect(holding(await dumpOf(world.postgres.url), secrets)).to.include(NAME);
      await Promise.all([start(), start()]);
      await start();
      expect(holding(await dumpOf(world.postgres.url), secrets)).to.deep.equal([]);
      expect(await sealed()).to.have.length(4);
      const shown = await world.as("department-officer").get(`/api/v1/submissions/${submission}`);
      expect(shown.body).to.deep.include({ content: content.record, reason: NAME });
      const read: unknown[] = [];
      for await (const one of await world.app.get(Rejections).of(job)) read.push(one);
      expect([read.length, read[500]]).to.deep.equal([501, { row: 501, ...row }]);
      const certificates = world.app.get(SealedCertificates);
      const stored = await dataSource.manager.findOneByOrFail(CertificateJob, { id: paper });
      expect(await certificates.order(stored)).to.deep.equal(order);
      await world.sql(`delete from foreign_record where id = $1`, [receipt]);
    });

    it("is not taken from an upload that was altered on disk", async () => {
      const review = `/api/v1/departments/${CITY}/review`;
      await world.as("department-reviewer").send("PUT", review, { required: true });
      const { id } = await imported({});
      await world.as("department-reviewer").send("PUT", review, { required: false });
      const path = `${world.environment.QUANLIAN_DATA_DIR}/imports/${id}`;
      const file = await readFile(path);
      file[100]! ^= 1;
      await writeFile(path, file);
      await world.sql(`update import_job set status = 'waiting' where id = $1`, [id]);
      const { body } = await ended({ id } as ImportAnswer);
      expect([body.status, body.failure?.code, body.rowsRead]).to.deep.equal(["failed", "FILE_DAMAGED", 0]);
    });
  });

  it("leaves the departments' private keys nowhere in clear", async () => {
    const everything = [await dumpOf(world.postgres.url), log].join("\n");
    const { masterKey, vrfSecret, keyEncryption } = readKeyFile(world.environment.KEY_FILE!);
    const keys = [masterKey, vrfSecret, ...keyEncryption!.keys.values()].map((key) => Buffer.from(key).toString("hex"));
    expect(keys.filter((key) => everything.includes(key))).to.deep.equal([]);
    expect(everything).to.not.match(/PRIVATE KEY|"d":|30[0-9a-f]{2}020100301306072a8648ce3d/);
  });

  it("is found again: the same record, its next version, its place in a search", async () => {
    const number = "京市监罚〔2026〕7003号";
    const first = await taken(aboutPerson(number));
    const again = await world.post<RecordReference>("/api/v1/records", aboutPerson(number));
    expect([again.status, again.body.id]).to.deep.equal([200, first.id]);
    const links = [{ rel: "supersedes", record: first.recordHash }];
    await taken(aboutPerson(number, { 处罚内容: "改为警告", links }));
    const { body } = await world
      .as("department-system")
      .get<{ records: { subjectName: string }[] }>(`/api/v1/records?number=${encodeURIComponent(number)}`);
    expect(body.records.map(({ subjectName }) => subjectName)).to.deep.equal([NAME, NAME]);
    const [row] = await world.sql<{ streams: number }>(
      `select count(*)::int as streams from stream where subject_type = 'person'`,
    );
    expect(row!.streams, "one stream for all records of the person").to.equal(1);
    expect(await differences()).to.deep.equal([]);
  });

  it("does not open in another row, and the integrity run says which", async () => {
    const [one, two] = [
      await taken(aboutPerson("京市监罚〔2026〕7011号")),
      await taken(aboutPerson("京市监罚〔2026〕7012号")),
    ];
    const swap = `update record r set personal = o.personal from record o
      where (r.id, o.id) in (($1::uuid, $2::uuid), ($2::uuid, $1::uuid))`;
    await world.sql(swap, [one.id, two.id]);
    expect((await world.get(`/api/v1/records/${one.id}`)).status).to.equal(503);
    const found = await differences();
    for (const { id } of [one, two]) expect(found).to.include(`personal id, personal, owner, kek, wrapped ${id}`);
    await world.sql(swap, [one.id, two.id]);
    expect(await differences()).to.deep.equal([]);
  });

  it("is erased by its own department alone, once, and says so to whoever may know", async () => {
    const { id } = await taken(aboutPerson("京市监罚〔2026〕7021号"));
    expect((await erase(id, "other-department")).status).to.equal(403);
    expect((await world.as(null).post(`/api/v1/records/${id}/erasure`, { reason: "unlawful" })).status).to.equal(401);
    const done = await erase(id);
    expect([done.status, done.body.reason, done.body.record]).to.deep.equal([200, "retention-ended", id]);
    expect((await erase(id)).body).to.deep.equal(done.body);
    const shown = await world.as("department-system").get<ProblemDocument>(`/api/v1/records/${id}`);
    expect([shown.status, shown.body.code]).to.deep.equal([410, "RECORD_ERASED"]);
    expect((await world.as("department-system").get(`/api/v1/records/${id}/receipt`)).status).to.equal(410);
    expect((await world.as(null).get(`/api/v1/records/${id}`)).status).to.equal(404);
    const again = await world.post<ProblemDocument>("/api/v1/records", aboutPerson("京市监罚〔2026〕7021号"));
    expect([again.status, again.body.code]).to.deep.equal([410, "RECORD_ERASED"]);
    expect(await differences()).to.deep.equal([]);
    expect(await differences("sealed")).to.deep.equal([]);
  });

  it("has nothing to erase where nothing is personal", async () => {
    const { id } = await taken(penalty("京市监罚〔2026〕7022号", { 法定代表人: "司马" }));
    expect((await erase(id)).status).to.equal(200);
    const history = await world.get<{ records: { id: string }[] }>(`/api/v1/subjects/${ENTERPRISE}/history`);
    expect(
      history.body.records.map((one) => one.id),
      "the enterprise's history stays whole",
    ).to.include(id);
  });

  it("cannot be made to vanish without a note, nor be noted as erased without being so", async () => {
    const [gone, noted] = [
      await taken(aboutPerson("京市监罚〔2026〕7031号")),
      await taken(aboutPerson("京市监罚〔2026〕7032号")),
    ];
    await world
      .sql(`create table kept as select * from record where id = $1`, [gone.id])
      .catch(() => world.sql(`create table kept as table record`));
    await world.sql(`update record set personal = '' where id = $1`, [gone.id]);
    await world.sql(`insert into erasure values ($1, $2, 'nobody', 'unlawful', now(), '\\x00')`, [noted.id, CITY]);
    const found = await differences();
    expect(found).to.include(`erasure record, personal ${gone.id}`);
    expect(found).to.include.members([`erasure record, personal ${noted.id}`, `erasure seal ${noted.id}`]);
    await world.sql(`delete from erasure where record = $1`, [noted.id]);
    await world.sql(`update record r set personal = k.personal from kept k where k.id = r.id and r.id = $1`, [gone.id]);
    await world.sql(`drop table kept`);
    expect(await differences()).to.deep.equal([]);
  });

  it("stays readable through a rotation, and the old key goes only when it wraps nothing", async () => {
    const { id } = await taken(aboutPerson("京市监罚〔2026〕7041号"));
    const [dataSource, keys] = [world.app.get(DataSource), world.app.get<KeyEncryption>(KEY_ENCRYPTION)];
    const content = await world.sql<{ personal: Buffer }>(`select personal from record where id = $1`, [id]);
    const old = await keys.current();
    await keys.rotate();
    expect((await destroyOldKeks(dataSource, keys)).wrapped).to.be.greaterThan(0);
    expect(await rewrapAll(dataSource, keys, () => undefined)).to.be.greaterThan(0);
    expect((await destroyOldKeks(dataSource, keys)).destroyed).to.deep.equal([old]);
    expect(
      (await kekStates(dataSource, keys)).map(({ isCurrent, destroyedAt }) => isCurrent === (destroyedAt === null)),
    ).to.not.include(false);
    expect(await world.sql(`select personal from record where id = $1`, [id])).to.deep.equal(content);
    expect((await world.get(`/api/v1/records/${id}`)).status).to.equal(200);
    await taken(aboutPerson("京市监罚〔2026〕7042号"));
  });

  /**
   * Assumed destroyed: the record's data key, the salts of its fields, and the key-encryption key that wrapped the data key when
   * the backup was made. Assumed out of the attacker's reach: the VRF's secret, which the last step shows to be enough.
   * Everything else the attacker has: database, chain, log, a backup from before, master key and present key-encryption keys.
   */
  it("cannot be guessed from anything that is left, nor from a backup once the old key is destroyed", async () => {
    const number = "京市监罚〔2026〕7051号";
    const victim = idOf("11010820990202", 613);
    // Everybody born there on that day: what an attacker who knows area and birthday has to try.
    const space = Array.from({ length: 1000 }, (_, sequence) => idOf("11010820990202", sequence));
    const record = aboutPerson(number, { 证件号码: victim, 违法事实: "无证经营。" });
    const { id } = await taken(record);
    const [{ statement }] = (await world.sql<{ statement: string }>(`select statement from record where id = $1`, [
      id,
    ])) as [{ statement: string }];
    const whole = (await world.as("department-system").get<{ statement: string }>(`/api/v1/records/${id}/receipt`)).body
      .statement;
    const backup = await dumpOf(world.postgres.url);
    const wrapped = await world.sql<WrappedKey>(`select kek, wrapped from data_key where owner = $1`, [id]);
    const [dataSource, keys] = [world.app.get(DataSource), world.app.get<KeyEncryption>(KEY_ENCRYPTION)];
    expect((await erase(id)).status).to.equal(200);
    await keys.rotate();
    await rewrapAll(dataSource, keys, () => undefined);
    expect((await destroyOldKeks(dataSource, keys)).destroyed).to.not.equal(undefined);

    expect(await keys.unwrap(wrapped), "the backup's data key").to.deep.equal([null]);

    const { masterKey, vrfSecret, keyEncryption } = readKeyFile(world.environment.KEY_FILE!);
    const left = [await dumpOf(world.postgres.url), await chainOf(world), log].join("\n");
    const known = { space, statement, secrets: [masterKey, ...keyEncryption!.keys.values()] };
    expect(guessed({ ...known, haystack: left, salts: [] }), "what is left").to.deep.equal([]);
    expect(
      guessed({ ...known, haystack: `${left}\n${backup}`, salts: [] }),
      "with the backup and the key file",
    ).to.deep.equal([]);

    const subject = whole.split("~").find((text) => Buffer.from(text, "base64url").toString().includes('"subject"'))!;
    const [salt] = JSON.parse(Buffer.from(subject, "base64url").toString()) as [string];
    expect(guessed({ ...known, haystack: left, salts: [salt] }), "who knew the salt would find it").to.deep.equal([
      victim,
    ]);
    expect(
      guessed({ ...known, haystack: left, salts: [], vrfSecret }),
      "and so does who holds the VRF's secret",
    ).to.deep.equal([victim]);
  });
});

/** The blocks with all transactions, and every event: what any node keeps. */
async function chainOf(world: World): Promise<string> {
  const rpc = async (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(world.chain.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    return ((await answer.json()) as { result: unknown }).result;
  };
  const last = Number(await rpc("eth_blockNumber", []));
  const blocks = await Promise.all(
    Array.from({ length: last + 1 }, (_, block) => rpc("eth_getBlockByNumber", [`0x${block.toString(16)}`, true])),
  );
  return JSON.stringify([blocks, await rpc("eth_getLogs", [{ fromBlock: "0x0", toBlock: "latest" }])]);
}

interface Attack {
  readonly space: readonly string[];
  /** Everything that the attacker holds, as text. */
  readonly haystack: string;
  /** What is left of the statement: its signed part, with the digests. */
  readonly statement: string;
  readonly salts: readonly string[];
  /** Keys that the attacker holds, for every keyed form. */
  readonly secrets: readonly Uint8Array[];
  readonly vrfSecret?: Uint8Array;
}

/** Tries every candidate in every form in which the code ever writes or hashes an identity. */
function guessed({ space, haystack, statement, salts, secrets, vrfSecret }: Attack): string[] {
  const payload = JSON.parse(Buffer.from(statement.split(".")[1]!, "base64url").toString()) as {
    _sd: string[];
    year: number;
  };
  const digests = new Set(payload._sd);
  const words = new Set(haystack.match(/[0-9a-f]{64}/g));
  const isInClear = holding(haystack, [space[0]!.slice(0, AREA_AND_BIRTH.length)]).length > 0;
  const streamsBy = (vrfSecret ? [vrfSecret] : secrets).map((secret) => {
    return new StreamKeys({ masterKey: secret, vrfSecret: secret, keyEncryption: null }, new SubjectIndex(secret));
  });
  return space.filter((id) => {
    const subject = { type: "person", id: `111:${id}` } as const;
    const texts = [id, subject.id, `person ${subject.id}`, JSON.stringify(subject), `person:${subject.id}`];
    const disclosures = ["", ...salts].map((salt) => base64url(JSON.stringify([salt, "subject", subject])));
    const hashes = texts.flatMap((text) => [
      hash("sha256", text, "hex"),
      ...secrets.flatMap((secret) =>
        ["quanlian/subject-index/1", "quanlian/row-seals/1", ""].map((info) => {
          const key = info === "" ? secret : Buffer.from(hkdfSync("sha256", secret, "", info, 32));
          return createHmac("sha256", key).update(text).digest("hex");
        }),
      ),
    ]);
    const keys = streamsBy.map((streams) => streams.derive({ subject, kind: 4, year: payload.year }));
    return (
      (isInClear && haystack.includes(id)) ||
      disclosures.some((text) => digests.has(hash("sha256", text, "base64url"))) ||
      [...hashes, ...keys.map((key) => key.slice(2))].some((word) => words.has(word))
    );
  });
}

async function expectGone(path: string): Promise<void> {
  const error: unknown = await readFile(path).catch((reason: unknown) => reason);
  expect(error).to.include({ code: "ENOENT" });
}

/** Which of these texts stand in a haystack: in clear, in base64 at any offset, in hex, or escaped. */
function holding(haystack: string, texts: readonly string[]): string[] {
  return texts.filter((text) => formsOf(text).some((form) => haystack.includes(form)));
}

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const inBase64 = [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64url");
    return shifted.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3));
  });
  const escaped = JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [text, ...inBase64, bytes.toString("hex"), escaped.slice(1, -1), encodeURIComponent(text)];
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
