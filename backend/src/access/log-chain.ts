import { createHash } from "node:crypto";
import type { Action } from "./policy.ts";
import type { Role } from "./roles.ts";

/** One read of data that is not public. */
export interface LogEntry {
  /** From 1, without gaps. */
  readonly position: number;
  readonly at: Date;
  /** `sub` of whoever asked. */
  readonly actor: string;
  /** Codes of the departments, enterprises or areas for which it acts, separated by commas. */
  readonly actingFor: string;
  readonly role: Role;
  readonly action: Action;
  /** USCC of the enterprise that it is about; null for persons and for what is about nobody. */
  readonly subject: string | null;
  /** Id of the record, import or certificate; null where many were asked for at once. */
  readonly resource: string | null;
  /** What the asker says that it is for. */
  readonly purpose: string | null;
  /** What was looked for, as a keyed hash in hex ({@link AccessLog.termsOf}); null where nothing was. */
  readonly terms: string | null;
}

/** What the first entry follows. */
export const START = Buffer.alloc(32);

/** SHA-256 over the hash of the entry before and this entry's values, so that none can be changed, moved or left out. */
export function entryHash(previous: Uint8Array, entry: LogEntry): Buffer {
  const { position, at, actor, actingFor, role, action, subject, resource, purpose, terms } = entry;
  const values = [position, at.toISOString(), actor, actingFor, role, action, subject, resource, purpose];
  const all = terms === null ? values : [...values, terms];
  return createHash("sha256").update(previous).update(JSON.stringify(all)).digest();
}

/** A place in the log that an anchored record holds fast. */
export interface LogHead {
  /** Position of the entry whose hash it is. */
  readonly entries: number;
  /** SHA-256 in lower-case hex. */
  readonly hash: string;
  /** The day, `YYYY-MM-DD` in China, at whose end it was the newest. */
  readonly day: string;
  readonly recordHash: string;
}
