import { indefinite } from "../fields/dates.ts";
import { readCertificateNumber } from "../fields/person-id.ts";
import { fault } from "../problems.ts";
import type { Rule } from "./record-type.ts";

/** `earlier` must not lie after `later`; days and moments compare by their day. */
export function inOrder(earlier: string, later: string, zh: string, en: string): Rule {
  const wrong = fault("DATES_OUT_OF_ORDER", zh, en);
  return {
    claim: later,
    severity: "error",
    check: ({ [earlier]: first, [later]: last }) =>
      isDay(first) && isDay(last) && first.slice(0, 10) > last.slice(0, 10) ? wrong : null,
  };
}

function isDay(value: unknown): value is string {
  return typeof value === "string" && value !== indefinite;
}

/** At least two officers must act (行政处罚法 art. 42): fewer is a warning, since the record of a wrong must be kept too. */
export const twoOfficers: Rule = {
  claim: "officers",
  severity: "warning",
  check: ({ officers }) => (Array.isArray(officers) && officers.length < 2 ? fewOfficers : null),
};
const fewOfficers = fault(
  "OFFICERS_FEWER_THAN_TWO",
  "请核对，执法人员不得少于两人",
  "Check: at least two officers must act",
);

/** A legal representative's identity number, when given with its kind of certificate, passes its own check. */
export const legalRepresentativeNumber: Rule = {
  claim: "legalRepresentativeCertificateNumber",
  severity: "error",
  check: ({ legalRepresentativeCertificateType: type, legalRepresentativeCertificateNumber: number }) => {
    if (type !== "身份证" || typeof number !== "string") return null;
    return readCertificateNumber("111", number).fault ?? null;
  },
};
