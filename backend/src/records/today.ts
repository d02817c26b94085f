/** Today in China (UTC+8), `YYYY-MM-DD`: the only clock that decides which day an act was on. */
export function todayInChina(now: number = Date.now()): string {
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
}
