import type { Hex, Kind } from "@quanlian/proof";
import type { Ledger } from "../chain/ledger.ts";
import type { DepartmentState, KeyLife } from "../chain/words.ts";

/** As the registry's own `wasAuthorised`: the department held the kind, was not suspended, and the key was good. */
export function wasAuthorised(history: readonly DepartmentState[], life: KeyLife, kind: Kind, moment: number): boolean {
  const state = history.findLast(({ since }) => since <= moment);
  if (!state || state.suspended || ((state.capabilities >> kind) & 1) === 0) return false;
  return life.from !== 0 && life.from <= moment && (life.until === 0 || moment < life.until);
}

/** What the registry says of departments and keys, asked once for each of them. */
export class Authority {
  readonly #ledger: Ledger;
  readonly #histories = new Map<string, Promise<DepartmentState[]>>();
  readonly #lives = new Map<string, Promise<KeyLife>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  historyOf(department: string): Promise<DepartmentState[]> {
    return kept(this.#histories, department, () => this.#ledger.historyOf(department));
  }

  /** @param key thumbprint of a statement key, or address of a signer @param moment Unix seconds */
  async wasGood(department: string, kind: Kind, key: Hex, moment: number): Promise<boolean> {
    return wasAuthorised(await this.historyOf(department), await this.#lifeOf(department, key), kind, moment);
  }

  /** Whether the registry ever held this key for this department. */
  async knows(department: string, key: Hex): Promise<boolean> {
    return (await this.#lifeOf(department, key)).from !== 0;
  }

  #lifeOf(department: string, key: Hex): Promise<KeyLife> {
    return kept(this.#lives, `${department} ${key}`, () => this.#ledger.lifeOf(department, key));
  }
}

function kept<T>(known: Map<string, Promise<T>>, name: string, ask: () => Promise<T>): Promise<T> {
  const asked = known.get(name) ?? ask();
  known.set(name, asked);
  return asked;
}
