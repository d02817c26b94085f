import { expect } from "chai";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleReceipts, type Receipt, type Verdict } from "@quanlian/proof";
import { harmless } from "../../proof/cli/print.ts";
import { MUNICIPAL, World } from "../../proof/testing/world.ts";
import { quanlian } from "./quanlian.ts";

const world = new World("cli");
const department = world.addDepartment(MUNICIPAL, [4]);
const records = [world.issue(department, { fields: { facts: "一\u2028二" } }), world.issue(department)];
world.anchor(records, 4);
const receipts = records.map((record) => world.receipt(record));
const altered: Receipt = { ...receipts[0]!, path: [] };

describe("quanlian", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const trusting = () => ["--trust", at("trust.json")];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "quanlian-cli-"));
    await writeFile(at("trust.json"), JSON.stringify(world.trust));
    await writeFile(at("receipt.json"), JSON.stringify(receipts[0]));
    await writeFile(at("altered.json"), JSON.stringify(altered));
    await mkdir(at("none"));
    await writeFile(at("many.ndjson"), [...receipts, altered].map((receipt) => JSON.stringify(receipt)).join("\n"));
  });

  after(() => rm(folder, { recursive: true }));

  describe("verify", () => {
    it("says in Chinese what is proven offline and what remains, and exits with 2", async () => {
      const { code, out } = await quanlian(["verify", at("receipt.json"), ...trusting(), "--offline"]);
      expect(code).to.equal(2);
      expect(out).to.match(/^记录本身完好，是否在链上尚未查询。\n/);
      expect(out).to.contain("未定    链上登记");
      expect(out).to.contain("一\\u{2028}二");
    });

    it("says in English what is wrong, and exits with 1", async () => {
      const { code, out } = await quanlian(["verify", at("altered.json"), ...trusting(), "--offline", "--lang", "en"]);
      expect(code).to.equal(1);
      expect(out).to.match(/^The record did not pass\.\nThe record is not in the batch it claims\.\n/);
      expect(out).to.contain("FAILED  Part of its batch");
    });

    it("reads standard input and answers the library's verdict as JSON", async () => {
      const args = ["verify", "-", ...trusting(), "--offline", "--json"];
      const { code, out } = await quanlian(args, JSON.stringify(altered));
      const answer = JSON.parse(out) as Verdict & { file: string };
      expect(code).to.equal(1);
      expect(answer).to.include({ file: "-", verdict: "invalid", format: "quanlian-receipt/1" });
      expect(answer.steps.find(({ step }) => step === "batch")).to.include({ outcome: "failed", code: "NOT_IN_BATCH" });
    });

    it("goes through many documents, shows those that are not valid, and adds up", async () => {
      const { code, out } = await quanlian([
        "verify",
        at("many.ndjson"),
        at("receipt.json"),
        ...trusting(),
        "--offline",
      ]);
      expect(code).to.equal(1);
      expect(out).to.contain(`${at("many.ndjson")}:3`);
      expect(out).to.contain("共 4 份：0 份真实有效，1 份未通过，3 份未能得出结论。");
      const json = await quanlian(["verify", at("many.ndjson"), ...trusting(), "--offline", "--json"]);
      expect(
        json.out
          .trim()
          .split("\n")
          .map((line) => (JSON.parse(line) as Verdict).verdict),
      ).to.deep.equal(["undecided", "undecided", "invalid"]);
    });

    it("goes through the files of a folder by name, and through lines of standard input", async () => {
      await mkdir(at("papers"));
      await writeFile(at("papers/2.ndjson"), `${JSON.stringify(altered)}\n`);
      await writeFile(at("papers/1.json"), JSON.stringify(receipts[0]));
      await writeFile(at("papers/notes.txt"), "no document");
      const files = async (args: string[], input = "") => {
        const { code, out } = await quanlian(["verify", ...args, ...trusting(), "--offline", "--json"], input);
        return {
          code,
          files: out
            .trim()
            .split("\n")
            .map((line) => (JSON.parse(line) as { file: string }).file),
        };
      };
      const inFolder = { code: 1, files: [at("papers/1.json"), `${at("papers/2.ndjson")}:1`] };
      expect(await files([at("papers")])).to.deep.equal(inFolder);
      const lines = `${JSON.stringify(receipts[0])}\n\n${JSON.stringify(receipts[1])}\n`;
      expect(await files(["-", "--lines"], lines)).to.deep.equal({ code: 2, files: ["-:1", "-:3"] });
    });

    it("shows the first documents that are not valid in full, and the others by a line each", async () => {
      const lines = Array.from({ length: 25 }, () => JSON.stringify(altered)).join("\n");
      const { code, out } = await quanlian(["verify", "-", "--lines", "--offline", "--lang", "en"], lines);
      expect(code).to.equal(1);
      expect(out.match(/What was checked/g)).to.have.length(20);
      expect(out).to.match(/^-:25 {2}The record did not pass\. The record is not in the batch it claims\.$/m);
      expect(out).to.match(/^25 documents: 0 valid, 25 not valid, 0 undecided\.$/m);
    });

    it("reads bundles", async () => {
      const { code, out } = await quanlian(
        ["verify", "-", ...trusting(), "--offline"],
        JSON.stringify(bundleReceipts(receipts)),
      );
      expect(code).to.equal(2);
      expect(out).to.contain("quanlian-bundle/1");
    });

    it("trusts no chain without a trust list, and takes one from the environment", async () => {
      const none = await quanlian(["verify", at("receipt.json"), "--offline"]);
      expect(none.out).to.contain("不在您的信任名单中");
      const env = await quanlian(["verify", at("receipt.json"), "--offline"], "", { QUANLIAN_TRUST: at("trust.json") });
      expect(env.out).to.contain("是否在链上尚未查询");
    });

    it("is undecided when no node can be reached", async () => {
      const args = ["verify", at("receipt.json"), ...trusting(), "--rpc", "http://127.0.0.1:1", "--lang", "en"];
      const { code, out } = await quanlian(args);
      expect(code).to.equal(2);
      expect(out).to.contain("The node gave no usable answer.");
    });

    it("is undecided about nothing at all, and refuses what is no document", async () => {
      await writeFile(at("empty.ndjson"), "\n\n");
      expect((await quanlian(["verify", at("empty.ndjson"), "--offline"])).code).to.equal(2);
      expect((await quanlian(["verify", "-", "--offline"], Buffer.from([0xff, 0xfe, 0x00]))).code).to.equal(1);
    });

    it("reads no more of a file than a document can have", async () => {
      const { code, out } = await quanlian(["verify", "-", "--offline", "--lang", "en"], Buffer.alloc(100 << 20, 0x20));
      expect(code).to.equal(1);
      expect(out).to.contain("too large");
    });
  });

  it("exits with 64 and one sentence when it is called wrongly", async () => {
    const wrong: readonly (readonly [args: string[], says: string])[] = [
      [["frobnicate"], "there is no command frobnicate"],
      [["toString"], "there is no command toString"],
      [["verify"], "verify what?"],
      [["verify", at("absent.json")], "does not exist"],
      [["verify", at("none")], "holds no .json or .ndjson file"],
      [["inspect", folder], "is a folder"],
      [["verify", "--colour", "x"], "Unknown option '--colour'"],
      [["verify", at("receipt.json"), "--lang", "fr"], "--lang is zh or en"],
      [["verify", at("receipt.json"), "--rpc", "ftp://x"], "is not an http address"],
      [["verify", at("receipt.json"), "--trust", at("receipt.json")], "is not a trust list"],
      [["inspect"], "inspect one file"],
      [["present", at("trust.json")], "is not a receipt"],
      [["present", at("receipt.json"), "--show", "absent"], "does not disclose absent"],
      [["keygen", "statement"], "needs --out"],
      [["keygen", "rsa", "--out", at("x")], "keygen statement, or keygen signer"],
      [["sign"], "sign needs --service"],
      [["conformance", folder], "there are no vectors"],
      [["conformance", at("absent")], "there are no vectors"],
    ];
    for (const [args, says] of wrong) {
      const { code, err, out } = await quanlian(args);
      expect({ code, out }, args.join(" ")).to.deep.equal({ code: 64, out: "" });
      expect(err).to.contain(says);
      expect(err).not.to.contain("    at ");
    }
  });

  it("helps", async () => {
    const { code, out } = await quanlian([]);
    expect(code).to.equal(0);
    expect(out).to.contain("quanlian verify FILE…");
  });

  it("takes a document apart without verifying it", async () => {
    const { code, out, err } = await quanlian(["inspect", at("altered.json")]);
    expect(code).to.equal(0);
    expect(err).to.contain("not verified");
    const { statement } = JSON.parse(out.replaceAll("\\u{2028}", "")) as {
      statement: { recordHash: string; hidden: number };
    };
    expect(statement).to.include({ recordHash: records[0]!.recordHash, hidden: 3, type: "enforcement.penalty/1" });
    const bare = await quanlian(["inspect", "-"], receipts[1]!.statement);
    expect(JSON.parse(bare.out)).to.include({ recordHash: records[1]!.recordHash });
  });

  it("presents a receipt with chosen fields only", async () => {
    const list = await quanlian(["present", at("receipt.json")]);
    expect(list.out).to.contain('eventTime  "2026-03-02"');
    const args = ["present", at("receipt.json"), "--show", "number,eventTime", "--out", at("shown.json")];
    expect((await quanlian(args)).code).to.equal(0);
    const shown = await quanlian(["present", at("shown.json")]);
    expect(
      shown.out
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[0])
        .sort(),
    ).to.deep.equal(["eventTime", "number"]);
    const verified = await quanlian(["verify", at("shown.json"), ...trusting(), "--offline", "--json"]);
    expect((JSON.parse(verified.out) as Verdict).verdict).to.equal("undecided");
  });

  it("makes keys that only their owner can read, and never overwrites one", async () => {
    for (const [kind, registers] of [
      ["statement", "thumbprint"],
      ["signer", "address"],
    ] as const) {
      const file = at(`${kind}.json`);
      const { code, out } = await quanlian(["keygen", kind, "--out", file]);
      expect(code).to.equal(0);
      expect(JSON.parse(out)).to.have.property(registers);
      expect((await stat(file)).mode & 0o777).to.equal(0o600);
      const secret = await readFile(file, "utf8");
      expect(out).not.to.contain(
        (JSON.parse(secret) as { d?: string; secretKey?: string }).d ?? secret.slice(-70, -10),
      );
      expect((await quanlian(["keygen", kind, "--out", file])).code).to.equal(64);
      expect(await readFile(file, "utf8")).to.equal(secret);
    }
  });

  it("agrees with the vectors, itself and through the protocol, and tells who does not", async () => {
    const vectors = fileURLToPath(new URL("../vectors", import.meta.url));
    const bin = fileURLToPath(new URL("../../proof/bin/quanlian.mjs", import.meta.url));
    const itself = await quanlian(["conformance", vectors, "--json"]);
    expect(JSON.parse(itself.out)).to.include({ disagree: 0, unsupported: 0 });
    const through = await quanlian([
      "conformance",
      vectors,
      "--json",
      "--against",
      `"${process.execPath}" "${bin}" conformance --stdio`,
    ]);
    expect(JSON.parse(through.out)).to.deep.equal(JSON.parse(itself.out));
    const silent = await quanlian(["conformance", vectors, "--json", "--against", "true"]);
    expect(silent.code).to.equal(1);
    expect((JSON.parse(silent.out) as { agree: number }).agree).to.equal(0);
  });
});

describe("text from outside", () => {
  it("reaches the terminal without control characters and direction overrides", () => {
    expect(harmless("a\u001b[2Jb\u202ec\u0000\n\u2066𠮷")).to.equal("a\\u{1b}[2Jb\\u{202e}c\\u{0}\\u{a}\\u{2066}𠮷");
  });
});
