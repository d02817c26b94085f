import { expect } from "chai";
import { decodeRlp, encodeRlp, getBytes, hexlify, toBeHex, type RlpStructuredData } from "ethers";
import fc from "fast-check";
import type { Hex } from "../../proof/src/bytes.ts";
import type { FinalityCode } from "../../proof/src/finality/codes.ts";
import { decodeExtraData, genesisExtraData } from "../../proof/src/finality/extra-data.ts";
import { decodeHeader } from "../../proof/src/finality/header.ts";
import { qbftJudge, verifyQbftHeader } from "../../proof/src/finality/qbft.ts";
import { findByMemory, quorumOf, type KnownKeys } from "../../proof/src/finality/seals.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import { besuTrust, header, laterRounds, network, rawHeader, validators } from "./besu.ts";
import { addresses, institution, institutions, sealBlock, type BlockPlan } from "./sealed-chain.ts";

const members = institutions("qbft", 4);
const outsider = institution("an outsider");
const trust: QbftTrust = trusting(addresses(members));

function trusting(set: readonly Hex[], from = 0, until: number | null = null): QbftTrust {
  return { epochLength: 30_000, sets: [{ from, until, validators: set }], pins: [] };
}

function plan(changes: Partial<BlockPlan> = {}): BlockPlan {
  return { number: 7, members, ...changes };
}

function expectRefusal(raw: Uint8Array, code: FinalityCode, trusted = trust): void {
  const answer = verifyQbftHeader(raw, trusted);
  expect(answer.ok ? "accepted" : answer.code).to.equal(code);
}

function expectFinal(raw: Uint8Array, hash: string, trusted = trust): void {
  const answer = verifyQbftHeader(raw, trusted);
  expect(answer.ok ? answer.hash : answer.code).to.equal(hash);
}

describe("A header of a real Besu network", () => {
  network.blocks.forEach((block, i) => {
    it(`is final, with what it commits to (block ${Number(block.number)})`, () => {
      const answer = verifyQbftHeader(header(i), besuTrust);
      expect(answer).to.deep.include({
        ok: true,
        hash: block.hash,
        parentHash: block.parentHash,
        number: Number(block.number),
        timestamp: Number(block.timestamp),
        stateRoot: block.stateRoot,
        receiptsRoot: block.receiptsRoot,
      });
    });
  });

  it("that was decided in a later round has the hash without the round, and seals with it", () => {
    const rounds = laterRounds.map(({ extraData }) => decodeExtraData(getBytes(extraData))!);
    expect(rounds.map(({ round }) => round)).to.deep.equal([5, 1]);
    const trusted = trusting(rounds[0]!.validators);
    for (const block of laterRounds) expectFinal(rawHeader(block), block.hash, trusted);
  });

  it("of the genesis block has the plain hash and is final only when pinned", () => {
    const { genesisBlock } = network;
    const pins = [{ number: 0, hash: genesisBlock.hash }];
    expectFinal(rawHeader(genesisBlock), genesisBlock.hash, { ...besuTrust, pins });
    expectRefusal(rawHeader(genesisBlock), "VALIDATORS_MISMATCH", besuTrust);
  });

  it("of another chain is refused", () => {
    const [other] = laterRounds;
    expectRefusal(rawHeader(other!), "VALIDATORS_MISMATCH", besuTrust);
  });

  it("is refused with any one bit flipped", () => {
    const raw = header(1);
    fc.assert(
      fc.property(fc.nat(raw.length * 8 - 1), (bit) => {
        const altered = Uint8Array.from(raw);
        altered[bit >> 3]! ^= 1 << (bit & 7);
        expect(verifyQbftHeader(altered, besuTrust).ok).to.equal(false);
      }),
      { numRuns: 200 },
    );
  });

  it("is refused when cut short anywhere, or with bytes behind it", () => {
    const raw = header(1);
    for (let length = 0; length < raw.length; length += 13) {
      expectRefusal(raw.subarray(0, length), "HEADER_MALFORMED", besuTrust);
    }
    expectRefusal(Uint8Array.of(...raw, 0), "HEADER_MALFORMED", besuTrust);
  });
});

describe("Commit seals", () => {
  const block = sealBlock(plan());

  it("of ⌈2N/3⌉ validators make a block final, in any order", () => {
    expectFinal(block.raw, block.hash);
    const reversed = sealBlock(plan({ sealers: [members[3]!, members[1]!, members[0]!] }));
    expectFinal(reversed.raw, block.hash);
    expectFinal(sealBlock(plan({ sealers: members })).raw, block.hash);
  });

  it("need a quorum of the size that the protocol says", () => {
    const table = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 100].map((n) => [n, quorumOf(n)]);
    expect(table).to.deep.equal([
      [1, 1], [2, 2], [3, 2], [4, 3], [5, 4], [6, 4], [7, 5], [8, 6], [9, 6], [10, 7], [13, 9], [100, 67],
    ]); // prettier-ignore
  });

  it("are counted exactly: one below the quorum is refused, the quorum is enough", () => {
    for (let n = 1; n <= 10; n++) {
      const set = institutions("sizes", n);
      const sealed = (sealers: number) => sealBlock({ number: 7, members: set, sealers: set.slice(0, sealers) });
      expectRefusal(sealed(quorumOf(n) - 1).raw, "SEALS_BELOW_QUORUM", trusting(addresses(set)));
      expectFinal(sealed(quorumOf(n)).raw, sealed(quorumOf(n)).hash, trusting(addresses(set)));
    }
  });

  it("of one validator count once", () => {
    expectRefusal(sealBlock(plan({ sealers: [members[0]!, members[1]!, members[0]!] })).raw, "SEAL_DUPLICATE");
    expectRefusal(sealBlock(plan({ sealers: [...members, members[0]!] })).raw, "SEAL_DUPLICATE");
  });

  it("of somebody else refuse the block, even beside a quorum", () => {
    expectRefusal(sealBlock(plan({ sealers: [...members.slice(0, 3), outsider] })).raw, "SEAL_NOT_VALIDATOR");
  });

  it("made for another round are nobody's", () => {
    expectRefusal(sealBlock(plan({ round: 2, sealedRound: 1 })).raw, "SEAL_NOT_VALIDATOR");
    expectFinal(sealBlock(plan({ round: 2 })).raw, block.hash);
  });

  it("of another block are nobody's", () => {
    const [mine, other] = [sealBlock(plan()), sealBlock(plan({ timestamp: 1 }))];
    expectRefusal(withSeals(mine.raw, sealsOf(other.raw)), "SEAL_NOT_VALIDATOR");
  });

  it("have one form: high s, other v, zero and overlong values are refused", () => {
    const [first, ...rest] = sealsOf(block.raw);
    const r = hexlify(first!.subarray(0, 32)).slice(2);
    const s = BigInt(hexlify(first!.subarray(32, 64)));
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const seal = (rPart: string, sPart: bigint, v: number) =>
      getBytes(`0x${rPart}${toBeHex(sPart, 32).slice(2)}${v.toString(16).padStart(2, "0")}`);
    const zero = "00".repeat(32);
    const bad = [
      seal(r, order - s, first![64]! ^ 1),
      seal(r, s, 27 + first![64]!),
      seal(r, s, 2 + first![64]!),
      seal(r, 0n, 0),
      seal(r, order, 0),
      seal(zero, s, 0),
      seal("ff".repeat(32), s, 0),
    ];
    for (const wrong of bad) expectRefusal(withSeals(block.raw, [wrong, ...rest]), "SEAL_MALFORMED");
  });
});

describe("A judge of headers", () => {
  /** Every way in which the seals of a block can be right or wrong. */
  const plans = fc.record({
    number: fc.integer({ min: 1, max: 9 }),
    round: fc.nat(2),
    sealedRound: fc.nat(2),
    sealers: fc.shuffledSubarray([...members, outsider], { minLength: 2 }),
  });

  it("that remembers keys and headers says what one without memory says", () => {
    const judge = qbftJudge(trust, undefined, 2);
    fc.assert(
      fc.property(plans, fc.nat(7), (changes, flip) => {
        const { raw } = sealBlock(plan(changes));
        const spoilt = raw.with(raw.length - 1 - 13 * flip, raw.at(-1)! ^ 1);
        for (const header of [raw, spoilt, raw]) {
          expect(judge(header)).to.deep.equal(verifyQbftHeader(header, trust));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("knows a validator by its key whichever half the nonce's point lies in, and refuses the other v", () => {
    const known: KnownKeys = new Map();
    for (let number = 1; number <= 12; number++) {
      const { raw, hash } = sealBlock(plan({ number }));
      const answer = verifyQbftHeader(raw, trust, findByMemory(known));
      expect(answer.ok && answer.hash).to.equal(hash);
      const seals = sealsOf(raw).map((seal) => seal.with(64, seal[64]! ^ 1));
      const refused = verifyQbftHeader(withSeals(raw, seals), trust, findByMemory(known));
      expect(refused.ok ? "accepted" : refused.code).to.be.oneOf(["SEAL_NOT_VALIDATOR", "SEAL_MALFORMED"]);
    }
    expect(known.size).to.equal(3);
  });

  it("does not try keys in a large network, and judges it all the same", () => {
    const many = institutions("many", 12);
    const judge = qbftJudge(trusting(addresses(many)));
    for (const number of [1, 2]) {
      const { raw, hash } = sealBlock({ number, members: many });
      const answer = judge(raw);
      expect(answer.ok && answer.hash).to.equal(hash);
    }
  });
});

describe("The trusted validator set", () => {
  it("is the one of the list, not the one in the header", () => {
    const invented = institutions("invented", 4);
    const forged = sealBlock({ number: 7, members: invented });
    expectFinal(forged.raw, forged.hash, trusting(addresses(invented)));
    expectRefusal(forged.raw, "VALIDATORS_MISMATCH");
    expectRefusal(sealBlock(plan({ members: [...members, outsider], sealers: members })).raw, "VALIDATORS_MISMATCH");
    const twice = [members[0]!, members[0]!, members[1]!, members[2]!];
    expectRefusal(sealBlock(plan({ members: twice, sealers: members })).raw, "VALIDATORS_MISMATCH");
  });

  it("holds for its interval: an old set cannot seal new blocks, nor a new one old blocks", () => {
    const after = institutions("successors", 4);
    const both: QbftTrust = {
      ...trust,
      sets: [
        { from: 0, until: 99, validators: addresses(members) },
        { from: 100, until: null, validators: addresses(after) },
      ],
    };
    const cases = [
      [sealBlock({ number: 99, members }), true],
      [sealBlock({ number: 100, members }), false],
      [sealBlock({ number: 99, members: after }), false],
      [sealBlock({ number: 100, members: after }), true],
    ] as const;
    for (const [sealed, final] of cases) expect(verifyQbftHeader(sealed.raw, both).ok).to.equal(final);
    expectRefusal(sealBlock({ number: 100, members: after, sealers: members }).raw, "SEAL_NOT_VALIDATOR", both);
  });

  it("ends where the list ends it", () => {
    expectRefusal(sealBlock({ number: 51, members }).raw, "VALIDATORS_UNKNOWN", trusting(addresses(members), 10, 50));
    expectRefusal(sealBlock({ number: 9, members }).raw, "VALIDATORS_UNKNOWN", trusting(addresses(members), 10, 50));
  });
});

describe("A pinned block", () => {
  const { raw, hash } = sealBlock(plan());

  it("needs no seals, so that it outlives the validators' keys", () => {
    const pinned = { ...trust, sets: [], pins: [{ number: 7, hash }] };
    expectFinal(withSeals(raw, []), hash, pinned);
  });

  it("cannot be contradicted by a quorum", () => {
    const pinned = { ...trust, pins: [{ number: 7, hash: sealBlock(plan({ timestamp: 1 })).hash }] };
    expectRefusal(raw, "BLOCK_CONTRADICTS_PIN", pinned);
  });
});

describe("A header of another age", () => {
  it("with fields that nobody knows yet verifies, and they are under its hash", () => {
    const tail = ["0x", new Uint8Array(32), [["0x01", ["0x02"]], "0x03"], new Uint8Array(100)];
    const future = sealBlock(plan({ tail }));
    expectFinal(future.raw, future.hash);
    expect(future.hash).to.not.equal(sealBlock(plan({ tail: tail.slice(1) })).hash);
  });

  it("with more than 64 fields, or without a known one, is refused", () => {
    expectRefusal(sealBlock(plan({ tail: Array.from({ length: 49 }, () => "0x") })).raw, "HEADER_MALFORMED");
    expectFinal(
      sealBlock(plan({ tail: Array.from({ length: 48 }, () => "0x") })).raw,
      sealBlock(plan({ tail: Array.from({ length: 48 }, () => "0x") })).hash,
    );
    expectRefusal(getBytes(encodeRlp([])), "HEADER_MALFORMED");
    expectRefusal(getBytes("0x"), "HEADER_MALFORMED");
  });
});

describe("A header's fields", () => {
  const fields = decodeRlp(sealBlock(plan()).raw) as RlpStructuredData[];
  const wrong: [what: string, position: number, value: RlpStructuredData][] = [
    ["a parent hash of 31 bytes", 0, `0x${"11".repeat(31)}`],
    ["a state root that is a list", 3, []],
    ["a bloom filter of 255 bytes", 6, `0x${"00".repeat(255)}`],
    ["a number with a leading zero", 8, "0x0007"],
    ["a number beyond 2^53 − 1", 8, "0x20000000000000"],
    ["a number that is a list", 8, ["0x07"]],
    ["a time beyond 2^53 − 1", 11, "0x20000000000000"],
    ["extra data that is a list", 12, []],
    ["a nonce of nine bytes", 14, `0x${"00".repeat(9)}`],
    ["a base fee of 33 bytes", 15, `0x${"11".repeat(33)}`],
  ];
  for (const [what, position, value] of wrong) {
    it(`are refused: ${what}`, () => {
      expectRefusal(getBytes(encodeRlp(fields.with(position, value))), "HEADER_MALFORMED");
    });
  }
});

describe("Extra data", () => {
  it("of a genesis block lists the validators in ascending order, as Besu wrote it", () => {
    const sorted = getBytes(genesisExtraData(validators));
    expect(decodeExtraData(sorted)).to.deep.include({ validators, vote: null, round: 0, seals: [] });
    const besus = decodeExtraData(getBytes(network.genesis.extraData))!;
    expect([...besus.validators].sort()).to.deep.equal(validators);
    expect(sorted.length).to.equal(getBytes(network.genesis.extraData).length);
  });

  it("is refused in any other shape", () => {
    const vanity = new Uint8Array(32);
    const address = members[0]!.address;
    const shapes = [
      [vanity, [address], [], "0x"],
      [vanity, [address], [], "0x", [], "0x"],
      [new Uint8Array(31), [address], [], "0x", []],
      [vanity, [`${address}00`], [], "0x", []],
      [vanity, address, [], "0x", []],
      [vanity, [address], "0x", "0x", []],
      [vanity, [address], [address], "0x", []],
      [vanity, [address], [address, "0x01"], "0x", []],
      [vanity, [address], [address, "0xff", "0x"], "0x", []],
      [vanity, [address], [address, []], "0x", []],
      [vanity, [address], [], "0x00", []],
      [vanity, [address], [], "0xffffffffffffffff", []],
      [vanity, [address], [], "0x", [new Uint8Array(64)]],
      [vanity, [address], [], "0x", [[]]],
      [vanity, [[address]], [], "0x", []],
    ];
    for (const shape of shapes) expect(decodeExtraData(getBytes(encodeRlp(shape)))).to.equal(undefined);
  });

  it("says what was voted", () => {
    for (const add of [true, false]) {
      const vote = { recipient: outsider.address, add };
      const { extraData } = decodeHeader(sealBlock(plan({ vote })).raw)!;
      expect(decodeExtraData(extraData)!.vote).to.deep.equal(vote);
    }
  });
});

function sealsOf(raw: Uint8Array): readonly Uint8Array[] {
  return decodeExtraData(decodeHeader(raw)!.extraData)!.seals;
}

/** The same header with other seals, whoever made them. */
function withSeals(raw: Uint8Array, seals: readonly Uint8Array[]): Uint8Array {
  const head = decodeHeader(raw)!;
  const { validators: named, vote, round } = decodeExtraData(head.extraData)!;
  const ballot = vote ? [vote.recipient, vote.add ? "0xff" : "0x"] : [];
  const roundBytes = round === 0 ? "0x" : toBeHex(round);
  return head.withExtraData(getBytes(encodeRlp([new Uint8Array(32), named, ballot, roundBytes, [...seals]] as never)));
}
