import { createHmac, hkdfSync } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { RowSeals, type SealedColumn } from "../../backend/src/database/row-seals.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const row = fc.uniqueArray(fc.tuple(fc.string(), fc.option(fc.string())), { selector: ([name]) => name, minLength: 1 });

describe("seals of rows", () => {
  it("are whole for the row that was sealed", () => {
    fc.assert(
      fc.property(key, row, (secret, columns) => {
        const seals = new RowSeals(secret);
        expect(seals.altered("t", columns, seals.seal("t", columns))).to.deep.equal([]);
      }),
    );
  });

  it("name each column that was changed", () => {
    fc.assert(
      fc.property(key, row, fc.nat(), (secret, columns, n) => {
        const seals = new RowSeals(secret);
        const at = n % columns.length;
        const changed = columns.map(([name, value], i): SealedColumn => [name, i === at ? `${value ?? ""}x` : value]);
        expect(seals.altered("t", changed, seals.seal("t", columns))).to.deep.equal([columns[at]![0]]);
      }),
    );
  });

  it("tell null from the word, and one table from another", () => {
    const seals = new RowSeals(new Uint8Array(32));
    expect(seals.altered("t", [["a", "null"]], seals.seal("t", [["a", null]]))).to.deep.equal(["a"]);
    expect(seals.altered("t", [["a", "1"]], seals.seal("u", [["a", "1"]]))).to.deep.equal(["a"]);
  });

  it("are themselves found changed or missing", () => {
    fc.assert(
      fc.property(key, row, fc.nat(), (secret, columns, n) => {
        const seals = new RowSeals(secret);
        const seal = seals.seal("t", columns);
        seal[n % seal.length]! ^= 1;
        expect(seals.altered("t", columns, seal)).to.have.length(1);
        expect(seals.altered("t", columns, null)).to.deep.equal(["seal"]);
      }),
    );
  });

  it("are HMAC-SHA256 (RFC 2104), as another implementation computes it", () => {
    fc.assert(
      fc.property(key, row, (secret, columns) => {
        const seal = new RowSeals(secret).seal("t", columns);
        const content = JSON.stringify(["t", columns, seal.subarray(16).toString("base64url")]);
        const sealKey = Buffer.from(hkdfSync("sha256", secret, "", "quanlian/row-seals/1", 32));
        const mac = createHmac("sha256", sealKey).update(content).digest();
        expect(seal.subarray(0, 16).equals(mac.subarray(0, 16))).to.equal(true);
      }),
    );
  });

  it("cannot be made without the key", () => {
    fc.assert(
      fc.property(key, key, row, (ours, theirs, columns) => {
        fc.pre(!Buffer.from(ours).equals(Buffer.from(theirs)));
        const forged = new RowSeals(theirs).seal("t", columns);
        expect(new RowSeals(ours).altered("t", columns, forged)).to.not.deep.equal([]);
      }),
    );
  });
});
