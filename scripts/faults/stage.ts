// The whole platform of separate processes, each of which may be killed: what `npm start` runs, with the HTTP part and two
// workers apart, and with a line in front of the database and of the chain's node that can be broken.
import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildStale } from "../build.ts";
import type { Deployment } from "../deploy.ts";
import { startAnvil, type RunningChain } from "../embedded/anvil.ts";
import { rpcOver, type Rpc } from "../embedded/anvil-rpc.ts";
import { findProcesses, freePort, isRunning, spawnTied } from "../embedded/processes.ts";
import { startPostgres, type RunningPostgres } from "../embedded/postgres.ts";
import { DemoTokens, newDemoClients, writeDemoClients } from "../identity/demo-clients.ts";
import { type IdentityProvider, startIdentityProvider } from "../identity/provider.ts";
import { registerDemoDepartments } from "../launcher/departments.ts";
import { keysOf, type Keys } from "../launcher/key-files.ts";
import { Disk } from "./disk.ts";
import { FaultyNode } from "./faulty-node.ts";
import { Gate } from "./gate.ts";
import { type PartName, SERVICES, type ServiceName } from "./plan.ts";
import { reached, Supervised } from "./supervised.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Small batches soon, so that a round makes many. */
const SETTINGS = { BATCH_AGE_MS: "100", BATCH_SIZE: "8", LOG_LEVEL: "warn", HOST: "127.0.0.1" };

export class Stage {
  readonly keys: Keys;
  readonly disks: { readonly postgres: Disk | undefined; readonly node: Disk | undefined };
  readonly node: FaultyNode;
  deployment!: Deployment;
  readonly #folder: string;
  readonly #database: Gate;
  readonly #servicePort: number;
  readonly #parts = new Map<PartName, Supervised>();
  readonly #shifts = new Map<ServiceName, number>();
  #postgres: RunningPostgres | undefined;
  #chain: RunningChain | undefined;
  #identity: IdentityProvider | undefined;
  /** The node's next start is on the copy. */
  #restoring = false;
  #closed: Promise<void> | undefined;

  private constructor(
    folder: string,
    disks: Stage["disks"],
    keys: Keys,
    node: FaultyNode,
    database: Gate,
    servicePort: number,
  ) {
    this.#folder = folder;
    this.disks = disks;
    this.keys = keys;
    this.node = node;
    this.#database = database;
    this.#servicePort = servicePort;
  }

  /** Starts everything in a temporary folder. */
  static async open(): Promise<Stage> {
    const folder = mkdtempSync(join(tmpdir(), "quanlian-faults-"));
    // As root the database runs as another user, who must be let in.
    chmodSync(folder, 0o755);
    const disks = {
      postgres: Disk.mount(join(folder, "postgres"), 512),
      node: Disk.mount(join(folder, "chain"), 64),
    };
    const node = await FaultyNode.before("http://127.0.0.1:9");
    const stage = new Stage(folder, disks, await keysOf(folder, false), node, await Gate.open(), await freePort());
    try {
      await stage.#begin();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  /** For the clients: whom the service believes to be a department. */
  tokens(): DemoTokens {
    return new DemoTokens(this.#folder);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#servicePort}`;
  }

  /** For the audit: past the line that may be cut, but of a port that changes with every start. */
  get databaseUrl(): string {
    return this.#postgres!.url;
  }

  get chainUrl(): string {
    return this.#chain!.url;
  }

  /** Straight to the node, not over the line that lies. */
  get rpc(): Rpc {
    return rpcOver(this.chainUrl);
  }

  cutDatabase(): void {
    this.#database.cut();
  }

  /** @returns how many processes were reached */
  signal(part: PartName, signal: NodeJS.Signals): number {
    return this.#parts.get(part)!.signal(signal);
  }

  /** Kills the process of one session of the database. @returns whether there was one */
  killBackend(pick: (pids: readonly number[]) => number): boolean {
    const backends = findProcesses("postgres", this.#postgres?.cluster ?? "-")
      .flatMap(childrenOf)
      .filter(isSession);
    return backends.length > 0 && reached(pick(backends), "SIGKILL");
  }

  /** Takes effect at the service's next start. */
  shiftClock(service: ServiceName, milliseconds: number): void {
    this.#shifts.set(service, milliseconds);
  }

  /** Keeps a copy of the chain's newest saved state. */
  backUpChain(): void {
    for (const name of ["state.json.gz", "saved.json"]) {
      const file = join(this.#folder, "chain", name);
      if (existsSync(file)) copyFileSync(file, join(this.#folder, `backup-${name}`));
    }
  }

  /**
   * Kills the node and starts it on that copy. Blocks of other members then take the place of the lost ones.
   * @returns how many processes were killed
   */
  async restoreChain(): Promise<number> {
    const saved = join(this.#folder, "backup-saved.json");
    if (!existsSync(saved)) return 0;
    const before = Number(await this.rpc<string>("eth_blockNumber"));
    this.#restoring = true;
    const killed = this.signal("node", "SIGKILL");
    await this.#parts.get("node")!.up();
    await this.rpc("anvil_mine", [`0x${(before + 2 - Number(await this.rpc("eth_blockNumber"))).toString(16)}`]);
    return killed;
  }
  /** Resolves when every part runs. */
  async up(): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.up()));
  }

  /** Leaves nothing behind; may be asked for twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const part of [...this.#parts.values()].reverse()) await part.stop();
    await Promise.all([this.node.stop(), this.#database.close(), this.#identity?.stop()]);
    this.disks.postgres?.unmount();
    this.disks.node?.unmount();
    if (this.#postgres && !this.#postgres.cluster.startsWith(this.#folder))
      await rm(dirname(this.#postgres.cluster), { recursive: true, force: true });
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #begin(): Promise<void> {
    await buildStale(() => undefined);
    const clients = newDemoClients();
    this.#identity = await startIdentityProvider(clients);
    await writeDemoClients(this.#folder, this.#identity.tokenEndpoint, clients);
    this.#keepUp(
      "postgres",
      () => this.#startPostgres(),
      () => this.#pidsOfPostgres(),
    );
    this.#keepUp(
      "node",
      () => this.#startNode(),
      () => findProcesses("anvil", join(this.#folder, "chain")),
    );
    await this.up();
    const { deployContracts } = await import("../launcher/contracts.ts");
    this.deployment = await deployContracts(this.#chain!, this.keys);
    const register = { env: this.#env(), logFile: this.#log("register"), folder: this.#folder };
    await registerDemoDepartments(this.#chain!, this.keys.chain.governor, register);
    for (const name of SERVICES) this.#addService(name);
    await this.up();
  }

  #keepUp(name: PartName, start: () => Promise<{ ended: Promise<unknown> }>, pids: () => number[]): void {
    const say = (line: string) => appendFileSync(this.#log("stage"), `${line}\n`);
    this.#parts.set(name, new Supervised({ name, start, pids }, say));
  }

  async #startPostgres(): Promise<{ ended: Promise<unknown> }> {
    this.#database.target = undefined;
    this.#postgres = await startPostgres(join(this.#folder, "postgres"));
    this.#database.target = Number(new URL(this.#postgres.url).port);
    return { ended: this.#postgres.broken };
  }

  /** The server's processes too, as when the machine stops: they would notice only a little later. */
  #pidsOfPostgres(): number[] {
    const servers = findProcesses("postgres", this.#postgres?.cluster ?? join(this.#folder, "postgres", "cluster"));
    return [...servers, ...servers.flatMap(childrenOf)];
  }

  async #startNode(): Promise<{ ended: Promise<unknown> }> {
    const folder = join(this.#folder, "chain");
    if (this.#restoring) {
      for (const name of ["state.json.gz", "saved.json"])
        copyFileSync(join(this.#folder, `backup-${name}`), join(folder, name));
      this.#restoring = false;
    }
    this.#chain = await startAnvil(folder);
    this.node.real = this.#chain.url;
    return { ended: this.#chain.broken };
  }

  #addService(name: ServiceName): void {
    let child: ChildProcess | undefined;
    const start = async () => {
      child = this.#spawnService(name);
      const ended = once(child, "exit");
      if (name === "api") await Promise.race([this.#answers(), ended]);
      return { ended };
    };
    this.#keepUp(name, start, () => (child && isRunning(child) ? [child.pid!] : []));
  }

  #spawnService(name: ServiceName): ChildProcess {
    const shift = this.#shifts.get(name);
    const clock = shift === undefined ? [] : ["--import", join(import.meta.dirname, "skewed-clock.ts")];
    return spawnTied({
      program: process.execPath,
      args: [...clock, join(ROOT, "backend/dist", name === "api" ? "main.js" : "worker.js"), this.#folder],
      cwd: ROOT,
      logFile: this.#log(name),
      onOrphaned: "SIGKILL",
      env: { ...this.#env(), SHIFT_CLOCK_MS: String(shift ?? 0) },
    });
  }

  async #answers(): Promise<void> {
    const live = () =>
      fetch(`${this.url}/health/live`, { signal: AbortSignal.timeout(2_000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    while (!(await live())) await sleep(50);
  }

  #env(): NodeJS.ProcessEnv {
    const database = new URL(this.#postgres!.url);
    database.port = String(this.#database.port);
    return {
      ...process.env,
      ...SETTINGS,
      NODE_COMPILE_CACHE: join(this.#folder, "compiled"),
      ROLE: "api",
      PORT: String(this.#servicePort),
      DATABASE_URL: database.href,
      CHAIN_RPC_URLS: this.node.url,
      CHAIN_FINALITY: `snapshot:${this.#chain!.savedFile}`,
      LEDGER_ADDRESS: this.deployment.ledger,
      REGISTRY_ADDRESS: this.deployment.registry,
      OIDC_ISSUER: this.#identity!.issuer,
      RELAYER_KEY: this.keys.chain.relayer,
      KEY_FILE: this.keys.keyFile,
      QUANLIAN_DATA_DIR: this.#folder,
    };
  }

  #log(name: string): string {
    return join(this.#folder, `${name}.log`);
  }

  /** The last lines of every log, each once, for a report of what went wrong. */
  logs(): string {
    const tail = (name: string) => {
      const file = this.#log(name);
      const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
      const parts = lines.map((line) => line.replace(/"(time|pid)":\d+,/g, "").slice(0, 600));
      return [`--- ${name}`, ...[...new Set(parts)].slice(-12)].join("\n");
    };
    return [...SERVICES, "stage"].map(tail).join("\n");
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function isSession(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("postgres: quanlian ");
  } catch {
    return false;
  }
}
