import { parseArgs, type ParseArgsConfig } from "node:util";

export const USAGE = `quanlian: check papers of the audit chain 全链, without trusting whoever handed them over

  quanlian verify FILE…      is it genuine, and does it still stand?
      --trust FILE           trust list (default: $QUANLIAN_TRUST, then ~/.quanlian/trust.json)
      --rpc [CHAINID=]URL    node to ask instead of those on the trust list; may be repeated
      --offline              ask no node: says what the file alone proves
      --lines                files and standard input hold one document a line, as an .ndjson file does
      --json                 one JSON object per document, one document a line
      --lang zh|en           language (default: by $LANG, else Chinese)
  quanlian inspect FILE      what is in it, unverified
  quanlian present FILE      show only some fields of a receipt
      --show NAME,NAME…      the fields to show; without it, the fields to choose from
      --out FILE
  quanlian renew FILE        an old receipt or certificate with a proof of today, by the seals of today's validators
      --rpc [CHAINID=]URL    node to ask instead of those on the trust list; it must offer debug_getRawHeader and eth_getProof
      --trust FILE, --out FILE, --lang zh|en
  quanlian keygen statement|signer --out FILE
                             new keys of a department: for statements (P-256), for batches (secp256k1)
  quanlian issue [FILE…]     sign records with the department's own statement key and put them on record, one draft a line
  quanlian agent             check and sign what the service has sealed, again and again
      --url URL --department CODE
      --key-dir DIR          signer.json, statement.json, trust.json, client.json; issued.ndjson and journal.ndjson are kept here
      [--once]               once only
      [--every SECONDS]      how long to wait between two looks (5)
  quanlian sign              the same by hand: shows each batch and asks
      --service URL --department CODE --key FILE --statement-keys FILE --trust FILE --journal FILE
      [--records FILE]       refuse records whose hash is not in this list
      [--yes]                do not ask before each signature
  quanlian trust show [FILE] whom a trust list trusts, and its fingerprint
  quanlian trust pin FILE --fingerprint HEX
                             take a first list, whose fingerprint you have from elsewhere
  quanlian trust update FILE a change of validators (network: changes/*.json), or a newer list signed by a quorum
  quanlian trust sign FILE --key NODEKEY
                             a validator's signature for a newer list
      --trust FILE           the list that pin and update write (default: ~/.quanlian/trust.json)
  quanlian conformance DIR [--against COMMAND] [--json]
                             put test vectors to this verifier, or to another one that speaks the protocol
  quanlian conformance --stdio
                             answer the protocol

FILE may be "-" for standard input, and an .ndjson file with one document a line; verify also takes a folder, for all such files in it.
Exit code: 0 valid · 1 not valid · 2 could not decide · 64 wrong usage
`;

/** A call that makes no sense; the message completes "quanlian: ….". */
export class UsageError extends Error {}

/** Node's parser with our own error. */
export function parse<const T extends NonNullable<ParseArgsConfig["options"]>>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.replace(/[.\s]+$/, ""));
  }
}
