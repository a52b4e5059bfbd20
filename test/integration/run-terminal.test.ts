import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');
const FAKE = resolve(import.meta.dirname, '../support/fake-qemu');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-terminal-'));
  writeFileSync(join(folder, 'm-cmdline'), 'console=ttyS0\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Session {
  readonly code: number | null;
  readonly screen: string;
  /** `stty -g` before and after. */
  readonly modes: readonly [string, string];
}

/** A person at a terminal (script(1) makes one) who types each text when the screen shows the word before it. */
async function sit(
  steps: readonly (readonly [seen: string, typed: string])[],
  words = 'run m --accel tcg',
): Promise<Session> {
  const command = `stty -g >before; ${ISHMAEL} ${words}; code=$?; stty -g >after; exit $code`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      SHELL: '/bin/sh',
      XDG_STATE_HOME: join(folder, 'state'),
      PATH: `${FAKE}${delimiter}${process.env['PATH'] ?? ''}`,
      FAKE_QEMU_NODE: process.execPath,
    },
  });
  let screen = '';
  let from = 0;
  const rest = [...steps];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (let next = rest[0]; next !== undefined; next = rest[0]) {
      const at = screen.indexOf(next[0], from);
      if (at === -1) return;
      from = at + next[0].length;
      child.stdin.write(next[1]);
      rest.shift();
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const mode = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { code, screen, modes: [mode('before'), mode('after')] };
}

it('run says how to leave, hands Ctrl-C to the guest and gives the terminal back', async () => {
  const { code, screen, modes } = await sit([
    ['Linux version', 'caught \x03 here'],
    ['caught \x03 here', 'exit 0'],
  ]);
  expect(screen.indexOf('Ctrl-]')).toBeLessThan(screen.indexOf('Linux version'));
  expect(screen.indexOf('Ctrl-]')).toBeGreaterThanOrEqual(0);
  expect(code).toBe(0);
  expect(modes[1]).toBe(modes[0]);
});

it('run ends at once when the escape key is pressed twice', async () => {
  const begin = Date.now();
  const { code, screen, modes } = await sit([
    ['Linux version', '\x1d'],
    ['again cuts the power', '\x1d'],
  ]);
  // Nobody answers the request to power off, and nobody waits for the answer any more.
  expect(Date.now() - begin).toBeLessThan(5_000);
  expect(screen).toContain('powering off');
  expect(code).toBe(0);
  expect(modes[1]).toBe(modes[0]);
});

it('run fails when QEMU does', async () => {
  const { code, screen, modes } = await sit([['Linux version', 'exit 7']]);
  expect(screen).toContain('QEMU ended with 7');
  expect(code).toBe(1);
  expect(modes[1]).toBe(modes[0]);
});

it('console shows a detached machine, hands Ctrl-C to it and is left with Ctrl-]', async () => {
  const before = await sit([], 'run --detach m --accel tcg');
  expect(before.code).toBe(0);
  const { code, screen, modes } = await sit(
    [
      ['Linux version', 'caught \x03 here'],
      ['caught \x03 here', '\x1d'],
    ],
    'console m',
  );
  expect(screen).toContain('ishmael: left');
  expect(code).toBe(0);
  expect(modes[1]).toBe(modes[0]);
  const { screen: list } = await sit([], 'ps');
  expect(list).toMatch(/^m +m +running/m);
  const ended = await sit([['Linux version', 'exit 0']], 'console m');
  expect(ended.screen).toContain('the machine has ended');
  expect(ended.modes[1]).toBe(ended.modes[0]);
});
