import { expect } from "chai";
import { dataSlice, encodeRlp, getBytes, hexlify, id, zeroPadValue } from "ethers";
import fc from "fast-check";
import type { Hex } from "../../proof/src/bytes.ts";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import { buildTrie } from "../../proof/src/finality/build-trie.ts";
import { verifyFinalityProof, type FinalityProof } from "../../proof/src/finality/finality-proof.ts";
import { readReceipt } from "../../proof/src/finality/receipt.ts";
import { EMPTY_TRIE_ROOT, proofNodes } from "../../proof/src/finality/trie.ts";
import { encodeInteger } from "../../proof/src/finality/rlp.ts";
import { qbftJudge } from "../../proof/src/finality/qbft.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import type { Json } from "../../proof/src/json.ts";
import { anchoredLog, batch, ledger, ledgerInterface, provenReceipt, rawReceipt, type LogFields } from "./anchored.ts";
import { besuTrust, network, typedReceipt } from "./besu.ts";
import { addresses, institutions, sealBlock } from "./sealed-chain.ts";

const members = institutions("finality", 4);
const trust: QbftTrust = {
  epochLength: 30_000,
  sets: [{ from: 0, until: null, validators: addresses(members) }],
  pins: [],
};
const block = { number: 120, members };
const transfer = rawReceipt([], { type: 0 });
const anchoring = rawReceipt([anchoredLog()]);
const receipts = [transfer, transfer, anchoring, rawReceipt([], { status: 0 })];
const proof = provenReceipt(block, receipts, 2);

function outcome(candidate: object, trusted = trust, of: Hex = ledger): string {
  const answer = verifyFinalityProof(candidate as Json, qbftJudge(trusted), of);
  return answer.ok ? "final" : answer.code;
}

/** A legacy receipt of these items, whatever they are. */
function receiptOf(items: readonly unknown[]): Hex {
  return encodeRlp(items as never) as Hex;
}

function withLog(log: unknown): Hex {
  return receiptOf(["0x01", "0x01", new Uint8Array(256), [log]]);
}

function proofOfLogs(logs: readonly LogFields[], options = {}): FinalityProof {
  return provenReceipt(block, [transfer, rawReceipt(logs, options)], 1);
}

describe("A finality proof", () => {
  it("proves the block and the batch with the trust list alone", () => {
    const answer = verifyFinalityProof(proof, qbftJudge(trust), ledger);
    expect(answer.ok && answer.events).to.deep.equal([batch]);
    expect(answer.ok && answer.block.number).to.equal(120);
  });

  it("of each transaction of a real Besu block is included as the node says", () => {
    network.rawReceipts.forEach((_, i) => {
      const answers = { header: network.rawHeaders[1]!, rawReceipts: network.rawReceipts, accounts: [] };
      const real = assembleFinalityProof(answers, { transactions: [i], accounts: [] });
      expect(outcome(real, besuTrust)).to.equal("EVENT_NOT_FOUND"); // its contract is no ledger
      const nodes = proofNodes(real.nodes.map((node) => getBytes(node)));
      const decoded = readReceipt(network.blocks[1]!.receiptsRoot, i, nodes);
      const { logs } = network.blockReceipts[i]!;
      expect(decoded.ok && decoded.logs.map((log) => ({ ...log, data: hexlify(log.data) }))).to.deep.equal(
        logs.map(({ address, topics, data }) => ({ address, topics, data })),
      );
    });
  });

  it("of a batch that a transaction of type 2 anchored on Besu, which answers such receipts as strings", () => {
    const { trust: besu, ledger: deployed, rawHeader, rawReceipts, event } = typedReceipt;
    expect(rawReceipts.map((raw) => raw.slice(0, 4))).to.deep.equal(["0xb9"]);
    const answers = { header: rawHeader, rawReceipts, accounts: [] };
    const real = assembleFinalityProof(answers, { transactions: [0], accounts: [] });
    const answer = verifyFinalityProof(real, qbftJudge(besu), deployed);
    expect(answer.ok && answer.events).to.deep.equal([event]);
  });

  it("holds for every known type of transaction and for any place in the block", () => {
    for (const type of [0, 1, 2, 3, 4]) expect(outcome(proofOfLogs([anchoredLog()], { type }))).to.equal("final");
    for (const index of [0, 1, 127, 128, 200]) {
      const others = Array.from({ length: 201 }, (_, i) => (i === index ? anchoring : transfer));
      expect(outcome(provenReceipt(block, others, index))).to.equal("final");
    }
  });

  it("goes up to the largest number that JSON holds", () => {
    const last = { ...batch, sequence: Number.MAX_SAFE_INTEGER };
    const answer = verifyFinalityProof(proofOfLogs([anchoredLog(last)]), qbftJudge(trust), ledger);
    expect(answer.ok && answer.events).to.deep.equal([last]);
  });

  it("gives every batch that the transaction anchored, among logs of others", () => {
    const second = { ...batch, sequence: 18 };
    const foreign = { address: id("x").slice(0, 42), topics: [], data: "0x" };
    const many = proofOfLogs([foreign, anchoredLog(), anchoredLog(second), foreign]);
    const answer = verifyFinalityProof(many, qbftJudge(trust), ledger);
    expect(answer.ok && answer.events).to.deep.equal([batch, second]);
  });

  it("made for any batch says that batch", () => {
    const anyBatch = fc.record({
      department: fc.stringMatching(/^[0-9A-HJ-NPQRTUWXY]{18}$/),
      sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      kind: fc.integer({ min: 1, max: 255 }),
      year: fc.integer({ min: 0, max: 65_535 }),
      count: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes) as Hex),
      entriesHash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hexlify(bytes) as Hex),
    });
    fc.assert(
      fc.property(anyBatch, (event) => {
        const answer = verifyFinalityProof(proofOfLogs([anchoredLog(event)]), qbftJudge(trust), ledger);
        expect(answer.ok && answer.events).to.deep.equal([event]);
      }),
      { numRuns: 40 },
    );
  });
});

describe("A finality proof is refused", () => {
  it("with another chain's validators", () => {
    const others = addresses(institutions("elsewhere", 4));
    expect(outcome(proof, { ...trust, sets: [{ from: 0, until: null, validators: others }] })).to.equal(
      "VALIDATORS_MISMATCH",
    );
    expect(outcome(proof, besuTrust)).to.equal("VALIDATORS_MISMATCH");
  });

  it("for a transaction that failed", () => {
    expect(outcome(provenReceipt(block, receipts, 3))).to.equal("TRANSACTION_FAILED");
    expect(outcome(proofOfLogs([anchoredLog()], { status: 0 }))).to.equal("TRANSACTION_FAILED");
  });

  it("for a log of another contract, of another event, or without topics", () => {
    const [other] = addresses(institutions("another contract", 1));
    const superseded = ledgerInterface.getEvent("RecordSuperseded")!.topicHash;
    expect(outcome(proof, trust, other)).to.equal("EVENT_NOT_FOUND");
    expect(outcome(proofOfLogs([anchoredLog(batch, other)]))).to.equal("EVENT_NOT_FOUND");
    const log = anchoredLog();
    expect(outcome(proofOfLogs([{ ...log, topics: [superseded, ...log.topics.slice(1)] }]))).to.equal(
      "EVENT_NOT_FOUND",
    );
    expect(outcome(proofOfLogs([{ ...log, topics: [] }]))).to.equal("EVENT_NOT_FOUND");
    expect(outcome(proofOfLogs([]))).to.equal("EVENT_NOT_FOUND");
  });

  it("for an event that does not decode", () => {
    const { address, topics, data } = anchoredLog();
    const word = (i: number, value: string) =>
      `${dataSlice(data, 0, 32 * i)}${zeroPadValue(value, 32).slice(2)}${dataSlice(data, 32 * (i + 1)).slice(2)}`;
    const wrong: LogFields[] = [
      { address, topics: topics.slice(0, 2), data },
      { address, topics: [...topics, topics[2]!], data },
      { address, topics, data: dataSlice(data, 1) },
      { address, topics, data: `${data}00` },
      { address, topics, data: word(0, "0x0100") },
      { address, topics, data: word(1, "0x010000") },
      { address, topics, data: word(2, "0x0100000000") },
      { address, topics: [topics[0]!, topics[1]!, zeroPadValue("0x20000000000000", 32)], data },
      { address, topics: [topics[0]!, `${topics[1]!.slice(0, -2)}01`, topics[2]!], data },
      { address, topics: [topics[0]!, `0x61${topics[1]!.slice(4)}`, topics[2]!], data },
    ];
    for (const log of wrong) expect(outcome(proofOfLogs([log]))).to.equal("EVENT_MALFORMED");
  });

  it("for a transaction that is not the one of these nodes, or that the block does not have", () => {
    for (const index of [0, 1, 3, 200]) expect(outcome({ ...proof, transactions: [index] })).to.not.equal("final");
    const absent = provenReceipt(block, receipts, 3);
    const trie = buildTrie(receipts.map((raw, i) => ({ key: encodeInteger(i), value: getBytes(raw) })));
    const nodes = trie.prove(encodeInteger(4));
    expect(outcome({ ...absent, transactions: [4], nodes })).to.equal("RECEIPT_NOT_IN_BLOCK");
    const empty = hexlify(sealBlock({ ...block, receiptsRoot: EMPTY_TRIE_ROOT }).raw);
    expect(outcome({ ...proof, header: empty, nodes: [] })).to.equal("RECEIPT_NOT_IN_BLOCK");
  });

  it("with the header of another block, or the nodes cut, reordered or lengthened", () => {
    expect(outcome({ ...proof, header: hexlify(sealBlock(block).raw) })).to.equal("TRIE_HASH_MISMATCH");
    const { nodes } = proof;
    expect(outcome({ ...proof, nodes: nodes.slice(0, -1) })).to.equal("TRIE_PROOF_TRUNCATED");
    expect(outcome({ ...proof, nodes: [...nodes].reverse() })).to.equal("TRIE_HASH_MISMATCH");
    expect(outcome({ ...proof, nodes: [...nodes, nodes[0]!] })).to.equal("TRIE_PROOF_OVERLONG");
    expect(outcome({ ...proof, transactions: [] })).to.equal("TRIE_PROOF_OVERLONG");
  });

  it("for a receipt of an unknown type or another shape", () => {
    const shapes: [Hex, string][] = [
      [rawReceipt([anchoredLog()], { type: 5 }), "RECEIPT_TYPE_UNKNOWN"],
      [`0x7f${rawReceipt([], { type: 0 }).slice(2)}`, "RECEIPT_TYPE_UNKNOWN"],
      ["0x02", "RECEIPT_MALFORMED"],
      ["0xc0", "RECEIPT_MALFORMED"],
      [rawReceipt([], { status: 2 }), "RECEIPT_MALFORMED"],
      [rawReceipt([{ address: "0x1234", topics: [], data: "0x" }]), "RECEIPT_MALFORMED"],
      [rawReceipt([{ address: ledger, topics: ["0x12"], data: "0x" }]), "RECEIPT_MALFORMED"],
      [rawReceipt([{ address: ledger, topics: Array<string>(5).fill(id("")), data: "0x" }]), "RECEIPT_MALFORMED"],
      [`${anchoring}00`, "RECEIPT_MALFORMED"],
      [withLog([ledger, []]), "RECEIPT_MALFORMED"],
      [withLog([ledger, [], []]), "RECEIPT_MALFORMED"],
      [withLog([ledger, [], "0x", "0x"]), "RECEIPT_MALFORMED"],
      [withLog("0x"), "RECEIPT_MALFORMED"],
      [receiptOf(["0x01", "0x01", new Uint8Array(255), []]), "RECEIPT_MALFORMED"],
      [receiptOf(["0x01", "0x0001", new Uint8Array(256), []]), "RECEIPT_MALFORMED"],
      [receiptOf([[], "0x01", new Uint8Array(256), []]), "RECEIPT_MALFORMED"],
      [receiptOf(["0x01", "0x01", new Uint8Array(256), "0x"]), "RECEIPT_MALFORMED"],
      [receiptOf([id("state"), "0x01", new Uint8Array(256), []]), "RECEIPT_MALFORMED"],
    ];
    for (const [raw, code] of shapes) expect(outcome(provenReceipt(block, [raw], 0))).to.equal(code);
  });

  it("when it is not of the form, whatever it is", () => {
    const members = { ...proof } as Record<string, unknown>;
    for (const name of Object.keys(members)) {
      expect(outcome({ ...members, [name]: undefined })).to.equal("PROOF_MALFORMED");
      expect(outcome({ ...members, [name]: null })).to.equal("PROOF_MALFORMED");
      expect(outcome({ ...members, [name]: [members[name]] })).to.equal("PROOF_MALFORMED");
    }
    const wrong = [
      { ...proof, more: 1 },
      { ...proof, kind: "ibft" },
      { ...proof, transactions: [-1] },
      { ...proof, transactions: [0.5] },
      { ...proof, transactions: [2 ** 53] },
      { ...proof, transactions: [2, 2] },
      { ...proof, header: proof.header.toUpperCase() },
      { ...proof, header: proof.header.slice(2) },
      { ...proof, header: proof.header.slice(0, -1) },
      { ...proof, nodes: proof.header },
      [],
    ];
    for (const candidate of wrong) expect(outcome(candidate)).to.equal("PROOF_MALFORMED");
    fc.assert(fc.property(fc.jsonValue(), (value) => outcome(value as object) === "PROOF_MALFORMED"));
  });

  it("with any one hex digit changed", () => {
    const text = JSON.stringify(proof);
    const digits = [...text.matchAll(/0x[0-9a-f]+/g)].flatMap((m) =>
      Array.from({ length: m[0].length - 2 }, (_, i) => m.index + 2 + i),
    );
    fc.assert(
      fc.property(fc.constantFrom(...digits), fc.integer({ min: 1, max: 15 }), (at, by) => {
        const digit = ((parseInt(text[at]!, 16) + by) % 16).toString(16);
        expect(outcome(JSON.parse(text.slice(0, at) + digit + text.slice(at + 1)) as object)).to.not.equal("final");
      }),
    );
  });
});
