import { anchorMembers, asking, checkAnchor, checkBlock, checkIdentity, checkTrust, type Anchor } from "./anchor.ts";
import { fromBase64url, toHex } from "./bytes.ts";
import type { ChainReader } from "./chain.ts";
import type { Code } from "./codes.ts";
import type { Context } from "./context.ts";
import { batchedStatementMembers, checkClocks, checkRecord, type BatchedStatement } from "./record.ts";
import { finalityShape, type FinalityProof } from "./finality/finality-proof.ts";
import {
  checkProvenAnchor,
  checkProvenBlock,
  ifProven,
  proofOf,
  type JudgedProof,
  type ProvenGround,
} from "./proven.ts";
import { literal, nullable, object } from "./shape.ts";
import type { Statement } from "./statement.ts";
import type { Suite } from "./suite.ts";
import type { SealedChain, TrustedChain } from "./trust.ts";
import { conclude, failed, passed, unknown, type Step, type StepName, type Verdict } from "./verdict.ts";

/** 回执 `quanlian-receipt/1`: one record with all that proves it (docs/format.md §6). */
export interface Receipt extends BatchedStatement {
  readonly format: "quanlian-receipt/1";
  readonly suite: Suite["name"];
  readonly anchor: Anchor;
  /** Null: that the block is final rests on asking the chain. */
  readonly finality: FinalityProof | null;
}

export const receiptShape = object({
  format: literal("quanlian-receipt/1"),
  suite: literal("ES256-SHA256-KECCAK", "SM2-SM3"),
  ...batchedStatementMembers,
  anchor: object(anchorMembers),
  finality: nullable(finalityShape),
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
  const judged = proofOf(receipt.finality, trusted);
  if (judged) return checkByProof(receipt, statement, judged, context);
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

/** The proof decides what was anchored; what has become of key and record since, a node says where one answers. */
async function checkByProof(
  receipt: Receipt,
  statement: Statement,
  judged: JudgedProof,
  context: Context,
): Promise<Step[]> {
  const { steps, ground } = checkProvenBlock(receipt.anchor, judged, context, true);
  if (!ground) return [...steps, ...skip(CHAIN_STEPS.slice(2), "NOT_CHECKED")];
  const { blockTime } = receipt.anchor;
  const { reader, proven } = ground;
  const node = await nodeBeyond(proven.block.number, judged.chain, context);
  return [
    ...steps,
    await checkProvenAnchor(receipt.batch, receipt.anchor, reader),
    (await answered(node, (chain) => checkKey(statement, blockTime, chain), "key")) ??
      (await asking("key", () => checkKey(statement, blockTime, reader))),
    (await answered(node, (chain) => checkSupersession(statement, chain), "supersession")) ??
      (await asking("supersession", () => checkProvenSupersession(statement, receipt.anchor, ground))),
  ];
}

/** A node of that chain which knows at least the proven block; without one, the proof stands for itself. */
async function nodeBeyond(block: number, chain: SealedChain, context: Context): Promise<ChainReader | undefined> {
  const node = context.reader(chain);
  if (!node) return undefined;
  const identity = await asking("chain", () => checkIdentity(chain, node));
  const final = identity.outcome === "passed" ? await node.finalBlock().catch(() => undefined) : undefined;
  return final && final.number >= block ? node : undefined;
}

async function answered(
  node: ChainReader | undefined,
  check: (node: ChainReader) => Promise<Step>,
  step: StepName,
): Promise<Step | undefined> {
  const taken = node && (await asking(step, () => check(node)));
  return taken?.outcome === "unknown" ? undefined : taken;
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

/** As of the proven block; a proof that holds nothing of the record speaks for the moment of anchoring. */
async function checkProvenSupersession(
  statement: Statement,
  { blockNumber, blockTime }: Anchor,
  { proven: { block }, reader }: NonNullable<ProvenGround["ground"]>,
): Promise<Step> {
  const found = await ifProven(reader.supersessionOf(statement.payload.iss, statement.recordHash));
  if (found === "unproven") return passed("supersession", { asOfBlock: blockNumber, asOfTime: blockTime });
  const asOf = { asOfBlock: block.number, asOfTime: block.timestamp };
  return found ? failed("supersession", "SUPERSEDED", { ...found, ...asOf }) : passed("supersession", asOf);
}
