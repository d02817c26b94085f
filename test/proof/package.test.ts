import { expect } from "chai";
import { execFile } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MUNICIPAL, World } from "../../proof/testing/world.ts";

const run = promisify(execFile);
const proof = fileURLToPath(new URL("../../proof", import.meta.url));
const bin = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));
const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}`, npm_config_update_notifier: "false" };

const world = new World("package");
const record = world.issue(world.addDepartment(MUNICIPAL, [4]));
world.anchor([record], 4);

const CONSUMER = `
import { readTrustList, verify, describeVerdict, type Verdict } from "@quanlian/proof";
import { sm2Sm3 } from "@quanlian/proof/sm2";
import { claimLabels } from "@quanlian/proof/labels";
import receipt from "./receipt.json" with { type: "json" };
import trust from "./trust.json" with { type: "json" };
const list = readTrustList(JSON.stringify(trust));
if (!list.ok) throw new Error(list.problem);
const verdict: Verdict = await verify(JSON.stringify(receipt), { trust: list.trustList, now: ${world.now}, suites: [sm2Sm3] });
const offline: Verdict = await verify(JSON.stringify(receipt), { trust: list.trustList, now: ${world.now} });
console.log(verdict.verdict, offline.verdict, describeVerdict(offline, "en", claimLabels).headline);
`;

/** As strict as a consumer can be: the package's own declarations are checked as well. */
const COMPILER_OPTIONS = {
  module: "nodenext",
  target: "es2023",
  lib: ["es2023", "dom"],
  types: [],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
  resolveJsonModule: true,
};

describe("the package", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "quanlian-package-"));
    await writeFile(at("package.json"), '{"name":"consumer","private":true,"type":"module"}');
    await writeFile(at("consumer.ts"), CONSUMER);
    await writeFile(at("tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: ["consumer.ts"] }));
    await writeFile(at("receipt.json"), JSON.stringify(world.receipt(record)));
    await writeFile(at("trust.json"), JSON.stringify(world.trust));
  });

  after(() => rm(folder, { recursive: true }));

  it("has the shape that publishers' tools demand", async () => {
    await run("publint", [proof, "--strict"], { env: environment });
    await run("attw", ["--pack", proof, "--profile", "esm-only"], { env: environment });
  });

  it("installs from its tarball into an empty project, runs and type-checks there", async function () {
    this.timeout(180_000);
    await run("npm", ["pack", proof, "--pack-destination", folder, "--silent"], { cwd: folder, env: environment });
    const install = [
      "install",
      "./quanlian-proof-0.1.0.tgz",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
    ];
    await run("npm", install, { cwd: folder, env: environment });
    await run("tsc", ["--project", folder], { cwd: folder, env: environment });
    const { stdout } = await run("node", [at("consumer.ts")], { cwd: folder, env: environment });
    expect(stdout).to.equal("undecided undecided The record is intact; whether it is on the chain was not asked.\n");
    const help = await run("npx", ["--no-install", "quanlian", "help"], { cwd: folder, env: environment });
    expect(help.stdout).to.contain("quanlian verify FILE…");
  });

  it("becomes one file that needs nothing beside it", async () => {
    await run("npm", ["run", "bundle", "--silent"], { cwd: proof, env: environment });
    const alone = at("quanlian.mjs");
    await writeFile(alone, await readFile(join(proof, "dist/quanlian.mjs")));
    const verified = await run(
      "node",
      [alone, "verify", at("receipt.json"), "--trust", at("trust.json"), "--offline", "--json"],
      { cwd: "/" },
    ).catch((error: unknown) => error as { code: number; stdout: string });
    expect(verified).to.include({ code: 2 });
    expect(JSON.parse(verified.stdout)).to.include({ verdict: "undecided", format: "quanlian-receipt/1" });
  });

  it("says what to do when it is not built", async () => {
    await writeFile(at("quanlian-shim.mjs"), await readFile(join(proof, "bin/quanlian.mjs")));
    await access(at("quanlian-shim.mjs"));
    const failure = await run("node", [at("quanlian-shim.mjs")]).catch(
      (error: unknown) => error as { code: number; stderr: string },
    );
    expect(failure).to.include({ code: 64 });
    expect(failure.stderr).to.contain("run `npm run build` first");
  });
});
