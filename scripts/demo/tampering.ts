/** One attempt and what came of it: a line of the demonstration's table. */
export interface Tampering {
  readonly what: string;
  readonly caught: boolean;
  /** Layer of the integrity run, or code of the verdict, that names it. */
  readonly code: string | null;
  readonly field: string | null;
}
