import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchTrial } from '../../../init/image-trial.ts';
import type { Exit } from '../../../sys/exit.ts';
import { TOO_LATE } from '../../../supervisor/update/trial.ts';

let starts: ((exit: Exit) => void)[];
let told: string[];
let reboots: string[];
let fails: boolean;
let isOver: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  starts = [];
  told = [];
  reboots = [];
  fails = false;
  isOver = false;
  watchTrial({
    spawner: {
      spawn: (program, onExit) => {
        expect(program.args).toEqual(['trial']);
        starts.push(onExit);
        return fails ? Promise.reject(new Error('no memory')) : Promise.resolve(7);
      },
    },
    tell: (severity, text) => void told.push(`${severity} ${text}`),
    reboot: (by) => void reboots.push(by),
    over: () => void (isOver = true),
  });
});
afterEach(() => vi.useRealTimers());

const end = (code: number): void => starts.at(-1)?.({ kind: 'exited', code });

it('watchTrial() says that an image is on trial, and that it has proved good', () => {
  end(0);
  expect(told).toEqual([
    'info this image is on trial',
    'info the image that is on trial has proved good',
  ]);
  vi.advanceTimersByTime(60_000);
  expect(starts).toHaveLength(1);
  expect(reboots).toEqual([]);
  expect(isOver).toBe(true);
});

it('watchTrial() starts the machine again when the image has not proved good in time', () => {
  end(TOO_LATE);
  expect(reboots).toEqual(['the trial of this image, which has not proved good in time']);
  expect(isOver).toBe(false);
});

it('watchTrial() tries again what it cannot find out', async () => {
  end(1);
  fails = true;
  vi.advanceTimersByTime(10_000);
  expect(starts).toHaveLength(2);
  await Promise.resolve();
  await Promise.resolve();
  fails = false;
  vi.advanceTimersByTime(19_000);
  expect(starts).toHaveLength(2);
  vi.advanceTimersByTime(1000);
  expect(starts).toHaveLength(3);
  expect(told.filter((text) => text.startsWith('warning'))).toEqual([
    'warning the trial of this image: cannot be watched',
    'warning the trial of this image: no memory',
  ]);
});
