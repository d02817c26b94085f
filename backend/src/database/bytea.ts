import type { Hex } from "@quanlian/proof";
import type { ValueTransformer } from "typeorm";

/** 0x hex, as the API and the proofs write bytes, to the bytes PostgreSQL stores. */
export function fromHex(hex: Hex): Buffer {
  return Buffer.from(hex.slice(2), "hex");
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** Column transformer: bytea in the database, 0x hex in the entity. */
export const hexColumn: ValueTransformer = {
  to: (hex: Hex | null | undefined) => (typeof hex === "string" ? fromHex(hex) : hex),
  from: (bytes: Buffer | null) => bytes && toHex(bytes),
};

/** Column transformer: bigint in the database, a safe integer in the entity. */
export const integerColumn: ValueTransformer = {
  to: (value: number | null | undefined) => value,
  from: (text: string | null) => (text === null ? null : Number(text)),
};
