/** The chain did not answer, or answered that it is busy or behind: the same call may succeed later. */
export class ChainUnavailable extends Error {}

/** The chain answered, and repeating the call changes nothing (a revert, a refused transaction). */
export class ChainRefused extends Error {}

/** A node takes the transaction only for a higher price: too low for the block, or for replacing another one of its nonce. */
export class PriceTooLow extends ChainRefused {}
