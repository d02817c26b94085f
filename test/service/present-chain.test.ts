import { expect } from "chai";
import { AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import { isLasting } from "../../backend/src/verification/present-chain.ts";

const final = { number: 16, time: 1_000 };
const batchOf = AuditLedger__factory.createInterface().encodeFunctionData("batchOf", [`0x${"41".repeat(18)}`, 1]);
const supersessionOf = AuditLedger__factory.createInterface().encodeFunctionData("supersessionOf", [
  `0x${"41".repeat(18)}`,
  `0x${"00".repeat(32)}`,
]);
const endingWith = (time: number) => `0x${"ab".repeat(32)}${time.toString(16).padStart(64, "0")}`;

describe("what is kept of a node's answers", () => {
  const cases: readonly (readonly [what: string, kept: boolean, method: string, params: unknown[], answer: unknown])[] =
    [
      ["who the chain is", true, "eth_chainId", [], "0x1"],
      ["a final block", true, "eth_getBlockByNumber", ["0x10", false], { number: "0x10" }],
      ["a block after it", false, "eth_getBlockByNumber", ["0x11", false], { number: "0x11" }],
      ["a block that is not there yet", false, "eth_getBlockByNumber", ["0x10", false], null],
      ["the newest block", false, "eth_getBlockByNumber", ["latest", false], { number: "0x10" }],
      ["a final transaction", true, "eth_getTransactionReceipt", ["0x"], { blockNumber: "0x10" }],
      ["a later transaction", false, "eth_getTransactionReceipt", ["0x"], { blockNumber: "0x11" }],
      ["an unknown transaction", false, "eth_getTransactionReceipt", ["0x"], null],
      ["a transaction in no block", false, "eth_getTransactionReceipt", ["0x"], { blockNumber: null }],
      ["a batch of before", true, "eth_call", [{ data: batchOf }, "latest"], endingWith(999)],
      ["a batch of the final block's time", false, "eth_call", [{ data: batchOf }, "latest"], endingWith(1_000)],
      ["no batch", false, "eth_call", [{ data: batchOf }, "latest"], endingWith(0)],
      ["what became of a record", false, "eth_call", [{ data: supersessionOf }, "latest"], endingWith(999)],
      ["events", false, "eth_getLogs", [{}], []],
    ];
  for (const [what, kept, method, params, answer] of cases)
    it(`${kept ? "is" : "is not"} ${what}`, () => expect(isLasting(method, params, answer, final)).to.equal(kept));

  it("is nothing while no final block is known", () => {
    const none = { number: -1, time: 0 };
    expect(isLasting("eth_getBlockByNumber", ["0x0", false], { number: "0x0" }, none)).to.equal(false);
    expect(isLasting("eth_call", [{ data: batchOf }, "latest"], endingWith(1), none)).to.equal(false);
  });
});
