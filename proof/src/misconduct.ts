import { certificateShape, type Certificate } from "./certificate.ts";
import type { Context } from "./context.ts";
import { receiptShape, verifyReceipt, type Receipt } from "./receipt.ts";
import { literal, object } from "./shape.ts";
import { readStatement, type Statement } from "./statement.ts";
import { conclude, failed, passed, unknown, type Step, type StepName, type Verdict } from "./verdict.ts";
import { verifyPart, type PartResult } from "./verify-certificate.ts";
import type { Subject } from "./words.ts";

/**
 * `quanlian-misconduct/1` (docs/format.md §7.4): a department signed and anchored a record about a subject, yet the record is
 * not in that subject's stream of its kind and year, which the certificate shows whole. So it was put into another stream.
 */
export interface Misconduct {
  readonly format: "quanlian-misconduct/1";
  readonly receipt: Receipt;
  readonly certificate: Certificate;
}

export const misconductShape = object({
  format: literal("quanlian-misconduct/1"),
  receipt: receiptShape,
  certificate: certificateShape,
});

/** What must hold of the certificate: that its streams are whole. What it shows or concludes is beside the point. */
const STREAM_STEPS: readonly StepName[] = ["trust", "chain", "finality", "coverage", "stream", "head"];

export async function verifyMisconduct(
  { format, receipt, certificate }: Misconduct,
  context: Context,
): Promise<Verdict> {
  const onReceipt = await verifyReceipt(receipt, context);
  const receiptSteps = onReceipt.steps.filter(({ step }) => step !== "supersession");
  const part = certificate.chains.find(
    ({ chainId, genesisHash, ledger }) =>
      chainId === receipt.anchor.chainId &&
      genesisHash === receipt.anchor.genesisHash &&
      ledger === receipt.anchor.ledger,
  );
  const result = part && (await verifyPart(certificate, part, context));
  const partSteps = result?.steps.filter(({ step }) => STREAM_STEPS.includes(step)) ?? [];
  const asOf = part?.blockNumber ?? -1;
  const steps = [
    passed("document"),
    summary("receipt", receiptSteps),
    summary("certificate", partSteps),
    checkAbsence(receipt, certificate.subject, asOf, result, context),
  ];
  return conclude(format, steps, { clocks: onReceipt.clocks, disclosed: onReceipt.disclosed });
}

function summary(step: StepName, steps: readonly Step[]): Step {
  const bad = steps.find(({ outcome }) => outcome === "failed") ?? steps.find(({ outcome }) => outcome === "unknown");
  return bad ? { ...bad, step, evidence: { at: bad.step, ...bad.evidence } } : passed(step);
}

/** Step `conclusion`: same subject, kind and year, a later block, and the record is not there. */
function checkAbsence(
  receipt: Receipt,
  subject: Subject,
  asOf: number,
  part: PartResult | undefined,
  context: Context,
): Step {
  const statement = readStatement(receipt.statement, context.suite(receipt.suite));
  if (!statement.ok || part?.streams === null) return unknown("conclusion", "NOT_CHECKED");
  const shown = isAbout(statement, subject) && receipt.anchor.blockNumber <= asOf;
  const stream = shown && part?.streams.find(({ stream: { kind, year } }) => isOf(statement, kind, year));
  if (!stream || stream.recordHashes.has(statement.recordHash)) return failed("conclusion", "MISCONDUCT_NOT_SHOWN");
  const { recordHash, payload } = statement;
  return passed("conclusion", { recordHash, department: payload.iss, kind: statement.kind, year: payload.year });
}

function isAbout({ fields }: Statement, subject: Subject): boolean {
  const { subject: disclosed } = fields as { subject?: Subject };
  return disclosed?.type === subject.type && disclosed.id === subject.id;
}

function isOf({ kind, payload }: Statement, ofKind: number, ofYear: number): boolean {
  return kind === ofKind && payload.year === ofYear;
}
