import { expect } from "chai";
import { type Hex, readStatement, type Receipt, type Verdict } from "@quanlian/proof";
import { Wallet } from "ethers";
import { startAnvil } from "../../scripts/embedded/anvil.ts";
import type { RecordAnswer, RecordReference } from "../../backend/src/records/records.schemas.ts";
import { runCommand } from "./command.ts";
import { CITY, DISTRICT, eventually, startWorld, UNREGISTERED, type World } from "./harness.ts";
import { penalty } from "./records.ts";
import { rotateSigner } from "./registrar.ts";

describe("replacing a department's keys", () => {
  const registrar = Wallet.createRandom().privateKey;
  let world: World;
  let number = 0;
  before(async () => {
    world = await startWorld({}, true, startAnvil, { deployer: Wallet.createRandom().privateKey, registrar });
  });
  after(() => world.stop());

  const rotate = (env: NodeJS.ProcessEnv, ...args: string[]) =>
    runCommand("departments.js", ["rotate", ...args], { ...world.environment, ...env });
  const asRegistrar = { REGISTRAR_KEY: registrar };
  const because = ["--because", "two years in use", "--by", "Wang"] as const;
  const anchored = async () => {
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty(`京市监罚〔2026〕${++number}号`));
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
    return body.id;
  };
  const receiptOf = async (id: string) => (await world.get<Receipt>(`/api/v1/records/${id}/receipt`)).body;
  /** Address of the account or thumbprint of the key in a sentence of the command. */
  const nameIn = (sentence: string) => /0x[0-9a-f]{64}|0x[0-9a-f]{40}(?=\)| from)/.exec(sentence)![0] as Hex;
  const rotations = () =>
    world.sql<{ evidence: Record<string, unknown> }>(
      `select evidence from finding where code = 'KEY_ROTATED' order by found_at`,
    );
  const expectSound = async () => {
    const checked = await runCommand("fsck.js", ["--json", "--full"], world.environment);
    expect(checked.code, checked.out).to.equal(0);
  };

  it("says what the registry must be told, and changes nothing until that has happened", async () => {
    const first = await rotate({}, CITY, "signer", ...because);
    expect(first.code).to.equal(1);
    expect(first.err).to.contain(`${world.deployment.registry} must be told\n  rotateSigner(0x`);
    await anchored();
    const again = await rotate({}, CITY, "signer", ...because);
    expect(nameIn(again.err)).to.equal(nameIn(first.err));
    expect(await rotations()).to.deep.equal([]);
  });

  it("goes on with a rotation that was broken off between registry and database: the batches of between as well", async () => {
    const fresh = nameIn((await rotate({}, CITY, "signer", ...because)).err);
    await rotateSigner(world, registrar, CITY, fresh);
    const { body } = await world.post<RecordReference>("/api/v1/records", penalty(`京市监罚〔2026〕${++number}号`));
    await eventually(
      () => world.sql<{ n: number }>(`select max(refusals) as n from batch`),
      ([row]) => row!.n > 0,
    );
    const done = await rotate({}, CITY, "signer", ...because);
    expect([done.code, done.out]).to.deep.equal([
      0,
      `${CITY} signs with ${fresh} from now on; who and why is on record.\n`,
    ]);
    await world.sql(`update batch set retry_at = now() where retry_at is not null`);
    await eventually(
      () => world.get<RecordAnswer>(`/api/v1/records/${body.id}`),
      (answer) => answer.body.status === "final",
    );
    expect((await rotations()).map(({ evidence }) => evidence)).to.deep.equal([
      { by: "Wang", because: "two years in use", purpose: "signer", version: 2, key: fresh },
    ]);
    await expectSound();
  });

  it("replaces a signer in one go where the registrar's key is given", async () => {
    const done = await rotate(asRegistrar, CITY, "signer", ...because);
    expect([done.code, done.err]).to.deep.equal([0, ""]);
    await anchored();
  });

  it("replaces a statement key: new records name the new one, and old ones stand", async () => {
    const old = await anchored();
    const done = await rotate(asRegistrar, CITY, "statement", ...because);
    expect([done.code, done.err]).to.deep.equal([0, ""]);
    const later = await anchored();
    const keys: string[] = [];
    for (const id of [old, later]) {
      const receipt = await receiptOf(id);
      expect((await world.post<Verdict>("/api/v1/verify", receipt)).body.verdict).to.equal("valid");
      const read = readStatement(receipt.statement);
      if (!read.ok) throw new Error(read.problem);
      keys.push(`0x${Buffer.from(read.header.kid, "base64url").toString("hex")}`);
    }
    expect(keys[0]).not.to.equal(keys[1]);
    expect(keys[1]).to.equal(nameIn(done.out));
  });

  it("is found by fsck when the database names a key that is not there", async () => {
    await world.sql(`update department set signer_version = 9 where uscc = $1`, [DISTRICT]);
    const checked = await runCommand("fsck.js", ["--json", "--full"], world.environment);
    expect(checked.code).to.equal(1);
    expect(checked.out).to.contain(`"field":"signer_version, version"`);
    await world.sql(`update department set signer_version = 1 where uscc = $1`, [DISTRICT]);
    await expectSound();
  });

  for (const [what, args, code, said] of [
    ["an unknown department", [UNREGISTERED, "signer", ...because], 1, `There is no department ${UNREGISTERED}.\n`],
    [
      "a key of its own for a department whose keys are kept here",
      [CITY, "signer", ...because, "--public", `0x${"1".repeat(40)}`],
      1,
      `The platform keeps the keys of ${CITY} and makes the new one itself: leave --public out.\n`,
    ],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { code: ended, err } = await rotate({}, ...args);
      expect([ended, err]).to.deep.equal([code, said]);
    });

  for (const [what, args] of [
    ["no reason", [CITY, "signer"]],
    ["another kind of key", [CITY, "vrf", ...because]],
    ["a public half that is none", [CITY, "statement", ...because, "--public", "{}"]],
  ] as const)
    it(`explains its use when given ${what}`, async () => {
      const { code, err } = await rotate({}, ...args);
      expect(code).to.equal(2);
      expect(err).to.match(/^npm run departments -- list\n/);
    });
});
