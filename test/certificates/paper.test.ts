import { expect } from "chai";
import fc from "fast-check";
import type { Paper, PaperRecord } from "../../backend/src/certificates/paper/paper.ts";
import { LABELS, LIMITS, STEPS, TITLES } from "../../backend/src/certificates/paper/paper-words.ts";
import { printPaper } from "../../backend/src/certificates/paper/print-paper.ts";
import { legible, namesCharacters } from "../../backend/src/certificates/paper/typeface.ts";

const record: PaperRecord = {
  day: "2026-03-02",
  type: { zh: "行政处罚", en: "Administrative penalty" },
  number: "京市监罚〔2026〕7号",
  department: "京海市市场监督管理局（11110000MB9D0005X4）",
  state: LABELS.stands,
  fields: [],
};

function paper(records: number, changes: Partial<Paper> = {}): Paper {
  return {
    letterhead: { zh: "示例市", en: "Example City" },
    title: TITLES.history,
    facts: [{ label: LABELS.uscc, value: "91110108MA9D00013X" }],
    statements: [{ zh: "截至今日，共有记录若干条。", en: "As of today there are some records." }],
    limits: [...LIMITS.always, ...LIMITS.scoped],
    records: Array.from({ length: records }, () => record),
    verification: { address: "https://example.org/#certificate=0", code: "0123456789ABCDEFGHJKMNPQRS", steps: STEPS },
    issuedAt: 1_790_000_000,
    fingerprint: "ab".repeat(32),
    ...changes,
  };
}

const pages = (pdf: Buffer) => Number(/\/Count (\d+)/.exec(pdf.toString("latin1"))![1]);

describe("a certificate on paper", () => {
  it("is the same to the byte for the same content, and another for another", async () => {
    const [one, same, other] = [await printPaper(paper(3)), await printPaper(paper(3)), await printPaper(paper(4))];
    expect(same.equals(one)).to.equal(true);
    expect(other.equals(one)).to.equal(false);
  });

  it("fits one page when there is nothing to list, and goes on over as many as it needs", async () => {
    expect(pages(await printPaper(paper(0)))).to.equal(1);
    expect(pages(await printPaper(paper(80)))).to.be.greaterThan(3);
  });

  it("prints a text longer than a page, and a department with a very long name", async () => {
    const long = {
      ...record,
      department: "示".repeat(400),
      fields: [{ label: LABELS.name, value: "例".repeat(9000) }],
    };
    expect(pages(await printPaper(paper(0, { records: [long] })))).to.be.greaterThan(2);
  });

  it("shows every common character and names those that it cannot show", () => {
    expect(legible("龘靐齉囍 〔2026〕①—·ABC")).to.equal("龘靐齉囍 〔2026〕①—·ABC");
    expect(legible("𠮷野")).to.equal("〔U+20BB7〕野");
    expect(legible("a\u202Eb\u0000c\n")).to.equal("a〔U+202E〕b〔U+0000〕c〔U+000A〕");
    expect([namesCharacters(legible("𠮷")), namesCharacters("〔2026〕")]).to.deep.equal([true, false]);
  });

  it("prints whatever text there is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (value) => {
        const pdf = await printPaper(paper(0, { facts: [{ label: LABELS.name, value }] }));
        expect(pages(pdf)).to.be.at.least(1);
      }),
      { numRuns: 5 },
    );
  });
});
