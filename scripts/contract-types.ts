// Writes the TypeScript types, ABIs and byte code of the contracts to backend/src/chain/contracts from Hardhat's
// artifacts (`npm run build:contracts`). The result is committed; CI generates it again and compares.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { runTypeChain } from "typechain";

const OUT = "backend/src/chain/contracts";
const ARTIFACTS = [
  "artifacts/contracts/AuditLedger.sol/AuditLedger.json",
  "artifacts/contracts/DepartmentRegistry.sol/DepartmentRegistry.json",
  "artifacts/contracts/SucceedingLedger.sol/SucceedingLedger.json",
  "artifacts/@openzeppelin/contracts/access/manager/AccessManager.sol/AccessManager.json",
];

/** TypeChain mirrors the folders of its input; from one flat folder come flat files. */
async function generate(): Promise<void> {
  const flat = await mkdtemp(join(tmpdir(), "quanlian-artifacts-"));
  for (const artifact of ARTIFACTS) await cp(artifact, join(flat, basename(artifact)));
  const files = ARTIFACTS.map((artifact) => join(flat, basename(artifact)));
  await rm(OUT, { recursive: true, force: true });
  await runTypeChain({
    cwd: process.cwd(),
    target: "ethers-v6",
    outDir: OUT,
    allFiles: files,
    filesToProcess: files,
    flags: {
      node16Modules: true,
      alwaysGenerateOverloads: false,
      discriminateTypes: false,
      tsNocheck: false,
      environment: undefined,
    },
  });
  await rm(flat, { recursive: true });
}

/** Relative imports as in the rest of the code: with the extension of the file that is there. */
async function nameSources(): Promise<void> {
  for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace(/(from ")(\.[^"]*)\.js"/g, '$1$2.ts"'));
  }
}

await generate();
await nameSources();
