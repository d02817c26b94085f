// Enters the departments of the demonstration into the database and the registry, once.
import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { demoDepartments } from "../dataset/departments.ts";
import type { RunningChain } from "../embedded/anvil.ts";
import { runServiceCommand, type ServiceOptions } from "./service.ts";

/** Bit of the right to supersede other departments' records. */
const REVIEW = 15;

/** The file in the data folder is the mark that this list is registered, on blocks that a crash cannot take back. */
export async function registerDemoDepartments(
  chain: RunningChain,
  governor: string,
  options: ServiceOptions,
): Promise<void> {
  const file = join(options.folder, "departments.json");
  const list = JSON.stringify(departments(), null, 2);
  if (!chain.lost && existsSync(file) && readFileSync(file, "utf8") === list) return;
  const unregistered = `${file}.new`;
  await writeFile(unregistered, list);
  const env = { ...options.env, REGISTRAR_KEY: governor };
  await runServiceCommand("register-departments.js", [unregistered], { ...options, env });
  await chain.settled();
  await rename(unregistered, file);
}

function departments() {
  return Object.values(demoDepartments).map(({ uscc, zh, en, area, kinds, review }) => ({
    uscc,
    nameZh: zh,
    nameEn: en,
    area,
    capabilities: review ? [...kinds, REVIEW] : kinds,
  }));
}
