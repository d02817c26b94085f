import { describeVerdict, type Json, type Language, type Step, type Verdict } from "@quanlian/proof";

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
  const { headline, meaning, advice, clocks, disclosed, steps } = describeVerdict(verdict, language);
  const words = WORDS[language];
  const facts = [{ label: words.file, value: `${name}${verdict.format ? ` (${verdict.format})` : ""}` }, ...clocks];
  const fields = disclosed.map(({ label, value }) => ({ label, value: show(value) }));
  const taken = steps.map((step, i) => ({ ...step, evidence: verdict.steps[i]!.evidence }));
  return [
    headline,
    meaning,
    ...(advice ? [`${words.advice}${language === "zh" ? "：" : ": "}${advice}`] : []),
    "",
    ...table(facts),
    ...(fields.length > 0 ? ["", words.content, ...table(fields).map((line) => `  ${line}`)] : []),
    "",
    words.steps,
    ...stepLines(taken, words),
    "",
  ].join("\n");
}

function show(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function table(rows: readonly { label: string; value: string }[]): string[] {
  const width = Math.max(...rows.map(({ label }) => widthOf(harmless(label))));
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
