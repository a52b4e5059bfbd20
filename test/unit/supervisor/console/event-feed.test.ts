import { describe, expect, test } from 'vitest';
import { followEvents } from '../../../../supervisor/console/event-feed.ts';
import type { HistoryEntry, MachineInfo } from '../../../../supervisor/control/api.ts';
import type { ControlClient } from '../../../../supervisor/control/client.ts';

type Entries = readonly (readonly [seq: number, atMs: number])[];

/** What a sequence of connections, each of one generation and with its events, makes the reader see. */
async function seen(
  connections: readonly (readonly [generation: number, Entries])[],
): Promise<string[]> {
  const said: string[] = [];
  const end = new AbortController();
  let at = -1;
  const client = {
    get: async () => {
      at += 1;
      if (at >= connections.length) end.abort();
      return { generation: connections[at]?.[0] ?? 0 } as MachineInfo;
    },
    stream: async (path: string, onItem: (item: HistoryEntry) => void) => {
      said.push(path.replace('/v1/events?follow=1', 'follow'));
      for (const [seq, atMs] of connections[at]?.[1] ?? []) {
        onItem({ seq, atMs, unit: 'redis', severity: 'info', text: '' });
      }
    },
  } as unknown as ControlClient;
  await followEvents(
    client,
    {
      connected: (_machine, how) => {
        if (!end.signal.aborted) said.push(how);
      },
      event: (entry) => said.push(`event ${entry.seq}`),
      lost: () => said.push('lost'),
    },
    end.signal,
    async () => {},
  );
  return said;
}

describe('followEvents()', () => {
  test('asks for what it has not seen after a lost connection', async () => {
    const said = await seen([
      [
        0,
        [
          [1, 10],
          [2, 20],
        ],
      ],
      [
        0,
        [
          [2, 20],
          [3, 30],
        ],
      ],
    ]);
    expect(said.slice(0, 9)).toEqual([
      'first',
      'follow',
      'event 1',
      'event 2',
      'lost',
      'again',
      'follow&since=2',
      'event 3',
      'lost',
    ]);
  });

  test('goes by the clock when PID 1 was executed again and counts from the beginning', async () => {
    const said = await seen([
      [
        0,
        [
          [1, 10],
          [2, 20],
        ],
      ],
      [
        1,
        [
          [1, 15],
          [2, 20],
          [3, 25],
          [4, 25],
        ],
      ],
    ]);
    expect(said.slice(5, 9)).toEqual(['re-executed', 'follow', 'event 3', 'event 4']);
  });

  test('takes entries in the order of their numbers, whatever their times', async () => {
    const said = await seen([
      [
        0,
        [
          [1, 20],
          [2, 10],
        ],
      ],
    ]);
    expect(said).toContain('event 2');
  });
});
