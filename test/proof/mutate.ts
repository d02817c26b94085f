import fc from "fast-check";
import type { Json } from "@quanlian/proof";

/** A way to spoil a document: pure, and small enough to read when a test has shrunk it. */
export type Mutation =
  | { readonly kind: "bit"; readonly at: number; readonly bit: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "drop"; readonly at: number; readonly length: number }
  | { readonly kind: "insert"; readonly at: number; readonly text: string }
  | { readonly kind: "value"; readonly at: number; readonly value: Json }
  | { readonly kind: "remove"; readonly at: number }
  | { readonly kind: "swap"; readonly at: number; readonly with: number }
  | { readonly kind: "splice"; readonly at: number };

/** Values that have broken readers before. */
const HOSTILE: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  2 ** 53 - 1,
  4294967295,
  4294967296,
  "",
  "0x",
  "0x00",
  "none",
  "ES256",
  "HS256",
  "toString",
  "constructor",
  "hasOwnProperty",
  [],
  {},
  [[]],
  { length: 1 },
  { toString: 1 },
  "\u0000",
  "\ufeff",
  "ＥＳ２５６",
  "е",
  "~",
  "a~b~",
  ".",
  "..",
  "....",
  `0x${"00".repeat(20)}`,
  `0x${"00".repeat(32)}`,
  `0x${"ff".repeat(32)}`,
  `0x${"00".repeat(64)}`,
  `0x${"00".repeat(80)}`,
  "A".repeat(43),
  "A".repeat(10_000),
];

const TEXTS = [
  "0",
  "1",
  "9",
  '"',
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "\\",
  "\\u0000",
  "~",
  ".",
  "-",
  "e9",
  " ",
  "\u0000",
  "\u2028",
  "０",
  "а",
  '"__proto__":{},',
  '"format":1,',
];

export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant("bit" as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("drop" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(), text: fc.constantFrom(...TEXTS) }),
  fc.record({ kind: fc.constant("value" as const), at: fc.nat(), value: fc.constantFrom(...HOSTILE) }),
  fc.record({ kind: fc.constant("remove" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("swap" as const), at: fc.nat(), with: fc.nat() }),
  fc.record({ kind: fc.constant("splice" as const), at: fc.nat() }),
);

interface Place {
  readonly holder: Record<string, Json>;
  readonly name: string;
}

function places(value: Json): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, Json>;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...places(holder[name]!)]);
}

/** The document spoilt; `donor` is another good document that splices take parts from. */
export function spoil(document: string, donor: string, mutation: Mutation): Uint8Array {
  if (mutation.kind === "bit") {
    const bytes = Buffer.from(document);
    bytes[mutation.at % bytes.length]! ^= 1 << mutation.bit;
    return bytes;
  }
  return Buffer.from(spoilText(document, donor, mutation));
}

function spoilText(document: string, donor: string, mutation: Exclude<Mutation, { kind: "bit" }>): string {
  const at = mutation.at % document.length;
  switch (mutation.kind) {
    case "cut":
      return document.slice(0, at);
    case "drop":
      return document.slice(0, at) + document.slice(at + mutation.length);
    case "insert":
      return document.slice(0, at) + mutation.text + document.slice(at);
    default:
      return JSON.stringify(spoilTree(JSON.parse(document) as Json, donor, mutation));
  }
}

function spoilTree(
  tree: Json,
  donor: string,
  mutation: Exclude<Mutation, { kind: "bit" | "cut" | "drop" | "insert" }>,
): Json {
  const all = places(tree);
  const place = all[mutation.at % all.length]!;
  switch (mutation.kind) {
    case "value":
      place.holder[place.name] = mutation.value;
      break;
    case "remove":
      if (Array.isArray(place.holder)) place.holder.splice(Number(place.name), 1);
      else Reflect.deleteProperty(place.holder, place.name);
      break;
    case "swap": {
      const other = all[mutation.with % all.length]!;
      const [a, b] = [place.holder[place.name]!, other.holder[other.name]!];
      place.holder[place.name] = structuredClone(b);
      other.holder[other.name] = structuredClone(a);
      break;
    }
    case "splice": {
      const others = places(JSON.parse(donor) as Json).filter(({ name }) => name === place.name);
      const other = others[mutation.at % Math.max(1, others.length)];
      if (other) place.holder[place.name] = other.holder[other.name]!;
      break;
    }
  }
  return tree;
}
