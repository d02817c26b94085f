import { readFileSync } from "node:fs";
import type { Hex } from "@quanlian/proof";
import { type QbftTrust, readQbftTrust } from "@quanlian/proof/finality";
import { Logger } from "@nestjs/common";
import { ConfigError } from "../config.ts";

/** Who seals the chain's blocks: the file that `network init` writes, and that each change of the validators extends. */
export class ValidatorsFile {
  readonly #log = new Logger(ValidatorsFile.name);
  readonly #path: string;
  #qbft: QbftTrust;

  /** @throws ConfigError */
  constructor(path: string) {
    this.#path = path;
    const qbft = readTrust(path);
    if (typeof qbft === "string") throw new ConfigError(`The validators' file ${path} ${qbft}.`);
    this.#qbft = qbft;
  }

  get qbft(): QbftTrust {
    return this.#qbft;
  }

  /** Hash of the chain's first block. */
  get genesisHash(): Hex | undefined {
    return genesisOf(this.#qbft);
  }

  /**
   * Looks at the file again, as when a block is sealed by others than those known: the validators may have changed.
   * A file that cannot be used, because it is being written just now, or that is about another chain, changes nothing.
   * @returns whether it says something new
   */
  refresh(): boolean {
    const qbft = readTrust(this.#path);
    const isUsable = typeof qbft !== "string" && genesisOf(qbft) === this.genesisHash;
    if (!isUsable || JSON.stringify(qbft) === JSON.stringify(this.#qbft)) return false;
    this.#qbft = qbft;
    this.#log.log({ sets: qbft.sets.length, validators: qbft.sets.at(-1)?.validators }, "the validators have changed");
    return true;
  }
}

/** What a file says, or what is wrong with it. */
function readTrust(path: string): QbftTrust | string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return "cannot be read";
  }
  return readQbftTrust(bytes) ?? "is not of the form of docs/finality.md, section 2";
}

function genesisOf({ pins }: QbftTrust): Hex | undefined {
  return pins.find(({ number }) => number === 0)?.hash;
}
