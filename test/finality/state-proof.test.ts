import { expect } from "chai";
import { encodeRlp, getBytes, hexlify, id, keccak256, toBeHex, ZeroHash } from "ethers";
import fc from "fast-check";
import type { Hex } from "../../proof/src/bytes.ts";
import { readAccount, readStorage } from "../../proof/src/finality/account.ts";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import { buildTrie } from "../../proof/src/finality/build-trie.ts";
import { verifyFinalityProof, type FinalityProof } from "../../proof/src/finality/finality-proof.ts";
import { EMPTY_TRIE_ROOT, proofNodes, type ProofNodes } from "../../proof/src/finality/trie.ts";
import { qbftJudge } from "../../proof/src/finality/qbft.ts";
import type { QbftTrust } from "../../proof/src/finality/validators.ts";
import type { Json } from "../../proof/src/json.ts";
import { besuTrust, network } from "./besu.ts";
import { addresses, institutions, sealBlock } from "./sealed-chain.ts";
import { stateOf } from "./state.ts";

const members = institutions("state", 4);
const trust: QbftTrust = {
  epochLength: 30_000,
  sets: [{ from: 0, until: null, validators: addresses(members) }],
  pins: [],
};

const [ledger, registry, bystander, nobody] = ["ledger", "registry", "bystander", "nobody"].map(
  (name) => id(name).slice(0, 42) as Hex,
) as [Hex, Hex, Hex, Hex];

function word(value: number): Hex {
  return toBeHex(value, 32) as Hex;
}

const used = Array.from({ length: 60 }, (_, i) => word(i));
const state = stateOf({
  [ledger]: Object.fromEntries(used.map((slot, i) => [slot, getBytes(encodeRlp(id(`word ${i}`)))])),
  [registry]: { [word(5)]: getBytes(encodeRlp("0x07")) },
  [bystander]: {},
});
const header = hexlify(sealBlock({ number: 300, members, stateRoot: state.root }).raw) as Hex;
const accounts: FinalityProof["accounts"] = [
  { address: ledger, slots: [...used.slice(0, 20), word(1000)] },
  { address: registry, slots: [word(5), word(6)] },
  { address: bystander, slots: [word(1)] },
  { address: nobody, slots: [] },
];
const answers = accounts.map(({ address, slots }) => state.answer(address, slots));
const proof = assembleFinalityProof({ header, rawReceipts: [], accounts: answers }, { transactions: [], accounts });

function outcome(candidate: object, trusted = trust): string {
  const answer = verifyFinalityProof(candidate as Json, qbftJudge(trusted), ledger);
  return answer.ok ? "proven" : answer.code;
}

describe("A state proof", () => {
  it("of a real Besu network reads what the node said, absence included", () => {
    const { proof: account, proofNoAccount, proofBlock } = network;
    const slots = account.storageProof.map(({ key }) => toBeHex(BigInt(key), 32) as Hex);
    const asked = [
      { address: account.address, slots },
      { address: proofNoAccount.address, slots: [] },
    ];
    const said = { header: network.rawHeaders[2]!, rawReceipts: [], accounts: [account, proofNoAccount] };
    const real = assembleFinalityProof(said, { transactions: [], accounts: asked });
    const read = verifyFinalityProof(real, qbftJudge(besuTrust), ledger);
    if (!read.ok) return expect.fail(read.code);
    expect(read.block.hash).to.equal(proofBlock.hash);
    expect(read.accounts.get(proofNoAccount.address)).to.equal(null);
    const contract = read.accounts.get(account.address)!;
    expect(contract.codeHash).to.equal(account.codeHash);
    const values = account.storageProof.map(({ value }) => toBeHex(BigInt(value), 32));
    expect([...contract.slots.values()]).to.deep.equal(values);
  });

  it("says each word, zero where there is none, and which account does not exist", () => {
    const read = verifyFinalityProof(proof, qbftJudge(trust), ledger);
    if (!read.ok) return expect.fail(read.code);
    const words = read.accounts.get(ledger)!.slots;
    used.slice(0, 20).forEach((slot, i) => expect(words.get(slot)).to.equal(id(`word ${i}`)));
    expect(words.get(word(1000))).to.equal(ZeroHash);
    expect(words.has(word(30))).to.equal(false);
    expect([...read.accounts.get(registry)!.slots.values()]).to.deep.equal([word(7), ZeroHash]);
    expect([...read.accounts.get(bystander)!.slots.values()]).to.deep.equal([ZeroHash]);
    expect(read.accounts.get(nobody)).to.equal(null);
  });

  it("keeps shared nodes once", () => {
    const separately = answers.flatMap(({ accountProof, storageProof }) => [
      ...accountProof,
      ...storageProof.flatMap((slot) => slot.proof),
    ]);
    expect(proof.nodes).to.have.members([...new Set(separately)]);
    expect(proof.nodes.length).to.be.lessThan(separately.length);
  });

  it("is the same when a node pads an account without storage with the empty node", () => {
    const padded = answers.map((answer) => ({
      ...answer,
      storageProof: answer.storageProof.map((slot) => ({
        ...slot,
        proof: slot.proof.length > 0 ? slot.proof : (["0x80"] as Hex[]),
      })),
    }));
    const said = { header, rawReceipts: [], accounts: padded };
    expect(assembleFinalityProof(said, { transactions: [], accounts })).to.deep.equal(proof);
  });
});

describe("A state proof is refused", () => {
  it("with a slot, an account or the order changed", () => {
    const [first, ...rest] = accounts;
    const changed = [
      [{ ...first!, slots: [word(40), ...first!.slots.slice(1)] }, ...rest],
      [{ ...first!, slots: [...first!.slots].reverse() }, ...rest],
      [{ ...first!, slots: first!.slots.slice(1) }, ...rest],
      [{ ...first!, slots: [...first!.slots, word(41)] }, ...rest],
      [{ ...first!, address: registry }, ...rest.slice(1)],
      [...rest, first!],
      rest,
    ];
    for (const asked of changed) {
      expect(outcome({ ...proof, accounts: asked })).to.match(/^TRIE_(HASH_MISMATCH|PROOF_(TRUNCATED|OVERLONG))$/);
    }
  });

  it("with nodes missing, surplus, doubled or moved", () => {
    const { nodes } = proof;
    expect(outcome({ ...proof, nodes: nodes.slice(0, -1) })).to.equal("TRIE_PROOF_TRUNCATED");
    expect(outcome({ ...proof, nodes: [...nodes, nodes[0]!] })).to.equal("TRIE_PROOF_OVERLONG");
    expect(outcome({ ...proof, nodes: [nodes[1]!, nodes[0]!, ...nodes.slice(2)] })).to.equal("TRIE_HASH_MISMATCH");
    expect(outcome({ ...proof, nodes: [] })).to.equal("TRIE_PROOF_TRUNCATED");
  });

  it("under the header of another block or of another chain", () => {
    const other = hexlify(sealBlock({ number: 300, members }).raw);
    expect(outcome({ ...proof, header: other })).to.equal("TRIE_HASH_MISMATCH");
    expect(outcome(proof, besuTrust)).to.equal("VALIDATORS_MISMATCH");
  });

  it("when a slot or an account is asked for twice", () => {
    const [first] = accounts;
    const twice = { ...first!, slots: [...first!.slots, first!.slots[0]!] };
    expect(outcome({ ...proof, accounts: [twice, ...accounts.slice(1)] })).to.equal("PROOF_MALFORMED");
    expect(outcome({ ...proof, accounts: [...accounts, first!] })).to.equal("PROOF_MALFORMED");
  });

  it("when the state holds no account or no word where it should", () => {
    const cases: [string, Uint8Array][] = [
      ["ACCOUNT_MALFORMED", getBytes(encodeRlp(["0x01", "0x", id("")]))],
      ["ACCOUNT_MALFORMED", getBytes(encodeRlp(["0x00", "0x", id(""), id("")]))],
      ["ACCOUNT_MALFORMED", getBytes(encodeRlp(["0x01", "0x", "0x12", id("")]))],
    ];
    for (const [code, value] of cases) {
      const [root, nodes] = single(ledger, value);
      const read = readAccount(root, ledger, nodes);
      expect(read.ok ? read : read.code).to.equal(code);
    }
    for (const value of ["0x80", "0x00", "0x820001", "0xc101", `0xa1${"ff".repeat(33)}`]) {
      const [root, nodes] = single(word(1), getBytes(value));
      const read = readStorage(root, word(1), nodes);
      expect(read.ok ? read : read.code).to.equal("STORAGE_VALUE_MALFORMED");
    }
  });

  it("when it is not of the form", () => {
    const wrong = [
      { ...proof, kind: "poa" },
      { ...proof, nodes: "0x" },
      { ...proof, accounts: {} },
      { ...proof, accounts: [{ address: ledger }] },
      { ...proof, accounts: [{ address: ledger.slice(0, -2), slots: [] }] },
      { ...proof, accounts: [{ address: ledger, slots: ["0x01"] }] },
      { ...proof, note: "" },
      null,
      [],
    ];
    for (const candidate of wrong) expect(outcome(candidate as object)).to.equal("PROOF_MALFORMED");
  });

  it("with any one hex digit changed", () => {
    const text = JSON.stringify({ ...proof, accounts: undefined });
    const digits = [...text.matchAll(/0x[0-9a-f]+/g)].flatMap((m) =>
      Array.from({ length: m[0].length - 2 }, (_, i) => m.index + 2 + i),
    );
    fc.assert(
      fc.property(fc.constantFrom(...digits), fc.integer({ min: 1, max: 15 }), (at, by) => {
        const digit = ((parseInt(text[at]!, 16) + by) % 16).toString(16);
        const altered = JSON.parse(text.slice(0, at) + digit + text.slice(at + 1)) as object;
        expect(outcome({ ...altered, accounts: proof.accounts })).to.not.equal("proven");
      }),
    );
  });
});

describe("An account without storage", () => {
  it("reads as zero in every slot, without any node", () => {
    const nodes = proofNodes([]);
    expect(readStorage(EMPTY_TRIE_ROOT, word(3), nodes)).to.deep.equal({ ok: true, value: ZeroHash });
  });
});

/** A trie of one secured key, and its nodes. */
function single(key: Hex, value: Uint8Array): [root: Hex, nodes: ProofNodes] {
  const secured = getBytes(keccak256(key));
  const trie = buildTrie([{ key: secured, value }]);
  return [trie.root, proofNodes(trie.prove(secured).map((node) => getBytes(node)))];
}
