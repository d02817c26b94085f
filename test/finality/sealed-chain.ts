import { computeAddress, encodeRlp, getBytes, id, keccak256, SigningKey, toBeArray, ZeroHash } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";

/** QBFT blocks as a validator would seal them, made with ethers and from the protocol's description only. */

export interface Validator {
  readonly address: Hex;
  readonly key: SigningKey;
}

/** Always the same validators for a name, in ascending order of their addresses. */
export function institutions(name: string, count: number): Validator[] {
  const all = Array.from({ length: count }, (_, i) => institution(`${name} ${i}`));
  return all.sort((a, b) => (a.address < b.address ? -1 : 1));
}

export function institution(name: string): Validator {
  const key = new SigningKey(id(`quanlian test validator ${name}`));
  return { key, address: computeAddress(key.publicKey).toLowerCase() as Hex };
}

export function addresses(validators: readonly Validator[]): Hex[] {
  return validators.map(({ address }) => address);
}

export interface BlockPlan {
  readonly number: number;
  /** Validators that the header names. */
  readonly members: readonly Validator[];
  /** Who seals; the first quorum of the members unless said. */
  readonly sealers?: readonly Validator[];
  /** The round that the header names, and the round for which the seals are made. */
  readonly round?: number;
  readonly sealedRound?: number;
  readonly miner?: Validator;
  readonly vote?: { recipient: Hex; add: boolean };
  readonly parentHash?: string;
  readonly stateRoot?: string;
  readonly receiptsRoot?: string;
  readonly timestamp?: number;
  /** Header fields that later forks append after the sixteenth. */
  readonly tail?: readonly RlpTree[];
}

export interface Block {
  readonly raw: Uint8Array;
  readonly hash: Hex;
}

type RlpTree = string | Uint8Array | readonly RlpTree[];

export function sealBlock(plan: BlockPlan): Block {
  const sealedRound = plan.sealedRound ?? plan.round ?? 0;
  const digest = keccak256(encodeHeader(plan, sealedRound, []));
  const seals = sealersOf(plan).map(({ key }) => sealWith(key, digest));
  return {
    raw: getBytes(encodeHeader(plan, plan.round ?? 0, seals)),
    hash: keccak256(encodeHeader(plan, 0, [])) as Hex,
  };
}

/** A run of consecutive blocks; each plan needs no number and no parent. */
export function sealRun(from: number, plans: readonly Omit<BlockPlan, "number">[]): Block[] {
  const blocks: Block[] = [];
  for (const [i, plan] of plans.entries()) {
    blocks.push(sealBlock({ parentHash: blocks.at(-1)?.hash, ...plan, number: from + i }));
  }
  return blocks;
}

/** 65 bytes r ‖ s ‖ v over a 32-byte digest. */
function sealWith(key: SigningKey, digest: string): Uint8Array {
  const { r, s, yParity } = key.sign(digest);
  return getBytes(`${r}${s.slice(2)}0${yParity}`);
}

function encodeExtraData(plan: BlockPlan, round: number, seals: readonly Uint8Array[]): string {
  const { members, vote } = plan;
  const ballot = vote ? [vote.recipient, vote.add ? "0xff" : "0x"] : [];
  return encodeRlp([new Uint8Array(32), addresses(members), ballot, integer(round), [...seals]] as never);
}

function sealersOf({ members, sealers }: BlockPlan): readonly Validator[] {
  return sealers ?? members.slice(0, Math.ceil((2 * members.length) / 3));
}

function encodeHeader(plan: BlockPlan, round: number, seals: readonly Uint8Array[]): string {
  const root = id("unused");
  return encodeRlp([
    plan.parentHash ?? ZeroHash,
    root,
    (plan.miner ?? plan.members[0]!).address,
    plan.stateRoot ?? root,
    root,
    plan.receiptsRoot ?? root,
    new Uint8Array(256),
    integer(1),
    integer(plan.number),
    integer(60_000_000),
    integer(0),
    integer(plan.timestamp ?? 1_790_000_000 + plan.number),
    encodeExtraData(plan, round, seals),
    root,
    new Uint8Array(8),
    integer(0),
    ...(plan.tail ?? []),
  ] as never);
}

function integer(value: number): Uint8Array {
  return toBeArray(value);
}
