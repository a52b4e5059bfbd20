/** `ishmael cp` against a guest whose one container is a folder of this machine. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answerCopy } from '../support/fake-exec.ts';
import { type FakeMachine, respond, runFakeMachine, runningUnit } from './command-support.ts';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');

const WEB = runningUnit('web');

let machine: FakeMachine;
/** What the container has, and what this machine. */
let [there, here] = ['', ''];

beforeAll(async () => {
  machine = await runFakeMachine((request, response) => {
    const path = request.url ?? '';
    respond(
      response,
      path,
      path === '/v1/services' ? [WEB] : path === '/v1/machine' ? {} : undefined,
    );
  });
  [there, here] = [join(machine.folder, 'there'), join(machine.folder, 'here')];
  machine.control.on('upgrade', (_request, socket) => answerCopy(socket));
  return () => machine.end();
});

beforeEach(() => {
  for (const folder of [there, here]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
  }
});

describe('from a service', () => {
  it('brings files and directories, links as links and without setuid bits', async () => {
    mkdirSync(join(there, 'data'));
    writeFileSync(join(there, 'data', 'run'), Buffer.alloc(2_000_000, 'x'), { mode: 0o755 });
    execFileSync('chmod', ['4755', join(there, 'data', 'run')]);
    symlinkSync('run', join(there, 'data', 'link'));
    expect(await machine.output('cp', 'm', `web:${there}/data`, 'here')).toBe('');
    expect(lstatSync(join(here, 'data', 'run'))).toMatchObject({ size: 2_000_000, mode: 0o100755 });
    expect(lstatSync(join(here, 'data', 'link')).isSymbolicLink()).toBe(true);
    expect(await machine.output('cp', 'm', '-L', `web:${there}/data/link`, 'here/copy')).toBe('');
    expect(lstatSync(join(here, 'copy')).size).toBe(2_000_000);
  });

  it('prints an archive, whose reader may leave', async () => {
    writeFileSync(join(there, 'a'), 'A');
    const { code, stdout } = await machine.ishmael('cp', 'm', `web:${there}/.`, '-');
    expect(code).toBe(0);
    const listed = execFileSync('tar', ['-tf', '-'], { input: stdout, encoding: 'utf8' });
    expect(listed).toBe('./\n./a\n');
  });

  it('says in the words of the guest why not, and what is left out', async () => {
    expect(await machine.ishmael('cp', 'm', `web:${there}/nope`, 'here')).toEqual({
      code: 1,
      stdout: '',
      stderr: `ishmael: web: "${there}/nope" does not exist\n`,
    });
    execFileSync('mkfifo', [join(there, 'pipe')]);
    const { code, stderr } = await machine.ishmael('cp', 'm', `web:${there}`, 'here');
    expect(code).toBe(0);
    expect(stderr).toBe(
      `ishmael: web: "${there}/pipe" is left out: it is neither file, directory nor symbolic link\n`,
    );
    expect(readdirSync(here)).toEqual(['there']);
  });

  it('says why not on this side', async () => {
    writeFileSync(join(there, 'a'), Buffer.alloc(3_000_000));
    mkdirSync(join(here, 'a'));
    const { code, stderr } = await machine.ishmael('cp', 'm', `web:${there}/a`, 'here');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'ishmael: "here/a" is a directory\n' });
  });
});

describe('into a service', () => {
  it('brings files and directories under their names or another', async () => {
    mkdirSync(join(here, 'etc'));
    writeFileSync(join(here, 'etc', 'conf'), Buffer.alloc(2_000_000, 'x'));
    expect(await machine.output('cp', 'm', 'here/etc', `web:${there}`)).toBe('');
    expect(lstatSync(join(there, 'etc', 'conf')).size).toBe(2_000_000);
    expect(await machine.output('cp', 'm', 'here/etc/conf', `web:${there}/new`)).toBe('');
    expect(readdirSync(there)).toEqual(['etc', 'new']);
  });

  it('unpacks an archive from standard input, into a directory only', async () => {
    writeFileSync(join(here, 'a'), 'A');
    const archive = execFileSync('tar', ['-cf', '-', '-C', here, 'a'], { encoding: 'latin1' });
    const into = (path: string): ReturnType<FakeMachine['ishmael']> =>
      machine.begin(['cp', 'm', '-', `web:${path}`], {}, archive).outcome;
    expect(await into(there)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(there, 'a'), 'utf8')).toBe('A');
    expect(await into(`${there}/nope`)).toMatchObject({
      code: 1,
      stderr: `ishmael: web: "${there}/nope" is no directory\n`,
    });
    const garbage = machine.begin(['cp', 'm', '-', `web:${there}`], {}, 'x'.repeat(5000));
    expect(await garbage.outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ishmael: web: Refusing') as string,
    });
  });

  it('stops when the guest has refused, and says what is missing here', async () => {
    writeFileSync(join(here, 'large'), Buffer.alloc(5_000_000));
    expect(await machine.ishmael('cp', 'm', 'here/large', `web:${there}/no/where`)).toMatchObject({
      code: 1,
      stderr: `ishmael: web: "${there}/no" is no directory\n`,
    });
    expect(await machine.ishmael('cp', 'm', 'here/nope', `web:${there}`)).toMatchObject({
      code: 1,
      stderr: 'ishmael: "here/nope" does not exist\n',
    });
    expect(existsSync(join(there, 'nope'))).toBe(false);
  });
});

it.each([
  [['a', 'b'], 2, 'SERVICE:PATH'],
  [['web:/a', 'web:/b'], 2, 'on this machine'],
  [['web:a', '.'], 2, 'absolute path'],
  [['web:/a'], 2, 'DEST'],
  [['wbe:/a', '.'], 3, 'Did you mean "web"?'],
])('refuses %j with %i', async (words, code, why) => {
  const outcome = await machine.ishmael('cp', 'm', ...words);
  expect(outcome).toMatchObject({ code, stdout: '' });
  expect(outcome.stderr).toContain(why);
});

it('shows on a terminal how much has gone over, and takes that away again', async () => {
  writeFileSync(join(there, 'large'), Buffer.alloc(30_000_000));
  const command = `${ISHMAEL} cp m web:${there}/large here 2>&1; echo; echo done`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: machine.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh', XDG_STATE_HOME: join(machine.folder, 'state') },
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  await once(child, 'close');
  expect(shown).toContain(`\r\u{1b}[Kweb:${there}/large to here: `);
  expect(shown.endsWith('\r\u{1b}[K\r\ndone\r\n')).toBe(true);
});
