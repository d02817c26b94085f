import { Injectable, Logger } from "@nestjs/common";
import type { Access } from "../access/access.ts";
import { ERRORS } from "../errors.ts";
import { problemDocument } from "../http/problem.ts";
import { asRefusal } from "../http/problem.filter.ts";
import { Refusal } from "../http/refusal.ts";
import { parseStrictJson } from "../http/strict-json.ts";
import { invalidParameter } from "../http/validation.pipe.ts";
import { Rates } from "../rates/rates.ts";
import { IngestQueue } from "./ingest-queue.ts";
import { inOrder } from "./in-order.ts";
import { type Line, readLines } from "./lines.ts";
import { type LineAnswer, NewRecord } from "./records.schemas.ts";
import { RecordsService } from "./records.service.ts";

/** Pieces of a body that are under way at once: a piece is what arrived together, 64 KiB at most. */
const MOST_PIECES = 8;

/** Takes records in that stand one on a line, each by itself, and answers each with a line of its own, in the same order. */
@Injectable()
export class RecordsByLine {
  readonly #log = new Logger(RecordsByLine.name);

  constructor(
    private readonly records: RecordsService,
    private readonly queue: IngestQueue,
    private readonly rates: Rates,
  ) {}

  /**
   * Answers as they are known, whole lines in each piece. While no more can be taken in, no more is read. An answer says
   * that its record is committed; whoever misses one sends the line again.
   */
  answers(body: AsyncIterable<Buffer>, access: Access): AsyncGenerator<string> {
    return inOrder(readLines(body), (lines) => this.#takePiece(lines, access), MOST_PIECES);
  }

  async #takePiece(lines: readonly Line[], access: Access): Promise<string> {
    await this.queue.room();
    const answers = await Promise.all(lines.map((line) => this.#answer(line, access)));
    return answers.map((answer) => `${JSON.stringify(answer)}\n`).join("");
  }

  async #answer(line: Line, access: Access): Promise<LineAnswer> {
    try {
      return { line: line.line, ...(await this.#take(line, access)) };
    } catch (thrown) {
      const refusal = asRefusal(thrown);
      if (ERRORS[refusal.code].status >= 500) this.#log.error({ err: thrown, code: refusal.code }, refusal.message);
      return { line: line.line, problem: problemDocument(refusal) };
    }
  }

  async #take(line: Line, access: Access) {
    if (line.code !== undefined) throw new Refusal(line.code);
    await this.rates.spend("submit", access.principal.id!);
    const { data, error } = NewRecord.safeParse(parseStrictJson(line.text));
    if (error) throw invalidParameter(error.issues);
    return this.records.submit(data, access);
  }
}
