import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ConfigError } from "../../backend/src/config.ts";
import { Refusal } from "../../backend/src/http/refusal.ts";
import { BothKeyEncryptions } from "../../backend/src/personal/both-key-encryptions.ts";
import type { KeyEncryption } from "../../backend/src/personal/key-encryption.ts";
import { LocalKeyEncryption } from "../../backend/src/personal/local-key-encryption.ts";
import { TransitKeyEncryption } from "../../backend/src/personal/transit-key-encryption.ts";
import { newPlatformKeys } from "../../scripts/launcher/key-files.ts";
import { type Bao, startBao, VAULT_BIN } from "./bao.ts";

const dataKeys = (count: number) => Array.from({ length: count }, () => randomBytes(32));

/** What every implementation must do. @param make a new one over keys of its own; `again` another process over the same */
function keepsTheContract(make: () => { keys: KeyEncryption; again: () => KeyEncryption }): void {
  it("gives back every key that it wrapped, also to another process", async () => {
    const { keys, again } = make();
    const clear = dataKeys(600);
    const wrapped = await keys.wrap(clear);
    expect(new Set(wrapped.map(({ wrapped: bytes }) => bytes.toString("hex"))).size).to.equal(600);
    expect(await keys.unwrap(wrapped)).to.deep.equal(clear);
    expect(await again().unwrap(wrapped)).to.deep.equal(clear);
  });

  it("opens nothing that was altered or names another key, and spoils no neighbour", async () => {
    const { keys, again } = make();
    const clear = dataKeys(3);
    const [first, second, third] = await keys.wrap(clear);
    const broken = Buffer.from(second!.wrapped);
    broken[broken.length - 3]! ^= 1;
    const given = [first!, { ...second!, wrapped: broken }, { ...third!, kek: "kek-00000000" }];
    expect(await again().unwrap(given)).to.deep.equal([clear[0], null, null]);
  });

  it("rotates without touching what was encrypted, and opens nothing by a key that is destroyed", async () => {
    const { keys, again } = make();
    const other = again();
    const clear = dataKeys(5);
    const before = await other.wrap(clear);
    const old = await keys.current();
    const next = await keys.rotate();
    expect(next).to.not.equal(old);
    expect((await other.wrap(dataKeys(1)))[0]!.kek, "a running process follows").to.equal(next);
    const after = await keys.rewrap(before);
    expect(new Set(after.map(({ kek }) => kek))).to.deep.equal(new Set([next]));
    expect(await other.unwrap(after)).to.deep.equal(clear);
    let refused: unknown;
    await keys.destroy([next]).catch((error: unknown) => (refused = error));
    expect(refused).to.be.instanceOf(Error);
    await keys.destroy([old]);
    expect(await again().unwrap(before)).to.deep.equal([null, null, null, null, null]);
    expect(await again().unwrap(after)).to.deep.equal(clear);
  });
}

describe("key encryption in the key file", () => {
  let folder: string;
  let n = 0;
  before(() => (folder = mkdtempSync(join(tmpdir(), "quanlian-keys-"))));
  after(() => rmSync(folder, { recursive: true }));

  const file = (content: object) => {
    const path = join(folder, `${n++}.json`);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };

  keepsTheContract(() => {
    const path = file(newPlatformKeys());
    return { keys: new LocalKeyEncryption(path), again: () => new LocalKeyEncryption(path) };
  });

  describe("beside another one that was before", () => {
    const both = async () => {
      const [path, formerPath] = [file(newPlatformKeys()), file(newPlatformKeys())];
      const former = new LocalKeyEncryption(formerPath);
      const theirs = new Set([await former.current()]);
      const keys = new BothKeyEncryptions(new LocalKeyEncryption(path), former, (kek) => theirs.has(kek));
      return { keys, former, formerPath };
    };

    it("opens what either wrapped, in its order, and moves what the former one did", async () => {
      const { keys, former } = await both();
      const clear = dataKeys(4);
      const [ours, theirs] = [await keys.wrap(clear.slice(0, 2)), await former.wrap(clear.slice(2))];
      const mixed = [theirs[0]!, ours[0]!, theirs[1]!, ours[1]!];
      const expected = [clear[2], clear[0], clear[3], clear[1]];
      expect(await keys.unwrap(mixed)).to.deep.equal(expected);
      const moved = await keys.rewrap(mixed);
      expect(new Set(moved.map(({ kek }) => kek))).to.deep.equal(new Set([await keys.current()]));
      expect(await keys.unwrap(moved)).to.deep.equal(expected);
      const altered = { ...theirs[0]!, wrapped: Buffer.alloc(60) };
      let refused: unknown;
      await keys.rewrap([altered]).catch((error: unknown) => (refused = error));
      expect(refused, "what does not open is not moved").to.be.instanceOf(Error);
    });

    it("destroys the former's current key, twice if it must, and never its own", async () => {
      const { keys, former, formerPath } = await both();
      const theirs = await former.wrap(dataKeys(1));
      const old = theirs[0]!.kek;
      await keys.destroy([old]);
      await keys.destroy([old]);
      expect(await former.unwrap(theirs)).to.deep.equal([null]);
      expect(readFileSync(formerPath, "utf8")).to.not.include(old);
      let refused: unknown;
      await keys.destroy([await keys.current()]).catch((error: unknown) => (refused = error));
      expect(refused).to.be.instanceOf(Error);
    });
  });

  it("adds the first key to a file of before there were any, for its owner's eyes only", async () => {
    const { masterKey, vrfSecret } = newPlatformKeys();
    const path = file({ format: "quanlian-keys/1", masterKey, vrfSecret });
    const keys = new LocalKeyEncryption(path);
    let refused: unknown;
    await keys.current().catch((error: unknown) => (refused = error));
    expect(refused).to.be.instanceOf(ConfigError);
    const id = await keys.rotate();
    expect(await keys.current()).to.equal(id);
    expect(JSON.parse(readFileSync(path, "utf8"))).to.include({ format: "quanlian-keys/2", masterKey, vrfSecret });
    expect(statSync(path).mode & 0o777).to.equal(0o600);
  });
});

describe("key encryption in a real Vault or OpenBao", function () {
  let bao: Bao;
  before(async function () {
    if (!VAULT_BIN) {
      console.log("    skipped: no server here; VAULT_BIN names the program of one (docs/operations.md)");
      this.skip();
    }
    bao = await startBao();
  });
  after(async () => {
    if (VAULT_BIN) await bao.stop();
  });

  keepsTheContract(() => {
    return { keys: new TransitKeyEncryption(bao.settings), again: () => new TransitKeyEncryption(bao.settings) };
  });

  it("remembers an opened key for a minute and not longer", async () => {
    let now = 0;
    const keys = new TransitKeyEncryption(bao.settings, () => now);
    const clear = [randomBytes(32)];
    const wrapped = await keys.wrap(clear);
    await keys.unwrap(wrapped);
    const away = new TransitKeyEncryption({ ...bao.settings, address: "http://127.0.0.1:9" });
    expect(await codeOf(away.unwrap(wrapped))).to.equal("KMS_UNAVAILABLE");
    Object.assign(bao.settings, { address: "http://127.0.0.1:9" });
    expect(await keys.unwrap(wrapped)).to.deep.equal(clear);
    now = 60_001;
    expect(await codeOf(keys.unwrap(wrapped))).to.equal("KMS_UNAVAILABLE");
  });
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "nothing was refused";
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
}
