import type { Certificate, Kind, Step } from "@quanlian/proof";
import type { Bilingual } from "../../records/problems.ts";

export const TITLES: Readonly<Record<Certificate["purpose"], Bilingual>> = {
  "clean-record": { zh: "无违法失信记录证明", en: "Certificate of a clean record" },
  history: { zh: "完整记录证明", en: "Certificate of complete history" },
  record: { zh: "记录证明", en: "Certificate of records" },
};

export const KINDS: Readonly<Record<Kind, Bilingual>> = {
  1: { zh: "审批", en: "approval" },
  2: { zh: "服务", en: "service" },
  3: { zh: "监管", en: "supervision" },
  4: { zh: "执法", en: "enforcement" },
  5: { zh: "信用", en: "credit" },
};

export const REASONS: Readonly<Record<1 | 2 | 3 | 4, Bilingual>> = {
  1: { zh: "已更正", en: "Corrected" },
  2: { zh: "已撤销", en: "Withdrawn" },
  3: { zh: "已修复", en: "Repaired" },
  4: { zh: "经复议或判决撤销", en: "Annulled" },
};

export const LABELS = {
  name: { zh: "名称", en: "Name" },
  nameUnproven: { zh: "名称（据记录）", en: "Name, as recorded" },
  uscc: { zh: "统一社会信用代码", en: "Credit code" },
  person: { zh: "证件", en: "Identity" },
  period: { zh: "期间", en: "Period" },
  kinds: { zh: "记录类别", en: "Kinds" },
  scope: { zh: "所涉部门", en: "Departments" },
  asOf: { zh: "截至（北京时间）", en: "As of (Beijing)" },
  issued: { zh: "出具（北京时间）", en: "Issued (Beijing)" },
  ledger: { zh: "链 · 账本 · 区块", en: "Chain, ledger, block" },
  code: { zh: "查验码", en: "Code" },
  fingerprint: { zh: "文件指纹", en: "SHA-256 of the file" },
  day: { zh: "日期", en: "Date" },
  type: { zh: "记录", en: "Record" },
  number: { zh: "文书号", en: "Number" },
  department: { zh: "部门", en: "Department" },
  state: { zh: "状态", en: "State" },
  stands: { zh: "有效", en: "Stands" },
  objected: { zh: "异议处理中", en: "under objection" },
  withheld: { zh: "未出示", en: "Not shown" },
  unknown: { zh: "—", en: "" },
  proven: { zh: "证明事项", en: "What is certified" },
  limits: { zh: "证明范围之外", en: "What is not certified" },
  records: { zh: "所示记录", en: "Records shown" },
  verify: { zh: "如何核验", en: "How to verify" },
} as const satisfies Record<string, Bilingual>;

/** docs/trust.md, "What a clean-record certificate says". */
export const LIMITS: Readonly<Record<"always" | "scoped", readonly Bilingual[]>> = {
  always: [
    {
      zh: "部门从未上链的行为，以及截至时间之后才补录的记录，不在证明之内。需要最新情况的，请要求重新出具。",
      en: "Acts that no department ever put on the ledger, and records added after the moment named above, are not covered. For a newer state ask for a fresh certificate.",
    },
    {
      zh: "纸面文字只供阅读，证明力在于所附的证明文件，请按下述方法核验。",
      en: "The printed words are for reading only; the proof is the file. Please verify it as described below.",
    },
  ],
  scoped: [
    {
      zh: "本证明只就所列部门作出，对其他部门及整个管理领域不作任何陈述。",
      en: "It speaks of the departments named and says nothing about any other, nor about a field of administration as such.",
    },
  ],
};

export const STEPS: readonly Bilingual[] = [
  {
    zh: "扫描二维码或打开上面的网址，即在您自己的设备上核验，不必相信出示人。",
    en: "Scan the code, or open the address above in a browser. The check runs on your own device; you need not believe whoever shows you this paper.",
  },
  {
    zh: "页面显示的代码、期间和结论应与本页一致；不一致的，请勿采信本页。",
    en: "Compare the credit code, period and conclusion on the screen with this paper. If they differ, do not rely on the paper.",
  },
  {
    zh: "不经本网站：保存证明文件，用开源程序 quanlian verify 和另行取得的信任名单核验。",
    en: "Without this site: save the certificate file and run the open-source `quanlian verify` with a trust list that you obtained by another way.",
  },
];

/** What is proven, out of the evidence of the verdict's conclusion. */
export function statementsOf(certificate: Certificate, found: Step["evidence"], moment: string): readonly Bilingual[] {
  const block = `#${certificate.chains[0]!.blockNumber}`;
  const asOf = { zh: `截至 ${moment}（区块 ${block}）`, en: `As of ${moment} (block ${block})` };
  switch (certificate.purpose) {
    case "clean-record":
      return cleanStatements(certificate, found, asOf);
    case "history":
      return [historyStatement(certificate, found, asOf)];
    case "record":
      return [recordStatement(found, asOf)];
  }
}

function cleanStatements({ kinds, scope, period }: Certificate, found: Step["evidence"], asOf: Bilingual): Bilingual[] {
  const { from, to } = period!;
  const whose = scope
    ? { zh: "上列部门作出的", en: "by the departments named above" }
    : { zh: "任何部门作出的", en: "by any department" };
  const what = kinds.map((kind) => ADVERSE[kind as 4 | 5]);
  const none = {
    zh: `${asOf.zh}，账本中没有${whose.zh}、日期在 ${from} 至 ${to} 之间且仍然有效的${what.map(({ zh }) => zh).join("或")}。`,
    en: `${asOf.en}, the ledger held no ${what.map(({ en }) => en).join(" and no ")} ${whose.en}, dated from ${from} to ${to}, that still stood.`,
  };
  return found.records === 0 ? [none] : [none, excusesOf(found)];
}

const ADVERSE: Readonly<Record<4 | 5, Bilingual>> = {
  4: { zh: "执法记录（行政处罚、行政强制等）", en: "enforcement record (penalties, coercive measures and the like)" },
  5: { zh: "失信名单记录", en: "entry in a list of the dishonest" },
};

function excusesOf({ superseded, notAdverse, outsideScope, outsidePeriod }: Step["evidence"]): Bilingual {
  return {
    zh: `证明文件中另列不属此列的记录：已更正、撤销或修复的 ${superseded} 条，承诺、荣誉、修复、异议等信用记录 ${notAdverse} 条，其他部门的 ${outsideScope} 条，期间以外的 ${outsidePeriod} 条。`,
    en: `The file also lists records that do not count: ${superseded} corrected, withdrawn or repaired; ${notAdverse} credit records such as commitments, honours, repairs and objections; ${outsideScope} of other departments; ${outsidePeriod} outside the period.`,
  };
}

function historyStatement({ kinds, period }: Certificate, found: Step["evidence"], asOf: Bilingual): Bilingual {
  const [first, last] = [period!.from.slice(0, 4), period!.to.slice(0, 4)];
  const years = first === last ? first : `${first}–${last}`;
  const { records, shown, withheld } = found;
  return {
    zh: `${asOf.zh}，账本中该主体 ${years} 年度的${kinds.map((kind) => KINDS[kind].zh).join("、")}记录共 ${records} 条，不多不少；本证明出示 ${shown} 条，未出示 ${withheld} 条。`,
    en: `${asOf.en}, the ledger held exactly ${records} ${kinds.map((kind) => KINDS[kind].en).join(", ")} records of this subject for the year(s) ${years}; ${shown} are shown here and ${withheld} are not.`,
  };
}

function recordStatement({ records, superseded }: Step["evidence"], asOf: Bilingual): Bilingual {
  return {
    zh: `下列 ${records} 条记录由所示部门签署并已上链，内容未经改动。${asOf.zh}，其中 ${superseded} 条已被更正、撤销或修复（见状态），其余仍然有效。`,
    en: `The ${records} record(s) below were signed by the departments named, anchored, and are unaltered. ${asOf.en}, ${superseded} had been corrected, withdrawn or repaired (see their state); the others stood.`,
  };
}
