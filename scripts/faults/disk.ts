// A disk of its own that can be filled up: a small tmpfs, which only root may mount.
import { spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const CHUNK = Buffer.alloc(1 << 20);

export class Disk {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns undefined where this process may not mount: then the disk cannot be filled */
  static mount(folder: string, megabytes: number): Disk | undefined {
    mkdirSync(folder, { recursive: true });
    const args = ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=755`, "tmpfs", folder];
    if (spawnSync("mount", args, { stdio: "ignore" }).status !== 0) return undefined;
    chmodSync(folder, 0o755);
    return new Disk(folder);
  }

  /** Takes all that is free. */
  fill(): void {
    const file = openSync(this.#ballast, "w");
    try {
      for (let size = CHUNK.length; size >= 1; size >>= 4) while (wrote(file, size));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    spawnSync("umount", ["--lazy", this.#folder], { stdio: "ignore" });
  }

  get #ballast(): string {
    return join(this.#folder, "ballast");
  }
}

function wrote(file: number, size: number): boolean {
  try {
    return writeSync(file, CHUNK, 0, size) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") return false;
    throw error;
  }
}
