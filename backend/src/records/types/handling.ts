import type { Handling } from "./record-type.ts";

/**
 * Who may have what, by sensitivity of the item. Levels follow GB/T 43697-2024 appendix H; publication follows
 * 发改办财金〔2018〕424号 (certificate numbers are collected, never published) and PIPL arts 27–28.
 */

/** What the law publishes about organisations: name, code, decision, authority, dates. */
export const published: Handling = {
  grade: 1,
  share: "unconditional",
  open: "unconditional",
  mask: "none",
  publication: "always",
};

/** The subject's name: an organisation's is public, a natural person's is personal information. */
export const subjectName: Handling = {
  grade: 2,
  share: "unconditional",
  open: "conditional",
  mask: "name",
  publication: "organisations",
};

/** The legal representative: a registered item (市场主体登记管理条例 art. 8), lawfully public, yet personal. */
export const registeredPerson: Handling = {
  grade: 2,
  share: "unconditional",
  open: "none",
  mask: "name",
  publication: "companies",
};

/** Identity and certificate numbers of natural persons. */
export const identityNumber: Handling = {
  grade: 4,
  share: "conditional",
  open: "none",
  mask: "idNumber",
  publication: "never",
};

/** Applicants, contacts, officers by name: personal, of some harm when known. */
export const personal: Handling = {
  grade: 3,
  share: "conditional",
  open: "none",
  mask: "name",
  publication: "never",
};

/** The kind of certificate that a person has: harmless without the number, yet nobody's business. */
export const certificateKind: Handling = { ...personal, grade: 2, mask: "none" };

/** Where a business is: its seat is public, a person's home is not. */
export const address: Handling = { ...personal, grade: 2, mask: "address", publication: "organisations" };

/** Working data of the departments: shared on request, not published. */
export const internal: Handling = {
  grade: 2,
  share: "conditional",
  open: "none",
  mask: "hidden",
  publication: "never",
};
