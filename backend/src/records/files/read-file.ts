import { tmpdir } from "node:os";
import type { Readable } from "node:stream";
import { layoutsOf } from "../types/columns.ts";
import { recordTypes } from "../types/record-types.ts";
import type { RecordType } from "../types/record-type.ts";
import { readCsv, type CsvContext } from "./csv.ts";
import { FileError } from "./file-error.ts";
import type { FileNote, FileRow } from "./file-row.ts";
import { isHeading, type HeadingMapping } from "./headings.ts";
import { defaultLimits, type FileLimits } from "./limits.ts";
import { readNdjson, refuseWholeJson } from "./ndjson.ts";
import { decoded, spoolUpload, type Spool } from "./spool.ts";
import { readTable, type TableContext } from "./table.ts";
import { readWorkbook } from "./xlsx/read-workbook.ts";

export interface ReadOptions {
  readonly fileName: string;
  /** The record type of every row; without it the headings, or each line, must tell. */
  readonly type?: string;
  /** Own headings of a department's export, by the official ones. */
  readonly mapping?: HeadingMapping;
  readonly types?: ReadonlyMap<string, RecordType>;
  readonly limits?: FileLimits;
  /** Where the upload is kept, encrypted, while it is read; it never has a name there. Default: the system's temporary folder. */
  readonly directory?: string;
  /** Told what was passed over, while the rows are read. */
  readonly tell?: (note: FileNote) => void;
}

/**
 * Reads a file as a department produces it, whatever it is called: xlsx, csv or tsv in UTF-8 or GB18030, NDJSON, each
 * also gzipped. Rows come in the order of the file, in bounded memory; a row that cannot be read comes with its
 * problems. The file is looked at as a whole first, so a FileError before the first row is the rule; one after some
 * rows (a quote that never closes, a checksum) means that the rows before it stand and the rest could not be read.
 * @throws FileError with a code of the closed list; errors of the stream and of the disk as they come
 */
export async function* readFile(input: Readable, options: ReadOptions): AsyncGenerator<FileRow> {
  const { limits = defaultLimits, directory = tmpdir(), types = recordTypes } = options;
  const only = options.type === undefined ? null : chosenType(options.type, types);
  const spool = await spoolUpload(input, limits, directory);
  try {
    const tell = options.tell ?? (() => undefined);
    tellName(options.fileName, spool.content, tell);
    const table = {
      types: (only ? [only] : [...types.values()]).flatMap(layoutsOf),
      mapping: options.mapping ?? {},
      limits,
      tell,
    };
    if (spool.content === "zip") {
      yield* readTable(readWorkbook(spool, limits, directory, tell), { ...table, even: false });
    } else {
      yield* readText(spool, { ...table, even: true }, { types, only, limits });
    }
  } finally {
    await spool.file.close();
  }
}

async function* readText(
  spool: Spool,
  table: TableContext,
  lines: Parameters<typeof readNdjson>[1],
): AsyncGenerator<FileRow> {
  const start = await textStart(spool);
  refuseWholeJson(start);
  if (start.startsWith("{")) yield* readNdjson(decoded(spool), lines);
  else yield* readTable(readCsv(decoded(spool), csvContext(table)), table);
}

function csvContext({ types, mapping, limits }: TableContext): CsvContext {
  return { maxRecord: limits.lineBytes, isHeading: (cell) => isHeading(cell, types, mapping) };
}

/** The first visible characters; whatever is not ASCII does not matter here. */
async function textStart({ file }: Spool): Promise<string> {
  const start = await file.read(0, 4096);
  return start.toString("latin1").replace(/^(\xEF\xBB\xBF)?\s*/, "");
}

function chosenType(name: string, types: ReadonlyMap<string, RecordType>): RecordType {
  const type = types.get(name);
  if (type) return type;
  const names = [...types.keys()].join("、");
  throw new FileError("TYPE_UNKNOWN", `应为：${names}`, `It must be one of: ${names}`);
}

/** People trust extensions; the reader trusts bytes, and says so when the two do not agree. */
function tellName(fileName: string, content: Spool["content"], tell: (note: FileNote) => void): void {
  const isWorkbook = content === "zip";
  const other = isWorkbook ? /\.(csv|tsv|txt|ndjson|jsonl|json)$/i : /\.(xlsx|xlsm|xls|et)$/i;
  if (!other.test(fileName)) return;
  const [zh, en] = isWorkbook ? ["Excel 工作簿", "an Excel workbook"] : ["文本", "text"];
  tell({ code: "NAME_DIFFERS", zh: `文件内容是${zh}，已照此读取`, en: `It was read as ${en}, which is what it holds` });
}
