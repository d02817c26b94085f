import { entriesHash, type Entry, type Hex } from "@quanlian/proof";
import { AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";

const ledger = AuditLedger__factory.createInterface();
const SELECTOR = ledger.getFunction("anchor").selector.slice(2);

/** What tells one anchoring call from the others that a transaction may carry. */
interface AnchorCall {
  department: string;
  sequence: bigint;
  entriesHash: string;
}

/**
 * The entries of an anchored batch, out of the calldata of its transaction.
 *
 * Anybody may relay a batch, also through a contract that carries several calls as bytes. So every place that looks like
 * an anchoring call is read, and the one is taken whose entries have the hash that the ledger's event names.
 *
 * @param data calldata of the transaction, 0x hex
 * @returns undefined when the relaying contract made the call out of something else than its calldata
 */
export function entriesFromCalldata(data: string, wanted: AnchorCall): Entry[] | undefined {
  for (let i = data.indexOf(SELECTOR, 2); i !== -1; i = data.indexOf(SELECTOR, i + 1)) {
    const entries = i % 2 === 0 ? readCall(`0x${data.slice(i)}`, wanted) : undefined;
    if (entries) return entries;
  }
  return undefined;
}

function readCall(call: string, wanted: AnchorCall): Entry[] | undefined {
  try {
    const [department, , , sequence, pairs] = ledger.decodeFunctionData("anchor", call);
    const entries = (pairs as [Hex, Hex][]).map(([streamKey, recordHash]) => ({ streamKey, recordHash }));
    const right = department === wanted.department && sequence === wanted.sequence;
    return right && entriesHash(entries) === wanted.entriesHash ? entries : undefined;
  } catch {
    return undefined; // four bytes of a hash that happen to be the selector
  }
}
