import { setTimeout as sleep } from "node:timers/promises";

/** One process of the platform: how it is started, and what there is of it to kill. */
export interface Part {
  readonly name: string;
  /** Resolves when it runs, with a promise of its end. */
  start(): Promise<{ readonly ended: Promise<unknown> }>;
  pids(): number[];
}

const PAUSE_MS = 100;

/** Keeps a part up, as systemd would: whatever ends it, it is started again. */
export class Supervised {
  readonly part: Part;
  readonly #say: (line: string) => void;
  #up = Promise.withResolvers<undefined>();
  #stopping = false;
  readonly #loop: Promise<void>;

  constructor(part: Part, say: (line: string) => void) {
    this.part = part;
    this.#say = say;
    this.#loop = this.#keepUp();
  }

  /** Resolves when it runs, now or after its next start. */
  up(): Promise<unknown> {
    return this.#up.promise;
  }

  /** @returns how many processes the signal reached */
  signal(signal: NodeJS.Signals): number {
    return this.part.pids().filter((pid) => reached(pid, signal)).length;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const kill = setInterval(() => this.signal("SIGKILL"), PAUSE_MS);
    this.signal("SIGKILL");
    await this.#loop;
    clearInterval(kill);
  }

  async #keepUp(): Promise<void> {
    while (!this.#stopping) {
      try {
        const { ended } = await this.part.start();
        this.#up.resolve(undefined);
        await ended;
      } catch (error) {
        this.#say(`${this.part.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
      }
      this.#up.resolve(undefined);
      this.#up = Promise.withResolvers();
      await sleep(PAUSE_MS);
    }
  }
}

/** Sends a signal. @returns false when there is no such process any more */
export function reached(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false;
  }
}
