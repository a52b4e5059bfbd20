/**
 * A person at the serial line of a machine on which something has gone wrong, from the boot to the power switch, as
 * it stands on the screen. UPDATE_GOLDEN=1 records it anew; the difference is what that person would notice.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { expectGolden } from '../support/golden.ts';
import {
  fakeMachine,
  openFakeTerminal,
  QUIET_MACHINE,
  unit,
  type FakeMachine,
  type FakeTerminal,
} from './console-support.ts';

const PROMPT = /example> $/;

let machine: FakeMachine;
let socket: string;

beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'ishmael-transcript-'));
  socket = join(directory, 'control');
  machine = fakeMachine(socket);
  machine.machine = { ...QUIET_MACHINE, uptimeMs: 65_000 };
  return () => {
    machine.vanish();
    rmSync(directory, { recursive: true });
  };
});

test('a session of a person', async () => {
  const terminal = openFakeTerminal(socket, { mode: 'shell' });
  try {
    await boot(terminal);
    await look(terminal);
    await act(terminal);
  } finally {
    await terminal.hangUp();
  }
  expectGolden('console/session.txt', `${visible(terminal.shown())}\n`);
});

/** From its first line on, without this machine's /etc/issue; what moves the cursor as `^` and a letter. */
function visible(shown: string): string {
  return shown
    .slice(shown.indexOf('[    1.000]'))
    .replaceAll(/[^\n\x20-\x7e]/g, (key) => `^${String.fromCharCode(64 + key.charCodeAt(0))}`);
}

async function boot(terminal: FakeTerminal): Promise<void> {
  await machine.listen();
  machine.happen('machine', 'mounts done');
  machine.happen('dhcp', 'running (pid 70)');
  machine.happen('redis', 'running (pid 87)');
  machine.happen('web', 'exit code 3', 'error');
  await terminal.see(/exit code 3\n/);
  machine.boot = {
    phases: [
      {
        name: 'mounts',
        steps: [
          { name: '/proc', startMs: 2_510, endMs: 2_520, outcome: 'ok' },
          { name: 'cgroups', startMs: 2_520, endMs: 2_720, outcome: 'ok' },
        ],
      },
    ],
    milestones: { exec: 2_000, script: 2_500, mounts: 3_000, services: 4_000, settled: 6_000 },
  };
  machine.units = [
    unit('dhcp', { id: '000-dhcp', kind: 'onboot', state: 'finished', reason: 'exit code 0' }),
    unit('redis', { sinceMs: 5_000 }),
    unit('web', {
      state: 'backoff',
      reason: 'exit code 3; next start in 10 s',
      sinceMs: 60_000,
      restarts: 4,
      lastExit: { atMs: 60_000, kind: 'exited', code: 3, text: 'exit code 3' },
    }),
    unit('ingress', { state: 'waiting', reason: 'waits for web to be ready' }),
  ];
  machine.happen('machine', 'boot has settled: 1 of 3 services run');
  await terminal.see(PROMPT);
}

/** Looks, with keys that a person uses: completion, a correction, the line before. */
async function look(terminal: FakeTerminal): Promise<void> {
  const say = async (line: string): Promise<void> => {
    terminal.type(`${line}\r`);
    await terminal.see(/\nexample> $/);
  };
  await say('status');
  machine.answers.set('/v1/services/web/health', {
    status: 'unhealthy',
    failuresInRow: 3,
    results: [{ atMs: 59_000, tookMs: 8, passed: false, output: 'connection refused' }],
  });
  machine.logs.push(
    { seq: 1, atMs: 58_000, stream: 'stdout', text: 'starting' },
    { seq: 2, atMs: 59_900, stream: 'stderr', text: 'no such file: /etc/web.conf \x1b[2J' },
  );
  terminal.type('why w\t');
  await terminal.see(/why web $/);
  await say('');
  await say('why ingress');
  await say('logs wbe');
  terminal.type('\x1b[A');
  await terminal.see(/logs wbe$/);
  await say('\x7f\x7f\x7fweb -n 1');
  await say('events');
  await say('boot');
  machine.answers.set('/v1/services/redis/processes', [
    {
      pid: 87,
      parent: 1,
      user: 'redis',
      state: 'S',
      rssKiB: 9_000,
      command: 'redis-server *:6379',
    },
  ]);
  machine.answers.set('/v1/config', { name: 'example', services: [{ name: 'web' }] });
  await say('config web');
  await say('status web --json');
}

async function act(terminal: FakeTerminal): Promise<void> {
  terminal.type('exec web nope\r');
  await terminal.see(/no nope\nexample> $/);
  terminal.type('restart web\r');
  await terminal.see(/\nexample> $/);
  machine.happen('web', 'started again by the control API');
  await terminal.see(/by the control API\nexample> $/);
  terminal.type('logs web -f\r');
  await terminal.see(/no such file[^\n]*\n/);
  machine.logAppend('listening on port 80');
  await terminal.see(/listening on port 80\n/);
  terminal.type('\x03');
  await terminal.see(PROMPT);
  terminal.type('poweroff\r');
  await terminal.see(/\?[^\n]*$|example> $/);
  expect(machine.requests.filter((request) => request.startsWith('POST'))).toEqual([
    'POST /v1/services/web/exec',
    'POST /v1/services/web/restart',
    'POST /v1/poweroff',
  ]);
}
