import { readStatement } from "@quanlian/proof";
import { MUNICIPAL, World } from "../../proof/testing/world.ts";
import { deciding, type VectorFile } from "./case.ts";
import { disclose, forgeStatement } from "./forge.ts";

/** Longest statement that is read, in characters (docs/format.md §2). */
const LIMIT = 1_048_576;

const world = new World("large");
const department = world.addDepartment(MUNICIPAL, [4]);
const record = world.issue(department);
world.anchor([record], 4);

/** A genuine statement of exactly this many characters. Base64url has no text of 4n + 1 characters: a second field evens it out. */
function statementOf(length: number): string {
  const of = (facts: number, remark: number) =>
    forgeStatement(department, {
      disclosures: [disclose("facts", "x".repeat(facts)), disclose("remark", "y".repeat(remark))],
    });
  for (let remark = 0; remark < 4; remark++) {
    const facts = Math.floor(((length - of(0, remark).length) * 3) / 4);
    const statement = [facts - 1, facts, facts + 1]
      .map((size) => of(size, remark))
      .find((text) => text.length === length);
    if (statement !== undefined) return statement;
  }
  throw new Error(`there is no statement of ${length} characters`);
}

export function largeVectors(): VectorFile {
  const longest = statementOf(LIMIT);
  const read = readStatement(longest);
  if (!read.ok) throw new Error(read.problem);
  return {
    about: "The longest statement and the first that is too long, docs/format.md §2.",
    defaults: { suite: "ES256-SHA256-KECCAK" },
    cases: [
      {
        id: "large/statement",
        note: "1,048,576 characters",
        op: "readStatement",
        input: { statement: longest },
        expected: { ok: true, recordHash: read.recordHash },
      },
      {
        id: "large/receipt",
        note: "a receipt whose statement has 1,048,577 characters: the statement is refused, not the receipt's form",
        op: "verify",
        input: {
          document: JSON.stringify({ ...world.receipt(record), statement: statementOf(LIMIT + 1) }),
          trust: world.trust,
          chain: null,
          now: world.now,
        },
        expected: deciding("STATEMENT_MALFORMED", "statement"),
      },
    ],
  };
}
