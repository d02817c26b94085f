import { momentInWords } from "../time.ts";
import { NoAnswer } from "./NoAnswer.tsx";
import { ask, type Session, useAnswer } from "./service.ts";
import { Table } from "./Table.tsx";
import { useMyWords } from "./words.ts";

/** Where one is logged in, to end what one does not know. */
export function Sessions() {
  const { language, my } = useMyWords();
  const [reply, reload] = useAnswer<{ sessions: Session[] }>("/api/v1/me/sessions");
  const end = async (id: string) => {
    await ask("DELETE", `/api/v1/me/sessions/${id}`);
    reload();
  };
  const at = (text: string) => momentInWords(language, new Date(text));
  return (
    <section className="sheet" aria-labelledby="sessions-title">
      <h2 id="sessions-title">{my.sessions}</h2>
      <NoAnswer reply={reply} />
      {reply && "data" in reply && (
        <Table
          label={my.sessions}
          heads={[my.begun, my.seen, my.state]}
          rows={reply.data.sessions.map(({ id, createdAt, seenAt, isThisOne }) => ({
            key: id,
            cells: [
              at(createdAt),
              at(seenAt),
              isThisOne ? (
                my.thisOne
              ) : (
                <button key="end" type="button" className="plain" onClick={() => void end(id)}>
                  {my.end}
                </button>
              ),
            ],
          }))}
        />
      )}
    </section>
  );
}
