/**
 * Several lists in the order of their times, except that each list keeps its own order: where the clock was
 * set back, what a program wrote last is still what comes last. Pure, and lazy: nobody has to hold all of it.
 */
export function* mergeByTime<T>(
  lists: readonly (readonly T[])[],
  timeOf: (item: T) => number,
): Generator<T> {
  const heads = lists.map((list) => ({ list, at: 0, time: timeAt(list, 0, timeOf) }));
  for (;;) {
    let first = heads[0];
    // The earlier list goes first where times are the same.
    for (const head of heads) if (first === undefined || head.time < first.time) first = head;
    const item = first?.list[first.at];
    if (first === undefined || item === undefined) return;
    yield item;
    first.at += 1;
    first.time = timeAt(first.list, first.at, timeOf);
  }
}

/** After the end of a list nothing of it comes before anything else. */
function timeAt<T>(list: readonly T[], at: number, timeOf: (item: T) => number): number {
  const item = list[at];
  return item === undefined ? Number.POSITIVE_INFINITY : timeOf(item);
}
