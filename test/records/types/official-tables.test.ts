import { expect } from "chai";
import { typeNamed } from "./vectors.ts";

// The tables of the standards, typed off them by hand: code, official heading, whether it must be there (M), may be (O) or depends on
// another item (C), and the longest value in characters (null: the format bounds it). Not derived from the code under test.

type Row = readonly [code: string, heading: string, presence: "M" | "O" | "C", maxLength: number | null];

/** Columns 1 to 13 of both templates of 发改办财金〔2018〕424号. The organisation code has 9 characters, 10 with its hyphen. */
function counterparty(prefix: "XK" | "CF"): readonly Row[] {
  return [
    [`${prefix}_XDR_MC`, "行政相对人名称", "M", 200],
    [`${prefix}_XDR_LB`, "行政相对人类别", "M", null],
    [`${prefix}_XDR_SHXYM`, "行政相对人代码_1（统一社会信用代码）", "C", null],
    [`${prefix}_XDR_GSZC`, "行政相对人代码_2（工商注册号）", "O", 50],
    [`${prefix}_XDR_ZZJG`, "行政相对人代码_3（组织机构代码）", "O", 10],
    [`${prefix}_XDR_SWDJ`, "行政相对人代码_4（税务登记号）", "O", 20],
    [`${prefix}_XDR_SYDW`, "行政相对人代码_5（事业单位证书号）", "O", 120],
    [`${prefix}_XDR_SHZZ`, "行政相对人代码_6（社会组织登记证号）", "O", 50],
    [`${prefix}_FRDB`, "法定代表人", "C", 50],
    [`${prefix}_FR_ZJLX`, "法定代表人证件类型", "O", null],
    [`${prefix}_FR_ZJHM`, "法定代表人证件号码", "O", 64],
    [`${prefix}_XDR_ZJLX`, "证件类型", "C", null],
    [`${prefix}_XDR_ZJHM`, "证件号码", "C", 64],
  ];
}

const TABLES: Readonly<Record<string, readonly Row[]>> = {
  "approval.licence/1": [
    ...counterparty("XK"),
    ["XK_XKWS", "行政许可决定文书名称", "M", 64],
    ["XK_WSH", "行政许可决定文书号", "M", 64],
    ["XK_XKLB", "许可类别", "M", 256],
    // To be filled in where a certificate was issued, which no item of the table says.
    ["XK_XKZS", "许可证书名称", "O", 64],
    ["XK_XKBH", "许可编号", "O", 64],
    ["XK_NR", "许可内容", "M", 4000],
    ["XK_JDRQ", "许可决定日期", "M", null],
    ["XK_YXQZ", "有效期自", "M", null],
    ["XK_YXQZI", "有效期至", "M", null],
    ["XK_XKJG", "许可机关", "M", 200],
    ["XK_XKJGDM", "许可机关统一社会信用代码", "M", null],
    ["XK_ZT", "当前状态", "M", null],
    ["XK_LYDW", "数据来源单位", "M", 200],
    ["XK_LYDWDM", "数据来源单位统一社会信用代码", "M", null],
    ["BZ", "备注", "O", 4000],
  ],
  "enforcement.penalty/1": [
    ...counterparty("CF"),
    ["CF_WSH", "行政处罚决定书文号", "M", 128],
    ["CF_WFXW", "违法行为类型", "M", 2000],
    ["CF_SY", "违法事实", "M", 5000],
    ["CF_YJ", "处罚依据", "M", 2000],
    ["CF_CFLB", "处罚类别", "M", 256],
    ["CF_NR", "处罚内容", "M", 4000],
    ["CF_NR_FK", "罚款金额（万元）", "C", null],
    ["CF_NR_WFFF", "没收违法所得、没收非法财物的金额（万元）", "C", null],
    ["CF_NR_ZKDX", "暂扣或吊销证照名称及编号", "C", 200],
    ["CF_JDRQ", "处罚决定日期", "M", null],
    ["CF_YXQ", "处罚有效期", "O", null],
    ["CF_GSJZQ", "公示截止期", "O", null],
    ["CF_CFJG", "处罚机关", "M", 200],
    ["CF_CFJGDM", "处罚机关统一社会信用代码", "M", null],
    ["CF_SJLY", "数据来源单位", "M", 200],
    ["CF_SJLYDM", "数据来源单位统一社会信用代码", "M", null],
    ["BZ", "备注", "O", 4000],
  ],
};

/** Prescribed values, in the order of the standards; the last one of an open list is followed by free text. */
const VALUES: readonly [type: string, claim: string, values: readonly string[]][] = [
  ["approval.licence/1", "subjectCategory", ["法人及非法人组织", "自然人", "个体工商户"]],
  ["approval.licence/1", "licenceCategory", ["普通", "特许", "认可", "核准", "登记", "其他-"]],
  ["approval.licence/1", "licenceStatus", ["有效", "无效"]],
  [
    "enforcement.penalty/1",
    "penaltyKinds",
    [
      ...["警告", "通报批评", "罚款", "没收违法所得", "没收非法财物", "暂扣许可证件", "降低资质等级", "吊销许可证件"],
      ...["限制开展生产经营活动", "责令停产停业", "责令关闭", "限制从业", "行政拘留", "其他-"],
    ],
  ],
  [
    "credit.commitment/1",
    "commitmentType",
    ["审批替代型", "容缺受理型", "证明事项型", "信用修复型", "行业自律型", "主动型", "其他"],
  ],
  ["credit.commitment/1", "fulfilment", ["全部履行", "部分履行", "全部未履行"]],
  ["credit.commitment/1", "openness", ["可向社会公开", "特定范围内公开", "不可公开"]],
  ["supervision.inspection/1", "inspectionForm", ["日常检查", "专项检查"]],
  ["supervision.inspection/1", "subjectNature", ["公民", "法人", "其他组织"]],
  ["enforcement.coercion/1", "coercionKind", ["强制措施", "强制执行"]],
  ["service.case/1", "conclusion", ["办结", "作废办结", "退件"]],
];

/** The department is named by the file or by whoever imports it: its column is required of neither. */
const NAMED_BY_IMPORT = "department";

describe("The official tables", () => {
  for (const [type, rows] of Object.entries(TABLES))
    for (const [code, heading, presence, maxLength] of rows)
      it(`${type} ${code} ${heading}`, () => {
        const field = typeNamed(type).fields.find((one) => one.code === code)!;
        const stated = typeof field.presence === "object" ? "C" : field.presence === "required" ? "M" : "O";
        expect(field.heading).to.equal(heading);
        if (field.claim !== NAMED_BY_IMPORT) expect(stated).to.equal(presence);
        expect(field.maxLength).to.equal(maxLength);
      });

  for (const [type, claim, values] of VALUES)
    it(`${type} ${claim}: ${values.join("、")}`, () => {
      const field = typeNamed(type).fields.find((one) => one.claim === claim)!;
      expect(field.format.values!.map(({ zh }) => zh)).to.deep.equal(values);
    });
});
