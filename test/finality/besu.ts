import { readFileSync } from "node:fs";
import { encodeRlp, getBytes, toBeArray } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import type { BatchAnchored } from "../../proof/src/finality/batch-anchored.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";

/** What a real four-validator Besu network answered (test/fixtures/qbft/README.md). */

interface BlockAnswer {
  number: Hex;
  hash: Hex;
  parentHash: Hex;
  stateRoot: Hex;
  receiptsRoot: Hex;
  timestamp: Hex;
  extraData: Hex;
}

interface Network {
  genesis: { config: { chainId: number }; extraData: Hex };
  genesisBlock: BlockAnswer;
  blocks: BlockAnswer[];
  rawHeaders: Hex[];
  validators: Hex[][];
  receipt: { to: Hex; transactionIndex: Hex };
  blockReceipts: { logs: { address: Hex; topics: Hex[]; data: Hex }[] }[];
  rawReceipts: Hex[];
  proofBlock: BlockAnswer;
  proof: AccountAnswer & { storageHash: Hex; codeHash: Hex };
  proofNoAccount: AccountAnswer;
}

interface AccountAnswer {
  address: Hex;
  accountProof: Hex[];
  storageProof: { key: string; value: Hex; proof: Hex[] }[];
}

export const network = fixture("cancun-forest.json") as Network;
/** Decided in rounds 5 and 1. */
export const laterRounds = fixture("round-nonzero.json") as BlockAnswer[];

/** A block whose one transaction, of type 2, anchored a batch. */
export const typedReceipt = fixture("typed-receipt.json") as {
  readonly trust: QbftTrust;
  readonly ledger: Hex;
  readonly rawHeader: Hex;
  readonly rawReceipts: Hex[];
  readonly event: BatchAnchored;
};

export const validators = network.validators[0]!;
export const besuTrust: QbftTrust = {
  epochLength: 30_000,
  sets: [{ from: 0, until: null, validators }],
  pins: [],
};

export function header(i: number): Uint8Array {
  return getBytes(network.rawHeaders[i]!);
}

/** The raw header of an eth_getBlockByNumber answer. */
export function rawHeader(block: object): Uint8Array {
  const answer = block as Record<string, Hex>;
  return getBytes(encodeRlp(HEADER_FIELDS.map((name) => fieldBytes(name, answer[name]!))));
}

const HEADER_FIELDS = (
  "parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty number gasLimit gasUsed " +
  "timestamp extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas parentBeaconBlockRoot"
).split(" ");
const INTEGERS = "difficulty number gasLimit gasUsed timestamp baseFeePerGas blobGasUsed excessBlobGas".split(" ");

function fieldBytes(name: string, value: Hex): Uint8Array {
  return INTEGERS.includes(name) ? toBeArray(BigInt(value)) : getBytes(value);
}

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/qbft/${name}`, import.meta.url), "utf8"));
}
