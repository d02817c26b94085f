import { readDocumentNumber } from "./document-number.ts";

const labelled = /(?:编号|证号|号码)[:：]?([^)）\]】]+)/;
const asciiTail = /[0-9A-Za-zＡ-Ｚａ-ｚ０-９][0-9A-Za-zＡ-Ｚａ-ｚ０-９()（）-]{4,}$/;
const documentTail = /(?:[》”"\s]|^)([^》”"\s]*〔\d{4}〕[^》”"\s]*号)$/;

/**
 * The licence numbers in a text such as 暂扣或吊销证照名称及编号 (`《食品经营许可证》（编号：JY11101080012345）`,
 * `食品经营许可证JY11101080012345`), normalised as document numbers. Empty where only names are given.
 */
export function citedLicences(text: string): readonly string[] {
  return text.split(/[;；,，、\n]/).flatMap((piece) => {
    const part = piece.trim().replace(/[（(]\s*$/, "");
    const found =
      labelled.exec(part)?.[1] ?? documentTail.exec(part)?.[1] ?? asciiTail.exec(part.replace(/[)）]$/, ""))?.[0];
    const reading = found === undefined ? null : readDocumentNumber(found);
    return reading && !reading.fault ? [reading.number] : [];
  });
}
