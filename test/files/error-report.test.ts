import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { writeErrorReport, type RejectedRow, type ReportFormat } from "../../backend/src/records/files/error-report.ts";
import { fault, problem } from "../../backend/src/records/problems.ts";
import { recordTypes } from "../../backend/src/records/types/record-types.ts";
import { validateRecord } from "../../backend/src/records/types/validate.ts";
import { fixture, read } from "./read.ts";

const headings = ["行号", "列", "错误代码", "问题", "怎么改"];
const licence = recordTypes.get("approval.licence/1")!;

async function report(rows: readonly RejectedRow[], format: ReportFormat): Promise<Buffer> {
  return buffer(writeErrorReport(Readable.from(rows), format));
}

async function csvReport(rows: readonly RejectedRow[]): Promise<string[][]> {
  return parse(await report(rows, "csv"), { bom: true });
}

/** The rows of a fixture that do not become records, with all that is wrong with them. */
async function rejected(name: string): Promise<RejectedRow[]> {
  const { rows } = await read(fixture(name));
  return rows
    .map((row) => {
      const validation = validateRecord(recordTypes.get(row.type!)!, row.cells, { department: "11110108MB9D00068W" });
      return { ...row, problems: validation.ok ? row.problems : [...row.problems, ...validation.problems] };
    })
    .filter(({ problems }) => problems.length > 0);
}

const unreadable = (cells: RejectedRow["cells"], type: string | null = licence.type): RejectedRow => ({
  row: 7,
  type,
  cells,
  problems: [problem("许可内容", fault("VALUE_MISSING", "请填写", "Fill it in"))],
});

describe("files: error report", () => {
  it("says row, column, code, problem and remedy, then gives the row as it was", async () => {
    const [first, row] = await csvReport(await rejected("dates.csv"));
    expect(first!.slice(0, 5)).to.deep.equal(headings);
    expect(first!.slice(5, -1)).to.deep.equal(licence.fields.map(({ heading }) => heading));
    expect(row!.slice(0, 5)).to.deep.equal([
      "3",
      "许可决定日期",
      "DATE_IMPOSSIBLE",
      "日历上没有这一天",
      "2024年没有2月30日",
    ]);
    expect(row![first!.indexOf("许可决定日期")]).to.equal("2024/2/30");
    expect(row![first!.indexOf("备注")]).to.equal("第一行\n第二行");
  });

  it("numbers the problems of a row that has several", async () => {
    const two = {
      ...unreadable({}),
      problems: [...unreadable({}).problems, problem(null, fault("ROW_UNEVEN", "改", "Mend"))],
    };
    const [, row] = await csvReport([two]);
    expect(row!.slice(0, 3)).to.deep.equal(["7", "1. 许可内容\n2. 整行", "1. VALUE_MISSING\n2. ROW_UNEVEN"]);
  });

  it("can be corrected and uploaded again as it is", async () => {
    const rows = await rejected("codes.csv");
    const again = await read(await report(rows, "xlsx"));
    expect(again.error).to.equal(null);
    expect(again.rows.map(({ cells }) => cells)).to.deep.equal(rows.map(({ cells }) => cells));
    expect(again.notes.map(({ zh }) => zh)).to.deep.equal(["“原始内容”列不属于该类记录，未读取"]);
  });

  it("gives back any text in xlsx, and none of it runs as a formula", async () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom("=", "+", "-", "@", "_x000D_", "_x0041_", "\u0001", "\n", "<", "&", '"'),
        fc.string({ maxLength: 2, unit: "binary" }),
      ),
      minLength: 1,
      maxLength: 9,
    });
    await fc.assert(
      fc.asyncProperty(text, async (text) => {
        fc.pre(text.trim() !== "" && !text.includes("\r"));
        const { rows } = await read(await report([unreadable({ 许可内容: text, 备注: "甲" })], "xlsx"));
        expect(rows[0]!.cells.许可内容).to.equal(text.toWellFormed().replaceAll("\0", "\uFFFD"));
        expect(rows[0]!.problems).to.deep.equal([]);
      }),
    );
  });

  it("disarms formulas in csv, in half and full width", async () => {
    for (const text of ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A1"]) {
      const [first, row] = await csvReport([unreadable({ 许可内容: text })]);
      expect(row![first!.indexOf("许可内容")]).to.equal(`'${text}`);
    }
    const [first, row] = await csvReport([unreadable({ 许可内容: "甲=1" })]);
    expect(row![first!.indexOf("许可内容")]).to.equal("甲=1");
  });

  it("begins with a byte order mark and ends lines as Excel does", async () => {
    const text = (await report([unreadable({})], "csv")).toString();
    expect(text.startsWith('\uFEFF"行号"')).to.equal(true);
    expect(text.endsWith("\r\n")).to.equal(true);
  });

  it("keeps rows of other types, and of none, as JSON", async () => {
    const rows = [
      unreadable({ 许可内容: "甲" }),
      unreadable({ number: "1", promisedDays: 5 }, "service.case/1"),
      unreadable({}, null),
    ];
    const [first, ...written] = await csvReport(rows);
    expect(first!.at(-1)).to.equal("原始内容");
    expect(written.map((row) => row.at(-1))).to.deep.equal(["", '{"number":"1","promisedDays":5}', ""]);
    expect(new Set(written.map((row) => row.length))).to.deep.equal(new Set([first!.length]));
  });

  it("does not put fen under a heading that says 万元", async () => {
    const penalty = unreadable({ fineAmount: 50_000, 处罚内容: "罚款" }, "enforcement.penalty/1");
    const claim = recordTypes.get("enforcement.penalty/1")!.fields.find(({ code }) => code === "CF_NR_FK")!.claim;
    const [first, row] = await csvReport([{ ...penalty, cells: { [claim]: 50_000, 处罚内容: "罚款" } }]);
    expect(row![first!.indexOf("罚款金额（万元）")]).to.equal("");
    expect(row!.at(-1)).to.equal(`{"${claim}":50000}`);
  });

  it("is a table with headings alone when nothing was wrong", async () => {
    expect(await csvReport([])).to.deep.equal([headings]);
  });
});
