import { setTimeout as pause } from "node:timers/promises";
import { DataSource } from "typeorm";
import { ConfigError } from "../config.ts";
import { dataSourceOptions } from "./data-source.ts";

const PATIENCE_MS = 15_000;

/** A database that is just starting is waited for; one that refuses the login is not. @throws ConfigError */
export async function connectDatabase(url: string): Promise<DataSource> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await new DataSource(dataSourceOptions(url)).initialize();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
      const { host } = new URL(url);
      if (/^(28|3D)/.test(code)) throw new ConfigError(`PostgreSQL at ${host} refuses the login (${code}).`);
      if (Date.now() > until) throw new ConfigError(`PostgreSQL at ${host} does not answer (${code}).`);
      await pause(500);
    }
  }
}
