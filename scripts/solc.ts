// The Solidity compiler in this process, with the settings of hardhat.config.ts.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { InterfaceAbi } from "ethers";
import { solc } from "../hardhat.config.ts";

const require = createRequire(import.meta.url);
const compiler = require("solc") as { compile(input: string, callbacks: object): string };

export interface Code {
  abi: InterfaceAbi;
  /** 0x hex. */
  bytecode: string;
  /** 0x hex, with zeros where immutables will stand. */
  deployedBytecode: string;
  /** Where immutables stand in the deployed byte code, in bytes. */
  immutables: { start: number; length: number }[];
}

export interface Compilation {
  /** By contract name. */
  contracts: Map<string, Code>;
  /** All source files, by the path that they are imported by. */
  sources: Map<string, string>;
  /** SHA-256 over the compiler's version and settings and all source files, 0x hex: one build, one hash. */
  inputHash: string;
}

interface Bytecode {
  object: string;
  immutableReferences?: Record<string, { start: number; length: number }[]>;
}

interface Output {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<
    string,
    Record<string, { abi: InterfaceAbi; evm: { bytecode: Bytecode; deployedBytecode: Bytecode } }>
  >;
}

/** The text of a source by the path that it is imported by: packages start with @, all else lies below the root. */
export const readSource = (path: string, root = ".") =>
  readFileSync(path.startsWith("@") ? require.resolve(path) : join(root, path), "utf8");

/**
 * Compiles the contracts in some files.
 * @param paths from the project's root, or of a package
 * @param read gives the text of these files and of all that they import
 * @throws Error with the compiler's own words
 */
export function compile(paths: readonly string[], read: (path: string) => string = readSource): Compilation {
  const sources = new Map<string, string>();
  const load = (path: string) => {
    sources.set(path, read(path));
    return { content: sources.get(path)! };
  };
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(paths.map((path) => [path, load(path)])),
    settings: {
      ...solc.settings,
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode"] } },
    },
  };
  const callbacks = { import: (path: string) => ({ contents: load(path).content }) };
  const output = JSON.parse(compiler.compile(JSON.stringify(input), callbacks)) as Output;
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error) throw new Error(error.formattedMessage);
  const contracts = paths.flatMap((path) => Object.entries(output.contracts[path] ?? {}));
  return {
    contracts: new Map(contracts.map(([name, { abi, evm }]) => [name, toCode(abi, evm)])),
    sources,
    inputHash: hashInput(sources),
  };
}

function toCode(abi: InterfaceAbi, evm: Output["contracts"][string][string]["evm"]): Code {
  return {
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
    immutables: Object.values(evm.deployedBytecode.immutableReferences ?? {}).flat(),
  };
}

function hashInput(sources: ReadonlyMap<string, string>): string {
  const files = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify({ version: solc.version, settings: solc.settings, files });
  return `0x${createHash("sha256").update(text).digest("hex")}`;
}
