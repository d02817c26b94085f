import "reflect-metadata";
import { parentPort } from "node:worker_threads";
import { Config } from "../config.ts";
import { connectDatabase } from "../database/connect.ts";
import { RowSeals } from "../database/row-seals.ts";
import { readKeyFile } from "../departments/key-file.ts";
import { connectKeyEncryption } from "../personal/connect-key-encryption.ts";
import { DataKeys } from "../personal/data-keys.ts";
import { PersonalFields } from "../personal/personal-fields.ts";
import { SubjectIndex } from "../subjects/subject-index.ts";
import { StreamKeys } from "../subjects/stream-keys.service.ts";
import { BatchRecords } from "./batch-records.ts";
import type { Answer, Job } from "./record-workers.ts";
import { StoredRecords } from "./stored-records.ts";

// One of fsck's threads: takes windows of batches, answers what their records are found to be.
const config = new Config(process.env);
const dataSource = await connectDatabase(config.databaseUrl);
const keys = readKeyFile(config.keyFile);
const subjects = new SubjectIndex(keys.vrfSecret);
const personal = new PersonalFields(new DataKeys(dataSource, connectKeyEncryption(config)));
const streams = new StreamKeys(keys, subjects);
const records = new StoredRecords(dataSource, streams, new RowSeals(keys.masterKey), personal, subjects);
const { lookAt } = new BatchRecords(records);

parentPort!.on("message", ({ job, batches, depth }: Job) => void answer(job, lookAt(batches, depth)));

async function answer(job: number, looking: ReturnType<typeof lookAt>): Promise<void> {
  const said = await looking.then(
    (looked): Answer => ({ job, looked }),
    (error: unknown): Answer => ({ job, problem: String(error) }),
  );
  parentPort!.postMessage(said);
}
