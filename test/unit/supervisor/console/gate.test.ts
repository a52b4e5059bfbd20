import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGate } from '../../../../supervisor/console/gate.ts';
import type { Key } from '../../../../supervisor/console/keys.ts';
import { createScreen } from '../../../../supervisor/console/screen.ts';
import type { Session } from '../../../../supervisor/console/session.ts';

const ENTER: Key = { name: 'enter' };

function typed(text: string): Key[] {
  return Array.from(text, (char) => ({ char }));
}

interface Setup {
  readonly gate: Session;
  readonly shown: () => string;
  readonly pauses: number[];
  /** What reached a session. */
  readonly reached: string[];
  readonly lock: () => void;
}

function setup(): Setup {
  let text = '';
  const pauses: number[] = [];
  const reached: string[] = [];
  let lock = (): void => {};
  const screen = createScreen((piece) => (text += piece));
  const gate = createGate(screen, {
    isPassword: async (candidate) => candidate === 'whale',
    pause: async (ms) => void pauses.push(ms),
    open(lockIt) {
      lock = lockIt;
      return {
        keys: (keys) => reached.push(`keys ${keys.length}`),
        takeBytes(bytes) {
          reached.push(`bytes ${bytes.length}`);
          return true;
        },
        settled: ({ lines }) => reached.push(`settled ${lines.join()}`),
        open: () => reached.push('open'),
        connected: (_machine, how) => reached.push(`connected ${how}`),
        event: ({ text: what }) => reached.push(`event ${what}`),
        lost: () => reached.push('lost'),
        close: () => reached.push('close'),
      };
    },
  });
  return { gate, shown: () => text, pauses, reached, lock: () => lock() };
}

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createGate()', () => {
  test('lets nothing through before the password, and shows no key', async () => {
    const { gate, shown, reached } = setup();
    const event = { seq: 1, atMs: 1, unit: 'a', severity: 'info', text: 'secret' } as const;
    gate.event(event);
    gate.settled({ lines: ['summary'], isFine: true });
    gate.keys([...typed('whale'), ENTER]);
    expect(reached).toEqual([]);
    expect(shown()).toBe('This machine is locked. Password: \n');
    await turn();
    expect(reached).toEqual(['settled summary', 'open']);
    gate.event(event);
    gate.keys(typed('x'));
    expect(reached).toEqual(['settled summary', 'open', 'event secret', 'keys 1']);
  });

  test('makes each wrong password cost more, and takes no key meanwhile', async () => {
    const { gate, pauses, reached, shown } = setup();
    for (let round = 0; round < 8; round += 1) {
      gate.keys([...typed('shark'), ENTER, ...typed('whale'), ENTER]);
      await turn();
    }
    expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(reached).toEqual([]);
    gate.keys([...typed('whale'), ENTER]);
    await turn();
    expect(reached).toEqual(['open']);
    expect(shown()).toContain('a wrong password was given 8 times');
  });

  test('has backspace and Ctrl-U, and does not count an empty line', async () => {
    const { gate, pauses, reached } = setup();
    const erase: Key = { name: 'backspace' };
    gate.keys([
      ENTER,
      ...typed('shark'),
      { name: 'delete-line' },
      ...typed('whalex'),
      erase,
      ENTER,
    ]);
    await turn();
    expect(reached).toEqual(['open']);
    expect(pauses).toEqual([]);
  });

  test('locks on request and after ten minutes without a key', async () => {
    const { gate, reached, lock, shown } = setup();
    const enter = async (): Promise<void> => {
      gate.keys([...typed('whale'), ENTER]);
      await turn();
    };
    await enter();
    lock();
    expect(reached.at(-1)).toBe('close');
    await enter();
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    gate.keys(typed('x'));
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    expect(reached.at(-1)).toBe('keys 1');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reached.at(-1)).toBe('close');
    expect(shown()).toMatch(/10 minutes without a key\.\nThis machine is locked\. Password: $/);
  });
});
