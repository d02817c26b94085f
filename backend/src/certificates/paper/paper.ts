import type { Bilingual } from "../../records/problems.ts";

/** One record as a line of the paper's table. */
export interface PaperRecord {
  readonly day: string;
  readonly type: Bilingual;
  readonly number: string;
  readonly department: string;
  readonly state: Bilingual;
  /** The disclosed fields, spelt out below the line where the paper is about single records. */
  readonly fields: readonly { readonly label: Bilingual; readonly value: string }[];
}

/** Everything that a certificate on paper says; the same paper is always printed as the same bytes. */
export interface Paper {
  readonly letterhead: Bilingual;
  readonly title: Bilingual;
  readonly facts: readonly { readonly label: Bilingual; readonly value: string }[];
  /** What is proven, and what is not. */
  readonly statements: readonly Bilingual[];
  readonly limits: readonly Bilingual[];
  readonly records: readonly PaperRecord[];
  readonly verification: {
    /** Where the proof is fetched and verified; in the QR code. */
    readonly address: string;
    readonly code: string;
    readonly steps: readonly Bilingual[];
  };
  /** Unix seconds. */
  readonly issuedAt: number;
  /** SHA-256 of the certificate file, hex. */
  readonly fingerprint: string;
}
