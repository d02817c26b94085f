import { createHmac, hkdfSync } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import type { FastifyReply } from "fastify";
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { DataSource } from "typeorm";
import { Config } from "../config.ts";
import { PLATFORM_KEYS, type PlatformKeys } from "../departments/key-file.ts";
import { Refusal } from "../http/refusal.ts";
import { RATE_CLASSES, type RateClass } from "./rate-classes.ts";
import { Reserve, type Share } from "./reserve.ts";

const WINDOW_SECONDS = 60;
/** A process fetches a hundredth of a limit at a time. */
const BLOCKS = 100;
/** Clients that are remembered; whoever asks under ever new addresses must not fill the memory. */
const MOST_CLIENTS = 10_000;

/** Limits of requests a minute for each client, shared by all processes through PostgreSQL. */
@Injectable()
export class Rates {
  readonly #limiters: ReadonlyMap<RateClass, RateLimiterPostgres>;
  readonly #reserves = new Map<string, Reserve>();
  readonly #key: Uint8Array;

  constructor(
    private readonly config: Config,
    dataSource: DataSource,
    @Inject(PLATFORM_KEYS) keys: PlatformKeys,
  ) {
    this.#key = new Uint8Array(hkdfSync("sha256", keys.masterKey, "", "quanlian/rates/1", 32));
    this.#limiters = new Map(RATE_CLASSES.map((name) => [name, limiterOf(name, config.rates[name], dataSource)]));
  }

  /**
   * Counts a request and says in the answer's headers what is left (draft-ietf-httpapi-ratelimit-headers-10).
   * @param who a client's id, or its address
   * @throws Refusal RATE_LIMITED
   */
  async count(name: RateClass, who: string, reply: FastifyReply): Promise<void> {
    const limit = this.config.rates[name];
    if (limit === 0) return;
    const share = await this.#reserveOf(name, who, limit).spend(Date.now);
    const seconds = secondsTo(share.until);
    void reply.header("ratelimit-policy", `"${name}";q=${limit};w=${WINDOW_SECONDS}`);
    void reply.header("ratelimit", `"${name}";r=${share.granted ? share.remaining : 0};t=${seconds}`);
    if (!share.granted) throw new Refusal("RATE_LIMITED", { retryAfter: seconds });
  }

  /** Counts one thing more that a request carries. @throws Refusal RATE_LIMITED */
  async spend(name: RateClass, who: string): Promise<void> {
    const limit = this.config.rates[name];
    if (limit === 0) return;
    const { granted, until } = await this.#reserveOf(name, who, limit).spend(Date.now);
    if (!granted) throw new Refusal("RATE_LIMITED", { retryAfter: secondsTo(until) });
  }

  #reserveOf(name: RateClass, who: string, limit: number): Reserve {
    const key = `${name} ${who}`;
    const known = this.#reserves.get(key);
    if (known) return known;
    if (this.#reserves.size >= MOST_CLIENTS) this.#forget();
    const take = this.#takeFrom(this.#limiters.get(name)!, this.#pseudonym(who));
    const reserve = new Reserve(take, Math.max(1, Math.floor(limit / BLOCKS)));
    this.#reserves.set(key, reserve);
    return reserve;
  }

  /** Those whose window is over; if there are none, the oldest. */
  #forget(): void {
    const now = Date.now();
    for (const [key, reserve] of this.#reserves) if (reserve.isOver(now)) this.#reserves.delete(key);
    if (this.#reserves.size >= MOST_CLIENTS) this.#reserves.delete(this.#reserves.keys().next().value!);
  }

  /** Neither addresses nor names of persons lie in the database. */
  #pseudonym(who: string): string {
    return createHmac("sha256", this.#key).update(who).digest("base64url");
  }

  #takeFrom(limiter: RateLimiterPostgres, key: string): (units: number) => Promise<Share> {
    return async (units) => {
      try {
        return shareOf(await limiter.consume(key, units), true);
      } catch (error) {
        if (error instanceof RateLimiterRes) return shareOf(error, false);
        throw error;
      }
    };
  }
}

/** Who is over the limit is remembered in memory and asks the database no more; while that is away each process counts alone. */
function limiterOf(name: RateClass, limit: number, storeClient: DataSource): RateLimiterPostgres {
  const budget = { keyPrefix: name, points: Math.max(1, limit), duration: WINDOW_SECONDS };
  return new RateLimiterPostgres({
    ...budget,
    ...{ storeClient, storeType: "typeorm", tableName: "rate_count", tableCreated: true },
    inMemoryBlockOnConsumed: budget.points,
    insuranceLimiter: new RateLimiterMemory(budget),
  });
}

function secondsTo(until: number): number {
  return Math.max(1, Math.ceil((until - Date.now()) / 1000));
}

function shareOf({ remainingPoints: remaining, msBeforeNext }: RateLimiterRes, granted: boolean): Share {
  return { granted, remaining, until: Date.now() + msBeforeNext };
}
