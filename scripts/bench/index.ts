// `npm run bench -- NAME [options]`: the figures that the README and docs/ quote, measured here and now.
import { buildStale } from "../build.ts";

interface Bench {
  /** @param args options; every bench knows `--json` */
  run(args: string[]): Promise<void>;
}

const BENCHES: Readonly<Record<string, { about: string; load(): Promise<Bench> }>> = {
  start: { about: "first and second npm start, memory of a long import, the demo", load: () => import("./start.ts") },
  gas: {
    about: "gas a record, beside EAS 1.4, a slot a record and a bare root",
    load: () => import("./gas.ts"),
  },
  imports: { about: "a million rows of one file into records", load: () => import("./imports.ts") },
  "public-answers": {
    about: "whether time tells the public more than answers do",
    load: () => import("./public-answers.ts"),
  },
  search: { about: "finding records among a million", load: () => import("./search.ts") },
  history: {
    about: "histories, graphs, searches and certificates among a million records",
    load: () => import("./history.ts"),
  },
  files: { about: "reading xlsx, csv and NDJSON files", load: () => import("./files.ts") },
  receipts: {
    about: "the command line on 100,000 receipts: separate files, one file of lines, bundles",
    load: () => import("./receipts.ts"),
  },
  finality: { about: "verifying papers by their seals; sizes of proofs", load: () => import("./finality.ts") },
  network: { about: "the pipeline on four Besu validators, one of them down", load: () => import("./network.ts") },
  pipeline: {
    about: "accepted to final, fsck, verify, beside EAS and a transaction a record",
    load: () => import("./pipeline.ts"),
  },
  verify: { about: "receipts verified over HTTP, at full and at half load", load: () => import("./verify.ts") },
  proof: {
    about: "statements, receipts, trees, certificates, beside the bare primitives",
    load: () => import("./proof.ts"),
  },
};

const [name = "", ...args] = process.argv.slice(2);
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench) {
  await buildStale((phrase) => console.error(phrase));
  await (await bench.load()).run(args);
} else {
  console.error("npm run bench -- NAME [--json]");
  for (const [known, { about }] of Object.entries(BENCHES)) console.error(`  ${known.padEnd(10)} ${about}`);
  process.exitCode = 64;
}
