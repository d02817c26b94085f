import { expect } from "chai";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hexlify } from "ethers";
import type { TrustList } from "@quanlian/proof";
import { World } from "../../proof/testing/world.ts";
import { SealedWorld } from "../../scripts/vectors/sealed-world.ts";
import { institution, institutions, sealRun, type Validator } from "../finality/sealed-chain.ts";
import { quanlian } from "./quanlian.ts";

const world = new World("trust");
const sealed = new SealedWorld(world, "trust");
const members = sealed.validators;
const newcomer = institution("trust newcomer");
const trust: TrustList = { ...world.trust, chains: [sealed.trusted] };
const { chainId, genesisHash } = sealed.trusted;

/** A run of blocks in which these validators vote somebody in. */
function votes(voters: readonly Validator[], of = members): { kind: string; headers: string[] } {
  const vote = { recipient: newcomer.address, add: true };
  const run = sealRun(
    10,
    voters.map((miner) => ({ members: of, miner, vote })),
  );
  return { kind: "qbft-validators", headers: run.map(({ raw }) => hexlify(raw)) };
}

describe("quanlian trust", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const put = (name: string, content: unknown) => writeFile(at(name), JSON.stringify(content));
  const kept = async () => JSON.parse(await readFile(at("own.json"), "utf8")) as TrustList;
  const own = () => ["--trust", at("own.json")];
  const fingerprintOf = async (name: string) =>
    /fingerprint {2}([0-9a-f ]+)\n/.exec((await quanlian(["trust", "show", at(name)])).out)![1]!;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "quanlian-trust-"));
    await put("own.json", trust);
    for (const [i, { key }] of members.entries()) await writeFile(at(`key-${i}`), key.privateKey);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("shows who seals which blocks, and one fingerprint however the list is written down", async () => {
    const { code, out } = await quanlian(["trust", "show", at("own.json")]);
    expect(code).to.equal(0);
    for (const { address } of members) expect(out).to.contain(address);
    const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse()) as object;
    const other = reversed({ ...trust, chains: trust.chains.map(reversed) });
    await writeFile(at("spaced.json"), JSON.stringify(other, null, 7));
    expect(await fingerprintOf("spaced.json")).to.equal(await fingerprintOf("own.json"));
    await put("other.json", { ...trust, name: "另一份" });
    expect(await fingerprintOf("other.json")).to.not.equal(await fingerprintOf("own.json"));
  });

  it("takes a first list only under the whole fingerprint from elsewhere", async () => {
    await put("first.json", { ...trust, issuedAt: 5 });
    const fingerprint = await fingerprintOf("first.json");
    const pin = (typed: string) => quanlian(["trust", "pin", at("first.json"), "--fingerprint", typed, ...own()]);
    expect((await pin(fingerprint.slice(0, 40))).code).to.equal(64);
    expect((await pin(fingerprint.replace(/^./, (digit) => (digit === "0" ? "1" : "0")))).code).to.equal(1);
    expect((await kept()).issuedAt).to.equal(trust.issuedAt);
    expect((await pin(fingerprint.toUpperCase())).code).to.equal(0);
    expect((await kept()).issuedAt).to.equal(5);
  });

  it("follows the validators' votes, twice the same, and no fork", async () => {
    await put("change.json", votes(members.slice(0, 3)));
    const update = () => quanlian(["trust", "update", at("change.json"), ...own()]);
    expect((await update()).code).to.equal(0);
    const sets = (await kept()).chains[0]!.qbft!.sets;
    expect(sets.map(({ from, until }) => [from, until])).to.deep.equal([
      [1, 12],
      [13, null],
    ]);
    expect(sets[1]!.validators).to.include(newcomer.address);
    expect((await update()).code).to.equal(0);
    expect((await kept()).chains[0]!.qbft!.sets).to.deep.equal(sets);
    await put("change.json", votes([members[0]!, members[1]!, members[3]!, members[2]!].slice(0, 2)));
    expect((await update()).err).to.contain("CHANGE_NOT_VOTED");
    await put("change.json", votes(institutions("strangers", 4).slice(0, 3), institutions("strangers", 4)));
    expect((await update()).err).to.contain("VALIDATORS_MISMATCH");
    expect((await kept()).chains[0]!.qbft!.sets).to.deep.equal(sets);
  });

  const signedBy = async (signers: readonly number[], list: TrustList) => {
    await put("next.json", list);
    const seals = await Promise.all(
      signers.map(async (i) =>
        (await quanlian(["trust", "sign", at("next.json"), "--key", at(`key-${i}`)])).out.trim(),
      ),
    );
    await put("update.json", {
      format: "quanlian-trust-update/1",
      trust: list,
      signatures: [{ chainId, genesisHash, seals }],
    });
    return quanlian(["trust", "update", at("update.json"), ...own()]);
  };

  it("takes a newer list under the signatures of a quorum, a chain revoked with it", async () => {
    const next = { ...trust, issuedAt: trust.issuedAt + 1, chains: [] };
    expect((await signedBy([0, 1], next)).err).to.contain("SEALS_BELOW_QUORUM");
    expect((await signedBy([0, 1, 1], next)).err).to.contain("SEAL_DUPLICATE");
    expect((await signedBy([0, 1, 2], trust)).err).to.contain("not newer");
    expect(await kept()).to.deep.equal(trust);
    expect((await signedBy([0, 1, 2], next)).code).to.equal(0);
    expect(await kept()).to.deep.equal(next);
    expect((await signedBy([0, 1, 2], { ...next, issuedAt: next.issuedAt + 1 })).err).to.contain("no validators");
  });

  it("refuses a list that was changed after it was signed, and what is no update", async () => {
    const next = { ...trust, issuedAt: trust.issuedAt + 1 };
    await signedBy([0, 1, 2], { ...next, name: "已签" });
    const update = JSON.parse(await readFile(at("update.json"), "utf8")) as object;
    await put("own.json", trust);
    await put("update.json", { ...update, trust: { ...next, name: "未签" } });
    expect((await quanlian(["trust", "update", at("update.json"), ...own()])).err).to.contain("SEAL_NOT_VALIDATOR");
    await put("update.json", trust);
    expect((await quanlian(["trust", "update", at("update.json"), ...own()])).code).to.equal(1);
    expect(await kept()).to.deep.equal(trust);
  });
});
