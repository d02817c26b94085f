import { generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { thumbprint, type PublicJwk } from "@quanlian/proof";
import { parse, UsageError } from "./usage.ts";

/** `quanlian keygen`: a new private key in a file that only its owner can read; what to register goes to standard output. */
export async function runKeygen(args: string[]): Promise<number> {
  const { values, positionals } = parse(args, { out: { type: "string" } });
  const make = { statement: statementKey, signer: signerKey }[positionals[0] ?? ""];
  if (!make || positionals.length !== 1) throw new UsageError("keygen statement, or keygen signer");
  if (values.out === undefined) throw new UsageError("keygen needs --out FILE");
  const { secret, register } = make();
  try {
    await writeFile(values.out, `${JSON.stringify(secret, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === "EEXIST";
    throw new UsageError(`${values.out} ${exists ? "exists already; keys are not overwritten" : "cannot be written"}`);
  }
  process.stdout.write(`${JSON.stringify(register, null, 2)}\n`);
  return 0;
}

function statementKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const secret = privateKey.export({ format: "jwk" });
  const publicJwk = { kty: "EC", crv: "P-256", x: secret.x!, y: secret.y! } satisfies PublicJwk;
  return { secret, register: { publicJwk, thumbprint: thumbprint(publicJwk) } };
}

function signerKey() {
  const secretKey = secp256k1.utils.randomSecretKey();
  const address = addressOf(secretKey);
  return { secret: { type: "secp256k1", address, secretKey: `0x${bytesToHex(secretKey)}` }, register: { address } };
}

/** The account of a secp256k1 key: the last 20 bytes of keccak over the public key without its first byte. */
export function addressOf(secretKey: Uint8Array): string {
  return `0x${bytesToHex(keccak_256(secp256k1.getPublicKey(secretKey, false).subarray(1)).subarray(12))}`;
}
