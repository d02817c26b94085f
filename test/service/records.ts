import { CITY, ENTERPRISE } from "./harness.ts";

/** A penalty as a department would send it; every test changes what it is about. */
export function penalty(number: string, changes: Record<string, unknown> = {}) {
  return {
    type: "enforcement.penalty/1",
    fields: {
      行政相对人名称: "京海示例科技有限公司",
      行政相对人类别: "法人及非法人组织",
      统一社会信用代码: ENTERPRISE,
      法定代表人: "张示例",
      行政处罚决定书文号: number,
      违法行为类型: "未按规定公示信息",
      违法事实: "经查，当事人未在规定期限内公示年度报告。",
      处罚依据: "《市场主体登记管理条例》第四十三条",
      处罚类别: "罚款",
      处罚内容: "罚款人民币伍仟元整",
      "罚款金额（万元）": "0.5",
      处罚决定日期: "2026/03/02",
      处罚有效期: "2027/03/02",
      公示截止期: "2027/03/02",
      处罚机关: "京海市市场监督管理局",
      处罚机关统一社会信用代码: CITY,
      数据来源单位: "京海市市场监督管理局",
      数据来源单位统一社会信用代码: CITY,
      ...changes,
    },
  };
}

const about = { 行政相对人名称: "京海示例科技有限公司", 行政相对人类别: "法人及非法人组织" };

export function licence(number: string, changes: Record<string, unknown> = {}) {
  return {
    type: "approval.licence/1",
    fields: {
      ...about,
      "行政相对人代码_1（统一社会信用代码）": ENTERPRISE,
      法定代表人: "张示例",
      行政许可决定文书名称: "食品经营许可证",
      行政许可决定文书号: number,
      许可类别: "普通",
      许可内容: "预包装食品销售",
      许可决定日期: "2025/01/10",
      有效期自: "2025/01/10",
      有效期至: "2030/01/09",
      许可机关: "京海市市场监督管理局",
      许可机关统一社会信用代码: CITY,
      当前状态: "有效",
      数据来源单位: "京海市市场监督管理局",
      数据来源单位统一社会信用代码: CITY,
      ...changes,
    },
  };
}

export function serviceCase(number: string, changes: Record<string, unknown> = {}) {
  return {
    type: "service.case/1",
    department: CITY,
    fields: {
      办件编号: number,
      申请人名称: "京海示例科技有限公司",
      申请人类型: "法人及非法人组织",
      申请人统一社会信用代码: ENTERPRISE,
      事项编码: "01133107500031",
      事项名称: "食品经营许可",
      收件时间: "2025-01-02 09:30:00",
      受理结果: "受理",
      办结时间: "2025-01-09 16:00:00",
      办结状态: "办结",
      办理部门: "京海市市场监督管理局",
      ...changes,
    },
  };
}

export function inspection(number: string, changes: Record<string, unknown> = {}) {
  return {
    type: "supervision.inspection/1",
    department: CITY,
    fields: {
      监管事项目录编码: "01133107500031",
      监管事项检查实施清单编码: `${CITY}30001`,
      检查行为名称: "食品经营日常检查",
      检查行为编号: number,
      监管对象: "京海示例科技有限公司",
      行政相对人: "京海示例科技有限公司",
      行政相对人性质: "法人",
      行政相对人证件类型: "统一社会信用代码",
      行政相对人编码: ENTERPRISE,
      行政区划代码: "110108",
      检查形式: "日常检查",
      检查类别: "专项检查",
      检查结果: "发现问题已责令改正",
      检查时间: "2026-02-20 10:00:00",
      检查人员: "王示例;李示例",
      ...changes,
    },
  };
}

export function commitment(number: string, changes: Record<string, unknown> = {}) {
  return {
    type: "credit.commitment/1",
    department: CITY,
    fields: {
      承诺编码: number,
      承诺人名称: "京海示例科技有限公司",
      承诺人类别: "法人及非法人组织",
      承诺人代码: ENTERPRISE,
      承诺类型: "审批替代型",
      承诺事由: "食品经营许可",
      承诺内容: "符合许可条件",
      违诺责任: "依法撤销许可",
      承诺作出日期: "2025/01/02",
      承诺履行状态: "全部履行",
      承诺受理单位: "京海市市场监督管理局",
      承诺受理单位代码: CITY,
      公开类型: "可向社会公开",
      ...changes,
    },
  };
}

export function repair(number: string, changes: Record<string, unknown> = {}) {
  return {
    type: "credit.repair/1",
    fields: {
      修复决定文书号: number,
      修复主体名称: "京海示例科技有限公司",
      主体类别: "法人及非法人组织",
      主体统一社会信用代码: ENTERPRISE,
      修复对象文书号: "京市监罚〔2026〕1号",
      申请日期: "2026-09-21",
      修复决定日期: "2026-09-30",
      修复结果: "准予修复",
      修复决定单位: "京海市市场监督管理局",
      修复决定单位统一社会信用代码: CITY,
      ...changes,
    },
  };
}

export function objection(number: string, contested: string, changes: Record<string, unknown> = {}) {
  return {
    type: "credit.objection/1",
    fields: {
      异议编号: number,
      异议主体名称: "京海示例科技有限公司",
      主体类别: "法人及非法人组织",
      主体统一社会信用代码: ENTERPRISE,
      异议对象文书号: contested,
      异议事由: "信息错误或者遗漏",
      异议内容: "罚款金额有误",
      异议提出日期: "2026-09-21",
      异议处理单位: "京海市市场监督管理局",
      异议处理单位统一社会信用代码: CITY,
      ...changes,
    },
  };
}

/** An entry of the business register. */
export function registration(number: string, change: string, changes: Record<string, unknown> = {}) {
  return {
    type: "approval.registration/1",
    fields: {
      登记通知书文号: number,
      经营主体名称: "京海示例科技有限公司",
      经营主体类别: "法人及非法人组织",
      经营主体统一社会信用代码: ENTERPRISE,
      登记变更类型: change,
      核准日期: "2026/03/02",
      登记机关: "京海市市场监督管理局",
      登记机关统一社会信用代码: CITY,
      数据来源单位: "京海市市场监督管理局",
      数据来源单位统一社会信用代码: CITY,
      ...changes,
    },
  };
}
