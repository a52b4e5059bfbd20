/**
 * Health checks, readiness and preStart with the real runc and crun, as PID 1 carries them out. The image is
 * this machine's own root; servers are Node's.
 */
import { dirname } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import {
  DEFAULT_HEALTH_CHECK,
  type HealthCheck,
  type Probe,
} from '../../supervisor/service/policy.ts';
import { containerSpec } from '../support/container-specs.ts';
import { findProgram, launchInNamespaces, nativeContainersMissing } from '../support/namespaces.ts';
import type { LaunchRequest, LaunchTale } from '../support/run-launch.ts';

let runs = 0;
const missing = nativeContainersMissing();

const PRIVATE = { net: 'new', ipc: 'new', uts: 'new', pid: 'new' } as const;
const SHARED = { net: 'host', ipc: 'host', uts: 'host', pid: 'new' } as const;

/** Answers for as long as it lives: HTTP on 8080 with the status that the path names, silence on 8081. */
const SERVER = `
const { createServer } = require('node:http');
const net = require('node:net');
createServer((request, response) => {
  const [, status, kind] = request.url.split('/');
  response.writeHead(Number(status));
  if (kind !== 'endless') return response.end('says ' + status);
  const more = () => response.write('x'.repeat(65536)) ? setImmediate(more) : response.once('drain', more);
  more();
}).listen(8080, '::', () => console.log('up'));
net.createServer(() => {}).listen(8081, '::');
net.createServer((socket) => socket.destroy()).listen(8082, '::');
net.createServer((socket) => {
  socket.on('error', () => clearInterval(more));
  socket.write('HTTP/1.1 200 OK\\r\\n');
  const more = setInterval(() => socket.write('x: ' + 'y'.repeat(8000) + '\\r\\n'), 5);
}).listen(8083, '::');
`;

const check = (probe: Probe, changes: Partial<HealthCheck> = {}): HealthCheck => ({
  ...DEFAULT_HEALTH_CHECK,
  timeoutMs: 5_000,
  ...changes,
  probe,
});

describe.skipIf(missing !== undefined).each(['runc', 'crun'])(
  `a service under %s${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  (name) => {
    let binary = '';

    beforeAll(() => {
      const path = findProgram(name);
      if (path === undefined) throw new Error(`${name} is missing: install the package ${name}`);
      binary = path;
    });

    async function play(
      changes: Partial<ContainerSpec>,
      unit: LaunchRequest['unit'],
      more: Partial<Pick<LaunchRequest, 'patienceMs' | 'probes' | 'duringStep'>> = {},
    ): Promise<LaunchTale> {
      const container = containerSpec({ name: 'box', rootfs: '/', ...changes });
      const cgroup = `/ishmael-launch-${process.pid}-${(runs += 1)}`;
      const request = { binary, container, cgroup, unit, patienceMs: 100, probes: 1, ...more };
      const tale = await launchInNamespaces(request);
      expect(tale).toMatchObject({ leftovers: [], openFds: [], processes: 1 });
      return tale;
    }

    const shell = (script: string): Pick<ContainerSpec, 'args'> => ({
      args: ['/bin/sh', '-c', script],
    });

    describe('an exec check', () => {
      const sleeps = shell('exec sleep 100');

      test("has the container's own user, rights, environment and place", async () => {
        const script =
          'id -u; id -G; pwd; echo $GREETING; grep -E "^(CapBnd|NoNewPrivs)" /proc/self/status';
        const { outcomes } = await play(
          {
            ...sleeps,
            env: ['PATH=/usr/bin:/bin', 'GREETING=hello'],
            cwd: '/usr',
            user: { uid: 100, gid: 101, additionalGids: [5] },
            capabilities: ['CAP_NET_RAW'],
            noNewPrivileges: true,
            namespaces: PRIVATE,
          },
          { health: check({ kind: 'exec', args: ['/bin/sh', '-c', script] }) },
        );
        const lines = [
          '100',
          '101 5',
          '/usr',
          'hello',
          'CapBnd:\t0000000000002000',
          'NoNewPrivs:\t1',
        ];
        expect(outcomes).toEqual([{ passed: true, output: lines.join('\n') }]);
      });

      test('fails with its exit code and what it said', async () => {
        const args = ['/bin/sh', '-c', 'echo no database >&2; exit 3'];
        const { outcomes } = await play(sleeps, { health: check({ kind: 'exec', args }) });
        expect(outcomes).toEqual([{ passed: false, output: 'exit code 3: no database' }]);
      });

      test("fails with the runtime's words when there is no such program", async () => {
        const health = check({ kind: 'exec', args: ['/nothing/here'] });
        const { outcomes } = await play(sleeps, { health });
        expect(outcomes).toEqual([
          {
            passed: false,
            output: expect.stringMatching(/\/nothing\/here.*o such file/) as string,
          },
        ]);
      });

      test('is killed with its children after its time, and keeps its last 4096 bytes', async () => {
        const args = ['/bin/sh', '-c', 'sleep 77 & seq 10000; sleep 78'];
        const { outcomes } = await play(
          sleeps,
          { health: check({ kind: 'exec', args }, { timeoutMs: 1_000 }) },
          { probes: 2 },
        );
        for (const { passed, output } of outcomes) {
          expect(passed).toBe(false);
          expect(output).toMatch(/^killed, not finished within 1\.0 s: \d*\n/);
          expect(Buffer.byteLength(output)).toBeLessThanOrEqual(4096);
        }
      });

      test('does not wait for what it leaves running, if that lets go of the output', async () => {
        // runc copies the output and waits for its end; crun hands it on.
        const silently = name === 'runc' ? '> /dev/null 2>&1' : '';
        const args = ['/bin/sh', '-c', `echo done; sleep 79 ${silently} & exit 0`];
        const { outcomes } = await play(sleeps, { health: check({ kind: 'exec', args }) });
        expect(outcomes).toEqual([{ passed: true, output: 'done' }]);
      });
    });

    describe.each([
      ['a network of its own', PRIVATE],
      ["PID 1's network", SHARED],
    ])('with %s', (_what, namespaces) => {
      const server = {
        args: ['/node/node', '-e', SERVER],
        binds: [
          { source: dirname(process.execPath), destination: '/node', options: ['bind', 'ro'] },
        ],
        namespaces,
      };
      const ask = async (
        probe: Probe,
        timeoutMs = 5_000,
      ): Promise<LaunchTale['outcomes'][number]> => {
        const tale = await play(
          server,
          { health: check(probe, { timeoutMs }) },
          { patienceMs: 1_500 },
        );
        expect(tale.log).toEqual(['up']);
        return tale.outcomes[0] ?? { passed: false, output: 'not asked' };
      };

      test.each([
        ['127.0.0.1', '/200', { passed: true, output: '200 OK' }],
        ['::1', '/302', { passed: true, output: '302 Found' }],
        ['127.0.0.1', '/503', { passed: false, output: '503 Service Unavailable: says 503' }],
      ])('an http check of %s%s', async (host, path, outcome) => {
        expect(await ask({ kind: 'http', host, port: 8080, path })).toEqual(outcome);
      });

      test('an http check of an answer without end', async () => {
        const { passed, output } = await ask({
          kind: 'http',
          host: '127.0.0.1',
          port: 8080,
          path: '/500/endless',
        });
        expect({ passed, length: output.length }).toEqual({ passed: false, length: 4096 });
      });

      test.each([
        [8081, /^no answer within 0\.5 s$/],
        [8082, /^ECONNRESET$/],
        [8083, /^HPE_HEADER_OVERFLOW$/],
        [1, /^ECONNREFUSED$/],
      ])('an http check of port %d, which is no good', async (port, output) => {
        const probe = { kind: 'http', host: '127.0.0.1', port, path: '/' } as const;
        expect(await ask(probe, 500)).toEqual({
          passed: false,
          output: expect.stringMatching(output) as string,
        });
      });

      test.each([
        [8081, '::1', { passed: true, output: 'connected' }],
        [8080, '127.0.0.1', { passed: true, output: 'connected' }],
        [1, '127.0.0.1', { passed: false, output: 'ECONNREFUSED' }],
      ])('a tcp check of port %d at %s', async (port, host, outcome) => {
        expect(await ask({ kind: 'tcp', host, port })).toEqual(outcome);
      });
    });

    test("a check of its network leaves PID 1 in PID 1's", async () => {
      const { outcomes } = await play(
        { ...shell('exec sleep 100'), namespaces: PRIVATE },
        { health: check({ kind: 'tcp', host: '192.0.2.1', port: 80 }, { timeoutMs: 500 }) },
        { probes: 3 },
      );
      // No route: its own network has no interface but the loopback.
      const outcome = { passed: false, output: 'ENETUNREACH' };
      expect(outcomes).toEqual([outcome, outcome, outcome]);
    });

    test.each([
      ['/beat', undefined, true],
      ['/link', 60_000, true],
      ['/old', 60_000, false],
      ['/usr/../../../beat', undefined, true],
      ['/outside', undefined, false],
    ])('a file check of %s (at most %s ms old): %s', async (path, maxAgeMs, passed) => {
      const { outcomes } = await play(
        shell(
          'touch /beat; touch -d 2020-01-01 /old; ln -s /a/../beat /usr/in; ln -s usr/in /link; mkdir /a;' +
            `ln -s /run/ishmael/bundles /outside; exec sleep 100`,
        ),
        { health: check({ kind: 'file', path, ...(maxAgeMs === undefined ? {} : { maxAgeMs }) }) },
        { patienceMs: 300 },
      );
      expect(outcomes).toMatchObject([{ passed }]);
    });

    test('is ready when it has written a line to its descriptor, and not before', async () => {
      const script =
        'ls /proc/self/fd; printf almost >&5; sleep 0.3; echo ready; echo >&5; exec sleep 100';
      const tale = await play(
        shell(script),
        { readiness: { kind: 'fd', fd: 5 } },
        { patienceMs: 800 },
      );
      expect(tale.told).toEqual(['created', 'started', 'ready', 'killed by SIGKILL']);
      // The last one is the directory itself.
      expect(tale.log).toEqual(['0', '1', '2', '3', '4', '5', '6', 'ready']);
    });

    test('is ready when it says so to its socket, whoever it runs as', async () => {
      const send = (text: string): string =>
        `perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_DGRAM, 0); send($s, "${text}", 0, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!'`;
      const script = [
        send('STATUS=READY=1'),
        'sleep 0.2',
        send('STATUS=up\\nREADY=1\\n'),
        send('READY=1'),
      ];
      const tale = await play(
        {
          ...shell([...script, 'exec sleep 100'].join(';')),
          user: { uid: 1000, gid: 1000, additionalGids: [] },
          noNewPrivileges: true,
          readonly: true,
        },
        { readiness: { kind: 'notify' } },
        { patienceMs: 1_000 },
      );
      expect(tale).toMatchObject({
        log: [],
        told: ['created', 'started', 'ready', 'killed by SIGKILL'],
      });
    });

    describe('preStart', () => {
      test('runs its commands one after another on the same files, then the program', async () => {
        const preStart = [
          ['/bin/sh', '-c', 'echo one > /made; echo first; test -z "$NOTIFY_SOCKET"'],
          ['/usr/bin/test', '-s', '/made'],
        ];
        const unit = { preStart, readiness: { kind: 'notify' } } as const;
        // On a busy host its first word takes longer than the usual tenth of a second.
        const tale = await play(shell('cat /made; exec sleep 100'), unit, { patienceMs: 1_000 });
        expect(tale.told).toEqual([
          'step preStart 1 of 2 (echo one > /made; echo first; test -z "$…)',
          'step ended',
          'step preStart 2 of 2 (test)',
          'step ended',
          'created',
          'started',
          'killed by SIGKILL',
        ]);
        expect(tale.log).toEqual(['first', 'one']);
      });

      test('fails the launch with the exit code of the command, and runs nothing else', async () => {
        const tale = await play(shell('exec sleep 100'), {
          preStart: [['/bin/false'], ['/bin/echo', 'never']],
        });
        expect(tale.told.slice(-1)).toEqual([
          'failed preStart: preStart 1 of 2 (false): exit code 1',
        ]);
        expect(tale.log).toEqual([]);
      });

      test('ends by force with its children when its time is over', async () => {
        const tale = await play(
          shell('exec sleep 100'),
          { preStart: [['/bin/sh', '-c', 'sleep 80 & sleep 81']] },
          { duringStep: 'kill', patienceMs: 300 },
        );
        expect(tale.told.slice(-1)).toEqual([
          'failed preStart: preStart 1 of 1 (sleep 80 & sleep 81): killed by SIGKILL',
        ]);
      });

      test('begins nothing new when it is not wanted any more, and lets the command end', async () => {
        const tale = await play(
          shell('exec sleep 100'),
          {
            preStart: [
              ['/bin/sh', '-c', 'trap "echo bye; exit 0" TERM; while :; do sleep 0.1; done'],
            ],
          },
          { duringStep: 'abandon and signal', patienceMs: 300 },
        );
        expect(tale.told.slice(1)).toEqual(['step ended', 'failed launch: not wanted any more']);
        expect(tale.log).toEqual(['bye']);
      });
    });
  },
);
