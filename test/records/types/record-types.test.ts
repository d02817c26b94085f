import { expect } from "chai";
import {
  columnKey,
  detectType,
  fieldNamed,
  layoutsOf,
  mapColumns,
} from "../../../backend/src/records/types/columns.ts";
import { field } from "../../../backend/src/records/types/field.ts";
import { date, documentNumber, text, uscc } from "../../../backend/src/records/types/formats.ts";
import { published, subjectName } from "../../../backend/src/records/types/handling.ts";
import type { RecordType } from "../../../backend/src/records/types/record-type.ts";
import { claimsOf, recordTypes } from "../../../backend/src/records/types/record-types.ts";
import { department } from "../../../backend/src/records/types/double-publicity.ts";
import { validateRecord } from "../../../backend/src/records/types/validate.ts";
import { typeNamed, vectors } from "./vectors.ts";

const families = { approval: 1, service: 2, supervision: 3, enforcement: 4, credit: 5 } as const;
const layouts = [...recordTypes.values()].flatMap(layoutsOf);
const nameOf = ({ type, source }: RecordType) => `${type} (${source})`;

/** The column codes of 发改办财金〔2018〕424号 as its two tables list them, in order. */
const counterpartyCodes = (prefix: string) =>
  [
    ...["XDR_MC", "XDR_LB", "XDR_SHXYM", "XDR_GSZC", "XDR_ZZJG", "XDR_SWDJ", "XDR_SYDW", "XDR_SHZZ"],
    ...["FRDB", "FR_ZJLX", "FR_ZJHM", "XDR_ZJLX", "XDR_ZJHM"],
  ].map((code) => `${prefix}_${code}`);
const officialCodes: Readonly<Record<string, readonly string[]>> = {
  "approval.licence/1": [
    ...counterpartyCodes("XK"),
    ...["XK_XKWS", "XK_WSH", "XK_XKLB", "XK_XKZS", "XK_XKBH", "XK_NR", "XK_JDRQ", "XK_YXQZ", "XK_YXQZI"],
    ...["XK_XKJG", "XK_XKJGDM", "XK_ZT", "XK_LYDW", "XK_LYDWDM", "BZ"],
  ],
  "enforcement.penalty/1": [
    ...counterpartyCodes("CF"),
    ...["CF_WSH", "CF_WFXW", "CF_SY", "CF_YJ", "CF_CFLB", "CF_NR", "CF_NR_FK", "CF_NR_WFFF", "CF_NR_ZKDX"],
    ...["CF_JDRQ", "CF_YXQ", "CF_GSJZQ", "CF_CFJG", "CF_CFJGDM", "CF_SJLY", "CF_SJLYDM", "BZ"],
  ],
};

describe("Record types", () => {
  it("are the sixteen of the chain, changes in the business register and the head of the access log, each in the kind of its family", () => {
    expect([...recordTypes.keys()]).to.have.members([
      ...[
        "approval.licence/1",
        "approval.change/1",
        "approval.registration/1",
        "service.case/1",
        "service.evaluation/1",
        "supervision.plan/1",
      ],
      "service.access-log/1",
      ...["supervision.inspection/1", "supervision.rectification/1", "enforcement.filing/1", "enforcement.penalty/1"],
      ...["enforcement.coercion/1", "enforcement.transfer/1", "credit.commitment/1", "credit.listing/1"],
      ...["credit.honour/1", "credit.repair/1", "credit.objection/1"],
    ]);
    for (const { type, kind } of layouts) expect(kind).to.equal(families[type.split(".")[0] as keyof typeof families]);
  });

  for (const [type, codes] of Object.entries(officialCodes)) {
    it(`${type} has the official columns in the official order`, () => {
      const columns = typeNamed(type).fields.map(({ code }) => code);
      expect(columns.slice(0, codes.length)).to.deep.equal(codes);
    });
  }

  for (const layout of layouts) {
    it(`${nameOf(layout)}: every name of a column leads to that column`, () => {
      for (const field of layout.fields) {
        const names = [field.claim, field.heading, ...(field.code ? [field.code] : []), ...field.synonyms];
        for (const name of names) expect(fieldNamed(layout, name)?.claim, name).to.equal(field.claim);
      }
    });

    it(`${nameOf(layout)}: is recognised by its headings and by its codes, in any order`, () => {
      const byHeading = layout.fields.map(({ heading }) => heading);
      const byCode = layout.fields.map(({ code, heading }) => code ?? heading);
      for (const names of [byHeading, byHeading.toReversed(), byCode, byCode.toReversed()]) {
        expect(detectType(names, recordTypes.values())).to.equal(layout);
        expect(mapColumns(layout, names)).to.deep.include({ unknown: [], duplicate: [], missing: [] });
      }
    });

    it(`${nameOf(layout)}: says whom it is about, its number, its day and its department`, () => {
      const claims = layout.fields.map(({ claim }) => claim);
      expect(claims).to.include.members(["subjectName", "number", "eventTime", "department"]);
      for (const claim of ["subjectName", "number", "eventTime"]) {
        expect(layout.fields.find((field) => field.claim === claim)?.presence, claim).to.equal("required");
      }
    });

    it(`${nameOf(layout)}: shows in each column an example that it reads`, () => {
      for (const { format, claim } of layout.fields)
        expect(format.parse(format.example).fault, claim).to.equal(undefined);
    });

    it(`${nameOf(layout)}: depends only on claims that it has`, () => {
      const claims = new Set(layout.fields.map(({ claim }) => claim));
      for (const { presence } of layout.fields)
        if (typeof presence !== "string") expect(claims).to.include(presence.claim);
      for (const { claim } of layout.rules) expect(claims).to.include(claim);
    });
  }

  it("call the same claim the same in every type", () => {
    const labels = new Map<string, unknown>();
    for (const { claim, label } of layouts.flatMap(({ fields }) => fields)) {
      expect(label, claim).to.deep.equal(labels.get(claim) ?? label);
      labels.set(claim, label);
    }
  });

  it("never publish identity numbers or put them into open data", () => {
    const personal = layouts
      .flatMap(({ fields }) => fields)
      .filter(({ claim }) => /identityNumber|CertificateNumber/.test(claim));
    expect(personal.length).to.be.greaterThan(2);
    for (const { handling } of personal) expect(handling).to.include({ publication: "never", open: "none", grade: 4 });
  });

  it("have a statement with as many claims whatever a record holds", () => {
    for (const { type, record } of vectors) {
      expect(claimsOf(typeNamed(type))).to.include.members(Object.keys(record.fields));
    }
  });
});

describe("Headings", () => {
  it("may differ in width, case, spaces, stars and brackets", () => {
    const licence = typeNamed("approval.licence/1");
    for (const name of [
      "*行政相对人名称",
      " 行政 相对人名称 ",
      "xk_xdr_mc",
      "ＸＫ_ＸＤＲ_ＭＣ",
      "【行政相对人名称】",
    ]) {
      expect(fieldNamed(licence, name)?.claim, name).to.equal("subjectName");
    }
  });

  it("do not lose their unit", () => {
    const penalty = typeNamed("enforcement.penalty/1");
    expect(fieldNamed(penalty, "罚款金额(万元)")?.claim).to.equal("fineFen");
    expect(fieldNamed(penalty, "罚款金额（元）")).to.equal(undefined);
    expect(fieldNamed(penalty, "罚款金额")).to.equal(undefined);
  });

  it("that nothing answers to are told, and so are repeated and missing ones", () => {
    const map = mapColumns(typeNamed("credit.honour/1"), ["荣誉名称", "网格员", "荣誉名称 ", "", "honourName"]);
    expect(map.unknown).to.deep.equal(["网格员"]);
    expect(map.duplicate).to.deep.equal(["荣誉名称", "honourName"]);
    expect(map.missing.map(({ claim }) => claim)).to.deep.equal([
      ...["number", "subjectName", "subjectCategory", "honourContent", "eventTime", "authority"],
    ]);
  });

  it("of no type or of too few columns are not guessed", () => {
    for (const names of [[], ["姓名", "电话"], ["行政处罚决定书文号", "备注"]]) {
      expect(detectType(names, recordTypes.values())).to.equal(null);
    }
  });

  it("have one normal form", () => {
    for (const { heading } of layouts.flatMap(({ fields }) => fields)) {
      expect(columnKey(columnKey(heading))).to.equal(columnKey(heading));
    }
  });
});

describe("A new type", () => {
  const common = { class: "credit", handling: published, presence: "required" } as const;
  const donation: RecordType = {
    type: "credit.donation/1",
    kind: 5,
    label: { zh: "公益捐赠", en: "Donation" },
    source: "test",
    fields: [
      field({
        ...common,
        claim: "number",
        heading: "捐赠证书编号",
        zh: "文书号",
        en: "Document number",
        format: documentNumber,
      }),
      field({ ...common, claim: "subjectName", heading: "捐赠人", en: "Donor", format: text, handling: subjectName }),
      field({ ...common, claim: "uscc", heading: "捐赠人代码", en: "Code", format: uscc, consumed: "uscc" }),
      field({ ...common, claim: "eventTime", heading: "捐赠日期", en: "Date of the act", format: date }),
      department("受赠单位代码", null),
    ],
    rules: [],
  };

  it("is one object: its columns, messages, claims and record follow from it", () => {
    const row = {
      ...{ 捐赠证书编号: "京慈证（2026）1号", 捐赠人: "北京青禾餐饮管理有限公司", 捐赠人代码: "91110108MA9D00013X" },
      ...{ 捐赠日期: "2026/5/1", 受赠单位代码: "51110000MJ9D000831" },
    };
    expect(detectType(Object.keys(row), [...recordTypes.values(), donation])).to.equal(donation);
    expect(claimsOf(donation)).to.deep.equal(["subject", "subjectName", "number", "eventTime", "links", "local"]);
    const good = validateRecord(donation, row);
    expect(good).to.have.nested.property("record.number", "京慈证〔2026〕1号");
    const bad = validateRecord(donation, { ...row, 捐赠日期: "" });
    expect(bad).to.have.nested.property("problems[0].column", "捐赠日期");
  });
});
