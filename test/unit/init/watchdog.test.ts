import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWatchdog, type Watchdog } from '../../../init/watchdog.ts';
import { FakeSys } from '../../support/fake-sys.ts';

let folder: string;
let device: string;
let sys: FakeSys;
let told: string[];
let answers: boolean;
let watchdog: Watchdog;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watchdog-'));
  device = join(folder, 'watchdog');
  writeFileSync(device, '');
  sys = new FakeSys();
  told = [];
  answers = true;
  watchdog = createWatchdog({
    sys,
    device,
    ask: () => {
      if (!answers) throw new Error('the reducer is lost');
    },
    tell: (severity, text) => told.push(`${severity}: ${text}`),
  });
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What the device was given: a `.` for each feed, and the magic V. */
const written = (): string => readFileSync(device, 'latin1').replaceAll('\0', '.');
const timeouts = (): number[] => sys.argsOf('setWatchdogTimeout').map(([, seconds]) => seconds);

describe('feed()', () => {
  it('arms the device at 60 s once, and feeds it each time', () => {
    for (let turn = 0; turn < 3; turn += 1) watchdog.feed();
    expect({ timeouts: timeouts(), written: written() }).toEqual({
      timeouts: [60],
      written: '...',
    });
    expect(told).toEqual(['info: hardware watchdog armed: 60 s']);
  });

  it('does nothing without a device, makes none, and takes one that comes later', () => {
    rmSync(device);
    watchdog.feed();
    expect(() => written()).toThrow('ENOENT');
    expect(told).toEqual([]);
    writeFileSync(device, '');
    watchdog.feed();
    expect(written()).toBe('.');
  });

  it('starves the device while the supervisor does not answer, and says so once', () => {
    watchdog.feed();
    answers = false;
    watchdog.feed();
    watchdog.feed();
    expect(written()).toBe('.');
    expect(told.slice(1)).toEqual([
      'error: hardware watchdog not fed, no answer: the reducer is lost',
    ]);
    answers = true;
    watchdog.feed();
    expect(written()).toBe('..');
  });

  it.each(['EINVAL', 'EOPNOTSUPP', 'ENOTTY'])(
    'stops a device that refuses the timeout with %s, and leaves it alone',
    (code) => {
      sys.failNext('setWatchdogTimeout', code);
      watchdog.feed();
      watchdog.feed();
      expect({ timeouts: timeouts(), written: written() }).toEqual({
        timeouts: [60],
        written: 'V',
      });
      expect(told).toEqual([expect.stringContaining('warning: hardware watchdog left alone')]);
    },
  );

  it('stops a device whose timeout is too short to feed it twice', () => {
    sys.watchdogSeconds = () => 15;
    watchdog.feed();
    expect(written()).toBe('V');
  });

  it('takes what the device makes of 60 s when that is safe', () => {
    sys.watchdogSeconds = () => 30;
    watchdog.feed();
    expect(told).toEqual(['info: hardware watchdog armed: 30 s']);
  });
});

describe('the end of the machine', () => {
  it('is fed a last time with a longer timeout, and stopped by release()', () => {
    watchdog.feed();
    watchdog.beginEnd();
    watchdog.feed();
    expect({ timeouts: timeouts(), written: written() }).toEqual({
      timeouts: [60, 180],
      written: '..',
    });
    watchdog.release();
    watchdog.feed();
    expect(written()).toBe('..V');
  });

  it('stays armed without release(), also on a device that has no longer timeout', () => {
    watchdog.feed();
    sys.failNext('setWatchdogTimeout', 'EINVAL');
    watchdog.beginEnd();
    expect(written()).toBe('..');
  });

  it('is no time to arm anything', () => {
    watchdog.beginEnd();
    watchdog.feed();
    watchdog.release();
    expect({ written: written(), told }).toEqual({ written: '', told: [] });
  });
});
