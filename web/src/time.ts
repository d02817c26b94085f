import type { Language } from "./preferences.ts";

const locale: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };
const china = "Asia/Shanghai";

/** A calendar day `YYYY-MM-DD` in words: 2026年3月2日, 2 March 2026. It has no time zone and gets none. */
export function dayInWords(language: Language, day: string): string {
  return new Intl.DateTimeFormat(locale[language], { dateStyle: "long", timeZone: "UTC" }).format(new Date(day));
}

/** A moment in China time, to the second, wherever the reader sits. */
export function momentInWords(language: Language, moment: Date): string {
  const date = new Intl.DateTimeFormat(locale[language], { dateStyle: "long", timeZone: china }).format(moment);
  const time = new Intl.DateTimeFormat(locale[language], { timeStyle: "medium", timeZone: china, hourCycle: "h23" });
  return `${date} ${time.format(moment)}`;
}

/** `YYYY-MM-DD` stays a day, an RFC 3339 text with +08:00 is a moment; anything else is null. */
export function eventInWords(language: Language, text: string): string | null {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+08:00)?$/.test(text) || Number.isNaN(Date.parse(text))) return null;
  return text.includes("T") ? momentInWords(language, new Date(text)) : dayInWords(language, text);
}

export const momentOf = (unixSeconds: number): Date => new Date(unixSeconds * 1000);
