import { randomBytes } from "node:crypto";
import { issueStatement, readStatement, type Hex, type Json, type Signer } from "@quanlian/proof";

/** The same statement with some claims changed, whole and consistent in itself, but signed by somebody else. */
export function rewriteStatement(
  statement: string,
  changes: Readonly<Record<string, Json>>,
  signer: Signer,
): { statement: string; recordHash: Hex } {
  const read = readStatement(statement);
  if (!read.ok) throw new Error(read.problem);
  const fields = { ...read.fields, ...changes };
  const { iss: department, iat: signedAt, year } = read.payload;
  const draft = { type: read.type, department, signedAt, year, fields, fieldNames: Object.keys(fields) };
  return issueStatement(draft, signer, (length) => new Uint8Array(randomBytes(length)));
}
