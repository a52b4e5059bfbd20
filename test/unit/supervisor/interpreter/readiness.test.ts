import { execFileSync } from 'node:child_process';
import { existsSync, fstatSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  closeExtra,
  readinessChannel,
  type ReadinessChannel,
} from '../../../../supervisor/interpreter/readiness.ts';
import type { Readiness } from '../../../../supervisor/service/policy.ts';
import { createLinuxSys } from '../../../../sys/linux/linux-sys.ts';
import type { Fifo } from '../../../../sys/sys.ts';
import { containerSpec } from '../../../support/container-specs.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

/** Of the FIFOs alone the real one. */
const linux = createLinuxSys();

class FifoSys extends FakeSys {
  override mkfifo(path: string, mode: number): void {
    super.mkfifo(path, mode);
    linux.mkfifo(path, mode);
  }

  override openFifo(path: string): Fifo {
    super.openFifo(path);
    return linux.openFifo(path);
  }

  override haveInput(fifos: readonly Fifo[]): readonly Fifo[] {
    return linux.haveInput(fifos);
  }
}

let dir: string;
let sys: FakeSys;
let ready: number;
const onReady = (): void => void (ready += 1);
const channels: ReadinessChannel[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'readiness-'));
  sys = new FifoSys();
  ready = 0;
});

afterEach(() => {
  for (const channel of channels.splice(0)) channel.end();
  rmSync(dir, { recursive: true });
});

function channelOf(readiness: Readiness | undefined): ReadinessChannel {
  const channel = readinessChannel(sys, 'web', readiness, { runDir: dir });
  channels.push(channel);
  return channel;
}

it.each([undefined, { kind: 'health' } as const])('%o needs nothing from a launch', (readiness) => {
  const channel = channelOf(readiness);
  const container = containerSpec();
  expect(channel.equip(container)).toBe(container);
  expect(channel.begin(onReady)).toBeUndefined();
  channel.adopt(onReady);
  channel.end();
  expect([ready, sys.calls]).toEqual([0, []]);
});

describe('notify', () => {
  const path = (): string => join(dir, 'notify/web');

  function arrive(...texts: string[]): void {
    sys.datagrams.set(
      path(),
      texts.map((text) => Buffer.from(text)),
    );
  }

  it('gives the container the socket, and the name of it in place of the image', () => {
    const container = containerSpec({ env: ['A=b', 'NOTIFY_SOCKET=/image'] });
    const { env, binds, args } = channelOf({ kind: 'notify' }).equip(container);
    expect(env).toEqual(['A=b', 'NOTIFY_SOCKET=/dev/ishmael-notify']);
    expect(binds).toMatchObject([{ source: path(), destination: '/dev/ishmael-notify' }]);
    expect(args).toBe(container.args);
  });

  it.each([
    ['READY=1', 1],
    ['READY=1\n', 1],
    ['STATUS=almost\nREADY=1\nMAINPID=1', 1],
    ['READY=0', 0],
    ['STATUS=READY=1', 0],
    ['XREADY=1', 0],
    ['STOPPING=1', 0],
    ['', 0],
  ])('takes %j for ready: %i', (text, count) => {
    vi.useFakeTimers();
    arrive(text);
    channelOf({ kind: 'notify' }).begin(onReady);
    vi.runAllTimers();
    vi.useRealTimers();
    expect(ready).toBe(count);
    expect(sys.argsOf('openDatagramSocket')).toEqual([[path(), 0o666]]);
  });

  it('tells of it once and reads on: a full socket would make the program wait', () => {
    vi.useFakeTimers();
    arrive('READY=1', 'READY=1', 'STATUS=x');
    channelOf({ kind: 'notify' }).adopt(onReady);
    vi.runAllTimers();
    vi.useRealTimers();
    expect(ready).toBe(1);
    expect(sys.datagrams.get(path())).toEqual([]);
  });

  it('lets a launch fail that has no socket', () => {
    sys.failNext('openDatagramSocket', 'EMFILE');
    expect(() => channelOf({ kind: 'notify' }).begin(onReady)).toThrow('EMFILE');
  });
});

describe('fd', () => {
  const path = (): string => join(dir, 'ready/web');
  const readiness = { kind: 'fd', fd: 5 } as const;

  const isReady = (): Promise<void> => vi.waitFor(() => expect(ready).toBe(1), { interval: 1 });

  it('gives the container a descriptor with its number, and hears a line on it', async () => {
    const extra = channelOf(readiness).begin(onReady);
    expect(extra).toMatchObject({ as: 5 });
    writeSync(extra?.fd ?? -1, 'not yet');
    writeSync(extra?.fd ?? -1, '\nmore\n');
    await isReady();
    closeExtra(extra);
    await vi.waitFor(() => expect(() => fstatSync(extra?.fd ?? -1)).toThrow('EBADF'));
  });

  it('hears what was written while PID 1 was being executed again', async () => {
    const extra = channelOf(readiness).begin(onReady);
    // What a process that is gone would have read: its end is closed, the name stays.
    for (const channel of channels.splice(0)) abandonReader(channel);
    writeSync(extra?.fd ?? -1, '\n');
    channelOf(readiness).adopt(onReady);
    await isReady();
    closeExtra(extra);
  });

  it('knows in a next generation that it was heard already', async () => {
    const extra = channelOf(readiness).begin(onReady);
    writeSync(extra?.fd ?? -1, '\n');
    await isReady();
    closeExtra(extra);
    expect(existsSync(path())).toBe(false);
    channelOf(readiness).adopt(onReady);
    expect(ready).toBe(2);
  });

  it('hears nothing of an earlier run', async () => {
    const channel = channelOf(readiness);
    const old = channel.begin(onReady);
    const current = channel.begin(onReady);
    writeSync(old?.fd ?? -1, '\n');
    writeSync(current?.fd ?? -1, 'x');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ready).toBe(0);
    closeExtra(old);
    closeExtra(current);
  });

  it('leaves nothing behind', () => {
    const channel = channelOf(readiness);
    closeExtra(channel.begin(onReady));
    channel.end();
    channel.end();
    expect(existsSync(path())).toBe(false);
  });

  /** As a process does that is gone: the descriptor is closed, the FIFO keeps its name. */
  function abandonReader(channel: ReadinessChannel): void {
    const kept = `${path()}.kept`;
    execFileSync('ln', [path(), kept]);
    channel.end();
    execFileSync('mv', [kept, path()]);
  }
});
