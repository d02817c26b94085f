import { readFileSync } from "node:fs";
import { type QbftTrust, readQbftTrust } from "@quanlian/proof/finality";
import { ConfigError } from "../config.ts";

/** Who seals the chain's blocks: the file that `network init` writes and keeps up to date. @throws ConfigError */
export function readValidatorsFile(path: string): QbftTrust {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new ConfigError(`The validators' file ${path} cannot be read.`);
  }
  const qbft = readQbftTrust(bytes);
  if (!qbft) throw new ConfigError(`The validators' file ${path} is not of the form of docs/finality.md, section 2.`);
  return qbft;
}
