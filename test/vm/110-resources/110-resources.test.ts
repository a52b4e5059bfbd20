/** Limits of containers: that they are set, and what becomes of a container that meets one. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MachineInfo, ProcessInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const MIB = 1024 * 1024;

let machine: TestMachine;
let shell: GuestShell;

async function boot(yaml: string): Promise<() => Promise<unknown>> {
  const { dirname } = import.meta;
  machine = await bootMachine({ folder: dirname, yaml: join(dirname, yaml), ports: [SHELL_PORT] });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
}

function reaches(id: string, state: UnitStatus['state']): Promise<UnitStatus> {
  return machine.waitFor(`${id} to be ${state}`, async () => {
    const unit = await machine.unit(id);
    return unit.state === state ? unit : undefined;
  });
}

async function warnings(id: string): Promise<string[]> {
  return (await machine.events())
    .filter(({ unit, severity }) => unit === id && severity === 'warning')
    .map(({ text }) => text);
}

/** Files of a cgroup by name, as far as they exist. */
async function cgroup(path: string, ...names: string[]): Promise<Record<string, string>> {
  const answer = await shell(`cd /machine/cgroup/${path} && grep '' ${names.join(' ')} /dev/null`);
  return Object.fromEntries(
    answer
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

const OOM = 'the kernel has killed a process of it for want of memory (OOM)';

/** The same whatever the runtime is: OCI's words are translated before it sees them. */
function limitsAreSet(): void {
  it('sets a limit of every kind, and unified has the last word', async () => {
    const files = await cgroup(
      'services/limited',
      'memory.* cpu.* cpuset.* pids.max',
      'io.weight',
      'hugetlb.2MB.*max',
    );
    expect(files).toMatchObject({
      'memory.max': String(64 * MIB),
      'memory.low': String(8 * MIB),
      'memory.high': String(48 * MIB),
      'memory.swap.max': String(32 * MIB),
      'cpu.weight': '59',
      'cpu.max': '50000 200000',
      'cpu.max.burst': '10000',
      'cpuset.cpus': '0',
      'cpuset.mems': '0',
      'pids.max': '10',
      'io.weight': 'default 4950',
      'hugetlb.2MB.max': String(4 * MIB),
      'hugetlb.2MB.rsvd.max': String(4 * MIB),
    });
    expect(await cgroup('services/idle', 'cpu.idle')).toEqual({ 'cpu.idle': '1' });
  });

  it('lets through the devices that a rule allows', async () => {
    const wrote = async (id: string): Promise<string[]> =>
      (await machine.logs(id)).map(({ text }) => text);
    expect(await wrote('allowed')).toEqual(['opened']);
    expect(await wrote('denied')).toEqual([expect.stringContaining('Operation not permitted')]);
  });
}

describe('a machine with crun', () => {
  beforeAll(() => boot('image.yml'));

  describe('a service beyond its memory limit', () => {
    it('is reported as killed for want of memory, and restarted by its policy', async () => {
      const hog = await reaches('hog', 'failed');
      expect(hog).toMatchObject({ restarts: 1, lastExit: { kind: 'oom-killed' } });
      expect(hog.reason).toMatch(/^killed for want of memory \(OOM\); started again 1 time/);
    });

    it('goes on when it was another process than the first, and that is told', async () => {
      await machine.waitFor('the warning', async () =>
        (await warnings('parent')).includes(OOM) ? true : undefined,
      );
      expect(await machine.unit('parent')).toMatchObject({ state: 'running', restarts: 0 });
      expect((await machine.logs('parent')).map(({ text }) => text)).toContain('child: 137');
    });

    it('ends as a whole with memory.oom.group', async () => {
      expect(await reaches('together', 'failed')).toMatchObject({
        lastExit: { kind: 'oom-killed' },
      });
    });
  });

  describe('a service that forks without end', () => {
    it('has as many processes as it may have, and the machine answers', async () => {
      const files = await machine.waitFor('the limit', async () => {
        const found = await cgroup('services/bomb', 'pids.current', 'pids.max', 'pids.events');
        return found['pids.current'] === '30' ? found : undefined;
      });
      expect(files).toMatchObject({ 'pids.max': '30' });
      expect(Number(files['pids.events']?.replace('max ', ''))).toBeGreaterThan(0);
      const begin = performance.now();
      expect(await machine.get<MachineInfo>('/v1/machine')).toMatchObject({ generation: 0 });
      expect(performance.now() - begin).toBeLessThan(2_000);
      expect(await reaches('limited', 'running')).toMatchObject({ restarts: 0 });
    });

    it('is stopped with all its processes', async () => {
      await machine.post('/v1/services/bomb/stop');
      expect(await reaches('bomb', 'stopped')).toMatchObject({ restarts: 0 });
      expect(await machine.get<ProcessInfo[]>('/v1/services/bomb/processes')).toEqual([]);
      expect(await shell('ps -o args | grep -c "^sleep 100[0]"')).toMatch(/^[1-9]\n$/);
    });
  });

  limitsAreSet();

  describe('memory of the machine itself', () => {
    it('is kept for PID 1, for the consoles, and for who has reserved some', async () => {
      expect(
        await cgroup('.', 'init/memory.low', 'system/memory.low', 'services/memory.low'),
      ).toEqual({
        'init/memory.low': String(64 * MIB),
        'system/memory.low': String(32 * MIB),
        'services/memory.low': 'max',
      });
      expect((await shell('cat /machine/cgroup/init/cgroup.procs')).split('\n')).toContain('1');
    });

    it('is taken last from the consoles when there is none left', async () => {
      const script =
        'for pid in $(cat /machine/cgroup/system/cgroup.procs); do cat /proc/$pid/oom_score_adj; done';
      expect(new Set((await shell(script)).trim().split('\n'))).toEqual(new Set(['-900']));
    });

    it('has room for processes that containers cannot take', async () => {
      const most = (await cgroup('services', 'pids.max'))['pids.max'];
      const threads = Number(await shell('cat /proc/sys/kernel/threads-max'));
      expect(Number(most)).toBe(Math.floor(threads * 0.9));
    });
  });
});

describe('a machine with runc', () => {
  beforeAll(() => boot('runc.yml'));

  limitsAreSet();
});
