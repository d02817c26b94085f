import { expect } from "chai";
import fc from "fast-check";
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify as verifySignature,
} from "node:crypto";
import { SDJwtInstance } from "@sd-jwt/core";
import {
  es256,
  issueStatement,
  presentStatement,
  readStatement,
  recordHash,
  thumbprint,
  type Json,
  type Signer,
  type StatementDraft,
} from "@quanlian/proof";
import { nativeEs256, pooledEs256 } from "../../backend/src/native-es256.ts";
import { verifyWithNoble } from "../../proof/src/suite.ts";
import { nodeEs256 } from "../../proof/cli/node-es256.ts";
import { ENTERPRISE, MUNICIPAL, PERSON, seededBytes, seededSigner } from "../../proof/testing/world.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const { x, y } = publicKey.export({ format: "jwk" });
const signer: Signer = {
  publicJwk: { kty: "EC", crv: "P-256", x: x!, y: y! },
  sign: (message) => sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }),
};

const fieldNames = ["subject", "subjectName", "number", "eventTime", "links", "facts", "amountFen", "absent"];

function draft(fields: Record<string, Json> = {}): StatementDraft {
  const all = { subject: { ...ENTERPRISE }, eventTime: "2026-03-02", number: "京示罚〔2026〕1号", ...fields };
  return {
    type: "enforcement.penalty/1",
    department: MUNICIPAL,
    signedAt: 1_790_000_000,
    year: 2026,
    fields: all,
    fieldNames,
  };
}

const issue = (of = draft()) => issueStatement(of, signer, randomBytes);

function read(statement: string) {
  const result = readStatement(statement);
  if (!result.ok) throw new Error(`${result.code}: ${result.problem}`);
  return result;
}

const claimValue = fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }).map(integral);

/** Statements hold integers only, and no key that some readers treat specially. */
function integral(value: unknown): Json {
  if (typeof value === "number") return Number.isSafeInteger(Math.trunc(value)) ? Math.trunc(value) + 0 : 0;
  if (Array.isArray(value)) return value.map(integral);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "__proto__")
      .map(([name, part]) => [name, integral(part)]),
  );
}

describe("a statement", () => {
  it("gives back what was put in, and its record hash", () => {
    fc.assert(
      fc.property(claimValue, claimValue, fc.integer(), (links, facts, amountFen) => {
        const { fields } = draft({ links, facts, amountFen });
        const issued = issue(draft({ links, facts, amountFen }));
        const statement = read(issued.statement);
        expect(statement.fields).to.deep.equal(fields);
        expect(statement.recordHash).to.equal(issued.recordHash);
        expect(recordHash(issued.statement)).to.equal(issued.recordHash);
        expect(issued.recordHash).to.equal(`0x${createHash("sha256").update(statement.issuerJwt).digest("hex")}`);
      }),
      { numRuns: 100 },
    );
  });

  it("shows any chosen fields and hides the others, under the same record hash", () => {
    const { statement, recordHash: hash } = issue(draft({ facts: "事实", amountFen: 5 }));
    fc.assert(
      fc.property(fc.subarray([...fieldNames, "nobody"]), (names) => {
        const shown = read(presentStatement(statement, names));
        expect(Object.keys(shown.fields).sort()).to.deep.equal(
          names.filter((name) => name in read(statement).fields).sort(),
        );
        expect(shown.recordHash).to.equal(hash);
      }),
    );
  });

  it("has as many digests for every record of a type, so that nobody counts the fields", () => {
    const digests = [draft(), draft({ facts: "事实", amountFen: 5, links: [] })].map(
      (of) => read(issue(of).statement).payload._sd,
    );
    expect(digests.map(({ length }) => length)).to.deep.equal([8, 8]);
    expect(digests[0]).to.deep.equal([...digests[0]!].sort());
  });

  it("never has the same digest for the same value, so that nobody guesses it", () => {
    const [a, b] = [issue(), issue()].map(({ statement }) => read(statement).payload._sd);
    expect(a!.filter((digest) => b!.includes(digest))).to.deep.equal([]);
  });

  it("is the same to the byte from the same key and randomness", () => {
    const make = () => issueStatement(draft(), seededSigner("statement"), seededBytes("statement"));
    expect(make()).to.deep.equal(make());
  });

  it("is an SD-JWT to another implementation of RFC 9901", async () => {
    const { statement } = issue(draft({ facts: { a: [1, "二"] }, amountFen: 5 }));
    const other = new SDJwtInstance({
      hasher: (data: string | ArrayBuffer) =>
        createHash("sha256")
          .update(Buffer.from(data as string))
          .digest(),
      verifier: (data: string, signature: string) =>
        verifySignature(
          "sha256",
          Buffer.from(data),
          { key: publicKey, dsaEncoding: "ieee-p1363" },
          Buffer.from(signature, "base64url"),
        ),
    });
    const { payload, header } = await other.verify(statement);
    expect(header).to.deep.equal(read(statement).header);
    expect(payload).to.deep.include({ ...read(statement).fields, iss: MUNICIPAL, year: 2026 });
    expect(payload).not.to.have.property("absent");
    const { payload: few } = await other.verify(presentStatement(statement, ["amountFen"]));
    expect(few).to.include({ amountFen: 5 });
    expect(few).not.to.have.property("facts");
  });

  it("is read by us when another implementation has issued it in the profile", async () => {
    const other = new SDJwtInstance({
      signer: (data: string) => Buffer.from(signer.sign(Buffer.from(data))).toString("base64url"),
      signAlg: "ES256",
      hasher: (data: string | ArrayBuffer) =>
        createHash("sha256")
          .update(Buffer.from(data as string))
          .digest(),
      hashAlg: "sha-256",
      saltGenerator: () => randomBytes(16).toString("base64url"),
    });
    const kid = Buffer.from(thumbprint(signer.publicJwk).slice(2), "hex").toString("base64url");
    const claims = {
      iss: MUNICIPAL,
      iat: 1_790_000_000,
      vct: "urn:quanlian:enforcement.penalty/1",
      year: 2026,
      number: "1",
      facts: [1, 2],
    };
    const frame = { _sd: ["number", "facts"], _sd_decoy: 2 } as never;
    const options = { header: { typ: "quanlian-statement+sd-jwt", kid } };
    const issued = await other.issue(claims, frame, options);
    const [jwt, ...disclosures] = issued.split("~").slice(0, -1);
    const digest = (text: string) => createHash("sha256").update(text).digest("base64url");
    const canonical = [jwt, ...disclosures.sort((a, b) => (digest(a) < digest(b) ? -1 : 1)), ""].join("~");
    const result = readStatement(canonical);
    // Its order of _sd is its own; ours must be sorted. Everything else is in the profile.
    if (result.ok) expect(result.fields).to.deep.equal({ number: "1", facts: [1, 2] });
    else expect(result).to.include({ code: "NOT_CANONICAL", problem: "_sd is not sorted" });
  });

  it("is refused, with the altered field named, when any character of a disclosure changes", () => {
    const { statement } = issue(draft({ facts: "事实", amountFen: 5 }));
    const start = statement.indexOf("~") + 1;
    fc.assert(
      fc.property(
        fc.integer({ min: start, max: statement.length - 2 }),
        fc.constantFrom("A", "z", "_", "0"),
        (at, character) => {
          fc.pre(statement[at] !== "~" && statement[at] !== character);
          const result = readStatement(statement.slice(0, at) + character + statement.slice(at + 1));
          expect(result.ok).to.equal(false);
          if (!result.ok && result.code === "FIELD_ALTERED") expect(result.field).to.be.a("string");
          else expect(result).to.have.property("code", "STATEMENT_MALFORMED");
        },
      ),
    );
  });

  it("is not issued for what could not be read back", () => {
    const wrong: readonly (readonly [Partial<StatementDraft>, RegExp])[] = [
      [{ type: "enforcement.penalty" }, /not a record type/],
      [{ type: "tax.penalty/1" }, /not a record type/],
      [{ department: "11110000mb9d0005x4" }, /not a department/],
      [{ signedAt: 1.5 }, /whole Unix seconds/],
      [{ signedAt: -1 }, /whole Unix seconds/],
      [{ signedAt: 2 ** 40 }, /whole Unix seconds/],
      [{ year: 1800 }, /not a year/],
      [{ year: 2025 }, /eventTime is not in 2025/],
      [{ fieldNames: ["number", "number"] }, /different claim names/],
      [{ fieldNames: ["_sd"] }, /different claim names/],
      [{ fieldNames: Array.from({ length: 513 }, (_, i) => `f${i}`) }, /at most 512/],
      [{ fields: { unknown: 1 } }, /does not know the claim unknown/],
      [draft({ amountFen: 1.5 }), /not an exact integer/],
      [draft({ amountFen: 2 ** 53 }), /not an exact integer/],
      [draft({ amountFen: -0 }), /not an exact integer/],
      [draft({ amountFen: NaN }), /not an exact integer/],
      [draft({ facts: "\ud800" }), /surrogate/],
      [draft({ facts: undefined as unknown as Json }), /not JSON/],
      [draft({ facts: [(() => 1) as unknown as Json] }), /not JSON/],
      [draft({ facts: JSON.parse('{"__proto__":1}') as Json }), /forbidden key/],
      [draft({ facts: JSON.parse("[".repeat(40) + "]".repeat(40)) as Json }), /nested too deeply/],
      [draft({ eventTime: "2026/03/02" }), /eventTime/],
      [draft({ subject: { type: "uscc", id: "1" } }), /subject/],
    ];
    for (const [changes, message] of wrong)
      expect(() => issue({ ...draft(), ...changes }), JSON.stringify(changes)).to.throw(TypeError, message);
  });

  it("is not presented when it is not sound", () => {
    expect(() => presentStatement("x", [])).to.throw(TypeError, /STATEMENT_MALFORMED/);
  });

  it("speaks of persons and of instants in China too", () => {
    const fields = { subject: { ...PERSON }, eventTime: "2026-12-31T23:59:59+08:00" };
    expect(read(issue({ ...draft(), fields }).statement).fields).to.deep.equal(fields);
  });
});

describe("ES256", () => {
  const message = Buffer.from("message");
  const signature = signer.sign(message);
  const messages = Array.from({ length: 4_096 }, (_, i) => Buffer.from(`message ${i}`));
  const ways = {
    "by WebCrypto": es256.verifySignature,
    "by @noble/curves": verifyWithNoble,
    "by Node": nodeEs256.verifySignature,
    "by the service": nativeEs256.verifySignature,
    "by the service's threads": pooledEs256.verifySignature,
  };

  for (const [way, verify] of Object.entries(ways)) {
    it(`accepts a signature and nothing else ${way}`, async () => {
      const key = signer.publicJwk;
      const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
      const bad: readonly Uint8Array[] = [
        new Uint8Array(64),
        signature.subarray(1),
        Buffer.concat([signature, Buffer.of(0)]),
        Buffer.concat([signature.subarray(32), signature.subarray(0, 32)]),
        Buffer.concat([Buffer.alloc(32), signature.subarray(32)]),
        Buffer.concat([signature.subarray(0, 32), Buffer.alloc(32)]),
        Buffer.concat([Buffer.from(order, "hex"), signature.subarray(32)]),
        Buffer.alloc(64, 0xff),
      ];
      expect(await verify(key, message, signature)).to.equal(true);
      expect(await verify(key, Buffer.from("Message"), signature)).to.equal(false);
      for (const each of bad)
        expect(await verify(key, message, each), Buffer.from(each).toString("hex")).to.equal(false);
      expect(await verify(seededSigner("other").publicJwk, message, signature)).to.equal(false);
      expect(await verify({ ...key, x: key.y }, message, signature)).to.equal(false);
      expect(await verify({ ...key, x: "AA" }, message, signature)).to.equal(false);
    });

    it(`accepts a signature whose halves begin with zeros ${way}`, async () => {
      for (const half of [0, 32]) {
        const short = messages.find((one) => signer.sign(one)[half] === 0)!;
        expect(await verify(signer.publicJwk, short, signer.sign(short))).to.equal(true);
      }
    });

    it(`accepts the other form of a signature, (r, n − s), ${way}`, async () => {
      const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
      const s = order - BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
      const other = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
      expect(await verify(signer.publicJwk, message, other)).to.equal(true);
    });
  }

  it("has the thumbprint of RFC 7638", () => {
    const { kty, crv } = signer.publicJwk;
    const canonical = `{"crv":"${crv}","kty":"${kty}","x":"${x}","y":"${y}"}`;
    expect(thumbprint(signer.publicJwk)).to.equal(`0x${createHash("sha256").update(canonical).digest("hex")}`);
    expect(createPublicKey({ key: { ...signer.publicJwk }, format: "jwk" }).asymmetricKeyType).to.equal("ec");
  });
});
