interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits items that arrive one by one in groups: under load one transaction serves many, and each item waits for its
 * own commit only. A group that fails is tried again one by one, so that no item suffers for its neighbours.
 */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #most: { readonly items: number; readonly groups: number };
  readonly #waiting: Waiting<Item, Result>[] = [];
  #running = 0;

  /**
   * @param commit resolves once the items are committed, with the result of each, in their order
   * @param most items of a group, and groups under way at a time: while some are in PostgreSQL, another is made ready
   */
  constructor(
    commit: (items: readonly Item[]) => Promise<readonly Result[]>,
    most: { readonly items: number; readonly groups: number },
  ) {
    this.#commit = commit;
    this.#most = most;
  }

  /** Items that no group has taken up yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves once the item is committed. Items of one turn of the event loop go together. */
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
    void this.#settle(group).finally(() => {
      this.#running--;
      this.#start();
    });
  }

  async #settle(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#commit(group.map(({ item }) => item));
      group.forEach(({ resolve }, i) => resolve(results[i]!));
    } catch (error) {
      if (group.length === 1) return group[0]!.reject(error);
      for (const one of group) await this.#settle([one]);
    }
  }
}
