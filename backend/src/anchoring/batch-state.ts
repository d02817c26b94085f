/** States of a batch and, through it, of its records (design.md "Lifecycle"). */
export const BATCH_STATES = ["sealed", "submitted", "final"] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** A record is `received` until a batch holds it; a `rejected` one never became a record. */
export const RECORD_STATES = ["received", ...BATCH_STATES] as const;
export type RecordState = (typeof RECORD_STATES)[number];

/**
 * What can happen to a sealed batch:
 * `sent` a node has taken its transaction (or it is on the chain already, not yet final);
 * `lost` its transaction is gone, or the chain was rolled back behind it;
 * `finalised` the ledger's event was read from a final block and its root equals ours.
 */
export const BATCH_EVENTS = ["sent", "lost", "finalised"] as const;
export type BatchEvent = (typeof BATCH_EVENTS)[number];

/**
 * All transitions; what is missing cannot happen. A sealed batch may become final unsent by us: whoever holds a
 * signed batch may relay it. A final one becomes sealed again only if the chain itself went back.
 */
const TRANSITIONS: Readonly<Record<BatchState, Partial<Record<BatchEvent, BatchState>>>> = {
  sealed: { sent: "submitted", lost: "sealed", finalised: "final" },
  submitted: { sent: "submitted", lost: "sealed", finalised: "final" },
  final: { lost: "sealed", finalised: "final" },
};

/** The state after `event`, or undefined when the event means nothing in this state. */
export function next(state: BatchState, event: BatchEvent): BatchState | undefined {
  return TRANSITIONS[state][event];
}

/** The states that `event` moves to `to`: what an UPDATE may start from. */
export function statesBefore(event: BatchEvent): BatchState[] {
  return BATCH_STATES.filter((state) => next(state, event) !== undefined);
}
