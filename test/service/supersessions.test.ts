import { createPublicKey, type JsonWebKey, verify as verifySignature } from "node:crypto";
import type { Certificate, Equivocation, Hex, Verdict } from "@quanlian/proof";
import { readStatement } from "@quanlian/proof";
import { expect } from "chai";
import { DataSource } from "typeorm";
import type { CertificateAnswer } from "../../backend/src/certificates/certificates.schemas.ts";
import { Findings } from "../../backend/src/findings/findings.ts";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { Ingest } from "../../backend/src/records/ingest.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import type { ValidRecord } from "../../backend/src/records/types/record-type.ts";
import { validateRecord } from "../../backend/src/records/types/validate.ts";
import type { EquivocationsAnswer } from "../../backend/src/findings/equivocations.schemas.ts";
import {
  type Asker,
  CITY,
  DISTRICT,
  ENTERPRISE,
  eventually,
  OTHER_ENTERPRISE,
  startWorld,
  type World,
} from "./harness.ts";
import { inspection, licence, penalty, repair } from "./records.ts";

describe("supersession: correction, withdrawal, repair, annulment", () => {
  let world: World;
  let n = 0;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  const send = <Body = RecordReference>(record: unknown, supersedes?: { record: string; reason: string }) =>
    world.post<Body>("/api/v1/records", { ...(record as object), ...(supersedes && { supersedes }) });
  const taken = async (record: unknown, supersedes?: { record: string; reason: string }) => {
    const { status, body } = await send(record, supersedes);
    expect(status, JSON.stringify(body)).to.equal(202);
    return body;
  };
  const refused = async (record: unknown, supersedes?: { record: string; reason: string }) => {
    const { status, body } = await send<ProblemDocument>(record, supersedes);
    return `${status} ${body.code}`;
  };
  const number = () => `京市监罚〔2026〕${++n}号`;
  const superseded = async (id: string) =>
    (
      await eventually(
        () => world.get<RecordAnswer>(`/api/v1/records/${id}`),
        ({ body }) => body.supersededBy !== null,
      )
    ).body.supersededBy!;
  const by = (record: RecordReference, reason: string) => ({ record: record.recordHash, reason });

  it("says on the chain what became of a record, for each of the four reasons", async () => {
    const corrected = await taken(penalty("京市监罚〔2025〕1号", { 处罚决定日期: "2025/03/02" }));
    const withdrawn = await taken(penalty("京市监罚〔2025〕2号", { 处罚决定日期: "2025/03/02" }));
    const repaired = await taken(penalty("京市监罚〔2025〕3号", { 处罚决定日期: "2025/03/02" }));
    const annulled = await taken(inspectionOf(DISTRICT, "检查2025-4"));
    const later = {
      corrected: await taken(
        penalty("京市监罚〔2025〕1号", { 处罚决定日期: "2025/03/02", "罚款金额（万元）": "0.3" }),
        by(corrected, "correction"),
      ),
      withdrawn: await taken(inspection("撤销2026-2"), by(withdrawn, "withdrawal")),
      repaired: await taken(repair("修复2026-3"), by(repaired, "repair")),
      annulled: await taken(inspection("复议2026-4"), by(annulled, "annulment")),
    };
    expect(await superseded(corrected.id)).to.include({ record: later.corrected.recordHash, reason: 1, by: CITY });
    expect(await superseded(withdrawn.id)).to.include({ record: later.withdrawn.recordHash, reason: 2, by: CITY });
    expect(await superseded(repaired.id)).to.include({ record: later.repaired.recordHash, reason: 3, by: CITY });
    expect(await superseded(annulled.id)).to.include({ record: later.annulled.recordHash, reason: 4, by: CITY });
    const notClean = await certified({ from: "2025-01-01", to: "2025-12-31" });
    expect(notClean.refusal!.facts).to.include({ recordHash: later.corrected.recordHash });
  });

  it("shows in certificates what no longer stands, and lets a clean record stand on it", async () => {
    const old = await taken(penalty("京市监罚〔2023〕1号", { 处罚决定日期: "2023/03/02" }));
    await taken(repair("修复2026-5"), by(old, "repair"));
    await superseded(old.id);
    const job = await certified({ from: "2023-01-01", to: "2023-12-31" });
    const { body } = await world.get<Certificate>(`/api/v1/certificates/${job.id}/document`);
    expect(body.chains[0]!.supersessions).to.have.length(1);
    expect(body.chains[0]!.supersessions[0]).to.include({ recordHash: old.recordHash, reason: 3 });
    const unsaid = { ...body, chains: [{ ...body.chains[0]!, supersessions: [] }] };
    const verdict = (await world.post<Verdict>("/api/v1/verify", unsaid)).body;
    expect(verdict.steps.find(({ outcome }) => outcome === "failed")).to.include({ code: "SUPERSESSION_MISMATCH" });
  });

  it("is refused to a department without review, for another subject, twice, and without a reason", async () => {
    const record = await taken(penalty(number()));
    const inspected = inspectionOf(DISTRICT, "检查2026-外");
    expect(await refused(inspected, by(record, "annulment"))).to.equal("403 REVIEW_REQUIRED");
    const elsewhere = inspection("撤销2026-别家", { 行政相对人编码: OTHER_ENTERPRISE });
    expect(await refused(elsewhere, by(record, "withdrawal"))).to.equal("422 SUPERSEDES_OTHER_SUBJECT");
    expect(await refused(inspection("撤销2026-a"), by(record, "repair"))).to.equal("422 REASON_UNFIT");
    const bare = { ...inspection("撤销2026-b").fields, links: [{ rel: "supersedes", record: record.recordHash }] };
    expect(await refused({ ...inspection("撤销2026-b"), fields: bare })).to.equal("422 REASON_MISSING");
    await taken(inspection("撤销2026-c"), by(record, "withdrawal"));
    expect(await refused(inspection("撤销2026-d"), by(record, "withdrawal"))).to.equal("409 ALREADY_SUPERSEDED");
    const unknown = { record: `0x${"ab".repeat(32)}`, reason: "withdrawal" };
    expect(await refused(inspection("撤销2026-e"), unknown)).to.equal("409 SUPERSEDES_UNKNOWN");
    expect(await refused(penalty(number()), { record: "0x12", reason: "withdrawal" })).to.equal(
      "400 INVALID_PARAMETER",
    );
  });

  it("lets only one of many simultaneous successors in", async () => {
    const record = await taken(penalty(number()));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => send(inspection(`同时2026-${i}`), by(record, "withdrawal"))),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([202, ...Array.from({ length: 7 }, () => 409)]);
  });

  it("keeps two contents of one number as a proof by both signatures", async () => {
    const first = await taken(penalty("京市监罚〔2026〕900号"));
    expect(await refused(penalty("京市监罚〔2026〕900号", { "罚款金额（万元）": "0.9" }))).to.equal(
      "409 NUMBER_CONFLICT",
    );
    const manager = world.app.get(DataSource).manager;
    const [finding] = await world.app.get(Findings).about(first.id, "EQUIVOCATION", manager);
    const { stored, offered } = finding!.evidence;
    const { storedStatement, statement } = finding!.personal as Record<string, string>;
    const [{ public_key }] = (await world.sql<{ public_key: JsonWebKey }>(
      `select public_key from hosted_key where department = $1 and purpose = 'statement'`,
      [CITY],
    )) as [{ public_key: JsonWebKey }];
    const both = [storedStatement!, statement!].map((text) => {
      const read = readStatement(text);
      if (!read.ok) throw new Error(read.problem);
      const [head, payload, signature] = read.issuerJwt.split(".");
      const key = createPublicKey({ key: public_key, format: "jwk" });
      const given = { key, dsaEncoding: "ieee-p1363" } as const;
      const isSigned = verifySignature(
        "sha256",
        Buffer.from(`${head}.${payload}`),
        given,
        Buffer.from(signature!, "base64url"),
      );
      return { isSigned, hash: read.recordHash, number: read.fields.number, fine: read.fields.fineFen };
    });
    expect(both).to.deep.equal([
      { isSigned: true, hash: stored as Hex, number: "京市监罚〔2026〕900号", fine: 500_000 },
      { isSigned: true, hash: offered as Hex, number: "京市监罚〔2026〕900号", fine: 900_000 },
    ]);
  });

  describe("two contents under one number", () => {
    const paths = async (record: RecordReference, asker: Asker = "everything") => {
      const { status, body } = await world
        .as(asker)
        .get<EquivocationsAnswer>(`/api/v1/records/${record.id}/equivocations`);
      return status === 200 ? body.equivocations.map(({ id }) => `/api/v1/equivocations/${id}`) : status;
    };
    const attempt = async (changes: Record<string, unknown>) => {
      const first = await taken(penalty(number()));
      const { fields } = penalty("");
      expect(
        await refused(
          penalty(`京市监罚〔2026〕${n}号`, { ...fields, ...changes, 行政处罚决定书文号: `京市监罚〔2026〕${n}号` }),
        ),
      ).to.match(/^409/);
      return first;
    };
    const claimsOf = ({ statements }: Equivocation) =>
      statements.map((text) => {
        const read = readStatement(text);
        return read.ok && Object.keys(read.fields).sort();
      });

    it("are handed out as a proof that verifies, and shows no more than number, links and what differs", async () => {
      const first = await attempt({ "罚款金额（万元）": "0.9" });
      const [path] = (await paths(first)) as string[];
      const { status, body } = await world.get<Equivocation>(path!);
      expect([status, claimsOf(body)]).to.deep.equal([
        200,
        [
          ["fineFen", "links", "number"],
          ["fineFen", "links", "number"],
        ],
      ]);
      const verdict = await world.post<Verdict>("/api/v1/verify", body);
      expect(verdict.body.verdict, JSON.stringify(verdict.body.steps)).to.equal("valid");
      const twice = { ...body, statements: [body.statements[0], body.statements[0]] };
      expect((await world.post<Verdict>("/api/v1/verify", twice)).body.verdict).to.equal("invalid");
    });

    it("are proven against the first content, whatever was corrected since", async () => {
      const first = await taken(penalty(number()));
      const name = `京市监罚〔2026〕${n}号`;
      await taken(penalty(name, { "罚款金额（万元）": "0.6" }), by(first, "correction"));
      expect(await refused(penalty(name, { "罚款金额（万元）": "0.7" }))).to.equal("409 NUMBER_CONFLICT");
      const rows = await world.sql<{ id: string }>(
        `select f.id from finding f join record r on r.id = f.record where r.number = $1`,
        [name],
      );
      const { body } = await world.get<Equivocation>(`/api/v1/equivocations/${rows[0]!.id}`);
      expect((await world.post<Verdict>("/api/v1/verify", body)).body.verdict).to.equal("valid");
    });

    it("spread no personal data where something else differs, and only to whom it belongs where nothing else does", async () => {
      const both = await attempt({ "罚款金额（万元）": "0.9", 法定代表人: "李示例" });
      const [path] = (await paths(both)) as string[];
      expect(claimsOf((await world.get<Equivocation>(path!)).body)[0]).to.deep.equal(["fineFen", "links", "number"]);
      const personal = await attempt({ 法定代表人证件号码: "11010519491231002X" });
      const [hidden] = (await paths(personal)) as string[];
      expect((await world.as("regulator").get(hidden!)).status).to.equal(409);
    });

    it("are told to the department, its supervisor and the enterprise, and to nobody else", async () => {
      const first = await attempt({ "罚款金额（万元）": "0.9" });
      const [path] = (await paths(first)) as string[];
      const status = async (asker: Asker | null) => (await world.as(asker).get(path!)).status;
      for (const asker of ["department-officer", "regulator", "enterprise"] as const)
        expect([await status(asker), await paths(first, asker)], asker).to.deep.equal([200, [path]]);
      for (const asker of ["other-department", "other-regulator", "other-enterprise"] as const)
        expect([await status(asker), await paths(first, asker)], asker).to.deep.equal([404, 404]);
      expect([await status("auditor"), await status(null)]).to.deep.equal([403, 401]);
    });

    it("about two subjects are not told to either", async () => {
      const first = await attempt({ 统一社会信用代码: OTHER_ENTERPRISE });
      const [path] = (await paths(first)) as string[];
      expect((await world.as("enterprise").get(path!)).status).to.equal(404);
      expect((await world.as("department-officer").get(path!)).status).to.equal(200);
    });
  });

  describe("links", () => {
    const citing = <T extends { fields: object }>(record: T, ...numbers: string[]) => ({
      ...record,
      fields: { ...record.fields, links: numbers.map((cited) => ({ rel: "basis", department: CITY, number: cited })) },
    });

    it("that close a ring are refused, whichever record comes last", async () => {
      await taken(citing(inspection("环-1"), "环-2"));
      expect(await refused(citing(inspection("环-2"), "环-1"))).to.equal("422 LINK_CYCLE");
      await taken(citing(inspection("环-2"), "环-3"));
      await taken(citing(licence("环-3"), "无"));
      expect(await refused(citing(inspection("环-4"), "环-4"))).to.match(/^422 /);
    });

    it("that close a ring through others are refused", async () => {
      await taken(citing(inspection("圈-1"), "圈-2"));
      await taken(citing(inspection("圈-2"), "圈-3"));
      expect(await refused(citing(inspection("圈-3"), "圈-1"))).to.equal("422 LINK_CYCLE");
      await taken(citing(inspection("圈-3"), "圈-9"));
    });

    it("that close a ring among simultaneous records are refused", async () => {
      const ring = [
        citing(inspection("同-1"), "同-2"),
        citing(inspection("同-2"), "同-3"),
        citing(inspection("同-3"), "同-1"),
      ];
      const answers = await Promise.all(ring.map((record) => send(record)));
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([202, 202, 422]);
    });

    /** Records of which each cites the next, and the last the first. */
    const ringOf = (name: string, size: number): ValidRecord[] =>
      Array.from({ length: size }, (_, i) => {
        const { type, department, fields } = citing(inspection(`${name}-${i}`), `${name}-${(i + 1) % size}`);
        const validation = validateRecord(recordTypes.get(type)!, fields, { department, today: "2026-11-28" });
        if (!validation.ok) throw new Error(JSON.stringify(validation.problems));
        return validation.record;
      });
    const take = (record: ValidRecord, before: () => Promise<void> = async () => {}) =>
      world.app.get(DataSource).transaction(async (manager) => {
        const [outcome] = await world.app.get(Ingest).take([{ record }], manager);
        await before();
        return "code" in outcome! ? outcome.code : outcome!.outcome;
      });

    it("that close a ring in two places at once wait for each other", async () => {
      const [first, second, third, fourth] = ringOf("并", 4) as [ValidRecord, ValidRecord, ValidRecord, ValidRecord];
      expect(await Promise.all([take(first), take(third)])).to.deep.equal(["created", "created"]);
      const judged = Promise.withResolvers<undefined>();
      const commit = Promise.withResolvers<undefined>();
      const one = take(second, () => (judged.resolve(undefined), commit.promise));
      await judged.promise;
      const other = take(fourth);
      await eventually(
        () => world.sql("select from pg_locks where locktype = 'advisory' and not granted"),
        (waiting) => waiting.length > 0,
      );
      commit.resolve(undefined);
      expect(await Promise.all([one, other])).to.deep.equal(["created", "LINK_CYCLE"]);
    });

    it("never close a ring, however many transactions bring it at the same time", async () => {
      for (let round = 0; round < 24; round++) {
        const ring = ringOf(`同时${round}`, 2 + (round % 7));
        const outcomes = await Promise.all(ring.map((record) => take(record)));
        expect(outcomes, JSON.stringify(outcomes)).to.include("LINK_CYCLE");
        expect(outcomes.every((outcome) => outcome === "created" || outcome === "LINK_CYCLE")).to.equal(true);
      }
    });

    it("close no ring of many records either", async () => {
      const ring = ringOf("长", 40);
      const outcomes: string[] = [];
      for (const record of ring) outcomes.push(await take(record));
      expect(outcomes.filter((outcome) => outcome === "created")).to.have.length(39);
      expect(outcomes.at(-1)).to.equal("LINK_CYCLE");
    });
  });

  const certified = async (period: { from: string; to: string }) => {
    const subject = { type: "uscc", id: ENTERPRISE };
    const asked = await world.post<CertificateAnswer>("/api/v1/certificates", {
      ...{ purpose: "clean-record", subject, period },
    });
    const { body } = await eventually(
      () => world.get<CertificateAnswer>(`/api/v1/certificates/${asked.body.id}`),
      ({ body: { status } }) => status !== "waiting" && status !== "running",
    );
    return body;
  };
  const inspectionOf = (department: string, name: string) => ({ ...inspection(name), department });
});
