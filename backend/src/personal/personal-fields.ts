import { Injectable } from "@nestjs/common";
import type { EntityManager } from "typeorm";
import type { KeyVault } from "../departments/key-vault.ts";
import { Refusal } from "../http/refusal.ts";
import type { Json } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";
import { DataKeys, type FreshKey } from "./data-keys.ts";
import { divide, unite } from "./personal-claims.ts";

/** What of a stored record is in two parts. */
export interface StoredParts {
  readonly id: string;
  readonly fields: Readonly<Record<string, Json>>;
  readonly statement: string;
  /** Encrypted; null when the record has nothing personal, empty when that was erased. */
  readonly personal: Buffer | null;
}

/** `open`: fields and statement are whole; otherwise they lack what is personal. */
export type Openness = "open" | "erased" | "unreadable";

export type Opened<Row extends StoredParts> = Row & { readonly openness: Openness };

/** The parts of a new record as they are stored, and the key that must be stored with them. */
export interface SealedParts extends Omit<StoredParts, "id"> {
  readonly key: FreshKey | null;
}

/** The one place where records are taken apart to be stored and put together to be read. */
@Injectable()
export class PersonalFields {
  constructor(private readonly keys: DataKeys) {}

  /** @throws Refusal KMS_UNAVAILABLE unless {@link DataKeys.prepare} was called before */
  seal(id: string, type: string, whole: Pick<StoredParts, "fields" | "statement">): SealedParts {
    const { personal, ...open } = divide(recordTypes.get(type)!, whole.fields, whole.statement);
    if (personal === null) return { ...open, personal, key: null };
    const key = this.keys.take();
    return { ...open, personal: key.vault.seal(Buffer.from(personal, "latin1"), contextOf(id)), key };
  }

  /** All of these rows, as whole as they can be made. @throws Refusal KMS_UNAVAILABLE */
  async open<Row extends StoredParts>(rows: readonly Row[], manager?: EntityManager): Promise<Opened<Row>[]> {
    const sealed = rows.filter(({ personal }) => personal !== null && personal.length > 0);
    const keys = await this.keys.of(
      sealed.map(({ id }) => id),
      manager,
    );
    return rows.map((row) => opened(row, keys.get(row.id)));
  }

  /** @throws Refusal RECORD_ERASED, CONTENT_UNREADABLE, KMS_UNAVAILABLE */
  async openOne<Row extends StoredParts>(row: Row): Promise<Row> {
    const [whole] = await this.open([row]);
    if (whole!.openness === "erased") throw new Refusal("RECORD_ERASED");
    if (whole!.openness === "unreadable") throw new Refusal("CONTENT_UNREADABLE");
    return whole!;
  }
}

function opened<Row extends StoredParts>(row: Row, key: KeyVault | undefined): Opened<Row> {
  if (row.personal === null) return { ...row, openness: "open" };
  if (row.personal.length === 0) return { ...row, openness: "erased" };
  try {
    const personal = key!.open(row.personal, contextOf(row.id)).toString("latin1");
    return { ...row, ...unite({ fields: row.fields, statement: row.statement, personal }), openness: "open" };
  } catch {
    return { ...row, openness: "unreadable" };
  }
}

/** Whose it is and what it is: moved to another row or column it does not open. */
function contextOf(id: string): string {
  return `record/${id}/personal`;
}
