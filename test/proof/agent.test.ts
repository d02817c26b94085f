import { expect } from "chai";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hexlify, recoverAddress, toUtf8Bytes, TypedDataEncoder } from "ethers";
import {
  batchDigest,
  entriesHash,
  proveStream,
  vrfPublicKey,
  type Hex,
  type SealedBatch,
  type TrustList,
  type UnsignedSupersession,
} from "@quanlian/proof";
import {
  checkSealed,
  checkSupersession,
  Refusal,
  type AgentRules,
  type JournalEntry,
  type SignedBefore,
} from "../../proof/cli/agent.ts";
import {
  DISTRICT,
  ENTERPRISE,
  MUNICIPAL,
  OTHER_ENTERPRISE,
  seededBytes,
  seededSigner,
  World,
  type Issued,
} from "../../proof/testing/world.ts";
import { quanlian } from "./quanlian.ts";

const vrfSecretKey = seededBytes("agent/vrf")(32);
const world = new World("agent");
const department = world.addDepartment(MUNICIPAL, [4]);
const stranger = world.addDepartment(DISTRICT, [4]);
const thumbprint = world.recorded().keys[0]!.thumbprint;
const trust: TrustList = {
  ...world.trust,
  chains: [{ ...world.trusted, vrfKeys: [{ fromYear: 0, key: vrfPublicKey(vrfSecretKey) }] }],
};
const rules: AgentRules = { department: MUNICIPAL, trust, statementKeys: new Set([thumbprint]), expected: null };

function entry(record: Issued, subject = record.subject): SealedBatch["entries"][number] {
  const { streamKey, proof } = proveStream(vrfSecretKey, subject, 4, 2026);
  return { statement: record.statement, statementKey: record.department.signer.publicJwk, streamKey, proof };
}

function sealed(records: readonly Issued[], changes: Partial<SealedBatch> = {}): SealedBatch {
  const { chainId, ledger } = world.trusted;
  const entries = records.map((record) => entry(record));
  return { department: MUNICIPAL, kind: 4, year: 2026, sequence: 1, chainId, ledger, entries, ...changes };
}

const records = [world.issue(department), world.issue(department, { subject: OTHER_ENTERPRISE })];

describe("the signing agent", () => {
  const refusal = (batch: SealedBatch, changes: Partial<AgentRules> = {}, journal: SignedBefore[] = []) => {
    try {
      checkSealed(batch, { ...rules, ...changes }, journal);
    } catch (error) {
      if (error instanceof Refusal) return error.message;
      throw error;
    }
    return null;
  };

  it("signs what holds exactly records of its department", () => {
    const { digest, signed } = checkSealed(sealed(records), rules, []);
    const { chainId, ledger } = world.trusted;
    const entries = records.map((record) => ({ streamKey: entry(record).streamKey, recordHash: record.recordHash }));
    const hash = entriesHash(entries);
    expect(digest).to.equal(
      batchDigest({ chainId, ledger, department: MUNICIPAL, kind: 4, year: 2026, sequence: 1, entriesHash: hash }),
    );
    expect(signed.recordHashes).to.deep.equal(records.map(({ recordHash }) => recordHash));
  });

  it("refuses everything else, and says why", () => {
    const foreign = world.issue(stranger);
    const listing = world.issue(department, { type: "credit.listing/1" });
    const older = world.issue(department, { eventTime: "2025-03-02" });
    const otherKey = world.issue({ ...department, signer: seededSigner("other") });
    const tampered = entry(records[0]!);
    expect(refusal(sealed(records, { department: DISTRICT }))).to.contain("batch of department");
    expect(refusal(sealed(records, { chainId: 1 }))).to.contain("not on the trust list");
    expect(refusal(sealed([]))).to.contain("empty");
    expect(refusal(sealed([foreign]))).to.contain("record of department");
    expect(refusal(sealed([listing]))).to.contain("another kind or year");
    expect(refusal(sealed([older]))).to.contain("another kind or year");
    expect(refusal(sealed([otherKey]))).to.contain("not signed with a key of the department");
    expect(
      refusal(sealed([], { entries: [{ ...tampered, statementKey: seededSigner("other").publicJwk }] })),
    ).to.contain("not signed");
    expect(refusal(sealed([], { entries: [{ ...tampered, statement: tampered.statement.slice(1) }] }))).to.contain(
      "not sound",
    );
    expect(refusal(sealed([], { entries: [entry(records[0]!, OTHER_ENTERPRISE)] }))).to.contain(
      "another subject's stream",
    );
    expect(
      refusal(sealed([], { entries: [{ ...entry(records[0]!), streamKey: entry(records[1]!).streamKey }] })),
    ).to.contain("stream");
    expect(refusal(sealed([records[0]!, records[0]!]))).to.contain("twice");
    expect(
      refusal(sealed(records), { expected: new Map([[records[0]!.recordHash, { supersedes: [], reason: null }]]) }),
    ).to.contain("not among the expected");
    expect(refusal(sealed(records), { statementKeys: new Set() })).to.contain("not signed with a key");
  });

  it("never signs two batches under one sequence, nor a record twice, but the same batch again", () => {
    const { signed } = checkSealed(sealed(records), rules, []);
    expect(refusal(sealed(records), {}, [signed])).to.equal(null);
    expect(refusal(sealed([records[0]!]), {}, [signed])).to.contain("another batch was signed under sequence 1");
    expect(refusal(sealed([records[0]!], { sequence: 2 }), {}, [signed])).to.contain("signed in an earlier batch");
    expect(refusal(sealed([records[0]!], { sequence: 2 }), {}, [{ ...signed, chainId: 1 }])).to.equal(null);
  });

  describe("asked to put a record in the place of another", () => {
    const { chainId, ledger } = world.trusted;
    const [old, successor] = records.map(({ recordHash }) => recordHash) as [Hex, Hex];
    const asked: UnsignedSupersession = {
      ...{ chainId, ledger, department: MUNICIPAL, recordHash: old, by: MUNICIPAL, successor, reason: 1 },
    };
    const expected = new Map([[successor, { supersedes: [old], reason: 1 }]]);
    const supersede = (changes: Partial<UnsignedSupersession> = {}, journal: JournalEntry[] = [], issued = true) => {
      try {
        return checkSupersession({ ...asked, ...changes }, { ...rules, expected: issued ? expected : null }, journal);
      } catch (error) {
        if (error instanceof Refusal) return error.message;
        throw error;
      }
    };

    it("signs what the ledger takes: the same digest as a second implementation", () => {
      const { digest, signed } = supersede() as ReturnType<typeof checkSupersession>;
      const names = (code: string) => hexlify(toUtf8Bytes(code));
      const message = { ...asked, department: names(MUNICIPAL), by: names(MUNICIPAL) };
      const bytes32 = (name: string) => ({ name, type: "bytes32" });
      const types = {
        Supersession: [
          ...[{ name: "department", type: "bytes18" }, bytes32("recordHash"), { name: "by", type: "bytes18" }],
          ...[bytes32("successor"), { name: "reason", type: "uint8" }],
        ],
      };
      const domain = { name: "Quanlian AuditLedger", version: "1", chainId, verifyingContract: ledger };
      expect(digest).to.equal(TypedDataEncoder.hash(domain, types, message));
      expect(supersede({}, [signed])).to.deep.equal({ digest, signed });
    });

    it("refuses everything else, and says why", () => {
      const { signed } = supersede() as ReturnType<typeof checkSupersession>;
      expect(supersede({ by: DISTRICT })).to.contain("by department");
      expect(supersede({ chainId: 1 })).to.contain("not on the trust list");
      expect(supersede({ successor: old })).to.contain("not among the expected");
      expect(supersede({}, [], false)).to.contain("not among the expected");
      expect(supersede({ recordHash: successor })).to.contain("does not say that it supersedes");
      expect(supersede({ reason: 2 })).to.contain("reason 2 was not given");
      expect(supersede({}, [{ ...signed, successor: old }])).to.contain("another record was put in the place");
      expect(supersede({}, [{ ...signed, chainId: 1, successor: old }])).to.have.property("digest");
    });
  });

  describe("as a command", () => {
    let folder: string;
    let server: Server;
    let service: string;
    let waiting: SealedBatch[];
    let supersessions: UnsignedSupersession[];
    let handed: { url: string; authorization: string | undefined; body: Record<string, unknown> }[];
    let address: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "quanlian-agent-"));
      const made = await quanlian(["keygen", "signer", "--out", join(folder, "signer.json")]);
      address = (JSON.parse(made.out) as { address: string }).address;
      await writeFile(join(folder, "trust.json"), JSON.stringify(trust));
      await writeFile(join(folder, "keys"), `${thumbprint}\n`);
      server = createServer((request, response) => void serve(request).then((body) => response.end(body)));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      service = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    beforeEach(() => {
      handed = [];
      supersessions = [];
    });

    after(async () => {
      server.close();
      await rm(folder, { recursive: true });
    });

    async function serve(request: IncomingMessage): Promise<string> {
      if (request.method === "GET") {
        if (request.url === `/api/v1/departments/${MUNICIPAL}/supersessions/unsigned`)
          return JSON.stringify({ supersessions });
        expect(request.url).to.equal(`/api/v1/departments/${MUNICIPAL}/batches/unsigned`);
        return JSON.stringify({ batches: waiting });
      }
      const body = JSON.parse((await request.toArray()).join("")) as Record<string, unknown>;
      handed.push({ url: request.url!, authorization: request.headers.authorization, body });
      return "{}";
    }

    const sign = (...more: string[]) => {
      const file = (name: string) => join(folder, name);
      const settings = [
        "--service",
        service,
        "--department",
        MUNICIPAL,
        "--key",
        file("signer.json"),
        "--trust",
        file("trust.json"),
      ];
      const args = ["sign", ...settings, "--statement-keys", file("keys"), "--journal", file("journal"), ...more];
      return quanlian(args, "n\n", { QUANLIAN_TOKEN: "token" });
    };

    it("hands over a signature that recovers to its address, and writes it down first", async () => {
      waiting = [sealed(records)];
      const { code, out } = await sign("--yes");
      expect(out).to.contain(`batch 1 signed by ${address}`);
      expect(code).to.equal(0);
      const [{ url, authorization, body }] = handed as [(typeof handed)[number]];
      expect(url).to.equal(`/api/v1/departments/${MUNICIPAL}/batches/1/signature`);
      expect(authorization).to.equal("Bearer token");
      const { digest, signed } = checkSealed(sealed(records), rules, []);
      expect(body).to.include({ kind: 4, year: 2026, entriesHash: signed.entriesHash });
      expect(recoverAddress(digest, body.signature as Hex).toLowerCase()).to.equal(address);
      expect(await readFile(join(folder, "journal"), "utf8")).to.equal(`${JSON.stringify(signed)}\n`);
    });

    it("refuses what its journal forbids, signs nothing behind it, and exits with 1", async () => {
      waiting = [sealed([records[0]!]), sealed([world.issue(department, { subject: ENTERPRISE })], { sequence: 2 })];
      const { code, out } = await sign("--yes");
      expect(out).to.contain("batch 1 NOT signed: another batch was signed under sequence 1");
      expect(code).to.equal(1);
      expect(handed).to.deep.equal([]);
    });

    it("asks before it signs", async () => {
      waiting = [sealed([world.issue(department)], { sequence: 3 })];
      const { code, out } = await sign();
      expect(out).to.contain("Sign this batch?");
      expect(code).to.equal(1);
      expect(handed).to.deep.equal([]);
    });

    it("survives a journal line cut off by a crash", async () => {
      await writeFile(join(folder, "journal"), '{"chainId":313', { flag: "a" });
      waiting = [sealed([world.issue(department)], { sequence: 4 })];
      expect((await sign("--yes")).code).to.equal(0);
      waiting = [sealed([world.issue(department)], { sequence: 4 })];
      const { out } = await sign("--yes");
      expect(out).to.contain("another batch was signed under sequence 4");
    });

    it("exits with 2 when the service cannot be reached", async () => {
      const { code, out } = await sign("--yes", "--service", "http://127.0.0.1:1");
      expect(code).to.equal(2);
      expect(out).to.contain("the service does not answer");
    });
  });
});
