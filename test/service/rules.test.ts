import { expect } from "chai";
import fc from "fast-check";
import {
  type BatchState,
  BATCH_EVENTS,
  BATCH_STATES,
  next,
  statesBefore,
} from "../../backend/src/anchoring/batch-state.ts";
import { dueGroups, type Group, isDue } from "../../backend/src/anchoring/batching.ts";
import { sortByNonce } from "../../backend/src/anchoring/nonces.ts";
import { instantOf, todayInChina } from "../../backend/src/records/china-time.ts";
import { decide } from "../../backend/src/records/versions.ts";
import { windowsOf } from "../../backend/src/integrity/windows.ts";

describe("rules: batch states", () => {
  const table: Record<string, Record<string, string | undefined>> = {
    sealed: { sent: "submitted", lost: "sealed", finalised: "final" },
    submitted: { sent: "submitted", lost: "sealed", finalised: "final" },
    final: { sent: undefined, lost: "sealed", finalised: "final" },
  };
  for (const state of BATCH_STATES)
    for (const event of BATCH_EVENTS)
      it(`${state} + ${event} = ${table[state]![event] ?? "nothing"}`, () =>
        expect(next(state, event)).to.equal(table[state]![event]));

  it("whatever happens, a batch that is finalised last is final", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...BATCH_EVENTS)), (events) => {
        const state = events.reduce<BatchState>((now, event) => next(now, event) ?? now, "sealed");
        expect(next(state, "finalised")).to.equal("final");
      }),
    );
  });

  it("tells from which states an event leads anywhere", () => {
    expect(statesBefore("sent")).to.deep.equal(["sealed", "submitted"]);
    expect(statesBefore("finalised")).to.deep.equal([...BATCH_STATES]);
  });
});

describe("rules: batching", () => {
  const rule = { size: 512, ageMs: 1_000 };
  const group = fc.record({
    department: fc.constant("11110000MB9D0005X4"),
    kind: fc.integer({ min: 1, max: 5 }),
    year: fc.constant(2026),
    waiting: fc.integer({ min: 0, max: 512 }),
    age: fc.integer({ min: 0, max: 10_000 }),
  });

  for (const [waiting, age, due] of [
    [0, 10_000, false],
    [1, 999, false],
    [1, 1_000, true],
    [511, 1, false],
    [512, 0, true],
  ] as const)
    it(`${waiting} waiting since ${age} ms: ${due ? "due" : "not due"}`, () => {
      const some: Group = { department: "", kind: 1, year: 2026, waiting, age };
      expect(isDue(some, rule)).to.equal(due);
    });

  it("lets the longest waiting go first and forgets nobody who is due", () => {
    fc.assert(
      fc.property(fc.array(group), (groups) => {
        const due = dueGroups(groups, rule);
        expect(due).to.have.length(groups.filter((one) => isDue(one, rule)).length);
        expect(due.map(({ age }) => age)).to.deep.equal(due.map(({ age }) => age).sort((a, b) => b - a));
      }),
    );
  });
});

describe("rules: nonces", () => {
  const nonces = fc.uniqueArray(fc.integer({ min: 0, max: 60 })).map((all) => all.sort((a, b) => a - b));

  it("puts every open transaction into exactly one place", () => {
    fc.assert(
      fc.property(nonces, fc.integer({ min: 0, max: 60 }), (all, mined) => {
        const view = sortByNonce(
          all.map((nonce) => ({ nonce })),
          mined,
        );
        const placed = [...view.mined, ...view.waiting, ...view.stranded].map(({ nonce }) => nonce);
        expect(placed).to.deep.equal(all);
        view.waiting.forEach(({ nonce }, i) => expect(nonce).to.equal(mined + i));
        if (view.stranded[0]) expect(view.stranded[0].nonce).to.be.above(mined + view.waiting.length);
      }),
    );
  });
});

describe("rules: versions of a document number", () => {
  const hash = (n: number) => `0x${String(n).repeat(64)}` as const;
  const stored = [
    { id: "a", version: 1, recordHash: hash(1), fields: { fine: 1 } },
    { id: "b", version: 2, recordHash: hash(2), fields: { fine: 2 } },
  ];
  const record = (fine: number, ...cited: `0x${string}`[]) => ({
    fields: { fine },
    links: cited.map((record) => ({ rel: "supersedes" as const, record })),
  });

  it("takes the first content as version 1", () =>
    expect(decide(record(1), [])).to.deep.equal({ outcome: "new", version: 1 }));
  it("knows every earlier content again", () => {
    expect(decide(record(1), stored)).to.deep.equal({ outcome: "repeated", of: stored[0] });
    expect(decide(record(2), stored)).to.deep.equal({ outcome: "repeated", of: stored[1] });
  });
  it("refuses other content that supersedes nothing", () =>
    expect(decide(record(3), stored)).to.deep.equal({ outcome: "conflict", with: stored[1] }));
  it("takes other content that supersedes the latest version", () =>
    expect(decide(record(3, hash(2)), stored)).to.deep.equal({ outcome: "new", version: 3 }));
  it("refuses a correction of a version that is corrected already", () =>
    expect(decide(record(3, hash(1)), stored)).to.deep.equal({ outcome: "stale", latest: hash(2) }));
});

describe("rules: time in China", () => {
  it("changes day at 16:00 UTC", () => {
    expect(todayInChina(Date.UTC(2026, 0, 1, 15, 59, 59))).to.equal("2026-01-01");
    expect(todayInChina(Date.UTC(2026, 0, 1, 16))).to.equal("2026-01-02");
  });
  it("takes a day for its first instant", () => {
    expect(instantOf("2026-03-02")).to.equal("2026-03-02T00:00:00+08:00");
    expect(instantOf("2026-03-02T10:00:00+08:00")).to.equal("2026-03-02T10:00:00+08:00");
  });
});

describe("rules: windows over the buckets", () => {
  it("cover every stream key once and cut no bucket", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 256 }), fc.integer({ min: 1, max: 1_000_000 }), (prefixBits, count) => {
        const windows = windowsOf(prefixBits, count, 1_000);
        const ends = windows.flatMap(({ from, to }) => [BigInt(from), BigInt(to)]);
        expect(ends[0]).to.equal(0n);
        expect(ends.at(-1)).to.equal((1n << 256n) - 1n);
        for (let i = 1; i < windows.length; i++) {
          expect(ends[2 * i]).to.equal(ends[2 * i - 1]! + 1n);
          expect(ends[2 * i]! % (1n << BigInt(256 - prefixBits))).to.equal(0n);
        }
      }),
    );
  });
});
