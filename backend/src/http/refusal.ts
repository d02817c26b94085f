import { ERRORS, type ErrorCode } from "../errors.ts";
import type { Problem } from "../records/problems.ts";
import type { Json } from "../records/types/record-type.ts";

/** Members that a refusal may carry beside its code. Nothing personal: it is logged and shown. */
export interface RefusalDetails {
  /** What is wrong, item by item. */
  readonly problems?: readonly Problem[];
  /** Facts a program may act on, such as the two record hashes of a conflict. */
  readonly facts?: { readonly [name: string]: Json };
  /** Seconds after which the same request may succeed. */
  readonly retryAfter?: number;
}

/** The service will not do what was asked; the code says why. Becomes a problem+json answer (RFC 9457). */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly details: RefusalDetails;

  constructor(code: ErrorCode, details: RefusalDetails = {}) {
    super(`${code}: ${ERRORS[code].en}`);
    this.code = code;
    this.details = details;
  }
}
