/**
 * Mutates genuine finality proofs, state proofs, headers, receipts and trie nodes, and checks that the code that reads them
 * never throws and never accepts anything that says something else than a genuine one.
 *
 *   node scripts/fuzz-finality.ts [--inputs 1000000] [--seed 1]
 */
import { parseArgs } from "node:util";
import { decodeRlp, encodeRlp, getBytes, hexlify, keccak256, toBeHex, type RlpStructuredData } from "ethers";
import { fromHex, toHex, type Hex } from "../proof/src/bytes.ts";
import { assembleFinalityProof } from "../proof/src/finality/assemble.ts";
import { batchesAnchored } from "../proof/src/finality/batch-anchored.ts";
import { verifyFinalityProof } from "../proof/src/finality/finality-proof.ts";
import { qbftJudge, readQbftHeader } from "../proof/src/finality/qbft.ts";
import { decodeReceipt } from "../proof/src/finality/receipt.ts";
import { proofNodes, readTrie } from "../proof/src/finality/trie.ts";
import { verifyValidatorChanges } from "../proof/src/finality/validator-changes.ts";
import type { QbftTrust } from "../proof/src/finality/validators.ts";
import type { Json } from "../proof/src/json.ts";
import { recoverKey } from "../proof/src/libsecp256k1.ts";
import { anchoredLog, ledger, provenReceipt, rawReceipt } from "../test/finality/anchored.ts";
import { besuTrust, header, network } from "../test/finality/besu.ts";
import { addresses, institution, institutions, sealRun } from "../test/finality/sealed-chain.ts";

const { values: options } = parseArgs({
  options: { inputs: { type: "string", default: "1000000" }, seed: { type: "string", default: "1" } },
});
const total = Number(options.inputs);
const random = generator(Number(options.seed));

/** Uniform integers below `n` (xorshift32). */
function generator(seed: number): (n: number) => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
}

function pick<T>(list: readonly T[]): T {
  return list[random(list.length)]!;
}

/** Bytes that matter to RLP, seals and hex-prefix paths come up more often than others. */
const NOTABLE = [
  0x00, 0x01, 0x1b, 0x20, 0x7f, 0x80, 0x81, 0xa0, 0xb7, 0xb8, 0xb9, 0xbf, 0xc0, 0xc1, 0xf7, 0xf8, 0xf9, 0xff,
];

function mutated(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const once = random(2) === 0 ? mutatedBytes(bytes, other) : mutatedRlp(bytes, other);
  return random(4) === 0 ? mutated(once, other) : once;
}

function mutatedBytes(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random(bytes.length + 1);
  const end = Math.min(bytes.length, at + random(70));
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  const edits: (() => Uint8Array)[] = [
    () => flipped(bytes, random(Math.max(1, bytes.length * 8))),
    () => flipped(bytes, random(Math.max(1, bytes.length * 8))),
    () => Uint8Array.of(...head, pick(NOTABLE), ...tail.subarray(1)),
    () => Uint8Array.of(...head, pick(NOTABLE), ...tail),
    () => Uint8Array.of(...head, ...bytes.subarray(end)),
    () => Uint8Array.of(...bytes.subarray(0, end), ...tail),
    () => head,
    () => Uint8Array.of(...head, ...other.subarray(random(other.length + 1))),
  ];
  return pick(edits)();
}

/** Another item somewhere inside, with all lengths around it right. */
function mutatedRlp(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const type = bytes.length > 1 && bytes[0]! < 0x80 ? 1 : 0; // of an EIP-2718 receipt
  try {
    const tree = mutatedItem(decodeRlp(bytes.subarray(type)), other);
    return Uint8Array.of(...bytes.subarray(0, type), ...getBytes(encodeRlp(tree)));
  } catch {
    return mutatedBytes(bytes, other);
  }
}

function mutatedItem(item: RlpStructuredData, other: Uint8Array): RlpStructuredData {
  if (typeof item === "string") return random(9) === 0 ? [item] : hexlify(mutatedString(getBytes(item), other));
  const at = random(item.length + 1);
  if (at < item.length && random(5) > 0) return item.with(at, mutatedItem(item[at]!, other));
  if (random(9) === 0) return "0x";
  const drop = item.toSpliced(at, 1);
  return pick([
    drop,
    item.toSpliced(at, 0, pick([...item, "0x"])),
    drop.toSpliced(random(item.length + 1), 0, item[at] ?? "0x"),
  ]);
}

function mutatedString(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(pick(NOTABLE));
  const sameLength = [flipped(bytes, random(bytes.length * 8)), bytes.with(random(bytes.length), pick(NOTABLE))];
  const nested = bytes[0]! >= 0xc0 && bytes.length > 60;
  return !nested && random(3) > 0 ? pick(sameLength) : mutatedAt(bytes, other);
}

/** A string that is RLP itself (extra data, the value of a leaf) is opened half of the time. */
function mutatedAt(bytes: Uint8Array, other: Uint8Array): Uint8Array {
  return bytes[0]! >= 0xc0 && random(2) === 0 ? mutatedRlp(bytes, other) : mutatedBytes(bytes, other);
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0) copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** Mutates one text or number inside a JSON value, or drops, doubles or moves an element of a list. */
function mutatedJson(value: Json): Json {
  if (typeof value === "string") return value.startsWith("0x") ? mutatedHex(value as Hex) : `${value}x`;
  if (typeof value === "number") return pick([value + 1, -1, 2 ** 53, 0.5, random(300)]);
  if (Array.isArray(value)) return mutatedList(value);
  if (typeof value !== "object" || value === null) return [value];
  const name = pick(Object.keys(value));
  if (random(50) === 0) return { ...value, [pick(["extra", name])]: pick<Json>([null, "0x", [], {}, 7]) };
  return { ...value, [name]: mutatedJson(value[name]!) };
}

function mutatedHex(text: Hex): string {
  if (random(50) === 0) return pick([text.slice(1), `${text}0`, text.toUpperCase(), `${text} `, "0xzz"]);
  return toHex(mutated(fromHex(text), header(random(3))));
}

function mutatedList(list: Json[]): Json[] {
  const at = random(list.length + 1);
  if (list.length > 0 && random(3) > 0) return list.with(at % list.length, mutatedJson(list[at % list.length]!));
  const drop = list.toSpliced(at, 1);
  return pick([
    drop,
    list.toSpliced(at, 0, pick([...list, "0x"])),
    drop.toSpliced(random(list.length + 1), 0, list[at] ?? "0x80"),
  ]);
}

const members = institutions("fuzz", 4);
const newcomer = institution("fuzz newcomer");
const trust: QbftTrust = {
  epochLength: 1000,
  sets: [{ from: 0, until: null, validators: addresses(members) }],
  pins: [],
};
const [judge, besuJudge, hostJudge] = [qbftJudge(trust), qbftJudge(besuTrust), qbftJudge(besuTrust, recoverKey)];
const receipts = [rawReceipt([]), rawReceipt([anchoredLog()]), rawReceipt([], { status: 0 })];
const finality = provenReceipt({ number: 50, members }, receipts, 1) as unknown as Json;
const slots = network.proof.storageProof.map(({ key }) => toBeHex(BigInt(key), 32) as Hex);
const answers = {
  header: network.rawHeaders[2]!,
  rawReceipts: [],
  accounts: [network.proof, network.proofNoAccount],
};
const state = assembleFinalityProof(answers, {
  transactions: [],
  accounts: [
    { address: network.proof.address, slots },
    { address: network.proofNoAccount.address, slots: [] },
  ],
}) as unknown as Json;
const votes = sealRun(
  10,
  members.slice(0, 3).map((miner) => ({ members, miner, vote: { recipient: newcomer.address, add: true } })),
).map(({ raw }) => raw);
const nodes = [...network.proof.accountProof, ...network.proof.storageProof.flatMap(({ proof }) => proof)].map(fromHex);
const rawReceipts = [...receipts, ...network.rawReceipts].map(fromHex);

/** What a reader made of an input: a code, or the text of what it accepted. */
type Outcome = { readonly code: string; readonly said?: string };

function heard(answer: { ok: boolean; code?: string }): Outcome {
  return answer.ok ? { code: "accepted", said: JSON.stringify(answer, spreadMaps) } : { code: answer.code! };
}

function spreadMaps(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hexlify(value);
  return value instanceof Map ? [...value] : value;
}

/** Seals may come in any order, and the block be decided in any round: neither changes what is said. */
function withoutSealers(outcome: Outcome): Outcome {
  return { ...outcome, said: outcome.said?.replace(/"sealers":\[[^\]]*\]/, "") };
}

const genuine = new Set(
  [
    ...[0, 1, 2].map((i) => heard(besuJudge(header(i)))),
    heard(verifyFinalityProof(finality, judge, ledger)),
    heard(verifyFinalityProof(state, besuJudge, ledger)),
    heard(verifyValidatorChanges(votes, trust)),
  ].map((outcome) => withoutSealers(outcome).said),
);

/** Readers of whole proofs: what they accept must be genuine. */
const judged: Record<string, () => Outcome> = {
  header: () => bothWays(mutated(header(random(3)), header(random(3)))),
  finality: () => heard(verifyFinalityProof(mutatedJson(finality), judge, ledger)),
  state: () => heard(verifyFinalityProof(mutatedState(), besuJudge, ledger)),
  changes: () => heard(verifyValidatorChanges(votes.with(random(3), mutated(votes[random(3)]!, header(0))), trust)),
};

/** Both ways to find out who sealed must come to the same. */
function bothWays(raw: Uint8Array): Outcome {
  const [own, host] = [besuJudge(raw), hostJudge(raw)];
  if (JSON.stringify(own) !== JSON.stringify(host))
    throw new Error(`judged differently: ${JSON.stringify([own, host])}: ${toHex(raw)}`);
  return heard(own);
}

/** A slot or an account fewer is another question, not a forgery: only the nodes and the header are mutated. */
function mutatedState(): Json {
  const { header: raw, nodes: pool, ...rest } = state as { [name: string]: Json };
  if (random(4) === 0) return { ...rest, header: mutatedJson(raw!), nodes: pool! };
  return { ...rest, header: raw!, nodes: mutatedJson(pool!) };
}

/** Readers of inner parts, reached as if every hash above were right: they must not throw. */
const survived: Record<string, () => Outcome> = {
  pinned: pinnedHeader,
  node: () => {
    const node = mutated(pick(nodes), pick(nodes));
    const key = getBytes(keccak256(slots[random(3)]!)).subarray(random(32));
    return { code: heard(readTrie(getBytes(keccak256(node)), key, proofNodes([node]))).code };
  },
  receipt: () => {
    const read = decodeReceipt(mutated(pick(rawReceipts), pick(rawReceipts)));
    return { code: heard(read.ok ? batchesAnchored(read.logs, ledger) : read).code };
  },
};

/** A mutated header that the trust list pins, so that the proof below it is judged too. */
function pinnedHeader(): Outcome {
  const { header: raw } = finality as { header: Hex };
  const altered = mutated(fromHex(raw), header(0));
  const read = readQbftHeader(altered);
  if ("code" in read) return { code: read.code };
  const pins = [{ number: read.header.number, hash: read.hash }];
  const proof = { ...(mutatedJson(finality) as object), header: toHex(altered) };
  return { code: heard(verifyFinalityProof(proof, qbftJudge({ ...trust, pins }), ledger)).code };
}

function run(): void {
  const codes = new Map<string, number>();
  let slowest = 0;
  const started = performance.now();
  for (let i = 0; i < total; i++) {
    const [name, attempt] = pick([...Object.entries(judged), ...Object.entries(survived)]);
    const before = process.cpuUsage();
    const outcome = withoutSealers(attempt());
    slowest = Math.max(slowest, process.cpuUsage(before).user / 1000);
    if (outcome.said && !genuine.has(outcome.said))
      throw new Error(`input ${i} of ${name} was accepted: ${outcome.said}`);
    const key = `${name} ${outcome.code}`;
    codes.set(key, (codes.get(key) ?? 0) + 1);
    if ((i + 1) % 100_000 === 0) console.error(`${i + 1} inputs`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  for (const [code, count] of [...codes].sort()) console.log(`${String(count).padStart(9)}  ${code}`);
  console.log(`${total} mutated inputs, seed ${options.seed}, ${seconds} s: no exception, nothing forged accepted`);
  console.log(`most processor time for one input: ${slowest.toFixed(1)} ms`);
}

run();
