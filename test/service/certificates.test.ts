import type { Certificate, Hex, Verdict } from "@quanlian/proof";
import type { QuanlianClient } from "@quanlian/client";
import { expect } from "chai";
import type { CertificateAnswer } from "../../backend/src/certificates/certificates.schemas.ts";
import { Papers } from "../../backend/src/certificates/paper/papers.ts";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { clientOf } from "./client.ts";
import { CITY, DISTRICT, ENTERPRISE, eventually, OTHER_ENTERPRISE, startWorld, type World } from "./harness.ts";
import { commitment, inspection, licence, objection, penalty, serviceCase } from "./records.ts";

const SUBJECT = { type: "uscc", id: ENTERPRISE };
const API = "/api/v1/certificates";

describe("certificates: everything on record, or nothing", () => {
  let world: World;
  let client: QuanlianClient;
  let old: RecordReference;
  let fined: RecordReference;
  let foreign: RecordReference;
  before(async () => {
    world = await startWorld();
    client = clientOf(world);
    await recorded(licence("京市监许〔2025〕7号", { 办件编号: "办件2025-7" }));
    await recorded(serviceCase("办件2025-7"));
    await recorded(inspection("检查2026-7"));
    await recorded(commitment("11010820250102000007"));
    old = await recorded(penalty("京市监罚〔2024〕1号", { 处罚决定日期: "2024/05/06" }));
    foreign = await recorded(penalty("京市监罚〔2025〕9号", { ...BY_OTHER, 处罚决定日期: "2025/02/03" }));
    fined = await recorded(penalty("京市监罚〔2026〕7号"));
  });
  after(() => world.stop());

  const BY_OTHER = { 统一社会信用代码: OTHER_ENTERPRISE };
  const recorded = async (record: unknown): Promise<RecordReference> => {
    const { status, body } = await world.post<RecordReference>("/api/v1/records", record);
    expect(status, JSON.stringify(body)).to.equal(202);
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
    return body;
  };
  const finished = async (order: unknown) => {
    const asked = await world.post<CertificateAnswer>(API, order);
    expect(asked.status, JSON.stringify(asked.body)).to.equal(202);
    const of = { params: { path: { id: asked.body.id } } };
    return eventually(
      async () => (await client.GET("/api/v1/certificates/{id}", of)).data!,
      ({ status }) => status !== "waiting" && status !== "running",
    );
  };
  const certificate = async (order: unknown): Promise<Certificate> => {
    const job = await finished(order);
    expect(job.status, JSON.stringify(job.refusal)).to.equal("done");
    return (await world.get<Certificate>(`${API}/${job.id}/document`)).body;
  };
  const verdictOf = async (document: unknown) => (await world.post<Verdict>("/api/v1/verify", document)).body;
  const outcome = async (document: unknown) => {
    const { verdict, steps } = await verdictOf(document);
    const bad = steps.find((step) => step.outcome === "failed") ?? steps.find((step) => step.outcome === "unknown");
    return bad ? `${verdict}: ${bad.step} ${bad.code}` : verdict;
  };
  const refusal = async (order: unknown) => {
    const { status, body } = await world.post<ProblemDocument>(API, order);
    return `${status} ${body.code}`;
  };
  const clean = (from: string, to: string, more: object = {}) => ({
    ...{ purpose: "clean-record", subject: SUBJECT, period: { from, to } },
    ...more,
  });
  const shownFields = async (document: Certificate) => {
    const { disclosed } = await verdictOf(document);
    const { records } = disclosed as unknown as { records: { recordHash: Hex; fields?: Record<string, unknown> }[] };
    return new Map(records.map((record) => [record.recordHash, record.fields]));
  };

  describe("(a) a complete history", () => {
    const order = { purpose: "history", subject: SUBJECT, period: { from: "2024-01-01" } };

    it("holds every record of the subject, of all kinds and years, and verifies", async () => {
      const document = await certificate(order);
      expect(await outcome(document)).to.equal("valid");
      const { steps } = await verdictOf(document);
      expect(steps.at(-1)!.evidence).to.deep.equal({ records: 6, shown: 6, withheld: 0, superseded: 0 });
      expect(document.chains[0]!.streams).to.have.length(15);
    });

    it("discloses what the law publishes unless the subject says otherwise", async () => {
      const ordinary = (await shownFields(await certificate(order))).get(fined.recordHash as Hex)!;
      expect(ordinary).to.include({ number: "京市监罚〔2026〕7号", fineFen: 500_000 });
      const chosen = { disclose: { fields: ["number"], records: { [fined.id]: ["fineFen"], [old.id]: "withheld" } } };
      const fields = await shownFields(await certificate({ ...order, ...chosen }));
      expect(fields.get(fined.recordHash as Hex)).to.deep.equal({ fineFen: 500_000 });
      expect(fields.get(old.recordHash as Hex)).to.equal(undefined);
      expect([...fields.values()].filter((each) => each && Object.keys(each).join() === "number")).to.have.length(4);
    });

    it("speaks of the chosen kinds and years only", async () => {
      const document = await certificate({ ...order, kinds: [4, 1], period: { from: "2025-01-01", to: "2025-12-31" } });
      expect(document.kinds).to.deep.equal([1, 4]);
      expect((await verdictOf(document)).steps.at(-1)!.evidence).to.include({ records: 1 });
    });

    it("shows no more than the date of a record outside the period", async () => {
      const document = await certificate({ ...order, kinds: [4], period: { from: "2026-01-01", to: "2026-02-28" } });
      const fields = await shownFields(document);
      expect([...fields.values()]).to.deep.equal([{ eventTime: "2026-03-02" }]);
    });

    it("is provably wrong when a record is dropped, added, swapped or back-dated", async () => {
      const document = await certificate({ ...order, kinds: [4], period: { from: "2024-01-01", to: "2026-06-30" } });
      const at = document.chains[0]!.streams.findIndex(({ year }) => year === 2026);
      const { pairs } = document.chains[0]!.streams[at]!;
      const other = document.chains[0]!.streams.find(({ year }) => year === 2024)!.pairs[0]!;
      const own = pairs.find((pair) => pair.endsWith(fined.recordHash.slice(2)))!;
      const changed = (replacement: readonly Hex[]) => withPairs(document, at, replacement);
      const dropped = changed(pairs.filter((pair) => pair !== own));
      const added = changed([...pairs, `0x${own.slice(2, 66)}${"ab".repeat(32)}`]);
      const swapped = changed(
        pairs.map((pair): Hex => (pair === own ? `0x${own.slice(2, 66)}${other.slice(66)}` : pair)),
      );
      expect(await outcome(dropped)).to.match(/^invalid: (head HEAD_MISMATCH|record RECORD_NOT_IN_STREAM)$/);
      expect(await outcome(added)).to.equal("invalid: head HEAD_MISMATCH");
      expect(await outcome(swapped)).to.equal("invalid: head HEAD_MISMATCH");
      expect(await outcome(backdated(document))).to.equal("invalid: finality BLOCK_MISMATCH");
    });
  });

  describe("(b) a clean record", () => {
    it("is made for years without enforcement, and says so", async () => {
      const document = await certificate(clean("2025-01-01", "2025-12-31"));
      expect(await outcome(document)).to.equal("valid");
      const { steps } = await verdictOf(document);
      expect(steps.at(-1)!.evidence).to.include({ from: "2025-01-01", to: "2025-12-31", notAdverse: 1 });
    });

    it("reveals nothing of an older record", async () => {
      const text = JSON.stringify(await certificate(clean("2025-01-01", "2025-12-31")));
      expect(text).not.to.contain(old.recordHash.slice(2));
      expect(text).not.to.contain((await streamKeyOf(old)).slice(2));
    });

    it("is refused while something stands, and names it", async () => {
      const job = await finished(clean("2024-01-01", "2025-12-31"));
      expect([job.status, job.refusal!.code]).to.deep.equal(["refused", "NOT_CLEAN"]);
      expect(job.refusal!.facts).to.include({ recordHash: old.recordHash, department: CITY });
      expect((await world.get(`${API}/${job.id}/document`)).status).to.equal(409);
    });

    it("discloses the date, and only the date, of what lies outside a part of a year", async () => {
      const document = await certificate(clean("2026-01-01", "2026-02-28"));
      expect(await outcome(document)).to.equal("valid");
      expect((await shownFields(document)).get(fined.recordHash as Hex)).to.deep.equal({ eventTime: "2026-03-02" });
    });

    it("speaks of the named departments and of no other", async () => {
      const document = await certificate(clean("2026-01-01", "2026-06-30", { departments: [DISTRICT] }));
      expect(await outcome(document)).to.equal("valid");
      expect(document.scope).to.deep.equal({ departments: [DISTRICT] });
      expect((await shownFields(document)).get(fined.recordHash as Hex)).to.deep.equal({});
      expect((await finished(clean("2026-01-01", "2026-06-30", { departments: [CITY] }))).status).to.equal("refused");
    });
  });

  describe("(c) single records", () => {
    it("are shown with their subject and stand", async () => {
      const order = { purpose: "record", subject: SUBJECT, records: [fined.id], disclose: { fields: ["number"] } };
      const document = await certificate(order);
      expect(await outcome(document)).to.equal("valid");
      const shown = { number: "京市监罚〔2026〕7号", subject: SUBJECT };
      expect((await shownFields(document)).get(fined.recordHash as Hex)).to.deep.equal(shown);
    });

    it("are not shown of anybody else, nor of nobody", async () => {
      const order = { purpose: "record", subject: SUBJECT, records: [foreign.id] };
      expect(await refusal(order)).to.equal("404 RECORD_NOT_FOUND");
      expect(await refusal({ ...order, records: [] })).to.equal("400 INVALID_PARAMETER");
    });
  });

  describe("on paper", () => {
    it("is a PDF that leads back to the file and is the same whenever it is printed", async () => {
      const job = await finished({ purpose: "history", subject: SUBJECT, period: { from: "2024-01-01" } });
      const pdf = await pdfOf(job.id);
      expect(pdf.subarray(0, 5).toString()).to.equal("%PDF-");
      const document = await world.get<string>(`${API}/${job.id}/document`);
      const text = JSON.stringify(document.body);
      const again = await world.app.get(Papers).print(text, await verdictOf(document.body), job.code);
      expect(again.equals(pdf)).to.equal(true);
    });

    it("carries the mark of an objection while one is open, and so does every other display", async () => {
      const order = { purpose: "record", subject: SUBJECT, records: [fined.id], disclose: { fields: ["number"] } };
      const job = await finished(order);
      const { body: document } = await world.get<Certificate>(`${API}/${job.id}/document`);
      const verdict = await verdictOf(document);
      const printed = () => world.app.get(Papers).print(JSON.stringify(document), verdict, job.code);
      const marks = async () => {
        const record = (await world.get<RecordAnswer>(`/api/v1/records/${fined.id}`)).body;
        const of = { params: { path: { uscc: ENTERPRISE }, query: { kind: 4 } } };
        const history = (await client.GET("/api/v1/subjects/{uscc}/history", of)).data!;
        const isMarked = !(await printed()).equals(await pdfOf(job.id));
        return [record.objected, history.records.find(({ id }) => id === fined.id)!.objected, isMarked];
      };
      expect(await marks()).to.deep.equal([false, false, false]);
      const raised = objection("京信异〔2026〕1号", "京市监罚〔2026〕7号");
      const { body } = await world.post<RecordReference>("/api/v1/records", raised);
      expect(await marks()).to.deep.equal([true, true, true]);
      const answered = { ...raised.fields, 异议答复日期: "2026-09-28", 异议处理结果: "维持" };
      await recorded({
        ...{ ...raised, fields: answered },
        supersedes: { record: body.recordHash, reason: "correction" },
      });
      expect(await marks()).to.deep.equal([false, false, false]);
    });
  });

  describe("as jobs", () => {
    it("are fetched by the code on the paper, however it is typed", async () => {
      const job = await finished(clean("2025-01-01", "2025-12-31"));
      const typed = `${job.code.slice(0, 8)}-${job.code.slice(8)}`.toLowerCase();
      const { status, body } = await world.get<Certificate>(`${API}/by-code/${typed}`);
      expect([status, body.format]).to.deep.equal([200, "quanlian-certificate/1"]);
      expect((await world.get(`${API}/by-code/${"0".repeat(26)}`)).status).to.equal(404);
    });

    it("are finished by another worker when the first one died", async () => {
      await world.sql(`update certificate set status = 'running', done = 3, document = null, finished_at = null`);
      await eventually(
        () => world.sql<{ status: string }>(`select status from certificate where status = 'running'`),
        (open) => open.length === 0,
      );
      const states = await world.sql<{ status: string }>(`select distinct status from certificate order by status`);
      expect(states.map(({ status }) => status)).to.deep.equal(["done", "refused"]);
    });

    it("refuse a period that the chain cannot speak of, and what is no order", async () => {
      const history = { purpose: "history", subject: SUBJECT, period: { from: "2024-01-01", to: "2099-01-01" } };
      expect(await refusal(history)).to.equal("422 PERIOD_NOT_COVERED");
      expect(await refusal({ ...history, period: { from: "2026-01-02", to: "2026-01-01" } })).to.match(/^400 /);
      expect(await refusal({ ...history, subject: { type: "uscc", id: "91110108MA9D00013Y" } })).to.match(
        /^400 SUBJECT/,
      );
      expect(await refusal({ ...history, purpose: "clean-record", kinds: [1] })).to.equal("400 INVALID_PARAMETER");
      expect(await refusal({ purpose: "praise" })).to.equal("400 INVALID_PARAMETER");
      expect((await world.get(`${API}/0190d0a0-0000-7000-8000-000000000000`)).status).to.equal(404);
    });

    it("are not made of records that do not lead to the chain", async () => {
      await world.sql(`update record set stream_key = decode(repeat('00', 32), 'hex') where id = $1`, [fined.id]);
      const job = await finished(clean("2026-01-01", "2026-02-28"));
      expect([job.status, job.refusal!.code]).to.deep.equal(["failed", "INTERNAL"]);
    });
  });

  const pdfOf = async (id: string) => {
    const { rawPayload } = await world.app.inject({ url: `${API}/${id}/pdf`, headers: await world.bearer() });
    return rawPayload;
  };
  const streamKeyOf = async ({ id }: RecordReference) => {
    const [row] = await world.sql<{ key: string }>(
      `select '0x' || encode(stream_key, 'hex') as key from record where id = $1`,
      [id],
    );
    return row!.key;
  };
});

function withPairs(document: Certificate, at: number, pairs: readonly Hex[]): Certificate {
  const [chain, ...others] = document.chains;
  const streams = chain!.streams.map((stream, i) => (i === at ? { ...stream, pairs } : stream));
  return { ...document, chains: [{ ...chain!, streams }, ...others] };
}

/** The same content said to be the state of a day earlier. */
function backdated(document: Certificate): Certificate {
  const [chain, ...others] = document.chains;
  return { ...document, chains: [{ ...chain!, blockTime: chain!.blockTime - 86_400 }, ...others] };
}
