// The deep path spares its users the rest of that package, which takes ten times as long to load.
import { instantiateSecp256k1 } from "@bitauth/libauth/build/lib/crypto/secp256k1.js";
import type { RecoverKey } from "./finality/seals.ts";

const libsecp256k1 = await instantiateSecp256k1();

/** By Bitcoin Core's libsecp256k1 in WebAssembly, in a third of the time: for whoever verifies many papers (docs/decisions/0077-seals.md). */
export const recoverKey: RecoverKey = (hash, { bytes, v }) => {
  const key = libsecp256k1.recoverPublicKeyUncompressed(bytes, v, hash);
  return typeof key === "string" ? undefined : key;
};
