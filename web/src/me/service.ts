import type { Problem, Schemas } from "@quanlian/client";
import { useCallback, useEffect, useState } from "react";

const patienceMs = 15_000;

export type Me = Schemas["Me"];
export type Session = Schemas["Session"];
export type HistoryRecord = Schemas["History"]["records"][number];
export type LogEntry = Schemas["AccessLog"]["entries"][number];
export type Delegation = Schemas["Delegation"];
export type Submission = Schemas["Submission"];
export type Power = Delegation["powers"][number];

/** What the site answers: what was asked for, or why not, in the reader's languages; `away` when it does not answer. */
export type Reply<T> =
  { readonly data: T } | { readonly problem: Pick<Problem, "zh" | "en"> } | { readonly away: true };

/** One question with the session of this browser; it is only taken from pages of the site itself. */
export async function ask<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Reply<T>> {
  try {
    const response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(patienceMs),
      ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (response.status === 204) return { data: undefined as T };
    const answer: unknown = await response.json();
    return response.ok ? { data: answer as T } : { problem: answer as Problem };
  } catch {
    return { away: true };
  }
}

/** What a path answers, and a way to ask again; null while nothing has been answered yet. */
export function useAnswer<T>(path: string): readonly [Reply<T> | null, () => void] {
  const [reply, setReply] = useState<Reply<T> | null>(null);
  const load = useCallback(() => void ask<T>("GET", path).then(setReply), [path]);
  useEffect(load, [load]);
  return [reply, load];
}
