/** Tells people what is going on; silent when a machine is listening. */
export class Story {
  readonly #silent: boolean;
  readonly #began = performance.now();
  #step = 0;

  constructor(silent: boolean) {
    this.#silent = silent;
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  step(title: string): void {
    this.#say(`\n${++this.#step}. ${title}  (${this.seconds.toFixed(0)} s)`);
  }

  line(text: string): void {
    this.#say(`   ${text}`);
  }

  #say(text: string): void {
    if (!this.#silent) console.log(text);
  }
}
