import { isHex, type Hex } from "../bytes.ts";

/** The validators of a chain from block `from` to block `until`, both included; null while the set is in force. */
export interface ValidatorSet {
  readonly from: number;
  readonly until: number | null;
  /** Addresses of the validators' node keys. */
  readonly validators: readonly Hex[];
}

/** A block that the trust list vouches for by itself: no seals are needed, and none can contradict it. */
export interface BlockPin {
  readonly number: number;
  readonly hash: Hex;
}

/** What a verifier trusts about one QBFT chain (docs/decisions/0007-validator-sets.md). */
export interface QbftTrust {
  /** Blocks after which outstanding votes lapse: `qbft.epochlength` of the genesis file. */
  readonly epochLength: number;
  /** In ascending order, without overlap. A block in no set is not trusted. */
  readonly sets: readonly ValidatorSet[];
  /** The genesis block at least; also block hashes that must hold when the keys of old validators no longer do. */
  readonly pins: readonly BlockPin[];
}

/** Why a trust entry cannot be used, or null. Reasons are for the person who wrote the list. */
export function trustProblem(trust: QbftTrust): string | null {
  if (!isBlockNumber(trust.epochLength) || trust.epochLength === 0) return "the epoch length is not a positive integer";
  if (!trust.sets.every(isSet)) return "a validator set has no valid interval, no members, or a member twice";
  if (!trust.sets.every((set, i) => follows(set, trust.sets[i - 1])))
    return "validator sets overlap or are out of order";
  if (!trust.pins.every((pin) => isBlockNumber(pin.number) && isHex(pin.hash, 32)))
    return "a pinned block is malformed";
  const numbers = new Set(trust.pins.map((pin) => pin.number));
  return numbers.size === trust.pins.length ? null : "one block number is pinned twice";
}

/**
 * A validator that two chains of a trust list share, or null. Headers name no chain: were a node key used on two chains,
 * a block of one could be shown as a block of the other. A trust list with such a key must not be used.
 */
export function sharedValidator(chains: readonly QbftTrust[]): Hex | null {
  const owner = new Map<Hex, QbftTrust>();
  for (const chain of chains) {
    for (const validator of chain.sets.flatMap((set) => set.validators)) {
      if ((owner.get(validator) ?? chain) !== chain) return validator;
      owner.set(validator, chain);
    }
  }
  return null;
}

export function setAt(sets: readonly ValidatorSet[], block: number): ValidatorSet | undefined {
  return sets.find((set) => set.from <= block && block <= (set.until ?? Infinity));
}

/** Whether two lists name the same validators; headers list them in ascending order, people need not. */
export function sameValidators(a: readonly Hex[], b: readonly Hex[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

function isSet(set: ValidatorSet): boolean {
  if (!isBlockNumber(set.from) || !(set.until === null || (isBlockNumber(set.until) && set.until >= set.from)))
    return false;
  const { validators } = set;
  return (
    validators.length > 0 &&
    new Set(validators).size === validators.length &&
    validators.every((validator) => isHex(validator, 20))
  );
}

function follows(set: ValidatorSet, before: ValidatorSet | undefined): boolean {
  return before === undefined || (before.until !== null && before.until < set.from);
}

function isBlockNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
