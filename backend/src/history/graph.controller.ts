import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { type Access, AccessOf } from "../access/access.ts";
import { Allow } from "../access/allow.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { Id } from "../http/id.ts";
import { CaseGraph } from "./case-graph.ts";
import { BrokenLinksAnswer, BrokenLinksQuery, GraphAnswer, GraphQuery } from "./history.schemas.ts";
import { Links } from "./links.ts";

@ApiTags("history")
@Controller("api/v1")
export class GraphController {
  constructor(
    private readonly graph: CaseGraph,
    private readonly links: Links,
  ) {}

  /** Everything that a record is linked with, directly and through others. */
  @Get("records/:id/graph")
  @Allow("graph.read", "record")
  @ApiOkResponse({ standardSchema: GraphAnswer })
  @ApiProblems("INVALID_PARAMETER", "RECORD_NOT_FOUND")
  ofRecord(
    @Param("id", { schema: Id }) id: string,
    @Query({ schema: GraphQuery }) query: GraphQuery,
    @AccessOf() access: Access,
  ) {
    return this.graph.ofRecord(id, query, access);
  }

  /** The records of an enterprise with everything that they are linked with. */
  @Get("subjects/:uscc/graph")
  @Allow("graph.read", "handler")
  @ApiOkResponse({ standardSchema: GraphAnswer })
  @ApiProblems("INVALID_PARAMETER", "SUBJECT_INVALID")
  ofSubject(@Param("uscc") uscc: string, @Query({ schema: GraphQuery }) query: GraphQuery, @AccessOf() access: Access) {
    return this.graph.ofSubject(uscc, query, access);
  }

  /** What a department's records cite and nothing answers: a wrong number, or a record that is still to come. */
  @Get("departments/:uscc/broken-links")
  @Allow("link.check", "handler")
  @ApiOkResponse({ standardSchema: BrokenLinksAnswer })
  @ApiProblems("INVALID_PARAMETER", "CURSOR_INVALID")
  broken(
    @Param("uscc") uscc: string,
    @Query({ schema: BrokenLinksQuery }) query: BrokenLinksQuery,
    @AccessOf() access: Access,
  ) {
    access.check({ department: uscc });
    return this.links.broken(uscc, query);
  }
}
