import { createHash, type Hash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

/** A written file, as Data Package 2.0 names size and checksum. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly hash: string;
}

const CHUNK = 65_536;

/** Writes one file from beginning to end, digesting it on the way. */
export class SnapshotFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  #bytes = 0;
  #pending = "";

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async create(folder: string, path: string): Promise<SnapshotFile> {
    return new SnapshotFile(path, await open(join(folder, path), "w", 0o644));
  }

  async write(text: string): Promise<void> {
    this.#pending += text;
    if (this.#pending.length >= CHUNK) await this.#flush();
  }

  /** On disk when it resolves. */
  async close(): Promise<WrittenFile> {
    await this.#flush();
    await this.#file.sync();
    await this.#file.close();
    return { path: this.#path, bytes: this.#bytes, hash: `sha256:${this.#hash.digest("hex")}` };
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#pending);
    this.#pending = "";
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#file.writeFile(bytes);
  }
}

const PARTIAL = "partial";

/** An empty folder for a snapshot that is being made; what an earlier attempt left in it is gone. */
export async function partialFolder(root: string): Promise<string> {
  const folder = join(root, PARTIAL);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Makes the finished folder the snapshot of its day. */
export async function putInPlace(root: string, day: string): Promise<void> {
  await rm(join(root, day), { recursive: true, force: true });
  await rename(join(root, PARTIAL), join(root, day));
  const handle = await open(root, "r");
  await handle.sync().finally(() => handle.close());
}

/** Takes away all earlier snapshots: they would go on publishing what has been withdrawn since. */
export async function forgetOlder(root: string, day: string): Promise<void> {
  for (const name of await readdir(root)) if (name < day) await rm(join(root, name), { recursive: true, force: true });
}
