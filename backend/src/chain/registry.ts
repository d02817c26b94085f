import { setTimeout as pause } from "node:timers/promises";
import type { Hex } from "@quanlian/proof";
import { type TransactionResponse, Wallet, zeroPadValue } from "ethers";
import type { HostedKey } from "../departments/hosted-key.entity.ts";
import { departmentBytes } from "./batch-signing.ts";
import { ChainRefused } from "./chain-error.ts";
import { type DepartmentRegistry, DepartmentRegistry__factory } from "./contracts/index.ts";
import type { RpcClient } from "./rpc-client.ts";
import { RpcProvider } from "./rpc-provider.ts";

/** What the registry must hold before a department can anchor. */
export interface Registration {
  readonly department: string;
  /** Bit k is set when it holds capability k. */
  readonly capabilities: number;
  readonly signer: Hex;
  /** RFC 7638 thumbprint of its statement key. */
  readonly statementKey: Hex;
}

/** The registry as a registrar uses it, for networks where the registrar's calls wait for nothing. */
export class Registry {
  readonly #contract: DepartmentRegistry;

  private constructor(contract: DepartmentRegistry) {
    this.#contract = contract;
  }

  static async connect(client: RpcClient, registry: string, registrarKey: string): Promise<Registry> {
    const provider = new RpcProvider(client, Number(await client.send("eth_chainId", [])));
    return new Registry(DepartmentRegistry__factory.connect(registry, new Wallet(registrarKey, provider)));
  }

  /** Names a further key, a signer in place of the one before; nothing when it is named. @throws ChainRefused, ChainUnavailable */
  async name({ department, purpose }: Pick<HostedKey, "department" | "purpose">, name: Hex): Promise<void> {
    const id = departmentBytes(department);
    if ((await this.#contract.keyOf(id, zeroPadValue(name, 32))).from !== 0n) return;
    const call = purpose === "signer" ? this.#contract.rotateSigner : this.#contract.addStatementKey;
    await mined(await call(id, name));
  }

  /** Enters what is missing; may be repeated after a crash at any point. @throws ChainRefused, ChainUnavailable */
  async register({ department, capabilities, signer, statementKey }: Registration): Promise<void> {
    const id = departmentBytes(department);
    const history = await this.#contract.historyOf(id);
    if (history.length === 0) await mined(await this.#contract.register(id, capabilities, signer));
    else if (history.at(-1)!.capabilities !== BigInt(capabilities))
      await mined(await this.#contract.setCapabilities(id, capabilities));
    const { from } = await this.#contract.keyOf(id, statementKey);
    if (from === 0n) await mined(await this.#contract.addStatementKey(id, statementKey));
  }
}

/**
 * Asks for the receipt until it is there. Ethers' own `wait` looks again only when a further block arrives, which a node
 * that mines on demand may never make.
 */
async function mined(sent: TransactionResponse): Promise<void> {
  for (;;) {
    const receipt = await sent.provider.getTransactionReceipt(sent.hash);
    if (receipt?.status === 1) return;
    if (receipt) throw new ChainRefused(`the registry refused the transaction ${sent.hash}`);
    await pause(100);
  }
}
