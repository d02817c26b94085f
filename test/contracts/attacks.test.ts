import { expect } from "chai";
import { concat, dataSlice, getBytes, id, Signature, toBeHex, zeroPadValue } from "ethers";
import { merkleTree, type Hex } from "@quanlian/proof";
import {
  ALL_KINDS,
  anchor,
  batch,
  capabilities,
  COURT,
  deployLedger,
  domain,
  entry,
  ethers,
  HOUSING,
  KIND,
  MARKET,
  networkHelpers,
  newSigner,
  onlyRecordOf,
  REASON,
  REVIEW,
  send,
  signBatch,
  startNetwork,
  supersede,
  type Batch,
} from "./network.ts";

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

async function network() {
  return startNetwork();
}

type Net = Awaited<ReturnType<typeof network>>;

const expectForged = (net: Net, attempt: Promise<unknown>, signer = net.housing.address) =>
  expect(attempt).to.be.revertedWithCustomError(net.ledger, "AuditLedgerInvalidSignature").withArgs(HOUSING, signer);

describe("Attacks on a batch", () => {
  let net: Net;
  beforeEach(async () => {
    net = await networkHelpers.loadFixture(network);
  });

  describe("replay", () => {
    it("of a batch that was anchored already", async () => {
      const b = batch();
      const signature = await signBatch(net.housing, net.ledger, b);
      await send(net.ledger, b, signature);
      await expect(send(net.ledger, b, signature))
        .to.be.revertedWithCustomError(net.ledger, "AuditLedgerWrongSequence")
        .withArgs(HOUSING, 2, 1);
    });

    it("of a batch signed for another chain", async () => {
      const signature = await signBatch(net.housing, net.ledger, batch(), { chainId: 1 });
      await expectForged(net, send(net.ledger, batch(), signature));
    });

    it("of a batch signed for another ledger on the same registry", async () => {
      const other = await deployLedger(net.registry, 8);
      const signature = await signBatch(net.housing, other, batch());
      await expectForged(net, send(net.ledger, batch(), signature));
      await send(other, batch(), signature);
    });

    it("of a batch signed for another version of the ledger", async () => {
      const signature = await signBatch(net.housing, net.ledger, batch(), { version: "2" });
      await expectForged(net, send(net.ledger, batch(), signature));
    });

    const changes: [string, Partial<Batch>][] = [
      ["kind", { kind: KIND.CREDIT }],
      ["year", { year: 2025 }],
      ["record", { entries: [{ ...entry("first"), recordHash: id("another record") }] }],
      ["stream", { entries: [{ ...entry("first"), streamKey: id("another stream") }] }],
      ["number of records", { entries: [entry("first"), entry("second")] }],
    ];
    for (const [what, change] of changes) {
      it(`of a signature under another ${what}`, async () => {
        const signature = await signBatch(net.housing, net.ledger, batch());
        await expectForged(net, send(net.ledger, batch(change), signature));
      });
    }

    it("of a signature under another department", async () => {
      const signature = await signBatch(net.housing, net.ledger, batch());
      await expect(send(net.ledger, batch({ department: MARKET }), signature))
        .to.be.revertedWithCustomError(net.ledger, "AuditLedgerInvalidSignature")
        .withArgs(MARKET, net.market.address);
    });

    it("of records in another order", async () => {
      const entries = [entry("first"), entry("second")];
      const signature = await signBatch(net.housing, net.ledger, batch({ entries }));
      await expectForged(net, send(net.ledger, batch({ entries: entries.toReversed() }), signature));
    });
  });

  describe("signature", () => {
    it("by another department's signer", async () => {
      await expectForged(net, anchor(net.ledger, net.market, batch()));
    });

    it("by a stranger", async () => {
      await expectForged(net, anchor(net.ledger, newSigner("stranger"), batch()));
    });

    it("by a signer that has been replaced", async () => {
      const successor = newSigner("housing's next");
      const call = net.registry.interface.encodeFunctionData("rotateSigner", [HOUSING, successor.address]);
      await net.govern(net.people.registrar, net.registry, call);
      await expectForged(net, anchor(net.ledger, net.housing, batch()), successor.address);
      await anchor(net.ledger, successor, batch());
    });

    it("with high s, the malleable twin of a good one", async () => {
      const good = Signature.from(await signBatch(net.housing, net.ledger, batch()));
      const s = toBeHex(CURVE_ORDER - BigInt(good.s), 32);
      const twin = concat([good.r, s, good.v === 27 ? "0x1c" : "0x1b"]);
      await expectForged(net, send(net.ledger, batch(), twin));
    });

    it("in the compact form of 64 bytes", async () => {
      const good = Signature.from(await signBatch(net.housing, net.ledger, batch()));
      await expectForged(net, send(net.ledger, batch(), good.compactSerialized));
    });

    it("cut short, too long, empty, all zero, or with a wrong v", async () => {
      const good = await signBatch(net.housing, net.ledger, batch());
      const bad = [dataSlice(good, 0, 64), concat([good, "0x00"]), "0x", zeroPadValue("0x", 65)];
      for (const v of ["0x00", "0x01", "0x1d"]) bad.push(concat([dataSlice(good, 0, 64), v]));
      for (const signature of bad) await expectForged(net, send(net.ledger, batch(), signature));
    });

    it("over the bare hash of the message, as personal_sign makes it", async () => {
      const struct = ethers.TypedDataEncoder.hash(
        await domain(net.ledger),
        { Batch: [{ name: "department", type: "bytes18" }] },
        { department: HOUSING },
      );
      await expectForged(net, send(net.ledger, batch(), await net.housing.signMessage(getBytes(struct))));
    });
  });

  describe("signer that is a contract", () => {
    const appoint = async (wallet: string) => {
      const call = net.registry.interface.encodeFunctionData("rotateSigner", [HOUSING, wallet]);
      await net.govern(net.people.registrar, net.registry, call);
    };

    it("that anchors again from inside the signature check", async () => {
      const wallet = await ethers.deployContract("ReentrantWallet");
      await appoint(await wallet.getAddress());
      const call = (b: Batch) =>
        net.ledger.interface.encodeFunctionData("anchor", [b.department, b.kind, b.year, b.sequence, b.entries, "0x"]);
      for (const sequence of [1, 2]) {
        await wallet.getFunction("plan")(await net.ledger.getAddress(), call(batch({ sequence })));
        await expectForged(net, send(net.ledger, batch(), "0x"), await wallet.getAddress());
      }
      expect(await net.ledger.nextSequence(HOUSING)).to.equal(1);
    });

    for (const [what, answer] of [
      ["nothing", "0x"],
      ["four bytes of the right answer", "0x1626ba7e"],
      ["a wrong word", zeroPadValue("0x01", 32)],
    ] as const) {
      it(`that answers ${what}`, async () => {
        const wallet = await ethers.deployContract("StubbornWallet", [answer]);
        await appoint(await wallet.getAddress());
        await expectForged(net, send(net.ledger, batch(), "0x"), await wallet.getAddress());
      });
    }
  });

  describe("sequence", () => {
    for (const sequence of [0, 2, 3]) {
      it(`${sequence} when 1 is due`, async () => {
        await expect(anchor(net.ledger, net.housing, batch({ sequence })))
          .to.be.revertedWithCustomError(net.ledger, "AuditLedgerWrongSequence")
          .withArgs(HOUSING, 1, sequence);
      });
    }

    it("gap left by a batch that failed: the next one cannot pass it", async () => {
      await anchor(net.ledger, net.housing, batch());
      await expect(anchor(net.ledger, net.housing, batch({ sequence: 3, entries: [entry("third")] })))
        .to.be.revertedWithCustomError(net.ledger, "AuditLedgerWrongSequence")
        .withArgs(HOUSING, 2, 3);
    });

    it("fork: a second batch under the same number, both signed by the department", async () => {
      await anchor(net.ledger, net.housing, batch());
      await expect(
        anchor(net.ledger, net.housing, batch({ entries: [entry("another history")] })),
      ).to.be.revertedWithCustomError(net.ledger, "AuditLedgerWrongSequence");
    });
  });

  describe("content", () => {
    for (const kind of [0, 6, REVIEW, 255]) {
      it(`kind ${kind}, which is none, even from one who holds REVIEW`, async () => {
        await expect(anchor(net.ledger, net.court, batch({ department: COURT, kind })))
          .to.be.revertedWithCustomError(net.ledger, "AuditLedgerUnknownKind")
          .withArgs(kind);
      });
    }

    it("kind that the department may not anchor", async () => {
      const only = capabilities(KIND.APPROVAL, KIND.CREDIT);
      const call = net.registry.interface.encodeFunctionData("setCapabilities", [HOUSING, only]);
      await net.govern(net.people.registrar, net.registry, call);
      await expect(anchor(net.ledger, net.housing, batch({ kind: KIND.ENFORCEMENT })))
        .to.be.revertedWithCustomError(net.registry, "DepartmentRegistryMissingCapability")
        .withArgs(HOUSING, KIND.ENFORCEMENT);
      await anchor(net.ledger, net.housing, batch({ kind: KIND.CREDIT }));
    });

    it("empty batch", async () => {
      await expect(anchor(net.ledger, net.housing, batch({ entries: [] }))).to.be.revertedWithCustomError(
        net.ledger,
        "AuditLedgerEmptyBatch",
      );
    });

    it("batch one above the ceiling", async () => {
      const ceiling = Number(await net.ledger.maxEntries());
      const entries = Array.from({ length: ceiling + 1 }, (_, i) => entry(`${i}`, "one stream"));
      await expect(anchor(net.ledger, net.housing, batch({ entries })))
        .to.be.revertedWithCustomError(net.ledger, "AuditLedgerBatchTooLarge")
        .withArgs(ceiling + 1, ceiling);
    });

    it("department that nobody registered", async () => {
      const unknown = `0x${"41".repeat(18)}`;
      await expect(anchor(net.ledger, net.housing, batch({ department: unknown })))
        .to.be.revertedWithCustomError(net.registry, "DepartmentRegistryUnknownDepartment")
        .withArgs(unknown);
    });

    it("department suspended between signing and mining", async () => {
      const signature = await signBatch(net.housing, net.ledger, batch());
      await net.registry.connect(net.people.sentinel).suspend(HOUSING);
      await expect(send(net.ledger, batch(), signature))
        .to.be.revertedWithCustomError(net.registry, "DepartmentRegistrySuspended")
        .withArgs(HOUSING);
      const call = net.registry.interface.encodeFunctionData("resume", [HOUSING]);
      await net.govern(net.people.registrar, net.registry, call);
      await send(net.ledger, batch(), signature);
    });

    it("signer revoked between signing and mining", async () => {
      const signature = await signBatch(net.housing, net.ledger, batch());
      const since = (await networkHelpers.time.latest()) - 3600;
      await net.registry.connect(net.people.sentinel).revokeKey(HOUSING, toBeHex(net.housing.address, 32), since);
      await expect(send(net.ledger, batch(), signature))
        .to.be.revertedWithCustomError(net.registry, "DepartmentRegistryNoSigner")
        .withArgs(HOUSING);
    });

    it("inner node of the tree offered as a record", async () => {
      const b = batch({ entries: [entry("a"), entry("b"), entry("c"), entry("d")] });
      const tree = merkleTree(b.entries.map((e) => e.recordHash as Hex));
      await anchor(net.ledger, net.housing, b);
      const [, uncle] = tree.path(0);
      const [sibling] = tree.path(0);
      for (const node of [uncle!, sibling!, tree.root]) {
        for (const path of [[], [uncle!], [sibling!], tree.path(0)]) {
          expect(await net.ledger.verifyInclusion(HOUSING, 1, node, path)).to.equal(false);
        }
      }
    });
  });

  // Why a repeated hash is let through: docs/decisions/0022-repeated-hashes.md
  describe("repeated record", () => {
    it("inside a batch is anchored twice and stays one record", async () => {
      const twice = [entry("first"), entry("first")];
      await anchor(net.ledger, net.housing, batch({ entries: twice }));
      const tree = merkleTree(twice.map((e) => e.recordHash as Hex));
      expect(await net.ledger.verifyInclusion(HOUSING, 1, twice[0]!.recordHash, tree.path(0))).to.equal(true);
      expect(await net.ledger.verifyInclusion(HOUSING, 1, twice[1]!.recordHash, tree.path(1))).to.equal(true);
    });

    it("across batches is superseded in all of them at once", async () => {
      const again = batch({ sequence: 2 });
      const correction = batch({ sequence: 3, entries: [entry("correction")] });
      for (const b of [batch(), again, correction]) await anchor(net.ledger, net.housing, b);
      await supersede(net.ledger, net.housing, onlyRecordOf(batch()), onlyRecordOf(correction));
      await expect(
        supersede(net.ledger, net.housing, onlyRecordOf(again), onlyRecordOf(correction)),
      ).to.be.revertedWithCustomError(net.ledger, "AuditLedgerAlreadySuperseded");
    });

    it("of another department: the copy can be disposed of, the original stands", async () => {
      const copy = batch({ department: MARKET });
      const pretext = batch({ department: MARKET, sequence: 2, entries: [entry("pretext")] });
      await anchor(net.ledger, net.housing, batch());
      for (const b of [copy, pretext]) await anchor(net.ledger, net.market, b);
      await supersede(net.ledger, net.market, onlyRecordOf(copy), onlyRecordOf(pretext), REASON.WITHDRAWAL);
      const { recordHash } = onlyRecordOf(batch());
      expect((await net.ledger.supersessionOf(MARKET, recordHash)).supersededAt).not.to.equal(0);
      expect((await net.ledger.supersessionOf(HOUSING, recordHash)).supersededAt).to.equal(0);
    });
  });

  it("two batches relayed in one transaction are taken in their order only", async () => {
    const relay = await ethers.deployContract("Relay");
    const calls = await Promise.all(
      [batch(), batch({ sequence: 2, entries: [entry("second")] })].map(async (b) =>
        net.ledger.interface.encodeFunctionData("anchor", [
          b.department,
          b.kind,
          b.year,
          b.sequence,
          b.entries,
          await signBatch(net.housing, net.ledger, b),
        ]),
      ),
    );
    const relayAll = (list: string[]) => relay.getFunction("anchorAll")(net.ledger, list);
    await expect(relayAll(calls.toReversed())).to.be.revertedWithCustomError(net.ledger, "AuditLedgerWrongSequence");
    await relayAll(calls);
    expect(await net.ledger.nextSequence(HOUSING)).to.equal(3);
  });
});

describe("Attacks on a supersession", () => {
  async function records() {
    const net = await startNetwork();
    const own = batch();
    const next = batch({ sequence: 2, entries: [entry("second")] });
    const third = batch({ sequence: 3, entries: [entry("third")] });
    const ruling = batch({ department: COURT, entries: [entry("ruling")] });
    const foreign = batch({ department: MARKET, entries: [entry("foreign")] });
    for (const b of [own, next, third]) await anchor(net.ledger, net.housing, b);
    await anchor(net.ledger, net.court, ruling);
    await anchor(net.ledger, net.market, foreign);
    return {
      ...net,
      first: onlyRecordOf(own),
      second: onlyRecordOf(next),
      third: onlyRecordOf(third),
      ruling: onlyRecordOf(ruling),
      foreign: onlyRecordOf(foreign),
    };
  }
  let net: Awaited<ReturnType<typeof records>>;
  beforeEach(async () => {
    net = await networkHelpers.loadFixture(records);
  });

  it("by a department without REVIEW on another's record", async () => {
    await expect(supersede(net.ledger, net.market, net.first, net.foreign))
      .to.be.revertedWithCustomError(net.registry, "DepartmentRegistryMissingCapability")
      .withArgs(MARKET, REVIEW);
  });

  it("by a department that names another's record as the successor of its own", async () => {
    await expect(supersede(net.ledger, net.housing, net.first, net.foreign)).to.be.revertedWithCustomError(
      net.registry,
      "DepartmentRegistryMissingCapability",
    );
    await expect(supersede(net.ledger, net.housing, net.first, net.ruling))
      .to.be.revertedWithCustomError(net.ledger, "AuditLedgerInvalidSignature")
      .withArgs(COURT, net.court.address);
  });

  it("by a department that has lost the capability for the kind", async () => {
    const call = net.registry.interface.encodeFunctionData("setCapabilities", [
      HOUSING,
      ALL_KINDS & ~capabilities(KIND.ENFORCEMENT),
    ]);
    await net.govern(net.people.registrar, net.registry, call);
    await expect(supersede(net.ledger, net.housing, net.first, net.second))
      .to.be.revertedWithCustomError(net.registry, "DepartmentRegistryMissingCapability")
      .withArgs(HOUSING, KIND.ENFORCEMENT);
  });

  it("by a suspended department", async () => {
    await net.registry.connect(net.people.sentinel).suspend(HOUSING);
    await expect(supersede(net.ledger, net.housing, net.first, net.second)).to.be.revertedWithCustomError(
      net.registry,
      "DepartmentRegistrySuspended",
    );
  });

  it("with a signature for another reason", async () => {
    const { ledger, housing, first, second } = net;
    const sent = await supersede(ledger, housing, second, net.third, REASON.REPAIR);
    const [, , , signature] = ledger.interface.decodeFunctionData("supersede", sent.data);
    await expect(ledger.supersede(first, net.third, REASON.REPAIR, signature as string)).to.be.revertedWithCustomError(
      ledger,
      "AuditLedgerInvalidSignature",
    );
  });

  it("with a proof of another batch", async () => {
    const elsewhere = { ...net.first, sequence: 2 };
    await expect(supersede(net.ledger, net.housing, elsewhere, net.third))
      .to.be.revertedWithCustomError(net.ledger, "AuditLedgerNotAnchored")
      .withArgs(HOUSING, 2, net.first.recordHash);
  });

  it("of a record that was never anchored", async () => {
    const invented = { ...net.first, recordHash: id("invented") };
    await expect(supersede(net.ledger, net.housing, invented, net.second)).to.be.revertedWithCustomError(
      net.ledger,
      "AuditLedgerNotAnchored",
    );
  });

  it("by a successor that was never anchored", async () => {
    const invented = { ...net.second, recordHash: id("invented") };
    await expect(supersede(net.ledger, net.housing, net.first, invented))
      .to.be.revertedWithCustomError(net.ledger, "AuditLedgerNotAnchored")
      .withArgs(HOUSING, 2, invented.recordHash);
  });

  it("a second time, with a different successor or the same", async () => {
    await supersede(net.ledger, net.housing, net.first, net.second);
    for (const successor of [net.third, net.second]) {
      await expect(supersede(net.ledger, net.housing, net.first, successor))
        .to.be.revertedWithCustomError(net.ledger, "AuditLedgerAlreadySuperseded")
        .withArgs(HOUSING, net.first.recordHash, net.second.recordHash);
    }
    await expect(
      supersede(net.ledger, net.court, net.first, net.ruling, REASON.ANNULMENT),
    ).to.be.revertedWithCustomError(net.ledger, "AuditLedgerAlreadySuperseded");
  });

  it("of a record by itself", async () => {
    await expect(supersede(net.ledger, net.housing, net.first, net.first))
      .to.be.revertedWithCustomError(net.ledger, "AuditLedgerOwnSuccessor")
      .withArgs(HOUSING, net.first.recordHash);
  });

  it("in a circle", async () => {
    await supersede(net.ledger, net.housing, net.first, net.second);
    await supersede(net.ledger, net.housing, net.second, net.third);
    await expect(supersede(net.ledger, net.housing, net.third, net.first))
      .to.be.revertedWithCustomError(net.ledger, "AuditLedgerSuccessorSuperseded")
      .withArgs(HOUSING, net.first.recordHash);
  });

  for (const reason of [0, 5, 255]) {
    it(`for reason ${reason}, which is none`, async () => {
      await expect(supersede(net.ledger, net.housing, net.first, net.second, reason))
        .to.be.revertedWithCustomError(net.ledger, "AuditLedgerUnknownReason")
        .withArgs(reason);
    });
  }
});
