// Fetches a receipt for every record and verifies all of them with the command, without and with a chain node.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Receipt } from "@quanlian/proof";
import type pg from "pg";
import type { ServiceClient } from "./service-client.ts";
import type { Story } from "./story.ts";
import { failedStep, quanlianVerify } from "./verify-command.ts";

const AT_ONCE = 16;

export interface Collected {
  readonly checked: number;
  readonly valid: number;
  readonly trustFile: string;
  /** Of a fine, and its file. */
  readonly fine: Receipt;
  readonly fineFile: string;
  /** Of a record of another batch, with a path that is not empty. */
  readonly other: Receipt;
}

export async function collectReceipts(
  database: pg.Client,
  service: ServiceClient,
  folder: string,
  story: Story,
): Promise<Collected> {
  const trustFile = join(folder, "trust.json");
  await writeFile(trustFile, await service.trustList());
  const receipts = await fetchAll(await finalRecords(database), service, join(folder, "receipts"));
  const files = [...receipts.keys()];

  const offline = await quanlianVerify(files, trustFile, "offline");
  const contradicted = offline.filter((verdict) => failedStep(verdict) !== undefined).length;
  story.line(
    `offline: ${offline.length} checked, ${contradicted} contradicted; that the ledger took them in stays open`,
  );
  const online = await quanlianVerify(files, trustFile, "online");
  const valid = online.filter(({ verdict }) => verdict === "valid").length;
  story.line(`asking a node: ${valid} of ${files.length} valid`);

  const isFine = ({ disclosed }: { disclosed: object }) => "fineFen" in disclosed;
  const fineFile = online.find(isFine)!.file;
  const fine = receipts.get(fineFile)!;
  const other = [...receipts.values()].find(({ batch, path }) => path.length > 0 && batch.root !== fine.batch.root)!;
  return { checked: files.length, valid: contradicted === 0 ? valid : 0, trustFile, fine, fineFile, other };
}

interface StoredRecord {
  readonly id: string;
  readonly department: string;
}

async function finalRecords(database: pg.Client): Promise<StoredRecord[]> {
  const { rows } = await database.query<StoredRecord>("SELECT id, department FROM record ORDER BY id");
  return rows;
}

/** Receipts by the path of their file. */
async function fetchAll(
  records: StoredRecord[],
  service: ServiceClient,
  folder: string,
): Promise<Map<string, Receipt>> {
  await mkdir(folder);
  const receipts = new Map<string, Receipt>();
  const fetchSome = async () => {
    for (let record = records.pop(); record !== undefined; record = records.pop()) {
      const text = await service.receipt(record.id, record.department);
      const file = join(folder, `${record.id}.json`);
      await writeFile(file, text);
      receipts.set(file, JSON.parse(text) as Receipt);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchSome));
  return receipts;
}
