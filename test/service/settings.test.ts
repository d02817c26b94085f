import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { QueryFailedError } from "typeorm";
import { Config, ConfigError } from "../../backend/src/config.ts";
import { loggedError } from "../../backend/src/http/logger.ts";
import { KeyVault } from "../../backend/src/departments/key-vault.ts";
import { readKeyFile } from "../../backend/src/departments/key-file.ts";

const complete = {
  DATABASE_URL: "postgres://user:secret@127.0.0.1/db",
  CHAIN_RPC_URLS: "http://127.0.0.1:8545, https://node.example",
  CHAIN_FINALITY: "confirmations:12",
  LEDGER_ADDRESS: `0x${"1".repeat(40)}`,
  REGISTRY_ADDRESS: `0x${"2".repeat(40)}`,
  RELAYER_KEY: `0x${"3".repeat(64)}`,
  KEY_FILE: "keys.json",
};

describe("settings", () => {
  it("are read with their defaults", () => {
    const config = new Config(complete);
    expect(config.chainRpcUrls).to.deep.equal(["http://127.0.0.1:8545", "https://node.example"]);
    expect(config.finality).to.deep.equal({ rule: "confirmations", confirmations: 12 });
    expect(config).to.include({ port: 3000, batchSize: 512, batchAgeMs: 1_000, role: "all" });
  });

  for (const [text, rule] of [
    ["immediate", { rule: "immediate" }],
    ["tag", { rule: "tag" }],
    ["confirmations:0", { rule: "confirmations", confirmations: 0 }],
    ["snapshot:/var/data/chain:1/saved.json", { rule: "snapshot", file: "/var/data/chain:1/saved.json" }],
  ] as const)
    it(`know the finality rule ${text}`, () =>
      expect(new Config({ ...complete, CHAIN_FINALITY: text }).finality).to.deep.equal(rule));

  for (const [name, value] of [
    ["DATABASE_URL", "mysql://x"],
    ["CHAIN_RPC_URLS", "ftp://node"],
    ["CHAIN_FINALITY", "soon"],
    ["LEDGER_ADDRESS", "0x12"],
    ["RELAYER_KEY", "0xsecret"],
    ["PORT", "70000"],
    ["BATCH_SIZE", "1.5"],
    ["LOG_LEVEL", "loud"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["TRUST_PROXY", "everybody"],
    ["RATE_LOGIN", "-7"],
  ] as const)
    it(`refuse ${name}=${value} in one sentence that does not repeat the value`, () => {
      const wrong = () => new Config({ ...complete, [name]: value });
      expect(wrong).to.throw(ConfigError, new RegExp(`^${name} [^\\n]*\\.$`));
      expect(wrong).to.throw(ConfigError).with.property("message").that.does.not.include(value);
    });

  it("name proxies by address or network", () => {
    const proxies = (text: string) => new Config({ ...complete, TRUST_PROXY: text }).trustedProxies;
    expect(proxies("10.0.0.0/8, 2001:db8::1")).to.deep.equal(["10.0.0.0/8", "2001:db8::1"]);
    expect(proxies("none")).to.deep.equal(new Config(complete).trustedProxies).and.deep.equal([]);
  });

  it("take validators only where sealed blocks are final at once", () => {
    const file = { VALIDATORS_FILE: "trust.json" };
    expect(new Config({ ...complete, ...file, CHAIN_FINALITY: "immediate" }).validatorsFile).to.equal("trust.json");
    expect(() => new Config({ ...complete, ...file })).to.throw(ConfigError, /VALIDATORS_FILE goes with/);
  });

  it("name everything that is missing", () => {
    expect(() => new Config({})).to.throw(ConfigError, /DATABASE_URL[^]*CHAIN_RPC_URLS[^]*KEY_FILE/);
  });
});

describe("key file", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "quanlian-keys-"))));
  after(() => rmSync(folder, { recursive: true }));

  const file = (content: string) => {
    const path = join(folder, "keys.json");
    writeFileSync(path, content);
    return path;
  };
  const secret = (digit: string) => `0x${digit.repeat(64)}`;

  it("holds two secrets of 32 bytes", () => {
    const keys = { format: "quanlian-keys/1", masterKey: secret("1"), vrfSecret: secret("2") };
    const read = readKeyFile(file(JSON.stringify(keys)));
    expect([read.masterKey.length, read.vrfSecret.length, read.vrfSecret[0]]).to.deep.equal([32, 32, 0x22]);
  });

  for (const [what, content] of [
    ["no JSON", "keys"],
    ["another format", JSON.stringify({ format: "x/1", masterKey: secret("1"), vrfSecret: secret("2") })],
    ["a short key", JSON.stringify({ format: "quanlian-keys/1", masterKey: "0x11", vrfSecret: secret("2") })],
  ] as const)
    it(`is refused when it holds ${what}, without repeating it`, () => {
      const path = file(content);
      expect(() => readKeyFile(path)).to.throw(ConfigError, /^The key file \S+ (is not|cannot)/);
    });
});

describe("key vault", () => {
  const vault = new KeyVault(new Uint8Array(32).fill(1));
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

  it("gives back what was sealed", () => {
    fc.assert(
      fc.property(bytes, (secret) => {
        expect([...vault.open(vault.seal(secret, "a"), "a")]).to.deep.equal([...secret]);
      }),
    );
  });
  it("opens for no other owner, no other master key, and nothing altered", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), (secret, at) => {
        const sealed = vault.seal(secret, "a/signer");
        expect(() => vault.open(sealed, "b/signer")).to.throw();
        expect(() => new KeyVault(new Uint8Array(32).fill(2)).open(sealed, "a/signer")).to.throw();
        sealed[at % sealed.length]! ^= 1;
        expect(() => vault.open(sealed, "a/signer")).to.throw();
      }),
    );
  });
  it("never seals twice alike", () => {
    expect(vault.seal(new Uint8Array(4), "a")).not.to.deep.equal(vault.seal(new Uint8Array(4), "a"));
  });
});

describe("logs", () => {
  it("keep the content of a failed query out", () => {
    const driverError = Object.assign(new Error('invalid input: "王某某"'), { code: "22P02", detail: "王某某" });
    const failed = new QueryFailedError("select $1", ["11010519491231002X"], driverError);
    const line = JSON.stringify(loggedError(failed));
    expect(line).not.to.match(/王某某|11010519491231002X|select/);
    expect(loggedError(failed)).to.include({ type: "QueryFailedError", code: "22P02" });
  });

  it("say which error it was", () => {
    const script = `
      import { PinoLogger } from "nestjs-pino";
      import { loggerOptions } from "./backend/src/http/logger.ts";
      new PinoLogger(loggerOptions("error")).error({ err: new RangeError("out of reach") }, "held up");`;
    const args = ["--import", "@swc-node/register/esm-register", "--input-type=module", "--eval", script];
    const line = execFileSync(process.execPath, args, { encoding: "utf8" });
    const { msg, err } = JSON.parse(line) as { msg: string; err: object };
    expect(msg).to.equal("held up");
    expect(err).to.include({ type: "RangeError", message: "out of reach" });
  });
});
