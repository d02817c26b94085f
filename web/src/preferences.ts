import { useEffect, useState } from "react";

export type Language = "zh" | "en";

/** What a reader chose once and finds again: the language, and the large, one-column layout for elders (适老化). */
export interface Preferences {
  language: Language;
  elder: boolean;
}

const storageKey = "quanlian.preferences";
const languageTag: Record<Language, string> = { zh: "zh-CN", en: "en" };

export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(remembered);
  useEffect(() => {
    document.documentElement.lang = languageTag[preferences.language];
    document.documentElement.dataset["elder"] = String(preferences.elder);
    remember(preferences);
  }, [preferences]);
  return [preferences, (change) => setPreferences((current) => ({ ...current, ...change }))];
}

/** A browser may refuse storage altogether; the page then starts from its defaults each time: Chinese, normal size. */
function remembered(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Preferences>;
    return { language: stored.language === "en" ? "en" : "zh", elder: stored.elder === true };
  } catch {
    return { language: "zh", elder: false };
  }
}

function remember(preferences: Preferences): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(preferences));
  } catch {
    // Without storage the choice lasts as long as the page is open.
  }
}
