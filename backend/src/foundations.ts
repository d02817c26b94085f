import type { TrustedChain } from "@quanlian/proof";
import type { DataSource } from "typeorm";
import { type ClaimsMapping, OUR_CLAIMS, readClaimsMapping } from "./access/claims.ts";
import { LedgerState } from "./anchoring/ledger-state.entity.ts";
import { connectLedger } from "./chain/connect-ledger.ts";
import type { Ledger } from "./chain/ledger.ts";
import { RpcClient } from "./chain/rpc-client.ts";
import { ValidatorsFile } from "./chain/validators-file.ts";
import { Tracing } from "./tracing/tracing.ts";
import type { Config } from "./config.ts";
import { connectDatabase } from "./database/connect.ts";
import { RowSeals } from "./database/row-seals.ts";
import { migrate } from "./database/data-source.ts";
import { type PlatformKeys, readKeyFile } from "./departments/key-file.ts";
import { KeyVault } from "./departments/key-vault.ts";
import { connectKeyEncryption } from "./personal/connect-key-encryption.ts";
import { DataKeys } from "./personal/data-keys.ts";
import { encryptOlderContents } from "./personal/encrypt-older-contents.ts";
import { encryptOlderRecords } from "./personal/encrypt-older-records.ts";
import type { KeyEncryption } from "./personal/key-encryption.ts";
import { PersonalFields } from "./personal/personal-fields.ts";
import { SubjectIndex } from "./subjects/subject-index.ts";
import { readTrustFile } from "./verification/trust-file.ts";

/** What the application stands on: opened before it, so that what is wrong with it is said in one sentence. */
export interface Foundations {
  readonly keys: PlatformKeys;
  readonly keyEncryption: KeyEncryption;
  /** Ledgers of other regions whose documents are accepted. */
  readonly otherChains: readonly TrustedChain[];
  /** What the claims of tokens mean. */
  readonly claims: ClaimsMapping;
  readonly dataSource: DataSource;
  readonly client: RpcClient;
  readonly ledger: Ledger;
  readonly tracing: Tracing;
}

/** @throws ConfigError */
export async function openFoundations(config: Config): Promise<Foundations> {
  const keys = readKeyFile(config.keyFile);
  const keyEncryption = connectKeyEncryption(config);
  if (!config.transit) await keyEncryption.current();
  const otherChains = config.trustFile === undefined ? [] : readTrustFile(config.trustFile);
  const validators = config.validatorsFile === undefined ? null : new ValidatorsFile(config.validatorsFile);
  const claims = config.claimsFile === undefined ? OUR_CLAIMS : readClaimsMapping(config.claimsFile);
  const client = new RpcClient(config.chainRpcUrls, config.chainAgreement);
  const dataSource = await connectDatabase(config.databaseUrl);
  try {
    await migrate(dataSource);
    await encryptOlder(dataSource, keys, keyEncryption);
    const ledger = await connectLedger(client, config, keys, dataSource.getRepository(LedgerState), validators);
    const tracing = await Tracing.to(config.tracesEndpoint);
    return { keys, keyEncryption, otherChains, claims, dataSource, client, ledger, tracing };
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function encryptOlder(
  dataSource: DataSource,
  { masterKey, vrfSecret }: PlatformKeys,
  keyEncryption: KeyEncryption,
): Promise<void> {
  const dataKeys = new DataKeys(dataSource, keyEncryption);
  const subjects = new SubjectIndex(vrfSecret);
  await encryptOlderRecords(dataSource, dataKeys, new PersonalFields(dataKeys), subjects);
  await encryptOlderContents(dataSource, dataKeys, subjects, new RowSeals(masterKey), new KeyVault(masterKey));
}
