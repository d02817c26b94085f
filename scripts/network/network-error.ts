/** What went wrong, in a sentence for the person at the keyboard. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}
