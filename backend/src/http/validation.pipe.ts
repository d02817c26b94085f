import { StandardSchemaValidationPipe } from "@nestjs/common";
import { fault, problem } from "../records/problems.ts";
import { Refusal } from "./refusal.ts";

/** At most so many problems are listed: their number is in the hands of whoever wrote the request. */
const MAX_LISTED = 20;

/** Checks parameters and bodies against their zod schemas; what does not fit is INVALID_PARAMETER. */
export const validationPipe = new StandardSchemaValidationPipe({ exceptionFactory: invalidParameter });

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a zod schema finds wrong, as the client is told. */
export function invalidParameter(issues: readonly Issue[]): Refusal {
  return new Refusal("INVALID_PARAMETER", {
    problems: issues.slice(0, MAX_LISTED).map(({ path, message }) => {
      const name = path?.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
      return problem(name || null, fault("INVALID_PARAMETER", message, message));
    }),
  });
}
