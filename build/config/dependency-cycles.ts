/**
 * Cycles in a graph given as its edges. Pure; knows nothing of services.
 */

export interface Edge {
  readonly from: string;
  readonly to: string;
}

/**
 * One cycle for each edge that closes one: its edges in order, the closing one last. Without the closing
 * edges the graph has no cycle, so this is all there is to mend.
 */
export function findCycles<E extends Edge>(edges: readonly E[]): readonly (readonly E[])[] {
  const leaving = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  return [...leaving.keys()].flatMap((start) => cyclesFrom(start, leaving, done));
}

/** Depth first, with a stack of its own: a file may chain more services than calls can nest. */
function cyclesFrom<E extends Edge>(
  start: string,
  leaving: ReadonlyMap<string, readonly E[]>,
  done: Set<string>,
): readonly (readonly E[])[] {
  if (done.has(start)) return [];
  const cycles: (readonly E[])[] = [];
  const visit = (node: string): { node: string; edges: Iterator<E> } => {
    return { node, edges: (leaving.get(node) ?? []).values() };
  };
  const stack = [visit(start)];
  /** The edges from `start` to the top of the stack, and how many of them lead to each node. */
  const way: E[] = [];
  const depths = new Map([[start, 0]]);
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const step = top.edges.next();
    if (step.done === true) {
      stack.pop();
      way.pop();
      depths.delete(top.node);
      done.add(top.node);
      continue;
    }
    const edge = step.value;
    const depth = depths.get(edge.to);
    if (depth !== undefined) {
      cycles.push([...way.slice(depth), edge]);
    } else if (!done.has(edge.to)) {
      way.push(edge);
      depths.set(edge.to, way.length);
      stack.push(visit(edge.to));
    }
  }
  return cycles;
}
