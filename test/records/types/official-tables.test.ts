import { expect } from "chai";
import type { Field } from "../../../backend/src/records/types/record-type.ts";
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

/** An item of the other templates: null where the template leaves something open. */
type Item = readonly [heading: string, code: string | null, presence: "M" | "O" | "C" | null, maxLength: number | null];

/** 行政相对人 of both tables of the national “互联网+监管” system (C5102-2019). */
const REGULATED: readonly Item[] = [
  ["监管事项目录编码", "supervise_item_implement_code", "M", null],
  ["实施机构", "implement_institution", "O", null],
  ["实施机构编码", "implement_institution_code", "O", null],
  ["监管对象", "supervise_object", "M", 200],
  ["行政相对人", "administrative_cp", "M", 200],
  ["行政相对人性质", "administrative_cp_na", "M", null],
  ["行政相对人证件类型", "administrative_cp_ce_type", "M", null],
  ["行政相对人编码", "administrative_cp_ui_code", "M", null],
  ["行政区划代码", "area_number", "M", 6],
];

const TEMPLATES: Readonly<Record<string, readonly Item[]>> = {
  "credit.commitment/1": [
    ["承诺编码", null, "M", 20],
    ["承诺人名称", null, null, 200],
    ["承诺人类别", null, null, null],
    ["承诺人代码", null, null, 18],
    ["承诺类型", null, null, null],
    ["承诺事由", null, null, 512],
    ["承诺内容", null, null, 4000],
    ["违诺责任", null, null, 4000],
    ["承诺作出日期", null, null, null],
    ["承诺有效期", null, "O", null],
    ["承诺履行状态", null, null, null],
    ["未履行的承诺内容", null, null, null],
    ["违诺责任追究内容", null, null, null],
    ["承诺履行状态认定日期", null, null, null],
    ["承诺履行状态认定单位", null, null, null],
    ["承诺履行状态认定单位代码", null, null, 18],
    ["承诺受理单位", null, "M", null],
    ["承诺受理单位代码", null, "M", 18],
    ["公开类型", null, null, null],
    ["备注", null, null, 512],
  ],
  // 收件, 受理, 办理, 办结 of one case. What is granted (XK_XKWS, XK_YXQZ, XK_YXQZI) stands in the licence's own record.
  "service.case/1": [
    ["申报号", "PROJID", null, null],
    ["事项编码", "SERVICECODE", null, null],
    ["行政区划代码", "AREACODE", null, null],
    ["受理结果", null, null, null],
    ["承诺工作日", "PROMISEVALUE", null, null],
    ["环节名称", "Node_Name", null, null],
    ["办理意见", "OPINION", null, null],
    ["办结状态", null, null, null],
    ["结果描述", null, null, null],
    ["结果证照编号", "RESULT_CODE", null, null],
    ["办理部门统一社会信用代码", "XK_XKJGDM", null, null],
  ],
  "service.evaluation/1": [
    ["办件编号", "projectNo", null, null],
    ["办理部门代码", "deptCode", null, null],
    ["事项编码", "taskCode", null, null],
    ["业务办理项", "taskHandleItem", null, null],
    ["事项名称", "taskName", null, null],
    ["办件状态", "proStatus", null, null],
    ["办理部门", "proDepart", null, null],
    ["受理时间", "acceptDate", null, null],
    ["申请人类型", "userProp", null, null],
    ["满意度", "satisfaction", null, null],
    ["评价详情", "evalDetail", null, null],
    ["文字评价", "writingEvaluation", null, null],
    ["评价时间", "assessTime", null, null],
    ["评价渠道", "pf", null, null],
  ],
  "supervision.plan/1": [
    ["抽查计划编号", "raninsPlanId", null, 50],
    ["抽查计划名称", "raninsPlaneName", null, null],
    ["抽查任务编号", "raninsTaskId", null, null],
    ["抽查任务名称", "raninsTaskName", null, null],
    ["抽查类型", "raninsTypeName", null, null],
    ["抽查机关", "insAuth", null, null],
    ["抽查完成日期", "insDate", null, null],
  ],
  "supervision.inspection/1": [
    ...REGULATED,
    // M in the table, but the exchange gives it: a department that anchors before it reports has none.
    ["记录唯一标识", "record_unique_identity", null, null],
    ["双随机一公开计划ID", "plan_id", "C", 50],
    ["监管事项检查实施清单编码", "supervise_item_check_icode", "M", null],
    ["检查行为名称", "check_action_name", "M", null],
    ["检查行为编号", "check_action_code", "M", 50],
    ["受委托部门", "entrust_dept", "O", null],
    ["受委托部门编码", "entrust_dept_code", "O", null],
    ["注册地址", "address_registered", "O", 400],
    ["经营地址", "address_operating", "O", 400],
    ["检查形式", "check_form", "M", null],
    ["检查类别", "check_type", "M", null],
    ["检查方式", "check_mode", "O", null],
    ["检查结果", "check_result", "M", null],
    ["检查时间", "check_date", "M", null],
    ["检查人员", "check_personnel", "M", null],
    ["执法证号", "check_personnel_code", "O", null],
    ["报送时间", "submitted_date", "O", null],
    ["报送人员", "submitted_personnel", "O", null],
  ],
  // 行政处罚行为: the publicity template rules what must be there, and this table names what else may be.
  "enforcement.penalty/1": [
    ["案件来源", null, null, null],
    ["检查行为编号", "check_action_code", null, 50],
    ["处罚程序", null, null, null],
    ["是否听证", null, null, null],
    ["是否涉刑案件", null, null, null],
    ["处罚文书号", null, "M", null],
    ["作出行政处罚决定日期", null, "M", null],
    ["处罚种类", null, "M", null],
    ["处罚立案时间", null, "O", null],
    ["是否重大案件", null, "O", null],
    ["是否法制审核", null, "O", null],
    ["法制审核日期", null, "O", null],
    ["是否集体讨论", null, "O", null],
    ["集体讨论日期", null, "O", null],
    ["结案实缴罚款金额（万元）", null, "O", null],
    ["结案日期", null, "O", null],
  ],
  "enforcement.coercion/1": [
    ...REGULATED,
    ["强制行为名称", null, "M", 400],
    ["强制行为编号", null, "M", 50],
    // M in the table, but measures taken on the spot (行政强制法 art. 19) follow from no inspection.
    ["检查行为编号", "check_action_code", "O", 50],
    ["违法事实", null, "M", 1000],
    ["强制依据", null, "M", 1000],
    ["强制决定书号", null, "M", 100],
    ["行政强制种类", null, "M", null],
    // O in the table. Without them nobody can tell which time limit of 行政强制法 (arts. 25, 32) binds and when it ends.
    ["强制措施类型", null, "C", null],
    ["强制执行类型", null, "C", null],
    ["实施强制措施的起始时间", null, "C", null],
    ["实施强制措施的结束时间", null, "O", null],
    ["延长期限", null, "O", null],
    ["强制结果", null, "O", 50],
  ],
  "credit.listing/1": [
    ["列入原因", null, "M", null],
    ["列入日期", null, "M", null],
    ["作出列入决定机关", null, "M", null],
    ["移出原因", null, "O", null],
    ["移出日期", null, "O", null],
    ["作出移出决定机关", null, "O", null],
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
  [
    "enforcement.coercion/1",
    "measure",
    ["限制公民人身自由", "查封场所、设施或者财物", "扣押财物", "冻结存款、汇款", "其他-"],
  ],
  [
    "enforcement.coercion/1",
    "enforcementMode",
    ["加处罚款或者滞纳金", "划拨存款、汇款", "拍卖或者依法处理", "排除妨碍、恢复原状", "代履行", "其他-"],
  ],
  ["enforcement.penalty/1", "procedure", ["简易程序", "普通程序"]],
  ["service.case/1", "acceptance", ["受理", "不予受理"]],
  ["service.case/1", "conclusion", ["办结", "作废办结", "退件"]],
  ["credit.listing/1", "dishonestyClass", ["轻微", "一般", "严重"]],
  ["credit.repair/1", "dishonestyClass", ["轻微", "一般", "严重"]],
  ["credit.objection/1", "objectionResult", ["更正", "补充", "停止公示", "移出名单", "维持"]],
];

/** Codes that exchanging systems write, and the wording that they stand for. */
const CODES: readonly [type: string, claim: string, codes: Readonly<Record<string, string>>][] = [
  ["approval.licence/1", "licenceStatus", { "1": "有效", "2": "无效" }],
  ["service.case/1", "acceptance", { "0": "受理", "1": "不予受理" }],
  ["service.case/1", "conclusion", { "0": "办结", "1": "作废办结", "3": "退件" }],
  ["supervision.inspection/1", "subjectNature", { "1": "公民", "2": "法人", "3": "其他组织" }],
  ["supervision.inspection/1", "inspectionForm", { "01": "日常检查", "02": "专项检查" }],
  [
    "supervision.inspection/1",
    "inspectionResult",
    {
      ...{ "1": "未发现问题", B: "未按规定公示应当公示的信息", C: "公示信息隐瞒真实情况、弄虚作假" },
      ...{ "6": "通过登记的住所（经营场所）无法联系", E: "发现问题已责令改正", A: "发现问题待后续处理" },
      ...{ "2": "发现问题待后续处理", "3": "发现问题待后续处理", "4": "发现问题待后续处理", "5": "发现问题待后续处理" },
      ...{ D: "发现问题待后续处理", G: "发现问题待后续处理", F: "未发现开展本次抽查涉及的经营活动" },
      ...{ "7": "已关闭停业或正在组织清算", "8": "不配合检查情节严重" },
      ...{ "9": "注销", "10": "被吊销", "11": "被撤销", "12": "迁出" },
    },
  ],
];

/** The department is named by the file or by whoever imports it: its column is required of neither. */
const NAMED_BY_IMPORT = "department";

function statedPresence({ presence }: Field): "M" | "O" | "C" {
  return typeof presence === "object" ? "C" : presence === "required" ? "M" : "O";
}

describe("The official tables", () => {
  for (const [type, rows] of Object.entries(TABLES))
    for (const [code, heading, presence, maxLength] of rows)
      it(`${type} ${code} ${heading}`, () => {
        const field = typeNamed(type).fields.find((one) => one.code === code)!;
        expect(field.heading).to.equal(heading);
        if (field.claim !== NAMED_BY_IMPORT) expect(statedPresence(field)).to.equal(presence);
        expect(field.maxLength).to.equal(maxLength);
      });

  for (const [type, items] of Object.entries(TEMPLATES))
    for (const [heading, code, presence, maxLength] of items)
      it(`${type} ${heading}`, () => {
        const namesOf = (one: Field) => [one.heading, one.code, ...one.synonyms];
        const field = typeNamed(type).fields.find((one) => namesOf(one).includes(heading))!;
        if (code !== null) expect(namesOf(field)).to.include(code);
        if (presence !== null && field.claim !== NAMED_BY_IMPORT) expect(statedPresence(field)).to.equal(presence);
        if (maxLength !== null) expect(field.maxLength ?? field.format.example.length).to.equal(maxLength);
      });

  for (const [type, claim, codes] of CODES)
    it(`${type} ${claim}: ${Object.keys(codes).join("、")}`, () => {
      const { format } = typeNamed(type).fields.find((one) => one.claim === claim)!;
      for (const [code, wording] of Object.entries(codes)) expect(format.parse(code)).to.deep.equal({ value: wording });
    });

  for (const [type, claim, values] of VALUES)
    it(`${type} ${claim}: ${values.join("、")}`, () => {
      const field = typeNamed(type).fields.find((one) => one.claim === claim)!;
      expect(field.format.values!.map(({ zh }) => zh)).to.deep.equal(values);
    });
});
