import { dayExists } from "./dates.ts";
import { identityCheck } from "./person-id.ts";
import { plainCode } from "./text.ts";

/** A run of digits as long as an identity number at least, however it was typed: full width, with spaces or dashes. */
const run = /[0-9０-９](?:[\s-]{0,2}[0-9０-９]){16,}[\s-]{0,2}[XxＸｘ]?/g;
/** The form of GB 11643 at any place of a run: licences of persons are often numbered by the holder's number and some more. */
const form = /(?=([1-9]\d{5}((?:19|20)\d\d)(\d\d)(\d\d)\d{3}[\dX]))/g;

/** 承诺编码: 20 digits of area, day and serial. There are none of before 国办发〔2019〕35号, which asks for them. */
const commitment = /^\d{6}20(?:19|[2-9]\d)\d{10}$/;

/**
 * The identity numbers (GB 11643-1999) that a text holds, by form, day of birth and check character.
 * @param bornBefore only of persons born before this year: a document's number of area, day and sequence passes the check
 *   character in one of eleven cases
 */
export function identityNumbersIn(text: string, bornBefore = Infinity): readonly string[] {
  const runs = (text.match(run) ?? []).map((digits) => plainCode(digits).replaceAll("-", ""));
  return runs
    .filter((digits) => !commitment.test(digits))
    .flatMap((digits) => [...digits.matchAll(form)])
    .filter(([, id, year, month, day]) => {
      const isBorn = Number(year) < bornBefore && dayExists(Number(year), Number(month), Number(day));
      return isBorn && id![17] === identityCheck(id!);
    })
    .map(([, id]) => id!);
}

/** A text that is stored in clear though it is anybody's wording, such as a file's name, with `***` for identity numbers. */
export function withoutIdentityNumbers(text: string): string {
  return text.replace(run, (digits) => (identityNumbersIn(digits).length > 0 ? "***" : digits));
}
