import { fault, type Fault } from "../problems.ts";

// Control characters except tab, line feed and carriage return; the replacement character of a failed decoding; lone surrogates.
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const unprintable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFD\uFFFE\uFFFF]|\p{Cs}/u;

// Byte order marks and zero-width characters, which files carry at the edges of a cell without anybody seeing them.
const edges = /^[\s\uFEFF\u200B-\u200D\u2060]+|[\s\uFEFF\u200B-\u200D\u2060]+$/g;

/** The cell without invisible characters at its edges. What lies between is evidence and stays as it is. */
export function trimmed(cell: string): string {
  return cell.replace(edges, "");
}

/**
 * Half-width form of a code or a number: NFKC, no spaces, ASCII letters in upper case. Not for names and texts.
 * Normalised again once spaces are gone, since what they parted may compose: reading twice changes nothing.
 */
export function plainCode(cell: string): string {
  const plain = ascii.test(cell) ? cell : cell.normalize("NFKC").replace(spaces, "").normalize("NFKC");
  return plain.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}
const ascii = /^[\x21-\x7E]*$/;
const spaces = /[\s\u200B-\u200D\u2060\uFEFF]+/g;

/** Why a text cannot be stored and shown faithfully, or null. */
export function unprintableFault(text: string): Fault | null {
  if (!unprintable.test(text)) return null;
  return fault(
    "VALUE_UNPRINTABLE",
    "请检查该单元格，并以正确的编码重新导出",
    "Check the cell and export it again in the right encoding",
  );
}

/** A spreadsheet has shown a long number as 9.14403E+17: its digits are gone and cannot be guessed. */
export function lostDigitsFault(code: string): Fault | null {
  if (!/^\d(\.\d+)?E\+?\d+$/.test(code)) return null;
  return fault(
    "VALUE_LOST_DIGITS",
    "请将该列设为“文本”格式后重新填写",
    "Set the column's format to Text and enter the number again",
  );
}
