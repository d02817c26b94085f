import { anchorMembers, asking, checkAnchor, checkBlock, checkTrust, type Anchor } from "./anchor.ts";
import { fromBase64url, toHex } from "./bytes.ts";
import type { ChainReader } from "./chain.ts";
import type { Code } from "./codes.ts";
import type { Context } from "./context.ts";
import { batchedStatementMembers, checkClocks, checkRecord, type BatchedStatement } from "./record.ts";
import { literal, object } from "./shape.ts";
import type { Statement } from "./statement.ts";
import type { Suite } from "./suite.ts";
import type { TrustedChain } from "./trust.ts";
import { conclude, failed, passed, unknown, type Step, type StepName, type Verdict } from "./verdict.ts";

/** 回执 `quanlian-receipt/1`: one record with all that proves it (docs/format.md §6). */
export interface Receipt extends BatchedStatement {
  readonly format: "quanlian-receipt/1";
  readonly suite: Suite["name"];
  readonly anchor: Anchor;
  /** Null: that the block is final rests on asking the chain. */
  readonly finality: null;
}

export const receiptShape = object({
  format: literal("quanlian-receipt/1"),
  suite: literal("ES256-SHA256-KECCAK", "SM2-SM3"),
  ...batchedStatementMembers,
  anchor: object(anchorMembers),
  finality: literal(null),
});

const FILE_STEPS: readonly StepName[] = ["statement", "signature", "batch", "clocks"];
const CHAIN_STEPS: readonly StepName[] = ["chain", "finality", "anchor", "key", "supersession"];

export async function verifyReceipt(receipt: Receipt, context: Context): Promise<Verdict> {
  const trusted = context.trusted(receipt.anchor);
  const file = await checkFile(receipt, context);
  const onChain = file.statement
    ? await checkOnChain(receipt, file.statement, trusted, context)
    : skip(CHAIN_STEPS, "NOT_CHECKED");
  const steps = [passed("document"), checkTrust(receipt.anchor, trusted), ...file.steps, ...onChain];
  if (!file.statement) return conclude(receipt.format, steps);
  const { payload, fields } = file.statement;
  const anchored = onChain.some(({ step, outcome }) => step === "anchor" && outcome === "passed");
  const clocks = {
    eventTime: (fields.eventTime as string | undefined) ?? null,
    signedAt: payload.iat,
    anchoredAt: anchored ? receipt.anchor.blockTime : null,
  };
  return conclude(receipt.format, steps, { clocks, disclosed: fields });
}

async function checkFile(receipt: Receipt, context: Context): Promise<{ statement: Statement | null; steps: Step[] }> {
  const suite = context.suite(receipt.suite);
  if (!suite)
    return {
      statement: null,
      steps: [
        unknown("statement", "SUITE_UNAVAILABLE", { suite: receipt.suite }),
        ...skip(FILE_STEPS.slice(1), "NOT_CHECKED"),
      ],
    };
  const { statement, steps } = await checkRecord(receipt, suite);
  if (!statement) return { statement, steps: [...steps, ...skip(FILE_STEPS.slice(1), "NOT_CHECKED")] };
  return { statement, steps: [...steps, checkClocks(statement, receipt.anchor.blockTime, context.now)] };
}

async function checkOnChain(
  receipt: Receipt,
  statement: Statement,
  trusted: TrustedChain | undefined,
  context: Context,
): Promise<Step[]> {
  if (!trusted) return skip(CHAIN_STEPS, "NOT_CHECKED");
  const reader = context.reader(trusted);
  if (!reader) return skip(CHAIN_STEPS, "CHAIN_NOT_CONSULTED");
  const block = await checkBlock(receipt.anchor, reader);
  if (block.some(({ outcome }) => outcome !== "passed"))
    return [...block, ...skip(CHAIN_STEPS.slice(2), "NOT_CHECKED")];
  return [
    ...block,
    await asking("anchor", () => checkAnchor(receipt.batch, receipt.anchor, reader)),
    await asking("key", () => checkKey(statement, receipt.anchor.blockTime, reader)),
    await asking("supersession", () => checkSupersession(statement, reader)),
  ];
}

function skip(steps: readonly StepName[], code: Code): Step[] {
  return steps.map((step) => unknown(step, code));
}

/** Step `key`: good for this department and kind when the batch was anchored, by what is known today. */
export async function checkKey(statement: Statement, anchoredAt: number, reader: ChainReader): Promise<Step> {
  const thumbprint = toHex(fromBase64url(statement.header.kid)!);
  const department = statement.payload.iss;
  const evidence = { department, kind: statement.kind, thumbprint, anchoredAt };
  const good = await reader.wasAuthorised(department, statement.kind, thumbprint, anchoredAt);
  return good ? passed("key", evidence) : failed("key", "KEY_NOT_AUTHORISED", evidence, "statementKey");
}

async function checkSupersession(statement: Statement, reader: ChainReader): Promise<Step> {
  const { number, time } = await reader.finalBlock();
  const found = await reader.supersessionOf(statement.payload.iss, statement.recordHash);
  return found && found.at <= time
    ? failed("supersession", "SUPERSEDED", { ...found, asOfBlock: number })
    : passed("supersession", { asOfBlock: number });
}
