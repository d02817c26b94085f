import { Inject, Injectable } from "@nestjs/common";
import { DataSource } from "typeorm";
import { Backlog } from "../anchoring/backlog.ts";
import { Unsigned } from "../anchoring/unsigned.ts";
import { checkSameChain } from "../chain/connect-ledger.ts";
import { Ledger } from "../chain/ledger.ts";
import { Config } from "../config.ts";
import { KEY_ENCRYPTION, type KeyEncryption } from "../personal/key-encryption.ts";
import { IntegrityStates } from "../integrity/integrity-state.ts";
import { RpcClient } from "../chain/rpc-client.ts";

export interface Check {
  readonly ok: boolean;
  readonly detail: string;
}

/** What must hold for this service to do its work, each with a sentence for the operator. */
@Injectable()
export class Readiness {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(RpcClient) private readonly client: RpcClient,
    private readonly ledger: Ledger,
    private readonly backlog: Backlog,
    private readonly integrity: IntegrityStates,
    private readonly unsigned: Unsigned,
    private readonly config: Config,
    @Inject(KEY_ENCRYPTION) private readonly keyEncryption: KeyEncryption,
  ) {}

  async check(): Promise<{ ready: boolean; checks: Record<string, Check> }> {
    const [database, chain, keys, anchoring, departments, agents, integrity] = await Promise.all([
      attempt(() => this.#database()),
      attempt(() => this.#chain()),
      attempt(() => this.#keys()),
      attempt(() => this.#anchoring()),
      attempt(() => this.#departments()),
      attempt(() => this.#agents()),
      attempt(() => this.#integrity()),
    ]);
    return {
      ready: [database, chain, keys, anchoring].every(({ ok }) => ok),
      checks: { database, chain, keys, anchoring, departments, agents, integrity },
    };
  }

  async #database(): Promise<Check> {
    await this.dataSource.query("select 1");
    return { ok: true, detail: "PostgreSQL answers." };
  }

  async #chain(): Promise<Check> {
    await checkSameChain(this.client, this.ledger);
    return { ok: true, detail: `The node of chain ${this.ledger.identity.chainId} answers.` };
  }

  /** Without it nothing personal can be taken in or shown. */
  async #keys(): Promise<Check> {
    return { ok: true, detail: `New data keys are wrapped by ${await this.keyEncryption.current()}.` };
  }

  async #anchoring(): Promise<Check> {
    const age = Math.round(await this.backlog.oldestAge());
    return { ok: !(await this.backlog.isStalled()), detail: `The oldest record that is not final is ${age} s old.` };
  }

  /** A difference needs a person, too; what is not touched by it goes on being served. */
  async #integrity(): Promise<Check> {
    const { differences, finishedAt } = await this.integrity.current();
    if (differences === null) return { ok: true, detail: "No integrity run is through yet." };
    const found = differences === 0 ? "no difference" : `${differences} differences`;
    return { ok: differences === 0, detail: `The integrity run of ${finishedAt!.toISOString()} found ${found}.` };
  }

  /** An absent agent holds up nobody but its own department. */
  async #agents(): Promise<Check> {
    const late = (await this.unsigned.waiting()).filter(({ age }) => age > this.config.stallSeconds);
    const named = late.map(({ department, age }) => `${department} for ${Math.round(age)} s`).join(", ");
    const detail = named ? `Batches wait for the agents of ${named}.` : "No batch waits long for a department's agent.";
    return { ok: late.length === 0, detail };
  }

  /** A stopped department needs a person, but the service goes on for the others. */
  async #departments(): Promise<Check> {
    const rows: { uscc: string; stopped_because: string }[] = await this.dataSource.query(
      `select uscc, stopped_because from department where stopped_because is not null order by uscc`,
    );
    const stopped = rows.map(({ uscc, stopped_because }) => `${uscc} (${stopped_because})`).join(", ");
    return { ok: rows.length === 0, detail: stopped ? `Stopped: ${stopped}.` : "No department is stopped." };
  }
}

async function attempt(check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}
