import type { Json } from "./json.ts";

/** What a record is about in the five-stage chain: APPROVAL 1, SERVICE 2, SUPERVISION 3, ENFORCEMENT 4, CREDIT 5. */
export type Kind = 1 | 2 | 3 | 4 | 5;

/** 行政相对人: an enterprise by its unified social credit code, a person by `<certificate type code>:<number>`. */
export interface Subject {
  readonly type: "uscc" | "person";
  readonly id: string;
}

/** A public key of a department or platform (RFC 7517): P-256 for ES256, SM2 for the SM2-SM3 suite. */
export interface PublicJwk {
  readonly kty: "EC";
  readonly crv: string;
  readonly x: string;
  readonly y: string;
}

const FAMILIES = ["approval", "service", "supervision", "enforcement", "credit"] as const;

/** The kind that a type such as `enforcement.penalty/1` belongs to, or null when it is not a type. */
export function kindOf(type: string): Kind | null {
  const match = /^([a-z]+)\.[a-z][a-z0-9-]{0,31}\/[1-9][0-9]{0,3}$/.exec(type);
  const index = FAMILIES.findIndex((family) => family === match?.[1]);
  return index < 0 ? null : ((index + 1) as Kind);
}

export function isKind(value: unknown): value is Kind {
  return value === 1 || value === 2 || value === 3 || value === 4 || value === 5;
}

/** Eighteen characters of the alphabet of GB 32100-2015; whether the department exists is the registry's to say. */
export function isDepartment(value: unknown): value is string {
  return typeof value === "string" && /^[0-9A-HJ-NPQRTUWXY]{18}$/.test(value);
}

export function isSubject(value: unknown): value is Subject {
  if (typeof value !== "object" || value === null || Object.keys(value).length !== 2) return false;
  const { type, id } = value as Record<string, unknown>;
  if (typeof id !== "string") return false;
  return type === "uscc" ? isDepartment(id) : type === "person" && /^[0-9]{3}:[\x21-\x7e]{1,64}$/.test(id);
}

/** The latest Unix second of a year of four digits: later ones are no dates. */
const LAST_SECOND = 253_402_300_799;

export function isUnixTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= LAST_SECOND;
}

export function isYear(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1900 && (value as number) <= 9999;
}

/** Claim names: ASCII, so that no two names look alike; `.`, `:`, `-` and `_` serve namespaced local fields. */
export function isClaimName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/.test(value);
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\+08:00$/;

/** True for a day of the Gregorian calendar, `YYYY-MM-DD`. */
export function isDay(value: unknown): value is string {
  const match = typeof value === "string" ? DAY.exec(value) : null;
  if (!match) return false;
  const date = new Date(`${match[0]}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(match[0]) && isYear(Number(match[1]));
}

/** The day in China of an `eventTime` (`YYYY-MM-DD`, or RFC 3339 to the second with +08:00), or null. */
export function dayOf(eventTime: Json | undefined): string | null {
  if (typeof eventTime !== "string") return null;
  const day = INSTANT.exec(eventTime)?.[1] ?? eventTime;
  return isDay(day) ? day : null;
}

/** The day in China (UTC+8) on which a Unix time in seconds falls. */
export function dayAt(unixSeconds: number): string {
  return new Date((unixSeconds + 8 * 3600) * 1000).toISOString().slice(0, 10);
}

export function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}
