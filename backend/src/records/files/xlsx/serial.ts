/** Days from the 1900 epoch to the 1904 one. */
const epoch1904 = 1462;
const secondsPerDay = 86_400;
/** 9999-12-31, where Excel's calendar ends. */
const lastSerial = 2_958_465;

/**
 * A date serial as `YYYY-MM-DD`, with ` HH:MM:SS` when it has a time, or the time alone when it has no day; null when
 * there is no such day. In the 1900 system day 60 is the 29 February 1900 that never was (kept by Excel for files of
 * Lotus 1-2-3), so that all days before it are one later.
 */
export function serialText(serial: number, date1904: boolean): string | null {
  const seconds = Math.round((serial + (date1904 ? epoch1904 : 0)) * secondsPerDay);
  const day = Math.floor(seconds / secondsPerDay);
  if (!(seconds >= 0) || day > lastSerial || day === 60) return null;
  const sinceUnixEpoch = (day < 60 ? seconds + secondsPerDay : seconds) - 25_569 * secondsPerDay;
  const [date = "", time = ""] = new Date(sinceUnixEpoch * 1000).toISOString().slice(0, 19).split("T");
  if (day === 0) return time;
  return time === "00:00:00" ? date : `${date} ${time}`;
}
