import { setTimeout as sleep } from "node:timers/promises";
import { randomOf } from "../dataset/random.ts";
import { Audit, type Findings } from "./audit.ts";
import { Load } from "./load.ts";
import { meddler } from "./meddlers.ts";
import { type Fault, planRound, type PartName, SERVICES } from "./plan.ts";
import { Stage } from "./stage.ts";

/** A record that is not final after this long, with every fault over, counts as lost. A machine may be busy otherwise. */
const PATIENCE_MS = 900_000;
/** So much time for each fault of a round. */
const PACE_MS = 350;

export interface RoundSize {
  readonly kills: number;
  readonly others: number;
  readonly records: number;
}

export interface RoundReport extends Findings {
  readonly round: number;
  readonly seconds: number;
  /** Of this platform, all rounds so far. */
  readonly soFar: {
    readonly kills: number;
    readonly accepted: number;
    readonly faults: Readonly<Record<string, number>>;
  };
}

/** One platform and the rounds that are played on it, one after the other. */
export class Rounds {
  kills = 0;
  /** How often each fault really struck. */
  readonly faults: Record<string, number> = {};
  readonly load: Load;
  readonly #stage: Stage;
  readonly #audit: Audit;
  readonly #seed: string;

  private constructor(stage: Stage, seed: string) {
    this.#stage = stage;
    this.#seed = seed;
    this.load = new Load(stage.url, stage.tokens());
    this.#audit = new Audit(stage, this.load);
  }

  static async open(seed: string): Promise<Rounds> {
    return new Rounds(await Stage.open(), seed);
  }

  /** Plays a round and waits until everything has come to rest. */
  async play(round: number, { kills, others, records }: RoundSize): Promise<RoundReport> {
    const began = performance.now();
    const random = randomOf(this.#seed, round);
    this.#stage.backUpChain();
    const lastsMs = PACE_MS * (kills + others);
    void this.load.send(records, lastsMs, randomOf(this.#seed, round, "load"));
    const faults = planRound(random, kills, others, lastsMs);
    await Promise.all(faults.map(({ at, fault }, i) => sleep(at).then(() => this.#strike(fault, `${round}/${i}`))));
    const findings = await this.#rest();
    const accepted = this.load.known.filter((known) => known.accepted).length;
    const soFar = { kills: this.kills, accepted, faults: { ...this.faults } };
    return { round, seconds: (performance.now() - began) / 1000, soFar, ...findings };
  }

  logs(): string {
    return this.#stage.logs();
  }

  close(): Promise<void> {
    this.load.giveUp();
    return this.#stage.close();
  }

  /** A chain that went back may not have been noticed yet, so the audit is repeated: what is doubled or wrong stays so. */
  async #rest(): Promise<Findings> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      while (Date.now() < until && !(await this.#isAtRest())) await sleep(300);
      const findings = await this.#look();
      const bad = [...findings.lost, ...findings.doubled, ...findings.wrong];
      if (bad.length === 0 || Date.now() > until) return findings;
      await sleep(1_000);
    }
  }

  #isAtRest(): Promise<boolean> {
    return this.#audit.isAtRest().catch(() => false);
  }

  async #look(): Promise<Findings> {
    try {
      const findings = await this.#audit.run();
      return { ...findings, wrong: [...findings.wrong, ...this.load.surprises] };
    } catch (error) {
      return { lost: [], doubled: [], wrong: [`the audit fails: ${(error as Error).message}`] };
    }
  }

  #note(name: string): void {
    this.faults[name] = (this.faults[name] ?? 0) + 1;
  }

  #kill(part: PartName): void {
    const reached = this.#stage.signal(part, "SIGKILL");
    if (reached > 0) this.#killed(part);
  }

  #killed(whom: string): void {
    this.kills++;
    this.#note(`kill ${whom}`);
  }

  async #strike(fault: Fault, name: string): Promise<void> {
    const stage = this.#stage;
    switch (fault.fault) {
      case "kill":
        if (fault.whom === "backend")
          return stage.killBackend(randomOf(this.#seed, name).pick) ? this.#killed("backend") : undefined;
        for (const part of fault.whom === "everything" ? ([...SERVICES, "node", "postgres"] as const) : [fault.whom])
          this.#kill(part);
        return;
      case "pause":
        if (stage.signal(fault.whom, "SIGSTOP") > 0) this.#note(`pause ${fault.whom}`);
        await sleep(fault.forMs);
        stage.signal(fault.whom, "SIGCONT");
        return;
      case "meddle":
        this.#note(`node: ${fault.how}`);
        stage.node.meddle(meddler(fault.how, stage.node, randomOf(this.#seed, name)));
        await sleep(fault.forMs);
        return stage.node.meddle(undefined);
      case "cut":
        this.#note("connections to the database cut");
        return stage.cutDatabase();
      case "reorganise":
        return this.#attempt("reorganised", () => this.#reorganise(fault.forMs));
      case "restore":
        return this.#attempt("node restored from a backup", async () => {
          if ((await stage.restoreChain()) > 0) this.#killed("node");
        });
      case "fill disk":
        return this.#fillDisk(fault.whose, fault.forMs);
      case "shift clock":
        stage.shiftClock(fault.whom, fault.shiftMs);
        this.#note("clock shifted");
        return this.#kill(fault.whom);
    }
  }

  /** Other faults may have taken the node away meanwhile: then this one has not struck. */
  async #attempt(name: string, strike: () => Promise<void>): Promise<void> {
    const struck = await strike().then(
      () => true,
      () => false,
    );
    if (struck) this.#note(name);
  }

  async #reorganise(forMs: number): Promise<void> {
    const { rpc } = this.#stage;
    const snapshot = await rpc<string>("evm_snapshot");
    await sleep(forMs);
    const head = Number(await rpc<string>("eth_blockNumber"));
    if (!(await rpc<boolean>("evm_revert", [snapshot]))) throw new Error("the node has forgotten the snapshot");
    const left = Number(await rpc<string>("eth_blockNumber"));
    await rpc("anvil_mine", [`0x${(head - left + 1).toString(16)}`]);
  }

  async #fillDisk(whose: "postgres" | "node", forMs: number): Promise<void> {
    const disk = this.#stage.disks[whose];
    if (!disk) return this.#note("disk not filled: that takes root");
    this.#note(`disk of ${whose} full`);
    disk.fill();
    await sleep(forMs);
    disk.free();
  }
}
