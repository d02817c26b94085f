import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Hex } from "../../proof/src/bytes.ts";
import { runCommand } from "../../scripts/network/commands.ts";
import { runningPid } from "../../scripts/network/engine.ts";
import type { Member } from "../../scripts/network/member.ts";
import { nodeFolder, readNetwork } from "../../scripts/network/network-folder.ts";
import { askNode, type Ask } from "../../scripts/network/rpc.ts";

/** Besu comes from its release archive, not from a package registry: where it is missing the tests say so. */
export function skipWithoutBesu(context: Mocha.Context): void {
  if (process.env["BESU_BIN"]) return;
  console.log("    skipped: BESU_BIN is not set to a besu executable");
  context.skip();
}

/** Four validators and a node that serves, of real Besu, on loopback; driven by `npm run network`'s own commands. */
export class BesuNetwork {
  readonly folder: string;
  readonly members: readonly Member[];

  private constructor(folder: string, members: readonly Member[]) {
    this.folder = folder;
    this.members = members;
  }

  static async start(...options: string[]): Promise<BesuNetwork> {
    const folder = join(mkdtempSync(join(tmpdir(), "quanlian-besu-")), "net");
    await command(["init", "--out", folder, ...options]);
    await command(["up", "--dir", folder]);
    return new BesuNetwork(folder, (await readNetwork(folder)).members);
  }

  get validators(): readonly Member[] {
    return this.members.filter(({ role }) => role === "validator");
  }

  get trustFile(): string {
    return join(this.folder, "trust.json");
  }

  get urls(): readonly string[] {
    return this.members.map(({ rpcPort }) => `http://127.0.0.1:${rpcPort}`);
  }

  run(name: string, ...options: string[]): Promise<void> {
    return command([name, "--dir", this.folder, ...options]);
  }

  ask(place: number): Ask {
    return askNode(this.members[place]!);
  }

  async height(place = 0): Promise<number> {
    return Number(await this.ask(place)<Hex>("eth_blockNumber"));
  }

  /** Waits until a node is so many blocks further. */
  async advances(blocks: number, place = 0): Promise<void> {
    const goal = (await this.height(place)) + blocks;
    while ((await this.height(place)) < goal) await sleep(500);
  }

  /** As a power cut does. */
  kill(...places: readonly number[]): void {
    for (const place of places) process.kill(runningPid(this.home(place))!, "SIGKILL");
  }

  home(place: number): string {
    return nodeFolder(this.folder, this.members[place]!.name);
  }

  async stop(): Promise<void> {
    await this.run("down");
    rmSync(join(this.folder, ".."), { recursive: true, force: true });
  }
}

async function command(args: readonly string[]): Promise<void> {
  const said: string[] = [];
  const hear = (line: string) => said.push(line);
  const code = await runCommand(args, { env: process.env, print: hear, complain: hear, pause: sleep });
  expect(code, said.join("\n")).to.equal(0);
}
