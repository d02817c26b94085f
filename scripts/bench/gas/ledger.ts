import {
  concat,
  id,
  keccak256,
  parseEther,
  toUtf8Bytes,
  hexlify,
  Wallet,
  type ContractTransactionResponse,
  type Signer,
} from "ethers";
import { network } from "hardhat";
import {
  AuditLedger__factory,
  DepartmentRegistry__factory,
  type AuditLedger,
  type DepartmentRegistry,
} from "../../../backend/src/chain/contracts/index.ts";
import { deploy } from "../../deploy.ts";

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

/** All five kinds. */
const KINDS = 0b111110;

export interface Pair {
  streamKey: string;
  recordHash: string;
}

export const department = (code: string) => hexlify(toUtf8Bytes(code));

/** Pairs of which no two lie in one bucket of 16 bits. The record hashes differ from call to call by `label`. */
export const pairs = (count: number, label: string): Pair[] =>
  Array.from({ length: count }, (_, i) => ({
    streamKey: `0x${(0x1111 + i).toString(16)}${keccak256(toUtf8Bytes(`stream ${i}`)).slice(6)}`,
    recordHash: id(`record ${label} ${i}`),
  }));

/** Gas of a transaction, once it is mined. */
export async function gasOf(sent: ContractTransactionResponse | Promise<ContractTransactionResponse>): Promise<number> {
  return Number((await (await sent).wait())!.gasUsed);
}

export type Chain = Awaited<ReturnType<typeof openChain>>;

/** A fresh chain in this process, with blocks that hold whatever is measured, and two accounts. */
export async function openChain() {
  const { ethers, networkHelpers } = await network.create({ override: { blockGasLimit: 1_000_000_000n } });
  const deployer = new Wallet(id("bench deployer"), ethers.provider);
  await networkHelpers.setBalance(deployer.address, parseEther("1000"));
  const [governor] = await ethers.getSigners();
  return { deployer, governor: governor as Signer };
}

/** A ledger with one registered department after another, and what each of their transactions costs. */
export class MeasuredLedger {
  readonly ledger: AuditLedger;
  readonly registry: DepartmentRegistry;
  readonly #chainId: bigint;
  readonly #address: string;
  readonly #signer = new Wallet(id("bench signer"));
  readonly #sequences = new Map<string, number>();

  static async deploy({ deployer, governor }: Chain, prefixBits: number): Promise<MeasuredLedger> {
    const account = await governor.getAddress();
    const { ledger, registry } = await deploy(deployer, {
      prefixBits,
      vrfKey: id("bench VRF key"),
      governance: {
        admin: account,
        registrar: account,
        sentinel: account,
        guardian: account,
        steward: account,
        delays: { admin: 0, registrar: 0, steward: 0 },
      },
    });
    const { chainId } = await governor.provider!.getNetwork();
    return new MeasuredLedger(governor, ledger, registry, chainId);
  }

  private constructor(governor: Signer, ledger: string, registry: string, chainId: bigint) {
    this.#address = ledger;
    this.#chainId = chainId;
    this.ledger = AuditLedger__factory.connect(ledger, governor);
    this.registry = DepartmentRegistry__factory.connect(registry, governor);
  }

  async register(code: string): Promise<number> {
    return gasOf(this.registry.register(code, KINDS, this.#signer.address));
  }

  /** Gas of the department's next batch. */
  async anchor(code: string, kind: number, year: number, entries: Pair[]): Promise<number> {
    const sequence = (this.#sequences.get(code) ?? 0) + 1;
    const entriesHash = keccak256(concat(entries.flatMap(({ streamKey, recordHash }) => [streamKey, recordHash])));
    const signature = await this.#signer.signTypedData(this.#domain(), BATCH, {
      department: code,
      kind,
      year,
      sequence,
      entriesHash,
    });
    this.#sequences.set(code, sequence);
    return gasOf(this.ledger.anchor(code, kind, year, sequence, entries, signature));
  }

  /** Gas of replacing the only record of one batch by the only record of another. */
  async supersede(code: string, [a, recordHash]: [number, string], [b, successor]: [number, string]): Promise<number> {
    const message = { department: code, recordHash, by: code, successor, reason: 1 };
    const signature = await this.#signer.signTypedData(this.#domain(), SUPERSESSION, message);
    const record = (sequence: number, hash: string) => ({ department: code, sequence, recordHash: hash, path: [] });
    return gasOf(this.ledger.supersede(record(a, recordHash), record(b, successor), 1, signature));
  }

  #domain() {
    return { name: "Quanlian AuditLedger", version: "1", chainId: this.#chainId, verifyingContract: this.#address };
  }
}
