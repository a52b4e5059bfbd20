import { array, assert, property, record, constantFrom } from 'fast-check';
import { expect, test } from 'vitest';

import { type Edge, findCycles } from '../../../../build/config/dependency-cycles.ts';

/** `ab bc`: an edge from a to b and one from b to c. */
function edges(text: string): readonly Edge[] {
  return text.split(' ').map((pair) => ({ from: pair.charAt(0), to: pair.charAt(1) }));
}

function cyclesOf(text: string): readonly string[] {
  return findCycles(edges(text)).map((cycle) => cycle.map(({ from, to }) => from + to).join(' '));
}

test.each([
  ['a chain', 'ab bc cd', []],
  ['a diamond', 'ab ac bd cd', []],
  ['an edge to itself', 'aa', ['aa']],
  ['two that wait for each other', 'ab ba', ['ab ba']],
  ['a ring behind a way in', 'ab bc cd db', ['bc cd db']],
  ['two rings with a common node', 'ab ba ac ca', ['ab ba', 'ac ca']],
  ['two rings apart', 'ab ba cd dc', ['ab ba', 'cd dc']],
])('findCycles() on %s', (_, text, expected) => expect(cyclesOf(text)).toEqual(expected));

const node = constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const edge = record({ from: node, to: node });

test('findCycles() returns rings, and none is left without the edges that close them', () => {
  assert(
    property(array(edge, { maxLength: 20 }), (graph) => {
      const cycles = findCycles(graph);
      for (const cycle of cycles) {
        for (const [index, { from }] of cycle.entries()) expect(from).toBe(cycle.at(index - 1)?.to);
        expect(new Set(cycle.map(({ from }) => from)).size).toBe(cycle.length);
      }
      const closing = new Set(cycles.map((cycle) => cycle.at(-1)));
      expect(isAcyclic(graph.filter((candidate) => !closing.has(candidate)))).toBe(true);
      expect(isAcyclic(graph)).toBe(cycles.length === 0);
    }),
  );
});

/** By taking away, again and again, the nodes that nothing leads out of. */
function isAcyclic(graph: readonly Edge[]): boolean {
  const rest = graph.filter(({ to }) => graph.some(({ from }) => from === to));
  return rest.length === graph.length ? graph.length === 0 : isAcyclic(rest);
}

test('findCycles() follows a chain deeper than calls can nest', () => {
  const chain = Array.from({ length: 50_000 }, (_, index) => {
    return { from: String(index), to: String(index + 1) };
  });
  const back = { from: '50000', to: '0' };
  expect(findCycles(chain)).toEqual([]);
  expect(findCycles([...chain, back])[0]).toHaveLength(50_001);
});
