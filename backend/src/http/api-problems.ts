import { applyDecorators } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { ProblemDocument } from "./problem.ts";

/** What any route with a JSON body may refuse. */
export const JSON_PROBLEMS: readonly ErrorCode[] = [
  "MALFORMED_JSON",
  "DUPLICATE_KEY",
  "TOO_DEEP",
  "NUMBER_INEXACT",
  "NOT_UTF8",
  "INVALID_PARAMETER",
  "TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
];

/** Documents the codes that a route may refuse with, one response a status. */
export function ApiProblems(...codes: ErrorCode[]): MethodDecorator {
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status);
  return applyDecorators(
    ...[...byStatus].map(([status, group]) =>
      ApiResponse({
        status,
        description: group.map((code) => `\`${code}\` ${ERRORS[code].en}`).join("; "),
        standardSchema: ProblemDocument,
      }),
    ),
  );
}
