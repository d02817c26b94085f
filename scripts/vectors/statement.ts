import { readStatement, type Json } from "@quanlian/proof";
import { ENTERPRISE, MUNICIPAL, PERSON, World } from "../../proof/testing/world.ts";
import type { VectorCase, VectorFile } from "./case.ts";
import { digestOf, disclose, encode, forgeStatement, kidOf, type Forgery } from "./forge.ts";

const world = new World("statement");
const department = world.addDepartment(MUNICIPAL, [4]);
const whole = world.issue(department, { fields: { amountFen: 5_000_000, facts: "未按规定公示价格 𠮷" } });

function good(id: string, note: string, statement: string): VectorCase {
  const read = readStatement(statement);
  if (!read.ok) throw new Error(`${id}: ${read.problem}`);
  const expected = { ok: true, recordHash: read.recordHash, fields: read.fields };
  return { id: `statement/${id}`, note, op: "readStatement", input: { statement }, expected };
}

function bad(id: string, note: string, code: string, statement: string | Forgery, field?: string): VectorCase {
  const text = typeof statement === "string" ? statement : forgeStatement(department, statement);
  const expected = { ok: false, code, ...(field && { field }) };
  return { id: `statement/${id}`, note, op: "readStatement", input: { statement: text }, expected };
}

const parts = whole.statement.split("~");
const [jwt, ...disclosures] = parts.slice(0, -1) as [string, ...string[]];
const [headerPart, payloadPart, signaturePart] = jwt.split(".") as [string, string, string];
const subject = disclose("subject", { ...ENTERPRISE });
const day = disclose("eventTime", "2026-03-02");

function rebuilt(jwtText: string, list = disclosures): string {
  return [jwtText, ...list, ""].join("~");
}

function nested(depth: number): Json {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

function altered(name: string, value: Json): string {
  const index = disclosures.findIndex(
    (text) => (JSON.parse(Buffer.from(text, "base64url").toString()) as Json[])[1] === name,
  );
  const [salt] = JSON.parse(Buffer.from(disclosures[index]!, "base64url").toString()) as [string];
  return rebuilt(jwt, disclosures.with(index, encode([salt, name, value])));
}

const twoDigests = [digestOf(encode([...subject])), digestOf(encode([...day]))].sort();

/** Header and payload members that must each be refused. */
const malformed: readonly [id: string, note: string, forgery: Forgery][] = [
  ["typ", "another typ", { header: { typ: "dc+sd-jwt" } }],
  ["typ-missing", "no typ", { header: { typ: null } }],
  ["header-extra", "one member more in the header", { header: { jku: "https://example.org/keys" } }],
  ["kid-hex", "kid is not base64url of 32 bytes", { header: { kid: "00" } }],
  ["header-array", "the header is an array", { header: "[]" }],
  [
    "header-duplicate",
    "alg stands twice in the header",
    { header: `{"alg":"ES256","alg":"ES256","typ":"quanlian-statement+sd-jwt","kid":"${kidOf(department.signer)}"}` },
  ],
  ["iss", "iss is no department", { payload: { iss: "11110000mb9d0005x4" } }],
  ["iat-negative", "iat before 1970", { payload: { iat: -1 } }],
  ["iat-far", "iat beyond the year 9999", { payload: { iat: 253_402_300_800 } }],
  ["iat-text", "iat is a string", { payload: { iat: "1790000000" } }],
  ["vct-other", "vct of another scheme", { payload: { vct: "https://example.org/penalty" } }],
  ["vct-family", "an unknown family", { payload: { vct: "urn:quanlian:tax.penalty/1" } }],
  ["vct-version", "a version with a leading zero", { payload: { vct: "urn:quanlian:enforcement.penalty/01" } }],
  [
    "vct-prototype",
    "a family named after a method of objects",
    { payload: { vct: "urn:quanlian:constructor.penalty/1" } },
  ],
  ["year-text", "year is a string", { payload: { year: "2026" } }],
  ["year-early", "a year before 1900", { payload: { year: 1899 } }],
  ["payload-extra", "one member more in the payload", { payload: { cnf: {} } }],
  ["payload-cleartext", "a content field in clear", { payload: { number: "1" } }],
  ["payload-missing", "no year", { payload: { year: null } }],
  ["sd-short", "a digest of 31 bytes", { payload: { _sd: ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"] } }],
  ["sd-object", "_sd is an object", { payload: { _sd: {} } }],
  ["disclosure-pair", "a disclosure of two parts", { disclosures: [["AAECAwQFBgcICQoLDA0ODw", "number"]] }],
  ["disclosure-four", "a disclosure of four parts", { disclosures: [["AAECAwQFBgcICQoLDA0ODw", "number", "1", "2"]] }],
  ["salt-short", "a salt of 15 bytes", { disclosures: [["AAECAwQFBgcICQoLDA0O", "number", "1"]] }],
  ["name-sd", "a claim named _sd", { disclosures: [disclose("_sd", [])] }],
  ["name-proto", "a claim named __proto__", { disclosures: [disclose("__proto__", 1)] }],
  ["name-cyrillic", "a claim name with a Cyrillic letter that looks Latin", { disclosures: [disclose("numbеr", "1")] }],
  ["value-fraction", "a number with a fraction", { disclosures: [encode('["AAECAwQFBgcICQoLDA0ODw","amount",1.5]')] }],
  ["value-exponent", "a number with an exponent", { disclosures: [encode('["AAECAwQFBgcICQoLDA0ODw","amount",1e3]')] }],
  [
    "value-big",
    "2^53, which some readers take for 2^53 + 1",
    { disclosures: [encode('["AAECAwQFBgcICQoLDA0ODw","amount",9007199254740992]')] },
  ],
  [
    "value-duplicate",
    "a duplicate key inside a value",
    { disclosures: [encode('["AAECAwQFBgcICQoLDA0ODw","x",{"a":1,"a":2}]')] },
  ],
  [
    "value-proto",
    "a key __proto__ inside a value",
    { disclosures: [encode('["AAECAwQFBgcICQoLDA0ODw","x",{"__proto__":{"a":1}}]')] },
  ],
  ["value-surrogate", "half a surrogate pair", { disclosures: [encode('["AAECAwQFBgcICQoLDA0ODw","x","\\ud800"]')] }],
  ["value-deep", "a value nested 32 deep, in its disclosure 33", { disclosures: [disclose("x", nested(32))] }],
];

export function statementVectors(): VectorFile {
  return {
    about: "Statements, docs/format.md §2: what a reader accepts and refuses before it looks at the signature.",
    defaults: { suite: "ES256-SHA256-KECCAK" },
    cases: [
      good("whole", "all fields disclosed, with decoys", whole.statement),
      good("one-field", "one field disclosed", rebuilt(jwt, disclosures.slice(1, 2))),
      good("bare", "nothing disclosed", `${jwt}~`),
      good(
        "person",
        "a person, an instant, and a type of another kind",
        world.issue(department, { subject: PERSON, eventTime: "2026-03-02T09:30:00+08:00", type: "credit.listing/1" })
          .statement,
      ),
      good(
        "values",
        "every kind of JSON value",
        world.issue(department, {
          fields: {
            facts: [null, true, false, -9007199254740991, 9007199254740991, '\u0000"\\/\u2028', { a: [], b: {} }],
          },
        }).statement,
      ),
      good(
        "value-at-depth",
        "a value nested 31 deep, in its disclosure 32",
        world.issue(department, { fields: { facts: nested(31) } }).statement,
      ),
      {
        id: "statement/recordHash",
        note: "hiding fields does not change the record hash",
        op: "recordHash",
        input: { statement: `${jwt}~` },
        expected: { recordHash: whole.recordHash },
      },
      {
        id: "statement/thumbprint",
        note: "RFC 7638",
        op: "thumbprint",
        input: { key: department.signer.publicJwk },
        expected: { thumbprint: `0x${Buffer.from(kidOf(department.signer), "base64url").toString("hex")}` },
      },
      bad("empty", "nothing at all", "STATEMENT_MALFORMED", ""),
      bad("no-tilde", "an issuer JWT alone", "STATEMENT_MALFORMED", jwt),
      bad("key-binding", "something after the last ~", "STATEMENT_MALFORMED", `${whole.statement}${jwt}`),
      bad("two-parts", "no signature part", "STATEMENT_MALFORMED", rebuilt(`${headerPart}.${payloadPart}`)),
      bad(
        "padding",
        "base64url with padding",
        "STATEMENT_MALFORMED",
        rebuilt(`${headerPart}=.${payloadPart}.${signaturePart}`),
      ),
      bad(
        "standard-base64",
        "a character of the other base64",
        "STATEMENT_MALFORMED",
        rebuilt(`${headerPart}.${payloadPart}.${"+".repeat(86)}`),
      ),
      bad(
        "signature-63",
        "63 bytes of signature",
        "STATEMENT_MALFORMED",
        rebuilt(`${headerPart}.${payloadPart}.${signaturePart.slice(0, 84)}`),
      ),
      bad(
        "trailing-bits",
        "unused bits that are not zero: a second text for the same bytes",
        "STATEMENT_MALFORMED",
        rebuilt(`${headerPart}.${payloadPart}.${"A".repeat(85)}B`),
      ),
      ...malformed.map(([id, note, forgery]) => bad(id, note, "STATEMENT_MALFORMED", forgery)),
      bad("alg-none", "alg none", "SUITE_MISMATCH", { header: { alg: "none" } }),
      bad("alg-hs256", "a symmetric alg", "SUITE_MISMATCH", { header: { alg: "HS256" } }),
      bad("alg-sm2", "the alg of another suite", "SUITE_MISMATCH", { header: { alg: "SGD_SM3_SM2" } }),
      bad("sd-alg", "digests of another algorithm", "SUITE_MISMATCH", { payload: { _sd_alg: "sha-512" } }),
      bad("sd-unsorted", "_sd in descending order", "NOT_CANONICAL", {
        payload: { _sd: twoDigests.toReversed() },
        disclosures: [],
      }),
      bad("sd-twice", "a digest twice", "NOT_CANONICAL", {
        payload: { _sd: [twoDigests[0]!, twoDigests[0]!] },
        disclosures: [],
      }),
      bad(
        "altered-amount",
        "the fine is lower than what was signed",
        "FIELD_ALTERED",
        altered("amountFen", 50_000),
        "amountFen",
      ),
      bad(
        "altered-name",
        "another enterprise's name",
        "FIELD_ALTERED",
        altered("subjectName", "北京示例贸易有限公司"),
        "subjectName",
      ),
      bad("altered-date", "an earlier date", "FIELD_ALTERED", altered("eventTime", "2025-03-02"), "eventTime"),
      bad(
        "added",
        "a field that was never signed",
        "FIELD_ALTERED",
        rebuilt(jwt, [...disclosures, encode([...disclose("basis", "行政处罚法")])]),
        "basis",
      ),
      bad(
        "respelt",
        "the same value with another white space",
        "FIELD_ALTERED",
        {
          payload: { _sd: [digestOf(encode([...day]))] },
          disclosures: [encode('["AAECAwQFBgcICQoLDA0ODw", "eventTime", "2026-03-02"]')],
        },
        "eventTime",
      ),
      bad(
        "swapped",
        "two disclosures exchanged",
        "NOT_CANONICAL",
        rebuilt(jwt, [disclosures[1]!, disclosures[0]!, ...disclosures.slice(2)]),
      ),
      bad("repeated", "one disclosure twice", "NOT_CANONICAL", rebuilt(jwt, [disclosures[0]!, ...disclosures])),
      bad(
        "name-twice",
        "one claim name with two values",
        "NOT_CANONICAL",
        { disclosures: [disclose("number", "1"), disclose("number", "2")] },
        "number",
      ),
      bad(
        "subject-code",
        "a subject with a code of 17 characters",
        "STATEMENT_MALFORMED",
        { disclosures: [disclose("subject", { type: "uscc", id: "91110108MA9D00013" })] },
        "subject",
      ),
      bad(
        "subject-extra",
        "a subject with one member more",
        "STATEMENT_MALFORMED",
        { disclosures: [disclose("subject", { ...ENTERPRISE, name: "x" })] },
        "subject",
      ),
      bad(
        "subject-type",
        "a subject of an unknown type",
        "STATEMENT_MALFORMED",
        { disclosures: [disclose("subject", { type: "vehicle", id: "京A00001" })] },
        "subject",
      ),
      bad(
        "day-slashes",
        "a day with slashes",
        "STATEMENT_MALFORMED",
        { disclosures: [disclose("eventTime", "2026/03/02")] },
        "eventTime",
      ),
      bad(
        "day-impossible",
        "30 February",
        "STATEMENT_MALFORMED",
        { disclosures: [disclose("eventTime", "2026-02-30")] },
        "eventTime",
      ),
      bad(
        "instant-utc",
        "an instant in another time zone",
        "STATEMENT_MALFORMED",
        { disclosures: [disclose("eventTime", "2026-03-02T09:30:00Z")] },
        "eventTime",
      ),
      bad(
        "year-wrong",
        "the event is in another year than stated",
        "YEAR_MISMATCH",
        { disclosures: [disclose("eventTime", "2025-12-31")] },
        "eventTime",
      ),
    ],
  };
}
