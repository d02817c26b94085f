import type { Subject } from "@quanlian/proof";
import { certificateTypes, readCertificateNumber } from "../fields/person-id.ts";
import { readUscc } from "../fields/uscc.ts";
import { fault, type Fault } from "../problems.ts";

/** What a record says of its subject's identity, each part as its format read it. */
export interface SubjectParts {
  readonly uscc?: string;
  readonly certificateType?: string;
  readonly certificateNumber?: string;
  /** The number of an identity card, in layouts that have a column for nothing else. */
  readonly identityNumber?: string;
}

export type SubjectReading =
  | { readonly subject: Subject; readonly warning?: Fault; readonly fault?: undefined }
  | { readonly fault: Fault; readonly part: Part };

type Part = keyof SubjectParts;

const codes = new Map(certificateTypes.map(({ code, zh }) => [zh, code]));

/** The one subject that the parts name: an organisation by its credit code, a person by a certificate. */
export function subjectOf(parts: SubjectParts): SubjectReading {
  const { uscc, certificateType, certificateNumber, identityNumber } = parts;
  const part = certificateNumber === undefined ? "identityNumber" : "certificateNumber";
  if ([uscc, certificateNumber, identityNumber].filter((one) => one !== undefined).length > 1) {
    return { fault: ambiguous, part };
  }
  if (uscc !== undefined) return { subject: { type: "uscc", id: uscc } };
  if (identityNumber !== undefined) return ofCertificate("身份证", identityNumber, "identityNumber");
  if (certificateNumber === undefined) return { fault: missing, part: "uscc" };
  return ofCertificate(certificateType, certificateNumber);
}

function ofCertificate(type: string | undefined, number: string, part: Part = "certificateNumber"): SubjectReading {
  if (type === "统一社会信用代码") return ofUscc(number);
  const code = type === undefined ? undefined : codes.get(type);
  if (code === undefined) return { fault: noCode, part: "certificateType" };
  const reading = readCertificateNumber(code, number);
  if (reading.fault) return { fault: reading.fault, part };
  return { subject: { type: "person", id: `${code}:${reading.id}` } };
}

function ofUscc(number: string): SubjectReading {
  const reading = readUscc(number);
  if ("fault" in reading) return { fault: reading.fault, part: "certificateNumber" };
  return { subject: { type: "uscc", id: reading.uscc }, warning: reading.warning };
}

/** Reads `{"type":"uscc"|"person","id":…}` as JSON callers may give it. */
export function readSubject(value: unknown): SubjectReading {
  const { type, id } = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (type === "uscc" && typeof id === "string") return ofUscc(id);
  const [, code, number] = type === "person" && typeof id === "string" ? (/^(\d{3}):(.+)$/.exec(id) ?? []) : [];
  const certificate = certificateTypes.find((known) => known.code === code);
  if (certificate === undefined || number === undefined) return { fault: malformed, part: "uscc" };
  return ofCertificate(certificate.zh, number);
}

const missing = fault(
  "SUBJECT_MISSING",
  "组织请填统一社会信用代码，自然人请填证件类型和号码",
  "Give an organisation's credit code, or a person's certificate and its number",
);
const ambiguous = fault(
  "SUBJECT_AMBIGUOUS",
  "已填统一社会信用代码的，请勿再填自然人证件号码",
  "With a credit code given, leave the person's certificate number empty",
);
const noCode = fault(
  "SUBJECT_MISSING",
  "请填可识别的证件类型；组织须有统一社会信用代码",
  "Give a known kind of certificate; an organisation needs its credit code",
);
const malformed = fault(
  "SUBJECT_MISSING",
  '应为 {"type":"uscc","id":…} 或 {"type":"person","id":"111:…"}',
  'It must be {"type":"uscc","id":…} or {"type":"person","id":"111:…"}',
);
