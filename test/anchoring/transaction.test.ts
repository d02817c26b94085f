import { expect } from "chai";
import { Interface, SigningKey, Transaction, computeAddress, hexlify } from "ethers";
import fc from "fast-check";
import { anchorCall } from "../../backend/src/chain/anchor-call.ts";
import { AuditLedger__factory } from "../../backend/src/chain/contracts/index.ts";
import { signTransaction } from "../../backend/src/chain/transaction.ts";
import type { Hex } from "../../proof/src/index.ts";

const bytes = (least: number, most = least) =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((some) => hexlify(some) as Hex);
const department = "11110108MB0123456A";

describe("anchoring: calldata, beside ethers' encoder", () => {
  const ledger = new Interface(AuditLedger__factory.abi);
  const selector = ledger.getFunction("anchor")!.selector as Hex;
  const content = fc.record({
    kind: fc.constantFrom(1, 2, 3, 4, 5),
    year: fc.integer({ min: 1900, max: 65_535 }),
    sequence: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  });
  const entries = fc.array(fc.record({ streamKey: bytes(32), recordHash: bytes(32) }), { maxLength: 40 });

  it("is the same for any batch and any signature", () => {
    fc.assert(
      fc.property(content, entries, bytes(0, 100), (batch, some, signature) => {
        const args = [`0x${Buffer.from(department).toString("hex")}`, batch.kind, batch.year, batch.sequence];
        const expected = ledger.encodeFunctionData("anchor", [...args, some, signature]);
        expect(hexlify(anchorCall(selector, { department, ...batch }, some, signature))).to.equal(expected);
      }),
    );
  });
});

describe("anchoring: transactions, as ethers reads them", () => {
  const key = new SigningKey(`0x${"17".repeat(32)}`);
  const fee = fc.bigInt({ min: 0n, max: 2n ** 80n });
  const call = fc.record({
    chainId: fc.integer({ min: 1, max: 2 ** 31 }),
    nonce: fc.oneof(fc.nat({ max: 300 }), fc.nat()),
    gasLimit: fc.bigInt({ min: 0n, max: 2n ** 24n }),
    base: fee,
    maxPriorityFeePerGas: fee,
    to: bytes(20),
    data: fc.oneof(
      fc.uint8Array({ maxLength: 2 }),
      fc.uint8Array({ maxLength: 70 }),
      fc.uint8Array({ minLength: 250, maxLength: 70_000 }),
    ),
  });

  it("carry every field, the sender and the hash", () => {
    fc.assert(
      fc.property(call, ({ data, base, ...given }) => {
        const rest = { ...given, maxFeePerGas: base + given.maxPriorityFeePerGas };
        const { hash, nonce, raw } = signTransaction({ ...rest, data }, key);
        const read = Transaction.from(hexlify(raw));
        expect(read.from).to.equal(computeAddress(key));
        expect(read.hash).to.equal(hash);
        expect(nonce).to.equal(rest.nonce);
        expect(fieldsOf(read)).to.deep.equal({
          ...rest,
          chainId: BigInt(rest.chainId),
          data: hexlify(data),
          value: 0n,
        });
        expect(read.serialized, "canonical").to.equal(hexlify(raw));
      }),
    );
  });
});

function fieldsOf({ chainId, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, to, data, value }: Transaction) {
  return { chainId, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas, to: to!.toLowerCase(), data, value };
}
