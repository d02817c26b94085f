import { readTrustList, type TrustList } from "@quanlian/proof";
import { fetchTrustList } from "./service.ts";

/** The trust list in use and who gave it: the site that serves this page, or its reader. */
export interface ChosenTrust {
  readonly source: "service" | "file";
  readonly list: TrustList;
}

/** Null when the site cannot be reached or gives something else. */
export async function trustOfService(): Promise<ChosenTrust | null> {
  try {
    return chosen("service", await fetchTrustList());
  } catch {
    return null;
  }
}

/** Null when the file is no trust list. */
export async function trustOfFile(file: File): Promise<ChosenTrust | null> {
  return chosen("file", new Uint8Array(await file.arrayBuffer()));
}

function chosen(source: ChosenTrust["source"], document: string | Uint8Array): ChosenTrust | null {
  const read = readTrustList(document);
  return read.ok ? { source, list: read.trustList } : null;
}
