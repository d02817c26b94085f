/** Text that claims to be a receipt, certificate or bundle of ours; whether it is true is for `verify` to say. */
export interface Paper {
  readonly name: string;
  readonly text: string;
}

/** Why a file was not even examined. It says nothing about the record, so it is never shown as a verdict. */
export type Refusal = "EMPTY" | "TOO_LARGE" | "NOT_TEXT" | "NOT_JSON" | "NOT_OURS" | "TRUST_LIST";

export type Reading = { readonly paper: Paper } | { readonly refusal: Refusal };

/** 16 MiB: a certificate of a thousand records takes about 2 MiB, and a browser should not be asked to hold much more. */
const largestPaper = 16 * 1024 * 1024;

/** Reads a dropped, chosen or pasted file. Its size is looked at first: nothing larger is ever loaded. */
export async function readPaper(file: File): Promise<Reading> {
  if (file.size > largestPaper) return { refusal: "TOO_LARGE" };
  const text = decoded(await file.arrayBuffer());
  if (text === null) return { refusal: "NOT_TEXT" };
  const refusal = refusalOf(text);
  return refusal === null ? { paper: { name: file.name, text } } : { refusal };
}

function decoded(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function refusalOf(text: string): Refusal | null {
  if (text.trim() === "") return "EMPTY";
  const format = formatOf(text);
  if (format === null) return "NOT_JSON";
  if (format.startsWith("quanlian-trust/")) return "TRUST_LIST";
  return format.startsWith("quanlian-") ? null : "NOT_OURS";
}

/** The `format` member, "" where a JSON text has none, null where the text is not JSON. */
function formatOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const named = typeof value === "object" && value !== null && "format" in value;
    return named && typeof value.format === "string" ? value.format : "";
  } catch {
    return null;
  }
}
