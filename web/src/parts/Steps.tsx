import { describeVerdict, type Step, type Verdict } from "@quanlian/proof";
import { labels } from "../claims.ts";
import { eventInWords, momentInWords, momentOf } from "../time.ts";
import { useWords, type Words } from "../words.ts";
import { Hash } from "./Hash.tsx";
import { Icon } from "./Icon.tsx";
import { useShortened } from "./Shortened.tsx";

/** One line per step, its evidence on demand. */
export function Steps({ verdict }: { verdict: Verdict }) {
  const { language, words } = useWords();
  const described = describeVerdict(verdict, language, labels).steps;
  const [shown, more] = useShortened(verdict.steps, ({ outcome }) => outcome !== "passed");
  return (
    <section className="sheet" aria-labelledby="steps-title">
      <h2 id="steps-title">{words.steps}</h2>
      <p className="lead">{words.stepsLead}</p>
      <ol className="steps">
        {shown.map(([step, index]) => (
          <li key={index} data-outcome={step.outcome} data-code={step.code} data-step={step.step}>
            <StepLine
              step={step}
              title={described[index]!.title + particular(step, words)}
              text={step.outcome === "passed" ? words.established[step.step] : described[index]!.text}
            />
          </li>
        ))}
      </ol>
      {more}
    </section>
  );
}

/** Which receipt of a bundle, or which stream of a certificate, a step is about. */
function particular({ evidence: { index, stream } }: Step, words: Words): string {
  if (typeof index === "number") return ` ${index + 1}`;
  if (typeof stream !== "string") return "";
  const [kind, year] = stream.split("/");
  return `${words.colon}${words.kinds[Number(kind)] ?? kind} ${year}`;
}

function StepLine({ step, title, text }: { step: Step; title: string; text: string }) {
  const { words } = useWords();
  return (
    <details>
      <summary>
        <span className="step-mark">
          <Icon name={step.outcome} />
          {words.outcomes[step.outcome]}
        </span>
        <span className="step-words">
          <span className="step-name">{title}</span>
          <span className="step-says">{text}</span>
        </span>
        <Icon name="open" />
      </summary>
      <Evidence step={step} />
    </details>
  );
}

function Evidence({ step: { code, evidence } }: { step: Step }) {
  const { language, words } = useWords();
  const otherRegion = language === "zh" ? "regionEn" : "regionZh";
  const exhibits = Object.entries(evidence).filter(([name]) => name !== otherRegion);
  return (
    <dl className="evidence">
      <dt>{words.code}</dt>
      <dd>
        <code>{code}</code>
      </dd>
      {exhibits.map(([name, value]) => (
        <Exhibit key={name} name={name} value={value} />
      ))}
    </dl>
  );
}

const moments = new Set(["signedAt", "anchoredAt", "blockTime", "now", "at", "asOfTime", "provenTime"]);

function Exhibit({ name, value }: { name: string; value: Step["evidence"][string] }) {
  const { words } = useWords();
  return (
    <>
      <dt>{words.evidence[name] ?? name}</dt>
      <dd>
        <Shown name={name} value={value} />
      </dd>
    </>
  );
}

function Shown({ name, value }: { name: string; value: Step["evidence"][string] }) {
  const { language, words } = useWords();
  if (value === null) return words.none;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (typeof value === "number" && moments.has(name)) return momentInWords(language, momentOf(value)) + words.chinaTime;
  const event = typeof value === "string" ? eventInWords(language, value) : null;
  if (event !== null) return event;
  if (name === "kind" && typeof value === "number") return words.kinds[value] ?? value;
  if (name === "reason" && typeof value === "number") return words.reasons[value] ?? value;
  if (typeof value === "string" && /^0x[0-9a-f]{40,}$/.test(value)) return <Hash value={value} />;
  return /^[\w./-]+$/.test(String(value)) ? <code>{value}</code> : value;
}
