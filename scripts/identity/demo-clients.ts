// Who may ask the embedded service for what: one client a role and one a department for scripts, one person a role for
// the browser.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
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

/** The client that proves itself by a key: a department's system, as one of a real department should. */
const KEYED = { name: "department-system-key", claims: { roles: ["department-system"], departments: [market.uscc] } };

/** With what it proves itself; the provider learns a key's public half only. */
export type DemoClient = Client & ({ readonly secret: string } | { readonly privateKey: JWK });

/** `quanlian-demo-clients/1`, the file in the data folder of an embedded installation. */
export interface DemoClients {
  readonly format: "quanlian-demo-clients/1";
  readonly token_endpoint: string;
  readonly roles: Readonly<Record<DemoRole, ClientCredentials & Omit<Claims, "roles">>>;
  /** Clients of the role `department-system`, by the USCC of their department. */
  readonly departments: Readonly<Record<string, ClientCredentials>>;
  /** Clients that prove themselves by their private key (private_key_jwt). */
  readonly keyed: Readonly<Record<string, ClientCredentials>>;
  /** Passwords by login, for the browser. */
  readonly people: Readonly<Record<string, string>>;
}

/** Their secrets and keys are new at every start: nothing that was copied from the file outlives the provider. */
export function newDemoClients(): DemoClient[] {
  const roles = Object.entries(DEMO_ROLES).map(([role, scope]) => client(`demo-${role}`, { roles: [role], ...scope }));
  const departments = Object.values(demoDepartments).map(({ uscc }) =>
    client(`demo-${uscc}`, { roles: ["department-system"], departments: [uscc] }),
  );
  return [...roles, ...departments, keyedClient()];
}

function keyedClient(): DemoClient {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = (key: typeof publicKey) => ({ ...key.export({ format: "jwk" }), alg: "ES256", use: "sig" }) as JWK;
  const { name, claims } = KEYED;
  return { id: `demo-${name}`, claims, publicKey: jwk(publicKey), privateKey: jwk(privateKey) };
}

/** New passwords at every start too: short, because people type them, and good on this machine only. */
export function newDemoPeople(): Portal["people"] {
  return Object.entries(DEMO_PEOPLE).map(([id, claims]) => ({
    ...{ id, claims },
    password: randomBytes(6).toString("base64url"),
  }));
}

function client(id: string, claims: Claims): DemoClient {
  return { id, secret: randomBytes(32).toString("base64url"), claims };
}

export async function writeDemoClients(
  folder: string,
  tokenEndpoint: string,
  clients: readonly DemoClient[],
  people: Portal["people"] = [],
): Promise<void> {
  const credentials = (id: string): ClientCredentials => {
    const client = clients.find((one) => one.id === id)!;
    const proof = "secret" in client ? { client_secret: client.secret } : { jwk: client.privateKey };
    return { client_id: id, ...proof, scope: SCOPE };
  };
  const roles = Object.entries(DEMO_ROLES).map(([role, scope]) => [role, { ...credentials(`demo-${role}`), ...scope }]);
  const departments = Object.values(demoDepartments).map(({ uscc }) => [uscc, credentials(`demo-${uscc}`)]);
  const content = {
    format: "quanlian-demo-clients/1",
    token_endpoint: tokenEndpoint,
    roles: Object.fromEntries(roles) as DemoClients["roles"],
    departments: Object.fromEntries(departments) as DemoClients["departments"],
    keyed: { [KEYED.name]: credentials(`demo-${KEYED.name}`) },
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

  /** @param who a role, the code of a department, or the name of a client that has a key */
  of(who: string): Promise<string> {
    const { roles, departments, keyed } = this.#clients;
    const client = { ...roles, ...departments, ...keyed }[who];
    if (!client) throw new Error(`There is no demo client ${who}.`);
    return this.#of(client);
  }

  #of(client: ClientCredentials): Promise<string> {
    let source = this.#sources.get(client.client_id);
    if (!source) this.#sources.set(client.client_id, (source = new TokenSource(this.#clients.token_endpoint, client)));
    return source.token();
  }
}
