import { asking, chainIdentityMembers, checkIdentity, checkTrust } from "./anchor.ts";
import { fromBase64url, toHex } from "./bytes.ts";
import type { Context } from "./context.ts";
import type { Json } from "./json.ts";
import { checkClocks, checkSignature, TOLERANCE } from "./record.ts";
import { literal, object, publicKey, text, where } from "./shape.ts";
import { readStatement, type BadStatement, type Statement } from "./statement.ts";
import type { Suite } from "./suite.ts";
import type { ChainIdentity } from "./trust.ts";
import { conclude, failed, passed, unknown, type Step, type StepName, type Verdict } from "./verdict.ts";
import type { PublicJwk } from "./words.ts";

/**
 * 一号多文 `quanlian-equivocation/1` (docs/format.md §7.5): one department signed two contents under one document number,
 * and neither says that it corrects another. It proves itself: nothing of it needs to be on the ledger but the key.
 */
export interface Equivocation extends ChainIdentity {
  readonly format: "quanlian-equivocation/1";
  readonly suite: Suite["name"];
  /** The one key of both signatures. */
  readonly statementKey: PublicJwk;
  /** Each discloses `number`, `links` and a claim in which the two differ. */
  readonly statements: readonly [string, string];
}

const statement = text();

export const equivocationShape = object({
  format: literal("quanlian-equivocation/1"),
  suite: literal("ES256-SHA256-KECCAK", "SM2-SM3"),
  ...chainIdentityMembers,
  statementKey: publicKey,
  statements: (value, path) => {
    const [first, second, ...more] = Array.isArray(value) ? value : [];
    return statement(first, path) ?? statement(second, path) ?? where(() => more.length === 0)(value, path);
  },
});

type Pair = readonly [Statement, Statement];

export async function verifyEquivocation(document: Equivocation, context: Context): Promise<Verdict> {
  const { format } = document;
  const trusted = context.trusted(document);
  const begun = [passed("document"), checkTrust(document, trusted)];
  const suite = context.suite(document.suite);
  if (!suite) {
    const unread = unknown("statement", "SUITE_UNAVAILABLE", { suite: document.suite });
    return conclude(format, [...begun, unread, ...skip("signature", "clocks", "chain", "key", "conclusion")]);
  }
  const [first, second] = document.statements.map((one) => readStatement(one, suite)) as [
    Statement | BadStatement,
    Statement | BadStatement,
  ];
  const bad = [first, second].find((one) => !one.ok);
  if (!first.ok || !second.ok) {
    const { code, problem, field } = bad as BadStatement;
    const unread = failed("statement", code, { problem }, field);
    return conclude(format, [...begun, unread, ...skip("signature", "clocks", "chain", "key", "conclusion")]);
  }
  const pair: Pair = [first, second];
  const recordHashes = { first: first.recordHash, second: second.recordHash };
  const steps = [
    ...begun,
    passed("statement", { ...recordHashes, department: first.payload.iss, type: first.type }),
    worst(await Promise.all(pair.map((one) => checkSignature(document.statementKey, one, suite)))),
    worst(pair.map((one) => checkClocks(one, one.payload.iat, context.now))),
    ...(await checkOnChain(document, pair, context)),
    checkContents(pair),
  ];
  const records = pair.map(({ recordHash, type, payload: { iss, iat }, fields }) => {
    return { recordHash, type, department: iss, signedAt: iat, fields: { ...fields } };
  });
  return conclude(format, steps, { disclosed: { records } });
}

function skip(...steps: StepName[]): Step[] {
  return steps.map((step) => unknown(step, "NOT_CHECKED"));
}

function worst(steps: readonly Step[]): Step {
  return steps.find(({ outcome }) => outcome === "failed") ?? steps[0]!;
}

/**
 * Steps `chain` and `key`: the key was good for the department and kind when each was signed, by what is known today; or became so
 * within the tolerance of clocks, since the ledger's may run ahead of the signer's. The ledger knows nothing beyond its newest block.
 */
async function checkOnChain(document: Equivocation, pair: Pair, context: Context): Promise<Step[]> {
  const trusted = context.trusted(document);
  if (!trusted) return skip("chain", "key");
  const reader = context.reader(trusted);
  if (!reader) return (["chain", "key"] as const).map((step) => unknown(step, "CHAIN_NOT_CONSULTED"));
  const identity = await asking("chain", () => checkIdentity(document, reader));
  if (identity.outcome !== "passed") return [identity, ...skip("key")];
  const keys = pair.map((one) =>
    asking("key", async () => {
      const thumbprint = toHex(fromBase64url(one.header.kid)!);
      const { iss: department, iat: signedAt } = one.payload;
      const evidence = { department, kind: one.kind, thumbprint, signedAt };
      const { time } = await reader.finalBlock();
      const wasGood = (at: number) => reader.wasAuthorised(department, one.kind, thumbprint, Math.min(at, time));
      const good = (await wasGood(signedAt)) || (await wasGood(signedAt + TOLERANCE));
      return good ? passed("key", evidence) : failed("key", "KEY_NOT_AUTHORISED", evidence, "statementKey");
    }),
  );
  const judged = await Promise.all(keys);
  return [identity, judged.find(({ outcome }) => outcome !== "passed") ?? judged[0]!];
}

/**
 * Step `conclusion`: one department, type and number, and a claim that says two things. A correction is no equivocation; it
 * cites what it takes the place of. Only the first content of a number cites nothing of the sort, so two that do not are one too many.
 */
function checkContents([first, second]: Pair): Step {
  const { number } = first.fields;
  const differing = Object.keys(first.fields).find(
    (name) => Object.hasOwn(second.fields, name) && !isSame(first.fields[name]!, second.fields[name]!),
  );
  const shown =
    first.payload.iss === second.payload.iss &&
    first.type === second.type &&
    typeof number === "string" &&
    number === second.fields.number &&
    correctsNothing(first) &&
    correctsNothing(second) &&
    differing !== undefined;
  if (!shown) return failed("conclusion", "EQUIVOCATION_NOT_SHOWN");
  return passed("conclusion", { department: first.payload.iss, type: first.type, number, differing });
}

function correctsNothing({ fields: { links } }: Statement): boolean {
  return Array.isArray(links) && links.every((link) => relationOf(link) !== "supersedes");
}

function relationOf(link: Json): Json | undefined {
  return typeof link === "object" && link !== null && !Array.isArray(link) ? link.rel : undefined;
}

/** The same JSON value; the order of members says nothing. */
function isSame(one: Json, other: Json): boolean {
  if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one as Record<string, Json>, other as Record<string, Json>];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSame(left[name]!, right[name]!))
  );
}
