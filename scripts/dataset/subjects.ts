import { identityCheck } from "../../backend/src/records/fields/person-id.ts";
import { organisationCheck, usccCheck } from "../../backend/src/records/fields/uscc.ts";
import { randomOf, type Random } from "./random.ts";
import { trades, type Trade } from "./trades.ts";

/** An invented business: its code has right check digits, an area of Beijing and an organisation code MA9…. */
export interface Enterprise {
  readonly index: number;
  readonly name: string;
  readonly category: "法人及非法人组织" | "个体工商户";
  readonly uscc: string;
  readonly legalRepresentative: string;
  readonly area: string;
  readonly address: string;
  readonly trade: Trade;
}

/** An invented person, born in the 1880s so that the identity number belongs to nobody alive. */
export interface Person {
  readonly name: string;
  readonly identityNumber: string;
}

/** Enterprises, individual businesses and co-operatives registered in China, September 2023, in millions. */
const population = { companies: 56.74, individual: 122, cooperatives: 2.24 };

const symbols = "0123456789ABCDEFGHJKLMNPQRTUWXY";

const districts = [
  { area: "110101", name: "东城区", streets: ["东四北大街", "安定门内大街", "朝阳门南小街"] },
  { area: "110102", name: "西城区", streets: ["德胜门外大街", "月坛南街", "广安门内大街"] },
  { area: "110105", name: "朝阳区", streets: ["望京西路", "建国路", "酒仙桥路"] },
  { area: "110106", name: "丰台区", streets: ["丰台南路", "马家堡东路", "方庄路"] },
  { area: "110108", name: "海淀区", streets: ["中关村大街", "西三旗东路", "清河中街", "学院路"] },
  { area: "110112", name: "通州区", streets: ["新华大街", "梨园北街", "玉带河东街"] },
  { area: "110114", name: "昌平区", streets: ["回龙观西大街", "府学路", "立汤路"] },
  { area: "110115", name: "大兴区", streets: ["黄村西大街", "兴华大街", "旧宫东路"] },
] as const;

const surnames = [
  ..."王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎",
];
const givenFirst = [..."建志文国海明晓立春永宏秀玉丽桂淑雅俊思子嘉欣浩宇"];
const givenSecond = [..."军华平强勇刚伟敏静芳涛磊洋艳杰娟超霞鹏飞琳峰婷", ""];
const brandFirst = [..."青云鼎恒瑞禾盛嘉博远华泽安信诚德润丰元启"];
const brandSecond = [..."禾峰源泰达茂和康辰途光汇铭翔禧海澜宁业科"];

/** The business that the demonstration follows from its application to its repair. */
const followed: Enterprise = {
  index: 0,
  name: "北京青禾餐饮管理有限公司",
  category: "法人及非法人组织",
  uscc: "91110108MA9D00013X",
  legalRepresentative: "王建国",
  area: "110108",
  address: "北京市海淀区学院路35号",
  trade: trades.food,
};

/** The business of this number: the same whatever the others are. */
export function enterpriseOf(seed: string, index: number): Enterprise {
  if (index === 0) return followed;
  const random = randomOf(seed, "enterprise", index);
  const kind = kindOf(random);
  const district = random.pick(districts);
  const trade = random.pick(kind === "company" ? Object.values(trades) : [trades.food]);
  const legalRepresentative = personName(random);
  return {
    index,
    name: nameOf(random, kind, district.name, trade, legalRepresentative),
    category: kind === "individual" ? "个体工商户" : "法人及非法人组织",
    uscc: usccOf({ company: "91", individual: "92", cooperative: "93" }[kind], district.area, index),
    legalRepresentative,
    area: district.area,
    address: `北京市${district.name}${random.pick(district.streets)}${random.int(1, 280)}号`,
    trade,
  };
}

type BusinessKind = "company" | "individual" | "cooperative";

function kindOf(random: Random): BusinessKind {
  const { companies, individual, cooperatives } = population;
  const at = random.next() * (companies + individual + cooperatives);
  if (at < companies) return "company";
  return at < companies + individual ? "individual" : "cooperative";
}

function nameOf(random: Random, kind: BusinessKind, district: string, trade: Trade, owner: string): string {
  const brand =
    random.pick(brandFirst) + random.pick(brandSecond) + (random.chance(0.3) ? random.pick(brandSecond) : "");
  if (kind === "company") return `北京${brand}${random.pick(trade.companyWords)}有限公司`;
  if (kind === "cooperative") return `北京${brand}农产品产销专业合作社`;
  return `北京市${district}${random.chance(0.5) ? brand : owner}${random.pick(trade.shopWords)}`;
}

/** A code for the n-th invented business: prefix, area, MA9 and five symbols that count, both check characters. */
function usccOf(prefix: string, area: string, index: number): string {
  let count = index + 31 ** 4;
  let digits = "";
  for (let i = 0; i < 5; i++) {
    digits = symbols[count % 31]! + digits;
    count = Math.floor(count / 31);
  }
  const organisation = `MA9${digits}`;
  const first17 = `${prefix}${area}${organisation}${organisationCheck(organisation)}`;
  return first17 + usccCheck(first17);
}

export function personName(random: Random): string {
  return random.pick(surnames) + random.pick(givenFirst) + random.pick(givenSecond);
}

export function personOf(random: Random): Person {
  const birth = `188${random.int(0, 9)}${twoDigits(random.int(1, 12))}${twoDigits(random.int(1, 28))}`;
  const first17 = `${random.pick(districts).area}${birth}${String(random.int(1, 999)).padStart(3, "0")}`;
  return { name: personName(random), identityNumber: first17 + identityCheck(first17) };
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
