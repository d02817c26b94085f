import { expect } from "chai";
import fc from "fast-check";
import { localSchema } from "../../../backend/src/records/types/local-fields.ts";
import type { RecordType } from "../../../backend/src/records/types/record-type.ts";
import { recordTypes } from "../../../backend/src/records/types/record-types.ts";
import { validateRecord, type RecordContext } from "../../../backend/src/records/types/validate.ts";
import { typeNamed, vectorOf, vectors } from "./vectors.ts";

const licence = vectorOf("approval.licence-1");
const penalty = vectorOf("enforcement.penalty-1");
const person = vectorOf("enforcement.penalty-1-person");
const inspection = vectorOf("supervision.inspection-1");
const commitment = vectorOf("credit.commitment-1");
const plan = vectorOf("supervision.plan-1");

/** What is wrong with a vector once some of its cells are changed, as `column: CODE`. */
function problemsOf(
  vector: (typeof vectors)[number],
  changed: Readonly<Record<string, unknown>>,
  context: RecordContext = vector.context,
): readonly string[] {
  const result = validateRecord(typeNamed(vector.type), { ...vector.input, ...changed }, context);
  return result.ok ? [] : result.problems.map(({ column, code }) => `${column}: ${code}`);
}

describe("Records", () => {
  for (const { file, what, type, context, input, record } of vectors) {
    it(`${file} (${what}) is read as written down`, () => {
      expect(validateRecord(typeNamed(type), input, context)).to.deep.equal({ ok: true, record, warnings: [] });
    });

    it(`${file}: its statement's own claims say the same again`, () => {
      const again = validateRecord(typeNamed(type), record.fields, { department: record.department });
      expect(again).to.deep.equal({ ok: true, record, warnings: [] });
    });

    it(`${file}: the order of the columns does not matter`, () => {
      const reversed = Object.fromEntries(Object.entries(input).toReversed());
      expect(validateRecord(typeNamed(type), reversed, context)).to.deep.equal({ ok: true, record, warnings: [] });
    });
  }

  it("have a vector for every type", () => {
    expect(new Set(vectors.map(({ type }) => type))).to.deep.equal(new Set(recordTypes.keys()));
  });

  it("without a required value are refused at its column", () => {
    for (const vector of vectors) {
      const { fields } = layoutOf(vector.type, vector.file);
      for (const [name, cell] of Object.entries(vector.input)) {
        const field = fields.find(({ claim, heading, code }) => [claim, heading, code].includes(name));
        if (field?.presence !== "required" || cell === "") continue;
        expect(problemsOf(vector, { [name]: " \u3000" }), vector.file).to.include(`${name}: VALUE_MISSING`);
      }
    }
  });

  function layoutOf(type: string, file: string): RecordType {
    return file.includes("2016") ? typeNamed(type).olderLayouts![0]! : typeNamed(type);
  }

  it("never throw, whatever comes in", () => {
    const names = fc.constantFrom(
      ...[...recordTypes.values()].flatMap(({ fields }) => fields.flatMap(({ claim, heading }) => [claim, heading])),
      ...["subject", "links", "local", "__proto__", "constructor"],
    );
    const value = fc.oneof(fc.string({ unit: "grapheme" }), fc.jsonValue(), fc.double(), fc.constant(undefined));
    const input = fc.array(fc.tuple(fc.oneof(names, fc.string()), value)).map((entries) => Object.fromEntries(entries));
    fc.assert(
      fc.property(fc.constantFrom(...recordTypes.values()), input, (type, record) => {
        const result = validateRecord(type, record);
        return result.ok || result.problems.length > 0;
      }),
      { numRuns: 2000 },
    );
  });

  it("accept nothing that was changed in one place into something else unnoticed: a change shows in the record", () => {
    const change = fc.tuple(fc.constantFrom(...vectors), fc.nat(), fc.string({ minLength: 1, unit: "grapheme" }));
    fc.assert(
      fc.property(change, ([{ type, context, input, record }, at, added]) => {
        const names = Object.keys(input).filter((name) => input[name] !== "");
        const name = names[at % names.length]!;
        const result = validateRecord(typeNamed(type), { ...input, [name]: `${input[name]}${added}` }, context);
        if (result.ok && JSON.stringify(result.record) === JSON.stringify(record))
          expect(isUnseen(added, name)).to.equal(true);
      }),
    );
  });

  /** What typists add without meaning anything: blanks, brackets and separators, a fraction of a day, a unit. */
  function isUnseen(added: string, name: string): boolean {
    return (
      /^[\p{P}\p{Z}\p{C}\s\p{S}]*$/u.test(added.normalize("NFKC")) ||
      /^0+$/.test(added) ||
      /时间|日期|date|SJC/.test(name)
    );
  }
});

describe("A single value", () => {
  const cases: readonly [string, (typeof vectors)[number], Readonly<Record<string, unknown>>, readonly string[]][] = [
    [
      "a code with a broken check",
      penalty,
      { CF_XDR_SHXYM: "91110108MA9D00014X" },
      ["CF_XDR_SHXYM: USCC_CHECK_FAILED"],
    ],
    ["an old 15-digit code", penalty, { CF_XDR_SHXYM: "110108000000001" }, ["CF_XDR_SHXYM: USCC_MALFORMED"]],
    ["an impossible day", penalty, { CF_JDRQ: "2024/2/30" }, ["CF_JDRQ: DATE_IMPOSSIBLE"]],
    ["an indefinite day of decision", penalty, { CF_JDRQ: "2099/12/31" }, ["CF_JDRQ: DATE_INDEFINITE"]],
    ["a fine of half a fen", penalty, { CF_NR_FK: "0.0000005" }, ["CF_NR_FK: AMOUNT_TOO_PRECISE"]],
    ["a kind of penalty that the law does not know", penalty, { CF_CFLB: "罚金" }, ["CF_CFLB: VALUE_NOT_IN_LIST"]],
    ["其他 without saying what", penalty, { CF_CFLB: "其他-" }, ["CF_CFLB: VALUE_NOT_IN_LIST"]],
    ["too long a text", licence, { 许可证书名称: "证".repeat(65) }, ["许可证书名称: VALUE_TOO_LONG"]],
    ["a NUL inside a text", penalty, { CF_SY: "甲\u0000乙" }, ["CF_SY: VALUE_UNPRINTABLE"]],
    ["half a character", penalty, { CF_SY: "甲\uD800乙" }, ["CF_SY: VALUE_UNPRINTABLE"]],
    ["a decoding that failed", penalty, { CF_SY: "锟斤拷\uFFFD" }, ["CF_SY: VALUE_UNPRINTABLE"]],
    ["an object for a text", penalty, { CF_SY: { a: 1 } }, ["CF_SY: VALUE_NOT_TEXT"]],
    ["an array for a single value", penalty, { CF_SY: ["甲", "乙"] }, ["CF_SY: VALUE_NOT_TEXT"]],
    ["a number shown as 9.1E+17", penalty, { CF_XDR_SHXYM: "9.11101E+17" }, ["CF_XDR_SHXYM: VALUE_LOST_DIGITS"]],
    [
      "an item code of 13 digits",
      inspection,
      { supervise_item_implement_code: "0113310750003" },
      ["supervise_item_implement_code: VALUE_MALFORMED"],
    ],
    [
      "a commitment number of 19 digits",
      commitment,
      { 承诺编码: "1101082026092000001" },
      ["承诺编码: VALUE_MALFORMED"],
    ],
    ["an unknown member", penalty, { CF_NR_FKK: "1" }, ["CF_NR_FKK: COLUMN_UNKNOWN"]],
    ["one item under two names", penalty, { 违法事实: "x" }, ["违法事实: COLUMN_DUPLICATE"]],
  ];
  for (const [what, vector, changed, expected] of cases) {
    it(`is refused at its own column: ${what}`, () => {
      expect(problemsOf(vector, changed)).to.deep.equal(expected);
    });
  }

  it("counts characters, not UTF-16 units", () => {
    expect(problemsOf(licence, { 许可证书名称: "𠮷".repeat(64) })).to.deep.equal([]);
    expect(problemsOf(licence, { 许可证书名称: "𠮷".repeat(65) })).to.deep.equal(["许可证书名称: VALUE_TOO_LONG"]);
  });

  it("that is an amount is 万元 in a column and fen under the claim's name", () => {
    const { CF_NR_FK: _, ...rest } = penalty.input;
    const byClaim = validateRecord(typeNamed(penalty.type), { ...rest, fineFen: 500_000 });
    expect(byClaim.ok && byClaim.record).to.deep.equal(penalty.record);
    expect(problemsOf({ ...penalty, input: rest }, { fineFen: 0.5 })).to.deep.equal(["fineFen: VALUE_MALFORMED"]);
  });

  it("that only deserves a look is a warning, and the record is accepted", () => {
    const warningsOf = (vector: (typeof vectors)[number], changed: Readonly<Record<string, string>>) => {
      const result = validateRecord(typeNamed(vector.type), { ...vector.input, ...changed }, vector.context);
      return result.ok ? result.warnings.map(({ column, code }) => `${column}: ${code}`) : "refused";
    };
    expect(warningsOf(penalty, { CF_XDR_SHXYM: "914403001922038229" })).to.deep.equal([
      "CF_XDR_SHXYM: USCC_ORGANISATION_CHECK",
    ]);
    expect(warningsOf(inspection, { area_number: "990000" })).to.deep.equal(["area_number: AREA_UNKNOWN"]);
    expect(warningsOf(inspection, { check_personnel: "李文静" })).to.deep.equal([
      "check_personnel: OFFICERS_FEWER_THAN_TWO",
    ]);
  });
});

describe("A person's number where it would be stored in clear", () => {
  const today = { today: "2026-11-28" };
  const id = "11010519491231002X";
  const cases: readonly [string, (typeof vectors)[number], Readonly<Record<string, unknown>>, readonly string[]][] = [
    ["in a document number", penalty, { CF_WSH: `京罚${id}` }, ["CF_WSH: PERSON_ID_IN_CLEAR"]],
    ["in prose about an organisation", penalty, { CF_SY: `业主（${id}）拒不改正` }, ["CF_SY: PERSON_ID_IN_CLEAR"]],
    [
      "typed in full width",
      penalty,
      { CF_SY: "业主１１０１０５１９４９１２３１００２Ｘ" },
      ["CF_SY: PERSON_ID_IN_CLEAR"],
    ],
    ["as the number of a licence", licence, { 许可编号: id }, ["许可编号: PERSON_ID_IN_CLEAR"]],
    ["in a citation", penalty, { links: [{ rel: "basis", number: id }] }, ["links: PERSON_ID_IN_CLEAR"]],
    ["in prose about a person, which is encrypted", person, { 违法事实: `本人（${id}）` }, []],
    [
      "in the number of a document about a person",
      person,
      { 行政处罚决定书文号: id },
      ["行政处罚决定书文号: PERSON_ID_IN_CLEAR"],
    ],
    ["in the column that is for it", licence, { 法定代表人证件号码: id, 法定代表人证件类型: "身份证" }, []],
    ["a number of area, day and sequence of this year", penalty, { CF_WSH: "110108202603020113" }, []],
    [
      "a passport's number that the record gives, in its document number",
      person,
      { 证件类型: "护照号", 证件号码: "E12345678", 行政处罚决定书文号: "京罚-E1234-5678号" },
      ["行政处罚决定书文号: PERSON_ID_IN_CLEAR"],
    ],
  ];
  for (const [what, vector, changed, expected] of cases)
    it(`${what}: ${expected.length > 0 ? "refused" : "taken"}`, () => {
      expect(problemsOf(vector, changed, { ...vector.context, ...today })).to.deep.equal(expected);
    });

  it("is no reason to refuse what is anchored already", () => {
    expect(problemsOf(penalty, { CF_WSH: `京罚${id}` })).to.deep.equal([]);
  });
});

describe("Conditions between values", () => {
  const cases: readonly [string, (typeof vectors)[number], Readonly<Record<string, unknown>>, readonly string[]][] = [
    ["a fine needs its amount", penalty, { CF_NR_FK: "" }, ["CF_NR_FK: VALUE_MISSING"]],
    ["a confiscation needs its amount", penalty, { CF_NR_WFFF: "" }, ["CF_NR_WFFF: VALUE_MISSING"]],
    ["a suspension needs the licence", penalty, { CF_NR_ZKDX: "" }, ["CF_NR_ZKDX: VALUE_MISSING"]],
    ["a warning needs no amount", penalty, { CF_CFLB: "警告", CF_NR_FK: "", CF_NR_WFFF: "", CF_NR_ZKDX: "" }, []],
    ["an organisation needs its code", penalty, { CF_XDR_SHXYM: "" }, ["CF_XDR_SHXYM: VALUE_MISSING"]],
    ["an organisation needs its legal representative", penalty, { CF_FDDB: "" }, ["CF_FDDB: VALUE_MISSING"]],
    ["a person needs a certificate", person, { 证件号码: "" }, ["证件号码: VALUE_MISSING"]],
    [
      "a person's identity number is checked",
      person,
      { 证件号码: "440524188001010015" },
      ["证件号码: PERSON_ID_CHECK_FAILED"],
    ],
    [
      "a person with a credit code",
      person,
      { 行政相对人代码_1: "91110108MA9D00013X" },
      ["证件号码: SUBJECT_AMBIGUOUS"],
    ],
    ["a passport is not checked as an identity card", person, { 证件类型: "护照号", 证件号码: "E12345678" }, []],
    ["a random inspection needs its plan", inspection, { plan_id: "" }, ["plan_id: VALUE_MISSING"]],
    [
      "an inspected organisation needs a credit code",
      inspection,
      { administrative_cp_ce_type: "099" },
      ["administrative_cp_ce_type: SUBJECT_MISSING"],
    ],
    [
      "an unfulfilled commitment needs its content",
      commitment,
      { 承诺履行状态: "部分履行" },
      ["未履行的承诺内容: VALUE_MISSING"],
    ],
    ["a licence cannot end before it begins", licence, { 有效期至: "2026/3/1" }, ["有效期至: DATES_OUT_OF_ORDER"]],
    [
      "a report cannot precede the visit",
      inspection,
      { submitted_date: "2026-04-19" },
      ["submitted_date: DATES_OUT_OF_ORDER"],
    ],
    ["a report on the day of the visit", inspection, { submitted_date: "2026-04-20" }, []],
    [
      "a representative's identity number is checked",
      licence,
      { 法定代表人证件号码: "110105194912310021" },
      ["法定代表人证件号码: PERSON_ID_CHECK_FAILED"],
    ],
  ];
  for (const [what, vector, changed, expected] of cases) {
    it(what, () => {
      expect(problemsOf(vector, changed)).to.deep.equal(expected);
    });
  }

  it("dates in the future are refused when today is known", () => {
    expect(problemsOf(penalty, {}, { today: "2026-06-14" })).to.deep.equal(["CF_JDRQ: DATE_IN_FUTURE"]);
    expect(problemsOf(penalty, {}, { today: "2026-06-15" })).to.deep.equal([]);
  });

  it("the department comes from the row, else from whoever delivers it", () => {
    const { CF_CFJGDM: _, ...rest } = penalty.input;
    expect(problemsOf({ ...penalty, input: rest }, {})).to.deep.equal(["处罚机关统一社会信用代码: DEPARTMENT_MISSING"]);
    const delivered = validateRecord(typeNamed(penalty.type), rest, { department: "11110000MB9D0005X4" });
    expect(delivered).to.have.nested.property("record.department", "11110000MB9D0005X4");
    const named = validateRecord(typeNamed(penalty.type), penalty.input, { department: "11110000MB9D0005X4" });
    expect(named).to.have.nested.property("record.department", "11110108MB9D00068W");
  });

  it("a plan is about its department and nobody else", () => {
    const other = { type: "uscc", id: "91110108MA9D00013X" };
    expect(problemsOf(plan, { subject: other })).to.deep.equal(["subject: SUBJECT_AMBIGUOUS"]);
  });

  it("a subject stated as an object must fit the category and stand alone", () => {
    const { CF_XDR_SHXYM: _, ...rest } = penalty.input;
    const vector = { ...penalty, input: rest };
    expect(problemsOf(vector, { subject: { type: "uscc", id: "91110108MA9D00013X" } })).to.deep.equal([]);
    const citizen = { type: "person", id: "111:11010519491231002X" };
    expect(problemsOf(vector, { subject: citizen })).to.deep.equal(["CF_XDR_LB: SUBJECT_AMBIGUOUS"]);
    expect(problemsOf(penalty, { subject: citizen })).to.deep.equal(["CF_XDR_SHXYM: SUBJECT_AMBIGUOUS"]);
    for (const subject of ["91110108MA9D00013X", { type: "uscc" }, { type: "person", id: "999" }, [], 7]) {
      expect(problemsOf(vector, { subject })).to.deep.equal(["subject: SUBJECT_MISSING"]);
    }
  });
});

describe("Links", () => {
  const hash = `0x${"ab".repeat(32)}`;
  const linksOf = (links: unknown) => {
    const result = validateRecord(typeNamed(penalty.type), { ...penalty.input, links });
    return result.ok ? result.record.links : result.problems.map(({ column, code }) => `${column}: ${code}`);
  };

  it("are stated by record hash or by number, and join those that the columns cite", () => {
    const stated = [
      { rel: "supersedes", record: hash },
      { rel: "basis", department: "11110000MB9D0005X4", number: "京市监函（2026） 5 号" },
    ];
    const [first, second, ...cited] = linksOf(stated) as readonly unknown[];
    expect(first).to.deep.equal(stated[0]);
    expect(second).to.deep.equal({ ...stated[1], number: "京市监函〔2026〕5号" });
    expect(cited).to.deep.equal(penalty.record.links);
  });

  it("are given once, however often they are stated", () => {
    expect(linksOf([...penalty.record.links, ...penalty.record.links])).to.deep.equal(penalty.record.links);
  });

  const malformed: readonly [string, unknown][] = [
    ["no array", { rel: "basis", number: "1" }],
    ["an unknown relation", [{ rel: "because-of", number: "1" }]],
    ["a name of the prototype", [{ rel: "constructor", number: "1" }]],
    ["neither hash nor number", [{ rel: "basis" }]],
    ["both hash and number", [{ rel: "basis", record: hash, number: "1" }]],
    ["a short hash", [{ rel: "basis", record: "0xab" }]],
    ["a hash in capitals", [{ rel: "basis", record: hash.toUpperCase() }]],
    ["a department that is none", [{ rel: "basis", department: "海淀区", number: "1" }]],
    ["an unknown member", [{ rel: "basis", number: "1", note: "x" }]],
    ["null", [null]],
  ];
  for (const [what, links] of malformed) {
    it(`are refused: ${what}`, () => {
      expect(linksOf(links)).to.deep.equal(["links: LINK_MALFORMED"]);
    });
  }

  it("of a record to itself are refused, also by another of its numbers", () => {
    expect(linksOf([{ rel: "basis", number: "京海市监处罚〔2026〕12号" }])).to.deep.equal(["links: LINK_TO_SELF"]);
    const own = { rel: "basis", department: "11110108MB9D00068W", number: "JY11101080012345" };
    const changed = { links: [own] };
    expect(problemsOf(licence, changed)).to.deep.equal(["links: LINK_TO_SELF"]);
    expect(problemsOf(licence, { links: [{ ...own, department: "11110000MB9D0005X4" }] })).to.deep.equal([]);
  });
});

describe("Local fields", () => {
  const grid = localSchema({
    type: "object",
    properties: { 网格编号: { type: "string", pattern: "^[0-9]{4}$" }, 风险等级: { enum: ["A", "B", "C", "D"] } },
    required: ["网格编号"],
    additionalProperties: false,
  });
  const local = new Map([["haidian", grid]]);
  const problemsWith = (value: unknown) => problemsOf(penalty, { local: value }, { local });

  it("are one claim, checked against the department's registered schema", () => {
    const value = { haidian: { 网格编号: "0012", 风险等级: "B" } };
    const result = validateRecord(typeNamed(penalty.type), { ...penalty.input, local: value }, { local });
    expect(result).to.have.deep.nested.property("record.fields.local", value);
  });

  it("are refused in an unregistered namespace, and without any registration", () => {
    expect(problemsWith({ chaoyang: { 网格编号: "0012" } })).to.deep.equal(["local: LOCAL_FIELD_INVALID"]);
    expect(problemsOf(penalty, { local: { haidian: { 网格编号: "0012" } } })).to.deep.equal([
      "local: LOCAL_FIELD_INVALID",
    ]);
  });

  it("are refused when they do not fit", () => {
    for (const value of [
      { haidian: {} },
      { haidian: { 网格编号: "12" } },
      { haidian: { 网格编号: "0012", x: 1 } },
      [],
      "x",
      null,
    ]) {
      expect(problemsWith(value), JSON.stringify(value)).to.deep.equal(["local: LOCAL_FIELD_INVALID"]);
    }
  });

  it("are refused when they are a document rather than items", () => {
    const free = new Map([["haidian", localSchema({ type: "object" })]]);
    expect(problemsOf(penalty, { local: { haidian: { x: "长".repeat(20_000) } } }, { local: free })).to.deep.equal([
      "local: VALUE_TOO_LONG",
    ]);
  });

  it("need a schema that can be checked", () => {
    expect(() => localSchema({ type: "string" })).to.throw("object");
    expect(() => localSchema({ type: "object", properties: { a: { type: "strin" } } })).to.throw();
  });
});
