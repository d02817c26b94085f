import { PARAMETERS, type Values } from "./parameters.ts";
import { planFor, type CertificateSize, type Plan } from "./plan.ts";
import type { Region } from "./regions.ts";

/** Markdown tables, as docs/capacity.md holds them. */
export function planTable(plans: readonly Plan[]): string {
  const rows: [string, (plan: Plan) => string][] = [
    ["ledgers", ({ region }) => String(region.ledgers)],
    ["records a year, each ledger", ({ recordsPerYear }) => count(recordsPerYear)],
    ["records/s: average · import peak", (plan) => `${fixed(plan.averagePerSecond)} · ${fixed(plan.peakPerSecond)}`],
    ["measured engine, records/s (use at peak)", (plan) => `${count(plan.enginePerSecond)} (${percent(plan.peakUse)})`],
    ["block gas limit allows, records/s", ({ gasLimitPerSecond }) => count(gasLimitPerSecond)],
    ["validators", ({ region }) => String(region.validators)],
    ["prefixBits", ({ region }) => String(region.prefixBits)],
    ["new slots", ({ newSlots }) => percent(newSlots)],
    ["gas a record", ({ gasPerRecord }) => count(gasPerRecord)],
    ["chain, bytes a record", ({ chainBytesPerRecord }) => fixed(chainBytesPerRecord)],
    [
      "chain a year and node: all · of it empty blocks",
      (plan) => `${bytes(plan.chainBytesPerYear)} · ${bytes(plan.idleBytesPerYear)}`,
    ],
    ["more a year where all state is kept", ({ archiveBytesPerYear }) => bytes(archiveBytesPerYear)],
    [
      "database a year · online with copies",
      (plan) => `${bytes(plan.databaseBytesPerYear)} · ${bytes(plan.databaseBytesOnline)}`,
    ],
    ["partitions online", ({ partitionsOnline }) => String(partitionsOnline)],
    ["import, cores at peak", ({ importCores }) => String(importCores)],
    ["verifications/s at peak · cores", (plan) => `${fixed(plan.verificationsPerSecond)} · ${plan.verificationCores}`],
    ["RPC nodes", ({ rpcNodes }) => String(rpcNodes)],
    ["checking seals, share of a core", ({ sealShare }) => percent(sealShare)],
    ["certificate, all kinds: usual · p99", ({ certificates }) => certificate(certificates.allKinds)],
    ["clean record: usual · p99", ({ certificates }) => certificate(certificates.cleanRecord)],
  ];
  return table(
    ["", ...plans.map(({ region }) => region.name)],
    rows.map(([name, cell]) => [name, ...plans.map(cell)]),
  );
}

/** Bucket sizes by kind, as a subject meets them. */
export function bucketTable({ region, buckets }: Plan): string {
  const rows = buckets.map(({ kind, sizes }) => [
    kind,
    count(sizes.records),
    count(sizes.streams),
    fixed(sizes.mean),
    count(sizes.seen.p50),
    count(sizes.seen.p90),
    count(sizes.seen.p99),
    count(sizes.seen.p999),
    count(sizes.largest),
    count(sizes.longestStream),
  ]);
  const head = ["", "records", "streams", "mean bucket", "p50", "p90", "p99", "p99.9", "largest", "longest stream"];
  return `${region.name}, ${region.prefixBits} bits\n\n${table(head, rows)}`;
}

/** What each choice of prefixBits would cost: slots that grow for ever against pairs in every certificate. */
export function prefixTable(region: Region, bits: readonly number[], values: Values, seed: number): string {
  const rows = bits.map((prefixBits) => {
    const { buckets, newSlots, gasPerRecord, certificates } = planFor({ ...region, prefixBits }, values, seed);
    const used = buckets.reduce((total, { sizes }) => total + sizes.used, 0);
    const sizes = [certificates.allKinds, certificates.cleanRecord].map(certificate);
    return [String(prefixBits), count(used), percent(newSlots), count(gasPerRecord), ...sizes];
  });
  const head = ["prefixBits", "slots a year", "new slots", "gas a record", "certificate, all kinds", "clean record"];
  return table(head, rows);
}

export function parameterTable(values: Values): string {
  const rows = Object.entries(PARAMETERS).map(([name, { unit, kind, source, value }]) => {
    const used = values[name as keyof Values];
    return [name, `${used} ${unit}`, used === value ? kind : "given", used === value ? source : "--set"];
  });
  return table(["parameter", "value", "kind", "source"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function certificate({ usual, p99 }: CertificateSize): string {
  return `${bytes(usual)} · ${bytes(p99)}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function fixed(value: number): string {
  return value < 10 ? value.toFixed(1) : count(value);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** step).toFixed(value / 1000 ** step < 10 ? 1 : 0)} ${units[step]}`;
}
