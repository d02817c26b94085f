import type { Hex, Kind } from "@quanlian/proof";
import {
  type FinalityProof,
  type BatchAnchored,
  ledgerSlots,
  type PartQuestions,
  partQuestions,
  type Proven,
  receiptQuestions,
  type RegistryLengths,
  type Wanted,
} from "@quanlian/proof/finality";
import {
  type Block as EthersBlock,
  Interface,
  Transaction,
  computeAddress,
  SigningKey,
  toQuantity,
  toUtf8String,
  zeroPadValue,
} from "ethers";
import { fromHex, toHex } from "../database/bytea.ts";
import { anchorCall } from "./anchor-call.ts";
import { departmentBytes, signerOf } from "./batch-signing.ts";
import { ChainRefused, ChainUnavailable, PriceTooLow } from "./chain-error.ts";
import {
  type AuditLedger,
  AuditLedger__factory,
  type DepartmentRegistry,
  DepartmentRegistry__factory,
} from "./contracts/index.ts";
import type { BlockReader } from "./finality.ts";
import { type RpcClient, RpcRefusal } from "./rpc-client.ts";
import { RpcProvider } from "./rpc-provider.ts";
import { SealedBlocks } from "./sealed-blocks.ts";
import { signTransaction } from "./transaction.ts";
import type { ValidatorsFile } from "./validators-file.ts";
import type {
  AnchorCall,
  AnchoredBatch,
  AnchoredRecord,
  BatchContent,
  Block,
  DepartmentState,
  Fees,
  KeyLife,
  LedgerEntry,
  LedgerIdentity,
  RawTransaction,
  SupersededRecord,
} from "./words.ts";

/** Upper bound of an anchoring transaction's gas, every bucket new (the arithmetic is beside the contract's ceiling). */
const GAS_PER_BATCH = 160_000n;
const GAS_PER_ENTRY = 24_800n;
/** Two proofs of at most ten hashes, a signature, one new slot pair: about 170,000. */
const GAS_PER_SUPERSESSION = 400_000n;

const ERC1271 = new Interface(["function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)"]);
/** Its selector, and what it answers when the signature is good. */
const MAGIC = "0x1626ba7e";

/** Blocks asked for in one log query; nodes limit the answer. */
const LOG_RANGE = 2_000;

/** Questions in one request. */
const CALLS_PER_REQUEST = 500;

/** The registry's first VRF key serves every earlier year; trust lists begin here. */
const FIRST_YEAR = 1900;

/** What a node says when a transaction it is given is nothing new. */
const ALREADY_THERE =
  /already known|known transaction|already imported|already in (the )?(mem)?pool|nonce too low|nonce is too low/i;

/** What a node says when only a higher price would make it take a transaction. */
const PRICE_TOO_LOW =
  /underpriced|price (is )?too low|below (the )?(configured )?minimum|max fee per gas (is )?(less|lower) than/i;

/** What a node says that has no room, or has not seen what comes before. */
const NOT_NOW = /pool is full|too many (pending )?transactions|nonce too (high|distant)/i;

/**
 * The service's only view of the ledger: domain words in and out, and two ways to fail (chain-error.ts). What makes a
 * batch final or stops a department, blocks, events and stored roots, is what enough nodes say alike, or what seals prove; the
 * rest one node tells.
 */
export class Ledger implements BlockReader {
  readonly identity: LedgerIdentity;
  readonly relayer: Hex;
  /** Null on a network whose blocks carry no seals that this service was told to check: its nodes are believed. */
  readonly sealed: SealedBlocks | null;
  readonly #client: RpcClient;
  readonly #provider: RpcProvider;
  readonly #contract: AuditLedger;
  readonly #agreedProvider: RpcProvider;
  readonly #agreedContract: AuditLedger;
  readonly #registry: DepartmentRegistry;
  readonly #relayerKey: SigningKey;
  readonly #anchorSelector: Hex;

  constructor(
    client: RpcClient,
    identity: LedgerIdentity,
    relayerKey: string,
    validators: ValidatorsFile | null = null,
  ) {
    this.identity = identity;
    this.sealed = validators && new SealedBlocks(client, identity, validators);
    this.#client = client;
    this.#agreedProvider = new RpcProvider(client, identity.chainId, validators ? "send" : "agreed");
    this.#agreedContract = AuditLedger__factory.connect(identity.ledger, this.#agreedProvider);
    this.#provider = new RpcProvider(client, identity.chainId);
    this.#contract = AuditLedger__factory.connect(identity.ledger, this.#provider);
    this.#registry = DepartmentRegistry__factory.connect(identity.registry, this.#provider);
    this.#relayerKey = new SigningKey(relayerKey);
    this.#anchorSelector = this.#contract.interface.getFunction("anchor").selector as Hex;
    this.relayer = computeAddress(this.#relayerKey).toLowerCase() as Hex;
  }

  /** The newest block that enough nodes have. */
  async head(): Promise<Block> {
    if (this.sealed) return this.sealed.block("latest");
    const block = await this.#blockReached("latest");
    if (!block) throw new ChainUnavailable("the nodes have no latest block");
    return block;
  }

  /** A block as enough nodes show it. */
  async blockAt(tag: number | "finalized"): Promise<Block | undefined> {
    if (tag === "finalized") return this.#blockReached(tag);
    if (this.sealed) return this.sealed.block(tag);
    const block = await this.#agreedProvider.getBlock(tag);
    return block ? toBlock(block) : undefined;
  }

  async #blockReached(tag: "latest" | "finalized"): Promise<Block | undefined> {
    const number = await this.#client.reached(tag);
    return number === undefined ? undefined : this.blockAt(number);
  }

  /**
   * What proves, by its block alone, that a batch was anchored as the event says, under good statement keys; null without seals.
   * @throws ChainUnavailable when no node can prove it: the event is not to be believed
   */
  async proveBatch(event: AnchoredBatch, thumbprints: readonly Hex[]): Promise<FinalityProof | null> {
    const { department, sequence, root, entriesHash, blockNumber, transactionIndex } = event;
    const keys = thumbprints.map((thumbprint) => ({ department, thumbprint }));
    const wanted = {
      transactions: [transactionIndex],
      departments: keys.length > 0 ? [department] : [],
      questions: (lengths: RegistryLengths) => (keys.length > 0 ? receiptQuestions(this.identity, keys, lengths) : []),
    };
    const isEvent = (proven: BatchAnchored) =>
      proven.department === department &&
      proven.sequence === sequence &&
      proven.root === root &&
      proven.entriesHash === entriesHash;
    const check = ({ events }: Proven) => (events.some(isEvent) ? null : "there is no such event");
    return this.sealed && this.sealed.prove(blockNumber, wanted, check);
  }

  /** The state that a certificate speaks of, proven at a block; null without seals. @throws ChainUnavailable */
  async proveState(blockNumber: number, questions: PartQuestions): Promise<FinalityProof | null> {
    const wanted = {
      transactions: [],
      departments: questions.records.map(({ department }) => department),
      questions: (lengths: RegistryLengths) => partQuestions(this.identity, questions, lengths),
    };
    return this.sealed && this.sealed.prove(blockNumber, wanted, () => null);
  }

  /** Anything about the newest block, proven; null without seals. @throws ChainUnavailable */
  async proveNewest(wanted: Omit<Wanted, "transactions">): Promise<FinalityProof | null> {
    if (!this.sealed) return null;
    const { number } = await this.sealed.block("latest");
    return this.sealed.prove(number, { ...wanted, transactions: [] }, () => null);
  }

  /** Proves that the ledger holds a supersession as the event says. @throws ChainUnavailable when no node can */
  async checkSuperseded({ department, recordHash, successor, blockNumber }: SupersededRecord): Promise<void> {
    const { ledger } = this.identity;
    const [slot] = ledgerSlots.supersession(department, recordHash) as [Hex, Hex];
    const wanted = { transactions: [], departments: [], questions: () => [{ address: ledger, slots: [slot] }] };
    await this.sealed?.prove(blockNumber, wanted, ({ accounts }) =>
      accounts.get(ledger)?.slots.get(slot) === successor ? null : "there is no such supersession",
    );
  }

  /** The sequence that the department's next batch must carry, at the head of the chain. */
  async nextSequence(department: string): Promise<number> {
    return Number(await this.#contract.nextSequence(departmentBytes(department)));
  }

  /** The root that the ledger holds under a sequence at the head of the chain, or undefined. */
  async rootOf(department: string, sequence: number): Promise<Hex | undefined> {
    const { root } = await this.#agreedContract.batchOf(departmentBytes(department), sequence);
    return isZero(root) ? undefined : (root as Hex);
  }

  /**
   * Running hashes of buckets at a block, one node's word, several hundred in a request.
   * @throws ChainRefused when the node no longer has that block's state
   */
  async headsOf(kind: Kind, year: number, buckets: readonly bigint[], blockNumber: number): Promise<Hex[]> {
    const { selector } = this.#contract.interface.getFunction("headOf");
    const calls = buckets.map((bucket) => {
      const data = selector + [kind, year, bucket].map(word).join("");
      return [{ to: this.identity.ledger, data }, toQuantity(blockNumber)];
    });
    const heads: Hex[] = [];
    for (let i = 0; i < calls.length; i += CALLS_PER_REQUEST)
      heads.push(...((await this.#client.sendAll("eth_call", calls.slice(i, i + CALLS_PER_REQUEST))) as Hex[]));
    return heads;
  }

  /** Everything that ever held for a department, oldest first; empty when the registry does not know it. */
  async historyOf(department: string): Promise<DepartmentState[]> {
    const history = await this.#registry.historyOf(departmentBytes(department));
    return history.map(({ since, capabilities, suspended, signer }) => {
      return {
        since: Number(since),
        capabilities: Number(capabilities),
        suspended,
        signer: signer.toLowerCase() as Hex,
      };
    });
  }

  /** Whether a signature is that of the department's signer today, which may be a contract (ERC-1271). */
  async isSigned(department: string, digest: Hex, signature: Hex): Promise<boolean> {
    const signer = (await this.historyOf(department)).at(-1)?.signer;
    if (signer === undefined) return false;
    if (signerOf(digest, signature) === signer) return true;
    if ((await this.#provider.getCode(signer)) === "0x") return false;
    const answer = await this.#provider.call({
      to: signer,
      data: ERC1271.encodeFunctionData(MAGIC, [digest, signature]),
    });
    return answer.startsWith(MAGIC);
  }

  /** The life of a statement key (its thumbprint) or of a signer (its address), as far as the registry knows today. */
  async lifeOf(department: string, key: Hex): Promise<KeyLife> {
    const { from, until } = await this.#registry.keyOf(departmentBytes(department), zeroPadValue(key, 32));
    return { from: Number(from), until: Number(until) };
  }

  /** All batches anchored in a range of blocks, in the order of the chain. @param department of this one only */
  async anchoredBatches(fromBlock: number, toBlock: number, department?: string): Promise<AnchoredBatch[]> {
    const batches: AnchoredBatch[] = [];
    const wanted = this.#agreedContract.filters.BatchAnchored(department && departmentBytes(department));
    for (let from = fromBlock; from <= toBlock; from += LOG_RANGE) {
      const to = Math.min(from + LOG_RANGE - 1, toBlock);
      const logs = await this.#agreedContract.queryFilter(wanted, from, to);
      batches.push(
        ...logs.map((log) => ({
          department: toUtf8String(log.args.department),
          kind: Number(log.args.kind) as Kind,
          year: Number(log.args.year),
          sequence: Number(log.args.sequence),
          entriesHash: log.args.entriesHash as Hex,
          count: Number(log.args.count),
          root: log.args.root as Hex,
          blockNumber: log.blockNumber,
          blockHash: log.blockHash as Hex,
          transactionHash: log.transactionHash as Hex,
          transactionIndex: log.transactionIndex,
          logIndex: log.index,
        })),
      );
    }
    return batches;
  }

  /** All supersessions in a range of blocks, in the order of the chain. @param department only of its records */
  async supersededRecords(fromBlock: number, toBlock: number, department?: string): Promise<SupersededRecord[]> {
    const records: SupersededRecord[] = [];
    const wanted = this.#agreedContract.filters.RecordSuperseded(department && departmentBytes(department));
    for (let from = fromBlock; from <= toBlock; from += LOG_RANGE) {
      const to = Math.min(from + LOG_RANGE - 1, toBlock);
      const logs = await this.#agreedContract.queryFilter(wanted, from, to);
      records.push(
        ...logs.map((log) => ({
          department: toUtf8String(log.args.department),
          recordHash: log.args.recordHash as Hex,
          successor: log.args.successor as Hex,
          by: toUtf8String(log.args.by),
          reason: Number(log.args.reason),
          blockNumber: log.blockNumber,
          transactionHash: log.transactionHash as Hex,
          logIndex: log.index,
        })),
      );
    }
    return records;
  }

  /** The record that takes a record's place at the head of the chain, or undefined while it stands. */
  async successorOf(department: string, recordHash: Hex): Promise<Hex | undefined> {
    const { successor } = await this.#agreedContract.supersessionOf(departmentBytes(department), recordHash);
    return isZero(successor) ? undefined : (successor as Hex);
  }

  /** Entries and signature as they stand in the transaction that anchored a batch, or undefined when a contract relayed it. */
  async anchorCallOf(transactionHash: Hex): Promise<AnchorCall | undefined> {
    const transaction = await this.#provider.getTransaction(transactionHash);
    const call = transaction && this.#contract.interface.parseTransaction(transaction);
    if (call?.name !== "anchor") return undefined;
    const entries = call.args.getValue("entries") as { streamKey: Hex; recordHash: Hex }[];
    const signature = call.args.getValue("signature") as Hex;
    return { entries: entries.map(({ streamKey, recordHash }) => ({ streamKey, recordHash })), signature };
  }

  /** Whether a transaction lies in a block, and whether it succeeded there. */
  async outcomeOf(transactionHash: Hex): Promise<"unknown" | "succeeded" | "failed"> {
    const receipt = await this.#provider.getTransactionReceipt(transactionHash);
    if (!receipt) return "unknown";
    return receipt.status === 1 ? "succeeded" : "failed";
  }

  /** What a transaction cost; 0 while it lies in no block. */
  async gasUsed(transactionHash: Hex): Promise<number> {
    return Number((await this.#provider.getTransactionReceipt(transactionHash))?.gasUsed ?? 0);
  }

  /** The number of the block that holds a transaction, or undefined. */
  async blockOf(transactionHash: Hex): Promise<number | undefined> {
    return (await this.#provider.getTransactionReceipt(transactionHash))?.blockNumber;
  }

  /** The relayer's next nonce as mined: every smaller one is used up. */
  async minedNonce(): Promise<number> {
    return this.#provider.getTransactionCount(this.relayer, "latest");
  }

  async fees(): Promise<Fees> {
    const [block, price] = await Promise.all([
      this.#provider.getBlock("latest"),
      this.#provider.send("eth_gasPrice", []) as Promise<string>,
    ]);
    const base = block?.baseFeePerGas ?? 0n;
    const suggested = BigInt(price);
    const tip = suggested > base ? suggested - base : 0n;
    return { maxFeePerGas: base * 2n + tip, maxPriorityFeePerGas: tip };
  }

  /** The signed transaction that anchors a batch; nothing is sent. */
  prepareAnchor(
    batch: BatchContent,
    entries: readonly LedgerEntry[],
    signature: Hex,
    nonce: number,
    fees: Fees,
  ): RawTransaction {
    const data = anchorCall(this.#anchorSelector, batch, entries, signature);
    return this.#signed(data, GAS_PER_BATCH + GAS_PER_ENTRY * BigInt(entries.length), nonce, fees);
  }

  /** The signed transaction that puts a record in the place of another; nothing is sent. */
  prepareSupersede(
    record: AnchoredRecord,
    successor: AnchoredRecord,
    reason: number,
    signature: Hex,
    nonce: number,
    fees: Fees,
  ): RawTransaction {
    const args = [toStruct(record), toStruct(successor), reason, signature] as const;
    const data = this.#contract.interface.encodeFunctionData("supersede", [...args]);
    return this.#signed(fromHex(data as Hex), GAS_PER_SUPERSESSION, nonce, fees);
  }

  #signed(data: Uint8Array, gasLimit: bigint, nonce: number, fees: Fees): RawTransaction {
    const { chainId, ledger } = this.identity;
    return signTransaction({ chainId, to: ledger, nonce, gasLimit, data, ...fees }, this.#relayerKey);
  }

  /**
   * The same transaction at a price that takes the place of the old one: at least an eighth more, as nodes demand a tenth.
   * @returns undefined when there is no price, or it would be above `most` (wei per gas)
   */
  repriced(raw: Buffer, fees: Fees, most: bigint): RawTransaction | undefined {
    const old = Transaction.from(toHex(raw));
    const maxFeePerGas = raised(old.maxFeePerGas!, fees.maxFeePerGas);
    const maxPriorityFeePerGas = raised(old.maxPriorityFeePerGas!, fees.maxPriorityFeePerGas);
    if (maxFeePerGas === 0n || maxFeePerGas > most) return undefined;
    return this.#signed(fromHex(old.data as Hex), old.gasLimit, old.nonce, { maxFeePerGas, maxPriorityFeePerGas });
  }

  /**
   * Hands a signed transaction to every node: one that forgets it, or keeps it for itself, holds nothing up. That a node
   * has it already is a normal answer.
   * @throws ChainUnavailable; ChainRefused when they will never take it; PriceTooLow
   */
  async send(raw: Buffer): Promise<void> {
    try {
      await this.#client.broadcast("eth_sendRawTransaction", [toHex(raw)]);
    } catch (error) {
      if (!(error instanceof RpcRefusal)) throw error;
      if (ALREADY_THERE.test(error.message)) return;
      if (NOT_NOW.test(error.message)) throw new ChainUnavailable(error.message, { cause: error });
      if (PRICE_TOO_LOW.test(error.message)) throw new PriceTooLow(error.message, { cause: error });
      throw error;
    }
  }
}

/**
 * What the chain says about the ledger at an address.
 * @throws ChainUnavailable; ChainRefused when there is no ledger at that address, or it has another registry
 */
export async function readIdentity(client: RpcClient, ledger: string, registry: string): Promise<LedgerIdentity> {
  const chainId = Number(await client.send("eth_chainId", []));
  const provider = new RpcProvider(client, chainId);
  const genesis = await provider.getBlock(0);
  if (!genesis?.hash) throw new ChainUnavailable("the node does not show the genesis block");
  if ((await provider.getCode(ledger)) === "0x") throw new ChainRefused(`there is no ledger at ${ledger}`);
  const contract = AuditLedger__factory.connect(ledger, provider);
  const [actualRegistry, prefixBits] = await Promise.all([contract.registry(), contract.prefixBits()]);
  if (actualRegistry.toLowerCase() !== registry.toLowerCase())
    throw new ChainRefused(`the ledger at ${ledger} belongs to the registry ${actualRegistry}, not ${registry}`);
  return {
    chainId,
    genesisHash: genesis.hash as Hex,
    ledger: ledger.toLowerCase() as Hex,
    registry: registry.toLowerCase() as Hex,
    prefixBits: Number(prefixBits),
    vrfKeys: await readVrfKeys(registry, provider),
  };
}

async function readVrfKeys(registry: string, provider: RpcProvider): Promise<LedgerIdentity["vrfKeys"]> {
  const contract = DepartmentRegistry__factory.connect(registry, provider);
  const logs = await contract.queryFilter(contract.filters.VrfKeySet(), 0);
  return logs.map(({ args }) => ({ fromYear: Math.max(FIRST_YEAR, Number(args.fromYear)), key: args.key as Hex }));
}

/** Both a little above the old price, and what is asked today. */
function raised(old: bigint, today: bigint): bigint {
  const more = (old * 9n + 7n) / 8n;
  return more > today ? more : today;
}

/** A number as one word of calldata. */
function word(value: number | bigint): string {
  return value.toString(16).padStart(64, "0");
}

function isZero(word: string): boolean {
  return /^0x0*$/.test(word);
}

function toStruct({ department, sequence, recordHash, path }: AnchoredRecord) {
  return { department: departmentBytes(department), sequence, recordHash, path: [...path] };
}

function toBlock(block: EthersBlock): Block {
  return { number: block.number, hash: block.hash as Hex, time: block.timestamp };
}
