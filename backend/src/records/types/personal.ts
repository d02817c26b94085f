import type { Subject } from "@quanlian/proof";
import { layoutsOf } from "./columns.ts";
import type { Handling, RecordType } from "./record-type.ts";

/** From this grade on a value is encrypted at rest (GB/T 43697-2024 appendix H: personal, of some harm when known). */
const PERSONAL = 3;

/** Of a natural person's record everything is about that person, but for what the platform finds and joins records by. */
const ALWAYS_OPEN: ReadonlySet<string> = new Set(["number", "eventTime", "links"]);

/**
 * Which claims of a record are encrypted: those graded personal or above, names of natural persons (an individual business's
 * operator is one of them), and what departments add themselves, since nobody has graded it.
 */
export function isPersonal(type: RecordType, subject: Pick<Subject, "type">, claim: string): boolean {
  if (subject.type === "person") return !ALWAYS_OPEN.has(claim);
  return gradedClaims(type).has(claim);
}

const graded = new WeakMap<RecordType, ReadonlySet<string>>();

function gradedClaims(type: RecordType): ReadonlySet<string> {
  const known = graded.get(type);
  if (known) return known;
  const claims = layoutsOf(type)
    .flatMap(({ fields }) => fields)
    .filter(({ claim, handling }) => claim !== "subjectName" && isGradedPersonal(handling))
    .map(({ claim }) => claim);
  const all = new Set([...claims, "local"]);
  graded.set(type, all);
  return all;
}

/** The name of a legal representative or operator is of a low grade because a register publishes it; it is a person's all the same. */
function isGradedPersonal({ grade, mask }: Handling): boolean {
  return grade >= PERSONAL || mask === "name" || mask === "idNumber";
}
