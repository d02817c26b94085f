import { expect } from "chai";
import { encodeRlp, getBytes, hexlify, id, toBeArray, toBeHex, ZeroAddress, ZeroHash, type Signer } from "ethers";
import {
  AccessManager__factory,
  AuditLedger__factory,
  DepartmentRegistry__factory,
  type AuditLedger,
  type DepartmentRegistry,
} from "../../backend/src/chain/contracts/index.ts";
import { departmentBytes } from "../../backend/src/chain/batch-signing.ts";
import type { Hex } from "../../proof/src/bytes.ts";
import { StateUnavailable, type ChainReader } from "../../proof/src/chain.ts";
import { assembleFinalityProof } from "../../proof/src/finality/assemble.ts";
import { verifyFinalityProof, type FinalityProof, type Proven } from "../../proof/src/finality/finality-proof.ts";
import { provenChain } from "../../proof/src/finality/proven-chain.ts";
import { qbftJudge } from "../../proof/src/finality/qbft.ts";
import { ledgerSlots, registrySlots } from "../../proof/src/finality/storage.ts";
import { bucketOf, entriesHash, type Entry } from "../../proof/src/head.ts";
import type { Json } from "../../proof/src/json.ts";
import { merkleTree } from "../../proof/src/tree.ts";
import type { Kind } from "../../proof/src/words.ts";
import { startNode, type TestNode } from "./node.ts";
import { batch } from "./anchored.ts";
import { addresses, institutions, sealBlock } from "./sealed-chain.ts";
import { stateOf } from "./state.ts";

const department = "11110105MB0000001X";
const reviewer = "11110000MB0000002A";
const [thumbprint, revoked, unknownKey] = ["statement key", "revoked key", "unknown key"].map(
  (name) => id(name) as Hex,
) as [Hex, Hex, Hex];
const prefixBits = 8;
const members = institutions("proven", 4);
const trust = { epochLength: 1000, sets: [{ from: 0, until: null, validators: addresses(members) }], pins: [] };

/** Calls whose replies the transaction that is mined. */
async function mined(sent: Promise<{ wait(): Promise<unknown> }>): Promise<void> {
  await (await sent).wait();
}

async function deploy(admin: Signer, signer: Signer) {
  const manager = await new AccessManager__factory(admin).deploy(await admin.getAddress());
  const registry = await new DepartmentRegistry__factory(admin).deploy(await manager.getAddress(), id("VRF key"));
  const ledger = await new AuditLedger__factory(admin).deploy(await registry.getAddress(), prefixBits);
  for (const code of [department, reviewer]) {
    await mined(registry.register(departmentBytes(code), 1 << 4, await signer.getAddress()));
  }
  return { registry, ledger };
}

async function anchor(ledger: AuditLedger, signer: Signer, sequence: number, entries: readonly Entry[]): Promise<void> {
  const { chainId } = await ledger.runner!.provider!.getNetwork();
  const domain = { name: "Quanlian AuditLedger", version: "1", chainId, verifyingContract: await ledger.getAddress() };
  const fields = [
    ["department", "bytes18"],
    ["kind", "uint8"],
    ["year", "uint16"],
    ["sequence", "uint64"],
    ["entriesHash", "bytes32"],
  ].map(([name, type]) => ({ name: name!, type: type! }));
  const content = {
    department: departmentBytes(department),
    kind: 4,
    year: 2025,
    sequence,
    entriesHash: entriesHash(entries),
  };
  const signature = await signer.signTypedData(domain, { Batch: fields }, content);
  await mined(ledger.anchor(content.department, 4, 2025, sequence, [...entries], signature));
}

describe("A chain known from one proven block", function () {
  let node: TestNode;
  let registry: DepartmentRegistry;
  let ledger: AuditLedger;
  let reader: ChainReader;
  let proof: FinalityProof;
  let blockNumber: number;
  const entries = [0, 1, 2].map((i): Entry => ({
    streamKey: id(`stream ${i}`) as Hex,
    recordHash: id(`record ${i}`) as Hex,
  }));
  const bucket = bucketOf(entries[0]!.streamKey, prefixBits);
  const emptyBucket = bucketOf(`0x${"77".repeat(32)}`, prefixBits);
  const moments: number[] = [];

  before(async () => {
    node = await startNode();
    const [admin, signer] = [await node.provider.getSigner(0), await node.provider.getSigner(1)];
    ({ registry, ledger } = await deploy(admin, signer));
    const now = async () => (await node.provider.getBlock("latest"))!.timestamp;
    const wait = async () => {
      await node.provider.send("evm_increaseTime", [100]);
      await node.provider.send("evm_mine", []);
      moments.push(await now());
    };
    moments.push(await now());
    for (const key of [thumbprint, revoked]) await mined(registry.addStatementKey(departmentBytes(department), key));
    await wait();
    await anchor(ledger, signer, 1, entries);
    await mined(registry.revokeKey(departmentBytes(department), revoked, await now()));
    await mined(registry.suspend(departmentBytes(department)));
    await wait();
    await mined(registry.resume(departmentBytes(department)));
    await mined(registry.setCapabilities(departmentBytes(department), (1 << 4) | (1 << 5)));
    await wait();
    proof = await prove();
    const read = verifyFinalityProof(proof, qbftJudge(trust), lower(await ledger.getAddress()));
    if (!read.ok) throw new Error(read.code);
    reader = provenChain(read, await trusted());
  });

  after(() => node.stop());

  async function trusted() {
    const [ledgerAddress, registryAddress] = [lower(await ledger.getAddress()), lower(await registry.getAddress())];
    return {
      chainId: 31337,
      genesisHash: id("genesis") as Hex,
      ledger: ledgerAddress,
      registry: registryAddress,
      predecessors: [],
    };
  }

  /** Everything that the questions below need, as of now, in a block that validators have sealed. */
  async function prove(): Promise<FinalityProof> {
    const { ledger: ledgerAddress, registry: registryAddress } = await trusted();
    const history = Array.from({ length: 4 }, (_, i) => registrySlots.historyEntry(department, i));
    const accounts = [
      {
        address: ledgerAddress,
        slots: [
          ledgerSlots.retiredFor(),
          ...ledgerSlots.batch(department, 1),
          ...ledgerSlots.batch(department, 2),
          ledgerSlots.head(4, 2025, bucket),
          ledgerSlots.head(4, 2025, emptyBucket),
          ...ledgerSlots.supersession(department, entries[0]!.recordHash),
        ],
      },
      {
        address: registryAddress,
        slots: [
          registrySlots.historyLength(department),
          ...history,
          ...[thumbprint, revoked, unknownKey].map((key) => registrySlots.key(department, key)),
        ],
      },
    ];
    const latest = (await node.provider.getBlock("latest"))!;
    blockNumber = latest.number;
    const state = stateOf(Object.fromEntries(await Promise.all(accounts.map(storedWords))));
    const { raw } = sealBlock({ number: blockNumber, members, stateRoot: state.root, timestamp: latest.timestamp });
    const answers = accounts.map(({ address, slots }) => state.answer(address, slots));
    return assembleFinalityProof(
      { header: hexlify(raw) as Hex, rawReceipts: [], accounts: answers },
      { transactions: [], accounts },
    );
  }

  /** The words of these slots as the node stores them; the trie over them is built anew, since anvil's own keeps zeros. */
  async function storedWords({ address, slots }: FinalityProof["accounts"][number]) {
    const words = await Promise.all(
      slots.map(async (slot) => [slot, await node.provider.getStorage(address, slot)] as const),
    );
    const written = words.filter(([, value]) => value !== ZeroHash);
    return [
      address,
      Object.fromEntries(written.map(([slot, value]) => [slot, getBytes(encodeRlp(toBeArray(value)))])),
    ] as const;
  }

  it("has the trusted identity and the proven block", async () => {
    expect(await reader.chainId()).to.equal(31337);
    expect(await reader.block(0)).to.include({ hash: id("genesis") });
    expect(await reader.finalBlock()).to.deep.equal(await reader.block(blockNumber));
    expect(await reader.block(blockNumber + 1)).to.equal(null);
  });

  it("answers about batches as the contract does", async () => {
    const said = await ledger.batchOf(departmentBytes(department), 1);
    expect(await reader.batchOf(department, 1)).to.deep.equal({
      root: said.root,
      kind: Number(said.kind),
      year: Number(said.year),
      count: Number(said.count),
      anchoredAt: Number(said.anchoredAt),
    });
    expect(said.root).to.equal(merkleTree(entries.map(({ recordHash }) => recordHash)).root);
    expect(await reader.batchOf(department, 2)).to.equal(null);
  });

  it("answers about heads as the contract does, empty buckets included", async () => {
    const head = await ledger.headOf(4, 2025, bucket);
    expect(head).to.not.equal(ZeroHash);
    expect(await reader.hadHead(4, 2025, bucket, head as Hex, blockNumber)).to.equal(true);
    expect(await reader.hadHead(4, 2025, bucket, ZeroHash as Hex, blockNumber)).to.equal(false);
    expect(await reader.hadHead(4, 2025, emptyBucket, ZeroHash as Hex, blockNumber)).to.equal(true);
  });

  it("says that nothing superseded a record and that nobody took over", async () => {
    expect(await reader.supersessionOf(department, entries[0]!.recordHash)).to.equal(null);
    expect(await reader.retirement()).to.equal(null);
    expect(await ledger.retiredFor()).to.equal(ZeroAddress);
  });

  it("judges keys as the contract does, at every moment, for every kind", async () => {
    const answers = new Set<boolean>();
    for (const moment of [0, ...moments, ...moments.map((time) => time + 1), moments.at(-1)! + 1000]) {
      for (const kind of [1, 4, 5] as Kind[]) {
        for (const key of [thumbprint, revoked, unknownKey]) {
          const said = await registry.wasAuthorised(departmentBytes(department), kind, key, moment);
          expect(await reader.wasAuthorised(department, kind, key, moment), `${kind} ${key} ${moment}`).to.equal(said);
          answers.add(said);
        }
      }
    }
    expect(answers.size).to.equal(2);
  });

  it("does not answer where the proof does not reach", async () => {
    const questions = [
      () => reader.hadHead(4, 2025, bucket, ZeroHash as Hex, blockNumber + 1),
      () => reader.batchOf(department, 3),
      () => reader.hadHead(4, 2024, bucket, ZeroHash as Hex, blockNumber),
      () => reader.supersessionOf(department, id("other") as Hex),
      () => reader.wasAuthorised(reviewer, 4, thumbprint, moments[0]!),
      () => reader.wasAuthorised(department, 4, id("other") as Hex, moments[0]!),
      () => reader.transaction(id("hash") as Hex),
    ];
    for (const question of questions) {
      const failure = await question().then(
        () => null,
        (error: unknown) => error,
      );
      expect(failure).to.be.instanceOf(StateUnavailable);
    }
  });

  it("is refused with the state of another block", async () => {
    const later = hexlify(sealBlock({ number: blockNumber, members, stateRoot: id("other state") }).raw);
    const answer = verifyFinalityProof(
      { ...proof, header: later } as unknown as Json,
      qbftJudge(trust),
      lower(await ledger.getAddress()),
    );
    expect(answer.ok ? "proven" : answer.code).to.equal("TRIE_HASH_MISMATCH");
  });
});

describe("A ledger that took over from others", () => {
  const [oldest, older, ledger, heir, registry] = ["a", "b", "c", "d", "e"].map(
    (name) => id(name).slice(0, 42) as Hex,
  ) as [Hex, Hex, Hex, Hex, Hex];
  const blockOf = {
    ok: true,
    hash: id("h"),
    parentHash: id("p"),
    number: 9,
    timestamp: 1,
    stateRoot: id("s"),
    receiptsRoot: id("r"),
    sealers: [],
  } as unknown as Proven["block"];
  const chain = { chainId: 1, genesisHash: id("g") as Hex, ledger, registry, predecessors: [older, oldest] };
  const headSlot = ledgerSlots.head(4, 2025, 3n);
  const [gone, goneInfo] = ledgerSlots.supersession(department, id("gone") as Hex) as [Hex, Hex];
  const byWord = toBeHex((1n << 152n) | (2n << 144n) | BigInt(departmentBytes(reviewer)), 32) as Hex;

  /** Words by ledger; what is not written is proven to be zero. */
  function proven(written: Partial<Record<Hex, Record<Hex, Hex>>>, events: Proven["events"] = []): ChainReader {
    const slots = [headSlot, gone, goneInfo, ledgerSlots.retiredFor(), ...ledgerSlots.batch(department, 17)];
    const accounts = new Map(
      [oldest, older, ledger, heir].map((address) => {
        const words = new Map(slots.map((slot) => [slot, written[address]?.[slot] ?? (ZeroHash as Hex)]));
        return [address, { codeHash: id("code") as Hex, slots: words }] as const;
      }),
    );
    return provenChain({ ok: true, block: blockOf, events, accounts }, chain);
  }

  it("has the heads that it wrote itself, else the newest predecessor's", async () => {
    const [one, two, three] = ["1", "2", "3"].map((name) => id(name) as Hex) as [Hex, Hex, Hex];
    const heads = async (written: Parameters<typeof proven>[0]) => {
      const known = [one, two, three, ZeroHash as Hex];
      const answers = await Promise.all(known.map((head) => proven(written).hadHead(4, 2025, 3n, head, 9)));
      return known.filter((_, i) => answers[i]);
    };
    expect(await heads({ [ledger]: { [headSlot]: one }, [older]: { [headSlot]: two } })).to.deep.equal([one]);
    expect(await heads({ [older]: { [headSlot]: two }, [oldest]: { [headSlot]: three } })).to.deep.equal([two]);
    expect(await heads({ [oldest]: { [headSlot]: three } })).to.deep.equal([three]);
    expect(await heads({})).to.deep.equal([ZeroHash]);
  });

  it("answers nothing when a predecessor was left out of the proof", async () => {
    const partial = {
      ok: true as const,
      block: blockOf,
      events: [],
      accounts: new Map([[ledger, { codeHash: id("") as Hex, slots: new Map([[headSlot, ZeroHash as Hex]]) }]]),
    };
    const failure = await provenChain(partial, chain)
      .hadHead(4, 2025, 3n, ZeroHash as Hex, 9)
      .then(
        () => null,
        (error: unknown) => error,
      );
    expect(failure).to.be.instanceOf(StateUnavailable);
  });

  it("knows a supersession that its heir recorded", async () => {
    const reader = proven({
      [ledger]: { [ledgerSlots.retiredFor()]: toBeHex(heir, 32) as Hex },
      [heir]: { [gone]: id("successor") as Hex, [goneInfo]: byWord },
    });
    expect(await reader.retirement()).to.deep.equal({ successor: heir, block: 9 });
    expect(await reader.supersessionOf(department, id("gone") as Hex)).to.deep.equal({
      successor: id("successor"),
      by: reviewer,
      reason: 2,
      at: 1,
    });
  });

  it("stops at a circle of heirs", async () => {
    const reader = proven({
      [ledger]: { [ledgerSlots.retiredFor()]: toBeHex(heir, 32) as Hex },
      [heir]: { [ledgerSlots.retiredFor()]: toBeHex(ledger, 32) as Hex },
    });
    const failure = await reader.supersessionOf(department, id("gone") as Hex).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(StateUnavailable);
  });

  it("knows a batch from the block's own event, with the block's time", async () => {
    const { root, kind, year, count } = batch;
    const reader = proven({}, [batch]);
    expect(await reader.batchOf(batch.department, batch.sequence)).to.deep.equal({
      root,
      kind,
      year,
      count,
      anchoredAt: 1,
    });
  });
});

function lower(address: string): Hex {
  return hexlify(getBytes(address)) as Hex;
}
