import type { RecordType } from "../records/types/record-type.ts";
import type { OpenColumn } from "./open-table.ts";
import type { WrittenFile } from "./snapshot-files.ts";

/** One file of a snapshot. */
export type OpenResource =
  | {
      readonly what: "table";
      readonly type: RecordType;
      readonly columns: readonly OpenColumn[];
      readonly file: WrittenFile;
    }
  | { readonly what: "receipts"; readonly type: RecordType; readonly file: WrittenFile }
  | { readonly what: "withdrawn"; readonly columns: readonly OpenColumn[]; readonly file: WrittenFile };

export const WITHDRAWN_COLUMNS: readonly OpenColumn[] = [
  {
    name: "recordHash",
    type: "string",
    title: "记录哈希 Record hash",
    description: "Delete this record and whatever was made of it",
  },
  {
    name: "lastMadeAt",
    type: "string",
    title: "最后公开时间 Last published",
    description: "When the last snapshot was made that held it, RFC 3339",
  },
];

interface Snapshot {
  readonly day: string;
  /** RFC 3339 */
  readonly made: string;
  readonly region: { readonly zh: string; readonly en: string };
  readonly publicUrl: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly resources: readonly OpenResource[];
}

/** The descriptor of a snapshot: Data Package 2.0 (datapackage.org), with the schema, size and checksum of each file. */
export function dataPackage({ day, made, region, publicUrl, licence, resources }: Snapshot): object {
  return {
    $schema: "https://datapackage.org/profiles/2.0/datapackage.json",
    name: "quanlian-open-data",
    version: day,
    title: `${region.zh}公共数据开放 ${region.en} open data`,
    description:
      "依法公开、可开放的法人及非法人组织记录，每条附回执；withdrawn 列出应删除的记录。 " +
      "Records of organisations that the law publishes and that may be opened, each with its receipt; " +
      "`withdrawn` lists those that re-users have to delete.",
    created: made,
    homepage: publicUrl,
    licenses: [{ name: licence, path: `https://spdx.org/licenses/${licence}.html` }],
    resources: resources.map(resourceOf),
  };
}

function resourceOf(resource: OpenResource): object {
  const { what, file } = resource;
  const name =
    what === "withdrawn" ? what : `${resource.type.type.replace("/", "-")}${what === "table" ? "" : ".receipts"}`;
  if (what === "receipts")
    return {
      ...{ name, ...file, format: "ndjson", mediatype: "application/x-ndjson", encoding: "utf-8" },
      title: `${resource.type.label.zh}回执 Receipts: ${resource.type.label.en}`,
      description: "One quanlian-receipt/1 a line, in the order of the table",
    };
  return {
    ...{ name, ...file, format: "csv", mediatype: "text/csv", encoding: "utf-8" },
    title: what === "withdrawn" ? "撤下清单 Withdrawn" : `${resource.type.label.zh} ${resource.type.label.en}`,
    schema: { fields: resource.columns, primaryKey: ["recordHash"] },
  };
}
