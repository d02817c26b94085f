import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { computeAddress, getBytes, SigningKey, Wallet } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { decodeExtraData } from "../../proof/src/finality/extra-data.ts";
import { trustProblem } from "../../proof/src/finality/validators.ts";
import { genesisHash, genesisOf } from "../../scripts/network/genesis.ts";
import { initNetwork, localMembers, type NetworkPlan } from "../../scripts/network/init.ts";
import type { MemberDraft } from "../../scripts/network/member.ts";
import { NetworkError } from "../../scripts/network/network-error.ts";
import { readNetwork, readTrust, type Network } from "../../scripts/network/network-folder.ts";
import { network as besu } from "../finality/besu.ts";

/** Names that Besu itself knows (test/fixtures/besu/options.json says of which version). */
const known = JSON.parse(readFileSync(new URL("../fixtures/besu/options.json", import.meta.url), "utf8")) as {
  options: string[];
  apis: string[];
  permissions: string[];
  qbft: string[];
};

function plan(changes: Partial<NetworkPlan> = {}): NetworkPlan {
  return {
    members: localMembers({ validator: 4, rpc: 1, observer: 1 }),
    settings: {},
    portOffset: 0,
    accounts: [],
    ...changes,
  };
}

/** What Besu's TOML reader would see: flat keys with JSON-like values. */
function readToml(text: string): Record<string, unknown> {
  const joined = text
    .replace(/^#.*\n/gm, "")
    .replace(/,?\s*\n(?=\])/g, "")
    .replace(/\[\n|,\n/g, (part) => part.trim());
  return Object.fromEntries(
    joined
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [key, ...rest] = line.split("=");
        return [key!, JSON.parse(rest.join("=")) as unknown];
      }),
  );
}

describe("network init", () => {
  const parent = mkdtempSync(join(tmpdir(), "quanlian-network-"));
  const folder = join(parent, "net");
  let network: Network;

  before(async () => {
    network = await initNetwork(folder, plan());
  });
  after(() => rmSync(parent, { recursive: true }));

  const file = (path: string) => readFileSync(join(folder, path), "utf8");
  const options = (name: string) => readToml(file(`nodes/${name}/config.toml`));
  const files = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  const isSecret = (path: string) => /\/key$|\.key$/.test(path);

  it("makes four validators, a node that serves and one that observes, each with its own ports", () => {
    expect(network.members.map(({ name }) => name)).to.deep.equal([
      "validator-1",
      "validator-2",
      "validator-3",
      "validator-4",
      "rpc-1",
      "observer-1",
    ]);
    const ports = network.members.flatMap(({ p2pPort, rpcPort, metricsPort }) => [p2pPort, rpcPort, metricsPort]);
    expect(new Set(ports).size).to.equal(ports.length);
  });

  it("writes a genesis block that names exactly the validators, in ascending order", () => {
    const genesis = JSON.parse(file("genesis.json")) as ReturnType<typeof genesisOf>;
    const validators = network.members.filter(({ role }) => role === "validator").map(({ address }) => address);
    const extra = decodeExtraData(getBytes(genesis.extraData))!;
    expect(extra).to.deep.include({ validators: [...validators].sort(), vote: null, round: 0, seals: [] });
    expect(genesis.config.chainId).to.equal(network.settings.chainId);
    expect(genesis.config.zeroBaseFee).to.equal(true);
    expect(Object.keys(genesis.config.qbft)).to.have.members(known.qbft);
    for (const { name } of network.members) expect(file(`nodes/${name}/genesis.json`)).to.equal(file("genesis.json"));
  });

  it("knows the hash that Besu gives to such a genesis block", () => {
    const { genesis, genesisBlock } = besu as unknown as {
      genesis: { gasLimit: string; extraData: Hex };
      genesisBlock: { hash: string };
    };
    expect(genesisHash(genesis)).to.equal(genesisBlock.hash);
  });

  it("writes what a verifier has to trust: the set from block 0 and the genesis block", async () => {
    const trust = await readTrust(folder);
    expect(trustProblem(trust)).to.equal(null);
    const genesis = JSON.parse(file("genesis.json")) as ReturnType<typeof genesisOf>;
    expect(trust.pins).to.deep.equal([{ number: 0, hash: genesisHash(genesis) }]);
    expect(trust.sets).to.have.length(1);
    expect(trust.epochLength).to.equal(genesis.config.qbft.epochlength);
  });

  it("uses options, APIs and permission keys that Besu has", () => {
    for (const { name } of network.members) {
      const config = options(name);
      for (const key of Object.keys(config)) expect(known.options, name).to.include(key);
      for (const api of config["rpc-http-api"] as string[]) expect(known.apis).to.include(api);
      expect(Object.keys(readToml(file(`nodes/${name}/permissions.toml`)))).to.have.members(known.permissions);
    }
  });

  it("binds everything to loopback", () => {
    for (const { name, p2pPort, rpcPort, metricsPort } of network.members) {
      expect(options(name)).to.deep.include({
        "p2p-host": "127.0.0.1",
        "p2p-interface": "127.0.0.1",
        "p2p-port": p2pPort,
        "rpc-http-host": "127.0.0.1",
        "rpc-http-port": rpcPort,
        "metrics-host": "127.0.0.1",
        "metrics-port": metricsPort,
        "discovery-enabled": false,
        "min-gas-price": 0,
      });
      expect(options(name)).to.not.have.any.keys("rpc-ws-enabled", "graphql-http-enabled", "engine-rpc-enabled");
    }
    // The image's own environment would open the port, and beats the config file.
    const compose = file("docker-compose.yml");
    expect(compose.match(/BESU_RPC_HTTP_HOST: 127\.0\.0\.1/g)).to.have.length(network.members.length);
    expect(compose)
      .to.not.contain("0.0.0.0")
      .and.not.match(/^\s*ports:/m);
  });

  it("offers votes, peers and allow-lists only to a node's own operator, raw headers to all", () => {
    const apis = (name: string) => options(name)["rpc-http-api"] as string[];
    expect(apis("rpc-1")).to.include("DEBUG").and.not.include.oneOf(["ADMIN", "PERM"]);
    expect(apis("validator-1")).to.include.members(["ADMIN", "PERM", "QBFT", "DEBUG"]);
    expect(options("rpc-1")["data-storage-format"]).to.equal("FOREST");
    expect(options("validator-1")["data-storage-format"]).to.equal("BONSAI");
  });

  it("lets in exactly the members, and connects each to all others", () => {
    const enodes = network.members.map(
      ({ publicKey, p2pPort }) => `enode://${publicKey.slice(2)}@127.0.0.1:${p2pPort}`,
    );
    network.members.forEach(({ name }, i) => {
      const permissions = readToml(file(`nodes/${name}/permissions.toml`));
      expect(permissions["nodes-allowlist"]).to.deep.equal(enodes);
      expect(permissions["accounts-allowlist"]).to.deep.equal(network.accounts);
      expect(JSON.parse(file(`nodes/${name}/static-nodes.json`))).to.deep.equal(enodes.filter((_, j) => j !== i));
    });
  });

  it("keeps each secret in one file that only its owner reads", () => {
    const secrets = files().filter(isSecret);
    expect(secrets).to.have.length(network.members.length + 3);
    for (const path of secrets) expect(statSync(path).mode & 0o777, path).to.equal(0o600);
    const texts = files()
      .filter((path) => !isSecret(path))
      .map((path) => readFileSync(path, "utf8"));
    for (const path of secrets) {
      const secret = readFileSync(path, "utf8");
      expect(secret).to.match(/^0x[0-9a-f]{64}$/);
      for (const text of texts) expect(text.toLowerCase()).to.not.contain(secret.slice(2));
    }
  });

  it("gives each node the key whose address and identity it publishes", () => {
    for (const { name, publicKey, address } of network.members) {
      const key = new SigningKey(file(`nodes/${name}/key`));
      expect(`0x${key.publicKey.slice(4)}`).to.equal(publicKey);
      expect(computeAddress(key.publicKey).toLowerCase()).to.equal(address);
      expect(file(`nodes/${name}/key.pub`).trim()).to.equal(publicKey);
    }
    const accounts = ["relayer", "deployer", "registrar"].map(
      (name) => new Wallet(file(`accounts/${name}.key`)).address,
    );
    expect(accounts).to.deep.equal(network.accounts);
  });

  it("writes a unit, a service and a page for every node", () => {
    for (const { name, address } of network.members) {
      expect(file(`systemd/quanlian-${name}.service`)).to.contain(`/var/lib/quanlian/${name}`);
      expect(file("docker-compose.yml")).to.contain(`./nodes/${name}:/node`);
      const page = file(`nodes/${name}/OPERATOR.md`);
      expect(page).to.contain(address).and.contain(`quanlian-${name}`).and.contain(String(network.settings.chainId));
    }
  });

  it("reads back what it wrote, and refuses to write over it", async () => {
    expect(await readNetwork(folder)).to.deep.equal(network);
    await refused(initNetwork(folder, plan()), /not empty/);
  });

  it("never makes the same network twice", async () => {
    const other = await initNetwork(join(parent, "other"), plan());
    expect(other.settings.chainId).to.not.equal(network.settings.chainId);
    const keys = [...network.members, ...other.members].map(({ publicKey }) => publicKey);
    expect(new Set(keys).size).to.equal(keys.length);
  });
});

describe("network init for several institutions", () => {
  const parent = mkdtempSync(join(tmpdir(), "quanlian-network-"));
  after(() => rmSync(parent, { recursive: true }));
  let count = 0;
  const init = (changes: Partial<NetworkPlan>) => initNetwork(join(parent, String(count++)), plan(changes));

  const own = new SigningKey(`0x${"11".repeat(32)}`).publicKey;
  const members: MemberDraft[] = [
    { role: "validator", name: "gov-service", institution: "某市政务服务局", host: "10.0.1.5", publicKey: own },
    { role: "validator", name: "justice", institution: "某市司法局", host: "10.0.2.5" },
    { role: "rpc", host: "10.0.2.5" },
  ];

  it("takes a public key instead of making one, and then holds no secret of that node", async () => {
    const network = await init({ members });
    const folder = join(parent, String(count - 1));
    const [first, second, third] = network.members;
    expect(first!.publicKey).to.equal(`0x${own.slice(4)}`);
    expect(readdirSync(join(folder, "nodes/gov-service"))).to.not.include("key");
    expect(readdirSync(join(folder, "nodes/justice"))).to.include("key");
    expect([first!.p2pPort, second!.p2pPort, third!.p2pPort]).to.deep.equal([30303, 30303, 30304]);
    const config = readToml(readFileSync(join(folder, "nodes/justice/config.toml"), "utf8"));
    expect(config).to.include({ "p2p-host": "10.0.2.5", "p2p-interface": "10.0.2.5", "rpc-http-host": "127.0.0.1" });
    expect(readFileSync(join(folder, "nodes/justice/OPERATOR.md"), "utf8")).to.contain("某市司法局");
  });

  it("takes accounts and settings", async () => {
    const account = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
    const settings = {
      chainId: 7,
      blockPeriodSeconds: 2,
      requestTimeoutSeconds: 20,
      epochLength: 100,
      gasLimit: 2 ** 25,
    };
    const network = await init({ accounts: [account], settings });
    expect(network.settings).to.deep.equal(settings);
    expect(network.accounts).to.deep.equal(["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"]);
    expect(readdirSync(join(parent, String(count - 1)))).to.not.include("accounts");
  });

  it("refuses what cannot work, with a sentence", async () => {
    const validator = { role: "validator" } as const;
    const cases: [Partial<NetworkPlan>, RegExp][] = [
      [{ members: [] }, /needs a validator/],
      [{ members: [{ role: "rpc" }] }, /needs a validator/],
      [{ members: [{ ...validator, name: "../x" }] }, /no node name/],
      [
        {
          members: [
            { ...validator, name: "a" },
            { ...validator, name: "a" },
          ],
        },
        /Two nodes/,
      ],
      [{ members: [{ ...validator, host: "node1.example" }] }, /no IP address/],
      [{ members: [{ ...validator, institution: 'a"\nrpc-http-host="0.0.0.0' }] }, /no name of an institution/],
      [{ members: [{ ...validator, publicKey: "0x1234" }] }, /public key/],
      [{ members: [{ ...validator, publicKey: "ab".repeat(64) }] }, /public key/],
      [
        {
          members: [
            { ...validator, publicKey: own },
            { ...validator, publicKey: own },
          ],
        },
        /another node's key/,
      ],
      [{ accounts: ["0x1234"] }, /no account address/],
      [{ settings: { chainId: 0 } }, /positive integer/],
      [{ settings: { blockPeriodSeconds: 10 } }, /longer than the block period/],
      [{ settings: { gasLimit: 8_000_000 } }, /full batch/],
    ];
    for (const [changes, message] of cases) await refused(init(changes), message);
  });
});

async function refused(attempt: Promise<unknown>, message: RegExp): Promise<void> {
  const failure = await attempt.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).to.be.instanceOf(NetworkError);
  expect((failure as Error).message).to.match(message);
}
