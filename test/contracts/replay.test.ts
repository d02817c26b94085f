import { expect } from "chai";
import { id } from "ethers";
import { foldHead, type Hex } from "@quanlian/proof";
import { compareWithViews, replay } from "../../scripts/replay.ts";
import {
  ALL_KINDS,
  anchor,
  batch,
  capabilities,
  COURT,
  department,
  entry,
  ethers,
  HOUSING,
  KIND,
  MARKET,
  networkHelpers,
  newSigner,
  onlyRecordOf,
  REASON,
  signBatch,
  signerKey,
  startNetwork,
  supersede,
  type Batch,
} from "./network.ts";

/** A life of everything: three departments, several kinds and years, a relay, corrections, a stolen key, a suspension. */
async function eventfulNetwork() {
  const net = await startNetwork(8);
  const { ledger, registry, housing, court, market, govern, people } = net;
  const call = registry.interface.encodeFunctionData.bind(registry.interface);
  const many = (label: string, count: number) =>
    Array.from({ length: count }, (_, i) => entry(`${label} ${i}`, `subject ${i % 7}`));
  const batches: Batch[] = [
    batch({ entries: many("penalties", 40) }),
    batch({ sequence: 2, kind: KIND.CREDIT, year: 2025, entries: many("listings", 3) }),
    batch({ department: COURT, entries: [entry("ruling")] }),
    batch({ sequence: 3, entries: [entry("penalty")] }),
  ];
  for (const b of batches) await anchor(ledger, b.department === COURT ? court : housing, b);
  await supersede(ledger, court, onlyRecordOf(batches[3]!), onlyRecordOf(batches[2]!), REASON.ANNULMENT);

  await govern(
    people.registrar,
    registry,
    call("addStatementKey", [HOUSING, id("statement key")]),
    call("setCapabilities", [MARKET, ALL_KINDS & ~capabilities(KIND.SERVICE)]),
    call("register", [department("11110000MA0FICT04D"), ALL_KINDS, newSigner("planning").address]),
    call("setCapabilities", [department("11110000MA0FICT04D"), capabilities(KIND.CREDIT)]),
  );
  const now = await networkHelpers.time.latest();
  await registry.connect(people.sentinel).revokeKey(HOUSING, id("statement key"), now - 5);
  await registry.connect(people.sentinel).revokeKey(HOUSING, signerKey(housing.address), now - 5);
  await registry.connect(people.sentinel).suspend(COURT);
  await govern(
    people.registrar,
    registry,
    call("rotateSigner", [HOUSING, newSigner("housing's next").address]),
    call("rotateSigner", [HOUSING, newSigner("housing's third").address]),
    call("resume", [COURT]),
  );

  const relayed: Batch[] = [
    batch({ department: MARKET, entries: many("market", 5) }),
    batch({ department: MARKET, sequence: 2, entries: many("market's", 2) }),
  ];
  const calls = [];
  for (const b of relayed) {
    const { department, kind, year, sequence, entries } = b;
    const signature = await signBatch(market, ledger, b);
    calls.push(ledger.interface.encodeFunctionData("anchor", [department, kind, year, sequence, entries, signature]));
  }
  const relay = await ethers.deployContract("Relay");
  await relay.getFunction("anchorAll")(ledger, calls);
  const replayed = await replay(ethers.provider, {
    ledger: net.deployment.ledger,
    fromBlock: net.deployment.block,
  });
  return { ...net, replayed, batches: [...batches, ...relayed] };
}

describe("Replay from the chain alone", () => {
  it("finds every batch with its entries in order, direct or relayed by a contract", async () => {
    const { replayed, batches } = await networkHelpers.loadFixture(eventfulNetwork);
    const told = replayed.batches.map(({ department, kind, year, sequence, entries }) => ({
      department,
      kind,
      year,
      sequence,
      entries,
    }));
    expect(told).to.deep.equal(batches);
  });

  it("rebuilds each bucket's ordered pairs and each head", async () => {
    const { replayed, batches, ledger } = await networkHelpers.loadFixture(eventfulNetwork);
    expect(replayed.buckets.flatMap(({ pairs }) => pairs)).to.have.length(
      batches.reduce((sum, { entries }) => sum + entries.length, 0),
    );
    for (const { kind, year, bucket, pairs, head } of replayed.buckets) {
      expect(await ledger.headOf(kind, year, bucket)).to.equal(head);
      expect(foldHead(pairs.toReversed()) === head).to.equal(pairs.length === 1);
    }
  });

  it("rebuilds supersessions, histories and the life of each key, as the contracts answer them", async () => {
    const { replayed } = await networkHelpers.loadFixture(eventfulNetwork);
    expect(replayed.supersessions).to.have.length(1);
    expect(replayed.registry.departments.size).to.equal(4);
    expect(replayed.registry.departments.get(HOUSING)!.keys.size).to.equal(4);
    expect(replayed.registry.vrfKeys).to.deep.equal([{ key: id("VRF public key"), fromYear: 0 }]);
    expect(await compareWithViews(ethers.provider, replayed)).to.deep.equal([]);
  });

  it("names what the contracts answer otherwise", async () => {
    const { replayed } = await networkHelpers.loadFixture(eventfulNetwork);
    const tampered = structuredClone(replayed);
    tampered.buckets[0]!.head = id("another head") as Hex;
    tampered.batches[1]!.anchoredAt += 1;
    tampered.lastSequences.set(COURT, 2);
    tampered.supersessions[0]!.successor = id("another successor");
    tampered.registry.departments.get(MARKET)!.history[0]!.suspended = true;
    tampered.registry.departments.get(HOUSING)!.keys.get(id("statement key"))!.until += 1;
    expect(await compareWithViews(ethers.provider, tampered)).to.have.length(6);
  });

  it("stops at the block it is told", async () => {
    const { replayed, deployment } = await networkHelpers.loadFixture(eventfulNetwork);
    const toBlock = replayed.batches[1]!.blockNumber;
    const earlier = await replay(ethers.provider, { ledger: deployment.ledger, fromBlock: deployment.block, toBlock });
    expect(earlier.batches).to.deep.equal(replayed.batches.slice(0, 2));
    expect(earlier.supersessions).to.deep.equal([]);
    expect(await compareWithViews(ethers.provider, earlier)).to.deep.equal([]);
  });

  it("rebuilds nothing out of an empty ledger", async () => {
    const net = await startNetwork();
    const empty = await replay(ethers.provider, { ledger: net.deployment.ledger });
    expect(empty.batches).to.deep.equal([]);
    expect(empty.checkpoint).to.equal(`0x${"00".repeat(32)}`);
  });
});
