import { fromBase64url, isHex } from "./bytes.ts";
import type { Json } from "./json.ts";

/** Looks at a value and gives the path of the first part that does not fit, or null when all of it fits. */
export type Shape = (value: Json | undefined, path: string) => string | null;

/** A shape from a predicate. */
export function where(fits: (value: Json | undefined) => boolean): Shape {
  return (value, path) => (fits(value) ? null : path);
}

export function literal(...values: (string | null)[]): Shape {
  return where((value) => values.includes(value as string | null));
}

export function bytes(length: number): Shape {
  return where((value) => isHex(value, length));
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Shape {
  return where((value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max);
}

export function text(maxLength = Number.MAX_SAFE_INTEGER): Shape {
  return where((value) => typeof value === "string" && value.length <= maxLength);
}

export function nullable(shape: Shape): Shape {
  return (value, path) => (value === null ? null : shape(value, path));
}

export function array(of: Shape, maxLength: number): Shape {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > maxLength) return path;
    for (const [i, part] of value.entries()) {
      const problem = of(part, `${path}[${i}]`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

/** For a member that may be absent. */
export function optional(shape: Shape): Shape {
  return (value, path) => (value === undefined ? null : shape(value, path));
}

/** Exactly these members. */
export function object(members: Readonly<Record<string, Shape>>): Shape {
  const shapes = Object.entries(members);
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return path;
    for (const [name, shape] of shapes) {
      const problem = shape(Object.hasOwn(value, name) ? value[name] : undefined, path ? `${path}.${name}` : name);
      if (problem !== null) return problem;
    }
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(members, name));
    return unknown === undefined ? null : `${path ? `${path}.` : ""}${unknown.slice(0, 64)}`;
  };
}

/** The one base64url spelling of 32 bytes: a second one would give the same key a second thumbprint. */
function isCoordinate(value: Json | undefined): boolean {
  return typeof value === "string" && fromBase64url(value)?.length === 32;
}

/** An `x` and `y` that can be an EC public key (whether the point is on the curve, the suite says). */
export const publicKey = object({
  kty: literal("EC"),
  crv: literal("P-256", "SM2"),
  x: where(isCoordinate),
  y: where(isCoordinate),
});
