import type { Hex } from "../bytes.ts";
import { refuse, type Refusal } from "./codes.ts";
import type { ExtraData } from "./extra-data.ts";
import type { Header } from "./header.ts";
import { readQbftHeader, sealersUnder, type ReadHeader } from "./qbft.ts";
import { sameValidators, setAt, type QbftTrust, type ValidatorSet } from "./validators.ts";

/**
 * How one validator set becomes the next: by votes in block headers, counted here as every node counts them (Besu's
 * VoteTally). More than half of the validators must have voted the same within an epoch; the set changes with the next block.
 *
 * The proof is the unbroken run of headers from a vote that counts to the vote that completes the majority. Only headers
 * that complete a majority need seals (a quorum of the set that they change); the others are bound by their hashes. A run
 * may start anywhere: votes before it can only add to a majority, and one reached earlier would show as another set.
 */
export type ValidatorChanges = { readonly ok: true; readonly sets: readonly ValidatorSet[] } | Refusal;

/**
 * The trusted sets extended by what the headers prove. Repeating a known change is a normal answer; one that contradicts a
 * known set or its interval is VALIDATORS_FORKED: both proofs together show who signed two histories.
 * @param rawHeaders consecutive, the last one completing a change
 */
export function verifyValidatorChanges(rawHeaders: readonly Uint8Array[], trust: QbftTrust): ValidatorChanges {
  const run = linkedHeaders(rawHeaders);
  if ("code" in run) return run;
  const start = run[0]?.header.number ?? 0;
  const initial = setAt(trust.sets, start);
  return initial ? countVotes(run, initial, trust) : refuse("VALIDATORS_UNKNOWN", { block: start });
}

function linkedHeaders(rawHeaders: readonly Uint8Array[]): readonly ReadHeader[] | Refusal {
  const run: ReadHeader[] = [];
  for (const raw of rawHeaders) {
    const read = readQbftHeader(raw);
    if ("code" in read) return read;
    const parent = run.at(-1);
    if (parent && !isChild(read.header, parent)) return refuse("HEADERS_NOT_LINKED", { block: read.header.number });
    run.push(read);
  }
  return run;
}

function isChild(header: Header, parent: ReadHeader): boolean {
  return header.number === parent.header.number + 1 && header.parentHash === parent.hash;
}

function countVotes(run: readonly ReadHeader[], initial: ValidatorSet, trust: QbftTrust): ValidatorChanges {
  const tally = new Tally(initial.validators);
  let sets = trust.sets;
  let changed = false;
  for (const read of run) {
    const { number, miner } = read.header;
    const validators = tally.validators;
    const misplaced = misplacement(read, validators, sets);
    if (misplaced) return misplaced;
    const lapsing = number % trust.epochLength === 0; // such a block carries no vote that counts
    if (lapsing) tally.lapse();
    changed = !lapsing && tally.count(miner, read.extra!.vote);
    if (!changed) continue;
    const sealers = sealersUnder(read, validators);
    if ("code" in sealers) return sealers;
    const extended = withChange(sets, number, tally.validators);
    if ("code" in extended) return extended;
    sets = extended;
  }
  return changed ? { ok: true, sets } : refuse("CHANGE_NOT_VOTED", { block: run.at(-1)?.header.number ?? null });
}

/** Why a block cannot be one that these validators decided: it names others, or the list knows that others were in force. */
function misplacement(
  { header: { number }, extra }: ReadHeader,
  validators: readonly Hex[],
  sets: readonly ValidatorSet[],
): Refusal | undefined {
  if (!extra || !sameValidators(extra.validators, validators)) return refuse("VALIDATORS_MISMATCH", { block: number });
  const known = setAt(sets, number);
  const agrees = known && sameValidators(known.validators, validators);
  return agrees ? undefined : refuse("VALIDATORS_FORKED", { block: number });
}

/** `sets` with the one that is in force at `block` ending there, and `validators` after it. */
function withChange(
  sets: readonly ValidatorSet[],
  block: number,
  validators: readonly Hex[],
): readonly ValidatorSet[] | Refusal {
  const last = sets.at(-1)!;
  if (last.until === null && last.from <= block) {
    return [...sets.slice(0, -1), { ...last, until: block }, { from: block + 1, until: null, validators }];
  }
  const following = sets.find(({ from }) => from === block + 1);
  const known = following !== undefined && sameValidators(following.validators, validators);
  return known ? sets : refuse("VALIDATORS_FORKED", { block: block + 1 });
}

/** Outstanding votes and the set that they have made so far. */
class Tally {
  validators: readonly Hex[];
  /** By `add:<recipient>` or `drop:<recipient>`: who wants it. */
  readonly #votes = new Map<string, Set<Hex>>();

  constructor(validators: readonly Hex[]) {
    this.validators = validators;
  }

  lapse(): void {
    this.#votes.clear();
  }

  /** Whether this vote has changed the set. A voter's later vote replaces the earlier one. */
  count(voter: Hex, vote: ExtraData["vote"]): boolean {
    if (!vote || !this.validators.includes(voter)) return false;
    const { recipient, add } = vote;
    this.#votesFor(recipient, !add).delete(voter);
    const supporters = this.#votesFor(recipient, add).add(voter);
    if (supporters.size <= this.validators.length / 2) return false;
    this.#settle(recipient);
    return this.#replace(add ? withMember(this.validators, recipient) : without(this.validators, recipient));
  }

  #votesFor(recipient: Hex, add: boolean): Set<Hex> {
    const key = `${add ? "add" : "drop"}:${recipient}`;
    const votes = this.#votes.get(key) ?? new Set<Hex>();
    this.#votes.set(key, votes);
    return votes;
  }

  #settle(recipient: Hex): void {
    this.#votes.delete(`add:${recipient}`);
    this.#votes.delete(`drop:${recipient}`);
  }

  /** A member that leaves takes its outstanding votes along. A vote for what is already so changes nothing. */
  #replace(next: readonly Hex[]): boolean {
    if (next.length === 0 || sameValidators(next, this.validators)) return false;
    this.validators = next;
    for (const votes of this.#votes.values()) {
      for (const voter of votes) if (!next.includes(voter)) votes.delete(voter);
    }
    return true;
  }
}

function withMember(validators: readonly Hex[], added: Hex): readonly Hex[] {
  return validators.includes(added) ? validators : [...validators, added].sort();
}

function without(validators: readonly Hex[], removed: Hex): readonly Hex[] {
  return validators.filter((validator) => validator !== removed);
}
