import { Injectable } from "@nestjs/common";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { DataSource } from "typeorm";
import { Backlog } from "../anchoring/backlog.ts";
import { Unsigned } from "../anchoring/unsigned.ts";
import { Config } from "../config.ts";
import { IntegrityStates } from "../integrity/integrity-state.ts";
import { watchRpc } from "./rpc-watch.ts";

const SECONDS = [0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300];

/** Counters and gauges of one process, in a registry of its own; docs/operations.md says which to watch. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  readonly recordsTaken = this.#counter("quanlian_records_total", "Records by what became of them", ["outcome"]);
  readonly batchesSealed = this.#counter("quanlian_batches_sealed_total", "Batches sealed", []);
  readonly batchesFinal = this.#counter("quanlian_batches_final_total", "Batches that became final", []);
  readonly recordsFinal = this.#counter("quanlian_records_final_total", "Records that became final", []);
  readonly gasUsed = this.#counter("quanlian_gas_used_total", "Gas of the transactions of final batches", []);
  readonly sealedToFinal = this.#histogram(
    "quanlian_sealed_to_final_seconds",
    "Sealing a batch to its finality",
    SECONDS,
  );
  readonly acceptedToFinal = this.#histogram(
    "quanlian_accepted_to_final_seconds",
    "Acceptance of a record to its finality",
    SECONDS,
  );
  readonly batchSize = this.#histogram(
    "quanlian_batch_records",
    "Records of the batches that became final",
    [1, 8, 32, 64, 128, 256, 384, 511, 512],
  );
  readonly #rpc = this.#counter(
    "quanlian_rpc_requests_total",
    "Requests to chain nodes, by their place in the settings",
    ["node", "outcome"],
  );

  constructor(
    private readonly dataSource: DataSource,
    config: Config,
    backlog: Backlog,
    integrity: IntegrityStates,
    unsigned: Unsigned,
  ) {
    collectDefaultMetrics({ register: this.registry });
    watchRpc(config.chainRpcUrls, this.#rpc);
    this.#gauge("quanlian_oldest_unanchored_seconds", "Age of the oldest record that is not final", () =>
      backlog.oldestAge(),
    );
    this.#gauge(
      "quanlian_oldest_unsigned_seconds",
      "Age of the oldest batch that waits for the agent of a department that keeps its own keys",
      async () => (await unsigned.waiting())[0]?.age ?? 0,
    );
    this.#gauge("quanlian_stopped_departments", "Departments that an alarm has stopped", () =>
      this.#count("select count(*) from department where stopped_because is not null"),
    );
    this.#gauge("quanlian_findings", "Findings on record", () => this.#count("select count(*) from finding"));
    this.#gauge(
      "quanlian_integrity_differences",
      "Differences that the last integrity run found",
      async () => (await integrity.current()).differences ?? 0,
    );
    this.#gauge(
      "quanlian_integrity_records_checked",
      "Records that the integrity run under way has looked at",
      async () => (await integrity.current()).recordsSoFar,
    );
    this.#gauge(
      "quanlian_integrity_last_run_timestamp_seconds",
      "When the last integrity run was through; 0 before the first",
      async () => ((await integrity.current()).finishedAt?.getTime() ?? 0) / 1000,
    );
  }

  async #count(query: string): Promise<number> {
    const [row]: { count: string }[] = await this.dataSource.query(query);
    return Number(row!.count);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.registry] });
  }

  #gauge(name: string, help: string, measure: () => Promise<number>): void {
    const registers = [this.registry];
    new Gauge({
      ...{ name, help, registers },
      async collect() {
        this.set(await measure());
      },
    });
  }
}
