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
 * known set or its end is VALIDATORS_FORKED: both proofs together show who signed two histories.
 * @param rawHeaders consecutive, the last one completing a change
 */
export function verifyValidatorChanges(rawHeaders: readonly Uint8Array[], trust: QbftTrust): ValidatorChanges {
  const run = linkedHeaders(rawHeaders);
  if ("code" in run) return run;
  const start = run[0]?.header.number ?? 0;
  const known = setAt(trust.sets, start);
  if (!known) return refuse("VALIDATORS_UNKNOWN", { block: start });
  const changes = countVotes(run, known.validators, trust.epochLength);
  return "code" in changes ? changes : extend(trust.sets, changes);
}

/** A new set and the first block that it decides. */
interface Change {
  readonly from: number;
  readonly validators: readonly Hex[];
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

function countVotes(
  run: readonly ReadHeader[],
  initial: readonly Hex[],
  epochLength: number,
): readonly Change[] | Refusal {
  const tally = new Tally(initial);
  const changes: Change[] = [];
  for (const read of run) {
    const { header, extra } = read;
    const before = tally.validators;
    if (!extra || !sameValidators(extra.validators, before))
      return refuse("VALIDATORS_MISMATCH", { block: header.number });
    if (header.number % epochLength === 0) tally.lapse();
    else if (!tally.count(header.miner, extra.vote)) continue;
    else {
      const sealers = sealersUnder(read, before);
      if ("code" in sealers) return sealers;
      changes.push({ from: header.number + 1, validators: tally.validators });
    }
  }
  const end = run.at(-1)?.header.number ?? null;
  return end !== null && changes.at(-1)?.from === end + 1 ? changes : refuse("CHANGE_NOT_VOTED", { block: end });
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

function extend(sets: readonly ValidatorSet[], changes: readonly Change[]): ValidatorChanges {
  let extended = sets;
  for (const change of changes) {
    const next = withChange(extended, change);
    if ("code" in next) return next;
    extended = next;
  }
  return { ok: true, sets: extended };
}

function withChange(sets: readonly ValidatorSet[], change: Change): readonly ValidatorSet[] | Refusal {
  const at = sets.findIndex((set) => set.until === null || set.until >= change.from - 1);
  const [closing, following] = [sets[at], sets[at + 1]];
  if (closing?.until === null) {
    return [...sets.slice(0, at), { ...closing, until: change.from - 1 }, { ...change, until: null }];
  }
  const agrees = closing?.until === change.from - 1 && following?.from === change.from;
  if (agrees && sameValidators(following.validators, change.validators)) return sets;
  return refuse("VALIDATORS_FORKED", { block: change.from });
}
