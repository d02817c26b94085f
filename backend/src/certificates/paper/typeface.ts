import { fileURLToPath } from "node:url";
import { openSync } from "fontkit";

/** Noto Sans Hans (SIL Open Font License), whole: 20,000 Han characters and more. */
export const REGULAR = fontFile("Regular");
export const BOLD = fontFile("Bold");

const regular = openSync(REGULAR);

/** Text as it can be printed: what the typeface lacks, and what would be invisible or turn the line, is named by its code point. */
export function legible(text: string): string {
  return [...text].map((character) => (isPrintable(character) ? character : named(character))).join("");
}

/** Whether a legible text names a character instead of showing it. */
export function namesCharacters(text: string): boolean {
  return /〔U\+[0-9A-F]{4,6}〕/.test(text);
}

function isPrintable(character: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character) && regular.hasGlyphForCodePoint(character.codePointAt(0)!);
}

function named(character: string): string {
  return `〔U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}〕`;
}

function fontFile(weight: "Regular" | "Bold"): string {
  return fileURLToPath(new URL(`../fonts/NotoSansHans-${weight}.otf`, import.meta.resolve("@embedpdf/fonts-sc")));
}
