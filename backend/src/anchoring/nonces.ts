/** Open transactions seen against the relayer's mined nonce. */
export interface NonceView<T> {
  /** Their nonce is used up: by them, or by something else. */
  readonly mined: readonly T[];
  /** They can still enter a block, one after the other. */
  readonly waiting: readonly T[];
  /** A nonce below theirs is missing, so they never can: the chain went back behind transactions already forgotten. */
  readonly stranded: readonly T[];
}

/** @param open in ascending order of nonce @param minedNonce the next nonce as mined */
export function sortByNonce<T extends { readonly nonce: number }>(
  open: readonly T[],
  minedNonce: number,
): NonceView<T> {
  const pending = open.filter(({ nonce }) => nonce >= minedNonce);
  const gap = pending.findIndex(({ nonce }, i) => nonce !== minedNonce + i);
  const waiting = gap < 0 ? pending : pending.slice(0, gap);
  return {
    mined: open.filter(({ nonce }) => nonce < minedNonce),
    waiting,
    stranded: pending.slice(waiting.length),
  };
}
