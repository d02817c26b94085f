// `npm start`: everything on this machine, or only the service when DATABASE_URL and CHAIN_RPC_URLS name real ones.
import { buildStale } from "./build.ts";
import { StartError } from "./embedded/start-error.ts";
import { checkPort, startPlatform, WEB_DIR, type Platform } from "./launcher/platform.ts";
import { startService } from "./launcher/service.ts";

const { DATABASE_URL, CHAIN_RPC_URLS, QUANLIAN_DATA_DIR = ".data", HOST = "127.0.0.1", PORT = "3000" } = process.env;

interface Running {
  readonly broken: Promise<Error>;
  stop(): Promise<void>;
}

/** Runs until a signal or a failure; the exit code tells which. */
async function run(): Promise<number> {
  const asked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => asked.abort());
  if (process.env["npm_lifecycle_event"] === "start") abortWithoutParent(asked);
  const running = await start(asked.signal);
  const error = await Promise.race([running.broken, abortOf(asked.signal)]);
  console.log(error ? `quanlian: ${error.message} Stopping; \`npm start\` continues where it was.` : "\nStopping …");
  await running.stop();
  return error ? 1 : 0;
}

/** Nobody can press Ctrl-C any more when npm itself was killed. */
function abortWithoutParent(asked: AbortController): void {
  const npm = process.ppid;
  const look = setInterval(() => process.ppid === npm || asked.abort(), 200);
  asked.signal.addEventListener("abort", () => clearInterval(look));
  look.unref();
}

function abortOf(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(null)));
}

async function start(signal: AbortSignal): Promise<Running> {
  if (Boolean(DATABASE_URL) !== Boolean(CHAIN_RPC_URLS))
    throw new StartError(
      "Set both DATABASE_URL and CHAIN_RPC_URLS to run on real ones, or neither to run embedded ones.",
    );
  const port = portNumber(PORT);
  return DATABASE_URL ? startOnRealOnes(port) : startEmbedded(port, signal);
}

function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new StartError("PORT must be a number from 0 to 65535.");
  return Number(text);
}

async function startOnRealOnes(port: number): Promise<Running> {
  await checkPort(HOST, port);
  await buildStale(progress);
  const service = await startService({ env: { WEB_DIR, ...process.env }, logFile: null, folder: QUANLIAN_DATA_DIR });
  console.log(`Quanlian 全链 serves ${service.url} on the database and the chain of its settings. Ctrl-C stops it.`);
  return service;
}

async function startEmbedded(port: number, signal: AbortSignal): Promise<Running> {
  const options = { folder: QUANLIAN_DATA_DIR, host: HOST, port, say: progress, signal };
  const platform = await startPlatform(options);
  announce(platform);
  return platform;
}

/** Passwords are new at every start, and good on this machine only. */
function loginsOf(people: Platform["people"]): string {
  if (people.length === 0) return "";
  const lines = people.map(({ id, password }) => `  ${id.padEnd(12)}${password}`);
  return `\nLog in on the verify page as one of the demo people (new passwords at every start):\n${lines.join("\n")}\n`;
}

function progress(phrase: string): void {
  console.log(`  … ${phrase}`);
}

function announce({ url, people, folder, logFile, database, chain, deployment }: Platform): void {
  const elsewhere = database.cluster.startsWith(folder) ? "" : `, database in ${database.cluster}`;
  console.log(`
Quanlian 全链 is running.

  verify page   ${url}/
  API           ${url}/api/v1        described in ${url}/api/openapi.json
  ledger        ${deployment.ledger}        chain ${chain.chainId} at ${chain.url}
  data          ${folder}${elsewhere}
  log           ${logFile}
${loginsOf(people)}
Import a file of the demonstration, and read on in README.md:
  TOKEN=$(npm run -s token -- 11110000MB9D0005X4)
  curl -H "Authorization: Bearer $TOKEN" -F department=11110000MB9D0005X4 -F file=@FILE ${url}/api/v1/imports

Ctrl-C stops everything; npm start continues.`);
  if (chain.lost)
    console.warn(`
WARNING: the newest saved state of the chain was damaged, and blocks up to ${chain.lost.blockNumber} are gone from this
node. Restore ${folder}/chain from a backup; records that were final in those blocks are not until then.`);
}

try {
  process.exitCode = await run();
} catch (error) {
  const mendable = error instanceof StartError || (error as Error).name === "AbortError";
  console.error(mendable ? `quanlian: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
