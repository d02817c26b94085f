// The same record hashes on the same node, put there in two other ways. Neither validates, signs or stores anything
// beside the chain, so both are what such a service could do at best.
import {
  AbiCoder,
  type BaseContract,
  id,
  type JsonRpcProvider,
  keccak256,
  Wallet,
  ZeroAddress,
  ZeroHash,
} from "ethers";
import { compileCompared } from "../gas/compared.ts";
import { department } from "../gas/ledger.ts";

/** 180,000 gas an attestation: what fits below 2^24 gas (EIP-7825). */
const ATTESTATIONS = 90;
const DEPARTMENT = department("11110000MA0FICT01A");

/** EAS 1.4 multiAttest, as many as fit into a transaction. @returns attestations a second, and what one costs */
export async function attested(
  provider: JsonRpcProvider,
  records: number,
): Promise<{ perSecond: number; gas: number }> {
  const sender = new Sender(provider);
  const registry = await sender.deploy("SchemaRegistry");
  const eas = await sender.deploy("EAS", await registry.getAddress());
  await sender.send(registry, "register", ["bytes32 recordHash", ZeroAddress, true], 500_000n);
  await sender.allMined();
  const [registered] = await registry.queryFilter("Registered");
  const schema = (registered as unknown as { args: { uid: string } }).args.uid;
  const began = performance.now();
  for (let sent = 0; sent < records; sent += ATTESTATIONS) {
    const data = Array.from({ length: ATTESTATIONS }, (_, i) => attestation(id(`eas ${sent + i}`)));
    await sender.send(eas, "multiAttest", [[{ schema, data }]], 16_700_000n);
  }
  await sender.allMined();
  const perSecond = (Math.ceil(records / ATTESTATIONS) * ATTESTATIONS) / ((performance.now() - began) / 1000);
  const receipt = await provider.getTransactionReceipt(sender.last);
  return { perSecond, gas: Number(receipt!.gasUsed) / ATTESTATIONS };
}

/** A transaction for each record. @returns records a second */
export async function naivePerSecond(provider: JsonRpcProvider, records: number): Promise<number> {
  const sender = new Sender(provider);
  const naive = await sender.deploy("NaiveRegistry", sender.address, DEPARTMENT);
  const began = performance.now();
  for (let sent = 0; sent < records; sent++)
    await sender.send(naive, "add", [4, 2026, [id(`naive ${sent}`)]], 120_000n);
  await sender.allMined();
  return records / ((performance.now() - began) / 1000);
}

function attestation(recordHash: string) {
  const data = AbiCoder.defaultAbiCoder().encode(["bytes32"], [recordHash]);
  return { recipient: ZeroAddress, expirationTime: 0, revocable: true, refUID: ZeroHash, data, value: 0 };
}

/** One account that sends as fast as the node takes it, with at most so many transactions under way. */
class Sender {
  readonly #wallet: Wallet;
  readonly #provider: JsonRpcProvider;
  /** Hash of the transaction that was sent last. */
  last = "";
  #nonce = 0;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(provider: JsonRpcProvider) {
    this.#provider = provider;
    this.#wallet = new Wallet(Wallet.createRandom().privateKey, provider);
  }

  get address(): string {
    return this.#wallet.address;
  }

  async deploy(name: string, ...args: unknown[]): Promise<BaseContract> {
    const contract = await compileCompared()
      .get(name)!
      .connect(this.#wallet)
      .deploy(...args, { nonce: this.#nonce++ });
    return contract.waitForDeployment();
  }

  async send(contract: BaseContract, name: string, args: unknown[], gasLimit: bigint): Promise<void> {
    const raw = await this.#wallet.signTransaction({
      ...{ type: 2, chainId: 31337, to: await contract.getAddress(), nonce: this.#nonce++, gasLimit },
      ...{ maxFeePerGas: 0, maxPriorityFeePerGas: 0, data: contract.interface.encodeFunctionData(name, args) },
    });
    this.last = keccak256(raw);
    const sent = this.#provider.send("eth_sendRawTransaction", [raw]).finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
    if (this.#underWay.size >= 64) await Promise.race(this.#underWay);
  }

  async allMined(): Promise<void> {
    await Promise.all(this.#underWay);
    while ((await this.#provider.getTransactionCount(this.address, "latest")) < this.#nonce)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
