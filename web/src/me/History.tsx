import { useState } from "react";
import type { Schemas } from "@quanlian/client";
import { dayInWords } from "../time.ts";
import { NoAnswer } from "./NoAnswer.tsx";
import { ask, type HistoryRecord, type Reply, useAnswer } from "./service.ts";
import { useMyWords } from "./words.ts";

type Page = Schemas["History"];

/** The whole chain of an enterprise: what was approved, served, supervised, enforced, and what became of its credit. */
export function History({ code, onBehalf }: { code: string; onBehalf: boolean }) {
  const { my } = useMyWords();
  const path = `/api/v1/subjects/${code}/history?limit=200`;
  const [first] = useAnswer<Page>(path);
  const [later, setLater] = useState<readonly Page[]>([]);
  const [failed, setFailed] = useState<Reply<Page> | null>(null);
  const pages = first && "data" in first ? [first.data, ...later] : [];
  const records = pages.flatMap((page) => page.records);
  const next = pages.at(-1)?.next ?? null;
  const more = async (cursor: string) => {
    const reply = await ask<Page>("GET", `${path}&cursor=${encodeURIComponent(cursor)}`);
    if ("data" in reply) setLater([...later, reply.data]);
    else setFailed(reply);
  };
  const id = `history-${code}`;
  return (
    <section className="sheet" aria-labelledby={id}>
      <h2 id={id}>
        {my.history(code)} {onBehalf && <span className="state">{my.onBehalf}</span>}
      </h2>
      <p className="lead">{my.historyLead}</p>
      {pages.length === 0 && <NoAnswer reply={first} />}
      {pages.length > 0 && (
        <ol className="stages">
          {my.stages.map((stage, i) => (
            <Stage key={stage} name={stage} records={records.filter(({ kind }) => kind === i + 1)} />
          ))}
        </ol>
      )}
      {failed && <NoAnswer reply={failed} />}
      {next !== null && (
        <button type="button" className="more" onClick={() => void more(next)}>
          {my.more}
        </button>
      )}
    </section>
  );
}

function Stage({ name, records }: { name: string; records: readonly HistoryRecord[] }) {
  const { my } = useMyWords();
  const newest = records.toSorted((a, b) => (a.eventTime < b.eventTime ? 1 : -1));
  return (
    <li>
      <h3>
        {name} <span className="count">{my.count(records.length)}</span>
      </h3>
      {records.length === 0 ? (
        <p className="lead">{my.nothing}</p>
      ) : (
        <ul>
          {newest.map((record) => (
            <Entry key={record.id} record={record} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Entry({ record }: { record: HistoryRecord }) {
  const { language, my } = useMyWords();
  const { id, label, number, eventTime, status, supersededBy, objected, origin } = record;
  const state = supersededBy
    ? my.superseded[supersededBy.reason]
    : origin
      ? my.verdicts[origin.verdict]
      : my.states[status];
  return (
    <li className="entry">
      <p className="entry-title">
        {label[language]} <span className="state">{state}</span>
        {objected && <span className="state">{my.objected}</span>}
      </p>
      <p className="entry-number" lang="zh-CN">
        {number}
      </p>
      <p>
        <time dateTime={eventTime}>{dayInWords(language, eventTime.slice(0, 10))}</time>
      </p>
      {origin && <p>{my.from(origin.region?.[language] ?? null)}</p>}
      {status === "final" && !origin && (
        <p>
          <a
            href={`/api/v1/records/${id}/receipt`}
            download={`receipt-${id}.json`}
            aria-label={`${my.receipt} ${number}`}
          >
            {my.receipt}
          </a>
        </p>
      )}
    </li>
  );
}
