// Who may ask the embedded service for what: one client a role and one a department for scripts, one person a role for
// the browser.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { demoDepartments } from "../dataset/departments.ts";
import { writeAtomically } from "../embedded/atomic-file.ts";
import { type Claims, type Client, type Portal, SCOPE } from "./provider.ts";
import { type ClientCredentials, TokenSource } from "./tokens.ts";

/** The enterprise whose whole chain the demonstration shows. */
const ENTERPRISE = "91110108MA9D00013X";
const KINDS = [1, 2, 3, 4, 5];
const { market } = demoDepartments;

/** One for each role that a token can have. */
const DEMO_ROLES = {
  "department-officer": { departments: [market.uscc] },
  "department-reviewer": { departments: [market.uscc] },
  "department-system": { departments: [market.uscc] },
  regulator: { areas: ["110000"], kinds: KINDS },
  enterprise: { subjects: [ENTERPRISE] },
  auditor: {},
  operator: {},
} as const satisfies Record<string, Omit<Claims, "roles">>;

/** Who logs in with a browser: `agent` holds no role, until an enterprise lets it act for it. */
const DEMO_PEOPLE = {
  officer: { roles: ["department-officer"], departments: [market.uscc] },
  reviewer: { roles: ["department-reviewer"], departments: [market.uscc] },
  regulator: { roles: ["regulator"], areas: ["110000"], kinds: KINDS },
  enterprise: { roles: ["enterprise"], subjects: [ENTERPRISE] },
  agent: { roles: [] },
  auditor: { roles: ["auditor"] },
  operator: { roles: ["operator"] },
} as const satisfies Record<string, Claims>;

export type DemoRole = keyof typeof DEMO_ROLES;

/** `quanlian-demo-clients/1`, the file in the data folder of an embedded installation. */
export interface DemoClients {
  readonly format: "quanlian-demo-clients/1";
  readonly token_endpoint: string;
  readonly roles: Readonly<Record<DemoRole, ClientCredentials & Omit<Claims, "roles">>>;
  /** Clients of the role `department-system`, by the USCC of their department. */
  readonly departments: Readonly<Record<string, ClientCredentials>>;
  /** Passwords by login, for the browser. */
  readonly people: Readonly<Record<string, string>>;
}

/** Their secrets are new at every start: nothing that was copied from the file outlives the provider. */
export function newDemoClients(): (Client & { readonly secret: string })[] {
  const roles = Object.entries(DEMO_ROLES).map(([role, scope]) => client(`demo-${role}`, { roles: [role], ...scope }));
  const departments = Object.values(demoDepartments).map(({ uscc }) =>
    client(`demo-${uscc}`, { roles: ["department-system"], departments: [uscc] }),
  );
  return [...roles, ...departments];
}

/** New passwords at every start too: short, because people type them, and good on this machine only. */
export function newDemoPeople(): Portal["people"] {
  return Object.entries(DEMO_PEOPLE).map(([id, claims]) => ({
    ...{ id, claims },
    password: randomBytes(6).toString("base64url"),
  }));
}

function client(id: string, claims: Claims): Client & { readonly secret: string } {
  return { id, secret: randomBytes(32).toString("base64url"), claims };
}

export async function writeDemoClients(
  folder: string,
  tokenEndpoint: string,
  clients: readonly (Client & { readonly secret: string })[],
  people: Portal["people"] = [],
): Promise<void> {
  const credentials = (id: string): ClientCredentials => {
    const { secret } = clients.find((one) => one.id === id)!;
    return { client_id: id, client_secret: secret, scope: SCOPE };
  };
  const roles = Object.entries(DEMO_ROLES).map(([role, scope]) => [role, { ...credentials(`demo-${role}`), ...scope }]);
  const departments = Object.values(demoDepartments).map(({ uscc }) => [uscc, credentials(`demo-${uscc}`)]);
  const content = {
    format: "quanlian-demo-clients/1",
    token_endpoint: tokenEndpoint,
    roles: Object.fromEntries(roles) as DemoClients["roles"],
    departments: Object.fromEntries(departments) as DemoClients["departments"],
    people: Object.fromEntries(people.map(({ id, password }) => [id, password])),
  } satisfies DemoClients;
  await writeAtomically(join(folder, "demo-clients.json"), `${JSON.stringify(content, null, 2)}\n`);
}

/** Tokens of the demo clients of a running embedded installation. */
export class DemoTokens {
  readonly #clients: DemoClients;
  readonly #sources = new Map<string, TokenSource>();

  /** @param folder the data folder, where {@link writeDemoClients} has written */
  constructor(folder: string) {
    this.#clients = JSON.parse(readFileSync(join(folder, "demo-clients.json"), "utf8")) as DemoClients;
  }

  ofRole(role: DemoRole): Promise<string> {
    return this.#of(this.#clients.roles[role]);
  }

  /** @param uscc of a department of the demonstration */
  ofDepartment(uscc: string): Promise<string> {
    const client = this.#clients.departments[uscc];
    if (!client) throw new Error(`There is no demo client of department ${uscc}.`);
    return this.#of(client);
  }

  #of(client: ClientCredentials): Promise<string> {
    let source = this.#sources.get(client.client_id);
    if (!source) this.#sources.set(client.client_id, (source = new TokenSource(this.#clients.token_endpoint, client)));
    return source.token();
  }
}
