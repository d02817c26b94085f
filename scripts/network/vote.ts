import { getBytes, toQuantity } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { readQbftHeader } from "../../proof/src/finality/qbft.ts";
import { verifyValidatorChanges } from "../../proof/src/finality/validator-changes.ts";
import type { QbftTrust, ValidatorSet } from "../../proof/src/finality/validators.ts";
import type { Member } from "./member.ts";
import { NetworkError } from "./network-error.ts";
import type { Ask } from "./rpc.ts";

export interface Election {
  readonly members: readonly Member[];
  readonly trust: QbftTrust;
  readonly askOf: (member: Member) => Ask;
  /** Address that is voted in or out. */
  readonly candidate: Hex;
  readonly add: boolean;
  readonly timeoutSeconds: number;
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

/** A change of the validator set with its proof: raw headers from the first vote that counts to the one that decides. */
export interface Elected {
  readonly headers: readonly Hex[];
  readonly sets: readonly ValidatorSet[];
}

/**
 * Votes on every validator that answers from here, waits until the change holds, and proves it from the headers
 * (docs/decisions/0007-validator-sets.md). Validators elsewhere vote by the same command on their own machines.
 */
export async function holdElection(election: Election): Promise<Elected> {
  const { candidate, add, trust, askOf } = election;
  const current = trust.sets.at(-1)!.validators;
  if (current.includes(candidate) === add) {
    throw new NetworkError(add ? `${candidate} is a validator already.` : `${candidate} is no validator.`);
  }
  const voters = await castVotes(election, current);
  const ask = askOf(voters[0]!);
  try {
    await untilInForce(election, ask, `${voters.length} of ${current.length} validators voted from here`);
    return await proveChange(await decidingBlock(election, ask), trust, ask);
  } finally {
    await Promise.allSettled(voters.map((voter) => askOf(voter)("qbft_discardValidatorVote", [candidate])));
  }
}

async function castVotes({ members, askOf, candidate, add }: Election, current: readonly Hex[]): Promise<Member[]> {
  const voters: Member[] = [];
  for (const member of members.filter(({ address }) => current.includes(address))) {
    const cast = askOf(member)<boolean>("qbft_proposeValidatorVote", [candidate, add]);
    if (await cast.catch(() => false)) voters.push(member);
  }
  if (voters.length === 0) throw new NetworkError("No validator answers from here, so nobody can vote.");
  return voters;
}

async function untilInForce(
  { candidate, add, timeoutSeconds, pause }: Election,
  ask: Ask,
  votes: string,
): Promise<void> {
  for (let waited = 0; ; waited++) {
    if ((await validatorsAt("latest", ask)).includes(candidate) === add) return;
    if (waited >= timeoutSeconds) throw new NetworkError(`No majority within ${timeoutSeconds} s: ${votes}.`);
    await pause(1_000);
  }
}

/** The block that completed the majority: the last one before the first that names the new set. */
async function decidingBlock({ candidate, add, trust }: Election, ask: Ask): Promise<number> {
  let before = trust.sets.at(-1)!.from;
  let after = Number(await ask<Hex>("eth_blockNumber"));
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    const changed = (await validatorsAt(toQuantity(middle), ask)).includes(candidate) === add;
    if (changed) after = middle;
    else before = middle;
  }
  return before;
}

async function validatorsAt(block: string, ask: Ask): Promise<Hex[]> {
  const validators = await ask<Hex[]>("qbft_getValidatorsByBlockNumber", [block]);
  return validators.map((address) => address.toLowerCase() as Hex);
}

/** Votes may be older than this command, but not older than the epoch: looks further back until they make a majority. */
async function proveChange(deciding: number, trust: QbftTrust, ask: Ask): Promise<Elected> {
  const first = Math.max(1, trust.sets.at(-1)!.from);
  for (let length = 16; ; length *= 4) {
    const from = Math.max(first, deciding - length + 1);
    const headers = withoutIdleStart(await rawHeaders(from, deciding, ask));
    const proven = verifyValidatorChanges(
      headers.map((raw) => getBytes(raw)),
      trust,
    );
    if (proven.ok) return { headers, sets: proven.sets };
    const exhausted = from === first || length > trust.epochLength;
    if (proven.code !== "CHANGE_NOT_VOTED" || exhausted) {
      throw new NetworkError(`The headers do not prove the change: ${proven.code}.`);
    }
  }
}

async function rawHeaders(from: number, to: number, ask: Ask): Promise<Hex[]> {
  const headers: Hex[] = [];
  for (let block = from; block <= to; block++) headers.push(await ask<Hex>("debug_getRawHeader", [toQuantity(block)]));
  return headers;
}

/** Blocks before the first vote prove nothing. */
function withoutIdleStart(headers: readonly Hex[]): readonly Hex[] {
  const first = headers.findIndex((raw) => {
    const read = readQbftHeader(getBytes(raw));
    return "code" in read || Boolean(read.extra?.vote);
  });
  return headers.slice(Math.max(0, first));
}
