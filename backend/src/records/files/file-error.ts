import { ERRORS, type ErrorCode } from "../../errors.ts";
import { fault, problem, type Bilingual, type Fault, type Problem } from "../problems.ts";

/**
 * The file as a whole cannot be read, or cannot be read any further: rows that were handed out before stay valid.
 * `hint` says what to do and names the row, sheet or columns concerned.
 */
export class FileError extends Error implements Fault {
  readonly code: ErrorCode;
  readonly hint: Bilingual;
  /** The row, as a person counts in the file, from which on it cannot be read. */
  readonly row: number | null;

  constructor(code: ErrorCode, zh: string, en: string, row: number | null = null) {
    super(`${ERRORS[code].en}. ${en}`);
    this.code = code;
    this.hint = { zh, en };
    this.row = row;
  }

  /** As the department is told, in the shape of a row's problem. */
  get problem(): Problem {
    return problem(null, fault(this.code, this.hint.zh, this.hint.en));
  }
}

export function damaged(zh: string, en: string, row: number | null = null): FileError {
  return new FileError(
    "FILE_DAMAGED",
    `${zh}。请重新导出并上传`,
    `${en}. Export it again and upload it once more`,
    row,
  );
}

export function tooLarge(zh: string, en: string): FileError {
  return new FileError("TOO_LARGE", `${zh}。请拆成几个文件上传`, `${en}. Split it into several files`);
}

export function expandsTooFar(): FileError {
  return new FileError(
    "FILE_EXPANDS_TOO_FAR",
    "请上传未压缩的文件，或删除多余的空白行列后另存",
    "Upload it uncompressed, or delete surplus blank rows and columns and save it again",
  );
}

/** What a hint repeats of the file, short enough for a sentence. */
export function clipped(text: string, length = 40): string {
  return text.length > length ? `${text.slice(0, length).toWellFormed()}…` : text;
}

/** Names in quotation marks, the first few of them. */
export function quotedList(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `“${clipped(name)}”`);
  return shown.join("、") + (names.length > shown.length ? "…" : "");
}
