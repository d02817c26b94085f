/** Today in China (UTC+8), `YYYY-MM-DD`: the only clock that decides which day an act was on. */
export function todayInChina(now: number = Date.now()): string {
  return new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** The instant an `eventTime` stands for: of a day, its first in China. RFC 3339. */
export function instantOf(eventTime: string): string {
  return eventTime.length === 10 ? `${eventTime}T00:00:00+08:00` : eventTime;
}

/** The first instant after a day in China. */
export function endOfDay(day: string): Date {
  return new Date(Date.parse(instantOf(day)) + 86_400_000);
}
