/** `ishmael exec` and a guest, through keeper and bridge; the guest's side of the conversation is the test's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { answerExec } from '../support/fake-exec.ts';
import type { Outcome } from '../support/ishmael-command.ts';
import { type FakeMachine, respond, runFakeMachine } from './command-support.ts';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');

/** What an exec asks first: that somebody is there, and whom the name is of. */
const ANSWERS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['/v1/machine', { generation: 0, phase: 'services' }],
  ['/v1/services', [{ id: 'web', name: 'web' }]],
]);

let folder: string;
let begin: FakeMachine['begin'];
let ishmael: FakeMachine['ishmael'];
let hungUp: Promise<void>;

beforeAll(async () => {
  const machine = await runFakeMachine((request, response) => {
    const path = request.url ?? '';
    respond(response, path, ANSWERS.get(path));
  });
  ({ folder, begin, ishmael } = machine);
  machine.control.on('upgrade', (_request, socket) => {
    hungUp = answerExec(socket);
  });
  return () => machine.end();
});

const exec = (input: string, ...words: readonly string[]): Promise<Outcome> =>
  begin(['exec', 'm', 'web', ...words], {}, input).outcome;

it('passes input, output and the exit code on', async () => {
  const outcome = await exec('hi\n', '--', 'cat', '42');
  expect(outcome).toEqual({ code: 42, stdout: 'hi\n', stderr: '' });
  expect(await exec('x'.repeat(600_000), '-i', '--', 'cat', '0')).toMatchObject({
    code: 0,
    stdout: 'x'.repeat(600_000),
  });
});

it('takes its input from a file, and from nothing', async () => {
  writeFileSync(join(folder, 'input'), 'from a file');
  const command = `${ISHMAEL} exec m web -- cat 0`;
  for (const [file, text] of [
    ['input', 'from a file'],
    ['/dev/null', ''],
  ] as const) {
    const child = spawn('sh', ['-c', `${command} <${file}`], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, XDG_STATE_HOME: join(folder, 'state') },
    });
    let said = '';
    for (const end of [child.stdout, child.stderr]) {
      end.setEncoding('utf8').on('data', (part: string) => (said += part));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    expect({ code, said }).toEqual({ code: 0, said: text });
  }
});

it('asks for a terminal when it is told to, with the words after -- as they are', async () => {
  const { code, stdout } = await exec('', '-t', '-e', 'A=1', '-w', '/srv', '--', 'sh', '7', '-t');
  expect(code).toBe(7);
  expect(JSON.parse(stdout)).toEqual({
    args: ['sh', '7', '-t'],
    env: [expect.stringMatching(/^TERM=./) as string, 'A=1'],
    cwd: '/srv',
    terminal: { rows: 24, columns: 80 },
  });
});

it('ends as docker does when nothing was run, or by a signal', async () => {
  expect(await exec('', '--', 'nope')).toEqual({
    code: 127,
    stdout: '',
    stderr: 'ishmael: no nope\n',
  });
  expect(await exec('', '--', 'die')).toMatchObject({ code: 137 });
  expect(await exec('', '-t')).toMatchObject({ code: 125 });
  expect(await exec('', '--env', 'A', '--', 'ls')).toMatchObject({ code: 125 });
  expect(await ishmael('exec', 'nobody', 'web', '--', 'ls')).toMatchObject({ code: 125 });
  expect(await ishmael('exec', 'm', 'wbe', '--', 'ls')).toMatchObject({ code: 125 });
});

it('at a terminal has its size and every key of it, and gives it back', async () => {
  const command = [
    'stty rows 30 cols 90',
    'stty -g >before',
    `${ISHMAEL} exec m web -- sh 3`,
    'code=$?',
    'stty -g >after',
    'exit $code',
  ].join('; ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh', XDG_STATE_HOME: join(folder, 'state') },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    // Ctrl-C is a key like others: the command's.
    if (!screen.includes('args') && `${screen}${text}`.includes('args')) {
      child.stdin.write('typed\u{3}\u{4}');
    }
    screen += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(screen).toContain('"terminal":{"rows":30,"columns":90}');
  expect(screen).toContain('typed\u{3}');
  const [before, after] = ['before', 'after'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  );
  expect({ code, after }).toEqual({ code: 3, after: before });
});

it('hangs the command up when it is interrupted', async () => {
  const running = begin(['exec', 'm', 'web', '-t', '--', 'hang']);
  await running.seen('args');
  running.interrupt();
  await hungUp;
  expect((await running.outcome).code).toBeNull();
});
