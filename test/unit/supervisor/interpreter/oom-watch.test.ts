import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchOom } from '../../../../supervisor/interpreter/oom-watch.ts';

const KILLED = { kind: 'signaled', signal: 9, core: false } as const;

let directory: string;
let told: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ishmael-oom-'));
  told = [];
  kills(0);
});

afterEach(() => rmSync(directory, { recursive: true }));

function kills(count: number): void {
  const events = `low 0\nhigh 0\nmax 9\noom ${count}\noom_kill ${count}\n`;
  writeFileSync(join(directory, 'memory.events'), events);
}

const watch = (): ReturnType<typeof watchOom> => watchOom(directory, (text) => told.push(text));

describe('watchOom()', () => {
  it('calls a SIGKILL that the kernel counted an end for want of memory', () => {
    const oom = watch();
    kills(1);
    expect(oom.end(KILLED)).toEqual({ kind: 'oom-killed' });
    expect(told).toEqual([]);
  });

  it('leaves a SIGKILL alone that somebody else sent', () => {
    expect(watch().end(KILLED)).toEqual(KILLED);
  });

  it('takes a kill for the reason that came while nobody watched an adopted run', () => {
    kills(1);
    expect(watch().end(KILLED)).toEqual({ kind: 'oom-killed' });
    expect(told).toEqual([]);
  });

  it('leaves the end of a first process alone that outlived another, and tells of that one', () => {
    const oom = watch();
    kills(2);
    const exit = { kind: 'exited', code: 137 } as const;
    expect(oom.end(exit)).toEqual(exit);
    expect(told).toEqual(['the kernel has killed 2 processes of it for want of memory (OOM)']);
  });

  it('tells of the others that were killed with the first process', () => {
    const oom = watch();
    kills(2);
    expect(oom.end(KILLED)).toEqual({ kind: 'oom-killed' });
    expect(told).toEqual(['the kernel has killed a process of it for want of memory (OOM)']);
  });

  it('does without a memory controller', () => {
    rmSync(join(directory, 'memory.events'));
    expect(watch().end(KILLED)).toEqual(KILLED);
  });
});
