/**
 * Fields of containers under the real runc and crun, as the process inside sees them. What needs devices or
 * more of a machine is in test/vm/200-fields.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { hardening } from '../../build/config/hardening.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { containerSpec } from '../support/container-specs.ts';
import { engineProgram, nativeContainersMissing, runInNamespaces } from '../support/namespaces.ts';

let runs = 0;
const missing = nativeContainersMissing();

describe.skipIf(missing !== undefined).each(['runc', 'crun', 'containerd'])(
  `fields under %s${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  (name) => {
    let binary = '';

    beforeAll(() => {
      binary = engineProgram(name);
    });

    /** What the script wrote, both streams together. */
    async function run(script: string, changes: Partial<ContainerSpec> = {}): Promise<string> {
      const args = ['/bin/sh', '-c', `exec 2>&1\n${script}`];
      const container = containerSpec({ name: 'box', rootfs: '/', args, ...changes });
      const cgroup = `/ishmael-fields-${process.pid}-${(runs += 1)}`;
      const { outcomes, leftovers } = await runInNamespaces({
        binary,
        isUnderContainerd: name === 'containerd',
        container,
        cgroup,
        times: 1,
      });
      const [outcome] = outcomes;
      if (outcome?.kind !== 'ended') throw new Error(`It did not run: ${JSON.stringify(outcome)}`);
      expect(leftovers).toEqual([]);
      return outcome.stdout;
    }

    test('hardened defaults refuse what a container does not need', async () => {
      const { noNewPrivileges, maskedPaths, readonlyPaths } = hardening('hardened', []);
      const script = `
        grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
        cat /proc/keys | wc -c
        echo 1 > /proc/sys/kernel/panic || echo no sysctl
        unshare -U true || echo no namespace`;
      const protection = {
        noNewPrivileges,
        maskedPaths,
        readonlyPaths,
        seccomp: 'default',
      } as const;
      const output = await run(script, protection);
      expect(output).toContain('NoNewPrivs:\t1\nSeccomp:\t2\n0\n');
      expect(output).toMatch(/Read-only file system\nno sysctl\n/);
      expect(output).toMatch(/unshare failed: Operation not permitted\nno namespace\n$/);
    });

    test('without them the same is let through', async () => {
      const output = await run(
        "grep '^Seccomp:' /proc/self/status; unshare -U true && echo namespace",
      );
      expect(output).toBe('Seccomp:\t0\nnamespace\n');
    });

    test('a seccomp profile of its own refuses what it says', async () => {
      const names = ['mkdir', 'mkdirat'];
      const rule = { names, action: 'SCMP_ACT_ERRNO', errnoRet: 13 };
      const seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] };
      expect(await run('mkdir /tmp/ishmael-x', { seccomp })).toContain('Permission denied');
    });

    test('limits, umask, sysctls and mounts are those of the spec', async () => {
      const script = `
        umask; cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni
        grep -c ' /scratch tmpfs rw,nosuid' /proc/mounts`;
      const output = await run(script, {
        umask: 0o27,
        oomScoreAdj: 321,
        namespaces: { net: 'new', ipc: 'new', uts: 'host', pid: 'new' },
        sysctl: { 'net.ipv4.ip_forward': '1', 'kernel.shmmni': '77' },
        mounts: [
          {
            type: 'tmpfs',
            source: 'tmpfs',
            destination: '/scratch',
            options: ['nosuid', 'size=1m'],
          },
        ],
      });
      expect(output).toBe('0027\n321\n1\n77\n1\n');
    });

    test('a user namespace makes its root an ordinary user, who owns its root', async () => {
      const mappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
      const { namespaces } = containerSpec();
      const output = await run(
        `id -u; awk '{ print $1, $2, $3 }' /proc/self/uid_map; touch /mine && echo mine; test -d /sys/kernel && echo sys`,
        {
          namespaces: { ...namespaces, user: 'new' },
          uidMappings: mappings,
          gidMappings: mappings,
        },
      );
      expect(output).toBe('0\n0 100000 1000\nmine\nsys\n');
    });

    test("runtime's steps are done before the program runs", async () => {
      const script = `
        cat /sys/class/net/inside/iflink > /dev/null && echo interface
        grep -c ' /data tmpfs' /proc/mounts; ls /bound
        test -d /made/in/root && echo made`;
      const output = await run(script, {
        namespaces: { net: 'new', ipc: 'host', uts: 'host', pid: 'new' },
        binds: [{ source: '/run/store', destination: '/bound', options: ['rbind'] }],
        runtime: {
          mounts: [
            { type: 'tmpfs', source: 'store', destination: '/run/store', options: ['size=1m'] },
            { type: 'tmpfs', source: 'inner', destination: 'data', options: [] },
          ],
          mkdir: ['/run/store/dir', 'made/in/root'],
          interfaces: [{ name: 'inside', peer: `ish${process.pid % 100_000}${name[0]}` }],
          bindNS: { net: '/run/netns/box' },
        },
      });
      expect(output).toBe('interface\n1\ndir\nmade\n');
    });
  },
);
