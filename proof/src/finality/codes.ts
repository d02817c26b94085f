/**
 * Why a finality or state proof is refused: the closed list of this folder. A refusal is a value, never an exception.
 * docs/finality.md §6 says of each where it arises.
 */
export const FINALITY_CODES = [
  /** A proof object has a missing, unknown or ill-typed member. */
  "PROOF_MALFORMED",
  /** The header is not one canonical RLP list of the known fields. */
  "HEADER_MALFORMED",
  /** `extraData` is not a QBFT list of vanity, validators, vote, round and seals. */
  "EXTRA_DATA_MALFORMED",
  /** The trust list names no validator set for this block number. */
  "VALIDATORS_UNKNOWN",
  /** The header names other validators than the trusted set: an old set, a fork, or another chain. */
  "VALIDATORS_MISMATCH",
  /** A proven change contradicts a set, or the end of a set, that the trust list already holds. */
  "VALIDATORS_FORKED",
  /** The headers of a change are not consecutive, each the parent of the next. */
  "HEADERS_NOT_LINKED",
  /** The headers of a change do not end with the vote that completes a majority. */
  "CHANGE_NOT_VOTED",
  /** A seal is not 65 bytes r ‖ s ‖ v with 0 < r < n, 0 < s ≤ n/2 and v ∈ {0, 1}, or recovers to no key. */
  "SEAL_MALFORMED",
  /** Two seals were made by one validator. */
  "SEAL_DUPLICATE",
  /** A seal was not made, for this header and round, by a validator of the trusted set. */
  "SEAL_NOT_VALIDATOR",
  /** Fewer than ⌈2N/3⌉ validators of the trusted set have sealed. */
  "SEALS_BELOW_QUORUM",
  /** The trust list pins another hash for this block number. */
  "BLOCK_CONTRADICTS_PIN",
  /** A trie node is not a canonical branch, extension or leaf. */
  "TRIE_NODE_MALFORMED",
  /** A trie node does not hash to what its parent, or the header, says: altered, reordered or of another trie. */
  "TRIE_HASH_MISMATCH",
  /** The nodes end before the key's place is reached. */
  "TRIE_PROOF_TRUNCATED",
  /** Nodes are left over that the proof does not need. */
  "TRIE_PROOF_OVERLONG",
  /** The block has no transaction at the index. */
  "RECEIPT_NOT_IN_BLOCK",
  /** The receipt is not canonical EIP-2718 RLP with the fields of EIP-658. */
  "RECEIPT_MALFORMED",
  /** A receipt of a transaction type that this version does not know. */
  "RECEIPT_TYPE_UNKNOWN",
  /** The transaction was included and failed: it changed nothing. */
  "TRANSACTION_FAILED",
  /** The receipt has no BatchAnchored log of the trusted ledger. */
  "EVENT_NOT_FOUND",
  /** A BatchAnchored log of the ledger does not decode. */
  "EVENT_MALFORMED",
  /** The state trie's value at the address is not an account. */
  "ACCOUNT_MALFORMED",
  /** A storage trie's value is not a canonical unsigned integer of 1 to 32 bytes. */
  "STORAGE_VALUE_MALFORMED",
] as const;

export type FinalityCode = (typeof FINALITY_CODES)[number];

/** What a check looked at when it refused; goes into the evidence of a verdict's step. */
export type Evidence = Readonly<Record<string, string | number | boolean | null>>;

export interface Refusal {
  readonly ok: false;
  readonly code: FinalityCode;
  readonly evidence: Evidence;
}

export function refuse(code: FinalityCode, evidence: Evidence = {}): Refusal {
  return { ok: false, code, evidence };
}
