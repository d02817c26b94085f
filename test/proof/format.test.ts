import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { CODES } from "@quanlian/proof";
import { examples, withExamples } from "../../scripts/vectors/examples.ts";

const page = await readFile(new URL("../../docs/format.md", import.meta.url), "utf8");

describe("docs/format.md", () => {
  it("shows examples that the code gives to the byte", async () => {
    expect(withExamples(page, await examples())).to.equal(page);
  });

  it("names only codes that exist, and uses each one outside of the table too", () => {
    const prose = page.replace(/<!-- example: codes -->[^]*?<!-- end -->/, "");
    const named = new Set(
      [...prose.matchAll(/`([A-Z]+(?:_[A-Z]+)+|MALFORMED|SUPERSEDED|OK)`/g)].map(([, code]) => code),
    );
    expect([...named].filter((code) => !Object.hasOwn(CODES, code!))).to.deep.equal([]);
    expect(Object.keys(CODES).filter((code) => !named.has(code))).to.deep.equal([]);
  });
});
