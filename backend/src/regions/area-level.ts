export const LEVELS = ["province", "city", "county"] as const;
export type Level = (typeof LEVELS)[number];

/** The level of an area by its code (GB/T 2260): 省级 `11 00 00`, 地级 `41 01 00`, 县级 `11 01 08`. */
export function levelOf(area: string): Level {
  if (area.endsWith("0000")) return "province";
  return area.endsWith("00") ? "city" : "county";
}

/** Which departments are meant by where they are; what is left out does not narrow. */
export interface Territory {
  /** An area code, or the first two or four digits of one; pairs of zeros at its end stand for everything below. */
  readonly area?: string | undefined;
  readonly level?: Level | undefined;
}

export function liesWithin(area: string, { area: whole = "", level }: Territory): boolean {
  return area.startsWith(prefixOf(whole)) && (level === undefined || levelOf(area) === level);
}

/** The digits by which the areas within an area begin: of a province two, of a city four. */
export function prefixOf(area: string): string {
  return area.replace(/(00){0,2}$/, "");
}
