import { Body, Controller, Get, HttpCode, Post } from "@nestjs/common";
import { RouteConfig } from "@nestjs/platform-fastify";
import { ApiBody, ApiConsumes, ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { type ChainReader, type TrustedChain, type TrustList, type Verdict, verify } from "@quanlian/proof";
import { recoverKey } from "@quanlian/proof/libsecp256k1";
import { z } from "zod";
import { Allow } from "../access/allow.ts";
import { ChainRpc } from "../chain/chain-rpc.ts";
import { ApiProblems, JSON_PROBLEMS } from "../http/api-problems.ts";
import type { BodyConfig } from "../http/body-parsers.ts";
import { Renewals } from "./renewals.service.ts";
import { PaperAnswer, RpcAnswer, RpcRequest, TrustListAnswer, VerdictAnswer } from "./verification.schemas.ts";
import { pooledEs256 } from "../native-es256.ts";
import { PresentChain } from "./present-chain.ts";
import { Trust } from "./trust.service.ts";

/** Certificates may be long; `verify` itself has a higher bound. */
const LARGEST_DOCUMENT = 32 * 1024 * 1024;
const RAW: BodyConfig = { rawJson: true, bodyLimit: LARGEST_DOCUMENT };

@ApiTags("verification")
@Controller("api/v1")
export class VerificationController {
  constructor(
    private readonly trust: Trust,
    private readonly rpc: ChainRpc,
    private readonly renewals: Renewals,
    private readonly present: PresentChain,
  ) {}

  /** Verifies a receipt or certificate: the same verdict with the same codes as the command line. */
  @Post("verify")
  @Allow("paper.verify")
  @HttpCode(200)
  @RouteConfig(RAW)
  @ApiConsumes("application/json")
  @ApiBody({ description: "A receipt or certificate, exactly as it was issued", schema: { type: "object" } })
  @ApiOkResponse({ standardSchema: VerdictAnswer })
  @ApiProblems("NOT_UTF8", "TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
  async verify(@Body() document: unknown): Promise<Verdict> {
    const text = typeof document === "string" ? document : "";
    const { verdict, asked } = await this.#judge(text, () => this.present.reader(Date.now()));
    // What was asked within this second may lag behind a paper of this second: only the present says no.
    if (verdict.verdict === "valid" || !asked) return verdict;
    return (await this.#judge(text, () => this.present.renewed(Date.now()))).verdict;
  }

  async #judge(document: string, ownChain: () => ChainReader): Promise<{ verdict: Verdict; asked: boolean }> {
    const now = Math.floor(Date.now() / 1000);
    const { own } = this.trust;
    let asked = false;
    const chain = (trusted: TrustedChain) => {
      if (trusted !== own) return undefined;
      asked = true;
      return ownChain();
    };
    const verdict = await verify(document, {
      trust: this.trust.list(now),
      chain,
      now,
      suites: [pooledEs256],
      recoverKey,
    });
    return { verdict, asked };
  }

  /**
   * Gives a receipt or certificate a proof of the newest final block, sealed by the validators of today. The paper is sent and comes back;
   * nothing is disclosed that it does not hold.
   */
  @Post("papers/renewal")
  @Allow("paper.renew")
  @HttpCode(200)
  @RouteConfig(RAW)
  @ApiConsumes("application/json")
  @ApiBody({ description: "A receipt or certificate, exactly as it was issued", schema: { type: "object" } })
  @ApiOkResponse({ standardSchema: PaperAnswer })
  @ApiProblems(
    ...(["NOT_UTF8", "TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const),
    ...(["PAPER_NOT_RENEWABLE", "PAPER_OUTDATED", "PAPER_WITHOUT_SEALS", "CHAIN_UNAVAILABLE"] as const),
  )
  renew(@Body() document: unknown): Promise<object> {
    return this.renewals.renew(typeof document === "string" ? document : "", Math.floor(Date.now() / 1000));
  }

  /** The ledgers that this service accepts, as a list that any verifier can use. */
  @Get("trust")
  @Allow("trust.read")
  @ApiOkResponse({ standardSchema: TrustListAnswer })
  list(): TrustList {
    return this.trust.list(Math.floor(Date.now() / 1000));
  }

  /** Read-only JSON-RPC for verifiers that run in a browser. */
  @Post("chain/rpc")
  @Allow("chain.ask")
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: RpcAnswer })
  @ApiProblems(...JSON_PROBLEMS, "RPC_METHOD_NOT_ALLOWED", "RPC_REFUSED", "CHAIN_UNAVAILABLE")
  async ask(@Body({ schema: RpcRequest }) { id, method, params }: z.infer<typeof RpcRequest>) {
    return { jsonrpc: "2.0", id, result: await this.rpc.send(method, params) };
  }
}
