import type { Json, Step, Verdict } from "@quanlian/proof";
import { inOfficialOrder, labelOf, typeOf } from "../claims.ts";
import { useWords } from "../words.ts";
import { Icon } from "./Icon.tsx";
import { useShortened } from "./Shortened.tsx";
import { Value } from "./Value.tsx";

type Claims = Readonly<Record<string, Json>>;

/** One record among several; `finding` is what its own verification found, where a bundle has one for each. */
interface ListedRecord {
  readonly claims: Claims;
  readonly finding: Step | undefined;
}

/** What the file says: the claims of one record, or of each record in a bundle or certificate. */
export function Content({ verdict }: { verdict: Verdict }) {
  const { words } = useWords();
  const { claims, records } = contentOf(verdict);
  const altered = verdict.format === "quanlian-bundle/1" ? [] : alteredClaims(verdict.steps);
  const empty = Object.keys(claims).length === 0 && records.length === 0;
  if (empty && altered.length === 0) return null;
  return (
    <section className="sheet" aria-labelledby="content-title">
      <h2 id="content-title">{empty ? words.alteredTitle : words.content}</h2>
      {!empty && <p className="lead">{words.contentLead}</p>}
      {!empty && <Warning verdict={verdict} />}
      <ClaimTable claims={claims} altered={altered} />
      {records.length > 0 && <Records records={records} />}
    </section>
  );
}

/** How far the content can be relied upon; nothing to say when it can. */
function Warning({ verdict: { verdict, steps } }: { verdict: Verdict }) {
  const { words } = useWords();
  if (verdict === "valid") return null;
  const genuine = steps.every(({ outcome, code }) => outcome === "passed" || code === "SUPERSEDED");
  return (
    <p className="warn" data-verdict={verdict}>
      {words.contentWarnings[genuine ? "superseded" : verdict]}
    </p>
  );
}

function contentOf({ format, disclosed, steps }: Verdict): { claims: Claims; records: readonly ListedRecord[] } {
  if (format === "quanlian-certificate/1") {
    const { records, scope, ...facts } = disclosed;
    return { claims: scope ? { ...facts, scope } : facts, records: listed(records, []) };
  }
  if (format === "quanlian-bundle/1")
    return {
      claims: {},
      records: listed(
        disclosed.receipts,
        steps.filter(({ step }) => step === "receipt"),
      ),
    };
  const type = steps.find(({ step }) => step === "statement")?.evidence.type;
  return { claims: typeof type === "string" ? { type, ...disclosed } : disclosed, records: [] };
}

/** In a certificate the claims of a record stand apart from what the certificate says of it. */
function listed(records: Json | undefined, findings: readonly Step[]): ListedRecord[] {
  return ((records ?? []) as unknown as readonly Claims[]).map(({ fields, ...about }, index) => ({
    claims: { ...about, ...(fields as Claims | undefined) },
    finding: findings[index],
  }));
}

/** The claims that are not what the department signed. Their present values are worthless and are not shown. */
function alteredClaims(steps: readonly Step[]): string[] {
  return steps.flatMap(({ code, field }) => (code === "FIELD_ALTERED" && field !== undefined ? [field] : []));
}

function ClaimTable({ claims, altered }: { claims: Claims; altered: readonly string[] }) {
  const { language } = useWords();
  if (altered.length === 0 && Object.keys(claims).length === 0) return null;
  return (
    <table className="fields">
      <tbody>
        {altered.map((name) => (
          <AlteredRow key={name} name={name} />
        ))}
        {inOfficialOrder(claims).map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{labelOf(name, language)}</th>
            <td>
              <Value name={name} value={value} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function AlteredRow({ name }: { name: string }) {
  const { language, words } = useWords();
  return (
    <tr className="altered">
      <th scope="row">{labelOf(name, language)}</th>
      <td>
        <span className="mark">
          <Icon name="failed" />
          {words.altered}
        </span>
      </td>
    </tr>
  );
}

function Records({ records }: { records: readonly ListedRecord[] }) {
  const { words } = useWords();
  const [shown, more] = useShortened(records, ({ finding }) => finding !== undefined && finding.outcome !== "passed");
  return (
    <>
      <h3>{words.records(records.length)}</h3>
      <ol className="records">
        {shown.map(([record, index]) => (
          <li key={index}>
            <Record record={record} position={index + 1} />
          </li>
        ))}
      </ol>
      {more}
    </>
  );
}

function Record({ record: { claims, finding }, position }: { record: ListedRecord; position: number }) {
  return (
    <details>
      <summary>
        <span>
          {position}. <RecordTitle claims={claims} refused={finding?.outcome === "failed"} />
          <RecordState claims={claims} finding={finding} />
        </span>
        <Icon name="open" />
      </summary>
      <ClaimTable claims={claims} altered={finding ? alteredClaims([finding]) : []} />
    </details>
  );
}

function RecordTitle({ claims: { type, number, subjectName }, refused }: { claims: Claims; refused: boolean }) {
  const { language, words } = useWords();
  const parts = [typeof type === "string" ? typeOf(type, language) : null, number ?? subjectName];
  return (
    parts.filter((part) => typeof part === "string").join(" · ") ||
    (refused ? words.recordRefused : words.recordWithheld)
  );
}

function RecordState({ claims, finding }: { claims: Claims; finding: Step | undefined }) {
  const { words } = useWords();
  if (claims.superseded !== undefined || finding?.code === "SUPERSEDED")
    return <span className="state">{words.noLongerStands}</span>;
  if (finding === undefined || finding.outcome === "passed") return null;
  return (
    <span className="state" data-outcome={finding.outcome}>
      {words.outcomes[finding.outcome]}
    </span>
  );
}
