import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FileQuestion, probeFile } from '../../../../supervisor/health/file-probe.ts';
import { findInRoot } from '../../../../supervisor/health/find-in-root.ts';
import type { ProbeOutcome } from '../../../../supervisor/interpreter/launcher.ts';
import { SlowFiles } from '../../../../supervisor/slow-files.ts';

let root: string;

/** With something beside it that no path of the container may lead to. */
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'file-probe-')), 'root');
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  writeFileSync(join(root, 'beat'), 'inside');
  writeFileSync(join(root, '../outside'), 'outside outside');
  symlinkSync('/beat', join(root, 'usr/absolute'));
  symlinkSync('../../beat', join(root, 'usr/lib/relative'));
  symlinkSync('usr/lib', join(root, 'lib'));
  symlinkSync('../../../../outside', join(root, 'escape'));
  symlinkSync('/etc/hostname', join(root, 'host'));
  symlinkSync('loop', join(root, 'loop'));
});

afterEach(() => rmSync(join(root, '..'), { recursive: true }));

describe('findInRoot()', () => {
  it.each([
    '/beat',
    'beat',
    '//./beat',
    '/../../beat',
    '/usr/../beat',
    '/usr/absolute',
    '/lib/relative',
    '/lib/../lib/../../beat',
  ])('finds the file at %s', async (path) => {
    expect((await findInRoot(root, path)).size).toBe('inside'.length);
  });

  it.each([
    ['/nothing', 'ENOENT'],
    ['/escape', 'ENOENT'],
    ['/host', 'ENOENT'],
    ['/../outside', 'ENOENT'],
    ['/loop', 'ELOOP'],
    ['/beat/below', 'ENOTDIR'],
  ])('says %s: %s, and leaves nothing open', async (path, code) => {
    const before = readdirSync('/proc/self/fd').length;
    await expect(findInRoot(root, path)).rejects.toMatchObject({ code });
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  it('needs the root itself', async () => {
    await expect(findInRoot(join(root, 'no'), '/beat')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('probeFile()', () => {
  const NOW = 1_000_000_000;

  function probe(
    question: FileQuestion,
    files: SlowFiles = new SlowFiles(),
  ): Promise<ProbeOutcome> {
    return probeFile({ files, nowMs: () => NOW }, 'web', root, question, 1_000);
  }

  it.each([
    [undefined, 3_600_000, { passed: true, output: 'changed 60 min ago' }],
    [30_000, 30_000, { passed: true, output: 'changed 30 s ago' }],
    [30_000, 31_000, { passed: false, output: 'changed 31 s ago' }],
    // The clock was set back since.
    [30_000, -9_000, { passed: true, output: 'changed 0.0 s ago' }],
  ])('with maxAge %s and a file that is %d ms old', async (maxAgeMs, ageMs, outcome) => {
    const changed = (NOW - ageMs) / 1000;
    utimesSync(join(root, 'beat'), changed, changed);
    const question = { path: '/beat', ...(maxAgeMs === undefined ? {} : { maxAgeMs }) };
    expect(await probe(question)).toEqual(outcome);
  });

  it('fails with the errno of a file that is not there', async () => {
    expect(await probe({ path: '/nothing' })).toEqual({ passed: false, output: 'ENOENT' });
  });

  it('fails after its time when there is no answer, and the next one without asking', async () => {
    vi.useFakeTimers();
    const files = new SlowFiles(1);
    void files.ask('another', () => new Promise(() => undefined));
    const first = probe({ path: '/beat' }, files);
    await vi.advanceTimersByTimeAsync(1_000);
    const late = 'the file system gave no answer within 1.0 s';
    expect(await first).toEqual({ passed: false, output: late });
    const busy = 'the file system has not answered an earlier question yet';
    expect(await probe({ path: '/beat' }, files)).toEqual({ passed: false, output: busy });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
