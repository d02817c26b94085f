import { areas, provinces, type Area } from "./area-codes.ts";

/** What is known of a code: the area itself, only its province, or nothing. */
export type AreaReading =
  | { readonly known: "area"; readonly area: Area }
  | { readonly known: "province"; readonly province: string }
  | { readonly known: "none" };

/**
 * Looks up a six-digit area code (GB/T 2260). Old codes are found too, with the day they ended: they live on in credit
 * codes, which never change. An unknown code is at most worth a warning: 110302 is in real credit codes and in no list.
 */
export function readArea(code: string): AreaReading {
  const area = areas.get(code);
  if (area) return { known: "area", area };
  const province = provinces.get(code.slice(0, 2));
  if (province && /^\d{6}$/.test(code)) return { known: "province", province };
  return { known: "none" };
}

/** Whether an area lies in another or is the same one: 110108 lies in 110100 and in 110000. */
export function liesIn(code: string, whole: string): boolean {
  return code.startsWith(whole.replace(/(00){1,2}$/, ""));
}
