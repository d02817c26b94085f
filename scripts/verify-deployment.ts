// node scripts/verify-deployment.ts NAME [--rpc URL]
// Compares a deployment (contracts/deployments/NAME.json) with these sources and this governance: byte code, wiring, which
// role may call what, who holds which role. Exit code 1 when anything differs.
import { parseArgs } from "node:util";
import { JsonRpcProvider, type Provider } from "ethers";
import {
  AccessManager__factory,
  AuditLedger__factory,
  DepartmentRegistry__factory,
} from "../backend/src/chain/contracts/index.ts";
import { readDeployment, type DeploymentFile } from "./deployment-file.ts";
import { GUARDED_ROLES, LEDGER_FUNCTIONS, REGISTRY_FUNCTIONS, ROLES, selectors } from "./governance.ts";
import { compile, type Code, type Compilation } from "./solc.ts";

/** What is deployed, in this order. */
export const DEPLOYED = [
  "@openzeppelin/contracts/access/manager/AccessManager.sol",
  "contracts/DepartmentRegistry.sol",
  "contracts/AuditLedger.sol",
];

export interface Check {
  what: string;
  found: string;
  expected: string;
}

type Addresses = Pick<DeploymentFile, "accessManager" | "registry" | "ledger">;

/** Every comparison made, good or bad. */
export async function verifyDeployment(
  provider: Provider,
  deployment: Addresses,
  build: Compilation,
): Promise<Check[]> {
  return [
    ...(await checkCode(provider, deployment, build)),
    ...(await checkWiring(provider, deployment)),
    ...(await checkPermissions(provider, deployment)),
  ];
}

async function checkCode(
  provider: Provider,
  { accessManager, registry, ledger }: Addresses,
  { contracts }: Compilation,
): Promise<Check[]> {
  const named = { AccessManager: accessManager, DepartmentRegistry: registry, AuditLedger: ledger };
  return Promise.all(
    Object.entries(named).map(async ([name, address]) => {
      const code = contracts.get(name)!;
      const found = withoutImmutables(await provider.getCode(address), code);
      return { what: `byte code of ${name}`, found, expected: code.deployedBytecode };
    }),
  );
}

/** Deployed code with zeros where immutables stand: those are compared by what the contract answers. */
function withoutImmutables(deployed: string, { immutables }: Code): string {
  const bytes = Buffer.from(deployed.slice(2), "hex");
  for (const { start, length } of immutables) bytes.fill(0, start, start + length);
  return `0x${bytes.toString("hex")}`;
}

async function checkWiring(provider: Provider, deployment: Addresses): Promise<Check[]> {
  const registry = DepartmentRegistry__factory.connect(deployment.registry, provider);
  const ledger = AuditLedger__factory.connect(deployment.ledger, provider);
  return [
    { what: "registry of the ledger", found: await ledger.registry(), expected: deployment.registry },
    { what: "authority of the registry", found: await registry.authority(), expected: deployment.accessManager },
    { what: "authority of the ledger", found: await ledger.authority(), expected: deployment.accessManager },
  ];
}

async function checkPermissions(provider: Provider, { accessManager, registry, ledger }: Addresses): Promise<Check[]> {
  const manager = AccessManager__factory.connect(accessManager, provider);
  const tables = [
    { target: registry, functions: REGISTRY_FUNCTIONS, contract: DepartmentRegistry__factory.createInterface() },
    { target: ledger, functions: LEDGER_FUNCTIONS, contract: AuditLedger__factory.createInterface() },
  ];
  const checks: Check[] = [];
  for (const { target, functions, contract } of tables) {
    for (const { role, names } of functions) {
      for (const [i, selector] of selectors(contract, names).entries()) {
        const found = await manager.getTargetFunctionRole(target, selector);
        checks.push({ what: `role for ${names[i]!}`, found: `${found}`, expected: `${role}` });
      }
    }
  }
  for (const role of GUARDED_ROLES) {
    const found = await manager.getRoleGuardian(role);
    checks.push({ what: `guardian of role ${role}`, found: `${found}`, expected: `${ROLES.GUARDIAN}` });
  }
  return checks;
}

/** Who holds which role now, with the delay in seconds: for a person to compare with the institutions' list. */
export async function roleHolders(provider: Provider, accessManager: string): Promise<string[]> {
  const manager = AccessManager__factory.connect(accessManager, provider);
  const names = new Map<bigint, string>(Object.entries(ROLES).map(([name, role]) => [role, name]));
  const granted = await manager.queryFilter(manager.filters.RoleGranted());
  const pairs = new Map(granted.map(({ args }) => [`${args.roleId} ${args.account}`, args]));
  const lines = await Promise.all(
    [...pairs.values()].map(async ({ roleId, account }) => {
      const [holds, delay] = await manager.hasRole(roleId, account);
      return holds ? [`${names.get(roleId) ?? roleId} ${account}, delay ${delay} s`] : [];
    }),
  );
  return lines.flat();
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rpc: { type: "string", default: process.env["CHAIN_RPC_URLS"]?.split(",")[0] } },
  });
  const [name] = positionals;
  if (!name || !values.rpc) throw new Error("node scripts/verify-deployment.ts NAME --rpc URL");
  const deployment = await readDeployment(name);
  const build = compile(DEPLOYED);
  const provider = new JsonRpcProvider(values.rpc);
  try {
    const checks = [
      { what: "sources", found: deployment.compiler.inputHash, expected: build.inputHash },
      { what: "genesis", found: (await provider.getBlock(0))!.hash!, expected: deployment.genesisHash },
      ...(await verifyDeployment(provider, deployment, build)),
    ];
    for (const { what, found, expected } of checks) {
      console.log(
        found === expected ? `the same  ${what}` : `DIFFERS   ${what}: ${brief(found)}, not ${brief(expected)}`,
      );
    }
    for (const holder of await roleHolders(provider, deployment.accessManager)) console.log(`holds     ${holder}`);
    process.exitCode = checks.every(({ found, expected }) => found === expected) ? 0 : 1;
  } finally {
    provider.destroy();
  }
}

const brief = (text: string) => (text.length > 66 ? `${text.slice(0, 30)}… (${text.length / 2 - 1} bytes)` : text);

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
