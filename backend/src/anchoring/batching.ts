/** Records of one department, kind and year that no batch holds yet. */
export interface Group {
  readonly department: string;
  readonly kind: number;
  readonly year: number;
  /** How many wait, counted no further than the batch size. */
  readonly waiting: number;
  /** How long the oldest of them has waited, in milliseconds. */
  readonly age: number;
}

export interface BatchingRule {
  /** Records a batch holds at most. */
  readonly size: number;
  /** How long a record waits for company at most, in milliseconds. */
  readonly ageMs: number;
}

/** Whether a group is due: full, or its oldest record has waited long enough. */
export function isDue(group: Group, rule: BatchingRule): boolean {
  return group.waiting >= rule.size || (group.waiting > 0 && group.age >= rule.ageMs);
}

/** The groups to seal now, the longest waiting first, so that none starves. */
export function dueGroups(groups: readonly Group[], rule: BatchingRule): Group[] {
  return groups.filter((group) => isDue(group, rule)).toSorted((a, b) => b.age - a.age);
}
