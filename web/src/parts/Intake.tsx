import { useEffect, useId, useRef, useState } from "react";
import { useWords } from "../words.ts";
import { Icon } from "./Icon.tsx";

interface Props {
  /** A file hovers over the page. */
  readonly over: boolean;
  /** What is being verified right now, in words. */
  readonly busy: string | null;
  readonly onFile: (file: File) => void;
}

/** The visible way in. Dropping and pasting work anywhere on the page: {@link useDropAndPaste}. */
export function Intake({ over, busy, onFile }: Props) {
  const { words } = useWords();
  const chooser = useRef<HTMLInputElement>(null);
  const [pasting, setPasting] = useState(false);
  return (
    <section className="intake" data-over={over} aria-label={words.title} aria-busy={busy !== null}>
      <Icon name="file" />
      <p className="intake-title">{busy ?? (over ? words.letGo : <Invitation />)}</p>
      <p className="intake-note">{words.accepted}</p>
      <div className="intake-ways">
        <button type="button" className="main" onClick={() => chooser.current?.click()}>
          {words.choose}
        </button>
        <button type="button" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
          {words.paste}
        </button>
      </div>
      <FileChooser chooser={chooser} onFile={onFile} />
      {pasting && <PasteBox onFile={onFile} />}
    </section>
  );
}

/** A phone has nothing to drag. */
function Invitation() {
  const { words } = useWords();
  return (
    <>
      <span className="by-mouse">{words.dropHere}</span>
      <span className="by-touch">{words.bringHere}</span>
    </>
  );
}

export function FileChooser(props: { chooser: React.Ref<HTMLInputElement>; onFile: (file: File) => void }) {
  return (
    <input
      ref={props.chooser}
      type="file"
      accept=".json,application/json"
      hidden
      onChange={({ currentTarget }) => {
        const file = currentTarget.files?.[0];
        currentTarget.value = "";
        if (file) props.onFile(file);
      }}
    />
  );
}

function PasteBox({ onFile }: { onFile: (file: File) => void }) {
  const { words } = useWords();
  const id = useId();
  const [text, setText] = useState("");
  return (
    <form
      className="paste"
      onSubmit={(event) => {
        event.preventDefault();
        onFile(new File([text], words.pastedName));
      }}
    >
      <label htmlFor={id}>{words.pasteLabel}</label>
      <textarea id={id} value={text} spellCheck={false} autoFocus onChange={(event) => setText(event.target.value)} />
      <button type="submit">{words.verifyPasted}</button>
    </form>
  );
}

/** Takes files and text from the whole page, so that a file dropped beside the box does not make the browser leave. */
export function useDropAndPaste(onFile: (file: File) => void, pastedName: string): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const on = <K extends keyof WindowEventMap>(name: K, handle: (event: WindowEventMap[K]) => void): void =>
      window.addEventListener(name, handle, { signal: listening.signal });
    on("dragover", (event) => {
      event.preventDefault();
      setOver(true);
    });
    on("dragleave", (event) => {
      if (event.relatedTarget === null) setOver(false);
    });
    on("drop", (event) => {
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file) onFile(file);
    });
    on("paste", (event) => {
      if (event.target instanceof HTMLTextAreaElement) return;
      const text = event.clipboardData?.getData("text/plain");
      const file = event.clipboardData?.files[0] ?? (text ? new File([text], pastedName) : undefined);
      if (file) onFile(file);
    });
    return () => listening.abort();
  }, [onFile, pastedName]);
  return over;
}
