import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TransitSettings } from "../../backend/src/config.ts";

/** A real HashiCorp Vault or OpenBao; without one the tests that need it are skipped, and say so. */
export const VAULT_BIN = process.env.VAULT_BIN;

export interface Bao {
  readonly settings: TransitSettings;
  /** As the settings of a service name it. */
  readonly environment: NodeJS.ProcessEnv;
  /** From then on it answers nothing but that it is sealed. */
  seal(): Promise<void>;
  stop(): Promise<void>;
}

/** A server of its own in memory, with a Transit key, and a token that may do nothing but use and rotate it. */
export async function startBao(): Promise<Bao> {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-bao-"));
  const [address, root] = [`127.0.0.1:${await freePort()}`, "root-of-a-test"];
  const child = spawn(VAULT_BIN!, ["server", "-dev", `-dev-root-token-id=${root}`, `-dev-listen-address=${address}`], {
    stdio: "ignore",
    env: { ...process.env, HOME: folder },
  });
  const url = `http://${address}`;
  await untilUp(url, child);
  const ask = async (path: string, body: object) => {
    const headers = { "x-vault-token": root, "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json().catch(() => ({}))) as { auth: { client_token: string } };
  };
  await ask("sys/mounts/transit", { type: "transit" });
  await ask("transit/keys/quanlian", { type: "aes256-gcm96" });
  await ask("sys/policies/acl/quanlian", { policy: POLICY });
  const { auth } = await ask("auth/token/create", { policies: ["quanlian"] });
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, `${auth.client_token}\n`, { mode: 0o600 });
  return {
    settings: { address: url, tokenFile, mount: "transit", key: "quanlian" },
    environment: { VAULT_ADDR: url, VAULT_TOKEN_FILE: tokenFile },
    seal: async () => {
      await ask("sys/seal", {});
    },
    stop: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

/** The whole of what docs/operations.md asks for: the service's token, and with the last two paths the operator's. */
const POLICY = `
path "transit/encrypt/quanlian" { capabilities = ["update"] }
path "transit/decrypt/quanlian" { capabilities = ["update"] }
path "transit/keys/quanlian" { capabilities = ["read"] }
path "transit/rewrap/quanlian" { capabilities = ["update"] }
path "transit/keys/quanlian/*" { capabilities = ["update"] }`;

async function untilUp(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const up = await fetch(`${url}/v1/sys/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${VAULT_BIN} ended with ${child.exitCode}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
