import { expect } from "chai";
import { next, SUBMISSION_STATES } from "../../backend/src/review/submission-state.ts";
import { type Asker, CITY, eventually, startWorld, upload, type World } from "./harness.ts";
import { penalty } from "./records.ts";

interface Pending {
  readonly submission: string;
  readonly state: string;
}
interface Submission {
  readonly id: string;
  readonly state: string;
  readonly record: string | null;
  readonly reason: string | null;
  readonly content: unknown;
  readonly import: string | null;
  readonly submittedBy: string;
  readonly decidedBy: string | null;
}
interface Refused {
  readonly code: string;
}

describe("a decision about a submission", () => {
  it("stands: the same again changes nothing, another one is too late", () => {
    const all = SUBMISSION_STATES.flatMap((state) => [next(state, "approve"), next(state, "refuse")]);
    expect(all).to.deep.equal(["approved", "refused", "approved", null, null, "refused"]);
  });
});

describe("二人复核: a second person before anything is signed", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => {
    world = await startWorld();
    await require(true);
  });
  after(() => world.stop());

  const require = (required: boolean, asker: Asker = "department-reviewer") =>
    world.as(asker).send<Refused>("PUT", `/api/v1/departments/${CITY}/review`, { required });
  const submit = (number: string, asker: Asker = "department-officer") =>
    world.as(asker).post<Pending>("/api/v1/records", penalty(number));
  const decide = (
    id: string,
    how: "approve" | "refuse",
    asker: Asker = "department-reviewer",
    reason = "与决定书不一致",
  ) =>
    world
      .as(asker)
      .post<Submission & Refused>(`/api/v1/submissions/${id}/${how}`, how === "refuse" ? { reason } : undefined);
  const show = async (id: string) =>
    (await world.as("department-officer").get<Submission>(`/api/v1/submissions/${id}`)).body;
  const records = async (number: string) => world.sql("select from record where number = $1", [number]);
  const code = ({ status, body }: { status: number; body: Refused }) => `${status} ${body.code}`;

  it("keeps a submission as no record: nothing signed, nothing readable in the database", async () => {
    const { status, body, headers } = await submit("京市监罚〔2026〕201号");
    expect(status).to.equal(201);
    expect(headers["location"]).to.equal(`/api/v1/submissions/${body.submission}`);
    expect(await records("京市监罚〔2026〕201号")).to.deep.equal([]);
    const rows = await world.sql<Record<string, unknown>>(
      "select *, encode(content, 'escape') as text from submission",
    );
    expect(JSON.stringify(rows)).to.not.match(/京市监罚|京海示例|处罚/);
    const { content, submittedBy } = await show(body.submission);
    expect({ content, submittedBy }).to.deep.equal({
      content: penalty("京市监罚〔2026〕201号"),
      submittedBy: "department-officer",
    });
  });

  it("lists what waits for the department's own people only", async () => {
    const { submission } = (await submit("京市监罚〔2026〕202号")).body;
    const listed = async (asker: Asker) =>
      (await world.as(asker).get<{ submissions: Submission[] }>("/api/v1/submissions")).body.submissions.map(
        ({ id }) => id,
      );
    expect(await listed("department-reviewer")).to.include(submission);
    expect(await listed("other-reviewer")).to.deep.equal([]);
    for (const how of ["approve", "refuse"] as const)
      expect(code(await decide(submission, how, "other-reviewer"))).to.equal("404 SUBMISSION_NOT_FOUND");
  });

  it("makes it a record once when approved, however often and by however many", async () => {
    const { submission } = (await submit("京市监罚〔2026〕203号")).body;
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        decide(submission, "approve", i % 2 ? "second-reviewer" : "department-reviewer"),
      ),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.record)).size).to.equal(1);
    expect((await records("京市监罚〔2026〕203号")).length).to.equal(1);
    const { record, content, state } = await show(submission);
    expect({ content, state }).to.deep.equal({ content: null, state: "approved" });
    await eventually(
      () => world.get<{ status: string }>(`/api/v1/records/${record}`),
      ({ body }) => body.status === "final",
    );
    expect((await submit("京市监罚〔2026〕203号")).body).to.deep.equal({ submission, state: "approved" });
    expect(code(await decide(submission, "refuse"))).to.equal("409 SUBMISSION_DECIDED");
  });

  it("leaves neither record nor decision when the approval breaks off in between", async () => {
    const { submission } = (await submit("京市监罚〔2026〕204号")).body;
    await world.sql(
      `create function broken() returns trigger language plpgsql as $$ begin raise exception 'broken'; end $$`,
    );
    await world.sql("create trigger broken before update on submission for each row execute function broken()");
    expect((await decide(submission, "approve")).status).to.equal(500);
    expect(await records("京市监罚〔2026〕204号")).to.deep.equal([]);
    await world.sql("drop function broken cascade");
    expect((await decide(submission, "approve")).status).to.equal(200);
    expect((await records("京市监罚〔2026〕204号")).length).to.equal(1);
  });

  it("keeps what was refused, with the reason; it can be submitted again", async () => {
    const { submission } = (await submit("京市监罚〔2026〕205号")).body;
    expect((await decide(submission, "refuse")).status).to.equal(200);
    const { state, reason, decidedBy, content } = await show(submission);
    expect({ state, reason, decidedBy }).to.deep.equal({
      ...{ state: "refused", reason: "与决定书不一致", decidedBy: "department-reviewer" },
    });
    expect(content).to.deep.equal(penalty("京市监罚〔2026〕205号"));
    expect(code(await decide(submission, "approve"))).to.equal("409 SUBMISSION_DECIDED");
    expect(await records("京市监罚〔2026〕205号")).to.deep.equal([]);
    const again = await submit("京市监罚〔2026〕205号");
    expect(again.status).to.equal(201);
    expect(again.body.submission).to.not.equal(submission);
    expect(code(await decide(again.body.submission, "refuse", "department-reviewer", "  "))).to.equal(
      "400 INVALID_PARAMETER",
    );
  });

  it("never lets whoever submitted decide", async () => {
    const { submission } = (await submit("京市监罚〔2026〕206号", "officer-and-reviewer")).body;
    for (const how of ["approve", "refuse"] as const)
      expect(code(await decide(submission, how, "officer-and-reviewer"))).to.equal("403 SAME_PERSON");
    expect(code(await decide(submission, "approve", "department-officer"))).to.equal("403 FORBIDDEN");
    expect(await records("京市监罚〔2026〕206号")).to.deep.equal([]);
    expect((await decide(submission, "approve")).status).to.equal(200);
  });

  it("says why an approval cannot be carried out, and leaves the submission waiting", async () => {
    const first = (await submit("京市监罚〔2026〕207号")).body.submission;
    const other = penalty("京市监罚〔2026〕207号", { 处罚类别: "警告" });
    const second = (await world.as("department-system").post<Pending>("/api/v1/records", other)).body.submission;
    await decide(first, "approve");
    expect(code(await decide(second, "approve"))).to.equal("409 NUMBER_CONFLICT");
    expect((await show(second)).state).to.equal("waiting");
  });

  it("holds an import back as a whole, and takes it in once approved", async () => {
    const content = `${JSON.stringify(penalty("京市监罚〔2026〕208号").fields)}\n`;
    const send = () =>
      upload<{ id: string; status: string }>(world, content, "a.ndjson", {
        department: CITY,
        type: "enforcement.penalty/1",
      });
    const [taken, refused] = [(await send()).body, (await send()).body];
    expect(taken.status).to.equal("reviewing");
    const { submissions } = (
      await world.as("department-reviewer").get<{ submissions: Submission[] }>("/api/v1/submissions")
    ).body;
    const waiting = (job: string) => submissions.find((one) => one.import === job)!.id;
    expect((await decide(waiting(refused.id), "refuse")).body.state).to.equal("refused");
    expect((await decide(waiting(taken.id), "approve")).body.state).to.equal("approved");
    const job = (id: string) => world.get<{ status: string; accepted: number }>(`/api/v1/imports/${id}`);
    const { body } = await eventually(
      () => job(taken.id),
      (answer) => answer.body.status === "done",
    );
    expect(body.accepted).to.equal(1);
    expect((await job(refused.id)).body.status).to.equal("refused");
    expect((await records("京市监罚〔2026〕208号")).length).to.equal(1);
  });

  it("lets dry runs through: nothing would be signed", async () => {
    const { body } = await upload<{ status: string }>(world, "{}\n", "a.ndjson", { department: CITY }, "?dryRun=true");
    expect(body.status).to.not.equal("reviewing");
  });

  it("is demanded by a reviewer who submits nothing, and by nobody else", async () => {
    expect(code(await require(false, "officer-and-reviewer"))).to.equal("403 SEPARATION_OF_DUTIES");
    for (const asker of ["department-officer", "department-system", "operator", "other-reviewer"] as const)
      expect(code(await require(false, asker))).to.equal("403 FORBIDDEN");
    const rule = () => world.as("department-officer").get(`/api/v1/departments/${CITY}/review`);
    expect((await rule()).body).to.deep.equal({ required: true });
    expect((await require(false)).status).to.equal(200);
    expect((await submit("京市监罚〔2026〕209号")).status).to.equal(202);
    await require(true);
  });
});
