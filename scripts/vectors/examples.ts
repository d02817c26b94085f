import {
  batchDigest,
  bucketOf,
  buildCertificate,
  CODES,
  entriesHash,
  foldHead,
  merkleTree,
  proveStream,
  readStatement,
  vrfPublicKey,
  type Json,
} from "@quanlian/proof";
import { keccak256 } from "ethers";
import { ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, seededBytes, World } from "../../proof/testing/world.ts";

const world = new World("format", { prefixBits: 0 });
const department = world.addDepartment(MUNICIPAL, [4]);
const penalty = world.issue(department, { number: "京示罚〔2026〕1号", fields: { amountFen: 5_000_000 } });
const neighbour = world.issue(department, { subject: OTHER_ENTERPRISE });
const third = world.issue(department, { subject: OTHER_ENTERPRISE });
world.anchor([penalty, neighbour, third], 4);
const receipt = world.receipt(penalty, ["number", "amountFen"]);
const read = readStatement(receipt.statement);
if (!read.ok) throw new Error(read.problem);

function json(value: Json): string {
  return `\`\`\`json\n${pretty(value, "")}\n\`\`\``;
}

/** JSON with what fits on a line on one line. */
function pretty(value: Json, indent: string): string {
  const short = JSON.stringify(value);
  if (short.length <= 110 || typeof value !== "object" || value === null) return short;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((part) => pretty(part, inner))
    : Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${pretty(part, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

function lines(rows: readonly (readonly [string, unknown])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return ["```", ...rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`), "```"].join("\n");
}

function decoded(part: string): string {
  return Buffer.from(part, "base64url").toString();
}

function statement(): string {
  const [header, payload, signature] = read.ok ? read.issuerJwt.split(".") : [];
  const rows: [string, string][] = [
    ["statement", receipt.statement],
    ["header", decoded(header!)],
    ["payload", decoded(payload!)],
    ["signature r ‖ s", Buffer.from(signature!, "base64url").toString("hex")],
    ["statement key", JSON.stringify(department.signer.publicJwk)],
    ...(read.ok ? read.disclosures : []).flatMap(({ text, digest }): [string, string][] => [
      ["disclosure", decoded(text)],
      ["  its digest", digest],
    ]),
    ["record hash", penalty.recordHash],
  ];
  return `A penalty with ${read.ok ? read.payload._sd.length : 0} digests, two fields disclosed:\n${lines(rows)}`;
}

function stream(): string {
  const secretKey = seededBytes("format/vrf")(32);
  const { streamKey, proof } = proveStream(secretKey, ENTERPRISE, 4, 2026);
  const alpha = Buffer.concat([
    Buffer.from("quanlian/stream/1"),
    Buffer.from([1, 18]),
    Buffer.from(ENTERPRISE.id),
    Buffer.from([4, 2026 >> 8, 2026 & 255]),
  ]);
  return lines([
    ["secret key", Buffer.from(secretKey).toString("hex")],
    ["public key", vrfPublicKey(secretKey)],
    ["subject, kind, year", `${JSON.stringify(ENTERPRISE)}, 4, 2026`],
    ["alpha", alpha.toString("hex")],
    ["proof pi", proof],
    ["stream key", streamKey],
    ["bucket, 16 bits", `0x${bucketOf(streamKey, 16).toString(16)}`],
  ]);
}

const secretKey = seededBytes("format/vrf")(32);
const entries = [penalty, neighbour, third].map(({ subject, recordHash }) => ({
  streamKey: proveStream(secretKey, subject, 4, 2026).streamKey,
  recordHash,
}));

function head(): string {
  return lines([
    ["head before", foldHead([])],
    ...entries.flatMap(({ streamKey, recordHash }, i): [string, string][] => [
      ["stream key", streamKey],
      ["record hash", recordHash],
      ["head", foldHead(entries.slice(0, i + 1))],
    ]),
  ]);
}

function batch(): string {
  const { root, path } = merkleTree(entries.map(({ recordHash }) => recordHash));
  const { chainId, ledger } = world.trusted;
  const unsigned = { chainId, ledger, department: MUNICIPAL, kind: 4, year: 2026, sequence: 1 } as const;
  const [log] = world.recorded().transactions[0]!.logs;
  return lines([
    ...entries.map(({ recordHash }, i): [string, string] => [`leaf ${i} = node ${4 - i}`, keccak256(recordHash)]),
    ["node 1", merkleTree([entries[1]!.recordHash, entries[0]!.recordHash]).root],
    ["root = node 0", root],
    ...entries.map((_, i): [string, string] => [`path ${i}`, path(i).join(" ")]),
    ["entriesHash", entriesHash(entries)],
    ["EIP-712 digest", batchDigest({ ...unsigned, entriesHash: entriesHash(entries) })],
    ["event topics", log!.topics.join(" ")],
    ["event data", log!.data],
  ]);
}

function codes(): string {
  const rows = Object.entries(CODES).map(([code, { zh, en }]) =>
    [`\`${code}\``, zh.meaning, en.meaning, zh.advice, en.advice].join(" | "),
  );
  return [
    "| code | 含义 | meaning | 怎么办 | what to do |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** The generated blocks of docs/format.md, by the name in their markers. */
export async function examples(): Promise<Record<string, string>> {
  const certificate = await buildCertificate(
    {
      purpose: "history",
      subject: ENTERPRISE,
      kinds: [4],
      scope: null,
      period: { from: "2026-01-01", to: "2026-09-20" },
      issuedAt: world.now,
    },
    [world.source([])],
  );
  return {
    statement: statement(),
    stream: stream(),
    head: head(),
    batch: batch(),
    receipt: json(receipt as unknown as Json),
    certificate: json(certificate as unknown as Json),
    trust: json(world.trust as unknown as Json),
    codes: codes(),
  };
}

const MARKED = /(<!-- example: ([a-z]+) -->\n)[^]*?(<!-- end -->)/g;

/** The page with every marked block made anew. */
export function withExamples(page: string, blocks: Readonly<Record<string, string>>): string {
  return page.replace(MARKED, (_, start: string, name: string, end: string) => {
    const block = blocks[name];
    if (block === undefined) throw new Error(`no example named ${name}`);
    return `${start}${block}\n${end}`;
  });
}
