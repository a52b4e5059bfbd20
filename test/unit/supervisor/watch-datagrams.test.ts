import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchDatagrams } from '../../../supervisor/watch-datagrams.ts';
import { FakeSys } from '../../support/fake-sys.ts';

const PATH = '/run/test/socket';

let sys: FakeSys;
let got: string[];
const closers: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  sys = new FakeSys();
  got = [];
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
  vi.useRealTimers();
});

function arrive(path: string, ...texts: string[]): void {
  const waiting = sys.datagrams.get(path) ?? [];
  sys.datagrams.set(path, [...waiting, ...texts.map((text) => Buffer.from(text))]);
}

function watch(path: string, onText: (text: string) => void = (text) => got.push(text)): void {
  closers.push(watchDatagrams(sys, path, 0o600, (bytes) => onText(Buffer.from(bytes).toString())));
}

describe('watchDatagrams()', () => {
  it('hands out what was waiting, but not before it has returned', () => {
    arrive(PATH, 'early');
    watch(PATH);
    expect(got).toEqual([]);
    vi.runAllTimers();
    expect(got).toEqual(['early']);
    expect(sys.argsOf('openDatagramSocket')).toEqual([[PATH, 0o600]]);
  });

  it('asks every socket when the signal comes, in order', () => {
    watch(PATH);
    watch('/run/test/other');
    vi.runAllTimers();
    arrive('/run/test/other', 'three');
    arrive(PATH, 'one', 'two', '');
    process.emit('SIGIO', 'SIGIO');
    expect(got).toEqual(['one', 'two', '', 'three']);
  });

  it('takes a flood in portions and loses nothing of it', () => {
    watch(PATH);
    vi.runAllTimers();
    const flood = Array.from({ length: 100 }, (_, index) => String(index));
    arrive(PATH, ...flood);
    // Each reading takes a millisecond of the clock that is not running by itself here.
    const now = vi.spyOn(performance, 'now');
    let ms = 1_000_000;
    now.mockImplementation(() => (ms += 1));
    process.emit('SIGIO', 'SIGIO');
    expect(got.length).toBeLessThan(100);
    expect(got.length).toBeGreaterThan(0);
    vi.runAllTimers();
    now.mockRestore();
    expect(got).toEqual(flood);
  });

  it('goes on after a listener that threw', () => {
    watch(PATH, (text) => {
      got.push(text);
      if (text === 'bad') throw new Error('a listener failed');
    });
    vi.runAllTimers();
    arrive(PATH, 'bad', 'good');
    expect(() => process.emit('SIGIO', 'SIGIO')).toThrow('a listener failed');
    vi.runAllTimers();
    expect(got).toEqual(['bad', 'good']);
  });

  it('leaves no listener behind, neither at the end nor after a failure', () => {
    const before = process.listenerCount('SIGIO');
    sys.failNext('openDatagramSocket', 'ENAMETOOLONG');
    expect(() => watch(PATH)).toThrow('ENAMETOOLONG');
    expect(process.listenerCount('SIGIO')).toBe(before);
    watch(PATH);
    watch('/run/test/other');
    expect(process.listenerCount('SIGIO')).toBe(before + 1);
    for (const close of closers.splice(0)) close();
    expect(process.listenerCount('SIGIO')).toBe(before);
  });
});
