export const LEVELS = ["province", "city", "county"] as const;
export type Level = (typeof LEVELS)[number];

/** The level of an area by its code (GB/T 2260): 省级 `11 00 00`, 地级 `41 01 00`, 县级 `11 01 08`. */
export function levelOf(area: string): Level {
  if (area.endsWith("0000")) return "province";
  return area.endsWith("00") ? "city" : "county";
}

/** The digits by which the areas within an area begin: of a province two, of a city four. */
export function prefixOf(area: string): string {
  return area.replace(/(00){0,2}$/, "");
}
