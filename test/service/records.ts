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
