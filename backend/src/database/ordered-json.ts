import type { Json } from "../records/types/record-type.ts";

/** JSON with its names in one order, since jsonb does not keep the writer's. */
export function orderedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(orderedJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${orderedJson(value[name]!)}`).join()}}`;
}
