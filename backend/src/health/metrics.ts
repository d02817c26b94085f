import { Injectable } from "@nestjs/common";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { Backlog } from "../anchoring/backlog.ts";

/** Counters and gauges of one process, in a registry of its own. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();
  readonly recordsTaken = this.#counter("quanlian_records_total", "Records by what became of them", ["outcome"]);
  readonly batchesSealed = this.#counter("quanlian_batches_sealed_total", "Batches sealed", []);
  readonly batchesFinal = this.#counter("quanlian_batches_final_total", "Batches that became final", []);
  readonly recordsFinal = this.#counter("quanlian_records_final_total", "Records that became final", []);
  readonly sealedToFinal = new Histogram({
    name: "quanlian_sealed_to_final_seconds",
    help: "From sealing a batch to its finality",
    buckets: [0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300],
    registers: [this.registry],
  });

  constructor(backlog: Backlog) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: "quanlian_oldest_unanchored_seconds",
      help: "Age of the oldest record that is not final",
      registers: [this.registry],
      async collect() {
        this.set(await backlog.oldestAge());
      },
    });
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }
}
