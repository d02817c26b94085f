import type { Fees, RawTransaction } from "../chain/words.ts";

/** What a relayed transaction carries. */
export interface Cargo {
  readonly kind: "batch" | "supersession";
  readonly id: string;
}

/** Something that is ready to be sent to the ledger now, in its turn. */
export interface Shipment {
  readonly cargo: Cargo;
  /** The signed transaction with a nonce; nothing is sent. */
  prepare(nonce: number, fees: Fees): Promise<RawTransaction>;
}
