/**
 * What becomes of each item, in the order of the items and as soon as it is known: also while the next item has yet to
 * come. At most `most` are under way; until then no further item is asked for.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  take: (item: Item) => Promise<Result>,
  most: number,
): AsyncGenerator<Result> {
  const iterator = items[Symbol.asyncIterator]();
  const underWay: Promise<{ result: Result }>[] = [];
  let coming: Promise<{ arrival: IteratorResult<Item> }> | undefined;
  let isOver = false;
  try {
    for (;;) {
      if (!isOver && underWay.length < most) coming ??= iterator.next().then((arrival) => ({ arrival }));
      const open = [...underWay.slice(0, 1), ...(coming ? [coming] : [])];
      if (open.length === 0) return;
      const first = await Promise.race(open);
      if ("result" in first) {
        void underWay.shift();
        yield first.result;
        continue;
      }
      coming = undefined;
      isOver = first.arrival.done === true;
      if (!first.arrival.done) underWay.push(handled(take(first.arrival.value).then((result) => ({ result }))));
    }
  } finally {
    await Promise.allSettled(underWay);
    await iterator.return?.();
  }
}

/** A failure is met when its turn comes, not before. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
