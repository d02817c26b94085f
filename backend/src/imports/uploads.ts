import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Injectable } from "@nestjs/common";
import { Config } from "../config.ts";

const DAY_MS = 86_400_000;

/** The uploaded files, kept until their import is finished. API and workers share this folder. */
@Injectable()
export class Uploads {
  readonly folder: string;

  constructor(config: Config) {
    this.folder = join(config.dataDir, "imports");
  }

  /** Writes a stream to disk; a file under its final name is whole. @returns its size in bytes */
  async keep(id: string, content: Readable): Promise<number> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const partial = `${this.#path(id)}.part`;
    try {
      await pipeline(content, createWriteStream(partial, { mode: 0o600, flush: true }));
      await rename(partial, this.#path(id));
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    return (await stat(this.#path(id))).size;
  }

  read(id: string): Readable {
    return createReadStream(this.#path(id));
  }

  async discard(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  /** Removes what crashes have left: files older than a day that no open import needs. */
  async sweep(open: ReadonlySet<string>, now = Date.now()): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names.filter((one) => !open.has(one))) {
      const { mtimeMs } = await stat(join(this.folder, name));
      if (now - mtimeMs > DAY_MS) await rm(join(this.folder, name), { force: true });
    }
  }

  #path(id: string): string {
    return join(this.folder, id);
  }
}
