import { SimpleMerkleTree } from "@openzeppelin/merkle-tree";
import { concat, keccak256, TypedDataEncoder } from "ethers";
import { proveStream, vrfPublicKey, type Hex, type Kind, type Subject } from "@quanlian/proof";
import { ENTERPRISE, MUNICIPAL, OTHER_ENTERPRISE, PERSON, seededBytes } from "../../proof/testing/world.ts";
import { otherHex, type VectorCase, type VectorFile } from "./case.ts";

const random = seededBytes("tree");
const word = (): Hex => `0x${Buffer.from(random(32)).toString("hex")}`;
const ZERO: Hex = `0x${"00".repeat(32)}`;

/** Expected values here come from @openzeppelin/merkle-tree and ethers, not from the code under test. */
function trees(): VectorCase[] {
  return [1, 2, 3, 4, 5, 7, 8, 9, 31].map((count) => {
    const recordHashes = Array.from({ length: count }, word);
    const tree = SimpleMerkleTree.of(
      recordHashes.map((recordHash) => keccak256(recordHash)),
      { sortLeaves: false },
    );
    const expected = { root: tree.root, paths: recordHashes.map((_, i) => tree.getProof(i)) };
    return { id: `tree/${count}`, note: `${count} leaves`, op: "merkleTree", input: { recordHashes }, expected };
  });
}

function heads(): VectorCase[] {
  const pairs = Array.from({ length: 4 }, () => `${word()}${word().slice(2)}` as Hex);
  const fold = (list: readonly Hex[], from: Hex) =>
    list.reduce((head, pair) => keccak256(concat([head, pair])) as Hex, from);
  const half = fold(pairs.slice(0, 2), ZERO);
  const key: Hex = `0xa5c3${"00".repeat(30)}`;
  const bucket = (prefixBits: number, expected: string): VectorCase => ({
    id: `bucket/${prefixBits}`,
    note: `first ${prefixBits} bits`,
    op: "bucket",
    input: { streamKey: key, prefixBits },
    expected: { bucket: expected },
  });
  return [
    {
      id: "head/empty",
      note: "nothing anchored",
      op: "head",
      input: { pairs: [], from: ZERO },
      expected: { head: ZERO },
    },
    {
      id: "head/four",
      note: "four pairs",
      op: "head",
      input: { pairs, from: ZERO },
      expected: { head: fold(pairs, ZERO) },
    },
    {
      id: "head/continued",
      note: "the last two pairs, from the head after the first two",
      op: "head",
      input: { pairs: pairs.slice(2), from: half },
      expected: { head: fold(pairs, ZERO) },
    },
    {
      id: "head/swapped",
      note: "order matters",
      op: "head",
      input: { pairs: pairs.toReversed(), from: ZERO },
      expected: { head: fold(pairs.toReversed(), ZERO) },
    },
    {
      id: "entries/four",
      note: "hash over all entries",
      op: "entriesHash",
      input: { pairs },
      expected: { entriesHash: keccak256(concat(pairs)) },
    },
    bucket(0, "0x0"),
    bucket(1, "0x1"),
    bucket(4, "0xa"),
    bucket(7, "0x52"),
    bucket(8, "0xa5"),
    bucket(16, "0xa5c3"),
    bucket(20, "0xa5c30"),
    bucket(256, key),
  ];
}

function digests(): VectorCase[] {
  const batch = { department: MUNICIPAL, kind: 4, year: 2026, sequence: 17, entriesHash: word() };
  const [chainId, ledger] = [31337, "0x5fbdb2315678afecb367f032d93f642f64180aa3"];
  const types = {
    Batch: [
      { name: "department", type: "bytes18" },
      { name: "kind", type: "uint8" },
      { name: "year", type: "uint16" },
      { name: "sequence", type: "uint64" },
      { name: "entriesHash", type: "bytes32" },
    ],
  };
  const domain = { name: "Quanlian AuditLedger", version: "1", chainId, verifyingContract: ledger };
  const department = `0x${Buffer.from(MUNICIPAL).toString("hex")}`;
  const digest = TypedDataEncoder.hash(domain, types, { ...batch, department });
  return [
    {
      id: "batch/digest",
      note: "EIP-712",
      op: "batchDigest",
      input: { chainId, ledger, ...batch },
      expected: { digest },
    },
  ];
}

function streams(): VectorCase[] {
  const secretKey = random(32);
  const publicKey = vrfPublicKey(secretKey);
  const stream = (id: string, note: string, subject: Subject, kind: Kind, year: number): VectorCase => {
    const { streamKey, proof } = proveStream(secretKey, subject, kind, year);
    return {
      id: `stream/${id}`,
      note,
      op: "verifyStream",
      input: { publicKey, subject, kind, year, proof },
      expected: { streamKey },
    };
  };
  const base = stream("enterprise", "an enterprise", ENTERPRISE, 4, 2026);
  const bad = (id: string, note: string, change: Record<string, unknown>): VectorCase => ({
    ...base,
    id: `stream/${id}`,
    note,
    input: { ...base.input, ...change },
    expected: { streamKey: null },
  });
  const proof = base.input.proof as Hex;
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(proof.slice(98), "hex").reverse().toString("hex")}`) + order;
  const beyond = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse().toString("hex");
  return [
    base,
    stream("other-kind", "the same, another kind", ENTERPRISE, 5, 2026),
    stream("person", "a person; the year needs both bytes", PERSON, 1, 9999),
    bad("subject", "a proof for another subject", { subject: OTHER_ENTERPRISE }),
    bad("subject-type", "the same id as a person's", { subject: { type: "person", id: ENTERPRISE.id } }),
    bad("kind", "a proof for another kind", { kind: 5 }),
    bad("year", "a proof for another year", { year: 2025 }),
    bad("key", "another VRF key", { publicKey: vrfPublicKey(random(32)) }),
    bad("gamma", "another point", { proof: `0x${"01".padEnd(64, "0")}${proof.slice(66)}` }),
    bad("c", "another challenge", { proof: `${proof.slice(0, 66)}${"0".repeat(32)}${proof.slice(98)}` }),
    bad("s", "another s", { proof: `${proof.slice(0, 98)}${"00".repeat(32)}` }),
    bad("s-beyond", "s + q: a second text for the same proof", { proof: `${proof.slice(0, 98)}${beyond}` }),
    bad("short", "79 bytes", { proof: proof.slice(0, -2) }),
    bad("long", "81 bytes", { proof: `${proof}00` }),
    bad("small-order", "a public key of small order", { publicKey: `0x${"ec".padEnd(62, "f")}7f` }),
    bad("not-a-point", "a public key that is not on the curve", { publicKey: `0x02${"00".repeat(31)}` }),
    bad("non-canonical", "y = p + 1, a second text for the neutral point", { publicKey: `0xee${"ff".repeat(30)}7f` }),
    bad("bit", "the last bit of the proof", { proof: otherHex(proof) }),
  ];
}

export function treeVectors(): VectorFile {
  return {
    about: "Stream keys, buckets, heads, batches: docs/format.md §§3–5.",
    defaults: {},
    cases: [...trees(), ...heads(), ...digests(), ...streams()],
  };
}
