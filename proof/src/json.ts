import { fromUtf8 } from "./bytes.ts";

/** Any value that a Quanlian document or claim may hold. Numbers are integers within ±(2^53 − 1). */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export type ReadJson = { ok: true; value: Json } | { ok: false; problem: JsonProblem; position: number };
export type JsonProblem =
  "not-utf8" | "syntax" | "too-deep" | "duplicate-key" | "forbidden-key" | "not-an-exact-integer" | "lone-surrogate";

/** Deepest nesting of arrays and objects that is read; no form of Quanlian needs more than half of it. */
export const MAX_DEPTH = 32;

/**
 * Reads JSON (RFC 8259) as every other implementation must read it too, so that no two readers can see different
 * documents in the same bytes: duplicate keys, `__proto__`, fractions, exponents, integers beyond 2^53 − 1, lone
 * surrogates and nesting beyond {@link MAX_DEPTH} are refused. Time and memory are linear in the input.
 */
export function readJson(input: string | Uint8Array): ReadJson {
  const text = typeof input === "string" ? input : fromUtf8(input);
  if (text === null) return { ok: false, problem: "not-utf8", position: 0 };
  const plain = readPlain(text);
  if (plain !== undefined) return { ok: true, value: plain };
  const reader = new Reader(text);
  try {
    return { ok: true, value: reader.document() };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem, position: error.position };
    throw error;
  }
}

/**
 * By the platform's reader, several times as fast, what it writes back in exactly the same characters: then no key was
 * repeated and no number rounded. Undefined for whatever else, which {@link Reader} alone judges.
 */
function readPlain(text: string): Json | undefined {
  if (text.includes("\\")) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return JSON.stringify(value) === text && isAllowed(value, 1) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAllowed(value: Json, depth: number): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth > MAX_DEPTH || Object.hasOwn(value, "__proto__")) return false;
  return Object.values(value).every((part) => isAllowed(part, depth + 1));
}

class Refusal extends Error {
  readonly problem: JsonProblem;
  readonly position: number;

  constructor(problem: JsonProblem, position: number) {
    super(problem);
    this.problem = problem;
    this.position = position;
  }
}

// eslint-disable-next-line no-control-regex -- RFC 8259 §7 forbids exactly these
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Json {
    this.#space();
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#refuse("syntax");
    return value;
  }

  #value(): Json {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
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

  #nested<T extends Json>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.#refuse("too-deep");
    this.#at++;
    this.#space();
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): { [name: string]: Json } {
    const object: { [name: string]: Json } = {};
    if (this.#take("}")) return object;
    do {
      this.#space();
      const start = this.#at;
      const name = this.#string();
      if (name === "__proto__") this.#refuse("forbidden-key", start);
      if (Object.hasOwn(object, name)) this.#refuse("duplicate-key", start);
      this.#space();
      this.#expect(":");
      this.#space();
      object[name] = this.#value();
      this.#space();
    } while (this.#take(","));
    this.#expect("}");
    return object;
  }

  #array(): Json[] {
    const array: Json[] = [];
    if (this.#take("]")) return array;
    do {
      this.#space();
      array.push(this.#value());
      this.#space();
    } while (this.#take(","));
    this.#expect("]");
    return array;
  }

  #string(): string {
    const start = this.#at;
    this.#expect('"');
    let value = this.#match(PLAIN)![0];
    while (this.#text[this.#at] === "\\") value += this.#escape() + this.#match(PLAIN)![0];
    this.#expect('"');
    if (!value.isWellFormed()) this.#refuse("lone-surrogate", start);
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#refuse("syntax");
      this.#at += 6;
      return String.fromCharCode(parseInt(digits, 16));
    }
    if (!Object.hasOwn(ESCAPES, letter)) this.#refuse("syntax");
    this.#at += 2;
    return ESCAPES[letter]!;
  }

  #number(): number {
    const start = this.#at;
    const match = this.#match(NUMBER) ?? this.#refuse("syntax");
    const value = Number(match[0]);
    const exact = match[1] === undefined && match[2] === undefined && Number.isSafeInteger(value);
    if (!exact || Object.is(value, -0)) this.#refuse("not-an-exact-integer", start);
    return value;
  }

  #word<T extends Json>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#refuse("syntax");
    this.#at += word.length;
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) this.#refuse("syntax");
  }

  #refuse(problem: JsonProblem, position = this.#at): never {
    throw new Refusal(problem, position);
  }
}
