import { fault, type Fault } from "../problems.ts";
import { lostDigitsFault, plainCode, unprintableFault } from "./text.ts";

export type DocumentNumberReading = { readonly number: string; readonly fault?: undefined } | { readonly fault: Fault };

/**
 * Reads a document or case number so that one document has one number however it was typed: half width, no spaces,
 * capitals, one kind of dash, and the year in 〔〕 as 党政机关公文格式 (GB/T 9704-2012 §7.2.5) writes it:
 * `京海市监罚（2026） 12 号` becomes `京海市监罚〔2026〕12号`. Leading zeros are kept: they are part of the number.
 */
export function readDocumentNumber(cell: string): DocumentNumberReading {
  const broken = unprintableFault(cell);
  if (broken) return { fault: broken };
  const number = plainCode(cell).replace(dashes, "-").replace(bracketedYear, "〔$1〕");
  const lost = lostDigitsFault(number);
  if (lost) return { fault: lost };
  if (!/[\p{L}\p{N}]/u.test(number)) {
    return {
      fault: fault(
        "DOCUMENT_NUMBER_MALFORMED",
        "请填完整文书号；没有文书号的填许可证号",
        "Give the full number; without one, the licence's number",
      ),
    };
  }
  return { number };
}

const dashes = /[\u2010-\u2015\u2212\uFE63]+/g;
const bracketedYear = /[([{<【〔〖《﹝](\d{4})[)\]}>】〕〗》﹞]/g;
