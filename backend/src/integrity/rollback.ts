import { setTimeout as sleep } from "node:timers/promises";

/** Within this time the confirmation notices that a chain has gone back, if anybody works. */
const NOTICED_MS = 10_000;
const PAUSE_MS = 500;

/**
 * Looks until what is stored of the chain agrees with it: a chain that has just gone back looks like a state that was altered, until the
 * confirmation has followed it and raised its own alarm. @returns what was seen last, agreed or not
 */
export async function onceFollowed<T>(look: () => Promise<T>, isFollowed: (seen: T) => boolean): Promise<T> {
  const until = Date.now() + NOTICED_MS;
  for (;;) {
    const seen = await look();
    if (isFollowed(seen) || Date.now() > until) return seen;
    await sleep(PAUSE_MS);
  }
}
