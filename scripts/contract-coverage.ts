// Fails unless the tests ran every line of the contracts: `npm run coverage:contracts`. Hardhat's report knows lines and
// statements; that both sides of each condition matter is what scripts/mutate-contracts.ts shows.
import { readFile } from "node:fs/promises";

const REPORT = "coverage/lcov.info";

/** `file:line` of each line of a contract that never ran. */
function missed(lcov: string): string[] {
  return lcov.split("end_of_record").flatMap((record) => {
    const [, file = ""] = /^SF:(.*)$/m.exec(record) ?? [];
    if (!/(^|\/)contracts\/\w+\.sol$/.test(file)) return [];
    return [...record.matchAll(/^DA:(\d+),0$/gm)].map(([, line]) => `${file}:${line!}`);
  });
}

const lines = missed(await readFile(REPORT, "utf8"));
console.log(lines.length === 0 ? "Every line of the contracts ran." : `Never ran:\n${lines.join("\n")}`);
process.exitCode = lines.length === 0 ? 0 : 1;
