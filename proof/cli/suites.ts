import type { Suite } from "@quanlian/proof";
import { nodeEs256 } from "./node-es256.ts";

const SM2_SM3: Suite["name"] = "SM2-SM3";

/** The suites that a document can need; the second one is loaded only for a document that names it. */
export async function suitesFor(document: string | Uint8Array): Promise<Suite[]> {
  const names =
    typeof document === "string"
      ? document.includes(SM2_SM3)
      : Buffer.from(document.buffer, document.byteOffset, document.length).includes(SM2_SM3);
  return names ? [nodeEs256, (await import("@quanlian/proof/sm2")).sm2Sm3] : [nodeEs256];
}

/** The suite that a document names, ES256 when it names none. */
export async function suiteNamed(name: unknown): Promise<Suite> {
  const suites = await suitesFor(String(name));
  return suites.find((suite) => suite.name === name) ?? nodeEs256;
}
