import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { newPlatformKeys } from "../../scripts/launcher/key-files.ts";
import type { Ended } from "./command.ts";
import { DISTRICT, eventually, startWorld, type World } from "./harness.ts";

const NOBODY_THERE = "http://127.0.0.1:9";

/** `npm run doctor` beside a service whose settings are given. */
function doctor(env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    const child = execFile(process.execPath, ["scripts/doctor.ts"], options, (_, out, err) =>
      resolve({ code: child.exitCode!, out, err }),
    );
  });
}

describe("npm run doctor", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => {
    world = await startWorld();
    const { body } = await world.post<{ id: string }>("/api/v1/integrity/runs", {});
    await eventually(
      () => world.get<{ status: string }>(`/api/v1/integrity/runs/${body.id}`),
      (answer) => answer.body.status === "done",
    );
  });
  after(() => world.stop());

  const wrongOf = ({ out }: Ended) => out.split("\n").filter((line) => line.startsWith("WRONG"));

  it("finds nothing wrong with a sound deployment", async () => {
    const ran = await doctor(world.environment);
    expect(wrongOf(ran)).to.deep.equal([]);
    expect([ran.code, ran.out.trimEnd().split("\n").at(-1)]).to.deep.equal([0, "Nothing is wrong."]);
    expect(ran.out).to.contain(`${world.identity.issuer} answers`);
  });

  interface Broken {
    readonly what: string;
    /** What the deployment is broken by: its settings, else its data. */
    readonly settings?: () => NodeJS.ProcessEnv;
    readonly sql?: string;
    readonly mended?: string;
    readonly says: RegExp;
    /** How much of what stands on it is found wrong with it. */
    readonly further?: number;
  }
  const file = (name: string) => join(world.folder, name);
  const BROKEN: readonly Broken[] = [
    {
      what: "a setting that means nothing",
      settings: () => ({ CHAIN_FINALITY: "some day" }),
      says: /CHAIN_FINALITY/,
    },
    {
      what: "no chain node",
      settings: () => ({ CHAIN_RPC_URLS: NOBODY_THERE }),
      says: /chain node 1: does not answer/,
      further: 1,
    },
    {
      what: "one of two chain nodes away",
      settings: () => ({ CHAIN_RPC_URLS: `${world.node.url},${NOBODY_THERE}`, CHAIN_AGREEMENT: "1" }),
      says: /chain node 2: does not answer/,
    },
    {
      what: "another ledger than the database's",
      settings: () => ({ LEDGER_ADDRESS: world.deployment.registry }),
      says: /This database belongs to the ledger 0x/,
    },
    {
      what: "no key file",
      settings: () => ({ KEY_FILE: file("nowhere.json") }),
      says: /nowhere\.json/,
    },
    {
      what: "a key file that others can read",
      settings: () => {
        copyFileSync(world.environment["KEY_FILE"]!, file("open.json"));
        chmodSync(file("open.json"), 0o644);
        return { KEY_FILE: file("open.json") };
      },
      says: /key file: .*open\.json can be read by others: chmod 600/,
    },
    {
      what: "the VRF key of another platform",
      settings: () => {
        const keys = newPlatformKeys(`0x${randomBytes(32).toString("hex")}`);
        writeFileSync(file("other.json"), JSON.stringify(keys), { mode: 0o600 });
        return { KEY_FILE: file("other.json") };
      },
      says: /The VRF key of the key file \(0x\w+\) is not the one in the registry/,
    },
    {
      what: "a database that takes no writes",
      settings: () => ({
        DATABASE_URL: `${world.postgres.url}?options=-c%20default_transaction_read_only%3Don`,
      }),
      says: /writing: it is read-only/,
    },
    {
      what: "no identity provider",
      settings: () => ({ OIDC_ISSUER: NOBODY_THERE }),
      says: /identity: .* does not answer: nobody gets a token/,
    },
    {
      what: "a stopped department",
      sql: `update department set stopped_because = 'ROOT_MISMATCH' where uscc = '${DISTRICT}'`,
      mended: `update department set stopped_because = null where uscc = '${DISTRICT}'`,
      says: new RegExp(`department ${DISTRICT}: it is stopped \\(ROOT_MISMATCH\\)`),
    },
    {
      what: "an agent that is away",
      sql: `with own as (update department set keeps_own_keys = true where uscc = '${DISTRICT}')
        insert into batch (id, department, kind, year, sequence, count, root, entries_hash, sealed_at)
        values (gen_random_uuid(), '${DISTRICT}', 1, 2026, 1, 1, '\\x01', '\\x02', now() - interval '1 hour')`,
      mended: `with gone as (delete from batch where department = '${DISTRICT}')
        update department set keeps_own_keys = false where uscc = '${DISTRICT}'`,
      says: new RegExp(`agent of ${DISTRICT}: a batch has waited for its agent for 36\\d\\d s`),
    },
  ];

  for (const { what, settings, sql, mended, says, further = 0 } of BROKEN)
    it(`names what is wrong, and nothing else: ${what}`, async () => {
      if (sql) await world.sql(sql);
      try {
        const ran = await doctor({ ...world.environment, ...settings?.() });
        expect(ran.code, ran.out).to.equal(1);
        const [first, ...others] = wrongOf(ran);
        expect(first, ran.out).to.match(says);
        expect(others, ran.out).to.have.length(further);
        expect(ran.out + ran.err).to.not.match(/\n +at /);
      } finally {
        if (mended) await world.sql(mended);
      }
    });
});
