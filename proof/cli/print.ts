import { describeVerdict, type Json, type Labels, type Language, type Step, type Verdict } from "@quanlian/proof";
import { claimLabels } from "@quanlian/proof/labels";

/** Text from outside, made harmless: no control characters, no line breaks, no direction overrides (docs/format.md §14). */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

const WORDS = {
  zh: {
    passed: "通过  ",
    failed: "未通过",
    unknown: "未定  ",
    file: "文件",
    content: "记录内容",
    steps: "核对步骤",
    advice: "建议",
  },
  en: {
    passed: "passed",
    failed: "FAILED",
    unknown: "open  ",
    file: "File",
    content: "Content",
    steps: "What was checked",
    advice: "What to do",
  },
} as const;

/** Most steps that are printed one by one; of the passed ones beyond, only the number. */
const MAX_LINES = 60;

/** A verdict as one would put it before a judge. */
export function printVerdict(name: string, verdict: Verdict, language: Language): string {
  const { headline, meaning, advice, clocks, disclosed, steps } = describeVerdict(verdict, language, claimLabels);
  const words = WORDS[language];
  const facts = [{ label: words.file, value: `${name}${verdict.format ? ` (${verdict.format})` : ""}` }, ...clocks];
  const taken = steps.map((step, i) => ({ ...step, evidence: verdict.steps[i]!.evidence }));
  return [
    headline,
    meaning,
    ...(advice ? [`${words.advice}${language === "zh" ? "：" : ": "}${advice}`] : []),
    "",
    ...table(facts),
    ...(disclosed.length > 0 ? ["", words.content, ...contentLines(disclosed, language)] : []),
    "",
    words.steps,
    ...stepLines(taken, words),
    "",
  ].join("\n");
}

/** A verdict in one line. */
export function printHeadline(name: string, verdict: Verdict, language: Language): string {
  const { headline, meaning } = describeVerdict(verdict, language, claimLabels);
  return `${harmless(name)}  ${headline} ${harmless(meaning)}`;
}

interface Field {
  readonly label: string;
  readonly value: Json;
}

/** Fields as a table; the records of a certificate or bundle as one table after the other. */
function contentLines(fields: readonly Field[], language: Language): string[] {
  const plain = fields.filter(({ value }) => !isList(value) && value !== null);
  const records = fields.flatMap(({ label, value }) =>
    isList(value) ? value.map((record, i) => ({ label: `${label} ${i + 1}`, record })) : [],
  );
  const tables = records
    .slice(0, MAX_RECORDS)
    .flatMap(({ label, record }) => ["", label, ...table(recordRows(record, language)).map((line) => `  ${line}`)]);
  const rest = records.length > MAX_RECORDS ? ["", `… + ${records.length - MAX_RECORDS}`] : [];
  const rows = plain.map(({ label, value }) => ({ label, value: show(value, language) }));
  return [...table(rows), ...tables, ...rest].map((line) => (line === "" ? line : `  ${line}`));
}

function recordRows({ fields, ...rest }: { readonly [name: string]: Json }, language: Language) {
  const claims = isObject(fields) ? fields : {};
  const rows = [...Object.entries(rest), ...Object.entries(claims)];
  const labels = { ...RECORD_LABELS, ...claimLabels };
  return rows.map(([name, value]) => ({ label: labels[name]?.[language] ?? name, value: show(value, language) }));
}

const RECORD_LABELS: Labels = {
  recordHash: { zh: "记录哈希", en: "Record hash" },
  type: { zh: "记录类型", en: "Type" },
  department: { zh: "作出部门", en: "Department" },
  superseded: { zh: "之后状态", en: "What became of it" },
};

const WHAT_BECAME: readonly Readonly<Record<Language, string>>[] = [
  { zh: "", en: "" },
  { zh: "已更正", en: "corrected" },
  { zh: "已撤销", en: "withdrawn" },
  { zh: "已信用修复", en: "credit repaired" },
  { zh: "经复议或判决撤销", en: "annulled" },
];

/** Most records that are printed; `--json` has them all. */
const MAX_RECORDS = 20;

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json): value is { [name: string]: Json }[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
}

/** Subjects, periods and later states as people write them; everything else as it stands. */
function show(value: Json, language: Language): string {
  if (typeof value === "string") return value;
  if (isObject(value)) {
    const { type, id, from, to, reason } = value;
    if (typeof type === "string" && typeof id === "string") return id;
    if (typeof from === "string" && typeof to === "string") return `${from} – ${to}`;
    const became = typeof reason === "number" ? WHAT_BECAME[reason] : undefined;
    if (became) return became[language];
  }
  return JSON.stringify(value);
}

function table(rows: readonly { readonly label: string; readonly value: string }[]): string[] {
  const width = Math.max(0, ...rows.map(({ label }) => widthOf(harmless(label))));
  return rows.map(({ label, value }) => `${pad(harmless(label), width)}  ${harmless(value)}`);
}

interface TakenStep {
  readonly title: string;
  readonly outcome: Step["outcome"];
  readonly text: string;
  readonly evidence: Step["evidence"];
}

function stepLines(steps: readonly TakenStep[], words: Readonly<Record<Step["outcome"], string>>): string[] {
  const width = Math.max(...steps.map(({ title }) => widthOf(title)));
  const notable = steps.length > MAX_LINES ? steps.filter(({ outcome }) => outcome !== "passed") : steps;
  const lines = notable.flatMap(({ title, outcome, text, evidence }) => [
    `  ${words[outcome]}  ${pad(title, width)}  ${harmless(text)}`,
    ...(outcome === "failed" ? evidenceLines(evidence) : []),
  ]);
  const silent = steps.length - notable.length;
  return silent > 0 ? [`  ${words.passed}  × ${silent}`, ...lines] : lines;
}

function evidenceLines(evidence: Step["evidence"]): string[] {
  return Object.entries(evidence).map(([name, value]) => `            ${name}: ${harmless(String(value))}`);
}

/** Columns that a text takes on a terminal: Chinese characters and full-width signs take two. */
function widthOf(text: string): number {
  return [...text].reduce(
    (width, character) =>
      width +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(character)
        ? 2
        : 1),
    0,
  );
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}
