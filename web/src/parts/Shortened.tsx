import { useState, type ReactNode } from "react";
import { useWords } from "../words.ts";

const shortList = 100;

/**
 * The first hundred of a long list, what `matters` wherever it stands, and a button for the rest: a bundle may hold a
 * hundred thousand receipts. Gives each item with its position in the whole list.
 */
export function useShortened<T>(items: readonly T[], matters: (item: T) => boolean): [[T, number][], ReactNode] {
  const { words } = useWords();
  const [whole, setWhole] = useState(false);
  const numbered = items.map((item, index): [T, number] => [item, index]);
  const shown = whole
    ? numbered
    : numbered.filter(([item, index]) => index < shortList || matters(item)).slice(0, 2 * shortList);
  const more = shown.length < items.length && (
    <button type="button" className="more" onClick={() => setWhole(true)}>
      {words.showAll(shown.length, items.length)}
    </button>
  );
  return [shown, more];
}
