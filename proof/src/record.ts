import { fromBase64url, toHex, utf8, type Hex } from "./bytes.ts";
import { array, bytes, integer, object, publicKey, text, where } from "./shape.ts";
import { readStatement, type Statement } from "./statement.ts";
import { thumbprint, type Suite } from "./suite.ts";
import { isPathLength, merkleRoot } from "./tree.ts";
import { failed, passed, type Evidence, type Step } from "./verdict.ts";
import { dayAt, dayOf, isDepartment, isKind, isYear, yearOf, type Kind, type PublicJwk } from "./words.ts";

/** What a department anchored under one sequence number. */
export interface Batch {
  readonly department: string;
  readonly kind: Kind;
  readonly year: number;
  readonly sequence: number;
  readonly count: number;
  readonly root: Hex;
}

/** A statement with the key that signed it and the path that leads from it to the root of its batch. */
export interface BatchedStatement {
  readonly statement: string;
  readonly statementKey: PublicJwk;
  readonly batch: Batch;
  readonly path: readonly Hex[];
}

const MAX_COUNT = 0xffff_ffff;

export const batchShape = object({
  department: where(isDepartment),
  kind: where(isKind),
  year: where(isYear),
  sequence: integer(1),
  count: integer(1, MAX_COUNT),
  root: bytes(32),
});

/** The members of a {@link BatchedStatement}. */
export const batchedStatementMembers = {
  statement: text(),
  statementKey: publicKey,
  batch: batchShape,
  path: array(bytes(32), 32),
};

/** What the file alone proves about one record: steps `statement`, `signature` and `batch`, in that order. */
export async function checkRecord(
  record: BatchedStatement,
  suite: Suite,
): Promise<{ statement: Statement | null; steps: Step[] }> {
  const statement = readStatement(record.statement, suite);
  if (!statement.ok)
    return {
      statement: null,
      steps: [failed("statement", statement.code, { problem: statement.problem }, statement.field)],
    };
  const { recordHash, type, disclosures, payload } = statement;
  const evidence = {
    recordHash,
    type,
    department: payload.iss,
    disclosed: disclosures.length,
    fields: payload._sd.length,
  };
  const steps = [
    passed("statement", evidence),
    await checkSignature(record.statementKey, statement, suite),
    checkBatch(record, statement, suite),
  ];
  return { statement, steps };
}

/** Step `signature`: this key signed the statement, and it is the one that the statement names. */
export async function checkSignature(key: PublicJwk, statement: Statement, suite: Suite): Promise<Step> {
  const evidence = { suite: suite.name, kid: statement.header.kid, thumbprint: thumbprint(key, suite) };
  if (key.crv !== suite.curve) return failed("signature", "SUITE_MISMATCH", evidence, "statementKey");
  if (evidence.thumbprint !== kidAsHex(statement)) return failed("signature", "KEY_MISMATCH", evidence, "statementKey");
  const split = statement.issuerJwt.lastIndexOf(".");
  const message = utf8(statement.issuerJwt.slice(0, split));
  const signature = fromBase64url(statement.issuerJwt.slice(split + 1))!;
  const good = await suite.verifySignature(key, message, signature);
  return good ? passed("signature", evidence) : failed("signature", "SIGNATURE_INVALID", evidence);
}

function kidAsHex(statement: Statement): Hex {
  return toHex(fromBase64url(statement.header.kid) ?? new Uint8Array());
}

function checkBatch({ batch, path }: BatchedStatement, statement: Statement, { keccak }: Suite): Step {
  const { department, kind, year, sequence, count } = batch;
  const evidence: Evidence = { department, kind, year, sequence, count, root: batch.root, path: path.length };
  const { iss, year: statedYear } = statement.payload;
  if (iss !== department) return failed("batch", "DEPARTMENT_MISMATCH", { ...evidence, stated: iss }, "department");
  if (statement.kind !== kind) return failed("batch", "KIND_MISMATCH", { ...evidence, stated: statement.kind }, "kind");
  if (statedYear !== year) return failed("batch", "YEAR_MISMATCH", { ...evidence, stated: statedYear }, "year");
  const root = isPathLength(path.length, count) ? merkleRoot(statement.recordHash, path, keccak) : null;
  return root === batch.root
    ? passed("batch", evidence)
    : failed("batch", "NOT_IN_BATCH", { ...evidence, computed: root });
}

/** How far block time may lag behind the clocks of departments and verifiers, seconds. */
export const TOLERANCE = 900;

/** The event is not after the day of signing, signing not after anchoring, anchoring not after now. */
export function checkClocks(statement: Statement, anchoredAt: number, now: number): Step {
  const { iat: signedAt, year } = statement.payload;
  const eventTime = (statement.fields.eventTime as string | undefined) ?? null;
  const signingDay = dayAt(signedAt);
  const eventIsPast = eventTime === null ? year <= yearOf(signingDay) : dayOf(eventTime)! <= signingDay;
  const evidence = { eventTime, signedAt, anchoredAt, now };
  if (!eventIsPast) return failed("clocks", "TIME_IMPLAUSIBLE", evidence, "eventTime");
  if (signedAt > anchoredAt + TOLERANCE) return failed("clocks", "TIME_IMPLAUSIBLE", evidence, "signedAt");
  if (anchoredAt > now + TOLERANCE) return failed("clocks", "TIME_IMPLAUSIBLE", evidence, "anchoredAt");
  return passed("clocks", evidence);
}
