import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect } from "chai";
import { MEMBERS, SLOTS } from "../../proof/src/finality/storage.ts";

interface Layout {
  storage: { label: string; slot: string; offset: number }[];
  /** Null where nothing is stored. */
  types: Record<
    string,
    { label: string; numberOfBytes: string; members?: { label: string; slot: string; offset: number; type: string }[] }
  > | null;
}

const require = createRequire(import.meta.url);
const root = new URL("../../", import.meta.url);

/** What the compiler says about the contracts as they are now. */
function compiledLayouts(): Record<string, Layout> {
  const solc = require("solc") as { compile(input: string, callbacks: object): string };
  const files = readdirSync(new URL("contracts/", root)).filter((name) => name.endsWith(".sol"));
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(files.map((name) => [`contracts/${name}`, { content: source(`contracts/${name}`) }])),
    settings: { outputSelection: { "*": { "*": ["storageLayout"] } } },
  };
  const find = (path: string) => ({
    contents: path.startsWith("@") ? readFileSync(require.resolve(path), "utf8") : source(path),
  });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find })) as {
    contracts: Record<string, Record<string, { storageLayout: Layout }>>;
  };
  return Object.fromEntries(
    Object.values(output.contracts).flatMap((unit) =>
      Object.entries(unit).map(([name, { storageLayout }]) => [name, storageLayout]),
    ),
  );
}

function source(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

describe("The pinned storage layout", () => {
  const layouts = compiledLayouts();

  for (const [contract, variables] of Object.entries(SLOTS)) {
    it(`is the compiler's for the variables of ${contract}`, () => {
      for (const [label, slot] of Object.entries(variables)) {
        const variable = layouts[contract]!.storage.find((candidate) => candidate.label === label);
        expect(variable, label).to.include({ slot: String(slot), offset: 0 });
      }
    });
  }

  it("is the same in a ledger that succeeds another", () => {
    expect(layouts["SucceedingLedger"]!.storage.map(({ label, slot, offset }) => [label, slot, offset])).to.deep.equal(
      layouts["AuditLedger"]!.storage.map(({ label, slot, offset }) => [label, slot, offset]),
    );
  });

  for (const [struct, members] of Object.entries(MEMBERS)) {
    it(`is the compiler's for the members of ${struct}`, () => {
      const types = Object.values(layouts).flatMap((layout) => Object.entries(layout.types ?? {}));
      const size = Object.fromEntries(types.map(([name, { numberOfBytes }]) => [name, Number(numberOfBytes)]));
      const [, compiled] = types.find(([, { label }]) => label.endsWith(`.${struct}`))!;
      const actual = compiled.members!.map(({ label, slot, offset, type }) => [
        label,
        [Number(slot), offset, size[type]],
      ]);
      expect(members).to.deep.equal(Object.fromEntries(actual));
    });
  }
});
