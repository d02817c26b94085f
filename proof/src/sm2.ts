import { sm2, sm3 } from "sm-crypto-v2";
import { fromHex, toHex } from "./bytes.ts";
import { uncompressedPoint, type Suite } from "./suite.ts";

/** The default user id of GB/T 32918.2 and GM/T 0009. */
const USER_ID = "1234567812345678";

/**
 * 国密: SM2 signatures (GB/T 32918.2) over statements, SM3 (GB/T 32905) for disclosures, record hashes and thumbprints. A module
 * of its own (`@quanlian/proof/sm2`), so that those who do not need it do not load it.
 */
export const sm2Sm3: Suite = {
  name: "SM2-SM3",
  alg: "SGD_SM3_SM2",
  curve: "SM2",
  digestName: "sm3",
  digest: (bytes) => fromHex(`0x${sm3(bytes)}`),
  verifySignature: (key, message, signature) => {
    if (signature.length !== 64 || isZero(signature.subarray(0, 32))) return false;
    try {
      const point = toHex(uncompressedPoint(key)).slice(2);
      return sm2.doVerifySignature(message, toHex(signature).slice(2), point, { hash: true, userId: USER_ID });
    } catch {
      return false; // a point off the curve, or s out of range
    }
  },
};

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
