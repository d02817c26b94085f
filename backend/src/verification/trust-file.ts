import { readFileSync } from "node:fs";
import { readTrustList, type TrustedChain } from "@quanlian/proof";
import { ConfigError } from "../config.ts";

/** The chains of a `quanlian-trust/1` file. @throws ConfigError */
export function readTrustFile(path: string): readonly TrustedChain[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new ConfigError(`The trust file ${path} cannot be read.`);
  }
  const read = readTrustList(bytes);
  if (!read.ok) throw new ConfigError(`The trust file ${path} is not a quanlian-trust/1 list: ${read.problem}.`);
  return read.trustList.chains;
}
