import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { readTrustList, type TrustList } from "@quanlian/proof";
import { read } from "./files.ts";
import { UsageError } from "./usage.ts";

const NOBODY: TrustList = { format: "quanlian-trust/1", name: "", issuedAt: 0, chains: [] };

/** Where the user's own list lies. */
export function ownTrustFile(): string {
  return process.env.QUANLIAN_TRUST ?? join(homedir(), ".quanlian", "trust.json");
}

/** The trust list named, else the user's own; none means that no chain is trusted. */
export async function loadTrustList(named: string | undefined): Promise<TrustList> {
  const own = ownTrustFile();
  const file = named ?? process.env.QUANLIAN_TRUST ?? (existsSync(own) ? own : undefined);
  if (file === undefined) return NOBODY;
  const list = readTrustList(await read(file));
  if (!list.ok) throw new UsageError(`${file} is not a trust list (${list.problem})`);
  return list.trustList;
}
