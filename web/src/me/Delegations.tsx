import { type SubmitEvent, useState } from "react";
import { dayInWords } from "../time.ts";
import { NoAnswer } from "./NoAnswer.tsx";
import { ask, type Delegation, type Power, type Reply, useAnswer } from "./service.ts";
import { Table } from "./Table.tsx";
import { type MyWords, useMyWords } from "./words.ts";

const POWERS: readonly Power[] = ["view", "certify", "attach"];

/** 授权·代办: whom an enterprise lets act for it, and a form to let one more. */
export function Delegations({ code }: { code: string }) {
  const { language, my } = useMyWords();
  const path = `/api/v1/subjects/${code}/delegations`;
  const [reply, reload] = useAnswer<{ delegations: Delegation[] }>(path);
  const [said, setSaid] = useState<Reply<unknown> | null>(null);
  const act = async (method: "POST" | "DELETE", where: string, body?: unknown) => {
    setSaid(await ask(method, where, body));
    reload();
  };
  const id = `delegations-${code}`;
  return (
    <section className="sheet" aria-labelledby={id}>
      <h2 id={id}>{my.delegations}</h2>
      <p className="lead">{my.delegationsLead}</p>
      <NoAnswer reply={reply} />
      {reply && "data" in reply && reply.data.delegations.length > 0 && (
        <Table
          label={my.delegations}
          heads={[my.delegate, my.powers, my.until, my.state]}
          rows={reply.data.delegations.map((delegation) => ({
            key: delegation.id,
            cells: [
              delegation.delegate,
              delegation.powers.map((power) => my.power[power]).join(language === "zh" ? "、" : ", "),
              dayInWords(language, lastDay(delegation.until)),
              <State
                key="state"
                delegation={delegation}
                revoke={() => void act("DELETE", `/api/v1/delegations/${delegation.id}`)}
              />,
            ],
          }))}
        />
      )}
      <NewDelegation grant={(asked) => void act("POST", path, asked)} code={code} />
      {said && ("data" in said ? <p role="status">{my.done}</p> : <NoAnswer reply={said} />)}
    </section>
  );
}

/** The day in China that ends at this instant. */
function lastDay(until: string): string {
  return new Date(Date.parse(until) + 8 * 3_600_000 - 1).toISOString().slice(0, 10);
}

function State({ delegation, revoke }: { delegation: Delegation; revoke: () => void }) {
  const { my } = useMyWords();
  const state = stateOf(delegation, my);
  if (state !== my.holds) return state;
  return (
    <>
      {state}{" "}
      <button type="button" className="plain" onClick={revoke} aria-label={`${my.revoke} ${delegation.delegate}`}>
        {my.revoke}
      </button>
    </>
  );
}

function stateOf({ until, revokedAt }: Delegation, my: MyWords): string {
  if (revokedAt !== null) return my.revoked;
  return Date.parse(until) <= Date.now() ? my.expired : my.holds;
}

function NewDelegation({ grant, code }: { grant: (asked: object) => void; code: string }) {
  const { my } = useMyWords();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    grant({ delegate: form.get("delegate"), powers: form.getAll("powers"), until: form.get("until") });
    event.currentTarget.reset();
  };
  return (
    <form className="form" onSubmit={submit}>
      <label htmlFor={`delegate-${code}`}>{my.delegate}</label>
      <input id={`delegate-${code}`} name="delegate" required maxLength={255} autoComplete="off" />
      <fieldset>
        <legend>{my.powers}</legend>
        {POWERS.map((power) => (
          <label key={power} className="check">
            <input type="checkbox" name="powers" value={power} defaultChecked={power === "view"} /> {my.power[power]}
          </label>
        ))}
      </fieldset>
      <label htmlFor={`until-${code}`}>{my.until}</label>
      <input id={`until-${code}`} name="until" type="date" required />
      <button type="submit" className="main">
        {my.grant}
      </button>
    </form>
  );
}
