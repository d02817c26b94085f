import { typeLabels } from "@quanlian/proof/labels";
import { type SubmitEvent, useState } from "react";
import { labelOf } from "../claims.ts";
import { momentInWords } from "../time.ts";
import { NoAnswer } from "./NoAnswer.tsx";
import { ask, type Reply, type Submission, useAnswer } from "./service.ts";
import { useMyWords } from "./words.ts";

type Decision = "approve" | "refuse";

/** 二人复核: what waits for a second person, with all that would be signed. */
export function Submissions() {
  const { my } = useMyWords();
  const [reply, reload] = useAnswer<{ submissions: Submission[] }>("/api/v1/submissions");
  const [said, setSaid] = useState<{ reply: Reply<unknown>; decision: Decision } | null>(null);
  const decide = async (id: string, decision: Decision, body?: object) => {
    setSaid({ reply: await ask("POST", `/api/v1/submissions/${id}/${decision}`, body), decision });
    reload();
  };
  const waiting = reply && "data" in reply ? reply.data.submissions : [];
  return (
    <section className="sheet" aria-labelledby="submissions-title">
      <h2 id="submissions-title">{my.submissions}</h2>
      <p className="lead">{my.submissionsLead}</p>
      <NoAnswer reply={reply} />
      {said &&
        ("data" in said.reply ? <p role="status">{my.decided[said.decision]}</p> : <NoAnswer reply={said.reply} />)}
      {reply && "data" in reply && waiting.length === 0 && <p>{my.noSubmissions}</p>}
      <ul className="waiting">
        {waiting.map((submission) => (
          <Waiting
            key={submission.id}
            submission={submission}
            decide={(decision, body) => void decide(submission.id, decision, body)}
          />
        ))}
      </ul>
    </section>
  );
}

interface Props {
  readonly submission: Submission;
  readonly decide: (decision: Decision, body?: object) => void;
}

function Waiting({ submission: { id, content, submittedBy, submittedAt }, decide }: Props) {
  const { language, my } = useMyWords();
  const refuse = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    decide("refuse", { reason: new FormData(event.currentTarget).get("reason") });
  };
  const fields = Object.entries(content?.fields ?? {});
  return (
    <li>
      <h3>{content === null ? my.anImport : (typeLabels[content.type]?.[language] ?? content.type)}</h3>
      <p className="lead">{my.submittedBy(submittedBy, momentInWords(language, new Date(submittedAt)))}</p>
      {fields.length > 0 && (
        <table className="fields">
          <tbody>
            {fields.map(([name, value]) => (
              <tr key={name}>
                <th scope="row" lang={/\p{Script=Han}/u.test(name) ? "zh-CN" : undefined}>
                  {labelOf(name, language)}
                </th>
                <td lang="zh-CN">{typeof value === "string" ? value : JSON.stringify(value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="actions">
        <button type="button" className="main" onClick={() => decide("approve")}>
          {my.approve}
        </button>
      </div>
      <form className="form" onSubmit={refuse}>
        <label htmlFor={`reason-${id}`}>{my.reason}</label>
        <input id={`reason-${id}`} name="reason" required maxLength={500} autoComplete="off" />
        <button type="submit">{my.refuse}</button>
      </form>
    </li>
  );
}
