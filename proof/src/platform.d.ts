// The few globals that Node ≥ 20, browsers and workers share; declared here because the package is built without
// the type libraries of either.
interface String {
  /** ES2024: no half of a surrogate pair. */
  isWellFormed(): boolean;
}
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
interface PlatformKey {
  readonly type: string;
}
declare const crypto:
  | {
      readonly subtle?: {
        importKey(
          format: "jwk",
          key: object,
          algorithm: object,
          extractable: boolean,
          uses: string[],
        ): Promise<PlatformKey>;
        verify(algorithm: object, key: PlatformKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
      };
    }
  | undefined;
