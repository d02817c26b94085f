import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { es256, verify, type TrustList, type Verdict } from "@quanlian/proof";
import { sm2Sm3 } from "@quanlian/proof/sm2";
import { readCases } from "../../proof/cli/conformance.ts";
import { readRecordedChain, type RecordedChain } from "../../proof/cli/recorded-chain.ts";
import { wordsIn } from "../../web/src/words.ts";

/** The verdict on every document of the test vectors: one defect each, so together they find everything there is to find. */
async function verdicts(): Promise<Verdict[]> {
  const cases = await readCases(fileURLToPath(new URL("../vectors", import.meta.url)));
  const documents = cases.map(({ request }) => request).filter(({ op, document }) => op === "verify" && document);
  return Promise.all(
    documents.map(({ document, trust, chain, now }) => {
      const reader = chain ? readRecordedChain(chain as RecordedChain) : undefined;
      const options = { trust: trust as TrustList, chain: () => reader, now: now as number, suites: [es256, sm2Sm3] };
      return verify(document as string, options);
    }),
  );
}

describe("the words of the verify page", () => {
  let steps: Verdict["steps"];
  before(async () => {
    steps = (await verdicts()).flatMap((verdict) => verdict.steps);
  });

  for (const [language, words] of Object.entries(wordsIn)) {
    it(`name every piece of evidence that a vector leads to: ${language}`, () => {
      const names = new Set(steps.flatMap(({ evidence }) => Object.keys(evidence)));
      expect(names.size).to.be.greaterThan(40);
      const otherRegion = language === "zh" ? "regionEn" : "regionZh";
      expect([...names].filter((name) => name !== otherRegion && !Object.hasOwn(words.evidence, name))).to.deep.equal(
        [],
      );
    });

    it(`say what each step has established: ${language}`, () => {
      const taken = new Set(steps.map(({ step }) => step));
      expect([...taken].filter((step) => !words.established[step])).to.deep.equal([]);
    });
  }

  it("say the same things in both languages", () => {
    expect(shapeOf(wordsIn.en)).to.deep.equal(shapeOf(wordsIn.zh));
  });

  it("are Chinese in Chinese and English in English", () => {
    const { otherLanguage: _, ...english } = wordsIn.en;
    expect(texts(english).filter((text) => /\p{Script=Han}/u.test(text))).to.deep.equal([]);
    const { otherLanguage: __, ...chinese } = wordsIn.zh;
    expect(texts(chinese.advice).filter((text) => !/\p{Script=Han}/u.test(text))).to.deep.equal([]);
  });
});

/** Names and kinds of all members, without what only one language needs. */
function shapeOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [`${path} ${typeof value}`];
  return Object.entries(value)
    .filter(([name]) => name !== "regionZh" && name !== "regionEn")
    .flatMap(([name, member]) => shapeOf(member, `${path}.${name}`))
    .sort();
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : [];
}
