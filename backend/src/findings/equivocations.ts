import { type Equivocation, type Hex, presentStatement, type PublicJwk } from "@quanlian/proof";
import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import { DataSource, type Repository } from "typeorm";
import { isDeepStrictEqual } from "node:util";
import { Ledger } from "../chain/ledger.ts";
import { DepartmentsService } from "../departments/departments.service.ts";
import { keyThatSigned } from "../departments/statement-key.ts";
import { Refusal } from "../http/refusal.ts";
import { PersonalFields } from "../personal/personal-fields.ts";
import { layoutsOf } from "../records/types/columns.ts";
import { RecordRow } from "../records/record.entity.ts";
import { type Audience, claimsFor } from "../records/types/mask.ts";
import type { Json, RecordType } from "../records/types/record-type.ts";
import { recordTypes } from "../records/types/record-types.ts";
import type { EquivocationsAnswer } from "./equivocations.schemas.ts";
import { Findings } from "./findings.ts";

/** One of the two contents. */
interface Content {
  readonly statement: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** Two contents under one number (一号多文): told of a record, and handed out as a proof that needs nobody's word. */
@Injectable()
export class Equivocations {
  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    private readonly findings: Findings,
    private readonly personal: PersonalFields,
    private readonly departments: DepartmentsService,
    private readonly ledger: Ledger,
  ) {}

  /** The attempts to give another content to a record's number, the oldest first. */
  async ofRecord(id: string): Promise<EquivocationsAnswer> {
    const rows: { id: string; evidence: { stored: Hex; offered: Hex }; found_at: Date }[] = await this.dataSource.query(
      `select id, evidence, found_at from finding where record = $1 and code = 'EQUIVOCATION' order by found_at, id`,
      [id],
    );
    return {
      equivocations: rows.map(({ id, evidence: { stored, offered }, found_at }) => {
        return { id, stored, offered, foundAt: found_at.toISOString() };
      }),
    };
  }

  /**
   * The proof, disclosing the number, the links and what differs, as far as this audience may have it.
   * @throws Refusal EQUIVOCATION_NOT_FOUND, RECORD_ERASED, CONTENT_UNREADABLE, DIFFERENCE_NOT_SHOWN
   */
  async document(id: string, audience: Audience): Promise<Equivocation> {
    const found = await this.findings.whole(id, this.dataSource.manager);
    const record = found?.record && (await this.records.findOneBy({ id: found.record }));
    if (!record) throw new Refusal("EQUIVOCATION_NOT_FOUND");
    const offered = found.personal as unknown as Content;
    const first = await this.#firstContent(record);
    if (audience === "enterprise" && !isDeepStrictEqual(first.fields.subject, offered.fields.subject))
      throw new Refusal("EQUIVOCATION_NOT_FOUND");
    const differing = shownDifferences(recordTypes.get(record.type)!, first, offered, audience);
    const key = await this.#keyOfBoth(first, offered);
    if (differing.length === 0 || !key) throw new Refusal("DIFFERENCE_NOT_SHOWN");
    const present = ({ statement }: Content) => presentStatement(statement, ["number", "links", ...differing]);
    const { chainId, genesisHash, ledger } = this.ledger.identity;
    return {
      format: "quanlian-equivocation/1",
      suite: "ES256-SHA256-KECCAK",
      ...{ chainId, genesisHash, ledger },
      statementKey: key,
      statements: [present(first), present(offered)],
    };
  }

  /** The one content of the number that corrects nothing. */
  async #firstContent({ department, type, number }: RecordRow): Promise<Content> {
    const record = await this.records.findOneByOrFail({ department, type, number, version: 1 });
    return this.personal.openOne(record);
  }

  /** Null when the key was changed in between: then each is proven by itself, but not that one hand signed both. */
  async #keyOfBoth(first: Content, offered: Content): Promise<PublicJwk | null> {
    const [one, other] = [first, offered].map(({ statement }) => keyThatSigned(statement));
    return one === other ? ((await this.departments.statementKeys([one!])).get(one!) ?? null) : null;
  }
}

/** Claims that say two things and that the audience may have in clear; personal ones only where nothing else differs. */
function shownDifferences(type: RecordType, first: Content, offered: Content, audience: Audience): readonly string[] {
  const seen = new Set(claimsFor(audience, type, offered.fields));
  const differing = claimsFor(audience, type, first.fields).filter(
    (claim) => seen.has(claim) && !isDeepStrictEqual(first.fields[claim], offered.fields[claim]),
  );
  const fields = layoutsOf(type).flatMap((layout) => layout.fields);
  const isPersonal = (claim: string) =>
    claim === "subject" || fields.some((field) => field.claim === claim && field.handling.mask !== "none");
  const impersonal = differing.filter((claim) => !isPersonal(claim));
  return impersonal.length > 0 ? impersonal : differing;
}
