import type { KeyEncryption, WrappedKey } from "./key-encryption.ts";

/**
 * The KMS in force beside the one that was before, while an installation moves from one to the other: what either wrapped is
 * opened, everything new is wrapped by the one in force, and rewrapping moves the rest. A KEK is destroyed where it lies.
 */
export class BothKeyEncryptions implements KeyEncryption {
  readonly #inForce: KeyEncryption;
  readonly #former: KeyEncryption;
  readonly #isFormer: (kek: string) => boolean;

  /** @param isFormer tells by its id whether a KEK lies in the former one */
  constructor(inForce: KeyEncryption, former: KeyEncryption, isFormer: (kek: string) => boolean) {
    this.#inForce = inForce;
    this.#former = former;
    this.#isFormer = isFormer;
  }

  wrap(keys: readonly Buffer[]): Promise<WrappedKey[]> {
    return this.#inForce.wrap(keys);
  }

  unwrap(wrapped: readonly WrappedKey[]): Promise<(Buffer | null)[]> {
    return this.#each(
      wrapped,
      (ours) => this.#inForce.unwrap(ours),
      (theirs) => this.#former.unwrap(theirs),
    );
  }

  rewrap(wrapped: readonly WrappedKey[]): Promise<WrappedKey[]> {
    return this.#each(
      wrapped,
      (ours) => this.#inForce.rewrap(ours),
      async (theirs) => {
        const keys = await this.#former.unwrap(theirs);
        if (keys.includes(null)) throw new Error("a data key does not open under its key-encryption key");
        return this.#inForce.wrap(keys as Buffer[]);
      },
    );
  }

  recent(): Promise<string> {
    return this.#inForce.recent();
  }

  current(): Promise<string> {
    return this.#inForce.current();
  }

  rotate(): Promise<string> {
    return this.#inForce.rotate();
  }

  /** None destroys the one that it holds current, so the former gets a new one first, which will never wrap anything. */
  async destroy(keks: readonly string[]): Promise<void> {
    const theirs = keks.filter((kek) => this.#isFormer(kek));
    const ours = keks.filter((kek) => !this.#isFormer(kek));
    if (ours.length > 0) await this.#inForce.destroy(ours);
    if (theirs.length === 0) return;
    if (theirs.includes(await this.#former.current())) await this.#former.rotate();
    await this.#former.destroy(theirs);
  }

  /** Asks each about its own; answers in the order given. */
  async #each<T>(
    wrapped: readonly WrappedKey[],
    ask: (ours: readonly WrappedKey[]) => Promise<T[]>,
    askFormer: (theirs: readonly WrappedKey[]) => Promise<T[]>,
  ): Promise<T[]> {
    const theirs = wrapped.filter(({ kek }) => this.#isFormer(kek));
    if (theirs.length === 0) return ask(wrapped);
    const ours = wrapped.filter(({ kek }) => !this.#isFormer(kek));
    const answers = (ours.length > 0 ? await ask(ours) : []).values();
    const answersOfFormer = (await askFormer(theirs)).values();
    return wrapped.map(({ kek }) => (this.#isFormer(kek) ? answersOfFormer : answers).next().value!);
  }
}
