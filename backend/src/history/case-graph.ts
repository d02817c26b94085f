import { Injectable } from "@nestjs/common";
import { InjectRepository } from "@nestjs/typeorm";
import type { Repository } from "typeorm";
import type { Access } from "../access/access.ts";
import { Resources } from "../access/resources.ts";
import { Refusal } from "../http/refusal.ts";
import { readUscc } from "../records/fields/uscc.ts";
import { RecordRow } from "../records/record.entity.ts";
import type { GraphAnswer, GraphQuery, LinkAnswer, RecordBrief } from "./history.schemas.ts";
import { labelOf, relationLabel } from "./labels.ts";
import { Links } from "./links.ts";

type Edge = Pick<GraphAnswer["edges"][number], "from" | "to" | "rel">;

/** What is reached from some records by links in either direction, the nearest first. */
interface Reached {
  readonly nodes: Map<string, RecordBrief>;
  readonly edges: Map<string, Edge>;
}

/** The case graph (关联图谱): records as nodes, their citations as edges. */
@Injectable()
export class CaseGraph {
  constructor(
    @InjectRepository(RecordRow) private readonly records: Repository<RecordRow>,
    private readonly links: Links,
    private readonly resources: Resources,
  ) {}

  /** The case that a record belongs to. @throws Refusal RECORD_NOT_FOUND */
  async ofRecord(id: string, query: GraphQuery, access: Access): Promise<GraphAnswer> {
    const record = await this.records.findOneBy({ id });
    if (!record) throw new Refusal("RECORD_NOT_FOUND");
    return this.#page([record], query, access);
  }

  /** All cases of an enterprise. @throws Refusal SUBJECT_INVALID */
  async ofSubject(code: string, query: GraphQuery, access: Access): Promise<GraphAnswer> {
    const reading = readUscc(code);
    if ("fault" in reading) throw new Refusal("SUBJECT_INVALID");
    const where = { subjectId: reading.uscc, subjectType: "uscc" as const };
    const take = query.after + query.limit + 1;
    const records = await this.records.find({ where, order: { eventTime: "ASC", id: "ASC" }, take });
    return this.#page(await this.#seen(records, access), query, access);
  }

  async #seen(records: readonly RecordRow[], access: Access): Promise<RecordRow[]> {
    const ids = records.map(({ id }) => id);
    const resources = await this.resources.findAll("record", ids);
    return records.filter(({ id }) => access.grantFor(resources.get(id)!) !== null);
  }

  async #page(roots: readonly RecordRow[], { after, limit }: GraphQuery, access: Access): Promise<GraphAnswer> {
    const { nodes, edges } = await this.#reach(roots.map(briefOf), after + limit + 1, access);
    const ids = [...nodes.keys()];
    const places = new Map(ids.map((id, place) => [id, place]));
    const shown = ids.slice(after, after + limit);
    const isOfPage = ({ from, to }: Edge) => {
      const later = Math.max(places.get(from)!, places.get(to)!);
      return later >= after && later < after + shown.length;
    };
    return {
      nodes: shown.map((id) => ({ ...nodes.get(id)!, label: labelOf(nodes.get(id)!.type) })),
      edges: [...edges.values()].filter(isOfPage).map((edge) => ({ ...edge, label: relationLabel(edge.rel) })),
      next: ids.length > after + limit ? after + limit : null,
    };
  }

  /** Ring by ring, until so many nodes are known; always in the same order. */
  async #reach(roots: readonly RecordBrief[], enough: number, access: Access): Promise<Reached> {
    const reached: Reached = { nodes: new Map(roots.map((root) => [root.id, root])), edges: new Map() };
    let ring = [...reached.nodes.keys()];
    while (ring.length > 0) {
      const known = reached.nodes.size;
      const links = await this.links.of(ring, access);
      for (const id of ring) for (const link of links.get(id) ?? []) follow(id, link, reached, enough);
      ring = [...reached.nodes.keys()].slice(known);
    }
    return reached;
  }
}

/** Takes in the other ends of a link; ends that are one too many are left for another page, with their edges. */
function follow(id: string, { rel, direction, records }: LinkAnswer, { nodes, edges }: Reached, enough: number): void {
  for (const other of records) {
    if (!nodes.has(other.id) && nodes.size >= enough) continue;
    if (!nodes.has(other.id)) nodes.set(other.id, other);
    const [from, to] = direction === "cites" ? [id, other.id] : [other.id, id];
    edges.set(`${from} ${to} ${rel}`, { from, to, rel });
  }
}

function briefOf({ id, kind, type, department, number, version, fields, recordHash }: RecordRow): RecordBrief {
  return { id, kind, type, department, number, version, eventTime: fields.eventTime as string, recordHash };
}
