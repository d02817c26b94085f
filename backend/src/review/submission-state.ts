/** What becomes of a submission that a second person must approve (二人复核). */
export const SUBMISSION_STATES = ["waiting", "approved", "refused"] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];

export type Decision = "approve" | "refuse";

const DECIDED: Readonly<Record<Decision, SubmissionState>> = { approve: "approved", refuse: "refused" };

/**
 * The state after a decision; the same decision again changes nothing, another one after it is too late.
 * @returns null when it was decided otherwise already
 */
export function next(state: SubmissionState, decision: Decision): SubmissionState | null {
  const decided = DECIDED[decision];
  return state === "waiting" || state === decided ? decided : null;
}
