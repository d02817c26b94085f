import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = "contracts/deployments";

/** contracts/deployments/<network>.json: what was deployed where, and from which sources. */
export interface DeploymentFile {
  chainId: number;
  genesisHash: string;
  accessManager: string;
  registry: string;
  ledger: string;
  /** Block in which the registry was created: the first that a replay must read. */
  block: number;
  /** Compiler version, and SHA-256 over settings and sources (scripts/solc.ts). */
  compiler: { version: string; inputHash: string };
}

const pathOf = (network: string) => join(FOLDER, `${network}.json`);

export async function readDeployment(network: string): Promise<DeploymentFile> {
  return JSON.parse(await readFile(pathOf(network), "utf8")) as DeploymentFile;
}

/** @returns the path */
export async function writeDeployment(network: string, deployment: DeploymentFile): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(pathOf(network), `${JSON.stringify(deployment, null, 2)}\n`);
  return pathOf(network);
}
