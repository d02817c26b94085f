import { readJson } from "../records/files/json-line.ts";
import { problem } from "../records/problems.ts";
import type { Json } from "../records/types/record-type.ts";
import { Refusal } from "./refusal.ts";

/** Deeper than any record; a recursion that an attacker chooses never gets further. */
const MAX_DEPTH = 32;

/**
 * Parses JSON that means the same to every reader.
 * @throws Refusal MALFORMED_JSON, DUPLICATE_KEY, TOO_DEEP, NUMBER_INEXACT
 */
export function parseStrictJson(text: string): Json {
  const reading = readJson(text, MAX_DEPTH);
  if (!reading.fault) return reading.value;
  throw new Refusal(reading.fault.code, { problems: [problem(null, reading.fault)] });
}

/** Decodes UTF-8 without replacing what is not. @throws Refusal NOT_UTF8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal("NOT_UTF8");
  }
}
