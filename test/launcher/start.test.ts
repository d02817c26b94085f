import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { startAnvil } from "../../scripts/embedded/anvil.ts";
import { startPostgres } from "../../scripts/embedded/postgres.ts";
import { DemoTokens, newDemoClients, writeDemoClients } from "../../scripts/identity/demo-clients.ts";
import { startIdentityProvider } from "../../scripts/identity/provider.ts";
import { deployContracts } from "../../scripts/launcher/contracts.ts";
import { keysOf } from "../../scripts/launcher/key-files.ts";
import { CITY } from "../service/harness.ts";
import { penalty } from "../service/records.ts";
import { launch, partsOf, startNpm, until, type Launched } from "./launched.ts";

interface Answer {
  readonly id: string;
  readonly status: string;
  readonly recordHash: string;
}
interface Receipt {
  readonly anchor: { readonly ledger: string; readonly genesisHash: string; readonly blockHash: string };
}

/** The death of its parent may have ended it already. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    expect(error).to.have.property("code", "ESRCH");
  }
}

/** As root the database runs as another user, who must be let in. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-start-"));
  chmodSync(folder, 0o755);
  return folder;
}

describe("npm start", function () {
  this.timeout(240_000);
  let folder: string;
  let running: Launched[];

  const start = (settings?: NodeJS.ProcessEnv) => {
    const launched = launch(folder, settings);
    running.push(launched);
    return launched;
  };
  /** Tokens die with the provider that issued them, so that each request gets a new one. */
  const bearer = async () => ({ authorization: `Bearer ${await new DemoTokens(folder).ofDepartment(CITY)}` });
  const get = async <Body>(launched: Launched, path: string) => {
    const url = `${await launched.url}/api/v1/${path}`;
    return (await (await fetch(url, { headers: await bearer() })).json()) as Body;
  };
  const submit = async (launched: Launched, number: string) => {
    const body = JSON.stringify(penalty(number));
    const url = `${await launched.url}/api/v1/records`;
    const headers = { "content-type": "application/json", ...(await bearer()) };
    const response = await fetch(url, { method: "POST", headers, body });
    return (await response.json()) as Answer;
  };
  const statusOf = async (launched: Launched, { id }: Answer) => (await get<Answer>(launched, `records/${id}`)).status;
  const becomesFinal = (launched: Launched, record: Answer) =>
    until(async () => (await statusOf(launched, record)) === "final");
  const killAll = async (launched: Launched) => {
    const parts = partsOf(folder);
    launched.process.kill("SIGKILL");
    for (const pid of parts) killIfThere(pid);
    await launched.ended;
    await until(() => partsOf(folder).length === 0);
  };

  before(() => {
    folder = newFolder();
  });
  beforeEach(() => {
    running = [];
  });
  afterEach(async () => {
    for (const launched of running) {
      launched.process.kill("SIGTERM");
      await launched.ended;
    }
    expect(partsOf(folder)).to.deep.equal([]);
  });
  after(() => rmSync(folder, { recursive: true }));

  it("goes on after kill -9 of everything with the same chain, ledger and records, and what was final stays final", async () => {
    const first = start();
    const record = await submit(first, "京海市监罚〔2026〕1号");
    await becomesFinal(first, record);
    const receipt = await get<Receipt>(first, `records/${record.id}/receipt`);
    const late = await submit(first, "京海市监罚〔2026〕2号");
    await killAll(first);

    const second = start();
    expect(await statusOf(second, record)).to.equal("final");
    expect(await get<Receipt>(second, `records/${record.id}/receipt`)).to.deep.equal(receipt);
    await becomesFinal(second, late);
    const { anchor } = await get<Receipt>(second, `records/${late.id}/receipt`);
    expect(anchor).to.include({ ledger: receipt.anchor.ledger, genesisHash: receipt.anchor.genesisHash });
  });

  it("goes on after kill -9 at any moment of the first start", async () => {
    rmSync(folder, { recursive: true });
    folder = newFolder();
    for (const delay of [300, 700, 1_200, 1_800]) {
      const cut = start();
      await new Promise((next) => setTimeout(next, delay));
      await killAll(cut);
    }
    const last = start();
    await becomesFinal(last, await submit(last, "京海市监罚〔2026〕3号"));
  });

  it("leaves nothing running when it alone is killed", async () => {
    const launched = start();
    await launched.url;
    launched.process.kill("SIGKILL");
    await until(() => partsOf(folder).length === 0);
  });

  it("stops everything and says so when one part dies", async () => {
    const launched = start();
    await launched.url;
    const [postmaster] = readFileSync(join(folder, "postgres", "cluster", "postmaster.pid"), "utf8").split("\n");
    process.kill(Number(postmaster), "SIGKILL");
    expect(await launched.ended).to.equal(1);
    expect(launched.output()).to.match(/^quanlian: The embedded PostgreSQL ended by itself .*$/m);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`stops everything on ${signal} and ends well`, async () => {
      const launched = start();
      await launched.url;
      launched.process.kill(signal);
      expect(await launched.ended).to.equal(0);
      expect(partsOf(folder)).to.deep.equal([]);
    });
  }

  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    it(`stops everything when npm gets ${signal}`, async () => {
      const launched = startNpm(folder);
      running.push(launched);
      await launched.url;
      launched.process.kill(signal);
      await until(() => partsOf(folder).length === 0);
      const next = start();
      await next.url;
    });
  }

  it("stops what it has started when it is asked to in the middle of starting", async () => {
    const launched = start();
    await until(() => partsOf(folder).length > 0);
    launched.process.kill("SIGTERM");
    expect(await launched.ended).to.not.equal(null);
    expect(partsOf(folder)).to.deep.equal([]);
  });

  it("runs only the service when a database and a chain are given", async () => {
    const [database, chain] = [await startPostgres(join(folder, "postgres")), await startAnvil(join(folder, "chain"))];
    const clients = newDemoClients();
    const identity = await startIdentityProvider(clients);
    try {
      await writeDemoClients(folder, identity.tokenEndpoint, clients);
      const keys = await keysOf(folder, true);
      const { ledger, registry } = await deployContracts(chain, keys);
      const launched = start({
        QUANLIAN_DATA_DIR: join(folder, "spool"),
        DATABASE_URL: database.url,
        CHAIN_RPC_URLS: chain.url,
        CHAIN_FINALITY: "immediate",
        LEDGER_ADDRESS: ledger,
        REGISTRY_ADDRESS: registry,
        RELAYER_KEY: keys.chain.relayer,
        KEY_FILE: keys.keyFile,
        OIDC_ISSUER: identity.issuer,
      });
      await becomesFinal(launched, await submit(launched, "京海市监罚〔2026〕4号"));
      expect(partsOf(join(folder, "spool"))).to.have.length(1);
      launched.process.kill("SIGTERM");
      expect(await launched.ended).to.equal(0);
    } finally {
      await Promise.all([database.stop(), chain.stop(), identity.stop()]);
    }
  });

  describe("says in one sentence what is in the way, and starts nothing", () => {
    const refusal = async (settings?: NodeJS.ProcessEnv) => {
      const launched = start(settings);
      expect(await launched.ended).to.equal(1);
      const said = launched.output().trim().split("\n");
      expect(said, launched.output()).to.have.length(1);
      return said[0];
    };

    it("a busy port", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      expect(await refusal({ PORT: String(port) })).to.match(/^quanlian: Port \d+ of 127\.0\.0\.1 is in use: .+\.$/);
      server.close();
    });

    it("a second start on the same folder", async () => {
      const first = start();
      await first.url;
      expect(await refusal()).to.match(/^quanlian: Quanlian is already running on .+ \(process \d+\): .+\.$/);
      expect(partsOf(folder)).to.have.length(3);
    });

    it("a folder that cannot be written", async () => {
      expect(await refusal({ QUANLIAN_DATA_DIR: "/sys/quanlian" })).to.match(
        /^quanlian: The data folder \/sys\/quanlian cannot be written \(E\w+\): .+\.$/,
      );
    });

    it("a folder that is a file", async () => {
      const file = join(import.meta.dirname, "launched.ts");
      expect(await refusal({ QUANLIAN_DATA_DIR: file })).to.match(/cannot be written \(E\w+\)/);
    });

    it("a port that is none", async () => {
      expect(await refusal({ PORT: "http" })).to.equal("quanlian: PORT must be a number from 0 to 65535.");
    });

    it("one real store without the other", async () => {
      expect(await refusal({ DATABASE_URL: "postgres://nowhere/none" })).to.match(/^quanlian: Set both .+\.$/);
    });

    it("data without the keys that open it", async () => {
      const first = start();
      await first.url;
      first.process.kill("SIGTERM");
      await first.ended;
      renameSync(join(folder, "keys.json"), join(folder, "mislaid.json"));
      expect(await refusal()).to.match(/^quanlian: The key file .+keys\.json is gone but its data is not: .+\.$/);
      renameSync(join(folder, "mislaid.json"), join(folder, "keys.json"));
    });

    it("an older Node", () => {
      const pretend = `Object.defineProperty(process.versions, "node", { value: "20.20.2" })`;
      const check = join(import.meta.dirname, "../../scripts/check-node.mjs");
      const run = spawnSync(process.execPath, [
        "--import",
        `data:text/javascript,${encodeURIComponent(pretend)}`,
        check,
      ]);
      expect(run.status).to.equal(1);
      expect(run.stderr.toString()).to.match(/^Quanlian needs Node 24 .+\n$/);
    });
  });
});
