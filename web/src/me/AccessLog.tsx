import { momentInWords } from "../time.ts";
import { NoAnswer } from "./NoAnswer.tsx";
import { type LogEntry, useAnswer } from "./service.ts";
import { Table } from "./Table.tsx";
import { useMyWords } from "./words.ts";

/** 谁查过我: each look at what is not public about an enterprise. */
export function AccessLog({ code }: { code: string }) {
  const { language, my } = useMyWords();
  const [reply] = useAnswer<{ entries: LogEntry[] }>(`/api/v1/subjects/${code}/access-log?limit=20`);
  const id = `log-${code}`;
  return (
    <section className="sheet" aria-labelledby={id}>
      <h2 id={id}>{my.log}</h2>
      <p className="lead">{my.logLead}</p>
      <NoAnswer reply={reply} />
      {reply && "data" in reply && (
        <Table
          label={my.log}
          heads={[my.when, my.who, my.forWhom, my.what, my.why]}
          rows={reply.data.entries.map(({ position, at, role, actingFor, action, purpose }) => ({
            key: String(position),
            cells: [
              momentInWords(language, new Date(at)),
              my.roles[role],
              actingFor.replaceAll(",", " ").replaceAll(/\/[0-9a-f-]{36}/g, ` (${my.onBehalf})`),
              my.actions[action] ?? action,
              purpose === null ? my.none : readable(purpose),
            ],
          }))}
        />
      )}
    </section>
  );
}

/** Purposes that are not ASCII travel percent-encoded. */
function readable(purpose: string): string {
  try {
    return decodeURIComponent(purpose);
  } catch {
    return purpose;
  }
}
