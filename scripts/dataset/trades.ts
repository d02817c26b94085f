import { demoDepartments, type DemoDepartment } from "./departments.ts";

/** A violation as its decision describes it; `{name}`, `{day}`, `{address}` and `{count}` are filled in. */
export interface Violation {
  readonly type: string;
  readonly facts: string;
  readonly basis: string;
  /** In yuan, both included: the range from which fines are drawn. */
  readonly fine: readonly [number, number];
  /** Whether unlawful gains are confiscated as well. */
  readonly confiscates: boolean;
}

/** A field of administration: what it licenses, inspects and punishes, and by which department. */
export interface Trade {
  readonly companyWords: readonly string[];
  readonly shopWords: readonly string[];
  readonly authority: (area: string) => DemoDepartment;
  readonly licence: {
    readonly document: string;
    /** Middle of the document number: 京海市监〔食许〕… */
    readonly mark: string;
    readonly name: string;
    readonly numberPrefix: string;
    readonly content: string;
    readonly years: number;
    readonly serviceItem: { readonly code: string; readonly name: string; readonly promisedDays: number };
  };
  readonly inspection: { readonly item: string; readonly name: string };
  readonly penaltyMark: string;
  readonly violations: readonly Violation[];
}

const food: Trade = {
  companyWords: ["餐饮管理", "食品", "商贸", "超市"],
  shopWords: ["便利店", "小吃店", "餐馆", "水果店", "面馆"],
  authority: (area) => (area === "110108" ? demoDepartments.haidianMarket : demoDepartments.market),
  licence: {
    document: "准予食品经营许可决定书",
    mark: "市监食许",
    name: "食品经营许可证",
    numberPrefix: "JY1",
    content: "经营项目：预包装食品销售，散装食品销售，热食类食品制售。主体业态：餐饮服务经营者。经营场所：{address}。",
    years: 5,
    serviceItem: { code: "11110000000131072000131020", name: "食品经营许可新办", promisedDays: 12 },
  },
  inspection: { item: "01133107500031", name: "食品经营者食品安全日常监督检查" },
  penaltyMark: "市监处罚",
  violations: [
    {
      type: "经营超过保质期的食品",
      facts:
        "{day}，本机关执法人员对{name}位于{address}的经营场所进行现场检查，发现货架上待售的{count}袋预包装食品已超过标示的保质期。当事人未能按要求及时清理过期食品，上述行为违反了《中华人民共和国食品安全法》第三十四条第（十）项的规定。",
      basis: "《中华人民共和国食品安全法》第一百二十四条第一款第（五）项",
      fine: [3000, 50_000],
      confiscates: true,
    },
    {
      type: "安排未取得健康证明的人员从事接触直接入口食品的工作",
      facts:
        "{day}，执法人员检查发现，{name}后厨有{count}名从业人员不能提供有效的健康证明，仍从事接触直接入口食品的工作。当事人对上述事实无异议。",
      basis: "《中华人民共和国食品安全法》第一百二十六条第一款第（六）项",
      fine: [5000, 20_000],
      confiscates: false,
    },
    {
      type: "未建立并遵守进货查验记录制度",
      facts:
        "{day}，执法人员检查发现，{name}采购{count}批次食品原料时未查验供货者的许可证和食品合格证明文件，未按规定建立进货查验记录。经责令改正后复查，当事人拒不改正。",
      basis: "《中华人民共和国食品安全法》第一百二十六条第一款第（三）项",
      fine: [5000, 30_000],
      confiscates: false,
    },
    {
      type: "使用未经洗净、消毒的餐具",
      facts:
        "{day}，本机关对{name}使用的复用餐饮具进行抽样，{count}件样品大肠菌群项目不符合GB 14934-2016的要求，检验结论为不合格。",
      basis: "《中华人民共和国食品安全法》第一百二十六条第一款第（五）项",
      fine: [5000, 15_000],
      confiscates: false,
    },
  ],
};

const environment: Trade = {
  companyWords: ["环保科技", "印刷", "汽车维修服务", "表面处理技术"],
  shopWords: ["洗车店"],
  authority: () => demoDepartments.environment,
  licence: {
    document: "排污许可决定书",
    mark: "环排许",
    name: "排污许可证",
    numberPrefix: "PW",
    content: "准予在{address}按排污许可证载明的排放口、污染物种类、浓度和总量排放污染物，执行自行监测和台账记录要求。",
    years: 5,
    serviceItem: { code: "11110000000116034000116010", name: "排污许可证首次申请", promisedDays: 15 },
  },
  inspection: { item: "01116034000012", name: "固定污染源污染物排放情况执法检查" },
  penaltyMark: "环境监察罚",
  violations: [
    {
      type: "未按规定贮存危险废物",
      facts:
        "{day}，执法人员对{name}进行检查，发现其位于{address}的车间将{count}桶废矿物油露天堆放，未设置危险废物识别标志，未采取符合国家环境保护标准的防护措施。",
      basis: "《中华人民共和国固体废物污染环境防治法》第一百一十二条第一款",
      fine: [100_000, 400_000],
      confiscates: false,
    },
    {
      type: "产生含挥发性有机物废气的生产活动未在密闭空间进行",
      facts:
        "{day}，执法人员检查发现，{name}正在进行喷涂作业，{count}个工位未在密闭空间或者设备中进行，配套的污染防治设施未运行。",
      basis: "《中华人民共和国大气污染防治法》第一百零八条第（一）项",
      fine: [20_000, 120_000],
      confiscates: false,
    },
  ],
};

const construction: Trade = {
  companyWords: ["建筑工程", "装饰工程", "市政工程", "机电安装工程"],
  shopWords: ["装修队"],
  authority: () => demoDepartments.construction,
  licence: {
    document: "准予安全生产许可决定书",
    mark: "建安许",
    name: "建筑施工企业安全生产许可证",
    numberPrefix: "JZ",
    content: "许可范围：建筑施工。企业负责人、项目负责人和专职安全生产管理人员已按规定考核合格。",
    years: 3,
    serviceItem: { code: "11110000000117021000117030", name: "建筑施工企业安全生产许可证核发", promisedDays: 20 },
  },
  inspection: { item: "01117021000007", name: "房屋建筑和市政工程施工现场安全生产检查" },
  penaltyMark: "建法罚（施工）",
  violations: [
    {
      type: "施工现场未采取安全防护措施",
      facts:
        "{day}，执法人员对{name}承建的位于{address}的项目进行检查，发现{count}处临边洞口未设置防护栏杆和安全警示标志。",
      basis: "《建设工程安全生产管理条例》第六十二条第（三）项",
      fine: [10_000, 50_000],
      confiscates: false,
    },
    {
      type: "特种作业人员未经培训上岗作业",
      facts: "{day}，检查发现{name}施工项目有{count}名高处作业人员未取得特种作业操作资格证书上岗作业。",
      basis: "《中华人民共和国安全生产法》第九十七条第（七）项",
      fine: [10_000, 80_000],
      confiscates: false,
    },
  ],
};

export const trades = { food, environment, construction };

/** What natural persons are punished for by the traffic police: fixed fines, in yuan. */
export const trafficOffences = [
  { type: "驾驶机动车违反道路交通信号灯通行", fine: 200, article: "第九十条" },
  { type: "机动车违反禁止标线指示", fine: 100, article: "第九十条" },
  { type: "违反规定停放机动车", fine: 200, article: "第九十三条第二款" },
  { type: "驾驶机动车在机动车专用车道内不按规定行驶", fine: 200, article: "第九十条" },
  { type: "非机动车逆向行驶", fine: 20, article: "第八十九条" },
] as const;

/** Cases at the service hall that lead to no licence. */
export const plainServices = [
  { code: "11110000000131001000131001", name: "企业变更登记", days: 3, result: "已办理" },
  { code: "11110000000131001000131004", name: "企业年度报告更正", days: 5, result: "已办理" },
  { code: "11110000000114021000114007", name: "社会保险登记", days: 1, result: "已办理" },
  { code: "11110000000114023000114002", name: "城镇职工基本养老保险参保证明开具", days: 1, result: "已办理" },
  { code: "11110000000113041000113009", name: "住房公积金缴存登记", days: 2, result: "已办理" },
  { code: "11110000000107011000107003", name: "高新技术企业认定咨询受理", days: 10, result: "已办理" },
] as const;
