import type { Hex } from "@quanlian/proof";
import { fromHex } from "../database/bytea.ts";
import { departmentBytes } from "./batch-signing.ts";
import type { BatchContent, LedgerEntry } from "./words.ts";

const WORD = 32;
/** Words before the entries: five arguments and the place of a sixth, then the number of entries. */
const [ARGUMENTS, COUNT] = [6, 1];

/**
 * Calldata of `AuditLedger.anchor` by the contract ABI: written once, in place. A general encoder makes half a hundred objects of
 * each entry, which was a third of all memory that the service took up.
 */
export function anchorCall(
  selector: Hex,
  { department, kind, year, sequence }: Pick<BatchContent, "department" | "kind" | "year" | "sequence">,
  entries: readonly LedgerEntry[],
  signature: Hex,
): Buffer {
  const bytes = fromHex(signature);
  const entriesAt = ARGUMENTS * WORD;
  const signatureAt = entriesAt + (COUNT + 2 * entries.length) * WORD;
  const call = Buffer.alloc(4 + signatureAt + WORD + Math.ceil(bytes.length / WORD) * WORD);
  call.set(fromHex(selector));
  const words = call.subarray(4);
  words.set(fromHex(departmentBytes(department)));
  [kind, year, sequence, entriesAt, signatureAt].forEach((value, i) => putNumber(words, (i + 1) * WORD, value));
  putNumber(words, entriesAt, entries.length);
  entries.forEach(({ streamKey, recordHash }, i) => {
    const at = entriesAt + (COUNT + 2 * i) * WORD;
    words.write(streamKey.slice(2), at, "hex");
    words.write(recordHash.slice(2), at + WORD, "hex");
  });
  putNumber(words, signatureAt, bytes.length);
  words.set(bytes, signatureAt + WORD);
  return call;
}

/** A safe integer at the right of its word. */
function putNumber(words: Buffer, at: number, value: number): void {
  words.writeBigUInt64BE(BigInt(value), at + WORD - 8);
}
