import { Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Config } from "../config.ts";
import { KeyVault } from "../departments/key-vault.ts";
import { Findings } from "../findings/findings.ts";
import { isTaken, PATIENCE_MS, pauseAfter } from "./delivery-rules.ts";
import { networks } from "./destinations.ts";
import { send } from "./sender.ts";
import { signedHeaders } from "./signing.ts";
import { secretContext } from "./webhooks.service.ts";

/** At once to one endpoint: a slow one must not take all of a worker's time. */
const AT_ONCE = 4;
/** A worker that has not said within this time what became of a message is dead: another one sends it again. */
const LEASE_SECONDS = 60;
const KEPT_DAYS = 30;

const CLAIM = `
update webhook_delivery d set attempts = attempts + 1, next_at = now() + $2 * interval '1 second'
from webhook_endpoint e
cross join lateral (
  select due.id from webhook_delivery due where due.endpoint = e.id and due.state = 'waiting' and due.next_at <= now()
  order by due.next_at limit $1 for update skip locked
) due
where d.id = due.id and e.active
returning d.id, d.payload, d.attempts, e.id as endpoint, e.url, e.secret,
  case when e.old_secret_until > now() then e.old_secret end as old_secret`;

export interface Claimed {
  readonly id: string;
  readonly payload: string;
  readonly attempts: number;
  readonly endpoint: string;
  readonly url: string;
  readonly secret: Buffer;
  readonly old_secret: Buffer | null;
}

/** Sends what is due: claims it, sends it outside any transaction, notes what became of it. A crash in between sends it again. */
@Injectable()
export class Deliveries {
  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Config,
    private readonly vault: KeyVault,
    private readonly findings: Findings,
  ) {}

  /** Sends all that is due at the moment. @returns how many attempts that took */
  async round(): Promise<number> {
    const claimed = await this.claim();
    await Promise.all(claimed.map(async (one) => this.#note(one, await this.attempt(one))));
    return claimed.length;
  }

  /** Takes what is due for {@link LEASE_SECONDS}; several workers never take the same. */
  async claim(): Promise<Claimed[]> {
    const [rows] = await this.dataSource.query<[Claimed[], number]>(CLAIM, [AT_ONCE, LEASE_SECONDS]);
    return rows;
  }

  attempt({ id, payload, endpoint, url, secret, old_secret }: Claimed): Promise<string> {
    const sealed = old_secret ? [secret, old_secret] : [secret];
    const secrets = sealed.map((one) => this.vault.open(one, secretContext(endpoint)));
    const headers = signedHeaders(id, payload, secrets, new Date());
    return send({ url, headers, body: payload }, networks(this.config.webhookNetworks));
  }

  /** Forgets what was delivered or died a month ago. */
  async forgetOld(): Promise<void> {
    await this.dataSource.query(
      `delete from webhook_delivery where state <> 'waiting' and created_at < now() - $1 * interval '1 day'`,
      [KEPT_DAYS],
    );
  }

  async #note({ id, endpoint, attempts }: Claimed, outcome: string): Promise<void> {
    const taken = isTaken(outcome);
    const pause = pauseAfter(attempts, Math.random());
    const state = taken ? "delivered" : pause === null ? "dead" : "waiting";
    await this.dataSource.transaction(async (manager) => {
      await manager.query(
        `update webhook_delivery set state = $2, outcome = $3, next_at = now() + $4 * interval '1 millisecond'
         where id = $1`,
        [id, state, outcome, pause ?? 0],
      );
      await manager.query(
        `update webhook_endpoint set failing_since = case when $2 then null else coalesce(failing_since, now()) end
         where id = $1`,
        [endpoint, taken],
      );
      if (state !== "dead") return;
      const [switchedOff] = await manager.query<[{ owner: string; code: string; failing_since: Date }[], number]>(
        `update webhook_endpoint set active = false
         where id = $1 and active and failing_since < now() - $2 * interval '1 millisecond'
         returning owner, code, failing_since`,
        [endpoint, PATIENCE_MS],
      );
      for (const { owner, code, failing_since: since } of switchedOff)
        await this.findings.record(
          {
            ...{ code: "WEBHOOK_OFF", department: owner === "department" ? code : null, record: null },
            fingerprint: `WEBHOOK_OFF ${endpoint} ${since.toISOString()}`,
            evidence: { endpoint, failingSince: since.toISOString() },
          },
          manager,
        );
    });
  }
}
