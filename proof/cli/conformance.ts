import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  batchDigest,
  bucketOf,
  entriesHash,
  foldHead,
  merkleRoot,
  merkleTree,
  readStatement,
  readTrustList,
  recordHash,
  thumbprint,
  verify,
  verifyStream,
  type Entry,
  type Hex,
  type Kind,
  type PublicJwk,
  type Subject,
  type Suite,
  type UnsignedBatch,
  type Json,
} from "@quanlian/proof";
import { qbftJudge, verifyFinalityProof, verifyValidatorChanges, type QbftTrust } from "@quanlian/proof/finality";
import { lines } from "./files.ts";
import { readRecordedChain, type RecordedChain } from "./recorded-chain.ts";

/** The conformance protocol of docs/format.md §12: a request, as one line of JSON. */
export interface Request {
  readonly id: string;
  readonly op: string;
  readonly [member: string]: unknown;
}

export type Answer = { readonly id: string } & Readonly<Record<string, unknown>>;

type Operation = (request: Request, suite: Suite, suites: readonly Suite[]) => object | Promise<object>;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  thumbprint: ({ key }, suite) => ({ thumbprint: thumbprint(key as PublicJwk, suite) }),
  recordHash: ({ statement }, suite) => ({ recordHash: recordHash(statement as string, suite) }),
  readStatement: ({ statement }, suite) => {
    const read = readStatement(statement as string, suite);
    if (!read.ok) return { ok: false, code: read.code, field: read.field ?? null };
    return { ok: true, recordHash: read.recordHash, fields: read.fields };
  },
  verifyStream: ({ publicKey, subject, kind, year, proof }) => ({
    streamKey: verifyStream(publicKey as Hex, subject as Subject, kind as Kind, year as number, proof as Hex),
  }),
  bucket: ({ streamKey, prefixBits }) => ({
    bucket: `0x${bucketOf(streamKey as Hex, prefixBits as number).toString(16)}`,
  }),
  head: ({ pairs, from }) => ({ head: foldHead(entriesOf(pairs), from as Hex) }),
  merkleTree: ({ recordHashes }) => {
    const { root, path } = merkleTree(recordHashes as Hex[]);
    return { root, paths: (recordHashes as Hex[]).map((_, i) => path(i)) };
  },
  merkleRoot: ({ recordHash: leaf, path }) => ({ root: merkleRoot(leaf as Hex, path as Hex[]) }),
  entriesHash: ({ pairs }) => ({ entriesHash: entriesHash(entriesOf(pairs)) }),
  batchDigest: (request) => ({ digest: batchDigest(request as unknown as UnsignedBatch) }),
  finalityProof: ({ proof, qbft, ledger }) => {
    const read = verifyFinalityProof(proof as Json, qbftJudge(qbft as QbftTrust), ledger as Hex);
    if (!read.ok) return { ok: false, code: read.code };
    const { number, hash, timestamp } = read.block;
    const accounts = [...read.accounts].map(([address, account]) => ({
      address,
      slots: account && [...account.slots].map(([slot, word]) => ({ slot, word })),
    }));
    return { ok: true, number, hash, time: timestamp, events: read.events, accounts };
  },
  validatorChanges: ({ headers, qbft }) => {
    const raw = (headers as Hex[]).map((header) => Buffer.from(header.slice(2), "hex"));
    const changes = verifyValidatorChanges(raw, qbft as QbftTrust);
    return changes.ok ? changes : { ok: false, code: changes.code };
  },
  verify: async ({ document, documentBase64, trust, chain, now }, _, suites) => {
    const reader = chain ? readRecordedChain(chain as RecordedChain) : undefined;
    const list = readTrustList(JSON.stringify(trust));
    if (!list.ok) throw new TypeError(`not a trust list: ${list.problem}`);
    const verdict = await verify((document as string | undefined) ?? Buffer.from(documentBase64 as string, "base64"), {
      trust: list.trustList,
      chain: () => reader,
      now: now as number,
      suites,
    });
    const first = (outcome: string) => verdict.steps.find((step) => step.outcome === outcome);
    const { step = null, code = "OK", field = null } = first("failed") ?? first("unknown") ?? {};
    return { verdict: verdict.verdict, step, code, field };
  },
};

function entriesOf(pairs: unknown): Entry[] {
  return (pairs as string[]).map((pair) => ({
    streamKey: pair.slice(0, 66) as Hex,
    recordHash: `0x${pair.slice(66)}`,
  }));
}

/** This project's own answer to a request. */
export async function answer(request: Request, suites: readonly Suite[]): Promise<Answer> {
  const suite = suites.find(({ name }) => name === (request.suite ?? "ES256-SHA256-KECCAK"));
  if (!Object.hasOwn(OPERATIONS, request.op) || !suite) return { id: request.id, unsupported: true };
  return { id: request.id, ...(await OPERATIONS[request.op]!(request, suite, suites)) };
}

/** One file of `test/vectors`. */
interface VectorFile {
  readonly about: string;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly cases: readonly {
    readonly id: string;
    readonly note: string;
    readonly op: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly expected: Readonly<Record<string, unknown>>;
  }[];
}

export interface Case {
  readonly request: Request;
  readonly note: string;
  readonly expected: Readonly<Record<string, unknown>>;
}

/** All cases of a directory of vector files, in the order of file names. */
export async function readCases(directory: string): Promise<Case[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".json")).sort();
  const files = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(directory, name), "utf8")) as VectorFile),
  );
  return files.flatMap(({ defaults, cases }) =>
    cases.map(({ id, op, note, input, expected }) => ({ request: { id, op, ...defaults, ...input }, note, expected })),
  );
}

export interface Outcome {
  readonly case: Case;
  readonly answer: Answer | undefined;
  readonly agrees: boolean;
  readonly unsupported: boolean;
}

/** Compares answers with what the vectors expect: every expected member must be there and equal. */
export function judge(cases: readonly Case[], answers: ReadonlyMap<string, Answer>): Outcome[] {
  return cases.map((testCase) => {
    const given = answers.get(testCase.request.id);
    const agrees = Object.entries(testCase.expected).every(([name, value]) => isSame(given?.[name], value));
    return { case: testCase, answer: given, agrees, unsupported: given?.unsupported === true };
  });
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const names = Object.keys(a);
  if (Array.isArray(a) !== Array.isArray(b) || names.length !== Object.keys(b).length) return false;
  return names.every((name) => isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]));
}

/** Puts all cases to another verifier, started as a shell command that speaks the protocol. */
export async function askCommand(command: string, cases: readonly Case[]): Promise<Map<string, Answer>> {
  const child = spawn(command, { shell: true, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => {}); // a verifier that ends early leaves cases unanswered, which is told
  for (const { request } of cases) child.stdin.write(`${JSON.stringify(request)}\n`);
  child.stdin.end();
  const answers = new Map<string, Answer>();
  for await (const line of lines(child.stdout)) {
    const given = parseAnswer(Buffer.from(line).toString());
    if (given) answers.set(given.id, given);
  }
  return answers;
}

function parseAnswer(line: string): Answer | null {
  try {
    const value = JSON.parse(line) as Answer | null;
    return typeof value === "object" && typeof value?.id === "string" ? value : null;
  } catch {
    return null;
  }
}

/** Puts all cases to this project's own verifier. */
export async function askOurselves(cases: readonly Case[], suites: readonly Suite[]): Promise<Map<string, Answer>> {
  const answers = await Promise.all(cases.map(({ request }) => answer(request, suites)));
  return new Map(answers.map((given) => [given.id, given]));
}
