import { gzipSync } from "node:zlib";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { ERRORS } from "../../backend/src/errors.ts";
import { defaultLimits } from "../../backend/src/records/files/limits.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { rawWorkbook, sheetData } from "./raw-workbook.ts";
import { fixture, read, type Reading } from "./read.ts";

const [headings = [], ...rows] = parse(fixture("licences.utf8.csv"));
const csv = (lines: readonly (readonly string[])[]) =>
  lines.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",")).join("\n");
const workbook = (lines: readonly (readonly string[])[]) =>
  rawWorkbook({ sheets: [{ name: "一", xml: sheetData(lines) }] });
const hint = ({ error }: Reading) => error!.hint.zh;

describe("files: what a reader is told", () => {
  it("an error says what is wrong and what to do, in both languages", async () => {
    const { error } = await read(fixture("two-sheets.xlsx"));
    expect(error!.problem).to.deep.equal({
      column: null,
      code: "SHEETS_AMBIGUOUS",
      ...{ zh: ERRORS.SHEETS_AMBIGUOUS.zh, en: ERRORS.SHEETS_AMBIGUOUS.en },
      hint: {
        zh: "“三月”、“四月”都有内容。请只保留一张，其余的分别上传",
        en: "“三月”、“四月” all hold data. Keep one of them and upload the others separately",
      },
    });
  });

  it("missing columns are named at once, all of them, with their codes", async () => {
    expect(hint(await read(fixture("missing-headings.csv")))).to.equal(
      "行政许可缺少：许可内容（XK_NR）、有效期至（XK_YXQZI）",
    );
  });

  it("a problem points at the column by the file's own heading, or by its letters", async () => {
    const problems = (await read(fixture("formulas.xlsx"))).rows.flatMap(({ problems }) => problems);
    expect(problems.map(({ column, hint }) => [column, hint.zh])).to.deep.equal([
      ["许可内容", "请将J2“选择性粘贴”为数值"],
      ["许可内容", "J3显示#N/A，请改为实际内容"],
    ]);
    const [stray] = (await read(fixture("cell-without-heading.xlsx"))).rows;
    expect(stray!.problems[0]!.column).to.equal("U");
  });

  it("what is passed over is told: columns, titles, totals, hidden sheets", async () => {
    const lines = [["标题"], [...headings, "经办人"], [...rows[0]!, "王五"], ["合计", "1"]];
    const { notes, rows: read_ } = await read(workbook(lines), { fileName: "三月.csv" });
    expect(read_).to.have.length(1);
    expect(notes.map(({ zh }) => zh)).to.deep.equal([
      "文件内容是Excel 工作簿，已照此读取",
      "表头在第2行，以上未读取",
      "“经办人”列不属于该类记录，未读取",
      "第4行是表尾或合计，未读取",
    ]);
  });

  it("a note in the remarks is no footer, nor is a record whose subject is called 合计", async () => {
    const named = rows[0]!.map((cell, at) => (headings[at] === "行政相对人名称" ? "合计虚构会计服务有限公司" : cell));
    expect((await read(csv([headings, named]))).rows).to.have.length(1);
  });
});

describe("files: what the department may choose", () => {
  it("the type, where headings fit several", async () => {
    const ambiguous = fixture("ambiguous-headings.csv");
    expect((await read(ambiguous, { type: "approval.licence/1" })).error?.code).to.equal("COLUMN_MISSING");
    expect((await read(csv([headings, ...rows]), { type: "approval.licence/1" })).rows).to.have.length(rows.length);
  });

  it("no type that does not exist, and no other than the file holds", async () => {
    expect((await read(csv([headings, ...rows]), { type: "approval.licence/9" })).error?.code).to.equal("TYPE_UNKNOWN");
    expect((await read(csv([headings, ...rows]), { type: "service.case/1" })).error?.code).to.equal("COLUMN_MISSING");
    const lines = (await read(fixture("cases.ndjson"), { type: "approval.licence/1" })).rows;
    expect(lines.slice(0, 2).map(({ problems }) => problems[0]?.code)).to.deep.equal(["TYPE_UNKNOWN", "TYPE_UNKNOWN"]);
  });

  it("its own headings, mapped once to the official ones, their codes or claims", async () => {
    const own = headings.map((heading, at) => (at < 3 ? `自定义${at}` : heading));
    const mapping = { 自定义0: "行政相对人名称", 自定义1: "XK_XDR_LB", 自定义2: "uscc" };
    const mapped = await read(csv([own, ...rows]), { mapping });
    expect(mapped.error).to.equal(null);
    expect(mapped.rows.map(({ cells }) => cells)).to.deep.equal(
      (await read(csv([headings, ...rows]))).rows.map(({ cells }) => cells),
    );
  });

  it("a type that was added as data is read like any other", async () => {
    const licence = recordTypes.get("approval.licence/1")!;
    const added = {
      ...licence,
      type: "approval.filing/1",
      fields: licence.fields.map((field) => ({
        ...field,
        heading: `备案${field.heading}`,
        code: null,
        synonyms: [],
        claim: `x${field.claim}`,
      })),
    };
    const types = new Map([...recordTypes, [added.type, added]]);
    const [row] = (await read(csv([headings.map((heading) => `备案${heading}`), ...rows]), { types })).rows;
    expect(row!.type).to.equal("approval.filing/1");
  });
});

describe("files: rows before an error stand", () => {
  it("where a quote is never closed", async () => {
    const { rows: before, error } = await read(fixture("unclosed-quote.csv"));
    expect(before.map(({ row }) => row)).to.deep.equal([2]);
    expect(error).to.include({ code: "QUOTE_NOT_CLOSED", row: 3 });
  });

  it("but a gzip that is cut, or a workbook that is damaged, gives none", async () => {
    const packed = gzipSync(csv([headings, ...new Array<string[]>(2_000).fill(rows[0]!)]));
    expect(await read(packed.subarray(0, -10))).to.deep.include({ rows: [] });
    const damaged = await read(fixture("wrong-checksum.xlsx"));
    expect([damaged.rows, damaged.error?.code]).to.deep.equal([[], "FILE_DAMAGED"]);
  });

  it("and titles may take no more rows than the limit", async () => {
    const titles = (count: number) => Array.from({ length: count }, (_, at) => [`第${at}行说明`]);
    const { rowsAboveHeadings } = defaultLimits;
    expect((await read(workbook([...titles(rowsAboveHeadings), headings, ...rows]))).rows).to.have.length(rows.length);
    const beyond = await read(workbook([...titles(rowsAboveHeadings + 1), headings, ...rows]));
    expect(beyond.error?.code).to.equal("HEADINGS_NOT_FOUND");
  });
});
