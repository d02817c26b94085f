import {
  type BatchedStatement,
  buildCertificate,
  type CertificateSource,
  type Kind,
  readStatement,
  rpcChain,
  type Step,
  streamKey,
  type Verdict,
  verify,
} from "@quanlian/proof";
import type { PartQuestions } from "@quanlian/proof/finality";
import { Inject, Injectable } from "@nestjs/common";
import { ChainUnavailable } from "../chain/chain-error.ts";
import { ChainRpc } from "../chain/chain-rpc.ts";
import { Ledger } from "../chain/ledger.ts";
import { PLATFORM_KEYS, type PlatformKeys } from "../departments/key-file.ts";
import { kidOf } from "../departments/statement-key.ts";
import { nativeEs256 } from "../native-es256.ts";
import { libsodium } from "../subjects/libsodium.ts";
import { Trust } from "../verification/trust.service.ts";
import type { CertificateRefusal } from "./certificate-job.entity.ts";
import type { CertificateOrder } from "./certificate-order.ts";
import { CertificateParts, type OwnRecord } from "./certificate-parts.ts";
import { claimsToShow } from "./disclosure.ts";

/** The longest document that `verify` reads, in characters (proof/src/verify.ts). */
const LONGEST = 64 * 1024 * 1024;
/** As many records as a certificate may show (docs/format.md §7). */
const MOST_RECORDS = 100_000;

/** The document with its verdict and the number of streams and records in it, or why there is none. */
export type Made =
  | { readonly document: string; readonly verdict: Verdict; readonly steps: number }
  | { readonly refusal: CertificateRefusal };

/** Told how many streams and records are gathered, of how many. */
export type Progress = (done: number, total: number) => Promise<void>;

/** Makes a certificate as of the newest final block, and hands out none that does not pass its own verification. */
@Injectable()
export class CertificateMaker {
  constructor(
    private readonly parts: CertificateParts,
    private readonly ledger: Ledger,
    private readonly trust: Trust,
    private readonly rpc: ChainRpc,
    @Inject(PLATFORM_KEYS) private readonly keys: PlatformKeys,
  ) {}

  /** @throws ChainUnavailable when the same order may succeed later */
  async make(order: CertificateOrder, now: number, progress: Progress): Promise<Made> {
    const block = await this.parts.newestBlock();
    const own = await this.parts.ownRecords(order, block.blockNumber);
    const problem = countProblem(order, own);
    if (problem) return { refusal: problem };
    const total = own.length + streamsOf(order).length;
    let done = 0;
    const count = (more: number) => progress((done += more), total);
    const shown = own.flatMap((record) => {
      const claims = claimsToShow(record, record.supersession !== null, order);
      return claims === null ? [] : [{ record, claims }];
    });
    const records = await this.parts.batched(shown);
    await count(own.length);
    const source: CertificateSource = {
      ...block,
      finality: await this.#prove(order, records, block.blockNumber),
      prefixBits: this.ledger.identity.prefixBits,
      vrfSecretKey: () => this.keys.vrfSecret,
      pairsOf: async (kind, year, bucket) => {
        const pairs = await this.parts.pairsOf(kind, year, bucket, block.blockNumber);
        await count(1);
        return pairs;
      },
      records,
      supersessions: shown.flatMap(({ record }) => record.supersession ?? []),
    };
    const { departments } = order;
    const draft = { ...order, scope: departments && { departments }, issuedAt: now };
    const document = JSON.stringify(await buildCertificate(draft, [source]));
    if (document.length > LONGEST) return { refusal: { code: "CERTIFICATE_TOO_LARGE", facts: {} } };
    const verdict = await this.#verify(document, now);
    const refusal = refusalOf(verdict);
    return refusal ? { refusal } : { document, verdict, steps: total };
  }

  /** The state of the block behind everything that the certificate says, where the chain's blocks are sealed. */
  async #prove(order: CertificateOrder, records: readonly BatchedStatement[], block: number) {
    const { prefixBits } = this.ledger.identity;
    const streams = streamsOf(order).map(({ kind, year }) => {
      return { kind, year, streamKey: streamKey(this.keys.vrfSecret, order.subject, kind, year, libsodium) };
    });
    return this.ledger.proveState(block, { streams, records: records.map(questionOf), prefixBits });
  }

  /** Asks the verifier that everybody else will ask. */
  #verify(document: string, now: number): Promise<Verdict> {
    const { own } = this.trust;
    const trust = this.trust.list(now);
    return verify(document, {
      trust,
      now,
      suites: [nativeEs256],
      chain: (named) => (named === own ? rpcChain(this.rpc.send, own) : undefined),
    });
  }
}

/** What of the ledger's state concerns a record that is shown. */
function questionOf({
  statement,
  batch: { department, sequence },
}: BatchedStatement): PartQuestions["records"][number] {
  const read = readStatement(statement, nativeEs256);
  if (!read.ok) throw new Error(`a stored statement cannot be read: ${read.code}`);
  return { department, sequence, recordHash: read.recordHash, thumbprint: kidOf(read) };
}

function refusalOf({ verdict, steps }: Verdict): CertificateRefusal | null {
  if (verdict === "valid") return null;
  const { step, code, evidence } = deciding(steps);
  if (code === "NOT_CLEAN") return { code, facts: { ...evidence } };
  const sentence = `a certificate just made is ${verdict}: ${step} ${code} ${JSON.stringify(evidence)}`;
  throw verdict === "undecided" ? new ChainUnavailable(sentence) : new Error(sentence);
}

function deciding(steps: readonly Step[]): Step {
  return (steps.find(({ outcome }) => outcome === "failed") ?? steps.find(({ outcome }) => outcome === "unknown"))!;
}

function countProblem({ purpose, records }: CertificateOrder, own: readonly OwnRecord[]): CertificateRefusal | null {
  if (own.length > MOST_RECORDS) return { code: "CERTIFICATE_TOO_LARGE", facts: { records: own.length } };
  if (purpose !== "record" || own.length === records.length) return null;
  const found = new Set(own.map(({ id }) => id));
  return { code: "NOT_FINAL", facts: { records: records.filter((id) => !found.has(id)) } };
}

function streamsOf({ kinds, period }: CertificateOrder): { kind: Kind; year: number }[] {
  if (!period) return [];
  const [first, last] = [Number(period.from.slice(0, 4)), Number(period.to.slice(0, 4))];
  return kinds.flatMap((kind) => Array.from({ length: last - first + 1 }, (_, i) => ({ kind, year: first + i })));
}
