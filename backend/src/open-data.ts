import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { DataSource } from "typeorm";
import { AppModule } from "./app.module.ts";
import { Config, ConfigError } from "./config.ts";
import { whileLocked } from "./database/session-lock.ts";
import { openFoundations } from "./foundations.ts";
import { OpenData } from "./open-data/open-data.ts";
import { OPEN_DATA_LOCK } from "./open-data/open-data-loop.ts";

/** Makes today's snapshot of open data at once, in place of one that is there already. */
async function main(): Promise<void> {
  const config = new Config({ ...process.env, LOG_LEVEL: "fatal" });
  if (config.openDataDir === undefined) throw new ConfigError("OPEN_DATA_DIR is not set.");
  const module = AppModule.of(config, await openFoundations(config));
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest declares its options as a class
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    const work = () => app.get(OpenData).make(Date.now());
    const records = await whileLocked(app.get(DataSource), OPEN_DATA_LOCK, work);
    if (records === undefined) throw new ConfigError("Another process is making a snapshot just now.");
    console.log(`${records} records in ${config.openDataDir}`);
  } finally {
    await app.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exitCode = 2;
}
