import { createPublicKey, randomBytes, verify } from "node:crypto";
import { expect } from "chai";
import { issueStatement } from "@quanlian/proof";
import { newStatementKey, statementSigner } from "../../backend/src/departments/statement-key.ts";

const fields = {
  subject: { type: "uscc", id: "91110108MA9D00013X" },
  subjectName: "北京虚构科技有限公司",
  number: "〔2026〕1号",
  eventTime: "2026-03-04",
  links: [],
};
const draft = {
  ...{ type: "approval.licence/1", department: "11110000MB9D001210", signedAt: 1_790_000_000, year: 2026, fields },
  fieldNames: [...Object.keys(fields), "local", "content"],
};

describe("statement keys", () => {
  const { secret, publicJwk } = newStatementKey();
  const signer = statementSigner(secret, publicJwk);

  it("sign r ‖ s of 64 bytes, however short the two integers are", () => {
    const key = createPublicKey({ key: { ...publicJwk }, format: "jwk" });
    // One integer in 256 begins with a zero byte, half of all with a set bit.
    const wrong = Array.from({ length: 1_500 }, () => randomBytes(40)).filter((message) => {
      const signature = signer.sign(message);
      return signature.length !== 64 || !verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature);
    });
    expect(wrong).to.deep.equal([]);
  });

  it("make the same statements as without the host's help", () => {
    const salts = (length: number) => new Uint8Array(length).map((_, i) => i);
    const fixed = { publicJwk, sign: () => new Uint8Array(64).fill(7) };
    const fast = issueStatement(draft, { ...fixed, suite: signer.suite! }, salts);
    expect(fast).to.deep.equal(issueStatement(draft, fixed, salts));
  });
});
