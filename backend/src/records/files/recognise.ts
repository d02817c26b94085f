import { FileError, damaged } from "./file-error.ts";

/** What the bytes are, whatever the file's name says. A compound file is refused once it is known which kind it is. */
export type Content = "zip" | "compound" | "text";

/** Bytes that {@link recognise} wants to see, or the whole file when it is shorter. */
export const headBytes = 4096;

/** Tells what a file is from its first bytes. @throws FileError for everything that is known not to be a table */
export function recognise(head: Buffer): Content {
  if (head.length === 0) throw new FileError("FILE_EMPTY", "请上传有内容的文件", "Upload a file that holds rows");
  if (startsWith(head, 0x50, 0x4b)) return zip(head);
  if (startsWith(head, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) return "compound";
  if (isGzip(head)) throw new FileError("FILE_NOT_A_TABLE", "请只压缩一次", "Compress it once only");
  if (isBareBiff(head)) throw oldExcel();
  if (startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff)) throw utf16();
  refuseMarkup(head);
  refuseBinary(head);
  return "text";
}

export function isGzip(head: Buffer): boolean {
  return startsWith(head, 0x1f, 0x8b);
}

/** Offset of the first directory sector of a compound file, from its header (MS-CFB 2.2). */
export function compoundDirectory(header: Buffer): number {
  const sectorSize = header.readUInt16LE(0x1e) === 12 ? 4096 : 512;
  return (header.readUInt32LE(0x30) + 1) * sectorSize;
}

/** A compound file is an xlsx behind a password (MS-OFFCRYPTO: a stream EncryptedPackage) or an old xls. */
export function compoundError(directory: Buffer): FileError {
  return directory.includes("EncryptedPackage", 0, "utf16le") ? encrypted() : oldExcel();
}

export function encrypted(): FileError {
  return new FileError("FILE_ENCRYPTED", "请取消密码后另存再上传", "Save it without a password and upload it again");
}

export function oldExcel(): FileError {
  return new FileError(
    "FILE_OLD_EXCEL",
    "请在 Excel 或 WPS 中另存为“.xlsx”后上传",
    "Open it in Excel or WPS, save it as .xlsx and upload that",
  );
}

function startsWith(head: Buffer, ...bytes: number[]): boolean {
  return bytes.every((byte, at) => head[at] === byte);
}

function zip(head: Buffer): Content {
  if (!startsWith(head, 0x50, 0x4b, 0x03, 0x04)) throw damaged("压缩包中没有内容", "The archive is empty or in parts");
  if (head.length >= 8 && (head.readUInt16LE(6) & 1) === 1) throw encrypted();
  return "zip";
}

/** Workbooks of Excel 2 to 4 begin with a bare BOF record: 09 00|02|04|08, length, 00. */
function isBareBiff(head: Buffer): boolean {
  return head[0] === 0x09 && [0x00, 0x02, 0x04, 0x08].includes(head[1] ?? -1) && head[3] === 0x00;
}

function utf16(): FileError {
  return new FileError(
    "FILE_ENCODING_UNSUPPORTED",
    "文件是 UTF-16 编码（“Unicode 文本”）。请另存为“CSV UTF-8”或“.xlsx”",
    "It is UTF-16 (“Unicode text”). Save it as CSV UTF-8 or .xlsx",
  );
}

/** Systems that “export Excel” often write a web page, MHTML or XML of 2003 and name it .xls or .xlsx. */
function refuseMarkup(head: Buffer): void {
  const start = head
    .toString("latin1")
    .replace(/^(\xef\xbb\xbf)?\s*/, "")
    .toLowerCase();
  if (!start.startsWith("<") && !start.startsWith("mime-version:")) return;
  throw new FileError(
    "FILE_IS_WEB_PAGE",
    "请在 Excel 或 WPS 中打开，另存为“.xlsx”后上传",
    "Open it in Excel or WPS, save it as .xlsx and upload that",
  );
}

const binaries: readonly (readonly [signature: string, zh: string, en: string])[] = [
  ["%PDF", "PDF 文档", "a PDF document"],
  ["\x89PNG", "图片", "a picture"],
  ["\xff\xd8\xff", "图片", "a picture"],
  ["Rar!", "RAR 压缩包", "a RAR archive"],
  ["7z\xbc\xaf", "7z 压缩包", "a 7z archive"],
];

function refuseBinary(head: Buffer): void {
  const start = head.toString("latin1", 0, 8);
  const [, zh, en] = binaries.find(([signature]) => start.startsWith(signature)) ?? ["", "二进制文件", "a binary file"];
  if (zh === "二进制文件" && !head.includes(0)) return;
  throw new FileError(
    "FILE_NOT_A_TABLE",
    `这是${zh}。请上传 .xlsx、.csv 或 .ndjson`,
    `This is ${en}. Upload .xlsx, .csv or .ndjson`,
  );
}
