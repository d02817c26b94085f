/**
 * The capacity plan of docs/capacity.md from its parameters:
 *
 *   npm run simulate -- [--region city|province|nation|all] [--set name=value …] [--bits N] [--parameters] [--json] [--seed 1]
 */
import { parseArgs } from "node:util";
import { valuesWith } from "./simulate/parameters.ts";
import { planFor } from "./simulate/plan.ts";
import { REGIONS, type Region } from "./simulate/regions.ts";
import { bucketTable, parameterTable, planTable, prefixTable } from "./simulate/report.ts";

const { values: options } = parseArgs({
  options: {
    region: { type: "string", default: "all" },
    set: { type: "string", multiple: true, default: [] },
    bits: { type: "string" },
    parameters: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});

function chosenRegions(): Region[] {
  const names = options.region === "all" ? Object.keys(REGIONS) : [options.region];
  return names.map((name) => {
    const region = REGIONS[name];
    if (!region) throw new RangeError(`There is no region ${name}: ${Object.keys(REGIONS).join(", ")}.`);
    return options.bits === undefined ? region : { ...region, prefixBits: Number(options.bits) };
  });
}

function print(): void {
  const values = valuesWith(options.set);
  const seed = Number(options.seed);
  const plans = chosenRegions().map((region) => planFor(region, values, seed));
  if (options.json) return console.log(JSON.stringify({ seed, values, plans }));
  console.log(planTable(plans));
  for (const plan of plans) console.log(`\n${bucketTable(plan)}`);
  const [first] = plans;
  const around = [-8, -6, -4, -2, 0, 2, 4].map((step) => first!.region.prefixBits + step).filter((bits) => bits >= 0);
  console.log(`\n${first!.region.name}, by prefixBits\n\n${prefixTable(first!.region, around, values, seed)}`);
  if (options.parameters) console.log(`\n${parameterTable(values)}`);
}

try {
  print();
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  process.exitCode = 64;
}
