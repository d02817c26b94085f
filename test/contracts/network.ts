import {
  concat,
  hexlify,
  id,
  keccak256,
  parseEther,
  toBeHex,
  toUtf8Bytes,
  Wallet,
  type AddressLike,
  type Result,
  type Signer,
  type TypedDataDomain,
} from "ethers";
import { network } from "hardhat";
import {
  AccessManager__factory,
  AuditLedger__factory,
  DepartmentRegistry__factory,
  SucceedingLedger__factory,
  type AuditLedger,
  type SucceedingLedger,
} from "../../backend/src/chain/contracts/index.ts";
import { deploy, type Factories } from "../../scripts/deploy.ts";

export const { ethers, networkHelpers, ignition } = await network.create();

export const REVIEW = 15;
/** A bitmap of capabilities: kinds 1 to 5, or REVIEW. */
export const capabilities = (...list: number[]) => list.reduce((bits, capability) => bits | (1 << capability), 0);
export const ALL_KINDS = capabilities(1, 2, 3, 4, 5);
export const KIND = { APPROVAL: 1, SERVICE: 2, SUPERVISION: 3, ENFORCEMENT: 4, CREDIT: 5 } as const;
export const REASON = { CORRECTION: 1, WITHDRAWAL: 2, REPAIR: 3, ANNULMENT: 4 } as const;
export const ZERO_HASH = `0x${"00".repeat(32)}`;

const BATCH = {
  Batch: [
    { name: "department", type: "bytes18" },
    { name: "kind", type: "uint8" },
    { name: "year", type: "uint16" },
    { name: "sequence", type: "uint64" },
    { name: "entriesHash", type: "bytes32" },
  ],
};
const SUPERSESSION = {
  Supersession: [
    { name: "department", type: "bytes18" },
    { name: "recordHash", type: "bytes32" },
    { name: "by", type: "bytes18" },
    { name: "successor", type: "bytes32" },
    { name: "reason", type: "uint8" },
  ],
};

export interface Entry {
  streamKey: string;
  recordHash: string;
}

export interface Batch {
  department: string;
  kind: number;
  year: number;
  sequence: number;
  entries: Entry[];
}

/** A record of a batch of one, whose path is empty, or of a larger one. */
export interface AnchoredRecord {
  department: string;
  sequence: number;
  recordHash: string;
  path: string[];
}

export const department = (code: string) => hexlify(toUtf8Bytes(code));
export const HOUSING = department("11110000MA0FICT01A");
export const COURT = department("11110000MA0FICT02B");
export const MARKET = department("11110000MA0FICT03C");
export const signerKey = (address: string) => toBeHex(BigInt(address), 32);

/** Entries that no two tests share: stream and record are hashes of the labels. */
export const entry = (label: string, stream = label): Entry => ({
  streamKey: id(`stream ${stream}`),
  recordHash: id(`record ${label}`),
});

/** Entries of which no two share a bucket of 16 bits, and no byte of a stream key is zero, as in the dearest batch. */
export const inDifferentBuckets = (count: number): Entry[] =>
  Array.from({ length: count }, (_, i) => {
    const bucket = [1 + Math.floor(i / 255), 1 + (i % 255)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return { ...entry(`${i}`), streamKey: `0x${bucket}${"11".repeat(30)}` };
  });

/** The fields of a struct or an event that a contract answered. */
export const fields = (answer: object) => (answer as Result).toObject();

export const entriesHash = (entries: Entry[]) =>
  keccak256(concat(entries.flatMap(({ streamKey, recordHash }) => [streamKey, recordHash])));

/** A batch with defaults: one enforcement record of 2026, the first of the housing department. */
export const batch = (changes: Partial<Batch> = {}): Batch => ({
  department: HOUSING,
  kind: KIND.ENFORCEMENT,
  year: 2026,
  sequence: 1,
  entries: [entry("first")],
  ...changes,
});

export async function domain(ledger: AuditLedger): Promise<TypedDataDomain> {
  const { chainId } = await ethers.provider.getNetwork();
  return { name: "Quanlian AuditLedger", version: "1", chainId, verifyingContract: await ledger.getAddress() };
}

export const signBatch = async (signer: Signer, ledger: AuditLedger, b: Batch, changes: TypedDataDomain = {}) =>
  signer.signTypedData({ ...(await domain(ledger)), ...changes }, BATCH, { ...b, entriesHash: entriesHash(b.entries) });

export async function anchor(ledger: AuditLedger, signer: Signer, b: Batch) {
  return send(ledger, b, await signBatch(signer, ledger, b));
}

export const send = (ledger: AuditLedger, b: Batch, signature: string) =>
  ledger.anchor(b.department, b.kind, b.year, b.sequence, b.entries, signature);

/** The only record of a batch of one. */
export const onlyRecordOf = (b: Batch): AnchoredRecord => ({
  department: b.department,
  sequence: b.sequence,
  recordHash: b.entries[0]!.recordHash,
  path: [],
});

export async function supersede(
  ledger: AuditLedger,
  signer: Signer,
  record: AnchoredRecord,
  successor: AnchoredRecord,
  reason: number = REASON.CORRECTION,
) {
  const signature = await signer.signTypedData(await domain(ledger), SUPERSESSION, {
    department: record.department,
    recordHash: record.recordHash,
    by: successor.department,
    successor: successor.recordHash,
    reason,
  });
  return ledger.supersede(record, successor, reason, signature);
}

const DAY = 86_400;
let deployments = 0;

/**
 * The contracts as they are really deployed, with a day of delay for the registrar and a week for the steward, and three
 * departments: housing (all kinds), a court (all kinds and REVIEW), market supervision (all kinds).
 */
export async function startNetwork(prefixBits = 16, factories?: Factories) {
  const deployer = newSigner(`deployment ${deployments++}`);
  await networkHelpers.setBalance(deployer.address, parseEther("10"));
  const [admin, registrar, sentinel, guardian, steward, stranger] = await ethers.getSigners();
  const governance = {
    admin: admin!.address,
    registrar: registrar!.address,
    sentinel: sentinel!.address,
    guardian: guardian!.address,
    steward: steward!.address,
    delays: { admin: 2 * DAY, registrar: DAY, steward: 7 * DAY },
  };
  const deployment = await deploy(
    deployer,
    { prefixBits, vrfKey: id("VRF public key"), governance },
    factories ?? (await asCompiledNow()),
  );
  const signers = { [HOUSING]: newSigner("housing"), [COURT]: newSigner("court"), [MARKET]: newSigner("market") };
  const manager = AccessManager__factory.connect(deployment.accessManager, registrar);
  const registry = DepartmentRegistry__factory.connect(deployment.registry, registrar);
  const ledger = AuditLedger__factory.connect(deployment.ledger, stranger);
  const people = {
    deployer,
    admin: admin!,
    registrar: registrar!,
    sentinel: sentinel!,
    guardian: guardian!,
    steward: steward!,
    stranger: stranger!,
  };

  /** Schedules calls as someone, waits for the longest delay, executes them in order. */
  const govern = async (as: Signer, target: { getAddress(): Promise<string> }, ...calls: string[]) => {
    const address = await target.getAddress();
    for (const call of calls) await manager.connect(as).schedule(address, call, 0);
    await networkHelpers.time.increase(7 * DAY);
    let receipt;
    for (const call of calls) receipt = await manager.connect(as).execute(address, call);
    return receipt;
  };
  const call = registry.interface.encodeFunctionData.bind(registry.interface);
  await govern(
    registrar!,
    registry,
    ...Object.entries(signers).map(([code, signer]) =>
      call("register", [code, code === COURT ? ALL_KINDS | capabilities(REVIEW) : ALL_KINDS, signer.address]),
    ),
  );
  return {
    deployment,
    manager,
    registry,
    ledger,
    govern,
    people,
    housing: signers[HOUSING]!,
    court: signers[COURT]!,
    market: signers[MARKET]!,
  };
}

/** The contracts as this run compiled them: instrumented to measure coverage, or mutated. */
const asCompiledNow = async (): Promise<Factories> => ({
  AccessManager: await ethers.getContractFactory("AccessManager"),
  DepartmentRegistry: await ethers.getContractFactory("DepartmentRegistry"),
  AuditLedger: await ethers.getContractFactory("AuditLedger"),
});

/** A ledger beside or after the deployed one, as compiled now. */
export async function deployLedger(registry: AddressLike, prefixBits: number): Promise<AuditLedger> {
  const contract = await ethers.deployContract("AuditLedger", [registry, prefixBits]);
  return AuditLedger__factory.connect(await contract.getAddress(), contract.runner);
}

export async function deploySuccessor(registry: AddressLike, previous: AddressLike): Promise<SucceedingLedger> {
  const contract = await ethers.deployContract("SucceedingLedger", [registry, previous]);
  return SucceedingLedger__factory.connect(await contract.getAddress(), contract.runner);
}

export const newSigner = (name: string) => new Wallet(id(`signer of ${name}`), ethers.provider);
