import { createPrivateKey, createPublicKey } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { Inject, Injectable } from "@nestjs/common";
import { type Hex, type Kind, type PublicJwk, type Subject, thumbprint } from "@quanlian/proof";
import { DataSource } from "typeorm";
import { LedgerState } from "../anchoring/ledger-state.entity.ts";
import { accountOf } from "../chain/batch-signing.ts";
import { Ledger, readIdentity } from "../chain/ledger.ts";
import { RpcClient } from "../chain/rpc-client.ts";
import { Config } from "../config.ts";
import { toHex } from "../database/bytea.ts";
import { RowSeals } from "../database/row-seals.ts";
import { Department } from "../departments/department.entity.ts";
import { HostedKey, type KeyPurpose } from "../departments/hosted-key.entity.ts";
import { secretContext, versionOf } from "../departments/keys.ts";
import { KeyVault } from "../departments/key-vault.ts";
import { Finding } from "../findings/finding.entity.ts";
import { FINDING, sealedFinding } from "../findings/finding-seal.ts";
import { type Stream, StreamKeys } from "../subjects/stream-keys.service.ts";
import type { Authority } from "./authority.ts";
import type { Found } from "./found.ts";
import { onceFollowed } from "./rollback.ts";
import type { Layer } from "./integrity-difference.entity.ts";
import type { StreamName } from "./integrity-run.entity.ts";

const STREAMS = 1_000;

type Compared = readonly [field: string, stored: unknown, expected: unknown];

interface DepartmentRow {
  readonly uscc: string;
  readonly capabilities: number;
  readonly keeps_own_keys: boolean;
  readonly without_secret: boolean | null;
  readonly signer_version: number;
  readonly statement_key_version: number;
  readonly has_signer: boolean;
  readonly has_statement_key: boolean;
  readonly next_sequence: string;
  readonly following: string;
}

interface StreamRow {
  readonly subject_type: Subject["type"];
  readonly subject_id: string;
  readonly kind: Kind;
  readonly year: number;
  readonly stream_key: Buffer;
  readonly is_used: boolean;
}

/** The tables beside records and batches that hold what proofs are made with: departments, keys, streams, the ledger, findings. */
@Injectable()
export class TableWalk {
  constructor(
    private readonly dataSource: DataSource,
    private readonly ledger: Ledger,
    @Inject(RpcClient) private readonly client: RpcClient,
    private readonly config: Config,
    private readonly vault: KeyVault,
    private readonly seals: RowSeals,
    private readonly streamKeys: StreamKeys,
  ) {}

  /** Everything but the streams, which are many. */
  async small(authority: Authority): Promise<Found[]> {
    return [
      ...(await this.#departments(authority)),
      ...(await this.#hostedKeys(authority)),
      ...(await onceFollowed(() => this.#ledgerState(), isFollowed)),
      ...(await this.#findings()),
      ...(await this.#orphans()),
      ...(await this.#unsealedProofs()),
    ];
  }

  /**
   * The next thousand streams: each key is that of a record of this stream, which is looked at elsewhere, or is derived.
   * `last` is undefined at the end.
   */
  async streams(after: StreamName | undefined): Promise<{ found: Found[]; last: StreamName | undefined }> {
    const rows: StreamRow[] = await this.dataSource.query(
      `select s.*, exists (select from record r where (r.kind, r.year, r.stream_key, r.subject_id, r.subject_type)
         = (s.kind, s.year, s.stream_key, s.subject_id, s.subject_type)) as is_used
       from stream s where $1::text is null or (s.subject_id, s.subject_type, s.kind, s.year) > ($1, $2, $3::smallint, $4::smallint)
       order by s.subject_id, s.subject_type, s.kind, s.year limit $5`,
      [...(after ?? [null, null, null, null]), STREAMS],
    );
    const found = rows.filter((row) => !row.is_used).flatMap((row) => this.#stream(row));
    const last = rows.length < STREAMS ? undefined : rows.at(-1)!;
    return { found, last: last && [last.subject_id, last.subject_type, last.kind, last.year] };
  }

  #stream({ subject_type, subject_id, kind, year, stream_key }: StreamRow): Found[] {
    const subject: Subject = { type: subject_type, id: subject_id };
    const fields = "subject_type, subject_id, kind, year, stream_key";
    return unequal("stream", [[fields, toHex(stream_key), this.#derived({ subject, kind, year })]], {});
  }

  /** Null when no stream can have this name. */
  #derived(stream: Stream): Hex | null {
    try {
      return this.streamKeys.derive(stream);
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) return null;
      throw error;
    }
  }

  async #departments(authority: Authority): Promise<Found[]> {
    const rows: DepartmentRow[] = await this.dataSource.query(
      `select d.uscc, d.capabilities, d.next_sequence, d.signer_version, d.statement_key_version,
         ${inUse("signer", "signer_version")} as has_signer, ${inUse("statement", "statement_key_version")} as has_statement_key, coalesce(max(b.sequence), 0) + 1 as following, d.keeps_own_keys,
         (select bool_and(k.sealed_secret is null) from hosted_key k where k.department = d.uscc) as without_secret
       from department d left join batch b on b.department = d.uscc group by d.uscc order by d.uscc`,
    );
    const found: Found[] = [];
    for (const row of rows) {
      const { uscc, capabilities, next_sequence, following, keeps_own_keys, without_secret } = row;
      const state = (await authority.historyOf(uscc)).at(-1);
      const compared: Compared[] = [
        ["uscc", uscc, state ? uscc : null],
        ["capabilities", capabilities, state?.capabilities ?? null],
        ["keeps_own_keys", keeps_own_keys, without_secret ?? keeps_own_keys],
        ["signer_version, version", row.signer_version, row.has_signer ? row.signer_version : null],
        [
          "statement_key_version, version",
          row.statement_key_version,
          row.has_statement_key ? row.statement_key_version : null,
        ],
        ["next_sequence", Number(next_sequence), Number(following)],
      ];
      found.push(...unequal("department", compared, { department: uscc }));
    }
    return found;
  }

  /** Each secret that should be here is, opens, belongs to its public half, and the registry knows that once it is used. */
  async #hostedKeys(authority: Authority): Promise<Found[]> {
    const found: Found[] = await this.#lostSecrets();
    const departments = await this.dataSource.getRepository(Department).find();
    const used = new Map(departments.map((department) => [department.uscc, department]));
    for (const key of await this.dataSource.getRepository(HostedKey).find()) {
      const { department, purpose, publicKey, sealedSecret } = key;
      const secret = sealedSecret && this.#secretOf(key, sealedSecret);
      if (sealedSecret && !secret) {
        found.push({ layer: "hostedKey", field: "department, purpose, sealed_secret", ...UNOPENED, department });
        continue;
      }
      const expected = secret ? publicHalf(purpose, secret) : publicKey;
      const print = purpose === "signer" ? null : thumbprint(expected as unknown as PublicJwk);
      const name = print ?? (expected.address as Hex);
      const user = used.get(department);
      const isComing = user !== undefined && key.version > versionOf(user, purpose);
      const compared: Compared[] = [
        ["public_key", publicKey, expected],
        ["thumbprint", key.thumbprint, print],
        ["sealed_secret", isComing || (await authority.knows(department, name)) ? name : null, name],
      ];
      found.push(...unequal("hostedKey", compared, { department }));
    }
    return found;
  }

  async #lostSecrets(): Promise<Found[]> {
    const rows: { department: string }[] = await this.dataSource.query(
      `select k.department from hosted_key k join department d on d.uscc = k.department
       where k.sealed_secret is null and not d.keeps_own_keys order by k.department, k.purpose`,
    );
    const lost = { layer: "hostedKey", field: "sealed_secret", stored: null, expected: "a secret" } as const;
    return rows.map(({ department }) => ({ ...lost, department }));
  }

  #secretOf({ department, purpose }: HostedKey, sealedSecret: Buffer): Buffer | null {
    try {
      return this.vault.open(sealedSecret, secretContext(department, purpose));
    } catch {
      return null;
    }
  }

  async #ledgerState(): Promise<Found[]> {
    const [state] = await this.dataSource.getRepository(LedgerState).find();
    if (!state) return [{ layer: "ledger", field: "ledger", stored: null, expected: this.ledger.identity.ledger }];
    const { ledgerAddress, registryAddress } = this.config;
    const actual = await readIdentity(this.client, ledgerAddress, registryAddress);
    const block = await this.ledger.blockAt(state.scannedBlock);
    const [row]: { beyond: number }[] = await this.dataSource.query(
      `select count(*)::int as beyond from batch, ledger_state where status = 'final' and block_number > scanned_block`,
    );
    return unequal(
      "ledger",
      [
        ["ledger", state.ledger, actual.ledger],
        ["registry", state.registry, actual.registry],
        ["chain_id", state.chainId, actual.chainId],
        ["genesis_hash", state.genesisHash, actual.genesisHash],
        ["prefix_bits", state.prefixBits, actual.prefixBits],
        ["vrf_keys", state.vrfKeys, actual.vrfKeys.slice(0, Math.max(1, state.vrfKeys.length))],
        ["scanned_block, scanned_hash", state.scannedHash, block?.hash ?? null],
        ["scanned_block", `${row!.beyond} final batches lie beyond it`, "0 final batches lie beyond it"],
      ],
      {},
    );
  }

  async #findings(): Promise<Found[]> {
    const findings = await this.dataSource.getRepository(Finding).find({ order: { id: "ASC" } });
    return findings.flatMap((finding) =>
      this.seals.altered(FINDING, sealedFinding(finding), finding.seal).map((field): Found => {
        const { department, record } = finding;
        return {
          layer: "finding",
          field,
          stored: "changed",
          expected: `as it was found: ${finding.id}`,
          department,
          record,
        };
      }),
    );
  }

  /** Where blocks carry no seals, no batch has a proof of them. */
  async #unsealedProofs(): Promise<Found[]> {
    if (this.ledger.sealed) return [];
    const rows: { department: string; sequence: string }[] = await this.dataSource.query(
      `select department, sequence from batch where finality is not null order by department, sequence`,
    );
    return rows.map(({ department, sequence }) => {
      const proof = { layer: "batch", field: "finality", stored: "a proof", expected: null } as const;
      return { ...proof, department, sequence: Number(sequence) };
    });
  }

  /** Rows that hang on records or batches that are not there. */
  async #orphans(): Promise<Found[]> {
    const rows: { layer: Layer; field: string; record: string }[] = await this.dataSource.query(
      `select 'links' as layer, 'record' as field, l.record from record_link l
         left join record r on r.id = l.record where r.id is null
       union all
       select 'supersession', 'id', s.id from supersession s left join record r on r.id = s.id where r.id is null
       union all
       select 'batch', 'batch', r.id from record r left join batch b on b.id = r.batch
         where r.batch is not null and b.id is null`,
    );
    return rows.map((row) => ({ ...row, stored: row.record, expected: null }));
  }
}

const UNOPENED = { stored: "cannot be opened", expected: "sealed for this department and purpose" } as const;

function publicHalf(purpose: KeyPurpose, secret: Buffer): Record<string, string> {
  return purpose === "signer" ? { address: accountOf(secret) } : { ...jwkOf(secret) };
}

function jwkOf(secret: Buffer): PublicJwk {
  const key = createPublicKey(createPrivateKey({ key: secret, format: "der", type: "pkcs8" }));
  const { x, y } = key.export({ format: "jwk" });
  return { kty: "EC", crv: "P-256", x: x!, y: y! };
}

function unequal(layer: Layer, compared: readonly Compared[], place: Pick<Found, "department">): Found[] {
  return compared
    .filter(([, stored, expected]) => !isDeepStrictEqual(stored, expected))
    .map(([field, stored, expected]) => ({ layer, field, stored: shown(stored), expected: shown(expected), ...place }));
}

function shown(value: unknown): string | null {
  if (value === null || typeof value === "string") return value;
  return JSON.stringify(value);
}

function isFollowed(found: readonly Found[]): boolean {
  return !found.some(({ field }) => field?.startsWith("scanned"));
}

/** Whether the key is there that a department says it uses. */
function inUse(purpose: KeyPurpose, version: string): string {
  return `exists (select from hosted_key k
    where k.department = d.uscc and k.purpose = '${purpose}' and k.version = d.${version})`;
}
