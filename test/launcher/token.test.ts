import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { decodeJwt } from "jose";
import { type DemoClients, newDemoClients, writeDemoClients } from "../../scripts/identity/demo-clients.ts";
import { type IdentityProvider, SCOPE, startIdentityProvider } from "../../scripts/identity/provider.ts";
import { TokenSource } from "../../scripts/identity/tokens.ts";
import { CITY } from "../service/harness.ts";

const run = promisify(execFile);

describe("npm run token", () => {
  const folder = mkdtempSync(join(tmpdir(), "quanlian-token-"));
  const file = join(folder, "demo-clients.json");
  let identity: IdentityProvider;
  before(async () => {
    const clients = newDemoClients();
    identity = await startIdentityProvider(clients, {});
    await writeDemoClients(folder, identity.tokenEndpoint, clients);
  });
  after(async () => {
    await identity.stop();
    rmSync(folder, { recursive: true });
  });

  const token = (who: string) =>
    run(process.execPath, ["scripts/token.ts", who], { env: { ...process.env, QUANLIAN_DATA_DIR: folder } });

  it("gets the same by a key as by a secret, from a file that only its owner reads", async () => {
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    for (const who of ["department-system", "department-system-key", CITY]) {
      const claims = decodeJwt((await token(who)).stdout.trim());
      expect(claims, who).to.deep.include({ roles: ["department-system"], departments: [CITY], scope: SCOPE });
    }
  });

  it("gets none for nobody, nor by another key", async () => {
    const refused = await token("somebody").catch((error: unknown) => error);
    expect(refused).to.include({ code: 1, stderr: "quanlian: There is no demo client somebody.\n" });
    const { keyed } = JSON.parse(readFileSync(file, "utf8")) as DemoClients;
    const jwk = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
    const { client_id, scope } = keyed["department-system-key"]!;
    const thief = new TokenSource(identity.tokenEndpoint, { client_id, scope, jwk });
    expect(String(await thief.token().catch((error: unknown) => error))).to.match(/gets no token: 401/);
  });
});
