import "reflect-metadata";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { vrfPublicKey } from "@quanlian/proof";
import { computeAddress, JsonRpcProvider, Wallet } from "ethers";
import pg from "pg";
import { Config } from "../../backend/src/config.ts";
import type { NewDepartment } from "../../backend/src/departments/departments.service.ts";
import { createHttpApp } from "../../backend/src/http/http-app.ts";
import { startLoops } from "../../backend/src/loops.ts";
import { registerDepartments } from "../../backend/src/register-departments.ts";
import { PersonalFields, type StoredParts } from "../../backend/src/personal/personal-fields.ts";
import { deploy, type Deployment } from "../../scripts/deploy.ts";
import { startAnvil, type RunningChain } from "../../scripts/embedded/anvil.ts";
import { newPlatformKeys } from "../../scripts/launcher/key-files.ts";
import { startPostgres, type RunningPostgres } from "../../scripts/embedded/postgres.ts";
import { freePort } from "../../scripts/embedded/processes.ts";
import { type Claims, type IdentityProvider, SCOPE, startIdentityProvider } from "../../scripts/identity/provider.ts";
import { TokenSource } from "../../scripts/identity/tokens.ts";

import { FaultyNode } from "../../scripts/faults/faulty-node.ts";

/** Fictitious departments and enterprises. */
export const CITY = "11110000MB9D0005X4";
export const DISTRICT = "11110108MB9D00068W";
export const UNREGISTERED = "12110000MB9D00076U";
export const ENTERPRISE = "91110108MA9D00013X";
export const OTHER_ENTERPRISE = "91110105MA9D00021D";

const departments: NewDepartment[] = [
  {
    uscc: CITY,
    nameZh: "京海市市场监督管理局",
    nameEn: "Jinghai market regulation",
    area: "110000",
    capabilities: [1, 2, 3, 4, 5, 15],
  },
  {
    uscc: DISTRICT,
    nameZh: "海淀区文化和旅游局",
    nameEn: "District culture bureau",
    area: "110108",
    capabilities: [1, 3],
  },
];

/** Who asks: clients of an identity provider of the test's own. `everything` has every role that other tests need. */
export const CLIENTS = {
  everything: {
    roles: ["department-system", "regulator", "enterprise", "operator"],
    departments: [CITY, DISTRICT, UNREGISTERED],
    subjects: [ENTERPRISE, OTHER_ENTERPRISE],
    areas: ["110000"],
    kinds: [1, 2, 3, 4, 5],
  },
  "department-officer": { roles: ["department-officer"], departments: [CITY] },
  "department-reviewer": { roles: ["department-reviewer"], departments: [CITY] },
  "officer-and-reviewer": { roles: ["department-officer", "department-reviewer"], departments: [CITY] },
  "second-reviewer": { roles: ["department-reviewer"], departments: [CITY] },
  "other-reviewer": { roles: ["department-reviewer"], departments: [DISTRICT] },
  "department-system": { roles: ["department-system"], departments: [CITY] },
  "own-department": { roles: ["department-system"], departments: [UNREGISTERED] },
  "other-department": { roles: ["department-system"], departments: [DISTRICT] },
  regulator: { roles: ["regulator"], areas: ["110000"], kinds: [1, 2, 3, 4, 5] },
  "other-regulator": { roles: ["regulator"], areas: ["310000"], kinds: [1, 2, 3, 4, 5] },
  enterprise: { roles: ["enterprise"], subjects: [ENTERPRISE] },
  "other-enterprise": { roles: ["enterprise"], subjects: [OTHER_ENTERPRISE] },
  agent: { roles: [] },
  auditor: { roles: ["auditor"] },
  operator: { roles: ["operator"] },
} as const satisfies Record<string, Claims>;
export type Asker = keyof typeof CLIENTS;

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Record<string, string | number | string[] | undefined>;
  readonly body: Body;
}

/** A whole service on a real PostgreSQL and a real EVM node of its own. */
export interface World {
  readonly app: NestFastifyApplication;
  readonly folder: string;
  readonly chain: RunningChain;
  /** Stands between the service and the chain; honest unless a test says otherwise. */
  readonly node: FaultyNode;
  readonly postgres: RunningPostgres;
  readonly deployment: Deployment;
  readonly environment: NodeJS.ProcessEnv;
  /** Somebody with a hand in the database: runs plain SQL. */
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  readonly identity: IdentityProvider;
  /** PUBLIC_URL of the service; a test that listens does so on its port. */
  readonly url: string;
  /** Asks as `everything`. */
  get<Body>(path: string): Promise<Answer<Body>>;
  post<Body>(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer<Body>>;
  /** The header with which `everything` asks. */
  bearer(asker?: Asker): Promise<{ authorization: string }>;
  /** Asks as somebody in particular; null: without a token. */
  as(asker: Asker | null): Pick<World, "get" | "post" | "send">;
  send<Body>(method: Method, path: string, body?: unknown): Promise<Answer<Body>>;
  /** The same service started anew, as after a crash. */
  restart(changes?: NodeJS.ProcessEnv, loops?: boolean): Promise<void>;
  /** An empty database and a new ledger on the same servers. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Private keys of the accounts that set a ledger up. */
export interface Founders {
  readonly deployer: string;
  readonly registrar: string;
}

/**
 * @param settings environment variables beside the necessary ones
 * @param loops whether the worker runs
 * @param startChain another node than the embedded one
 * @param founders where not everybody may send transactions, or a test acts as one of them; left out: new accounts
 */
export async function startWorld(
  settings: NodeJS.ProcessEnv = {},
  loops = true,
  startChain: (folder: string) => Promise<RunningChain> = startAnvil,
  founders?: Partial<Founders>,
): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-service-"));
  chmodSync(folder, 0o755);
  const [chain, postgres] = await Promise.all([
    startChain(join(folder, "chain")),
    startPostgres(join(folder, "postgres")),
  ]);
  const node = await FaultyNode.before(chain.url);
  const clients = Object.entries(CLIENTS).map(([id, claims]) => ({ id, claims, secret: `secret of ${id}` }));
  const url = `http://127.0.0.1:${await freePort()}`;
  const people = Object.entries(CLIENTS).map(([id, claims]) => ({ id, claims, password: `password of ${id}` }));
  const identity = await startIdentityProvider(clients, {}, { url, people });
  const keyFile = join(folder, "login-key.pem");
  writeFileSync(keyFile, identity.login.key, { mode: 0o600 });
  const login = {
    ...{ PUBLIC_URL: url, OIDC_ISSUER: identity.issuer },
    ...{ OIDC_CLIENT_ID: identity.login.clientId, OIDC_CLIENT_KEY_FILE: keyFile },
  };
  const tokens = new Map(
    clients.map(({ id, secret }) => {
      const credentials = { client_id: id, client_secret: secret, scope: SCOPE };
      return [id, new TokenSource(identity.tokenEndpoint, credentials)];
    }),
  );
  const sql = new pg.Client({ connectionString: postgres.url });
  await sql.connect();
  const create = () => createService({ folder, chain, node, postgres }, { ...login, ...settings }, founders);
  let { deployment, environment } = await create();
  let app = await boot(environment, loops);

  const as = (asker: Asker | null): Pick<World, "get" | "post" | "send"> => {
    const bearer = async (): Promise<Record<string, string>> =>
      asker === null ? {} : { authorization: `Bearer ${await tokens.get(asker)!.token()}` };
    return {
      send: async (method, path, body) => ask(app, method, path, body, await bearer()),
      get: async (path) => ask(app, "GET", path, undefined, await bearer()),
      post: async (path, body, headers) => ask(app, "POST", path, body, { ...(await bearer()), ...headers }),
    };
  };

  return {
    get app() {
      return app;
    },
    get deployment() {
      return deployment;
    },
    get environment() {
      return environment;
    },
    ...{ folder, chain, node, postgres, identity, url, as },
    ...as("everything"),
    bearer: async (asker = "everything") => ({ authorization: `Bearer ${await tokens.get(asker)!.token()}` }),
    sql: async <Row>(text: string, values?: unknown[]) => (await sql.query(text, values)).rows as Row[],
    restart: async (changes = {}, working = loops) => {
      await app.close();
      app = await boot({ ...environment, ...changes }, working);
    },
    reset: async () => {
      await app.close();
      await leftAlone(sql);
      await sql.query("drop schema public cascade; create schema public");
      ({ deployment, environment } = await create());
      app = await boot(environment, loops);
    },
    stop: async () => {
      await app.close();
      await leftAlone(sql);
      await sql.end();
      await node.stop();
      await identity.stop();
      await Promise.all([chain.stop(), postgres.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

type Ground = Pick<World, "folder" | "chain" | "node" | "postgres">;

/** A new ledger, new keys, and the departments in an empty database. */
async function createService(
  { folder, chain, node, postgres }: Ground,
  settings: NodeJS.ProcessEnv,
  { deployer = newKey(), registrar = newKey() }: Partial<Founders> = {},
) {
  const vrfSecret = new Uint8Array(randomBytes(32));
  const keyFile = join(folder, "keys.json");
  const hex = (bytes: Uint8Array): `0x${string}` => `0x${Buffer.from(bytes).toString("hex")}`;
  const keys = newPlatformKeys(hex(vrfSecret));
  writeFileSync(keyFile, JSON.stringify(keys), { mode: 0o600 });
  const deployment = await deployLedger(chain, vrfPublicKey(vrfSecret), deployer, computeAddress(registrar));
  const environment: NodeJS.ProcessEnv = {
    DATABASE_URL: postgres.url,
    CHAIN_RPC_URLS: node.url,
    CHAIN_FINALITY: "immediate",
    LEDGER_ADDRESS: deployment.ledger,
    REGISTRY_ADDRESS: deployment.registry,
    RELAYER_KEY: newKey(),
    KEY_FILE: keyFile,
    QUANLIAN_DATA_DIR: folder,
    LOG_LEVEL: "fatal",
    BATCH_AGE_MS: "50",
    INTEGRITY_RATE: "0",
    ...settings,
  };
  await registerDepartments(departments, new Config(environment), registrar);
  return { deployment, environment };
}

function newKey(): string {
  return Wallet.createRandom().privateKey;
}

/** A pool says that it has ended before its sockets have; a server that stops meanwhile would break them off. */
async function leftAlone(sql: pg.Client): Promise<void> {
  const others =
    "select count(*)::int as n from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()";
  while ((await sql.query<{ n: number }>(others)).rows[0]!.n > 0) await new Promise((next) => setTimeout(next, 10));
}

async function deployLedger(
  chain: RunningChain,
  vrfKey: string,
  deployer: string,
  registrar: string,
): Promise<Deployment> {
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, pollingInterval: 20 });
  const roles = { admin: registrar, registrar, sentinel: registrar, guardian: registrar, steward: registrar };
  const governance = { ...roles, delays: { admin: 0, registrar: 0, steward: 0 } };
  try {
    return await deploy(new Wallet(deployer, provider), { prefixBits: 8, vrfKey, governance });
  } finally {
    provider.destroy();
  }
}

export async function boot(environment: NodeJS.ProcessEnv, loops: boolean): Promise<NestFastifyApplication> {
  const app = await createHttpApp(new Config(environment));
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  if (loops) startLoops(app);
  return app;
}

async function ask<Body>(
  app: NestFastifyApplication,
  method: Method,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const payload = body === undefined || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const answer = await app.inject({ method, url, headers: { ...type, ...headers }, ...(payload && { payload }) });
  const isJson = /^application\/(problem\+)?json/.test(String(answer.headers["content-type"]));
  return { status: answer.statusCode, headers: answer.headers, body: (isJson ? answer.json() : answer.body) as Body };
}

/** Sends a file as a browser's form does; null sends none. */
export async function upload<Body>(
  world: World,
  content: string | Buffer | null,
  name: string,
  fields: Record<string, string>,
  query = "",
): Promise<Answer<Body>> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  if (content !== null) form.append("file", new Blob([new Uint8Array(Buffer.from(content))]), name);
  const request = new Request("http://localhost", { method: "POST", body: form });
  const payload = Buffer.from(await request.arrayBuffer());
  return world.post(`/api/v1/imports${query}`, payload, { "content-type": request.headers.get("content-type")! });
}

/** Asks until `done` says so; fails after a generous while. */
export async function eventually<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  patienceMs = 30_000,
): Promise<T> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(answer).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A stored record with what of it is encrypted, as the service reads it. @param where a condition over `record`, with `$1` */
export async function wholeRecord(world: World, where: string, value: string): Promise<StoredParts> {
  const [row] = await world.sql<StoredParts>(`select * from record where ${where} = $1`, [value]);
  const [whole] = await world.app.get(PersonalFields).open([row!]);
  return whole!;
}
