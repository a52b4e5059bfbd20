import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { History } from '../../supervisor/history.ts';
import { writeHistory } from '../../supervisor/log/history-file.ts';
import { LogFile } from '../../supervisor/log/log-file.ts';
import { asRoot } from '../support/namespaces.ts';

const LOG = join(import.meta.dirname, '../../supervisor/log/log-file.ts');

/** In a mount namespace of its own: a disk of 64 KiB, filled by somebody else and emptied again. */
it('LogFile on a full disk loses whole lines, and says how many when there is room again', async () => {
  const program = `
    import { readFileSync, rmSync, writeFileSync } from 'node:fs';
    import { LogFile } from '${LOG}';
    const log = new LogFile('/mnt/unit/stdout.log');
    log.append(['before\\n']);
    try { writeFileSync('/mnt/filler', Buffer.alloc(1 << 20)); } catch {}
    for (let i = 0; i < 100; i += 1) log.append(['x'.repeat(999) + '\\n', 'y\\n']);
    const full = readFileSync('/mnt/unit/stdout.log', 'utf8');
    rmSync('/mnt/filler');
    log.append(['after\\n']);
    const all = readFileSync('/mnt/unit/stdout.log', 'utf8');
    process.stdout.write(JSON.stringify({ full, since: all.slice(full.length) }));`;
  const script = 'mount -t tmpfs -o size=64K none /mnt && exec "$0" --input-type=module -e "$1"';
  const args = ['--mount', 'sh', '-c', script, process.execPath, program];
  const { stdout } = await promisify(execFile)(...asRoot('unshare', args), { timeout: 30_000 });
  const { full, since } = JSON.parse(stdout) as { full: string; since: string };
  const kept = full.split('\n').length - 2;
  expect(full).toMatch(/^before\n(x{999}\ny\n)*$/);
  expect(since.replace(/^\S+ /, '')).toBe(`${200 - kept} lines lost: ENOSPC\nafter\n`);
});

it('LogFile that cannot be made costs nothing but its lines', () => {
  const log = new LogFile('/dev/null/stdout.log');
  expect(() => log.append(['lost\n'])).not.toThrow();
  expect(log.tail(100)).toBe('');
});

it('LogFile.tail() reads on in the rotated files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'log-'));
  try {
    const log = new LogFile(join(directory, 'log'), { maxFileBytes: 10, maxFiles: 3 });
    for (let i = 1; i <= 9; i += 1) log.append([`line${i}\n`]);
    expect(log.tail(1000)).toBe('line7\nline8\nline9\n');
    expect(log.tail(8)).toBe('8\nline9\n');
    log.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('writeHistory() writes what was and what comes, with the time of day it happened at', () => {
  const directory = mkdtempSync(join(tmpdir(), 'log-'));
  try {
    const history = new History();
    history.add({ atMs: 0, unit: 'machine', severity: 'info', text: 'up' });
    const path = join(directory, 'run/log/ishmael.log');
    writeHistory(history, () => 60_000, new LogFile(path));
    history.add({ atMs: 60_000, unit: 'redis', severity: 'error', text: 'fault\nat line 1' });
    const written = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(written.map((line) => line.replace(/^\S+ /, ''))).toEqual([
      'info machine: up',
      'error redis: fault',
      'error redis: at line 1',
    ]);
    const [first = 0, second = 0] = written.map((line) => Date.parse(line.split(' ')[0] ?? ''));
    expect(second - first).toBeGreaterThanOrEqual(60_000);
    expect(second - first).toBeLessThan(70_000);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
