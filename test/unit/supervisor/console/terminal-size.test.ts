import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createSizeQuery,
  QUERY,
  type SizeQuery,
  type TerminalSize,
} from '../../../../supervisor/console/terminal-size.ts';

interface Setup {
  readonly query: SizeQuery;
  readonly written: string[];
  readonly sizes: TerminalSize[];
}

function setup(): Setup {
  const written: string[] = [];
  const sizes: TerminalSize[] = [];
  const query = createSizeQuery(
    (text) => written.push(text),
    (size) => sizes.push(size),
  );
  return { query, written, sizes };
}

const LARGE = { rows: 50, columns: 132 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createSizeQuery()', () => {
  test('waits for the answer and no longer', async () => {
    const { query, written, sizes } = setup();
    const asked = query.ask();
    query.answered(LARGE);
    await asked;
    expect(written).toEqual([QUERY]);
    expect(sizes).toEqual([LARGE]);
  });

  test('does not wait longer than a person does, wipes away what was shown, and soon stops asking', async () => {
    const { query, written } = setup();
    for (let round = 0; round < 5; round += 1) {
      const asked = query.ask();
      await vi.advanceTimersByTimeAsync(80);
      await asked;
    }
    expect(written.filter((text) => text === QUERY)).toHaveLength(2);
    expect(written[1]).toMatch(/^\r +\r$/);
    query.reset();
    void query.ask();
    expect(written.at(-1)).toBe(QUERY);
  });

  test('believes a late answer, but none that was not asked for, or has come already', async () => {
    const { query, sizes } = setup();
    query.answered(LARGE);
    expect(sizes).toEqual([]);
    const asked = query.ask();
    await vi.advanceTimersByTimeAsync(1_000);
    await asked;
    query.answered(LARGE);
    query.answered(LARGE);
    expect(sizes).toEqual([LARGE]);
    void query.ask();
    await vi.advanceTimersByTimeAsync(6_000);
    query.answered(LARGE);
    expect(sizes).toEqual([LARGE]);
  });

  test.each([
    { rows: 1, columns: 5 },
    { rows: 24, columns: 9_999 },
    { rows: 0, columns: 80 },
  ])('does not believe %j', (size) => {
    const { query, sizes } = setup();
    void query.ask();
    query.answered(size);
    expect(sizes).toEqual([]);
  });
});
