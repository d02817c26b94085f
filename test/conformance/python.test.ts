import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

// The second verifier (conformance/README.md) must agree with every published vector.

interface Case {
  id: string;
  op: string;
  input: Record<string, unknown>;
  expected: Record<string, unknown>;
}

interface Vectors {
  defaults: Record<string, unknown>;
  cases: Case[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const vectors = join(root, "test/vectors");

function whyNotPython(): string | null {
  const asked = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]);
  if (asked.error) return `python3 does not start: ${asked.error.message}`;
  return asked.status === 0 ? null : "python3 is older than 3.9";
}

function readAnswers(text: string): Map<unknown, Record<string, unknown>> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => JSON.parse(line) as Record<string, unknown>).map((each) => [each["id"], each]));
}

describe("the second verifier, in Python", () => {
  it("agrees with every vector", function () {
    const reason = whyNotPython();
    if (reason !== null) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    this.timeout(60_000);

    const cases: Case[] = [];
    const requests: string[] = [];
    for (const file of readdirSync(vectors).filter((name) => name.endsWith(".json"))) {
      const { defaults, cases: read } = JSON.parse(readFileSync(join(vectors, file), "utf8")) as Vectors;
      cases.push(...read);
      requests.push(...read.map(({ id, op, input }) => JSON.stringify({ id, op, ...defaults, ...input })));
    }

    const run = spawnSync("python3", ["-B", join(root, "conformance/quanlian_verify.py")], {
      input: requests.map((request) => `${request}\n`).join(""),
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      timeout: 58_000,
    });
    assert.equal(run.error, undefined);
    assert.equal(run.status, 0, run.stderr);

    const answers = readAnswers(run.stdout);
    const disagreeing = cases.filter(({ id, expected }) => {
      const answer = answers.get(id) ?? {};
      return Object.entries(expected).some(([name, value]) => !isDeepStrictEqual(answer[name], value));
    });
    assert.ok(cases.length > 0);
    assert.deepEqual(
      disagreeing.map(({ id, expected }) => ({ id, expected, answer: answers.get(id) })),
      [],
    );
  });
});
