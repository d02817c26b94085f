import { expect } from "chai";
import fc from "fast-check";
import { inOrder } from "../../backend/src/records/in-order.ts";
import { type Line, readLines } from "../../backend/src/records/lines.ts";

async function* from<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

async function linesOf(pieces: Iterable<Buffer>): Promise<Line[]> {
  return (await all(readLines(from(pieces)))).flat();
}

/** Cuts a text into pieces at any bytes, also inside a character. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe("lines of a body", () => {
  it("are the same however the body arrives, and blank ones are counted", async () => {
    const line = fc.string({ unit: fc.constantFrom("a", "字", "😀", " ", "{", "\r") });
    const body = fc.tuple(fc.array(line), fc.array(fc.nat()), fc.boolean());
    await fc.assert(
      fc.asyncProperty(body, async ([lines, places, isEnded]) => {
        const text = lines.join("\n") + (isEnded ? "\n" : "");
        const expected = lines
          .map((one, i) => ({ line: i + 1, text: one }))
          .filter(({ text: one }) => one.trim() !== "");
        expect(await linesOf(cut(text, places))).to.deep.equal(expected);
      }),
    );
  });

  it("have no text when they are not UTF-8 or longer than 1 MiB, and the next one has its own", async () => {
    const long = Buffer.alloc(700_000, "x");
    const newline = Buffer.from("\n");
    const pieces = [long, long, newline, Buffer.from([0x61, 0xff, 0x0a]), long, newline, Buffer.from("b")];
    const lines = await linesOf(pieces);
    expect(lines.map(({ line, code }) => [line, code])).to.deep.equal([
      [1, "TOO_LARGE"],
      [2, "NOT_UTF8"],
      [3, undefined],
      [4, undefined],
    ]);
    expect(lines.slice(2).map((one) => ("text" in one ? one.text.length : 0))).to.deep.equal([700_000, 1]);
  });
});

describe("results in order", () => {
  it("keep the order of the items, with so many under way and no more", async () => {
    const durations = fc.array(fc.nat(5), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(durations, fc.integer({ min: 1, max: 4 }), async (ticks, most) => {
        let [underWay, highest] = [0, 0];
        const take = async (tick: number) => {
          highest = Math.max(highest, ++underWay);
          for (let i = 0; i < tick; i++) await Promise.resolve();
          underWay--;
          return tick;
        };
        expect(await all(inOrder(from(ticks), take, most))).to.deep.equal(ticks);
        expect(highest).to.be.at.most(most);
      }),
    );
  });

  it("come before the next item does", async () => {
    const next = Promise.withResolvers<undefined>();
    const items = (async function* () {
      yield 1;
      await next.promise;
      yield 2;
    })();
    const results = inOrder(items, (item) => Promise.resolve(item), 4);
    expect((await results.next()).value).to.equal(1);
    next.resolve(undefined);
    expect((await results.next()).value).to.equal(2);
    expect((await results.next()).done).to.equal(true);
  });

  it("end with what breaks off, after what came before it", async () => {
    const items = (async function* () {
      yield await Promise.resolve(1);
      throw new Error("broken off");
    })();
    const seen: number[] = [];
    let message = "";
    try {
      for await (const result of inOrder(items, (item) => Promise.resolve(item), 4)) seen.push(result);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).to.equal("broken off");
  });
});
