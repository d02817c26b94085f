import type { Bilingual } from "../records/problems.ts";
import { relations } from "../records/types/links.ts";
import type { Relation } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";

/** What people call records of a type; one that only another region knows goes by its own name. */
export function labelOf(type: string): Bilingual {
  return recordTypes.get(type)?.label ?? { zh: type, en: type };
}

/** What people call a reason to cite. */
export function relationLabel(rel: string): Bilingual {
  return relations[rel as Relation];
}
