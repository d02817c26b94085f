import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { KeyVault } from "../../backend/src/departments/key-vault.ts";
import { openStream, sealStream } from "../../backend/src/personal/sealed-stream.ts";

const CHUNK = 65_536;
const SEALED = CHUNK + 28;

describe("a sealed stream", () => {
  const vault = new KeyVault(randomBytes(32));
  const sealed = (plain: Buffer, pieces = 1) => collect(sealStream(cut(plain, pieces), vault, "upload/1"));
  const opened = (bytes: Buffer, pieces = 1, context = "upload/1", by = vault) =>
    collect(openStream(cut(bytes, pieces), by, context));

  it("opens to what was sealed, whatever its size and however it arrives", async () => {
    for (const size of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7]) {
      const plain = randomBytes(size);
      for (const pieces of [1, 7, 400]) {
        const bytes = await sealed(plain, pieces);
        expect(bytes.length).to.equal(size + 28 * Math.max(1, Math.ceil(size / CHUNK)));
        expect((await opened(bytes, 401 - pieces)).equals(plain), `${size} bytes in ${pieces} pieces`).to.equal(true);
      }
    }
  });

  it("does not open once a bit is flipped, or a chunk is cut off, left out, repeated, moved or taken from elsewhere", async () => {
    const bytes = await sealed(randomBytes(3 * CHUNK + 7));
    const [one, two, three, rest] = [0, 1, 2, 3].map((i) => bytes.subarray(i * SEALED, (i + 1) * SEALED)) as Four;
    const other = (await sealed(randomBytes(3 * CHUNK + 7))).subarray(0, SEALED);
    const flipped = (at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)) as Buffer;
    const bad = {
      ...{ first: flipped(0), tag: flipped(SEALED - 1), last: flipped(bytes.length - 1) },
      ...{ cut: bytes.subarray(0, -1), cutAtChunk: Buffer.concat([one, two, three]), empty: Buffer.alloc(0) },
      ...{ leftOut: Buffer.concat([one, three, rest]), repeated: Buffer.concat([one, two, two, three, rest]) },
      ...{ moved: Buffer.concat([two, one, three, rest]), longer: Buffer.concat([bytes, Buffer.alloc(1)]) },
      replaced: Buffer.concat([two, other, three, rest]),
    };
    for (const [name, altered] of Object.entries(bad)) expect(await fails(opened(altered)), name).to.equal(true);
    expect(await fails(opened(bytes, 1, "upload/2")), "another file's").to.equal(true);
    expect(await fails(opened(bytes, 1, "upload/1", new KeyVault(randomBytes(32)))), "another key").to.equal(true);
  });
});

type Four = [Buffer, Buffer, Buffer, Buffer];

async function* cut(bytes: Buffer, pieces: number): AsyncGenerator<Buffer> {
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function fails(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => false,
    () => true,
  );
}
