import { bundleReceipts, type Code, type Receipt } from "@quanlian/proof";
import type { RecordedChain } from "../../proof/cli/recorded-chain.ts";
import { DISTRICT, MUNICIPAL, OTHER_ENTERPRISE, World, seededSigner } from "../../proof/testing/world.ts";
import { copy, deciding, otherHex, VALID, type Mutable, type VectorCase, type VectorFile } from "./case.ts";
import { asIssued, disclose, encode, forgeStatement, type Forgery } from "./forge.ts";

const world = new World("receipt");
const municipal = world.addDepartment(MUNICIPAL, [1, 4, 5]);
const district = world.addDepartment(DISTRICT, [4]);
const penalties = Array.from({ length: 5 }, (_, i) => world.issue(municipal, { fields: { amountFen: 5_000_000 + i } }));
const penalty = penalties[2]!;
const alone = world.issue(district, { subject: OTHER_ENTERPRISE });
const corrected = world.issue(municipal);
const correction = world.issue(municipal);
const outsideCapability = world.issue(district, { type: "credit.listing/1" });
const revoked = world.issue(district, { number: "京示罚〔2026〕8号" });

function anchorForged(forgery: Forgery) {
  const forged = asIssued(municipal, penalty, forgeStatement(municipal, forgery));
  world.anchor([forged], 4);
  return forged;
}

world.anchor(penalties, 4);
world.anchor([alone], 4);
world.anchor([corrected, correction], 4);
world.supersede(corrected, correction, 1);
const wrongKey = asIssued(
  municipal,
  penalty,
  forgeStatement({ ...municipal, signer: seededSigner("stranger") }, { disclosures: [disclose("number", "1")] }),
);
world.anchor([wrongKey], 4);
const unsigned = anchorForged({ signature: "A".repeat(86) });
const earlyIat = anchorForged({ payload: { iat: 1_740_000_000 }, disclosures: [disclose("eventTime", "2026-03-02")] });
const lateIat = anchorForged({ payload: { iat: world.blockTime(world.blockNumber) + 4000 } });
world.anchor([outsideCapability], 5);
const revokedBlock = world.blockNumber + 2;
world.mine();
world.anchor([revoked], 4);
world.revokeKey(district, world.blockTime(revokedBlock));
world.mine(2);

const chain = world.recorded();
const receipt = world.receipt(penalty);
const aloneReceipt = world.receipt(alone);

type Change = (receipt: Mutable<Receipt>) => void;

function one(
  id: string,
  note: string,
  document: unknown,
  expected: Record<string, unknown>,
  input: Record<string, unknown> = {},
): VectorCase {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return { id: `receipt/${id}`, note, op: "verify", input: { document: text, ...input }, expected };
}

function changed(id: string, note: string, code: Code, step: string, change: Change): VectorCase {
  const document = copy(receipt);
  change(document);
  return one(id, note, document, deciding(code, step));
}

/** Members that must be there, exactly, with values of their type. */
function shapes(): VectorCase[] {
  const bad = (id: string, note: string, change: (document: Record<string, object>) => void) => {
    const document = copy(receipt) as unknown as Record<string, object>;
    change(document);
    return one(`shape-${id}`, note, document, deciding("MALFORMED", "document"));
  };
  const text = JSON.stringify(receipt);
  const raw = (id: string, note: string, document: string, code: Code = "MALFORMED") =>
    one(`json-${id}`, note, document, deciding(code, "document"));
  const anchor = (member: string, value: unknown) => (document: Record<string, object>) =>
    Object.assign(document.anchor!, { [member]: value });
  const batch = (member: string, value: unknown) => (document: Record<string, object>) =>
    Object.assign(document.batch!, { [member]: value });
  return [
    bad("missing", "no path", (document) => delete document.path),
    bad("extra", "one member more", (document) => Object.assign(document, { comment: "genuine" })),
    bad("extra-inside", "one member more in the anchor", anchor("confirmations", 12)),
    bad("finality", "an unknown finality proof", (document) =>
      Object.assign(document, { finality: { kind: "oracle" } }),
    ),
    bad("suite", "an unknown suite", (document) => Object.assign(document, { suite: "none" })),
    bad("capital-hex", "capital letters in hex", (document) =>
      Object.assign(document.batch!, { root: (receipt.batch.root as string).toUpperCase().replace("0X", "0x") }),
    ),
    bad("short-root", "31 bytes of root", batch("root", receipt.batch.root.slice(0, -2))),
    bad("kind-6", "an unknown kind", batch("kind", 6)),
    bad("kind-text", "the kind as text", batch("kind", "4")),
    bad("sequence-0", "sequence 0", batch("sequence", 0)),
    bad("count-0", "no records", batch("count", 0)),
    bad("count-beyond", "2^32 records", batch("count", 4294967296)),
    bad("department-lower", "a department in small letters", batch("department", MUNICIPAL.toLowerCase())),
    bad("department-wide", "a department with a full-width digit", batch("department", MUNICIPAL.replace("1", "１"))),
    bad("chain-0", "chain id 0", anchor("chainId", 0)),
    bad("time-far", "a block time beyond the year 9999", anchor("blockTime", 253402300800)),
    bad("path-long", "33 hashes of path", (document) =>
      Object.assign(document, { path: Array(33).fill(receipt.batch.root) }),
    ),
    bad("path-object", "a path that is an object", (document) => Object.assign(document, { path: {} })),
    bad("key-respelled", "a second spelling of the same key, with trailing bits set", (document) =>
      Object.assign(document.statementKey!, { x: respelled(receipt.statementKey.x) }),
    ),
    bad("key-private", "a private key comes along", (document) => Object.assign(document.statementKey!, { d: "AA" })),
    bad("key-rsa", "an RSA key", (document) =>
      Object.assign(document, { statementKey: { kty: "RSA", n: "AQ", e: "AQAB" } }),
    ),
    bad("key-curve", "a key on another curve", (document) =>
      Object.assign(document.statementKey!, { crv: "secp256k1" }),
    ),
    raw("empty", "nothing", ""),
    raw("null", "null", "null"),
    raw("array", "an array", `[${text}]`),
    raw("no-format", "an object without a format", "{}"),
    raw("format-number", "a format that is no text", '{"format":1}'),
    raw(
      "format-unknown",
      "a version made after the verifier: unknown, not forged",
      text.replace("receipt/1", "receipt/2"),
      "VERSION_UNKNOWN",
    ),
    raw("format-trust", "a trust list is not a document to verify", JSON.stringify(world.trust), "VERSION_UNKNOWN"),
    raw("format-prototype", "a format named after a method of objects", '{"format":"toString"}', "VERSION_UNKNOWN"),
    raw("truncated", "cut in the middle", text.slice(0, text.length >> 1)),
    raw("trailing", "something after the end", `${text}{}`),
    raw("bom", "a byte order mark", `\uFEFF${text}`),
    raw("comment", "a comment", `/* genuine */${text}`),
    raw("single-quotes", "quotes of another kind", text.replaceAll('"', "'")),
    raw("duplicate", "the suite twice", text.replace('"suite"', '"suite":"SM2-SM3","suite"')),
    raw(
      "duplicate-escaped",
      "a member twice, once spelt with an escape",
      text.replace('"path"', '"p\\u0061th":[],"path"'),
    ),
    raw("proto", "a key __proto__", text.replace('"path"', '"__proto__":{},"path"')),
    raw("fraction", "a count with a fraction of zero", text.replace('"count":5', '"count":5.0')),
    raw("exponent", "a count with an exponent", text.replace('"count":5', '"count":5e0')),
    raw("big", "a sequence of 2^53", text.replace('"sequence":1', '"sequence":9007199254740992')),
    raw("minus-zero", "a log index of minus zero", text.replace('"logIndex":0', '"logIndex":-0')),
    raw("leading-zero", "a count with a leading zero", text.replace('"count":5', '"count":05')),
    raw("control", "a raw line break in a string", text.replace('"suite":"', '"suite":"\n')),
    raw("surrogate", "half a surrogate pair", text.replace('"suite":"', '"suite":"\\udc00')),
    raw("deep", "33 arrays", "[".repeat(33) + "]".repeat(33)),
    {
      ...raw("utf8", "bytes that are not UTF-8", ""),
      input: {
        documentBase64: Buffer.concat([
          Buffer.from(text.slice(0, -1)),
          Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
        ]).toString("base64"),
      },
    },
    { ...raw("utf16", "UTF-16", ""), input: { documentBase64: Buffer.from(text, "utf16le").toString("base64") } },
  ];
}

/** Receipts that are what they say, in their several forms. */
function good(): VectorCase[] {
  return [
    one("whole", "everything disclosed", receipt, VALID),
    one("some", "two fields disclosed", world.receipt(penalty, ["number", "eventTime"]), VALID),
    one("bare", "nothing disclosed", world.receipt(penalty, []), VALID),
    one("alone", "a batch of one", aloneReceipt, VALID),
    one("first", "the first of five, on the longer branch or the shorter", world.receipt(penalties[0]!), VALID),
    one("last", "the last of five", world.receipt(penalties[4]!), VALID),
    one("spaced", "white space between the parts", JSON.stringify(receipt, null, 2), VALID),
    {
      ...one("bytes", "given as bytes", "", VALID),
      input: { documentBase64: Buffer.from(JSON.stringify(receipt)).toString("base64") },
    },
    one("successor", "the record that corrected another", world.receipt(correction), VALID),
    one("before-revocation", "signed with a key that was revoked since a later moment", aloneReceipt, VALID),
    one("now-tolerant", "the verifier's clock is 15 minutes slow", receipt, VALID, {
      now: receipt.anchor.blockTime - 900,
    }),
  ];
}

/** One defect each, in what the department signed or how it lies in its batch. */
function forged(): VectorCase[] {
  const statementOf = (change: (parts: string[]) => string[]) => (document: Mutable<Receipt>) => {
    document.statement = change(document.statement.split("~")).join("~");
  };
  const lowered = encode(["AAECAwQFBgcICQoLDA0ODw", "amountFen", 1]);
  return [
    {
      ...changed(
        "altered",
        "a lower fine",
        "FIELD_ALTERED",
        "statement",
        statementOf((parts) => [parts[0]!, lowered, ...parts.slice(1)]),
      ),
      expected: deciding("FIELD_ALTERED", "statement", "amountFen"),
    },
    changed(
      "statement-cut",
      "the statement is cut",
      "STATEMENT_MALFORMED",
      "statement",
      (document) => void (document.statement = document.statement.slice(0, -5)),
    ),
    changed(
      "order",
      "disclosures in another order",
      "NOT_CANONICAL",
      "statement",
      statementOf((parts) => [parts[0]!, ...parts.slice(1, -1).toReversed(), ""]),
    ),
    changed(
      "key-other",
      "another department's key",
      "KEY_MISMATCH",
      "signature",
      (document) => void (document.statementKey = { ...district.signer.publicJwk }),
    ),
    changed(
      "key-curve-sm2",
      "the key is said to lie on the SM2 curve",
      "SUITE_MISMATCH",
      "signature",
      (document) => void (document.statementKey.crv = "SM2"),
    ),
    one(
      "signature-zero",
      "a signature of zeros, anchored as such",
      world.receipt(unsigned),
      deciding("SIGNATURE_INVALID", "signature"),
    ),
    one(
      "signature-other",
      "another record's signature",
      { ...receipt, statement: spliced() },
      deciding("SIGNATURE_INVALID", "signature"),
    ),
    one(
      "year-event",
      "the event of another year than stated",
      { ...receipt, statement: forgeStatement(municipal, { disclosures: [disclose("eventTime", "2025-03-02")] }) },
      deciding("YEAR_MISMATCH", "statement", "eventTime"),
    ),
    changed(
      "department",
      "the batch is said to be another department's",
      "DEPARTMENT_MISMATCH",
      "batch",
      (document) => void (document.batch.department = DISTRICT),
    ),
    changed(
      "kind",
      "the batch is said to be of another kind",
      "KIND_MISMATCH",
      "batch",
      (document) => void (document.batch.kind = 5),
    ),
    changed(
      "year",
      "the batch is said to be of another year",
      "YEAR_MISMATCH",
      "batch",
      (document) => void (document.batch.year = 2025),
    ),
    changed("path-empty", "no path", "NOT_IN_BATCH", "batch", (document) => void (document.path = [])),
    changed(
      "path-bit",
      "one digit of the path",
      "NOT_IN_BATCH",
      "batch",
      (document) => void (document.path[0] = otherHex(document.path[0]!)),
    ),
    changed("path-swapped", "the path backwards", "NOT_IN_BATCH", "batch", (document) => void document.path.reverse()),
    changed(
      "path-longer",
      "one hash more",
      "NOT_IN_BATCH",
      "batch",
      (document) => void document.path.push(receipt.batch.root),
    ),
    changed(
      "path-other",
      "the path of another record of the batch",
      "NOT_IN_BATCH",
      "batch",
      (document) => void (document.path = [...world.receipt(penalties[0]!).path]),
    ),
    changed(
      "count-path",
      "a count for which no path has this length",
      "NOT_IN_BATCH",
      "batch",
      (document) => void (document.batch.count = 500),
    ),
    changed(
      "record-other",
      "another record in place of this one",
      "NOT_IN_BATCH",
      "batch",
      (document) => void (document.statement = penalties[0]!.statement),
    ),
    changed(
      "signing-later",
      "anchored before it was signed",
      "TIME_IMPLAUSIBLE",
      "clocks",
      (document) => void (document.anchor.blockTime -= 3000),
    ),
    one(
      "signed-late",
      "signed more than 15 minutes after its block, anchored as such",
      world.receipt(lateIat),
      deciding("TIME_IMPLAUSIBLE", "clocks"),
    ),
    one("event-later", "signed before the event", world.receipt(earlyIat), deciding("TIME_IMPLAUSIBLE", "clocks")),
    one("future", "anchored more than 15 minutes from now", receipt, deciding("TIME_IMPLAUSIBLE", "clocks"), {
      now: receipt.anchor.blockTime - 901,
    }),
  ];
}

/** The signature of another record over this one's content. */
function spliced(): string {
  const [jwt, ...rest] = receipt.statement.split("~");
  const [header, payload] = jwt!.split(".");
  const other = penalties[0]!.statement.split("~")[0]!.split(".")[2];
  return [`${header}.${payload}.${other}`, ...rest].join("~");
}

/** What only the chain and the trust list can tell. */
function onChain(): VectorCase[] {
  const withChain = (
    id: string,
    note: string,
    code: Code,
    step: string | null,
    change: (chain: Mutable<RecordedChain>) => void,
    document = receipt,
  ) => {
    const other = copy(chain);
    change(other);
    return one(id, note, document, deciding(code, step), { chain: other });
  };
  const block = receipt.anchor.blockNumber;
  const row = chain.batches.findIndex(({ root }) => root === receipt.batch.root);
  const logOf = (other: Mutable<RecordedChain>) => other.transactions[row]!.logs[0]!;
  const wordAt = (data: string, index: number, value: number) =>
    `${data.slice(0, 2 + 64 * index)}${value.toString(16).padStart(64, "0")}${data.slice(66 + 64 * index)}` as `0x${string}`;
  return [
    one("offline", "the chain is not asked", receipt, deciding("CHAIN_NOT_CONSULTED", "chain"), { chain: null }),
    one(
      "offline-forged",
      "offline, a defect is still found",
      { ...receipt, path: [] },
      deciding("NOT_IN_BATCH", "batch"),
      { chain: null },
    ),
    one("untrusted", "a chain that is on nobody's list", receipt, deciding("CHAIN_NOT_TRUSTED", "trust"), {
      trust: { ...world.trust, chains: [] },
    }),
    changed(
      "chain-id",
      "another chain id",
      "CHAIN_NOT_TRUSTED",
      "trust",
      (document) => void (document.anchor.chainId = 1),
    ),
    changed(
      "genesis",
      "another genesis",
      "CHAIN_NOT_TRUSTED",
      "trust",
      (document) => void (document.anchor.genesisHash = otherHex(document.anchor.genesisHash)),
    ),
    changed(
      "ledger",
      "another ledger",
      "CHAIN_NOT_TRUSTED",
      "trust",
      (document) => void (document.anchor.ledger = otherHex(document.anchor.ledger)),
    ),
    one(
      "untrusted-forged",
      "unknown chain and a wrong path: the defect decides",
      { ...receipt, path: [], anchor: { ...receipt.anchor, chainId: 1 } },
      deciding("NOT_IN_BATCH", "batch"),
    ),
    withChain(
      "node-chain-id",
      "the node serves another chain id",
      "WRONG_CHAIN",
      "chain",
      (other) => void (other.chainId = 1),
    ),
    withChain(
      "node-genesis",
      "the node serves a chain of another genesis",
      "WRONG_CHAIN",
      "chain",
      (other) => void (other.blocks[0]!.hash = otherHex(other.blocks[0]!.hash)),
    ),
    withChain(
      "not-final",
      "the block is not final yet",
      "NOT_FINAL",
      "finality",
      (other) => void (other.finalBlock = block - 1),
    ),
    withChain(
      "node-fails",
      "the node does not know its final block",
      "CHAIN_UNREACHABLE",
      "finality",
      (other) => void (other.finalBlock = 999),
    ),
    changed(
      "block-hash",
      "another block hash",
      "BLOCK_MISMATCH",
      "finality",
      (document) => void (document.anchor.blockHash = otherHex(document.anchor.blockHash)),
    ),
    changed(
      "block-time",
      "another block time",
      "BLOCK_MISMATCH",
      "finality",
      (document) => void (document.anchor.blockTime += 1),
    ),
    changed(
      "block-number",
      "another block number",
      "BLOCK_MISMATCH",
      "finality",
      (document) => void (document.anchor.blockNumber += 1),
    ),
    changed(
      "sequence-unknown",
      "a sequence that the department never used",
      "BATCH_UNKNOWN",
      "anchor",
      (document) => void (document.batch.sequence = 999),
    ),
    changed(
      "sequence-other",
      "the sequence of another batch",
      "ROOT_MISMATCH",
      "anchor",
      (document) => void (document.batch.sequence = 2),
    ),
    one(
      "self-made",
      "a record signed by the department and never anchored",
      selfMade(),
      deciding("ROOT_MISMATCH", "anchor"),
    ),
    changed(
      "count",
      "another count with a possible path",
      "BATCH_MISMATCH",
      "anchor",
      (document) => void (document.batch.count = 6),
    ),
    withChain(
      "ledger-kind",
      "the ledger has the batch under another kind",
      "BATCH_MISMATCH",
      "anchor",
      (other) => void (other.batches[row]!.kind = 5),
    ),
    withChain(
      "ledger-year",
      "the ledger has the batch under another year",
      "BATCH_MISMATCH",
      "anchor",
      (other) => void (other.batches[row]!.year = 2025),
    ),
    withChain(
      "ledger-time",
      "the ledger has another time",
      "BATCH_MISMATCH",
      "anchor",
      (other) => void (other.batches[row]!.anchoredAt += 1),
    ),
    changed(
      "transaction",
      "a transaction that does not exist",
      "TRANSACTION_MISMATCH",
      "anchor",
      (document) => void (document.anchor.transactionHash = otherHex(document.anchor.transactionHash)),
    ),
    changed(
      "transaction-other",
      "the transaction of another batch",
      "TRANSACTION_MISMATCH",
      "anchor",
      (document) => void (document.anchor.transactionHash = aloneReceipt.anchor.transactionHash),
    ),
    withChain(
      "transaction-failed",
      "the transaction failed",
      "TRANSACTION_MISMATCH",
      "anchor",
      (other) => void (other.transactions[row]!.succeeded = false),
    ),
    withChain(
      "transaction-block",
      "the transaction is in a block of another hash",
      "TRANSACTION_MISMATCH",
      "anchor",
      (other) => void (other.transactions[row]!.blockHash = otherHex(other.transactions[row]!.blockHash)),
    ),
    changed(
      "log-index",
      "an event that does not exist",
      "EVENT_MISMATCH",
      "anchor",
      (document) => void (document.anchor.logIndex = 7),
    ),
    withChain(
      "event-contract",
      "the event is another contract's",
      "EVENT_MISMATCH",
      "anchor",
      (other) => void (logOf(other).address = otherHex(logOf(other).address)),
    ),
    withChain(
      "event-topic",
      "another event",
      "EVENT_MISMATCH",
      "anchor",
      (other) => void (logOf(other).topics[0] = otherHex(logOf(other).topics[0]!)),
    ),
    withChain(
      "event-department",
      "the event of another department",
      "EVENT_MISMATCH",
      "anchor",
      (other) =>
        void (logOf(other).topics[1] = chain.transactions.find(
          ({ hash }) => hash === aloneReceipt.anchor.transactionHash,
        )!.logs[0]!.topics[1]!),
    ),
    withChain(
      "event-extra-topic",
      "an event with a fourth topic",
      "EVENT_MISMATCH",
      "anchor",
      (other) => void logOf(other).topics.push(receipt.batch.root),
    ),
    withChain(
      "event-count",
      "the event has another count",
      "EVENT_MISMATCH",
      "anchor",
      (other) => void (logOf(other).data = wordAt(logOf(other).data, 2, 6)),
    ),
    withChain(
      "event-long",
      "the event's data is longer",
      "EVENT_MISMATCH",
      "anchor",
      (other) => void (logOf(other).data = `${logOf(other).data}00`),
    ),
    withChain(
      "event-entries",
      "the event's hash of entries is not compared",
      "OK",
      null,
      (other) => void (logOf(other).data = wordAt(logOf(other).data, 4, 1)),
    ),
    one(
      "key-stranger",
      "signed with a key that is not the department's",
      { ...world.receipt(wrongKey), statementKey: { ...seededSigner("stranger").publicJwk } },
      deciding("KEY_NOT_AUTHORISED", "key"),
    ),
    one(
      "key-kind",
      "a department without the capability",
      world.receipt(outsideCapability),
      deciding("KEY_NOT_AUTHORISED", "key"),
    ),
    one(
      "key-revoked",
      "a key revoked since the moment of anchoring",
      world.receipt(revoked),
      deciding("KEY_NOT_AUTHORISED", "key"),
    ),
    withChain("key-later", "a key registered after the anchoring", "KEY_NOT_AUTHORISED", "key", (other) =>
      other.keys.forEach((key) => void (key.from = receipt.anchor.blockTime + 1)),
    ),
    one("superseded", "corrected since", world.receipt(corrected), deciding("SUPERSEDED", "supersession")),
    withChain(
      "superseded-copy",
      "another department superseded its own copy of the hash",
      "OK",
      null,
      (other) =>
        void other.supersessions.push({
          department: DISTRICT,
          recordHash: penalty.recordHash,
          successor: alone.recordHash,
          by: DISTRICT,
          reason: 2,
          at: 1_790_000_090,
        }),
    ),
    withChain("superseded-now", "superseded in the final block itself", "SUPERSEDED", "supersession", (other) =>
      other.supersessions.push({
        department: MUNICIPAL,
        recordHash: penalty.recordHash,
        successor: alone.recordHash,
        by: MUNICIPAL,
        reason: 2,
        at: other.blocks.find(({ number }) => number === other.finalBlock)!.time,
      }),
    ),
    withChain(
      "superseded-later",
      "superseded in a block that is not final yet",
      "OK",
      null,
      (other) =>
        void other.supersessions.push({
          department: MUNICIPAL,
          recordHash: penalty.recordHash,
          successor: alone.recordHash,
          by: MUNICIPAL,
          reason: 2,
          at: 1_790_009_990,
        }),
    ),
  ];
}

/** Signed with the right key, in a batch of one that exists nowhere, with the anchor of a real one. */
function selfMade(): Receipt {
  const other = world.issue(municipal, { fields: { amountFen: 1 } });
  const elsewhere = new World("receipt");
  elsewhere.addDepartment(MUNICIPAL, [4]);
  elsewhere.anchor([other], 4);
  return { ...elsewhere.receipt(other), anchor: receipt.anchor };
}

function bundles(): VectorCase[] {
  const bundle = bundleReceipts([receipt, world.receipt(penalties[0]!, ["number"]), aloneReceipt]);
  const bad = (
    id: string,
    note: string,
    code: Code,
    step: string,
    change: (document: Mutable<typeof bundle>) => void,
  ) => {
    const document = copy(bundle);
    change(document);
    return { ...one(id, note, document, deciding(code, step)), id: `bundle/${id}` };
  };
  const superseded = bundleReceipts([receipt, world.receipt(corrected)]);
  return [
    { ...one("three", "three receipts of two batches and departments", bundle, VALID), id: "bundle/three" },
    {
      ...one("superseded", "one of two no longer stands", superseded, deciding("SUPERSEDED", "receipt")),
      id: "bundle/superseded",
    },
    {
      ...one("offline", "the chain is not asked", bundle, deciding("CHAIN_NOT_CONSULTED", "receipt"), { chain: null }),
      id: "bundle/offline",
    },
    bad("empty", "no receipts", "MALFORMED", "document", (document) => void (document.receipts = [])),
    bad(
      "dangling",
      "a key that is not there",
      "MALFORMED",
      "document",
      (document) => void (document.receipts[1]!.key = 9),
    ),
    bad(
      "crossed",
      "a receipt points to another batch",
      "NOT_IN_BATCH",
      "receipt",
      (document) => void (document.receipts[1]!.path = []),
    ),
    bad(
      "crossed-key",
      "a receipt points to another key",
      "KEY_MISMATCH",
      "receipt",
      (document) => void (document.receipts[0]!.key = document.receipts[2]!.key),
    ),
    bad(
      "altered",
      "a field of the last receipt",
      "FIELD_ALTERED",
      "receipt",
      (document) => void (document.receipts[2]!.statement += `${encode(["AAECAwQFBgcICQoLDA0ODw", "basis", "x"])}~`),
    ),
  ];
}

export function receiptVectors(): VectorFile {
  return {
    about: "Receipts and bundles, docs/format.md §§6 and 10: documents, a recorded chain, and the deciding step.",
    defaults: { trust: world.trust, chain, now: world.now },
    cases: [...good(), ...shapes(), ...forged(), ...onChain(), ...bundles()],
  };
}

/** The same bytes in base64url with an unused trailing bit set, which a lax decoder ignores. */
function respelled(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) + 1]!;
}
