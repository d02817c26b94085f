import { asking, batchProblem, checkBlock, checkTrust } from "./anchor.ts";
import type { Hex } from "./bytes.ts";
import {
  entryOf,
  streamsNeeded,
  type Certificate,
  type CertificateChain,
  type CertificateStream,
} from "./certificate.ts";
import { StateUnavailable, type ChainReader, type Supersession } from "./chain.ts";
import type { Code } from "./codes.ts";
import { checkConclusion, type OwnRecord } from "./conclusion.ts";
import type { Context } from "./context.ts";
import type { Proven } from "./finality/finality-proof.ts";
import { provenVrfKey } from "./finality/proven-chain.ts";
import { bucketOf, foldHead } from "./head.ts";
import type { Json } from "./json.ts";
import { checkProvenBlock, proofOf } from "./proven.ts";
import { checkKey } from "./receipt.ts";
import { checkClocks, checkRecord, type BatchedStatement } from "./record.ts";
import type { Statement } from "./statement.ts";
import { verifyStream } from "./stream.ts";
import { vrfKeyOf, type TrustedChain } from "./trust.ts";
import {
  conclude,
  failed,
  NO_CLOCKS,
  passed,
  unknown,
  type Evidence,
  type Step,
  type StepName,
  type Verdict,
} from "./verdict.ts";
import { dayAt } from "./words.ts";

/** A stream whose key has been proven, with the subject's own record hashes in it. */
export interface OwnStream {
  readonly stream: CertificateStream;
  readonly streamKey: Hex;
  /** In the order of anchoring; a set, since a document may hold hundreds of thousands. */
  readonly recordHashes: ReadonlySet<Hex>;
}

/** What came of one ledger's part of a certificate. */
export interface PartResult {
  readonly steps: readonly Step[];
  /** Null when the subject's streams could not be established. */
  readonly streams: readonly OwnStream[] | null;
  readonly shown: ReadonlyMap<Hex, Statement>;
}

/** One ledger's part with all that its steps draw on. */
interface Part {
  readonly certificate: Certificate;
  readonly chain: CertificateChain;
  readonly context: Context;
  readonly trusted: TrustedChain | undefined;
  /** Undefined while the chain cannot be asked, for the reason given by `obstacle`. */
  readonly reader: ChainReader | undefined;
  readonly obstacle: Code;
  /** The block's state by the part's own proof. */
  readonly proven?: Proven | undefined;
}

export async function verifyCertificate(certificate: Certificate, context: Context): Promise<Verdict> {
  const results: PartResult[] = [];
  for (const chain of certificate.chains) results.push(await verifyPart(certificate, chain, context));
  const own = results.flatMap((result, i) => ownRecords(certificate.chains[i]!, result));
  const established = results.every(({ streams }) => streams !== null);
  const conclusion = established ? checkConclusion(certificate, own) : unknown("conclusion", "NOT_CHECKED");
  const steps = [
    passed("document", { purpose: certificate.purpose }),
    ...results.flatMap((result) => result.steps),
    conclusion,
  ];
  return conclude(certificate.format, steps, {
    clocks: clocksOf(certificate, steps),
    disclosed: disclosed(certificate, own),
  });
}

/** `anchoredAt` is the moment as of which the certificate speaks: its oldest block, once all of them are known to be final. */
function clocksOf({ chains }: Certificate, steps: readonly Step[]): Verdict["clocks"] {
  const final = steps.filter(({ step, outcome }) => step === "finality" && outcome === "passed");
  if (final.length < chains.length) return NO_CLOCKS;
  return { ...NO_CLOCKS, anchoredAt: Math.min(...chains.map(({ blockTime }) => blockTime)) };
}

function disclosed(certificate: Certificate, own: readonly OwnRecord[]): Record<string, Json> {
  const { subject, kinds, scope, period } = certificate;
  const records = own.map(({ recordHash, shown, supersession }) => ({
    recordHash,
    ...(shown && { type: shown.type, department: shown.payload.iss, fields: shown.fields }),
    ...(supersession && { superseded: { reason: supersession.reason, at: supersession.at } }),
  }));
  return { purpose: certificate.purpose, subject, kinds, scope, period, records } as unknown as Record<string, Json>;
}

/** The records of the subject: those in its streams; in a certificate of single records, those shown. */
function ownRecords(chain: CertificateChain, { streams, shown }: PartResult): OwnRecord[] {
  const inStreams = (streams ?? []).flatMap(({ recordHashes }) => [...recordHashes]);
  const recordHashes = chain.streams.length > 0 ? inStreams : [...shown.keys()];
  const supersessions = new Map(chain.supersessions.map((supersession) => [supersession.recordHash, supersession]));
  return recordHashes.map((recordHash) => ({
    recordHash,
    shown: shown.get(recordHash) ?? null,
    supersession: supersessions.get(recordHash) ?? null,
  }));
}

/** Every step that concerns one ledger: trust, chain, finality, coverage, streams, heads, records, supersession. */
export async function verifyPart(
  certificate: Certificate,
  chain: CertificateChain,
  context: Context,
): Promise<PartResult> {
  const trusted = context.trusted(chain);
  const { steps: block, ...state } = await checkPartBlock(chain, trusted, context);
  const part: Part = { certificate, chain, context, trusted, ...state };
  const { streams, steps: streamSteps } = checkStreams(part);
  const { shown, steps: recordSteps } = await checkRecords(part, streams);
  const steps = [
    checkTrust(chain, trusted),
    ...block,
    await checkCoverage(part),
    ...streamSteps,
    ...(await Promise.all((streams ?? []).map((stream) => checkHead(part, stream)))),
    ...recordSteps,
    await checkSupersessions(part, shown),
  ];
  return {
    steps: steps.map((step) => ({ ...step, evidence: { chainId: chain.chainId, ...step.evidence } })),
    streams,
    shown,
  };
}

/** Steps `chain` and `finality`, by the part's own proof where the trust list can judge it, else by a node. */
async function checkPartBlock(
  chain: CertificateChain,
  trusted: TrustedChain | undefined,
  context: Context,
): Promise<Pick<Part, "reader" | "obstacle" | "proven"> & { steps: readonly Step[] }> {
  const judged = proofOf(chain.finality, trusted);
  if (judged) {
    const { steps, ground } = checkProvenBlock(chain, judged, context, false);
    return { steps, reader: ground?.reader, obstacle: "NOT_CHECKED", proven: ground?.proven };
  }
  const reader = trusted && context.reader(trusted);
  if (!reader) {
    const obstacle = trusted ? "CHAIN_NOT_CONSULTED" : "NOT_CHECKED";
    return { steps: [unknown("chain", obstacle), unknown("finality", obstacle)], reader, obstacle };
  }
  const steps = await checkBlock(chain, reader);
  const final = steps.every(({ outcome }) => outcome === "passed");
  return { steps, reader: final ? reader : undefined, obstacle: "NOT_CHECKED" };
}

/** Takes a step that needs the chain's state as of the certificate's block. */
function onChain(
  part: Part,
  step: StepName,
  evidence: Evidence,
  check: (reader: ChainReader) => Promise<Step>,
): Promise<Step> {
  const { reader, obstacle } = part;
  return reader ? asking(step, () => check(reader)) : Promise.resolve(unknown(step, obstacle, evidence));
}

/** Every kind and year, once, in order; no day after the block; and a ledger that was still the current one. */
async function checkCoverage(part: Part): Promise<Step> {
  const { certificate, chain } = part;
  const { kinds, period } = certificate;
  const needed = streamsNeeded(kinds, period).map(label);
  const present = chain.streams.map(label);
  const missing = needed.find((stream) => !present.includes(stream));
  if (missing !== undefined) return failed("coverage", "HISTORY_INCOMPLETE", { missing }, "streams");
  if (needed.join() !== present.join()) return failed("coverage", "NOT_CANONICAL", {}, "streams");
  const day = dayAt(chain.blockTime);
  if (period && period.to > day)
    return failed("coverage", "PERIOD_NOT_COVERED", { to: period.to, blockDay: day }, "period");
  return onChain(part, "coverage", { streams: present.length }, async (reader) => {
    const retirement = await reader.retirement();
    if (retirement && retirement.block <= chain.blockNumber)
      return failed("coverage", "HISTORY_INCOMPLETE", { continuedIn: retirement.successor }, "ledger");
    return passed("coverage", { streams: present.length });
  });
}

function label({ kind, year }: { kind: number; year: number }): string {
  return `${kind}/${year}`;
}

/** Steps `stream`: the VRF proof gives the stream key, and all pairs lie in its bucket. */
function checkStreams({ certificate, chain, trusted, proven }: Part): { streams: OwnStream[] | null; steps: Step[] } {
  if (!trusted)
    return {
      streams: null,
      steps: chain.streams.map((stream) => unknown("stream", "NOT_CHECKED", { stream: label(stream) })),
    };
  const streams: OwnStream[] = [];
  const steps = chain.streams.map((stream) => {
    const { kind, year, proof, pairs } = stream;
    const evidence = { stream: label(stream), pairs: pairs.length };
    const vrfKey = vrfKeyOf(trusted, year);
    const streamKey = vrfKey ? verifyStream(vrfKey, certificate.subject, kind, year, proof) : null;
    if (streamKey === null) return failed("stream", "STREAM_PROOF_INVALID", evidence, "proof");
    if (proven && registeredKey(proven, trusted, year) !== vrfKey)
      return failed("stream", "STREAM_PROOF_INVALID", { ...evidence, trusted: vrfKey! }, "vrfKeys");
    const entries = pairs.map(entryOf);
    const bucket = bucketOf(streamKey, trusted.prefixBits);
    if (!entries.every((entry) => bucketOf(entry.streamKey, trusted.prefixBits) === bucket))
      return failed("stream", "PAIR_OUTSIDE_BUCKET", evidence, "pairs");
    const own = entries.filter((entry) => entry.streamKey === streamKey);
    const recordHashes = new Set(own.map(({ recordHash }) => recordHash));
    streams.push({ stream, streamKey, recordHashes });
    return passed("stream", { ...evidence, streamKey, own: recordHashes.size });
  });
  return { streams: streams.length === chain.streams.length ? streams : null, steps };
}

/** The registry's own VRF key of a year where the proof shows it, else the one of the trust list. */
function registeredKey(proven: Proven, trusted: TrustedChain, year: number): Hex | undefined {
  try {
    return provenVrfKey(proven, trusted.registry, year);
  } catch (error) {
    if (error instanceof StateUnavailable) return vrfKeyOf(trusted, year);
    throw error;
  }
}

function checkHead(part: Part, { stream, streamKey }: OwnStream): Promise<Step> {
  const { kind, year } = stream;
  const head = foldHead(stream.pairs.map(entryOf));
  const evidence = { stream: label(stream), head };
  return onChain(part, "head", evidence, async (reader) => {
    const bucket = bucketOf(streamKey, part.trusted!.prefixBits);
    return (await reader.hadHead(kind, year, bucket, head, part.chain.blockNumber))
      ? passed("head", evidence)
      : failed("head", "HEAD_MISMATCH", evidence, "pairs");
  });
}

/** Steps `record`, one each: as strict as a receipt's, and the record must be the subject's. */
async function checkRecords(
  part: Part,
  streams: readonly OwnStream[] | null,
): Promise<{ shown: ReadonlyMap<Hex, Statement>; steps: Step[] }> {
  const shown = new Map<Hex, Statement>();
  const checked = await Promise.all(part.chain.records.map((record) => checkShown(part, streams, record)));
  const steps = checked.map(({ statement, step }) => {
    if (!statement) return step;
    if (shown.has(statement.recordHash)) return failed("record", "NOT_CANONICAL", step.evidence, "records");
    shown.set(statement.recordHash, statement);
    return step;
  });
  return { shown, steps };
}

async function checkShown(
  part: Part,
  streams: readonly OwnStream[] | null,
  record: BatchedStatement,
): Promise<{ statement: Statement | null; step: Step }> {
  const suite = part.context.suite(part.certificate.suite);
  if (!suite)
    return { statement: null, step: unknown("record", "SUITE_UNAVAILABLE", { suite: part.certificate.suite }) };
  const { statement, steps } = await checkRecord(record, suite);
  const bad = steps.find(({ outcome }) => outcome !== "passed");
  if (!statement) return { statement, step: { ...bad!, step: "record" } };
  const evidence = { recordHash: statement.recordHash, type: statement.type, department: statement.payload.iss };
  if (bad) return { statement, step: { ...bad, step: "record", evidence: { ...evidence, ...bad.evidence } } };
  const foreign = belongingProblem(part, streams, statement);
  if (foreign) return { statement, step: failed("record", foreign.code, evidence, foreign.field) };
  return {
    statement,
    step: await onChain(part, "record", evidence, (reader) => checkShownOnChain(part, record, statement, reader)),
  };
}

/** The record lies in the stream of its kind and year, and what it discloses of its subject is the certificate's. */
function belongingProblem(
  { certificate, chain }: Part,
  streams: readonly OwnStream[] | null,
  statement: Statement,
): { code: Code; field: string } | null {
  const { subject } = statement.fields as { subject?: Certificate["subject"] };
  const demanded = certificate.purpose === "record";
  if (subject ? subject.type !== certificate.subject.type || subject.id !== certificate.subject.id : demanded)
    return { code: "SUBJECT_MISMATCH", field: "subject" };
  if (chain.streams.length === 0 || streams === null) return null;
  const home = streams.find(({ stream }) => stream.kind === statement.kind && stream.year === statement.payload.year);
  return home?.recordHashes.has(statement.recordHash) ? null : { code: "RECORD_NOT_IN_STREAM", field: "records" };
}

async function checkShownOnChain(
  { chain, context }: Part,
  record: BatchedStatement,
  statement: Statement,
  reader: ChainReader,
): Promise<Step> {
  const evidence = { recordHash: statement.recordHash, type: statement.type, department: statement.payload.iss };
  const found = await batchProblem(record.batch, reader);
  if (found.code !== null) return failed("record", found.code, { ...evidence, ...found.seen }, found.field);
  if (found.anchoredAt > chain.blockTime)
    return failed("record", "BATCH_UNKNOWN", { ...evidence, anchoredAt: found.anchoredAt }, "blockTime");
  const steps = [
    checkClocks(statement, found.anchoredAt, context.now),
    await checkKey(statement, found.anchoredAt, reader),
  ];
  const bad = steps.find(({ outcome }) => outcome !== "passed");
  if (bad) return { ...bad, step: "record", evidence: { ...evidence, ...bad.evidence } };
  return passed("record", { ...evidence, anchoredAt: found.anchoredAt });
}

/** Step `supersession`: for each record shown, what the ledger says became of it, neither more nor less. */
async function checkSupersessions(part: Part, shown: ReadonlyMap<Hex, Statement>): Promise<Step> {
  const { supersessions, blockTime } = part.chain;
  const evidence = { listed: supersessions.length, records: shown.size };
  const listed = new Map(supersessions.map((supersession) => [supersession.recordHash, supersession]));
  const stray = supersessions.find(({ recordHash, department }) => shown.get(recordHash)?.payload.iss !== department);
  if (stray || listed.size < supersessions.length)
    return failed(
      "supersession",
      "SUPERSESSION_MISMATCH",
      { ...evidence, recordHash: stray?.recordHash ?? null },
      "supersessions",
    );
  return onChain(part, "supersession", evidence, async (reader) => {
    for (const [recordHash, { payload }] of shown) {
      const found = await reader.supersessionOf(payload.iss, recordHash);
      if (!isSame(listed.get(recordHash), found && found.at <= blockTime ? found : undefined))
        return failed("supersession", "SUPERSESSION_MISMATCH", { ...evidence, recordHash }, "supersessions");
    }
    return passed("supersession", evidence);
  });
}

function isSame(listed: Supersession | undefined, found: Supersession | undefined): boolean {
  return (["successor", "by", "reason", "at"] as const).every((member) => listed?.[member] === found?.[member]);
}
