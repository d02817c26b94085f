import { readHex } from "./hex.ts";

/** Whether a parsed JSON value is an object with these members and no others. */
export function hasExactly<Name extends string>(
  value: unknown,
  names: readonly Name[],
): value is Record<Name, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** The bytes of a JSON array of hex texts, each of `length` bytes when that is given. */
export function readHexes(value: unknown, length?: number): Uint8Array[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const all = value.map((text: unknown) => readHex(text, length));
  return all.every((bytes) => bytes !== undefined) ? all : undefined;
}
