// The whole platform on one machine: PostgreSQL, an EVM node with the contracts, and the service.
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { buildStale } from "../build.ts";
import { demoDepartments } from "../dataset/departments.ts";
import type { Deployment } from "../deploy.ts";
import { startAnvil, type RunningChain } from "../embedded/anvil.ts";
import { startPostgres, type RunningPostgres } from "../embedded/postgres.ts";
import { freePort, stopLeftovers } from "../embedded/processes.ts";
import { StartError } from "../embedded/start-error.ts";
import { newDemoClients, newDemoPeople, writeDemoClients } from "../identity/demo-clients.ts";
import { type Portal, startIdentityProvider } from "../identity/provider.ts";
import { openDataFolder } from "./data-folder.ts";
import { registerDemoDepartments } from "./departments.ts";
import { keysOf, type Keys } from "./key-files.ts";
import { keepSettings } from "./settings-file.ts";
import { startService, type RunningService } from "./service.ts";

/** Requests a minute: whoever asks from this machine comes from one address. */
const ONE_FOR_ALL = "60000";

/** The built verify page. */
export const WEB_DIR = join(import.meta.dirname, "../../web/dist");

export interface PlatformOptions {
  readonly folder: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Further settings of the service. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told what is going on, a phrase at a time. */
  readonly say: (phrase: string) => void;
  /** Ends the start at its next step. */
  readonly signal?: AbortSignal;
}

export interface Platform {
  readonly url: string;
  /** Who can log in with a browser; nobody where a real identity provider is set. */
  readonly people: Portal["people"];
  /** Absolute. */
  readonly folder: string;
  readonly logFile: string;
  readonly database: RunningPostgres;
  readonly chain: RunningChain;
  readonly deployment: Deployment;
  /** Resolves when any part has ended without having been asked to. */
  readonly broken: Promise<Error>;
  stop(): Promise<void>;
}

/**
 * Starts everything on the data of a folder, whatever a crash has left there.
 * When any part does not start, the others are stopped again.
 * @throws StartError
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const folder = await openDataFolder(options.folder);
  const stops: (() => Promise<void> | void)[] = [() => folder.release()];
  const stop = async () => {
    for (let next = stops.pop(); next; next = stops.pop()) await next();
  };
  try {
    return { ...(await startParts(options, folder.path, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  options: PlatformOptions,
  folder: string,
  stops: (() => Promise<void> | void)[],
): Promise<Omit<Platform, "stop">> {
  await stopLeftovers("node", folder, "SIGTERM");
  const port = options.port || (await freePort());
  await checkPort(options.host, port);
  const keys = await keysOf(folder, existsSync(join(folder, "chain", "saved.json")));
  const [database, chain] = await startStores(options, folder, stops);
  options.signal?.throwIfAborted();

  // Only now: it imports @quanlian/proof, which may just have been built.
  const { deployContracts } = await import("./contracts.ts");
  const deployment = await deployContracts(chain, keys);
  options.signal?.throwIfAborted();

  const logFile = freshLog(folder);
  const identity = await startIdentity(options.host, port, { ...process.env, ...options.env }, folder, stops);
  const own = settings({ ...options, port }, folder, keys, database, chain, deployment);
  const { OIDC_ISSUER } = { ...process.env, ...options.env, ...identity?.settings };
  keepSettings(folder, { ...own, ...(OIDC_ISSUER && { OIDC_ISSUER }) });
  const env = { RATE_PUBLIC: ONE_FOR_ALL, ...process.env, ...options.env, ...own, ...identity?.settings };
  await registerDemoDepartments(chain, keys.chain.governor, { env, logFile, folder });
  options.signal?.throwIfAborted();
  const service: RunningService = await startService({ env, logFile, folder });
  stops.push(() => service.stop());

  const broken = Promise.race([database.broken, chain.broken, service.broken]);
  const people = identity?.people ?? [];
  return { url: service.url, people, folder, logFile, database, chain, deployment, broken };
}

/** What the bundled provider adds to the service's settings, and who can log in through it. */
interface Identity {
  readonly settings: NodeJS.ProcessEnv;
  readonly people: Portal["people"];
}

/** The bundled provider with its demo clients and people; none where OIDC_ISSUER names a real one. */
async function startIdentity(
  host: string,
  port: number,
  env: NodeJS.ProcessEnv,
  folder: string,
  stops: (() => Promise<void> | void)[],
): Promise<Identity | undefined> {
  if (env.OIDC_ISSUER) return undefined;
  const clients = newDemoClients();
  const url = (env.PUBLIC_URL ?? `http://${host}:${port}`).replace(/\/$/, "");
  // Elsewhere browsers keep no sessions without TLS, and the provider is on this machine only.
  const people = /^http:\/\/(127\.0\.0\.1|localhost):/.test(url) ? newDemoPeople() : [];
  const identity = await startIdentityProvider(clients, env, { url, people });
  stops.push(() => identity.stop());
  await writeDemoClients(folder, identity.tokenEndpoint, clients, people);
  if (people.length === 0) return { people, settings: { OIDC_ISSUER: identity.issuer } };
  const keyFile = join(folder, "login-key.pem");
  writeFileSync(keyFile, identity.login.key, { mode: 0o600 });
  const login = { OIDC_CLIENT_ID: identity.login.clientId, OIDC_CLIENT_KEY_FILE: keyFile };
  return { people, settings: { OIDC_ISSUER: identity.issuer, ...login } };
}

/** Building takes one processor, the two stores the other; whatever has started is known to `stops` even when one fails. */
async function startStores(
  { say }: PlatformOptions,
  folder: string,
  stops: (() => Promise<void> | void)[],
): Promise<[RunningPostgres, RunningChain]> {
  const kept = async <Store extends { stop(): Promise<void> }>(starting: Promise<Store>) => {
    const store = await starting;
    stops.push(() => store.stop());
    return store;
  };
  const parts = [
    kept(startPostgres(join(folder, "postgres"))),
    kept(startAnvil(join(folder, "chain"))),
    buildStale(say),
  ] as const;
  await Promise.allSettled(parts);
  const [database, chain] = await Promise.all(parts);
  return [database, chain];
}

function settings(
  { host, port }: PlatformOptions,
  folder: string,
  keys: Keys,
  database: RunningPostgres,
  chain: RunningChain,
  deployment: Deployment,
): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: database.url,
    CHAIN_RPC_URLS: chain.url,
    CHAIN_FINALITY: `snapshot:${chain.savedFile}`,
    LEDGER_ADDRESS: deployment.ledger,
    REGISTRY_ADDRESS: deployment.registry,
    RELAYER_KEY: keys.chain.relayer,
    KEY_FILE: keys.keyFile,
    QUANLIAN_DATA_DIR: folder,
    LOG_DEPARTMENT: demoDepartments.serviceHall.uscc,
    OPEN_DATA_DIR: join(folder, "open-data"),
    WEB_DIR,
    HOST: host,
    PORT: String(port),
  };
}

/** @throws StartError before anything is started, rather than after */
export async function checkPort(host: string, port: number): Promise<void> {
  const probe = createServer();
  const code = await new Promise<string | undefined>((resolve) => {
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
  if (code === "EADDRINUSE")
    throw new StartError(`Port ${port} of ${host} is in use: set PORT to another, or stop what listens there.`);
  if (code) throw new StartError(`Quanlian cannot listen on port ${port} of ${host} (${code}): set PORT or HOST.`);
}

/** One log a start, and the one before it. */
function freshLog(folder: string): string {
  const log = join(folder, "service.log");
  if (existsSync(log)) renameSync(log, join(folder, "service.previous.log"));
  return log;
}
