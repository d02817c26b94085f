import type { TrustedChain } from "@quanlian/proof";
import type { DataSource } from "typeorm";
import { type ClaimsMapping, OUR_CLAIMS, readClaimsMapping } from "./access/claims.ts";
import { LedgerState } from "./anchoring/ledger-state.entity.ts";
import { connectLedger } from "./chain/connect-ledger.ts";
import type { Ledger } from "./chain/ledger.ts";
import { RpcClient } from "./chain/rpc-client.ts";
import { ValidatorsFile } from "./chain/validators-file.ts";
import type { Config } from "./config.ts";
import { connectDatabase } from "./database/connect.ts";
import { migrate } from "./database/data-source.ts";
import { type PlatformKeys, readKeyFile } from "./departments/key-file.ts";
import { readTrustFile } from "./verification/trust-file.ts";

/** What the application stands on: opened before it, so that what is wrong with it is said in one sentence. */
export interface Foundations {
  readonly keys: PlatformKeys;
  /** Ledgers of other regions whose documents are accepted. */
  readonly otherChains: readonly TrustedChain[];
  /** What the claims of tokens mean. */
  readonly claims: ClaimsMapping;
  readonly dataSource: DataSource;
  readonly client: RpcClient;
  readonly ledger: Ledger;
}

/** @throws ConfigError */
export async function openFoundations(config: Config): Promise<Foundations> {
  const keys = readKeyFile(config.keyFile);
  const otherChains = config.trustFile === undefined ? [] : readTrustFile(config.trustFile);
  const validators = config.validatorsFile === undefined ? null : new ValidatorsFile(config.validatorsFile);
  const claims = config.claimsFile === undefined ? OUR_CLAIMS : readClaimsMapping(config.claimsFile);
  const client = new RpcClient(config.chainRpcUrls, config.chainAgreement);
  const dataSource = await connectDatabase(config.databaseUrl);
  try {
    await migrate(dataSource);
    const ledger = await connectLedger(client, config, keys, dataSource.getRepository(LedgerState), validators);
    return { keys, otherChains, claims, dataSource, client, ledger };
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}
