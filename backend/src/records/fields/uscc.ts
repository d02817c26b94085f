import { fault, type Fault } from "../problems.ts";
import { readArea } from "./area.ts";
import { lostDigitsFault, plainCode } from "./text.ts";

/** The 31 symbols of GB 32100-2015: no I, O, S, V, Z. */
const symbols = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const shape = /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/;
const valueOf = new Map([...symbols].map((symbol, value) => [symbol, value]));

/** 3^i mod 31 (GB 32100-2015, table 2). */
const weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/** GB 11714, for the eight characters of the organisation code. */
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];

/** A readable code, perhaps with a warning, or what is wrong with it. */
export type UsccReading = { readonly uscc: string; readonly warning?: Fault } | { readonly fault: Fault };

/**
 * Reads a unified social credit code (统一社会信用代码, GB 32100-2015), normalised to half width and upper case.
 * A wrong overall check character (position 18) is a fault. A wrong inner check (GB 11714, position 17) or an area
 * in no province is only a warning: a few codes issued early break the one, and the list of areas changes.
 */
export function readUscc(cell: string): UsccReading {
  const uscc = plainCode(cell);
  if (!shape.test(uscc)) return { fault: lostDigitsFault(uscc) ?? shapeFault(uscc) };
  if (uscc[17] !== usccCheck(uscc)) {
    return {
      fault: fault(
        "USCC_CHECK_FAILED",
        "请对照营业执照或批准证书核对18位代码",
        "Compare the 18 characters with the business licence",
      ),
    };
  }
  if (uscc[16] !== organisationCheck(uscc.slice(8, 16))) return { uscc, warning: innerCheck };
  if (readArea(uscc.slice(2, 8)).known === "none") return { uscc, warning: areaUnknown };
  return { uscc };
}

const innerCheck = fault("USCC_ORGANISATION_CHECK", "请核对代码第9至17位", "Check characters 9 to 17 of the code");
const areaUnknown = fault("AREA_UNKNOWN", "请核对代码第3至8位", "Check characters 3 to 8 of the code");

/** True for a normalised code whose overall check is right. */
export function isUscc(code: string): boolean {
  return shape.test(code) && code[17] === usccCheck(code);
}

/** The check character for the first 17 characters of a code (GB 32100-2015 §5, modulus 31). */
export function usccCheck(code: string): string {
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += (valueOf.get(code[i]!) ?? 0) * weights[i]!;
  return symbols[(31 - (sum % 31)) % 31]!;
}

/** The check character for the 8 characters of an organisation code (GB 11714, modulus 11, letters A=10 … Z=35). */
export function organisationCheck(body: string): string {
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += Number.parseInt(body[i]!, 36) * organisationWeights[i]!;
  return "0X987654321"[sum % 11]!;
}

function shapeFault(code: string): Fault {
  if (/^\d{15}$/.test(code)) {
    return fault(
      "USCC_MALFORMED",
      "这是旧的15位工商注册号，请填18位统一社会信用代码",
      "This is an old 15-digit registration number; give the 18-character code",
    );
  }
  if (code.length !== 18) {
    return fault("USCC_MALFORMED", `应为18位，现为${code.length}位`, `It must have 18 characters, not ${code.length}`);
  }
  if (/[IOSVZ]/.test(code)) {
    return fault(
      "USCC_MALFORMED",
      "代码中没有字母 I、O、S、V、Z，请检查是否与数字混淆",
      "The code never holds the letters I, O, S, V, Z; check for digits read as letters",
    );
  }
  return fault(
    "USCC_MALFORMED",
    "第3至8位应为数字，其余为数字或大写字母",
    "Characters 3 to 8 must be digits, the others digits or capitals",
  );
}
