// Builds the packages whose sources have changed since their last build: `npm run build`, and first of all `npm start`.
import { spawn } from "node:child_process";
import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./embedded/start-error.ts";

const ROOT = join(import.meta.dirname, "..");

interface Package {
  readonly name: string;
  /** What its output is made from: files and folders below the root. */
  readonly inputs: readonly string[];
  readonly after: readonly string[];
}

const SHARED = ["tsconfig.base.json", "package-lock.json"];
const PACKAGES: readonly Package[] = [
  {
    name: "proof",
    inputs: [...SHARED, "proof/src", "proof/cli", "proof/package.json", "proof/tsconfig.json"],
    after: [],
  },
  { name: "client", inputs: [...SHARED, "client/src", "client/package.json", "client/tsconfig.json"], after: [] },
  { name: "backend", inputs: [...SHARED, "backend/src", "backend/package.json", "backend/.swcrc"], after: [] },
  {
    name: "web",
    inputs: [
      ...SHARED,
      "proof/src",
      "web/src",
      "web/public",
      "web/index.html",
      "web/vite.config.ts",
      "web/package.json",
    ],
    after: ["proof"],
  },
];

/** Builds what is stale, in parallel where order does not matter. @param say is told what is being built */
export async function buildStale(say: (sentence: string) => void): Promise<void> {
  const done = new Map<string, Promise<void>>();
  for (const part of PACKAGES) {
    const before = Promise.all(part.after.map((name) => done.get(name)!));
    done.set(
      part.name,
      before.then(() => buildIfStale(part, say)),
    );
  }
  await Promise.all(done.values());
}

/** A failed or interrupted build leaves no stamp, so the next one begins again. */
async function buildIfStale({ name, inputs }: Package, say: (sentence: string) => void): Promise<void> {
  const stamp = join(ROOT, name, "dist", ".inputs");
  const digest = digestOf(inputs);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  say(`building ${name}`);
  await runBuild(name);
  writeFileSync(stamp, digest);
}

async function runBuild(name: string): Promise<void> {
  const npm = spawn("npm", ["run", "--silent", "build", "-w", name], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(npm, "exit")) as [number | null];
  if (code !== 0) throw new StartError(`${name} does not build.`);
}

function digestOf(inputs: readonly string[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) addTo(hash, input);
  return hash.digest("hex");
}

function addTo(hash: Hash, path: string): void {
  const full = join(ROOT, path);
  if (!existsSync(full)) return;
  if (statSync(full).isDirectory()) {
    for (const name of readdirSync(full).toSorted()) addTo(hash, join(path, name));
  } else {
    hash.update(`${path}\0`).update(readFileSync(full));
  }
}

if (import.meta.main) {
  try {
    await buildStale(console.log);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
