import { sm2 } from "sm-crypto-v2";
import type { Signer } from "@quanlian/proof";
import { sm2Sm3 } from "@quanlian/proof/sm2";
import { seededBytes } from "./world.ts";

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** An SM2 signer whose one-time numbers come from a seed, so that vectors can be made again to the byte. Never for real keys. */
export function seededSm2Signer(seed: string): Signer {
  const random = seededBytes(`${seed}/sm2`);
  const secretKey = toHex(random(32));
  const publicKey = sm2.getPublicKeyFromPrivateKey(secretKey).slice(2);
  const coordinate = (part: string) => Buffer.from(part, "hex").toString("base64url");
  return {
    publicJwk: { kty: "EC", crv: "SM2", x: coordinate(publicKey.slice(0, 64)), y: coordinate(publicKey.slice(64)) },
    suite: sm2Sm3,
    sign: (message) => {
      const k = toHex(random(32));
      const x1 = BigInt(`0x${sm2.getPublicKeyFromPrivateKey(k).slice(2, 66)}`);
      const pointPool = [{ k: BigInt(`0x${k}`), x1 }];
      return Buffer.from(sm2.doSignature(message, secretKey, { hash: true, pointPool }), "hex");
    },
  };
}
