import type { Reply } from "./service.ts";
import { useMyWords } from "./words.ts";

/** What stands where an answer would: that it is on its way, that the site is away, or why it refuses. */
export function NoAnswer({ reply }: { reply: Reply<unknown> | null }) {
  const { language, my } = useMyWords();
  if (reply === null) return <p role="status">{my.waiting}</p>;
  if ("data" in reply) return null;
  return <p role="alert">{"away" in reply ? my.away : reply.problem[language]}</p>;
}
