/** A service whose program has a terminal, launched by PID 1's own launcher under the real runc and crun. */
import { beforeAll, describe, expect, test } from 'vitest';
import { containerSpec } from '../support/container-specs.ts';
import { findProgram, launchInNamespaces, nativeContainersMissing } from '../support/namespaces.ts';
import type { LaunchRequest, LaunchTale } from '../support/run-launch.ts';

let runs = 0;
const missing = nativeContainersMissing();

describe.skipIf(missing !== undefined).each(['runc', 'crun'])(
  `terminal: true under %s${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  (name) => {
    let binary = '';

    beforeAll(() => {
      const path = findProgram(name);
      if (path === undefined) throw new Error(`${name} is missing: install the package ${name}`);
      binary = path;
    });

    async function launch(script: string, more: Partial<LaunchRequest> = {}): Promise<LaunchTale> {
      const args = ['/bin/sh', '-c', script];
      const tale = await launchInNamespaces({
        binary,
        cgroup: `/ishmael-terminal-${process.pid}-${(runs += 1)}`,
        container: containerSpec({ name: 'box', rootfs: '/', args, terminal: true }),
        unit: {},
        patienceMs: 1_500,
        probes: 0,
        ...more,
      });
      // No socket, no holder, no descriptor; the one process is the test's own.
      expect(tale).toMatchObject({ leftovers: [], openFds: [], processes: 1 });
      return tale;
    }

    test('gives the program a terminal of its own, whose lines are its log', async () => {
      const script = 'tty; stty size; echo err >&2; printf "\\033[1mbold\\n"; exec sleep 100';
      const { told, log } = await launch(script);
      expect(told.slice(0, 2)).toEqual(['created', 'started']);
      expect(log).toEqual(['/dev/pts/0', '24 80', 'err', '\u{1b}[1mbold']);
    });

    test('keeps the last words of a program that ends', async () => {
      const { told, log } = await launch('seq 1 500; echo last; exec sleep 100');
      expect(told).toContain('killed by SIGKILL');
      expect(log).toHaveLength(501);
      expect(log.at(-1)).toBe('last');
    });

    test('leaves commands before the program and health checks without one', async () => {
      const probe = { kind: 'exec', args: ['/bin/sh', '-c', 'tty || exit 0; exit 1'] } as const;
      const health = { probe, intervalMs: 1_000, timeoutMs: 5_000, retries: 1 } as unknown;
      const { outcomes, log } = await launch('tty; exec sleep 100', {
        unit: {
          preStart: [['/bin/sh', '-c', 'tty || echo none']],
          health: health as NonNullable<LaunchRequest['unit']['health']>,
        },
        probes: 1,
      });
      expect(log).toEqual(['not a tty', 'none', '/dev/pts/0']);
      expect(outcomes).toMatchObject([{ passed: true }]);
    });

    test('ends the holder when the container cannot be made', async () => {
      const container = containerSpec({
        name: 'box',
        rootfs: '/',
        args: ['/nothing/here'],
        terminal: true,
      });
      const { told } = await launch('', { container });
      expect(told.join('\n')).toMatch(/^failed create: .*nothing/m);
    });
  },
);
