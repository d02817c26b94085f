// The systems that the ledger is compared with, compiled with the ledger's own compiler settings.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { ContractFactory, type InterfaceAbi } from "ethers";
import { solc } from "../../../hardhat.config.ts";

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, "../../..");
const EAS = join(dirname(require.resolve("@ethereum-attestation-service/eas-contracts/package.json")), "contracts");
const OWN = "test/contracts/bench";

interface Output {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<string, Record<string, { abi: InterfaceAbi; evm: { bytecode: { object: string } } }>>;
}

/** EAS pins an older compiler; nothing else of it is changed. */
function read(path: string): string {
  if (path.startsWith("@")) return readFileSync(require.resolve(path), "utf8");
  if (path.startsWith("eas/")) {
    return readFileSync(join(EAS, path.slice("eas/".length)), "utf8").replace("pragma solidity 0.8.19;", "");
  }
  return readFileSync(join(ROOT, path), "utf8");
}

/** Factories by contract name: EAS, SchemaRegistry, and what lies in test/contracts/bench. */
export function compileCompared(): Map<string, ContractFactory> {
  const compiler = require("solc") as { compile(input: string, callbacks: object): string };
  const roots = ["eas/EAS.sol", "eas/SchemaRegistry.sol", ...readdirSync(join(ROOT, OWN)).map((f) => `${OWN}/${f}`)];
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(roots.map((path) => [path, { content: read(path) }])),
    settings: { ...solc.settings, outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const callbacks = { import: (path: string) => ({ contents: read(path) }) };
  const output = JSON.parse(compiler.compile(JSON.stringify(input), callbacks)) as Output;
  const error = output.errors?.find(({ severity }) => severity === "error");
  if (error) throw new Error(error.formattedMessage);
  const contracts = roots.flatMap((path) => Object.entries(output.contracts[path]!));
  return new Map(contracts.map(([name, { abi, evm }]) => [name, new ContractFactory(abi, evm.bytecode.object)]));
}
