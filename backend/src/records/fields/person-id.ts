import { fault, type Fault } from "../problems.ts";
import { dayExists } from "./dates.ts";
import { lostDigitsFault, plainCode } from "./text.ts";

/** A certificate by which a person is identified: the code of the e-licence platform and the 双公示 wording. */
export interface CertificateType {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly aliases: readonly string[];
}

/** 证件类型. The first of each code is the official wording; 双公示 systems also use 01–05 in the template's order. */
export const certificateTypes: readonly CertificateType[] = [
  { code: "111", zh: "身份证", en: "Resident identity card", aliases: ["01", "公民身份号码", "居民身份证"] },
  { code: "414", zh: "护照号", en: "Passport", aliases: ["02", "护照", "普通护照"] },
  { code: "516", zh: "港澳居民来往内地通行证", en: "Mainland travel permit (Hong Kong, Macao)", aliases: ["03"] },
  { code: "511", zh: "台湾居民来往大陆通行证", en: "Mainland travel permit (Taiwan)", aliases: ["04"] },
  { code: "553", zh: "外国人永久居留身份证", en: "Permanent residence card", aliases: ["05", "外国人永久居留证"] },
  { code: "114", zh: "军官证", en: "Officer's card", aliases: [] },
  { code: "115", zh: "武警警官证", en: "Armed police officer's card", aliases: [] },
  { code: "118", zh: "士兵证", en: "Soldier's card", aliases: [] },
  { code: "119", zh: "武警士兵证", en: "Armed police soldier's card", aliases: [] },
  { code: "120", zh: "文职人员证", en: "Civilian staff's card", aliases: ["122"] },
  { code: "411", zh: "外交护照", en: "Diplomatic passport", aliases: [] },
  { code: "412", zh: "公务护照", en: "Service passport", aliases: [] },
  { code: "413", zh: "公务普通护照", en: "Passport for public affairs", aliases: [] },
  { code: "999", zh: "其他自然人有效证件", en: "Other certificate of a person", aliases: ["其他"] },
];

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

export type PersonIdReading = { readonly id: string; readonly fault?: undefined } | { readonly fault: Fault };

/** Reads the number of a certificate. Identity cards (111) are checked by GB 11643, others only for their form. */
export function readCertificateNumber(typeCode: string, cell: string): PersonIdReading {
  const id = plainCode(cell);
  const lost = lostDigitsFault(id);
  if (lost) return { fault: lost };
  if (typeCode === "111") return readIdentityNumber(id);
  if (/^[0-9A-Z()-]{4,32}$/.test(id)) return { id };
  return { fault: fault("PERSON_ID_MALFORMED", "应为4至32位数字或字母", "It must be 4 to 32 digits or letters") };
}

function readIdentityNumber(id: string): PersonIdReading {
  if (!/^[1-9]\d{16}[\dX]$/.test(id)) {
    const hint = /^\d{15}$/.test(id)
      ? fault(
          "PERSON_ID_MALFORMED",
          "15位旧号码已停用，请填18位",
          "15-digit numbers are no longer valid; give the 18-digit one",
        )
      : fault("PERSON_ID_MALFORMED", "身份证号码应为18位", "An identity number has 18 characters");
    return { fault: hint };
  }
  if (!dayExists(Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14)))) {
    return {
      fault: fault("PERSON_ID_MALFORMED", "号码中的出生日期不存在", "The date of birth in the number does not exist"),
    };
  }
  if (id[17] !== identityCheck(id)) {
    return { fault: fault("PERSON_ID_CHECK_FAILED", "请对照证件核对号码", "Compare the number with the card") };
  }
  return { id };
}

/** The check character for the first 17 digits of an identity number (GB 11643-1999, ISO 7064 MOD 11-2). */
export function identityCheck(id: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += Number(id[i]) * weights[i]!;
  return "10X98765432"[sum % 11]!;
}
