/** One login of one person in one browser, as its owner may see it. */
export interface Session {
  readonly id: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  /** When it ends however much it is used. */
  readonly endsAt: Date;
  /** When it ends if it is not used. */
  readonly idleEndsAt: Date;
}
