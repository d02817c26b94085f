import { readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigError } from "../config.ts";
import { isUscc } from "../records/fields/uscc.ts";
import { type Principal, type Role, ROLES } from "./roles.ts";

const path = z.string().min(1);
const role = z.enum(ROLES).exclude(["public"]);

/**
 * `quanlian-claims/1`: which claims of an issuer's tokens say what. A claim inside another is written with dots
 * (`realm_access.roles`). `roles.values` says what the issuer calls each of our roles; what it does not list is ignored.
 */
const ClaimsMapping = z.strictObject({
  format: z.literal("quanlian-claims/1"),
  /** The `typ` of the issuer's access tokens (RFC 9068 §2.1). */
  tokenType: z.string().default("at+jwt"),
  roles: z.strictObject({ claim: path, values: z.record(z.string(), role) }),
  departments: path,
  subjects: path,
  areas: path,
  kinds: path,
});
export type ClaimsMapping = z.infer<typeof ClaimsMapping>;

/** Under which the application holds its {@link ClaimsMapping}. */
export const CLAIMS = Symbol("claims");

/** For issuers that can be told to speak our words. */
export const OUR_CLAIMS: ClaimsMapping = {
  format: "quanlian-claims/1",
  tokenType: "at+jwt",
  roles: { claim: "roles", values: Object.fromEntries(role.options.map((name) => [name, name])) },
  departments: "departments",
  subjects: "subjects",
  areas: "areas",
  kinds: "kinds",
};

/** @throws ConfigError */
export function readClaimsMapping(file: string): ClaimsMapping {
  try {
    return ClaimsMapping.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new ConfigError(`CLAIMS_FILE ${file} is not a quanlian-claims/1 file (docs/access.md).`);
  }
}

/** A role without the scope that bounds it is not held: an enterprise of no enterprise would be one of all. */
const NEEDS: Readonly<Partial<Record<Role, "departments" | "subjects" | "areas">>> = {
  "department-officer": "departments",
  "department-reviewer": "departments",
  "department-system": "departments",
  regulator: "areas",
  enterprise: "subjects",
};

/** Who the bearer of verified claims is to this service. What does not have the expected form counts as absent. */
export function principalOf(claims: Readonly<Record<string, unknown>>, mapping: ClaimsMapping): Principal {
  const scopes = {
    departments: texts(claims, mapping.departments).filter(isUscc),
    subjects: texts(claims, mapping.subjects).filter(isUscc),
    areas: texts(claims, mapping.areas).filter((area) => /^\d{6}$/.test(area)),
    kinds: values(claims, mapping.kinds).filter((kind) => typeof kind === "number"),
  };
  const named = texts(claims, mapping.roles.claim).flatMap((name) => mapping.roles.values[name] ?? []);
  const held = named.filter((name) => {
    const need = NEEDS[name];
    return need === undefined || scopes[need].length > 0;
  });
  return { id: claims.sub as string, roles: new Set<Role>([...held, "public"]), ...scopes };
}

function texts(claims: Readonly<Record<string, unknown>>, claim: string): string[] {
  return values(claims, claim).filter((value) => typeof value === "string");
}

function values(claims: Readonly<Record<string, unknown>>, claim: string): unknown[] {
  const found = own(claims, claim) ?? claim.split(".").reduce<unknown>(own, claims);
  if (found === undefined || found === null) return [];
  return Array.isArray(found) ? found : [found];
}

function own(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null && Object.hasOwn(object, name)
    ? (object as Record<string, unknown>)[name]
    : undefined;
}
