// Deploys AccessManager, DepartmentRegistry and AuditLedger from the committed byte code, without Hardhat: the embedded
// chain of `npm start` needs no compiler. Real networks go through Hardhat Ignition (docs/decisions).
import { setTimeout as sleep } from "node:timers/promises";
import {
  getCreateAddress,
  type ContractFactory,
  type ContractRunner,
  type Signer,
  type TransactionResponse,
} from "ethers";
import {
  AccessManager__factory,
  AuditLedger__factory,
  DepartmentRegistry__factory,
  type AccessManager,
} from "../backend/src/chain/contracts/index.ts";
import {
  GUARDED_ROLES,
  grants,
  LEDGER_FUNCTIONS,
  REGISTRY_FUNCTIONS,
  ROLES,
  selectors,
  type Governance,
} from "./governance.ts";

export interface DeploymentOptions {
  /** Leading bits of a stream key that choose its bucket, 0 to 256; fixed for ever. */
  prefixBits: number;
  /** VRF public key, 32 bytes as 0x hex. */
  vrfKey: string;
  governance: Governance;
}

export interface Deployment {
  accessManager: string;
  registry: string;
  ledger: string;
  /** Block in which the registry was created: the first that a replay must read. */
  block: number;
}

/** The contracts to deploy. */
export interface Factories {
  AccessManager: ContractFactory;
  DepartmentRegistry: ContractFactory;
  AuditLedger: ContractFactory;
}

/** The byte code in backend/src/chain/contracts: what is really deployed. */
export const COMMITTED: Factories = {
  AccessManager: new AccessManager__factory(),
  DepartmentRegistry: new DepartmentRegistry__factory(),
  AuditLedger: new AuditLedger__factory(),
};

/**
 * Deploys whatever is still missing and ends with a signer that has no power.
 *
 * The signer must be an account used for nothing else: its first three transactions create the contracts, the fourth
 * hands over all roles and renounces its own, so the addresses follow from the account and a second call, after success
 * or after a crash at any point, goes on where the first one stopped.
 */
export async function deploy(
  signer: Signer,
  options: DeploymentOptions,
  factories: Factories = COMMITTED,
): Promise<Deployment> {
  const from = await signer.getAddress();
  const address = (nonce: number) => getCreateAddress({ from, nonce });
  const [accessManager, registry, ledger] = [address(0), address(1), address(2)];
  if (Object.values(options.governance).includes(from)) throw new Error("The deployer cannot keep a role.");

  await create(signer, 0, factories.AccessManager, [from]);
  await create(signer, 1, factories.DepartmentRegistry, [accessManager, options.vrfKey]);
  await create(signer, 2, factories.AuditLedger, [registry, options.prefixBits]);
  await handOver(AccessManager__factory.connect(accessManager, signer), registry, ledger, options.governance);
  return { accessManager, registry, ledger, block: await creationBlock(signer, registry) };
}

async function create(signer: Signer, nonce: number, factory: ContractFactory, args: unknown[]): Promise<void> {
  if ((await signer.getNonce()) > nonce) return;
  const { data } = await factory.getDeployTransaction(...args);
  await mined(await signer.sendTransaction({ data, nonce, ...(await offer(signer)) }));
}

/**
 * Nothing where gas is free, else what ethers thinks right. The genesis block of such a network names a price all the same: whoever offers
 * it and has no coins waits for ever.
 */
async function offer({ provider }: Signer): Promise<{ maxFeePerGas?: bigint; maxPriorityFeePerGas?: bigint }> {
  const isFree = (await provider!.getFeeData()).gasPrice === 0n;
  return isFree ? { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n } : {};
}

/** One transaction: either governance holds every role and the deployer none, or nothing has changed. */
async function handOver(manager: AccessManager, registry: string, ledger: string, governance: Governance) {
  const deployer = await (manager.runner as Signer).getAddress();
  const [isAdmin] = await manager.hasRole(ROLES.ADMIN, deployer);
  if (!isAdmin) return;
  const call = manager.interface.encodeFunctionData.bind(manager.interface);
  const sent = await manager.multicall(
    [
      ...REGISTRY_FUNCTIONS.map(({ role, names }) =>
        call("setTargetFunctionRole", [
          registry,
          selectors(DepartmentRegistry__factory.createInterface(), names),
          role,
        ]),
      ),
      ...LEDGER_FUNCTIONS.map(({ role, names }) =>
        call("setTargetFunctionRole", [ledger, selectors(AuditLedger__factory.createInterface(), names), role]),
      ),
      ...GUARDED_ROLES.map((role) => call("setRoleGuardian", [role, ROLES.GUARDIAN])),
      ...grants(governance).map(({ role, account, delay }) => call("grantRole", [role, account, delay])),
      call("renounceRole", [ROLES.ADMIN, deployer]),
    ],
    await offer(manager.runner as Signer),
  );
  await mined(sent);
}

/**
 * Asks for the receipt until it is there. Ethers' own `wait` looks again only when a further block arrives, which never
 * happens on a node that mines on demand and took the transaction between its two looks.
 */
async function mined(sent: TransactionResponse): Promise<void> {
  for (;;) {
    const receipt = await sent.provider.getTransactionReceipt(sent.hash);
    if (receipt?.status === 1) return;
    if (receipt) throw new Error(`The deployment transaction ${sent.hash} was refused.`);
    await sleep(50);
  }
}

/** The constructor of the registry sets the first VRF key, so its first event tells the block. */
export async function creationBlock(runner: ContractRunner, registry: string): Promise<number> {
  const contract = DepartmentRegistry__factory.connect(registry, runner);
  const [first] = await contract.queryFilter(contract.filters.VrfKeySet, 0);
  if (!first) throw new Error(`No registry has been deployed at ${registry}.`);
  return first.blockNumber;
}
