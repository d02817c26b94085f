/**
 * Every figure that the capacity plan rests on, each with where it comes from. `measured`: by a command of this project
 * or on a real network; `derived`: follows from the byte formats; `statistics`: published; `assumed`: nobody has measured it here:
 * put in your own (`npm run simulate -- --set name=value`).
 */
export interface Parameter {
  readonly value: number;
  readonly unit: string;
  readonly kind: "measured" | "derived" | "statistics" | "assumed";
  readonly source: string;
}

const BESU = "four Besu 26.4 validators on two shared cores";
const LEDGER = "AuditLedger on anvil, cancun, optimizer 200 runs, 2026-11-22";
/** docs/figures.md has the whole run. */
const PIPELINE = "`npm run bench -- pipeline --records 100000`, 2026-11-28";

export const PARAMETERS = {
  gasPerRecordExisting: {
    value: 7_281,
    unit: "gas",
    kind: "measured",
    source: `${LEDGER}: batch of 512, bucket heads exist`,
  },
  gasPerRecordNew: {
    value: 24_315,
    unit: "gas",
    kind: "measured",
    source: `${LEDGER}: batch of 512, every bucket new`,
  },
  blockGasLimit: {
    value: 60_000_000,
    unit: "gas",
    kind: "assumed",
    source: "setting of the network; behaved well when measured",
  },
  callBytesPerRecord: { value: 64, unit: "bytes", kind: "derived", source: "stream key and record hash" },
  callBytesPerBatch: {
    value: 356 + 120,
    unit: "bytes",
    kind: "derived",
    source: "the call's other words and the transaction's own fields",
  },
  receiptBytesPerBatch: {
    value: 610,
    unit: "bytes",
    kind: "derived",
    source: "EIP-2718 receipt with one BatchAnchored log",
  },
  headerBytes: {
    value: 906,
    unit: "bytes",
    kind: "measured",
    source: "raw header with three seals, test/fixtures/qbft",
  },
  indexBytesPerBlock: {
    value: 400,
    unit: "bytes",
    kind: "assumed",
    source: "what the engine stores about a block besides header and body",
  },
  engineRecordsPerSecondExisting: {
    value: 2_540,
    unit: "records/s",
    kind: "measured",
    source: `${BESU}, batches of 512`,
  },
  engineRecordsPerSecondNew: { value: 1_420, unit: "records/s", kind: "measured", source: `${BESU}, batches of 512` },
  blockSeconds: { value: 1, unit: "s", kind: "assumed", source: "setting of the network" },
  batchRecords: {
    value: 512,
    unit: "records",
    kind: "assumed",
    source: "setting of the service; smaller outside import hours",
  },
  compression: {
    value: 1,
    unit: "×",
    kind: "assumed",
    source: "hashes do not compress; an engine may do better on the rest",
  },

  databaseBytesPerRecord: { value: 8_788, unit: "bytes", kind: "measured", source: `${PIPELINE}: tables and indexes` },
  databaseCopies: { value: 3, unit: "copies", kind: "assumed", source: "primary, stand-by, newest backup" },
  rowsPerPartition: {
    value: 50_000_000,
    unit: "rows",
    kind: "assumed",
    source: "partition by year, then by kind above this",
  },
  onlineYears: { value: 5, unit: "years", kind: "assumed", source: "longest publication period is five years" },

  recordMilliseconds: {
    value: 0.47 + 0.27,
    unit: "ms",
    kind: "measured",
    source: `${PIPELINE}: CPU of the service and of PostgreSQL from acceptance to finality, signing and stream keys included`,
  },
  sealMilliseconds: {
    value: 0.16,
    unit: "ms",
    kind: "measured",
    source: "`npm run bench -- finality`, 2026-11-28, a quarter of a header with four seals",
  },
  verifyMilliseconds: {
    value: 0.73,
    unit: "ms",
    kind: "measured",
    source: "`npm run bench -- verify`, 2026-11-28, CPU of the service for a receipt",
  },
  processUse: { value: 0.5, unit: "share", kind: "assumed", source: "how far a core is loaded at the daily peak" },

  workingDays: { value: 250, unit: "days a year", kind: "statistics", source: "Chinese working calendar" },
  importHours: {
    value: 0.5,
    unit: "hours",
    kind: "assumed",
    source: "a day's records arrive as nightly files within so long",
  },
  importPeak: { value: 5, unit: "×", kind: "assumed", source: "busiest minute against the window's average" },
  verificationPeak: { value: 5, unit: "×", kind: "assumed", source: "busiest minute against the day's average" },
  certificateYears: { value: 3, unit: "years", kind: "assumed", source: "period that a certificate usually covers" },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof PARAMETERS;
export type Values = Readonly<Record<ParameterName, number>>;

/** All values, those of `changes` (`name=value`) replaced. */
export function valuesWith(changes: readonly string[]): Values {
  const values = Object.fromEntries(Object.entries(PARAMETERS).map(([name, { value }]) => [name, value]));
  for (const change of changes) {
    const [name = "", text = ""] = change.split("=");
    const value = Number(text);
    if (!Object.hasOwn(values, name)) throw new RangeError(`There is no parameter ${name}.`);
    if (text === "" || !Number.isFinite(value) || value <= 0)
      throw new RangeError(`${name} must be a positive number.`);
    values[name] = value;
  }
  return values as Values;
}
