import { AbiCoder, id, ZeroAddress, ZeroHash, type BaseContract, type ContractTransactionResponse } from "ethers";
import { compileCompared } from "./compared.ts";
import { department, gasOf, MeasuredLedger, openChain, pairs, type Chain } from "./ledger.ts";

/** One measurement. `slots`: whether the buckets were empty before; null where the question does not arise. */
export interface Row {
  system: string;
  batch: number;
  slots: "new" | "existing" | null;
  gasPerRecord: number;
}

const HOUSING = department("11110000MA0FICT01A");
/** Above this, networks with Osaka refuse a transaction (EIP-7825). */
export const TRANSACTION_CAP = 2 ** 24;

const row = (system: string, batch: number, slots: Row["slots"], gas: number): Row => ({
  system,
  batch,
  slots,
  gasPerRecord: Math.round(gas / batch),
});

/** This ledger: each size first into empty buckets, then into the same ones again, by a department that is no beginner. */
export async function measureLedger(sizes: readonly number[]): Promise<Row[]> {
  const measured = await MeasuredLedger.deploy(await openChain(), 16);
  await measured.register(HOUSING);
  await measured.anchor(HOUSING, 4, 2000, pairs(1, "first batch of all"));
  const rows: Row[] = [];
  for (const [i, size] of sizes.entries()) {
    for (const slots of ["new", "existing"] as const) {
      const gas = await measured.anchor(HOUSING, 4, 2001 + i, pairs(size, `${size} ${slots}`));
      rows.push(row("quanlian", size, slots, gas));
    }
  }
  return rows;
}

/** What happens seldom: gas by name. */
export async function measureOperations(): Promise<Record<string, number>> {
  const chain = await openChain();
  const measured = await MeasuredLedger.deploy(chain, 16);
  const { registry } = measured;
  const deployments = ["access manager", "registry", "ledger", "hand-over to governance"];
  const operations: Record<string, number> = {};
  for (const [nonce, name] of deployments.entries()) operations[`deployment: ${name}`] = await nthGas(chain, nonce);
  operations["register a department"] = await measured.register(HOUSING);
  operations["first batch of a department, one record"] = await measured.anchor(HOUSING, 4, 2026, pairs(1, "a"));
  await measured.anchor(HOUSING, 4, 2026, pairs(1, "b"));
  operations["supersede"] = await measured.supersede(
    HOUSING,
    [1, pairs(1, "a")[0]!.recordHash],
    [2, pairs(1, "b")[0]!.recordHash],
  );
  operations["add a statement key"] = await gasOf(registry.addStatementKey(HOUSING, id("key")));
  operations["revoke a statement key"] = await gasOf(registry.revokeKey(HOUSING, id("key"), 1));
  operations["rotate the signer"] = await gasOf(registry.rotateSigner(HOUSING, chain.deployer.address));
  operations["set capabilities"] = await gasOf(registry.setCapabilities(HOUSING, 2));
  operations["suspend"] = await gasOf(registry.suspend(HOUSING));
  operations["resume"] = await gasOf(registry.resume(HOUSING));
  return operations;
}

/** Gas of the deployer's transaction with this nonce; each has a block of its own. */
async function nthGas({ deployer }: Chain, nonce: number): Promise<number> {
  const provider = deployer.provider!;
  for (let number = await provider.getBlockNumber(); number > 0; --number) {
    for (const hash of (await provider.getBlock(number))!.transactions) {
      const sent = await provider.getTransaction(hash);
      if (sent?.from === deployer.address && sent.nonce === nonce) {
        return Number((await provider.getTransactionReceipt(hash))!.gasUsed);
      }
    }
  }
  throw new Error(`The deployer has sent no transaction ${nonce}.`);
}

type Call = (...args: unknown[]) => Promise<ContractTransactionResponse>;
const call = (contract: BaseContract, name: string): Call => contract.getFunction(name);

/** EAS 1.4, a slot for each record, and a bare root. */
export async function measureCompared(sizes: readonly number[]): Promise<Row[]> {
  const { governor } = await openChain();
  const factories = compileCompared();
  const create = async (name: string, ...args: unknown[]) => {
    const contract = await factories
      .get(name)!
      .connect(governor)
      .deploy(...args);
    return contract.waitForDeployment();
  };
  const account = await governor.getAddress();
  const registry = await create("SchemaRegistry");
  const eas = await create("EAS", registry);
  const naive = await create("NaiveRegistry", account, HOUSING);
  const bare = await create("BareRoots", account, HOUSING);
  await gasOf(call(registry, "register")("bytes32 recordHash", ZeroAddress, true));
  const [registered] = await registry.queryFilter("Registered");
  const schema = (registered as unknown as { args: { uid: string } }).args.uid;
  const hashes = (size: number, label: string) => pairs(size, label).map(({ recordHash }) => recordHash);
  const attestation = (recordHash: string) => ({
    recipient: ZeroAddress,
    expirationTime: 0,
    revocable: true,
    refUID: ZeroHash,
    data: AbiCoder.defaultAbiCoder().encode(["bytes32"], [recordHash]),
    value: 0,
  });

  const rows: Row[] = [];
  const [first] = hashes(1, "attest");
  rows.push(row("eas attest", 1, null, await gasOf(call(eas, "attest")({ schema, data: attestation(first!) }))));
  await gasOf(call(bare, "anchor")(id("the department's first root")));
  for (const size of sizes) {
    const list = hashes(size, `${size}`);
    const attested = call(eas, "multiAttest")([{ schema, data: list.map(attestation) }]);
    rows.push(row("eas multiAttest", size, null, await gasOf(attested)));
    rows.push(row("eas multiTimestamp", size, null, await gasOf(call(eas, "multiTimestamp")(list))));
    rows.push(row("one slot a record", size, null, await gasOf(call(naive, "add")(4, 2026, list))));
    rows.push(row("bare root", size, null, await gasOf(call(bare, "anchor")(id(`root ${size}`)))));
  }
  return rows;
}
