import { buildCertificate, type Certificate, type Receipt } from "@quanlian/proof";
import { type ProveState, renewPaper } from "@quanlian/proof/finality";
import { expect } from "chai";
import { DISTRICT, ENTERPRISE, MUNICIPAL, World } from "../../proof/testing/world.ts";
import { SealedWorld } from "../../scripts/vectors/sealed-world.ts";

/** A ledger on which a record was corrected, a key revoked, and then nothing happened for a while. */
const world = new World("renew");
const municipal = world.addDepartment(MUNICIPAL, [4, 5]);
const district = world.addDepartment(DISTRICT, [4]);
const [standing, replaced, successor, disowned] = [
  world.issue(municipal),
  world.issue(municipal),
  world.issue(municipal),
  world.issue(district),
];
world.anchor([standing, replaced], 4);
world.anchor([successor], 4);
world.anchor([disowned], 4);
const early = world.blockNumber;
world.supersede(replaced, successor, 1);
world.revokeKey(district, world.blockTime(1));
world.mine(3);
const sealed = new SealedWorld(world, "renew");
const trust = { ...world.trust, chains: [sealed.trusted] };
const options = { trust, now: world.now };

const lengths = { history: new Map(world.departments.map(({ code }) => [code, 1])), vrfKeys: 1 };
const proveAt =
  (block: number): ProveState =>
  (_, { questions }) =>
    Promise.resolve(sealed.proof(block, questions(lengths)));
const never: ProveState = () => Promise.reject(new Error("a node was asked"));
const renew = (paper: unknown, prove = proveAt(world.blockNumber)) => renewPaper(JSON.stringify(paper), options, prove);

/** All about the enterprise as of a block. */
async function certificateAt(block: number): Promise<Certificate> {
  const streams = [{ kind: 4 as const, year: 2026, streamKey: sealed.streamKey(ENTERPRISE, 4, 2026) }];
  const period = { from: "2026-01-01", to: "2026-09-20" };
  const said = { purpose: "history", subject: ENTERPRISE, kinds: [4], scope: null, period, issuedAt: 0 } as const;
  const finality = sealed.partProof(block, streams, []);
  return buildCertificate(said, [{ ...world.source([], block), blockHash: sealed.block(block).hash, finality }]);
}

describe("Renewing a paper", () => {
  it("gives a receipt the proof of a later block and changes nothing else in it", async () => {
    const receipt = sealed.receipt(standing);
    const renewal = await renew(receipt);
    expect(renewal.ok && renewal.verdict.verdict).to.equal("valid");
    const { finality, ...rest } = (renewal.ok ? renewal.paper : {}) as Receipt;
    expect({ ...rest, finality: receipt.finality }).to.deep.equal(receipt);
    expect(finality).to.deep.equal(sealed.renewed(standing, world.blockNumber).finality);
    expect(finality!.header).to.not.equal(receipt.finality!.header);
  });

  it("gives one to a receipt that had none, and to one whose proof is of no use any more", async () => {
    const receipt = sealed.receipt(standing);
    for (const finality of [null, { ...receipt.finality!, nodes: [] }]) {
      const renewal = await renew({ ...receipt, finality });
      expect(renewal.ok && renewal.verdict.verdict).to.equal("valid");
    }
  });

  it("shows what has become of the record and of its key", async () => {
    for (const [record, code] of [
      [replaced, "SUPERSEDED"],
      [disowned, "KEY_NOT_AUTHORISED"],
    ] as const) {
      const renewal = await renew(sealed.receipt(record));
      if (!renewal.ok) throw new Error(JSON.stringify(renewal.step));
      const news = renewal.verdict.steps.filter(({ outcome }) => outcome !== "passed").map((step) => step.code);
      expect([renewal.verdict.verdict, news]).to.deep.equal(["invalid", [code]]);
    }
  });

  it("lets a certificate speak as of the newest block while nothing was added to its buckets", async () => {
    const certificate = await certificateAt(early);
    const renewal = await renew(certificate);
    expect(renewal.ok && renewal.verdict.verdict).to.equal("valid");
    const [part] = ((renewal.ok ? renewal.paper : certificate) as Certificate).chains;
    const { hash } = sealed.block(world.blockNumber);
    expect(part).to.include({ blockNumber: world.blockNumber, blockHash: hash });
    expect({ ...part, finality: null }).to.deep.equal({
      ...certificate.chains[0],
      blockNumber: world.blockNumber,
      blockHash: hash,
      blockTime: world.blockTime(world.blockNumber),
      finality: null,
    });
  });

  it("refuses a certificate of whose buckets more is known by now", async () => {
    const renewal = await renew(await certificateAt(1));
    expect(renewal).to.nested.include({ ok: false, because: "outdated", "step.code": "HEAD_MISMATCH" });
  });

  it("asks no node for a forger", async () => {
    const receipt = sealed.receipt(standing);
    const other = sealed.receipt(replaced);
    const forged = [
      { ...receipt, statement: other.statement },
      { ...receipt, path: other.path },
      { ...receipt, batch: { ...receipt.batch, count: 0 } },
      { ...receipt, suite: "SM2-SM3" },
      { ...receipt, anchor: { ...receipt.anchor, chainId: 9 } },
      { ...receipt, format: "quanlian-receipt/2" },
      { ...receipt, format: "constructor" },
      { ...receipt, extra: 1 },
      null,
      [],
    ];
    for (const paper of forged) {
      const renewal = await renew(paper, never);
      expect(renewal).to.include({ ok: false, because: "not-genuine" });
    }
    for (const text of ["", "{", "\u0000"])
      expect(await renewPaper(text, options, never)).to.include({ ok: false, because: "not-genuine" });
  });

  it("says so where blocks carry no seals, or no node has a proof", async () => {
    const receipt = sealed.receipt(standing);
    const withoutSeals = { ...options, trust: world.trust };
    const refused = { ok: false, because: "not-sealed" };
    expect(await renewPaper(JSON.stringify(receipt), withoutSeals, never)).to.include(refused);
    expect(await renew(receipt, () => Promise.resolve(null))).to.include(refused);
  });

  it("hands out nothing that a node made up", async () => {
    const receipt = sealed.receipt(standing);
    const empty: ProveState = () => Promise.resolve(sealed.proof(world.blockNumber, []));
    const before = proveAt(0);
    const forger = new SealedWorld(world, "other institutions");
    const foreign: ProveState = (_, { questions }) =>
      Promise.resolve(forger.proof(world.blockNumber, questions(lengths)));
    for (const prove of [empty, before, foreign]) expect(await renew(receipt, prove)).to.have.property("ok", false);
  });
});
