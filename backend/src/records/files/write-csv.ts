/** Without it Excel takes UTF-8 for the local code page. */
export const BYTE_ORDER_MARK = "\uFEFF";

/** One line of a csv file (RFC 4180), every cell in quotation marks. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/** A spreadsheet runs a csv cell that begins like a formula; an apostrophe makes it text (OWASP, CSV injection). */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
