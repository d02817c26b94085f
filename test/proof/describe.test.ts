import { expect } from "chai";
import {
  buildCertificate,
  bundleReceipts,
  CODES,
  describeVerdict,
  verify,
  type CertificateDraft,
  type Receipt,
} from "@quanlian/proof";
import { readRecordedChain } from "../../proof/cli/recorded-chain.ts";
import { DISTRICT, ENTERPRISE, MUNICIPAL, World } from "../../proof/testing/world.ts";
import { SealedWorld } from "../../scripts/vectors/sealed-world.ts";

const world = new World("describe");
const municipal = world.addDepartment(MUNICIPAL, [4, 5]);
const penalty = world.issue(municipal, { number: "京示罚〔2026〕1号", fields: { amountFen: 5_000_000 } });
const correction = world.issue(municipal);
world.anchor([penalty, correction], 4);

function check(document: unknown, { offline = false, asked = world } = {}) {
  const chain = offline ? undefined : () => readRecordedChain(asked.recorded());
  return verify(JSON.stringify(document), { trust: world.trust, chain, now: world.now });
}

const draft: CertificateDraft = {
  purpose: "history",
  subject: ENTERPRISE,
  kinds: [4],
  scope: null,
  period: { from: "2026-01-01", to: "2026-09-20" },
  issuedAt: world.now,
};

describe("the words of a verdict", () => {
  it("say in Chinese that a record stands, with the names of fields that readers know", async () => {
    const labels = { amountFen: { zh: "罚款金额（分）", en: "Fine (fen)" } };
    const words = describeVerdict(await check(world.receipt(penalty)), "zh", labels);
    expect(words.headline).to.equal("记录真实有效。");
    expect(words.advice).to.equal("");
    expect(words.clocks).to.deep.equal([
      { label: "事件发生", value: "2026-03-02" },
      { label: "部门签署", value: "2026-09-21 22:13:20" },
      { label: "上链", value: "2026-09-21 22:13:30" },
    ]);
    expect(words.disclosed).to.deep.include({ name: "amountFen", label: "罚款金额（分）", value: 5_000_000 });
    expect(words.disclosed).to.deep.include({ name: "number", label: "number", value: "京示罚〔2026〕1号" });
    expect(words.steps.map(({ outcome }) => outcome)).to.deep.equal(Array(11).fill("passed"));
  });

  it("never take an unanswered question for a good answer", async () => {
    const words = describeVerdict(await check(world.receipt(penalty), { offline: true }), "en");
    expect(words.headline).to.equal("The record is intact; whether it is on the chain was not asked.");
    expect(words.meaning).to.contain("Established: The file, Trust list, Content as signed");
    expect(words.meaning).to.contain("Still open: Node of that chain, Block is final");
  });

  it("say of a paper judged by its own seals as of when it speaks, and that no node was asked", async () => {
    const sealed = new SealedWorld(world, "describe");
    const trust = { ...world.trust, chains: [sealed.trusted] };
    const receipts = [sealed.receipt(penalty), sealed.receipt(correction)];
    for (const paper of [receipts[0]!, bundleReceipts(receipts)]) {
      const verdict = await verify(JSON.stringify(paper), { trust, now: world.now });
      const words = describeVerdict(verdict, "en");
      expect(words.headline).to.contain("is genuine and stood when it was entered.");
      expect(words.meaning).to.contain("no node was asked. It stood at 2026-09-21 22:13:30; whether it was replaced");
      expect(words.advice).to.contain("verify with network access");
      expect(describeVerdict(verdict, "zh").meaning).to.contain("此后是否被更正、撤销，或公钥是否被追溯撤销，未查询。");
    }
  });

  it("say what the finality of a block rests on", async () => {
    const textOf = async (asked: ReturnType<typeof check>) =>
      describeVerdict(await asked, "en").steps.find(({ title }) => title === "Block is final")!.text;
    const sealed = new SealedWorld(world, "describe");
    const trust = { ...world.trust, chains: [sealed.trusted] };
    const proven = verify(JSON.stringify(sealed.receipt(penalty)), { trust, now: world.now });
    expect(await textOf(proven)).to.equal("Proven by the validators' seals in the file; no node is believed.");
    expect(await textOf(check(world.receipt(penalty)))).to.contain("On the word of the node that was asked");
  });

  it("say of a form made after the verifier that it is unknown, not that it is false", async () => {
    const later = { ...world.receipt(penalty), format: "quanlian-receipt/2" } as unknown as Receipt;
    const words = describeVerdict(await check(later), "en");
    expect(words.headline).to.equal("No conclusion could be reached yet.");
    expect(words.meaning).to.equal("A form or version that this verifier does not know.");
    expect(words.advice).to.contain("Update the verifier");
  });

  it("name the altered field", async () => {
    const receipt = world.receipt(penalty);
    const added = Buffer.from('["AAECAwQFBgcICQoLDA0ODw","amountFen",1]').toString("base64url");
    const altered = { ...receipt, statement: receipt.statement.replace("~", `~${added}~`) };
    const words = describeVerdict(await check(altered), "zh", { amountFen: { zh: "罚款金额", en: "Fine" } });
    expect(words.headline).to.equal("记录未通过核验。");
    expect(words.meaning).to.equal("有字段与部门签署的内容不符，已被改动。（罚款金额）");
  });

  it("tell a replaced record from a false one", async () => {
    const later = new World("describe");
    const department = later.addDepartment(MUNICIPAL, [4, 5]);
    const [first, second] = [later.issue(department), later.issue(department)];
    later.anchor([first, second], 4);
    later.supersede(first, second, 2);
    const words = describeVerdict(await check(later.receipt(first), { asked: later }), "en");
    expect(words.headline).to.equal("The record is genuine but no longer stands.");
  });

  it("say of a certificate no more than it proves", async () => {
    const history = await buildCertificate(draft, [world.source([world.batched(penalty)])]);
    expect(describeVerdict(await check(history), "en").meaning).to.equal(
      "As of 2026-09-21 22:13:30, the ledger holds 2 records of this subject in these kinds and years and no others: 1 shown, 1 not shown.",
    );
    const scope = { departments: [DISTRICT] };
    const shown = [world.batched(penalty, []), world.batched(correction, [])];
    const clean = await buildCertificate({ ...draft, purpose: "clean-record", scope }, [world.source(shown)]);
    expect(describeVerdict(await check(clean), "zh").meaning).to.equal(
      "截至2026-09-21 22:13:30，2026-01-01 至 2026-09-20 期间，链上没有该主体仍然有效的执法记录（仅限所列部门）。",
    );
    const single = await buildCertificate({ ...draft, purpose: "record", kinds: [], period: null }, [
      world.source([world.batched(penalty, ["subject"])]),
    ]);
    expect(describeVerdict(await check(single), "en").meaning).to.contain("the 1 records shown are genuine");
  });

  it("exist for every code in both languages", () => {
    for (const [code, { zh, en }] of Object.entries(CODES)) {
      expect(zh.meaning, code).to.match(/。$/);
      expect(en.meaning, code).to.match(/\.$/);
      expect(zh.advice === "", code).to.equal(en.advice === "");
    }
  });
});
