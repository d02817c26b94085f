import { CODES } from "@quanlian/proof";
import { z } from "zod";

const evidence = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const VerdictAnswer = z
  .object({
    verdict: z.enum(["valid", "invalid", "undecided"]),
    format: z.string().nullable(),
    steps: z.array(
      z.object({
        step: z.string(),
        outcome: z.enum(["passed", "failed", "unknown"]),
        code: z.enum(Object.keys(CODES) as [string, ...string[]]),
        field: z.string().optional(),
        evidence,
      }),
    ),
    clocks: z.object({
      eventTime: z.string().nullable(),
      signedAt: z.int().nullable().meta({ description: "Unix seconds" }),
      anchoredAt: z.int().nullable().meta({ description: "Unix seconds, block time" }),
    }),
    disclosed: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Verdict" });

export const PaperAnswer = z
  .object({ format: z.enum(["quanlian-receipt/1", "quanlian-certificate/1"]) })
  .catchall(z.unknown())
  .meta({
    id: "RenewedPaper",
    description: "The paper as it was sent, with another `finality`; docs/format.md §6 and §7",
  });

export const TrustListAnswer = z
  .object({
    format: z.literal("quanlian-trust/1"),
    name: z.string(),
    issuedAt: z.int(),
    chains: z.array(z.record(z.string(), z.unknown())),
  })
  .meta({ id: "TrustList", description: "docs/format.md §8" });

export const RpcRequest = z
  .strictObject({
    jsonrpc: z.literal("2.0"),
    id: z.union([z.int(), z.string().max(64)]),
    method: z.string().max(64),
    params: z.array(z.unknown()).max(8).default([]),
  })
  .meta({ id: "RpcRequest" });

export const RpcAnswer = z
  .object({ jsonrpc: z.literal("2.0"), id: z.union([z.int(), z.string()]), result: z.unknown() })
  .meta({ id: "RpcAnswer" });
