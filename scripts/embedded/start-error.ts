/** Something the person who starts Quanlian can mend; `message` is the one sentence that tells what and how. */
export class StartError extends Error {}
