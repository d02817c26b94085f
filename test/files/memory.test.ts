import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "chai";
import { csv, ndjson, sharedStringsWorkbook } from "../../scripts/bench/large-files.ts";

const reader = fileURLToPath(new URL("../../scripts/bench/files.ts", import.meta.url));

/** Megabytes of heap that the reading process may have. The texts of each file alone would need more. */
const heap = 40;
const rows = 30_000;

describe("files: memory", function () {
  this.timeout(180_000);
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "quanlian-test-"))));
  after(() => rm(folder, { recursive: true }));

  const contents: Record<string, () => Iterable<string> | AsyncIterable<Buffer>> = {
    "shared-strings.xlsx": () => sharedStringsWorkbook(rows),
    "records.csv": () => csv(rows),
    "records.ndjson": () => ndjson(rows),
  };
  for (const [name, content] of Object.entries(contents)) {
    it(`reads ${name} of ${rows} rows in a heap that cannot hold it`, async () => {
      const path = join(folder, name);
      await pipeline(Readable.from(content()), createWriteStream(path));
      const { stdout } = await promisify(execFile)(process.execPath, [`--max-old-space-size=${heap}`, reader, path]);
      expect((JSON.parse(stdout) as { rows: number }).rows).to.equal(rows);
    });
  }
});
