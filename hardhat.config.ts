import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatChaiMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatIgnitionEthers from "@nomicfoundation/hardhat-ignition-ethers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatNetworkHelpers from "@nomicfoundation/hardhat-network-helpers";
import { configVariable, defineConfig } from "hardhat/config";

// The compiler comes out of the npm package, as WebAssembly: nothing is downloaded.
export const solc = {
  version: "0.8.37",
  path: createRequire(import.meta.url).resolve("solc/soljson.js"),
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: "cancun",
    // Two builds that differ in comments alone are the same contract.
    metadata: { bytecodeHash: "none" },
  },
};

/** Runs of each fuzz test; sequences of each invariant test and calls in each of them. */
const solidityTests = (runs: number, sequences: number, depth: number) => ({
  fuzz: { runs, seed: "0x7175616e6c69616e" },
  invariant: { runs: sequences, depth, failOnRevert: true },
});

export default defineConfig({
  plugins: [hardhatEthers, hardhatChaiMatchers, hardhatMocha, hardhatNetworkHelpers, hardhatIgnitionEthers],
  solidity: {
    ...solc,
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
  },
  paths: {
    sources: ["contracts"],
    tests: { mocha: "test/contracts", solidity: "test/contracts/solidity" },
  },
  networks: {
    default: {
      type: "edr-simulated",
      chainType: "l1",
      hardfork: "cancun",
      initialDate: "2026-11-22T12:00:00+08:00",
      blockGasLimit: 60_000_000,
    },
    anvil: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    rpc: {
      type: "http",
      chainType: "l1",
      url: configVariable("DEPLOY_RPC_URL"),
      accounts: [configVariable("DEPLOYER_KEY")],
    },
  },
  test: {
    mocha: { timeout: 120_000 },
    solidity: {
      profiles: {
        default: solidityTests(256, 16, 100),
        ci: solidityTests(5_000, 256, 500),
      },
    },
  },
});
