import { expect } from "chai";
import { es256 } from "@quanlian/proof";
import { sm2Sm3 } from "@quanlian/proof/sm2";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { answer, judge, readCases } from "../../proof/cli/conformance.ts";
import { wholeVerdict, type WholeVerdict } from "../../scripts/vectors/verdicts.ts";

const cases = await readCases(fileURLToPath(new URL("../vectors", import.meta.url)));
const verdicts = JSON.parse(
  await readFile(new URL("../vectors/verdicts/today.json", import.meta.url), "utf8"),
) as Record<string, WholeVerdict>;

describe("the test vectors", () => {
  it("have different ids", () => {
    expect(new Set(cases.map(({ request }) => request.id)).size).to.equal(cases.length);
  });

  for (const testCase of cases) {
    const { id } = testCase.request;
    it(`${id}: ${testCase.note}`, async () => {
      const given = await answer(testCase.request, [es256, sm2Sm3]);
      const [outcome] = judge([testCase], new Map([[id, given]]));
      if (!outcome!.agrees) expect(given).to.deep.equal({ id, ...testCase.expected });
      if (testCase.request.op !== "verify") return;
      expect(JSON.parse(JSON.stringify(await wholeVerdict(testCase)))).to.deep.equal(verdicts[id]);
    });
  }
});
