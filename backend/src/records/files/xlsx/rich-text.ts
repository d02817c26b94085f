import { tooLarge } from "../file-error.ts";

/** Characters that a cell may hold (Excel's specification). */
const maxCharacters = 32_767;

/**
 * Gathers the text of a string item (ECMA-376 part 1, 18.4.8): its `t` elements, whether plain or in runs of
 * different fonts, but not the phonetic guides of `rPh`, which are not part of what was typed.
 */
export class RichText {
  #text = "";
  #inText = false;
  #inPhonetic = false;

  open(name: string): void {
    if (name === "t") this.#inText = true;
    else if (name === "rPh") this.#inPhonetic = true;
  }

  close(name: string): void {
    if (name === "t") this.#inText = false;
    else if (name === "rPh") this.#inPhonetic = false;
  }

  write(text: string): void {
    if (!this.#inText || this.#inPhonetic) return;
    this.#text += text;
    if (this.#text.length > maxCharacters) throw tooLarge("单元格内容过长", "A cell holds too long a text");
  }

  /** The text so far; what follows begins a new item. */
  take(): string {
    const text = unescaped(this.#text);
    this.#text = "";
    return text;
  }
}

/**
 * XML cannot hold every character that a cell can; Excel writes the others as _xHHHH_ (18.18.98, ST_Xstring). NUL and
 * unpaired surrogates, which no database keeps, become the sign of broken text.
 */
export function unescaped(text: string): string {
  if (!text.includes("_x")) return text;
  const plain = text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return plain.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD").toWellFormed();
}
