/** The commands that ask a guest, through keeper and bridge, with a control API whose answers are the test's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { abandonMachine, claimMachine } from '../../build/machine/machine-registry.ts';
import { identify } from '../../build/machine/process-identity.ts';
import type {
  BootReport,
  HealthReport,
  HistoryEntry,
  MachineInfo,
  MachineLogLine,
  UnitStatus,
} from '../../supervisor/control/api.ts';
import { listenAsControl } from './bridge-support.ts';
import { type FakeMachine, respond, runFakeMachine } from './command-support.ts';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');

const MACHINE: MachineInfo = {
  image: 'm',
  hostname: 'pequod',
  kernel: '6.12',
  architecture: 'amd64',
  uptimeMs: 72_000,
  load: { one: 0.1, five: 0.2, fifteen: 0.3, runnable: 1, threads: 50 },
  generation: 0,
  phase: 'services',
  memory: { totalKiB: 474_112, availableKiB: 266_240 },
  init: { rssAnonKiB: 11_264, rssFileKiB: 1, threads: 3, netNamespace: '' },
  processes: { total: 50, zombies: 0, orphansReaped: 0 },
};
const WEB: UnitStatus = {
  id: 'web',
  name: 'web',
  kind: 'service',
  image: 'i',
  state: 'backoff',
  reason: 'exit code 3; next start in 5 s',
  sinceMs: 70_000,
  restarts: 2,
  lastExit: { atMs: 70_000, kind: 'exited', code: 3, text: 'exit code 3' },
};
const HEALTH: HealthReport = {
  status: 'unhealthy',
  failuresInRow: 2,
  results: [{ atMs: 60_000, tookMs: 12, passed: false, output: 'no \u{1b}[31mroute' }],
};
const EVENTS: readonly HistoryEntry[] = [
  { seq: 1, atMs: 1_000, unit: 'machine', severity: 'info', text: 'boot' },
  { seq: 2, atMs: 70_000, unit: 'web', severity: 'error', text: 'exit code 3' },
];
const LINES: readonly MachineLogLine[] = [
  { seq: 1, atMs: 2_000, stream: 'stdout', text: 'one', unit: 'web' },
  { seq: 1, atMs: 3_000, stream: 'stderr', text: 'other', unit: 'db' },
  { seq: 2, atMs: 4_000, stream: 'stderr', text: 'two', unit: 'web' },
];
const BOOT: BootReport = {
  phases: [{ name: 'mounts', steps: [{ name: '/proc', startMs: 1, endMs: 2, outcome: 'ok' }] }],
  milestones: { exec: 1, settled: 9_000 },
};

let machine: FakeMachine;
let folder: string;
let begin: FakeMachine['begin'];
let ishmael: FakeMachine['ishmael'];
let output: FakeMachine['output'];
let followers: ServerResponse[];
let posted: string[];
let more: string;

function ndjson(items: readonly unknown[]): string {
  return items.map((item) => `${JSON.stringify(item)}\n`).join('');
}

function answer(path: string): unknown {
  switch (path) {
    case '/v1/machine':
      return MACHINE;
    case '/v1/services':
      return [WEB, { ...WEB, id: 'db', name: 'db', state: 'running', reason: 'up for 60 s' }];
    case '/v1/services/web/health':
      return HEALTH;
    case '/v1/boot':
      return BOOT;
    default:
      return undefined;
  }
}

function stream(path: string): string | undefined {
  if (path.startsWith('/v1/events')) return ndjson(EVENTS);
  if (path.startsWith('/v1/logs')) return ndjson(LINES);
  if (!path.startsWith('/v1/services/web/logs')) return undefined;
  const tail = Number(/tail=(\d+)/.exec(path)?.[1]);
  return ndjson(LINES.filter(({ unit }) => unit === 'web').slice(-tail));
}

beforeAll(async () => {
  machine = await runFakeMachine((request, response) => {
    const path = request.url ?? '';
    const items = stream(path);
    if (request.method === 'POST') {
      posted.push(path);
      response.writeHead(202).end('{}');
    } else if (items !== undefined) {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write(items + (path.includes('follow=1') ? more : ''));
      if (path.includes('follow=1')) followers.push(response);
      else response.end();
    } else {
      respond(response, path, answer(path));
    }
  });
  ({ folder, begin, ishmael, output } = machine);
  return async () => {
    for (const follower of followers) follower.destroy();
    await machine.end();
  };
});
beforeEach(() => {
  followers = [];
  posted = [];
  more = '';
});

describe('status', () => {
  it('shows machine and units without colour, and one unit in full', async () => {
    const text = await output('status', 'm');
    expect(text).toContain('up 1m 12s, 203 of 463 MiB of memory used');
    expect(text).toMatch(/^web +service +backoff .* exit code 3; next start in 5 s$/m);
    expect(text).not.toContain('\u{1b}');
    expect(await output('status', 'm', 'web')).toMatch(/^last exit +exit code 3 at/m);
  });

  it('--json has what the API said', async () => {
    expect(JSON.parse(await output('status', 'm', '--json'))).toMatchObject({
      machine: MACHINE,
      services: [WEB, { id: 'db' }],
    });
    expect(JSON.parse(await output('status', 'm', 'web', '--json'))).toEqual(WEB);
  });

  it('colours the states when it is told to', async () => {
    const { stdout } = await begin(['status', 'm'], { FORCE_COLOR: '1', NO_COLOR: '' }).outcome;
    expect(stdout).toContain('\u{1b}[33mbackoff\u{1b}[39m');
  });

  it('of a service or a machine that does not exist exits 3 and asks what was meant', async () => {
    expect(await ishmael('status', 'm', 'wbe')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: 'ishmael: No unit is called "wbe". Did you mean "web"?\n',
    });
    expect(await ishmael('status', 'n')).toMatchObject({ code: 3 });
  });
});

describe('logs', () => {
  it('shows the last lines of one service, or of all with their names', async () => {
    expect(await output('logs', 'm', 'web', '-n', '1')).toBe('[    4.000]!two\n');
    expect(await output('logs', 'm', '--tail', '2')).toBe(
      '[    3.000]!db: other\n[    4.000]!web: two\n',
    );
    expect(await output('logs', 'm', 'web', '-n', '0')).toBe('');
  });

  it('-f shows no line twice, goes on after a lost connection and ends with Ctrl-C and 0', async () => {
    more = ndjson([{ seq: 3, atMs: 5_000, stream: 'stdout', text: 'three', unit: 'web' }]);
    const running = begin(['logs', 'm', '-f', '--json', '-n', '1']);
    await running.seen('three');
    more += ndjson([{ seq: 2, atMs: 6_000, stream: 'stdout', text: 'db again', unit: 'db' }]);
    followers[0]?.destroy();
    await running.seen('db again');
    running.interrupt();
    const { code, stdout } = await running.outcome;
    const texts = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as MachineLogLine).text);
    expect({ code, texts }).toEqual({ code: 0, texts: ['two', 'three', 'db again'] });
  });

  it('-f does not keep another command from the machine', async () => {
    const running = begin(['logs', 'm', 'web', '-f']);
    await running.seen('two');
    expect(await output('status', 'm')).toContain('web');
    running.interrupt();
    expect((await running.outcome).code).toBe(0);
  });
});

describe('events', () => {
  it('shows what happened and stops; -f goes on', async () => {
    const before = '[    1.000] machine: boot\n[   70.000] web: error: exit code 3\n';
    expect(await output('events', 'm')).toBe(before);
    const running = begin(['events', 'm', '-f']);
    await running.seen('exit code 3');
    running.interrupt();
    expect(await running.outcome).toEqual({ code: 0, stdout: before, stderr: '' });
  });
});

describe('why', () => {
  it('tells state, reason, end, health, events and last lines, none of which can steer the terminal', async () => {
    expect(await output('why', 'm', 'web')).toBe(
      [
        'web is backoff for 2s',
        '  reason: exit code 3; next start in 5 s',
        '  last end: exit code 3 at [   70.000]',
        '  restarts: 2',
        '  health: unhealthy, 2 failures in a row',
        '    [   60.000] failed in 12 ms: no ^[[31mroute',
        'what has happened to it:',
        '  [   70.000] web: error: exit code 3',
        'what it has written last:',
        '  [    2.000] one',
        '  [    4.000]!two',
        '',
      ].join('\n'),
    );
  });

  it('does without a health check', async () => {
    const facts = JSON.parse(await output('why', 'm', 'web', '--json')) as object;
    expect(facts).toMatchObject({ unit: WEB, health: HEALTH, events: [EVENTS[1]] });
  });
});

it('boot shows what it has spent its time on', async () => {
  const text = await output('boot', 'm', '--all');
  expect(text).toMatch(/^NAME .* 9\.000 s\n/);
  expect(text).toMatch(/^ {2}\/proc +0\.001 +0\.001 /m);
  expect(text).toMatch(/^web .*\n +started again 2 times$/m);
  expect(await output('boot', 'm')).not.toContain('/proc');
  expect(JSON.parse(await output('boot', 'm', '--json'))).toEqual(BOOT);
});

it('service asks for what it was asked', async () => {
  expect(await output('service', 'restart', 'm', 'web')).toBe('web is asked to start again\n');
  expect(posted).toEqual(['/v1/services/web/restart']);
});

it('console --log prints what the serial line said', async () => {
  writeFileSync(join(folder, 'state/ishmael/machines/m/console.log'), 'Linux\r\n');
  expect(await output('console', 'm', '--log')).toBe('Linux\r\n');
});

describe('completion', () => {
  it('knows commands, options, machines and, from the guest, services', async () => {
    const words = (...typed: readonly string[]): Promise<string> =>
      output('completion', 'words', '--', ...typed);
    expect(await words('st')).toBe('status\nstats\nstop\nstart\n');
    expect(await words('logs', '--t')).toBe('--tail\n--timeout\n');
    expect(await words('logs', '')).toBe('m\n');
    expect(await words('logs', 'm', '')).toBe('web\ndb\n');
    expect(await words('logs', 'nobody', '')).toBe('');
    expect(await words('run', '--help')).toBe('');
    expect(await words('build', '')).toBe(':files\n');
  });

  it('for bash fills in what the words are', async () => {
    const script = await output('completion', 'bash');
    const typed = `COMP_WORDS=(${ISHMAEL} why m w); COMP_CWORD=3; _ishmael; echo "\${COMPREPLY[@]}"`;
    const bash = spawn('bash', ['-c', `${script}\n${typed}`], {
      env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
    });
    let text = '';
    bash.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    await once(bash, 'close');
    expect(text).toBe('web\n');
  });
});

it('following ends with the machine, which says how', async () => {
  await ishmael('run', '-d', 'm', '--accel', 'tcg', '--name', 'short');
  const running = begin(['logs', 'short', '-f']);
  await running.seen('two');
  await ishmael('kill', 'short');
  for (const follower of followers) follower.destroy();
  expect(await running.outcome).toMatchObject({
    code: 0,
    stderr: 'ishmael: the machine has ended: killed\n',
  });
});

it('a machine whose QEMU is being started is waited for', async () => {
  const keeper = await identify(process.pid);
  if (keeper === undefined) throw new Error('no /proc');
  const machines = join(folder, 'state/ishmael/machines');
  const own = { image: 'm', dir: folder, memoryMiB: 64, cpus: 1, startedAtMs: Date.now() };
  const record = await claimMachine({ ...own, name: 'slow', keeper }, machines);
  const asked = ishmael('boot', 'slow', '--json');
  await delay(1_500);
  const late = await listenAsControl(join(record.sockets, 'api.sock'), (request, response) => {
    response.end(JSON.stringify(answer(request.url ?? '')));
  });
  const { code, stdout } = await asked;
  late.close();
  await abandonMachine(record, machines);
  expect({ code, report: JSON.parse(stdout) as unknown }).toEqual({ code: 0, report: BOOT });
});

it.each([
  ['has not opened its port', undefined],
  ['has no PID 1 that listens', 'nobody'],
])('a guest that %s is exit 4, with a hint', async (_, api) => {
  const env = { FAKE_QEMU_API: api === undefined ? '' : join(folder, api) };
  await begin(['run', '-d', 'm', '--accel', 'tcg', '--name', 'mute'], env).outcome;
  const { code, stderr } = await ishmael('status', 'mute', '--timeout', '1');
  await ishmael('kill', 'mute');
  expect(stderr).toMatch(
    /^ishmael: Machine "mute" does not answer .*"ishmael console mute --log"/m,
  );
  expect(code).toBe(4);
});
