import { Body, Controller, Get, HttpCode, Param, Put } from "@nestjs/common";
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import type { Hex } from "@quanlian/proof";
import { z } from "zod";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import { Unsigned } from "./unsigned.ts";

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Hex);
const bytes = z
  .string()
  .regex(/^0x([0-9a-f]{2}){65,4096}$/)
  .transform((text) => text as Hex);
const Code = z.string().regex(/^[0-9A-HJ-NPQRTUWXY]{18}$/);
const Sequence = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

const chain = { chainId: z.int(), ledger: z.string() };

const UnsignedBatches = z
  .object({
    batches: z.array(
      z.object({
        department: z.string(),
        kind: z.int(),
        year: z.int(),
        sequence: z.int(),
        ...chain,
        entries: z.array(
          z.object({
            statement: z.string(),
            statementKey: z.object({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string() }),
            streamKey: z.string(),
            proof: z.string(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: "UnsignedBatches", description: "docs/format.md §13" });

const UnsignedSupersessions = z
  .object({
    supersessions: z.array(
      z.object({
        department: z.string(),
        recordHash: z.string(),
        by: z.string(),
        successor: z.string(),
        reason: z.int(),
        ...chain,
      }),
    ),
  })
  .meta({ id: "UnsignedSupersessions", description: "docs/format.md §13" });

const BatchSignature = z
  .strictObject({ kind: z.int(), year: z.int(), entriesHash: hash, signature: bytes })
  .meta({ id: "BatchSignature" });
type BatchSignature = z.infer<typeof BatchSignature>;

const SupersessionSignature = z.strictObject({ signature: bytes }).meta({ id: "SupersessionSignature" });
type SupersessionSignature = z.infer<typeof SupersessionSignature>;

/** For the agents of departments that keep their own keys. */
@ApiTags("departments")
@Controller("api/v1/departments/:uscc")
export class SignaturesController {
  constructor(private readonly unsigned: Unsigned) {}

  /** The oldest batch that waits for the department's signature, with all that its agent checks; it never changes. */
  @Get("batches/unsigned")
  @Allow("batch.sign", "handler")
  @ApiOkResponse({ standardSchema: UnsignedBatches })
  @ApiProblems("INVALID_PARAMETER")
  async batches(
    @Param("uscc", { schema: Code }) uscc: string,
    @AccessOf() access: Access,
  ): Promise<z.infer<typeof UnsignedBatches>> {
    access.check({ department: uscc });
    return {
      batches: (await this.unsigned.batchesOf(uscc)).map((batch) => ({ ...batch, entries: [...batch.entries] })),
    };
  }

  /** Takes the signature of a batch; signing it again is a normal answer. */
  @Put("batches/:sequence/signature")
  @HttpCode(204)
  @Allow("batch.sign", "handler")
  @ApiNoContentResponse()
  @ApiProblems(...JSON_PROBLEMS, "NOTHING_TO_SIGN", "SIGNED_CONTENT_DIFFERS", "SIGNATURE_WRONG", "CHAIN_UNAVAILABLE")
  async signBatch(
    @Param("uscc", { schema: Code }) uscc: string,
    @Param("sequence", { schema: Sequence }) sequence: number,
    @Body({ schema: BatchSignature }) signed: BatchSignature,
    @AccessOf() access: Access,
  ): Promise<void> {
    access.check({ department: uscc });
    await this.unsigned.takeBatch(uscc, sequence, signed);
  }

  /** Records of the department that take the place of others, and wait for its signature. */
  @Get("supersessions/unsigned")
  @Allow("batch.sign", "handler")
  @ApiOkResponse({ standardSchema: UnsignedSupersessions })
  @ApiProblems("INVALID_PARAMETER")
  async supersessions(
    @Param("uscc", { schema: Code }) uscc: string,
    @AccessOf() access: Access,
  ): Promise<z.infer<typeof UnsignedSupersessions>> {
    access.check({ department: uscc });
    return { supersessions: await this.unsigned.supersessionsBy(uscc) };
  }

  /** Takes the signature of a supersession, named by the record that takes the other's place. */
  @Put("supersessions/:successor/signature")
  @HttpCode(204)
  @Allow("batch.sign", "handler")
  @ApiNoContentResponse()
  @ApiProblems(...JSON_PROBLEMS, "NOTHING_TO_SIGN", "SIGNATURE_WRONG", "CHAIN_UNAVAILABLE")
  async signSupersession(
    @Param("uscc", { schema: Code }) uscc: string,
    @Param("successor", { schema: hash }) successor: Hex,
    @Body({ schema: SupersessionSignature }) { signature }: SupersessionSignature,
    @AccessOf() access: Access,
  ): Promise<void> {
    access.check({ department: uscc });
    await this.unsigned.takeSupersession(uscc, successor, signature);
  }
}
