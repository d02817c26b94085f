/** What the budget that all processes share has given, or not. Times are milliseconds since 1970. */
export interface Share {
  readonly granted: boolean;
  /** What is left for everybody. */
  readonly remaining: number;
  /** When the whole budget is there again. */
  readonly until: number;
}

/** Takes so many units out of the shared budget. */
export type Take = (units: number) => Promise<Share>;

/**
 * One client's stock of a shared budget: units are fetched by the block and spent in memory, so that most requests cost
 * no query. What a block holds when its window ends, or its process, is lost: a client gets at most one block a process
 * less than the limit, and never more than the limit.
 */
export class Reserve {
  readonly #take: Take;
  readonly #block: number;
  #left = 0;
  #share: Share = { granted: true, remaining: 0, until: 0 };
  #fetching: Promise<void> | undefined;

  constructor(take: Take, block: number) {
    this.#take = take;
    this.#block = block;
  }

  /** Whether the window that it has counted in is over. */
  isOver(now: number): boolean {
    return now >= this.#share.until;
  }

  /** Spends one unit, or says that there is none; `remaining` includes what is in stock here. */
  async spend(clock: () => number): Promise<Share> {
    while (this.#left === 0 || this.isOver(clock())) {
      await (this.#fetching ??= this.#fetch().finally(() => (this.#fetching = undefined)));
      if (!this.#share.granted) return this.#share;
    }
    this.#left--;
    return { ...this.#share, remaining: this.#share.remaining + this.#left };
  }

  async #fetch(): Promise<void> {
    this.#share = await this.#take(this.#block);
    this.#left = this.#share.granted ? this.#block : 0;
  }
}
