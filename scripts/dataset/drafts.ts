import { inTenThousandYuan } from "../../backend/src/records/fields/amount.ts";
import { addDays, addMonths, type Day } from "../../backend/src/records/fields/dates.ts";
import { addWorkingDays, workingDay } from "../../backend/src/records/fields/working-days.ts";
import { demoDepartments, type DemoDepartment } from "./departments.ts";
import { personName, type Enterprise, type Person } from "./subjects.ts";
import type { Random } from "./random.ts";
import { plainServices, trades, trafficOffences, type Violation } from "./trades.ts";

/** A record before it is laid out in a file: texts by claim, as a department would type them. */
export interface Draft {
  readonly type: string;
  readonly department: DemoDepartment;
  readonly cells: Readonly<Record<string, string>>;
}

/** What record makers draw from: choices, and document numbers that never repeat. */
export interface Desk {
  readonly random: Random;
  /** The next number of this series, from 1. */
  readonly serial: (series: string) => number;
}

/** The first working day on or after this day. */
export function workingDayFrom(day: Day): Day {
  return workingDay(day).working ? day : addWorkingDays(day, 1).day;
}

function moment(day: Day, random: Random): string {
  const clock = [random.int(9, 17), random.int(0, 59), random.int(0, 59)];
  return `${day} ${clock.map((part) => String(part).padStart(2, "0")).join(":")}`;
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function compact(day: Day): string {
  return day.replaceAll("-", "");
}

/** The first characters of document numbers: 京 for the city, 京海 for Haidian. */
function place({ area }: DemoDepartment): string {
  return area === "110108" ? "京海" : "京";
}

/** 双公示 columns 1–13 for an organisation. */
function organisation(enterprise: Enterprise): Record<string, string> {
  const { name, category, uscc, legalRepresentative } = enterprise;
  return { subjectName: name, subjectCategory: category, uscc, legalRepresentative };
}

function authorities({ zh, uscc }: DemoDepartment): Record<string, string> {
  return { authority: zh, department: uscc, dataSource: zh, dataSourceCode: uscc };
}

/** An application for the trade's licence, decided within the promised working days. */
export function licenceCase(desk: Desk, enterprise: Enterprise, received: Day): Draft {
  const { code, name, promisedDays } = enterprise.trade.licence.serviceItem;
  return serviceCase(desk, enterprise, received, { code, name, days: promisedDays, result: "准予许可" });
}

/** A case that leads to no licence. */
export function plainCase(desk: Desk, enterprise: Enterprise, received: Day): Draft {
  return serviceCase(desk, enterprise, received, desk.random.pick(plainServices));
}

function serviceCase(
  { random, serial }: Desk,
  enterprise: Enterprise,
  received: Day,
  item: { readonly code: string; readonly name: string; readonly days: number; readonly result: string },
): Draft {
  const department = demoDepartments.serviceHall;
  const accepted = random.chance(0.7) ? received : addWorkingDays(received, random.int(1, 3)).day;
  const concluded = addWorkingDays(accepted, random.int(1, item.days)).day;
  const number = `110000${compact(received).slice(2)}${padded(serial(`case/${received}`), 9)}`;
  return {
    type: "service.case/1",
    department,
    cells: {
      number,
      ...{ subjectName: enterprise.name, subjectCategory: enterprise.category, uscc: enterprise.uscc },
      ...{ itemCode: item.code, itemName: item.name },
      receivedAt: `${received} 09:${padded(random.int(0, 59), 2)}:00`,
      acceptedAt: `${accepted} 10:${padded(random.int(0, 59), 2)}:00`,
      acceptance: "受理",
      promisedDays: String(item.days),
      eventTime: `${concluded} 1${random.int(1, 7)}:${padded(random.int(0, 59), 2)}:00`,
      ...{ conclusion: "办结", result: item.result },
      ...{ authority: department.zh, department: department.uscc, areaCode: enterprise.area },
    },
  };
}

/** The licence that answers an application. */
export function licence({ serial }: Desk, enterprise: Enterprise, application: Draft): Draft {
  const { document, mark, name, numberPrefix, content, years } = enterprise.trade.licence;
  const department = enterprise.trade.authority(enterprise.area);
  const decided = application.cells.eventTime!.slice(0, 10);
  const order = serial(`licence/${department.slug}/${mark}/${decided.slice(0, 4)}`);
  const code = `${numberPrefix}${enterprise.area}${decided.slice(2, 4)}${padded(order, 6)}`;
  return {
    type: "approval.licence/1",
    department,
    cells: {
      ...organisation(enterprise),
      documentName: document,
      number: `${place(department)}${mark}〔${decided.slice(0, 4)}〕${padded(order, 4)}号`,
      ...{ licenceCategory: "普通", licenceName: name, licenceNumber: code },
      licenceContent: content.replace("{address}", enterprise.address),
      ...{ eventTime: decided, validFrom: decided, validTo: addDays(addMonths(decided, years * 12), -1) },
      ...authorities(department),
      ...{ licenceStatus: "有效", serviceCase: application.cells.number! },
    },
  };
}

const cleanResults = ["未发现问题", "未发现问题", "未发现问题", "未发现问题", "未发现开展本次抽查涉及的经营活动"];
const foundResults = ["发现问题已责令改正", "发现问题待后续处理"];

/** A visit on a working day, with two officers; `found` says whether it found a problem. */
export function inspection({ random, serial }: Desk, enterprise: Enterprise, day: Day, found: boolean): Draft {
  const department = enterprise.trade.authority(enterprise.area);
  const { item, name } = enterprise.trade.inspection;
  const planned = !found || random.chance(0.5);
  const special = random.chance(0.2);
  return {
    type: "supervision.inspection/1",
    department,
    cells: {
      exchangeIdentity: `${department.uscc}${compact(day)}${padded(serial(`exchange/${department.slug}/${day}`), 6)}`,
      plan: planned ? planNumber(department, day) : "",
      itemCode: item,
      checklistCode: `${department.uscc}3${item.slice(-6)}`,
      actionName: name,
      number: `JC${department.area}${compact(day)}${padded(serial(`inspection/${department.slug}/${day}`), 6)}`,
      ...{ authority: department.zh, department: department.uscc },
      ...{ inspectedObject: enterprise.name, subjectName: enterprise.name, subjectNature: natureOf(enterprise) },
      ...{ certificateType: "001", certificateNumber: enterprise.uscc },
      ...{ operatingAddress: enterprise.address, areaCode: enterprise.area },
      inspectionForm: special ? "02" : "01",
      inspectionClass: planned ? "双随机" : random.pick(["投诉举报", "专项", "重点"]),
      inspectionMode: "现场",
      inspectionResult: random.pick(found ? foundResults : cleanResults),
      eventTime: moment(day, random),
      officers: `${personName(random)};${personName(random)}`,
      officerCertificates: `${padded(random.int(1, 99999), 5)}0${department.area};${padded(random.int(1, 99999), 5)}1${department.area}`,
      reportedAt: addWorkingDays(day, random.int(1, 5)).day,
      reportedBy: personName(random),
    },
  };
}

/** One plan a quarter. */
function planNumber({ area }: DemoDepartment, day: Day): string {
  return `${area}SSJ${day.slice(0, 4)}${padded(quarterOf(day), 2)}`;
}

function quarterOf(day: Day): number {
  return Math.ceil(Number(day.slice(5, 7)) / 3);
}

/** The plan of the quarter that begins on this day, published in the month before. */
export function plan({ random }: Desk, department: DemoDepartment, quarter: Day): Draft {
  const end = addDays(addMonths(quarter, 3), -1);
  const name = `${quarter.slice(0, 4)}年第${"一二三四"[quarterOf(quarter) - 1]}季度双随机、一公开抽查计划`;
  const items = Object.values(trades).filter((trade) => trade.authority(department.area) === department);
  return {
    type: "supervision.plan/1",
    department,
    cells: {
      ...{ number: planNumber(department, quarter), planName: name, randomInspectionType: "不定向" },
      planItems: items.map((trade) => trade.inspection.name).join(";") || "户外广告和门前三包责任制落实情况检查",
      planCount: String(random.int(20, 200)),
      ...{ subjectName: department.zh, department: department.uscc, areaCode: department.area },
      ...{ eventTime: workingDayFrom(addDays(quarter, -random.int(10, 25))), planFrom: quarter, planTo: end },
    },
  };
}

function natureOf({ category }: Enterprise): string {
  return category === "个体工商户" ? "3" : "2";
}

/** A penalty that follows an inspection which found a problem, decided within 90 days of it. */
export function penaltyAfter(desk: Desk, enterprise: Enterprise, visit: Draft, suspended?: Draft): Draft {
  const day = visit.cells.eventTime!.slice(0, 10);
  const decided = workingDayFrom(addDays(day, desk.random.int(15, 80)));
  return penalty(desk, enterprise, decided, { day, inspection: visit.cells.number!, suspended });
}

/** A penalty whose case came from a complaint or another department, so that it cites no inspection. */
export function penaltyWithoutInspection(desk: Desk, enterprise: Enterprise, decided: Day): Draft {
  return penalty(desk, enterprise, decided, { day: addDays(decided, -desk.random.int(20, 80)), inspection: "" });
}

interface CaseFile {
  readonly day: Day;
  readonly inspection: string;
  /** The licence that the penalty suspends. */
  readonly suspended?: Draft;
}

function penalty(desk: Desk, enterprise: Enterprise, decided: Day, file: CaseFile): Draft {
  const { random, serial } = desk;
  const department = enterprise.trade.authority(enterprise.area);
  const mark = enterprise.trade.penaltyMark;
  const order = serial(`penalty/${department.slug}/${decided.slice(0, 4)}`);
  const violation = random.pick(enterprise.trade.violations);
  return {
    type: "enforcement.penalty/1",
    department,
    cells: {
      ...organisation(enterprise),
      number: `${place(department)}${mark}〔${decided.slice(0, 4)}〕${order}号`,
      violationType: violation.type,
      violationFacts: factsOf(desk, violation, enterprise, file.day),
      legalBasis: violation.basis,
      ...sanction(random, violation, file.suspended),
      eventTime: decided,
      effectiveTo: file.suspended ? addDays(decided, 30) : "2099/12/31",
      publicationTo: addMonths(decided, 12),
      ...authorities(department),
      ...{ inspection: file.inspection, procedure: "普通程序" },
    },
  };
}

function factsOf({ random }: Desk, violation: Violation, { name, address }: Enterprise, day: Day): string {
  const [year, month, date] = day.split("-").map(Number);
  return violation.facts
    .replace("{day}", `${year}年${month}月${date}日`)
    .replace("{name}", name)
    .replace("{address}", address)
    .replace("{count}", String(random.int(2, 36)));
}

function sanction(random: Random, violation: Violation, suspended?: Draft): Record<string, string> {
  const fine = roundTo(random.int(...violation.fine), 500);
  const gains = violation.confiscates ? random.int(1_000, 300_000) : 0;
  const licenceText = suspended ? `${suspended.cells.licenceName}（编号：${suspended.cells.licenceNumber}）` : "";
  const kinds = ["罚款", ...(gains > 0 ? ["没收违法所得"] : []), ...(suspended ? ["暂扣许可证件"] : [])];
  const sentences = [
    `罚款人民币${fine}元`,
    ...(gains > 0 ? [`没收违法所得人民币${(gains / 100).toFixed(2)}元`] : []),
    ...(suspended ? [`暂扣${licenceText}30日`] : []),
  ];
  return {
    penaltyKinds: kinds.join(";"),
    penaltyContent: `${sentences.join("；")}。`,
    fineFen: inTenThousandYuan(fine * 100),
    confiscatedFen: gains > 0 ? inTenThousandYuan(gains) : "",
    licencesAffected: licenceText,
  };
}

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}

/** A traffic fine of a natural person: most penalties of a province are of this kind. */
export function trafficPenalty({ random, serial }: Desk, person: Person, decided: Day): Draft {
  const department = demoDepartments.traffic;
  const { type, fine, article } = random.pick(trafficOffences);
  const order = serial(`penalty/${department.slug}/${decided.slice(0, 4)}`);
  return {
    type: "enforcement.penalty/1",
    department,
    cells: {
      ...{ subjectName: person.name, subjectCategory: "自然人" },
      ...{ certificateType: "身份证", certificateNumber: person.identityNumber },
      number: `京公交决〔${decided.slice(0, 4)}〕第${padded(order, 7)}号`,
      violationType: type,
      violationFacts: `当事人于${decided.replaceAll("-", "年").replace(/年(\d\d)$/, "月$1")}日实施${type}的违法行为，证据确凿。`,
      legalBasis: `《中华人民共和国道路交通安全法》${article}`,
      ...{ penaltyKinds: "罚款", penaltyContent: `罚款人民币${fine}元。`, fineFen: inTenThousandYuan(fine * 100) },
      ...{ eventTime: decided, effectiveTo: "2099/12/31", publicationTo: "" },
      ...authorities(department),
      procedure: "简易程序",
    },
  };
}

/** The promise with which an enterprise applies for repair after a penalty, or for a licence on commitment. */
export function commitment({ serial }: Desk, enterprise: Enterprise, day: Day, cause: Draft): Draft {
  const department = demoDepartments.creditOffice;
  const repair = cause.type === "enforcement.penalty/1";
  const subject = repair ? `${cause.cells.number}行政处罚信用修复` : `${enterprise.trade.licence.name}告知承诺审批`;
  return {
    type: "credit.commitment/1",
    department,
    cells: {
      number: `${enterprise.area}${compact(day)}${padded(serial(`commitment/${enterprise.area}/${day}`), 6)}`,
      ...{ subjectName: enterprise.name, subjectCategory: enterprise.category, uscc: enterprise.uscc },
      commitmentType: repair ? "信用修复型" : "审批替代型",
      commitmentReason: `申请${subject}`,
      commitmentContent: repair
        ? "本单位已纠正失信行为、履行行政处罚决定规定的义务，所提交材料真实、合法、有效；今后严格遵守国家法律、法规、规章，诚信守法经营。"
        : "本单位已知晓许可条件，承诺所提交材料真实、合法、有效，符合法定条件和标准，并接受事中事后监管。",
      breachLiability: "若违背上述承诺，愿依法承担相应责任，并同意将违诺信息记入信用记录。",
      ...{ eventTime: day, validTo: addMonths(day, 12), fulfilment: repair ? "全部履行" : "" },
      ...(repair ? fulfilment(addWorkingDays(day, 5).day, department) : {}),
      ...{ authority: department.zh, department: department.uscc, openness: "可向社会公开" },
      commitmentFor: cause.cells.number!,
    },
  };
}

function fulfilment(day: Day, { zh, uscc }: DemoDepartment): Record<string, string> {
  return { fulfilmentDate: day, fulfilmentUnit: zh, fulfilmentUnitCode: uscc };
}
