import { useEffect, useState } from "react";
import { Masthead } from "../parts/Masthead.tsx";
import { usePreferences } from "../preferences.ts";
import { momentInWords } from "../time.ts";
import { wordsIn, WordsContext } from "../words.ts";
import { AccessLog } from "./AccessLog.tsx";
import { Delegations } from "./Delegations.tsx";
import { History } from "./History.tsx";
import { NoAnswer } from "./NoAnswer.tsx";
import { Sessions } from "./Sessions.tsx";
import { ask, type Me, useAnswer } from "./service.ts";
import { Submissions } from "./Submissions.tsx";
import { useMyWords, myWordsIn } from "./words.ts";

/** What somebody sees who has logged in: by their roles, nothing of it for everybody. */
export function MyPage() {
  const [preferences, choose] = usePreferences();
  const { language } = preferences;
  useEffect(() => {
    document.title = myWordsIn[language].pageTitle;
  }, [language]);
  return (
    <WordsContext value={{ language, words: wordsIn[language] }}>
      <Masthead preferences={preferences} choose={choose} here="me" />
      <main id="main" tabIndex={-1}>
        <Mine />
      </main>
    </WordsContext>
  );
}

function Mine() {
  const [reply] = useAnswer<Me>("/api/v1/me");
  if (!reply || !("data" in reply)) return <NoAnswer reply={reply} />;
  const me = reply.data;
  return me.session === null ? <Welcome login={me.login} /> : <Desk me={me} />;
}

function Welcome({ login }: Pick<Me, "login">) {
  const { my } = useMyWords();
  const failed = location.hash.startsWith("#login=");
  return (
    <div className="intro">
      <h1>{my.title}</h1>
      <p>{my.lead}</p>
      {failed && <p role="alert">{my.loginFailed}</p>}
      {login === null ? (
        <p>{my.loginNotOffered}</p>
      ) : (
        <p className="login">
          <a className="button" href={`${login}?returnTo=${encodeURIComponent("/me.html")}`}>
            {my.login}
          </a>
        </p>
      )}
    </div>
  );
}

function Desk({ me }: { me: Me }) {
  const enterprise = me.roles.includes("enterprise") ? me.subjects : [];
  const others = me.mandates.filter(({ powers }) => powers.includes("view")).map(({ subject }) => subject);
  return (
    <>
      <Identity me={me} />
      {me.roles.includes("department-reviewer") && <Submissions />}
      {enterprise.map((code) => (
        <div key={code} className="enterprise">
          <History code={code} onBehalf={false} />
          <AccessLog code={code} />
          <Delegations code={code} />
        </div>
      ))}
      {[...new Set(others)].map((code) => (
        <History key={code} code={code} onBehalf />
      ))}
      <Sessions />
    </>
  );
}

function Identity({ me: { id, roles, departments, subjects, mandates, session } }: { me: Me }) {
  const { language, my } = useMyWords();
  const [failed, setFailed] = useState<Awaited<ReturnType<typeof ask>> | null>(null);
  const named = roles.filter((role) => role !== "public").map((role) => my.roles[role]);
  const codes = [...departments, ...subjects, ...mandates.map(({ subject }) => `${subject} (${my.onBehalf})`)];
  const at = (text: string) => momentInWords(language, new Date(text));
  const leave = async (path: string) => {
    const reply = await ask<{ providerLogout: string | null }>("POST", path);
    if ("data" in reply) location.assign(reply.data.providerLogout ?? "/");
    else setFailed(reply);
  };
  return (
    <section className="sheet" aria-labelledby="identity-title">
      <h1 id="identity-title">{my.title}</h1>
      <dl className="facts">
        <dt>{my.account}</dt>
        <dd>{id}</dd>
        <dt>{my.role}</dt>
        <dd>{named.join(language === "zh" ? "、" : ", ") || my.noRole}</dd>
        {codes.length > 0 && <dt>{my.actsFor}</dt>}
        {codes.map((code) => (
          <dd key={code}>{code}</dd>
        ))}
      </dl>
      <p className="lead">{my.sessionEnds(at(session!.idleEndsAt), at(session!.endsAt))}</p>
      {failed && <NoAnswer reply={failed} />}
      <div className="actions">
        <button type="button" onClick={() => void leave("/auth/logout")}>
          {my.logout}
        </button>
        <button type="button" onClick={() => void leave("/auth/logout-everywhere")}>
          {my.logoutEverywhere}
        </button>
      </div>
    </section>
  );
}
