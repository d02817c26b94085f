import { anchorMembers, type Anchor } from "./anchor.ts";
import type { Hex } from "./bytes.ts";
import type { Context } from "./context.ts";
import { finalityShape, type FinalityProof } from "./finality/finality-proof.ts";
import type { Json } from "./json.ts";
import { batchShape, type Batch } from "./record.ts";
import { verifyReceipt, type Receipt } from "./receipt.ts";
import { array, bytes, integer, literal, nullable, object, publicKey, text, type Shape } from "./shape.ts";
import type { Suite } from "./suite.ts";
import { conclude, decidingStep, passed, type Evidence, type Step, type Verdict } from "./verdict.ts";
import type { PublicJwk } from "./words.ts";

/** Many receipts in one file: keys and anchored batches stand once and are pointed to by position (docs/format.md §6.2). */
export interface Bundle {
  readonly format: "quanlian-bundle/1";
  readonly suite: Suite["name"];
  readonly keys: readonly PublicJwk[];
  readonly anchors: readonly {
    readonly batch: Batch;
    readonly anchor: Anchor;
    readonly finality: FinalityProof | null;
  }[];
  readonly receipts: readonly {
    readonly statement: string;
    readonly key: number;
    readonly anchor: number;
    readonly path: readonly Hex[];
  }[];
}

const MAX_RECEIPTS = 100_000;

const members = object({
  format: literal("quanlian-bundle/1"),
  suite: literal("ES256-SHA256-KECCAK", "SM2-SM3"),
  keys: array(publicKey, MAX_RECEIPTS),
  anchors: array(
    object({ batch: batchShape, anchor: object(anchorMembers), finality: nullable(finalityShape) }),
    MAX_RECEIPTS,
  ),
  receipts: array(
    object({ statement: text(), key: integer(0), anchor: integer(0), path: array(bytes(32), 32) }),
    MAX_RECEIPTS,
  ),
});

export const bundleShape: Shape = (value, path) => {
  const problem = members(value, path);
  if (problem !== null) return problem;
  const { keys, anchors, receipts } = value as unknown as Bundle;
  if (receipts.length === 0) return "receipts";
  const dangling = receipts.findIndex(({ key, anchor }) => key >= keys.length || anchor >= anchors.length);
  return dangling < 0 ? null : `receipts[${dangling}]`;
};

/**
 * One file for many receipts.
 * @param receipts at least one, all of one suite.
 * @throws TypeError when there is none or they are of several suites.
 */
export function bundleReceipts(receipts: readonly Receipt[]): Bundle {
  const suite = receipts[0]?.suite;
  if (suite === undefined || receipts.some((receipt) => receipt.suite !== suite))
    throw new TypeError("a bundle holds receipts of one suite");
  const keys = new Table<PublicJwk>();
  const anchors = new Table<Bundle["anchors"][number]>();
  const items = receipts.map(({ statement, statementKey, batch, path, anchor, finality }) => ({
    statement,
    key: keys.place(statementKey),
    anchor: anchors.place({ batch, anchor, finality }),
    path,
  }));
  return { format: "quanlian-bundle/1", suite, keys: keys.rows, anchors: anchors.rows, receipts: items };
}

/** Rows without repetition, by their content. */
class Table<T> {
  readonly rows: T[] = [];
  readonly #places = new Map<string, number>();

  place(row: T): number {
    const content = JSON.stringify(row);
    const place = this.#places.get(content) ?? this.rows.push(row) - 1;
    this.#places.set(content, place);
    return place;
  }
}

/** The receipts of a bundle, each complete in itself. */
export function unbundleReceipts({ suite, keys, anchors, receipts }: Bundle): Receipt[] {
  return receipts.map(({ statement, key, anchor, path }) => ({
    format: "quanlian-receipt/1",
    suite,
    statement,
    statementKey: keys[key]!,
    path,
    ...anchors[anchor]!,
  }));
}

/** One step `receipt` each: passed, or what decided against it. Of each receipt only that and its content are kept. */
export async function verifyBundle(bundle: Bundle, context: Context): Promise<Verdict> {
  const steps: Step[] = [passed("document", { receipts: bundle.receipts.length })];
  const receipts: Json[] = [];
  for (const [index, receipt] of unbundleReceipts(bundle).entries()) {
    const verdict = await verifyReceipt(receipt, context);
    steps.push(receiptStep(verdict, index));
    receipts.push(contentOf(verdict));
  }
  return conclude(bundle.format, steps, { disclosed: { receipts } });
}

function receiptStep(verdict: Verdict, index: number): Step {
  const { signedAt, anchoredAt } = verdict.clocks;
  const asOfTime = verdict.steps.find(({ step }) => step === "supersession")?.evidence.asOfTime;
  const evidence = {
    index,
    recordHash: statementEvidence(verdict).recordHash ?? null,
    signedAt,
    anchoredAt,
    ...(asOfTime !== undefined && { asOfTime }),
  };
  const deciding = decidingStep(verdict);
  if (!deciding) return passed("receipt", evidence);
  return { ...deciding, step: "receipt", evidence: { ...evidence, at: deciding.step, ...deciding.evidence } };
}

/** What a receipt says, as a certificate tells it of its records; of one whose statement cannot be read, nothing. */
function contentOf(verdict: Verdict): Json {
  const { recordHash, type, department } = statementEvidence(verdict);
  if (recordHash === undefined || type === undefined || department === undefined) return { fields: {} };
  return { recordHash, type, department, fields: { ...verdict.disclosed } };
}

function statementEvidence({ steps }: Verdict): Evidence {
  return steps.find(({ step }) => step === "statement")?.evidence ?? {};
}
