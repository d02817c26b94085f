import type { Provider } from "ethers";

/** Blocks asked for in one query: nodes limit the size of their answers. */
const BLOCKS = 5_000;

/** A fact of the chain that contradicts another one: the contracts, the node, or this program is wrong. */
export class Contradiction extends Error {}

/** What a query over a range of blocks answers, asked for piece by piece and put together in order. */
export async function inPieces<Log>(
  fromBlock: number,
  toBlock: number,
  query: (from: number, to: number) => Promise<Log[]>,
): Promise<Log[]> {
  const logs: Log[] = [];
  for (let from = fromBlock; from <= toBlock; from += BLOCKS) {
    logs.push(...(await query(from, Math.min(from + BLOCKS - 1, toBlock))));
  }
  return logs;
}

/** Unix seconds of a block; each block is asked for once. */
export function blockTimes(provider: Provider): (blockNumber: number) => Promise<number> {
  const times = new Map<number, Promise<number>>();
  const ask = async (blockNumber: number) => {
    const block = await provider.getBlock(blockNumber);
    if (!block) throw new Contradiction(`The node has events of block ${blockNumber} but not the block.`);
    return block.timestamp;
  };
  return (blockNumber) => {
    const time = times.get(blockNumber) ?? ask(blockNumber);
    times.set(blockNumber, time);
    return time;
  };
}
