import { createHmac, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import type { Subject } from "@quanlian/proof";

/** In place of the blind index, once the person was erased from a record. */
export const ERASED_SUBJECT = "erased";

/**
 * How subjects stand in the database: organisations by their public code, natural persons by a keyed blind index in place of
 * their certificate. The key is derived from the VRF's secret: whoever holds that can test guesses against the stream keys on
 * the chain anyway, so no second secret can.
 */
export class SubjectIndex {
  readonly #key: KeyObject;

  constructor(vrfSecret: Uint8Array) {
    this.#key = createSecretKey(new Uint8Array(hkdfSync("sha256", vrfSecret, "", "quanlian/subject-index/1", 32)));
  }

  /** A person's id becomes 64 hex digits. */
  stored({ type, id }: Subject): Subject {
    if (type === "uscc") return { type, id };
    return { type, id: createHmac("sha256", this.#key).update(id).digest("hex") };
  }
}
