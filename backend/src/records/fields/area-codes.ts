import type { Day } from "./dates.ts";

/** An area of the list: its name, and since when and until when the code was in use (open ends are null). */
export interface Area {
  readonly code: string;
  readonly name: string;
  readonly from: Day | null;
  readonly until: Day | null;
  /** The code that took its place, when it was merged or re-numbered. */
  readonly successor: string | null;
}

/** The first two digits of GB/T 2260 codes. 10 is no province: national registration authorities use 100000. */
export const provinces: ReadonlyMap<string, string> = new Map([
  ["10", "国家级"],
  ["11", "北京市"],
  ["12", "天津市"],
  ["13", "河北省"],
  ["14", "山西省"],
  ["15", "内蒙古自治区"],
  ["21", "辽宁省"],
  ["22", "吉林省"],
  ["23", "黑龙江省"],
  ["31", "上海市"],
  ["32", "江苏省"],
  ["33", "浙江省"],
  ["34", "安徽省"],
  ["35", "福建省"],
  ["36", "江西省"],
  ["37", "山东省"],
  ["41", "河南省"],
  ["42", "湖北省"],
  ["43", "湖南省"],
  ["44", "广东省"],
  ["45", "广西壮族自治区"],
  ["46", "海南省"],
  ["50", "重庆市"],
  ["51", "四川省"],
  ["52", "贵州省"],
  ["53", "云南省"],
  ["54", "西藏自治区"],
  ["61", "陕西省"],
  ["62", "甘肃省"],
  ["63", "青海省"],
  ["64", "宁夏回族自治区"],
  ["65", "新疆维吾尔自治区"],
  ["71", "台湾省"],
  ["81", "香港特别行政区"],
  ["82", "澳门特别行政区"],
]);

/** Beijing (GB/T 2260 and its yearly changes), with the codes that ended. Other places are known by province. */
const rows: readonly [code: string, name: string, from?: string | null, until?: string, successor?: string][] = [
  ["110000", "北京市"],
  ["110100", "北京市市辖区"],
  ["110101", "东城区"],
  ["110102", "西城区"],
  ["110103", "崇文区", null, "2010-07-01", "110101"],
  ["110104", "宣武区", null, "2010-07-01", "110102"],
  ["110105", "朝阳区"],
  ["110106", "丰台区"],
  ["110107", "石景山区"],
  ["110108", "海淀区"],
  ["110109", "门头沟区"],
  ["110111", "房山区"],
  ["110112", "通州区", "1997-04-29"],
  ["110113", "顺义区", "1998-03-03"],
  ["110114", "昌平区", "1999-09-16"],
  ["110115", "大兴区", "2001-01-09"],
  ["110116", "怀柔区", "2001-12-30"],
  ["110117", "平谷区", "2001-12-30"],
  ["110118", "密云区", "2015-10-13"],
  ["110119", "延庆区", "2015-10-13"],
  ["110221", "昌平县", null, "1999-09-16", "110114"],
  ["110222", "顺义县", null, "1998-03-03", "110113"],
  ["110223", "通县", null, "1997-04-29", "110112"],
  ["110224", "大兴县", null, "2001-01-09", "110115"],
  ["110226", "平谷县", null, "2001-12-30", "110117"],
  ["110227", "怀柔县", null, "2001-12-30", "110116"],
  ["110228", "密云县", null, "2015-10-13", "110118"],
  ["110229", "延庆县", null, "2015-10-13", "110119"],
];

export const areas: ReadonlyMap<string, Area> = new Map(
  rows.map(([code, name, from = null, until = null, successor = null]) => [
    code,
    { code, name, from, until, successor },
  ]),
);
