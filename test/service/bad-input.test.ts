import { expect } from "chai";
import fc from "fast-check";
import type { Verdict } from "@quanlian/proof";
import type { ProblemDocument } from "../../backend/src/http/problem.ts";
import { ERRORS } from "../../backend/src/errors.ts";
import { DISTRICT, startWorld, type Answer, type World } from "./harness.ts";
import { inspection, penalty, serviceCase } from "./records.ts";

describe("bad input: every refusal is a problem from the closed list", () => {
  let world: World;
  before(async () => {
    world = await startWorld({ IMPORT_MAX_BYTES: "2000" }, false);
  });
  after(() => world.stop());

  const refused = ({ status, headers, body }: Answer<ProblemDocument>) => {
    expect(headers["content-type"]).to.match(/^application\/problem\+json/);
    expect(body).to.include({ status, type: `urn:quanlian:error:${body.code}` });
    expect(ERRORS[body.code]).to.include({ status, zh: body.zh, en: body.en });
    return `${status} ${body.code}`;
  };
  const post = async (body: unknown, headers?: Record<string, string>, path = "/api/v1/records") =>
    refused(await world.post<ProblemDocument>(path, body, headers));
  const get = async (path: string) => refused(await world.get<ProblemDocument>(path));
  const nested = (depth: number) => `{"type":"x","fields":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`;

  for (const [what, body, answer] of [
    ["half a JSON text", '{"type":', "400 MALFORMED_JSON"],
    ["no JSON", "type=x", "400 MALFORMED_JSON"],
    ["an empty body", "", "400 MALFORMED_JSON"],
    ["a member twice", '{"type":"x","type":"y","fields":{}}', "400 DUPLICATE_KEY"],
    ["a member twice, escaped differently", '{"type":"x","fields":{"a":1,"\\u0061":2}}', "400 DUPLICATE_KEY"],
    ["JSON that is too deep", nested(40), "400 TOO_DEEP"],
    ["JSON that is 100,000 levels deep", nested(100_000), "400 TOO_DEEP"],
    ["half a surrogate pair", '{"type":"x","fields":{"a":"\\ud800"}}', "400 MALFORMED_JSON"],
    ["a prototype", '{"type":"x","fields":{"__proto__":{"a":1}}}', "400 MALFORMED_JSON"],
    ["a code without quotes", '{"type":"x","fields":{"a":911101080000000012}}', "422 NUMBER_INEXACT"],
    ["an array", "[]", "400 INVALID_PARAMETER"],
    ["an unknown member", '{"type":"x","fields":{},"more":1}', "400 INVALID_PARAMETER"],
    ["no fields", '{"type":"x"}', "400 INVALID_PARAMETER"],
    ["more than a megabyte", `{"type":"${"x".repeat(1_100_000)}"}`, "413 TOO_LARGE"],
    ["an unknown type", '{"type":"enforcement.nothing/1","fields":{}}', "422 TYPE_UNKNOWN"],
    ["a type from the prototype", '{"type":"constructor","fields":{}}', "422 TYPE_UNKNOWN"],
  ] as const)
    it(`refuses ${what}`, async () => expect(await post(body)).to.equal(answer));

  it("refuses bytes that are no UTF-8", async () =>
    expect(await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).to.equal("400 NOT_UTF8"));
  it("refuses other content types", async () => {
    expect(await post("{}", { "content-type": "text/plain" })).to.equal("415 UNSUPPORTED_MEDIA_TYPE");
    expect(await post("a=1", { "content-type": "application/x-www-form-urlencoded" })).to.equal(
      "415 UNSUPPORTED_MEDIA_TYPE",
    );
    expect(await post("{}", { "content-type": "nonsense" })).to.equal("415 UNSUPPORTED_MEDIA_TYPE");
  });

  it("names the column, what is wrong, and what to do, in both languages", async () => {
    const { body } = await world.post<ProblemDocument>(
      "/api/v1/records",
      penalty("京市监罚〔2026〕1号", { 处罚决定日期: "2026/2/30", "罚款金额（万元）": "1,2345.1234567" }),
    );
    expect(body.code).to.equal("RECORD_INVALID");
    expect(body.problems!.map(({ column, code }) => `${column} ${code}`)).to.include("处罚决定日期 DATE_IMPOSSIBLE");
    for (const { zh, en, hint } of body.problems!)
      for (const text of [zh, en, hint.zh, hint.en]) expect(text).not.to.equal("");
  });

  it("refuses departments that are unknown or lack the capability", async () => {
    const unknown = {
      处罚机关统一社会信用代码: "12110000MB9D00076U",
      数据来源单位统一社会信用代码: "12110000MB9D00076U",
    };
    expect(await post(penalty("京市监罚〔2026〕1号", unknown))).to.equal("422 DEPARTMENT_UNKNOWN");
    const incapable = { 处罚机关统一社会信用代码: DISTRICT, 数据来源单位统一社会信用代码: DISTRICT };
    expect(await post(penalty("京市监罚〔2026〕1号", incapable))).to.equal("422 DEPARTMENT_NOT_CAPABLE");
    expect(await post({ ...serviceCase("办件2025-1"), department: DISTRICT })).to.equal("422 DEPARTMENT_NOT_CAPABLE");
  });

  it("refuses acts of tomorrow and records that cite themselves", async () => {
    expect(
      await post(penalty("京市监罚〔2098〕1号", { 处罚决定日期: "2098/01/01", 处罚有效期: "2099/01/01" })),
    ).to.equal("422 RECORD_INVALID");
    const selfish = inspection("检查2026-1");
    expect(
      await post({ ...selfish, fields: { ...selfish.fields, links: [{ rel: "basis", number: "检查2026-1" }] } }),
    ).to.equal("422 RECORD_INVALID");
  });

  it("refuses unknown addresses, ids and keys", async () => {
    expect(await get("/api/v1/nothing")).to.equal("404 NOT_FOUND");
    expect(await get("/api/v1/records/1")).to.equal("400 INVALID_PARAMETER");
    const nobody = "01a205d8-a291-7582-86c6-c691b482971a";
    expect(await get(`/api/v1/records/${nobody}`)).to.equal("404 RECORD_NOT_FOUND");
    expect(await get(`/api/v1/records/${nobody}/receipt`)).to.equal("404 RECORD_NOT_FOUND");
    expect(await get(`/api/v1/imports/${nobody}`)).to.equal("404 IMPORT_NOT_FOUND");
    expect(await get(`/api/v1/imports/${nobody}/errors`)).to.equal("404 IMPORT_NOT_FOUND");
    expect(await get(`/api/v1/imports/1/errors`)).to.equal("400 INVALID_PARAMETER");
    expect(await get(`/api/v1/integrity/runs/${nobody}`)).to.equal("404 RUN_NOT_FOUND");
    expect(await get("/api/v1/records/%zz")).to.equal("400 MALFORMED_REQUEST");
    expect(await get(`/api/v1/records/${"a".repeat(300)}`)).to.match(/^4/);
    expect(await post(penalty("京市监罚〔2026〕1号"), { "idempotency-key": "a b" })).to.equal(
      "400 IDEMPOTENCY_KEY_INVALID",
    );
  });

  it("refuses chain queries that are none of a verifier's business", async () => {
    const ask = (method: string, params: unknown[] = []) =>
      post({ jsonrpc: "2.0", id: 1, method, params }, undefined, "/api/v1/chain/rpc");
    expect(await ask("eth_sendRawTransaction", ["0x00"])).to.equal("403 RPC_METHOD_NOT_ALLOWED");
    expect(await ask("anvil_setBalance", [])).to.equal("403 RPC_METHOD_NOT_ALLOWED");
    expect(await ask("debug_traceCall", [])).to.equal("403 RPC_METHOD_NOT_ALLOWED");
    const stranger = { to: `0x${"11".repeat(20)}`, data: "0x" };
    expect(await ask("eth_call", [stranger, "latest"])).to.equal("403 RPC_METHOD_NOT_ALLOWED");
    const override = [
      { to: world.deployment.ledger, data: "0x" },
      "latest",
      { [world.deployment.ledger]: { code: "0x" } },
    ];
    expect(await ask("eth_call", override)).to.equal("403 RPC_METHOD_NOT_ALLOWED");
    expect(await ask("eth_getLogs", [{ fromBlock: "0x0" }])).to.equal("403 RPC_METHOD_NOT_ALLOWED");
    expect(await ask("eth_getLogs", [{ address: stranger.to }])).to.equal("403 RPC_METHOD_NOT_ALLOWED");
    expect(await ask("eth_call", [{ to: world.deployment.ledger, data: "0x12345678" }, "latest"])).to.equal(
      "422 RPC_REFUSED",
    );
  });

  it("verifies whatever it is given without failing", async () => {
    const verdict = async (body: unknown) => {
      const answer = await world.post<Verdict>("/api/v1/verify", body);
      expect(answer.status).to.equal(200);
      return `${answer.body.verdict} ${answer.body.steps[0]!.code}`;
    };
    expect(await verdict("not json")).to.equal("invalid MALFORMED");
    expect(await verdict("{}")).to.equal("invalid MALFORMED");
    expect(await verdict('{"format":"quanlian-receipt/99"}')).to.equal("undecided VERSION_UNKNOWN");
    expect(await verdict('{"format":"a","format":"quanlian-receipt/1"}')).to.equal("invalid MALFORMED");
  });

  it("never answers 5xx to any body on any POST route", async () => {
    const routes = [
      "/api/v1/records",
      "/api/v1/verify",
      "/api/v1/chain/rpc",
      "/api/v1/imports",
      "/api/v1/integrity/runs",
    ];
    const valid = JSON.stringify(penalty("京市监罚〔2026〕2号"));
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.jsonValue().map((fields) => JSON.stringify({ type: "enforcement.penalty/1", fields })),
      fc
        .tuple(fc.nat(valid.length), fc.string({ maxLength: 3 }))
        .map(([at, text]) => valid.slice(0, at) + text + valid.slice(at + 1)),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), body, async (route, text) => {
        const { status } = await world.post(route, text);
        expect(status).to.be.below(500);
      }),
      { numRuns: 300 },
    );
  });
});
