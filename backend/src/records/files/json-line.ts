import { fault, type Fault } from "../problems.ts";
import type { Json } from "../types/record-type.ts";
import { clipped } from "./file-error.ts";

export type JsonReading =
  { readonly value: Json; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: Fault };

/**
 * Reads one JSON text (RFC 8259) that means the same to every reader: no member twice, no unpaired surrogates or NUL, bounded
 * nesting, and no number that a double does not hold exactly as it is written (18-digit codes without quotes are the
 * usual case). Never throws. A fault says at which character.
 */
export function readJson(text: string, maxDepth: number): JsonReading {
  const scanner = new Scanner(text, maxDepth);
  try {
    return { value: scanner.document() };
  } catch (error) {
    if (error instanceof Stop) return { fault: error.fault };
    throw error;
  }
}

class Stop extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.code);
    this.fault = fault;
  }
}

// eslint-disable-next-line no-control-regex -- RFC 8259 §7: control characters must be escaped
const plain = /[^"\\\u0000-\u001F]*/y;
// What survives in no database.
const unstorable = /[\p{Surrogate}\0]/u;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const space = /[ \t\n\r]*/y;

class Scanner {
  #at = 0;
  #depth = 0;
  readonly #text: string;
  readonly #maxDepth: number;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): Json {
    this.#skip(space);
    const value = this.#value();
    this.#skip(space);
    if (this.#at < this.#text.length) this.#malformed();
    return value;
  }

  #value(): Json {
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #nested(read: () => Json): Json {
    if (++this.#depth > this.#maxDepth) this.#stop(tooDeep(this.#maxDepth));
    this.#at++;
    this.#skip(space);
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): Json {
    const object: Record<string, Json> = {};
    if (this.#took("}")) return object;
    do {
      this.#skip(space);
      const name = this.#string();
      if (Object.hasOwn(object, name)) this.#stop(duplicateKey(name));
      if (name === "__proto__") this.#malformed();
      this.#skip(space);
      this.#expect(":");
      this.#skip(space);
      object[name] = this.#value();
      this.#skip(space);
    } while (this.#took(","));
    this.#expect("}");
    return object;
  }

  #array(): Json {
    const array: Json[] = [];
    if (this.#took("]")) return array;
    do {
      this.#skip(space);
      array.push(this.#value());
      this.#skip(space);
    } while (this.#took(","));
    this.#expect("]");
    return array;
  }

  #string(): string {
    const start = this.#at;
    this.#expect('"');
    this.#skip(plain);
    const escaped = this.#text[this.#at] === "\\";
    while (this.#text[this.#at] === "\\") {
      this.#at += 2;
      this.#skip(plain);
    }
    this.#expect('"');
    const value = escaped ? this.#unescaped(start) : this.#text.slice(start + 1, this.#at - 1);
    return unstorable.test(value) ? this.#malformed() : value;
  }

  #unescaped(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string;
    } catch {
      return this.#malformed();
    }
  }

  #number(): number {
    const start = this.#at;
    this.#skip(number);
    const literal = this.#text.slice(start, this.#at);
    if (literal === "") this.#malformed();
    const value = Number(literal);
    return isExact(literal, value) ? value : this.#stop(inexact(literal));
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#malformed();
    this.#at += word.length;
    return value;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    if (pattern.test(this.#text)) this.#at = pattern.lastIndex;
  }

  #took(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#took(character)) this.#malformed();
  }

  #malformed(): never {
    const at = this.#at + 1;
    return this.#stop(fault("MALFORMED_JSON", `请检查第${at}个字符附近`, `Look near character ${at}`));
  }

  #stop(found: Fault): never {
    throw new Stop(found);
  }
}

/** Whether the double prints as the same decimal number that was written. */
function isExact(literal: string, value: number): boolean {
  return String(value) === literal || (Number.isFinite(value) && decimal(String(value)) === decimal(literal));
}

/** Sign, significant digits and exponent: equal for 12.50, 1.25e1 and 12.5. */
function decimal(literal: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE](.+))?$/.exec(
    literal,
  )!;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}

function tooDeep(limit: number): Fault {
  return fault("TOO_DEEP", `最多${limit}层`, `At most ${limit} levels`);
}

function duplicateKey(name: string): Fault {
  const shown = clipped(name);
  return fault("DUPLICATE_KEY", `“${shown}”只能出现一次`, `“${shown}” may stand only once`);
}

function inexact(literal: string): Fault {
  const shown = clipped(literal);
  return fault("NUMBER_INEXACT", `请给 ${shown} 加上引号`, `Put ${shown} in quotes`);
}
