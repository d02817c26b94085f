const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Pauses after the first, second … failed attempt, in milliseconds: some three and a half days in all. */
const PAUSES: readonly number[] = [
  ...[5 * SECOND, 30 * SECOND, 300 * SECOND, 1_800 * SECOND],
  ...[2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 30 * HOUR],
];
/** Each pause is drawn from its nominal length and a fifth more, so that what failed together does not return together. */
const JITTER = 0.2;

/** An endpoint that nothing has reached for so long is switched off when a message to it dies. */
export const PATIENCE_MS = 72 * HOUR;

/** After how many milliseconds to try again; null: never, the message is dead. @param random from [0, 1) */
export function pauseAfter(attempts: number, random: number): number | null {
  const pause = PAUSES[attempts - 1];
  return pause === undefined ? null : Math.round(pause * (1 + JITTER * random));
}

/** Only 2xx says that it was taken; a redirect is not followed, since it could lead anywhere. */
export function isTaken(outcome: string): boolean {
  return /^HTTP_2\d\d$/.test(outcome);
}
