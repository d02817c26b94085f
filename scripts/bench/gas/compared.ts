// The systems that the ledger is compared with, compiled with the ledger's own compiler settings.
import { readdirSync } from "node:fs";
import { ContractFactory } from "ethers";
import { compile, readSource } from "../../solc.ts";

const EAS = "@ethereum-attestation-service/eas-contracts/contracts";
const OWN = "test/contracts/bench";

/** EAS pins an older compiler; nothing else of it is changed. */
const unpinned = (path: string) => readSource(path).replace("pragma solidity 0.8.19;", "");

/** Factories by contract name: EAS, SchemaRegistry, and what lies in test/contracts/bench. */
export function compileCompared(): Map<string, ContractFactory> {
  const own = readdirSync(OWN).map((file) => `${OWN}/${file}`);
  const { contracts } = compile([`${EAS}/EAS.sol`, `${EAS}/SchemaRegistry.sol`, ...own], unpinned);
  return new Map([...contracts].map(([name, { abi, bytecode }]) => [name, new ContractFactory(abi, bytecode)]));
}
