import { isDeepStrictEqual } from "node:util";
import type { Hex } from "@quanlian/proof";
import type { Json, Link } from "./types/record-type.ts";

/** One version of a document number that is on record. */
export interface StoredVersion {
  readonly id: string;
  readonly version: number;
  readonly recordHash: Hex;
  readonly fields: Readonly<Record<string, Json>>;
}

export type Decision =
  | { readonly outcome: "new"; readonly version: number }
  | { readonly outcome: "repeated"; readonly of: StoredVersion }
  /** Other content under the same number, without saying that it supersedes anything. */
  | { readonly outcome: "conflict"; readonly with: StoredVersion }
  /** It says that it supersedes a record of this number, but not the latest one. */
  | { readonly outcome: "stale"; readonly latest: Hex | null };

/**
 * What a record means beside the versions of the same department, type and number: the same content again is the same
 * record; other content must cite, by record hash, the latest version that it supersedes.
 * @param stored in ascending order of version
 */
export function decide(
  record: { readonly fields: Readonly<Record<string, Json>>; readonly links: readonly Link[] },
  stored: readonly StoredVersion[],
): Decision {
  const same = stored.find(({ fields }) => isDeepStrictEqual(fields, record.fields));
  if (same) return { outcome: "repeated", of: same };
  const latest = stored.at(-1);
  const cited = record.links.filter(({ rel }) => rel === "supersedes").map((link) => link.record);
  if (!latest) return { outcome: "new", version: 1 };
  if (cited.includes(latest.recordHash)) return { outcome: "new", version: latest.version + 1 };
  return cited.some((hash) => hash !== undefined)
    ? { outcome: "stale", latest: latest.recordHash }
    : { outcome: "conflict", with: latest };
}
