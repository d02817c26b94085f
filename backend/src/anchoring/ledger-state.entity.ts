import type { Hex } from "@quanlian/proof";
import { Column, Entity, PrimaryColumn } from "typeorm";
import type { LedgerIdentity } from "../chain/words.ts";
import { hexColumn, integerColumn } from "../database/bytea.ts";

/** The one ledger this database belongs to, and how far its final blocks have been read. */
@Entity("ledger_state")
export class LedgerState {
  @PrimaryColumn({ type: "bytea", transformer: hexColumn })
  ledger: Hex;

  @Column({ type: "bytea", transformer: hexColumn })
  registry: Hex;

  @Column({ name: "chain_id", type: "bigint", transformer: integerColumn })
  chainId: number;

  @Column({ name: "genesis_hash", type: "bytea", transformer: hexColumn })
  genesisHash: Hex;

  @Column({ name: "prefix_bits", type: "smallint" })
  prefixBits: number;

  @Column({ name: "vrf_keys", type: "jsonb" })
  vrfKeys: LedgerIdentity["vrfKeys"];

  /** Every event up to this final block has been taken in. */
  @Column({ name: "scanned_block", type: "bigint", transformer: integerColumn })
  scannedBlock: number;

  @Column({ name: "scanned_hash", type: "bytea", transformer: hexColumn })
  scannedHash: Hex;
}
