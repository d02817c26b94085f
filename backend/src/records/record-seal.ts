import type { Hex } from "@quanlian/proof";
import type { SealedColumn } from "../database/row-seals.ts";

/** The table's name in its seals. */
export const RECORD = "record";

/**
 * What of a record its own signature does not bind: the columns that follow from nothing, and which disclosures the
 * statement was taken in with (a digest whose disclosure was taken out looks like a decoy).
 */
export function sealedColumns(record: {
  readonly id: string;
  readonly version: number;
  readonly receivedAt: Date;
  readonly import: string | null;
  readonly streamKey: Hex;
  readonly statement: string;
}): SealedColumn[] {
  return [
    ["id", record.id],
    ["version", String(record.version)],
    ["received_at", record.receivedAt.toISOString()],
    ["import", record.import],
    ["stream_key", record.streamKey],
    ["statement", record.statement],
  ];
}
