import { createHash } from "node:crypto";
import type { Certificate, Json, Subject, Verdict } from "@quanlian/proof";
import { certificateLabels, claimLabels, typeLabels } from "@quanlian/proof/labels";
import type { Bilingual } from "../../records/problems.ts";
import { claimsOf, recordTypes } from "../../records/types/record-types.ts";
import type { Paper, PaperRecord } from "./paper.ts";
import { KINDS, LABELS, LIMITS, REASONS, STEPS, TITLES, statementsOf } from "./paper-words.ts";

/** What a paper says beside its certificate. */
export interface PaperContext {
  readonly code: string;
  readonly publicUrl: string;
  readonly region: Bilingual;
  /** Names of departments by their codes, as registered. */
  readonly departments: ReadonlyMap<string, string>;
  /** Hashes of records to which an objection is open: the paper carries its mark (异议标注). */
  readonly objected: ReadonlySet<string>;
  /** What the service calls the subject, for papers that show no record that names it; null: unknown. */
  readonly name: string | null;
}

/** A record as `verify` reports it. */
interface VerifiedRecord {
  readonly recordHash: string;
  readonly type?: string;
  readonly department?: string;
  readonly fields?: Readonly<Record<string, Json>>;
  readonly superseded?: { readonly reason: number; readonly at: number };
}

/** The paper form of a certificate that was just verified: it says what the verdict says, and no more. */
export function paperOf(document: string, verdict: Verdict, context: PaperContext): Paper {
  const certificate = JSON.parse(document) as Certificate;
  const { purpose, issuedAt } = certificate;
  const records = verdict.disclosed.records as unknown as readonly VerifiedRecord[];
  const fingerprint = createHash("sha256").update(document).digest("hex");
  const { region, code, publicUrl } = context;
  return {
    letterhead: {
      zh: `${region.zh} · 全链存证与核验平台`,
      en: `${region.en} · Quanlian record and verification service`,
    },
    title: TITLES[purpose],
    facts: factsOf(certificate, records, fingerprint, context),
    statements: statementsOf(certificate, verdict.steps.at(-1)!.evidence, momentOf(certificate)),
    limits: [...LIMITS.always, ...(certificate.scope ? LIMITS.scoped : [])],
    records: purpose === "clean-record" ? [] : records.map((record) => lineOf(record, purpose === "record", context)),
    verification: { address: `${publicUrl}/#certificate=${code}`, code, steps: STEPS },
    ...{ issuedAt, fingerprint },
  };
}

function factsOf(
  certificate: Certificate,
  records: readonly VerifiedRecord[],
  fingerprint: string,
  { departments, code, name: known }: PaperContext,
): Paper["facts"] {
  const { subject, kinds, period, scope, chains, issuedAt } = certificate;
  const name = records.map(({ fields }) => fields?.subjectName).find((value) => typeof value === "string");
  const [chain] = chains;
  const inScope = scope?.departments.map((department) => nameOf(department, departments)).join("；");
  return [
    ...(name ? [{ label: LABELS.name, value: name }] : known ? [{ label: LABELS.nameUnproven, value: known }] : []),
    { label: subject.type === "uscc" ? LABELS.uscc : LABELS.person, value: subject.id },
    ...(period ? [{ label: LABELS.period, value: `${period.from} — ${period.to}` }] : []),
    ...(period ? [{ label: LABELS.kinds, value: kinds.map((kind) => KINDS[kind].zh).join("、") }] : []),
    ...(inScope ? [{ label: LABELS.scope, value: inScope }] : []),
    { label: LABELS.asOf, value: momentOf(certificate) },
    { label: LABELS.issued, value: inChina(issuedAt) },
    { label: LABELS.ledger, value: `${chain!.chainId} · ${chain!.ledger} · #${chain!.blockNumber}` },
    { label: LABELS.code, value: code.replace(/(.{4})(?=.)/g, "$1 ") },
    { label: LABELS.fingerprint, value: fingerprint },
  ];
}

function lineOf(record: VerifiedRecord, spelt: boolean, { departments, objected }: PaperContext): PaperRecord {
  const { recordHash, type, department, fields = {}, superseded } = record;
  const reason = superseded && REASONS[superseded.reason as 1 | 2 | 3 | 4];
  return {
    day: text(fields.eventTime).slice(0, 10) || "—",
    type: (type && typeLabels[type]) || (type ? { zh: type, en: type } : LABELS.withheld),
    number: text(fields.number) || `${recordHash.slice(0, 18)}…`,
    department: department ? nameOf(department, departments) : "—",
    state: marked(reason ?? (type ? LABELS.stands : LABELS.unknown), objected.has(recordHash)),
    fields: spelt
      ? inOrder(fields, type).map(([claim, value]) => ({
          label: claimLabels[claim] ?? { zh: claim, en: claim },
          value: claim === "subject" ? subjectOf(value) : shown(claim, value),
        }))
      : [],
  };
}

/** In the order of the official table; the statement's own order is that of its digests and says nothing. */
function inOrder(fields: Readonly<Record<string, Json>>, type: string | undefined): [claim: string, value: Json][] {
  const order = claimsOf(recordTypes.get(type ?? "")!);
  return Object.entries(fields).toSorted(([one], [other]) => order.indexOf(one) - order.indexOf(other));
}

/** A credit code, or a person's certificate by its kind and number. */
function subjectOf(value: Json): string {
  const { type, id } = value as unknown as Subject;
  if (type === "uscc") return id;
  const [kind = "", number = ""] = id.split(/:(.*)/s);
  return `${certificateLabels[kind]?.zh ?? kind} ${number}`;
}

function marked({ zh, en }: Bilingual, isObjected: boolean): Bilingual {
  return isObjected ? { zh: `${zh} · ${LABELS.objected.zh}`, en: `${en} · ${LABELS.objected.en}` } : { zh, en };
}

function nameOf(code: string, departments: PaperContext["departments"]): string {
  const name = departments.get(code);
  return name ? `${name}（${code}）` : code;
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** A value as people read it: amounts are in fen in a statement, and in yuan on paper. */
function shown(claim: string, value: Json): string {
  if (typeof value === "number" && claim.endsWith("Fen")) return `${(value / 100).toFixed(2)} 元`;
  if (typeof value === "boolean") return value ? "是" : "否";
  if (Array.isArray(value)) return value.map((item) => shown(claim, item)).join("；");
  if (typeof value === "object" && value !== null)
    return Object.values(value)
      .map((part) => shown(claim, part))
      .join(" ");
  return String(value);
}

/** The block time as of which the certificate speaks. */
function momentOf({ chains }: Certificate): string {
  return inChina(Math.min(...chains.map(({ blockTime }) => blockTime)));
}

/** A moment (Unix seconds) by the clock of China. */
function inChina(seconds: number): string {
  return new Date((seconds + 8 * 3600) * 1000).toISOString().slice(0, 19).replace("T", " ");
}
