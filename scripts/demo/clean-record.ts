// An enterprise asks for the paper that says that nothing adverse is on record about it, and has it verified with the command.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Certificate } from "@quanlian/proof";
import type { ServiceClient } from "./service-client.ts";
import { quanlianVerify } from "./verify-command.ts";

export interface CleanRecord {
  readonly uscc: string;
  readonly period: { readonly from: string; readonly to: string };
  /** Streams proven, and the pairs in their buckets, most of them of others. */
  readonly streams: number;
  readonly pairs: number;
  readonly bytes: number;
  readonly pdfBytes: number;
  readonly verdict: string;
}

/** The year before the demonstration's enterprise was fined: the later fine stays unseen. */
const PERIOD = { from: "2024-01-01", to: "2024-12-31" };

export async function certifyCleanRecord(
  uscc: string,
  service: ServiceClient,
  trustFile: string,
  folder: string,
): Promise<CleanRecord> {
  const subject = { type: "uscc", id: uscc };
  const id = await service.certify({ purpose: "clean-record", subject, period: PERIOD });
  const [document, pdf] = [await service.certificate(id), await service.certificatePdf(id)];
  const file = join(folder, "clean-record.json");
  await writeFile(file, document);
  await writeFile(join(folder, "clean-record.pdf"), pdf);
  const [verdict] = await quanlianVerify([file], trustFile, "online");
  const { period, chains } = JSON.parse(document) as Certificate;
  const streams = chains.flatMap((chain) => chain.streams);
  return {
    ...{ uscc, period: period!, streams: streams.length },
    pairs: streams.reduce((sum, { pairs }) => sum + pairs.length, 0),
    ...{ bytes: Buffer.byteLength(document), pdfBytes: pdf.length, verdict: verdict!.verdict },
  };
}
