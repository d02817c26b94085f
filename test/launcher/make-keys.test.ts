import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { vrfPublicKey } from "@quanlian/proof";
import { expect } from "chai";
import { getBytes } from "ethers";
import { readKeyFile } from "../../backend/src/departments/key-file.ts";

const SCRIPT = join(import.meta.dirname, "../../scripts/keys.ts");
const folder = mkdtempSync(join(tmpdir(), "quanlian-keys-"));
const file = join(folder, "keys.json");
const make = () => promisify(execFile)(process.execPath, [SCRIPT, "make", file]);

describe("npm run keys -- make", function () {
  this.timeout(20_000);
  after(() => rmSync(folder, { recursive: true }));

  it("writes a key file that the service reads and its owner alone, and says what the registry needs", async () => {
    const { stdout, stderr } = await make();
    const { vrfSecret } = readKeyFile(file);
    expect(stdout).to.equal(`VRF public key ${vrfPublicKey(getBytes(vrfSecret))}\n`);
    expect([stderr, statSync(file).mode & 0o777]).to.deep.equal(["", 0o600]);
  });

  it("never writes over one", async () => {
    const before = readFileSync(file, "utf8");
    const refused = await make().catch((error: unknown) => error);
    expect(refused).to.include({ code: 1 });
    expect(readFileSync(file, "utf8")).to.equal(before);
  });
});
