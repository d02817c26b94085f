import type { BatchedStatement, BlockReference, CertificateSupersession, Entry, Hex, Kind } from "@quanlian/proof";
import { merkleTree, presentStatement } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { DataSource, type Repository } from "typeorm";
import { LedgerState } from "../anchoring/ledger-state.entity.ts";
import { ChainUnavailable } from "../chain/chain-error.ts";
import { keccak } from "../chain/keccak.ts";
import { Ledger } from "../chain/ledger.ts";
import { fromHex, toHex } from "../database/bytea.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { keyThatSigned } from "../departments/statement-key.ts";
import { nativeEs256 } from "../native-es256.ts";
import { PersonalFields, type StoredParts } from "../personal/personal-fields.ts";
import type { Json } from "../records/types/record-type.ts";
import { SubjectIndex } from "../subjects/subject-index.ts";
import type { CertificateOrder } from "./certificate-order.ts";

/** A final record of the subject, with what became of it. */
export interface OwnRecord {
  readonly id: string;
  readonly type: string;
  readonly kind: Kind;
  readonly department: string;
  readonly fields: Readonly<Record<string, Json>>;
  readonly statement: string;
  readonly batch: string;
  readonly batchIndex: number;
  readonly supersession: CertificateSupersession | null;
}

interface OwnRow extends StoredParts {
  readonly type: string;
  readonly kind: Kind;
  readonly department: string;
  readonly record_hash: Buffer;
  readonly batch: string;
  readonly batch_index: number;
  readonly successor: Buffer | null;
  readonly by: string | null;
  readonly reason: number | null;
  readonly at: string | null;
}

interface BatchRow {
  readonly id: string;
  readonly department: string;
  readonly kind: Kind;
  readonly year: number;
  readonly sequence: string;
  readonly count: number;
  readonly root: Buffer;
  readonly hashes: Buffer[];
}

/** What certificates are made of, as it is stored, as of one final block. */
@Injectable()
export class CertificateParts {
  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(LedgerState) private readonly states: Repository<LedgerState>,
    private readonly departments: DepartmentsService,
    private readonly ledger: Ledger,
    private readonly personal: PersonalFields,
    private readonly subjects: SubjectIndex,
  ) {}

  /** The newest block up to which everything on the ledger has been taken in. @throws ChainUnavailable */
  async newestBlock(): Promise<BlockReference> {
    const { chainId, genesisHash, ledger } = this.ledger.identity;
    const { scannedBlock, scannedHash } = await this.states.findOneByOrFail({ ledger });
    const block = await this.ledger.blockAt(scannedBlock);
    if (block?.hash !== scannedHash) throw new ChainUnavailable("the node does not have the newest final block");
    const { number: blockNumber, hash: blockHash, time: blockTime } = block;
    return { chainId, genesisHash, ledger, blockNumber, blockHash, blockTime };
  }

  /** All pairs of a bucket, in the order of anchoring. */
  async pairsOf(kind: Kind, year: number, bucket: bigint, block: number): Promise<Entry[]> {
    const [from, to] = keysOf(bucket, this.ledger.identity.prefixBits);
    const rows: { stream_key: Buffer; record_hash: Buffer }[] = await this.dataSource.query(
      `select r.stream_key, r.record_hash from record r join batch b on b.id = r.batch
       where r.kind = $1 and r.year = $2 and r.stream_key between $3 and $4
         and b.status = 'final' and b.block_number <= $5
       order by b.block_number, b.log_index, r.batch_index`,
      [kind, year, fromHex(from), fromHex(to), block],
    );
    return rows.map((row) => ({ streamKey: toHex(row.stream_key), recordHash: toHex(row.record_hash) }));
  }

  /** The subject's records that the order is about, in the order of anchoring. */
  async ownRecords({ subject, kinds, period, records }: CertificateOrder, block: number): Promise<OwnRecord[]> {
    const [first, last] = period ? [yearOf(period.from), yearOf(period.to)] : [null, null];
    const rows: OwnRow[] = await this.dataSource.query(
      `select r.id, r.type, r.kind, r.department, r.fields, r.statement, r.personal, r.record_hash, r.batch, r.batch_index,
         s.successor, s.by, s.reason, s.block_time as at
       from record r join batch b on b.id = r.batch
       left join supersession s on s.record_hash = r.record_hash and s.department = r.department
         and s.status = 'final' and s.block_number <= $3
       where r.subject_id = $1 and r.subject_type = $2 and b.status = 'final' and b.block_number <= $3
         and ($4::uuid[] is null or r.id = any($4))
         and ($5::smallint[] is null or (r.kind = any($5) and r.year between $6 and $7))
       order by b.block_number, b.log_index, r.batch_index`,
      [
        ...[this.subjects.stored(subject).id, subject.type, block],
        ...(period ? [null, kinds, first, last] : [records, null, null, null]),
      ],
    );
    return (await this.personal.open(rows)).map(toOwn);
  }

  /** The records with the paths to the roots of their batches, each disclosing the claims given with it. */
  async batched(
    shown: readonly { readonly record: OwnRecord; readonly claims: readonly string[] }[],
  ): Promise<BatchedStatement[]> {
    const batches = await this.#batchesOf(shown.map(({ record }) => record.batch));
    const keys = await this.departments.statementKeys(shown.map(({ record }) => keyThatSigned(record.statement)));
    return shown.map(({ record, claims }) => {
      const { batch, tree } = batches.get(record.batch)!;
      const statementKey = keys.get(keyThatSigned(record.statement));
      if (!statementKey) throw new Error(`no statement key for record ${record.id}`);
      const statement = presentStatement(record.statement, claims, nativeEs256);
      return { statement, statementKey, batch, path: tree.path(record.batchIndex) };
    });
  }

  async #batchesOf(ids: readonly string[]) {
    const rows: BatchRow[] = await this.dataSource.query(
      `select b.id, b.department, b.kind, b.year, b.sequence, b.count, b.root,
         array_agg(r.record_hash order by r.batch_index) as hashes
       from batch b join record r on r.batch = b.id where b.id = any($1) group by b.id`,
      [[...new Set(ids)]],
    );
    return new Map(
      rows.map(({ id, hashes, root, sequence, ...batch }) => [
        id,
        {
          batch: { ...batch, sequence: Number(sequence), root: toHex(root) },
          tree: merkleTree(hashes.map(toHex), keccak),
        },
      ]),
    );
  }
}

function toOwn(row: OwnRow): OwnRecord {
  const { id, type, kind, department, fields, statement, batch, batch_index: batchIndex } = row;
  const supersession = row.successor && {
    ...{ department, recordHash: toHex(row.record_hash), successor: toHex(row.successor) },
    ...{ by: row.by!, reason: row.reason!, at: Number(row.at) },
  };
  return { id, type, kind, department, fields, statement, batch, batchIndex, supersession };
}

/** The first and the last stream key of a bucket. */
function keysOf(bucket: bigint, prefixBits: number): [from: Hex, to: Hex] {
  const width = 1n << BigInt(256 - prefixBits);
  const key = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
  return [key(bucket * width), key((bucket + 1n) * width - 1n)];
}

function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}
