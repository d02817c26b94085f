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
}

/** What the first entry follows. */
export const START = Buffer.alloc(32);

/** SHA-256 over the hash of the entry before and this entry's values, so that none can be changed, moved or left out. */
export function entryHash(previous: Uint8Array, entry: LogEntry): Buffer {
  const { position, at, actor, actingFor, role, action, subject, resource, purpose } = entry;
  const values = [position, at.toISOString(), actor, actingFor, role, action, subject, resource, purpose];
  return createHash("sha256").update(previous).update(JSON.stringify(values)).digest();
}
