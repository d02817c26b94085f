import { type Mandate, type Power, POWERS, type Principal, type Role, ROLES } from "./roles.ts";

/**
 * How far a role reaches with an action.
 * `any`: whatever it is about. `own`: what one's own department decided, or what is about one's own enterprise.
 * `area`: decided by departments of one's area, of the kinds that one supervises. `published`: what the law publishes,
 * while it does, in the form in which it does. `self`: what is one's own as a person, for everybody who is known.
 */
export type Reach = "any" | "own" | "area" | "published" | "self";

type Rule = Partial<Record<Role, Reach>>;

const departments: Rule = { "department-officer": "own", "department-reviewer": "own", "department-system": "own" };
const submitters: Rule = { "department-officer": "own", "department-system": "own" };
const readers: Rule = { ...departments, regulator: "area", enterprise: "own", public: "published" };
const everybody: Rule = { public: "any" };

/**
 * The one table of who may do what. What is not in it is refused: a route names its action with `@Allow`, and the
 * application does not start while a route names none (declared-routes.ts). docs/access.md is printed from it.
 */
export const POLICY = {
  "record.submit": submitters,
  "record.read": readers,
  "record.erase": { "department-officer": "own", "department-reviewer": "own" },
  "record.search": { ...departments, regulator: "area" },
  "record.export": { ...departments, regulator: "area", enterprise: "own" },
  "receipt.read": readers,
  "equivocation.read": { ...departments, regulator: "area", enterprise: "own" },
  "history.read": readers,
  "graph.read": { ...departments, regulator: "area", enterprise: "own" },
  "link.check": departments,
  "import.submit": submitters,
  "import.read": departments,
  "submission.read": departments,
  "submission.decide": { "department-reviewer": "own" },
  "review.require": { "department-reviewer": "own" },
  "access-log.read": { enterprise: "own", auditor: "any" },
  "access-log.check": { auditor: "any" },
  "certificate.request": { enterprise: "own" },
  "certificate.read": { enterprise: "own" },
  "certificate.check": everybody,
  "foreign-record.attach": { enterprise: "own" },
  "foreign-record.read": { enterprise: "own" },
  "foreign-record.remove": { enterprise: "own" },
  "batch.sign": { "department-system": "own" },
  "delegation.grant": { enterprise: "own" },
  "delegation.read": { enterprise: "own" },
  "delegation.revoke": { enterprise: "own" },
  "department.list": everybody,
  "department.settings": submitters,
  "type.list": everybody,
  "integrity.request": { regulator: "any", operator: "any" },
  "integrity.read": { regulator: "any", operator: "any" },
  "integrity.contents": { regulator: "any" },
  "open-data.read": everybody,
  "webhook.manage": { ...submitters, regulator: "area", enterprise: "own", operator: "any" },
  "paper.verify": everybody,
  "paper.renew": everybody,
  "trust.read": everybody,
  "chain.ask": everybody,
  "login.use": everybody,
  "me.read": everybody,
  "session.read": { public: "self" },
  "session.end": { public: "self" },
  "liveness.read": everybody,
  "readiness.read": everybody,
  "readiness.details": { operator: "any" },
  "metrics.read": { operator: "any" },
} as const satisfies Record<string, Rule>;

export type Action = keyof typeof POLICY;

/** What each power of a mandate takes; whoever holds one acts as the enterprise, for these actions only. */
const OF_POWER: Readonly<Record<Power, readonly Action[]>> = {
  view: ["history.read", "record.read", "receipt.read", "graph.read"],
  certify: ["certificate.request", "certificate.read"],
  attach: ["foreign-record.attach", "foreign-record.read"],
};

/** Whether anybody can do it on another's behalf. */
export function isDelegable(action: Action): boolean {
  return POWERS.some((power) => OF_POWER[power].includes(action));
}

/** The mandates on which somebody may do this on another's behalf. */
export function mandatesFor(action: Action, { mandates = [] }: Principal): readonly Mandate[] {
  return mandates.filter(({ powers }) => powers.some((power) => OF_POWER[power].includes(action)));
}

/** What an action is about, as far as it decides who may. */
export interface Resource {
  /** USCC of the department that decided or submitted it, and the area code of its territory. */
  readonly department?: string;
  readonly area?: string;
  readonly kind?: number;
  /** USCC of the enterprise that it is about; absent for persons. */
  readonly subject?: string;
  /** Whether the law publishes it at this moment. */
  readonly published?: boolean;
  /** Whose it is, where it is a person's own. */
  readonly person?: string;
}

/** The role in which somebody does it, which also decides how much is shown. */
export interface Grant {
  readonly role: Role;
  readonly reach: Reach;
}

/** With which roles somebody may try an action at all, in the order of {@link ROLES}. */
export function grantsFor(action: Action, principal: Principal): readonly Grant[] {
  const rule: Rule = POLICY[action];
  const isMandated = mandatesFor(action, principal).length > 0;
  return ROLES.flatMap((role) => {
    const holds = principal.roles.has(role) || (role === "enterprise" && isMandated);
    const reach = holds ? rule[role] : undefined;
    return reach && (reach !== "self" || principal.id !== null) ? [{ role, reach }] : [];
  });
}

/** In which role somebody may do this to this resource; null: not at all. */
export function grantFor(action: Action, principal: Principal, resource: Resource): Grant | null {
  return grantsFor(action, principal).find((grant) => reaches(grant, action, principal, resource)) ?? null;
}

function reaches({ role, reach }: Grant, action: Action, principal: Principal, resource: Resource): boolean {
  switch (reach) {
    case "any":
      return true;
    case "published":
      return resource.published === true;
    case "self":
      return principal.id !== null && resource.person === principal.id;
    case "own":
      return role === "enterprise"
        ? contains(subjectsFor(action, principal), resource.subject)
        : contains(principal.departments, resource.department);
    case "area":
      return contains(principal.kinds, resource.kind) && principal.areas.some((area) => liesIn(resource.area, area));
  }
}

/** USCCs of the enterprises as which somebody may do this: its own, and those whose mandate it has. */
function subjectsFor(action: Action, principal: Principal): readonly string[] {
  const own = principal.roles.has("enterprise") ? principal.subjects : [];
  return [...own, ...mandatesFor(action, principal).map(({ subject }) => subject)];
}

function contains<T>(list: readonly T[], item: T | undefined): boolean {
  return item !== undefined && list.includes(item);
}

/** 110108 lies in 110100 and 110000: pairs of zeros at the end stand for everything below. */
function liesIn(area: string | undefined, whole: string): boolean {
  return area?.startsWith(whole.replace(/(00)+$/, "")) ?? false;
}
