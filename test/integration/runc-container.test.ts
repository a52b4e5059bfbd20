/**
 * Real containers under the real runc, crun and containerd: what the specs promise, as the process inside sees it.
 * The image is this machine's own root, read-only below an overlay.
 */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { containerSpec } from '../support/container-specs.ts';
import { engineProgram, nativeContainersMissing, runInNamespaces } from '../support/namespaces.ts';
import type { ContainerOutcome, ContainerReport } from '../support/run-container.ts';

let runs = 0;
const missing = nativeContainersMissing();

describe.skipIf(missing !== undefined).each(['runc', 'crun', 'containerd'])(
  `a container under %s${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  (name) => {
    let binary = '';

    beforeAll(() => {
      binary = engineProgram(name);
    });

    async function run(
      script: string,
      changes: Partial<ContainerSpec> = {},
      more: { times?: number; signal?: number } = {},
    ): Promise<ContainerReport> {
      const args = ['/bin/sh', '-c', script];
      const container = containerSpec({ name: 'box', rootfs: '/', args, ...changes });
      const cgroup = `/ishmael-test-${process.pid}-${(runs += 1)}`;
      const isUnderContainerd = name === 'containerd';
      return await runInNamespaces({
        binary,
        container,
        cgroup,
        times: 1,
        isUnderContainerd,
        ...more,
      });
    }

    test('has no capability by default and shares the host network', async () => {
      const report = await run(
        'cat /proc/self/status; readlink /proc/self/ns/net /proc/self/ns/cgroup',
      );
      const { exit, stdout } = ended(report);
      expect(exit).toEqual({ kind: 'exited', code: 0 });
      expect(statusLines(stdout, 'Cap')).toEqual(capabilityLines(0n, 0n));
      expect(statusLines(stdout, 'NoNewPrivs')).toEqual(['NoNewPrivs: 0']);
      expect(stdout).toContain(report.netNamespace);
      expect(stdout).not.toContain(report.cgroupNamespace);
      expect(report.leftovers).toEqual([]);
    });

    test('is exactly what its spec declares', async () => {
      const script = [
        'cat /proc/self/status',
        'echo "$PWD|$GREETING|$(hostname)|$(id -u):$(id -g):$(id -G)"',
        'ulimit -n; ulimit -Hn; ulimit -f',
        'touch /usr/x || echo read-only root',
        'touch /bound/x && echo bound; touch /scratch/x && echo scratch',
        'ls /dev/mqueue /dev/shm /dev/null; grep " /sys " /proc/self/mounts',
        'exit 7',
      ].join('\n');
      const report = await run(script, {
        env: ['PATH=/usr/bin:/bin', 'GREETING=a "quoted" word'],
        cwd: '/usr',
        user: { uid: 100, gid: 101, additionalGids: [5, 6] },
        capabilities: ['CAP_NET_RAW', 'CAP_DAC_OVERRIDE'],
        ambient: ['CAP_DAC_OVERRIDE'],
        noNewPrivileges: true,
        readonly: true,
        binds: [
          { source: '/run/made/here', destination: '/bound', options: ['rw', 'rbind', 'rshared'] },
        ],
        tmpfs: [{ destination: '/scratch', options: ['size=1m', 'mode=777'] }],
        namespaces: { net: 'new', ipc: 'new', uts: 'new', pid: 'new' },
        hostname: 'box-host',
        rlimits: [
          { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
          { type: 'RLIMIT_FSIZE', soft: 'unlimited', hard: 'unlimited' },
        ],
      });
      const { exit, stdout } = ended(report);
      expect(exit).toEqual({ kind: 'exited', code: 7 });
      // CAP_DAC_OVERRIDE is bit 1, CAP_NET_RAW bit 13; only the ambient one survives the exec.
      const [both, ambient] = [(1n << 1n) | (1n << 13n), 1n << 1n];
      expect(statusLines(stdout, 'Cap')).toEqual(capabilityLines(both, ambient));
      expect(statusLines(stdout, 'NoNewPrivs')).toEqual(['NoNewPrivs: 1']);
      expect(stdout).toContain(
        '/usr|a "quoted" word|box-host|100:101:101 5 6\n100\n200\nunlimited\n',
      );
      expect(stdout).toContain('read-only root\nbound\nscratch\n');
      expect(stdout).toMatch(/sysfs \/sys sysfs ro,/);
      expect(report.leftovers).toEqual([]);
    });

    test('writes to its own root, anew at each start, never to the image', async () => {
      const file = `/usr/ishmael-test-${process.pid}`;
      const report = await run(
        `test -e ${file} && exit 3; echo a > ${file} && cat ${file}`,
        {},
        { times: 2 },
      );
      expect(report.outcomes.map((outcome) => outcome.kind === 'ended' && outcome.stdout)).toEqual([
        'a\n',
        'a\n',
      ]);
      expect(existsSync(file)).toBe(false);
      expect(report.leftovers).toEqual([]);
    });

    test('in the host pid namespace sees the machine, its cgroups included', async () => {
      const namespaces = { net: 'host', ipc: 'host', uts: 'host', pid: 'host' } as const;
      const report = await run('readlink /proc/self/ns/cgroup; cat /proc/1/cmdline', {
        namespaces,
      });
      expect(ended(report).stdout).toContain(`${report.cgroupNamespace}\n`);
      expect(ended(report).stdout).toContain('run-container.ts');
    });

    test('is killed by the signal it is sent', async () => {
      const { exit } = ended(await run('echo up; exec sleep 60', {}, { signal: 9 }));
      expect(exit).toEqual({ kind: 'signaled', signal: 9, core: false });
    });

    test.each([
      ['a program that does not exist', { args: ['/nothing/here'] }, '/nothing/here'],
      [
        'a bind source that does not exist in /dev',
        { binds: [{ source: '/dev/ishmael-none', destination: '/x', options: ['bind'] }] },
        '/dev/ishmael-none',
      ],
      ['a working directory it may not enter', { cwd: '/dev/null' }, '/dev/null'],
    ] as const)("fails with the runtime's own words for %s", async (_what, changes, word) => {
      const report = await run('exit 0', changes);
      const [outcome] = report.outcomes;
      expect(outcome).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining(word) as string,
      });
      expect(report.leftovers).toEqual([]);
    });

    test('is refused before the runtime is asked when its image is missing', async () => {
      const report = await run('exit 0', { rootfs: '/nothing/here' });
      expect(report.outcomes).toMatchObject([{ kind: 'refused', code: 'rootfs-empty' }]);
    });
  },
);

/** The only outcome, when the container ran. */
function ended(report: ContainerReport): Extract<ContainerOutcome, { kind: 'ended' }> {
  const [outcome] = report.outcomes;
  if (outcome?.kind === 'ended') return outcome;
  throw new Error(`The container did not run: ${JSON.stringify(report)}`);
}

/** Lines of /proc/PID/status whose name starts with `prefix`, one space after the colon. */
function statusLines(status: string, prefix: string): string[] {
  return status
    .split('\n')
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.replace(/:\s+/, ': '));
}

/** What /proc/PID/status shows when `all` is declared and `kept` is left after an exec. */
function capabilityLines(all: bigint, kept: bigint): string[] {
  const hex = (mask: bigint): string => mask.toString(16).padStart(16, '0');
  return [
    `CapInh: ${hex(all)}`,
    `CapPrm: ${hex(kept)}`,
    `CapEff: ${hex(kept)}`,
    `CapBnd: ${hex(all)}`,
    `CapAmb: ${hex(kept)}`,
  ];
}
