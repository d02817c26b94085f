declare module "sodium-native" {
  const sodium: {
    readonly crypto_scalarmult_ed25519_BYTES: number;
    /** q = n·p without clamping n; throws when the result is the identity or p is not a valid point. */
    crypto_scalarmult_ed25519_noclamp(q: Buffer, n: Buffer, p: Buffer): void;
    /** r = p + q; throws when p or q encodes no point of the curve. */
    crypto_core_ed25519_add(r: Buffer, p: Buffer, q: Buffer): void;
  };
  export default sodium;
}
