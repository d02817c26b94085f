import type { Hex, PublicJwk } from "@quanlian/proof";
import { z } from "zod";

const coordinate = z.string().regex(/^[\w-]{43}$/);

/** Account of a batch signer. */
export const signerAddress = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/)
  .transform((address) => address as Hex);

/** Public half of a statement key (RFC 7517). */
export const statementJwk: z.ZodType<PublicJwk> = z.strictObject({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: coordinate,
  y: coordinate,
});

/** The public halves of the keys that a department keeps itself. */
export const ownKeys = z.strictObject({ signer: signerAddress, statementKey: statementJwk });

export type OwnKeys = z.output<typeof ownKeys>;
