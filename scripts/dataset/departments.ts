import type { Kind } from "@quanlian/proof";

/** A department of the demonstration: invented, with a fictitious code whose check digits are right. */
export interface DemoDepartment {
  /** Short name for file names. */
  readonly slug: string;
  readonly uscc: string;
  readonly zh: string;
  readonly en: string;
  /** Area code of its territory (GB/T 2260). */
  readonly area: string;
  readonly level: "municipal" | "district";
  /** The kinds of record that it may anchor. */
  readonly kinds: readonly Kind[];
  /** Whether it may supersede other departments' records: 行政复议. */
  readonly review: boolean;
}

/** `npm start` registers these; the dataset is written in their names. */
export const demoDepartments = {
  market: {
    slug: "market",
    uscc: "11110000MB9D0005X4",
    zh: "北京市市场监督管理局（演示）",
    en: "Beijing Market Regulation Bureau (demo)",
    area: "110000",
    level: "municipal",
    kinds: [1, 3, 4, 5],
    review: false,
  },
  haidianMarket: {
    slug: "haidian-market",
    uscc: "11110108MB9D00068W",
    zh: "北京市海淀区市场监督管理局（演示）",
    en: "Haidian District Market Regulation Bureau (demo)",
    area: "110108",
    level: "district",
    kinds: [1, 3, 4, 5],
    review: false,
  },
  serviceHall: {
    slug: "service-hall",
    uscc: "12110000MB9D00076U",
    zh: "北京市政务服务中心（演示）",
    en: "Beijing Government Service Centre (demo)",
    area: "110000",
    level: "municipal",
    kinds: [2],
    review: false,
  },
  environment: {
    slug: "environment",
    uscc: "11110000MB9D001210",
    zh: "北京市生态环境局（演示）",
    en: "Beijing Ecology and Environment Bureau (demo)",
    area: "110000",
    level: "municipal",
    kinds: [1, 3, 4],
    review: false,
  },
  construction: {
    slug: "construction",
    uscc: "11110000MB9D0013XP",
    zh: "北京市住房和城乡建设委员会（演示）",
    en: "Beijing Housing and Construction Commission (demo)",
    area: "110000",
    level: "municipal",
    kinds: [1, 3, 4],
    review: false,
  },
  haidianUrban: {
    slug: "haidian-urban",
    uscc: "11110108MB9D00148G",
    zh: "北京市海淀区城市管理综合行政执法局（演示）",
    en: "Haidian District Urban Management Enforcement Bureau (demo)",
    area: "110108",
    level: "district",
    kinds: [3, 4],
    review: false,
  },
  traffic: {
    slug: "traffic",
    uscc: "11110000MB9D00156J",
    zh: "北京市公安局公安交通管理局（演示）",
    en: "Beijing Traffic Police (demo)",
    area: "110000",
    level: "municipal",
    kinds: [4],
    review: false,
  },
  creditOffice: {
    slug: "credit-office",
    uscc: "11110000MB9D00164D",
    zh: "北京市经济和信息化局（演示）",
    en: "Beijing Economy and Information Technology Bureau, credit office (demo)",
    area: "110000",
    level: "municipal",
    kinds: [5],
    review: false,
  },
  justice: {
    slug: "justice",
    uscc: "11110000MB9D001728",
    zh: "北京市司法局（演示）",
    en: "Beijing Justice Bureau, reconsideration (demo)",
    area: "110000",
    level: "municipal",
    kinds: [],
    review: true,
  },
} as const satisfies Record<string, DemoDepartment>;
