import { Controller, Get, Param, Query } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
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
  @ApiOkResponse({ standardSchema: GraphAnswer })
  @ApiProblems("INVALID_PARAMETER", "RECORD_NOT_FOUND")
  ofRecord(@Param("id", { schema: Id }) id: string, @Query({ schema: GraphQuery }) query: GraphQuery) {
    return this.graph.ofRecord(id, query);
  }

  /** The records of an enterprise with everything that they are linked with. */
  @Get("subjects/:uscc/graph")
  @ApiOkResponse({ standardSchema: GraphAnswer })
  @ApiProblems("INVALID_PARAMETER", "SUBJECT_INVALID")
  ofSubject(@Param("uscc") uscc: string, @Query({ schema: GraphQuery }) query: GraphQuery) {
    return this.graph.ofSubject(uscc, query);
  }

  /** What a department's records cite and nothing answers: a wrong number, or a record that is still to come. */
  @Get("departments/:uscc/broken-links")
  @ApiOkResponse({ standardSchema: BrokenLinksAnswer })
  @ApiProblems("INVALID_PARAMETER", "CURSOR_INVALID")
  broken(@Param("uscc") uscc: string, @Query({ schema: BrokenLinksQuery }) query: BrokenLinksQuery) {
    return this.links.broken(uscc, query);
  }
}
