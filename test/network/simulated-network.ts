import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { hexlify, SigningKey, toQuantity } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import type { Member } from "../../scripts/network/member.ts";
import type { Ask } from "../../scripts/network/rpc.ts";
import { addresses, sealBlock, type Block, type Validator } from "../finality/sealed-chain.ts";

/**
 * Validators that take turns, vote and seal as QBFT says, without Besu: for what our own commands do, not for what Besu does.
 * A block is made whenever somebody asks for the newest one.
 */
export class SimulatedNetwork {
  readonly blocks: Block[] = [];
  readonly down = new Set<Hex>();
  readonly calls: string[] = [];
  readonly #sets: Validator[][] = [];
  readonly #proposals = new Map<Hex, Map<Hex, boolean>>();
  #tally = new Map<string, Set<Hex>>();
  readonly #everyone: readonly Validator[];
  #validators: Validator[];

  constructor(everyone: readonly Validator[], validators: readonly Validator[]) {
    this.#everyone = everyone;
    this.#validators = sorted(validators);
    this.mine(3);
  }

  mine(count = 1): void {
    for (let i = 0; i < count; i++) this.#mineOne();
  }

  /** Answers as the node with this address would. */
  ask(address: Hex): Ask {
    return async <Answer>(method: string, params: readonly unknown[] = []): Promise<Answer> => {
      if (this.down.has(address)) throw new Error("connection refused");
      this.calls.push(method);
      return this.#answer(address, method, params) as Answer;
    };
  }

  #answer(address: Hex, method: string, params: readonly unknown[]): unknown {
    const [first, second] = params as [Hex, boolean];
    const answers: Record<string, () => unknown> = {
      eth_blockNumber: () => toQuantity(this.blocks.length),
      net_peerCount: () => toQuantity(this.#everyone.length - 1),
      debug_getRawHeader: () => hexlify(this.blocks[Number(first) - 1]!.raw),
      qbft_getValidatorsByBlockNumber: () => {
        if (first === ("latest" as Hex)) this.mine();
        const number = first === ("latest" as Hex) ? this.blocks.length : Number(first);
        return addresses(this.#sets[number - 1]!);
      },
      qbft_proposeValidatorVote: () => {
        this.#proposalsOf(address).set(first, second);
        return true;
      },
      qbft_discardValidatorVote: () => this.#proposalsOf(address).delete(first),
    };
    const answer = answers[method];
    if (!answer) throw new Error(`the method ${method} does not exist`);
    return answer();
  }

  /** The proposals that a node still makes: none when it discarded them. */
  pending(address: Hex): number {
    return this.#proposalsOf(address).size;
  }

  #proposalsOf(address: Hex): Map<Hex, boolean> {
    const proposals = this.#proposals.get(address) ?? new Map<Hex, boolean>();
    this.#proposals.set(address, proposals);
    return proposals;
  }

  #mineOne(): void {
    const members = this.#validators;
    const number = this.blocks.length + 1;
    const miner = members[number % members.length]!;
    const vote = this.#voteOf(miner);
    this.blocks.push(sealBlock({ number, members, miner, vote, parentHash: this.blocks.at(-1)?.hash }));
    this.#sets.push(members);
    if (vote) this.#count(miner, vote);
  }

  #voteOf(miner: Validator): { recipient: Hex; add: boolean } | undefined {
    const open = [...this.#proposalsOf(miner.address)].find(([recipient, add]) => this.#isValidator(recipient) !== add);
    return open && { recipient: open[0], add: open[1] };
  }

  #isValidator(address: Hex): boolean {
    return this.#validators.some((validator) => validator.address === address);
  }

  #count(miner: Validator, { recipient, add }: { recipient: Hex; add: boolean }): void {
    const key = `${recipient} ${add}`;
    const supporters = (this.#tally.get(key) ?? new Set<Hex>()).add(miner.address);
    this.#tally.set(key, supporters);
    if (supporters.size <= this.#validators.length / 2) return;
    this.#tally = new Map();
    const others = this.#validators.filter(({ address }) => address !== recipient);
    const joining = this.#everyone.filter(({ address }) => add && address === recipient);
    this.#validators = sorted([...others, ...joining]);
  }
}

/** The signer of a node whose key we know. */
export function validatorWith(secret: string, member: Pick<Member, "address">): Validator {
  return { key: new SigningKey(secret), address: member.address };
}

/** Serves a node's answers over HTTP, on a free port. */
export async function serve(ask: Ask): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: unknown[] };
      void ask(method, params)
        .then(
          (result) => ({ jsonrpc: "2.0", id, result }),
          (error: unknown) => ({ jsonrpc: "2.0", id, error: { code: -1, message: (error as Error).message } }),
        )
        .then((answer) => response.setHeader("content-type", "application/json").end(JSON.stringify(answer)));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server };
}

function sorted(validators: readonly Validator[]): Validator[] {
  return [...validators].sort((a, b) => (a.address < b.address ? -1 : 1));
}
