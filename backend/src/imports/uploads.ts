import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Injectable } from "@nestjs/common";
import { Config } from "../config.ts";
import type { KeyVault } from "../departments/key-vault.ts";
import { openStream, sealStream } from "../personal/sealed-stream.ts";
import { damaged } from "../records/files/file-error.ts";

const DAY_MS = 86_400_000;

/** The uploaded files, encrypted, kept until their import is finished. API and workers share this folder. */
@Injectable()
export class Uploads {
  readonly folder: string;

  constructor(config: Config) {
    this.folder = join(config.dataDir, "imports");
  }

  /** Seals a stream to disk; a file under its final name is whole. @returns how many bytes were uploaded */
  async keep(id: string, content: Readable, vault: KeyVault): Promise<number> {
    let bytes = 0;
    const counted = async function* () {
      for await (const chunk of content as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        yield chunk;
      }
    };
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const partial = `${this.#path(id)}.part`;
    try {
      await pipeline(
        sealStream(counted(), vault, contextOf(id)),
        createWriteStream(partial, { mode: 0o600, flush: true }),
      );
      await rename(partial, this.#path(id));
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    return bytes;
  }

  /** @param vault null for an upload of before uploads were encrypted */
  read(id: string, vault: KeyVault | null): Readable {
    const stored = createReadStream(this.#path(id));
    return vault ? Readable.from(opened(stored, vault, contextOf(id)), { objectMode: false }) : stored;
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

/** A file that was tampered with, or cut off, ends its import; a disk that fails does not. */
async function* opened(stored: Readable, vault: KeyVault, context: string): AsyncGenerator<Buffer> {
  try {
    yield* openStream(stored, vault, context);
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw error;
    throw damaged("暂存的文件已损坏", "The file was damaged while it was stored");
  }
}

function contextOf(id: string): string {
  return `import_job/${id}/upload`;
}
