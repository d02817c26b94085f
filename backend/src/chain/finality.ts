import { readFile } from "node:fs/promises";
import type { Hex } from "@quanlian/proof";
import { z } from "zod";
import type { FinalityRule } from "../config.ts";
import { ChainUnavailable } from "./chain-error.ts";
import type { Block } from "./words.ts";

/** What the rules need of a node. */
export interface BlockReader {
  head(): Promise<Block>;
  blockAt(tag: number | "finalized"): Promise<Block | undefined>;
}

const savedBlock = z.object({ blockNumber: z.int().min(0), blockHash: z.string().regex(/^0x[0-9a-f]{64}$/) });

/** The newest final block by the network's rule, or undefined while there is none. */
export async function finalBlock(rule: FinalityRule, chain: BlockReader): Promise<Block | undefined> {
  switch (rule.rule) {
    case "immediate":
      return chain.head();
    case "tag":
      return chain.blockAt("finalized");
    case "confirmations":
      return confirmedBlock(rule.confirmations, chain);
    case "snapshot":
      return snapshotBlock(rule.file, chain);
  }
}

async function confirmedBlock(confirmations: number, chain: BlockReader): Promise<Block | undefined> {
  const { number } = await chain.head();
  return number < confirmations ? undefined : chain.blockAt(number - confirmations);
}

/** The saved block counts only while the node still has exactly it: after a crash it may know less than the file. */
async function snapshotBlock(file: string, chain: BlockReader): Promise<Block | undefined> {
  const saved = await readSaved(file);
  if (!saved) return undefined;
  const block = await chain.blockAt(saved.blockNumber);
  return block?.hash === saved.blockHash ? block : undefined;
}

async function readSaved(file: string): Promise<{ blockNumber: number; blockHash: Hex } | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new ChainUnavailable(`the file of the last saved block cannot be read: ${file}`, { cause });
  }
  const { blockNumber, blockHash } = savedBlock.parse(JSON.parse(text));
  return { blockNumber, blockHash: blockHash as Hex };
}
