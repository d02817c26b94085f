import { isDeepStrictEqual } from "node:util";
import {
  buildCertificate,
  bundleReceipts,
  presentStatement,
  readStatement,
  verify,
  type CertificateDraft,
  type Json,
  type Verdict,
} from "@quanlian/proof";
import { nodeEs256 } from "../../proof/cli/node-es256.ts";
import { readRecordedChain } from "../../proof/cli/recorded-chain.ts";
import { DISTRICT, ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, World, type Issued } from "../../proof/testing/world.ts";

/** One good document of each form with another good one of the same form, and a verifier that finds them all valid. */
export interface Specimens {
  readonly pairs: readonly (readonly [document: string, donor: string])[];
  check(document: string | Uint8Array): Promise<Verdict>;
  /** Something untrue that a valid verdict says of this world, or null: some changes leave a document true. */
  untruth(verdict: Verdict): string | null;
}

type Fields = Readonly<Record<string, Json>>;

export async function makeSpecimens(seed: string): Promise<Specimens> {
  const world = new World(seed, { prefixBits: 1 });
  const municipal = world.addDepartment(MUNICIPAL, [4, 5]);
  const district = world.addDepartment(DISTRICT, [4]);
  const first = [1, 2, 3].map((day) => world.issue(municipal, { eventTime: `2026-03-0${day}` }));
  const second = [4, 5].map((day) =>
    world.issue(district, { subject: OTHER_ENTERPRISE, eventTime: `2026-03-0${day}` }),
  );
  const misfiled = world.issue(municipal, { eventTime: "2026-04-01" });
  world.anchor(first, 4);
  world.anchor(second, 4);
  world.anchor([misfiled], 4, { misfiledUnder: OTHER_ENTERPRISE });
  const corrected = first[1]!;
  world.supersede(corrected, first[2]!, 1);

  const draft: CertificateDraft = {
    purpose: "history",
    subject: ENTERPRISE,
    kinds: [4],
    scope: null,
    period: { from: "2026-01-01", to: "2026-06-30" },
    issuedAt: world.now,
  };
  const shown = (records: readonly Issued[], names?: string[]) => [
    world.source(records.map((record) => world.batched(record, names))),
  ];
  const history = await buildCertificate(draft, shown(first));
  const otherHistory = await buildCertificate({ ...draft, subject: OTHER_ENTERPRISE }, shown(second, []));
  const later = { from: "2026-05-01", to: "2026-06-30" };
  const cleanRecord = await buildCertificate(
    { ...draft, purpose: "clean-record", period: later },
    shown(first, ["eventTime"]),
  );
  const receipts = [first[0]!, first[2]!].map((record) => world.receipt(record));
  const misconduct = { format: "quanlian-misconduct/1", receipt: world.receipt(misfiled), certificate: history };
  const contents = [municipal, district].map((department) =>
    [500_000, 900_000].map((amountFen) =>
      world.issue(department, { number: "京示罚〔2026〕12号", fields: { amountFen, links: [] } }),
    ),
  );
  const equivocations = contents.map((two) => ({
    format: "quanlian-equivocation/1",
    suite: "ES256-SHA256-KECCAK",
    chainId: world.trusted.chainId,
    genesisHash: world.trusted.genesisHash,
    ledger: world.trusted.ledger,
    statementKey: two[0]!.department.signer.publicJwk,
    statements: two.map(({ statement }) => presentStatement(statement, ["number", "links", "amountFen"])),
  }));
  const pairs: [unknown, unknown][] = [
    [receipts[0], world.receipt(second[0]!)],
    [bundleReceipts(receipts), bundleReceipts([world.receipt(second[1]!)])],
    [history, otherHistory],
    [cleanRecord, history],
    [misconduct, { ...misconduct, certificate: otherHistory }],
    [equivocations[0], equivocations[1]],
  ];
  const recorded = world.recorded();
  const everything = [...first, ...second, misfiled];
  return {
    pairs: pairs.map(([document, donor]) => [JSON.stringify(document), JSON.stringify(donor)]),
    check: (document) => {
      const chain = () => readRecordedChain(recorded);
      return verify(document, { trust: world.trust, chain, now: world.now, suites: [nodeEs256] });
    },
    untruth: (verdict) => {
      switch (verdict.format) {
        case "quanlian-receipt/1":
          return recordUntruth(hashIn(verdict, "statement"), verdict.disclosed, everything, corrected);
        case "quanlian-bundle/1":
          return bundleUntruth(verdict, everything, corrected);
        case "quanlian-certificate/1":
          return certificateUntruth(
            verdict,
            [
              { subject: ENTERPRISE, records: first },
              { subject: OTHER_ENTERPRISE, records: [...second, misfiled] },
            ],
            corrected,
          );
        case "quanlian-equivocation/1":
          return equivocationUntruth(verdict, contents);
        default:
          return hashIn(verdict, "conclusion") === misfiled.recordHash ? null : "a record that was filed well";
      }
    },
  };
}

function hashIn({ steps }: Verdict, name: string): Json {
  return steps.find(({ step }) => step === name)?.evidence.recordHash ?? null;
}

function recordUntruth(
  recordHash: Json,
  fields: Fields,
  all: readonly Issued[],
  corrected: Issued | null,
): string | null {
  const issued = all.find((record) => record.recordHash === recordHash);
  if (!issued) return "a record that nobody issued";
  if (issued === corrected) return "a corrected record that stands";
  const truth = readStatement(issued.statement);
  const wrong = Object.keys(fields).find((name) => !truth.ok || !isDeepStrictEqual(truth.fields[name], fields[name]));
  return wrong === undefined ? null : `the field ${wrong}`;
}

function bundleUntruth({ steps, disclosed }: Verdict, all: readonly Issued[], corrected: Issued): string | null {
  const said = disclosed.receipts as unknown as Required<Said>[];
  const hashes = steps.filter(({ step }) => step === "receipt").map(({ evidence }) => evidence.recordHash ?? null);
  if (hashes.join() !== said.map(({ recordHash }) => recordHash).join()) return "another order of the receipts";
  const problems = said.map(({ recordHash, fields }) => recordUntruth(recordHash, fields, all, corrected));
  return problems.find((problem) => problem !== null) ?? null;
}

/** The two records that are said to be one too many must be the two that a department signed, with what each says. */
function equivocationUntruth({ disclosed }: Verdict, contents: readonly (readonly Issued[])[]): string | null {
  const said = disclosed.records as unknown as Required<Said>[];
  const hashes = new Set(said.map(({ recordHash }) => recordHash));
  const two = contents.find((issued) => issued.every(({ recordHash }) => hashes.has(recordHash)));
  if (!two || said.length !== 2) return "two records that do not contradict each other";
  const problems = said.map(({ recordHash, fields }) => recordUntruth(recordHash, fields, two, null));
  return problems.find((problem) => problem !== null) ?? null;
}

interface Said {
  readonly recordHash: string;
  readonly fields?: Fields;
  readonly superseded?: { readonly reason: number };
}

/** Streams as they really are, by their subject. */
type Streams = readonly { readonly subject: unknown; readonly records: readonly Issued[] }[];

function certificateUntruth({ disclosed, steps }: Verdict, streams: Streams, corrected: Issued): string | null {
  const stream = streams.find(({ subject }) => isDeepStrictEqual(subject, disclosed.subject));
  const said = disclosed.records as unknown as Said[];
  const real = stream?.records ?? [];
  if (!isDeepStrictEqual(disclosed.kinds, [4])) return "the kinds";
  if (
    !isDeepStrictEqual(
      said.map(({ recordHash }) => recordHash),
      real.map(({ recordHash }) => recordHash),
    )
  )
    return "the records";
  for (const { recordHash, fields, superseded } of said) {
    const problem = fields && recordUntruth(recordHash, fields, real, null);
    if (problem) return problem;
    if (fields && (superseded?.reason === 1) !== (recordHash === corrected.recordHash))
      return "what became of a record";
  }
  if (
    disclosed.purpose === "clean-record" &&
    real.some((record) => record !== corrected && isInPeriod(record, disclosed))
  )
    return "a clean record";
  return steps.at(-1)!.step === "conclusion" ? null : "no conclusion";
}

function isInPeriod(record: Issued, { period, scope }: Verdict["disclosed"]): boolean {
  const truth = readStatement(record.statement);
  const { from, to } = period as { from: string; to: string };
  const { departments = [record.department.code] } = (scope ?? {}) as { departments?: string[] };
  const day = truth.ok ? (truth.fields.eventTime as string) : "";
  return day >= from && day <= to && departments.includes(record.department.code);
}
