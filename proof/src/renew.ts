import { fromBase64url, fromHex, toHex } from "./bytes.ts";
import { certificateShape, type Certificate, type CertificateChain } from "./certificate.ts";
import type { Code } from "./codes.ts";
import type { Wanted } from "./finality/ask-node.ts";
import type { FinalityProof } from "./finality/finality-proof.ts";
import { readQbftHeader } from "./finality/qbft.ts";
import { partQuestions, renewalQuestions, type PartQuestions } from "./finality/questions.ts";
import { readJson, type Json } from "./json.ts";
import { receiptShape, type Receipt } from "./receipt.ts";
import type { BatchedStatement } from "./record.ts";
import type { Shape } from "./shape.ts";
import { readStatement } from "./statement.ts";
import { verifyStream } from "./stream.ts";
import { es256, type Suite } from "./suite.ts";
import { trustedChainOf, vrfKeyOf, type SealedChain, type TrustList } from "./trust.ts";
import { failed, unknown, type Step, type Verdict } from "./verdict.ts";
import { verify, type VerifyOptions } from "./verify.ts";
import type { Subject } from "./words.ts";

/** A paper that can be renewed. */
type Paper = Receipt | Certificate;

/** Proves something of the newest final block of a chain, or gives null where it has no node of that chain to ask. */
export type ProveState = (chain: SealedChain, wanted: Omit<Wanted, "transactions">) => Promise<FinalityProof | null>;

/** A paper with a proof of today and what it now proves, or the step that stands against it. */
export type Renewal =
  | { readonly ok: true; readonly paper: Paper; readonly verdict: Verdict }
  | { readonly ok: false; readonly because: "not-genuine" | "not-sealed" | "outdated"; readonly step: Step };

const SHAPES: ReadonlyMap<Json | undefined, Shape> = new Map([
  ["quanlian-receipt/1", receiptShape],
  ["quanlian-certificate/1", certificateShape],
]);

/** What a renewed receipt may well show: what has become of it since. */
const NEWS: ReadonlySet<Code> = new Set(["SUPERSEDED", "KEY_NOT_AUTHORISED"]);
/** Steps that no paper without a proof can take by itself. */
const WITHOUT_PROOF: ReadonlySet<Code> = new Set(["CHAIN_NOT_CONSULTED", "NOT_CHECKED"]);

/**
 * Gives an old receipt or certificate a finality proof of the newest final block, made under the validators of today. A receipt
 * stays what it is and shows, beside, what became of its record and key. A certificate speaks as of the new block, which is
 * possible only while nothing was added to its buckets and nothing happened to its records: else it is outdated, and a new one is
 * needed. Nothing is disclosed that the paper does not hold.
 * @throws whatever `prove` throws
 */
export async function renewPaper(
  document: string | Uint8Array,
  options: Omit<VerifyOptions, "chain">,
  prove: ProveState,
): Promise<Renewal> {
  const paper = readPaper(document);
  if (!("format" in paper)) return { ok: false, because: "not-genuine", step: paper };
  const obstacle = await flawOf(paper, options);
  if (obstacle) return { ok: false, because: "not-genuine", step: obstacle };
  const { trust, suites = [es256] } = options;
  const suite = suites.find(({ name }) => name === paper.suite)!;
  const renewed = await withProof(paper, suite, trust, prove);
  if (!renewed) return { ok: false, because: "not-sealed", step: unknown("finality", "CHAIN_NOT_CONSULTED") };
  const verdict = await verify(JSON.stringify(renewed), options);
  const problem = verdict.steps.find((step) => step.outcome !== "passed" && !isNews(renewed, step));
  if (!problem) return { ok: true, paper: renewed, verdict };
  return { ok: false, because: isReceipt(paper) ? "not-genuine" : "outdated", step: problem };
}

function isReceipt(paper: Paper): paper is Receipt {
  return paper.format === "quanlian-receipt/1";
}

function readPaper(document: string | Uint8Array): Paper | Step {
  const read = readJson(document);
  if (!read.ok) return failed("document", "MALFORMED", { problem: read.problem, position: read.position });
  const format = (read.value as { readonly format?: Json } | null)?.format;
  const shape = SHAPES.get(format);
  if (!shape) return unknown("document", "VERSION_UNKNOWN");
  const problem = shape(read.value, "");
  return problem === null
    ? (read.value as unknown as Paper)
    : failed("document", "MALFORMED", { problem: "shape" }, problem);
}

/** What is wrong with a paper before any chain is asked, or undefined: no node shall work for a forger. */
async function flawOf(paper: Paper, options: Omit<VerifyOptions, "chain">): Promise<Step | undefined> {
  const bare = isReceipt(paper)
    ? { ...paper, finality: null }
    : { ...paper, chains: paper.chains.map((part) => ({ ...part, finality: null })) };
  const { steps } = await verify(JSON.stringify(bare), options);
  return (
    steps.find(({ outcome }) => outcome === "failed") ??
    steps.find(({ outcome, code }) => outcome === "unknown" && !WITHOUT_PROOF.has(code))
  );
}

/** A retired ledger's heir may know more of a record than the ledger itself: the batch is proven all the same. */
function isNews(paper: Paper, { step, outcome, code }: Step): boolean {
  if (!isReceipt(paper)) return false;
  return outcome === "failed" ? NEWS.has(code) : step === "supersession";
}

/** The paper with its new proofs; null where one cannot be had. */
async function withProof(paper: Paper, suite: Suite, trust: TrustList, prove: ProveState): Promise<Paper | null> {
  if (isReceipt(paper)) {
    const chain = sealedChain(trust, paper.anchor);
    const record = questionOf(paper, suite);
    const finality =
      chain &&
      (await prove(
        chain,
        wantedOf([record], (lengths) => renewalQuestions(chain, record, lengths)),
      ));
    return finality && { ...paper, finality };
  }
  const parts: CertificateChain[] = [];
  for (const part of paper.chains) {
    const chain = sealedChain(trust, part);
    const renewed = chain && (await renewPart(paper.subject, part, suite, chain, prove));
    if (!renewed) return null;
    parts.push(renewed);
  }
  return { ...paper, chains: parts };
}

function sealedChain(trust: TrustList, named: Parameters<typeof trustedChainOf>[1]): SealedChain | null {
  const chain = trustedChainOf(trust, named);
  return chain?.qbft ? (chain as SealedChain) : null;
}

function wantedOf(records: PartQuestions["records"], questions: Wanted["questions"]): Omit<Wanted, "transactions"> {
  return { departments: records.map(({ department }) => department), questions };
}

async function renewPart(
  subject: Subject,
  part: CertificateChain,
  suite: Suite,
  chain: SealedChain,
  prove: ProveState,
): Promise<CertificateChain | null> {
  const streams = part.streams.map(({ kind, year, proof }) => {
    return { kind, year, streamKey: verifyStream(vrfKeyOf(chain, year)!, subject, kind, year, proof)! };
  });
  const records = part.records.map((record) => questionOf(record, suite));
  const { prefixBits } = chain;
  const asked = wantedOf(records, (lengths) => partQuestions(chain, { streams, records, prefixBits }, lengths));
  const finality = await prove(chain, asked);
  return finality && { ...part, ...blockOf(finality), finality };
}

/** What of the ledger's state concerns a record; its statement has been checked. */
function questionOf(
  { statement, batch: { department, sequence } }: BatchedStatement,
  suite: Suite,
): PartQuestions["records"][number] {
  const read = readStatement(statement, suite);
  if (!read.ok) throw new Error(`a statement that was checked cannot be read: ${read.code}`);
  return { department, sequence, recordHash: read.recordHash, thumbprint: toHex(fromBase64url(read.header.kid)!) };
}

function blockOf({ header }: FinalityProof): Pick<CertificateChain, "blockNumber" | "blockHash" | "blockTime"> {
  const read = readQbftHeader(fromHex(header));
  if ("code" in read) throw new Error(`a proof's header cannot be read: ${read.code}`);
  return { blockNumber: read.header.number, blockHash: read.hash, blockTime: read.header.timestamp };
}
