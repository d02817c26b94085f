import { useRef } from "react";
import type { Desk } from "../desk.ts";
import { useWords } from "../words.ts";
import { Hash } from "./Hash.tsx";
import { Icon } from "./Icon.tsx";
import { FileChooser } from "./Intake.tsx";

/** Which chains are believed and on whose word, and the way to bring a list of one's own. */
export function TrustChoice({
  desk: { trust, trustRefused, chooseTrust, useServiceTrust },
  open,
}: {
  desk: Desk;
  open: boolean;
}) {
  const { words } = useWords();
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <details className="sheet trust" open={open}>
      <summary>
        <h2>{words.trust}</h2>
        <Icon name="open" />
        <p>{trust ? words.trustFrom[trust.source](trust.list.name) : words.trustMissing}</p>
      </summary>
      <p className="lead">{words.trustLead}</p>
      {trust && <TrustedChains chains={trust.list.chains} />}
      <p role="alert" className="warn">
        {trustRefused && words.trustRefused}
      </p>
      <div className="actions">
        <button type="button" onClick={() => chooser.current?.click()}>
          {words.trustChoose}
        </button>
        {trust?.source === "file" && (
          <button type="button" onClick={useServiceTrust}>
            {words.trustBack}
          </button>
        )}
      </div>
      <FileChooser chooser={chooser} onFile={chooseTrust} />
    </details>
  );
}

function TrustedChains({ chains }: { chains: NonNullable<Desk["trust"]>["list"]["chains"] }) {
  const { language, words } = useWords();
  return (
    <ul className="trust-list">
      {chains.map(({ region, chainId, ledger }) => (
        <li key={`${chainId}/${ledger}`}>
          <strong>{region[language]}</strong> <span>{words.trustChain(chainId)}</span>
          <div>
            {words.trustLedger} <Hash value={ledger} />
          </div>
        </li>
      ))}
    </ul>
  );
}
