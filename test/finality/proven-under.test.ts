import { expect } from "chai";
import { ZeroAddress } from "ethers";
import type { Hex } from "../../proof/src/bytes.ts";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import { verifyFinalityProof, type FinalityProof } from "../../proof/src/finality/finality-proof.ts";
import { provenUnder } from "../../proof/src/finality/proven-under.ts";
import { qbftJudge } from "../../proof/src/finality/qbft.ts";
import { besuTrust, typedReceipt } from "./besu.ts";

const { trust, ledger, rawHeader, rawReceipts } = typedReceipt;
const proof = assembleFinalityProof(
  { header: rawHeader, rawReceipts, accounts: [] },
  { transactions: [0], accounts: [] },
);
const afresh = (one: FinalityProof) => verifyFinalityProof(one, qbftJudge(trust), ledger);

describe("What has been proven under a trust entry", () => {
  it("is what the proof proves, and is found out once for all papers that carry it", () => {
    const first = provenUnder(trust, ledger, proof);
    expect(first).to.deep.equal(afresh(proof));
    expect(provenUnder(trust, ledger, structuredClone(proof))).to.equal(first);
  });

  it("helps no proof that differs in one digit, in its transactions or in its nodes", () => {
    provenUnder(trust, ledger, proof);
    const flip = (hex: Hex, at: number) =>
      `${hex.slice(0, at)}${hex[at] === "0" ? "1" : "0"}${hex.slice(at + 1)}` as Hex;
    const changed: FinalityProof[] = [
      ...[40, 400, 900, proof.header.length - 1].map((at) => ({ ...proof, header: flip(proof.header, at) })),
      { ...proof, nodes: [flip(proof.nodes[0]!, 100)] },
      { ...proof, nodes: [] },
      { ...proof, transactions: [1] },
    ];
    for (const other of changed) {
      const answer = provenUnder(trust, ledger, other);
      expect(answer).to.have.property("code");
      expect(answer).to.deep.equal(afresh(other));
    }
  });

  it("counts for that ledger and that entry only", () => {
    provenUnder(trust, ledger, proof);
    expect(provenUnder(trust, ZeroAddress as Hex, proof)).to.include({ code: "EVENT_NOT_FOUND" });
    expect(provenUnder(besuTrust, ledger, proof)).to.include({ code: "VALIDATORS_MISMATCH" });
    expect(provenUnder({ ...trust, sets: [] }, ledger, proof)).to.include({ code: "VALIDATORS_UNKNOWN" });
  });
});
