import type { ChainReader } from "./chain.ts";
import type { Context } from "./context.ts";
import { readJson, type Json } from "./json.ts";
import { bundleShape, verifyBundle, type Bundle } from "./bundle.ts";
import { certificateShape, type Certificate } from "./certificate.ts";
import { equivocationShape, verifyEquivocation, type Equivocation } from "./equivocation.ts";
import { misconductShape, verifyMisconduct, type Misconduct } from "./misconduct.ts";
import { receiptShape, verifyReceipt, type Receipt } from "./receipt.ts";
import { verifyCertificate } from "./verify-certificate.ts";
import type { Shape } from "./shape.ts";
import type { Refusal } from "./finality/codes.ts";
import type { FinalityProof, Proven } from "./finality/finality-proof.ts";
import { provenUnder } from "./finality/proven-under.ts";
import type { RecoverKey } from "./finality/seals.ts";
import { es256, type Suite } from "./suite.ts";
import { trustedChainOf, type SealedChain, type TrustedChain, type TrustList } from "./trust.ts";
import { conclude, failed, unknown, type Verdict } from "./verdict.ts";

export interface VerifyOptions {
  /** The ledgers that the verifier accepts. */
  readonly trust: TrustList;
  /** How to look at a trusted ledger's chain; without it, or where it gives undefined, the chain is not asked. */
  readonly chain?: (chain: TrustedChain) => ChainReader | undefined;
  /** The present, Unix seconds. */
  readonly now: number;
  /** The cipher suites at hand; ES256 alone unless said otherwise. */
  readonly suites?: readonly Suite[];
  /** How the host recovers the keys behind commit seals, where it does so faster than this library (`@quanlian/proof/libsecp256k1`). */
  readonly recoverKey?: RecoverKey;
}

/** Longest document that is read, in characters or bytes. */
const MAX_DOCUMENT = 64 * 1024 * 1024;

interface Form {
  readonly shape: Shape;
  verify(document: never, context: Context): Promise<Verdict>;
}

const FORMS: Readonly<Record<string, Form>> = {
  "quanlian-receipt/1": {
    shape: receiptShape,
    verify: (document: Receipt, context) => verifyReceipt(document, context),
  },
  "quanlian-bundle/1": { shape: bundleShape, verify: (document: Bundle, context) => verifyBundle(document, context) },
  "quanlian-certificate/1": {
    shape: certificateShape,
    verify: (document: Certificate, context) => verifyCertificate(document, context),
  },
  "quanlian-misconduct/1": {
    shape: misconductShape,
    verify: (document: Misconduct, context) => verifyMisconduct(document, context),
  },
  "quanlian-equivocation/1": {
    shape: equivocationShape,
    verify: (document: Equivocation, context) => verifyEquivocation(document, context),
  },
};

/**
 * Verifies a receipt, bundle, certificate, or proof of misconduct or equivocation (docs/format.md §§6–7). Never throws because of the
 * document or a node: whatever they hold, the answer is a verdict, in time and memory linear in the document.
 */
export async function verify(document: string | Uint8Array, options: VerifyOptions): Promise<Verdict> {
  if (document.length > MAX_DOCUMENT)
    return conclude(null, [failed("document", "TOO_LARGE", { length: document.length, limit: MAX_DOCUMENT })]);
  const read = readJson(document);
  if (!read.ok)
    return conclude(null, [failed("document", "MALFORMED", { problem: read.problem, position: read.position })]);
  const format = formatOf(read.value);
  if (format === null) return conclude(null, [failed("document", "MALFORMED", { problem: "no format" }, "format")]);
  if (!Object.hasOwn(FORMS, format))
    return conclude(null, [unknown("document", "VERSION_UNKNOWN", { format: format.slice(0, 64) })]);
  const form = FORMS[format]!;
  const problem = form.shape(read.value, "");
  if (problem !== null) return conclude(format, [failed("document", "MALFORMED", { problem: "shape" }, problem)]);
  return form.verify(read.value as never, contextOf(options));
}

function formatOf(document: Json): string | null {
  if (typeof document !== "object" || document === null || Array.isArray(document)) return null;
  return typeof document.format === "string" && Object.hasOwn(document, "format") ? document.format : null;
}

function contextOf({ trust, chain, now, suites = [es256], recoverKey }: VerifyOptions): Context {
  const readers = new Map<TrustedChain, ChainReader | undefined>();
  const judged = new WeakMap<FinalityProof, Map<SealedChain, Proven | Refusal>>();
  return {
    now,
    suite: (name) => suites.find((suite) => suite.name === name),
    trusted: (named) => trustedChainOf(trust, named),
    reader: (trusted) => {
      if (!readers.has(trusted)) readers.set(trusted, chain?.(trusted));
      return readers.get(trusted);
    },
    proven: (proof, sealed) => {
      const answers = judged.get(proof) ?? new Map<SealedChain, Proven | Refusal>();
      const answer = answers.get(sealed) ?? provenUnder(sealed.qbft, sealed.ledger, proof, recoverKey);
      judged.set(proof, answers.set(sealed, answer));
      return answer;
    },
  };
}
