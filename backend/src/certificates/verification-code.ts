import { randomBytes } from "node:crypto";

/** Crockford's base 32: no I, L, O or U, which people misread. */
const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 26;

/** A new 查验码: 26 symbols, 130 random bits. */
export function newCode(): string {
  return Array.from(randomBytes(LENGTH), (byte) => SYMBOLS[byte % SYMBOLS.length]).join("");
}

/** A code as somebody typed it off a paper, in the form in which it is kept. */
export function readCode(typed: string): string {
  const plain = typed.toUpperCase().replace(/[\s-]/g, "");
  return plain.replace(/O/g, "0").replace(/[IL]/g, "1");
}
