import { fault, type Fault } from "../problems.ts";

/** An amount in fen (分), an integer ≤ 2^53−1, or what is wrong with it. */
export type AmountReading = { readonly fen: number; readonly fault?: undefined } | { readonly fault: Fault };

/** Fen per unit as a power of ten: 1 万元 = 10^6 fen, 1 元 = 10^2 fen. */
const scale = { 万元: 6, 元: 2 } as const;

export type AmountUnit = keyof typeof scale;

/**
 * Reads an amount in 万元 (the unit of 双公示 files) or 元, exactly: by shifting the decimal point of the text, never
 * through floating point. Thousands separators, full-width digits, a leading ¥ and the heading's own unit are read;
 * another unit, a sign or fractions of a fen are refused.
 */
export function readAmount(cell: string, unit: AmountUnit): AmountReading {
  const text = plainAmount(cell, unit);
  if (/^-/.test(text)) return { fault: fault("AMOUNT_MALFORMED", "金额不能为负", "An amount cannot be negative") };
  if (!/^(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/.test(text)) return { fault: malformed(unit) };
  const [whole = "", fraction = ""] = text.replaceAll(",", "").split(".");
  const digits = fraction.replace(/0+$/, "");
  if (digits.length > scale[unit]) return { fault: tooPrecise(unit) };
  const fen = Number(whole + digits.padEnd(scale[unit], "0"));
  if (!Number.isSafeInteger(fen)) {
    return { fault: fault("AMOUNT_TOO_LARGE", `请核对单位，本列单位为${unit}`, "Check the unit of this column") };
  }
  return { fen };
}

/** The exact amount in 万元 with six decimals, as the double-publicity template writes it: 50000 fen is 0.050000. */
export function inTenThousandYuan(fen: number): string {
  return shifted(fen, scale.万元);
}

/** The exact amount in yuan with two decimals. */
export function inYuan(fen: number): string {
  return shifted(fen, scale.元);
}

function shifted(fen: number, places: number): string {
  const digits = String(fen).padStart(places + 1, "0");
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function plainAmount(cell: string, unit: AmountUnit): string {
  const text = cell
    .normalize("NFKC")
    .replace(/\s+/g, "")
    .replace(/，/g, ",")
    .replace(/^[¥￥]/, "");
  return text.endsWith(unit) ? text.slice(0, -unit.length) : text;
}

function malformed(unit: AmountUnit): Fault {
  return fault(
    "AMOUNT_MALFORMED",
    `请只填数字，单位为${unit}`,
    `Give digits only; the unit is ${unit === "元" ? "yuan" : "10,000 yuan"}`,
  );
}

function tooPrecise(unit: AmountUnit): Fault {
  return fault(
    "AMOUNT_TOO_PRECISE",
    `单位为${unit}时最多${scale[unit]}位小数`,
    `At most ${scale[unit]} decimals in this unit`,
  );
}
