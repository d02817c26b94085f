import { expect } from "chai";
import { es256 } from "@quanlian/proof";
import { sm2Sm3 } from "@quanlian/proof/sm2";
import { fileURLToPath } from "node:url";
import { askOurselves, judge, readCases } from "../../proof/cli/conformance.ts";

const cases = await readCases(fileURLToPath(new URL("../vectors", import.meta.url)));
const outcomes = judge(cases, await askOurselves(cases, [es256, sm2Sm3]));

describe("the test vectors", () => {
  it("have different ids", () => {
    expect(new Set(cases.map(({ request }) => request.id)).size).to.equal(cases.length);
  });

  for (const { case: testCase, answer, agrees, unsupported } of outcomes) {
    it(`${testCase.request.id}: ${testCase.note}`, () => {
      expect(unsupported).to.equal(false);
      if (!agrees) expect(answer).to.deep.equal({ id: testCase.request.id, ...testCase.expected });
    });
  }
});
