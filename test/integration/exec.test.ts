/** Commands in a running container by the control API, under the real runc, crun and containerd, with and without a terminal. */
import { readFileSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { pack } from '../../supervisor/copy/pack.ts';
import { containerSpec } from '../support/container-specs.ts';
import {
  engineProgram,
  nativeContainersMissing,
  runProgramInNamespaces,
} from '../support/namespaces.ts';
import type { ExecReport, ExecSession, ExecTale } from '../support/run-exec.ts';

let runs = 0;
const missing = nativeContainersMissing();
const SIZE = { rows: 33, columns: 101 };

describe.skipIf(missing !== undefined).each(['runc', 'crun', 'containerd'])(
  `an exec under %s${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  (name) => {
    let binary = '';

    beforeAll(() => {
      binary = engineProgram(name);
    });

    async function play(...sessions: readonly ExecSession[]): Promise<readonly ExecTale[]> {
      const container = containerSpec({
        name: 'box',
        rootfs: '/',
        args: ['/bin/sleep', '100'],
        env: ['PATH=/usr/bin:/bin', 'HOME=/nowhere', 'KEPT=1'],
        user: { uid: 100, gid: 101, additionalGids: [] },
        noNewPrivileges: true,
      });
      const cgroup = `/ishmael-exec-${process.pid}-${(runs += 1)}`;
      const isUnderContainerd = name === 'containerd';
      const program = { binary, container, cgroup, sessions, isUnderContainerd };
      const report = (await runProgramInNamespaces('run-exec.ts', program)) as ExecReport;
      // Whatever became of it: nothing is left of it.
      expect(report).toMatchObject({ leftovers: [], processes: [], helpers: 0 });
      return report.tales;
    }

    const shell = (script: string): ExecSession['request'] => ({ args: ['sh', '-c', script] });

    test('keeps output, errors and exit code apart', async () => {
      const [tale] = await play({ request: shell('echo out; echo err >&2; exit 42') });
      expect(tale).toEqual({ stdout: 'out\n', stderr: 'err\n', end: { kind: 'exited', code: 42 } });
    });

    test('passes input on and its end, however much there is', async () => {
      const [small, large] = await play(
        { request: { args: ['cat', '/dev/stdin'] }, input: 'hello\n', endInput: true },
        { request: { args: ['cat'] }, bulk: 3_000_000, endInput: true },
      );
      expect(small).toMatchObject({ stdout: 'hello\n', end: { kind: 'exited', code: 0 } });
      expect(large).toMatchObject({ stdout: '3000000', end: { kind: 'exited', code: 0 } });
    });

    test('copies without any program of the container, in its root and no other', async () => {
      const archive = await buffer(
        Readable.from(pack('/etc/hostname', { follow: true, onLeftOut: () => {} })),
      );
      const to = { copy: 'to', path: '/run' } as const;
      const [from, absent, into, seen, cut] = await play(
        { request: { copy: 'from', path: '/etc/hostname' } },
        { request: { copy: 'from', path: '/nope' } },
        { request: to, input: archive.toString('latin1'), endInput: true },
        { request: shell('stat -c "%u %a" /run/hostname') },
        { request: to, input: archive.toString('latin1').slice(0, 600), endInput: true },
      );
      expect(from).toMatchObject({ stderr: '', end: { kind: 'exited', code: 0 } });
      expect(from?.stdout).toContain(readFileSync('/etc/hostname', 'utf8'));
      expect(absent).toEqual({
        stdout: '',
        stderr: '"/nope" does not exist\n',
        end: { kind: 'exited', code: 1 },
      });
      expect(into).toEqual({ stdout: '', stderr: '', end: { kind: 'exited', code: 0 } });
      const mode = statSync('/etc/hostname').mode & 0o7777;
      expect(seen?.stdout).toBe(`0 ${mode.toString(8)}\n`);
      expect(cut).toMatchObject({
        stderr: 'Refusing the archive: unexpected end of data\n',
        end: { kind: 'exited', code: 1 },
      });
    });

    test('ends although the command has not read its input, and tells of a signal', async () => {
      const [full, killed] = await play(
        { request: shell('exit 3'), bulk: 500_000 },
        { request: shell('kill -9 $$') },
      );
      expect(full).toMatchObject({ end: { kind: 'exited', code: 3 } });
      expect(killed).toMatchObject({ end: { kind: 'signaled', signal: 9 } });
    });

    test("is the program's user, with its rights and environment", async () => {
      const script = 'id -u; id -g; echo $HOME $KEPT $NEW; pwd; grep NoNewPrivs /proc/self/status';
      const request = { ...shell(script), env: ['HOME=/here', 'NEW=2'], cwd: '/usr' };
      const [tale] = await play({ request });
      expect(tale?.stdout).toBe('100\n101\n/here 1 2\n/usr\nNoNewPrivs:\t1\n');
    });

    test('has a terminal of the size of the client, which may change', async () => {
      const script =
        'tty; stty size; trap "stty size; exit 7" WINCH; echo up; while :; do sleep 0.05; done';
      const resized = { seen: 'up', resize: { rows: 10, columns: 20 } };
      const [tale] = await play({ request: { ...shell(script), terminal: SIZE }, on: [resized] });
      expect(tale).toMatchObject({ stderr: '', end: { kind: 'exited', code: 7 } });
      expect(tale?.stdout).toMatch(/^\/dev\/pts\/\d+\r\n33 101\r\nup\r\n10 20\r\n$/);
    });

    test('on a terminal echoes, and takes Ctrl-C and Ctrl-D for what they are', async () => {
      const terminal = SIZE;
      const [typed, interrupted] = await play(
        { request: { args: ['cat'], terminal }, input: 'typed\n', endInput: true },
        {
          request: { ...shell('echo up; exec sleep 100'), terminal },
          on: [{ seen: 'up', write: '\u{3}' }],
        },
      );
      expect(typed).toMatchObject({ stdout: 'typed\r\ntyped\r\n', end: { code: 0 } });
      expect(interrupted).toMatchObject({ end: { kind: 'signaled', signal: 2 } });
    });

    test('is hung up when its client goes away, with all that it has started', async () => {
      const leave = [{ seen: 'up', leave: true }];
      const script = 'sleep 100 & echo up; sleep 100';
      const tales = await play(
        { request: shell(script), on: leave },
        { request: { ...shell(script), terminal: SIZE }, on: leave },
        { request: { ...shell(`trap "" HUP; ${script}`), terminal: SIZE }, on: leave },
      );
      expect(tales.map(({ end }) => end.kind)).toEqual(['lost', 'lost', 'lost']);
    });

    test('does not wait for what the command has left behind', async () => {
      const [tale] = await play({ request: shell('sleep 2 & echo out; exit 1') });
      expect(tale).toMatchObject({ stdout: 'out\n', end: { kind: 'exited', code: 1 } });
    });

    test.each([{}, { terminal: SIZE }])('says why nothing was run, with %j', async (more) => {
      const tales = await play(
        { request: { args: ['nope'], ...more } },
        { request: { args: ['/no/such'], ...more } },
        { request: { args: ['/etc/passwd'], ...more } },
        { request: { args: [], ...more } },
      );
      expect(tales.map(({ end }) => end.kind === 'refused' && end.code)).toEqual([
        'no-program',
        'no-program',
        'not-executable',
        'bad-request',
      ]);
    });
  },
);
