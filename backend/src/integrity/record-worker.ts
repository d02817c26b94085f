import "reflect-metadata";
import { parentPort } from "node:worker_threads";
import { Config } from "../config.ts";
import { connectDatabase } from "../database/connect.ts";
import { RowSeals } from "../database/row-seals.ts";
import { readKeyFile } from "../departments/key-file.ts";
import { StreamKeys } from "../subjects/stream-keys.service.ts";
import { BatchRecords } from "./batch-records.ts";
import type { Answer, Job } from "./record-workers.ts";
import { StoredRecords } from "./stored-records.ts";

// One of fsck's threads: takes windows of batches, answers what their records are found to be.
const config = new Config(process.env);
const dataSource = await connectDatabase(config.databaseUrl);
const keys = readKeyFile(config.keyFile);
const { lookAt } = new BatchRecords(new StoredRecords(dataSource, new StreamKeys(keys), new RowSeals(keys.masterKey)));

parentPort!.on("message", ({ job, batches, depth }: Job) => void answer(job, lookAt(batches, depth)));

async function answer(job: number, looking: ReturnType<typeof lookAt>): Promise<void> {
  const said = await looking.then(
    (looked): Answer => ({ job, looked }),
    (error: unknown): Answer => ({ job, problem: String(error) }),
  );
  parentPort!.postMessage(said);
}
