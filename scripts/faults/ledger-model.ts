import { bucketOf, foldHead, type Hex } from "@quanlian/proof";
import type { JsonRpcProvider } from "ethers";
import { AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import { readBatches, type ReplayedBatch } from "../replay/ledger-events.ts";

/**
 * What the ledger must hold, rebuilt from the calldata of its transactions without the service: every entry in order, every
 * head, every next sequence. It reads on from where it stopped, and from the beginning when that block is gone.
 */
export class LedgerModel {
  readonly batches: ReplayedBatch[] = [];
  readonly #heads = new Map<string, { kind: number; year: number; bucket: bigint; head: Hex }>();
  readonly #ledger: string;
  #read: { number: number; hash: string } | undefined;
  #prefixBits: number | undefined;

  constructor(ledger: string) {
    this.#ledger = ledger;
  }

  /** Reads up to the head of the chain. @returns what the contract answers otherwise than the model */
  async follow(provider: JsonRpcProvider): Promise<string[]> {
    if (this.#read && (await provider.getBlock(this.#read.number))?.hash !== this.#read.hash) this.#forget();
    const head = (await provider.getBlock("latest"))!;
    const contract = AuditLedger__factory.connect(this.#ledger, provider);
    this.#prefixBits ??= Number(await contract.prefixBits());
    const from = (this.#read?.number ?? -1) + 1;
    if (from <= head.number)
      for (const batch of await readBatches(provider, this.#ledger, from, head.number)) this.#add(batch);
    this.#read = { number: head.number, hash: head.hash! };
    return this.#compare(contract);
  }

  #forget(): void {
    this.batches.length = 0;
    this.#heads.clear();
    this.#read = undefined;
  }

  #add(batch: ReplayedBatch): void {
    this.batches.push(batch);
    const { kind, year } = batch;
    for (const entry of batch.entries) {
      const bucket = bucketOf(entry.streamKey, this.#prefixBits!);
      const name = `${kind}/${year}/${bucket}`;
      this.#heads.set(name, { kind, year, bucket, head: foldHead([entry], this.#heads.get(name)?.head) });
    }
  }

  async #compare(contract: ReturnType<typeof AuditLedger__factory.connect>): Promise<string[]> {
    const differences: string[] = [];
    for (const [name, { kind, year, bucket, head }] of this.#heads)
      if ((await contract.headOf(kind, year, bucket)) !== head) differences.push(`head of ${name}`);
    for (const [department, batches] of Map.groupBy(this.batches, (batch) => batch.department)) {
      if (batches.some(({ sequence }, i) => sequence !== i + 1)) differences.push(`sequences of ${department}`);
      if (Number(await contract.nextSequence(department)) !== batches.length + 1)
        differences.push(`next sequence of ${department}`);
    }
    return differences;
  }
}
