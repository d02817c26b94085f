import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import pg from "pg";
import { startPostgres, type RunningPostgres } from "../../scripts/embedded/postgres.ts";
import { findProcesses } from "../../scripts/embedded/processes.ts";

describe("embedded PostgreSQL", () => {
  let folder: string;
  let database: RunningPostgres;

  const start = async () => (database = await startPostgres(folder));
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: database.url });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const lockFile = () => join(database.cluster, "postmaster.pid");
  const kill = async () => {
    for (const pid of findProcesses("postgres", database.cluster)) process.kill(pid, "SIGKILL");
    return (await database.broken).message;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "quanlian-postgres-"));
    // As root the database runs as another user, who must be let in.
    chmodSync(folder, 0o755);
    await start();
    await query("CREATE TABLE kept (n int)");
  });
  after(async () => {
    await database.stop();
    rmSync(folder, { recursive: true });
  });

  it("speaks UTF-8, keeps what is written durably and gives the service no superuser", async () => {
    const [settings] = await query(
      "SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync, " +
        "current_setting('is_superuser') AS superuser, current_setting('listen_addresses') AS listens",
    );
    expect(settings).to.deep.equal({ encoding: "UTF8", fsync: "on", superuser: "off", listens: "127.0.0.1" });
  });

  it("lets nobody in without the password, which only its owner can read", async () => {
    expect(statSync(join(folder, "password")).mode & 0o077).to.equal(0);
    const url = database.url.replace(/:[^:@/]+@/, ":guess@");
    const refusal = await new pg.Client({ connectionString: url })
      .connect()
      .catch((error: unknown) => (error as pg.DatabaseError).code);
    expect(refusal).to.equal("28P01");
  });

  it("keeps every acknowledged write when it is killed while writing, and starts again at once", async () => {
    let acknowledged = 0;
    const writing = (async () => {
      for (;;) {
        await query(`INSERT INTO kept VALUES (${acknowledged + 1})`);
        acknowledged++;
      }
    })().catch(() => undefined);
    while (acknowledged < 20) await new Promise((next) => setTimeout(next, 5));
    expect(await kill()).to.match(/ended by itself/);
    await writing;
    await start();
    const [row] = await query("SELECT max(n) AS n, count(*)::int AS count FROM kept");
    expect(row?.["n"]).to.be.oneOf([acknowledged, acknowledged + 1]);
    expect(row?.["count"]).to.equal(row?.["n"]);
  });

  it("does not take a process that happens to have the old process id for itself", async () => {
    await kill();
    const [, ...rest] = readFileSync(lockFile(), "utf8").split("\n");
    writeFileSync(lockFile(), [process.ppid, ...rest].join("\n"));
    await start();
    expect(await query("SELECT 1 AS one")).to.deep.equal([{ one: 1 }]);
  });

  it("ends a server that a crash has left behind before it starts another", async () => {
    const abandoned = database;
    const [orphan] = findProcesses("postgres", database.cluster);
    await start();
    expect((await abandoned.broken).message).to.match(/ended by itself/);
    expect(findProcesses("postgres", database.cluster)).to.have.length(1).and.not.include(orphan);
  });

  it("begins anew where an earlier first start was cut off", async () => {
    const cut = join(folder, "cut");
    mkdirSync(join(cut, "cluster.new-cut", "base"), { recursive: true });
    const other = await startPostgres(cut);
    expect(readdirSync(cut)).to.have.members(["cluster", "password", "postgres.log"]);
    await other.stop();
  });
});
