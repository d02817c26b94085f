declare module "sodium-native" {
  const sodium: {
    readonly crypto_scalarmult_ed25519_BYTES: number;
    /** q = n·p without clamping n; throws when the result is the identity or p is not a valid point. */
    crypto_scalarmult_ed25519_noclamp(q: Buffer, n: Buffer, p: Buffer): void;
  };
  export default sodium;
}
