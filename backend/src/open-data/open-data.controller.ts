import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Controller, Get, Param, StreamableFile } from "@nestjs/common";
import { ApiOkResponse, ApiParam, ApiProduces, ApiTags } from "@nestjs/swagger";
import { z } from "zod";
import { Allow } from "../access/allow.ts";
import { Config } from "../config.ts";
import { ApiProblems } from "../http/api-problems.ts";
import { Refusal } from "../http/refusal.ts";
import { OpenData } from "./open-data.ts";

/** Names that snapshots have for their files, and nothing that leads out of their folder. */
const FileName = z.string().regex(/^[0-9a-z][0-9a-z.-]{0,127}\.(json|csv|ndjson)$/);

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson",
};

@ApiTags("open data")
@Controller("api/v1/open-data")
export class OpenDataController {
  constructor(
    private readonly openData: OpenData,
    private readonly config: Config,
  ) {}

  /** A file of the newest snapshot: `datapackage.json` names all others, with size and checksum. */
  @Get(":file")
  @Allow("open-data.read")
  @ApiParam({ name: "file", example: "datapackage.json" })
  @ApiProduces("application/json", "text/csv", "application/x-ndjson")
  @ApiOkResponse({ schema: { type: "string", format: "binary" } })
  @ApiProblems("INVALID_PARAMETER", "OPEN_DATA_NOT_FOUND")
  async show(@Param("file", { schema: FileName }) file: z.infer<typeof FileName>): Promise<StreamableFile> {
    const day = this.config.openDataDir === undefined ? null : await this.openData.newest();
    if (day === null) throw new Refusal("OPEN_DATA_NOT_FOUND");
    const path = join(this.config.openDataDir!, day, file);
    const found = await stat(path).catch(() => null);
    if (!found) throw new Refusal("OPEN_DATA_NOT_FOUND");
    return new StreamableFile(createReadStream(path), { type: TYPES[file.split(".").at(-1)!]!, length: found.size });
  }
}
