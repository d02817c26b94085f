// Makes test/vectors/*.json and the examples in docs/format.md again, to the byte, from fixed seeds.
// What each case expects is written down by hand beside it or computed by another library; a test runs the code under test
// over the files, and the second implementation in conformance/ confirms them.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { readCases } from "../proof/cli/conformance.ts";
import { certificateVectors } from "./vectors/certificate.ts";
import { equivocationVectors } from "./vectors/equivocation.ts";
import { examples, withExamples } from "./vectors/examples.ts";
import { finalityVectors } from "./vectors/finality.ts";
import { largeVectors } from "./vectors/large.ts";
import { receiptVectors } from "./vectors/receipt.ts";
import { sm2Vectors } from "./vectors/sm2.ts";
import { statementVectors } from "./vectors/statement.ts";
import { treeVectors } from "./vectors/tree.ts";
import { wholeVerdict } from "./vectors/verdicts.ts";

const files = {
  "statement.json": statementVectors(),
  "stream-and-tree.json": treeVectors(),
  "receipt.json": receiptVectors(),
  "certificate.json": await certificateVectors(),
  "equivocation.json": equivocationVectors(),
  "sm2.json": sm2Vectors(),
  "large.json": largeVectors(),
  "finality.json": await finalityVectors(),
};

for (const [name, file] of Object.entries(files)) {
  const cases = file.cases.map((vector) => `    ${JSON.stringify(vector)}`).join(",\n");
  const text = `{\n  "about": ${JSON.stringify(file.about)},\n  "defaults": ${JSON.stringify(file.defaults)},\n  "cases": [\n${cases}\n  ]\n}\n`;
  await writeFile(new URL(`../test/vectors/${name}`, import.meta.url), text);
  console.log(`${name}: ${file.cases.length} cases`);
}

const page = new URL("../docs/format.md", import.meta.url);
await writeFile(page, withExamples(await readFile(page, "utf8"), await examples()));

// The whole of every verdict, as it is today: not an expectation, but a change of it must be seen.
const cases = await readCases(fileURLToPath(new URL("../test/vectors", import.meta.url)));
const verdicts = await Promise.all(
  cases
    .filter(({ request }) => request.op === "verify")
    .map(
      async (testCase) => `  ${JSON.stringify(testCase.request.id)}: ${JSON.stringify(await wholeVerdict(testCase))}`,
    ),
);
await writeFile(new URL("../test/vectors/verdicts/today.json", import.meta.url), `{\n${verdicts.join(",\n")}\n}\n`);
