import type { Session } from "../login/session.ts";

/**
 * Who somebody is to this service. In this order where one has several: the first that reaches a resource decides how
 * much of it is shown. Everybody, logged in or not, is also `public`.
 */
export const ROLES = [
  "department-officer",
  "department-reviewer",
  "department-system",
  "regulator",
  "enterprise",
  "auditor",
  "operator",
  "public",
] as const;

export type Role = (typeof ROLES)[number];

/** What an enterprise can let somebody else do for it (授权事项): see records, order certificates, bring records of other regions. */
export const POWERS = ["view", "certify", "attach"] as const;
export type Power = (typeof POWERS)[number];

/** What somebody may do on behalf of an enterprise at this moment (代办). */
export interface Mandate {
  /** Id of the delegation that it rests on. */
  readonly delegation: string;
  /** USCC. */
  readonly subject: string;
  readonly powers: readonly Power[];
  readonly until: Date;
}

/** Whoever asks: a person, a department's system or nobody known. Roles without the scope that they need are not held. */
export interface Principal {
  /** The issuer's own name for it (`sub`); null: not logged in. */
  readonly id: string | null;
  readonly roles: ReadonlySet<Role>;
  /** USCCs of the departments for which it acts. */
  readonly departments: readonly string[];
  /** USCCs of the enterprises for which it acts. */
  readonly subjects: readonly string[];
  /** Area codes (GB/T 2260) that a regulator supervises, each with all that lies in it. */
  readonly areas: readonly string[];
  /** Kinds of record that a regulator supervises. */
  readonly kinds: readonly number[];
  /** On whose behalf it may act; absent where the action is one for which nobody acts on another's behalf. */
  readonly mandates?: readonly Mandate[];
  /** How a person is logged in; absent for whoever sends a token. */
  readonly session?: Session;
}

export const NOBODY: Principal = {
  id: null,
  roles: new Set<Role>(["public"]),
  departments: [],
  subjects: [],
  areas: [],
  kinds: [],
};
