// What the pipeline runs on while it is measured: PostgreSQL, an EVM node with blocks of one second, and the service.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { vrfPublicKey } from "@quanlian/proof";
import { computeAddress, JsonRpcProvider, Wallet } from "ethers";
import pg from "pg";
import { deploy } from "../../deploy.ts";
import { type RunningChain, startAnvil } from "../../embedded/anvil.ts";
import { rpcOver } from "../../embedded/anvil-rpc.ts";
import { newPlatformKeys } from "../../launcher/key-files.ts";
import { startPostgres } from "../../embedded/postgres.ts";
import { SCOPE, startIdentityProvider } from "../../identity/provider.ts";
import { TokenSource } from "../../identity/tokens.ts";
import { demoDepartments } from "../../dataset/departments.ts";
import { enterpriseOf } from "../../dataset/subjects.ts";
import { registerDemoDepartments } from "../../launcher/departments.ts";
import { type RunningService, startService } from "../../launcher/service.ts";

const BLOCK_SECONDS = 1;
/** As in the network of docs/network.md. */
const BLOCK_GAS = 60_000_000;

export interface Ground {
  readonly folder: string;
  readonly chain: RunningChain;
  readonly env: NodeJS.ProcessEnv;
  readonly sql: pg.Client;
  readonly provider: JsonRpcProvider;
  readonly service: RunningService;
  /** The header with which the client asks. */
  readonly authorization: string;
}

const CLIENT = {
  id: "bench",
  secret: "secret of the bench",
  /** Longer than any measuring. */
  tokenSeconds: 12 * 3600,
  claims: {
    roles: ["department-system", "regulator", "enterprise"],
    subjects: [enterpriseOf("", 0).uscc],
    departments: Object.values(demoDepartments).map(({ uscc }) => uscc),
    areas: ["110000"],
    kinds: [1, 2, 3, 4, 5],
  },
};

/** Private keys of all accounts that send transactions. */
interface Senders {
  readonly deployer: string;
  readonly registrar: string;
  readonly relayer: string;
}

/** A chain to measure on. */
export interface Underground {
  readonly chain: RunningChain;
  /** Settings that the service needs for it. */
  readonly env: NodeJS.ProcessEnv;
  /** Called when everything is set up. */
  readonly pace: () => Promise<void>;
}

/** @param senders who must be allowed to send, where not everybody is */
type StartChain = (folder: string, senders: Senders) => Promise<Underground>;

/** The embedded node, which then makes blocks as a network does. */
const startEmbedded: StartChain = async (folder) => {
  const chain = await startAnvil(folder);
  const rpc = rpcOver(chain.url);
  const pace = async () => {
    await rpc("evm_setBlockGasLimit", [`0x${BLOCK_GAS.toString(16)}`]);
    await rpc("evm_setIntervalMining", [BLOCK_SECONDS]);
  };
  return { chain, env: {}, pace };
};

/** Starts everything in a temporary folder, lets `use` have it, and leaves nothing behind. */
export async function onGround<Result>(
  prefixBits: number,
  nodeOptions: string | undefined,
  use: (ground: Ground) => Promise<Result>,
  startChain: StartChain = startEmbedded,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-pipeline-"));
  chmodSync(folder, 0o755);
  const stops: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const database = await startPostgres(join(folder, "postgres"));
    stops.push(
      () => rm(dirname(database.cluster), { recursive: true, force: true }),
      () => database.stop(),
    );
    const [deployer, registrar, relayer] = [newKey(), newKey(), newKey()];
    const senders = { deployer, registrar, relayer };
    const { chain, env: ofChain, pace } = await startChain(join(folder, "chain"), senders);
    stops.push(() => chain.stop());
    const options = { staticNetwork: true, cacheTimeout: -1, pollingInterval: 100 };
    const provider = new JsonRpcProvider(chain.url, chain.chainId, options);
    stops.push(() => provider.destroy());
    const identity = await startIdentityProvider([CLIENT], {});
    stops.push(() => identity.stop());
    const credentials = { client_id: CLIENT.id, client_secret: CLIENT.secret, scope: SCOPE };
    const authorization = `Bearer ${await new TokenSource(identity.tokenEndpoint, credentials).token()}`;
    const settled = await settings(folder, database.url, chain, provider, prefixBits, senders);
    const env = { ...settled, ...ofChain };
    await registerDemoDepartments(chain, registrar, { env, logFile: join(folder, "register.log"), folder });
    await pace();
    const profiling = nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions };
    const own = { ...env, ...profiling, OIDC_ISSUER: identity.issuer };
    const service = await startService({ env: own, logFile: join(folder, "service.log"), folder });
    stops.push(() => service.stop());
    const sql = new pg.Client({ connectionString: database.url });
    await sql.connect();
    stops.push(() => sql.end());
    return await use({ folder, chain, env, sql, provider, service, authorization });
  } finally {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
  }
}

async function settings(
  folder: string,
  databaseUrl: string,
  chain: RunningChain,
  provider: JsonRpcProvider,
  prefixBits: number,
  { deployer, registrar, relayer }: Senders,
): Promise<NodeJS.ProcessEnv> {
  const [vrfSecret, governor] = [randomBytes(32), computeAddress(registrar)];
  const governance = Object.fromEntries(
    ["admin", "registrar", "sentinel", "guardian", "steward"].map((role) => [role, governor]),
  ) as Record<"admin" | "registrar" | "sentinel" | "guardian" | "steward", string>;
  const { ledger, registry } = await deploy(new Wallet(deployer, provider), {
    prefixBits,
    vrfKey: vrfPublicKey(vrfSecret),
    governance: { ...governance, delays: { admin: 0, registrar: 0, steward: 0 } },
  });
  const hex = (bytes: Buffer): `0x${string}` => `0x${bytes.toString("hex")}`;
  const keyFile = join(folder, "keys.json");
  const keys = newPlatformKeys(hex(vrfSecret));
  await writeFile(keyFile, JSON.stringify(keys), { mode: 0o600 });
  const env: NodeJS.ProcessEnv = {
    PATH: process.env["PATH"],
    DATABASE_URL: databaseUrl,
    CHAIN_RPC_URLS: chain.url,
    CHAIN_FINALITY: "immediate",
    LEDGER_ADDRESS: ledger,
    REGISTRY_ADDRESS: registry,
    RELAYER_KEY: relayer,
    KEY_FILE: keyFile,
    QUANLIAN_DATA_DIR: folder,
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "error",
    INTEGRITY_RATE: "0",
    // One client makes the load of a whole city here.
    ...{ RATE_PUBLIC: "0", RATE_SUBMIT: "0", RATE_IMPORT: "0", RATE_READ: "0" },
  };
  return env;
}

function newKey(): string {
  return Wallet.createRandom().privateKey;
}
