import { readFileSync } from "node:fs";
import { expect } from "chai";
import { FINALITY_CODES } from "../../proof/src/finality/codes.ts";

describe("The codes of finality proofs", () => {
  const page = readFileSync(new URL("../../docs/finality.md", import.meta.url), "utf8");

  it("are each listed on their page, and nothing else is", () => {
    const table = page.slice(page.indexOf("## 6. Codes"), page.indexOf("## 7."));
    const listed = [...table.matchAll(/`([A-Z_]+)`/g)].map((match) => match[1]!);
    expect(listed).to.have.members([...FINALITY_CODES]);
    expect(new Set(listed).size).to.equal(listed.length);
  });

  it("are each demanded by the text before the list", () => {
    const text = page.slice(0, page.indexOf("## 6. Codes"));
    for (const code of FINALITY_CODES) expect(text).to.contain(`\`${code}\``);
  });
});
