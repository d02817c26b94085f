import type { SealedColumn } from "../database/row-seals.ts";
import type { Json } from "../records/types/record-type.ts";
import type { Finding } from "./finding.entity.ts";

/** The table's name in its seals. */
export const FINDING = "finding";

/** All of a finding: nothing else binds it. */
export function sealedFinding(
  finding: Pick<Finding, "id" | "code" | "department" | "record" | "fingerprint" | "evidence" | "personal" | "foundAt">,
): SealedColumn[] {
  return [
    ["id", finding.id],
    ["code", finding.code],
    ["department", finding.department],
    ["record", finding.record],
    ["fingerprint", finding.fingerprint],
    ["evidence", ordered(finding.evidence)],
    ["found_at", finding.foundAt.toISOString()],
    ...(finding.personal ? [["personal", finding.personal.toString("base64")] as const] : []),
  ];
}

/** JSON with its names in one order, since jsonb does not keep the writer's. */
function ordered(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${ordered(value[name]!)}`).join()}}`;
}
