import { createKeccak } from "hash-wasm";

const hasher = await createKeccak(256);

/** Keccak-256 in WebAssembly, a tenth of what it costs in JavaScript; Node's own OpenSSL knows SHA-3 only. */
export function keccak(bytes: Uint8Array): Uint8Array {
  return hasher.init().update(bytes).digest("binary");
}
