import { expect } from "chai";
import { Groups } from "../../backend/src/groups.ts";

/** Work that ends when it is told to. */
function worksteps() {
  const open: { items: readonly number[]; end: () => void }[] = [];
  const settle = (items: readonly number[]) =>
    new Promise<string[]>((resolve) => {
      open.push({ items, end: () => resolve(items.map(String)) });
    });
  return { open, settle };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("doing together what comes one by one", () => {
  it("takes what comes meanwhile into the next group, and answers each item with its own result", async () => {
    const { open, settle } = worksteps();
    const groups = new Groups(settle, { items: 3, groups: 1 });
    const answers = Promise.all([1, 2, 3, 4, 5].map((item) => groups.take(item)));
    await turn();
    expect(open.map(({ items }) => items)).to.deep.equal([[1, 2, 3]]);
    expect(groups.waiting).to.equal(2);
    open[0]!.end();
    await turn();
    expect(open[1]!.items).to.deep.equal([4, 5]);
    open[1]!.end();
    expect(await answers).to.deep.equal(["1", "2", "3", "4", "5"]);
  });

  it("has no more groups under way than it may", async () => {
    const { open, settle } = worksteps();
    const groups = new Groups(settle, { items: 1, groups: 2 });
    const answers = [1, 2, 3].map((item) => groups.take(item));
    await turn();
    expect(open).to.have.length(2);
    open[1]!.end();
    await answers[1];
    await turn();
    expect(open.map(({ items }) => items)).to.deep.equal([[1], [2], [3]]);
    for (const { end } of open) end();
    await Promise.all(answers);
  });

  it("lets fail what fails alone, and all of a group that fails as a whole", async () => {
    const settle = (items: readonly number[]) =>
      items.includes(9)
        ? Promise.reject(new Error("all"))
        : Promise.resolve(items.map((item) => (item === 2 ? new Error("one") : String(item))));
    const settled = async (items: readonly number[]) => {
      const groups = new Groups(settle, { items: 10, groups: 1 });
      const answers = await Promise.allSettled(items.map((item) => groups.take(item)));
      return answers.map((answer) => (answer.status === "fulfilled" ? answer.value : String(answer.reason)));
    };
    expect(await settled([1, 2, 3])).to.deep.equal(["1", "Error: one", "3"]);
    expect(await settled([1, 9])).to.deep.equal(["Error: all", "Error: all"]);
  });
});
