import { orderedJson } from "../database/ordered-json.ts";
import type { SealedColumn } from "../database/row-seals.ts";
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
    ["evidence", orderedJson(finding.evidence)],
    ["found_at", finding.foundAt.toISOString()],
    ...(finding.personal ? [["personal", finding.personal.toString("base64")] as const] : []),
  ];
}
