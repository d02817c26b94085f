// `npm run fuzz:http -- --requests N --seed S [--role R]`: mutated bodies over all POST and PUT routes, as each role or
// one, on a throw-away platform. Exit code 1: something was answered or left behind that must not be.
import { parseArgs } from "node:util";
import pg from "pg";
import { type Api, countingSql, fuzzHttp, WRITTEN_TABLES } from "./fuzz/http-fuzz.ts";
import { type DemoRole, DemoTokens } from "./identity/demo-clients.ts";
import { withThrowAwayPlatform } from "./launcher/throw-away.ts";

const ROLES = [
  ...["public", "department-officer", "department-reviewer", "department-system"],
  ...["regulator", "enterprise", "auditor", "operator"],
];
const { values } = parseArgs({
  options: { requests: { type: "string" }, seed: { type: "string" }, role: { type: "string" } },
});
const requests = Number(values.requests ?? 10_000);
const seed = Number(values.seed ?? 1);
const roles = values.role === undefined ? ROLES : [values.role];

// Nothing else may write rows meanwhile, and one address asks as everybody.
for (const name of ["PUBLIC", "LOGIN", "SUBMIT", "IMPORT", "READ", "EXPORT"]) process.env[`RATE_${name}`] = "0";
process.env["ROLE"] = "api";

await withThrowAwayPlatform(console.log, async ({ url, folder, database }) => {
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  const tokens = new DemoTokens(folder);
  const api = (await (await fetch(`${url}/api/openapi.json`)).json()) as Api;
  const began = Date.now();
  const report = await fuzzHttp(
    api,
    {
      send: async (role, { method, path, headers, body }) => {
        const authorization: Record<string, string> =
          role === "public" ? {} : { authorization: `Bearer ${await tokens.ofRole(role as DemoRole)}` };
        const init = {
          method,
          headers: { ...headers, ...authorization },
          body: new Blob([new Uint8Array(Buffer.from(body))]),
        };
        const answer = await fetch(`${url}${path}`, init);
        return { status: answer.status, type: answer.headers.get("content-type") ?? "", text: await answer.text() };
      },
      counts: async () => {
        const { rows } = await sql.query<{ table: string; rows: number }>(countingSql(WRITTEN_TABLES));
        return Object.fromEntries(rows.map((row) => [row.table, row.rows]));
      },
    },
    { requests, seed, roles, bodies: {} },
  );
  await sql.end();
  for (const fault of report.faults) console.log(`FAULT ${fault}`);
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log(JSON.stringify({ ...report, faults: report.faults.length, seed, roles, seconds }));
  process.exitCode = report.faults.length === 0 ? 0 : 1;
});
