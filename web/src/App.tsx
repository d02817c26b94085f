import { describeVerdict, type Verdict } from "@quanlian/proof";
import { useEffect } from "react";
import { labels } from "./claims.ts";
import { useDesk, type Answer, type Stage } from "./desk.ts";
import { AsOf, Clocks } from "./parts/Clocks.tsx";
import { Content } from "./parts/Content.tsx";
import { Icon, type IconName } from "./parts/Icon.tsx";
import { Intake, useDropAndPaste } from "./parts/Intake.tsx";
import { Masthead } from "./parts/Masthead.tsx";
import { Actions, RefusalNotice, titled, VerdictBanner } from "./parts/Outcome.tsx";
import { Steps } from "./parts/Steps.tsx";
import { TrustChoice } from "./parts/TrustChoice.tsx";
import { usePreferences, type Language } from "./preferences.ts";
import { useWords, wordsIn, WordsContext, type Words } from "./words.ts";

export function App() {
  const [preferences, choose] = usePreferences();
  const { language } = preferences;
  const words = wordsIn[language];
  const desk = useDesk();
  const { stage } = desk;
  const over = useDropAndPaste(desk.bring, words.pastedName);
  const news = newsOf(stage, language, words);
  useEffect(() => {
    document.title = [news, words.pageTitle].filter(Boolean).join(" · ");
  }, [news, words]);
  return (
    <WordsContext value={{ language, words }}>
      <Masthead preferences={preferences} choose={choose} />
      <main id="main" tabIndex={-1}>
        <p role="status" className="unseen">
          {news}
        </p>
        {stage.at === "refused" && <RefusalNotice stage={stage} />}
        {stage.at === "answered" && <VerdictBanner answer={stage} />}
        {(stage.at === "refused" || stage.at === "answered") && <Actions desk={desk} />}
        {stage.at === "answered" && <Findings answer={stage} />}
        {(stage.at === "waiting" || stage.at === "verifying") && (
          <Welcome over={over} stage={stage} bring={desk.bring} />
        )}
        <TrustChoice desk={desk} open={needsTrust(stage)} />
      </main>
      <Foot />
    </WordsContext>
  );
}

/** What has just happened, in one sentence: for the live region and the window's title. */
function newsOf(stage: Stage, language: Language, words: Words): string {
  switch (stage.at) {
    case "waiting":
      return "";
    case "verifying":
      return words.verifying(stage.name);
    case "refused":
      return words.refusals[stage.refusal];
    case "answered":
      return titled(describeVerdict(stage.verdict, language, labels).headline);
  }
}

function needsTrust(stage: Stage): boolean {
  if (stage.at === "refused") return stage.refusal === "TRUST_UNREACHABLE" || stage.refusal === "TRUST_LIST";
  return stage.at === "answered" && stage.verdict.steps.some(({ code }) => code === "CHAIN_NOT_TRUSTED");
}

function Welcome({ over, stage, bring }: { over: boolean; stage: Stage; bring: (file: File) => void }) {
  const { words } = useWords();
  return (
    <>
      <div className="intro">
        <h1>{words.title}</h1>
        <p>{words.lead}</p>
      </div>
      <Intake over={over} busy={stage.at === "verifying" ? words.verifying(stage.name) : null} onFile={bring} />
      <ul className="promises">
        {words.promises.map(({ icon, title, text }) => (
          <li key={icon}>
            <Icon name={icon as IconName} />
            <h2>{title}</h2>
            <p>{text}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

function Findings({ answer }: { answer: Answer }) {
  const { verdict } = answer;
  const isCertificate = verdict.format === "quanlian-certificate/1";
  return (
    <>
      <Content verdict={verdict} />
      {isCertificate ? <AsOf anchoredAt={verdict.clocks.anchoredAt} /> : <Clocks clocks={verdict.clocks} />}
      <Steps verdict={verdict} />
      <Limits verdict={verdict} />
      <Circumstances answer={answer} />
    </>
  );
}

/** What this verdict does not say: the steps that could not be taken, and what no chain can prove. */
function Limits({ verdict }: { verdict: Verdict }) {
  const { language, words } = useWords();
  const open = describeVerdict(verdict, language, labels).steps.filter(({ outcome }) => outcome === "unknown");
  const byReason = Map.groupBy(open, ({ text }) => text);
  const reasons = [...byReason].map(([text, steps]) => {
    const titles = [...new Set(steps.map(({ title }) => title))];
    return `${titles.join(words.comma)}${words.colon}${text}`;
  });
  const lines = [...reasons, words.limitAlways];
  return (
    <section className="sheet" aria-labelledby="limits-title">
      <h2 id="limits-title">{words.limits}</h2>
      <ul className="limits">
        {lines.map((line) => (
          <li key={line}>
            <Icon name="unknown" />
            <span>{line}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** On paper only: by whose trust list and where it was verified. */
function Circumstances({ answer: { trust } }: { answer: Answer }) {
  const { words } = useWords();
  const facts = [
    [words.trust, words.trustFrom[trust.source](trust.list.name)],
    [words.printedWhere, window.location.origin],
  ];
  return (
    <ul className="circumstances">
      {facts.map(([name, value]) => (
        <li key={name}>
          {name}
          {words.colon}
          {value}
        </li>
      ))}
    </ul>
  );
}

function Foot() {
  const { words } = useWords();
  return (
    <footer className="foot">
      <div className="foot-inner">
        <p>{words.footer}</p>
        <p>{words.footerOffline}</p>
      </div>
    </footer>
  );
}
