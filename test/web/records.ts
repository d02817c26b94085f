// Records with the texts of real ones and fictitious codes, as the page's tests and its pictures show them.
import { ENTERPRISE, type Draft } from "./real-ledger.ts";

const common = { subject: { ...ENTERPRISE }, subjectName: "北京示例餐饮管理有限公司" };

export const inspection: Draft = {
  type: "supervision.inspection/1",
  kind: 3,
  fields: {
    ...common,
    number: "京海市监检〔2026〕318号",
    eventTime: "2026-02-11",
    actionName: "餐饮服务食品安全日常检查",
    inspectionResult: "发现问题待后续处理",
  },
};

export const penalty: Draft = {
  type: "enforcement.penalty/1",
  kind: 4,
  fields: {
    ...common,
    subjectCategory: "法人及非法人组织",
    number: "京海市监罚〔2026〕127号",
    eventTime: "2026-03-02",
    legalRepresentative: "张示例",
    violationType: "违反食品安全管理规定",
    violationFacts: "经检查，当事人后厨存放超过保质期的食品原料3袋，未及时清理，也未按规定建立进货查验记录。",
    legalBasis: "《中华人民共和国食品安全法》第一百二十四条第一款第（二）项、第一百二十六条第一款第（三）项",
    penaltyKinds: ["警告", "罚款"],
    penaltyContent: "给予警告，并处罚款人民币壹万贰仟元整。",
    fineFen: 1_200_000,
    effectiveTo: "indefinite",
    publicationTo: "2029-03-02",
    authority: "北京市海淀区示例市场监督管理局",
    links: [{ rel: "inspection-of", number: "京海市监检〔2026〕318号" }],
  },
};

export const correctedPenalty: Draft = { ...penalty, fields: { ...penalty.fields, fineFen: 800_000 } };

export const licence: Draft = {
  type: "approval.licence/1",
  kind: 1,
  fields: {
    ...common,
    subjectCategory: "法人及非法人组织",
    documentName: "食品经营许可决定书",
    number: "京海市监许〔2026〕55号",
    licenceContent: "热食类食品制售",
    eventTime: "2026-01-15",
    validFrom: "2026-01-15",
    validTo: "2031-01-14",
  },
};
