import { spawn, spawnSync } from "node:child_process";
import { existsSync, openSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Member } from "./member.ts";
import { NetworkError } from "./network-error.ts";
import { nodeFolder } from "./network-folder.ts";
import { askNode } from "./rpc.ts";

/** What starts and stops nodes on this machine. */
export interface Engine {
  start(members: readonly Member[]): Promise<void>;
  stop(members: readonly Member[]): Promise<void>;
}

/** The besu executable of BESU_BIN, else Docker. */
export function engineFor(folder: string, env: NodeJS.ProcessEnv): Engine {
  const besu = env["BESU_BIN"];
  if (besu !== undefined && !existsSync(besu)) throw new NetworkError(`BESU_BIN names ${besu}, which is not there.`);
  if (besu !== undefined) return besuEngine(folder, besu, env);
  if (spawnSync("docker", ["compose", "version"], { env }).status === 0) return dockerEngine(folder, env);
  throw new NetworkError(
    "Set BESU_BIN to the besu executable, or install Docker with its compose plugin: neither was found.",
  );
}

/** Whatever has started the nodes stops them: processes need no BESU_BIN for that. */
export function stopperFor(folder: string, members: readonly Member[], env: NodeJS.ProcessEnv): Pick<Engine, "stop"> {
  const asProcesses = members.some(({ name }) => existsSync(join(nodeFolder(folder, name), "besu.pid")));
  return asProcesses ? { stop: (chosen) => terminateAll(folder, chosen) } : engineFor(folder, env);
}

/** Members whose private key lies in this folder: only these can be started here. */
export function localMembers(folder: string, members: readonly Member[]): Member[] {
  return members.filter(({ name }) => existsSync(join(nodeFolder(folder, name), "key")));
}

function dockerEngine(folder: string, env: NodeJS.ProcessEnv): Engine {
  const compose = (...args: string[]) => {
    const run = spawnSync("docker", ["compose", "-f", join(folder, "docker-compose.yml"), ...args], {
      stdio: "inherit",
      env,
    });
    if (run.status !== 0) throw new NetworkError(`docker compose ${args[0]} did not succeed.`);
  };
  return {
    start: async (members) => compose("up", "--detach", ...members.map(({ name }) => name)),
    stop: async (members) => compose("stop", ...members.map(({ name }) => name)),
  };
}

function besuEngine(folder: string, besu: string, env: NodeJS.ProcessEnv): Engine {
  return {
    start: async (members) => {
      for (const member of members) await refuseStranger(nodeFolder(folder, member.name), member);
      const started = members.map((member) => {
        const home = nodeFolder(folder, member.name);
        return untilAnswering(home, member, launch(home, besu, env));
      });
      await Promise.all(started);
    },
    stop: (members) => terminateAll(folder, members),
  };
}

async function terminateAll(folder: string, members: readonly Member[]): Promise<void> {
  await Promise.all(members.map(({ name }) => terminate(nodeFolder(folder, name))));
}

/** Whoever answers already would be taken for the node that is started. */
async function refuseStranger(home: string, member: Member): Promise<void> {
  if (runningPid(home) !== null || !(await answers(member))) return;
  throw new NetworkError(`${member.name} was not started: something else answers at 127.0.0.1:${member.rpcPort}.`);
}

function answers(member: Member): Promise<boolean> {
  return askNode(member)("eth_blockNumber").then(Boolean, () => false);
}

/** Starts a node that does not run yet; the answer tells whether it has ended since. */
function launch(home: string, besu: string, env: NodeJS.ProcessEnv): () => boolean {
  if (runningPid(home) !== null) return () => runningPid(home) === null;
  const log = openSync(join(home, "besu.log"), "a", 0o600);
  const child = spawn(besu, ["--config-file=config.toml"], {
    cwd: home,
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...env, BESU_OPTS: env["BESU_OPTS"] ?? "-Xmx1g" },
  });
  if (child.pid === undefined) throw new NetworkError(`${besu} cannot be executed.`);
  writeFileSync(join(home, "besu.pid"), String(child.pid));
  child.unref();
  return () => child.exitCode !== null || child.signalCode !== null;
}

/** The node's process, if it is alive and really this node's: process ids are used again. */
export function runningPid(home: string): number | null {
  const file = join(home, "besu.pid");
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, "utf8"));
  return isAlive(pid) && worksIn(pid, home) ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where /proc tells; elsewhere the pid file has to do. */
function worksIn(pid: number, home: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(home);
  } catch {
    return process.platform !== "linux";
  }
}

const START_SECONDS = 120;
const STOP_SECONDS = 60;

async function untilAnswering(home: string, member: Member, hasEnded: () => boolean): Promise<void> {
  for (let second = 0; second < START_SECONDS; second++) {
    if (hasEnded()) throw new NetworkError(`${member.name} ended; its log is ${join(home, "besu.log")}.`);
    if (await answers(member)) return;
    await sleep(1_000);
  }
  throw new NetworkError(
    `${member.name} does not answer after ${START_SECONDS} s; its log is ${join(home, "besu.log")}.`,
  );
}

async function terminate(home: string): Promise<void> {
  const pid = runningPid(home);
  if (pid !== null) process.kill(pid, "SIGTERM");
  for (let second = 0; second < STOP_SECONDS && runningPid(home) !== null; second++) await sleep(1_000);
  const stubborn = runningPid(home);
  if (stubborn !== null) process.kill(stubborn, "SIGKILL");
  rmSync(join(home, "besu.pid"), { force: true });
}
