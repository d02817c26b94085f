import { expect } from "chai";
import { type Api, countingSql, fuzzHttp, type Request, WRITTEN_TABLES } from "../../scripts/fuzz/http-fuzz.ts";
import { type Asker, CLIENTS, startWorld, type World } from "./harness.ts";
import { inspection, licence, penalty, serviceCase } from "./records.ts";

const UNLIMITED = { RATE_PUBLIC: "0", RATE_LOGIN: "0", RATE_SUBMIT: "0", RATE_IMPORT: "0", RATE_READ: "0" };

describe("mutated bodies on every POST and PUT route, as every role", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => (world = await startWorld(UNLIMITED, false)));
  after(() => world.stop());

  it("get described refusals with known codes, and leave nothing behind", async () => {
    const api = (await world.get<Api>("/api/openapi.json")).body;
    const bodies = {
      "POST /api/v1/records": [
        penalty("京市监罚〔2026〕1号"),
        inspection("检1"),
        licence("京许1号"),
        serviceCase("办1"),
      ],
    };
    const target = {
      send: async (role: string, { method, path, headers, body }: Request) => {
        const asker = world.as(role === "public" ? null : (role as Asker));
        const bytes = Buffer.from(body);
        const answer = await (method === "POST" ? asker.post(path, bytes, headers) : asker.send("PUT", path, bytes));
        return {
          status: answer.status,
          type: String(answer.headers["content-type"]),
          text: JSON.stringify(answer.body),
        };
      },
      counts: async () => {
        const rows = await world.sql<{ table: string; rows: number }>(countingSql(WRITTEN_TABLES));
        return Object.fromEntries(rows.map((row) => [row.table, row.rows]));
      },
    };
    const roles = ["public", ...Object.keys(CLIENTS)];
    const report = await fuzzHttp(api, target, { requests: 1_500, seed: 20_261_128, roles, bodies });
    expect(report.faults).to.deep.equal([]);
    expect(Object.keys(report.answers)).to.include.members(["200", "202", "400", "401", "403", "404", "415", "422"]);
  });
});
