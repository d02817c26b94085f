import { buildCertificate, type Certificate, type CertificateDraft, type Code } from "@quanlian/proof";
import type { RecordedChain } from "../../proof/cli/recorded-chain.ts";
import { DISTRICT, ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, World } from "../../proof/testing/world.ts";
import { copy, deciding, otherHex, VALID, type Mutable, type VectorCase, type VectorFile } from "./case.ts";

// prefixBits 0: one bucket for a kind and year, so that every stream has neighbours.
const world = new World("certificate", { prefixBits: 0 });
const municipal = world.addDepartment(MUNICIPAL, [3, 4, 5]);
const district = world.addDepartment(DISTRICT, [4, 5]);
const about = (subject: typeof ENTERPRISE, eventTime: string, type = "enforcement.penalty/1", department = municipal) =>
  world.issue(department, { subject, eventTime, type });

const march25 = about(ENTERPRISE, "2025-03-02");
const neighbour25 = about(OTHER_ENTERPRISE, "2025-04-01");
const december25 = about(ENTERPRISE, "2025-12-20", "enforcement.coercion/1", district);
const repaired26 = about(ENTERPRISE, "2026-02-01");
const neighbour26 = about(OTHER_ENTERPRISE, "2026-02-02");
const commitment26 = about(ENTERPRISE, "2026-03-01", "credit.commitment/1");
const repair26 = about(ENTERPRISE, "2026-06-01", "credit.repair/1");
const listing26 = about(OTHER_ENTERPRISE, "2026-06-02", "credit.listing/1", district);
const misfiled = about(ENTERPRISE, "2026-05-05");

world.anchor([march25, neighbour25], 4);
world.anchor([december25], 4);
world.anchor([repaired26, neighbour26], 4);
world.anchor([commitment26, repair26], 5);
world.anchor([listing26], 5);
world.supersede(repaired26, repair26, 3);
world.anchor([misfiled], 4, { misfiledUnder: OTHER_ENTERPRISE });
world.mine();

const other = new World("elsewhere", {
  prefixBits: 0,
  chainId: 31338,
  region: { zh: "示例省", en: "Example Province" },
});
const elsewhere = other.addDepartment(DISTRICT, [4]);
const inspection = other.issue(elsewhere, { subject: ENTERPRISE, eventTime: "2026-04-04" });
other.anchor([inspection], 4);

const chain = world.recorded();
const IN_2026 = { from: "2026-01-01", to: "2026-09-20" };
const SINCE_2025 = { from: "2025-01-01", to: "2026-09-20" };

function draft(purpose: Certificate["purpose"], rest: Partial<CertificateDraft> = {}): CertificateDraft {
  return { purpose, subject: ENTERPRISE, kinds: [4], scope: null, period: IN_2026, issuedAt: world.now, ...rest };
}

function one(
  id: string,
  note: string,
  document: unknown,
  expected: Record<string, unknown>,
  input: Record<string, unknown> = {},
): VectorCase {
  return {
    id: `certificate/${id}`,
    note,
    op: "verify",
    input: { document: JSON.stringify(document), ...input },
    expected,
  };
}

export async function certificateVectors(): Promise<VectorFile> {
  const bare = (record: typeof march25) => world.batched(record, []);
  const dated = (record: typeof march25) => world.batched(record, ["eventTime"]);
  const build = (of: CertificateDraft, records = [] as ReturnType<typeof bare>[], atBlock?: number) =>
    buildCertificate(of, [world.source(records, atBlock)]);

  const history = await build(
    draft("history", { kinds: [4, 5], period: SINCE_2025 }),
    [march25, december25, repaired26, commitment26, repair26].map((record) => world.batched(record)),
  );
  const clean = await build(draft("clean-record", { kinds: [4, 5] }), [
    bare(repaired26),
    bare(commitment26),
    bare(repair26),
  ]);
  const middle = await build(draft("clean-record", { period: { from: "2025-04-01", to: "2025-11-30" } }), [
    dated(march25),
    dated(december25),
  ]);
  const scoped = await build(
    draft("clean-record", { period: { from: "2025-04-01", to: "2025-12-31" }, scope: { departments: [MUNICIPAL] } }),
    [dated(march25), bare(december25)],
  );
  const single = await build(draft("record", { kinds: [], period: null }), [
    world.batched(march25, ["subject", "number"]),
  ]);
  const stranger = await build({ ...draft("clean-record"), subject: { type: "uscc", id: "92110105MA9D0003X2" } });

  const bad = (
    id: string,
    note: string,
    of: Certificate,
    code: Code,
    step: string,
    change: (document: Mutable<Certificate>) => void,
  ) => {
    const document = copy(of);
    change(document);
    return one(id, note, document, deciding(code, step));
  };
  const withChain = (
    id: string,
    note: string,
    of: Certificate,
    code: Code,
    step: string | null,
    change: (chain: Mutable<RecordedChain>) => void,
  ) => {
    const changed = copy(chain);
    change(changed);
    return one(id, note, of, deciding(code, step), { chain: changed });
  };
  const stream = (document: Mutable<Certificate>, index: number) => document.chains[0]!.streams[index]!;

  const good = [
    one("history", "two kinds, two years, everything shown", history, VALID),
    one(
      "history-withheld",
      "a history in which nothing is shown",
      await build(draft("history", { kinds: [4, 5], period: SINCE_2025 })),
      VALID,
    ),
    one(
      "history-earlier",
      "as of an earlier block, before the repair",
      await build(draft("history"), [world.batched(repaired26)], 4),
      VALID,
    ),
    one("clean", "a repaired penalty, a commitment and the repair do not count", clean, VALID),
    one("clean-stranger", "nothing at all on record, among others' pairs", stranger, VALID),
    one(
      "clean-empty-bucket",
      "a kind and year in which nobody has anything",
      await build(draft("clean-record", { kinds: [5], period: { from: "2024-01-01", to: "2024-12-31" } })),
      VALID,
    ),
    one("clean-period", "records before and after the period, with their dates", middle, VALID),
    one("clean-scope", "a record of a department outside the scope, shown bare", scoped, VALID),
    one("record", "one record, with two fields", single, VALID),
    one(
      "record-at-block",
      "one record, as of the very block that anchored it",
      await build(draft("record", { kinds: [], period: null }), [world.batched(repaired26, ["subject"])], 3),
      VALID,
    ),
    one(
      "history-superseded-at-block",
      "as of the very block in which a record was repaired",
      await build(draft("history"), [world.batched(repaired26)], 6),
      VALID,
    ),
    one(
      "period-today",
      "a period up to the day of the block",
      await build(draft("history", { period: { from: "2026-01-01", to: "2026-09-21" } })),
      VALID,
    ),
    one(
      "period-one-day",
      "a period of a single day",
      await build(draft("history", { period: { from: "2026-03-01", to: "2026-03-01" } })),
      VALID,
    ),
    withChain(
      "retired-later",
      "a ledger that was retired after the block",
      clean,
      "OK",
      null,
      (changed) => void (changed.retired = { successor: otherHex(world.trusted.ledger), block: world.blockNumber + 1 }),
    ),
    one(
      "record-superseded",
      "one record that was repaired, and says so",
      await build(draft("record", { kinds: [], period: null }), [world.batched(repaired26, ["subject"])]),
      VALID,
    ),
  ];

  const defects = [
    bad(
      "dropped",
      "a pair is missing",
      history,
      "HEAD_MISMATCH",
      "head",
      (document) => void stream(document, 0).pairs.shift(),
    ),
    bad(
      "dropped-last",
      "the last pair is missing",
      history,
      "HEAD_MISMATCH",
      "head",
      (document) => void stream(document, 1).pairs.pop(),
    ),
    bad(
      "added",
      "a pair is added",
      history,
      "HEAD_MISMATCH",
      "head",
      (document) => void stream(document, 1).pairs.push(stream(document, 1).pairs[0]!),
    ),
    bad(
      "swapped",
      "two pairs are exchanged",
      history,
      "HEAD_MISMATCH",
      "head",
      (document) => void stream(document, 0).pairs.reverse(),
    ),
    bad("relabelled", "a neighbour's pair under the subject's key", clean, "HEAD_MISMATCH", "head", (document) => {
      const { pairs } = stream(document, 0);
      pairs[0] = `${pairs[1]!.slice(0, 66)}${pairs[0]!.slice(66)}` as `0x${string}`;
    }),
    one(
      "backdated",
      "the pairs of an earlier block under a later one",
      {
        ...clean,
        chains: [
          {
            ...clean.chains[0]!,
            streams: (await build(draft("clean-record", { kinds: [4, 5] }), [], 3)).chains[0]!.streams,
            records: [],
            supersessions: [],
          },
        ],
      },
      deciding("HEAD_MISMATCH", "head"),
    ),
    bad(
      "stream-missing",
      "one year is missing",
      history,
      "HISTORY_INCOMPLETE",
      "coverage",
      (document) => void document.chains[0]!.streams.splice(1, 1),
    ),
    bad(
      "streams-none",
      "no streams at all",
      clean,
      "HISTORY_INCOMPLETE",
      "coverage",
      (document) => void (document.chains[0]!.streams = []),
    ),
    bad(
      "stream-order",
      "streams in another order",
      history,
      "NOT_CANONICAL",
      "coverage",
      (document) => void document.chains[0]!.streams.reverse(),
    ),
    bad(
      "stream-extra",
      "a year more than the period has",
      clean,
      "NOT_CANONICAL",
      "coverage",
      (document) => void document.chains[0]!.streams.push(stream(copy(history), 0)),
    ),
    one(
      "period-tomorrow",
      "a period up to the day after the block",
      await build(draft("history", { period: { from: "2026-01-01", to: "2026-09-22" } })),
      deciding("PERIOD_NOT_COVERED", "coverage"),
    ),
    one(
      "period-100-years",
      "a period of 100 calendar years, with the streams of one",
      { ...clean, period: { from: "1927-12-31", to: "2026-09-20" } },
      deciding("HISTORY_INCOMPLETE", "coverage"),
    ),
    withChain(
      "retired-at-block",
      "a ledger that was retired in the very block",
      clean,
      "HISTORY_INCOMPLETE",
      "coverage",
      (changed) => void (changed.retired = { successor: otherHex(world.trusted.ledger), block: world.blockNumber }),
    ),
    one(
      "record-later",
      "one record, as of a block before it was anchored",
      await build(draft("record", { kinds: [], period: null }), [world.batched(repaired26, ["subject"])], 2),
      deciding("BATCH_UNKNOWN", "record"),
    ),
    bad(
      "supersession-unshown",
      "a supersession of a record that is not shown",
      await build(draft("history")),
      "SUPERSESSION_MISMATCH",
      "supersession",
      (document) => void document.chains[0]!.supersessions.push(clean.chains[0]!.supersessions[0]!),
    ),
    one(
      "not-clean-first-day",
      "a penalty on the first day of the period",
      await build(draft("clean-record", { period: { from: "2025-03-02", to: "2025-12-19" } }), [
        dated(march25),
        dated(december25),
      ]),
      deciding("NOT_CLEAN", "conclusion"),
    ),
    one(
      "not-clean-last-day",
      "a penalty on the last day of the period",
      await build(draft("clean-record", { period: { from: "2025-03-03", to: "2025-12-20" } }), [
        dated(march25),
        dated(december25),
      ]),
      deciding("NOT_CLEAN", "conclusion"),
    ),
    bad(
      "period-late",
      "a period beyond the block",
      clean,
      "PERIOD_NOT_COVERED",
      "coverage",
      (document) => void (document.period!.to = "2026-12-31"),
    ),
    withChain(
      "retired",
      "the ledger was retired: later records are in another one",
      clean,
      "HISTORY_INCOMPLETE",
      "coverage",
      (changed) => void (changed.retired = { successor: otherHex(world.trusted.ledger), block: 2 }),
    ),
    bad(
      "proof",
      "a damaged proof",
      clean,
      "STREAM_PROOF_INVALID",
      "stream",
      (document) => void (stream(document, 0).proof = otherHex(stream(document, 0).proof)),
    ),
    bad(
      "proof-subject",
      "another subject's stream",
      clean,
      "STREAM_PROOF_INVALID",
      "stream",
      (document) => void (document.subject.id = OTHER_ENTERPRISE.id),
    ),
    bad(
      "proof-year",
      "the proof of another year",
      history,
      "STREAM_PROOF_INVALID",
      "stream",
      (document) => void (stream(document, 0).proof = stream(document, 1).proof),
    ),
    one("vrf-year", "no VRF key for so early a year", clean, deciding("STREAM_PROOF_INVALID", "stream"), {
      trust: {
        ...world.trust,
        chains: [{ ...world.trusted, vrfKeys: [{ ...world.trusted.vrfKeys[0]!, fromYear: 2027 }] }],
      },
    }),
    one(
      "bucket",
      "pairs of several buckets, for a ledger of 8 bits",
      clean,
      deciding("PAIR_OUTSIDE_BUCKET", "stream"),
      { trust: { ...world.trust, chains: [{ ...world.trusted, prefixBits: 8 }] } },
    ),
    bad(
      "block-hash",
      "another block",
      clean,
      "BLOCK_MISMATCH",
      "finality",
      (document) => void (document.chains[0]!.blockHash = otherHex(document.chains[0]!.blockHash)),
    ),
    withChain(
      "not-final",
      "a block that is not final",
      clean,
      "NOT_FINAL",
      "finality",
      (changed) => void (changed.finalBlock = 2),
    ),
    withChain(
      "pruned",
      "a node without the state of that block",
      clean,
      "STATE_UNAVAILABLE",
      "head",
      (changed) => void (changed.stateFrom = 999),
    ),
    one("offline", "the chain is not asked", clean, deciding("CHAIN_NOT_CONSULTED", "chain"), { chain: null }),
    one(
      "issued-late",
      "issuedAt is no block time: any integer from 0 on",
      { ...clean, issuedAt: 253_402_300_800 },
      VALID,
    ),
    withChain(
      "record-retired",
      "single records of a retired ledger: the ledger that took over has the later word",
      single,
      "HISTORY_INCOMPLETE",
      "coverage",
      (changed) => void (changed.retired = { successor: otherHex(world.trusted.ledger), block: 2 }),
    ),
    one("untrusted", "an unknown chain", clean, deciding("CHAIN_NOT_TRUSTED", "trust"), {
      trust: { ...world.trust, chains: [] },
    }),
    bad(
      "record-altered",
      "a field of a record shown",
      history,
      "FIELD_ALTERED",
      "record",
      (document) =>
        void (document.chains[0]!.records[0]!.statement = document.chains[0]!.records[0]!.statement.replace(
          /~([^~]*)~/,
          `~${Buffer.from('["AAECAwQFBgcICQoLDA0ODw","number","1"]').toString("base64url")}~`,
        )),
    ),
    bad(
      "record-foreign",
      "a neighbour's record",
      history,
      "SUBJECT_MISMATCH",
      "record",
      (document) => void document.chains[0]!.records.push(copy(world.batched(neighbour25))),
    ),
    bad(
      "record-foreign-bare",
      "a neighbour's record without its subject",
      history,
      "RECORD_NOT_IN_STREAM",
      "record",
      (document) => void document.chains[0]!.records.push(copy(bare(neighbour25))),
    ),
    bad(
      "record-uncovered",
      "a record of a year that is not covered",
      clean,
      "RECORD_NOT_IN_STREAM",
      "record",
      (document) => void document.chains[0]!.records.push(copy(bare(march25))),
    ),
    bad(
      "record-twice",
      "a record shown twice",
      history,
      "NOT_CANONICAL",
      "record",
      (document) => void document.chains[0]!.records.push(document.chains[0]!.records[0]!),
    ),
    bad(
      "record-path",
      "a record with another's path",
      history,
      "NOT_IN_BATCH",
      "record",
      (document) => void (document.chains[0]!.records[0]!.path = []),
    ),
    bad(
      "record-sequence",
      "a record under another sequence",
      single,
      "ROOT_MISMATCH",
      "record",
      (document) => void (document.chains[0]!.records[0]!.batch.sequence = 2),
    ),
    bad(
      "record-subject-hidden",
      "a single record that does not say whom it is about",
      single,
      "SUBJECT_MISMATCH",
      "record",
      (document) => void (document.chains[0]!.records = [copy(bare(march25))]),
    ),
    withChain(
      "record-key",
      "a key revoked since before the anchoring",
      history,
      "KEY_NOT_AUTHORISED",
      "record",
      (changed) => changed.keys.forEach((key) => void (key.until = key.from)),
    ),
    bad(
      "supersession-hidden",
      "a repair is not told",
      history,
      "SUPERSESSION_MISMATCH",
      "supersession",
      (document) => void (document.chains[0]!.supersessions = []),
    ),
    bad(
      "supersession-invented",
      "a withdrawal that never was",
      middle,
      "SUPERSESSION_MISMATCH",
      "supersession",
      (document) =>
        void document.chains[0]!.supersessions.push({
          department: MUNICIPAL,
          recordHash: march25.recordHash,
          successor: repair26.recordHash,
          by: MUNICIPAL,
          reason: 2,
          at: world.now,
        }),
    ),
    bad(
      "supersession-reason",
      "a repair called a withdrawal",
      clean,
      "SUPERSESSION_MISMATCH",
      "supersession",
      (document) => void (document.chains[0]!.supersessions[0]!.reason = 2),
    ),
    bad(
      "supersession-department",
      "another department's copy was superseded",
      clean,
      "SUPERSESSION_MISMATCH",
      "supersession",
      (document) => void (document.chains[0]!.supersessions[0]!.department = DISTRICT),
    ),
    bad(
      "supersession-twice",
      "a supersession listed twice",
      clean,
      "SUPERSESSION_MISMATCH",
      "supersession",
      (document) => void document.chains[0]!.supersessions.push(document.chains[0]!.supersessions[0]!),
    ),
    one(
      "not-clean",
      "a penalty within the period",
      await build(draft("clean-record", { period: SINCE_2025 }), [bare(repaired26), bare(march25), bare(december25)]),
      deciding("NOT_CLEAN", "conclusion"),
    ),
    one(
      "not-clean-listing",
      "an entry in a list of the dishonest",
      await build({ ...draft("clean-record", { kinds: [5] }), subject: OTHER_ENTERPRISE }, [bare(listing26)]),
      deciding("NOT_CLEAN", "conclusion"),
    ),
    one(
      "not-clean-before-repair",
      "as of a block before the repair",
      await build(draft("clean-record"), [bare(repaired26)], 5),
      deciding("NOT_CLEAN", "conclusion"),
    ),
    one(
      "not-clean-undated",
      "a record outside the period that does not show its date",
      await build(draft("clean-record", { period: middle.period }), [bare(march25), dated(december25)]),
      deciding("NOT_CLEAN", "conclusion"),
    ),
    one(
      "not-clean-scope",
      "the scope includes the department",
      await build(
        draft("clean-record", { period: scoped.period, scope: { departments: [MUNICIPAL, DISTRICT].sort() } }),
        [dated(march25), bare(december25)],
      ),
      deciding("NOT_CLEAN", "conclusion"),
    ),
    one(
      "withheld",
      "a record in the stream is not shown",
      await build(draft("clean-record", { period: middle.period }), [dated(march25)]),
      deciding("RECORD_WITHHELD", "conclusion"),
    ),
    one(
      "withheld-after-unclean",
      "a penalty without an excuse, then one that is not shown: what is withheld is told first",
      await build(draft("clean-record", { period: SINCE_2025 }), [bare(march25)]),
      deciding("RECORD_WITHHELD", "conclusion"),
    ),
    one(
      "withheld-before-unclean",
      "a penalty that is not shown, then one without an excuse",
      await build(draft("clean-record", { period: SINCE_2025 }), [bare(december25)]),
      deciding("RECORD_WITHHELD", "conclusion"),
    ),
    bad(
      "supersession-last-second",
      "a supersession in the last second of the year 9999",
      clean,
      "SUPERSESSION_MISMATCH",
      "supersession",
      (document) => void (document.chains[0]!.supersessions[0]!.at = 253_402_300_799),
    ),
  ];

  const contradictions = (
    [
      ["kinds-empty", "no kinds", clean, (document) => void (document.kinds = [])],
      ["kinds-order", "kinds in another order", history, (document) => void document.kinds.reverse()],
      ["kinds-clean", "a clean record of inspections", clean, (document) => void document.kinds.unshift(3)],
      [
        "period-backwards",
        "a period that ends before it begins",
        clean,
        (document) => void (document.period = { from: "2026-09-20", to: "2026-01-01" }),
      ],
      ["period-none", "no period", clean, (document) => void (document.period = null)],
      ["period-day", "a day that does not exist", clean, (document) => void (document.period!.from = "2026-02-29")],
      [
        "scope-history",
        "a scope on a history",
        history,
        (document) => void (document.scope = { departments: [MUNICIPAL] }),
      ],
      ["scope-empty", "a scope without departments", clean, (document) => void (document.scope = { departments: [] })],
      [
        "period-101-years",
        "a period of 101 calendar years",
        clean,
        (document) => void (document.period!.from = "1926-12-31"),
      ],
      ["record-kinds", "a single record that claims kinds", single, (document) => void (document.kinds = [4])],
      [
        "record-period",
        "a single record that claims a period",
        single,
        (document) => void (document.period = { from: "2026-01-01", to: "2026-09-20" }),
      ],
      [
        "record-scope",
        "a single record that claims a scope",
        single,
        (document) => void (document.scope = { departments: [MUNICIPAL] }),
      ],
      [
        "record-streams",
        "a single record with a stream",
        single,
        (document) => void document.chains[0]!.streams.push(stream(copy(clean), 0)),
      ],
      [
        "record-none-second",
        "single records, none of them of the second chain",
        single,
        (document) => void document.chains.push({ ...document.chains[0]!, chainId: 31338, records: [] }),
      ],
      [
        "chains-as-text",
        "chains in the order of their ids as texts, not as numbers",
        single,
        (document) => void document.chains.push({ ...document.chains[0]!, chainId: 4242 }),
      ],
      ["record-none", "a certificate of no record", single, (document) => void (document.chains[0]!.records = [])],
      [
        "chains-many",
        "101 chains",
        clean,
        (document) => {
          const [part] = document.chains;
          document.chains = Array.from({ length: 101 }, (_, i) => ({
            ...part!,
            chainId: i + 1,
            streams: [],
            records: [],
          }));
        },
      ],
      ["chains-none", "no chain", clean, (document) => void (document.chains = [])],
      ["chains-twice", "the same chain twice", clean, (document) => void document.chains.push(document.chains[0]!)],
      [
        "pair-short",
        "a pair of 63 bytes",
        clean,
        (document) => void (stream(document, 0).pairs[0] = stream(document, 0).pairs[0]!.slice(0, -2) as `0x${string}`),
      ],
      ["reason", "an unknown reason", clean, (document) => void (document.chains[0]!.supersessions[0]!.reason = 5)],
      [
        "supersession-far",
        "a supersession beyond the year 9999",
        clean,
        (document) => void (document.chains[0]!.supersessions[0]!.at = 253_402_300_800),
      ],
    ] satisfies [string, string, Certificate, (document: Mutable<Certificate>) => void][]
  ).map(([id, note, of, change]) => bad(id, note, of, "MALFORMED", "document", change));

  const both = await buildCertificate(draft("clean-record"), [world.source([bare(repaired26)]), other.source([])]);
  const bothHistory = await buildCertificate(draft("history"), [
    world.source([world.batched(repaired26)]),
    other.source([other.batched(inspection)]),
  ]);
  const twoChains = [
    one(
      "two-chains-order",
      "chains in the order of their ids as numbers",
      { ...single, chains: [{ ...single.chains[0]!, chainId: 4242 }, single.chains[0]!] },
      deciding("CHAIN_NOT_TRUSTED", "trust"),
    ),
    one(
      "two-chains-withheld-unlisted",
      "a record withheld on one chain, the other not on the list: no conclusion is drawn from a part",
      both,
      deciding("CHAIN_NOT_TRUSTED", "trust"),
      { trust: { ...world.trust, chains: [other.trusted] } },
    ),
    one(
      "two-chains-unlisted",
      "a certificate over two chains, one of them not on the list",
      bothHistory,
      deciding("CHAIN_NOT_TRUSTED", "trust"),
    ),
    one(
      "two-chains-one-node",
      "both on the list, but the node serves only the first",
      bothHistory,
      deciding("WRONG_CHAIN", "chain"),
      { trust: { ...world.trust, chains: [world.trusted, other.trusted] } },
    ),
    one(
      "two-chains-withheld",
      "clean on one chain, a record withheld on the other",
      both,
      deciding("RECORD_WITHHELD", "conclusion"),
      { trust: { ...world.trust, chains: [world.trusted, other.trusted] } },
    ),
  ];

  const proof = {
    format: "quanlian-misconduct/1",
    receipt: world.receipt(misfiled),
    certificate: await build(draft("history")),
  };
  const misconduct = [
    one("misfiled", "a record that was put into another subject's stream", proof, VALID),
    one(
      "misfiled-untrusted",
      "the same where the chain is on nobody's list: no proof, and no disproof",
      proof,
      deciding("CHAIN_NOT_TRUSTED", "receipt"),
      { trust: { ...world.trust, chains: [] } },
    ),
    one(
      "well-filed",
      "a record that lies where it should",
      { ...proof, receipt: world.receipt(repaired26) },
      deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
    ),
    one(
      "same-block",
      "a certificate as of the very block in which the record was anchored",
      { ...proof, certificate: await build(draft("history"), [], 7) },
      VALID,
    ),
    one(
      "other-chain-first",
      "a certificate that speaks of another chain first, which nobody trusts",
      {
        ...proof,
        certificate: {
          ...proof.certificate,
          chains: [{ ...proof.certificate.chains[0]!, chainId: 4242 }, proof.certificate.chains[0]!],
        },
      },
      VALID,
    ),
    one(
      "record-bad",
      "a certificate whose streams are whole and which shows a record that is in no batch: the streams are what counts",
      {
        ...proof,
        certificate: await build(draft("history"), [{ ...world.batched(repaired26), path: [] }]),
      },
      VALID,
    ),
    ...(["chainId", "genesisHash", "ledger"] as const).map((name) => {
      const [part] = proof.certificate.chains;
      const elsewhere = name === "chainId" ? { ...part!, chainId: 4242 } : { ...part!, [name]: otherHex(part![name]) };
      return one(
        `elsewhere-${name}`,
        `a certificate of another ${name}`,
        { ...proof, certificate: { ...proof.certificate, chains: [elsewhere] } },
        deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
      );
    }),
    one(
      "other-kind",
      "a certificate of another kind",
      { ...proof, certificate: await build(draft("history", { kinds: [5] })) },
      deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
    ),
    one(
      "well-filed-offline",
      "a record that lies where it should: the documents alone say so",
      { ...proof, receipt: world.receipt(repaired26) },
      deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
      { chain: null },
    ),
    one(
      "other-subject",
      "a record about another subject",
      { ...proof, receipt: world.receipt(neighbour26) },
      deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
    ),
    one(
      "subject-hidden",
      "a record that does not say whom it is about",
      { ...proof, receipt: world.receipt(misfiled, []) },
      deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
    ),
    one(
      "other-year",
      "a certificate of another year",
      { ...proof, certificate: await build(draft("history", { period: { from: "2025-01-01", to: "2025-12-31" } })) },
      deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
    ),
    one(
      "earlier-block",
      "a certificate from before the record was anchored",
      { ...proof, certificate: await build(draft("history"), [], 4) },
      deciding("MISCONDUCT_NOT_SHOWN", "conclusion"),
    ),
    one(
      "dropped",
      "a certificate from which a pair was removed",
      {
        ...proof,
        certificate: {
          ...proof.certificate,
          chains: [
            { ...proof.certificate.chains[0]!, streams: [{ ...proof.certificate.chains[0]!.streams[0]!, pairs: [] }] },
          ],
        },
      },
      deciding("HEAD_MISMATCH", "certificate"),
    ),
    one(
      "receipt-forged",
      "a receipt that is not genuine",
      { ...proof, receipt: { ...proof.receipt, path: [proof.receipt.batch.root] } },
      deciding("NOT_IN_BATCH", "receipt"),
    ),
    one("offline", "the chain is not asked", proof, deciding("CHAIN_NOT_CONSULTED", "receipt"), { chain: null }),
  ].map((vector) => ({ ...vector, id: vector.id.replace("certificate/", "misconduct/") }));

  return {
    about: "Certificates and proofs of misconduct, docs/format.md §§7 and 10.",
    defaults: { trust: world.trust, chain, now: world.now },
    cases: [...good, ...defects, ...contradictions, ...twoChains, ...misconduct],
  };
}
