import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import {
  batchDigest,
  entriesHash,
  readStatement,
  supersessionDigest,
  thumbprint,
  verifyStream,
  type Entry,
  type Hex,
  type PublicJwk,
  type SealedBatch,
  type Statement,
  type Subject,
  type TrustedChain,
  type TrustList,
  type UnsignedSupersession,
} from "@quanlian/proof";
import { nodeEs256 } from "./node-es256.ts";

/** A batch that the agent has signed before. */
export interface SignedBefore {
  readonly chainId: number;
  readonly ledger: Hex;
  readonly sequence: number;
  readonly entriesHash: Hex;
  readonly recordHashes: readonly Hex[];
}

/** A supersession that the agent has signed before. */
export type SupersededBefore = Omit<UnsignedSupersession, "by">;

/** What the agent has signed before; it outlives restarts. */
export type JournalEntry = SignedBefore | SupersededBefore;

/** A record that the department itself has issued: what it supersedes, and why. */
export interface IssuedRecord {
  readonly supersedes: readonly Hex[];
  /** As in {@link UnsignedSupersession}; null when it supersedes nothing. */
  readonly reason: number | null;
}

export interface AgentRules {
  readonly department: string;
  readonly trust: TrustList;
  /** Thumbprints of the department's own statement keys. */
  readonly statementKeys: ReadonlySet<Hex>;
  /** The only records that may be signed, by their hashes; null: any record that one of its keys signed. */
  readonly expected: ReadonlyMap<Hex, IssuedRecord> | null;
}

export interface CheckedBatch {
  readonly signed: SignedBefore;
  /** What the department's signer signs. */
  readonly digest: Hex;
  readonly records: readonly Statement[];
}

/** Why a batch must not be signed; the message goes to the people of the department. */
export class Refusal extends Error {}

/**
 * Checks that a batch holds exactly records of the department, each in the stream of its subject, before it is signed.
 * @throws Refusal naming the first thing that is wrong.
 */
export function checkSealed(batch: SealedBatch, rules: AgentRules, journal: readonly JournalEntry[]): CheckedBatch {
  const { department, kind, year, sequence, chainId, ledger } = batch;
  const chain = rules.trust.chains.find((trusted) => trusted.chainId === chainId && trusted.ledger === ledger);
  if (department !== rules.department) throw new Refusal(`it is a batch of department ${department}`);
  if (!chain) throw new Refusal(`ledger ${ledger} on chain ${chainId} is not on the trust list`);
  if (!isFilled(batch.entries)) throw new Refusal("it is empty");
  const records = batch.entries.map((entry, i) => checkEntry(entry, i, batch, chain, rules));
  const entries: Entry[] = records.map(({ recordHash }, i) => ({ streamKey: batch.entries[i]!.streamKey, recordHash }));
  const recordHashes = records.map(({ recordHash }) => recordHash);
  const signed = { chainId, ledger, sequence, entriesHash: entriesHash(entries), recordHashes };
  checkJournal(signed, journal);
  const digest = batchDigest({ chainId, ledger, department, kind, year, sequence, entriesHash: signed.entriesHash });
  return { signed, digest, records };
}

function isFilled(entries: unknown): boolean {
  return Array.isArray(entries) && entries.length > 0;
}

function checkEntry(
  entry: SealedBatch["entries"][number],
  position: number,
  batch: SealedBatch,
  chain: TrustedChain,
  rules: AgentRules,
): Statement {
  const refuse = (problem: string): never => {
    throw new Refusal(`record ${position + 1}: ${problem}`);
  };
  const statement = readStatement(entry.statement, nodeEs256);
  if (!statement.ok) return refuse(`its statement is not sound (${statement.code})`);
  const { payload, kind, recordHash, fields } = statement;
  if (payload.iss !== batch.department) refuse(`it is a record of department ${payload.iss}`);
  if (kind !== batch.kind || payload.year !== batch.year) refuse("it is of another kind or year than the batch");
  if (!isSignedByOwnKey(statement, entry.statementKey, rules)) refuse("it is not signed with a key of the department");
  if (rules.expected && !rules.expected.has(recordHash)) refuse(`${recordHash} is not among the expected records`);
  const vrfKey = chain.vrfKeys.findLast(({ fromYear }) => fromYear <= batch.year)?.key;
  const subject = fields.subject as unknown as Subject | undefined;
  const proven = vrfKey && subject && verifyStream(vrfKey, subject, kind, payload.year, entry.proof);
  if (!proven || proven !== entry.streamKey) refuse("it would go into another subject's stream");
  return statement;
}

function isSignedByOwnKey({ issuerJwt, header }: Statement, key: PublicJwk, { statementKeys }: AgentRules): boolean {
  const print = thumbprint(key, nodeEs256);
  if (!statementKeys.has(print) || Buffer.from(print.slice(2), "hex").toString("base64url") !== header.kid)
    return false;
  const split = issuerJwt.lastIndexOf(".");
  const signature = Buffer.from(issuerJwt.slice(split + 1), "base64url");
  return nodeEs256.verifySignature(key, Buffer.from(issuerJwt.slice(0, split)), signature) === true;
}

/** One batch for each sequence, one anchoring for each record: whatever the service says. */
function checkJournal(signed: SignedBefore, entries: readonly JournalEntry[]): void {
  if (new Set(signed.recordHashes).size < signed.recordHashes.length) throw new Refusal("it holds a record twice");
  const journal = entries.filter((entry): entry is SignedBefore => "sequence" in entry);
  const here = journal.filter(({ chainId, ledger }) => chainId === signed.chainId && ledger === signed.ledger);
  const same = here.find(({ sequence }) => sequence === signed.sequence);
  if (same && same.entriesHash !== signed.entriesHash)
    throw new Refusal(`another batch was signed under sequence ${signed.sequence}`);
  const others = here.filter(({ sequence }) => sequence !== signed.sequence);
  const before = new Set(others.flatMap(({ recordHashes }) => recordHashes));
  const repeated = signed.recordHashes.find((recordHash) => before.has(recordHash));
  if (repeated) throw new Refusal(`record ${repeated} was signed in an earlier batch`);
}

/**
 * Checks that a supersession is one that the department itself has asked for, before it is signed: its own record names
 * the other in its statement, for the reason that was given, and no other record was ever put in that place.
 * @throws Refusal naming the first thing that is wrong.
 */
export function checkSupersession(
  supersession: UnsignedSupersession,
  rules: AgentRules,
  journal: readonly JournalEntry[],
): { readonly signed: SupersededBefore; readonly digest: Hex } {
  const { by, department, recordHash, successor, reason, chainId, ledger } = supersession;
  if (by !== rules.department) throw new Refusal(`it is one by department ${by}`);
  if (!rules.trust.chains.some((trusted) => trusted.chainId === chainId && trusted.ledger === ledger))
    throw new Refusal(`ledger ${ledger} on chain ${chainId} is not on the trust list`);
  const issued = rules.expected?.get(successor);
  if (!issued) throw new Refusal(`${successor} is not among the expected records`);
  if (!issued.supersedes.includes(recordHash))
    throw new Refusal(`${successor} does not say that it supersedes ${recordHash}`);
  if (issued.reason !== reason) throw new Refusal(`reason ${reason} was not given for it`);
  const signed = { chainId, ledger, department, recordHash, successor, reason };
  const isOther = (entry: JournalEntry) =>
    "recordHash" in entry &&
    [entry.chainId, entry.ledger, entry.department, entry.recordHash].join() ===
      [chainId, ledger, department, recordHash].join() &&
    (entry.successor !== successor || entry.reason !== reason);
  if (journal.some(isOther)) throw new Refusal(`another record was put in the place of ${recordHash}`);
  return { signed, digest: supersessionDigest(supersession) };
}

/** The 65 bytes r ‖ s ‖ v (low s, v 27 or 28) that the ledger takes. */
export function signDigest(digest: Hex, secretKey: Uint8Array): Hex {
  const signature = secp256k1.sign(hexToBytes(digest.slice(2)), secretKey, { prehash: false, format: "recovered" });
  return `0x${bytesToHex(signature.subarray(1))}${(27 + signature[0]!).toString(16)}`;
}
