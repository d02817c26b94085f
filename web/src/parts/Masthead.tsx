import type { Preferences } from "../preferences.ts";
import { useWords } from "../words.ts";

interface Props {
  readonly preferences: Preferences;
  readonly choose: (change: Partial<Preferences>) => void;
  /** On which page it stands: it leads to the other one. */
  readonly here?: "verify" | "me";
}

export function Masthead({ preferences: { language, elder }, choose, here = "verify" }: Props) {
  const { words } = useWords();
  const other = language === "zh" ? "en" : "zh";
  return (
    <header className="masthead">
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <div className="masthead-inner">
        <div className="brand">
          <Emblem />
          <div>
            <div className="brand-name">{words.brand}</div>
            <div className="brand-line">{words.brandLine}</div>
          </div>
        </div>
        <div className="choices">
          <a className="button" href={here === "verify" ? "/me.html" : "/"}>
            {here === "verify" ? words.myPage : words.verifyPage}
          </a>
          <button type="button" aria-pressed={elder} onClick={() => choose({ elder: !elder })}>
            {words.elder}
          </button>
          <button type="button" lang={other === "en" ? "en" : "zh-CN"} onClick={() => choose({ language: other })}>
            {words.otherLanguage}
          </button>
        </div>
      </div>
    </header>
  );
}

/** Two linked squares, as in favicon.svg. */
function Emblem() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect x="4.5" y="4.5" width="14" height="14" rx="3" />
      <path d="M18.5 13.5h6a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-8a3 3 0 0 1-3-3v-6" />
    </svg>
  );
}
