import { Worker } from "node:worker_threads";
import { type LookAt, type LookedAt, type StoredBatch, windowsOfBatches } from "./batch-records.ts";
import type { Depth } from "./integrity-run.entity.ts";

/** One window of batches for a worker. */
export interface Job {
  readonly job: number;
  readonly batches: readonly StoredBatch[];
  readonly depth: Depth;
}

export type Answer =
  { readonly job: number; readonly looked: readonly LookedAt[] } | { readonly job: number; readonly problem: string };

/** Threads that look at records, each with a connection of its own, so that every processor has something to do. */
export class RecordWorkers {
  readonly #workers: readonly Worker[];

  /** @param count how many threads; each reads the service's settings from the environment */
  constructor(count: number) {
    const script = new URL("./record-worker.js", import.meta.url);
    this.#workers = Array.from({ length: count }, () => new Worker(script));
  }

  readonly lookAt: LookAt = async (batches, depth) => {
    const windows = windowsOfBatches(batches);
    const looked = new Array<readonly LookedAt[]>(windows.length);
    const open = windows.entries();
    const work = async (worker: Worker) => {
      for (const [job, window] of open) looked[job] = await ask(worker, { job, batches: window, depth });
    };
    await Promise.all(this.#workers.map(work));
    return looked.flat();
  };

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** @throws Error when the worker could not do it, or died */
function ask(worker: Worker, job: Job): Promise<readonly LookedAt[]> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (answer: Answer) => {
      worker.off("error", reject);
      if ("looked" in answer) resolve(answer.looked);
      else reject(new Error(answer.problem));
    });
    worker.postMessage(job);
  });
}
