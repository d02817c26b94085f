import { setTimeout as pause } from "node:timers/promises";
import { vrfPublicKey } from "@quanlian/proof";
import { Logger } from "@nestjs/common";
import type { Repository } from "typeorm";
import type { LedgerState } from "../anchoring/ledger-state.entity.ts";
import { type Config, ConfigError } from "../config.ts";
import type { PlatformKeys } from "../departments/key-file.ts";
import { ChainRefused, ChainUnavailable } from "./chain-error.ts";
import { Ledger, readIdentity } from "./ledger.ts";
import type { RpcClient } from "./rpc-client.ts";
import type { ValidatorsFile } from "./validators-file.ts";
import type { LedgerIdentity } from "./words.ts";

const PATIENCE_MS = 60_000;

/**
 * Binds this service to the one ledger its database belongs to. The first start asks the chain who it is and keeps the
 * answer; later ones need no chain to begin with, and find out (isSameChain) before they rely on one.
 * @throws ConfigError
 */
export async function connectLedger(
  client: RpcClient,
  config: Config,
  keys: PlatformKeys,
  states: Repository<LedgerState>,
  validators: ValidatorsFile | null,
): Promise<Ledger> {
  const [known] = await states.find();
  const identity = known ? identityOf(known) : await introduce(client, config, states);
  checkBelongs(identity, config, keys);
  if (validators && validators.genesisHash !== identity.genesisHash)
    throw new ConfigError(
      `The validators' file does not pin the genesis block of this chain, ${identity.genesisHash}.`,
    );
  return new Ledger(client, identity, config.relayerKey, validators);
}

/** Who the ledger is, without how far it has been read. */
function identityOf({ chainId, genesisHash, ledger, registry, prefixBits, vrfKeys }: LedgerState): LedgerIdentity {
  return { chainId, genesisHash, ledger, registry, prefixBits, vrfKeys };
}

/** @throws ConfigError when the nodes serve another chain than the one this database belongs to */
export async function checkSameChain(client: RpcClient, ledger: Ledger): Promise<void> {
  const { identity } = ledger;
  const chainId = Number(await client.send("eth_chainId", []));
  const genesis = await ledger.blockAt(0);
  if (chainId !== identity.chainId || genesis?.hash !== identity.genesisHash)
    throw new ConfigError(
      `This database belongs to chain ${identity.chainId} with genesis ${identity.genesisHash}, but the node serves chain ${chainId} with genesis ${genesis?.hash}.`,
    );
}

async function introduce(client: RpcClient, config: Config, states: Repository<LedgerState>): Promise<LedgerIdentity> {
  const identity = await patiently(() => readIdentity(client, config.ledgerAddress, config.registryAddress));
  await states
    .createQueryBuilder()
    .insert()
    .values({ ...identity, scannedBlock: 0, scannedHash: identity.genesisHash })
    .orIgnore()
    .execute();
  return identity;
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ChainRefused) throw new ConfigError(`The chain refuses: ${error.message}.`);
      if (!(error instanceof ChainUnavailable)) throw error;
      if (Date.now() > until) throw new ConfigError("No chain node answers at CHAIN_RPC_URLS.");
      new Logger("Ledger").warn("waiting for the chain node");
      await pause(1_000);
    }
  }
}

function checkBelongs({ ledger, registry, vrfKeys }: LedgerIdentity, config: Config, keys: PlatformKeys): void {
  if (ledger !== config.ledgerAddress.toLowerCase() || registry !== config.registryAddress.toLowerCase())
    throw new ConfigError(`This database belongs to the ledger ${ledger} with the registry ${registry}.`);
  const ours = vrfPublicKey(keys.vrfSecret);
  if (!vrfKeys.some(({ key }) => key === ours))
    throw new ConfigError(`The VRF key of the key file (${ours}) is not the one in the registry.`);
}
