import "reflect-metadata";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { Registry } from "./chain/registry.ts";
import { RpcClient } from "./chain/rpc-client.ts";
import { Config, ConfigError } from "./config.ts";
import { connectDatabase } from "./database/connect.ts";
import { migrate } from "./database/data-source.ts";
import { Department } from "./departments/department.entity.ts";
import { DepartmentsService, type NewDepartment } from "./departments/departments.service.ts";
import { HostedKey } from "./departments/hosted-key.entity.ts";
import { readKeyFile } from "./departments/key-file.ts";
import { KeyVault } from "./departments/key-vault.ts";
import { ownKeys } from "./departments/own-keys.ts";

const shape = z.array(
  z.strictObject({
    uscc: z.string().regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/),
    nameZh: z.string().min(1),
    nameEn: z.string().min(1),
    area: z.string().regex(/^\d{6}$/),
    capabilities: z.array(z.int().min(1).max(15)).min(1),
    ownKeys: ownKeys.optional(),
  }),
);

/**
 * Enters departments, with hosted keys or the public halves of their own, in the database and in the registry on chain. May be repeated at any time and
 * after any crash: keys that exist are kept, and only what the registry lacks is sent.
 */
export async function registerDepartments(
  departments: readonly NewDepartment[],
  config: Config,
  registrarKey: string,
): Promise<void> {
  const dataSource = await connectDatabase(config.databaseUrl);
  try {
    await migrate(dataSource);
    const service = new DepartmentsService(
      dataSource.getRepository(Department),
      dataSource.getRepository(HostedKey),
      new KeyVault(readKeyFile(config.keyFile).masterKey),
    );
    const client = new RpcClient(config.chainRpcUrls, config.chainAgreement);
    const registry = await Registry.connect(client, config.registryAddress, registrarKey);
    for (const department of departments) {
      await registry.register(await service.enter(department));
      await service.confirmRegistered(department.uscc);
    }
  } finally {
    await dataSource.destroy();
  }
}

/** `node dist/register-departments.js FILE`, with REGISTRAR_KEY beside the service's own settings. */
async function main(): Promise<void> {
  const [, , file] = process.argv;
  const { REGISTRAR_KEY } = process.env;
  if (!file || !REGISTRAR_KEY) throw new ConfigError("Give a JSON file of departments, and REGISTRAR_KEY.");
  await registerDepartments(
    shape.parse(JSON.parse(readFileSync(file, "utf8"))),
    new Config(process.env),
    REGISTRAR_KEY,
  );
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exitCode = 1;
  });
}
