import { expect } from "chai";
import { GroupCommit } from "../../backend/src/database/group-commit.ts";

/** Commits that end when they are told to. */
function commits() {
  const open: { items: readonly number[]; end: () => void }[] = [];
  const commit = (items: readonly number[]) =>
    new Promise<string[]>((resolve) => {
      open.push({ items, end: () => resolve(items.map(String)) });
    });
  return { open, commit };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("committing in groups", () => {
  it("takes what comes during a commit into the next one, and answers each item with its own result", async () => {
    const { open, commit } = commits();
    const groups = new GroupCommit(commit, { items: 3, groups: 1 });
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
    const { open, commit } = commits();
    const groups = new GroupCommit(commit, { items: 1, groups: 2 });
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

  it("lets only the item fail that cannot be committed", async () => {
    const commit = (items: readonly number[]) =>
      items.includes(2) ? Promise.reject(new Error(`not ${items.join(" ")}`)) : Promise.resolve(items.map(String));
    const groups = new GroupCommit(commit, { items: 10, groups: 1 });
    const answers = await Promise.allSettled([1, 2, 3].map((item) => groups.take(item)));
    expect(answers.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
    expect(String((answers[1] as PromiseRejectedResult).reason)).to.equal("Error: not 2");
  });
});
