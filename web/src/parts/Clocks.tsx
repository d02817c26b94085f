import type { Verdict } from "@quanlian/proof";
import { eventInWords, momentInWords, momentOf } from "../time.ts";
import { useWords } from "../words.ts";

/** 作出决定 / 签署 / 上链, apart: a court presumes integrity only from the last one. */
export function Clocks({ clocks: { eventTime, signedAt, anchoredAt } }: { clocks: Verdict["clocks"] }) {
  const { language, words } = useWords();
  if (eventTime === null && signedAt === null && anchoredAt === null) return null;
  return (
    <section className="sheet" aria-labelledby="clocks-title">
      <h2 id="clocks-title">{words.clocks}</h2>
      <p className="lead">{words.clocksLead}</p>
      <ol className="clocks">
        <Clock {...words.eventTime} iso={eventTime} shown={eventTime && eventInWords(language, eventTime)} />
        <Moment {...words.signedAt} unixSeconds={signedAt} />
        <Moment {...words.anchoredAt} unixSeconds={anchoredAt} />
      </ol>
    </section>
  );
}

/** For a certificate: the moment up to which the chain's state was looked at. */
export function AsOf({ anchoredAt }: Pick<Verdict["clocks"], "anchoredAt">) {
  const { words } = useWords();
  if (anchoredAt === null) return null;
  return (
    <section className="sheet" aria-labelledby="clocks-title">
      <h2 id="clocks-title">{words.asOfTitle}</h2>
      <ol className="clocks">
        <Moment {...words.asOf} unixSeconds={anchoredAt} />
      </ol>
    </section>
  );
}

function Moment({ unixSeconds, ...words }: { name: string; note: string; unixSeconds: number | null }) {
  const { language } = useWords();
  if (unixSeconds === null) return <Clock {...words} iso={null} shown={null} />;
  const moment = momentOf(unixSeconds);
  return <Clock {...words} iso={moment.toISOString()} shown={momentInWords(language, moment)} />;
}

function Clock({ name, note, iso, shown }: { name: string; note: string; iso: string | null; shown: string | null }) {
  const { words } = useWords();
  return (
    <li data-known={iso !== null}>
      <h3>{name}</h3>
      {iso === null ? <span className="no-time">{words.noTime}</span> : <time dateTime={iso}>{shown ?? iso}</time>}
      <p>{note}</p>
    </li>
  );
}
