import { readdirSync, readFileSync } from "node:fs";
import type { RecordType, ValidRecord } from "../../../backend/src/records/types/record-type.ts";
import { recordTypes } from "../../../backend/src/records/types/record-types.ts";
import type { RecordContext } from "../../../backend/src/records/types/validate.ts";

/** A record as a department gives it, and what must become of it. Written by hand from the official tables. */
export interface RecordVector {
  readonly file: string;
  readonly what: string;
  readonly type: string;
  readonly context: RecordContext;
  readonly input: Readonly<Record<string, string>>;
  readonly record: ValidRecord;
}

const folder = new URL("../vectors/", import.meta.url);

export const vectors: readonly RecordVector[] = readdirSync(folder)
  .toSorted()
  .map((file) => ({
    file,
    ...(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Omit<RecordVector, "file">),
  }));

export function typeNamed(name: string): RecordType {
  return recordTypes.get(name)!;
}

/** The vector that a test changes one value of. */
export function vectorOf(file: string): RecordVector {
  return vectors.find((vector) => vector.file === `${file}.json`)!;
}
