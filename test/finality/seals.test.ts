import { expect } from "chai";
import { concat, getBytes, keccak256, randomBytes, toBeHex } from "ethers";
import fc from "fast-check";
import type { Hex } from "../../proof/src/bytes.ts";
import { decodeExtraData } from "../../proof/src/finality/extra-data.ts";
import { decodeHeader } from "../../proof/src/finality/header.ts";
import { qbftJudge } from "../../proof/src/finality/qbft.ts";
import { findByHost, findByMemory, sealersOf, type FindSealer } from "../../proof/src/finality/seals.ts";
import { recoverKey } from "../../proof/src/libsecp256k1.ts";
import { besuTrust, header, laterRounds, rawHeader } from "./besu.ts";
import { institutions, sealBlock } from "./sealed-chain.ts";

/** SEC 2, §2.4.1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

interface Sealed {
  readonly hash: Uint8Array;
  readonly seals: readonly Uint8Array[];
  readonly members: readonly Hex[];
}

function sealed(raw: Uint8Array): Sealed {
  const read = decodeHeader(raw)!;
  const extra = decodeExtraData(read.extraData)!;
  return { hash: getBytes(keccak256(read.withExtraData(extra.sealed))), seals: extra.seals, members: extra.validators };
}

const ours = institutions("seals", 4);
const genuine: readonly Sealed[] = [
  ...[0, 1, 2].map((i) => sealed(header(i))),
  ...laterRounds.map((block) => sealed(rawHeader(block))),
  ...[1, 2, 3].map((number) => sealed(sealBlock({ number, members: ours, sealers: ours }).raw)),
];

const word = (value: bigint) => toBeHex(value, 32);
const half = (seal: Uint8Array, at: 0 | 32) => BigInt(`0x${Buffer.from(seal.subarray(at, at + 32)).toString("hex")}`);
const made = (r: bigint, s: bigint, v: number) => getBytes(concat([word(r), word(s), toBeHex(v, 1)]));

/** What a forger would try with a seal. */
const CHANGES: readonly ((seal: Uint8Array, other: Uint8Array, bit: number, first: Uint8Array) => Uint8Array)[] = [
  (seal) => seal,
  (seal, _, bit) => seal.with(bit >> 3, seal[bit >> 3]! ^ (1 << (bit & 7))),
  (seal) => seal.with(64, seal[64]! ^ 1),
  (seal) => seal.with(64, seal[64]! + 27),
  (seal) => seal.with(64, 2 | seal[64]!),
  (seal) => made(half(seal, 0), ORDER - half(seal, 32), seal[64]! ^ 1),
  (seal) => made(half(seal, 0), ORDER - half(seal, 32), seal[64]!),
  (seal) => made(0n, half(seal, 32), seal[64]!),
  (seal) => made(half(seal, 0), 0n, seal[64]!),
  (seal) => made(ORDER, half(seal, 32), seal[64]!),
  (seal) => made(half(seal, 0), ORDER, seal[64]!),
  (seal) => made(2n ** 256n - 1n, half(seal, 32), seal[64]!),
  (seal) => made(half(seal, 0), ORDER >> 1n, seal[64]!),
  (seal) => made(half(seal, 0), (ORDER >> 1n) + 1n, seal[64]!),
  (seal) => made(1n, 1n, seal[64]!),
  (seal, other) => made(half(seal, 0), half(other, 32), seal[64]!),
  (_, other) => other,
  (_, __, ___, first) => first,
  () => Uint8Array.of(...randomBytes(64), 0),
];

describe("The host's way to recover keys", () => {
  /** Fresh, and one that has seen all validators. */
  const knowing = findByMemory();
  for (const { hash, seals, members } of genuine) sealersOf(hash, seals, members, knowing);
  const ways: readonly FindSealer[] = [findByHost(recoverKey), findByMemory(), knowing];

  it("finds the sealers of real and of our own blocks", () => {
    for (const { hash, seals, members } of genuine) {
      const [byHost, ...others] = ways.map((way) => sealersOf(hash, seals, members, way));
      expect(byHost)
        .to.have.members([...(byHost as readonly Hex[])])
        .and.to.have.length(seals.length);
      for (const other of others) expect(byHost).to.deep.equal(other);
    }
  });

  it("judges whatever else is shown for a seal as this library does, refusal by refusal", () => {
    const codes = new Set<string>();
    fc.assert(
      fc.property(
        fc.constantFrom(...genuine),
        fc.constantFrom(...genuine),
        fc.array(fc.tuple(fc.nat(3), fc.nat(CHANGES.length - 1), fc.nat(64 * 8 - 1)), { minLength: 1, maxLength: 2 }),
        fc.boolean(),
        ({ hash, seals, members }, other, changes, otherHash) => {
          const spoilt = changes.reduce((all, [place, change, bit]) => {
            const at = place % all.length;
            return all.with(at, CHANGES[change]!(all[at]!, other.seals[place % other.seals.length]!, bit, all[0]!));
          }, seals);
          const [byHost, ...others] = ways.map((way) => sealersOf(otherHash ? other.hash : hash, spoilt, members, way));
          for (const one of others) expect(byHost).to.deep.equal(one);
          codes.add("code" in byHost! ? byHost.code : "accepted");
        },
      ),
      { numRuns: 400 },
    );
    expect([...codes]).to.include.members(["accepted", "SEAL_MALFORMED", "SEAL_NOT_VALIDATOR", "SEAL_DUPLICATE"]);
  });

  it("serves a judge of headers", () => {
    const judge = qbftJudge(besuTrust, recoverKey);
    for (const i of [0, 1, 2]) expect(judge(header(i))).to.deep.equal(qbftJudge(besuTrust)(header(i)));
  });
});
