import { expect } from "chai";
import { decodeRlp as ethersDecode, encodeRlp, getBytes, hexlify } from "ethers";
import fc from "fast-check";
import {
  decodeRlp,
  encodeInteger,
  encodeList,
  encodeString,
  fixedBytes,
  integer,
  listItems,
  safeInteger,
  type RlpItem,
} from "../../proof/src/finality/rlp.ts";

type Tree = Uint8Array | Tree[];

const trees = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: "small" }, fc.uint8Array({ maxLength: 70 }), fc.array(tie("tree"), { maxLength: 20 })),
})).tree;

function encode(tree: Tree): Uint8Array {
  return tree instanceof Uint8Array ? encodeString(tree) : encodeList(tree.map(encode));
}

function read(item: RlpItem | undefined): Tree | undefined {
  if (!item) return undefined;
  if (!item.list) return item.payload;
  const items = listItems(item, Infinity)?.map(read);
  return items?.every((entry) => entry !== undefined) ? items : undefined;
}

function item(hex: string): RlpItem | undefined {
  return decodeRlp(getBytes(hex));
}

describe("RLP", () => {
  it("is written as ethers writes it, and read back", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const encoded = encode(tree);
        expect(hexlify(encoded)).to.equal(encodeRlp(tree));
        expect(read(decodeRlp(encoded))).to.deep.equal(tree);
      }),
    );
  });

  it("is written with a length of one to three bytes where it is long", () => {
    for (const length of [0, 1, 55, 56, 255, 256, 65_535, 65_536]) {
      const bytes = new Uint8Array(length).fill(0x80);
      expect(hexlify(encodeString(bytes))).to.equal(encodeRlp(bytes));
      expect(decodeRlp(encodeString(bytes))!.payload).to.deep.equal(bytes);
    }
  });

  it("has one form: whatever is read is what would be written", () => {
    const prefixes = fc.constantFrom(
      0x00,
      0x7f,
      0x80,
      0x81,
      0xb7,
      0xb8,
      0xb9,
      0xbf,
      0xc0,
      0xc1,
      0xf7,
      0xf8,
      0xf9,
      0xff,
    );
    const bytes = fc.tuple(prefixes, fc.array(fc.oneof(prefixes, fc.nat(3)), { maxLength: 80 }));
    fc.assert(
      fc.property(bytes, ([first, rest]) => {
        const input = Uint8Array.of(first, ...rest);
        const tree = read(decodeRlp(input));
        if (tree !== undefined) expect(encode(tree)).to.deep.equal(input);
      }),
      { numRuns: 2000 },
    );
  });

  it("is refused where ethers refuses it too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
        if (read(decodeRlp(input)) !== undefined) expect(() => ethersDecode(input)).not.to.throw();
      }),
    );
  });

  const notCanonical = {
    "a single byte with a prefix": "0x8101",
    "a short string in the long form": "0xb801ff",
    "55 bytes in the long form": `0xb837${"ff".repeat(55)}`,
    "a length with a leading zero": `0xb90038${"ff".repeat(56)}`,
    "a short list in the long form": "0xf80101",
    "a list length with a leading zero": `0xf90038${"01".repeat(56)}`,
    "a length of seven bytes": "0xbe00000000000001ff",
    "a length beyond 2^53": `0xbfffffffffffffffff${"ff".repeat(10)}`,
    "nothing at all": "0x",
    "a string cut short": "0x83ffff",
    "a list cut short": "0xc30101",
    "a length cut short": "0xb9ff",
    "bytes behind it": "0x80ff",
  };
  for (const [what, hex] of Object.entries(notCanonical)) {
    it(`is refused: ${what}`, () => expect(item(hex)).to.equal(undefined));
  }

  it("of a list with a broken or surplus item is not opened", () => {
    expect(listItems(item("0xc28101"), 9)).to.equal(undefined);
    expect(listItems(item("0xc201b8"), 9)).to.equal(undefined);
    expect(listItems(item("0xc3010203"), 2)).to.equal(undefined);
    expect(listItems(item("0x01"), 9)).to.equal(undefined);
    expect(listItems(item("0xc3010203"), 3)).to.have.length(3);
  });

  it("may be nested without limit where nobody looks", () => {
    let encoded = encodeList([]);
    for (let depth = 0; depth < 2000; depth++) encoded = encodeList([encoded]);
    expect(listItems(decodeRlp(encoded), 1)).to.have.length(1);
  });
});

describe("Numbers in RLP", () => {
  it("round trip as integers without leading zeros", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(safeInteger(decodeRlp(encodeInteger(value)))).to.equal(value);
      }),
    );
    expect(hexlify(encodeInteger(0))).to.equal("0x80");
    expect(hexlify(encodeInteger(1024))).to.equal("0x820400");
  });

  it("are refused with a leading zero, as lists, beyond 32 bytes or beyond 2^53 − 1", () => {
    expect(integer(item("0x00"))).to.equal(undefined);
    expect(integer(item("0x820001"))).to.equal(undefined);
    expect(integer(item("0xc0"))).to.equal(undefined);
    expect(integer(item(`0xa1${"ff".repeat(33)}`))).to.equal(undefined);
    expect(integer(item(`0xa0${"ff".repeat(32)}`))).to.equal(2n ** 256n - 1n);
    expect(safeInteger(item("0x871fffffffffffff"))).to.equal(Number.MAX_SAFE_INTEGER);
    expect(safeInteger(item("0x8720000000000000"))).to.equal(undefined);
  });

  it("of fixed size have that size", () => {
    expect(fixedBytes(item("0x820001"), 2)).to.deep.equal(Uint8Array.of(0, 1));
    expect(fixedBytes(item("0x820001"), 3)).to.equal(undefined);
    expect(fixedBytes(item("0xc20001"), 2)).to.equal(undefined);
  });
});
