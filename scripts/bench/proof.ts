// What proofs cost, on one core, beside the bare primitives and @openzeppelin/merkle-tree: npm run bench -- proof [--json]
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes, sign, verify as verifySignature } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { keccak256 } from "ethers";
import { createKeccak } from "hash-wasm";
import {
  buildCertificate,
  issueStatement,
  merkleTree,
  proveStream,
  streamKey,
  verify,
  verifyStream,
  vrfPublicKey,
  type Hex,
  type Signer,
  type StatementDraft,
} from "@quanlian/proof";
import { libsodium } from "../../backend/src/subjects/libsodium.ts";
import { nodeEs256 } from "../../proof/cli/node-es256.ts";
import { readRecordedChain } from "../../proof/cli/recorded-chain.ts";
import { ENTERPRISE, MUNICIPAL, World } from "../../proof/testing/world.ts";

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What the project set itself, as `≥ n` or `≤ n`; null: for comparison only. */
  readonly goal: string | null;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const requireAs = (workspace: string) => createRequire(join(root, workspace, "package.json"));

/** CPU time, so that a busy machine changes little; the first tenth of the rounds warms up. */
async function perSecond(rounds: number, work: (round: number) => unknown): Promise<number> {
  for (let i = 0; i < rounds / 10; i++) await work(i);
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i++) {
    const pending = work(i);
    if (pending instanceof Promise) await pending;
  }
  const { user, system } = process.cpuUsage(before);
  return Math.round((rounds * 1e6) / (user + system));
}

async function seconds(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export function signer(): Signer & { readonly raw: (message: Uint8Array) => boolean } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const secret = { key: privateKey, dsaEncoding: "ieee-p1363" as const };
  const signature = sign("sha256", Buffer.alloc(900), secret);
  return {
    publicJwk: { kty: "EC", crv: "P-256", x: x!, y: y! },
    suite: nodeEs256,
    sign: (message) => sign("sha256", message, secret),
    raw: (message) => verifySignature("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature),
  };
}

/** A penalty as departments write it: 27 fields, 20 of them filled. */
export function draft(): StatementDraft {
  const filled = Array.from({ length: 18 }, (_, i) => [`field${i}`, `北京市示例区市场监督管理局第${i}项`] as const);
  const fields = { subject: { ...ENTERPRISE }, eventTime: "2026-03-02", ...Object.fromEntries(filled) };
  const fieldNames = [...Object.keys(fields), ...Array.from({ length: 7 }, (_, i) => `absent${i}`)];
  return {
    type: "enforcement.penalty/1",
    department: MUNICIPAL,
    signedAt: 1_790_000_000,
    year: 2026,
    fields,
    fieldNames,
  };
}

async function statements(): Promise<Row[]> {
  const by = signer();
  const of = draft();
  const message = Buffer.alloc(900);
  return [
    {
      what: "issue statements (27 fields)",
      value: await perSecond(5000, () => issueStatement(of, by, randomBytes)),
      unit: "/s",
      goal: "≥ 5000",
    },
    { what: "  raw ES256 signature", value: await perSecond(5000, () => by.sign(message)), unit: "/s", goal: null },
    { what: "  raw ES256 verification", value: await perSecond(5000, () => by.raw(message)), unit: "/s", goal: null },
  ];
}

async function receipts(): Promise<Row[]> {
  const world = new World("bench");
  const department = world.addDepartment(MUNICIPAL, [4], signer());
  const records = Array.from({ length: 1000 }, () => world.issue(department));
  world.anchor(records, 4);
  const texts = records.slice(0, 100).map((record) => JSON.stringify(world.receipt(record)));
  const chain = () => readRecordedChain(recorded);
  const recorded = world.recorded();
  const options = { trust: world.trust, now: world.now, suites: [nodeEs256] };
  const offline = (round: number) => verify(texts[round % texts.length]!, options);
  const online = (round: number) => verify(texts[round % texts.length]!, { ...options, chain });
  const webCrypto = (round: number) => verify(texts[round % texts.length]!, { ...options, suites: undefined });
  return [
    {
      what: "verify receipts offline (batch of 1,000)",
      value: await perSecond(5000, offline),
      unit: "/s",
      goal: "≥ 3000",
    },
    { what: "  against a recorded chain", value: await perSecond(5000, online), unit: "/s", goal: null },
    { what: "  offline, WebCrypto as in a browser", value: await perSecond(3000, webCrypto), unit: "/s", goal: null },
  ];
}

async function streams(): Promise<Row[]> {
  const secretKey = randomBytes(32);
  const publicKey = vrfPublicKey(secretKey);
  const { proof } = proveStream(secretKey, ENTERPRISE, 4, 2026);
  const year = (round: number) => 1900 + (round % 1000);
  return [
    {
      what: "derive stream keys (libsodium)",
      value: await perSecond(3000, (i) => streamKey(secretKey, ENTERPRISE, 4, year(i), libsodium)),
      unit: "/s",
      goal: "≥ 1500",
    },
    {
      what: "  in pure JavaScript",
      value: await perSecond(500, (i) => streamKey(secretKey, ENTERPRISE, 4, year(i))),
      unit: "/s",
      goal: null,
    },
    {
      what: "prove streams",
      value: await perSecond(300, (i) => proveStream(secretKey, ENTERPRISE, 4, year(i))),
      unit: "/s",
      goal: null,
    },
    {
      what: "verify stream proofs",
      value: await perSecond(300, () => verifyStream(publicKey, ENTERPRISE, 4, 2026, proof)),
      unit: "/s",
      goal: null,
    },
  ];
}

async function trees(): Promise<Row[]> {
  const million = Array.from({ length: 1_000_000 }, (): Hex => `0x${randomBytes(32).toString("hex")}`);
  const some = million.slice(0, 100_000);
  const wasm = await createKeccak(256);
  const keccak = (bytes: Uint8Array) => wasm.init().update(bytes).digest("binary");
  const ours = merkleTree(some).root;
  let theirs = "";
  const openZeppelin = await seconds(() => {
    theirs = SimpleMerkleTree.of(
      some.map((recordHash) => keccak256(recordHash)),
      { sortLeaves: false },
    ).root;
  });
  if (ours !== theirs) throw new Error("the roots differ");
  return [
    {
      what: "tree of 1,000,000 (hash-wasm's keccak)",
      value: await seconds(() => merkleTree(million, keccak)),
      unit: "s",
      goal: "≤ 5",
    },
    { what: "  with the built-in keccak", value: await seconds(() => merkleTree(million)), unit: "s", goal: null },
    { what: "tree of 100,000, same root as:", value: await seconds(() => merkleTree(some)), unit: "s", goal: null },
    { what: "  @openzeppelin/merkle-tree", value: openZeppelin, unit: "s", goal: null },
    {
      what: "  raw keccak of 64 bytes (hash-wasm)",
      value: await perSecond(100_000, () => keccak(new Uint8Array(64))),
      unit: "/s",
      goal: null,
    },
  ];
}

async function certificates(): Promise<Row[]> {
  const world = new World("bench", { prefixBits: 0 });
  const department = world.addDepartment(MUNICIPAL, [4], signer());
  const records = Array.from({ length: 1000 }, () => world.issue(department));
  for (let i = 0; i < records.length; i += 500) world.anchor(records.slice(i, i + 500), 4);
  const certificate = await buildCertificate(
    {
      purpose: "history",
      subject: ENTERPRISE,
      kinds: [4],
      scope: null,
      period: { from: "2026-01-01", to: "2026-06-30" },
      issuedAt: world.now,
    },
    [world.source(records.map((record) => world.batched(record)))],
  );
  const text = JSON.stringify(certificate);
  const recorded = world.recorded();
  const check = async () => {
    const chain = () => readRecordedChain(recorded);
    const { verdict } = await verify(text, { trust: world.trust, chain, now: world.now, suites: [nodeEs256] });
    if (verdict !== "valid") throw new Error(`the certificate is ${verdict}`);
  };
  await check();
  return [{ what: "verify a certificate of 1,000 records", value: await seconds(check), unit: "s", goal: "≤ 0.5" }];
}

interface Bundler {
  readonly build: (options: object) => Promise<{ outputFiles: readonly { readonly contents: Uint8Array }[] }>;
}

async function bundles(): Promise<Row[]> {
  const { build } = requireAs("proof")("esbuild") as Bundler;
  const size = async (entry: string) => {
    const options = { bundle: true, minify: true, format: "esm", platform: "browser", write: false } as const;
    const { outputFiles } = await build({ ...options, stdin: { contents: entry, resolveDir: root } });
    return Math.round(gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 102.4) / 10;
  };
  return [
    {
      what: "browser bundle: verify and describe",
      value: await size('export { verify, rpcChain, readTrustList, describeVerdict } from "@quanlian/proof"'),
      unit: "kB gzip",
      goal: "≤ 70",
    },
    { what: "  everything", value: await size('export * from "@quanlian/proof"'), unit: "kB gzip", goal: null },
    {
      what: "  the suite SM2-SM3, loaded apart",
      value: await size('export * from "@quanlian/proof/sm2"'),
      unit: "kB gzip",
      goal: null,
    },
  ];
}

async function commandLine(): Promise<Row[]> {
  const world = new World("bench");
  const record = world.issue(world.addDepartment(MUNICIPAL, [4]));
  world.anchor([record], 4);
  const folder = mkdtempSync(join(tmpdir(), "quanlian-bench-"));
  const file = join(folder, "receipt.json");
  writeFileSync(file, JSON.stringify(world.receipt(record)));
  const bin = join(root, "proof/bin/quanlian.mjs");
  const times = Array.from({ length: 7 }, () => {
    const started = performance.now();
    try {
      execFileSync(process.execPath, [bin, "verify", file, "--offline"], { stdio: "ignore" });
    } catch {
      // exit code 2: offline
    }
    return (performance.now() - started) / 1000;
  });
  rmSync(folder, { recursive: true });
  return [{ what: "command line, start to verdict", value: Math.min(...times), unit: "s", goal: "≤ 0.4" }];
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: "boolean" } } });
  const rows: Row[] = [];
  for (const part of [statements, receipts, streams, trees, certificates, bundles, commandLine])
    rows.push(...(await part()));
  if (values.json) console.log(JSON.stringify({ rows }));
  else for (const { what, value, unit, goal } of rows) console.log(line(what, value, unit, goal));
}

function line(what: string, value: number, unit: string, goal: string | null): string {
  const shown = value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
  return `${what.padEnd(44)}${shown.padStart(12)} ${unit.padEnd(8)}${goal === null ? "" : `  goal ${goal}`}`;
}
