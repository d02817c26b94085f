import { describeVerdict, type Code, type Step, type Verdict } from "@quanlian/proof";
import { useEffect, useRef, type ReactNode } from "react";
import { labelOf, labels } from "../claims.ts";
import type { Answer, Desk, Stage } from "../desk.ts";
import type { Language } from "../preferences.ts";
import { dayInWords, momentInWords, momentOf } from "../time.ts";
import { useWords, type Words } from "../words.ts";
import { Icon } from "./Icon.tsx";

const iconOf = { valid: "passed", invalid: "failed", undecided: "unknown" } as const;

/** The answer in the largest letters of the page: an icon, words, and a colour that only repeats them. */
export function VerdictBanner({ answer: { paper, verdict, verifiedAt } }: { answer: Answer }) {
  const { language, words } = useWords();
  const { headline, meaning, advice } = describeVerdict(verdict, language, labels);
  const altered = verdict.steps.find(({ code }) => code === "FIELD_ALTERED")?.field;
  const fact = standing(verdict, language, words);
  return (
    <section className="verdict" data-verdict={verdict.verdict}>
      <Icon name={iconOf[verdict.verdict]} />
      <Headline of={verdict}>{titled(headline)}</Headline>
      <div className="verdict-body">
        {altered === undefined ? (
          <p>{meaning}</p>
        ) : (
          <p>
            <strong>{words.alteredField(labelOf(altered, language))}</strong>
          </p>
        )}
        {fact !== null && (
          <p>
            <strong>{fact}</strong>
          </p>
        )}
        {advice !== "" && <p>{advice}</p>}
        <p className="small">{words.about(paper.name, momentInWords(language, momentOf(verifiedAt)))}</p>
      </div>
    </section>
  );
}

/** For a file that was not examined: never in the colours of a verdict. */
export function RefusalNotice({ stage }: { stage: Stage & { at: "refused" } }) {
  const { words } = useWords();
  return (
    <section className="notice">
      <Icon name="file" />
      <Headline of={stage}>{words.refusals[stage.refusal]}</Headline>
      <div className="verdict-body">
        <p>{words.advice[stage.refusal]}</p>
        <p className="small">{words.nothingDecided}</p>
      </div>
    </section>
  );
}

/** Takes the keyboard focus whenever there is a new answer, so that it is read first and the Tab key goes on from here. */
function Headline({ of, children }: { of: object; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [of]);
  return (
    <h1 ref={heading} tabIndex={-1} className="verdict-title">
      {children}
    </h1>
  );
}

/** Findings that another attempt may change. */
const passing: ReadonlySet<Code> = new Set<Code>([
  "CHAIN_NOT_CONSULTED",
  "CHAIN_UNREACHABLE",
  "STATE_UNAVAILABLE",
  "WRONG_CHAIN",
  "NOT_FINAL",
]);

export function Actions({ desk }: { desk: Desk }) {
  const { words } = useWords();
  const { stage } = desk;
  const answered = stage.at === "answered";
  const steps = answered ? stage.verdict.steps : [];
  const unsettled = steps.some(({ code }) => passing.has(code)) || (stage.at === "refused" && stage.paper);
  return (
    <div className="actions">
      {unsettled && (
        <button type="button" className="main" onClick={desk.again}>
          {words.retry}
        </button>
      )}
      <button type="button" className={unsettled ? undefined : "main"} onClick={desk.clear}>
        {words.another}
      </button>
      {answered && (
        <button type="button" onClick={() => window.print()}>
          {words.print}
        </button>
      )}
    </div>
  );
}

/** A sentence as a title: without its full stop. */
export const titled = (sentence: string): string => sentence.replace(/[。.]$/, "");

/** For a receipt, the one fact to carry away: since when the record is unchanged, or what became of it. */
function standing({ verdict, format, clocks, steps }: Verdict, language: Language, words: Words): string | null {
  if (format !== "quanlian-receipt/1") return null;
  const supersession = steps.find(({ code }) => code === "SUPERSEDED")?.evidence;
  if (supersession) return stateOf(supersession, language, words);
  if (verdict !== "valid" || clocks.anchoredAt === null) return null;
  return words.unchangedSince(dayInWords(language, chinaDay(clocks.anchoredAt)));
}

function stateOf({ reason, at }: Step["evidence"], language: Language, words: Words): string {
  return words.superseded(words.reasons[Number(reason)] ?? "", momentInWords(language, momentOf(Number(at))));
}

const chinaDay = (unixSeconds: number): string => new Date((unixSeconds + 8 * 3600) * 1000).toISOString().slice(0, 10);
