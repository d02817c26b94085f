interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Does together what arrives one by one: while some groups are under way, what comes gathers for the next, so that under
 * load one transaction, or one question to a node, serves many, and each waits for its own group only.
 */
export class Groups<Item, Result> {
  readonly #settle: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  readonly #most: { readonly items: number; readonly groups: number };
  readonly #waiting: Waiting<Item, Result>[] = [];
  #running = 0;

  /**
   * @param settle gives what becomes of each item, in their order; a failure stands in its place. When it rejects, all have failed
   * @param most items of a group, and groups under way at a time
   */
  constructor(
    settle: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
    most: { readonly items: number; readonly groups: number },
  ) {
    this.#settle = settle;
    this.#most = most;
  }

  /** Items that no group has taken up yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** What becomes of the item. Items of one turn of the event loop go together. */
  take(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      setImmediate(() => this.#start());
    });
  }

  #start(): void {
    if (this.#running >= this.#most.groups || this.#waiting.length === 0) return;
    const group = this.#waiting.splice(0, this.#most.items);
    this.#running++;
    void this.#answer(group).finally(() => {
      this.#running--;
      this.#start();
    });
  }

  async #answer(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#settle(group.map(({ item }) => item));
      for (const [i, { resolve, reject }] of group.entries()) {
        const result = results[i]!;
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
