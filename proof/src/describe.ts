import { CODES } from "./codes.ts";
import type { Json } from "./json.ts";
import { decidingStep, type Step, type StepName, type Verdict } from "./verdict.ts";
import { dayAt } from "./words.ts";

export type Language = "zh" | "en";

/** Names of claims for readers, by code name; a claim without one is shown under its code name. */
export type Labels = Readonly<Record<string, { readonly zh: string; readonly en: string }>>;

/** A verdict in words: what a lay reader needs first, the particulars after. */
export interface Description {
  /** One short sentence: the answer. */
  readonly headline: string;
  /** What that means, in a sentence or two. */
  readonly meaning: string;
  /** What to do now; empty when nothing needs doing. */
  readonly advice: string;
  readonly clocks: readonly { readonly label: string; readonly value: string }[];
  readonly disclosed: readonly { readonly name: string; readonly label: string; readonly value: Json }[];
  readonly steps: readonly { readonly title: string; readonly outcome: Step["outcome"]; readonly text: string }[];
}

type Words = Readonly<Record<Language, string>>;

const STEP_TITLES: Readonly<Record<StepName, Words>> = {
  document: { zh: "文件格式", en: "The file" },
  trust: { zh: "信任名单", en: "Trust list" },
  statement: { zh: "内容与签署一致", en: "Content as signed" },
  signature: { zh: "部门签名", en: "Department's signature" },
  batch: { zh: "属于所称批次", en: "Part of its batch" },
  clocks: { zh: "时间先后", en: "Order of times" },
  chain: { zh: "节点属于该链", en: "Node of that chain" },
  finality: { zh: "区块已最终确认", en: "Block is final" },
  anchor: { zh: "链上登记", en: "Entry on the ledger" },
  key: { zh: "签名公钥的授权", en: "Authority of the key" },
  supersession: { zh: "未被更正或撤销", en: "Not replaced since" },
  coverage: { zh: "类别与年度齐全", en: "Kinds and years complete" },
  stream: { zh: "主体与流的对应", en: "Subject and its stream" },
  head: { zh: "流内容完整", en: "Stream complete" },
  record: { zh: "所示记录", en: "Record shown" },
  conclusion: { zh: "结论", en: "Conclusion" },
  receipt: { zh: "回执", en: "Receipt" },
  certificate: { zh: "证明", en: "Certificate" },
};

const DOCUMENTS: Readonly<Record<string, Words>> = {
  "quanlian-receipt/1": { zh: "记录", en: "record" },
  "quanlian-bundle/1": { zh: "这组记录", en: "set of records" },
  "quanlian-certificate/1": { zh: "证明", en: "certificate" },
  "quanlian-misconduct/1": { zh: "失当行为证明", en: "proof of misconduct" },
  "quanlian-equivocation/1": { zh: "一号多文证明", en: "proof of equivocation" },
};
const THE_FILE: Words = { zh: "文件", en: "file" };

/** What a certificate says besides the claims of its records. */
const CERTIFICATE_LABELS: Labels = {
  purpose: { zh: "用途", en: "Purpose" },
  subject: { zh: "主体", en: "Subject" },
  kinds: { zh: "类别", en: "Kinds" },
  scope: { zh: "所限部门", en: "Departments" },
  period: { zh: "期间", en: "Period" },
  records: { zh: "记录", en: "Record" },
};

/** Words for lay readers, Chinese or English; `labels` gives claims the names that readers know. */
export function describeVerdict(verdict: Verdict, language: Language, labels: Labels = {}): Description {
  return {
    ...summary(verdict, language, labels),
    clocks: clocks(verdict, language),
    disclosed: Object.entries(verdict.disclosed).map(([name, value]) => ({
      name,
      label: labelOf(name, language, { ...CERTIFICATE_LABELS, ...labels }),
      value,
    })),
    steps: verdict.steps.map((step) => ({
      title: STEP_TITLES[step.step][language],
      outcome: step.outcome,
      text: textOf(step, language, labels),
    })),
  };
}

type Summary = Pick<Description, "headline" | "meaning" | "advice">;

function summary(verdict: Verdict, language: Language, labels: Labels): Summary {
  const thing = (DOCUMENTS[verdict.format ?? ""] ?? THE_FILE)[language];
  const step = decidingStep(verdict);
  if (!step) return validSummary(verdict, thing, language);
  const { advice } = CODES[step.code][language];
  const meaning = textOf(step, language, labels);
  return {
    headline: headlineOf(verdict, step)[language](thing),
    meaning: meaning + remainder(verdict, language),
    advice,
  };
}

/** A paper that was judged by its own proof says how things stood then; whether they still do, it cannot know. */
function validSummary(verdict: Verdict, thing: string, language: Language): Summary {
  const times = verdict.steps.flatMap(({ evidence: { asOfTime } }) => (typeof asOfTime === "number" ? [asOfTime] : []));
  const asOf = Math.min(...times);
  if (times.length === 0)
    return { headline: HEADLINES.valid[language](thing), meaning: meaningOf(verdict, language), advice: "" };
  const meaning =
    language === "zh"
      ? `内容与部门签署的一致，由验证节点的签章证明已登记在链上，未询问任何节点。截至${instant(asOf)}有效；此后是否被更正、撤销，或公钥是否被追溯撤销，未查询。`
      : `The content is what the department signed, and validators' seals prove it to be on the ledger; no node was asked. It stood at ${instant(asOf)}; whether it was replaced or its key revoked since was not asked.`;
  return { headline: HEADLINES.proven[language](thing), meaning, advice: ADVICE_TO_ASK[language] };
}

const ADVICE_TO_ASK: Words = {
  zh: "如需确认现状，请联网核验，或索取最新的证明。",
  en: "To learn how it stands today, verify with network access or ask for a current certificate.",
};

type Headline = Readonly<Record<Language, (thing: string) => string>>;

const HEADLINES = {
  valid: { zh: (thing) => `${thing}真实有效。`, en: (thing) => `The ${thing} is genuine and stands.` },
  proven: {
    zh: (thing) => `${thing}真实，登记时有效。`,
    en: (thing) => `The ${thing} is genuine and stood when it was entered.`,
  },
  invalid: { zh: (thing) => `${thing}未通过核验。`, en: (thing) => `The ${thing} did not pass.` },
  undecided: { zh: () => "暂时不能得出结论。", en: () => "No conclusion could be reached yet." },
  superseded: {
    zh: (thing) => `${thing}真实，但已不再有效。`,
    en: (thing) => `The ${thing} is genuine but no longer stands.`,
  },
  offline: {
    zh: (thing) => `${thing}本身完好，是否在链上尚未查询。`,
    en: (thing) => `The ${thing} is intact; whether it is on the chain was not asked.`,
  },
} as const satisfies Record<string, Headline>;

const RECORD_STANDS: Words = {
  zh: "内容与部门签署的一致，已登记在链上，且之后未被更正或撤销。",
  en: "The content is what the department signed, it is on the ledger, and nothing has replaced it since.",
};
const PROVEN: Readonly<Record<string, Words>> = {
  "quanlian-misconduct/1": {
    zh: "部门签署并上链了这条记录，却没有放入该主体的流中。",
    en: "The department signed and anchored this record, but not in the stream of the subject that it names.",
  },
  "quanlian-equivocation/1": {
    zh: "同一部门在同一文号下签署了内容不同的两份文书，且均未注明更正。",
    en: "One department signed two different contents under one document number, and neither says that it corrects another.",
  },
};

/** What a valid verdict means: no more than the document proves. */
function meaningOf(verdict: Verdict, language: Language): string {
  if (verdict.format === "quanlian-certificate/1") return certificateMeaning(verdict, language);
  return (PROVEN[verdict.format ?? ""] ?? RECORD_STANDS)[language];
}

function certificateMeaning({ steps, clocks: { anchoredAt }, disclosed }: Verdict, language: Language): string {
  const { records, shown, withheld, from, to } = steps.find(({ step }) => step === "conclusion")?.evidence ?? {};
  const asOf = anchoredAt === null ? "" : instant(anchoredAt);
  const zh = language === "zh";
  if (disclosed.purpose === "clean-record") {
    const limit = disclosed.scope === null ? "" : zh ? "（仅限所列部门）" : " by the departments listed";
    const what = KINDS_OF_BAD[JSON.stringify(disclosed.kinds)]?.[language] ?? "";
    return zh
      ? `截至${asOf}，${from} 至 ${to} 期间，链上没有该主体仍然有效的${what}${limit}。`
      : `As of ${asOf}, the ledger holds no ${what}${limit} that still stands against this subject from ${from} to ${to}.`;
  }
  if (disclosed.purpose === "record")
    return zh
      ? `截至${asOf}，所示 ${records} 条记录真实；是否已被更正、撤销或修复，以所列为准。`
      : `As of ${asOf}, the ${records} records shown are genuine; whether each still stands is listed with it.`;
  return zh
    ? `截至${asOf}，该主体在所列类别与年度共有 ${records} 条上链记录：出示 ${shown} 条，未出示 ${withheld} 条，没有其他记录。`
    : `As of ${asOf}, the ledger holds ${records} records of this subject in these kinds and years and no others: ${shown} shown, ${withheld} not shown.`;
}

const KINDS_OF_BAD: Readonly<Record<string, Words>> = {
  "[4]": { zh: "执法记录", en: "enforcement record" },
  "[5]": { zh: "失信记录", en: "negative credit record" },
  "[4,5]": { zh: "执法记录和失信记录", en: "enforcement or negative credit record" },
};

function headlineOf(verdict: Verdict, deciding: Step): Headline {
  const failures = verdict.steps.filter(({ outcome }) => outcome === "failed");
  if (failures.length > 0)
    return failures.every(({ code }) => code === "SUPERSEDED") ? HEADLINES.superseded : HEADLINES.invalid;
  return deciding.code === "CHAIN_NOT_CONSULTED" ? HEADLINES.offline : HEADLINES.undecided;
}

/** For an undecided verdict: what is proven without the missing steps, and what remains open. */
function remainder(verdict: Verdict, language: Language): string {
  if (verdict.verdict !== "undecided" || verdict.format === null) return "";
  const list = (outcome: Step["outcome"]) =>
    [
      ...new Set(
        verdict.steps.filter((step) => step.outcome === outcome).map(({ step }) => STEP_TITLES[step][language]),
      ),
    ].join(language === "zh" ? "、" : ", ");
  return language === "zh"
    ? `已核实：${list("passed")}；尚未核实：${list("unknown")}。`
    : ` Established: ${list("passed")}. Still open: ${list("unknown")}.`;
}

function clocks(verdict: Verdict, language: Language): Description["clocks"] {
  const { eventTime, signedAt, anchoredAt } = verdict.clocks;
  const zh = language === "zh";
  const anchored = verdict.format === "quanlian-certificate/1" ? (zh ? "截至" : "As of") : zh ? "上链" : "Anchored";
  return [
    ...(eventTime === null ? [] : [{ label: zh ? "事件发生" : "Event", value: eventTime }]),
    ...(signedAt === null ? [] : [{ label: zh ? "部门签署" : "Signed", value: instant(signedAt) }]),
    ...(anchoredAt === null ? [] : [{ label: anchored, value: instant(anchoredAt) }]),
  ];
}

/** A Unix time as people in China read it: `2026-11-22 23:10:05`. */
function instant(unixSeconds: number): string {
  const time = new Date((unixSeconds + 8 * 3600) * 1000).toISOString().slice(11, 19);
  return `${dayAt(unixSeconds)} ${time}`;
}

function labelOf(name: string, language: Language, labels: Labels): string {
  return Object.hasOwn(labels, name) ? labels[name]![language] : name;
}

function textOf({ step, outcome, code, field, evidence }: Step, language: Language, labels: Labels): string {
  if (step === "finality" && outcome === "passed")
    return FINALITY_RESTS["provenBlock" in evidence ? "onSeals" : "onNode"][language];
  const { meaning } = CODES[code][language];
  if (field === undefined) return meaning;
  const label = labelOf(field, language, labels);
  return language === "zh" ? `${meaning}（${label}）` : `${meaning} (${label})`;
}

/** What the finality of a block rests on is told even where all is well. */
const FINALITY_RESTS = {
  onSeals: {
    zh: "由文件所附的验证节点签章证明，不依赖任何节点。",
    en: "Proven by the validators' seals in the file; no node is believed.",
  },
  onNode: {
    zh: "以所查询节点的回答为依据：文件未附可核验的签章。",
    en: "On the word of the node that was asked: the file holds no seals that can be checked.",
  },
} as const satisfies Record<string, Words>;
