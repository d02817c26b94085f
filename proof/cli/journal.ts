import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";

/** The journal cannot be read: whoever goes on without it may sign twice. */
export class JournalDamaged extends Error {}

/** What was signed before, one JSON line an entry. Only one process may write it at a time. */
export class Journal<Entry extends object> {
  readonly #file: string;
  readonly #entries: Entry[];

  private constructor(file: string, entries: Entry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  /** A last line without its end was cut off by a crash: what it announces never left the house. @throws JournalDamaged */
  static async open<Entry extends object>(file: string): Promise<Journal<Entry>> {
    if (!existsSync(file)) return new Journal<Entry>(file, []);
    const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
    try {
      return new Journal(
        file,
        lines.map((line) => JSON.parse(line) as Entry),
      );
    } catch {
      throw new JournalDamaged(`the journal ${file} is damaged`);
    }
  }

  /** One that is only added to, and whose entries somebody else has read. */
  static appending<Entry extends object>(file: string): Journal<Entry> {
    return new Journal<Entry>(file, []);
  }

  /** Oldest first. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** When this returns the entry is on the disk. */
  async write(entry: Entry): Promise<void> {
    const handle = await open(this.#file, "a+", 0o600);
    try {
      await handle.truncate(await endOfLastLine(handle));
      await handle.write(`${JSON.stringify(entry)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    this.#entries.push(entry);
  }
}

const LINE_FEED = 10;
const STEP = 65_536;

/** Where the last whole line ends; found from the end, since a journal grows for years. */
async function endOfLastLine(handle: Awaited<ReturnType<typeof open>>): Promise<number> {
  const { size } = await handle.stat();
  for (let end = size; end > 0; end -= STEP) {
    const start = Math.max(0, end - STEP);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    const found = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    if (found >= 0) return start + found + 1;
  }
  return 0;
}
