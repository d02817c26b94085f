import { expect } from "chai";
import fc from "fast-check";
import { proveStream, streamKey, verifyStream, vrfPublicKey, type Hex, type Kind, type Subject } from "@quanlian/proof";
import { libsodium } from "../../backend/src/subjects/libsodium.ts";
import { prove, verifyProof } from "../../proof/src/stream.ts";
import { ENTERPRISE, OTHER_ENTERPRISE } from "../../proof/testing/world.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const unhex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

/** RFC 9381, appendix B.3: examples 16, 17 and 18. */
const RFC_VECTORS = [
  {
    secretKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    alpha: "",
    pi: "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
    beta: "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
  },
  {
    secretKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    alpha: "72",
    pi: "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
    beta: "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
  },
  {
    secretKey: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    alpha: "af82",
    pi: "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
    beta: "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
  },
];

/** The eight points of small order on edwards25519, in all encodings below 2^255 (RFC 9381 §7.1 on key validation). */
const SMALL_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
];

const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const secretKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const subject = fc.constantFrom<Subject>(ENTERPRISE, OTHER_ENTERPRISE, {
  type: "person",
  id: "111:11010519491231002X",
});
const kind = fc.constantFrom<Kind>(1, 2, 3, 4, 5);
const year = fc.integer({ min: 1900, max: 9999 });

describe("a stream key", () => {
  for (const [i, vector] of RFC_VECTORS.entries()) {
    it(`follows RFC 9381, example ${16 + i}`, () => {
      const { pi, beta } = prove(unhex(vector.secretKey), unhex(vector.alpha));
      expect(hex(pi)).to.equal(vector.pi);
      expect(hex(beta)).to.equal(vector.beta);
      expect(vrfPublicKey(unhex(vector.secretKey))).to.equal(`0x${vector.publicKey}`);
      const verified = verifyProof(unhex(vector.publicKey), unhex(vector.alpha), unhex(vector.pi));
      expect(hex(verified!)).to.equal(vector.beta);
    });
  }

  it("is the same derived, proven and verified", () => {
    fc.assert(
      fc.property(secretKey, subject, kind, year, (key, ...input) => {
        const { streamKey: proven, proof } = proveStream(key, ...input);
        expect(streamKey(key, ...input)).to.equal(proven);
        expect(verifyStream(vrfPublicKey(key), ...input, proof)).to.equal(proven);
      }),
      { numRuns: 25 },
    );
  });

  it("belongs to the secret key as it is now, also when the caller's array is filled anew", () => {
    const [first, second] = RFC_VECTORS.map((vector) => unhex(vector.secretKey)) as [Uint8Array, Uint8Array];
    const reused = Uint8Array.from(first);
    expect(streamKey(reused, ENTERPRISE, 4, 2026)).to.equal(streamKey(first, ENTERPRISE, 4, 2026));
    reused.set(second);
    expect(streamKey(reused, ENTERPRISE, 4, 2026)).to.equal(streamKey(second, ENTERPRISE, 4, 2026));
    expect(proveStream(reused, ENTERPRISE, 4, 2026)).to.deep.equal(proveStream(second, ENTERPRISE, 4, 2026));
  });

  it("is the same with libsodium", () => {
    fc.assert(
      fc.property(secretKey, subject, kind, year, (key, ...input) => {
        expect(streamKey(key, ...input, libsodium)).to.equal(streamKey(key, ...input));
      }),
      { numRuns: 50 },
    );
  });

  it("differs for every other subject, kind and year", () => {
    const key = unhex(RFC_VECTORS[0]!.secretKey);
    const keys = [ENTERPRISE, OTHER_ENTERPRISE].flatMap((who) =>
      [4, 5].flatMap((kind) => [2025, 2026].map((year) => streamKey(key, who, kind as Kind, year))),
    );
    expect(new Set(keys).size).to.equal(8);
  });

  it("is not proven by a proof with any bit flipped, or for anything else", () => {
    const key = unhex(RFC_VECTORS[0]!.secretKey);
    const publicKey = vrfPublicKey(key);
    const { proof } = proveStream(key, ENTERPRISE, 4, 2026);
    fc.assert(
      fc.property(fc.nat(639), (bit) => {
        const bytes = Buffer.from(proof.slice(2), "hex");
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(verifyStream(publicKey, ENTERPRISE, 4, 2026, `0x${bytes.toString("hex")}`)).to.equal(null);
      }),
      { numRuns: 60 },
    );
    expect(verifyStream(publicKey, OTHER_ENTERPRISE, 4, 2026, proof)).to.equal(null);
    expect(verifyStream(publicKey, ENTERPRISE, 5, 2026, proof)).to.equal(null);
    expect(verifyStream(publicKey, ENTERPRISE, 4, 2025, proof)).to.equal(null);
  });

  it("needs a public key of large order", () => {
    const { proof } = proveStream(unhex(RFC_VECTORS[0]!.secretKey), ENTERPRISE, 4, 2026);
    for (const point of SMALL_ORDER) {
      expect(verifyStream(`0x${point}`, ENTERPRISE, 4, 2026, proof), point).to.equal(null);
      const forged: Hex = `0x${point}${"00".repeat(48)}`;
      expect(verifyStream(`0x${point}`, ENTERPRISE, 4, 2026, forged), point).to.equal(null);
    }
  });

  it("is refused with s beyond the group order, which would be a second proof of the same key", () => {
    const key = unhex(RFC_VECTORS[0]!.secretKey);
    const { proof } = proveStream(key, ENTERPRISE, 4, 2026);
    const s = BigInt(`0x${Buffer.from(proof.slice(98), "hex").reverse().toString("hex")}`) + GROUP_ORDER;
    const bytes = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
    const forged: Hex = `0x${proof.slice(2, 98)}${bytes.toString("hex")}`;
    expect(verifyStream(vrfPublicKey(key), ENTERPRISE, 4, 2026, forged)).to.equal(null);
  });

  it("is refused for a public key or proof of another length", () => {
    const key = unhex(RFC_VECTORS[0]!.secretKey);
    const { proof } = proveStream(key, ENTERPRISE, 4, 2026);
    expect(verifyStream("0x", ENTERPRISE, 4, 2026, proof)).to.equal(null);
    expect(verifyStream(vrfPublicKey(key), ENTERPRISE, 4, 2026, `${proof}00`)).to.equal(null);
    expect(verifyStream(vrfPublicKey(key), ENTERPRISE, 4, 2026, "0x")).to.equal(null);
  });
});
