import { useState } from "react";
import { useWords } from "../words.ts";
import { Icon } from "./Icon.tsx";

/** A long hexadecimal value in groups of four; read aloud by its two ends, copied whole. */
export function Hash({ value }: { value: string }) {
  const { words } = useWords();
  const groups = value.slice(2).match(/.{1,4}/g) ?? [];
  return (
    <span className="hash">
      <span className="unseen">{words.hashAloud(spell(value.slice(2, 6)), spell(value.slice(-4)))}</span>
      <code aria-hidden="true">
        <span>0x</span>
        {groups.map((group, index) => (
          <span key={index}>{group}</span>
        ))}
      </code>
      {window.isSecureContext && <Copy value={value} />}
    </span>
  );
}

function Copy({ value }: { value: string }) {
  const { words } = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  };
  return (
    <>
      <button type="button" className="plain" onClick={() => void copy()} onBlur={() => setCopied(false)}>
        <Icon name={copied ? "passed" : "copy"} />
        {copied ? words.copied : words.copy}
      </button>
      <span role="status" className="unseen">
        {copied && words.copied}
      </span>
    </>
  );
}

const spell = (digits: string): string => digits.split("").join(" ");
