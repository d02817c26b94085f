import { randomBytes } from "node:crypto";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Repository } from "typeorm";
import type { Access } from "../access/access.ts";
import type { Resource } from "../access/policy.ts";
import type { Role } from "../access/roles.ts";
import { Config } from "../config.ts";
import { uuidv7 } from "../database/uuid.ts";
import { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import { isDestination, networks } from "./destinations.ts";
import { SECRET_BYTES, secretText } from "./signing.ts";
import { WebhookDelivery } from "./webhook-delivery.entity.ts";
import { WebhookEndpoint } from "./webhook-endpoint.entity.ts";
import type {
  DeliveryAnswer,
  NewWebhook,
  Owner,
  Replay,
  WebhookAnswer,
  WebhookChange,
  WebhookWithSecret,
} from "./webhooks.schemas.ts";

const MOST_OF_ONE = 20;
const LISTED = 100;
const OVERLAP_MS = 24 * 3_600_000;

/** In which role one may have an endpoint of an owner: an operator, who reaches everything, must not be told what departments are. */
const ROLES_OF: Readonly<Record<Owner["owner"], readonly Role[]>> = {
  department: ["department-officer", "department-system"],
  enterprise: ["enterprise"],
  regulator: ["regulator"],
  operator: ["operator"],
};

/** What an endpoint's secrets are sealed for. */
export function secretContext(endpoint: string): string {
  return `webhook/${endpoint}`;
}

/** The endpoints: who may have them, their secrets, and what was sent to them. */
@Injectable()
export class WebhooksService {
  constructor(
    @InjectRepository(WebhookEndpoint) private readonly endpoints: Repository<WebhookEndpoint>,
    @InjectRepository(WebhookDelivery) private readonly deliveries: Repository<WebhookDelivery>,
    private readonly vault: KeyVault,
    private readonly config: Config,
  ) {}

  /** @throws Refusal UNAUTHENTICATED, FORBIDDEN, DESTINATION_UNFIT, WEBHOOKS_TOO_MANY */
  async register({ for: owner, url, events }: NewWebhook, access: Access): Promise<WebhookWithSecret> {
    if (!mayOwn(owner, access)) throw new Refusal("FORBIDDEN");
    this.#checkDestination(url);
    const column = columnsOf(owner);
    if ((await this.endpoints.countBy({ owner: column.owner, code: column.code })) >= MOST_OF_ONE)
      throw new Refusal("WEBHOOKS_TOO_MANY");
    const id = uuidv7();
    const secret = randomBytes(SECRET_BYTES);
    const sealed = this.vault.seal(secret, secretContext(id));
    await this.endpoints.insert({ id, ...column, url, events: [...new Set(events)], secret: sealed });
    return { ...answer(await this.endpoints.findOneByOrFail({ id })), secret: secretText(secret) };
  }

  async list(access: Access): Promise<WebhookAnswer[]> {
    const { departments, subjects, areas } = access.principal;
    const codes = ["", ...departments, ...subjects, ...areas];
    const sql = "select id from webhook_endpoint where code = any($1) order by created_at, id";
    const ids = await this.endpoints.query<{ id: string }[]>(sql, [codes]);
    const found = await Promise.all(ids.map(({ id }) => this.endpoints.findOneBy({ id })));
    return found.filter((one) => one !== null && mayOwn(ownerOf(one), access)).map((one) => answer(one!));
  }

  /** @throws Refusal WEBHOOK_NOT_FOUND */
  async show(id: string, access: Access): Promise<WebhookAnswer> {
    return answer(await this.#find(id, access));
  }

  /** @throws Refusal WEBHOOK_NOT_FOUND, DESTINATION_UNFIT */
  async change(id: string, { url, events, active }: WebhookChange, access: Access): Promise<WebhookAnswer> {
    const { failingSince } = await this.#find(id, access);
    this.#checkDestination(url);
    const change = { url, events: [...new Set(events)], active, failingSince: active ? null : failingSince };
    await this.endpoints.update({ id }, change);
    return this.show(id, access);
  }

  /** @throws Refusal WEBHOOK_NOT_FOUND */
  async forget(id: string, access: Access): Promise<void> {
    await this.#find(id, access);
    await this.endpoints.delete({ id });
  }

  /** A new secret; the old one signs too for a day, so that the receiver can change over. @throws Refusal WEBHOOK_NOT_FOUND */
  async rotate(id: string, access: Access): Promise<WebhookWithSecret> {
    const { secret: oldSecret } = await this.#find(id, access);
    const secret = randomBytes(SECRET_BYTES);
    const sealed = this.vault.seal(secret, secretContext(id));
    await this.endpoints.update(
      { id },
      { secret: sealed, oldSecret, oldSecretUntil: new Date(Date.now() + OVERLAP_MS) },
    );
    return { ...(await this.show(id, access)), secret: secretText(secret) };
  }

  /** The newest messages. @throws Refusal WEBHOOK_NOT_FOUND */
  async sent(id: string, state: WebhookDelivery["state"] | undefined, access: Access): Promise<DeliveryAnswer[]> {
    await this.#find(id, access);
    const where = { endpoint: id, ...(state && { state }) };
    const found = await this.deliveries.find({ where, order: { createdAt: "DESC", id: "ASC" }, take: LISTED });
    return found.map(({ nextAt, createdAt, event, outcome, attempts, ...one }) => ({
      ...{ id: one.id, event, state: one.state, attempts, outcome },
      nextAt: one.state === "waiting" ? nextAt.toISOString() : null,
      createdAt: createdAt.toISOString(),
    }));
  }

  /** Sends again, under the same ids. @returns how many messages. @throws Refusal WEBHOOK_NOT_FOUND */
  async replay(id: string, asked: Replay, access: Access): Promise<number> {
    await this.#find(id, access);
    const [column, value] = "since" in asked ? ["created_at >=", asked.since] : ["id =", asked.delivery];
    const [rows] = await this.deliveries.query<[unknown[], number]>(
      `update webhook_delivery set state = 'waiting', attempts = 0, next_at = now()
       where endpoint = $1 and ${column} $2 returning id`,
      [id, value],
    );
    return rows.length;
  }

  /** What is not there and what is another's answer alike. */
  async #find(id: string, access: Access): Promise<WebhookEndpoint> {
    const found = await this.endpoints.findOneBy({ id });
    if (!found || !mayOwn(ownerOf(found), access)) throw new Refusal("WEBHOOK_NOT_FOUND");
    return found;
  }

  #checkDestination(url: string): void {
    if (!isDestination(url, networks(this.config.webhookNetworks))) throw new Refusal("DESTINATION_UNFIT");
  }
}

function mayOwn(owner: Owner, access: Access): boolean {
  const roles = ROLES_OF[owner.owner];
  return resourcesOf(owner).every((resource) => roles.includes(access.grantFor(resource)?.role ?? "public"));
}

/** What the policy judges: a regulator needs the area for each of the kinds. */
function resourcesOf(owner: Owner): Resource[] {
  switch (owner.owner) {
    case "department":
      return [{ department: owner.code }];
    case "enterprise":
      return [{ subject: owner.code }];
    case "regulator":
      return owner.kinds.map((kind) => ({ area: owner.code, kind }));
    case "operator":
      return [{}];
  }
}

function columnsOf(owner: Owner): Pick<WebhookEndpoint, "owner" | "code" | "kinds"> {
  return {
    owner: owner.owner,
    code: "code" in owner ? owner.code : "",
    kinds: "kinds" in owner ? [...new Set(owner.kinds)] : [],
  };
}

function ownerOf({ owner, code, kinds }: WebhookEndpoint): Owner {
  if (owner === "operator") return { owner };
  return owner === "regulator" ? { owner, code, kinds } : { owner, code };
}

function answer(endpoint: WebhookEndpoint): WebhookAnswer {
  const { id, url, events, active, failingSince, createdAt } = endpoint;
  const since = failingSince?.toISOString() ?? null;
  return { id, for: ownerOf(endpoint), url, events, active, failingSince: since, createdAt: createdAt.toISOString() };
}
