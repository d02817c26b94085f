import { encodeRlp, getBytes, hexlify, id, Interface, toBeArray, toUtf8Bytes } from "ethers";
import { AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import type { Hex } from "../../proof/src/bytes.ts";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import { buildTrie } from "../../proof/src/finality/build-trie.ts";
import type { BatchAnchored } from "../../proof/src/finality/batch-anchored.ts";
import type { FinalityProof } from "../../proof/src/finality/finality-proof.ts";
import { encodeInteger } from "../../proof/src/finality/rlp.ts";
import { sealBlock, type BlockPlan } from "./sealed-chain.ts";

/** Receipts of transactions that anchor batches, encoded by ethers from the contract's own ABI. */

export const ledger = hexlify(getBytes(id("test ledger")).subarray(12)) as Hex;
export const ledgerInterface: Interface = AuditLedger__factory.createInterface();

export const batch: BatchAnchored = {
  department: "11110105MB0000001X",
  sequence: 17,
  kind: 4,
  year: 2026,
  count: 512,
  root: id("root") as Hex,
  entriesHash: id("entries") as Hex,
};

export interface LogFields {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export function anchoredLog(event: BatchAnchored = batch, address: string = ledger): LogFields {
  const { department, sequence, kind, year, count, root, entriesHash } = event;
  const values = [hexlify(toUtf8Bytes(department)), sequence, kind, year, count, root, entriesHash];
  return { address, ...ledgerInterface.encodeEventLog("BatchAnchored", values) };
}

export function rawReceipt(logs: readonly LogFields[], { type = 2, status = 1 } = {}): Hex {
  const fields = logs.map(({ address, topics, data }) => [address, topics, data]);
  const body = encodeRlp([toBeArray(status), toBeArray(900_000), new Uint8Array(256), fields] as never);
  return (type === 0 ? body : `0x0${type}${body.slice(2)}`) as Hex;
}

/** A sealed block whose transactions have these receipts, and the proof of one of them. */
export function provenReceipt(
  plan: Omit<BlockPlan, "receiptsRoot">,
  receipts: readonly Hex[],
  index: number,
): FinalityProof {
  const trie = buildTrie(receipts.map((raw, i) => ({ key: encodeInteger(i), value: getBytes(raw) })));
  const { raw } = sealBlock({ ...plan, receiptsRoot: trie.root });
  const answers = { header: hexlify(raw) as Hex, rawReceipts: receipts, accounts: [] };
  return assembleFinalityProof(answers, { transactions: [index], accounts: [] });
}
