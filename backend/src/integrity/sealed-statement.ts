import { hash } from "node:crypto";
import { kindOf, type Statement } from "@quanlian/proof";
import { toHex } from "../database/bytea.ts";
import type { Json } from "../records/types/record-type.ts";

/** What the columns beside a statement repeat of it. */
export type Said = Pick<Statement, "payload" | "type" | "kind" | "fields" | "recordHash">;

const TYPE_PREFIX = "urn:quanlian:";
/** As long as all disclosures of a statement can be once they are decoded. */
const decoded = Buffer.alloc(1 << 20);

/**
 * What a statement says that a whole seal vouches for. It is, byte for byte, the one that was taken in, so neither its
 * spelling nor its digests are judged again: it is decoded, by the platform's own means, in a twentieth of the time.
 * Null when it is no statement after all.
 */
export function readSealedStatement(statement: string): Said | null {
  try {
    const end = statement.indexOf("~");
    const issuerJwt = statement.slice(0, end);
    const payload = JSON.parse(Buffer.from(issuerJwt.split(".")[1]!, "base64url").toString()) as Said["payload"];
    const type = payload.vct.slice(TYPE_PREFIX.length);
    const fields = fieldsOf(statement, end + 1);
    return { payload, type, kind: kindOf(type)!, fields, recordHash: toHex(hash("sha256", issuerJwt, "buffer")) };
  } catch {
    return null;
  }
}

/** All disclosures as one JSON array: a single parse costs less than one for each. */
function fieldsOf(statement: string, start: number): Record<string, Json> {
  let length = decoded.write("[");
  for (let from = start, to = statement.indexOf("~", from); to >= 0; from = to + 1, to = statement.indexOf("~", from)) {
    if (from > start) length += decoded.write(",", length);
    length += decoded.write(statement.slice(from, to), length, "base64url");
  }
  length += decoded.write("]", length);
  const disclosures = JSON.parse(decoded.toString("utf8", 0, length)) as [salt: string, name: string, value: Json][];
  return Object.fromEntries(disclosures.map(([, name, value]) => [name, value]));
}
